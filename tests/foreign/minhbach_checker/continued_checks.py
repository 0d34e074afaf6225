"""What is checked of ledgers that continue another one, alone and beside the program named by MINHBACH_BIN."""

import json
import os
import shutil
import subprocess

import books
import canonical
import continued_cases as cases
import continued_story as story
import continued_walk
import forge
import notes
import receipt
import verify

EVERY = ("", "2", "3")
WALKS, STEPS = (1, 2, 3), 90


def found_of(report):
    """Status, ledger, step, seq and code of a report."""
    return tuple(report.get(name) for name in ("status", "ledger", "step", "seq", "code"))


def program_report(folder, *arguments):
    """The exit status and the report of the program."""
    done = subprocess.run([os.environ["MINHBACH_BIN"], "verify", str(folder), "--json", *arguments],
                          capture_output=True, text=True, timeout=600, check=False)
    return done.returncode, json.loads(done.stdout or "{}")


def program_found(folder, *arguments):
    """Status, ledger, step, seq and code of the program."""
    status, report = program_report(folder, *arguments)
    found = report.get("break") or {}
    return (status, *(found.get(name) for name in ("ledger", "step", "seq", "code")))


def remarked(remarks):
    """Whether one of these remarks says that the key given is of an earlier ledger."""
    return any("vouches for nothing behind" in remark for remark in remarks)


def agreed(found, other):
    """What the other one said, in the words of this verifier where those say the same."""
    status, ledger, step, seq, code = other
    if status == 3:
        step = found[2]
    if found[2] == "prefix" and (step, code) == ("form", "missing"):
        step, code = "prefix", None
    return status, ledger, step, seq, code if found[4] else None


class Beside:
    """Compares each verdict with what was wanted, and with that of the program if there is one."""

    def __init__(self, tally):
        self.tally, self.program = tally, bool(os.environ.get("MINHBACH_BIN"))

    def expect(self, what, folder, wanted, arguments=(), **brought):
        """`wanted` is (status, ledger, seq) or (status, ledger, seq, code)."""
        found = found_of(verify.verify(str(folder), **brought))
        status, ledger, _, seq, code = found
        self.tally.expect(what, (status, ledger, seq, code)[:len(wanted)], wanted)
        if self.program:
            self.tally.expect(f"agreed: {what}", found, agreed(found, program_found(folder, *arguments)))


def check(tally, work, opening):
    """Everything about ledgers that continue another one; `opening` is an entry 0 of a first ledger."""
    beside, folder = Beside(tally), work / "chapter"
    chapter = story.told(opening, *story.STORY)
    story.write(folder, chapter)
    _check_story(tally, beside, folder, chapter)
    _check_brought(beside, folder, opening, work)
    _check_remarks(tally, beside, folder)
    for what, named, wanted in cases.crowds(work / "chapter-crowd"):
        beside.expect(what, named, wanted)
    _check_addresses(beside, folder, work)
    for what, change, named, wanted in cases.files(opening):
        copy = _changed(folder, work, change)
        for name in named:
            beside.expect(f"{what}, {name or 'the first'} is named", copy / name, wanted)
    for what, change in cases.irregular():
        copy = _changed(folder, work, change)
        tally.expect(what, verify.verify(str(copy))["status"], 1)
        if beside.program:
            tally.expect(f"agreed: {what}", 1, program_report(copy)[0])
    for what, ledgers, wanted in cases.ledgers(opening):
        copy = work / "chapter-case"
        shutil.rmtree(copy, ignore_errors=True)
        story.write(copy, ledgers, {2: story.STATEMENTS[2]} if len(ledgers) > 2 else {})
        for name in EVERY[:len(ledgers)]:
            beside.expect(f"continued: {what}, {name or 'the first'} is named", copy / name, wanted)
    story.write(work / "chapter-without", cases.not_continued(opening), {})
    found = found_of(verify.verify(str(work / "chapter-without")))
    tally.expect("behind an older ledger, one that continues none", found, (1, cases.SECOND, "books", 0, "opening"))
    check_histories(tally, beside, work / "chapter-history", opening, continued_walk.ContinuedWalk, WALKS)


def _changed(folder, work, change):
    """A copy of the story with other files."""
    copy = work / "chapter-files"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(folder, copy)
    change(copy)
    return copy


