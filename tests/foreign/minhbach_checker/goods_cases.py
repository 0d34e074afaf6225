"""Short ledgers with goods, each behind the setting of `walk.py`: the last entry is taken, or refused with a code."""

import scenario
from walk import SETTING

FIRST = len(SETTING) + 1
LARGEST, LARGEST_QUANTITY = 2**53 - 1, "9007199254740.991"
NAMED = {"type": "organisation", "name": "Cửa hàng"}


def lot_of(item, quantity, value, expiry=None):
    """A lot."""
    return {"item": item, "quantity": quantity, "value": value} | ({"expiry": expiry} if expiry else {})


def items_of(*pairs):
    """Rows of `items`."""
    return [{"item": item, "quantity": quantity} for item, quantity in pairs]


def _gift(amount=1_000, place="cash", date="2026-11-02", fund="chung"):
    return ("donation", date, {"amount": amount, "place": place, "fund": fund, "method": "cash",
                               "donor": scenario.donor(f"{amount} {date}")})


def _received(*lots, date="2026-11-02", **members):
    return ("goods_received", date, {"fund": "chung", "store": "kho", "donor": scenario.donor("g"), "lots": list(lots),
                                     **members})


def _bought(*lots, date="2026-11-03", **members):
    return ("goods_purchased", date, {"place": "cash", "fund": "chung", "store": "kho", "payee": NAMED,
                                      "lots": list(lots), **members})


def _given(*pairs, date="2026-11-04", **members):
    lines = [{"_sd": scenario.digests(f"line {number}"), "items": items_of(one)} for number, one in enumerate(pairs)]
    return ("goods_distributed", date, {"store": "kho", "fund": "chung", "programme": "mua-lu",
                                        "lines": sorted(lines, key=lambda line: line["_sd"]), **members})


def _back(of, *pairs, lines=0, date="2026-11-05", **members):
    return ("handover_returned", date, {"of": of, "items": items_of(*pairs), "lines": lines, **members})


def _to_giver(of, *pairs, date="2026-11-05", **members):
    return ("goods_returned", date, {"of": of, "items": items_of(*pairs), **members})


def _moved(*pairs, date="2026-11-04", **members):
    return ("goods_moved", date, {"from_store": "kho", "to_store": "chua", "fund": "chung", "items": items_of(*pairs),
                                  **members})


def _counted(*rows, date="2026-11-06", **members):
    found = [{"item": item, "quantity": quantity, "direction": direction, "reason": "miscounted",
              **({"lot": lot[0]} if lot else {})} for direction, item, quantity, *lot in rows]
    return ("stock_counted", date, {"store": "kho", "fund": "chung", "differences": found, **members})


def _sent(*pairs, date="2026-11-06", **members):
    return ("sent_to_chapter", date, {"items": items_of(*pairs), "store": "kho", "fund": "chung",
                                      "to_log": "so.example/khac", **members})


def _from_chapter(number, *lots, date="2026-11-06", log="so.example/khac", **members):
    sender = {"log": log, "id": f"019a0000-0000-7000-8000-{number:012d}"} | members.pop("more", {})
    brought = {"lots": list(lots), "store": "kho"} if lots else {"place": "cash"}
    return ("received_from_chapter", date, {**brought, "fund": "chung", "sender": sender, **members})


def _reversed(of, date="2026-11-07"):
    return ("reversed", date, {"of": of, "reason": "mistyped"})


def _opening(**lists):
    return ("opening_balance", "2026-11-02", {"as_of": "2026-10-31", **lists})


def _lying(item, quantity, value, store="kho", fund="chung"):
    return {**lot_of(item, quantity, value), "store": store, "fund": fund}


def _words(*rows):
    return [{"description": what, "quantity": quantity, "unit": unit} for what, quantity, unit in rows]


def _held(*rows, date="2026-11-02"):
    return ("custody_received", date, {"class": "named_family", "donor": scenario.donor("h"), "goods": _words(*rows)})


def _let_go(of, *rows, kind="custody_handed_over", date="2026-11-03"):
    return (kind, date, {"of": of, "goods": _words(*rows)})


def _count(counted, difference=0, date="2026-11-05", **members):
    return ("cash_counted", date, {"place": "cash", "counted": counted, "difference": difference, **members})


def _fund(code, **terms):
    return ("fund_opened", "2026-11-01", {"fund": {"code": code, "type": "restricted", "name": code,
                                                   "terms": {"text": code, "costs": False, **terms}}})


def _closed(fund="chung", date="2026-11-10"):
    return ("fund_closed", date, {"fund": fund})


def _aid(*amounts, date="2026-11-04"):
    return ("aid_paid", date, {"place": "cash", "fund": "chung", "programme": "mua-lu",
                               "lines": scenario.lines(*amounts)})


def _money_back(of, amount, lines=0, date="2026-11-05", **members):
    return ("handover_returned", date, {"of": of, "amount": amount, "lines": lines, **members})


def _consent(gift, amount):
    """Asks what is left of a gift: more than that is refused."""
    return ("fund_transfer", "2026-11-20", {"from_fund": "lu", "to_fund": "chung", "place": "cash", "amount": amount,
                                            "gifts": [gift], "reason": "consent", "_sd": ["A" * 43]})


