"""Random histories with loans, alone and in ledgers that go on in new ones.

After every entry the sums of 9.10 are added up: what became of each gift, and what each fund has lent.
"""

from collections import Counter

import walk
from continued_walk import ContinuedWalk
from loans_cases import SETTING

LENDING = ("xoay", "von")
MANY = ("donation",) * 4 + ("loan_approved",) * 6 + ("loan_disbursed",) * 7 + ("loan_repaid",) * 9 + (
    "custody_assigned",) * 3 + ("loan_written_off", "loan_recovered", "loan_fee_waived") * 2 + (
    "loan_cancelled", "loan_rescheduled", "custody_received", "donation_returned", "fund_transfer", "fund_transfer",
    "aid_paid", "aid_paid", "handover_returned", "transfer") + ("reversed",) * 12


class Lending:
    """The kinds of loans for a walk."""

    SETTING, FUNDS = SETTING, (*walk.FUNDS, *LENDING)
    KINDS = (*walk.Walk.KINDS, *MANY * 3)

    def tell(self, kind, date, members):
        """Adds an entry if the books take it, and checks the sums."""
        code = super().tell(kind, date, members)
        if code is None:
            self._check_sums()
        return code

    def _check_sums(self):
        books, lots = self.books, self.books.lots
        gifts, lent, unspent, owed = Counter(), Counter(), Counter(), Counter()
        for lot in lots.lots.values():
            gifts[lot.gift] += lot.unspent
            unspent[lot.fund] += lot.unspent
        for use in lots.uses:
            gifts[use.gift] += 0 if use.sort == "moved" else use.amount
            lent[use.fund] += use.amount if use.sort == "on_loan" else 0
            assert use.amount >= 0 and use.turn == lots.lots[use.lot].turn
        for loan in books.loans.loans.values():
            owed[loan.fund] += loan.principal
            assert min(loan.principal, loan.fee, loan.lost, *(0, 0)) == 0 and loan.principal == sum(loan.days.values())
        receivable = Counter()
        for line in books.journal:
            receivable[line.fund] += line.amount if line.account == "loans_receivable" else 0
        for fund in books.funds:
            assert unspent[fund] == sum(books.by_fund[fund].values()) >= books.loans.reserved_of(fund), fund
            assert lent[fund] == owed[fund] == receivable[fund], fund
        for gift, (_, amount) in lots.gifts.items():
            gone = not books.entries[gift[0]].standing
            assert gifts[gift] == (0 if gone else amount), gift

    def end(self):
        """Some loans are repaid and every approval is cancelled; then the money of the lending funds goes to `lu`,
        where each gift is asked for."""
        for number, (key, loan) in enumerate(sorted(self.books.loans.loans.items())):
            if loan.principal and number % 3 and self.books.entries[key[0]].standing:
                self.number += 1
                for more in (1, 0):
                    self.tell("loan_repaid", "2026-12-31", self._repayment(key, loan.principal + more, 0))
        for of in sorted(self.books.loans.reserved):
            self.tell("loan_cancelled", "2026-12-31", {"of": of, "reason": "other"})
        if held := self.books.balance("bank"):
            for fund in (*self.FUNDS, "custody"):
                self.tell("transfer", "2026-12-31", {"from_place": "bank", "to_place": "cash", "fund": fund,
                                                     "amount": held})
                held = self.books.balance("bank") or held
        for fund in LENDING:
            whole = sum(self.books.by_fund[fund].values())
            for amount in (whole + 1, whole) if whole else ():
                self.tell("fund_transfer", "2026-12-31", {"from_fund": fund, "to_fund": "lu", "place": "cash",
                                                          "reason": "other", "amount": amount})
            self.tell("fund_closed", "2026-12-31", {"fund": fund})
        super().end()

    # ---- choosing ----

    def _fund(self):
        return self._one("chung", "lu", "xoay", "xoay", "xoay", "von")

    def _loan(self):
        """A loan, mostly one of which something is owed or lost."""
        loans = self.books.loans.loans
        found = [key for key in sorted(loans) if self.books.entries[key[0]].standing]
        if self.random.random() < 0.9:
            found = [key for key in found if loans[key].principal or loans[key].fee or loans[key].lost]
        return self.random.choice(found[-8:]) if found else None

    def _named_loan(self, key):
        opened = self.books.entries[key[0]].voucher["kind"] == "opening_balance"
        return {"line": key[1], "seq": key[0]} if opened else key[0]

    def _part(self, whole):
        return self._one(whole, whole, self.random.randint(0, whole), self.random.randint(0, whole),
                         whole + (self.random.random() < 0.1))

    def _repayment(self, key, principal, fee):
        return {"of": self._named_loan(key), "amount": max(principal + fee, 1), "principal": principal, "fee": fee,
                "place": self._one(*walk.PLACES)}

    # ---- the kinds ----

    def _donation(self, date):
        return super()._donation(date) | {"amount": self.random.randint(20, 160)}

    def _reversed(self, date):
        """Mostly something of a day that is over."""
        found = super()._reversed(date)
        past = found and date >= self.entries[found["of"]]["voucher"]["date"]
        return found if past or self.random.random() < 0.1 else None

    def _opening_balance(self, date):
        found = super()._opening_balance(date)
        loans = []
        for number in range(self.random.randint(1, 3)):
            principal, fee = self.random.randint(1, 150), self.random.randint(0, 10)
            loans.append({"fund": self._one(*LENDING), "principal": principal, "fee_total": fee, "purpose": "crops",
                          "paid": self._one(0, 0, principal, self.random.randint(0, principal)),
                          "fees_paid": self._one(0, 0, self.random.randint(0, fee)), "disbursed": "2026-08-01",
                          "_sd": self._digests(f"loan {number}")})
        custody = [{"class": "overpaid", "amount": 60, "place": "cash"}]
        return found | {"loans": loans, "custody": found["custody"] + custody}

    def _loan_approved(self, _):
        fund = self._one(*LENDING, "xoay", "xoay") if self.random.random() < 0.96 else "chung"
        return {"fund": fund, "principal": self.random.randint(1, 200), "purpose": "livestock",
                "fee_total": self._one(0, 0, 5, 10), "_sd": self._digests("family")}

    def _approval(self):
        """An approval, mostly one that is still reserved."""
        reserved = sorted(self.books.loans.reserved)
        return self.random.choice(reserved) if reserved and self.random.random() < 0.9 else self._of("loan_approved")

    def _loan_cancelled(self, _):
        of = self._approval()
        return of and {"of": of, "reason": "other"}

    def _loan_disbursed(self, _):
        of = self._approval()
        return of and {"of": of, "place": self._one(*walk.PLACES)}

    def _loan_repaid(self, _):
        if (key := self._loan()) is None:
            return None
        loan = self.books.loans.loans[key]
        found = self._repayment(key, self._part(loan.principal), self._part(loan.fee))
        return found if found["principal"] + found["fee"] or self.random.random() < 0.1 else None

    def _custody_received(self, date):
        if self.random.random() < 0.3:
            return super()._custody_received(date)
        return {"class": "overpaid", "donor": self._donor(), "amount": self.random.randint(1, 120),
                "place": self._one(*walk.PLACES)}

    def _custody_assigned(self, _):
        held = [key for key, (amount, _) in sorted(self.books.held.items()) if amount]
        if not held or (key := self._loan()) is None:
            return None
        of, loan = self.random.choice(held), self.books.loans.loans[key]
        most = min(loan.principal, self.books.held[of][0]) + (self.random.random() < 0.1)
        principal = self._one(most, self.random.randint(0, most))
        fee = self._one(0, min(loan.fee, max(0, self.books.held[of][0] - principal)))
        return {"of": self._named_loan(of), "amount": max(1, principal + fee), "as": "repayment", "fee": fee,
                "loan": self._named_loan(key), "principal": principal, **self._one({}, {"place": "bank"})}

    def _loan_fee_waived(self, _):
        key = self._loan()
        return key and {"of": self._named_loan(key), "reason": "poverty",
                        "amount": max(1, self._part(self.books.loans.loans[key].fee))}

    def _loan_rescheduled(self, _):
        return {"_sd": self._digests("schedule")} if self.random.random() < 0.3 else None

    def _loan_written_off(self, _):
        key = self._loan()
        return key and {"of": self._named_loan(key), "reason": "illness"}

    def _loan_recovered(self, _):
        key = self._loan()
        return key and {"of": self._named_loan(key), "place": self._one(*walk.PLACES),
                        "amount": max(1, self._part(self.books.loans.loans[key].lost))}

    def _fund_transfer(self, date):
        found = super()._fund_transfer(date)
        if "_sd" in found or self.random.random() < 0.3:
            return found
        source, target = self._one(("xoay", "von"), ("von", "xoay"), ("xoay", "lu"), ("chung", "xoay"),
                                   ("xoay", "chung"))
        return found | {"from_fund": source, "to_fund": target, **self._gifts()}


class LoansWalk(Lending, walk.Walk):
    """One history with loans."""


class ContinuedLoansWalk(Lending, ContinuedWalk):
    """One history with loans in several ledgers."""
