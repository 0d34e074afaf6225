"""The books under rules 1: FORMAT.md sections 9 and 10; the state that statements (11) are computed from."""

from collections import defaultdict
from dataclasses import dataclass

import authority
import canonical
import vouchers
from canonical import LIMIT, Refused, thousandths
from continued import Continued, said
from custody_kinds import CUSTODY_OUT, CustodyKinds
from goods import Goods
from goods_kinds import OPENING, STORES, GoodsKinds, pair
from loan_kinds import LENT, LoanKinds, is_repayment
from loans import Loans
from lots import GONE, Lot, Lots
from notes import read_vkey
from numbers_shown import Numbers
from periods import Periods
from statement import CUSTODY, MOVED, GoodsLine, HeldLine, Line

AFTER_CLOSING = {"officer_enrolled", "officer_retired", "key_rotated", "guardian_named", "log_key_rotated",
                 "period_closed", "period_audited", "statement_published", "privacy_erased"}
REVERSIBLE = {OPENING, "donation", "income", "donation_returned", "aid_paid", "cost_paid", "transfer",
              "fund_transfer", "cash_counted", "custody_received", *CUSTODY_OUT, *STORES[2:], *LENT}
OPENS_GIFTS = {"donation", "income", "cash_counted", "received_from_chapter"}
GUARDED = ("restricted", "sponsorship")


@dataclass
class Kept:
    """What is remembered of an entry."""

    voucher: dict
    day: str
    postings: list
    undoes: str | None = None
    goods_of: tuple = ()
    standing: bool = True


