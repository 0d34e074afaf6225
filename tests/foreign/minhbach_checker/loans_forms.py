"""Ledgers with loans whose last entry is signed by the wrong officers, has a form that 7.1 to 7.3 do not allow, or is a
closing that tells of more or fewer loans than run."""

import hashlib

import books
import canonical
import scenario
from goods_forms import CASEWORKER, ENROLLED, POLICY, THING
from loans_cases import (SETTING, approved, assigned, cancelled, cash, disbursed, gift, held, line, opening, owed,
                         recovered, repaid, rescheduled, reversal, waived, written_off)
from scenario import CHAIR, TREASURER, digests
from statement import Statement

FIRST = len(SETTING) + 1
# Behind the setting: a caseworker, a gift, money held, two approvals, a loan and one that was written off.
BEFORE = [ENROLLED, gift(9_000), held(2_000), approved(2_000, 2_000), disbursed(FIRST + 3), approved(2_000),
          disbursed(FIRST + 5), written_off(FIRST + 6), approved(2_000, date="2026-11-06"), POLICY]
HELD, LOAN, LOST, APPROVED, SEQ = FIRST + 2, FIRST + 4, FIRST + 6, FIRST + 8, FIRST + len(BEFORE)


def _by(*signers):
    return list(zip(("recorder", "approver"), signers))


ONE, TWO, CASE, CASE_TWO = _by(TREASURER), _by(TREASURER, CHAIR), _by(CASEWORKER), _by(CASEWORKER, CHAIR)

# (what, entry, signers, code of the refusal or None)
SIGNED = [
    ("an approval by one", approved(1), ONE, "signature-list"),
    ("an approval by a caseworker", approved(1), CASE_TWO, "recorder-may-not"),
    ("a cancellation by one", cancelled(APPROVED), ONE, "signature-list"),
    ("a loan paid out by one", disbursed(APPROVED), ONE, "signature-list"),
    ("a loan paid out by a caseworker", disbursed(APPROVED), CASE_TWO, "recorder-may-not"),
    ("a repayment by one", repaid(LOAN, 500, 500), ONE, None),
    ("a repayment by two", repaid(LOAN, 500, 500), TWO, "signature-list"),
    ("a repayment by a caseworker", repaid(LOAN, 500, 500), CASE, None),
    ("much repaid by one", repaid(LOAN, 501, 500), ONE, "signature-list"),
    ("much repaid by two", repaid(LOAN, 501, 500), TWO, None),
    ("much repaid by a caseworker and another", repaid(LOAN, 501, 500), CASE_TWO, None),
    ("much repaid, approved by the caseworker", repaid(LOAN, 501, 500), _by(TREASURER, CASEWORKER), "approver-may-not"),
    ("a waiver by one", waived(LOAN, 1), ONE, "signature-list"),
    ("a waiver by a caseworker", waived(LOAN, 1), CASE_TWO, "recorder-may-not"),
    ("rescheduled by one", rescheduled(), ONE, "signature-list"),
    ("rescheduled by a caseworker", rescheduled(), CASE_TWO, "recorder-may-not"),
    ("written off by one", written_off(LOAN), ONE, "signature-list"),
    ("written off by a caseworker", written_off(LOAN), CASE_TWO, "recorder-may-not"),
    ("recovered by one", recovered(LOST, 1_000), ONE, None),
    ("recovered by a caseworker", recovered(LOST, 1_000), CASE, "recorder-may-not"),
    ("much recovered by one", recovered(LOST, 1_001), ONE, "signature-list"),
    ("much recovered by two", recovered(LOST, 1_001), TWO, None),
    ("custody repays by one", assigned(HELD, LOAN, 1), ONE, "signature-list"),
    ("custody repays by a caseworker", assigned(HELD, LOAN, 1), CASE_TWO, "recorder-may-not"),
]


def _with(one, **others):
    kind, date, members = one
    return kind, date, {name: value for name, value in (members | others).items() if value is not None}


def _opening(**others):
    return opening(loans=[{name: value for name, value in (owed() | others).items() if value is not None}])


CLOSING = ("period_closed", "2026-11-02", {
    "through": "2026-11", "entries": 1, "places": [{"place": "cash", "opening": 0, "in": 0, "out": 0, "closing": 0}],
    "custody": 0, "statement": "00" * 32})

