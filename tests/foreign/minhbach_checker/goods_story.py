"""A ledger of two months with goods: gifts in kind, purchases, handovers, counts, chapters, goods held for others.

The figures of its statements were added up by hand from sections 9.8 and 11, not by `statement.py`.

    goods_story.py FOLDER EXAMPLE

writes it as `tests/golden/example-goods`, with entry 0 and the keys of `tests/golden/example`.
"""

import hashlib
import sys

import canonical
import forge
import scenario
from goods_cases import LARGEST_QUANTITY, items_of, lot_of
from scenario import ORIGIN, digests, lines
from walk import SETTING


def _held(what, quantity, unit):
    return {"description": what, "quantity": quantity, "unit": unit}


def _families(*rows):
    found = [{"_sd": digests(f"family {number}"), "items": items_of(*items)} for number, items in enumerate(rows)]
    return sorted(found, key=lambda line: line["_sd"])


def _row(kind, into="0", out="0", value_in=0, value_out=0):
    return {"kind": kind, "in": into, "out": out, "value_in": value_in, "value_out": value_out}


def _goods(item, quantities, values, *rows):
    names = ("opening", "in", "out", "closing")
    return {"item": item, **dict(zip(names, quantities)), "value": dict(zip(names, values)), "rows": list(rows)}


def _money(code, opening, into, out, *rows):
    return {"place": code, "opening": opening, "in": into, "out": out, "closing": opening + into - out,
            "rows": [{"kind": kind, "in": row_in, "out": row_out} for kind, row_in, row_out in rows]}


def _fund(code, opening, received, spent, lost, earlier, closing, money, stock):
    return {"fund": code, "opening": opening, "received": received, "spent": spent, "moved": 0, "lost": lost,
            "earlier": earlier, "closing": closing, "money": money, "stock": stock, "loans": 0}


def _thing(what, unit, opening, into, out, closing):
    return {"description": what, "unit": unit, "opening": opening, "in": into, "out": out, "closing": closing}


BANK = (("received_from_chapter", 5_000, 0), ("goods_returned", 10_000, 0))
CASH = (("donation", 100_000, 0), ("aid_paid", 0, 500), ("goods_purchased", 0, 100_000), ("handover_returned", 50, 0))
COATS = (_row("goods_received", "4", "0", 10), _row("goods_purchased", "3", "0", 33_335),
         _row("goods_returned", "0", "1", 0, 3), _row("goods_distributed", "0", "3", 0, 7),
         _row("stock_counted", "3", "2", 11_114, 11_114))
RICE = (_row("sent_to_chapter", "0", "3", 0, 20_000), _row("received_from_chapter", "2.5", "0", 77),
        _row("goods_received", "5", "0", 100), _row("goods_purchased", "10", "0", 66_665),
        _row("goods_returned", "0", "2", 0, 13_333), _row("goods_distributed", "0", "13", 0, 20_999),
        _row("handover_returned", "1", "0", 6_666), _row("stock_counted", "0", "1", 0, 20))
NOODLES = _goods("mi", "0000", (0, 0, 0, 0))

