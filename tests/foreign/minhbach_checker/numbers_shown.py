"""Document numbers, which are shown and not stored: FORMAT.md section 9.3."""

from collections import Counter

IN_OUT = {"cash": ("PT", "PC"), "bank": ("BC", "BN")}


class Numbers:
    """Counts the documents of each series and year."""

    def __init__(self):
        self.counts = Counter()

    def next(self, voucher, places, moves, else_moved):
        """The numbers of an entry. `places` are (type, net), `moves` its quantities in stores; `else_moved` says that
        it posts, or moves goods held for others."""
        year, numbers = voucher["date"][:4], []
        if voucher["kind"] == "loan_approved":
            self.counts["KU", year] += 1
            return [f"KU-{year}-{self.counts['KU', year]:04d}"]
        if not places and not moves and not else_moved:
            return []
        if voucher["kind"] in ("reversed", "opening_balance"):
            series = ["BT"]
        else:
            found = {IN_OUT[type_][net < 0] for type_, net in places if type_ in IN_OUT and net}
            found |= {"PN" if quantity > 0 else "PX" for quantity in moves}
            series = sorted(found, key=("PT", "PC", "BC", "BN", "PN", "PX").index) or ["BT"]
        for name in series:
            self.counts[name, year] += 1
            numbers.append(f"{name}-{year}-{self.counts[name, year]:05d}")
        return numbers
