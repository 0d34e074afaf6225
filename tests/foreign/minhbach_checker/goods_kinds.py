"""The kinds that move goods: their checks of FORMAT.md section 10, postings of 9.2 and changes of 9.4 and 9.8."""

from collections import defaultdict

from canonical import LIMIT, thousandths
from lots import newest

OPENING = "opening_balance"
STORES = ("item_opened", "store_opened", "goods_received", "goods_purchased", "goods_returned", "goods_distributed",
          "goods_moved", "stock_counted", "handover_returned", "sent_to_chapter", "received_from_chapter")
OPENS_LOTS = {OPENING, "goods_received", "goods_purchased", "received_from_chapter", "stock_counted"}


def pair(debit, credit, fund, amount):
    """The two postings of one row of the table of 9.2."""
    return [(debit, fund, amount), (credit, fund, -amount)]


class GoodsKinds:
    """A part of `Books`; `goods` and `lots` are its state."""

    # ---- what the kinds share ----

    def _items(self, rows):
        for row in rows:
            self.refuse(row["item"] not in self.goods.items, "unknown", f"{row['item']} is unknown")
            self.refuse(self.goods.items[row["item"]] and thousandths(row["quantity"]) % 1000 != 0, "fraction",
                        f"{row['item']} is counted whole")

    def _store(self, code):
        self.refuse(code not in self.goods.stores, "unknown", f"{code} is unknown")

    def _stock(self, account, fund):
        """The postings of the moves of this entry, by item and direction."""
        sums = defaultdict(int)
        for _, _, item, _, value in self.goods.moves:
            sums[item, value > 0] += value
        return [line for (item, _), value in sorted(sums.items()) if value
                for line in pair(f"stock:{item}", account, fund, value)]

    def _come_in(self, fund, store, lots):
        for number, lot in enumerate(lots):
            self.goods.come_in(number, store, lot["item"], fund, lot.get("expiry"), thousandths(lot["quantity"]),
                               lot["value"])

    # ---- the kinds ----

    def _item_opened(self, voucher):
        item = voucher["item"]
        self.refuse(item["code"] in self.goods.items, "code-used", "the code is used")
        self.goods.items[item["code"]] = item["whole"]

    def _store_opened(self, voucher):
        self.refuse(voucher["store"]["code"] in self.goods.stores, "code-used", "the code is used")
        self.goods.stores.add(voucher["store"]["code"])

    def _goods_received(self, voucher):
        self._open(self.funds, voucher["fund"])
        self._store(voucher["store"])
        self._items(voucher["lots"])
        self._come_in(voucher["fund"], voucher["store"], voucher["lots"])
        return self._stock("donations_in_kind", voucher["fund"])

    def _goods_purchased(self, voucher):
        fund, lots = voucher["fund"], voucher["lots"]
        self._open(self.places, voucher["place"])
        terms = self._open(self.funds, fund)
        self._store(voucher["store"])
        self._items(lots)
        self._hold_terms(terms, voucher)
        gifts = self._gifts(voucher)
        whole, extra = sum(lot["value"] for lot in lots), voucher.get("extra", 0)
        self.refuse(whole > LIMIT, "too-large", "a sum beyond 2^53-1")
        self.refuse(extra and not whole, "extra", "costs on top of goods without value")
        self.refuse(whole + extra > LIMIT, "too-large", "a sum beyond 2^53-1")
        shares = [extra * lot["value"] // whole if whole else 0 for lot in lots[:-1]]
        shares.append(extra - sum(shares))
        postings = []
        for number, (lot, share) in enumerate(zip(lots, shares)):
            cost = lot["value"] + share
            self.goods.come_in(number, voucher["store"], lot["item"], fund, lot.get("expiry"),
                               thousandths(lot["quantity"]), cost)
            self.lots.spend(fund, gifts, cost, self.nth, "in_goods", (self.nth, number))
            if cost:
                postings += pair(f"stock:{lot['item']}", f"place:{voucher['place']}", fund, cost)
        return postings

    def _goods_distributed(self, voucher):
        rows = [row for line in voucher["lines"] for row in line["items"]]
        self._store(voucher["store"])
        fund = self._open(self.funds, voucher["fund"])
        self.refuse(voucher["programme"] not in self.programmes, "unknown", "an unknown programme")
        self._items(rows)
        self._hold_terms(fund, voucher, voucher["programme"])
        for row in rows:
            self.goods.issue(voucher["store"], voucher["fund"], row["item"], thousandths(row["quantity"]), "spent",
                             good=not voucher.get("allow_expired", False))
        return self._stock("aid_in_kind", voucher["fund"])

    def _goods_moved(self, voucher):
        self._store(voucher["from_store"])
        self._store(voucher["to_store"])
        self._open(self.funds, voucher["fund"])
        self._items(voucher["items"])
        self.refuse(voucher["from_store"] == voucher["to_store"], "same-ends", "from and to are one store")
        for row in voucher["items"]:
            self.goods.shift(voucher["from_store"], voucher["to_store"], voucher["fund"], row["item"],
                             thousandths(row["quantity"]))

    def _named_lots(self, row):
        """What the `lot` of a difference allows."""
        if "lot" not in row:
            return None
        ref = row["lot"]
        line, seq = (ref["line"], ref["seq"]) if isinstance(ref, dict) else (None, ref)
        self.refuse(row["direction"] == "more" or not isinstance(seq, int) or seq >= self.nth, "reference",
                    "`lot` is no earlier entry")
        voucher = self.entries[seq].voucher
        self.refuse(voucher["kind"] not in OPENS_LOTS, "reference", "`lot` opens no lots")
        self.refuse((line is not None) != (voucher["kind"] == OPENING)
                    or line is not None and line >= len(voucher.get("goods", [])), "reference", "`lot` is no line")
        return lambda lot: lot.key[0] == seq and line in (None, lot.key[1])

    def _stock_counted(self, voucher):
        store, fund, goods = voucher["store"], voucher["fund"], self.goods
        self._store(store)
        self._open(self.funds, fund)
        self._items(voucher["differences"])
        for number, row in enumerate(voucher["differences"]):
            allows, item, quantity = self._named_lots(row), row["item"], thousandths(row["quantity"])
            if row["direction"] == "less":
                goods.issue(store, fund, item, quantity, "lost", allows=allows)
                continue
            lost = [use for use in reversed(goods.uses) if use.sort == "lost" and use.since < self.nth
                    and (use.store, goods.lots[use.lot].fund, goods.lots[use.lot].item) == (store, fund, item)]
            if rest := goods.bring_back(lost, quantity):
                goods.come_in(number, store, item, fund, None, rest, 0)
        return self._stock("stock_losses", fund)

    def _goods_returned(self, voucher):
        kept, (of, _) = self._named(voucher)
        bought, amount = kept.voucher["kind"] == "goods_purchased", voucher.get("amount", 0)
        self.refuse(not bought and kept.voucher["kind"] != "goods_received", "reference", "`of` brought no goods in")
        self.refuse(amount and not bought, "amount-of-gift", "a gift in kind goes back without money")
        if "place" in voucher:
            self._open(self.places, voucher["place"])
        store, fund = kept.voucher["store"], kept.voucher["fund"]
        self._open(self.funds, fund)
        self._items(voucher["items"])
        parts = []
        for row in voucher["items"]:
            for lot, quantity, value in self.goods.parts(store, fund, row["item"], thousandths(row["quantity"]),
                                                         lambda lot: lot.key[0] == of):
                self.goods.leave(lot, store, quantity, value, self.nth, "returned")
                parts.append((lot, value))
        if not bought:
            return self._stock("donations_returned", fund)
        rest = amount
        for lot, value in parts:
            paid = min(value, rest)
            rest -= paid
            for use, part in newest(self.lots.behind(lot.key), paid):
                self.lots.give_back(use, part)
                self.goods.now.given.append((use, part))
            self.lots.use_behind(lot.key, value - paid, self.nth, "lost")
        if rest > 0:
            self.lots.open(fund, self.nth, 0, rest)
        whole = sum(value for _, value in parts)
        postings = [line for line in self._stock("", fund) if line[0]]
        if amount:
            postings.append((f"place:{voucher['place']}", fund, amount))
        if whole != amount:
            postings.append(("stock_losses" if whole > amount else "other_income", fund, whole - amount))
        return postings

    def _handover_returned(self, voucher):
        kept, (of, _) = self._named(voucher)
        wanted = "aid_paid" if "amount" in voucher else "goods_distributed"
        self.refuse(kept.voucher["kind"] != wanted, "reference", f"`of` is no {wanted}")
        if "amount" in voucher:
            place = voucher.get("place", kept.voucher["place"])
            self._open(self.places, place)
        fund = kept.voucher["fund"]
        self._open(self.funds, fund)
        others = sum(other.voucher["lines"] for other in self.entries if other.standing
                     and other.voucher["kind"] == "handover_returned" and other.voucher["of"] == of)
        self.refuse(voucher["lines"] + others > len(kept.voucher["lines"]), "more-lines",
                    "more lines than were handed over")
        if "items" in voucher:
            for row in voucher["items"]:
                self._items([row])
                uses = [use for use in reversed(self.goods.of_outflow(of))
                        if self.goods.lots[use.lot].item == row["item"]]
                self.refuse(self.goods.bring_back(uses, thousandths(row["quantity"])) > 0, "more-goods",
                            "more than was handed over")
            return self._stock("aid_in_kind", fund)
        uses = self.lots.of_outflow(of)
        self.refuse(voucher["amount"] > sum(use.amount for use in uses), "more-than-left", "more than was paid")
        for use, part in newest(uses[::-1], voucher["amount"]):
            self.lots.give_back(use, part)
            self.goods.now.given.append((use, part))
        return pair(f"place:{place}", "aid_in_money", fund, voucher["amount"])

    def _sent_to_chapter(self, voucher):
        if "place" in voucher:
            self._open(self.places, voucher["place"])
        if "store" in voucher:
            self._store(voucher["store"])
        fund = voucher["fund"]
        self._open(self.funds, fund)
        if "amount" in voucher:
            self.lots.spend(fund, self._gifts(voucher), voucher["amount"], self.nth, "passed_on")
            return pair("support_to_chapters", f"place:{voucher['place']}", fund, voucher["amount"])
        self.refuse("gifts" in voucher, "reference", "gifts of money behind goods")
        self._items(voucher["items"])
        for row in voucher["items"]:
            self.goods.issue(voucher["store"], fund, row["item"], thousandths(row["quantity"]), "passed_on")
        return self._stock("support_to_chapters", fund)

    def _received_from_chapter(self, voucher):
        if "place" in voucher:
            self._open(self.places, voucher["place"])
        if "store" in voucher:
            self._store(voucher["store"])
        fund, sender = voucher["fund"], _sender(voucher)
        self._open(self.funds, fund)
        self.refuse(any(kept.standing and kept.voucher["kind"] == "received_from_chapter"
                        and _sender(kept.voucher) == sender for kept in self.entries), "sender-used",
                    "received already")
        if "amount" in voucher:
            self.lots.open(fund, self.nth, 0, voucher["amount"])
            return pair(f"place:{voucher['place']}", "support_from_chapters", fund, voucher["amount"])
        self._items(voucher["lots"])
        self._come_in(fund, voucher["store"], voucher["lots"])
        return self._stock("support_from_chapters", fund)

    # ---- reversals ----

    def _take_back_goods(self, seq, voucher):
        """The goods kinds in the tables of 9.6 and 9.8; False where a part of a gift is not found."""
        goods, kind, done, found = self.goods, voucher["kind"], self.goods.done[seq], True
        if kind == "goods_moved":
            goods.shift_back(voucher["from_store"], voucher["to_store"], done.parts)
        elif kind in ("goods_received", "received_from_chapter"):
            goods.take_away(done.came)
        elif kind == "goods_purchased":
            goods.take_away(done.came)
            for use in self.lots.of_outflow(seq):
                self.lots.give_back(use, use.amount)
        elif kind == "handover_returned":
            goods.take_away(reversed(done.came))
        else:
            left = sum(use.quantity for use in goods.of_outflow(seq))
            self.refuse(kind == "stock_counted" and left != done.taken, "found-again", "a later count found it again")
            goods.back(seq)
            if kind == "goods_returned":
                taken = self.lots.taken_again(done.given)
                if (seq, 0) in self.lots.gifts:
                    found = self.lots.undo([self.lots.gift_item((seq, 0))])
                self.lots.take_missing(taken)
            elif kind == "stock_counted":
                goods.take_away(reversed(done.came))
        return found


def _sender(voucher):
    return voucher["sender"]["log"], voucher["sender"]["id"]
