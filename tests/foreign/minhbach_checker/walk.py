"""Random histories with goods: what the books take goes on, what they refuse is a ledger with one wrong entry.

Amounts are small and values mostly do not divide, so that money and goods meet each other's limits all the time.
"""

import hashlib
import pickle
import random

import canonical
import scenario
from books import Books
from canonical import Refused, thousandths
from periods import FEWEST_LOANS
from statement import Statement

SETTING = [
    ("fund_opened", "2026-11-01", {"fund": {"code": "chung", "type": "general", "name": "Quỹ chung",
                                            "terms": {"text": "Nhân đạo", "costs": True}}}),
    ("fund_opened", "2026-11-01", {"fund": {"code": "lu", "type": "restricted", "name": "Bão lũ",
                                            "terms": {"text": "Bão lũ", "costs": False, "until": "2026-12-20"}}}),
    ("programme_opened", "2026-11-01", {"programme": {"code": "mua-lu", "name": "Mùa lũ", "type": "disaster"}}),
    ("programme_opened", "2026-11-01", {"programme": {"code": "tet", "name": "Tết", "type": "tet"}}),
    ("place_opened", "2026-11-01", {"place": {"code": "bank", "type": "bank", "name": "Ngân hàng"}}),
    ("store_opened", "2026-11-01", {"store": {"code": "kho", "name": "Kho Hội"}}),
    ("store_opened", "2026-11-01", {"store": {"code": "chua", "name": "Nhà chùa"}}),
    ("item_opened", "2026-11-01", {"item": {"code": "gao", "name": "Gạo", "unit": "kg", "whole": False}}),
    ("item_opened", "2026-11-01", {"item": {"code": "ao", "name": "Áo ấm", "unit": "cái", "whole": True}}),
]
FUNDS, PLACES, STORES = ("chung", "lu"), ("cash", "bank"), ("kho", "chua")
NAMED = {"goods_returned": ("goods_purchased", "goods_received"), "donation_returned": ("donation",),
         "handover_returned": ("goods_distributed", "aid_paid"), "custody_returned": ("custody_received",)}


