"""Chapters of two and three ledgers with one fault, and what a reader brings to one without a fault."""

import base64
import os
import shutil

import canonical
import forge
import tree
from continued import MOST_LEDGERS
from continued_story import (AID, AIM, BIKE, CASH_1, GIFT, LOG_SEEDS, NOVEMBER, ORIGIN, STATEMENTS, STORY, STORY_1,
                             STORY_2, Ledger, closing, officers_of, origin_of, told)
from goods_cases import items_of
from scenario import digests, donor, lines

TREASURER, CHAIR, DEPUTY = officers_of(2)
OLD_TREASURER, _, OLD_DEPUTY = officers_of(1)
RENAMED = forge.officer(origin_of(2), "1")
OTHER = forge.officer(origin_of(2), "7")
OTHER_CHAPTER = {"name": "Hội Chữ thập đỏ", "slug": "xuan-dong"}
SECOND, THIRD = origin_of(2), origin_of(3)


def _persons(*keys):
    return [{"person": f"000000000000000{number}", "roles": [role], "title": role, "vkey": key.vkey}
            for number, (role, key) in enumerate(zip(("treasurer", "chair", "deputy_chair"), keys), 1)]


def _signed(*keys):
    return list(zip(("recorder", "approver", "holder"), keys))


def _by(*keys, signers=None):
    return {"officers": _persons(*keys), "by": keys[0].name, "signers": _signed(*(signers or keys))}


# ---- entry 0 of ORIGIN/2 -------------------------------------------------------------------------------------

# (what, the checkpoint that it continues out of the old ledger or None, other members, (seq, code) or None)
OPENINGS = [
    ("nothing changed", None, {}, None),
    ("another slug", None, {"chapter": OTHER_CHAPTER}, (0, "continues")),
    ("another currency", None, {"currency": {"code": "VND", "scale": 1}}, (0, "continues")),
    ("another offset", None, {"utc_offset": "+08:00"}, (0, "continues")),
    ("an offset by which its day is to come", None, {"utc_offset": "-14:00"}, (0, "continues")),
    ("an offset by which its day has come", None, {"utc_offset": "+14:00", "at": "2026-11-04T11:00:00Z"},
     (0, "date-in-future")),
    ("books from another month", None, {"books_from": "2026-10-01"}, (0, "continues")),
    ("books from a later month", None, {"books_from": "2026-12-01"}, (0, "continues")),
    ("a checkpoint that is none", lambda old: b"garbage", {}, (0, "continues")),
    ("no checkpoint, and time goes back", lambda old: b"garbage", {"at": "2026-01-01T00:00:00Z"}, (0, "continues")),
    ("no checkpoint, and an old holder", lambda old: b"garbage", _by(TREASURER, CHAIR, DEPUTY, signers=[
        TREASURER, CHAIR, OLD_DEPUTY]), (0, "continues")),
    ("a checkpoint of another origin", lambda old: old.checkpoint(origin="so.example/khac"), {}, (0, "continues")),
    ("an earlier checkpoint", lambda old: old.checkpoint(size=5), {}, (0, "continues")),
    ("an earlier checkpoint of another root, and time goes back",
     lambda old: forge.checkpoint(ORIGIN, 5, bytes(32)), {"at": "2026-01-01T00:00:00Z"}, (0, "at")),
    ("a later checkpoint", lambda old: old.checkpoint().replace(b"\n14\n", b"\n15\n"), {}, (0, "continues")),
    ("another root", lambda old: old.checkpoint(root=bytes(32)), {}, (0, "continues")),
    ("another root, and time goes back", lambda old: old.checkpoint(root=bytes(32)), {"at": "2026-01-01T00:00:00Z"},
     (0, "continues")),
    ("a checkpoint by another key", lambda old: old.checkpoint(seed=0x09), {}, (0, "continues")),
    ("a checkpoint whose signature does not hold", lambda old: old.checkpoint()[:-20] + b"AAAA" + old.checkpoint()[-16:],
     {}, (0, "continues")),
    ("a slug and a checkpoint by another key", lambda old: old.checkpoint(seed=0x09), {"chapter": OTHER_CHAPTER},
     (0, "continues")),
    ("an old log key under the new name", None, {"log_key": forge.Signer(SECOND, LOG_SEEDS[0]).vkey}, (0, "key-used")),
    ("an old officer's key under a new name", None, _by(RENAMED, CHAIR, DEPUTY), (0, "key-used")),
    ("an old officer's key under its name", None, _by(OLD_TREASURER, CHAIR, DEPUTY), (0, None)),
    ("signed by an old holder", None, _by(TREASURER, CHAIR, DEPUTY, signers=[TREASURER, CHAIR, OLD_DEPUTY]),
     (0, "key-not-in-force")),
    ("two officers", None, _by(TREASURER, CHAIR), (0, "too-few-officers")),
    ("a voucher id again", None, {"id": "019a0000-0000-7000-8000-000000000003"}, (0, "id-used")),
    ("time goes back", None, {"at": "2026-11-04T04:59:59Z"}, (0, "at")),
    ("time stands still", None, {"at": "2026-11-04T05:00:00Z", "date": "2026-11-04"}, None),
    ("a day before the books", None, {"date": "2026-10-31"}, (0, "date-before-books")),
    ("rules that are newer", None, {"rules": 2}, (0, "newer")),
]

