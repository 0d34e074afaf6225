"""Checks ledgers with the verifier in `minhbach_checker`, which was written from docs/FORMAT.md alone.

Verifies every ledger under tests/golden and its receipts, demands that tampered copies are refused at the right
step, and verifies what the program named by MINHBACH_BIN exports. Needs Python 3.11 and `cryptography`.
"""

import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
import minhbach_checker  # noqa: E402,F401  puts the modules below on the path
import books  # noqa: E402
import canonical  # noqa: E402
import continued_checks  # noqa: E402
import forge  # noqa: E402
import goods_cases  # noqa: E402
import goods_forms  # noqa: E402
import goods_story  # noqa: E402
import loans_checks  # noqa: E402
import notes  # noqa: E402
import receipt  # noqa: E402
import scenario  # noqa: E402
import tree  # noqa: E402
import verify  # noqa: E402
import walk  # noqa: E402

GOLDEN = Path(__file__).resolve().parent.parent / "golden"
EXAMPLE = GOLDEN / "example"
EXAMPLE_GOODS = GOLDEN / "example-goods"
ORIGIN = "so.example/xuan-tay"
WALKS, STEPS = (1, 2, 3), 120
LOG_KEY = forge.Signer(ORIGIN, forge.LOG_SEED).vkey
TREASURER, CHAIR = forge.officer(ORIGIN, "1"), forge.officer(ORIGIN, "2")


class Tally:
    """Counts and prints what was checked."""

    def __init__(self):
        self.passed = self.failed = 0

    def expect(self, what, found, wanted):
        """One check: `found` must equal `wanted`."""
        if found == wanted:
            self.passed += 1
            print(f"ok      {what}")
        else:
            self.failed += 1
            print(f"FAILED  {what}: found {found}, wanted {wanted}")


def outcome(report):
    """Status, step, seq and code of a report, as far as there are any."""
    return tuple(report.get(name) for name in ("status", "step", "seq", "code"))


# ---- ledgers as they were published --------------------------------------------------------------------------


def log_keys(folder):
    """The log keys that a ledger had in force so far: one named for a later size signs nothing yet."""
    vouchers = [entry["voucher"] for entry in forge.load(folder)]
    rotated = [voucher for voucher in vouchers if voucher["kind"] == "log_key_rotated"]
    later = [voucher["new_vkey"] for voucher in rotated if voucher["from_size"] <= len(vouchers)]
    return [vouchers[0]["log_key"], *later]


def receipt_outcome(data, vkey):
    """The exit status of a receipt and the step of a refusal."""
    try:
        receipt.check_receipt(data, notes.read_vkey(vkey))
    except canonical.Refused as fault:
        return 1, fault.step
    except canonical.Newer:
        return 3, None
    return 0, None


def check_ledger(tally, folder):
    """A ledger holds, also by its own log key and against its own receipts."""
    report = verify.verify(str(folder))
    tally.expect(f"{folder.name}: the ledger holds", (report["status"], report.get("reason")), (0, None))
    if report["status"]:
        return
    keys = log_keys(folder)
    tally.expect(f"{folder.name}: by its newest log key",
                 verify.verify(str(folder), notes.read_vkey(keys[-1]))["status"], 0)
    for path in sorted(folder.rglob("*.tlog-proof")):
        data = path.read_bytes()
        tally.expect(f"{folder.name}: receipt {path.name}",
                     (0, None) in [receipt_outcome(data, key) for key in keys], True)
        tally.expect(f"{folder.name}: against {path.name}",
                     verify.verify(str(folder), against=[(path.name, data)])["status"], 0)


def check_golden(tally):
    """Every ledger folder under tests/golden."""
    for mark in sorted(GOLDEN.rglob("checkpoint")):
        if mark.is_file():
            check_ledger(tally, mark.parent)


# ---- tampered files ------------------------------------------------------------------------------------------


def replaced(name, old, new, count=1):
    """A change of the bytes of one file."""
    def change(folder):
        path = folder / name
        data = path.read_bytes()
        if old not in data:
            raise ValueError(f"{name} does not hold {old!r}")
        path.write_bytes(data.replace(old, new, count))
    return change


