"""Ledgers whose last entry is signed by the wrong officers or has a form that 7.1 to 7.3 do not allow."""

import forge
import goods_story as story
import scenario
from goods_cases import FIRST
from scenario import CHAIR, TREASURER, digests
from walk import SETTING

CASEWORKER = forge.officer(scenario.ORIGIN, "8")
ENROLLED = ("officer_enrolled", "2026-11-01", {"officer": {
    "vkey": CASEWORKER.vkey, "person": "0000000000000008", "title": "Cán bộ", "roles": ["caseworker"]}},
    [("recorder", TREASURER), ("approver", CHAIR), ("holder", CASEWORKER)])
POLICY = ("policy_changed", "2026-11-01", {"policy": {"two_above": 1_000}})
MONEY = {"place": "cash", "fund": "chung"}
SENDER = {"log": "so.example/khac", "id": "019a0000-0000-7000-8000-000000000001"}
ROW, RICE = {"item": "gao", "quantity": "1"}, {"item": "gao", "quantity": "1", "value": 1}
LINE = {"_sd": digests("line"), "items": [ROW]}
TO = {"to_log": "so.example/khac"}
THING = {"description": "xe", "quantity": "1", "unit": "cái"}
RECEIVED = {**story.AIM, "donor": scenario.donor("g")}
GIVEN = {**story.AID, "lines": [LINE]}
COUNT = {"item": "gao", "quantity": "1", "direction": "more", "reason": "found"}


def _by(*signers):
    return list(zip(("recorder", "approver"), signers))


# (what, kind, members, signers, code of the refusal or None); behind them nothing was received yet
SIGNED = [
    ("a gift in kind by a caseworker", "goods_received", {**RECEIVED, "lots": [RICE]}, _by(CASEWORKER), None),
    ("a gift in kind by two", "goods_received", {**RECEIVED, "lots": [RICE]}, _by(TREASURER, CHAIR), "signature-list"),
    ("a purchase by a caseworker", "goods_purchased", {
        **story.AIM, "place": "cash", "payee": {"type": "organisation", "name": "X"}, "lots": [{**RICE, "value": 0}]},
     _by(CASEWORKER, CHAIR), "recorder-may-not"),
    ("goods handed out by a caseworker alone", "goods_distributed", GIVEN, _by(CASEWORKER), "signature-list"),
    ("goods handed out by a caseworker", "goods_distributed", GIVEN, _by(CASEWORKER, CHAIR), "stock-too-low"),
    ("a move by a caseworker", "goods_moved", {"from_store": "kho", "to_store": "chua", "fund": "chung",
                                               "items": [ROW]}, _by(CASEWORKER), "stock-too-low"),
    ("a count by a caseworker", "stock_counted", {**story.AIM, "differences": [COUNT]}, _by(CASEWORKER, CHAIR), None),
    ("a count approved by the caseworker", "stock_counted", {**story.AIM, "differences": [COUNT]},
     _by(TREASURER, CASEWORKER), "approver-may-not"),
    ("goods sent by a caseworker", "sent_to_chapter", {**story.AIM, **TO, "items": [ROW]}, _by(CASEWORKER, CHAIR),
     "recorder-may-not"),
    ("goods of another chapter by a caseworker", "received_from_chapter", {**story.AIM, "lots": [RICE],
                                                                          "sender": SENDER}, _by(CASEWORKER),
     "recorder-may-not"),
    ("much money of another chapter by one", "received_from_chapter", {**MONEY, "amount": 1_001, "sender": SENDER},
     _by(TREASURER), "signature-list"),
    ("much money of another chapter by two", "received_from_chapter", {**MONEY, "amount": 1_001, "sender": SENDER},
     _by(TREASURER, CHAIR), None),
    ("goods of much value of another chapter by one", "received_from_chapter", {
        **story.AIM, "lots": [{**RICE, "value": 9_999}], "sender": SENDER}, _by(TREASURER), None),
    ("a gift in kind of much value by one", "goods_received", {**RECEIVED, "lots": [{**RICE, "value": 9_999}]},
     _by(TREASURER), None),
    ("an item by two", "item_opened", {"item": {"code": "mi", "name": "Mì", "unit": "gói", "whole": True}},
     _by(TREASURER, CHAIR), "signature-list"),
    ("a store by a caseworker", "store_opened", {"store": {"code": "xa", "name": "Xã"}}, _by(CASEWORKER),
     "recorder-may-not"),
]

