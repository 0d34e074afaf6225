#!/usr/bin/env python3
"""Writes the example ledger of docs/FORMAT.md, with hashlib and `cryptography` alone.

Nothing here shares code with the program: what it reads, this wrote independently.
Run it in this folder; it writes the same bytes every time.
"""
import base64
import hashlib
import json
import os

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ORIGIN = "so.example/xuan-tay"


def jcs(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def sha256(data):
    return hashlib.sha256(data).digest()


def b64(data):
    return base64.b64encode(data).decode()


def b64url(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


class Key:
    def __init__(self, name, seed, kind=1):
        self.name, self.kind = name, kind
        self.private = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
        self.public = self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.id = sha256(name.encode() + b"\n" + bytes([kind]) + self.public)[:4]
        self.vkey = f"{name}+{self.id.hex()}+{b64(bytes([kind]) + self.public)}"

    def sign(self, message):
        return b64(self.id + self.private.sign(message))


def officer(seed):
    return Key(f"{ORIGIN}/officer/{bytes([seed]).hex() * 8}", seed)


LOG, WITNESS = Key(ORIGIN, 1), Key("witness.example/upper", 2, 4)
TREASURER, CHAIR, DEPUTY = officer(0x11), officer(0x22), officer(0x33)


def disclosure(number, name, value):
    text = b64url(jcs([b64url(bytes([number]) * 32), name, value]))
    return text, b64url(sha256(text.encode()))


def sealed(*numbers):
    """Digests of values that the example keeps to itself, and decoys, look alike."""
    return sorted(disclosure(number, "words", "-")[1] for number in numbers)


leaves, entries = [], []


def record(at, date, kind, members, signers):
    number = len(entries)
    voucher = {"by": signers[0][1].name, "date": date, "kind": kind, "log": ORIGIN,
               "id": f"019a0000-0000-7000-8000-{number:012x}", **members}
    signatures = [
        {"as": role, "key": key.name,
         "sig": key.sign(f"minhbach-voucher/{role}/v1\n".encode() + jcs(voucher) + b"\n")}
        for role, key in signers]
    entry = jcs({"at": at, "log": ORIGIN, "prev": leaves[-1].hex() if leaves else "0" * 64,
                 "seq": number, "signatures": signatures, "v": 1, "voucher": voucher})
    entries.append(entry)
    leaves.append(sha256(b"\0" + entry))


def root(hashes):
    if len(hashes) == 1:
        return hashes[0]
    split = 1 << ((len(hashes) - 1).bit_length() - 1)
    return sha256(b"\1" + root(hashes[:split]) + root(hashes[split:]))


def inclusion(index, hashes):
    if len(hashes) == 1:
        return []
    split = 1 << ((len(hashes) - 1).bit_length() - 1)
    if index < split:
        return inclusion(index, hashes[:split]) + [root(hashes[split:])]
    return inclusion(index - split, hashes[split:]) + [root(hashes[:split])]


ONE = [("recorder", TREASURER)]
TWO = ONE + [("approver", CHAIR)]


def person(key, number, roles, title):
    return {"person": f"{number:016x}", "roles": roles, "title": title, "vkey": key.vkey}


record("2026-10-31T02:00:00Z", "2026-10-31", "chapter_opened", {
    "books_from": "2026-11-01", "chapter": {"name": "Hội Chữ thập đỏ xã Xuân Tây",
                                            "slug": "xuan-tay"},
    "currency": {"code": "VND", "scale": 0}, "log_key": LOG.vkey,
    "officers": [person(TREASURER, 1, ["treasurer"], "Thủ quỹ"),
                 person(CHAIR, 2, ["chair"], "Chủ tịch"),
                 person(DEPUTY, 3, ["deputy_chair"], "Phó Chủ tịch")],
    "policy": {}, "rules": 1, "utc_offset": "+07:00"}, TWO + [("holder", DEPUTY)])
record("2026-11-01T01:00:00Z", "2026-11-01", "fund_opened", {
    "fund": {"code": "chung", "name": "Quỹ chung",
             "terms": {"costs": True, "text": "Hoạt động nhân đạo của Hội"},
             "type": "general"}}, TWO)
record("2026-11-01T01:05:00Z", "2026-11-01", "programme_opened", {
    "programme": {"code": "mua-lu", "name": "Hỗ trợ mùa lũ", "type": "disaster"}}, ONE)
NAME, NAME_DIGEST = disclosure(7, "full_name", "Nguyễn Thị Ví Dụ")
record("2026-11-05T02:30:00Z", "2026-11-05", "donation", {
    "amount": 1500000, "donor": {"_sd": sorted([NAME_DIGEST, *sealed(8)]), "type": "person"},
    "fund": "chung", "method": "cash", "place": "cash"}, ONE)
record("2026-11-12T03:00:00Z", "2026-11-12", "aid_paid", {
    "fund": "chung", "lines": sorted(
        ({"_sd": sealed(2 * n, 2 * n + 1), "amount": 300000} for n in (10, 11, 12)),
        key=lambda line: line["_sd"][0]),
    "place": "cash", "programme": "mua-lu"}, TWO)
statement = jcs({
    "bridge": {"custody": 0, "funds": 600000, "places": 600000},
    "custody": {"closing": 0, "opening": 0, "rows": []},
    "entries": 4, "families": [{"lines": 3, "programme": "mua-lu"}], "from": "2026-11-01",
    "funds": [{"closing": 600000, "earlier": 0, "fund": "chung", "loans": 0, "lost": 0,
               "money": 600000, "moved": 0, "opening": 0, "received": 1500000,
               "spent": 900000, "stock": 0}],
    "income": [{"account": "donations", "amount": 1500000}], "log": ORIGIN,
    "places": [{"closing": 600000, "in": 1500000, "opening": 0, "out": 900000,
                "place": "cash", "rows": [{"in": 1500000, "kind": "donation", "out": 0},
                                          {"in": 0, "kind": "aid_paid", "out": 900000}]}],
    "spending": [{"account": "aid_in_money", "amount": 900000, "programme": "mua-lu"}],
    "to": "2026-11-30", "v": 1})
record("2026-12-01T02:00:00Z", "2026-12-01", "period_closed", {
    "custody": 0, "entries": 4,
    "funds": [{"closing": 600000, "earlier": 0, "fund": "chung", "loans": 0, "lost": 0,
               "money": 600000, "moved": 0, "opening": 0, "received": 1500000,
               "spent": 900000, "stock": 0}],
    "places": [{"closing": 600000, "in": 1500000, "opening": 0, "out": 900000,
                "place": "cash"}],
    "statement": sha256(statement).hex(), "through": "2026-11"}, TWO)

head = f"{ORIGIN}\n{len(leaves)}\n{b64(root(leaves))}\n"
time = 1796090460
cosigned = f"cosignature/v1\ntime {time}\n{head}".encode()
cosignature = b64(WITNESS.id + time.to_bytes(8, "big") + WITNESS.private.sign(cosigned))
checkpoint = (f"{head}\n\u2014 {ORIGIN} {LOG.sign(head.encode())}\n"
              f"\u2014 {WITNESS.name} {cosignature}\n")
proof = "".join(b64(h) + "\n" for h in inclusion(3, leaves))
receipt = (f"c2sp.org/tlog-proof@v1\nextra {b64(entries[3])}\nindex 3\n{proof}\n{checkpoint}")

FILES = {
    "entries.jsonl": b"".join(entry + b"\n" for entry in entries),
    "tile/0/000.p/6": b"".join(leaves),
    "tile/entries/000.p/6": b"".join(len(e).to_bytes(2, "big") + e for e in entries),
    "checkpoint": checkpoint.encode(),
    "checkpoints/6": checkpoint.encode(),
    "policy": f"log {LOG.vkey}\nwitness upper {WITNESS.vkey}\nquorum upper\n".encode(),
    "statements/2026-11.json": statement,
    "disclosures.jsonl": jcs({"disclosure": NAME, "seq": 3}) + b"\n",
    "donation.tlog-proof": receipt.encode(),
}

if __name__ == "__main__":
    for name, data in FILES.items():
        os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
        with open(name, "wb") as file:
            file.write(data)
