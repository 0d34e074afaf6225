"""The steps of FORMAT.md section 1 on one ledger.

Entry by entry its form, chain, signatures, authority and books are checked, and what is published of it; then the
rest of the tree, the statements and disclosures. The first break on the way is the one that is reported.
"""

import disclosures
import receipt
import tree
import vouchers
from canonical import Malformed, Refused, base64_standard
from continued import signed_by
from notes import read_checkpoint, read_policy, read_vkey

STEPS = ("form", "chain", "tree", "signatures", "authority", "books", "statements", "disclosures")
PREFIX = "prefix"
CHECKPOINTS = "checkpoints"


class Tiles:
    """The tiles of a growing tree: those that each leaf fills, and at the end the partial ones."""

    def __init__(self):
        self.levels = []

    def add(self, leaf):
        """(path, bytes) of every tile that a leaf fills."""
        level, found = 0, leaf
        while found is not None:
            if level == len(self.levels):
                self.levels.append((0, []))
            index, hashes = self.levels[level]
            hashes.append(found)
            found = None
            if len(hashes) == tree.WIDTH:
                yield tree.tile_name(level, index, tree.WIDTH), b"".join(hashes)
                self.levels[level] = (index + 1, [])
                found = tree.root(hashes)
            level += 1

    def rest(self):
        """(path, bytes) of every partial tile."""
        for level, (index, hashes) in enumerate(self.levels):
            if hashes:
                yield tree.tile_name(level, index, len(hashes)), b"".join(hashes)