# (what, entry), each a fault of form
FORMS = [
    ("an approval without digests", _with(approved(), _sd=None)),
    ("an approval of 0", approved(0)),
    ("an approval without a fee", _with(approved(), fee_total=None)),
    ("an approval with a fee below 0", approved(1, -1)),
    ("an approval for no purpose", approved(purpose="travel")),
    ("an approval at a place", approved(place="cash")),
    ("an approval of a group without a code", approved(group="")),
    ("a cancellation for a reason of loans", _with(cancelled(APPROVED), reason="death")),
    ("a cancellation without a reason", _with(cancelled(APPROVED), reason=None)),
    ("paid out without a place", _with(disbursed(APPROVED), place=None)),
    ("paid out with an amount", _with(disbursed(APPROVED), amount=2_000)),
    ("repaid nothing", repaid(LOAN, 0)),
    ("repaid without a principal", _with(repaid(LOAN, 1), principal=None)),
    ("repaid without a fee", _with(repaid(LOAN, 1), fee=None)),
    ("repaid with a fee below 0", repaid(LOAN, 2, -1)),
    ("repaid without a place", _with(repaid(LOAN, 1), place=None)),
    ("repaid of no reference", _with(repaid(LOAN, 1), of="x")),
    ("repaid of a line without a seq", _with(repaid(LOAN, 1), of={"line": 0})),
    ("a waiver of 0", waived(LOAN, 0)),
    ("a waiver because it was mistyped", _with(waived(LOAN, 1), reason="mistyped")),
    ("rescheduled without digests", _with(rescheduled(), _sd=None)),
    ("rescheduled of a loan that all can see", _with(rescheduled(), of=LOAN)),
    ("written off with an amount", _with(written_off(LOAN), amount=1)),
    ("written off because it was mistyped", _with(written_off(LOAN), reason="mistyped")),
    ("recovered nothing", recovered(LOST, 0)),
    ("recovered with a principal", _with(recovered(LOST, 1), principal=1)),
    ("custody repays for a fund", assigned(HELD, LOAN, 1, fund="xoay")),
    ("custody repays by a donor", assigned(HELD, LOAN, 1, donor=scenario.donor("d"))),
    ("custody repays no loan", _with(assigned(HELD, LOAN, 1), loan=None)),
    ("custody repays without a fee", _with(assigned(HELD, LOAN, 1), fee=None)),
    ("custody repays goods", assigned(HELD, LOAN, 1, goods=[THING])),
    ("custody repays an old loan with a leading zero", assigned(HELD, "old:01", 1)),
    ("a donation out of custody with a loan", _with(assigned(HELD, LOAN, 1), **{
        "as": "donation", "fund": "xoay", "donor": scenario.donor("d"), "principal": None, "fee": None})),
    ("an opening without loans in its list", opening(loans=[])),
    ("an opening loan without digests", _opening(_sd=None)),
    ("an opening loan of 0", _opening(principal=0)),
    ("an opening loan of which less than 0 was paid", _opening(paid=-1)),
    ("an opening loan without fees paid", _opening(fees_paid=None)),
    ("an opening loan of no day", _opening(disbursed="2026-02-30")),
    ("an opening loan at a place", _opening(place="cash")),
    ("two opening loans with one digest", opening(loans=[owed(), owed()])),
    ("a closing without late loans", _with(CLOSING, loans={"running": 5, "par30": 0})),
    ("a closing with late loans below 0", _with(CLOSING, loans={"running": 5, "par30": -1, "par90": 0})),
    ("a closing with a number of loans alone", _with(CLOSING, loans=5)),
]


# ---- closings ------------------------------------------------------------------------------------------------


def _lent(count, *others):
    """So many loans of 100 (FIRST + 2, + 4, …), then other entries."""
    found = [gift(10_000)]
    for number in range(count):
        found += [approved(fee=5), disbursed(FIRST + 1 + 2 * number)]
    return [*found, *others]


def _fees(count):
    return opening(money=[cash(1_000)], loans=[owed(100, 100, 10, word=f"{number}") for number in range(count)])