# (what, kind, members), each a fault of form
FORMS = [
    ("an item without `whole`", "item_opened", {"item": {"code": "mi", "name": "Mì", "unit": "gói"}}),
    ("an item that is whole as text", "item_opened", {"item": {"code": "mi", "name": "M", "unit": "g",
                                                               "whole": "true"}}),
    ("a quantity of 0", "goods_received", {**RECEIVED, "lots": [{**RICE, "quantity": "0"}]}),
    ("a quantity below 0", "goods_received", {**RECEIVED, "lots": [{**RICE, "quantity": "-1"}]}),
    ("a quantity as a number", "goods_received", {**RECEIVED, "lots": [{**RICE, "quantity": 1}]}),
    ("a quantity that ends in 0", "goods_received", {**RECEIVED, "lots": [{**RICE, "quantity": "1.50"}]}),
    ("a quantity of ten-thousandths", "goods_received", {**RECEIVED, "lots": [{**RICE, "quantity": "1.0001"}]}),
    ("a quantity that begins with 0", "goods_received", {**RECEIVED, "lots": [{**RICE, "quantity": "01"}]}),
    ("a quantity too large", "goods_received", {**RECEIVED, "lots": [{**RICE, "quantity": "9007199254740.992"}]}),
    ("a value below 0", "goods_received", {**RECEIVED, "lots": [{**RICE, "value": -1}]}),
    ("an expiry that is no day", "goods_received", {**RECEIVED, "lots": [{**RICE, "expiry": "2026-02-30"}]}),
    ("a lot with a place", "goods_received", {**RECEIVED, "lots": [{**RICE, "place": "cash"}]}),
    ("no lots", "goods_received", {**RECEIVED, "lots": []}),
    ("costs of 0", "goods_purchased", {**story.AIM, "place": "cash", "payee": {"type": "organisation", "name": "X"},
                                       "lots": [RICE], "extra": 0}),
    ("a digest inside a line", "goods_distributed", {**story.AID, "lines": [
        {**LINE, "items": [{**ROW, "_sd": digests("inside")}]}]}),
    ("lines with unequal digests", "goods_distributed", {**story.AID, "lines": sorted(
        [LINE, {**LINE, "_sd": digests("a", "b")}], key=lambda line: line["_sd"])}),
    ("a line without items", "goods_distributed", {**story.AID, "lines": [{"_sd": digests("line")}]}),
    ("a line with an amount", "goods_distributed", {**story.AID, "lines": [{**LINE, "amount": 1}]}),
    ("401 lines", "goods_distributed", {**story.AID, "lines": sorted(
        [{**LINE, "_sd": digests(f"{number}")} for number in range(401)], key=lambda line: line["_sd"])}),
    ("counts of fewer than five", "goods_distributed", {**GIVEN, "counts": {"poor": 1}}),
    ("counts that are not of the lines", "goods_distributed", {**GIVEN, "counts": {"poor": 5}}),
    ("a handover without anything", "handover_returned", {"of": 1, "lines": 0}),
    ("a handover of both", "handover_returned", {"of": 1, "lines": 0, "amount": 1, "items": [ROW]}),
    ("a handover of goods at a place", "handover_returned", {"of": 1, "lines": 0, "items": [ROW], "place": "cash"}),
    ("a handover without lines", "handover_returned", {"of": 1, "items": [ROW]}),
    ("money sent out of a store", "sent_to_chapter", {**TO, "fund": "chung", "amount": 1, "store": "kho"}),
    ("money sent out of both", "sent_to_chapter", {**TO, **MONEY, "amount": 1, "store": "kho"}),
    ("goods sent out of a place", "sent_to_chapter", {**TO, **MONEY, "items": [ROW]}),
    ("nothing sent", "sent_to_chapter", {**TO, **MONEY}),
    ("both received", "received_from_chapter", {**MONEY, "store": "kho", "amount": 1, "lots": [RICE],
                                                "sender": SENDER}),
    ("a sender that is no voucher", "received_from_chapter", {**story.AIM, "lots": [RICE],
                                                             "sender": {**SENDER, "id": "1"}}),
    ("money back without a place", "goods_returned", {"of": 1, "items": [ROW], "amount": 1}),
    ("a place without money back", "goods_returned", {"of": 1, "items": [ROW], "place": "cash"}),
    ("a difference in no direction", "stock_counted", {**story.AIM, "differences": [{**COUNT, "direction": "up"}]}),
    ("goods held at a place", "custody_received", {"class": "mistaken", "donor": scenario.donor("h"), "goods": [THING],
                                                   "place": "cash"}),
    ("goods and money held", "custody_received", {"class": "mistaken", "donor": scenario.donor("h"), "goods": [THING],
                                                  "place": "cash", "amount": 1}),
    ("goods handed over at a place", "custody_handed_over", {"of": 1, "goods": [THING], "place": "cash"}),
    ("a thing without a unit", "custody_received", {"class": "mistaken", "donor": scenario.donor("h"),
                                                    "goods": [{"description": "xe", "quantity": "1"}]}),
    ("goods of an opening at a place", "opening_balance", {"as_of": "2026-10-31", "custody": [
        {"class": "mistaken", "goods": [THING], "place": "cash"}]}),
    ("an opening with a closing's quantity", "opening_balance", {"as_of": "2026-10-31", "goods": [
        {**RICE, **story.AIM, "quantity": "-1"}]}),
    ("a closing with a number as quantity", "period_closed", {
        "through": "2026-11", "entries": 1, "places": [{"place": "cash", "opening": 0, "in": 0, "out": 0, "closing": 0}],
        "custody": 0, "statement": "00" * 32,
        "goods": [{"item": "gao", "opening": 0, "in": "0", "out": "0", "closing": "0"}]}),
    ("a closing with -0", "period_closed", {
        "through": "2026-11", "entries": 1, "places": [{"place": "cash", "opening": 0, "in": 0, "out": 0, "closing": 0}],
        "custody": 0, "statement": "00" * 32,
        "goods": [{"item": "gao", "opening": "-0", "in": "0", "out": "0", "closing": "0"}]}),
]


def ledgers(opening):
    """(what, entries, wanted status, step, seq and code)."""
    told = [*SETTING, ENROLLED, POLICY]
    entries = [opening] + [scenario.entry(seq, *one) for seq, one in enumerate(told, 1)]
    seq, authority = FIRST + 2, {"signature-list", "recorder-may-not", "approver-may-not"}
    for what, kind, members, signers, code in SIGNED:
        step = "authority" if code in authority else "books"
        yield what, [*entries, scenario.entry(seq, kind, "2026-11-02", members, signers)], (
            (1, step, seq, code) if code else (0, None, None, None))
    for what, kind, members in FORMS:
        yield what, [*entries, scenario.entry(seq, kind, "2026-11-02", members)], (1, "form", seq, None)