class Verifier:
    """Carries out the steps of section 1 on one ledger; `older` is the verifier of the one that it continues, `key` and
    `brought` what the reader has for this ledger: (name, checkpoint, receipt, or bytes of disclosures)."""

    def __init__(self, source, books, older, key, brought):
        self.source, self.older, self.key, self.against = source, older, key, brought
        self.notes, self.vouchers, self.leaves = [], [], []
        self.books, self.tiles = books, Tiles()
        self.heads, self.receipts, self.brought = [], [], []
        self.log_keys, self.log = [], None
        self.at = older.at if older else ""
        self.origin = self.newest = self.step = None

    def run(self):
        """Raises the first break, a `Refused` or `Newer`."""
        self.step = "tree"
        try:
            self._collect()
            self._entries()
            self._rest_of_tree()
            for self.step, work in (("statements", self._statements), ("disclosures", self._disclosures)):
                work()
        except Malformed as fault:
            raise Refused(self.step, str(fault)) from None

    def _demand(self, name):
        data = self.source.read(name)
        if data is None:
            raise Malformed(f"{name} is missing")
        return data

    # ---- before the entries ----

    def _collect(self):
        """Every checkpoint that has to fit, and the lines of entries.jsonl."""
        self.newest = read_checkpoint(self._demand("checkpoint"))
        self.origin = self.newest.origin
        if self.source.address not in (None, self.newest.origin):
            self.notes.append(f"read from {self.source.address}, but the ledger is {self.newest.origin}")
        self._wait("checkpoint", self.newest)
        if (cosigned := self.source.read("cosigned")) is not None:
            # A site that serves may have grown since its checkpoint was read, a folder not.
            cosigned = read_checkpoint(cosigned)
            if not (self.source.address and cosigned.size > self.newest.size
                    and read_checkpoint(self._demand("checkpoint")).size >= cosigned.size):
                self._wait("cosigned", cosigned)
        for name in self.source.names(CHECKPOINTS):
            checkpoint = read_checkpoint(self._demand(f"{CHECKPOINTS}/{name}"))
            if str(checkpoint.size) != name:
                raise Refused("tree", f"{CHECKPOINTS}/{name} is of size {checkpoint.size}")
            self._wait(f"{CHECKPOINTS}/{name}", checkpoint)
        for name, found in self.against:
            if isinstance(found, bytes):
                self.brought.append((name, found))
            elif isinstance(found, receipt.Receipt):
                self._wait(name, found.checkpoint)
                receipt.check_inclusion(found)
                self.receipts.append((name, found))
            else:
                self._wait(name, found)
        *self.lines, self.open_line = self._demand("entries.jsonl").split(b"\n")

    def _wait(self, name, checkpoint):
        if checkpoint.origin != self.newest.origin:
            raise Refused("tree", f"{name} is of another origin")
        if checkpoint.size > self.newest.size:
            raise Refused("tree", f"{name} has {checkpoint.size} entries: entries were taken away", None, "shrunk")
        self.heads.append((name, checkpoint))

    # ---- entry by entry ----

    def _entries(self):
        for index, width in tree.widths(self.newest.size):
            name = tree.tile_name("entries", index, width)
            entries, behind = tree.read_bundle(self.source.read(name) or b"", width)
            for data in entries:
                self._entry(data)
            seq = len(self.leaves)
            if len(entries) < width:
                raise Refused(PREFIX, f"{PREFIX}: {name} ends before entry {seq} does", seq)
            if behind:
                raise Refused("form", f"bytes behind the last entry of {name}", seq)

    def _entry(self, data):
        seq, leaf = len(self.leaves), tree.leaf_hash(data)
        entry = vouchers.read_entry(data, seq)
        if self.older and "continues" in entry["voucher"]:
            self._held_against_older(entry["voucher"])
        before = self.leaves[-1].hex() if seq else "0" * 64
        for broken, code in ((entry["seq"] != seq, "seq"), (entry["prev"] != before, "prev"),
                             (entry["at"] < self.at, "at"), (self.log not in (None, entry["log"]), "log")):
            if broken:
                raise Refused("chain", f"`{code}` does not follow", seq, code)
        self.books.add(entry)
        self.at, self.log = entry["at"], entry["log"]
        voucher = entry["voucher"]
        self.vouchers.append(voucher)
        self.leaves.append(leaf)
        if voucher["kind"] == "chapter_opened":
            self.log_keys.append((0, read_vkey(voucher["log_key"])))
        elif voucher["kind"] == "log_key_rotated":
            self.log_keys.append((voucher["from_size"], read_vkey(voucher["new_vkey"])))
        if self.lines[seq:seq + 1] != [data]:
            raise Refused("tree", "entries.jsonl and the bundle differ", seq)
        for name, wanted in self.tiles.add(leaf):
            self._compare_tile(name, wanted)
        for name, checkpoint in self.heads:
            if checkpoint.size == seq + 1 and checkpoint.root != tree.root(self.leaves):
                raise Refused("tree", f"{name} has another root", seq)
        for name, slip in self.receipts:
            if slip.index == seq and slip.entry != data:
                raise Refused("tree", f"{name} holds another entry", seq)

    def _held_against_older(self, voucher):
        """What `continues` holds is a checkpoint, of the old root where it is of the old size."""
        try:
            old = read_checkpoint(base64_standard(voucher["continues"]["checkpoint"]))
        except Malformed as fault:
            raise Refused("books", f"checkpoint: {fault}", 0, "continues") from None
        if old.size == len(self.older.leaves) and old.root != tree.root(self.older.leaves):
            raise Refused("books", "checkpoint-root", 0, "continues")

    def _compare_tile(self, name, wanted):
        found = self._demand(name)
        if found == wanted:
            return
        leaves = self.leaves if name.startswith("tile/0/") else []
        begin = (len(leaves) - 1) // tree.WIDTH * tree.WIDTH
        wrong = (seq for seq, leaf in enumerate(leaves[begin:]) if found[seq * 32:seq * 32 + 32] != leaf)
        seq = next(wrong, None)
        raise Refused("tree", f"{name} differs", None if seq is None else begin + seq)

    # ---- behind the entries ----

    def _key_at(self, size):
        return [key for start, key in self.log_keys if start <= size][-1]

    def _rest_of_tree(self):
        behind = self.lines[len(self.leaves):]
        if self.open_line or behind and not self.source.grows:
            raise Refused("tree", "entries.jsonl holds more than the entries")
        for name, wanted in self.tiles.rest():
            self._compare_tile(name, wanted)
        if self.log != self.newest.origin:
            raise Refused("tree", "the checkpoint is of another ledger, or the ledger is empty")
        for name, checkpoint in sorted(self.heads, key=lambda head: head[1].size):
            if not checkpoint.signed_by(self._key_at(checkpoint.size)):
                raise Refused("tree", f"{name} is not signed by the log key in force at its size")
        self._judge_key()
        if not read_policy(self._demand("policy")).is_met(self.newest):
            raise Refused("tree", "no log of the policy signed the checkpoint, or its quorum is not met")

    def newest_key(self):
        """The log key in force at the size of `checkpoint`."""
        return self._key_at(self.newest.size)

    def _judge_key(self):
        if self.key is None:
            return
        known = any(key == self.key for _, key in self.log_keys)
        signed = [checkpoint.size for _, checkpoint in self.heads if known and signed_by(checkpoint, self.key)]
        if not signed:
            raise Refused("tree", "the key given signed no checkpoint of this ledger")
        if max(signed) < self.newest.size:
            self.notes.append(f"the key given vouches for {max(signed)} entries and for nothing later")

    def _statements(self):
        for name, (seq, wanted) in sorted(self.books.statements.items()):
            if self.source.read(name) != wanted:
                raise Refused("statements", f"{name} is missing or differs from the recomputed bytes", seq)
        for name in self.source.names("statements"):
            if f"statements/{name}" not in self.books.statements:
                raise Refused("statements", f"statements/{name} was never published")

    def _disclosures(self):
        told = self._demand("disclosures.jsonl")
        count = disclosures.check(told, self.vouchers, published=True, grows=self.source.grows)
        self.notes.append(f"{count} published names")
        for name, data in self.brought:
            self.notes.append(f"{name}: {disclosures.check(data, self.vouchers, published=False)} disclosures match")
