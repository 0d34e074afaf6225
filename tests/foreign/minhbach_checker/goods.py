"""Goods in stores: the state and the operations of FORMAT.md section 9.8."""

from collections import defaultdict
from dataclasses import dataclass, field

from lots import newest


@dataclass
class GoodsLot:
    """What came in together; `here` says of each store how much lies there, as (quantity, value)."""

    key: tuple
    item: str
    fund: str
    expiry: str | None
    here: dict = field(default_factory=dict)


@dataclass
class GoodsUse:
    """A part that left. `since` and m are its place in `Goods.uses`."""

    outflow: int
    since: int
    lot: tuple
    store: str
    sort: str
    quantity: int
    value: int


@dataclass
class Done:
    """What a goods entry did, for its reversal: `came` are (lot or goods use, store, quantity, value) that came in."""

    came: list = field(default_factory=list)
    parts: list = field(default_factory=list)
    given: list = field(default_factory=list)
    taken: int = 0


def part(held, quantity):
    """`part` of 9.8."""
    whole, value = held
    return quantity, value if quantity == whole else value * quantity // whole


class Goods:
    """Items, stores, goods lots and uses; `moves` are the (store, fund, item, quantity, value) of the entry checked."""

    def __init__(self, money, refuse):
        self.money, self.refuse = money, refuse
        self.items, self.stores = {}, set()
        self.lots, self.uses, self.done = {}, [], {}
        self.quantities, self.values = defaultdict(dict), defaultdict(dict)
        self.nth, self.date, self.moves, self.now = 0, "", [], Done()

    def begin(self, nth, date):
        """The next entry is checked."""
        self.nth, self.date, self.moves, self.now = nth, date, [], Done()

    def keep(self, day):
        """The entry was accepted."""
        self.done[self.nth] = self.now
        for *shelf, quantity, value in self.moves:
            for sums, amount in ((self.quantities, quantity), (self.values, value)):
                days = sums[tuple(shelf)]
                days[day] = days.get(day, 0) + amount

    def left(self, fund=None):
        """Whether anything lies on a shelf (of a fund)."""
        return any(quantity for lot in self.lots.values() if fund in (None, lot.fund)
                   for quantity, _ in lot.here.values())

    # ---- moving ----

    def _move(self, lot, store, quantity, value):
        held, worth = lot.here.get(store, (0, 0))
        lot.here[store] = (held + quantity, worth + value)
        self.moves.append((store, lot.fund, lot.item, quantity, value))

    def come_in(self, line, store, item, fund, expiry, quantity, value):
        """A new goods lot."""
        key = (self.nth, line)
        self.lots[key] = GoodsLot(key, item, fund, expiry)
        self._move(self.lots[key], store, quantity, value)
        self.now.came.append((self.lots[key], store, quantity, value))

    def parts(self, store, fund, item, quantity, allows=None, good=False):
        """(lot, quantity, value) in the order of issue; `good` takes nothing that is past its expiry."""
        shelf = [lot for lot in self.lots.values() if (lot.fund, lot.item) == (fund, item)
                 and lot.here.get(store, (0, 0))[0] > 0 and (allows is None or allows(lot))]
        found = []
        for lot in sorted(shelf, key=lambda lot: (lot.expiry is None, lot.expiry or "", lot.key)):
            if quantity == 0:
                break
            self.refuse(good and lot.expiry is not None and lot.expiry < self.date, "expired", f"{item} is expired")
            taken = min(quantity, lot.here[store][0])
            found.append((lot, *part(lot.here[store], taken)))
            quantity -= taken
        self.refuse(quantity > 0, "stock-too-low", f"{item} does not suffice")
        return found

    def leave(self, lot, store, quantity, value, outflow, sort):
        """A part leaves a store."""
        self._move(lot, store, -quantity, -value)
        self.uses.append(GoodsUse(outflow, self.nth, lot.key, store, sort, quantity, value))

    def issue(self, store, fund, item, quantity, sort, **which):
        """A quantity of an item leaves with the money behind it."""
        for lot, taken, value in self.parts(store, fund, item, quantity, **which):
            self.leave(lot, store, taken, value, self.nth, sort)
            self.money.use_behind(lot.key, value, self.nth, sort)
        self.now.taken += quantity

    def shift(self, source, target, fund, item, quantity):
        """A quantity of an item goes to another store."""
        for lot, taken, value in self.parts(source, fund, item, quantity):
            self._move(lot, source, -taken, -value)
            self._move(lot, target, taken, value)
            self.now.parts.append((lot, taken, value))

    def bring_back(self, uses, quantity):
        """Parts of goods uses come back, newest first; returns the quantity that is left."""
        for use in uses:
            taken = min(use.quantity, quantity)
            if taken == 0:
                continue
            taken, value = part((use.quantity, use.value), taken)
            self._move(self.lots[use.lot], use.store, taken, value)
            use.quantity -= taken
            use.value -= value
            known = self.money.newest_first(lambda other, use=use: (other.outflow, other.goods, other.sort)
                                            == (use.outflow, use.lot, use.sort))
            for other, amount in newest(known, value):
                self.money.into_goods(other, amount)
            self.now.came.append((use, use.store, taken, value))
            quantity -= taken
        return quantity

    def of_outflow(self, outflow):
        """The goods uses of an outflow that are not gone, oldest first."""
        return [use for use in self.uses if use.outflow == outflow and use.quantity > 0]

    # ---- reversing ----

    def _can_leave(self, lot, store, quantity, value):
        held, worth = lot.here.get(store, (0, 0))
        self.refuse(held < quantity or worth < value or held == quantity and worth != value, "not-whole",
                    "the goods are not whole in their store")

    def take_away(self, came):
        """What came in leaves again: of a new lot without a use, of what was brought back as the use it was."""
        for source, store, quantity, value in came:
            lot = source if isinstance(source, GoodsLot) else self.lots[source.lot]
            self._can_leave(lot, store, quantity, value)
            if lot is source:
                self._move(lot, store, -quantity, -value)
                continue
            for other, amount in newest(self.money.behind(lot.key), value):
                self.money.reclass(other, amount, source.outflow, source.sort)
            self.leave(lot, store, quantity, value, source.outflow, source.sort)

    def shift_back(self, source, target, parts):
        """A move is undone, its last part first."""
        for lot, quantity, value in reversed(parts):
            self._can_leave(lot, target, quantity, value)
            self._move(lot, target, -quantity, -value)
            self._move(lot, source, quantity, value)

    def back(self, outflow):
        """`back` of 9.8."""
        for use in self.of_outflow(outflow):
            self._move(self.lots[use.lot], use.store, use.quantity, use.value)
            use.quantity = use.value = 0
        for use in self.money.of_outflow(outflow):
            if use.goods:
                self.money.into_goods(use, use.amount)
            else:
                self.money.give_back(use, use.amount)