# ---- behind entry 0 of ORIGIN/2 ------------------------------------------------------------------------------


def _aid(*gifts):
    return ("aid_paid", "2026-11-06", {"place": "cash", "fund": "chung", "programme": "mua-lu", "lines": lines(1),
                                       "gifts": list(gifts)})


def _reversed(of, date="2026-11-06"):
    return ("reversed", date, {"of": of, "reason": "mistyped"})


def _lost(lot):
    return ("stock_counted", "2026-11-06", {**AIM, "differences": [{
        "item": "gao", "quantity": "1", "direction": "less", "reason": "lost", "lot": lot}]})


def _gift(**members):
    return ("donation", members.pop("date", "2026-11-06"), {**GIFT, "amount": 10, "donor": donor("z"), **members})


def _rotated(**members):
    return ("key_rotated", "2026-11-06", {"person": "0000000000000003", "old_vkey": DEPUTY.vkey, "new_vkey": OTHER.vkey,
                                          **members}, _signed(TREASURER, CHAIR, OTHER))


def _enrolled(key):
    return ("officer_enrolled", "2026-11-06", {"officer": {
        "vkey": key.vkey, "person": "0000000000000007", "roles": ["caseworker"], "title": "Cán bộ"}},
        _signed(TREASURER, CHAIR, key))


WITNESS = {"name": "upper", "vkey": forge.Signer("witness.example/upper", forge.WITNESS_SEED, 0x04).vkey}

