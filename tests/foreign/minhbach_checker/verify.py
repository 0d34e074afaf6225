"""The verifier: FORMAT.md sections 1 (steps, exit statuses) and 2 (published files).

    verify.py FOLDER_OR_URL [--key VKEY] [--against FILE…] [--json]

`--against` takes earlier checkpoints, receipts, and files of disclosures in the form of `disclosures.jsonl`.
Form, chain and tree are checked over the whole ledger; then entry by entry its signatures, authority and books;
then the statements and disclosures.
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


# ---- published files -----------------------------------------------------------------------------------------


class Folder:
    """A ledger in a folder."""

    def __init__(self, base):
        self.base, self.address = base, None

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
        self.base = base.rstrip("/") + "/"
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


class Verifier:
    """Carries out the steps of section 1 on one ledger."""

    def __init__(self, source, key=None, against=()):
        self.source, self.key, self.against = source, key, against
        self.notes, self.entries, self.leaves = [], [], []
        self.newer = None
        self.books = Books()
        self.report = {"status": 0, "steps": {}}

    def run(self):
        """The report: status, and the step, seq, code and reason of the first break."""
        step = "tree"
        try:
            data = self._split(self._demand("entries.jsonl"))
            for step, work in (("form", lambda: self._form(data)), ("chain", self._chain),
                               ("tree", lambda: self._tree(data)), ("books", self._books),
                               ("statements", self._statements), ("disclosures", self._disclosures)):
                if self.newer and step in ("statements", "disclosures"):
                    self.report["steps"][step] = "skipped"
                    continue
                work()
                done = STEPS[3:6] if step == "books" else (step,)
                for name in done:
                    self.report["steps"][name] = "before the newer part" if self.newer else "holds"
        except Refused as fault:
            self._broken(fault.step, fault)
        except Malformed as fault:
            self._broken(step, Refused(step, str(fault)))
        else:
            if self.newer:
                self.report |= {"status": 3, "seq": self.newer.seq, "code": self.newer.code,
                                "reason": f"{self.newer.reason}; {self._verified_up_to(self.newer.seq)}"}
        self.report["notes"] = self.notes
        return self.report

    def _broken(self, step, fault):
        self.report["steps"][step] = "broken"
        self.report |= {"status": 1, "step": step, "seq": fault.seq, "code": fault.code, "reason": fault.reason}

    @staticmethod
    def _verified_up_to(seq):
        return f"verified up to seq {seq - 1}" if seq else "nothing was verified"

    def _demand(self, name):
        data = self.source.read(name)
        if data is None:
            raise Malformed(f"{name} is missing")
        return data

    @staticmethod
    def _split(data):
        if not data.endswith(b"\n"):
            raise Refused("form", "entries.jsonl is empty or ends within a line")
        return data.split(b"\n")[:-1]

    def _form(self, data):
        for seq, line in enumerate(data):
            try:
                self.entries.append(vouchers.read_entry(line, seq))
            except Newer as newer:
                self.newer = newer
                break
        self.leaves = [tree.leaf_hash(line) for line in data[:len(self.entries)]]

    def _chain(self):
        ids, at = set(), ""
        for seq, entry in enumerate(self.entries):
            before = self.leaves[seq - 1].hex() if seq else "0" * 64
            for broken, reason in ((entry["seq"] != seq, "seq has a gap"), (entry["prev"] != before, "prev differs"),
                                   (entry["at"] < at, "at goes back"),
                                   (entry["log"] != self.entries[0]["log"], "log differs"),
                                   (entry["voucher"]["id"] in ids, "the voucher id is used")):
                if broken:
                    raise Refused("chain", reason, seq)
            ids.add(entry["voucher"]["id"])
            at = entry["at"]

    # ---- tree ----

    def _log_keys(self):
        """(size from which it is in force, key) from entry 0 and `log_key_rotated`."""
        if not self.entries or "log_key" not in self.entries[0]["voucher"]:
            raise Refused("tree", "entry 0 names no log key", 0)
        found = [(0, read_vkey(self.entries[0]["voucher"]["log_key"]))]
        for entry in self.entries:
            if entry["voucher"]["kind"] == "log_key_rotated":
                found.append((entry["voucher"]["from_size"], read_vkey(entry["voucher"]["new_vkey"])))
        return found

    def _key_at(self, size):
        return max(((start, key) for start, key in self.log_keys if start <= size), key=lambda pair: pair[0])[1]

    def _judge(self, checkpoint, name):
        """Origin, root and signatures of any checkpoint of this ledger."""
        if checkpoint.origin != self.entries[0]["log"]:
            raise Refused("tree", f"{name} is of another origin")
        if checkpoint.size > len(self.leaves):
            raise Refused("tree", f"{PREFIX}: {name} has {checkpoint.size} entries, here are {len(self.leaves)}")
        if checkpoint.root != tree.root(self.leaves[:checkpoint.size]):
            raise Refused("tree", f"{name} has another root")
        signed = {key.text for key in self.known if checkpoint.signed_by(key)}
        if self._key_at(checkpoint.size).text not in signed:
            raise Refused("tree", f"{name} is not signed by the log key in force at its size")
        return signed

    def _tree(self, data):
        newest = read_checkpoint(self._demand("checkpoint"))
        policy = read_policy(self._demand("policy"))
        if self.newer:
            if self.entries:
                self._prepare(policy)
                self._older_checkpoints()
            self.notes.append(f"the tree beyond {len(self.entries)} entries was not judged")
            return
        self._prepare(policy)
        signed = self._judge(newest, "checkpoint")
        if newest.size < len(self.leaves):
            raise Refused("tree", f"{PREFIX}: the checkpoint has {newest.size} entries, here are {len(self.leaves)}")
        self.report |= {"origin": newest.origin, "size": newest.size, "root": newest.root.hex()}
        if self.source.address not in (None, newest.origin):
            self.notes.append(f"read from {self.source.address}, but the ledger is {newest.origin}")
        for name, wanted in tree.tiles(self.leaves):
            if self._demand(name) != wanted:
                raise Refused("tree", f"{name} differs")
        for index, width in tree.widths(len(data)):
            name = tree.tile_name("entries", index, width)
            bundle = tree.read_bundle(self._demand(name), width)
            for seq, entry in enumerate(bundle, index * tree.WIDTH):
                if entry != data[seq]:
                    raise Refused("tree", f"{name} and entries.jsonl differ", seq)
        if not policy.is_met(newest):
            raise Refused("tree", "no log of the policy signed the checkpoint, or its quorum is not met")
        self._older_checkpoints()
        self._brought()
        self._judge_key(newest, signed)

    def _prepare(self, policy):
        self.log_keys = self._log_keys()
        self.known = list({key.text: key for key in [key for _, key in self.log_keys] + policy.keys()}.values())

    def _older_checkpoints(self):
        self.older = []
        for name in self.source.names("checkpoints"):
            path = f"checkpoints/{name}"
            checkpoint = read_checkpoint(self._demand(path))
            if str(checkpoint.size) != name:
                raise Refused("tree", f"{path} is of size {checkpoint.size}")
            if self.newer and checkpoint.size > len(self.entries):
                continue
            self.older.append((checkpoint.size, self._judge(checkpoint, path)))

    def _brought(self):
        self.brought = []
        for name, data in self.against:
            if data.startswith(b"{"):
                self.brought.append((name, data))
                continue
            if not data.startswith(receipt.HEADER.encode()):
                self._judge(read_checkpoint(data), name)
                continue
            slip = receipt.read_receipt(data)
            self._judge(slip.checkpoint, name)
            receipt.check_inclusion(slip)
            if tree.leaf_hash(slip.entry) != self.leaves[slip.index]:
                raise Refused("tree", f"{name} holds another entry", slip.index)

    def _judge_key(self, newest, signed):
        if self.key is None:
            self.notes.append("log key taken from the ledger itself, compare with your paper")
            self.notes.append(f"log key: {self._key_at(newest.size).text}")
        elif self.key.text != self._key_at(newest.size).text or self.key.text not in signed:
            sizes = [str(size) for size, keys in self.older if self.key.text in keys]
            vouched = f"; it vouches for the checkpoints {', '.join(sizes)}" if sizes else ""
            raise Refused("tree", f"the key given is not in force for the checkpoint{vouched}")

    # ---- signatures, authority, books; statements; disclosures ----

    def _books(self):
        for entry in self.entries:
            try:
                self.books.add(entry)
            except Newer as newer:
                self.newer = newer
                break

    def _statements(self):
        for name, wanted in self.books.statements.items():
            if self._demand(name) != wanted:
                raise Refused("statements", f"{name} differs from the recomputed bytes")
        for name in self.source.names("statements"):
            if f"statements/{name}" not in self.books.statements:
                raise Refused("statements", f"statements/{name} was never published")

    def _disclosures(self):
        told = [entry["voucher"] for entry in self.entries]
        count = disclosures.check(self._demand("disclosures.jsonl"), told, published=True)
        self.notes.append(f"{count} published names")
        for name, data in self.brought:
            self.notes.append(f"{name}: {disclosures.check(data, told, published=False)} disclosures match")


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
