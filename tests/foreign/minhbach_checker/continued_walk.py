"""Random histories with goods that go on in new ledgers: what the books remember of the old ones counts."""

import copy
import pickle

import scenario
import vouchers
from canonical import Refused
from continued_story import FIRST_OFFICERS, Ledger, signed_as
from walk import Walk

LAST = len(FIRST_OFFICERS)


class ContinuedWalk(Walk):
    """One history; its `entries` stand in the order of the chapter, references in it are places until they are told."""

    def __init__(self, opening, seed):
        self.chapter = [Ledger(1, opening)]
        super().__init__(opening, seed)

    def turn(self, opening):
        """Another ledger goes on from here."""
        self.books.turn()
        date = self._date(self.day)
        self.chapter.append(Ledger(len(self.chapter) + 1, opening, self.chapter[-1], date=date, at=scenario.AT))
        self.books.add(self.chapter[-1].entries[0])
        self.entries.append(self.chapter[-1].entries[0])

    def tell(self, kind, date, members):
        """Adds an entry if the books take it; returns the code of the refusal."""
        ledger = self.chapter[-1]
        tried, trial = pickle.loads(pickle.dumps(self.books)), copy.copy(ledger)
        trial.entries = list(ledger.entries)
        trial.tell(kind, date, self._named(members), signed_as(ledger.number, vouchers.MARKS[kind]), scenario.AT)
        try:
            tried.add(trial.entries[-1])
        except Refused as fault:
            self.refused.append(([*self.chapter[:-1], trial], fault.code))
            return fault.code
        self.books, self.chapter[-1] = tried, trial
        self.entries.append(trial.entries[-1])
        return None

    def _named(self, members):
        """The members with references as the present ledger writes them."""
        if isinstance(members, list):
            return [self._named(item) for item in members]
        if not isinstance(members, dict):
            return members
        found = {name: self._named(value) for name, value in members.items()}
        for name in {"of", "lot", "loan"} & members.keys():
            found[name] = self._ref(members[name])
        if "gifts" in members:
            found["gifts"] = [self._ref(ref) for ref in members["gifts"]]
        return found

    def _ref(self, ref):
        if isinstance(ref, dict):
            return {**ref, "seq": self._ref(ref["seq"])}
        before = self.chapter[-1].before
        # Now and then a number that names another place, or none.
        if self.random.random() < 0.02:
            return ref
        return ref - before if ref >= before else f"old:{ref}"


def history(walk, opening, steps):
    """A history of three ledgers and the statements of each."""
    statements = {}
    for number in range(1, LAST + 1):
        walk.go(steps // LAST)
        if number == LAST:
            walk.end()
        statements[number] = dict(walk.books.statements)
        if number < LAST:
            walk.turn(opening)
    return walk, statements