# (what, entries, code of the refusal of the last one, or None)
BEHIND = [
    ("a gift", [_gift()], None),
    ("a gift signed by an old key under its name", [(*_gift(), [("recorder", OLD_TREASURER)])], "form"),
    ("a gift signed by an old key under a new name", [(*_gift(), [("recorder", RENAMED)])], "key-not-in-force"),
    ("a voucher id of the old ledger", [_gift(id="019a0000-0000-7000-8000-000000000009")], "id-used"),
    ("an old key registered again", [_enrolled(RENAMED)], "key-used"),
    ("a person enrolled under a new key", [_enrolled(OTHER)], None),
    ("`old:` not below `before`", [_reversed("old:14")], "reference"),
    ("`old:` of its own place", [_gift(), _reversed("old:15")], "reference"),
    ("`old:` far beyond", [_reversed("old:9007199254740991")], "reference"),
    ("`old:` beyond what is a number", [_reversed("old:9007199254740992")], "form"),
    ("`old:` with a leading zero", [_reversed("old:08")], "form"),
    ("a number that would be old", [_reversed(8)], "reference"),
    ("its own place", [_reversed(1)], "reference"),
    ("entry 0", [_reversed(0)], "not-reversible"),
    ("an old entry of no postings", [_reversed("old:1")], "not-reversible"),
    ("an old gift that was used", [_reversed("old:9")], None),
    ("an old gift twice", [_reversed("old:12"), _reversed("old:12", "2026-11-07")], "already-reversed"),
    ("an old opening", [_reversed("old:7")], "fund-too-low"),
    ("an old opening by its line", [_reversed({"line": 0, "seq": "old:7"})], "reference"),
    ("what a new voucher names", [("custody_handed_over", "2026-11-06", {"of": "old:11", "amount": 1}),
                                  _reversed("old:11")], "named-by-standing"),
    ("aid out of an old gift", [_aid("old:9", {"line": 0, "seq": "old:7"})], None),
    ("aid out of a gift that is not below `before`", [_aid("old:14")], "reference"),
    ("aid out of no gift", [_aid("old:13")], "not-a-gift"),
    ("aid out of no gift, then of none at all", [_aid("old:13", "old:14")], "not-a-gift"),
    ("aid out of a line that is none", [_aid({"line": 9, "seq": "old:7"})], "not-a-gift"),
    ("aid out of an old gift by its number", [_aid(9)], "not-a-gift"),
    ("custody of more than is left", [("custody_returned", "2026-11-06", {"of": "old:11", "amount": 201})],
     "more-than-left"),
    ("custody of an old line", [("custody_returned", "2026-11-06", {"of": {"line": 1, "seq": "old:7"}, "goods": BIKE})],
     None),
    ("custody by the number of an old voucher", [("custody_returned", "2026-11-06", {"of": 11, "amount": 1})],
     "reference"),
    ("more comes back than was handed over", [("handover_returned", "2026-11-06", {
        "of": "old:13", "amount": 151, "lines": 0})], "more-than-left"),
    ("a loss of an old lot", [_lost("old:10")], None),
    ("a loss of an old opening", [_lost({"line": 0, "seq": "old:7"})], None),
    ("a loss of a lot that is not below `before`", [_lost("old:14")], "reference"),
    ("a loss of an old lot by its number", [_lost(10)], "reference"),
    ("goods back to the old shop", [("goods_returned", "2026-11-06", {
        "of": "old:10", "items": items_of(("gao", "4")), "place": "cash", "amount": 390})], None),
    ("more goods than lie there", [("goods_returned", "2026-11-06", {
        "of": "old:10", "items": items_of(("gao", "4.001")), "place": "cash", "amount": 390})], "stock-too-low"),
    ("compromised from an old entry on", [_rotated(compromised_from_seq="old:3")], None),
    ("compromised from entry 0 on", [_rotated(compromised_from_seq=0)], None),
    ("compromised from its own entry on", [_rotated(compromised_from_seq=1)], "compromised-from"),
    ("compromised from what is not below `before`", [_rotated(compromised_from_seq="old:14")], "reference"),
    ("a place that is there already", [("place_opened", "2026-11-06", {
        "place": {"code": "bank", "type": "bank", "name": "x"}})], "code-used"),
    ("an opening behind old postings", [("opening_balance", "2026-11-06", {
        "as_of": "2026-10-31", "money": [{"place": "cash", "fund": "chung", "amount": 1}]})], "opening-too-late"),
    ("a witness named again", [("witness_named", "2026-11-06", WITNESS)], None),
    ("a witness named twice", [("witness_named", "2026-11-06", WITNESS)] * 2, "witness-named"),
    ("another slug later", [("chapter_changed", "2026-11-06", {"chapter": OTHER_CHAPTER})], "slug"),
    ("a log key of its own size", [("log_key_rotated", "2026-11-06", {
        "new_vkey": forge.Signer(SECOND, 0x09).vkey, "from_size": 1})], "from-size"),
    ("time that goes back", [(*_gift(date="2026-11-05"), None, "2026-11-05T04:59:59Z")], "at"),
    ("a second opening of the chapter", [("chapter_opened", "2026-11-06", None)], "opening"),
    ("a cash count of the old ledger", [("cash_counted", "2026-11-06", {"place": "cash", "counted": 1_350,
                                                                        "difference": 0}), _reversed("old:9")],
     "date-before-count"),
    ("a figure of November that leaves out the old ledger",
     [*STORY_2[:-1], ("period_closed", "2026-12-01", closing("2026-11", NOVEMBER, entries=10))], "figure"),
    ("a statement in the name of the first ledger", [*STORY_2[:-1], ("period_closed", "2026-12-01", closing(
        "2026-11", NOVEMBER | {"log": ORIGIN}))], "figure"),
    ("a statement without what the old ledger bought", [*STORY_2[:-1], ("period_closed", "2026-12-01", closing(
        "2026-11", NOVEMBER | {"places": [NOVEMBER["places"][0], {**NOVEMBER["places"][1], "rows": [
            {"kind": kind, "in": into, "out": out} for kind, into, out in CASH_1[:3] + CASH_1[4:]]}]}))], "figure"),
]

