"""Chapters whose loans and reserved money go on in another ledger: FORMAT.md sections 9.9 and 9.10."""

from continued_story import origin_of, told
from loans_cases import (FIRST, SETTING, aid, approved, assigned, cancelled, cash, disbursed, gift, line, opening, owed,
                         recovered, repaid, returned, reversal, waived, written_off)

# Entry 0 and the setting, then what is named here by its place. 710 of the lending fund are free, 500 reserved.
OPENED, GIVEN, FIRST_OF, SECOND_OF, THIRD_OF, LENT, BACK, FOURTH_OF, GONE = range(FIRST, FIRST + 9)
OLD = [
    *SETTING,
    opening(money=[cash(1_000)], loans=[owed(fee=10)], custody=[{"class": "overpaid", "amount": 60, "place": "cash"}]),
    gift(500), approved(400, 40), approved(200), approved(300), disbursed(FIRST_OF),
    repaid(LENT, 100, 10, "2026-11-04"),
    approved(50, date="2026-11-04"), cancelled(FOURTH_OF)]
SIZE = len(OLD) + 1
DOCUMENTS = "BT1 PT1 KU1 KU2 KU3 PC1 PT2 KU4 KU5 PC2 PT3".split()
DAY, NEXT = "2026-11-06", "2026-11-07"


def old(place):
    """A ref of an older ledger."""
    return f"old:{place}"


LOAN, LINE = old(LENT), line(old(OPENED))
# (what, entries of ORIGIN/2, code of the refusal of the last one or None)
BEHIND = [
    ("an old approval is paid out", [disbursed(old(SECOND_OF), DAY)], None),
    ("an old approval by its number", [disbursed(SECOND_OF, DAY)], "reference"),
    ("an approval that is not below `before`", [disbursed(old(SIZE), DAY)], "reference"),
    ("an old approval that was cancelled", [disbursed(old(FOURTH_OF), DAY)], "loan-cancelled"),
    ("an old approval that was paid out", [cancelled(old(FIRST_OF), DAY)], "loan-disbursed"),
    ("an old approval is cancelled", [cancelled(old(SECOND_OF), DAY), aid(910, DAY)], None),
    ("aid out of what an older ledger reserved", [aid(711, DAY)], "fund-too-low"),
    ("aid out of what it left free", [aid(710, DAY)], None),
    ("an approval of more than it left free", [approved(711, date=DAY)], "fund-too-low"),
    ("an old loan is repaid", [repaid(LOAN, 300, 30, DAY)], None),
    ("more of an old loan is repaid", [repaid(LOAN, 301, date=DAY)], "more-than-owed"),
    ("an old loan by its number", [repaid(LENT, 1, date=DAY)], "reference"),
    ("an old opening loan is repaid", [repaid(LINE, 100, 10, DAY)], None),
    ("an old opening loan by its number", [repaid(line(OPENED), 1, date=DAY)], "reference"),
    ("an old opening loan of a line that is none", [repaid(line(old(OPENED), 1), 1, date=DAY)], "reference"),
    ("an old repayment is reversed", [reversal(old(BACK), DAY), repaid(LOAN, 400, 40, DAY)], None),
    ("an old repayment is reversed behind a new one", [repaid(LOAN, 1, date=DAY), reversal(old(BACK), DAY)],
     "later-of-loan"),
    ("a new repayment is reversed, then the old one", [repaid(LOAN, 1, date=DAY), reversal(1, DAY),
                                                       reversal(old(BACK), DAY)], None),
    ("an old loan is reversed", [reversal(LOAN, DAY)], "named-by-standing"),
    ("an old cancellation is reversed", [reversal(old(GONE), DAY), aid(661, DAY)], "fund-too-low"),
    ("an old cancellation is reversed without free money", [aid(661, DAY), reversal(old(GONE), DAY)], "fund-too-low"),
    ("an old opening is reversed", [reversal(old(OPENED), DAY)], "fund-too-low"),
    ("an old opening is reversed when its loan was repaid", [repaid(LINE, 1, date=DAY), reversal(old(OPENED), DAY)],
     "named-by-standing"),
    ("an old opening is reversed when others supply", [gift(800, DAY), reversal(old(OPENED), DAY)], None),
    ("old custody repays an old loan", [assigned(LINE, LOAN, 60, date=DAY)], None),
    ("old custody repays an old opening loan", [assigned(LINE, LINE, 50, 10, DAY)], None),
    ("old custody repays an old loan by its number", [assigned(LINE, LENT, 1, date=DAY)], "reference"),
    ("old custody repays a loan that is not below `before`", [assigned(LINE, old(SIZE), 1, date=DAY)], "reference"),
    ("old custody repays a new loan", [approved(100, date=DAY), disbursed(1, DAY), assigned(LINE, 2, 60, date=DAY)],
     None),
    ("an old loan is written off, recovered and all of it reversed", [
        written_off(LOAN, DAY), recovered(LOAN, 300, NEXT), reversal(2, NEXT), reversal(1, NEXT),
        reversal(old(BACK), NEXT), reversal(LOAN, NEXT), disbursed(old(FIRST_OF), NEXT)], None),
    ("an old loan is written off before its repayment", [
        (*written_off(LOAN, "2026-11-03"), None, "2026-11-06T05:00:00Z")],
     "date-before-of"),
    ("an old fee is waived", [waived(LOAN, 31, DAY)], "more-than-owed"),
    ("an old repayment is no gift", [aid(1, DAY, gifts=[old(BACK)])], "not-a-gift"),
    ("an old opening loan is no gift", [aid(1, DAY, gifts=[line(old(OPENED), 1)])], "not-a-gift"),
    ("an old gift is returned while it is lent", [returned(old(GIVEN), 500, DAY)], None),
    ("the fund of old loans is closed", [("fund_closed", DAY, {"fund": "xoay"})], "not-empty"),
    ("new approvals go on", [approved(date=DAY), disbursed(1, DAY), repaid(2, 100, date=NEXT)], None),
]


def ledgers(first):
    """(what, ledgers, (status, ledger, seq, code))."""
    for what, entries, code in BEHIND:
        yield f"continued: {what}", told(first, OLD, entries), (
            (1, origin_of(2), len(entries), code) if code else (0, None, None, None))
    # Places of the second ledger: entry 0 is SIZE.
    second = [approved(100, date=DAY), disbursed(1, DAY), repaid(2, 60, date=NEXT)]
    for what, one, code in (
            ("a loan of the second ledger is repaid in the third", repaid(old(SIZE + 2), 40, date="2026-12-03"), None),
            ("more of it", repaid(old(SIZE + 2), 41, date="2026-12-03"), "more-than-owed"),
            ("its repayment is reversed in the third", reversal(old(SIZE + 3), "2026-12-03"), None),
            ("a loan of the first is repaid in the third", repaid(LOAN, 300, 30, "2026-12-03"), None),
            ("what the first reserved is paid out in the third", disbursed(old(THIRD_OF), "2026-12-03"), None)):
        yield f"continued: {what}", told(first, OLD, second, [one]), (
            (1, origin_of(3), 1, code) if code else (0, None, None, None))


def numbered(first):
    """A chapter of two ledgers whose documents are told by `DOCUMENTS`."""
    return told(first, OLD, BEHIND[-1][1])
