"""Short ledgers with loans, each behind `SETTING`: the last entry is taken, or refused with a code."""

import scenario
import walk

SETTING = [
    *walk.SETTING,
    ("fund_opened", "2026-11-01", {"fund": {"code": "xoay", "type": "revolving", "name": "Vốn xoay vòng",
                                            "terms": {"text": "Cho vay", "costs": True}}}),
    ("fund_opened", "2026-11-01", {"fund": {"code": "von", "type": "revolving", "name": "Vốn khác",
                                            "terms": {"text": "Cho vay", "costs": False, "until": "2026-12-10",
                                                      "programmes": ["tet"]}}}),
]
FIRST = len(SETTING) + 1
LARGEST = 2**53 - 1
A, B, C, D, E, F, G, H, I, J = range(FIRST, FIRST + 10)


def gift(amount=1_000, date="2026-11-02", **members):
    """A donation."""
    return ("donation", date, {"amount": amount, "place": "cash", "fund": "xoay", "method": "cash",
                               "donor": scenario.donor(f"{amount} {date}"), **members})


def approved(principal=100, fee=0, date="2026-11-03", **members):
    """An approval."""
    return ("loan_approved", date, {"fund": "xoay", "principal": principal, "purpose": "livestock", "fee_total": fee,
                                    "_sd": scenario.digests("family", "schedule"), **members})


def cancelled(of, date="2026-11-04"):
    """An approval is cancelled."""
    return ("loan_cancelled", date, {"of": of, "reason": "other"})


def disbursed(of, date="2026-11-04", place="cash"):
    """A loan is paid out."""
    return ("loan_disbursed", date, {"of": of, "place": place})


def repaid(of, principal, fee=0, date="2026-11-05", **members):
    """A repayment."""
    return ("loan_repaid", date, {"of": of, "amount": principal + fee, "principal": principal, "fee": fee,
                                  "place": "cash", **members})


def waived(of, amount, date="2026-11-05"):
    """A part of a fee is waived."""
    return ("loan_fee_waived", date, {"of": of, "amount": amount, "reason": "poverty"})


def rescheduled(date="2026-11-05"):
    """Instalments are arranged anew."""
    return ("loan_rescheduled", date, {"_sd": scenario.digests("loan", "schedule'")})


def written_off(of, date="2026-11-06"):
    """What is owed of a loan is lost."""
    return ("loan_written_off", date, {"of": of, "reason": "death"})


def recovered(of, amount, date="2026-11-07", place="cash"):
    """A part of what was lost comes back."""
    return ("loan_recovered", date, {"of": of, "amount": amount, "place": place})


def reversal(of, date="2026-11-08"):
    """A voucher is reversed."""
    return ("reversed", date, {"of": of, "reason": "mistyped"})


def opening(**lists):
    """An opening balance."""
    return ("opening_balance", "2026-11-02", {"as_of": "2026-10-31", **lists})


def owed(principal=100, paid=0, fee=0, fees_paid=0, word="loan", **members):
    """A line in `loans` of an opening."""
    return {"fund": "xoay", "principal": principal, "paid": paid, "fee_total": fee, "fees_paid": fees_paid,
            "purpose": "crops", "disbursed": "2026-08-01", "_sd": scenario.digests(word), **members}


def line(seq, number=0):
    """A line of an opening."""
    return {"line": number, "seq": seq}


def cash(amount, fund="xoay", place="cash"):
    """A line in `money` of an opening."""
    return {"place": place, "fund": fund, "amount": amount}


def held(amount, date="2026-11-02", place="cash", class_="overpaid"):
    """Money that is held for others."""
    return ("custody_received", date, {"class": class_, "donor": scenario.donor(f"held {amount}"), "amount": amount,
                                       "place": place})


def assigned(of, loan, principal, fee=0, date="2026-11-06", **members):
    """Money that is held repays a loan."""
    return ("custody_assigned", date, {"of": of, "amount": principal + fee, "as": "repayment", "loan": loan,
                                       "principal": principal, "fee": fee, **members})


def aid(amount, date="2026-11-07", **members):
    """Aid in money."""
    return ("aid_paid", date, {"place": "cash", "fund": "xoay", "programme": "mua-lu", "lines": scenario.lines(amount),
                               **members})


