"""A ledger of two months with loans: approvals, repayments, waivers, write-offs, recoveries and their reversals.

The figures of its statements were added up by hand from sections 9.10 and 11, not by `statement.py`.

    loans_story.py FOLDER EXAMPLE

writes it with entry 0 and the keys of `tests/golden/example`.
"""

import sys

import canonical
import forge
import scenario
from goods_story import _closing, _goods, _hash, _money
from loans_cases import (SETTING, aid, approved, assigned, cancelled, cash, disbursed, gift, line, opening, owed,
                         recovered, repaid, rescheduled, reversal, waived, written_off)
from scenario import ORIGIN

CLOSED_AT = 37


def _fund(code, opened, received, spent, lost, earlier, closing, money, loans):
    return {"fund": code, "opening": opened, "received": received, "spent": spent, "moved": 0, "lost": lost,
            "earlier": earlier, "closing": closing, "money": money, "stock": 0, "loans": loans}


def _told(*rows):
    return [{name: amount} if name == "lines" else {"account": name, "amount": amount} for name, amount in rows]


def _lent(opened, closing, *rows):
    return {"opening": opened, "closing": closing, "rows": [{"kind": kind, "amount": amount} for kind, amount in rows]}


EMPTY = [_fund("chung", 0, 0, 0, 0, 0, 0, 0, 0), _fund("lu", 0, 0, 0, 0, 0, 0, 0, 0)]
NOTHING = [_goods("ao", "0000", (0, 0, 0, 0)), _goods("gao", "0000", (0, 0, 0, 0))]
SPENDING = [{"account": "aid_in_money", "programme": "mua-lu", "amount": 100},
            {"account": "loan_losses", "amount": 100}]
NOVEMBER = {
    "v": 1, "log": ORIGIN, "from": "2026-11-01", "to": "2026-11-30", "entries": 36,
    "places": [
        _money("bank", 0, 400, 200, ("donation", 300, 0), ("loan_disbursed", 0, 200), ("loan_repaid", 70, 0),
               ("loan_recovered", 30, 0)),
        _money("cash", 1_050, 660, 900, ("donation", 500, 0), ("aid_paid", 0, 100), ("custody_assigned", 50, 50),
               ("loan_disbursed", 0, 750), ("loan_repaid", 110, 0))],
    "funds": [*EMPTY, _fund("von", 0, 300, 0, 0, 0, 300, 100, 200),
              _fund("xoay", 1_300, 560, 100, 100, 0, 1_660, 910, 750)],
    "income": _told(("donations", 800), ("service_fees", 30), ("recoveries", 30)), "spending": SPENDING,
    "families": [{"programme": "mua-lu", "lines": 1}], "goods": NOTHING,
    "loans": _lent(300, 950, ("custody_assigned", -50), ("loan_disbursed", 950), ("loan_repaid", -150),
                   ("loan_written_off", -100)),
    "custody": _lent(50, 0, ("custody_assigned", -50)),
    "bridge": {"places": 1_010, "funds": 1_010, "custody": 0, "stock": 0},
}
DECEMBER = {
    "v": 1, "log": ORIGIN, "from": "2026-12-01", "to": "2026-12-31", "entries": 7,
    "places": [
        _money("bank", 200, 410, -200, ("loan_disbursed", 0, -200), ("loan_repaid", 440, 0),
               ("loan_recovered", -30, 0)),
        _money("cash", 810, -110, 0, ("loan_repaid", -110, 0))],
    "funds": [*EMPTY, _fund("von", 300, 0, 0, 0, 0, 300, 300, 0),
              _fund("xoay", 1_660, 40, 0, 0, 60, 1_760, 1_210, 550)],
    "income": _told(("service_fees", 40)), "spending": [], "goods": NOTHING,
    "loans": _lent(950, 550, ("loan_disbursed", -200), ("loan_repaid", -300), ("loan_written_off", 100)),
    "custody": _lent(0, 0),
    "bridge": {"places": 1_510, "funds": 1_510, "custody": 0, "stock": 0},
}
QUARTER = NOVEMBER | {
    "from": "2026-10-01", "to": "2026-12-31", "entries": 44,
    "places": [
        _money("bank", 0, 810, 0, ("donation", 300, 0), ("loan_disbursed", 0, 0), ("loan_repaid", 510, 0),
               ("loan_recovered", 0, 0)),
        _money("cash", 1_050, 550, 900, ("donation", 500, 0), ("aid_paid", 0, 100), ("custody_assigned", 50, 50),
               ("loan_disbursed", 0, 750), ("loan_repaid", 0, 0))],
    "funds": [*EMPTY, _fund("von", 0, 300, 0, 0, 0, 300, 300, 0),
              _fund("xoay", 1_300, 600, 100, 100, 60, 1_760, 1_210, 550)],
    "income": _told(("donations", 800), ("service_fees", 70), ("recoveries", 30)),
    "loans": _lent(300, 550, ("custody_assigned", -50), ("loan_disbursed", 750), ("loan_repaid", -450)),
    "bridge": DECEMBER["bridge"],
}
CAMPAIGN = {
    "v": 1, "log": ORIGIN, "from": "2026-11-05", "to": "2026-11-30",
    "funds": [_fund("xoay", 1_800, 60, 100, 100, 0, 1_660, 910, 750)],
    "income": _told(("service_fees", 30), ("recoveries", 30)), "spending": SPENDING}