# (what, entries of the old ledger, of the new, (ledger, seq, code) or None)
HANDED_OUT = ("goods_distributed", "2026-11-04", {**AID, "lines": [
    {"_sd": digests("a"), "items": items_of(("gao", "1"))}]})
OLDER = [
    ("`old:` in a first ledger", [*STORY_1, _reversed("old:0", "2026-11-05")], [], (ORIGIN, 14, "reference")),
    ("`old:` among gifts in a first ledger", [*STORY_1, ("aid_paid", "2026-11-05", {
        "place": "cash", "fund": "chung", "programme": "mua-lu", "lines": lines(1), "gifts": ["old:9"]})], [],
     (ORIGIN, 14, "reference")),
    ("`old:` of a line in a first ledger", [*STORY_1, ("custody_returned", "2026-11-05", {
        "of": {"line": 0, "seq": "old:7"}, "amount": 1})], [], (ORIGIN, 14, "reference")),
    ("`old:` as a lot in a first ledger", [*STORY_1, ("stock_counted", "2026-11-05", _lost("old:10")[2])], [],
     (ORIGIN, 14, "reference")),
    ("a fault in the old ledger and one in the new", [*STORY_1, _reversed(1, "2026-11-05")], [_reversed("old:99")],
     (ORIGIN, 14, "not-reversible")),
    ("a witness of the old ledger", [*STORY_1, ("witness_named", "2026-11-04", WITNESS)],
     [("witness_named", "2026-11-06", WITNESS)], None),
    ("goods that the old ledger handed out", [*STORY_1, HANDED_OUT], [_reversed("old:14")], None),
]

# ---- the chapter of three ledgers ----------------------------------------------------------------------------

# (what, entries behind entry 0 of ORIGIN/3, code): ORIGIN/2 closed November
LATER = [
    ("a date in a month that the old ledger closed", [(*_gift(date="2026-11-30"), None, "2026-12-03T05:00:00Z")],
     "period-closed"),
    ("a date in an open month", [_gift(date="2026-12-03")], None),
    ("`old:` of the own entry 0", [_reversed("old:25", "2026-12-03")], "reference"),
    ("the last entry before", [_reversed("old:24", "2026-12-03")], "not-reversible"),
    ("a gift of the first ledger that the second spent", [_reversed("old:8", "2026-12-03")], None),
    ("a gift that the second gave back", [_reversed("old:21", "2026-12-03")], "named-by-standing"),
    ("a reversal of the second ledger", [_reversed("old:17", "2026-12-03")], "not-reversible"),
    ("what the second ledger reversed", [_reversed("old:12", "2026-12-03")], "already-reversed"),
    ("an opening behind a closing", [("opening_balance", "2026-12-03", {
        "as_of": "2026-10-31", "money": [{"place": "cash", "fund": "chung", "amount": 1}]})], "opening-too-late"),
    ("November again", [("period_closed", "2026-12-03", closing("2026-11", NOVEMBER))], "not-next-period"),
    ("a year that is not over", [("statement_published", "2026-12-03", {
        "type": "year", "from": "2026-01-01", "to": "2026-12-31", "sha256": "00" * 32})], "statement-range"),
    ("an audit of what the old ledger closed", [
        ("officer_enrolled", "2026-12-03", {"officer": {
            "vkey": forge.officer(THIRD, "5").vkey, "person": "0000000000000005", "roles": ["auditor"], "title": "K"}}),
        ("period_audited", "2026-12-03", {"through": "2026-11", "result": "sound", "sample": ["old:24", 0]})], None),
    ("an audit of a place that is not old", [
        ("officer_enrolled", "2026-12-03", {"officer": {
            "vkey": forge.officer(THIRD, "5").vkey, "person": "0000000000000005", "roles": ["auditor"], "title": "K"}}),
        ("period_audited", "2026-12-03", {"through": "2026-11", "result": "sound", "sample": ["old:25"]})],
     "reference"),
]
# (what, members of entry 0 of ORIGIN/3, code)
LATER_OPENINGS = [
    ("entry 0 in a month that is closed", {"date": "2026-11-30"}, "period-closed"),
    ("the first log key in the third ledger", {"log_key": forge.Signer(THIRD, LOG_SEEDS[0]).vkey}, "key-used"),
    ("the second log key in the third ledger", {"log_key": forge.Signer(THIRD, LOG_SEEDS[1]).vkey}, "key-used"),
    ("an id of the first ledger in the third", {"id": "019a0000-0000-7000-8000-000000000003"}, "id-used"),
]