NOVEMBER = {
    "v": 1, "log": ORIGIN, "from": "2026-11-01", "to": "2026-11-30", "entries": 34,
    "places": [_money("bank", 0, 15_000, 0, *BANK), _money("cash", 500, 100_050, 100_500, *CASH)],
    "funds": [_fund("chung", 1_500, 105_107, 34_790, 3_353, 0, 68_464, 15_050, 53_414),
              _fund("lu", 0, 77, 0, 0, 0, 77, 0, 77)],
    "income": [{"account": "donations", "amount": 100_000}, {"account": "donations_in_kind", "amount": 110},
               {"account": "donations_returned", "amount": -3}, {"account": "support_from_chapters", "amount": 5_077}],
    "spending": [{"account": "aid_in_money", "programme": "mua-lu", "amount": 450},
                 {"account": "aid_in_kind", "programme": "mua-lu", "amount": 7_672},
                 {"account": "aid_in_kind", "programme": "tet", "amount": 6_668},
                 {"account": "support_to_chapters", "amount": 20_000}, {"account": "stock_losses", "amount": 3_353}],
    "families": [{"programme": "mua-lu", "lines": 3}, {"programme": "tet", "lines": 1}],
    "goods": [_goods("ao", ("5", "10", "6", "9"), (0, 44_459, 11_124, 33_335), *COATS),
              _goods("gao", ("10", "18.5", "19", "9.5"), (1_000, 73_508, 54_352, 20_156), *RICE)],
    "custody": {"opening": 0, "closing": 0, "rows": [], "goods": [
        _thing("sách", "thùng", "0", "0.5", "0.5", "0"), _thing("xe đạp", "cái", "1", "2", "1", "2")]},
    "bridge": {"places": 15_050, "funds": 15_050, "custody": 0, "stock": 53_491},
}
DECEMBER = {
    "v": 1, "log": ORIGIN, "from": "2026-12-01", "to": "2026-12-31", "entries": 3,
    "places": [_money("bank", 15_000, 0, 0), _money("cash", 50, 0, 0)],
    "funds": [_fund("chung", 68_464, 0, 0, 0, 6_668, 75_132, 15_050, 60_082), _fund("lu", 77, 0, 0, 0, 0, 77, 0, 77)],
    "income": [], "spending": [],
    "goods": [_goods("ao", ("9", "0", "-1", "10"), (33_335, 0, -2, 33_337), _row("goods_distributed", "0", "-1", 0, -2)),
              _goods("gao", ("9.5", "0", "-1", "10.5"), (20_156, 0, -6_666, 26_822),
                     _row("goods_distributed", "0", "-1", 0, -6_666)), NOODLES],
    "custody": {"opening": 0, "closing": 0, "rows": [], "goods": [
        _thing("sách", "thùng", "0", "0", "0", "0"), _thing("xe đạp", "cái", "2", "0", "0", "2")]},
    "bridge": {"places": 15_050, "funds": 15_050, "custody": 0, "stock": 60_159},
}
QUARTER = NOVEMBER | {
    "from": "2026-10-01", "to": "2026-12-31", "entries": 38,
    "funds": [_fund("chung", 1_500, 105_107, 34_790, 3_353, 6_668, 75_132, 15_050, 60_082), NOVEMBER["funds"][1]],
    "goods": [_goods("ao", ("5", "10", "5", "10"), (0, 44_459, 11_122, 33_337), *COATS[:3],
                     _row("goods_distributed", "0", "2", 0, 5), COATS[4]),
              _goods("gao", ("10", "18.5", "18", "10.5"), (1_000, 73_508, 47_686, 26_822), *RICE[:5],
                     _row("goods_distributed", "0", "12", 0, 14_333), *RICE[6:]), NOODLES],
    "bridge": DECEMBER["bridge"],
}
CAMPAIGN = {
    "v": 1, "log": ORIGIN, "from": "2026-11-05", "to": "2026-11-30", "funds": [NOVEMBER["funds"][1]],
    "income": [{"account": "support_from_chapters", "amount": 77}], "spending": [],
    "goods": [_goods("ao", ("5", "0", "0", "5"), (0, 0, 0, 0)),
              _goods("gao", ("0", "2.5", "0", "2.5"), (0, 77, 0, 77),
                     _row("received_from_chapter", "2.5", "0", 77), _row("goods_received"))]}
STATEMENTS = {"2026-11": NOVEMBER, "2026-12": DECEMBER, "2026-q4": QUARTER, "lu_2026-11-05_2026-11-30": CAMPAIGN}


def _hash(statement):
    return hashlib.sha256(canonical.encode(statement)).hexdigest()


def _closing(through, told_of, **others):
    def without(rows, *names):
        return [{name: value for name, value in row.items() if name not in names} for row in rows]
    return {"through": through, "entries": told_of["entries"], "places": without(told_of["places"], "rows"),
            "funds": told_of["funds"], "custody": 0, "goods": without(told_of["goods"], "rows", "value"),
            "statement": _hash(told_of), **others}