def resealed(old, new):
    """A change of the bytes of entries that tiles, bundles and the checkpoint follow."""
    def change(folder):
        lines = (folder / "entries.jsonl").read_bytes().splitlines()
        forge.seal(folder, [line.replace(old, new, 1) for line in lines])
    return change


def cut(name, length):
    """The last bytes of a file are gone."""
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes()[:-length])


def removed(name):
    """A file is gone."""
    return lambda folder: (folder / name).unlink()


def added(name, data):
    """Bytes behind those of a file, which may be new."""
    def change(folder):
        path = folder / name
        path.write_bytes((path.read_bytes() if path.exists() else b"") + data)
    return change


def lines_changed(change_lines):
    """The lines of entries.jsonl changed as a list."""
    def change(folder):
        path = folder / "entries.jsonl"
        path.write_bytes(b"".join(change_lines(path.read_bytes().splitlines(keepends=True))))
    return change


def flipped(name, at):
    """One bit of a file is another."""
    def change(folder):
        data = bytearray((folder / name).read_bytes())
        data[at] ^= 1
        (folder / name).write_bytes(bytes(data))
    return change


def signature_line(folder, start):
    """The base64 of the checkpoint line that begins with `start`."""
    for line in (folder / "checkpoint").read_text().splitlines():
        if line.startswith(start):
            return line.rsplit(" ", 1)[1]
    raise ValueError(start)


def log_signature(change_signature):
    """The log's signature in the checkpoint changed."""
    def change(folder):
        old = signature_line(folder, f"— {ORIGIN} ")
        replaced("checkpoint", old.encode(), change_signature(old).encode())(folder)
    return change


def without_line(start):
    """A signature line of the checkpoint is gone."""
    def change(folder):
        lines = (folder / "checkpoint").read_text().splitlines(keepends=True)
        (folder / "checkpoint").write_text("".join(line for line in lines if not line.startswith(start)))
    return change


def by_foreign_log(folder):
    """The checkpoint as another key of the same name would sign it."""
    leaves = [tree.leaf_hash(line) for line in (folder / "entries.jsonl").read_bytes().splitlines()]
    (folder / "checkpoint").write_bytes(forge.checkpoint(ORIGIN, 6, tree.root(leaves), seed=0x09))


def other_signature(text):
    """The same key id before 64 other bytes."""
    data = base64.b64decode(text)
    return base64.b64encode(data[:4] + bytes(64)).decode()