def continued(opening, old, members):
    """A chapter of two ledgers whose second has other members in entry 0, or continues another checkpoint."""
    before = told(opening, STORY_1)[0]
    if old:
        members = {**members, "continues": {"checkpoint": base64.b64encode(old(before)).decode()}}
    return told(opening, STORY_1, [], opening_2=members)


def ledgers(opening):
    """(what, the ledgers, (status, ledger, seq, code))."""
    for what, old, members, found in OPENINGS:
        wanted = (0, None, None, None) if found is None else (3 if found[1] == "newer" else 1, SECOND, *found)
        yield what, continued(opening, old, members), wanted
    for what, entries, code in BEHIND:
        entries = [one if one[2] is not None else (*one[:2], told(opening, [])[0].entries[0]["voucher"] | {
            "by": TREASURER.name, "log": SECOND, "log_key": forge.Signer(SECOND, 0x09).vkey, "date": one[1],
            "officers": _persons(TREASURER, CHAIR, DEPUTY), "id": "019a0000-0000-7000-8000-0000000000ff"},
            _signed(TREASURER, CHAIR, DEPUTY)) for one in entries]
        wanted = (1, SECOND, len(entries), None if code == "form" else code) if code else (0, None, None, None)
        yield what, told(opening, STORY_1, entries), wanted
    for what, old, new, found in OLDER:
        yield what, told(opening, old, new), (1, *found) if found else (0, None, None, None)
    for what, entries, code in LATER:
        wanted = (1, THIRD, len(entries), code) if code else (0, None, None, None)
        yield what, told(opening, STORY_1, STORY_2, entries), wanted
    for what, members, code in LATER_OPENINGS:
        yield what, told(opening, STORY_1, STORY_2, [], opening_3=members), (1, THIRD, 0, code)
    closed = [("fund_opened", "2026-11-01", STORY_1[0][2]), ("chapter_closed", "2026-11-02", {})]
    yield "a chapter that was closed", told(opening, closed, []), (1, SECOND, 0, "continues")
    first = told(opening, STORY_1)[0]
    checkpoint = {"checkpoint": base64.b64encode(first.checkpoint()).decode()}
    yield "a first ledger that continues one", told(opening, STORY_1, opening_1={"continues": checkpoint, "signers":
          _signed(*officers_of(1))}), (1, None, 0, "continues")
    yield from _rotated_before(opening)
    yield "`log` with another number", told(opening, STORY_1, [], opening_2=_numbered(3)), (1, THIRD, 0, "continues")
    yield "`log` of another chapter", told(opening, STORY_1, [], opening_2=_numbered(2, "so.example/khac/2")), (
        1, "so.example/khac/2", 0, "continues")


