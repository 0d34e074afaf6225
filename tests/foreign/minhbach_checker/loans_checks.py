"""What is checked of ledgers with loans, alone and beside the program named by MINHBACH_BIN."""

import shutil

import books
import canonical
import continued_checks
import continued_story
import forge
import loans_around
import loans_cases as cases
import loans_continued as continued
import loans_forms as forms
import loans_story as story
import loans_walk
import scenario
import verify
from continued_checks import EVERY, Beside

WALKS, STEPS, CONTINUED = (1, 2, 3), 120, (1, 2)


def check(tally, work, opening):
    """Everything about loans; `opening` is an entry 0."""
    beside = Beside(tally)
    _check_story(tally, beside, work / "loans", opening)
    folder = work / "loans-case"
    for what, entries, code in _told(opening):
        forge.write_plain(folder, entries)
        for voucher in (entry["voucher"] for entry in entries[:-1]):
            if voucher["kind"] == "period_closed":
                name = voucher["through"]
                forge.write(folder, f"statements/{name}.json", canonical.encode(story.STATEMENTS[name]))
        beside.expect(what, folder, (1, None, len(entries) - 1, code) if code else (0, None, None, None))
    for what, entries, (status, seq, code) in forms.ledgers(opening):
        forge.write_plain(folder, entries)
        beside.expect(what, folder, (status, None, seq, code))
    for what, entries, statement, code in forms.closings(opening):
        forge.write_plain(folder, entries)
        if statement:
            forge.write(folder, "statements/2026-11.json", statement)
        beside.expect(what, folder, (1, None, len(entries) - 1, code) if code else (0, None, None, None))
    _check_continued(tally, beside, folder, opening)
    _check_histories(beside, folder, opening)
    continued_checks.check_histories(tally, beside, folder, opening, loans_walk.ContinuedLoansWalk, CONTINUED,
                                     STEPS)


def _told(opening):
    """(what, entries, code of the refusal of the last one or None)."""
    whole = story.entries(opening)
    for length, what, one, code in story.REFUSED:
        yield what, [*whole[:length], scenario.entry(length, *one)], code
    setting = whole[:cases.FIRST]
    for what, told, code in [*cases.CASES, *loans_around.CASES]:
        yield what, setting + [scenario.entry(seq, *one) for seq, one in enumerate(told, cases.FIRST)], code


def _check_story(tally, beside, folder, opening):
    """The story of two months, its documents and how often its gifts were lent."""
    story.write(folder, opening)
    report = verify.verify(str(folder))
    tally.expect("the story with loans: no reason against it", report.get("reason"), None)
    beside.expect("the story with loans", folder, (0, None, None, None))
    kept = books.Books()
    for entry in story.entries(opening):
        kept.add(entry)
    found = [" ".join(f"{number[:2]}{int(number[8:])}" for number in numbers) for numbers in kept.documents]
    tally.expect("its document numbers", found[cases.FIRST:cases.FIRST + len(story.DOCUMENTS)], list(story.DOCUMENTS))
    tally.expect("the name of its first loan", kept.documents[14], ["KU-2026-0001"])
    for gift, lent in story.LENT:
        tally.expect(f"what was lent of gift {gift}", kept.lent(gift)[0], lent)


def _check_continued(tally, beside, folder, opening):
    """Loans that go on in other ledgers, and their numbers."""
    for what, ledgers, wanted in continued.ledgers(opening):
        shutil.rmtree(folder, ignore_errors=True)
        continued_story.write(folder, ledgers, {})
        for name in EVERY[:len(ledgers)]:
            beside.expect(f"{what}, {name or 'the first'} is named", folder / name, wanted)
    kept = books.Books()
    for ledger in continued.numbered(opening):
        if ledger.behind:
            kept.turn()
        for entry in ledger.entries:
            kept.add(entry)
    found = [f"{one[:2]}{int(one[8:])}" for numbers in kept.documents for one in numbers]
    tally.expect("continued: the numbers of loans go on", found, continued.DOCUMENTS)


def _check_histories(beside, folder, opening):
    """Random histories with loans."""
    for seed in WALKS:
        history = loans_walk.LoansWalk(opening, seed)
        history.go(STEPS)
        history.end()
        forge.write_plain(folder, history.entries)
        for name, (_, data) in history.books.statements.items():
            forge.write(folder, name, data)
        beside.expect(f"history {seed} with loans of {len(history.entries)} entries", folder, (0, None, None, None))
        for entries, code in {(entries[-1]["voucher"]["kind"], code): (entries, code)
                              for entries, code in history.refused}.values():
            forge.write_plain(folder, entries)
            for name, (_, data) in history.books.statements.items():
                forge.write(folder, name, data)
            beside.expect(f"history {seed} with loans, {entries[-1]['voucher']['kind']}: {code}", folder,
                          (1, None, len(entries) - 1, code))