FILES = [
    ("an amount changed", resealed(b'"amount":1500000', b'"amount":1500001'),
     (1, "signatures", 3, "signature-invalid")),
    ("the last entry changed", resealed(b"2026-12-01T02:00:00Z", b"2026-12-01T02:00:01Z"),
     (0, None, None, None)),
    ("a time changed", resealed(b"2026-11-05T02:30:00Z", b"2026-11-05T02:30:01Z"), (1, "chain", 4, "prev")),
    ("white space in an entry", resealed(b'"v":1', b'"v": 1'), (1, "form", 0, None)),
    ("a number as 1.0", resealed(b'"seq":1,', b'"seq":1.0,'), (1, "form", 1, None)),
    ("a member twice", resealed(b'"v":1', b'"v":1,"v":1'), (1, "form", 0, None)),
    ("a zero-width space in a text", resealed(b'"title":"', '"title":"\u200b'.encode()), (1, "form", 0, None)),
    ("bytes that are not UTF-8", resealed(b'"title":"', b'"title":"\xff'), (1, "form", 0, None)),
    ("a line changed", replaced("entries.jsonl", b'"amount":1500000', b'"amount":1500001'), (1, "tree", 3, None)),
    ("lines swapped", lines_changed(lambda lines: lines[:3] + [lines[4], lines[3]] + lines[5:]),
     (1, "tree", 3, None)),
    ("a line left out", lines_changed(lambda lines: lines[:3] + lines[4:]), (1, "tree", 3, None)),
    ("the last line cut off", lines_changed(lambda lines: lines[:5]), (1, "tree", 5, None)),
    ("the last newline cut off", cut("entries.jsonl", 1), (1, "tree", 5, None)),
    ("no lines", lines_changed(lambda _: []), (1, "tree", 0, None)),
    ("a line more", lines_changed(lambda lines: lines + lines[5:]), (1, "tree", None, None)),
    ("half a line more", added("entries.jsonl", b"{"), (1, "tree", None, None)),
    ("a bundle cut", cut("tile/entries/000.p/6", 1), (1, "prefix", 5, None)),
    ("bytes behind a bundle", added("tile/entries/000.p/6", b"\0"), (1, "form", 6, None)),
    ("a bundle flipped", flipped("tile/entries/000.p/6", 40), (1, "form", 0, None)),
    ("a bundle missing", removed("tile/entries/000.p/6"), (1, "prefix", 0, None)),
    ("an older partial bundle", added("tile/entries/000.p/5", b"anything"), (0, None, None, None)),
    ("an older partial tile", added("tile/0/000.p/5", b"anything"), (0, None, None, None)),
    ("a tile flipped", flipped("tile/0/000.p/6", 70), (1, "tree", 2, None)),
    ("a tile missing", removed("tile/0/000.p/6"), (1, "tree", None, None)),
    ("the root flipped", replaced("checkpoint", b"Da0b", b"Da0c"), (1, "tree", 5, None)),
    ("another size", replaced("checkpoint", b"\n6\n", b"\n5\n"), (1, "tree", None, "shrunk")),
    ("an extension line", replaced("checkpoint", b"\n6\n", b"\n6\nmore\n"), (1, "tree", None, None)),
    ("the log's signature replaced", log_signature(other_signature), (1, "tree", None, None)),
    ("the log's signature with S + L", log_signature(forge.with_larger_s), (1, "tree", None, None)),
    ("the log's signature missing", without_line(f"— {ORIGIN} "), (1, "tree", None, None)),
    ("the witness missing", without_line("— witness"), (1, "tree", None, None)),
    ("a checkpoint by a foreign key", by_foreign_log, (1, "tree", None, None)),
    ("the checkpoint missing", removed("checkpoint"), (1, "tree", None, None)),
    ("an older checkpoint changed", flipped("checkpoints/6", 30), (1, "tree", 5, None)),
    ("the policy missing", removed("policy"), (1, "tree", None, None)),
    ("a policy without quorum", replaced("policy", b"quorum upper\n", b""), (1, "tree", None, None)),
    ("a statement changed", replaced("statements/2026-11.json", b"600000", b"600001"), (1, "statements", 5, None)),
    ("a statement missing", removed("statements/2026-11.json"), (1, "statements", 5, None)),
    ("a statement nobody published", added("statements/2026.json", b"{}"), (1, "statements", None, None)),
    ("a disclosure flipped", replaced("disclosures.jsonl", b"IEThu6UiXQ", b"IEThu6UiXR"),
     (1, "disclosures", None, None)),
    ("a disclosure of another name", replaced("disclosures.jsonl", b"WyJCd2", b"WyJDd2"),
     (1, "disclosures", 3, None)),
    ("a disclosure of another entry", replaced("disclosures.jsonl", b'"seq":3', b'"seq":4'),
     (1, "disclosures", 4, None)),
    ("a disclosure without its entry", replaced("disclosures.jsonl", b'"seq":3', b'"seq":6'),
     (1, "disclosures", 6, None)),
    ("the disclosures missing", removed("disclosures.jsonl"), (1, "disclosures", None, None)),
]


def check_files(tally, work):
    """Copies of the example with one file changed."""
    for number, (what, change, wanted) in enumerate(FILES):
        folder = work / f"file-{number}"
        shutil.copytree(EXAMPLE, folder)
        change(folder)
        tally.expect(what, outcome(verify.verify(str(folder))), wanted)


# ---- tampered entries, sealed again with the right keys ------------------------------------------------------