def _rotated_before(opening):
    """The old ledger came under another log key before it ended."""
    later = forge.LATER_LOG_SEED
    for what, size, seed, members, wanted in (
            ("by the later log key", 15, later, {}, (0, None, None, None)),
            ("by the earlier log key", 15, LOG_SEEDS[0], {}, (1, SECOND, 0, "continues")),
            ("by the key that is not in force yet", 16, later, {}, (1, ORIGIN, None, None)),
            ("under the later log key again", 15, later, {"log_key": forge.Signer(SECOND, later).vkey},
             (1, SECOND, 0, "key-used")),
            ("under a key that was to come", 16, LOG_SEEDS[0], {"log_key": forge.Signer(SECOND, later).vkey},
             (1, SECOND, 0, "key-used"))):
        old = told(opening, [*STORY_1, ("log_key_rotated", "2026-11-04", {
            "new_vkey": forge.Signer(ORIGIN, later).vkey, "from_size": size})])[0]
        old.seed = later if size == 15 else seed
        checkpoint = {"checkpoint": base64.b64encode(old.checkpoint(seed=seed)).decode()}
        yield f"a rotated log key: {what}", [old, Ledger(2, opening, old, continues=checkpoint, **members)], wanted


def not_continued(opening):
    """A second ledger whose entry 0 continues none."""
    return told(opening, STORY_1, [], opening_2={"continues": None})


def _numbered(number, origin=None):
    origin = origin or origin_of(number)
    keys = [forge.officer(origin, digit) for digit in "abc"]
    return {**_by(*keys), "log": origin, "log_key": forge.Signer(origin, LOG_SEEDS[1]).vkey}


# ---- files ---------------------------------------------------------------------------------------------------


def removed(*names):
    """These files or folders are gone."""
    def change(folder):
        for name in names:
            path = folder / name
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
    return change


def written(name, data):
    """A file with other bytes."""
    return lambda folder: (folder / name).write_bytes(data)


def piped(name):
    """A pipe in the place of a file, to which nobody writes."""
    return lambda folder: os.mkfifo(folder / name)


def foldered(name):
    """A folder in the place of a file."""
    return lambda folder: (folder / name).mkdir()


def moved(name, to, copied=False):
    """A folder lies elsewhere."""
    def change(folder):
        (folder / to).parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if copied else shutil.move)(folder / name, folder / to)
    return change


def all_of(*changes):
    """Several changes."""
    def change(folder):
        for one in changes:
            one(folder)
    return change


def older(change_ledger):
    """The first ledger as it had other entries when it was published."""
    def make(opening):
        def change(folder):
            shutil.rmtree(folder / "checkpoints")
            ledger = told(opening, STORY_1)[0]
            change_ledger(ledger)
            ledger.write(folder)
        return change
    return make


def _more(ledger):
    ledger.tell(*_gift(date="2026-11-04", id="019a0000-0000-7000-8000-0000000000ff"))


HOLDS = (0, None, None, None)
NO_LEDGER = (1, None, None, None)
MISSING = (1, None, None, "continued")


