"""Loans and what is reserved for them: the state of FORMAT.md section 9.10."""

from collections import defaultdict
from dataclasses import dataclass, field


@dataclass
class Loan:
    """What is owed of a loan and what is lost of it; `days` says on which day its principal changed."""

    fund: str
    principal: int = 0
    fee: int = 0
    lost: int = 0
    days: dict = field(default_factory=dict)


@dataclass
class LoanDone:
    """What an entry did to loans, for its reversal: `changes` are (loan, principal, fee, lost), `reserved` are
    (approval, fund, amount), `came` are (use, part, lot) that came back, `fee` is the lot that a fee opened."""

    changes: list = field(default_factory=list)
    reserved: list = field(default_factory=list)
    came: list = field(default_factory=list)
    fee: tuple | None = None


class Loans:
    """Loans by (seq, line), reserved money by the seq of its approval; `now` is what the entry checked does."""

    def __init__(self, money):
        self.money = money
        self.loans, self.reserved, self.vouchers, self.done = {}, {}, defaultdict(list), {}
        self.nth, self.now = 0, LoanDone()

    def begin(self, nth):
        """The next entry is checked."""
        self.nth, self.now = nth, LoanDone()

    def keep(self, day):
        """The entry was accepted."""
        self.done[self.nth] = self.now
        for key, principal, _, _ in self.now.changes:
            days = self.loans[key].days
            days[day] = days.get(day, 0) + principal

    # ---- what is asked ----

    def principal(self):
        """The principal of all loans."""
        return sum(loan.principal for loan in self.loans.values())

    def reserved_of(self, fund):
        """What is reserved of a fund."""
        return sum(amount for of, amount in self.reserved.values() if of == fund)

    def reserved_more(self, fund):
        """How much more of a fund the entry reserves."""
        return sum(amount for _, of, amount in self.now.reserved if of == fund)

    def left(self, fund=None):
        """Whether anything is reserved or owed (of a fund)."""
        return any(fund in (None, of) for of, _ in self.reserved.values()) or any(
            fund in (None, loan.fund) and (loan.principal or loan.fee) for loan in self.loans.values())

    def running(self, last):
        """How many loans run at the end of a day."""
        return sum(sum(amount for day, amount in loan.days.items() if day <= last) > 0 for loan in self.loans.values())

    def funds_of(self, nth):
        """The funds of the loans of an entry and of what it reserved or released."""
        done = self.done[nth]
        return {self.loans[key].fund for key, *_ in done.changes} | {fund for _, fund, _ in done.reserved}

    # ---- changing ----

    def open(self, line, fund):
        """A new loan, of which nothing is owed yet."""
        key = (self.nth, line)
        self.loans[key] = Loan(fund)
        return key

    def change(self, key, principal=0, fee=0, lost=0):
        """More or less is owed or lost."""
        loan = self.loans[key]
        loan.principal += principal
        loan.fee += fee
        loan.lost += lost
        self.now.changes.append((key, principal, fee, lost))

    def reserve(self, approval, fund, amount):
        """Money is reserved for an approval, or (below 0) not any more."""
        if amount > 0:
            self.reserved[approval] = (fund, amount)
        else:
            del self.reserved[approval]
        self.now.reserved.append((approval, fund, amount))

    def move_back(self, nth):
        """What an entry changed of principal, fee, lost and reserved is changed back."""
        done = self.done[nth]
        for key, principal, fee, lost in done.changes:
            self.change(key, -principal, -fee, -lost)
        for approval, fund, amount in done.reserved:
            self.reserve(approval, fund, -amount)

    # ---- the money that is lent ----

    def sources(self, key, opening):
        """The uses that a loan was lent of, by their lots."""
        uses = [use for use in self.money.of_outflow(key[0]) if use.sort == "on_loan"]
        return sorted((use for use in uses if not opening or use.loan == key[1]), key=lambda use: use.lot)

    def lost_by(self, nth):
        """The uses that a write-off made, by their lots."""
        return sorted((use for use in self.money.of_outflow(nth) if use.sort == "lost"), key=lambda use: use.lot)

    def come_back(self, uses, amount, turns):
        """Parts of uses are new lots; returns how many."""
        self.now.came = self.money.come_back(uses, amount, turns, self.nth)
        return len(self.now.came)

    def take_back(self, nth):
        """What came back by an entry is used again as it was; False where a part of its fee is not found."""
        done, money = self.done[nth], self.money
        missing = []
        for use, part, key in done.came:
            taken = money.take_again(use, part, money.lots[key])
            missing.append((use, part - taken))
        found = done.fee is None or money.undo([money.gift_item(done.fee)])
        for use, part in missing:
            money.take_over(use, part)
        return found
