"""Statements recomputed from the journal: FORMAT.md section 11."""

import calendar
from collections import defaultdict
from dataclasses import dataclass

import canonical
import vouchers

INCOME = ("donations", "donations_in_kind", "donations_returned", "support_from_chapters", "service_fees", "recoveries",
          "other_income")
COSTS = ("aid_in_money", "aid_in_kind", *(f"programme_costs:{name}" for name in vouchers.COST_CATEGORIES),
         "programme_costs:cash_difference", "support_to_chapters")
HELD, MOVED, CUSTODY, LENT = "held_for_others", "moved_between_funds", "custody", "loans_receivable"
LOSSES = ("loan_losses", "stock_losses")
SPENDING = (*COSTS, *LOSSES)


class Quantity(int):
    """A figure in thousandths, written as text."""


@dataclass
class Line:
    """One posting in the journal. `kind` of a reversal is that of the reversed voucher."""

    day: str
    account: str
    fund: str
    amount: int
    kind: str
    programme: str | None
    reverses: bool
    earlier: bool

    @property
    def place(self):
        """The place of a place's account, else None."""
        return self.account[6:] if self.account.startswith("place:") else None

    @property
    def owned(self):
        """Whether the account is that of a place, of stock or of loans."""
        return self.account == LENT or self.account.startswith(("place:", "stock:"))


@dataclass
class GoodsLine:
    """A quantity that came in (or left, below 0); `kind` as in `Line`."""

    day: str
    fund: str
    item: str
    quantity: int
    value: int
    kind: str
    reverses: bool


@dataclass
class HeldLine:
    """Goods held for others that came in (or left, below 0); `words` are their description and unit."""

    day: str
    words: tuple
    quantity: int
    reverses: bool


def quarter_or_year(type_, first, last):
    """The file name of a calendar quarter or year, or None when the days are none."""
    year, month = first[:4], int(first[5:7])
    if type_ == "year":
        return year if (first, last) == (f"{year}-01-01", f"{year}-12-31") else None
    end = f"{year}-{month + 2:02d}"
    if month % 3 != 1 or not first.endswith("-01") or last[:7] != end:
        return None
    if int(last[8:]) != calendar.monthrange(int(year), month + 2)[1]:
        return None
    return f"{year}-q{(month + 2) // 3}"


