"""Periods that are closed and audited, statements that are published: FORMAT.md sections 9.7, 10 and 11."""

import hashlib

import canonical
from statement import CUSTODY, Statement, quarter_or_year

FEWEST_LOANS = 5


class Periods:
    """A part of `Books`; `closed_through`, `closings` and `statements` are its state."""

    def _period_closed(self, voucher):
        through = voucher["through"]
        first = self.said["books_from"]
        if self.closed_through:
            first = canonical.day_after(canonical.last_day(self.closed_through))
        self.refuse(through < first[:7], "not-next-period", "months close in order")
        last = canonical.last_day(through)
        statement = Statement(self, first, last)
        self.refuse(statement.is_too_large(), "too-large", "a figure beyond 2^53-1")
        self.refuse(voucher["date"] <= last, "period-not-over", "closed before its last day")
        value = statement.value()
        places = [{name: row[name] for name in row if name != "rows"} for row in value["places"]]
        self.refuse(voucher["entries"] != value["entries"], "figure", "`entries` is something else")
        self.refuse(_bare(voucher["places"]) != places, "figure", "`places` is something else")
        self.refuse(_bare(voucher.get("funds", [])) != value["funds"], "figure", "`funds` is something else")
        self.refuse(voucher[CUSTODY] != value[CUSTODY]["closing"], "figure", "`custody` is something else")
        banks = [row["place"] for row in voucher.get("bank", [])]
        self.refuse(len(set(banks)) != len(banks) or any(self.places.get(code, {}).get("type") != "bank"
                                                         for code in banks), "unknown", "`bank` names no bank")
        goods = [{name: row[name] for name in ("item", "opening", "in", "out", "closing")}
                 for row in value.get("goods", [])]
        self.refuse(_bare(voucher.get("goods", [])) != goods, "figure", "`goods` is something else")
        running = self.loans.running(last)
        self.refuse(("loans" in voucher) != (running >= FEWEST_LOANS), "figure", "`loans` is there or absent")
        self.refuse("loans" in voucher and voucher["loans"]["running"] != running, "figure", "`running` is not so many")
        self._publish(through, statement.bytes(), voucher["statement"])
        self.closed_through = through
        self.closings.add(through)

    def _publish(self, name, data, digest):
        self.refuse(hashlib.sha256(data).hexdigest() != digest, "figure", f"statement {name} has another hash")
        self.statements[f"statements/{name}.json"] = (self.seq, data)

    def _period_audited(self, voucher):
        self.refuse(voucher["through"] not in self.closings, "nothing-closed", "the period was not closed")
        self.refuse(any(not isinstance(ref, int) or ref >= self.nth for ref in voucher.get("sample", [])),
                    "reference", "the sample names no earlier entry")

    def _statement_published(self, voucher):
        first, last, fund = voucher["from"], voucher["to"], voucher.get("fund")
        if voucher["type"] == "campaign":
            fits, name = fund is not None and first <= last, f"{fund}_{first}_{last}"
        else:
            name = quarter_or_year(voucher["type"], first, last)
            fits = fund is None and name is not None
        closed = self.closed_through is not None and self.said["books_from"] <= last and last[:7] <= self.closed_through
        self.refuse(not fits or not closed, "statement-range", "not a span of closed months")
        self.refuse(fund is not None and fund not in self.funds, "unknown", "an unknown fund")
        statement = Statement(self, first, last, fund)
        self.refuse(statement.is_too_large(), "too-large", "a figure beyond 2^53-1")
        self._publish(name, statement.bytes(), voucher["sha256"])


def _bare(rows):
    """Rows of a voucher without their digests."""
    return [{name: value for name, value in row.items() if name != "_sd"} for row in rows]