def files(opening):
    """(what, change, folders that are named, (status, ledger, seq, code)) of the story of three ledgers."""
    every = ("", "2", "3")
    broken = written("2/entries.jsonl", b"x\n")
    return [
        ("the first ledger missing", removed("checkpoint"), ("2", "3"), MISSING),
        ("the second ledger missing", removed("2"), ("3",), MISSING),
        ("the checkpoint of the second ledger missing", removed("2/checkpoint"), ("3",), MISSING),
        ("the second ledger missing, and named", removed("2"), ("2",), NO_LEDGER),
        ("the second ledger missing, the first is named", removed("2"), ("",), HOLDS),
        ("the third ledger missing", removed("3"), ("", "2"), HOLDS),
        ("the second ledger alone", moved("2", "x/y", True), ("x/y",), MISSING),
        ("no checkpoint of the first", written("checkpoint", b"x"), every, NO_LEDGER),
        ("no checkpoint of the second", written("2/checkpoint", b"x"), every, NO_LEDGER),
        ("no checkpoint of the third, and the second is broken", all_of(written("3/checkpoint", b"x"), broken), every,
         NO_LEDGER),
        ("the entries of the second missing", removed("2/entries.jsonl"), every, (1, SECOND, None, None)),
        ("the entries of the second changed", broken, every, (1, SECOND, 0, None)),
        ("a line longer than an entry can be", written("2/entries.jsonl", b"x" * 65_536 + b"\n"), every,
         (1, SECOND, 0, None)),
        ("the second is broken, the policy of the first missing", all_of(broken, removed("policy")), every,
         (1, ORIGIN, None, None)),
        ("the second is broken, the names of the first missing", all_of(broken, removed("disclosures.jsonl")), every,
         (1, ORIGIN, None, None)),
        ("the third is broken, a statement of the second missing", all_of(
            written("3/entries.jsonl", b"x\n"), removed("2/statements/2026-11.json")), every, (1, SECOND, 10, None)),
        ("a statement of the second in the first", moved("2/statements", "statements", True), every,
         (1, ORIGIN, None, None)),
        ("a statement of the third with the first's `log`", written("3/statements/2026-12.json", canonical.encode(
            STATEMENTS[3]["2026-12"] | {"log": ORIGIN})), every, (1, THIRD, 9, None)),
        ("a bundle of the first missing", removed("tile/entries/000.p/14"), every, (1, ORIGIN, 0, None)),
        ("a bundle of the second missing", removed("2/tile/entries/000.p/11"), every, (1, SECOND, 0, None)),
        ("a tile of the third missing", removed("3/tile/0/000.p/12"), every, (1, THIRD, None, None)),
        ("the third in the place of the second", all_of(removed("2"), moved("3", "2", True)), every,
         (1, THIRD, 0, "continues")),
        ("the third once more", moved("3", "4", True), every, (1, THIRD, 0, "at")),
        ("an older checkpoint of the first ledger, smaller", older(lambda ledger: ledger.entries.pop())(opening), every,
         (1, SECOND, 0, "continues")),
        ("an older checkpoint of the first ledger, larger", older(_more)(opening), every, (1, SECOND, 0, "continues")),
        ("an earlier checkpoint beside it", written("checkpoints/9", told(opening, STORY_1)[0].checkpoint(size=9)),
         every, HOLDS),
        ("an earlier checkpoint of another history", written("2/checkpoints/9", forge.checkpoint(
            SECOND, 9, bytes(32), LOG_SEEDS[1])), every, (1, SECOND, 8, None)),
    ]


def irregular():
    """(what, change) of the story of three ledgers: what is looked for is no regular file, status 1."""
    for name in ("checkpoint", "3/checkpoint", "2/entries.jsonl", "policy", "3/disclosures.jsonl",
                 "2/statements/2026-11.json", "3/tile/0/000.p/12"):
        for what, change in (("a folder", foldered), ("a pipe", piped)):
            yield f"{what} in the place of {name}", all_of(removed(name), change(name))


def crowds(folder):
    """(what, folder that is named, (status, ledger, seq, code)) of chapters with a hundred ledgers, or with one more.
    Nothing but their checkpoints is there."""
    def head(place, origin):
        forge.write(folder, place, forge.checkpoint(origin, 1, bytes(32), witnessed=False))

    head("checkpoint", ORIGIN)
    for number in range(2, MOST_LEDGERS + 1):
        head(f"{number}/checkpoint", origin_of(number))
    for name in ("", "2", "100"):
        yield f"a hundred ledgers, {name or 'the first'} is named", folder / name, (1, ORIGIN, None, None)
    for what, origin in (("one more, with the origin of the first", ORIGIN), ("one more", origin_of(101))):
        head("101/checkpoint", origin)
        for name in ("", "2", "100"):
            yield f"{what}, {name or 'the first'} is named", folder / name, MISSING
    yield "one more, and it is named", folder / "101", MISSING
    forge.write(folder, "101/checkpoint", b"x")
    yield "one more, whose checkpoint is none", folder, NO_LEDGER
    head("101/checkpoint", origin_of(101))
    forge.write(folder, "2/checkpoint", b"x")
    yield "one more, and no checkpoint of the second", folder, NO_LEDGER
    for number in (101, 102, 1_000):
        head(f"alone-{number}/checkpoint", origin_of(number))
        yield f"ledger {number} alone", folder / f"alone-{number}", MISSING