STATEMENTS = {"2026-11": NOVEMBER, "2026-12": DECEMBER, "2026-q4": QUARTER, "xoay_2026-11-05_2026-11-30": CAMPAIGN}
RUNNING = {"running": 5, "par30": 250, "par90": 0}

STORY = [
    *SETTING,
    opening(money=[cash(1_000)], loans=[owed(500, 200, 30, 10), owed(100, 100, 10, word="fee")],
            custody=[{"class": "overpaid", "amount": 50, "place": "cash"}]),
    gift(500),
    approved(400, 40), approved(200), approved(100), approved(50, 5), approved(60),
    cancelled(18),
    disbursed(14), disbursed(15), disbursed(16, "2026-11-05"), disbursed(17, "2026-11-05"),
    repaid(20, 100, 10, "2026-11-10"),
    repaid(line(12), 50, 20, "2026-11-10", place="bank"),
    assigned(line(12), 21, 50, date="2026-11-11"),
    waived(line(12, 1), 10, "2026-11-12"),
    written_off(22, "2026-11-15"),
    recovered(22, 30, "2026-11-20", "bank"),
    repaid(23, 50, 5, "2026-11-21"),
    reversal(30, "2026-11-22"),
    rescheduled("2026-11-23"),
    aid(100, "2026-11-24"),
    gift(300, "2026-11-25", fund="von", place="bank"),
    approved(200, 20, "2026-11-25", fund="von"),
    disbursed(35, "2026-11-26", "bank"),
    ("period_closed", "2026-12-01", _closing("2026-11", NOVEMBER, loans=RUNNING)),
    reversal(24, "2026-12-02"),
    repaid(20, 400, 40, "2026-12-03", place="bank"),
    reversal(29, "2026-12-04"),
    reversal(28, "2026-12-05"),
    reversal(36, "2026-12-06"),
    cancelled(35, "2026-12-06"),
    ("period_closed", "2027-01-02", _closing("2026-12", DECEMBER)),
    ("statement_published", "2027-01-03", {"type": "quarter", "from": "2026-10-01", "to": "2026-12-31",
                                           "sha256": _hash(QUARTER)}),
    ("statement_published", "2027-01-03", {"type": "campaign", "from": "2026-11-05", "to": "2026-11-30", "fund": "xoay",
                                           "sha256": _hash(CAMPAIGN)}),
]
# The documents of the story from the opening to the last entry before the closing of December.
DOCUMENTS = ("BT1", "PT1", "KU1", "KU2", "KU3", "KU4", "KU5", "", "PC1", "PC2", "PC3", "PC4", "PT2", "BC1", "BT2", "",
             "BT3", "BC2", "PT3", "BT4", "", "PC5", "BC3", "KU6", "BN1", "", "BT5", "BC4", "BT6", "BT7", "BT8", "")
