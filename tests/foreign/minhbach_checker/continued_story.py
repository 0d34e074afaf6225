"""A chapter whose ledger goes on in a second and a third one: FORMAT.md section 9.9.

The figures of its statements were added up by hand from sections 9 and 11, not by `statement.py`.
"""

import base64
import copy
import hashlib
import json

import canonical
import forge
import scenario
import tree
import vouchers
from goods_cases import items_of, lot_of
from goods_story import AID, AIM, _fund, _goods, _held, _money, _row, _thing
from scenario import ORIGIN, digests, donor, lines

FIRST_OFFICERS = ("123", "abc", "def")
LOG_SEEDS = (forge.LOG_SEED, 0x05, 0x06)
AUDITOR_DIGIT = "5"


def origin_of(number):
    """The origin of a ledger of the chapter."""
    return ORIGIN if number == 1 else f"{ORIGIN}/{number}"


def officers_of(number):
    """Treasurer, chair and deputy of a ledger."""
    return [forge.officer(origin_of(number), digit) for digit in FIRST_OFFICERS[number - 1]]


def signed_as(number, mark):
    """(role, signer) as a mark of section 8 asks for."""
    treasurer, chair, _ = officers_of(number)
    auditor = forge.officer(origin_of(number), AUDITOR_DIGIT)
    both = [("recorder", treasurer), ("approver", chair)]
    return {"1": both[:1], "2": both, "2A": both, "2+holder": [*both, ("holder", auditor)],
            "2+auditor": [*both, ("auditor", auditor)], "auditor": [("auditor", auditor)]}[mark]


# ---- what is told --------------------------------------------------------------------------------------------


def _families(*rows):
    found = [{"_sd": digests(f"family {number}"), "items": items_of(*items)} for number, items in enumerate(rows)]
    return sorted(found, key=lambda line: line["_sd"])


GIFT = {"place": "cash", "fund": "chung", "method": "cash"}
BIKE = [_held("xe đạp", "1", "cái")]
STORY_1 = [
    ("fund_opened", "2026-11-01", {"fund": {"code": "chung", "type": "general", "name": "Quỹ chung",
                                            "terms": {"text": "Hoạt động nhân đạo", "costs": True}}}),
    ("fund_opened", "2026-11-01", {"fund": {"code": "lu", "type": "restricted", "name": "Bão lũ",
                                            "terms": {"text": "Bão lũ", "costs": False}}}),
    ("programme_opened", "2026-11-01", {"programme": {"code": "mua-lu", "name": "Mùa lũ", "type": "disaster"}}),
    ("place_opened", "2026-11-01", {"place": {"code": "bank", "type": "bank", "name": "Ngân hàng"}}),
    ("store_opened", "2026-11-01", {"store": {"code": "kho", "name": "Kho Hội"}}),
    ("item_opened", "2026-11-01", {"item": {"code": "gao", "name": "Gạo", "unit": "kg", "whole": False}}),
    ("opening_balance", "2026-11-01", {
        "as_of": "2026-10-31", "money": [{"place": "cash", "fund": "chung", "amount": 1_000},
                                         {"place": "bank", "fund": "lu", "amount": 2_000}],
        "goods": [{**lot_of("gao", "10", 1_000), **AIM}],
        "custody": [{"class": "mistaken", "amount": 300, "place": "cash"}, {"class": "mistaken", "goods": BIKE}]}),
    ("donation", "2026-11-02", {**GIFT, "amount": 500, "place": "bank", "fund": "lu", "donor": donor("a")}),
    ("donation", "2026-11-02", {**GIFT, "amount": 400, "donor": donor("b")}),
    ("goods_purchased", "2026-11-03", {**AIM, "place": "cash", "payee": {"type": "organisation", "name": "Cửa hàng"},
                                       "lots": [lot_of("gao", "4", 400)], "gifts": [9]}),
    ("custody_received", "2026-11-03", {"class": "named_family", "donor": donor("c"), "amount": 200, "place": "cash"}),
    ("income", "2026-11-04", {"amount": 7, "place": "bank", "fund": "chung", "type": "bank_interest"}),
    ("aid_paid", "2026-11-04", {"place": "cash", "fund": "chung", "programme": "mua-lu", "lines": lines(100, 50)}),
]

