"""The verifier: FORMAT.md sections 1 (steps, exit statuses) and 2 (published files).

    verify.py FOLDER_OR_URL [--key VKEY] [--against FILE…] [--json]

`--against` takes earlier checkpoints, receipts, and files of disclosures in the form of `disclosures.jsonl`.
Entry by entry its form, chain, signatures, authority and books are checked, and what is published of it; then the
rest of the tree, the statements and disclosures. The first break on the way is the one that is reported.
"""

import argparse
import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request

import disclosures
import receipt
import tree
import vouchers
from books import Books
from canonical import Malformed, Newer, Refused
from notes import ED25519, read_checkpoint, read_policy, read_vkey

STEPS = ("form", "chain", "tree", "signatures", "authority", "books", "statements", "disclosures")
PREFIX = "prefix"
CHECKPOINTS = "checkpoints"


# ---- published files -----------------------------------------------------------------------------------------


class Folder:
    """A ledger in a folder."""

    def __init__(self, base):
        self.base, self.address, self.grows = base, None, False

    def read(self, name):
        """The bytes of a file, None when it is missing."""
        try:
            with open(os.path.join(self.base, *name.split("/")), "rb") as file:
                return file.read()
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            return None

    def names(self, folder):
        """What lies in a folder."""
        path = os.path.join(self.base, folder)
        return sorted(os.listdir(path)) if os.path.isdir(path) else []


class Site:
    """A ledger behind an address; what is not asked for by name stays unseen."""

    def __init__(self, base):
        self.base, self.grows = base.rstrip("/") + "/", True
        parts = urllib.parse.urlsplit(self.base)
        self.address = parts.netloc + parts.path.rstrip("/")

    def read(self, name):
        """The bytes of a file, None when it is missing."""
        try:
            with urllib.request.urlopen(self.base + name, timeout=30) as answer:
                return answer.read()
        except urllib.error.HTTPError as fault:
            if fault.code in (404, 410):
                return None
            raise Malformed(f"{name}: {fault}") from None
        except OSError as fault:
            raise Malformed(f"{name}: {fault}") from None

    def names(self, folder):
        """Nothing: a site has no listing."""
        return []


# ---- the steps -----------------------------------------------------------------------------------------------


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
    """Carries out the steps of section 1 on one ledger."""

    def __init__(self, source, key=None, against=()):
        self.source, self.key, self.against = source, key, against
        self.notes, self.vouchers, self.leaves = [], [], []
        self.books, self.tiles = Books(), Tiles()
        self.heads, self.receipts, self.brought = [], [], []
        self.log_keys, self.at, self.log = [], "", None
        self.report = {"status": 0, "steps": {}}

    def run(self):
        """The report: status, and the step, seq, code and reason of the first break."""
        self.step = "tree"
        try:
            self._collect()
            self._entries()
            self._rest_of_tree()
            for self.step, work in (("statements", self._statements), ("disclosures", self._disclosures)):
                work()
            self.report["steps"] = dict.fromkeys(STEPS, "holds")
        except Newer as newer:
            known = f"verified up to seq {newer.seq - 1}" if newer.seq else "nothing was verified"
            self.report |= {"status": 3, "seq": newer.seq, "code": newer.code, "reason": f"{newer.reason}; {known}",
                            "steps": dict.fromkeys(("form", "chain", *STEPS[3:6]), "holds before the newer part")}
            self.notes.append("signatures of checkpoints, policy, partial tiles, statements and disclosures were not "
                              "judged")
        except (Refused, Malformed) as fault:
            if isinstance(fault, Malformed):
                fault = Refused(self.step, str(fault))
            self.report["steps"][fault.step] = "broken"
            self.report |= {"status": 1, "step": fault.step, "seq": fault.seq, "code": fault.code,
                            "reason": fault.reason}
        self.report["notes"] = self.notes
        return self.report

    def _demand(self, name):
        data = self.source.read(name)
        if data is None:
            raise Malformed(f"{name} is missing")
        return data

    # ---- before the entries ----

    def _collect(self):
        """Every checkpoint that has to fit, and the lines of entries.jsonl."""
        self.newest = read_checkpoint(self._demand("checkpoint"))
        self.report |= {"origin": self.newest.origin, "size": self.newest.size, "root": self.newest.root.hex()}
        if self.source.address not in (None, self.newest.origin):
            self.notes.append(f"read from {self.source.address}, but the ledger is {self.newest.origin}")
        self._wait("checkpoint", self.newest)
        for name in self.source.names(CHECKPOINTS):
            checkpoint = read_checkpoint(self._demand(f"{CHECKPOINTS}/{name}"))
            if str(checkpoint.size) != name:
                raise Refused("tree", f"{CHECKPOINTS}/{name} is of size {checkpoint.size}")
            self._wait(f"{CHECKPOINTS}/{name}", checkpoint)
        for name, data in self.against:
            if data.startswith(b"{"):
                self.brought.append((name, data))
            elif data.startswith(receipt.HEADER.encode()):
                slip = receipt.read_receipt(data)
                self._wait(name, slip.checkpoint)
                receipt.check_inclusion(slip)
                self.receipts.append((name, slip))
            else:
                self._wait(name, read_checkpoint(data))
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

    def _judge_key(self):
        newest = self._key_at(self.newest.size)
        if self.key is None:
            self.notes.append("log key taken from the ledger itself, compare with your paper")
            self.notes.append(f"log key: {newest.text}")
            return
        known = any(key == self.key for _, key in self.log_keys)
        signed = [checkpoint.size for _, checkpoint in self.heads if known and _holds(checkpoint, self.key)]
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


def _holds(checkpoint, key):
    """Whether a key signed, a line that does not hold counting as none."""
    try:
        return checkpoint.signed_by(key)
    except Malformed:
        return False


def verify(base, key=None, against=()):
    """The report on a ledger; `against` are (name, bytes)."""
    source = Site(base) if base.startswith(("https://", "http://")) else Folder(base)
    return Verifier(source, key, against).run()


# ---- command line --------------------------------------------------------------------------------------------


def _print(report):
    for step in STEPS:
        print(f"{step:12} {report['steps'].get(step, 'not reached')}")
    for note in report["notes"]:
        print(note)
    if report["status"] == 0:
        print(f"{report['origin']}: {report['size']} entries, root {report['root']}")
        print("everything that was asked for was checked and holds")
    else:
        at = "" if report["seq"] is None else f" at seq {report['seq']}"
        code = f" ({report['code']})" if report["code"] else ""
        print(f"{'refused' if report['status'] == 1 else 'newer format'}{at}: {report['reason']}{code}")


def main(arguments):
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(description="Verify a ledger.")
    parser.add_argument("base", metavar="FOLDER_OR_URL")
    parser.add_argument("--key", metavar="VKEY")
    parser.add_argument("--against", metavar="FILE", nargs="+", default=[])
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    try:
        key = read_vkey(chosen.key, ED25519) if chosen.key else None
    except Malformed as fault:
        parser.error(str(fault))
    against = []
    for name in chosen.against:
        with open(name, "rb") as file:
            against.append((name, file.read()))
    report = verify(chosen.base, key, against)
    if chosen.json:
        print(json.dumps(report, ensure_ascii=False))
    else:
        _print(report)
    return report["status"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
