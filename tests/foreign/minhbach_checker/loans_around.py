"""Short ledgers with loans of openings, repaid out of custody, over several funds, at closings and with large sums, each
behind the setting of `loans_cases.py`: the last entry is taken, or refused with a code."""

import scenario
from loans_cases import (A, B, C, D, E, F, G, H, I, LARGEST, LOAN, OVERPAID, WHOLE, aid, approved, assigned, cancelled, cash,
                         counted, disbursed, fund_closed, gift, held, line, moved, opening, owed, recovered, repaid,
                         returned, reversal, waived, written_off)

K = I + 2
END = ("chapter_closed", "2026-11-20", {})
OPENED = [opening(loans=[owed(fee=10)])]


def _asked(of, amount, number):
    """All free money goes to a bound fund, where a gift is asked for so much."""
    return [moved(number, target="lu", date="2026-11-20"), ("fund_transfer", "2026-11-20", {
        "from_fund": "lu", "to_fund": "chung", "place": "cash", "amount": amount, "gifts": [of], "reason": "consent",
        "_sd": scenario.digests("consent")})]


# A gift of 100 is lent whole and half of it repaid and spent; another one of 70 comes, and the repayment is reversed.
SUPPLIED = [*WHOLE, repaid(C, 50), aid(50), gift(70, "2026-11-08"), reversal(D)]
# The same, then the loan is written off, and 60 are recovered: those of the first gift before those of the other.
LOST = [*SUPPLIED, written_off(C, "2026-11-09"), recovered(C, 60, "2026-11-10")]
# A loan of the second gift, a part of which an older gift supplies later: that comes back first.
OLDER = [gift(100), aid(100, "2026-11-02"), gift(100, "2026-11-03"), approved(), disbursed(D),
         ("handover_returned", "2026-11-05", {"of": B, "amount": 50, "lines": 0}), returned(C, 40),
         repaid(E, 40, date="2026-11-08")]
# A repayment is reversed behind aid: the use of the loan is the newest again, so another gift supplies it.
NEWEST = [gift(100), approved(60), disbursed(B), repaid(C, 60), aid(40), gift(100, "2026-11-07"), reversal(D),
          returned(A, 30, "2026-11-09"), repaid(C, 60, date="2026-11-10")]
# Two loans of an opening; another gift (D) supplies the first one, whose repayment was spent.
TWO_LINES = [opening(loans=[owed(), owed(50, word="b")]), repaid(line(A), 100), aid(100), gift(100, "2026-11-08"),
             reversal(B)]