CASH_1 = (("donation", 1_400, 0), ("donation_returned", 0, 100), ("aid_paid", 0, 150), ("goods_purchased", 0, 400),
          ("handover_returned", 50, 0), ("cash_counted", 0, 10), ("custody_received", 200, 0),
          ("custody_handed_over", 0, 150))
RICE = (_row("goods_purchased", "4", "0", 400), _row("goods_distributed", "0", "12", 0, 1_200))
NOVEMBER = {
    "v": 1, "log": origin_of(2), "from": "2026-11-01", "to": "2026-11-30", "entries": 23,
    "places": [_money("bank", 2_000, 507 - 7, 700, ("donation", 500, 0), ("income", 0, 0), ("aid_paid", 0, 700)),
               _money("cash", 1_300, 1_650, 810, *CASH_1)],
    "funds": [_fund("chung", 2_000, 1_300, 1_310, 0, 0, 1_990, 1_790, 200),
              _fund("lu", 2_000, 500, 700, 0, 0, 1_800, 1_800, 0)],
    "income": [{"account": "donations", "amount": 1_900}, {"account": "donations_returned", "amount": -100}],
    "spending": [{"account": "aid_in_money", "programme": "mua-lu", "amount": 800},
                 {"account": "aid_in_kind", "programme": "mua-lu", "amount": 1_200},
                 {"account": "programme_costs:cash_difference", "amount": 10}],
    "families": [{"programme": "mua-lu", "lines": 4}],
    "goods": [_goods("gao", ("10", "4", "12", "2"), (1_000, 400, 1_200, 200), *RICE)],
    "custody": {"opening": 300, "closing": 350, "rows": [
        {"kind": "custody_received", "amount": 200}, {"kind": "custody_handed_over", "amount": -150}],
        "goods": [_thing("xe đạp", "cái", "1", "0", "1", "0")]},
    "bridge": {"places": 3_940, "funds": 3_590, "custody": 350, "stock": 200},
}
DECEMBER = {
    "v": 1, "log": origin_of(3), "from": "2026-12-01", "to": "2026-12-31", "entries": 10,
    "places": [_money("bank", 1_800, 300, -400, ("aid_paid", 0, -700), ("fund_transfer", 300, 300)),
               _money("cash", 2_140, 0, 140, ("donation_returned", 0, 100), ("cash_counted", 0, -10),
                      ("custody_handed_over", 0, 50))],
    "funds": [_fund("chung", 1_990, -100, 0, 0, 10, 2_200, 2_000, 200) | {"moved": 300},
              _fund("lu", 1_800, 0, 0, 0, 700, 2_200, 2_200, 0) | {"moved": -300}],
    "income": [{"account": "donations_returned", "amount": -100}], "spending": [],
    "goods": [_goods("gao", ("2", "1", "1", "2"), (200, 100, 100, 200), _row("goods_distributed", "0", "1", 0, 100),
                     _row("handover_returned", "1", "0", 100))],
    "custody": {"opening": 350, "closing": 300, "rows": [{"kind": "custody_handed_over", "amount": -50}],
                "goods": [_thing("xe đạp", "cái", "0", "0", "0", "0")]},
    "bridge": {"places": 4_500, "funds": 4_200, "custody": 300, "stock": 200},
}
QUARTER = NOVEMBER | {
    "log": origin_of(3), "from": "2026-10-01", "to": "2026-12-31", "entries": 34,
    "places": [_money("bank", 2_000, 800, 300, ("donation", 500, 0), ("income", 0, 0), ("aid_paid", 0, 0),
                      ("fund_transfer", 300, 300)),
               _money("cash", 1_300, 1_650, 950, CASH_1[0], ("donation_returned", 0, 200), *CASH_1[2:5],
                      ("cash_counted", 0, 0), CASH_1[6], ("custody_handed_over", 0, 200))],
    "funds": [_fund("chung", 2_000, 1_200, 1_310, 0, 10, 2_200, 2_000, 200) | {"moved": 300},
              _fund("lu", 2_000, 500, 700, 0, 700, 2_200, 2_200, 0) | {"moved": -300}],
    "income": [{"account": "donations", "amount": 1_900}, {"account": "donations_returned", "amount": -200}],
    "goods": [_goods("gao", ("10", "5", "13", "2"), (1_000, 500, 1_300, 200), RICE[0],
                     _row("goods_distributed", "0", "13", 0, 1_300), _row("handover_returned", "1", "0", 100))],
    "custody": {"opening": 300, "closing": 300, "rows": [
        {"kind": "custody_received", "amount": 200}, {"kind": "custody_handed_over", "amount": -200}],
        "goods": NOVEMBER["custody"]["goods"]},
    "bridge": DECEMBER["bridge"],
}
STATEMENTS = {2: {"2026-11": NOVEMBER}, 3: {"2026-12": DECEMBER, "2026-q4": QUARTER}}