def at(seq, signed=True, **members):
    """The voucher of an entry with other members, signed again by the same officers."""
    def change(entries):
        voucher = entries[seq]["voucher"]
        for name, value in members.items():
            if value is None:
                del voucher[name]
            else:
                voucher[name] = value
        if signed:
            forge.sign_again(entries[seq])
    return change


def entry_member(seq, name, value):
    """Another value of a member of an entry itself."""
    def change(entries):
        entries[seq][name] = value
    return change


def signed_by(seq, *signers):
    """The voucher of an entry signed by others."""
    def change(entries):
        entries[seq]["signatures"] = forge.sign(entries[seq]["voucher"], signers)
    return change


def larger_s(entries):
    """A signature of an officer with S + L."""
    item = entries[3]["signatures"][0]
    item["sig"] = forge.with_larger_s(item["sig"])


def small_order(entries):
    """A signature whose R is the neutral point, which lax verifiers take for valid."""
    text = notes.voucher_text("recorder", canonical.encode(entries[3]["voucher"]))
    entries[3]["signatures"][0]["sig"] = forge.with_neutral_r(TREASURER, text)


def by_foreign_key(entries):
    """A signature by another private key under the treasurer's name and key id."""
    signed = base64.b64decode(forge.sign(entries[3]["voucher"], [("recorder", CHAIR)])[0]["sig"])
    entries[3]["signatures"][0]["sig"] = base64.b64encode(TREASURER.id + signed[4:]).decode()


def figure(**members):
    """A closing with another figure of its only place."""
    def change(entries):
        entries[5]["voucher"]["places"][0] |= members
        forge.sign_again(entries[5])
    return change


def more_aid(entries):
    """Aid beyond what the place holds."""
    entries[4]["voucher"]["lines"][0]["amount"] = 900_001
    forge.sign_again(entries[4])


def lines_in_disorder(entries):
    """Lines that betray an order of their own."""
    entries[4]["voucher"]["lines"].reverse()
    forge.sign_again(entries[4])


def weak_officer(entries):
    """An officer's key of small order."""
    name, typed = forge.officer(ORIGIN, "3").name, b"\x01\x01" + bytes(31)
    key_id = hashlib.sha256(name.encode() + b"\n" + typed).hexdigest()[:8]
    entries[0]["voucher"]["officers"][2]["vkey"] = f"{name}+{key_id}+{base64.b64encode(typed).decode()}"
    forge.sign_again(entries[0])