def returned(of, amount, date="2026-11-07"):
    """A gift goes back."""
    return ("donation_returned", date, {"of": of, "amount": amount, "place": "cash", "reason": "not_a_gift"})


def moved(amount, source="xoay", target="chung", date="2026-11-07", **members):
    """Money of one fund is another's."""
    return ("fund_transfer", date, {"from_fund": source, "to_fund": target, "place": "cash", "amount": amount,
                                    "reason": "other", **members})


def fund_closed(date="2026-11-09", fund="xoay"):
    """A fund is closed."""
    return ("fund_closed", date, {"fund": fund})


def counted(amount, date="2026-11-05"):
    """A cash count without difference."""
    return ("cash_counted", date, {"place": "cash", "counted": amount, "difference": 0})


LOAN = [gift(), approved(), disbursed(B)]                   # C is a loan of 100, 900 are left
WITH_FEE = [gift(), approved(fee=10), disbursed(B)]
WHOLE = [gift(100), approved(), disbursed(B)]               # nothing is left
OVERPAID = [gift(), held(60), approved(fee=10), disbursed(C)]       # B is held, D is a loan

CASES = [
    # ---- approvals ----
    ("a loan", LOAN, None),
    ("an approval of a fund that does not lend", [gift(fund="chung"), approved(fund="chung")], "not-revolving"),
    ("an approval of an unknown fund", [approved(fund="xa")], "unknown"),
    ("an approval of a closed fund", [fund_closed("2026-11-02"), approved()], "closed"),
    ("an approval of a closed fund that did not lend", [fund_closed("2026-11-02", "lu"), approved(fund="lu")],
     "closed"),
    ("an approval without money", [approved(1)], "fund-too-low"),
    ("an approval of all the money", [gift(100), approved(100)], None),
    ("an approval of more than the money", [gift(100), approved(101)], "fund-too-low"),
    ("an approval of more than is free", [gift(100), approved(60), approved(41)], "fund-too-low"),
    ("an approval of what is free", [gift(100), approved(60), approved(40)], None),
    ("an approval out of another fund's money", [gift(100, fund="von"), approved(1)], "fund-too-low"),
    ("an approval before the money came", [gift(100, "2026-11-05"), approved(100, date="2026-11-03")], None),
    ("paid out before the money came", [gift(100, "2026-11-05"), approved(100, date="2026-11-03"), disbursed(B)],
     "place-too-low"),
    ("an approval of the largest sum", [approved(LARGEST, LARGEST)], "fund-too-low"),
    ("an approval after the terms ended", [gift(100, fund="von"), approved(fund="von", date="2026-12-11")],
     "terms-ended"),
    ("an approval on the last day of the terms", [gift(100, fund="von"), approved(fund="von", date="2026-12-10")],
     None),
    ("paid out after the terms ended", [gift(100, fund="von"), approved(fund="von", date="2026-12-10"),
                                        disbursed(B, "2026-12-20")], None),
    ("an approval that the terms exclude", [
        ("fund_opened", "2026-11-01", {"fund": {"code": "vay", "type": "revolving", "name": "v", "terms": {
            "text": "v", "costs": False, "kinds": ["aid_paid"]}}}), gift(fund="vay"), approved(fund="vay")],
     "terms-kind"),
    ("aid out of what is reserved", [gift(100), approved(60), aid(41)], "fund-too-low"),
    ("aid out of what is free", [gift(100), approved(60), aid(40)], None),
    ("aid of another fund beside what is reserved", [gift(100), approved(100), gift(50, fund="chung"),
                                                     aid(50, fund="chung")], None),
    ("a move out of what is reserved", [gift(100), approved(60), moved(41)], "fund-too-low"),
    ("a gift that is reserved goes back", [gift(100), approved(60), returned(A, 41)], "fund-too-low"),
    ("reversing a gift that is reserved", [gift(100), approved(60), reversal(A)], "fund-too-low"),
    ("a purchase out of what is reserved", [gift(100), approved(60), ("goods_purchased", "2026-11-05", {
        "place": "cash", "fund": "xoay", "store": "kho", "payee": {"type": "organisation", "name": "c"},
        "lots": [{"item": "gao", "quantity": "1", "value": 41}]})], "fund-too-low"),
    ("a transfer between places of what is reserved", [gift(100), approved(100), ("transfer", "2026-11-05", {
        "from_place": "cash", "to_place": "bank", "fund": "xoay", "amount": 100})], None),
    # ---- cancelled ----
    ("cancelled", [gift(100), approved(60), cancelled(B), aid(100)], None),
    ("cancelled twice", [gift(), approved(), cancelled(B), cancelled(B)], "loan-cancelled"),
    ("cancelled, then paid out", [gift(), approved(), cancelled(B), disbursed(B)], "loan-cancelled"),
    ("paid out, then cancelled", [*LOAN, cancelled(B)], "loan-disbursed"),
    ("paid out twice", [*LOAN, disbursed(B)], "loan-disbursed"),
    ("cancelled before it was approved", [gift(), approved(), cancelled(B, "2026-11-02")], "date-before-of"),
    ("a gift is cancelled", [gift(), cancelled(A)], "reference"),
    ("an entry to come is cancelled", [gift(), cancelled(B)], "reference"),
    ("an approval of another ledger is cancelled", [gift(), approved(), cancelled("old:1")], "reference"),
    ("a line of an approval is cancelled", [gift(), approved(), cancelled(line(B))], "reference"),
    ("a reversed approval is cancelled", [gift(), approved(), reversal(B), cancelled(B, "2026-11-09")], "reference"),
    ("reversing an approval", [gift(100), approved(), reversal(B), aid(100, "2026-11-08")], None),
    ("reversing an approval that was cancelled", [gift(), approved(), cancelled(B), reversal(B)], "named-by-standing"),
    ("reversing an approval that was paid out", [*LOAN, reversal(B)], "named-by-standing"),
    ("reversing a cancellation", [gift(100), approved(60), cancelled(B), reversal(C), aid(41, "2026-11-08")],
     "fund-too-low"),
    ("reversing a cancellation, then paid out", [gift(100), approved(60), cancelled(B), reversal(C),
                                                 disbursed(B, "2026-11-08")], None),
    ("reversing a cancellation without free money", [gift(100), approved(60), cancelled(B), aid(41), reversal(C)],
     "fund-too-low"),
    ("reversing a cancellation with free money", [gift(100), approved(60), cancelled(B), aid(40), reversal(C)], None),
    ("reversing a cancellation for a closed fund", [gift(100), approved(60), cancelled(B), aid(100), fund_closed(),
                                                    reversal(C, "2026-11-09")], "closed"),
    ("reversing an approval twice", [gift(), approved(), reversal(B), reversal(B)], "already-reversed"),
    ("reversing an approval before it", [gift(), approved(), reversal(B, "2026-11-02")], "date-before-of"),
    # ---- paid out ----
    ("paid out before it was approved", [gift(), approved(), disbursed(B, "2026-11-02")], "date-before-of"),
    ("paid out at an unknown place", [gift(), approved(), disbursed(B, place="xa")], "unknown"),
    ("paid out at a closed place", [gift(), approved(), ("place_closed", "2026-11-03", {"place": "bank"}),
                                    disbursed(B, place="bank")], "closed"),
    ("paid out at a place without money", [gift(), approved(), disbursed(B, place="bank")], "place-too-low"),
    ("paid out before a count", [gift(), approved(), counted(1_000), disbursed(B)], "date-before-count"),
    ("a gift is paid out", [gift(), disbursed(A)], "reference"),
    ("paid out by an old approval that is none", [gift(), disbursed("old:3")], "reference"),
    ("cancelled before an unknown place", [gift(), approved(), cancelled(B), disbursed(B, place="xa")],
     "loan-cancelled"),
    ("reversing a loan", [*LOAN, reversal(C), disbursed(B, "2026-11-08")], None),
    ("reversing a loan, then the approval", [*LOAN, reversal(C), reversal(B), aid(1_000, "2026-11-08")], None),
    ("what is reserved again after a reversal", [*LOAN, reversal(C), aid(901, "2026-11-08")], "fund-too-low"),
    ("reversing a loan that was repaid", [*LOAN, repaid(C, 1), reversal(C)], "named-by-standing"),
    ("reversing a loan whose fee was waived", [*WITH_FEE, waived(C, 1), reversal(C)], "named-by-standing"),
    ("reversing a loan that custody repaid", [*OVERPAID, assigned(B, D, 50, 10), reversal(D)], "named-by-standing"),
    ("reversing a loan before what came back was taken again", [
        *LOAN, repaid(C, 60), reversal(D, "2026-11-10"), reversal(C, "2026-11-06")], "more-than-owed"),
    ("reversing a loan after what came back was taken again", [
        *LOAN, repaid(C, 60), reversal(D, "2026-11-10"), reversal(C, "2026-11-10")], None),
    ("reversing a loan on the day before it came back", [
        *LOAN, repaid(C, 60), reversal(D, "2026-11-10"), reversal(C, "2026-11-04")], "more-than-owed"),
    # ---- repaid ----
    ("repaid", [*WITH_FEE, repaid(C, 100, 10)], None),
    ("repaid in parts", [*WITH_FEE, repaid(C, 100), repaid(C, 0, 10)], None),
    ("parts that are not the amount", [*WITH_FEE, repaid(C, 50, 5, amount=56)], "parts"),
    ("parts that add up too far", [*WITH_FEE, repaid(C, LARGEST, LARGEST, amount=1)], "too-large"),
    ("more principal than is owed", [*WITH_FEE, repaid(C, 101)], "more-than-owed"),
    ("more fee than is owed", [*WITH_FEE, repaid(C, 1, 11)], "more-than-owed"),
    ("a fee of a loan without one", [*LOAN, repaid(C, 0, 1)], "more-than-owed"),
    ("repaid when nothing is owed", [*LOAN, repaid(C, 100), repaid(C, 1)], "loan-closed"),
    ("principal when only a fee is owed", [*WITH_FEE, repaid(C, 100), repaid(C, 1)], "more-than-owed"),
    ("repaid after it was written off", [*WITH_FEE, written_off(C), repaid(C, 1, date="2026-11-07")],
     "loan-written-off"),
    ("a fee after it was written off", [*WITH_FEE, written_off(C), repaid(C, 0, 1, date="2026-11-07")],
     "loan-written-off"),
    ("parts before a write-off", [*LOAN, written_off(C), repaid(C, 1, amount=2, date="2026-11-07")], "parts"),
    ("an unknown place before parts", [*LOAN, repaid(C, 1, amount=2, place="xa")], "unknown"),
    ("repaid before it was paid out", [*LOAN, repaid(C, 1, date="2026-11-03")], "date-before-of"),
    ("repaid before a count", [*LOAN, counted(900, "2026-11-06"), repaid(C, 1)], "date-before-count"),
    ("an approval is repaid", [gift(), approved(), repaid(B, 1)], "reference"),
    ("a gift is repaid", [gift(), repaid(A, 1)], "reference"),
    ("a reversed loan is repaid", [*LOAN, reversal(C), repaid(C, 1, date="2026-11-09")], "reference"),
    ("a line of a loan is repaid", [*LOAN, repaid(line(C), 1)], "reference"),
    ("a loan of another ledger is repaid", [*LOAN, repaid("old:1", 1)], "reference"),
    ("a date before a gift that is no loan", [gift(), repaid(A, 1, date="2026-11-01")], "date-before-of"),
    ("what came back is lent again", [*WHOLE, repaid(C, 100), approved(date="2026-11-06"),
                                      disbursed(E, "2026-11-06")], None),
    ("what came back pays for aid", [*WHOLE, repaid(C, 60), aid(60)], None),
    ("more than came back pays for aid", [*WHOLE, repaid(C, 60), aid(61)], "place-too-low"),
    ("a fee pays for aid", [*WITH_FEE, repaid(C, 100, 10), aid(1_010)], None),
    ("a repayment is no gift", [*LOAN, repaid(C, 60), aid(1, gifts=[D])], "not-a-gift"),
    ("a fee is no gift", [*WITH_FEE, repaid(C, 0, 10), aid(1, gifts=[D])], "not-a-gift"),
    ("a loan is no gift", [*LOAN, aid(1, gifts=[C])], "not-a-gift"),
    ("an approval is no gift", [*LOAN, aid(1, gifts=[B])], "not-a-gift"),
    ("what came back is of its gift", [
        *WHOLE, gift(5, "2026-11-04"), repaid(C, 60), aid(60, gifts=[A]), returned(A, 100, "2026-11-08")],
     "place-too-low"),
    ("a gift of which all came back is returned", [*WHOLE, repaid(C, 100), returned(A, 100)], None),
    ("a repayment is returned", [*LOAN, repaid(C, 60), returned(D, 1)], "reference"),
    ("more on an earlier day than is owed then", [
        *LOAN, repaid(C, 60), reversal(D, "2026-11-10"), repaid(C, 60, date="2026-11-06")], "more-than-owed"),
    ("as much on an earlier day as is owed then", [
        *LOAN, repaid(C, 60), reversal(D, "2026-11-10"), repaid(C, 40, date="2026-11-06")], None),
    ("repaid out of order", [*LOAN, repaid(C, 60, date="2026-11-09"), repaid(C, 40)], None),
    # ---- repayments reversed ----
    ("reversing a repayment", [*WITH_FEE, repaid(C, 100, 10), reversal(D), repaid(C, 100, 10, "2026-11-08")], None),
    ("reversing a repayment of which another stands", [*LOAN, repaid(C, 1), repaid(C, 2), reversal(D)],
     "later-of-loan"),
    ("reversing a repayment behind which a fee was waived", [*WITH_FEE, repaid(C, 1), waived(C, 1), reversal(D)],
     "later-of-loan"),
    ("reversing repayments from the last one on", [*LOAN, repaid(C, 1), repaid(C, 2), reversal(E), reversal(D)], None),
    ("reversing a repayment behind one of another loan", [
        *LOAN, approved(), disbursed(D), repaid(C, 1), repaid(E, 1), reversal(F)], None),
    ("reversing a repayment that was spent without other money", [*WHOLE, repaid(C, 60), aid(60), reversal(D)],
     "place-too-low"),
    ("reversing a repayment that was spent with other money", [
        *WHOLE, repaid(C, 60), aid(60), gift(60, "2026-11-08"), reversal(D)], None),
    ("reversing a repayment that was reserved", [*WHOLE, repaid(C, 60), approved(60, date="2026-11-06"), reversal(D)],
     "fund-too-low"),
    ("the gift that supplied instead is on loan", [
        *WHOLE, repaid(C, 60), aid(60), gift(60, "2026-11-08"), reversal(D), repaid(C, 100, date="2026-11-09"),
        aid(60, "2026-11-10", gifts=[F]), returned(F, 1, "2026-11-10")], None),
    ("reversing a repayment whose fee was spent", [
        gift(100), approved(fee=10), disbursed(B), repaid(C, 0, 10), aid(10), gift(10, "2026-11-08"), reversal(D)],
     None),
    ("reversing a repayment whose fee went elsewhere", [
        gift(100), approved(fee=10), disbursed(B), repaid(C, 50, 10), aid(50), moved(10), gift(60, "2026-11-08"),
        reversal(D)], "parts-elsewhere"),
    ("reversing a repayment that went elsewhere", [
        gift(100), approved(fee=10), disbursed(B), repaid(C, 50, 10), moved(50), gift(60, "2026-11-08"), reversal(D)],
     None),
    ("reversing a repayment before a count", [*LOAN, repaid(C, 1), counted(901, "2026-11-09"), reversal(D)],
     "date-before-count"),
    ("reversing a repayment twice", [*LOAN, repaid(C, 1), reversal(D), reversal(D)], "already-reversed"),
    ("reversing what was moved after it was repaid", [
        gift(100, fund="chung"), moved(100, "chung", "xoay", "2026-11-02"), approved(), disbursed(C), repaid(D, 100),
        reversal(B)], "parts-elsewhere"),
    ("reversing what was moved while it is lent", [
        gift(100, fund="chung"), moved(100, "chung", "xoay", "2026-11-02"), gift(100, "2026-11-03"), approved(),
        disbursed(D), reversal(B)], None),
    # ---- fees waived ----
    ("a fee is waived", [*WITH_FEE, waived(C, 10), repaid(C, 100)], None),
    ("more than the fee is waived", [*WITH_FEE, waived(C, 11)], "more-than-owed"),
    ("a fee that is not is waived", [*LOAN, waived(C, 1)], "more-than-owed"),
    ("a fee is waived when nothing is owed", [*LOAN, repaid(C, 100), waived(C, 1)], "loan-closed"),
    ("a fee is waived after the write-off", [*WITH_FEE, written_off(C), waived(C, 10, "2026-11-07")], None),
    ("a fee is waived when all was written off", [*LOAN, written_off(C), waived(C, 1, "2026-11-07")], "loan-closed"),
    ("a fee is waived before it was paid out", [*WITH_FEE, waived(C, 1, "2026-11-03")], "date-before-of"),
    ("a fee of a gift is waived", [gift(), waived(A, 1)], "reference"),
    ("reversing a waiver", [*WITH_FEE, waived(C, 10), reversal(D), repaid(C, 100, 10, "2026-11-09")], None),
    ("reversing a waiver behind which was repaid", [*WITH_FEE, waived(C, 5), repaid(C, 1), reversal(D)],
     "later-of-loan"),
    ("reversing a waiver before a count", [*WITH_FEE, waived(C, 5), counted(900, "2026-11-09"), reversal(D)], None),
    ("reversing a waiver for a closed fund", [
        *WITH_FEE, repaid(C, 100), waived(C, 10), aid(1_000), fund_closed(), reversal(E, "2026-11-09")], "closed"),
    ("reversing a waiver before it", [*WITH_FEE, waived(C, 5), reversal(D, "2026-11-04")], "date-before-of"),
    ("rescheduled", [rescheduled()], None),
    ("rescheduled and reversed", [rescheduled(), reversal(A)], "not-reversible"),
    # ---- written off ----
    ("written off", [*LOAN, written_off(C)], None),
    ("written off twice", [*LOAN, written_off(C), written_off(C)], "loan-written-off"),
    ("written off when nothing is owed", [*LOAN, repaid(C, 100), written_off(C)], "loan-closed"),
    ("written off when a fee is owed", [*WITH_FEE, repaid(C, 100), written_off(C)], "loan-closed"),
    ("written off before the last repayment", [*LOAN, repaid(C, 1, date="2026-11-07"), written_off(C)],
     "date-before-of"),
    ("written off before a fee was waived", [*WITH_FEE, waived(C, 1, "2026-11-07"), written_off(C)], "date-before-of"),
    ("written off before custody repaid", [*OVERPAID, assigned(B, D, 1, date="2026-11-07"), written_off(D)],
     "date-before-of"),
    ("written off before a reversed repayment", [
        *LOAN, repaid(C, 60, date="2026-11-07"), reversal(D, "2026-11-07"), written_off(C)], None),
    ("written off before a repayment that was reversed later", [
        *LOAN, repaid(C, 60, date="2026-11-07"), reversal(D, "2026-11-09"), written_off(C)], "more-than-owed"),
    ("written off before it was paid out", [*LOAN, written_off(C, "2026-11-03")], "date-before-of"),
    ("written off of a gift", [gift(), written_off(A)], "reference"),
    ("written off before a count", [*LOAN, counted(900, "2026-11-09"), written_off(C)], None),
    ("reversing a write-off", [*LOAN, written_off(C), reversal(D), repaid(C, 100, date="2026-11-08")], None),
    ("repaid before a write-off was reversed", [*LOAN, written_off(C), reversal(D), repaid(C, 100, date="2026-11-07")],
     "more-than-owed"),
    ("reversing a write-off and the loan", [*LOAN, written_off(C), reversal(D), reversal(C)], None),
    ("reversing a loan before its write-off was reversed", [*LOAN, written_off(C), reversal(D),
                                                            reversal(C, "2026-11-07")], "more-than-owed"),
    ("reversing a write-off behind a waiver", [*WITH_FEE, written_off(C), waived(C, 1, "2026-11-07"), reversal(D)],
     "later-of-loan"),
    ("reversing a write-off for a closed fund", [*LOAN, aid(900), written_off(C), fund_closed(),
                                                 reversal(E, "2026-11-09")], "closed"),
    ("written off again", [*LOAN, written_off(C), reversal(D), written_off(C, "2026-11-08")], None),
    # ---- recovered ----
    ("recovered", [*LOAN, written_off(C), recovered(C, 100), aid(1_000)], None),
    ("recovered what was not written off", [*LOAN, recovered(C, 1)], "not-written-off"),
    ("recovered after the write-off was reversed", [*LOAN, written_off(C), reversal(D), recovered(C, 1, "2026-11-08")],
     "not-written-off"),
    ("recovered more than was lost", [*LOAN, repaid(C, 40), written_off(C), recovered(C, 61)], "more-than-left"),
    ("recovered twice", [*LOAN, written_off(C), recovered(C, 60), recovered(C, 41)], "more-than-left"),
    ("recovered before the write-off", [*LOAN, written_off(C), recovered(C, 1, "2026-11-05")], "date-before-of"),
    ("recovered on the day of the write-off", [*LOAN, written_off(C), recovered(C, 1, "2026-11-06")], None),
    ("recovered at an unknown place", [*LOAN, recovered(C, 1, place="xa")], "unknown"),
    ("recovered of a gift", [gift(), recovered(A, 1)], "reference"),
    ("recovered for a closed fund", [*LOAN, aid(900), written_off(C), fund_closed(), recovered(C, 1, "2026-11-09")],
     "closed"),
    ("a recovery is no gift", [*LOAN, written_off(C), recovered(C, 60), aid(1, gifts=[E])], "not-a-gift"),
    ("what was recovered is of its gift", [*LOAN, written_off(C), recovered(C, 60), aid(960, gifts=[A])], None),
    ("reversing a write-off behind a recovery", [*LOAN, written_off(C), recovered(C, 60), reversal(D)],
     "later-of-loan"),
    ("reversing a recovery, then the write-off", [
        *LOAN, written_off(C), recovered(C, 60), reversal(E), reversal(D), repaid(C, 100, date="2026-11-08")], None),
    ("reversing a recovery that was spent", [*WHOLE, written_off(C), recovered(C, 60), aid(60), reversal(E)],
     "place-too-low"),
    ("reversing a recovery that others supply", [
        *WHOLE, written_off(C), recovered(C, 60), aid(60), gift(60, "2026-11-08"), reversal(E), reversal(D),
        repaid(C, 100, date="2026-11-08"), returned(G, 60, "2026-11-08")], None),
    ("recovered again after a reversal", [*LOAN, written_off(C), recovered(C, 60), reversal(E),
                                          recovered(C, 100, "2026-11-08")], None),
    # ---- gifts that are lent ----
    ("a lent gift is returned without other money", [*WHOLE, returned(A, 1)], "place-too-low"),
    ("a lent gift is returned with money of another place", [
        *WHOLE, gift(100, fund="chung"), returned(A, 1)], "fund-too-low"),
    ("a lent gift is returned while others supply", [*WHOLE, gift(100, "2026-11-05"), returned(A, 100),
                                                     repaid(C, 100, date="2026-11-08"), returned(D, 100, "2026-11-09")],
     None),
    ("more of a lent gift is returned than others have", [*WHOLE, gift(99, "2026-11-05"), returned(A, 100)],
     "place-too-low"),
    ("reversing a lent gift", [*WHOLE, reversal(A)], "place-too-low"),
    ("reversing a lent gift while others supply", [
        *WHOLE, gift(100, "2026-11-05"), reversal(A), repaid(C, 100, date="2026-11-08"),
        returned(D, 100, "2026-11-09")], None),
    ("reversing a gift of which a part was lost", [
        *WHOLE, repaid(C, 40), written_off(C), gift(100, "2026-11-07"), reversal(A), recovered(C, 60, "2026-11-08"),
        returned(F, 100, "2026-11-09")], None),
    ("reversing a write-off that others supply", [
        *WHOLE, written_off(C), gift(100, "2026-11-07"), reversal(A), reversal(D), repaid(C, 100, date="2026-11-08"),
        aid(100, "2026-11-09", gifts=[E])], None),
    ("the gift of a returned repayment", [
        *WHOLE, repaid(C, 100), returned(A, 100), reversal(D)], "place-too-low"),
    ("reversing a loan that others supply", [
        *WHOLE, gift(100, "2026-11-05"), reversal(A), reversal(C), disbursed(B, "2026-11-08")], None),
    ("reversing the return of a lent gift", [
        *WHOLE, gift(100, "2026-11-05"), returned(A, 100), reversal(E), aid(100, "2026-11-08")], None),
]