# ---- what a reader brings ------------------------------------------------------------------------------------


def _path(index, leaves):
    if len(leaves) < 2:
        return []
    half = 1 << (len(leaves) - 1).bit_length() - 1
    if index < half:
        return _path(index, leaves[:half]) + [tree.root(leaves[half:])]
    return _path(index - half, leaves[half:]) + [tree.root(leaves[:half])]


def receipt_of(ledger, seq):
    """The receipt of an entry."""
    entries = ledger.lines()
    proof = _path(seq, [tree.leaf_hash(line) for line in entries])
    hashes = "".join(base64.b64encode(one).decode() + "\n" for one in proof)
    entry = base64.b64encode(entries[seq]).decode()
    return f"c2sp.org/tlog-proof@v1\nextra {entry}\nindex {seq}\n{hashes}\n".encode() + ledger.checkpoint()


def _disclosure(salt, name, value, seq):
    text = canonical.to_base64_url(canonical.encode([canonical.to_base64_url(salt * 32), name, value]))
    return canonical.encode({"disclosure": text, "seq": seq}) + b"\n"


def brought(opening):
    """(what, bytes, named folders, (status, ledger, seq)) for the story of three ledgers."""
    every = ("", "2", "3")
    chapter = told(opening, *STORY)
    for number, ledger in enumerate(chapter, 1):
        log, seed = ledger.origin, LOG_SEEDS[number - 1]
        yield f"the checkpoint of ledger {number}", ledger.checkpoint(), every, (0, None, None)
        yield f"an earlier checkpoint of ledger {number}", ledger.checkpoint(size=4), every, (0, None, None)
        yield f"a later checkpoint of ledger {number}", forge.checkpoint(log, 99, bytes(32), seed), every, (
            1, log, None)
        yield f"another history of ledger {number}", forge.checkpoint(log, 4, bytes(32), seed), every, (1, log, 3)
        yield f"a foreign key for ledger {number}", ledger.checkpoint(size=4, seed=0x09), every, (1, log, None)
        yield f"a receipt of ledger {number}", receipt_of(ledger, 7), every, (0, None, None)
        yield f"a receipt of entry 0 of ledger {number}", receipt_of(ledger, 0), every, (0, None, None)
        ledger.entries[8]["at"] = ledger.entries[8]["at"].replace("00Z", "01Z")
        yield f"a receipt of another entry of ledger {number}", receipt_of(ledger, 8), every, (1, log, 8)
    for origin in ("so.example/khac", f"{ORIGIN}/4"):
        yield f"a checkpoint of {origin}", forge.checkpoint(origin, 4, bytes(32)), every, (1, None, None)
    for number, name in enumerate(every, 1):
        yield f"a disclosure, ledger {number} is named", _disclosure(b"a", "full_name", "x", 8), (name,), (
            1, origin_of(number), 8)
        yield f"a disclosure of no entry, ledger {number} is named", _disclosure(b"a", "full_name", "x", 99), (name,), (
            1, origin_of(number), 99)


def log_key_of(number):
    """The vkey of the log key of a ledger."""
    return forge.Signer(origin_of(number), LOG_SEEDS[number - 1]).vkey


def keys():
    """(what, vkey, (status, ledger)) for the story of three ledgers, whichever is named."""
    for number, seed in enumerate(LOG_SEEDS, 1):
        yield f"the log key of ledger {number}", log_key_of(number), (0, None)
        yield f"another log key of ledger {number}", forge.Signer(origin_of(number), 0x09).vkey, (1, origin_of(number))
    for origin in ("so.example/khac", f"{ORIGIN}/4"):
        yield f"a log key of {origin}", forge.Signer(origin, LOG_SEEDS[0]).vkey, (1, None)