AIM = {"fund": "chung", "store": "kho"}
AID = {**AIM, "programme": "mua-lu"}
SENDER = "019a0000-0000-7000-8000-00000000000"
STORY = [
    *SETTING,
    ("opening_balance", "2026-11-01", {
        "as_of": "2026-10-31", "money": [{"place": "cash", "fund": "chung", "amount": 500}],
        "goods": [{**lot_of("gao", "10", 1_000, "2026-11-20"), **AIM},
                  {**lot_of("ao", "5", 0), "fund": "lu", "store": "chua"}],
        "custody": [{"class": "mistaken", "goods": [_held("xe đạp", "1", "cái")]}]}),
    ("donation", "2026-11-02", {"amount": 70_000, "place": "cash", "fund": "chung", "donor": scenario.donor("a"),
                                "method": "cash"}),
    ("donation", "2026-11-02", {"amount": 30_000, "place": "cash", "fund": "chung", "donor": scenario.donor("b"),
                                "method": "cash"}),
    ("goods_received", "2026-11-02", {**AIM, "donor": scenario.donor("c"),
                                      "lots": [lot_of("gao", "5", 100), lot_of("ao", "4", 10)]}),
    # 9 999 of costs by value: 6 665 and the rest, so 66 665 and 33 335.
    ("goods_purchased", "2026-11-03", {**AIM, "place": "cash", "payee": {"type": "organisation", "name": "Cửa hàng"},
                                       "lots": [lot_of("gao", "10", 60_000, "2026-12-31"), lot_of("ao", "3", 30_001)],
                                       "extra": 9_999, "gifts": [11, 12]}),
    # 10 kg of the opening (1 000), 2 kg of the purchase (13 333), two coats of the gift (5).
    ("goods_distributed", "2026-11-04", {**AID, "lines": _families([("gao", "12")], [("ao", "2")])}),
    ("handover_returned", "2026-11-05", {"of": 15, "items": items_of(("gao", "1")), "lines": 1}),
    ("goods_moved", "2026-11-06", {"from_store": "kho", "to_store": "chua", "fund": "chung",
                                   "items": items_of(("gao", "4"), ("ao", "1"))}),
    ("stock_counted", "2026-11-07", {**AIM, "differences": [
        {"item": "gao", "quantity": "1", "direction": "less", "reason": "spoiled", "lot": 13},
        {"item": "ao", "quantity": "2", "direction": "less", "reason": "lost"}]}),
    ("stock_counted", "2026-11-08", {**AIM, "differences": [
        {"item": "ao", "quantity": "3", "direction": "more", "reason": "found"}]}),
    ("goods_returned", "2026-11-09", {"of": 14, "items": items_of(("gao", "2")), "place": "bank", "amount": 10_000}),
    ("goods_returned", "2026-11-09", {"of": 13, "items": items_of(("ao", "1"))}),
    ("sent_to_chapter", "2026-11-10", {**AIM, "items": items_of(("gao", "3")), "to_log": "so.example/khac"}),
    ("received_from_chapter", "2026-11-11", {"fund": "lu", "store": "kho", "lots": [lot_of("gao", "2.5", 77)],
                                             "sender": {"log": "so.example/khac", "id": SENDER + "1"}}),
    ("received_from_chapter", "2026-11-11", {"fund": "chung", "place": "bank", "amount": 5_000,
                                             "sender": {"log": "so.example/khac", "id": SENDER + "2"}}),
    ("custody_received", "2026-11-12", {"class": "named_family", "donor": scenario.donor("d"), "goods": [
        _held("xe đạp", "2", "cái"), _held("sách", "0.5", "thùng")]}),
    ("custody_handed_over", "2026-11-12", {"of": 25, "goods": [_held("sách", "0.5", "thùng")]}),
    ("custody_returned", "2026-11-12", {"of": {"line": 0, "seq": 10}, "goods": [_held("xe đạp", "1", "cái")]}),
    ("custody_received", "2026-11-12", {"class": "named_family", "donor": scenario.donor("e"), "goods": [
        _held("sách", "1", "thùng")]}),
    ("reversed", "2026-11-12", {"of": 28, "reason": "mistyped"}),
    ("aid_paid", "2026-11-13", {"place": "cash", "fund": "chung", "programme": "mua-lu", "lines": lines(300, 200)}),
    ("handover_returned", "2026-11-13", {"of": 30, "amount": 50, "lines": 0}),
    ("goods_distributed", "2026-11-14", {"fund": "chung", "store": "chua", "programme": "tet",
                                         "lines": _families([("gao", "1"), ("ao", "1")])}),
    ("goods_received", "2026-11-15", {"fund": "lu", "store": "chua", "donor": scenario.donor("f"),
                                      "lots": [lot_of("gao", "1", 9)]}),
    ("reversed", "2026-11-15", {"of": 33, "reason": "duplicate"}),
    ("period_closed", "2026-12-01", _closing("2026-11", NOVEMBER)),
    ("reversed", "2026-12-02", {"of": 32, "reason": "wrong_person"}),
    ("item_opened", "2026-12-03", {"item": {"code": "mi", "name": "Mì gói", "unit": "thùng", "whole": True}}),
    ("period_closed", "2027-01-02", _closing("2026-12", DECEMBER)),
    ("statement_published", "2027-01-03", {"type": "quarter", "from": "2026-10-01", "to": "2026-12-31",
                                           "sha256": _hash(QUARTER)}),
    ("statement_published", "2027-01-03", {"type": "campaign", "from": "2026-11-05", "to": "2026-11-30", "fund": "lu",
                                           "sha256": _hash(CAMPAIGN)}),
]
CLOSED_AT = 35
# The documents of the story from the opening to the reversal in December.
DOCUMENTS = ("BT1", "PT1", "PT2", "PN1", "PC1 PN2", "PX1", "PN3", "PN4 PX2", "PX3", "PN5", "BC1 PX4", "PX5", "PX6",
             "PN6", "BC2", "BT2", "BT3", "BT4", "BT5", "BT6", "PC2", "PT3", "PX7", "PN7", "BT7", "", "BT8", "")