CASES = [
    # ---- who supplies ----
    ("what the other gift has left", [*SUPPLIED, *_asked(F, 20, 20)], None),
    ("more than the other gift has left", [*SUPPLIED, *_asked(F, 21, 20)], "consent-short"),
    ("the first gift comes back before the other", [*SUPPLIED, repaid(C, 50, date="2026-11-09"), *_asked(A, 50, 70)],
     None),
    ("no more of the first gift than came back", [*SUPPLIED, repaid(C, 50, date="2026-11-09"), *_asked(A, 51, 70)],
     "consent-short"),
    ("the other gift comes back behind the first", [*SUPPLIED, repaid(C, 60, date="2026-11-09"), *_asked(F, 30, 80)],
     None),
    ("no more of the other gift than came back", [*SUPPLIED, repaid(C, 60, date="2026-11-09"), *_asked(F, 31, 80)],
     "consent-short"),
    ("the first gift is recovered before the other", [*LOST, *_asked(A, 50, 80)], None),
    ("no more of the first gift than was recovered", [*LOST, *_asked(A, 51, 80)], "consent-short"),
    ("the other gift is recovered behind the first", [*LOST, *_asked(F, 30, 80)], None),
    ("no more of the other gift than was recovered", [*LOST, *_asked(F, 31, 80)], "consent-short"),
    ("reversing the recovery of what others supplied", [*LOST, reversal(I, "2026-11-11"), *_asked(F, 20, 20)], None),
    ("more than that leaves of the other gift", [*LOST, reversal(I, "2026-11-11"), *_asked(F, 21, 20)], "consent-short"),
    ("reversing recovery and write-off, then all comes back", [
        *LOST, reversal(I, "2026-11-11"), reversal(H, "2026-11-11"), repaid(C, 100, date="2026-11-11"),
        *_asked(F, 70, 120)], None),
    ("a recovery that was spent is supplied by others", [
        *LOST, aid(80, "2026-11-10"), gift(90, "2026-11-11"), reversal(I, "2026-11-11"), *_asked(K, 30, 30)], None),
    ("more than others then have left", [
        *LOST, aid(80, "2026-11-10"), gift(90, "2026-11-11"), reversal(I, "2026-11-11"), *_asked(K, 31, 30)],
     "consent-short"),
    ("a returned gift is lent by others", [
        *WHOLE, gift(60, "2026-11-05"), returned(A, 50), repaid(C, 60, date="2026-11-08"), *_asked(D, 20, 70)], None),
    ("a gift that others lend is not theirs yet", [
        *WHOLE, gift(60, "2026-11-05"), returned(A, 50), repaid(C, 60, date="2026-11-08"), *_asked(D, 21, 70)],
     "consent-short"),
    ("a reversed gift is lent by others", [
        *WHOLE, gift(130, "2026-11-05"), reversal(A), repaid(C, 60, date="2026-11-08"), *_asked(D, 90, 90)], None),
    ("a lost gift is returned while others supply, and recovered as theirs", [
        *WHOLE, written_off(C), gift(100, "2026-11-07"), returned(A, 100), recovered(C, 60, "2026-11-08"),
        *_asked(E, 60, 60)], None),
    ("a lost gift is returned, and no more is recovered", [
        *WHOLE, written_off(C), gift(100, "2026-11-07"), returned(A, 100), recovered(C, 60, "2026-11-08"),
        *_asked(E, 61, 60)], "consent-short"),
    ("a lost gift that was recovered is returned", [
        *WHOLE, written_off(C), recovered(C, 60), returned(A, 60), reversal(F), *_asked(A, 60, 60)], None),
    ("a recovery is reversed whose gift was returned", [
        *WHOLE, written_off(C), recovered(C, 60), returned(A, 60), reversal(E)], "place-too-low"),
    ("a recovery is reversed whose gift others replace", [
        *WHOLE, written_off(C), recovered(C, 60), returned(A, 60), gift(100, "2026-11-08"), reversal(E),
        *_asked(G, 40, 40)], None),
    ("a supplied line of an opening is lost, found and repaid", [
        *TWO_LINES, written_off(line(A), "2026-11-09"), reversal(F, "2026-11-09"), repaid(line(A), 100,
        date="2026-11-09"), *_asked(D, 100, 100)], None),
    ("the other line of an opening is repaid", [
        *TWO_LINES, written_off(line(A), "2026-11-09"), reversal(F, "2026-11-09"), repaid(line(A, 1), 50,
        date="2026-11-09"), *_asked(D, 1, 50)], "consent-short"),
    ("a supplied line of an opening is recovered", [
        *TWO_LINES, written_off(line(A), "2026-11-09"), recovered(line(A), 70, "2026-11-09"), *_asked(D, 70, 70)], None),
    ("a recovery of a supplied line is reversed, then all is reversed", [
        *TWO_LINES, written_off(line(A), "2026-11-09"), recovered(line(A), 70, "2026-11-09"), reversal(G, "2026-11-10"),
        reversal(F, "2026-11-10"), gift(100, "2026-11-10"), reversal(A, "2026-11-10")], None),
    ("what is left of the gift that supplied a reversed opening", [
        *TWO_LINES, gift(50, "2026-11-09"), reversal(A, "2026-11-09"), *_asked(D, 1, 50)], "consent-short"),
    ("what is left of the gift beside it", [
        *TWO_LINES, gift(50, "2026-11-09"), reversal(A, "2026-11-09"), *_asked(F, 50, 50)], None),
    ("the older gift comes back though it was lent later", [*OLDER, *_asked(A, 50, 50)], None),
    ("nothing of the younger gift comes back", [*OLDER, *_asked(C, 1, 50)], "consent-short"),
    ("what of a gift comes back that another one supplies", [*NEWEST, *_asked(A, 30, 130)], None),
    ("more than that comes back", [*NEWEST, *_asked(A, 31, 130)], "consent-short"),
    ("a fee that was spent is supplied by others", [
        gift(100), approved(fee=10), disbursed(B), repaid(C, 30, 10), aid(40), gift(70, "2026-11-08"), reversal(D),
        *_asked(F, 30, 30)], None),
    # ---- money held for others that repays ----
    ("custody repays", [*OVERPAID, assigned(B, D, 50, 10)], None),
    ("custody repays in parts", [*OVERPAID, assigned(B, D, 50), assigned(B, D, 0, 10)], None),
    ("custody repays more than is held", [*OVERPAID, assigned(B, D, 51, 10)], "more-than-left"),
    ("custody repays more than is owed", [*OVERPAID, assigned(B, D, 101)], "more-than-owed"),
    ("custody repays parts that are not the amount", [*OVERPAID, assigned(B, D, 10, amount=11)], "parts"),
    ("custody repays parts that add up too far", [*OVERPAID, assigned(B, D, LARGEST, LARGEST, amount=1)], "too-large"),
    ("custody repays what is no loan", [*OVERPAID, assigned(B, C, 10)], "reference"),
    ("custody repays what is to come", [*OVERPAID, assigned(B, E, 10)], "reference"),
    ("custody repays a loan of another ledger", [*OVERPAID, assigned(B, "old:1", 10)], "reference"),
    ("custody repays a reversed loan", [*OVERPAID, reversal(D), assigned(B, D, 10, date="2026-11-09")], "reference"),
    ("custody repays before it was paid out", [*OVERPAID, assigned(B, D, 10, date="2026-11-03")], "date-before-of"),
    ("custody repays before it was held", [gift(), approved(), disbursed(B), held(60, "2026-11-09"),
                                           assigned(D, C, 10)], "date-before-of"),
    ("custody repays a loan that was written off", [*OVERPAID, written_off(D), assigned(B, D, 10)], "loan-written-off"),
    ("custody repays a loan of which nothing is owed", [*OVERPAID, repaid(D, 100, 10), assigned(B, D, 10)],
     "loan-closed"),
    ("custody repays with what is a gift", [*OVERPAID, assigned(A, D, 10)], "reference"),
    ("custody repays with what is to come", [*OVERPAID, assigned(E, D, 10)], "reference"),
    ("custody repays with money of another ledger", [*OVERPAID, assigned("old:1", D, 10)], "reference"),
    ("custody repays at another place", [*OVERPAID, assigned(B, D, 10, place="bank")], None),
    ("custody repays at an unknown place", [*OVERPAID, assigned(B, D, 10, place="xa")], "unknown"),
    ("custody repays before a count", [*OVERPAID, counted(960, "2026-11-07"), assigned(B, D, 10)], "date-before-count"),
    ("no loan before no custody", [*OVERPAID, assigned(A, C, 10)], "reference"),
    ("parts before no custody", [*OVERPAID, assigned(A, D, 10, amount=11)], "parts"),
    ("custody repays on an earlier day", [
        *OVERPAID, repaid(D, 60), reversal(E, "2026-11-10"), assigned(B, D, 50)], "more-than-owed"),
    ("custody of an opening repays", [
        opening(money=[cash(100)], custody=[{"class": "mistaken", "amount": 9, "place": "cash"},
                                            {"class": "overpaid", "amount": 60, "place": "cash"}]),
        approved(), disbursed(B), assigned(line(A, 1), C, 60)], None),
    ("more custody of an opening repays", [
        opening(money=[cash(100)], custody=[{"class": "mistaken", "amount": 9, "place": "cash"}]),
        approved(), disbursed(B), assigned(line(A), C, 10)], "more-than-left"),
    ("goods held repay", [
        gift(), ("custody_received", "2026-11-02", {"class": "overpaid", "donor": scenario.donor("h"), "goods": [
            {"description": "xe", "quantity": "1", "unit": "c"}]}), approved(), disbursed(C), assigned(B, D, 10)],
     "reference"),
    ("goods held repay at a place", [
        gift(), ("custody_received", "2026-11-02", {"class": "overpaid", "donor": scenario.donor("h"), "goods": [
            {"description": "xe", "quantity": "1", "unit": "c"}]}), approved(), disbursed(C),
        assigned(B, D, 10, place="cash")], "more-than-left"),
    ("reversing what custody repaid", [*OVERPAID, assigned(B, D, 50, 10), reversal(E), assigned(B, D, 50, 10,
                                                                                               "2026-11-08")], None),
    ("reversing what custody repaid behind a repayment", [*OVERPAID, assigned(B, D, 50), repaid(D, 1, date="2026-11-06"),
                                                          reversal(E)], "later-of-loan"),
    ("reversing a repayment behind what custody repaid", [*OVERPAID, repaid(D, 1), assigned(B, D, 50), reversal(E)],
     "later-of-loan"),
    ("reversing custody that repaid", [*OVERPAID, assigned(B, D, 50), reversal(B)], "named-by-standing"),
    ("reversing what custody repaid and was spent", [
        gift(100), held(60), approved(), disbursed(C), assigned(B, D, 60), aid(60), reversal(E)], "fund-too-low"),
    ("reversing what custody repaid and others supply", [
        gift(100), held(60), approved(), disbursed(C), assigned(B, D, 60), aid(60), gift(60, "2026-11-08"), reversal(E),
        ("custody_returned", "2026-11-08", {"of": B, "amount": 60}), repaid(D, 100, date="2026-11-08")], None),
    ("reversing what custody repaid, held again before it", [
        *OVERPAID, assigned(B, D, 50, 10), reversal(E), ("custody_returned", "2026-11-07", {"of": B, "amount": 60})],
     "fund-too-low"),
    ("what custody repaid is no gift", [*OVERPAID, assigned(B, D, 50, 10), aid(1, gifts=[E])], "not-a-gift"),
    ("what custody repaid is returned", [*OVERPAID, assigned(B, D, 0, 10), returned(E, 1)], "reference"),
    ("custody repaid for a closed fund", [
        *OVERPAID, aid(900), written_off(D), waived(D, 10, "2026-11-07"), fund_closed(), assigned(B, D, 1,
                                                                                               date="2026-11-09")],
     "loan-written-off"),
    # ---- openings ----
    ("loans of an opening", OPENED, None),
    ("a loan of an opening of a fund that does not lend", [opening(loans=[owed(fund="chung")])], "not-revolving"),
    ("a loan of an opening of an unknown fund", [opening(loans=[owed(fund="xa")])], "unknown"),
    ("a loan of an opening of a closed fund", [fund_closed("2026-11-02"), opening(loans=[owed()])], "closed"),
    ("a loan of an opening of which more was paid", [opening(loans=[owed(100, 101, 1)])], "opening-loan"),
    ("a loan of an opening of which all was paid", [opening(loans=[owed(100, 100, 10, 10)])], "opening-loan"),
    ("a loan of an opening without a fee of which all was paid", [opening(loans=[owed(100, 100)])], "opening-loan"),
    ("a loan of an opening of which the fee is owed", [opening(loans=[owed(100, 100, 10, 9)])], None),
    ("a loan of an opening of which more fees were paid", [opening(loans=[owed(100, 0, 10, 11)])], "opening-loan"),
    ("a loan of an opening paid out on its day", [opening(loans=[owed(disbursed="2026-10-31")])], None),
    ("a loan of an opening paid out later", [opening(loans=[owed(disbursed="2026-11-01")])], "day-order"),
    ("more paid before paid out later", [opening(loans=[owed(100, 101, disbursed="2026-11-01")])], "opening-loan"),
    ("no lending before more paid", [opening(loans=[owed(100, 101, fund="chung")])], "not-revolving"),
    ("goods before loans in an opening", [opening(
        goods=[{"item": "xa", "quantity": "1", "value": 1, "fund": "chung", "store": "kho"}],
        loans=[owed(fund="chung")])], "unknown"),
    ("loans before custody in an opening", [opening(
        loans=[owed(fund="chung")], custody=[{"class": "mistaken", "amount": 1, "place": "xa"}])], "not-revolving"),
    ("one loan before another in an opening", [opening(loans=[owed(disbursed="2026-11-01"), owed(fund="xa", word="b")])],
     "day-order"),
    ("an opening loan is repaid", [*OPENED, repaid(line(A), 100, 10)], None),
    ("an opening loan is repaid too much", [opening(loans=[owed(100, 30)]), repaid(line(A), 71)], "more-than-owed"),
    ("an opening loan without its line", [*OPENED, repaid(A, 1)], "reference"),
    ("an opening loan of a line that is none", [*OPENED, repaid(line(A, 1), 1)], "reference"),
    ("an opening without loans is repaid", [opening(money=[cash(1)]), repaid(line(A), 1)], "reference"),
    ("a fee of an opening loan is repaid", [opening(loans=[owed(100, 100, 10, 9)]), repaid(line(A), 0, 1)], None),
    ("principal of a loan of which a fee is owed", [opening(loans=[owed(100, 100, 10, 9)]), repaid(line(A), 1)],
     "more-than-owed"),
    ("an opening loan of which a fee is owed is written off", [opening(loans=[owed(100, 100, 10, 9)]),
                                                               written_off(line(A))], "loan-closed"),
    ("an opening loan is written off and recovered", [
        opening(loans=[owed(), owed(50, word="b")]), written_off(line(A, 1)), recovered(line(A, 1), 50),
        repaid(line(A), 100, date="2026-11-08")], None),
    ("an opening loan that is written off is repaid", [
        opening(loans=[owed(), owed(50, word="b")]), written_off(line(A, 1)), repaid(line(A, 1), 1, date="2026-11-07")],
     "loan-written-off"),
    ("the other opening loan is recovered", [
        opening(loans=[owed(), owed(50, word="b")]), written_off(line(A, 1)), recovered(line(A), 1)], "not-written-off"),
    ("custody repays an opening loan", [*OPENED, held(60), assigned(B, line(A), 50, 10)], None),
    ("an opening loan is no gift", [opening(money=[cash(50)], loans=[owed()]), aid(1, gifts=[line(A, 1)])],
     "not-a-gift"),
    ("what came back of an opening loan is no gift", [
        opening(money=[cash(50)], loans=[owed()]), repaid(line(A), 60), aid(1, gifts=[line(A, 1)])], "not-a-gift"),
    ("a line of money beside a loan is a gift", [opening(money=[cash(50)], loans=[owed()]), aid(50, gifts=[line(A)])],
     None),
    ("an opening behind an approval", [gift(), approved(), opening(loans=[owed()])], "opening-too-late"),
    ("an opening behind a loan that is owed", [*OPENED, opening(loans=[owed(50)])], None),
    ("an opening of a loan behind its reversal", [*OPENED, gift(), reversal(A), opening(loans=[owed(50)])], None),
    ("an opening of a fee alone posts nothing", [opening(loans=[owed(100, 100, 10)]), opening(money=[cash(1)])], None),
    ("reversing an opening with loans", [*OPENED, reversal(A)], None),
    ("reversing an opening of a fee alone", [opening(loans=[owed(100, 100, 10)]), reversal(A), fund_closed()], None),
    ("reversing an opening whose loan was repaid", [*OPENED, repaid(line(A), 1), reversal(A)], "named-by-standing"),
    ("reversing an opening whose loan custody repaid", [*OPENED, held(60), assigned(B, line(A), 50), reversal(A)],
     "named-by-standing"),
    ("reversing an opening whose fee was waived", [*OPENED, waived(line(A), 1), reversal(A)], "named-by-standing"),
    ("reversing an opening after its loan's repayment", [*OPENED, repaid(line(A), 60), reversal(B), reversal(A)], None),
    ("reversing an opening before its loan's repayment was", [
        *OPENED, repaid(line(A), 60), reversal(B, "2026-11-10"), reversal(A, "2026-11-06")], "more-than-owed"),
    ("reversing an opening after its loan's write-off", [*OPENED, written_off(line(A)), reversal(B), reversal(A)], None),
    ("reversing an opening whose loan others supply", [
        *OPENED, gift(60, "2026-11-04"), repaid(line(A), 60), aid(60, gifts=[B]), aid(60, "2026-11-07"),
        gift(200, "2026-11-07"), reversal(C), reversal(A), aid(80, "2026-11-08", gifts=[F]),
        moved(60, date="2026-11-08")], None),
    ("more than is left where an opening was reversed", [
        *OPENED, gift(60, "2026-11-04"), repaid(line(A), 60), aid(60, gifts=[B]), aid(60, "2026-11-07"),
        gift(200, "2026-11-07"), reversal(C), reversal(A), aid(80, "2026-11-08", gifts=[F]),
        moved(61, date="2026-11-08")], "fund-too-low"),
    ("reversing an opening whose money was lent too", [
        opening(money=[cash(100)], loans=[owed(50)]), approved(), disbursed(B), gift(100, "2026-11-04"), reversal(A)],
     None),
    ("reversing an opening with a loan that went elsewhere", [
        *OPENED, repaid(line(A), 100), moved(100), gift(100, "2026-11-08"), reversal(B), reversal(A)],
     "parts-elsewhere"),
    ("reversing an opening of several loans, one of them supplied by others", [
        opening(money=[cash(40)], loans=[owed(), owed(50, word="b"), owed(70, word="c", fund="von")]),
        repaid(line(A, 1), 50), aid(90), gift(90, "2026-11-08"), reversal(B), repaid(line(A), 100, date="2026-11-09"),
        reversal(F, "2026-11-09"), reversal(A, "2026-11-09")], None),
    ("reversing an opening a month later", [*OPENED, reversal(A, "2026-12-01")], None),
    ("reversing an opening with money for a loan", [
        opening(money=[cash(100)], loans=[owed(50)]), repaid(line(A), 50), aid(150), gift(50, "2026-11-08"),
        reversal(B), reversal(A)], "place-too-low"),
    ("a gift that supplied an opening loan is returned", [
        *OPENED, repaid(line(A), 100), aid(100), gift(100, "2026-11-08"), reversal(B), returned(D, 1, "2026-11-08")],
     "place-too-low"),
    ("a gift that supplied one opening loan does not come back by another", [
        opening(loans=[owed(), owed(50, word="b")]), repaid(line(A), 100), aid(100), gift(100, "2026-11-08"),
        reversal(B), repaid(line(A, 1), 50, date="2026-11-09"), returned(D, 1, "2026-11-09"),
        moved(49, date="2026-11-09")], None),
    ("a gift that supplied an opening loan comes back by it", [
        opening(loans=[owed(), owed(50, word="b")]), repaid(line(A), 100), aid(100), gift(100, "2026-11-08"),
        reversal(B), repaid(line(A), 100, date="2026-11-09"), returned(D, 100, "2026-11-09")], None),
    # ---- several funds ----
    ("loans over two funds", [gift(100), gift(100, fund="von"), approved(100), approved(100, fund="von"),
                              disbursed(C), disbursed(D), repaid(E, 100), repaid(F, 100)], None),
    ("one fund does not reserve another's money", [gift(100), gift(50, fund="von"), approved(100),
                                                   approved(51, fund="von")], "fund-too-low"),
    ("a repayment lies in the fund of its loan", [gift(100), gift(100, fund="von"), approved(100), disbursed(C),
                                                  aid(100, fund="von", programme="tet"), repaid(D, 60),
                                                  aid(1, fund="von", programme="tet")], "fund-too-low"),
    ("a repayment after another fund is closed", [gift(100), approved(), disbursed(B), fund_closed("2026-11-04", "von"),
                                                  repaid(C, 100)], None),
    ("a gift moved to another lending fund while lent", [
        *WHOLE, repaid(C, 60), moved(60, target="von"), approved(60, fund="von", date="2026-11-08"),
        disbursed(F, "2026-11-08"), reversal(A)], "parts-elsewhere"),
    ("a gift lent in two funds", [
        *WHOLE, repaid(C, 60), moved(60, target="von"), approved(60, fund="von", date="2026-11-08"),
        disbursed(F, "2026-11-08"), gift(100, "2026-11-08"), returned(A, 41, "2026-11-08")], "parts-elsewhere"),
    ("a gift lent in two funds, as much as is in its own", [
        *WHOLE, repaid(C, 60), moved(60, target="von"), approved(60, fund="von", date="2026-11-08"),
        disbursed(F, "2026-11-08"), gift(100, "2026-11-08"), returned(A, 40, "2026-11-08")], None),
    ("reversing a move of what was lent", [
        *WHOLE, repaid(C, 60), moved(60, target="von"), approved(60, fund="von", date="2026-11-08"),
        disbursed(F, "2026-11-08"), gift(60, "2026-11-08", fund="von"), reversal(E)], None),
    ("reversing a move of what was lent and came back", [
        *WHOLE, repaid(C, 60), moved(60, target="von"), approved(60, fund="von", date="2026-11-08"),
        disbursed(F, "2026-11-08"), repaid(G, 60, date="2026-11-08"), reversal(E)], "parts-elsewhere"),
    # ---- closing ----
    ("a fund that lends", [*WHOLE, fund_closed()], "loans-left"),
    ("a fund to which a fee is owed", [gift(100), approved(fee=10), disbursed(B), repaid(C, 100), aid(100),
                                       fund_closed()], "loans-left"),
    ("a fund with money and loans", [*LOAN, fund_closed()], "not-empty"),
    ("a fund with goods and loans", [*WHOLE, ("goods_received", "2026-11-05", {
        "fund": "xoay", "store": "kho", "donor": scenario.donor("g"), "lots": [
            {"item": "gao", "quantity": "1", "value": 1}]}), fund_closed()], "goods-left"),
    ("a fund after a write-off", [*WHOLE, written_off(C), fund_closed()], None),
    ("a fund after a write-off with a fee", [gift(100), approved(fee=1), disbursed(B), written_off(C), fund_closed()],
     "loans-left"),
    ("a fund after a write-off and a waiver", [gift(100), approved(fee=1), disbursed(B), written_off(C),
                                               waived(C, 1, "2026-11-07"), fund_closed()], None),
    ("another fund than the one that lends", [*WHOLE, fund_closed(fund="von")], None),
    ("a fund of an opening loan", [*OPENED, fund_closed()], "loans-left"),
    ("a fund of an opening loan that was reversed", [*OPENED, reversal(A), fund_closed()], None),
    ("a fund whose approval was cancelled", [gift(100), approved(), cancelled(B), aid(100), fund_closed()], None),
    ("the chapter that lends", [*WHOLE, END], "loans-left"),
    ("the chapter with a fee", [gift(100), approved(fee=10), disbursed(B), repaid(C, 100), aid(100), END], "loans-left"),
    ("the chapter with money and loans", [*LOAN, END], "not-empty"),
    ("the chapter that lends and holds goods for others", [
        *WHOLE, ("custody_received", "2026-11-05", {"class": "mistaken", "donor": scenario.donor("h"), "goods": [
            {"description": "xe", "quantity": "1", "unit": "c"}]}), END], "loans-left"),
    ("the chapter with goods and loans", [*WHOLE, ("goods_received", "2026-11-05", {
        "fund": "chung", "store": "kho", "donor": scenario.donor("g"), "lots": [
            {"item": "gao", "quantity": "1", "value": 1}]}), END], "goods-left"),
    ("the chapter after a write-off", [*WHOLE, written_off(C), END], None),
    ("a recovery after the chapter", [*WHOLE, written_off(C), END, recovered(C, 1, "2026-11-20")], "chapter-closed"),
    ("an approval after the chapter", [END, approved(date="2026-11-20")], "chapter-closed"),
    # ---- sums ----
    ("the largest loan", [gift(LARGEST), approved(LARGEST, LARGEST), disbursed(B), repaid(C, LARGEST)], None),
    ("a gift beside the largest loan", [gift(LARGEST), approved(LARGEST), disbursed(B), gift(1, "2026-11-05")],
     "too-large"),
    ("a fee of the largest loan", [gift(LARGEST), approved(LARGEST, 1), disbursed(B), repaid(C, 0, 1)], "too-large"),
    ("goods beside the largest loan", [gift(LARGEST), approved(LARGEST), disbursed(B), ("goods_received", "2026-11-05", {
        "fund": "chung", "store": "kho", "donor": scenario.donor("g"), "lots": [
            {"item": "gao", "quantity": "1", "value": 1}]})], "too-large"),
    ("custody beside the largest loan", [gift(LARGEST), approved(LARGEST), disbursed(B), held(1, "2026-11-05")],
     "too-large"),
    ("a gift after the largest loss", [gift(LARGEST), approved(LARGEST), disbursed(B), written_off(C),
                                       gift(LARGEST, "2026-11-07")], None),
    ("a recovery beside the largest gift", [gift(LARGEST), approved(LARGEST), disbursed(B), written_off(C),
                                            gift(LARGEST, "2026-11-07"), recovered(C, 1)], "too-large"),
    ("reversing the largest loss beside a gift", [gift(LARGEST), approved(LARGEST), disbursed(B), written_off(C),
                                                  gift(1, "2026-11-07"), reversal(D)], "too-large"),
    ("opening loans that are too large", [opening(loans=[owed(LARGEST), owed(1, word="b")])], "too-large"),
    ("an opening loan and money that are too large", [opening(money=[cash(1)], loans=[owed(LARGEST)])], "too-large"),
    ("fees that are too large together", [opening(loans=[owed(1, fee=LARGEST), owed(1, fee=LARGEST, word="b")])], None),
    ("principal and fee too large together", [opening(loans=[owed(LARGEST, 0, LARGEST)]), repaid(line(A), LARGEST, 1,
                                                                                               amount=LARGEST)],
     "too-large"),
    # ---- other kinds around a loan ----
    ("a gift that was lent pays for goods when it comes back", [
        *WHOLE, repaid(C, 100), ("goods_purchased", "2026-11-06", {
            "place": "cash", "fund": "xoay", "store": "kho", "gifts": [A],
            "payee": {"type": "organisation", "name": "c"}, "lots": [{"item": "gao", "quantity": "1", "value": 100}]}),
        gift(100, "2026-11-07"), reversal(D), repaid(C, 100, date="2026-11-09")], None),
    ("a count pays out of what came back", [*WHOLE, repaid(C, 100), ("cash_counted", "2026-11-06", {
        "place": "cash", "counted": 90, "difference": -10, "fund": "xoay"}), aid(91)], "place-too-low"),
    ("a count out of what is reserved", [gift(100), approved(), ("cash_counted", "2026-11-06", {
        "place": "cash", "counted": 90, "difference": -10, "fund": "xoay"})], "fund-too-low"),
    ("sent to another chapter out of what is reserved", [gift(100), approved(), ("sent_to_chapter", "2026-11-06", {
        "amount": 1, "place": "cash", "fund": "xoay", "to_log": "so.example/khac"})], "fund-too-low"),
    ("reversing aid before a loan", [gift(100), aid(50, "2026-11-02"), approved(50), disbursed(C), reversal(B),
                                     approved(50, date="2026-11-08"), disbursed(F, "2026-11-08")], None),
    ("a handover that came back is lent, then taken back", [
        gift(100), aid(100, "2026-11-02"), ("handover_returned", "2026-11-03", {"of": B, "amount": 40, "lines": 0}),
        approved(40), disbursed(D), reversal(C)], "place-too-low"),
    ("a handover that came back is reserved, then taken back", [
        gift(100), aid(100, "2026-11-02"), ("handover_returned", "2026-11-03", {"of": B, "amount": 40, "lines": 0}),
        approved(40), reversal(C)], "fund-too-low"),
    ("a handover that came back is lent and others supply", [
        gift(100), aid(100, "2026-11-02"), ("handover_returned", "2026-11-03", {"of": B, "amount": 40, "lines": 0}),
        approved(40), disbursed(D), gift(40, "2026-11-08"), reversal(C), repaid(E, 40, date="2026-11-08")], None),
    ("an approval of what only a day to come holds", [gift(100, "2026-11-20"), approved(date="2026-11-03"),
                                                      aid(1, "2026-11-20")], "fund-too-low"),
]