ITEM = {"item": {"code": "gao", "name": "Gạo", "unit": "kg", "whole": False}, "kind": "item_opened", "programme": None}
LOAN = {"of": 1, "reason": "mistyped", "kind": "loan_cancelled", "programme": None}
ENTRIES = [
    ("nothing changed", lambda entries: None, (0, None, None, None)),
    ("an unknown kind", at(3, kind="donation_in_stars"), (3, None, 3, "newer")),
    ("an unknown kind without signatures", at(3, signed=False, kind="donation_in_stars"), (3, None, 3, "newer")),
    ("v is 2", entry_member(4, "v", 2), (3, None, 4, "newer")),
    ("rules are 2", at(0, rules=2), (3, None, 0, "newer")),
    ("a kind signed by too few", at(2, **LOAN), (1, "authority", 2, "signature-list")),
    ("an item in place of a programme", at(2, **ITEM), (1, "books", 4, "unknown")),
    ("a fault before an unknown kind", lambda entries: (by_foreign_key(entries), at(4, kind="gift")(entries)),
     (1, "signatures", 3, "signature-invalid")),
    ("an unknown member", at(3, colour="red"), (1, "form", 3, None)),
    ("a word that is none", at(3, method="barter"), (1, "form", 3, None)),
    ("an unknown kind in a list", at(0, policy={"away": ["donation_in_stars"]}), (1, "form", 0, None)),
    ("a day that is none", at(3, date="2026-11-31"), (1, "form", 3, None)),
    ("amount 0", at(3, amount=0), (1, "form", 3, None)),
    ("lines out of order", lines_in_disorder, (1, "form", 4, None)),
    ("a key of small order", weak_officer, (1, "form", 0, None)),
    ("at goes back", entry_member(4, "at", "2026-11-05T02:29:59Z"), (1, "chain", 4, "at")),
    ("a gap in seq", entry_member(4, "seq", 5), (1, "chain", 4, "seq")),
    ("a voucher id again", at(4, id="019a0000-0000-7000-8000-000000000003"), (1, "chain", 4, "id-used")),
    ("S + L", larger_s, (1, "signatures", 3, "signature-invalid")),
    ("R of small order", small_order, (1, "signatures", 3, "signature-invalid")),
    ("a foreign signature", by_foreign_key, (1, "signatures", 3, "signature-invalid")),
    ("a voucher changed after signing", at(3, signed=False, amount=1_500_001),
     (1, "signatures", 3, "signature-invalid")),
    ("a signer whom nobody knows", signed_by(3, ("recorder", forge.officer(ORIGIN, "4"))),
     (1, "authority", 3, "key-not-in-force")),
    ("no approver", signed_by(4, ("recorder", TREASURER)), (1, "authority", 4, "signature-list")),
    ("one signature too many", signed_by(3, ("recorder", TREASURER), ("approver", CHAIR)),
     (1, "authority", 3, "signature-list")),
    ("recorder is not `by`", signed_by(3, ("recorder", CHAIR)), (1, "authority", 3, "signature-list")),
    ("approver and recorder swapped", signed_by(4, ("approver", CHAIR), ("recorder", TREASURER)),
     (1, "authority", 4, "signature-list")),
    ("the treasurer approves alone", signed_by(4, ("recorder", TREASURER), ("approver", TREASURER)),
     (1, "authority", 4, "approver-may-not")),
    ("two signatures above two_above", at(0, policy={"two_above": 1_499_999}), (1, "authority", 3, "signature-list")),
    ("another slug", at(0, chapter={"name": "Hội", "slug": "xuan-dong"}), (1, "books", 0, "slug")),
    ("a date in the future", at(3, date="2026-11-06"), (1, "books", 3, "date-in-future")),
    ("a date before the books", at(3, date="2026-10-31"), (1, "books", 3, "date-before-books")),
    ("an unknown fund", at(3, fund="khac"), (1, "books", 3, "unknown")),
    ("aid before the money came", at(4, date="2026-11-04"), (1, "books", 4, "place-too-low")),
    ("more aid than money", more_aid, (1, "books", 4, "place-too-low")),
    ("a closing that counts wrongly", at(5, entries=5), (1, "books", 5, "figure")),
    ("a closing with another balance", figure(closing=600_001), (1, "books", 5, "figure")),
    ("a closing before the month is over", at(5, date="2026-11-30"), (1, "books", 5, "period-not-over")),
    ("a closing of another statement", at(5, statement="00" * 32), (1, "books", 5, "figure")),
]


def check_entries(tally, work):
    """The example with a changed entry, chained, hashed and signed by the log as if it had always been so."""
    for number, (what, change, wanted) in enumerate(ENTRIES):
        folder = work / f"entry-{number}"
        shutil.copytree(EXAMPLE, folder)
        entries = forge.load(EXAMPLE)
        change(entries)
        forge.seal(folder, forge.chained(entries))
        tally.expect(what, outcome(verify.verify(str(folder))), wanted)


# ---- what a reader brings, receipts --------------------------------------------------------------------------