def _wrong(**others):
    return ("period_closed", "2026-12-01", _closing("2026-11", NOVEMBER, **others))


def _row_with(number, **figures):
    rows = _closing("2026-11", NOVEMBER)["goods"]
    return rows[:number] + [{**rows[number], **figures}] + rows[number + 1:]


def _fund_with(number, **figures):
    rows = NOVEMBER["funds"]
    return rows[:number] + [{**rows[number], **figures}] + rows[number + 1:]


# (length of the story before it, what, entry, code of its refusal)
REFUSED = [(CLOSED_AT, what, _wrong(**others), "figure") for what, others in (
    ("another opening of goods", {"goods": _row_with(0, opening="5.001")}),
    ("more goods in", {"goods": _row_with(1, **{"in": "18.501"})}),
    ("fewer goods out", {"goods": _row_with(1, out="18.999")}),
    ("another closing of goods", {"goods": _row_with(0, closing="-9")}),
    ("goods of one item left out", {"goods": _row_with(0)[:1]}),
    ("goods out of order", {"goods": _row_with(0)[::-1]}),
    ("an item twice", {"goods": _row_with(0)[:1] * 2}),
    ("more lost", {"funds": _fund_with(0, lost=3_354)}),
    ("goods spent in another column", {"funds": _fund_with(0, spent=34_789, lost=3_354)}),
    ("more stock", {"funds": _fund_with(1, stock=78)}),
    ("stock as money", {"funds": _fund_with(1, stock=0, money=77)}),
    ("goods held as money", {"custody": 1}),
    ("loans", {"loans": {"running": 0, "par30": 0, "par90": 0}}),
    ("another statement", {"statement": "00" * 32}),
    ("a statement without goods", {"statement": _hash({name: value for name, value in NOVEMBER.items()
                                                       if name != "goods"})}),
    ("a statement that tells of moves", {"statement": _hash(NOVEMBER | {"goods": [
        NOVEMBER["goods"][0], {**NOVEMBER["goods"][1], "rows": [*RICE[:7], _row("goods_moved", "4", "4", 26_665,
                                                                               26_665), RICE[7]]}]})}),
)] + [
    (CLOSED_AT, "before the month is over", ("period_closed", "2026-11-30", _closing("2026-11", NOVEMBER)),
     "period-not-over"),
    (CLOSED_AT + 1, "goods in a closed month", ("goods_received", "2026-11-30", {
        **AIM, "donor": scenario.donor("z"), "lots": [lot_of("gao", "1", 1)]}), "period-closed"),
    (CLOSED_AT + 1, "reversing the opening", ("reversed", "2026-12-01", {"of": 10, "reason": "mistyped"}),
     "named-by-standing"),
    (CLOSED_AT + 1, "reversing the purchase", ("reversed", "2026-12-01", {"of": 14, "reason": "mistyped"}),
     "named-by-standing"),
    (CLOSED_AT + 1, "reversing the first count", ("reversed", "2026-12-01", {"of": 18, "reason": "mistyped"}),
     "found-again"),
    (CLOSED_AT + 1, "the sender again", ("received_from_chapter", "2026-12-01", {
        "fund": "lu", "store": "kho", "lots": [lot_of("gao", "2.5", 77)],
        "sender": {"log": "so.example/khac", "id": SENDER + "2"}}), "sender-used"),
    (CLOSED_AT + 1, "the coats of the other fund", ("goods_distributed", "2026-12-01", {
        "fund": "chung", "store": "chua", "programme": "tet", "lines": _families([("ao", "1")])}), "stock-too-low"),
    (CLOSED_AT + 4, "another campaign", ("statement_published", "2027-01-03", {
        "type": "campaign", "from": "2026-11-06", "to": "2026-11-30", "fund": "lu", "sha256": _hash(CAMPAIGN)}),
     "figure"),
]
LARGE = [lot_of("gao", LARGEST_QUANTITY, 0)]
BOOKS = [_held("sách", LARGEST_QUANTITY, "thùng")]
# Behind the setting: months whose goods go in and out until a figure of their statement is too large.
OTHERS = [
    ("more goods came in than a statement can tell", [
        ("goods_received", "2026-11-02", {**AIM, "donor": scenario.donor("x"), "lots": LARGE}),
        ("goods_distributed", "2026-11-03", {**AID, "lines": _families([("gao", LARGEST_QUANTITY)])}),
        ("goods_received", "2026-11-04", {**AIM, "donor": scenario.donor("y"), "lots": LARGE}),
        ("period_closed", "2026-12-01", _closing("2026-11", NOVEMBER))], "too-large"),
    ("more was held than a statement can tell", [
        ("custody_received", "2026-11-02", {"class": "mistaken", "donor": scenario.donor("x"), "goods": BOOKS}),
        ("custody_returned", "2026-11-03", {"of": len(SETTING) + 1, "goods": BOOKS}),
        ("custody_received", "2026-11-04", {"class": "mistaken", "donor": scenario.donor("y"), "goods": BOOKS}),
        ("period_closed", "2026-12-01", _closing("2026-11", NOVEMBER))], "too-large"),
]


def entries(opening):
    """The whole story behind an entry 0."""
    return [opening] + [scenario.entry(seq, *one) for seq, one in enumerate(STORY, 1)]


def write(folder, opening):
    """The ledger as it would be published."""
    whole = forge.chained(entries(opening))
    for size in (CLOSED_AT, len(whole)):
        forge.seal(folder, whole[:size])
    for name, statement in STATEMENTS.items():
        forge.write(folder, f"statements/{name}.json", canonical.encode(statement))
    forge.write(folder, "disclosures.jsonl", b"")
    forge.write(folder, "policy", f"log {forge.Signer(ORIGIN, forge.LOG_SEED).vkey}\nquorum none\n".encode())


if __name__ == "__main__":
    write(sys.argv[1], forge.load(sys.argv[2])[0])