def statement_hash(statement):
    """What a closing or publication names a statement by."""
    return hashlib.sha256(canonical.encode(statement)).hexdigest()


def closing(through, told_of, **others):
    """The members of a closing."""
    def without(rows, *names):
        return [{name: value for name, value in row.items() if name not in names} for row in rows]
    return {"through": through, "entries": told_of["entries"], "places": without(told_of["places"], "rows"),
            "funds": told_of["funds"], "custody": told_of["custody"]["closing"],
            "goods": without(told_of["goods"], "rows", "value"), "statement": statement_hash(told_of), **others}


STORY_2 = [
    # 10 kg of the opening (1 000) and 2 kg of the purchase (200).
    ("goods_distributed", "2026-11-06", {**AID, "lines": _families([("gao", "12")])}),
    ("aid_paid", "2026-11-06", {"place": "bank", "fund": "lu", "programme": "mua-lu", "lines": lines(400, 300),
                                "gifts": ["old:8", {"line": 1, "seq": "old:7"}]}),
    ("reversed", "2026-11-07", {"of": "old:12", "reason": "mistyped"}),
    ("custody_handed_over", "2026-11-07", {"of": "old:11", "amount": 150}),
    ("custody_returned", "2026-11-07", {"of": {"line": 1, "seq": "old:7"}, "goods": BIKE}),
    ("handover_returned", "2026-11-08", {"of": "old:13", "amount": 50, "lines": 1}),
    ("donation", "2026-11-08", {**GIFT, "amount": 1_000, "donor": donor("d")}),
    ("cash_counted", "2026-11-09", {"place": "cash", "counted": 2_240, "difference": -10, "fund": "chung"}),
    ("donation_returned", "2026-11-10", {"of": 7, "amount": 100, "place": "cash", "reason": "duplicate"}),
    ("period_closed", "2026-12-01", closing("2026-11", NOVEMBER)),
]
STORY_3 = [
    ("goods_distributed", "2026-12-03", {**AID, "lines": _families([("gao", "1")])}),
    ("custody_handed_over", "2026-12-03", {"of": "old:11", "amount": 50}),
    ("handover_returned", "2026-12-04", {"of": "old:15", "items": items_of(("gao", "1")), "lines": 1}),
    ("reversed", "2026-12-05", {"of": "old:16", "reason": "wrong_person"}),
    ("fund_transfer", "2026-12-05", {"from_fund": "lu", "to_fund": "chung", "place": "bank", "amount": 300,
                                     "gifts": ["old:8"], "reason": "consent", "_sd": digests("proof")}),
    ("donation_returned", "2026-12-06", {"of": "old:9", "amount": 100, "place": "cash", "reason": "duplicate"}),
    ("reversed", "2026-12-07", {"of": "old:22", "reason": "mistyped"}),
    ("officer_enrolled", "2026-12-08", {"officer": {
        "vkey": forge.officer(origin_of(3), AUDITOR_DIGIT).vkey, "person": "0000000000000005", "roles": ["auditor"],
        "title": "Kiểm tra"}}),
    ("period_closed", "2027-01-02", closing("2026-12", DECEMBER), "2+auditor"),
    ("statement_published", "2027-01-03", {"type": "quarter", "from": "2026-10-01", "to": "2026-12-31",
                                           "sha256": statement_hash(QUARTER)}),
    ("period_audited", "2027-01-05", {"through": "2026-12", "result": "sound", "sample": ["old:8", "old:16", 4]}),
]
STORY = (STORY_1, STORY_2, STORY_3)
DAYS = ("2026-10-31", "2026-11-05", "2026-12-02")
# The documents of every entry with any, in the order of the chapter.
DOCUMENTS = ("BT1 BC1 PT1 PC1+PN1 PT2 BC2 PC2 PX1 BN1 BT2 PC3 BT3 PT3 PT4 PC4 PC5 PX2 PC6 PN2 BT4 BT5 PC7 BT6").split()