END = ("chapter_closed", "2026-11-20", {})
RICE, COATS = lot_of("gao", "10", 100), lot_of("ao", "3", 100)
A, B, C, D = range(FIRST, FIRST + 4)
# The example of 9.8: 10 kg for 100 000 out of two gifts, 3 go out, 1 comes back, the supplier takes 8 for 75 000.
EXAMPLE = [_gift(70_000, fund="lu"), _gift(30_000, fund="lu", date="2026-11-03"),
           _bought(lot_of("gao", "10", 100_000), fund="lu", gifts=[A, B]), _given(("gao", "3"), fund="lu"),
           _back(D, ("gao", "1")), _to_giver(C, ("gao", "8"), place="cash", amount=75_000, date="2026-11-06")]

CASES = [
    # ---- the example of 9.8 ----
    ("what is left of the first gift", [*EXAMPLE, _consent(A, 45_000)], None),
    ("more than is left of the first gift", [*EXAMPLE, _consent(A, 45_001)], "consent-short"),
    ("what is left of the second gift", [*EXAMPLE, _consent(B, 30_000)], None),
    ("more than is left of the second gift", [*EXAMPLE, _consent(B, 30_001)], "consent-short"),
    ("the whole first gift after a reversal", [*EXAMPLE, _reversed(FIRST + 5), _consent(A, 1)], "consent-short"),
    # ---- codes ----
    ("an item again", [("item_opened", "2026-11-02", {"item": {"code": "gao", "name": "G", "unit": "kg",
                                                               "whole": True}})], "code-used"),
    ("a store again", [("store_opened", "2026-11-02", {"store": {"code": "kho", "name": "K"}})], "code-used"),
    ("a store named as an item", [("store_opened", "2026-11-02", {"store": {"code": "gao", "name": "K"}})], None),
    ("goods of an unknown item", [_received(RICE, lot_of("mi", "1", 1))], "unknown"),
    ("goods into an unknown store", [_received(RICE, store="xa")], "unknown"),
    ("goods for an unknown fund", [_received(RICE, fund="xa")], "unknown"),
    ("goods out of an unknown store", [_received(RICE), _given(("gao", "1"), store="xa")], "unknown"),
    ("goods for an unknown programme", [_received(RICE), _given(("gao", "1"), programme="xa")], "unknown"),
    ("a count in an unknown store", [_counted(("more", "gao", "1"), store="xa")], "unknown"),
    # ---- quantities ----
    ("half a coat", [_received(COATS, lot_of("ao", "0.5", 1))], "fraction"),
    ("half a coat handed out", [_received(COATS), _given(("ao", "1"), ("ao", "0.5"))], "fraction"),
    ("half a coat found", [_counted(("more", "ao", "0.5"))], "fraction"),
    ("half a coat of an opening", [_opening(goods=[_lying("ao", "1.5", 1)])], "fraction"),
    ("all of it", [_received(RICE), _given(("gao", "9.999"), ("gao", "0.001"))], None),
    ("too much handed out", [_received(RICE), _given(("gao", "9.999"), ("gao", "0.002"))], "stock-too-low"),
    ("out of another fund", [_received(RICE), _given(("gao", "1"), fund="lu")], "stock-too-low"),
    ("out of another store", [_received(RICE), _given(("gao", "1"), store="chua")], "stock-too-low"),
    ("before it came", [_received(RICE), _given(("gao", "1"), date="2026-11-01")], "stock-too-low"),
    ("an earlier day without enough", [_received(RICE), _given(("gao", "6"), date="2026-11-09"),
                                       _received(RICE, date="2026-11-10"), _given(("gao", "6"), date="2026-11-05")],
     "stock-too-low"),
    ("an earlier day with enough", [_received(RICE), _given(("gao", "6"), date="2026-11-09"),
                                    _received(RICE, date="2026-11-10"), _given(("gao", "4"), date="2026-11-05")], None),
    ("a value that is not there yet", [
        _received(lot_of("gao", "10", 0)), _received(lot_of("gao", "10", 100, "2026-12-01"), date="2026-11-10"),
        _given(("gao", "5"), date="2026-11-05")], "stock-value-too-low"),
    ("moved before it came", [_received(RICE, date="2026-11-05"), _moved(("gao", "1"))], "stock-too-low"),
    ("moved, then used before it was", [_received(RICE), _moved(("gao", "5"), date="2026-11-06"),
                                        _given(("gao", "1"), store="chua", date="2026-11-05")], "stock-too-low"),
    ("the largest quantity", [_received(lot_of("gao", LARGEST_QUANTITY, LARGEST))], None),
    ("more than the largest quantity", [_received(lot_of("gao", LARGEST_QUANTITY, 1)),
                                        _received(lot_of("gao", "0.001", 1))], "too-large"),
    ("more than the largest quantity in two stores", [_received(lot_of("gao", LARGEST_QUANTITY, 1)),
                                                      _received(lot_of("gao", "0.001", 1), store="chua")], "too-large"),
    ("the largest of two items", [_received(lot_of("gao", LARGEST_QUANTITY, 1)),
                                  _received(lot_of("ao", "9007199254740", 1))], None),
    ("quantities of one entry too large", [_received(lot_of("gao", LARGEST_QUANTITY, 0), lot_of("gao", "1", 0))],
     "too-large"),
    ("values of one item too large", [_received(lot_of("gao", "1", LARGEST), lot_of("gao", "1", 1))], "too-large"),
    ("values of two items too large", [_received(lot_of("gao", "1", LARGEST), lot_of("ao", "1", 1))], "too-large"),
    ("values of two entries too large", [_received(lot_of("gao", "1", LARGEST)), _received(lot_of("gao", "1", 1))],
     "too-large"),
    ("money and goods too large together", [_received(lot_of("gao", "1", LARGEST)), _gift(1)], "too-large"),
    ("goods and money too large together", [_gift(1), _received(lot_of("gao", "1", LARGEST))], "too-large"),
    ("goods of one value with money", [_gift(1), _received(lot_of("gao", "1", LARGEST - 1))], None),
    ("a number of thousandths before a number of the shelf", [
        _received(lot_of("gao", LARGEST_QUANTITY, 0)), _given(("gao", "1"), date="2026-11-01"), ], "stock-too-low"),
    # ---- the order of issue ----
    ("expired", [_received(lot_of("gao", "1", 1, "2026-11-03")), _given(("gao", "1"))], "expired"),
    ("on its last day", [_received(lot_of("gao", "1", 1, "2026-11-04")), _given(("gao", "1"))], None),
    ("expired and known", [_received(lot_of("gao", "1", 1, "2026-11-03")), _given(("gao", "1"), allow_expired=True)],
     None),
    ("expired and said not to be known", [_received(lot_of("gao", "1", 1, "2026-11-03")),
                                          _given(("gao", "1"), allow_expired=False)], "expired"),
    ("expired before too little", [_received(lot_of("gao", "1", 1, "2026-11-03")), _given(("gao", "2"))], "expired"),
    ("an expired lot that is gone", [
        _received(lot_of("gao", "1", 1, "2026-11-03")), _given(("gao", "1"), date="2026-11-03"), _received(RICE),
        _given(("gao", "1"))], None),
    ("an expired lot elsewhere", [
        _received(lot_of("gao", "1", 1, "2026-11-03")), _moved(("gao", "1"), date="2026-11-03"), _received(RICE),
        _given(("gao", "1"))], None),
    ("an expired lot that came back", [
        _received(lot_of("gao", "1", 1, "2026-11-03")), _given(("gao", "1"), date="2026-11-03"), _received(RICE),
        _back(B, ("gao", "1")), _given(("gao", "1"), date="2026-11-06")], "expired"),
    ("expired goods are moved", [_received(lot_of("gao", "1", 1, "2026-11-03")), _moved(("gao", "1"))], None),
    ("expired goods are sent", [_received(lot_of("gao", "1", 1, "2026-11-03")), _sent(("gao", "1"))], None),
    ("expired goods are missing", [_received(lot_of("gao", "1", 1, "2026-11-03")), _counted(("less", "gao", "1"))], None),
    ("expired goods go back", [_received(lot_of("gao", "1", 1, "2026-11-03")), _to_giver(A, ("gao", "1"))], None),
    # ---- terms ----
    ("a kind that the terms exclude", [_fund("tet", kinds=["aid_paid"]), _received(RICE, fund="tet"),
                                       _given(("gao", "1"), fund="tet")], "terms-kind"),
    ("a programme that the terms exclude", [_fund("tet", programmes=["tet"]), _received(RICE, fund="tet"),
                                            _given(("gao", "1"), fund="tet")], "terms-programme"),
    ("a purchase that the terms exclude", [_fund("tet", kinds=["aid_paid"]), _gift(fund="tet"),
                                           _bought(RICE, fund="tet")], "terms-kind"),
    ("a purchase without a programme", [_fund("tet", programmes=["tet"]), _gift(fund="tet"),
                                        _bought(RICE, fund="tet")], None),
    ("a purchase after the terms ended", [_gift(fund="lu"), _bought(RICE, fund="lu", date="2026-12-21")],
     "terms-ended"),
    ("sent out of a fund whose terms exclude it", [_fund("tet", kinds=["aid_paid"]), _received(RICE, fund="tet"),
                                                   _sent(("gao", "1"), fund="tet")], None),
    ("moved and missing after the terms ended", [
        _received(RICE, fund="lu"), _moved(("gao", "1"), fund="lu", date="2026-12-21"),
        _counted(("less", "gao", "1"), fund="lu", date="2026-12-21")], None),
    # ---- purchases ----
    ("a purchase without money", [_bought(RICE)], "place-too-low"),
    ("a purchase by a fund without money", [_gift(fund="lu"), _bought(RICE)], "fund-too-low"),
    ("a purchase on the day before the gift", [_gift(), _bought(RICE, date="2026-11-01")], "place-too-low"),
    ("costs beyond the money", [_gift(100), _bought(RICE, extra=1)], "place-too-low"),
    ("costs of goods without value", [_gift(), _bought(lot_of("gao", "1", 0), extra=1)], "extra"),
    ("goods without value", [_bought(lot_of("gao", "1", 0))], None),
    ("goods without value before a count", [_gift(), _count(1_000), _bought(lot_of("gao", "1", 0))], None),
    ("goods before a count", [_gift(), _count(1_000), _bought(RICE)], "date-before-count"),
    ("values that add up too far", [_gift(), _bought(lot_of("gao", "1", LARGEST), lot_of("ao", "1", 1))], "too-large"),
    ("values and costs that add up too far", [_gift(), _bought(lot_of("gao", "1", LARGEST), extra=1)], "too-large"),
    ("costs before an unknown gift", [_bought(lot_of("gao", "1", 0), extra=1, gifts=[A])], "not-a-gift"),
    ("a purchase out of a gift in kind", [_gift(), _received(RICE), _bought(RICE, gifts=[B])], "not-a-gift"),
    ("a purchase out of a gift of another ledger", [_gift(), _bought(RICE, gifts=["old:1"])], "reference"),
    # ---- handovers that come back ----
    ("more than was handed out", [_received(RICE), _given(("gao", "2")), _back(B, ("gao", "2.001"))], "more-goods"),
    ("twice more than was handed out", [_received(RICE), _given(("gao", "2")), _back(B, ("gao", "1"), ("gao", "1.001"))],
     "more-goods"),
    ("another item than was handed out", [_received(RICE, COATS), _given(("gao", "2")), _back(B, ("ao", "1"))],
     "more-goods"),
    ("too much before what is unknown", [_received(RICE), _given(("gao", "2")), _back(B, ("gao", "3"), ("mi", "1"))],
     "more-goods"),
    ("what is unknown before too much", [_received(RICE), _given(("gao", "2")), _back(B, ("mi", "1"), ("gao", "3"))],
     "unknown"),
    ("half a coat comes back", [_received(COATS), _given(("ao", "2")), _back(B, ("ao", "0.5"))], "fraction"),
    ("every line comes back", [_received(RICE), _given(("gao", "2"), ("gao", "2")), _back(B, ("gao", "1"), lines=1),
                               _back(B, ("gao", "1"), lines=1)], None),
    ("more lines than there were", [_received(RICE), _given(("gao", "2"), ("gao", "2")),
                                    _back(B, ("gao", "1"), lines=1), _back(B, ("gao", "1"), lines=2)], "more-lines"),
    ("lines of a return that was reversed", [_received(RICE), _given(("gao", "2")), _back(B, ("gao", "1"), lines=1),
                                             _reversed(C, "2026-11-06"), _back(B, ("gao", "1"), lines=1)], None),
    ("back before it went", [_received(RICE), _given(("gao", "2")), _back(B, ("gao", "1"), date="2026-11-03")],
     "date-before-of"),
    ("back out of a gift", [_received(RICE), _back(A, ("gao", "1"))], "reference"),
    ("goods back out of money", [_gift(), _aid(10), _back(B, ("gao", "1"))], "reference"),
    ("money back out of goods", [_received(RICE), _given(("gao", "2")), _money_back(B, 1)], "reference"),
    ("money comes back", [_gift(), _aid(10, 20), _money_back(B, 30, lines=2, place="bank")], None),
    ("more money comes back", [_gift(), _aid(10, 20), _money_back(B, 20), _money_back(B, 11)], "more-than-left"),
    ("money back to a counted place", [_gift(), _aid(10, 20), _count(970, date="2026-11-06"), _money_back(B, 20)],
     "date-before-count"),
    ("money back to an unknown place", [_gift(), _aid(10, 20), _money_back(B, 20, place="xa")], "unknown"),
    ("reversing what came back in part", [_received(RICE), _given(("gao", "2")), _back(B, ("gao", "1")), _reversed(B)],
     "named-by-standing"),
    ("reversing a return", [_received(RICE), _given(("gao", "2")), _back(B, ("gao", "1")), _reversed(C)], None),
    ("reversing a return of what left again", [_received(RICE), _given(("gao", "2")), _back(B, ("gao", "1")),
                                               _given(("gao", "8.5"), date="2026-11-06"), _reversed(C)], "not-whole"),
    # ---- back to the giver or supplier ----
    ("a gift goes back for money", [_received(RICE), _to_giver(A, ("gao", "1"), place="cash", amount=1)],
     "amount-of-gift"),
    ("a gift goes back", [_received(RICE), _to_giver(A, ("gao", "10"))], None),
    ("a gift of money goes back as goods", [_gift(), _to_giver(A, ("gao", "1"))], "reference"),
    ("more than the gift", [_received(RICE), _received(RICE), _to_giver(A, ("gao", "10.001"))], "stock-too-low"),
    ("a gift that lies elsewhere", [_received(RICE), _moved(("gao", "10")), _received(RICE),
                                    _to_giver(A, ("gao", "1"))], "stock-too-low"),
    ("a supplier pays less", [_gift(), _bought(RICE), _to_giver(B, ("gao", "5"), place="bank", amount=20)], None),
    ("a supplier pays more", [_gift(), _bought(RICE), _to_giver(B, ("gao", "5"), place="bank", amount=70),
                              _bought(lot_of("gao", "1", 20), place="bank", date="2026-11-06")], None),
    ("what a supplier paid is no gift", [
        _gift(), _bought(RICE), _to_giver(B, ("gao", "5"), place="bank", amount=70),
        _bought(lot_of("gao", "1", 1), place="bank", gifts=[C], date="2026-11-06")], "not-a-gift"),
    ("a supplier of another ledger", [_gift(), _bought(RICE), _to_giver("old:1", ("gao", "1"))], "reference"),
    ("back before a count", [_gift(), _bought(RICE), _count(900, date="2026-11-06"),
                             _to_giver(B, ("gao", "5"), place="cash", amount=20)], "date-before-count"),
    ("back before a count and before enough", [
        _gift(), _bought(RICE, date="2026-11-05"), _given(("gao", "9"), date="2026-11-09"),
        _count(900, date="2026-11-09"),
        _received(RICE, date="2026-11-12"), _to_giver(B, ("gao", "1"), place="cash", amount=1, date="2026-11-06")],
     "date-before-count"),
    ("a closed place pays back", [_gift(), _bought(RICE), ("place_closed", "2026-11-04", {"place": "bank"}),
                                  _to_giver(B, ("gao", "5"), place="bank", amount=20)], "closed"),
    ("reversing a purchase that went back", [_gift(), _bought(RICE), _to_giver(B, ("gao", "5")), _reversed(B)],
     "named-by-standing"),
    ("reversing what went back", [_gift(), _bought(RICE), _to_giver(B, ("gao", "5"), place="bank", amount=70),
                                  _reversed(C), _reversed(B)], None),
    ("reversing what went back when its money is spent", [
        _gift(100), _bought(RICE), _to_giver(B, ("gao", "5"), place="cash", amount=70), _aid(60, date="2026-11-06"),
        _reversed(C)], "place-too-low"),
    # ---- moves ----
    ("moved to where it lies", [_received(RICE), _moved(("gao", "1"), to_store="kho")], "same-ends"),
    ("moved to nowhere", [_received(RICE), _moved(("gao", "1"), to_store="xa")], "unknown"),
    ("an unknown item moved to where it lies", [_moved(("mi", "1"), to_store="kho")], "unknown"),
    ("reversing a move", [_received(RICE), _moved(("gao", "5")), _reversed(B)], None),
    ("reversing a move of what left", [_received(RICE), _moved(("gao", "5")),
                                       _given(("gao", "1"), store="chua", date="2026-11-05"), _reversed(B)],
     "not-whole"),
    ("reversing a gift that was moved", [_received(RICE), _moved(("gao", "5")), _reversed(A)], "not-whole"),
    ("reversing a gift that came back", [_received(RICE), _moved(("gao", "5")), _reversed(B), _reversed(A)], None),
    # ---- counts ----
    ("more missing than there is", [_received(RICE), _counted(("less", "gao", "10.001"))], "stock-too-low"),
    ("of a lot that is named", [_received(RICE), _received(RICE), _counted(("less", "gao", "10", B))], None),
    ("more than the lot that is named", [_received(RICE), _received(RICE), _counted(("less", "gao", "11", B))],
     "stock-too-low"),
    ("a lot of another item", [_received(RICE), _received(COATS), _counted(("less", "gao", "1", B))], "stock-too-low"),
    ("found of a lot", [_received(RICE), _counted(("more", "gao", "1", A))], "reference"),
    ("of a lot that opened none", [_gift(), _received(RICE), _counted(("less", "gao", "1", A))], "reference"),
    ("of money from another chapter", [_from_chapter(1, amount=5), _received(RICE, date="2026-11-06"),
                                       _counted(("less", "gao", "1", A))], "stock-too-low"),
    ("of a lot to come", [_received(RICE), _counted(("less", "gao", "1", B))], "reference"),
    ("of a lot of another ledger", [_received(RICE), _counted(("less", "gao", "1", "old:1"))], "reference"),
    ("of a lot that was reversed", [_received(RICE), _reversed(A),
                                    _counted(("less", "gao", "1", A), date="2026-11-07")], "stock-too-low"),
    ("of a line of a gift", [_received(RICE), _counted(("less", "gao", "1", {"line": 0, "seq": A}))], "reference"),
    ("of a line of an opening", [_opening(goods=[_lying("gao", "1", 1), _lying("gao", "2", 3)]),
                                 _counted(("less", "gao", "2", {"line": 1, "seq": A}))], None),
    ("more than a line of an opening", [_opening(goods=[_lying("gao", "1", 1), _lying("gao", "2", 3)]),
                                        _counted(("less", "gao", "2", {"line": 0, "seq": A}))], "stock-too-low"),
    ("of a line that an opening has not", [_opening(goods=[_lying("gao", "1", 1)]),
                                           _counted(("less", "gao", "1", {"line": 1, "seq": A}))], "reference"),
    ("of a whole opening", [_opening(goods=[_lying("gao", "1", 1)]), _counted(("less", "gao", "1", A))], "reference"),
    ("of a line of an opening of money", [
        _opening(money=[{"place": "cash", "fund": "chung", "amount": 1}]),
        _counted(("less", "gao", "1", {"line": 0, "seq": A}))], "reference"),
    ("of a count that found nothing", [_received(RICE), _counted(("less", "gao", "1")),
                                       _counted(("less", "gao", "1", B))], "stock-too-low"),
    ("of a count that found it", [_counted(("more", "gao", "1")), _counted(("less", "gao", "1", A))], None),
    ("a fault of a later difference", [_received(RICE), _counted(("less", "gao", "11"), ("more", "gao", "1", A))],
     "stock-too-low"),
    ("missing and found in one count", [_received(RICE), _counted(("less", "gao", "1"), ("more", "gao", "1"))], None),
    ("found again, then reversed", [_received(RICE), _counted(("less", "gao", "1")), _counted(("more", "gao", "0.5")),
                                    _reversed(B)], "found-again"),
    ("found again, reversed, then reversed", [_received(RICE), _counted(("less", "gao", "1")),
                                              _counted(("more", "gao", "1.5")), _reversed(C), _reversed(B)], None),
    ("reversing a find that left", [_received(RICE), _counted(("less", "gao", "1")), _counted(("more", "gao", "1.5")),
                                    _given(("gao", "10.2"), date="2026-11-06"), _reversed(C)], "not-whole"),
    ("found where nothing was missing", [_counted(("more", "ao", "2"))], None),
    # ---- other chapters ----
    ("one sender twice", [_from_chapter(1, RICE), _from_chapter(1, COATS)], "sender-used"),
    ("one sender of money and goods", [_from_chapter(1, RICE), _from_chapter(1, amount=5)], "sender-used"),
    ("one sender with a digest", [_from_chapter(1, RICE), _from_chapter(1, COATS, more={"_sd": ["A" * 43]})],
     "sender-used"),
    ("one voucher of another ledger", [_from_chapter(1, RICE), _from_chapter(1, COATS, log="so.example/kia")], None),
    ("a sender after a reversal", [_from_chapter(1, RICE), _reversed(A), _from_chapter(1, RICE, date="2026-11-07")],
     None),
    ("a sender before an unknown item", [_from_chapter(1, RICE), _from_chapter(1, lot_of("mi", "1", 1))], "sender-used"),
    ("an unknown place before a sender", [_from_chapter(1, RICE), _from_chapter(1, amount=1, place="xa")], "unknown"),
    ("more sent than there is", [_received(RICE), _sent(("gao", "5"), ("gao", "5.001"))], "stock-too-low"),
    ("goods sent with gifts", [_gift(), _received(RICE), _sent(("gao", "5"), gifts=[A])], "reference"),
    ("gifts before unknown goods", [_gift(), _received(RICE), _sent(("mi", "5"), gifts=[A])], "reference"),
    ("reversing what was sent", [_received(RICE), _sent(("gao", "5")), _reversed(B)], None),
    ("money of another chapter is a gift", [_from_chapter(1, amount=50), _bought(lot_of("gao", "1", 50), gifts=[A],
                                                                                 date="2026-11-06")], None),
    ("goods of another chapter are none", [_gift(), _from_chapter(1, RICE), _bought(RICE, gifts=[B],
                                                                                    date="2026-11-06")], "not-a-gift"),
    ("more money sent than there is", [_gift(10), ("sent_to_chapter", "2026-11-03", {
        "amount": 11, "place": "cash", "fund": "chung", "to_log": "so.example/khac"})], "place-too-low"),
    ("reversing what was received", [_from_chapter(1, RICE), _sent(("gao", "1")), _reversed(A)], "not-whole"),
    # ---- openings ----
    ("an opening behind goods without value", [_received(lot_of("gao", "1", 0)), _opening(goods=[_lying("gao", "1", 1)])],
     None),
    ("an opening behind goods held for others", [_held(("xe", "1", "cái")), _opening(goods=[_lying("gao", "1", 1)])],
     None),
    ("an opening behind goods", [_received(RICE), _opening(goods=[_lying("gao", "1", 1)])], "opening-too-late"),
    ("goods of an opening in an unknown store", [_opening(goods=[_lying("gao", "1", 1, store="xa")])], "unknown"),
    ("reversing an opening", [_opening(goods=[_lying("gao", "1", 1)]), _reversed(A),
                              _opening(goods=[_lying("gao", "2", 1)])], None),
    ("reversing an opening that was used", [_opening(goods=[_lying("gao", "2", 1)]), _given(("gao", "1")), _reversed(A)],
     "not-whole"),
    ("reversing an opening that was moved", [_opening(goods=[_lying("gao", "2", 1)]), _moved(("gao", "1")),
                                             _reversed(A)], "not-whole"),
    ("reversing an opening whose goods come later too", [
        _opening(goods=[_lying("gao", "2", 1)]), _received(RICE, date="2026-11-05"),
        _reversed(A, "2026-11-02"), _given(("gao", "1"))], "stock-too-low"),
    # ---- goods held for others ----
    ("held and handed over", [_held(("xe", "1", "cái"), ("xe", "2", "cái")), _let_go(A, ("xe", "3", "cái"))], None),
    ("more than is held", [_held(("xe", "1", "cái")), _let_go(A, ("xe", "1.001", "cái"))], "more-goods"),
    ("more than is held in two rows", [_held(("xe", "1", "cái")), _let_go(A, ("xe", "0.5", "cái"), ("xe", "0.6", "cái"))],
     "more-goods"),
    ("another unit than is held", [_held(("xe", "1", "cái")), _let_go(A, ("xe", "1", "bộ"))], "more-goods"),
    ("held by another voucher", [_held(("xe", "1", "cái")), _held(("xe", "1", "cái")), _let_go(A, ("xe", "2", "cái"))],
     "more-goods"),
    ("returned twice", [_held(("xe", "1", "cái")), _let_go(A, ("xe", "1", "cái"), kind="custody_returned"),
                        _let_go(A, ("xe", "1", "cái"))], "more-goods"),
    ("handed over of a gift", [_received(RICE), _let_go(A, ("gao", "1", "kg"))], "reference"),
    ("handed over of money", [("custody_received", "2026-11-02", {
        "class": "mistaken", "donor": scenario.donor("m"), "amount": 5, "place": "cash"}),
        _let_go(A, ("xe", "1", "cái"))], "reference"),
    ("money of goods held", [_held(("xe", "1", "cái")), ("custody_returned", "2026-11-03", {"of": A, "amount": 1})],
     "reference"),
    ("money of goods held at a place", [_held(("xe", "1", "cái")), ("custody_returned", "2026-11-03", {
        "of": A, "amount": 1, "place": "cash"})], "more-than-left"),
    ("goods held are assigned", [_held(("xe", "1", "cái")), ("custody_assigned", "2026-11-03", {
        "of": A, "amount": 1, "as": "donation", "fund": "chung", "donor": scenario.donor("n")})], "reference"),
    ("goods held of an opening", [_opening(custody=[
        {"class": "mistaken", "amount": 5, "place": "cash"}, {"class": "mistaken", "goods": _words(("xe", "1", "cái"))}]),
        _let_go({"line": 1, "seq": A}, ("xe", "1", "cái"))], None),
    ("goods held of a line of money", [_opening(custody=[
        {"class": "mistaken", "amount": 5, "place": "cash"}, {"class": "mistaken", "goods": _words(("xe", "1", "cái"))}]),
        _let_go({"line": 0, "seq": A}, ("xe", "1", "cái"))], "reference"),
    ("too much held", [_held(("xe", LARGEST_QUANTITY, "cái")), _held(("xe", "0.001", "cái"))], "too-large"),
    ("too much held in one voucher", [_held(("xe", LARGEST_QUANTITY, "cái"), ("xe", "0.001", "cái"))], "too-large"),
    ("too much held of an opening", [_held(("xe", LARGEST_QUANTITY, "cái")), _opening(custody=[
        {"class": "mistaken", "goods": _words(("xe", "1", "cái"))}])], "too-large"),
    ("as much held in another unit", [_held(("xe", LARGEST_QUANTITY, "cái")), _held(("xe", "1", "bộ"))], None),
    ("reversing what was handed over", [_held(("xe", "1", "cái")), _let_go(A, ("xe", "1", "cái")), _reversed(B),
                                        _let_go(A, ("xe", "1", "cái"), date="2026-11-07")], None),
    ("reversing what was held", [_held(("xe", "1", "cái")), _reversed(A), END], None),
    ("reversing what was held and handed over", [_held(("xe", "1", "cái")), _let_go(A, ("xe", "1", "cái")),
                                                 _reversed(A)], "named-by-standing"),
    # ---- closing ----
    ("a fund with goods", [_received(RICE), _closed()], "goods-left"),
    ("a fund with goods without value", [_received(lot_of("gao", "1", 0)), _closed()], "goods-left"),
    ("a fund with money and goods", [_gift(), _received(RICE), _closed()], "not-empty"),
    ("a fund whose goods left", [_received(RICE), _given(("gao", "10")), _closed()], None),
    ("goods for a closed fund", [_closed(), _received(RICE, date="2026-11-10")], "closed"),
    ("a move for a closed fund", [_received(RICE), _given(("gao", "10")), _closed(),
                                  _moved(("gao", "1"), date="2026-11-10")], "closed"),
    ("reversing for a closed fund", [_received(RICE), _given(("gao", "10")), _closed(), _reversed(B, "2026-11-10")],
     "closed"),
    ("reversing goods without value for a closed fund", [
        _received(lot_of("gao", "1", 0)), _given(("gao", "1")), _closed(), _reversed(B, "2026-11-10")], "closed"),
    ("reversing a move for a closed fund", [_received(RICE), _moved(("gao", "10")), _given(("gao", "10"), store="chua"),
                                            _closed(), _reversed(B, "2026-11-10")], "closed"),
    ("the chapter with goods", [_received(lot_of("gao", "1", 0)), END], "goods-left"),
    ("the chapter with goods held for others", [_held(("xe", "1", "cái")), END], "goods-left"),
    ("the chapter with money and goods", [_gift(), _received(RICE), END], "not-empty"),
    ("the chapter after its goods", [_received(RICE), _given(("gao", "10")), _held(("xe", "1", "cái")),
                                     _let_go(C, ("xe", "1", "cái")), END], None),
    ("goods after the chapter", [END, _received(RICE, date="2026-11-20")], "chapter-closed"),
    # ---- reversals ----
    ("reversing a gift that was used", [_received(RICE), _given(("gao", "1")), _reversed(A)], "not-whole"),
    ("reversing a gift that was used and came back", [_received(RICE), _given(("gao", "1")), _back(B, ("gao", "1")),
                                                      _reversed(A)], None),
    ("reversing goods handed out", [_received(RICE), _given(("gao", "1")), _reversed(B), _reversed(A)], None),
    ("reversing goods twice", [_received(RICE), _reversed(A), _reversed(A)], "already-reversed"),
    ("reversing an item", [_reversed(FIRST - 1)], "not-reversible"),
    ("reversing a store", [_reversed(FIRST - 3)], "not-reversible"),
    ("reversing a purchase", [_gift(100), _bought(RICE), _reversed(B), _aid(100, date="2026-11-07")], None),
    ("reversing a purchase that was used", [_gift(), _bought(RICE), _given(("gao", "1")), _reversed(B)], "not-whole"),
    ("reversing the gift that paid for goods", [_gift(100), _gift(100, date="2026-11-03"), _bought(RICE, gifts=[A]),
                                                _reversed(A)], None),
    ("reversing the only gift that paid for goods", [_gift(100), _bought(RICE), _reversed(A)], "place-too-low"),
    ("returning the gift that paid for goods", [
        _gift(100), _gift(60, date="2026-11-03"), _bought(RICE, gifts=[A]), ("donation_returned", "2026-11-05", {
            "of": A, "amount": 60, "place": "cash", "reason": "not_a_gift"})], None),
    ("returning more of the gift that paid for goods", [
        _gift(100), _gift(60, date="2026-11-03"), _bought(RICE, gifts=[A]), ("donation_returned", "2026-11-05", {
            "of": A, "amount": 61, "place": "cash", "reason": "not_a_gift"})], "place-too-low"),
    # ---- the order of the checks ----
    ("an unknown item before a sum too large", [_bought(lot_of("gao", "1", LARGEST), lot_of("mi", "1", 1))], "unknown"),
    ("terms before costs without value", [_bought(lot_of("gao", "1", 0), extra=1, fund="lu", date="2026-12-21")],
     "terms-ended"),
    ("money of a gift before a closed place", [
        _received(RICE), ("place_closed", "2026-11-04", {"place": "bank"}),
        _to_giver(A, ("gao", "1"), place="bank", amount=1)], "amount-of-gift"),
    ("more lines before more goods", [_received(RICE), _given(("gao", "2")), _back(B, ("gao", "3"), lines=2)],
     "more-lines"),
    ("more lines before an unknown item", [_received(RICE), _given(("gao", "2")), _back(B, ("mi", "3"), lines=2)],
     "more-lines"),
    ("more lines before more money", [_gift(), _aid(10), _money_back(B, 11, lines=2)], "more-lines"),
    ("terms before expiry", [_received(lot_of("gao", "1", 1, "2026-11-03"), fund="lu"),
                             _given(("gao", "1"), fund="lu", date="2026-12-21")], "terms-ended"),
    ("a fraction before terms", [_received(COATS, fund="lu"), _given(("ao", "0.5"), fund="lu", date="2026-12-21")],
     "fraction"),
    ("a fraction before the same ends", [_moved(("ao", "0.5"), to_store="kho")], "fraction"),
    ("a later unknown item before a lot", [_counted(("more", "gao", "1", A), ("less", "mi", "1"))], "unknown"),
    ("a closed fund before an unknown store", [_closed(), _received(RICE, store="xa", date="2026-11-10")], "closed"),
    ("an unknown store before a closed fund", [_closed(), _given(("gao", "1"), store="xa", date="2026-11-10")],
     "unknown"),
    ("a closed place before an unknown fund", [("place_closed", "2026-11-04", {"place": "bank"}),
                                               _bought(RICE, place="bank", fund="xa", date="2026-11-05")], "closed"),
    ("too much held before an unknown place", [_held(("xe", LARGEST_QUANTITY, "cái")), _opening(custody=[
        {"class": "mistaken", "goods": _words(("xe", "1", "cái"))},
        {"class": "mistaken", "amount": 1, "place": "xa"}])], "too-large"),
    ("goods before custody in an opening", [_opening(
        goods=[_lying("ao", "0.5", 1)], custody=[{"class": "mistaken", "amount": 1, "place": "xa"}])], "fraction"),
    # ---- days ----
    ("a value that a move misses", [
        _received(lot_of("gao", "10", 0)), _received(lot_of("gao", "10", 100, "2026-12-01"), date="2026-11-10"),
        _moved(("gao", "5"), date="2026-11-05")], "stock-value-too-low"),
    ("missing and found on an earlier day", [
        _received(lot_of("gao", "10", 0)), _received(lot_of("gao", "10", 100, "2026-12-01"), date="2026-11-10"),
        _counted(("less", "gao", "5"), ("more", "gao", "5"), date="2026-11-05")], "stock-value-too-low"),
    ("what a later reversal gave back", [
        _received(RICE), _given(("gao", "10"), date="2026-11-09"), _reversed(B, "2026-11-12"),
        _given(("gao", "5"), date="2026-11-10")], "stock-too-low"),
    ("reversing a purchase before its goods came back", [
        _gift(), _bought(RICE), _given(("gao", "5"), date="2026-11-09"), _reversed(C, "2026-11-12"),
        _reversed(B, "2026-11-10")], "stock-too-low"),
    ("returned before it was received", [_held(("xe", "1", "cái"), date="2026-11-05"), _let_go(A, ("xe", "1", "cái"))],
     "date-before-of"),
    # ---- what is named ----
    ("back to a place that was closed", [
        _gift(), _gift(5, "bank"), ("aid_paid", "2026-11-04", {
            "place": "bank", "fund": "chung", "programme": "mua-lu", "lines": scenario.lines(5)}),
        ("place_closed", "2026-11-04", {"place": "bank"}), _money_back(C, 1)], "closed"),
    ("back of a reversed gift", [_received(RICE), _reversed(A), _to_giver(A, ("gao", "1"), date="2026-11-08")],
     "reference"),
    ("back of a reversed handover", [_received(RICE), _given(("gao", "1")), _reversed(B),
                                     _back(B, ("gao", "1"), date="2026-11-08")], "reference"),
    ("of a line of another ledger", [_received(RICE), _counted(("less", "gao", "1", {"line": 0, "seq": "old:1"}))],
     "reference"),
    ("of a handover", [_received(RICE), _given(("gao", "1")), _counted(("less", "gao", "1", B))], "reference"),
    ("of the count itself", [_received(RICE), _counted(("more", "gao", "1"), ("less", "gao", "1", B))], "reference"),
    ("reversing a gift of which a part was missing", [_received(RICE), _counted(("less", "gao", "1", A)), _reversed(A)],
     "not-whole"),
    ("reversing a gift that was found again", [_received(RICE), _counted(("less", "gao", "1", A)),
                                               _counted(("more", "gao", "1")), _reversed(A)], None),
]