class Statement:
    """The figures of one span; `fund` makes it a campaign."""

    def __init__(self, books, first, last, fund=None):
        self.books, self.first, self.last, self.fund = books, first, last, fund
        self.begin = max(first, books.said["books_from"])
        journal = [line for line in books.journal if fund in (None, line.fund)]
        self.before, self.within = self._split(journal)
        self.goods_before, self.goods_within = self._split(
            line for line in books.goods_journal if fund in (None, line.fund))

    def _split(self, lines):
        known = [line for line in lines if line.day <= self.last]
        return ([line for line in known if line.day < self.begin], [line for line in known if line.day >= self.begin])

    def value(self):
        """The object whose JCS is the file."""
        return _written(self._value())

    def _value(self):
        found = {"v": 1, "log": self.books.log, "from": self.first, "to": self.last, "funds": self._funds(),
                 "income": self._income(), "spending": self._spending()}
        if self.fund is None:
            found |= {"entries": sum(self.first <= day <= self.last for day in self.books.dates),
                      "places": self._places(), "custody": self._custody()}
            found["bridge"] = {"places": sum(row["closing"] for row in found["places"]),
                               "funds": sum(row["money"] for row in found["funds"]),
                               "custody": found["custody"]["closing"]}
            if families := self._families():
                found["families"] = families
            if any(line.account == LENT for line in self.before + self.within):
                found["loans"] = self._balance(LENT, 1)
        if goods := self._goods():
            found["goods"] = goods
        if self.fund is None and self.books.goods.items:
            found["bridge"]["stock"] = sum(row["stock"] for row in found["funds"])
        return found

    def is_too_large(self):
        """Whether a figure leaves the range of an amount."""
        return any(abs(figure) > canonical.LIMIT for figure in _figures(self._value()))

    def bytes(self):
        """The bytes of the file."""
        return canonical.encode(self.value())

    def _places(self):
        rows = []
        for place in sorted(self.books.places):
            opening = sum(line.amount for line in self.before if line.place == place)
            moved = {}
            for line in self.within:
                if line.place == place and line.amount:
                    side = "in" if (line.amount > 0) != line.reverses else "out"
                    kind = moved.setdefault(line.kind, {"kind": line.kind, "in": 0, "out": 0})
                    kind[side] += line.amount if side == "in" else -line.amount
            kinds = [moved[kind] for kind in vouchers.ORDER if kind in moved]
            into, out = sum(kind["in"] for kind in kinds), sum(kind["out"] for kind in kinds)
            rows.append({"place": place, "opening": opening, "in": into, "out": out, "closing": opening + into - out,
                         "rows": kinds})
        return rows

    def _funds(self):
        rows = []
        for fund in sorted(self.books.funds) if self.fund is None else [self.fund]:
            before = sum(line.amount for line in self.before if line.fund == fund and line.owned)
            within = [line for line in self.within if line.fund == fund]
            credit = lambda test: -sum(line.amount for line in within if not line.owned and test(line))
            received = credit(lambda line: not line.earlier and line.account in INCOME)
            spent = -credit(lambda line: not line.earlier and line.account in COSTS)
            moved = credit(lambda line: not line.earlier and line.account == MOVED)
            lost = -credit(lambda line: not line.earlier and line.account in LOSSES)
            earlier = credit(lambda line: line.earlier)
            stock = sum(line.value for line in self.goods_before + self.goods_within if line.fund == fund)
            rows.append({"fund": fund, "opening": before, "received": received, "spent": spent, "moved": moved,
                         "lost": lost, "earlier": earlier,
                         "closing": before + received - spent + moved - lost + earlier,
                         "money": sum(line.amount for line in self.before + self.within
                                      if line.fund == fund and line.place is not None),
                         "stock": stock,
                         "loans": sum(line.amount for line in self.before + self.within
                                      if line.fund == fund and line.account == LENT)})
        return rows

    def _goods(self):
        rows = []
        for item in sorted(self.books.goods.items):
            before, within = ([line for line in lines if line.item == item]
                              for lines in (self.goods_before, self.goods_within))
            sums = {}
            for line in within:
                if line.kind == "goods_moved":
                    continue
                came = (line.quantity > 0) != line.reverses
                row = sums.setdefault(line.kind, {"kind": line.kind, "in": Quantity(0), "out": Quantity(0),
                                                  "value_in": 0, "value_out": 0})
                for name, amount in (("in", line.quantity), ("value_in", line.value)):
                    name = name if came else name.replace("in", "out")
                    row[name] = type(row[name])(row[name] + (amount if came else -amount))
            kinds = [sums[kind] for kind in vouchers.ORDER if kind in sums]
            figures = [_columns(sum(amount(line) for line in before),
                                *(sum(row[side + name] for row in kinds) for name in ("in", "out")))
                       for side, amount in (("", lambda line: line.quantity), ("value_", lambda line: line.value))]
            if self.fund is not None and not kinds and not any(figure["opening"] for figure in figures):
                continue
            rows.append({"item": item, **{name: Quantity(figure) for name, figure in figures[0].items()},
                         "value": figures[1], "rows": kinds})
        return rows

    def _income(self):
        sums = defaultdict(int)
        for line in self.within:
            if not line.earlier:
                sums[line.account] -= line.amount
        return [{"account": account, "amount": sums[account]} for account in INCOME if sums[account]]

    def _spending(self):
        sums = defaultdict(int)
        for line in self.within:
            if not line.earlier and line.account in SPENDING:
                sums[SPENDING.index(line.account), line.programme or ""] += line.amount
        return [{"account": SPENDING[place], "amount": amount} | ({"programme": programme} if programme else {})
                for (place, programme), amount in sorted(sums.items()) if amount]

    def _families(self):
        """By programme; the family of a loan is under none, so in no row."""
        sums = defaultdict(int)
        for day, programme, lines, earlier in self.books.families:
            if self.begin <= day <= self.last and not earlier:
                sums[programme] += lines
        return [{"programme": programme, "lines": lines} for programme, lines in sorted(sums.items()) if lines]

    def _balance(self, account, sign):
        """Opening, closing and rows of an account whose debits count with `sign`."""
        opening = sign * sum(line.amount for line in self.before if line.account == account)
        sums = defaultdict(int)
        for line in self.within:
            if line.account == account:
                sums[line.kind] += sign * line.amount
        rows = [{"kind": kind, "amount": sums[kind]} for kind in vouchers.ORDER if sums[kind]]
        return {"opening": opening, "closing": opening + sum(row["amount"] for row in rows), "rows": rows}

    def _custody(self):
        found = self._balance(HELD, -1)
        if goods := self._custody_goods():
            found["goods"] = goods
        return found

    def _custody_goods(self):
        before, within = self._split(self.books.held_journal)
        rows = []
        for words in sorted({line.words for line in before + within},
                            key=lambda words: [word.encode() for word in words]):
            sums = {True: 0, False: 0}
            for line in within:
                if line.words == words:
                    came = (line.quantity > 0) != line.reverses
                    sums[came] += line.quantity if came else -line.quantity
            figures = _columns(sum(line.quantity for line in before if line.words == words), sums[True], sums[False])
            rows.append({"description": words[0], "unit": words[1],
                         **{name: Quantity(figure) for name, figure in figures.items()}})
        return rows


def _columns(opening, into, out):
    return {"opening": opening, "in": into, "out": out, "closing": opening + into - out}


def _written(value):
    """The same with quantities as text."""
    if isinstance(value, dict):
        return {name: _written(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_written(inner) for inner in value]
    return canonical.signed_quantity(value) if isinstance(value, Quantity) else value


def _figures(value):
    """Every number in a statement."""
    if isinstance(value, int):
        yield value
    elif isinstance(value, (dict, list)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _figures(inner)