def check_brought(tally):
    """Keys, checkpoints and disclosures of a reader against the example."""
    def tried(key=None, against=None):
        brought = [("brought", against)] if against else []
        return verify.verify(str(EXAMPLE), notes.read_vkey(key) if key else None, brought)["status"]

    leaves = [tree.leaf_hash(line) for line in (EXAMPLE / "entries.jsonl").read_bytes().splitlines()]
    tally.expect("the log key given", tried(LOG_KEY), 0)
    tally.expect("another log key given", tried(forge.Signer(ORIGIN, 0x09).vkey), 1)
    tally.expect("an earlier checkpoint", tried(against=forge.checkpoint(ORIGIN, 4, tree.root(leaves[:4]))), 0)
    tally.expect("an earlier checkpoint of another history",
                 tried(against=forge.checkpoint(ORIGIN, 4, tree.root(leaves[1:5]))), 1)
    tally.expect("a later checkpoint", tried(against=forge.checkpoint(ORIGIN, 7, tree.root(leaves + leaves[:1]))), 1)
    tally.expect("an earlier checkpoint by a foreign key",
                 tried(against=forge.checkpoint(ORIGIN, 4, tree.root(leaves[:4]), seed=0x09)), 1)
    tally.expect("a checkpoint of another ledger",
                 tried(against=forge.checkpoint("so.example/khac", 4, tree.root(leaves[:4]))), 1)
    published = (EXAMPLE / "disclosures.jsonl").read_bytes()
    tally.expect("a disclosure brought", tried(against=published), 0)
    tally.expect("a disclosure brought for another entry", tried(against=published.replace(b":3}", b":4}")), 1)


def check_receipts(tally):
    """Receipts of the golden files, whole and tampered."""
    data = (EXAMPLE / "donation.tlog-proof").read_bytes()
    hash_line = data.split(b"\n")[3]
    for what, changed, wanted in (
            ("the receipt of the example", data, (0, None)),
            ("a receipt with another index", data.replace(b"index 3", b"index 2"), (1, "receipt")),
            ("a receipt with a hash too few", data.replace(hash_line + b"\n", b""), (1, "receipt")),
            ("a receipt with a hash too many", data.replace(hash_line, hash_line + b"\n" + hash_line), (1, "receipt")),
            ("a receipt of another entry", data.replace(b"extra eyJh", b"extra eyJi"), (1, "receipt")),
            ("a receipt of another tree", data.replace(b"\n6\n", b"\n7\n"), (1, "receipt")),
            ("a proof of what is no entry", (GOLDEN / "receipt.tlog-proof").read_bytes(), (1, "form"))):
        tally.expect(what, receipt_outcome(changed, LOG_KEY), wanted)
    tally.expect("a receipt by another log key", receipt_outcome(data, forge.Signer(ORIGIN, 0x09).vkey), (1, "receipt"))


# ---- a story of two months -----------------------------------------------------------------------------------


def check_story(tally, work):
    """A longer ledger holds; entries that break a rule of the books are refused behind it."""
    folder = work / "story"
    opening = forge.load(EXAMPLE)[0]
    scenario.write(folder, opening)
    report = verify.verify(str(folder))
    tally.expect("the story of two months", (*outcome(report), report.get("reason")), (0, None, None, None, None))
    tally.expect("by its later log key", outcome(verify.verify(str(folder), notes.read_vkey(scenario.LATER_KEY.vkey))),
                 (0, None, None, None))
    tally.expect("by its earlier log key, for what it signed",
                 outcome(verify.verify(str(folder), notes.read_vkey(LOG_KEY))), (0, None, None, None))
    story = scenario.entries(opening)
    forge.seal(folder, forge.chained(story), forge.LOG_SEED)
    tally.expect("sealed with the earlier log key", outcome(verify.verify(str(folder))), (1, "tree", None, None))
    for length, kind, date, members, code in scenario.REFUSED:
        kept = [*story[:length], scenario.entry(length, kind, date, members)]
        tally.expect(f"{kind} on {date}: {code}", refusal(kept), code)
    kept = story[:scenario.AFTER_INCOME]
    for kind, members, signers, code in scenario.OFFICES:
        tried = [*kept, scenario.entry(len(kept), kind, "2026-11-30", members, signers)]
        tally.expect(f"{kind} by {len(signers)}: {code or 'accepted'}", refusal(tried), code)
        kept = kept if code else tried


    for what, told, code in scenario.CORRECTIONS:
        tried = story[:5] + [scenario.entry(seq, *one) for seq, one in enumerate(told, 5)]
        tally.expect(f"{what}: {code or 'accepted'}", refusal(tried), code)


def refusal(entries):
    """The code by which the books refuse one of these entries, None when they take them all."""
    kept = books.Books()
    try:
        for entry in entries:
            kept.add(entry)
    except canonical.Refused as fault:
        return fault.code
    return None


