"""The kinds of loans: their checks of FORMAT.md section 10, postings of 9.2 and changes of 9.10."""

from canonical import LIMIT
from goods_kinds import OPENING, pair

RECEIVABLE, FEES, LOST, RECOVERED = "loans_receivable", "service_fees", "loan_losses", "recoveries"
OF_A_LOAN = ("loan_repaid", "loan_fee_waived", "loan_written_off", "loan_recovered")
LENT = ("loan_approved", "loan_cancelled", "loan_disbursed", *OF_A_LOAN)


def is_repayment(voucher):
    """Whether money held for others repays a loan."""
    return voucher["kind"] == "custody_assigned" and voucher["as"] == "repayment"


class LoanKinds:
    """A part of `Books`; `loans` and `lots` are its state."""

    # ---- what the kinds share ----

    def _loan(self, voucher, name="of"):
        """`loan` of section 10: the key of the loan that the voucher names."""
        kept, key = self._named(voucher, name)
        self.refuse(key not in self.loans.loans, "reference", f"{kept.voucher['kind']} is no loan")
        return key

    def _vouchers_of(self, key):
        """The vouchers of a loan (9.10): (nth, voucher)."""
        return [(nth, self.entries[nth].voucher) for nth in self.loans.vouchers[key] if self.entries[nth].standing]

    def _write_off(self, key):
        """The standing write-off of a loan: (nth, voucher) or None."""
        return next((one for one in self._vouchers_of(key) if one[1]["kind"] == "loan_written_off"), None)

    def _fund_of_loan(self, key):
        fund = self.loans.loans[key].fund
        self._open(self.funds, fund)
        return fund

    def _sources(self, key):
        return self.loans.sources(key, self.entries[key[0]].voucher["kind"] == OPENING)

    def _check_repaid(self, voucher, key):
        """`loan_repaid` from `too-large` on; returns the fund of the loan."""
        loan, principal, fee = self.loans.loans[key], voucher["principal"], voucher["fee"]
        self.refuse(principal + fee > LIMIT, "too-large", "principal and fee are too much")
        self.refuse(principal + fee != voucher["amount"], "parts", "principal and fee are not the amount")
        self.refuse(self._write_off(key), "loan-written-off", "the loan was written off")
        self.refuse(not loan.principal and not loan.fee, "loan-closed", "nothing is owed")
        self.refuse(principal > loan.principal or fee > loan.fee, "more-than-owed", "more than is owed")
        return self._fund_of_loan(key)

    def _repay(self, voucher, key, place):
        """The changes and postings of a repayment."""
        fund, principal, fee = self.loans.loans[key].fund, voucher["principal"], voucher["fee"]
        lots = self.loans.come_back(self._sources(key), principal, 1)
        self.loans.change(key, -principal, -fee)
        self.loans.vouchers[key].append(self.nth)
        postings = pair(place, RECEIVABLE, fund, principal) if principal else []
        if fee:
            self.lots.open(fund, self.nth, lots, fee)
            self.loans.now.fee = (self.nth, lots)
            postings += pair(place, FEES, fund, fee)
        return postings

    def lent(self, gift):
        """What was lent of a gift, every turn counted: (lent, amount of the gift)."""
        came = sum(part for nth, kept in enumerate(self.entries) if kept.standing and nth in self.loans.done
                   for use, part, _ in self.loans.done[nth].came if use.gift == gift)
        out = sum(use.amount for use in self.lots.uses if use.gift == gift and (
            use.sort == "on_loan" or self.entries[use.outflow].voucher["kind"] == "loan_written_off"))
        return came + out, self.lots.gifts[gift][1]

    # ---- the kinds ----

    def _opening_loan(self, voucher, number, line):
        """A line in `loans` of an opening; returns its postings."""
        fund = self._open(self.funds, line["fund"])
        self.refuse(fund["type"] != "revolving", "not-revolving", "the fund does not lend")
        principal, fee = line["principal"] - line["paid"], line["fee_total"] - line["fees_paid"]
        self.refuse(principal < 0 or principal == 0 and fee == 0, "opening-loan", "too much was paid, or all of it")
        self.refuse(fee < 0, "opening-loan", "too much was paid of the fee")
        self.refuse(line["disbursed"] > voucher["as_of"], "day-order", "paid out after the opening")
        self.loans.change(self.loans.open(number, line["fund"]), principal, fee)
        if not principal:
            return []
        lot = (self.nth, len(voucher.get("money", [])) + number)
        self.lots.open(line["fund"], *lot, principal)
        self.lots.take_lot(self.lots.lots[lot], principal, self.nth, "on_loan", loan=number)
        return pair(RECEIVABLE, OPENING, line["fund"], principal)

    def _loan_approved(self, voucher):
        fund = self._open(self.funds, voucher["fund"])
        self.refuse(fund["type"] != "revolving", "not-revolving", "the fund does not lend")
        self._hold_terms(fund, voucher)
        self.loans.reserve(self.nth, voucher["fund"], voucher["principal"])

    def _approval(self, voucher):
        """The approval that a voucher names, with nothing done about it yet: its entry and seq."""
        kept, (of, _) = self._named(voucher)
        self.refuse(kept.voucher["kind"] != "loan_approved", "reference", "`of` is no approval")
        for other in self.entries:
            if other.standing and other.voucher["kind"] in ("loan_cancelled", "loan_disbursed"):
                code = other.voucher["kind"].replace("_", "-")
                self.refuse(other.voucher["of"] == of, code, "something was done about the approval")
        return kept.voucher, of

    def _loan_cancelled(self, voucher):
        approval, of = self._approval(voucher)
        self.loans.reserve(of, approval["fund"], -approval["principal"])

    def _loan_disbursed(self, voucher):
        approval, of = self._approval(voucher)
        self._open(self.places, voucher["place"])
        fund, principal = approval["fund"], approval["principal"]
        self.loans.reserve(of, fund, -principal)
        self.loans.change(self.loans.open(0, fund), principal, approval["fee_total"])
        self.lots.spend(fund, [], principal, self.nth, "on_loan")
        return pair(RECEIVABLE, f"place:{voucher['place']}", fund, principal)

    def _loan_repaid(self, voucher):
        key = self._loan(voucher)
        self._open(self.places, voucher["place"])
        self._check_repaid(voucher, key)
        return self._repay(voucher, key, f"place:{voucher['place']}")

    def _loan_fee_waived(self, voucher):
        key = self._loan(voucher)
        loan = self.loans.loans[key]
        self.refuse(not loan.principal and not loan.fee, "loan-closed", "nothing is owed")
        self.refuse(voucher["amount"] > loan.fee, "more-than-owed", "more than is owed")
        self.loans.change(key, fee=-voucher["amount"])
        self.loans.vouchers[key].append(self.nth)

    def _loan_written_off(self, voucher):
        key = self._loan(voucher)
        principal = self.loans.loans[key].principal
        self.refuse(self._write_off(key), "loan-written-off", "written off already")
        self.refuse(not principal, "loan-closed", "no principal is owed")
        self.refuse(any(voucher["date"] < other["date"] for _, other in self._vouchers_of(key)), "date-before-of",
                    "dated before a voucher of the loan")
        fund = self._fund_of_loan(key)
        for use in self._sources(key):
            self.lots.reclass(use, use.amount, self.nth, "lost")
        self.loans.change(key, -principal, 0, principal)
        self.loans.vouchers[key].append(self.nth)
        return pair(LOST, RECEIVABLE, fund, principal)

    def _loan_recovered(self, voucher):
        key, amount = self._loan(voucher), voucher["amount"]
        self._open(self.places, voucher["place"])
        written_off = self._write_off(key)
        self.refuse(written_off is None, "not-written-off", "the loan was not written off")
        nth, other = written_off
        self.refuse(voucher["date"] < other["date"], "date-before-of", "dated before the write-off")
        self.refuse(amount > self.loans.loans[key].lost, "more-than-left", "more than was lost")
        fund = self._fund_of_loan(key)
        self.loans.come_back(self.loans.lost_by(nth), amount, 0)
        self.loans.change(key, lost=-amount)
        self.loans.vouchers[key].append(self.nth)
        return pair(f"place:{voucher['place']}", RECOVERED, fund, amount)

    # ---- reversals ----

    def _check_loans_reversed(self, of, voucher):
        """Section 10: what of a loan stands behind the voucher that is to be reversed."""
        kind = voucher["kind"]
        for key in self.loans.loans:
            if key[0] == of and kind in (OPENING, "loan_disbursed"):
                self.refuse(self._vouchers_of(key), "named-by-standing", "a standing voucher of the loan")
        if kind in OF_A_LOAN or is_repayment(voucher):
            key = self._key_of(voucher["loan" if is_repayment(voucher) else "of"])
            self.refuse(self._vouchers_of(key)[-1][0] != of, "later-of-loan", "a later voucher of the loan")

    def _take_back_loan(self, seq, voucher):
        """The tables of 9.6 and 9.10 but for openings; False where a part of a fee is not found."""
        self.loans.move_back(seq)
        if voucher["kind"] == "loan_disbursed":
            for use in self.lots.of_outflow(seq):
                self.lots.give_back(use, use.amount)
        elif voucher["kind"] == "loan_written_off":
            for use in self.lots.of_outflow(seq):
                self.lots.reclass(use, use.amount, self._key_of(voucher["of"])[0], "on_loan")
        return self.loans.take_back(seq)

    def _take_back_lent(self, seq, voucher):
        """The loans of an opening are taken back; returns an item of `undo` for each line with a lot."""
        self.loans.move_back(seq)
        for use in self.lots.of_outflow(seq):
            if use.sort == "on_loan":
                self.lots.give_back(use, use.amount)
        first = len(voucher.get("money", []))
        gifts = [(seq, first + number) for number in range(len(voucher.get("loans", [])))]
        return [self.lots.gift_item(gift) for gift in gifts if gift in self.lots.gifts]
