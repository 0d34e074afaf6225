"""What is held for others: the kinds of custody and their changes of FORMAT.md section 9.5."""

from canonical import LIMIT, thousandths
from goods_kinds import pair
from loan_kinds import is_repayment
from statement import CUSTODY, HELD

CUSTODY_OUT = ("custody_handed_over", "custody_returned", "custody_assigned")


class CustodyKinds:
    """A part of `Books`; `held`, `held_goods` and `handed` are its state."""

    def _hold(self, number, line):
        """A custody line, or a whole `custody_received`: what is held from now on, and its postings."""
        if "amount" in line:
            self._open(self.places, line["place"])
            self.held[self.nth, number] = [line["amount"], line["place"]]
            return pair(f"place:{line['place']}", HELD, CUSTODY, line["amount"])
        self.held[self.nth, number], held = [0, None], self.held_goods.setdefault((self.nth, number), {})
        for row in line["goods"]:
            words, quantity = _words(row)
            held[words] = held.get(words, 0) + quantity
            everything = sum(other.get(words, 0) for other in self.held_goods.values())
            self.refuse(everything > LIMIT, "too-large", "too much of one thing is held")
            self.handed.append((words, quantity))
        return []

    def _custody_received(self, voucher):
        return self._hold(0, voucher)

    def _custody_out(self, voucher):
        _, named = self._named(voucher)
        if "goods" in voucher:
            self.refuse(named not in self.held_goods, "reference", "`of` is no goods held for others")
            held = self.held_goods[named]
            for words, quantity in map(_words, voucher["goods"]):
                self.refuse(quantity > held.get(words, 0), "more-goods", "more than is still held")
                held[words] -= quantity
                self.handed.append((words, -quantity))
            return []
        self.refuse(named not in self.held, "reference", "`of` is nothing that was received in custody")
        place = voucher.get("place", self.held[named][1])
        self.refuse(place is None, "reference", "`of` has no place")
        self._open(self.places, place)
        self.refuse(voucher["amount"] > self.held[named][0], "more-than-left", "more than is still held")
        self.held[named][0] -= voucher["amount"]
        return pair(HELD, f"place:{place}", CUSTODY, voucher["amount"])

    _custody_handed_over = _custody_returned = _custody_out

    def _custody_assigned(self, voucher):
        if is_repayment(voucher):
            loan = self._loan(voucher, "loan")
            self._check_repaid(voucher, loan)
            postings = self._custody_out(voucher)
            return postings + self._repay(voucher, loan, postings[1][0])
        self._open(self.funds, voucher["fund"])
        postings = self._custody_out(voucher)
        self.lots.open(voucher["fund"], self.nth, 0, voucher["amount"])
        return postings + pair(postings[1][0], "donations", voucher["fund"], voucher["amount"])

    # ---- reversals ----

    def _release(self, key):
        self.held[key][0] = 0
        for words, quantity in self.held_goods.get(key, {}).items():
            self.handed.append((words, -quantity))
            self.held_goods[key][words] = 0

    def _hold_again(self, voucher):
        """What went out by a voucher is held again."""
        named = self._key_of(voucher["of"])
        self.held[named][0] += voucher.get("amount", 0)
        for words, quantity in map(_words, voucher.get("goods", [])):
            self.held_goods[named][words] += quantity
            self.handed.append((words, quantity))


def _words(row):
    """What goods held for others are known by, and their quantity."""
    return (row["description"], row["unit"]), thousandths(row["quantity"])