# ---- writing -------------------------------------------------------------------------------------------------


class Ledger:
    """A ledger of the chapter that is being told; `behind` is the one that it continues."""

    def __init__(self, number, opening, behind=None, **changes):
        self.number, self.behind = number, behind
        self.origin, self.seed = origin_of(number), LOG_SEEDS[number - 1]
        self.before = behind.before + len(behind.entries) if behind else 0
        self.entries = []
        self._open(copy.deepcopy(opening), changes)

    def _open(self, opening, changes):
        officers = officers_of(self.number)
        voucher = opening["voucher"]
        if self.behind:
            persons = zip(voucher["officers"], officers)
            voucher |= {"id": self.id(0), "date": DAYS[self.number - 1], "by": officers[0].name, "log": self.origin,
                        "log_key": forge.Signer(self.origin, self.seed).vkey,
                        "officers": [{**person, "vkey": key.vkey} for person, key in persons],
                        "continues": {"checkpoint": base64.b64encode(self.behind.checkpoint()).decode()}}
        at = changes.pop("at", f"{voucher['date']}T05:00:00Z" if self.behind else opening["at"])
        signers = changes.pop("signers", list(zip(("recorder", "approver", "holder"), officers)))
        voucher |= changes
        for name in [name for name, value in voucher.items() if value is None]:
            del voucher[name]
        self.add(voucher, signers, at)

    def id(self, seq):
        """The voucher id of an entry."""
        return f"019a0000-0000-7000-8000-{self.before + seq:012d}"

    def add(self, voucher, signers, at):
        """An entry with this voucher."""
        self.entries.append({"at": at, "log": voucher["log"], "seq": len(self.entries), "v": 1, "voucher": voucher,
                             "signatures": forge.sign(voucher, signers)})

    def tell(self, kind, date, members, signers=None, at=None):
        """An entry; signers are (role, signer), a mark, or as the mark of the kind asks for."""
        if not isinstance(signers, list):
            signers = signed_as(self.number, signers or vouchers.MARKS[kind])
        voucher = {"by": signers[0][1].name, "date": date, "id": self.id(len(self.entries)), "kind": kind,
                   "log": self.origin, **members}
        self.add(voucher, signers, at or f"{date}T05:00:00Z")

    def lines(self):
        """The bytes of the entries."""
        return forge.chained(self.entries)

    def checkpoint(self, size=None, origin=None, seed=None, root=None):
        """The checkpoint of the ledger, or one that differs from it."""
        leaves = [tree.leaf_hash(line) for line in self.lines()][:size]
        return forge.checkpoint(origin or self.origin, len(leaves) if size is None else size, root or
                                tree.root(leaves), self.seed if seed is None else seed, witnessed=False)

    def write(self, folder):
        """The ledger as it would be published."""
        forge.seal(folder, self.lines(), self.seed)
        forge.write(folder, "disclosures.jsonl", b"")
        forge.write(folder, "policy", f"log {forge.Signer(self.origin, self.seed).vkey}\nquorum none\n".encode())


def told(opening, *parts, **changes):
    """The ledgers of a chapter, each part behind an entry 0; `opening_2` changes members of that of ORIGIN/2."""
    ledgers = []
    for number, part in enumerate(parts, 1):
        ledger = Ledger(number, opening, ledgers[-1] if ledgers else None, **changes.get(f"opening_{number}", {}))
        for one in part:
            ledger.tell(*one)
        ledgers.append(ledger)
    return ledgers


def write(folder, ledgers, statements=None):
    """The ledgers of a chapter, those that continue the first one below it."""
    for ledger in ledgers:
        own = folder if ledger.number == 1 else folder / str(ledger.number)
        ledger.write(own)
        for name, statement in (STATEMENTS if statements is None else statements).get(ledger.number, {}).items():
            forge.write(own, f"statements/{name}.json", canonical.encode(statement))
