"""Lots and uses of money: FORMAT.md section 9.4, `undo` of 9.6, what 9.8 does to the money behind goods, and what 9.10
does to money that is lent."""

from dataclasses import dataclass, field, replace

GONE = ("returned", "moved")


@dataclass
class Lot:
    """A part of a gift; `turn` says how often it was lent before."""

    key: tuple
    fund: str
    gift: tuple
    unspent: int
    turn: int = 0


@dataclass
class Use:
    """A part that was taken from a lot. `since`, n and the lot are its place in `Lots.uses`; `loan` is the line of an
    opening that it was lent by."""

    outflow: int
    lot: tuple
    fund: str
    gift: tuple
    sort: str
    amount: int
    goods: tuple | None = None
    loan: int | None = None
    turn: int = 0


def newest(uses, amount):
    """(use, part) of the newest uses until an amount is reached; `uses` are newest first."""
    found = []
    for use in uses:
        part = min(use.amount, amount)
        if part > 0:
            found.append((use, part))
            amount -= part
    return found


@dataclass
class Lots:
    """Lots and uses; `short` says that take_oldest found too little."""

    lots: dict = field(default_factory=dict)
    uses: list = field(default_factory=list)
    gifts: dict = field(default_factory=dict)
    short: bool = False

    def open(self, fund, seq, line, amount):
        """A new gift with its lot."""
        self.gifts[seq, line] = (fund, amount)
        self.lots[seq, line] = Lot((seq, line), fund, (seq, line), amount)

    def of(self, fund, gift=None):
        """The lots of a fund (and of a gift) in the order of their keys."""
        return [lot for key, lot in sorted(self.lots.items()) if lot.fund == fund and gift in (None, lot.gift)]

    def take_lot(self, lot, most, outflow, sort, goods=None, loan=None):
        """Takes up to `most` of a lot; returns what was taken."""
        amount = min(most, lot.unspent)
        if amount > 0:
            lot.unspent -= amount
            self.uses.append(Use(outflow, lot.key, lot.fund, lot.gift, sort, amount, goods, loan, lot.turn))
        return amount

    def _take(self, lots, most, outflow, sort, goods=None, loan=None):
        taken = 0
        for lot in lots:
            taken += self.take_lot(lot, most - taken, outflow, sort, goods, loan)
        return taken

    def take_gift(self, fund, gift, most, outflow, sort, goods=None):
        """Takes of one gift's lots in a fund."""
        return self._take(self.of(fund, gift), most, outflow, sort, goods)

    def take_oldest(self, fund, amount, outflow, sort, goods=None, loan=None):
        """Takes of a fund's lots in order."""
        if self._take(self.of(fund), amount, outflow, sort, goods, loan) < amount:
            self.short = True

    def take_over(self, use, amount):
        """The oldest lots pay instead for a part of a use."""
        self.take_oldest(use.fund, amount, use.outflow, use.sort, use.goods, use.loan)

    def spend(self, fund, gifts, amount, outflow, sort, goods=None):
        """Takes of the gifts as listed, then of the oldest; returns the uses it made."""
        first, rest = len(self.uses), amount
        for gift in gifts:
            rest -= self.take_gift(fund, gift, rest, outflow, sort, goods)
        self.take_oldest(fund, rest, outflow, sort, goods)
        return self.uses[first:]

    def give_back(self, use, amount):
        """The lot of a use has `amount` more."""
        self.lots[use.lot].unspent += amount
        use.amount -= amount

    def newest_first(self, test):
        """The uses that are not gone and pass a test, newest first."""
        return [use for use in reversed(self.uses) if use.amount > 0 and test(use)]

    def of_outflow(self, outflow):
        """The uses of an outflow that are not gone, oldest first."""
        return [use for use in self.uses if use.amount > 0 and use.outflow == outflow]

    def taken_again(self, given):
        """What (use, part) of a reversed entry took from its own lots again, and how much is missing of each."""
        return [(use, amount, amount - self.take_lot(self.lots[use.lot], amount, use.outflow, use.sort, use.goods,
                                                     use.loan)) for use, amount in given]

    def take_missing(self, taken):
        """The oldest lots pay for what `taken_again` did not find."""
        for use, _, missing in taken:
            self.take_over(use, missing)

    def undo(self, items):
        """`undo` of 9.6; an item is (fund, lots, uses, amount). Returns whether everything was found."""
        rests, owner = [], {}
        for number, (_, lots, uses, rest) in enumerate(items):
            for lot in lots:
                amount = min(lot.unspent, rest)
                lot.unspent -= amount
                rest -= amount
            rests.append(rest)
            owner |= {id(use): number for use in uses}
        for use in self.newest_first(lambda use: id(use) in owner):
            number = owner[id(use)]
            amount = min(use.amount, rests[number])
            if amount > 0:
                self.give_back(use, amount)
                self.lots[use.lot].unspent -= amount
                self.take_over(use, amount)
                rests[number] -= amount
        return not any(rests)

    def gift_item(self, gift):
        """The item of `undo` for a gift that is taken back."""
        fund, amount = self.gifts[gift]
        uses = self.newest_first(lambda use: (use.gift, use.fund) == (gift, fund) and use.sort not in GONE)
        return fund, self.of(fund, gift), uses, amount

    # ---- the money behind goods, 9.8 ----

    def behind(self, goods):
        """The uses behind a goods lot, newest first."""
        return self.newest_first(lambda use: (use.sort, use.goods) == ("in_goods", goods))

    def use_behind(self, goods, amount, outflow, sort):
        """Goods leave: the money behind them is used, that of the oldest lots first."""
        made = {}
        for use, part in newest(sorted(reversed(self.behind(goods)), key=lambda use: use.lot), amount):
            use.amount -= part
            if use.lot not in made:
                made[use.lot] = Use(outflow, use.lot, use.fund, use.gift, sort, 0, goods, turn=use.turn)
            made[use.lot].amount += part
        self.uses += made.values()

    def reclass(self, use, amount, outflow, sort):
        """A part of a use is of another outflow and class."""
        use.amount -= amount
        self.uses.append(replace(use, outflow=outflow, sort=sort, amount=amount))

    def into_goods(self, use, amount):
        """A part of a use is behind its goods again."""
        self.reclass(use, amount, use.goods[0], "in_goods")

    # ---- money that is lent, 9.10 ----

    def come_back(self, uses, amount, turns, since):
        """Parts of uses are new lots of one more turn or of the same: (use, part, key of the lot)."""
        found = []
        for use, part in newest(uses, amount):
            key = (since, len(found))
            use.amount -= part
            self.lots[key] = Lot(key, use.fund, use.gift, part, use.turn + turns)
            found.append((use, part, key))
        return found

    def take_again(self, use, most, lot):
        """What came back of a use is used as it was, as far as its lot has it; returns what was taken."""
        amount = min(most, lot.unspent)
        if amount > 0:
            lot.unspent -= amount
            self.uses.append(replace(use, amount=amount))
        return amount
