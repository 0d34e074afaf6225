"""Ledgers for tests: writes the files of FORMAT.md section 2 with the published keys of the example.

Whoever holds the keys can write any ledger; what a verifier refuses then is not the seal but what is sealed.
"""

import base64
import hashlib
import json
import os
import shutil

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import canonical
import tree
from notes import COSIGNATURE, ED25519, ORDER, voucher_text

LOG_SEED, LATER_LOG_SEED, WITNESS_SEED = 0x01, 0x04, 0x02


class Signer:
    """A private key of one repeated byte with its name."""

    def __init__(self, name, seed, type_=ED25519):
        self.name, self.private = name, Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
        typed = bytes([type_]) + self.private.public_key().public_bytes_raw()
        self.id = hashlib.sha256(name.encode() + b"\n" + typed).digest()[:4]
        self.vkey = f"{name}+{self.id.hex()}+{base64.b64encode(typed).decode()}"

    def sign(self, text):
        """base64(key id ‖ signature)."""
        return base64.b64encode(self.id + self.private.sign(text)).decode()


def officer(origin, digit):
    """The officer whose key name and seed repeat one digit."""
    return Signer(f"{origin}/officer/{digit * 16}", int(digit * 2, 16))


def with_larger_s(signature):
    """The same signature with S + L, which lax verifiers take for valid."""
    data = base64.b64decode(signature)
    larger = int.from_bytes(data[-32:], "little") + ORDER
    return base64.b64encode(data[:-32] + larger.to_bytes(32, "little")).decode()


def with_neutral_r(signer, text):
    """A signature whose R is the neutral point and whose equation holds all the same."""
    seed, public = signer.private.private_bytes_raw(), signer.private.public_key().public_bytes_raw()
    secret = int.from_bytes(hashlib.sha512(seed).digest()[:32], "little") & ((1 << 254) - 8) | 1 << 254
    r = b"\x01" + bytes(31)
    s = int.from_bytes(hashlib.sha512(r + public + text).digest(), "little") * secret % ORDER
    return base64.b64encode(signer.id + r + s.to_bytes(32, "little")).decode()


def sign(voucher, signers):
    """The list of signatures of (role, signer) pairs."""
    body = canonical.encode(voucher)
    return [{"as": role, "key": signer.name, "sig": signer.sign(voucher_text(role, body))} for role, signer in signers]


def sign_again(entry):
    """Signs a changed voucher with the keys that its entry names."""
    log = entry["log"]
    entry["signatures"] = sign(entry["voucher"], [(item["as"], officer(log, item["key"][-1]))
                                                  for item in entry["signatures"]])


def checkpoint(origin, size, root, seed=LOG_SEED, witnessed=True):
    """A checkpoint signed by the log key and the witness of the example."""
    text = f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"
    lines = f"— {origin} {Signer(origin, seed).sign(text.encode())}\n"
    if witnessed:
        witness = Signer("witness.example/upper", WITNESS_SEED, COSIGNATURE)
        time = 1_797_000_000
        signature = witness.private.sign(f"cosignature/v1\ntime {time}\n{text}".encode())
        data = base64.b64encode(witness.id + time.to_bytes(8, "big") + signature).decode()
        lines += f"— {witness.name} {data}\n"
    return (text + "\n" + lines).encode()


def load(folder):
    """The entries of a ledger."""
    with open(os.path.join(folder, "entries.jsonl"), encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def write(folder, name, data):
    """Writes one published file."""
    path = os.path.join(folder, *name.split("/"))
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)


def chained(entries):
    """The bytes of entries, each with the `prev` that its place asks for."""
    before, found = "0" * 64, []
    for entry in entries:
        data = canonical.encode({**entry, "prev": before})
        before = tree.leaf_hash(data).hex()
        found.append(data)
    return found


def seal(folder, lines, seed=LOG_SEED):
    """Writes entries, tiles, bundles and the checkpoint over these entry bytes."""
    leaves = [tree.leaf_hash(line) for line in lines]
    write(folder, "entries.jsonl", b"".join(line + b"\n" for line in lines))
    for name, data in tree.tiles(leaves):
        write(folder, name, data)
    for index, width in tree.widths(len(lines)):
        bundle = lines[index * tree.WIDTH:index * tree.WIDTH + width]
        write(folder, tree.tile_name("entries", index, width),
              b"".join(len(line).to_bytes(2, "big") + line for line in bundle))
    origin = json.loads(lines[0].decode("utf-8", "replace"))["log"]
    signed = checkpoint(origin, len(lines), tree.root(leaves), seed)
    write(folder, "checkpoint", signed)
    write(folder, f"checkpoints/{len(lines)}", signed)


def write_plain(folder, entries):
    """These entries as a ledger without witness, names and statements."""
    shutil.rmtree(folder, ignore_errors=True)
    log = entries[0]["voucher"]["log_key"]
    write(folder, "policy", f"log {log}\nquorum none\n".encode())
    write(folder, "disclosures.jsonl", b"")
    seal(folder, chained(entries))