# (gift, what was lent of it, every turn counted) behind the whole story
LENT = [((12, 0), 750), ((12, 1), 300), ((13, 0), 0), ((25, 1), 0)]


def _without(members):
    return {name: value for name, value in members.items() if value is not None}


def _fund_with(**figures):
    return [*NOVEMBER["funds"][:3], {**NOVEMBER["funds"][3], **figures}]


def _statement(**others):
    return {"statement": _hash(_without(NOVEMBER | others))}


# (length of the story before it, what, entry, code of its refusal)
REFUSED = [(CLOSED_AT, what, ("period_closed", "2026-12-01",
                              _without(_closing("2026-11", NOVEMBER, loans=RUNNING) | others)), "figure")
           for what, others in (
    ("no loans", {"loans": None}),
    ("four loans run", {"loans": {**RUNNING, "running": 4}}),
    ("six loans run", {"loans": {**RUNNING, "running": 6}}),
    ("loans as money", {"funds": _fund_with(loans=0, money=1_660)}),
    ("more lent", {"funds": _fund_with(loans=751)}),
    ("a loss that was spent", {"funds": _fund_with(lost=0, spent=200)}),
    ("a fee that was not received", {"funds": _fund_with(received=530)}),
    ("a statement without loans", _statement(loans=None)),
    ("a statement with a row for the families of loans", _statement(families=[{"lines": 5}, *NOVEMBER["families"]])),
    ("a statement with a row that is 0", _statement(loans=_lent(
        300, 950, *((row["kind"], row["amount"]) for row in NOVEMBER["loans"]["rows"]), ("loan_recovered", 0)))),
    ("a statement without recoveries", _statement(income=_told(("donations", 800), ("service_fees", 60)))),
    ("a statement with recoveries first", _statement(income=_told(("donations", 800), ("recoveries", 30),
                                                                  ("service_fees", 30)))),
)] + [
    (CLOSED_AT + 7, "loans where only four run", ("period_closed", "2027-01-02", _closing(
        "2026-12", DECEMBER, loans={"running": 4, "par30": 0, "par90": 0})), "figure"),
    (CLOSED_AT + 7, "loans where none are told to run", ("period_closed", "2027-01-02", _closing(
        "2026-12", DECEMBER, loans={"running": 0, "par30": 0, "par90": 0})), "figure"),
    (CLOSED_AT + 1, "reversing the opening", reversal(12, "2026-12-02"), "named-by-standing"),
    (CLOSED_AT + 1, "reversing the loan that custody repaid", reversal(21, "2026-12-02"), "named-by-standing"),
    (CLOSED_AT + 1, "reversing the write-off", reversal(28, "2026-12-02"), "later-of-loan"),
    (CLOSED_AT + 1, "reversing what was repaid of the opening", reversal(25, "2026-12-02"), None),
    (CLOSED_AT + 1, "a repayment in a closed month", repaid(20, 1, date="2026-11-30"), "period-closed"),
    (CLOSED_AT + 1, "reversing a repayment in a closed month", reversal(24, "2026-11-30"), "period-closed"),
    (CLOSED_AT + 1, "reversing a cancellation", reversal(19, "2026-12-02"), None),
    (CLOSED_AT + 5, "reversing a loan whose write-off was reversed", reversal(22, "2026-12-05"), None),
    (CLOSED_AT + 7, "reversing the loan that was reversed", reversal(36, "2026-12-06"), "already-reversed"),
]


def entries(first):
    """The whole story behind an entry 0."""
    return [first] + [scenario.entry(seq, *one) for seq, one in enumerate(STORY, 1)]


def write(folder, first):
    """The ledger as it would be published."""
    whole = forge.chained(entries(first))
    for size in (CLOSED_AT, len(whole)):
        forge.seal(folder, whole[:size])
    for name, statement in STATEMENTS.items():
        forge.write(folder, f"statements/{name}.json", canonical.encode(statement))
    forge.write(folder, "disclosures.jsonl", b"")
    forge.write(folder, "policy", f"log {forge.Signer(ORIGIN, forge.LOG_SEED).vkey}\nquorum none\n".encode())


if __name__ == "__main__":
    write(sys.argv[1], forge.load(sys.argv[2])[0])