# ---- goods ---------------------------------------------------------------------------------------------------


def check_goods(tally, work):
    """A story of two months with goods, what must be refused behind it, and short ledgers of their own."""
    folder, opening = work / "goods", forge.load(EXAMPLE)[0]
    goods_story.write(folder, opening)
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder)
        tally.expect(f"example-goods/{name} is written again", path.read_bytes(), (EXAMPLE_GOODS / name).read_bytes())
    report = verify.verify(str(folder))
    tally.expect("the story with goods", (*outcome(report), report.get("reason")), (0, None, None, None, None))
    kept, wanted = books.Books(), goods_story.DOCUMENTS
    for entry in goods_story.entries(opening):
        kept.add(entry)
    found = [" ".join(f"{number[:2]}{int(number[8:])}" for number in numbers) for numbers in kept.documents]
    tally.expect("its document numbers", found[10:10 + len(wanted)], list(wanted))
    for what, entries, code in told_of_goods(opening):
        tally.expect(f"{what}: {code or 'accepted'}", refusal(entries), code)
    for what, entries, wanted in goods_forms.ledgers(opening):
        folder = work / "goods-form"
        forge.write_plain(folder, entries)
        tally.expect(what, outcome(verify.verify(str(folder))), wanted)


def told_of_goods(opening):
    """(what, entries, code of the refusal of the last one or None)."""
    story = goods_story.entries(opening)
    for length, what, one, code in goods_story.REFUSED:
        yield what, [*story[:length], scenario.entry(length, *one)], code
    setting = story[:goods_cases.FIRST]
    for what, told, code in [*goods_cases.CASES, *goods_story.OTHERS]:
        yield what, setting + [scenario.entry(seq, *one) for seq, one in enumerate(told, goods_cases.FIRST)], code


def check_goods_agreement(tally, work):
    """The program and this verifier say the same of ledgers with goods, told and random ones."""
    if not os.environ.get("MINHBACH_BIN"):
        return
    folder, opening = work / "goods-agreed", forge.load(EXAMPLE)[0]
    goods_story.write(folder, opening)
    tally.expect("agreed: the story with goods", (0, None, None), program_outcome(folder))
    for what, entries, _ in [*told_of_goods(opening), *goods_forms.ledgers(opening)]:
        forge.write_plain(folder, entries)
        report = verify.verify(str(folder))
        found = (report["status"], report.get("seq"), report.get("code") or report.get("step"))
        tally.expect(f"agreed: {what}", found, program_outcome(folder))
    for seed in WALKS:
        history = walk.Walk(opening, seed)
        history.go(STEPS)
        history.end()
        forge.write_plain(folder, history.entries)
        for name, (_, data) in history.books.statements.items():
            forge.write(folder, name, data)
        tally.expect(f"agreed: history {seed} of {len(history.entries)} entries",
                     outcome(verify.verify(str(folder)))[:1] + (None, None), program_outcome(folder))
        for entries, code in {(entries[-1]["voucher"]["kind"], code): (entries, code)
                              for entries, code in history.refused}.values():
            forge.write_plain(folder, entries)
            tally.expect(f"agreed: history {seed}, {entries[-1]['voucher']['kind']}: {code}",
                         (1, len(entries) - 1, code), program_outcome(folder))


# ---- an export of the program --------------------------------------------------------------------------------


def check_export(tally, work):
    """The ledger that the program named by MINHBACH_BIN exports."""
    program = os.environ.get("MINHBACH_BIN")
    if not program:
        print("skipped MINHBACH_BIN is not set: no export is verified")
        return
    data, folder = work / "data", work / "export"
    for arguments in (["demo", "--no-serve", "--data", data, "--today", "2026-11-20", "--seed", "7"],
                      ["export", "xa-mau", folder, "--data", data]):
        done = subprocess.run([program, *arguments], capture_output=True, text=True, timeout=600, check=False)
        problem = done.stderr if done.returncode else ""
        tally.expect(f"{arguments[0]} of the program", (done.returncode, problem), (0, ""))
        if done.returncode:
            return
    check_ledger(tally, folder)