LAST = FIRST + 10
# (what, entries, how many loans run at the end of November)
RUNNING = [
    *((f"{count} loans", _lent(count), count) for count in (1, 4, 5, 6)),
    ("five loans and one repaid on the last day", _lent(6, repaid(LAST, 100, date="2026-11-30")), 5),
    ("five loans, one repaid on the last day", _lent(5, repaid(LAST, 100, date="2026-11-30")), 4),
    ("five loans, one repaid on the day after", _lent(5, repaid(LAST, 100, 5, date="2026-12-01")), 5),
    ("five loans, one repaid in part", _lent(5, repaid(LAST, 99, 5)), 5),
    ("five loans, one with a fee alone", _lent(5, repaid(LAST, 100)), 4),
    ("five loans, one written off", _lent(5, written_off(LAST)), 4),
    ("five loans, one written off and recovered", _lent(5, written_off(LAST), recovered(LAST, 100)), 4),
    ("five loans, one written off on the day after", _lent(5, written_off(LAST, "2026-12-01")), 5),
    ("five loans, a write-off reversed on the day after", _lent(5, written_off(LAST), reversal(LAST + 1, "2026-12-01")),
     4),
    ("five loans, a write-off reversed", _lent(5, written_off(LAST), reversal(LAST + 1)), 5),
    ("five loans, a repayment reversed", _lent(5, repaid(LAST, 100), reversal(LAST + 1)), 5),
    ("five loans, a repayment reversed on the day after", _lent(5, repaid(LAST, 100), reversal(LAST + 1, "2026-12-01")),
     4),
    ("five loans, one reversed", _lent(5, reversal(LAST)), 4),
    ("five loans, one reversed on the day after", _lent(5, reversal(LAST, "2026-12-01")), 5),
    ("four loans and one of the day after", _lent(4, approved(), disbursed(FIRST + 9, "2026-12-01")), 4),
    ("four loans and one of the last day, told in December", _lent(4, approved(), disbursed(FIRST + 9, "2026-11-30")),
     5),
    ("four loans and an approval", _lent(4, approved()), 4),
    ("four loans and one that custody repays", _lent(5, held(100), assigned(LAST + 1, LAST, 100)), 4),
    ("five loans of an opening", [opening(loans=[owed(word=f"{number}") for number in range(5)])], 5),
    ("five loans of an opening, one repaid", [opening(loans=[owed(word=f"{number}") for number in range(5)]),
                                              repaid(line(FIRST, 4), 100)], 4),
    ("five loans of an opening that was reversed", [
        opening(loans=[owed(word=f"{number}") for number in range(5)]), reversal(FIRST)], 0),
    ("fees of an opening", [_fees(6)], 0),
    ("fees of an opening and four loans", [_fees(2), *_lent(0), *(
        one for number in range(4) for one in (approved(), disbursed(FIRST + 2 + 2 * number)))], 4),
]


def _closing(entries, running):
    """The members of a closing of November behind these entries."""
    kept = books.Books()
    for entry in entries:
        kept.add(entry)
    value = Statement(kept, "2026-11-01", "2026-11-30").value()
    bare = lambda rows, *names: [{name: row[name] for name in names} for row in rows]
    loans = {} if running is None else {"loans": {"running": running, "par30": 99, "par90": 2**53 - 1}}
    return {"through": "2026-11", "entries": value["entries"], "custody": value["custody"]["closing"],
            "funds": value["funds"],
            "places": bare(value["places"], "place", "opening", "in", "out", "closing"),
            "goods": bare(value["goods"], "item", "opening", "in", "out", "closing"), **loans,
            "statement": hashlib.sha256(canonical.encode(value)).hexdigest()}, canonical.encode(value)


def closings(first):
    """(what, entries, bytes of the statement, code of the refusal of the closing or None)."""
    for what, told, running in RUNNING:
        told = [*SETTING, *told]
        entries = [first] + [scenario.entry(seq, *one) for seq, one in enumerate(told, 1)]
        for claimed in (None, running - 1, running, running + 1):
            if claimed is not None and claimed < 0:
                continue
            members, statement = _closing(entries, claimed)
            right = claimed == (running if running >= 5 else None)
            yield (f"{what}, {'none' if claimed is None else claimed} told",
                   [*entries, scenario.entry(len(entries), "period_closed", "2026-12-02", members)],
                   statement if right else None, None if right else "figure")


def ledgers(first):
    """(what, entries, wanted status, seq and code)."""
    told = [*SETTING, *BEFORE]
    entries = [first] + [scenario.entry(seq, *one) for seq, one in enumerate(told, 1)]
    for what, one, signers, code in SIGNED:
        kind, _, members = one
        yield what, [*entries, scenario.entry(SEQ, kind, "2026-11-06", members, signers)], (
            (1, SEQ, code) if code else (0, None, None))
    for what, (kind, _, members) in FORMS:
        yield what, [*entries, scenario.entry(SEQ, kind, "2026-11-06", members)], (1, SEQ, None)