class Books(GoodsKinds, LoanKinds, CustodyKinds, Periods, Continued):
    """The state of a chapter; `add` checks one entry after the other and changes the state. `seq` is that of the entry
    in its ledger, `nth` its place in the chapter (9.9), `older` what is to be continued."""

    def __init__(self):
        self.officers = authority.Officers()
        self.places, self.funds, self.programmes = {}, {}, set()
        self.entries, self.dates, self.journal, self.families = [], [], [], []
        self.by_place, self.by_fund = defaultdict(dict), defaultdict(dict)
        self.counts, self.held, self.held_goods = {}, {}, {}
        self.lots = Lots()
        self.goods = Goods(self.lots, self.refuse)
        self.loans = Loans(self.lots)
        self.goods_journal, self.held_journal = [], []
        self.numbers, self.documents = Numbers(), []
        self.closed_through, self.closings = None, set()
        self.statements = {}
        self.ids, self.witnesses, self.log_keys = set(), [], []
        self.ended = False
        self.openings_missing = 0
        self.older, self.before, self.said = None, 0, {}
        self.seq = self.nth = 0

    # ---- refusing ----

    def refuse(self, broken, code, reason):
        """Refuses the entry when `broken`."""
        if broken:
            raise Refused("books", reason, self.seq, code)

    # ---- the order of section 10 ----

    def add(self, entry):
        """Steps 4 to 6 of section 1 for one entry."""
        self.seq, self.nth = entry["seq"], self.before + entry["seq"]
        voucher = self.resolved(entry["voucher"])
        authority.check_signatures(self.officers, entry)
        self._check_place(voucher)
        if self.seq == 0:
            authority.check_opening(entry)
        else:
            authority.check(self.officers, entry, authority.roles_asked(
                self.officers, voucher, self.two_above, self._goes_to_advance(voucher)))
        if voucher["id"] in self.ids:
            raise Refused("chain", "the voucher id is used", self.seq, "id-used")
        if self.nth == 0:
            self.said = said(voucher)
        self._check_date(entry)
        self.goods.begin(self.nth, voucher["date"])
        self.loans.begin(self.nth)
        self.handed = []
        day, postings = self._kind(voucher)
        self._check_sides(voucher, postings)
        self._check_counts(voucher, day, postings)
        self._check_day_ends(voucher, postings)
        self._keep(voucher, day, postings)

    def _check_place(self, voucher):
        self.refuse(self.nth != len(self.entries), "out-of-place", "not the next entry")
        self.refuse((voucher["kind"] == "chapter_opened") != (self.seq == 0), "opening", "entry 0 opens the chapter")
        self.refuse(self.seq == 0 and self.older is not None and "continues" not in voucher, "opening",
                    "behind an older ledger only one that continues it")
        self.refuse(self.seq > 0 and voucher["log"] != self.log, "slug", "another ledger's voucher")
        self.refuse(self.ended and voucher["kind"] not in AFTER_CLOSING, "chapter-closed", "the chapter was closed")

    def _goes_to_advance(self, voucher):
        return self.places.get(voucher.get("to_place"), {}).get("type") == "advance"

    def _check_date(self, entry):
        voucher, date = entry["voucher"], entry["voucher"]["date"]
        self.refuse(date > canonical.local_day(entry["at"], self.said["utc_offset"]), "date-in-future",
                    "a date after its day")
        if voucher["kind"] == "chapter_opened" and self.older is None:
            return
        self.refuse(self.closed_through is not None and date[:7] <= self.closed_through, "period-closed",
                    "a date in a closed period")
        self.refuse(date < self.said["books_from"], "date-before-books", "a date before the books begin")

    def _nets(self, postings):
        places, funds = defaultdict(int), defaultdict(int)
        for account, fund, amount in postings:
            if account.startswith("place:"):
                places[account[6:]] += amount
                funds[fund] += amount
        return places, funds

    def _check_counts(self, voucher, day, postings):
        places, _ = self._nets(postings)
        own = voucher["of"] if voucher["kind"] == "reversed" else None
        for place in sorted(places):
            days = [count for seq, (at, count) in self.counts.items()
                    if at == place and seq != own and self.entries[seq].standing]
            self.refuse(any(day <= count for count in days), "date-before-count", f"{place} was counted later")

    def _check_sides(self, voucher, postings):
        moved = self._told(voucher)["kind"] == "goods_moved"
        for sign in (1, -1):
            sides, _ = self._nets([line for line in postings if line[2] * sign > 0])
            for *shelf, quantity, value in self.goods.moves:
                if quantity * sign > 0:
                    for name, amount in ((("item", shelf[2]), 0 if moved else value), (("value", *shelf), value),
                                         (("quantity", *shelf), quantity)):
                        sides[name] += amount
            self.refuse(any(abs(side) > LIMIT for side in sides.values()), "too-large", "too much comes in or leaves")

    def _told(self, voucher):
        """The voucher, or the one that it reverses."""
        return self.entries[voucher["of"]].voucher if voucher["kind"] == "reversed" else voucher

    def _check_day_ends(self, voucher, postings):
        places, funds = self._nets(postings)
        for name in sorted(places):
            after = self.balance(name) + places[name]
            self.refuse(abs(after) > LIMIT, "too-large", f"{name} holds too much")
            self._check_lowest(self.by_place[name], voucher["date"], places[name], "place-too-low", name)
        after = sum(self.balance(name) for name in self.places) + sum(places.values())
        after += _total(self.goods.values) + sum(move[4] for move in self.goods.moves) + self.loans.principal()
        self.refuse(abs(after) > LIMIT, "too-large", "all places, shelves and loans together hold too much")
        for name in sorted(funds.keys() | {fund for _, fund, _ in self.loans.now.reserved}):
            after = sum(self.by_fund[name].values()) + funds[name]
            self.refuse(funds[name] >= 0 and after > LIMIT, "too-large", f"{name} holds too much")
            self._check_lowest(self.by_fund[name], voucher["date"], funds[name], "fund-too-low", name)
            needed = funds[name] < 0 or self.loans.reserved_more(name) > 0
            self.refuse(needed and after < self.loans.reserved_of(name), "fund-too-low", f"{name} has too little free")
        self.refuse(self.lots.short, "fund-too-low", "the lots of a fund do not suffice")
        self._check_shelves(voucher)
        for key, principal, *_ in self.loans.now.changes:
            self._check_lowest(self.loans.loans[key].days, voucher["date"], principal, "more-than-owed", f"loan {key}")

    def _check_shelves(self, voucher):
        shelves, items = defaultdict(lambda: (0, 0)), defaultdict(int)
        for *shelf, quantity, value in self.goods.moves:
            before = shelves[tuple(shelf)]
            shelves[tuple(shelf)] = (before[0] + quantity, before[1] + value)
            items[shelf[2]] += quantity
        for item in sorted(items):
            before = _total({shelf: days for shelf, days in self.goods.quantities.items() if shelf[2] == item})
            self.refuse(before + items[item] > LIMIT, "too-large", f"too much of {item}")
        for shelf, nets in sorted(shelves.items()):
            for sums, net, code in zip((self.goods.quantities, self.goods.values), nets,
                                       ("stock-too-low", "stock-value-too-low")):
                self._check_lowest(sums[shelf], voucher["date"], net, code, " ".join(shelf))

    def _check_lowest(self, sums, date, net, code, name):
        for end, balance in self._day_ends(sums, date):
            self.refuse(net < 0 and balance + net < 0, code, f"{name} is below 0 on {end}")

    @staticmethod
    def _day_ends(sums, first):
        balance, found = 0, {}
        for day in sorted(sums.keys() | {first}):
            balance += sums.get(day, 0)
            if day >= first:
                found[day] = balance
        return found.items()

    def _keep(self, voucher, day, postings):
        undoes = self.entries[voucher["of"]].voucher["kind"] if voucher["kind"] == "reversed" else None
        funds = tuple(sorted({move[1] for move in self.goods.moves}))
        self.entries.append(Kept(voucher, day, postings, undoes, funds))
        self.dates.append(voucher["date"])
        nets = [(self.places[place]["type"], net) for place, net in self._nets(postings)[0].items()]
        self.documents.append(self.numbers.next(voucher, nets, [move[3] for move in self.goods.moves],
                                                bool(postings or self.handed)))
        self.ids.add(voucher["id"])
        if voucher["kind"] == "cash_counted":
            self.counts[self.nth] = (voucher["place"], voucher["date"])
        told, earlier = self._told(voucher), False
        reverses = told is not voucher
        if reverses:
            self.entries[voucher["of"]].standing = False
            earlier = self.closed_through is not None and told["date"][:7] <= self.closed_through
        aid = self.entries[told["of"]].voucher if told["kind"] == "handover_returned" else told
        for account, fund, amount in postings:
            self.journal.append(Line(day, account, fund, amount, told["kind"], aid.get("programme"), reverses,
                                     earlier))
        for sums, nets in zip((self.by_place, self.by_fund), self._nets(postings)):
            for name, amount in nets.items():
                sums[name][day] = sums[name].get(day, 0) + amount
        self.goods.keep(day)
        self.loans.keep(day)
        for _, fund, item, quantity, value in self.goods.moves:
            self.goods_journal.append(GoodsLine(day, fund, item, quantity, value, told["kind"], reverses))
        for words, quantity in self.handed:
            self.held_journal.append(HeldLine(day, words, quantity, reverses))
        if aid["kind"] in ("aid_paid", "goods_distributed"):
            lines = len(told["lines"]) if aid is told else -told["lines"]
            self.families.append((day, aid["programme"], -lines if reverses else lines, earlier))

    # ---- what the checks of the kinds share ----

    def balance(self, place, day="9999-12-31"):
        """What a place holds at the end of a day."""
        return sum(amount for at, amount in self.by_place[place].items() if at <= day)

    def _open(self, table, code):
        self.refuse(code not in table, "unknown", f"{code} is unknown")
        self.refuse(not table[code]["open"], "closed", f"{code} is closed")
        return table[code]

    @staticmethod
    def _key_of(ref):
        """(seq, line) of a reference."""
        return (ref["seq"], ref["line"]) if isinstance(ref, dict) else (ref, 0)

    def _named(self, voucher, name="of"):
        """`named` of section 10: the entry and (seq, line) that `of` or another member names."""
        of = voucher[name]
        line, seq = (of["line"], of["seq"]) if isinstance(of, dict) else (None, of)
        self.refuse(not isinstance(seq, int) or seq >= self.nth, "reference", f"`{name}` is no earlier entry")
        kept = self.entries[seq]
        self.refuse((line is not None) != (kept.voucher["kind"] == OPENING), "reference",
                    "a line exactly of an opening")
        self.refuse(not kept.standing, "reference", "the voucher named is reversed")
        self.refuse(voucher["date"] < kept.voucher.get("as_of", kept.voucher["date"]), "date-before-of",
                    "dated before the voucher it names")
        return kept, (seq, line or 0)

    @staticmethod
    def _broken_term(fund, voucher, programme=None):
        """The first term that does not hold, as (code, reason)."""
        terms, kind = fund["terms"], voucher["kind"]
        for broken, code, reason in (
                ("kinds" in terms and kind not in terms["kinds"], "terms-kind", f"the terms exclude {kind}"),
                (kind == "cost_paid" and not terms["costs"], "terms-costs", "the terms exclude costs"),
                ("programmes" in terms and programme is not None and programme not in terms["programmes"],
                 "terms-programme", "the terms exclude the programme"),
                ("until" in terms and voucher["date"] > terms["until"], "terms-ended", "the terms ended")):
            if broken:
                return code, reason
        return None

    def _hold_terms(self, fund, voucher, programme=None):
        if broken := self._broken_term(fund, voucher, programme):
            self.refuse(True, *broken)

    def _gifts(self, voucher):
        """The (seq, line) of `gifts`, each one a gift of money that stands."""
        found = []
        for ref in voucher.get("gifts", []):
            line, seq = (ref["line"], ref["seq"]) if isinstance(ref, dict) else (None, ref)
            self.refuse(not isinstance(seq, int), "reference", "a reference to another ledger")
            gift = (seq, line or 0)
            self.refuse(gift not in self.lots.gifts or not self.entries[seq].standing
                        or not self._opens_gifts(self.entries[seq].voucher, line), "not-a-gift", "no gift of money")
            found.append(gift)
        return found

    @staticmethod
    def _opens_gifts(voucher, line):
        """Whether `gifts` can name a voucher, or a line of it."""
        if voucher["kind"] == OPENING:
            return line is not None and line < len(voucher.get("money", []))
        return line is None and (voucher["kind"] in OPENS_GIFTS or voucher["kind"] == "custody_assigned"
                                 and not is_repayment(voucher))

    # ---- the kinds ----

    def _kind(self, voucher):
        """The checks of the kind and its changes; returns its effective day and postings."""
        kind = voucher["kind"]
        check = getattr(self, "_" + kind, None)
        postings = check(voucher) if check else None
        self.officers.apply(self.nth, voucher, self.refuse)
        day = voucher["date"]
        if kind == OPENING:
            day = voucher["as_of"]
        elif kind == "reversed":
            day = self.entries[voucher["of"]].day if self.entries[voucher["of"]].voucher["kind"] == OPENING else day
        return day, postings or []

    def _chapter_opened(self, voucher):
        self.check_continued(voucher)
        self.log, self.two_above = voucher["log"], voucher["policy"].get("two_above")
        self.refuse(voucher["chapter"]["slug"] != self.log.split("/")[1], "slug", "the slug is not that of the ledger")
        self.places.setdefault("cash", {"type": "cash", "open": True})
        self.log_keys = [(0, voucher["log_key"])]

    def _chapter_changed(self, voucher):
        self.refuse(voucher["chapter"]["slug"] != self.said["slug"], "slug", "the slug is not that of the ledger")

    def _policy_changed(self, voucher):
        self.two_above = voucher["policy"].get("two_above")

    def _rules_adopted(self, voucher):
        self.refuse(voucher["rules"] <= vouchers.RULES, "rules-number", "rules are only adopted upwards")

    def _chapter_closed(self, _):
        for sums in (self.by_place, self.by_fund):
            for name, days in sums.items():
                self.refuse(sum(days.values()) != 0, "not-empty", f"{name} is not empty")
        held = any(quantity for words in self.held_goods.values() for quantity in words.values())
        self.refuse(self.goods.left(), "goods-left", "there are goods left")
        self.refuse(self.loans.left(), "loans-left", "something is lent or reserved")
        self.refuse(held, "goods-left", "there are goods held for others")
        self.ended = True

    def _log_key_rotated(self, voucher):
        size, key = voucher["from_size"], read_vkey(voucher["new_vkey"])
        self.refuse(size <= self.seq or size <= self.log_keys[-1][0], "from-size", "from_size is not later")
        self.refuse(any(read_vkey(text).public == key.public for _, text in self.log_keys), "key-used",
                    "an earlier log key")
        self.log_keys.append((size, voucher["new_vkey"]))

    def _witness_named(self, voucher):
        public = read_vkey(voucher["vkey"]).public
        self.refuse(any(name == voucher["name"] or known == public for name, known in self.witnesses),
                    "witness-named", "a witness that is named already")
        self.witnesses.append((voucher["name"], public))

    def _place_opened(self, voucher):
        place = voucher["place"]
        self.refuse(place["code"] in self.places, "code-used", "the code is used")
        self.places[place["code"]] = {"type": place["type"], "open": True}

    def _place_closed(self, voucher):
        place = self._open(self.places, voucher["place"])
        self.refuse(self.balance(voucher["place"]) != 0, "not-empty", "the place is not empty")
        place["open"] = False

    def _fund_opened(self, voucher):
        fund = voucher["fund"]
        self.refuse("from" in fund and "to" in fund and fund["from"] > fund["to"], "day-order", "from is after to")
        self.refuse(fund["code"] in self.funds or fund["code"] == CUSTODY, "code-used", "the code is used")
        self.funds[fund["code"]] = {**fund, "open": True}

    def _fund_closed(self, voucher):
        fund = self._open(self.funds, voucher["fund"])
        self.refuse(sum(self.by_fund[voucher["fund"]].values()) != 0, "not-empty", "the fund is not empty")
        self.refuse(self.goods.left(voucher["fund"]), "goods-left", "the fund has goods")
        self.refuse(self.loans.left(voucher["fund"]), "loans-left", "the fund lends")
        fund["open"] = False

    def _programme_opened(self, voucher):
        self.refuse(voucher["programme"]["code"] in self.programmes, "code-used", "the code is used")
        self.programmes.add(voucher["programme"]["code"])

    def _activity_reported(self, voucher):
        self.refuse(voucher["programme"] not in self.programmes, "unknown", "an unknown programme")
        self.refuse(voucher["from"] > voucher["to"], "day-order", "from is after to")

    def _opening_balance(self, voucher):
        self.refuse(voucher["as_of"] != canonical.day_before(self.said["books_from"]), "opening-day",
                    "not the day before")
        others = any(kept.postings and OPENING not in (kept.voucher["kind"], kept.undoes) for kept in self.entries)
        self.refuse(self.closed_through is not None or others and not self.openings_missing, "opening-too-late",
                    "an opening after other postings")
        postings = []
        for number, line in enumerate(voucher.get("money", [])):
            self._open(self.places, line["place"])
            self._open(self.funds, line["fund"])
            self.lots.open(line["fund"], self.nth, number, line["amount"])
            postings += pair(f"place:{line['place']}", OPENING, line["fund"], line["amount"])
        for number, line in enumerate(voucher.get("goods", [])):
            self._open(self.funds, line["fund"])
            self._store(line["store"])
            self._items([line])
            self.goods.come_in(number, line["store"], line["item"], line["fund"], line.get("expiry"),
                               thousandths(line["quantity"]), line["value"])
            if line["value"]:
                postings += pair(f"stock:{line['item']}", OPENING, line["fund"], line["value"])
        for number, line in enumerate(voucher.get("loans", [])):
            postings += self._opening_loan(voucher, number, line)
        for number, line in enumerate(voucher.get(CUSTODY, [])):
            postings += self._hold(number, line)
        self.openings_missing = max(0, self.openings_missing - 1)
        return postings

    def _donation(self, voucher):
        self.refuse(voucher.get("received_on", "") > voucher["date"], "day-order", "received after its date")
        self._open(self.places, voucher["place"])
        self._open(self.funds, voucher["fund"])
        self.lots.open(voucher["fund"], self.nth, 0, voucher["amount"])
        account = "donations" if voucher["kind"] == "donation" else "other_income"
        return pair(f"place:{voucher['place']}", account, voucher["fund"], voucher["amount"])

    _income = _donation

    def _donation_returned(self, voucher):
        kept, gift = self._named(voucher)
        self.refuse(kept.voucher["kind"] not in ("donation", "custody_assigned") or is_repayment(kept.voucher),
                    "reference", "`of` is no donation")
        self._open(self.places, voucher["place"])
        fund, whole = self.lots.gifts[gift]
        self._open(self.funds, fund)
        amount, lots = voucher["amount"], self.lots
        uses = lots.newest_first(lambda use: use.gift == gift)
        returned = sum(use.amount for use in uses if use.sort == "returned")
        self.refuse(amount > whole - returned, "more-than-left", "more than is left of the gift")
        rest = amount - lots.take_gift(fund, gift, amount, self.nth, "returned")
        for use in uses:
            if use.fund == fund and use.sort not in GONE and rest > 0:
                part = min(use.amount, rest)
                lots.give_back(use, part)
                lots.take_lot(lots.lots[use.lot], part, self.nth, "returned")
                lots.take_over(use, part)
                rest -= part
        self.refuse(rest > 0, "parts-elsewhere", "parts of the gift lie in another fund")
        return pair("donations_returned", f"place:{voucher['place']}", fund, amount)

    def _paid(self, voucher, account, amount):
        self._open(self.places, voucher["place"])
        fund, programme = self._open(self.funds, voucher["fund"]), voucher.get("programme")
        self.refuse(programme is not None and programme not in self.programmes, "unknown", "an unknown programme")
        self._hold_terms(fund, voucher, programme)
        gifts = self._gifts(voucher)
        self.refuse(amount > LIMIT, "too-large", "a sum beyond 2^53-1")
        self.lots.spend(voucher["fund"], gifts, amount, self.nth, "spent")
        return pair(account, f"place:{voucher['place']}", voucher["fund"], amount)

    def _aid_paid(self, voucher):
        return self._paid(voucher, "aid_in_money", sum(line["amount"] for line in voucher["lines"]))

    def _cost_paid(self, voucher):
        return self._paid(voucher, f"programme_costs:{voucher['category']}", voucher["amount"])

    def _transfer(self, voucher):
        self._open(self.places, voucher["from_place"])
        self._open(self.places, voucher["to_place"])
        if voucher["fund"] != CUSTODY:
            self._open(self.funds, voucher["fund"])
        self.refuse(voucher["from_place"] == voucher["to_place"], "same-ends", "from and to are one place")
        return pair(f"place:{voucher['to_place']}", f"place:{voucher['from_place']}", voucher["fund"],
                     voucher["amount"])

    def _fund_transfer(self, voucher):
        source, target, amount = voucher["from_fund"], voucher["to_fund"], voucher["amount"]
        self._open(self.places, voucher["place"])
        fund = self._open(self.funds, source)
        self._open(self.funds, target)
        self.refuse(source == target, "same-ends", "from and to are one fund")
        bound = fund["type"] in GUARDED
        listed = "fund_transfer" in fund["terms"].get("kinds", [])
        broken = self._broken_term(fund, voucher)
        by_terms = broken is None and (listed or not bound)
        if not by_terms and not (bound and "gifts" in voucher and "_sd" in voucher):
            self.refuse(bound and not listed, "consent-needed", "money leaves only with consent or by its terms")
            self.refuse(True, *broken)
        gifts = self._gifts(voucher)
        if not by_terms:
            unspent = sum(lot.unspent for gift in set(gifts) for lot in self.lots.of(source, gift))
            self.refuse(amount > unspent, "consent-short", "the gifts named cover less")
        uses = self.lots.spend(source, gifts, amount, self.nth, "moved")
        for number, use in enumerate(uses):
            self.lots.lots[self.nth, number] = Lot((self.nth, number), target, use.gift, use.amount, use.turn)
        place = f"place:{voucher['place']}"
        return pair(MOVED, place, source, amount) + pair(place, MOVED, target, amount)

    def _cash_counted(self, voucher):
        place, difference = self._open(self.places, voucher["place"]), voucher["difference"]
        self.refuse(place["type"] == "bank", "not-countable", "a bank account is not counted")
        if "fund" in voucher:
            self._open(self.funds, voucher["fund"])
        if "denominations" in voucher:
            notes = sum(note["value"] * note["number"] for note in voucher["denominations"])
            self.refuse(notes > LIMIT, "too-large", "the denominations add up to too much")
            self.refuse(notes != voucher["counted"], "denominations", "the denominations add up to something else")
        book = self.balance(voucher["place"], voucher["date"])
        self.refuse(abs(book) > LIMIT or abs(voucher["counted"] - book) > LIMIT, "too-large", "too much in a place")
        self.refuse(difference != voucher["counted"] - book, "difference", "not counted minus book")
        account = f"place:{voucher['place']}"
        if difference > 0:
            self.lots.open(voucher["fund"], self.nth, 0, difference)
            return pair(account, "other_income", voucher["fund"], difference)
        if difference < 0:
            self.lots.spend(voucher["fund"], [], -difference, self.nth, "spent")
            return pair("programme_costs:cash_difference", account, voucher["fund"], -difference)
        return []

    # ---- reversals, 9.6 ----

    def _reversed(self, voucher):
        of = voucher["of"]
        self.refuse(not isinstance(of, int) or of >= self.nth, "reference", "`of` is no earlier entry")
        kept = self.entries[of]
        kind = kept.voucher["kind"]
        self.refuse(kind not in REVERSIBLE, "not-reversible", f"{kind} cannot be reversed")
        self.refuse(not kept.standing, "already-reversed", "reversed already")
        self.refuse(any(other.standing and _seq_of(other.voucher.get("of")) == of for other in self.entries),
                    "named-by-standing", "a standing voucher names it")
        self._check_loans_reversed(of, kept.voucher)
        self.refuse(kind == OPENING and self.closed_through is not None, "opening-too-late", "a month is closed")
        self.refuse(voucher["date"] < kept.voucher["date"], "date-before-of", "dated before the voucher it reverses")
        for account, fund, _ in kept.postings:
            if account.startswith("place:"):
                self.refuse(not self.places[account[6:]]["open"], "closed", "a place that is closed")
            self.refuse(fund != CUSTODY and not self.funds[fund]["open"], "closed", "a fund that is closed")
        funds = {*kept.goods_of, *self.loans.funds_of(of)}
        self.refuse(any(not self.funds[fund]["open"] for fund in funds), "closed", "a fund that is closed")
        self.refuse(not self._take_back(of, kind, kept.voucher), "parts-elsewhere",
                    "parts of the gift lie in another fund")
        self.openings_missing += kind == OPENING
        return [(account, fund, -amount) for account, fund, amount in kept.postings]

    def _take_back(self, seq, kind, voucher):
        """The changes of the table of 9.6; False where a part is not found."""
        lots, own = self.lots, self.lots.of_outflow(seq)
        if kind == OPENING:
            items = self._take_back_lent(seq, voucher)
            found = lots.undo(items + [lots.gift_item((seq, line)) for line in range(len(voucher.get("money", [])))])
            self.goods.take_away(self.goods.done[seq].came)
            for line in range(len(voucher.get(CUSTODY, []))):
                self._release((seq, line))
            return found
        if kind in STORES and "amount" not in voucher or kind in ("goods_purchased", "goods_returned"):
            return self._take_back_goods(seq, voucher)
        if kind == "handover_returned":
            lots.take_missing(lots.taken_again(self.goods.done[seq].given))
            return True
        if kind == "fund_transfer":
            moved = [use for use in own if use.sort == "moved"]
            items = [(voucher["to_fund"], [lots.lots[seq, number]],
                      lots.newest_first(lambda other, key=(seq, number): other.lot == key and other.sort not in GONE),
                      use.amount) for number, use in enumerate(moved)]
            found = lots.undo(items)
            for use in moved:
                lots.give_back(use, use.amount)
            return found
        found = True
        if kind in LENT or is_repayment(voucher):
            found = self._take_back_loan(seq, voucher)
        elif (seq, 0) in lots.gifts:
            found = lots.undo([lots.gift_item((seq, 0))])
        elif kind != "transfer":
            for use in own:
                lots.give_back(use, use.amount)
        if kind == "custody_received":
            self._release((seq, 0))
        elif kind in CUSTODY_OUT:
            self._hold_again(voucher)
        return found


def _total(sums):
    return sum(amount for days in sums.values() for amount in days.values())


def _seq_of(ref):
    return ref["seq"] if isinstance(ref, dict) else ref
