"""Statements recomputed from the journal: FORMAT.md section 11."""

import calendar
from collections import defaultdict
from dataclasses import dataclass

import canonical
import vouchers

INCOME = ("donations", "donations_returned", "other_income")
SPENDING = ("aid_in_money", *(f"programme_costs:{name}" for name in vouchers.COST_CATEGORIES),
            "programme_costs:cash_difference")
HELD, MOVED, CUSTODY = "held_for_others", "moved_between_funds", "custody"


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
        self.begin = max(first, books.books_from)
        journal = [line for line in books.journal if fund in (None, line.fund)]
        self.before = [line for line in journal if line.day < self.begin]
        self.within = [line for line in journal if self.begin <= line.day <= last]

    def value(self):
        """The object whose JCS is the file."""
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
        return found

    def is_too_large(self):
        """Whether a figure leaves the range of an amount."""
        return any(abs(figure) > canonical.LIMIT for figure in _figures(self.value()))

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
            before = sum(line.amount for line in self.before if line.fund == fund and line.place is not None)
            within = [line for line in self.within if line.fund == fund]
            credit = lambda test: -sum(line.amount for line in within if line.place is None and test(line))
            received = credit(lambda line: not line.earlier and line.account in INCOME)
            spent = -credit(lambda line: not line.earlier and line.account in SPENDING)
            moved = credit(lambda line: not line.earlier and line.account == MOVED)
            earlier = credit(lambda line: line.earlier)
            rows.append({"fund": fund, "opening": before, "received": received, "spent": spent, "moved": moved,
                         "lost": 0, "earlier": earlier, "closing": before + received - spent + moved + earlier,
                         "money": before + sum(line.amount for line in within if line.place is not None),
                         "stock": 0, "loans": 0})
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
        sums = defaultdict(int)
        for day, programme, lines, earlier in self.books.families:
            if self.begin <= day <= self.last and not earlier:
                sums[programme] += lines
        return [{"programme": programme, "lines": lines} for programme, lines in sorted(sums.items()) if lines]

    def _custody(self):
        opening = -sum(line.amount for line in self.before if line.account == HELD)
        sums = defaultdict(int)
        for line in self.within:
            if line.account == HELD:
                sums[line.kind] -= line.amount
        rows = [{"kind": kind, "amount": sums[kind]} for kind in vouchers.ORDER if sums[kind]]
        return {"opening": opening, "closing": opening + sum(row["amount"] for row in rows), "rows": rows}


def _figures(value):
    """Every number in a statement."""
    if isinstance(value, int):
        yield value
    elif isinstance(value, (dict, list)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _figures(inner)