def _check_story(tally, beside, folder, chapter):
    """The story of three ledgers, its documents and its receipts."""
    for name in EVERY:
        beside.expect(f"the story of three ledgers, {name or 'the first'} is named", folder / name, cases.HOLDS)
    kept = books.Books()
    for ledger in chapter:
        for entry in ledger.entries:
            kept.add(entry)
        if ledger is not chapter[-1]:
            kept.turn()
    documents = [f"{one[:2]}{int(one[8:])}" for numbers in kept.documents for one in numbers]
    tally.expect("its document numbers go on", documents, " ".join(story.DOCUMENTS).replace("+", " ").split())
    for ledger in chapter:
        for seq in (0, 7, len(ledger.entries) - 1):
            data, key = cases.receipt_of(ledger, seq), forge.Signer(ledger.origin, ledger.seed).vkey
            tally.expect(f"a receipt of entry {seq} of ledger {ledger.number} alone", _receipt(data, key), seq)
    data, old_key = cases.receipt_of(chapter[1], 7), forge.Signer(chapter[0].origin, chapter[0].seed).vkey
    tally.expect("a receipt by the log key of another ledger", _receipt(data, old_key), None)


def _receipt(data, key):
    """The seq of the entry of a receipt that holds."""
    try:
        return receipt.check_receipt(data, notes.read_vkey(key))["seq"]
    except canonical.Refused:
        return None


def _check_brought(beside, folder, opening, work):
    """What a reader brings to the story, whichever ledger is named."""
    path = work / "brought"
    for what, data, named, wanted in cases.brought(opening):
        path.write_bytes(data)
        for name in named:
            beside.expect(f"{what}, {name or 'the first'} is named", folder / name, wanted,
                          ("--against", str(path)), against=[("brought", data)])
    for what, vkey, (status, ledger) in cases.keys():
        for name in EVERY:
            beside.expect(f"{what}, {name or 'the first'} is named", folder / name, (status, ledger, None),
                          ("--key", vkey), key=notes.read_vkey(vkey))


def _check_remarks(tally, beside, folder):
    """The log key of each ledger of the story: only that of the newest one read vouches for all of it."""
    for number in range(1, len(EVERY) + 1):
        vkey, what = cases.log_key_of(number), f"the log key of ledger {number} and what is behind it"
        report = verify.verify(str(folder), notes.read_vkey(vkey))
        found = report["status"], remarked(report["notes"])
        tally.expect(what, found, (0, number < len(EVERY)))
        if beside.program:
            status, told = program_report(folder, "--key", vkey)
            tally.expect(f"agreed: {what}", found, (status, remarked(told["remarks"])))


def _check_addresses(beside, folder, work):
    """A ledger that lies elsewhere, with the word where the first one lies."""
    for number in (2, 3):
        alone = work / f"alone-{number}" / "copy"
        shutil.copytree(folder / str(number), alone)
        beside.expect(f"ledger {number} elsewhere", alone, cases.MISSING)
        for what, first, wanted in (("the first", folder, cases.HOLDS), ("no folder", work / "nothing", cases.MISSING)):
            beside.expect(f"ledger {number} elsewhere, with {what}", alone, wanted, ("--first", str(first)),
                          first=str(first))


def check_histories(tally, beside, folder, opening, kind, seeds, steps=STEPS):
    """Random histories, each a `kind` of walk, that go on in new ledgers."""
    for seed in seeds:
        walk, statements = continued_walk.history(kind(opening, seed), opening, steps)
        _write_history(folder, walk.chapter, statements)
        for name in EVERY:
            beside.expect(f"history {seed} of {len(walk.entries)} entries in three ledgers, {name or 'the first'} is "
                          "named", folder / name, cases.HOLDS)
        across = sum("old:" in json.dumps(entry) for ledger in walk.chapter for entry in ledger.entries)
        tally.expect(f"history {seed} refers to older ledgers", across > 10, True)
        for ledgers, code in {(ledgers[-1].number, ledgers[-1].entries[-1]["voucher"]["kind"], code): (ledgers, code)
                              for ledgers, code in walk.refused}.values():
            last = ledgers[-1]
            _write_history(folder, ledgers, statements)
            what = f"history {seed}, ledger {last.number}, {last.entries[-1]['voucher']['kind']}: {code}"
            beside.expect(what, folder, (1, last.origin if last.behind else None, len(last.entries) - 1, code))


def _write_history(folder, ledgers, statements):
    shutil.rmtree(folder, ignore_errors=True)
    story.write(folder, ledgers, {})
    for ledger in ledgers:
        for name, (_, data) in statements[ledger.number].items():
            forge.write(folder if ledger.number == 1 else folder / str(ledger.number), name, data)