def check_cosigned(tally):
    """A ledger that a witness cosigned over HTTP, left by the program's own tests in MINHBACH_COSIGNED."""
    if not os.environ.get("MINHBACH_COSIGNED"):
        print("skipped MINHBACH_COSIGNED is not set: no cosignature of a running witness is verified")
        return
    folder = Path(os.environ["MINHBACH_COSIGNED"])
    check_ledger(tally, folder)
    witnesses = notes.read_policy((folder / "policy").read_bytes()).witnesses.values()
    for name in ("checkpoint", "cosigned", "gift.tlog-proof"):
        text = (folder / name).read_bytes()
        note = text.split(b"\n\n", 1)[1] if name.endswith("proof") else text
        signed = [notes.read_checkpoint(note).signed_by(key) for key in witnesses]
        tally.expect(f"{folder.name}: {name} is cosigned", any(signed), True)


def program_outcome(folder):
    """Status, seq and code of what the program named by MINHBACH_BIN says of a ledger."""
    done = subprocess.run([os.environ["MINHBACH_BIN"], "verify", str(folder), "--json"], capture_output=True,
                          text=True, timeout=600, check=False)
    found = json.loads(done.stdout).get("break") or {}
    return done.returncode, found.get("seq"), found.get("code")


def check_agreement(tally, work):
    """The program and this verifier say the same of ledgers with one wrong entry."""
    if not os.environ.get("MINHBACH_BIN"):
        return
    example, opening = forge.load(EXAMPLE), forge.load(EXAMPLE)[0]
    story, tried = scenario.entries(opening), []
    for what, change, _ in ENTRIES:
        changed = json.loads(json.dumps(example))
        change(changed)
        tried.append((what, changed))
    for length, kind, date, members, code in scenario.REFUSED:
        tried.append((f"{kind} on {date}: {code}", [*story[:length], scenario.entry(length, kind, date, members)]))
    kept = story[:scenario.AFTER_INCOME]
    for kind, members, signers, code in scenario.OFFICES:
        more = [*kept, scenario.entry(len(kept), kind, "2026-11-30", members, signers)]
        kept = kept if code else more
        tried.append((f"{kind} by {len(signers)}: {code}", more))
    for what, told, _ in scenario.CORRECTIONS:
        tried.append((what, story[:5] + [scenario.entry(seq, *one) for seq, one in enumerate(told, 5)]))
    for number, (what, entries) in enumerate(tried):
        folder = work / f"agreed-{number}"
        shutil.copytree(EXAMPLE, folder)
        shutil.rmtree(folder / "checkpoints")
        (folder / "policy").write_text(f"log {LOG_KEY}\nquorum none\n")
        (folder / "disclosures.jsonl").write_bytes(b"")
        if entries[1:] and entries[1]["voucher"] != example[1]["voucher"]:
            shutil.rmtree(folder / "statements")
        forge.seal(folder, forge.chained(entries))
        report = verify.verify(str(folder))
        found = (report["status"], report.get("seq"), report.get("code") or report.get("step"))
        tally.expect(f"agreed: {what}", found, program_outcome(folder))


def main():
    """All checks; returns the exit status."""
    tally = Tally()
    check_golden(tally)
    check_brought(tally)
    check_receipts(tally)
    with tempfile.TemporaryDirectory() as work:
        check_files(tally, Path(work))
        check_entries(tally, Path(work))
        check_story(tally, Path(work))
        check_goods(tally, Path(work))
        check_agreement(tally, Path(work))
        check_goods_agreement(tally, Path(work))
        loans_checks.check(tally, Path(work), forge.load(EXAMPLE)[0])
        continued_checks.check(tally, Path(work), forge.load(EXAMPLE)[0])
        check_export(tally, Path(work))
    check_cosigned(tally)
    print(f"{tally.passed} passed, {tally.failed} failed")
    return 1 if tally.failed else 0


if __name__ == "__main__":
    sys.exit(main())
