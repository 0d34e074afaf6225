"""Ledgers that continue another one: FORMAT.md section 9.9 and what 10 says of entry 0 behind an older ledger."""

import re
from dataclasses import dataclass

from canonical import Malformed, base64_standard
from notes import read_checkpoint, read_vkey

MOST_LEDGERS = 100
REFS, LISTS = ("of", "loan", "lot", "compromised_from_seq"), ("gifts", "sample", "differences")


@dataclass
class Older:
    """What entry 0 of the next ledger is held against. `log_key` is in force at `size`, `keys` are the public log keys
    of this ledger and of all before."""

    log: str
    size: int
    ended: bool
    log_key: str
    keys: set


def number_of(origin):
    """(origin of the first ledger, number): `a/b` is number 1, `a/b/2` number 2."""
    match = re.fullmatch("([^/]+/[^/]+)/([2-9]|[1-9][0-9]+)", origin)
    return (match[1], int(match[2])) if match else (origin, 1)


def next_origin(origin):
    """The origin of the ledger that continues another."""
    first, number = number_of(origin)
    return f"{first}/{number + 1}"


def said(voucher):
    """What entry 0 says once for all ledgers of a chapter, in the order of the words of `continues`."""
    others = {name: voucher[name] for name in ("currency", "utc_offset", "books_from")}
    return {"slug": voucher["chapter"]["slug"], **others}


class Continued:
    """A part of `Books`; `older`, `before` and `said` are its state."""

    def turn(self):
        """The ledger ends here: what follows is entry 0 of one that continues it."""
        size = len(self.entries) - self.before
        known = {read_vkey(key).public for _, key in self.log_keys} | (self.older.keys if self.older else set())
        in_force = [key for start, key in self.log_keys if start <= size][-1]
        self.older = Older(self.log, size, self.ended, in_force, known)
        self.before = len(self.entries)
        self.officers.all_end()
        self.witnesses, self.statements, self.ended = [], {}, False

    # ---- references ----

    def resolved(self, voucher):
        """The voucher with places in its references; one that cannot be meant stays text."""
        found = dict(voucher)
        for name in REFS:
            if name in found:
                found[name] = self._place(found[name])
        for name in LISTS:
            if name in found:
                found[name] = [self.resolved(item) if name == "differences" else self._place(item)
                               for item in found[name]]
        return found

    def _place(self, ref):
        if isinstance(ref, dict):
            return {**ref, "seq": self._place(ref["seq"])}
        if isinstance(ref, int):
            return self.before + ref
        place = int(ref.removeprefix("old:"))
        return place if place < self.before else ref

    # ---- entry 0 ----

    def check_continued(self, voucher):
        """The words of `continues` in their order, then the log key."""
        def refuse(broken, word):
            self.refuse(broken, "continues", word)

        older = self.older
        if older is None:
            refuse("continues" in voucher or number_of(voucher["log"])[1] > 1, "nothing")
            return
        refuse(voucher["log"] != next_origin(older.log), "origin")
        refuse(older.ended, "closed")
        for word, value in said(voucher).items():
            refuse(self.said[word] != value, word)
        try:
            checkpoint = read_checkpoint(base64_standard(voucher["continues"]["checkpoint"]))
        except Malformed:
            refuse(True, "checkpoint")
        refuse(checkpoint.origin != older.log, "checkpoint-origin")
        refuse(checkpoint.size != older.size, "checkpoint-size")
        refuse(not signed_by(checkpoint, read_vkey(older.log_key)), "log-signature")
        self.refuse(read_vkey(voucher["log_key"]).public in older.keys, "key-used", "a log key of an older ledger")


def signed_by(checkpoint, key):
    """Whether a key signed, a line that does not hold counting as none."""
    try:
        return checkpoint.signed_by(key)
    except Malformed:
        return False