class Walk:
    """One history; `refused` are the (entries, code) that the books did not take."""

    SETTING, FUNDS = SETTING, FUNDS

    def __init__(self, opening, seed):
        self.random = random.Random(seed)
        self.books, self.entries, self.refused, self.day = Books(), [], [], 1
        self.books.add(opening)
        self.entries.append(opening)
        self.number = 0
        for told in self.SETTING:
            self.tell(*told)
        for kind in ("opening_balance", *("donation", "goods_received", "goods_purchased") * 3):
            self.tell(kind, "2026-11-01", getattr(self, "_" + kind)("2026-11-01"))

    def tell(self, kind, date, members):
        """Adds an entry if the books take it; returns the code of the refusal."""
        entry = scenario.entry(len(self.entries), kind, date, members)
        tried = pickle.loads(pickle.dumps(self.books))
        try:
            tried.add(entry)
        except Refused as fault:
            self.refused.append((self.entries + [entry], fault.code))
            return fault.code
        self.books = tried
        self.entries.append(entry)
        return None

    def go(self, steps):
        """That many tries."""
        for _ in range(steps):
            self.number += 1
            self.day = min(self.day + self.random.choice((0, 0, 1, 1, 2)), 60)
            kind = self.random.choice(self.KINDS)
            date = self._date(self.day - self.random.choice((0, 0, 0, 0, 1, 3)))
            if members := getattr(self, "_" + kind)(date):
                self.tell(kind, date, members)

    KINDS = ("donation",) * 3 + ("goods_received",) * 3 + ("goods_purchased",) * 4 + ("goods_distributed",) * 5 + (
        "goods_moved",) * 3 + ("stock_counted",) * 5 + ("goods_returned",) * 3 + ("handover_returned",) * 4 + (
        "sent_to_chapter", "received_from_chapter") * 2 + ("custody_received", "custody_returned", "opening_balance",
        "aid_paid", "donation_returned", "fund_transfer", "period_closed", "cash_counted", "fund_closed",
        "statement_published", "transfer") + ("reversed",) * 7

    def end(self):
        """Every gift and goods lot is asked for more than is left and for all of it; then the months are closed."""
        gifts = sorted({lot.gift for lot in self.books.lots.lots.values() if lot.fund == "lu"})
        for gift in gifts:
            self.number += 1
            left = sum(lot.unspent for lot in self.books.lots.of("lu", gift))
            place = max(PLACES, key=self.books.balance)
            for amount in (left + 1, left):
                ref = gift[0]
                if self.entries[ref]["voucher"]["kind"] == "opening_balance":
                    ref = {"line": gift[1], "seq": ref}
                self.tell("fund_transfer", "2026-12-31", {"place": place, **self._by_consent(amount, [ref])})
        for lot in list(self.books.goods.lots.values()):
            for store, (quantity, _) in sorted(lot.here.items()):
                ref = lot.key[0]
                if self.entries[ref]["voucher"]["kind"] == "opening_balance":
                    ref = {"line": lot.key[1], "seq": ref}
                for count in (quantity + 1000, quantity) if quantity and lot.key[1] == 0 else ():
                    self.tell("stock_counted", "2026-12-31", {"store": store, "fund": lot.fund, "differences": [
                        {"item": lot.item, "quantity": canonical.signed_quantity(count), "direction": "less",
                         "reason": "lost", "lot": ref}]})
        self.tell("period_closed", "2027-01-02", self.closing(self.books.closed_through is None, "2026-12"))
        for fund in self.FUNDS:
            self.tell("statement_published", "2027-01-03", self._campaign(fund, "2026-11-01", "2026-12-31"))

    # ---- choosing ----

    @staticmethod
    def _date(day):
        day = max(day, 1)
        return f"2026-11-{day:02d}" if day <= 30 else f"2026-12-{min(day - 30, 31):02d}"

    def _one(self, *words):
        return self.random.choice(words)

    def _fund(self):
        return self._one("chung", "chung", "lu")

    def _quantity(self, item, most=None):
        if item == "ao":
            return str(self.random.randint(1, most or 12)) if self.random.random() < 0.99 else "1.5"
        few = ("0.5", "1", "1.001", "2", "0.333", "0.001")
        return self._one(*few) if most else self._one(*few, "2.5", "3.333", "4", "7")

    def _items(self, most=2, few=3):
        items = [self._one("gao", "ao") for _ in range(self.random.randint(1, most))]
        return [{"item": item, "quantity": self._quantity(item, few)} for item in items]

    def _lots(self):
        rows = self._items(3, None)
        for row in rows:
            row["value"] = self._one(0, 10, 100, 101, self.random.randint(1, 300))
            if self.random.random() < 0.5:
                row["expiry"] = self._date(self.day + self.random.randint(-3, 12))
        return rows

    def _digests(self, *words):
        return scenario.digests(*(f"{self.number} {word}" for word in words))

    def _donor(self):
        return {"type": "person", "_sd": self._digests("donor", "another")}

    def _of(self, *kinds):
        kinds = kinds if self.random.random() < 0.97 else tuple({e["voucher"]["kind"] for e in self.entries[1:]})
        found = [place for place, entry in enumerate(self.entries) if entry["voucher"]["kind"] in kinds]
        found = [seq for seq in found if self.books.entries[seq].standing or self.random.random() < 0.05]
        return self.random.choice(found[-12:]) if found else None

    def _gifts(self):
        if self.random.random() < 0.5:
            return {}
        refs = [ref for ref in (self._of("donation", "received_from_chapter") for _ in range(2)) if ref is not None]
        return {"gifts": refs} if refs else {}

    def _lines(self, row):
        lines = [{"_sd": self._digests(number), **row()} for number in range(self.random.randint(1, 3))]
        return sorted(lines, key=lambda line: line["_sd"])

    # ---- the kinds ----

    def _donation(self, _):
        return {"amount": self.random.randint(50, 500), "place": self._one(*PLACES), "fund": self._fund(),
                "donor": self._donor(), "method": "cash"}

    def _opening_balance(self, _):
        money = [{"place": self._one(*PLACES), "fund": self._fund(), "amount": 100} for _ in range(2)]
        goods = [{**lot, "fund": self._fund(), "store": self._one(*STORES)}
                 for lot in self._lots()]
        custody = [{"class": "mistaken", "goods": self._held_goods()}]
        return {"as_of": "2026-10-31", "money": money, "goods": goods, "custody": custody}

    def _held_goods(self):
        return [{"description": self._one("xe đạp", "sách"), "unit": "cái", "quantity": self._one("1", "2", "0.5")}
                for _ in range(self.random.randint(1, 2))]

    def _custody_received(self, _):
        return {"class": "named_family", "donor": self._donor(), "goods": self._held_goods()}

    def _custody_returned(self, _):
        of = self._of("custody_received", "opening_balance")
        if of is None:
            return None
        if self.entries[of]["voucher"]["kind"] == "opening_balance":
            of = {"line": 0, "seq": of}
        return {"of": of, "goods": self._held_goods()}

    def _goods_received(self, _):
        return {"fund": self._fund(), "store": self._one(*STORES), "donor": self._donor(), "lots": self._lots()}

    def _goods_purchased(self, _):
        extra = {} if self.random.random() < 0.5 else {"extra": self._one(1, 7, 10)}
        return {"place": self._one(*PLACES), "fund": self._fund(), "store": self._one(*STORES),
                "payee": {"type": "organisation", "name": "Cửa hàng"}, "lots": self._lots(), **extra, **self._gifts()}

    def _goods_returned(self, _):
        of = self._of(*NAMED["goods_returned"])
        if of is None or "lots" not in self.entries[of]["voucher"]:
            return None
        lots = self.entries[of]["voucher"]["lots"]
        lot = self.random.choice(lots)
        items = [{"item": lot["item"], "quantity": self._one(lot["quantity"], self._quantity(lot["item"], 3))}]
        if self.random.random() < 0.3:
            items += self._items(1)
        money = {}
        if (self.entries[of]["voucher"]["kind"] == "goods_purchased") != (self.random.random() < 0.1):
            money = self._one({}, {"place": self._one(*PLACES), "amount": self.random.randint(1, 200)},
                              {"place": self._one(*PLACES), "amount": self.random.randint(1, 20)})
        return {"of": of, "items": items, **money}

    def _goods_distributed(self, _):
        expired = self._one({}, {"allow_expired": True}, {"allow_expired": False})
        return {"store": self._one(*STORES), "fund": self._fund(), "programme": self._one("mua-lu", "tet"),
                "lines": self._lines(lambda: {"items": self._items(2)}), **expired}

    def _aid_paid(self, _):
        return {"place": self._one(*PLACES), "fund": self._fund(), "programme": self._one("mua-lu", "tet"),
                "lines": self._lines(lambda: {"amount": self.random.randint(1, 90)}), **self._gifts()}

    def _handover_returned(self, _):
        of = self._of(*NAMED["handover_returned"])
        if of is None or "lines" not in self.entries[of]["voucher"]:
            return None
        voucher = self.entries[of]["voucher"]
        found = {"of": of, "lines": self._one(0, 0, 1, 2)}
        if voucher["kind"] != "goods_distributed":
            return found | {"amount": self.random.randint(1, 80)}
        rows = [row for line in voucher["lines"] for row in line.get("items", [])]
        return found | {"items": [{**row, "quantity": self._one(row["quantity"], self._quantity(row["item"], 2))}
                                  for row in self.random.sample(rows, min(len(rows), 2))]}

    def _goods_moved(self, _):
        source, target = self._one(STORES, STORES[::-1], STORES, STORES[::-1], STORES[:1] * 2)
        return {"from_store": source, "to_store": target, "fund": self._fund(), "items": self._items()}

    def _stock_counted(self, _):
        rows = self._items(3)
        for row in rows:
            row |= {"direction": self._one("less", "more"), "reason": "miscounted"}
            of = self._of("goods_received", "goods_purchased", "stock_counted", "received_from_chapter")
            if of is not None and self.random.random() < (0.3 if row["direction"] == "less" else 0.02):
                row["lot"] = of
        return {"store": self._one(*STORES), "fund": self._fund(), "differences": rows}

    def _sent_to_chapter(self, _):
        if self.random.random() < 0.3:
            return {"amount": self.random.randint(1, 90), "place": self._one(*PLACES), "fund": self._fund(),
                    "to_log": "so.example/khac", **self._gifts()}
        return {"items": self._items(), "store": self._one(*STORES), "fund": self._fund(), "to_log": "so.example/khac"}

    def _received_from_chapter(self, _):
        number = self.random.randint(1, 40)
        sender = {"log": "so.example/khac", "id": f"019a0000-0000-7000-8000-{number:012d}"}
        if self.random.random() < 0.4:
            return {"amount": self.random.randint(1, 300), "place": self._one(*PLACES), "fund": self._fund(),
                    "sender": sender}
        return {"lots": self._lots(), "store": self._one(*STORES), "fund": self._fund(), "sender": sender}

    def _donation_returned(self, _):
        of = self._of("donation")
        return of and {"of": of, "amount": self.random.randint(1, 200), "place": self._one(*PLACES),
                       "reason": "not_a_gift"}

    def _by_consent(self, amount, gifts):
        return {"from_fund": "lu", "to_fund": "chung", "reason": "consent", "amount": max(amount, 1), "gifts": gifts,
                "_sd": self._digests("consent", amount)}

    def _fund_transfer(self, _):
        gifts = self._gifts().get("gifts")
        place, amount = self._one(*PLACES), self.random.randint(1, 120)
        if gifts and self.random.random() < 0.5:
            return {"place": place, **self._by_consent(amount, gifts)}
        return {"from_fund": "chung", "to_fund": "lu", "place": place, "reason": "other", "amount": amount}

    def _transfer(self, _):
        source, target = self._one(PLACES, PLACES[::-1])
        return {"from_place": source, "to_place": target, "fund": self._fund(), "amount": self.random.randint(1, 99)}

    def _fund_closed(self, _):
        return {"fund": self._one(*self.FUNDS)} if self.random.random() < 0.08 and self.day > 40 else None

    def _cash_counted(self, date):
        book = self.books.balance("cash", date)
        counted = max(0, book + self._one(-5, 0, 3))
        fund = {"fund": self._fund()} if counted != book else {}
        return {"place": "cash", "counted": counted, "difference": counted - book, **fund}

    def _reversed(self, _):
        of = self._of(*self.KINDS)
        return of and {"of": of, "reason": "mistyped"}

    def closing(self, both, through):
        """The members of a closing through a month, of one month or of both."""
        first, last = "2026-11-01" if both else f"{through}-01", canonical.last_day(through)
        value, running = Statement(self.books, first, last).value(), self.books.loans.running(last)
        bare = lambda rows, *names: [{name: row[name] for name in names} for row in rows]
        return {"through": through, "entries": value["entries"], "custody": value["custody"]["closing"],
                "places": bare(value["places"], "place", "opening", "in", "out", "closing"),
                "funds": value["funds"], "goods": bare(value["goods"], "item", "opening", "in", "out", "closing"),
                **({"loans": {"running": running, "par30": 0, "par90": 0}} if running >= FEWEST_LOANS else {}),
                "statement": hashlib.sha256(canonical.encode(value)).hexdigest()}

    def _period_closed(self, _):
        if self.day < 31 or self.books.closed_through or self.random.random() < 0.5:
            return None
        found = self.closing(True, "2026-11")
        if self.random.random() < 0.3:
            row = self.random.choice(found["goods"])
            name = self._one("opening", "in", "out", "closing")
            row[name] = canonical.signed_quantity(thousandths(row[name].lstrip("-")) + 1)
        return found

    def _campaign(self, fund, first, last):
        data = Statement(self.books, first, last, fund).bytes()
        return {"type": "campaign", "from": first, "to": last, "fund": fund,
                "sha256": hashlib.sha256(data).hexdigest()}

    def _statement_published(self, _):
        if not self.books.closed_through:
            return None
        return self._campaign(self._fund(), self._date(self.random.randint(1, 28)), "2026-11-29")
