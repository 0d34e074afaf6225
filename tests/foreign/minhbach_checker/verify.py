"""The verifier: FORMAT.md section 1 on all ledgers of a chapter (9.9).

    verify.py FOLDER_OR_URL [--first FOLDER_OR_URL] [--key VKEY] [--against FILE…] [--json]

`--first` is where the first ledger lies, when one that continues it does not lie below it. `--against` takes earlier
checkpoints, receipts, and files of disclosures in the form of `disclosures.jsonl`.
"""

import argparse
import json
import sys

import receipt
from books import Books
from canonical import Malformed, Newer, Refused
from continued import MOST_LEDGERS, number_of
from ledger import STEPS, Verifier
from notes import ED25519, read_checkpoint, read_vkey
from sources import source_of


class Chapter:
    """The ledgers of a chapter, whichever of them is named."""

    def __init__(self, named, first=None, key=None, against=()):
        self.named, self.first, self.key, self.against = source_of(named), first and source_of(first), key, against
        self.books, self.done, self.now, self.notes, self.several = Books(), [], None, [], False

    def run(self):
        """The report: status, and the ledger, step, seq, code and reason of the first break."""
        report = {"status": 0, "steps": dict.fromkeys(STEPS, "holds")}
        try:
            self._verify()
        except Newer as newer:
            known = f"verified up to seq {newer.seq - 1}" if newer.seq else "nothing was verified"
            report = {"status": 3, "seq": newer.seq, "code": newer.code, "reason": f"{newer.reason}; {known}",
                      "steps": dict.fromkeys(("form", "chain", *STEPS[3:6]), "holds before the newer part")}
            self.notes.append("signatures of checkpoints, policy, partial tiles, statements and disclosures were not "
                              "judged")
        except Refused as fault:
            report = {"status": 1, "step": fault.step, "seq": fault.seq, "code": fault.code, "reason": fault.reason,
                      "steps": {fault.step: "broken"}}
        if report["status"] and self.now and self.several:
            report["ledger"] = self.now.origin
        for ledger in self.done:
            if ledger.source is self.named and ledger.newest:
                report |= {"origin": ledger.origin, "size": ledger.newest.size, "root": ledger.newest.root.hex()}
        return report | {"notes": [*self.notes, *(note for ledger in self.done for note in ledger.notes)]}

    def _verify(self):
        sources = self._sources()
        origins, self.several = [_origin(source) for source in sources], len(sources) > 1
        if len(sources) > MOST_LEDGERS:
            raise _too_many(origins[MOST_LEDGERS])
        brought = [self._brought(name, data, origins) for name, data in self.against]
        named = sources.index(self.named)
        if self.key and self.key.name not in origins:
            raise Refused("tree", "the key given is of no ledger of this chapter")
        for place, source in enumerate(sources):
            own = [one for origin, one in brought if (named if origin is None else origins.index(origin)) == place]
            older = self.now
            if older:
                self.books.turn()
            key = self.key if self.key and self.key.name == origins[place] else None
            self.now = Verifier(source, self.books, older, key, own)
            self.done.append(self.now)
            self.now.run()
        if self.key is None:
            self.notes.append("log key taken from the ledger itself, compare with your paper")
            self.notes.append(f"log key: {self.now.newest_key().text}")
        elif self.key.name != origins[-1]:
            self.notes.append(f"the key given is of {self.key.name} and vouches for nothing behind it")

    def _sources(self):
        """Where the ledgers lie, the oldest first, and one too many if there is. Which there are is read off their
        checkpoints."""
        origin = _origin(self.named)
        first, number = self.named, number_of(origin)[1]
        if number > MOST_LEDGERS:
            raise _too_many(origin)
        if number > 1:
            first = self.first or self.named.above()
        found = [first]
        while len(found) <= MOST_LEDGERS and (
                len(found) < number or _is_there(first.below(len(found) + 1))):
            found.append(first.below(len(found) + 1))
        found[number - 1] = self.named
        for place, source in enumerate(found, 1):
            if source is not self.named and not _is_there(source):
                raise Refused("tree", f"ledger {place} of the chapter is missing", None, "continued")
        return found

    @staticmethod
    def _brought(name, data, origins):
        """(origin, (name, what was brought)); disclosures name no origin."""
        try:
            if data.startswith(b"{"):
                return None, (name, data)
            found = receipt.read_receipt(data) if data.startswith(receipt.HEADER.encode()) else read_checkpoint(data)
        except Malformed as fault:
            raise Refused("tree", f"{name}: {fault}") from None
        origin = (found.checkpoint if isinstance(found, receipt.Receipt) else found).origin
        if origin not in origins:
            raise Refused("tree", f"{name} is of another ledger")
        return origin, (name, found)


def _origin(source):
    try:
        data = source.read("checkpoint")
        if data is None:
            raise Malformed("checkpoint is missing")
        return read_checkpoint(data).origin
    except Malformed as fault:
        raise Refused("tree", str(fault)) from None


def _is_there(source):
    try:
        return source.read("checkpoint") is not None
    except Malformed as fault:
        raise Refused("tree", str(fault)) from None


def _too_many(origin):
    return Refused("tree", f"{origin} is a ledger behind the hundredth of its chapter", None, "continued")


def verify(base, key=None, against=(), first=None):
    """The report on a ledger; `against` are (name, bytes)."""
    return Chapter(base, first, key, against).run()


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
        at += f" of {report['ledger']}" if report.get("ledger") else ""
        code = f" ({report['code']})" if report["code"] else ""
        print(f"{'refused' if report['status'] == 1 else 'newer format'}{at}: {report['reason']}{code}")


def main(arguments):
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(description="Verify a ledger.")
    parser.add_argument("base", metavar="FOLDER_OR_URL")
    parser.add_argument("--first", metavar="FOLDER_OR_URL")
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
    report = verify(chosen.base, key, against, chosen.first)
    if chosen.json:
        print(json.dumps(report, ensure_ascii=False))
    else:
        _print(report)
    return report["status"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
