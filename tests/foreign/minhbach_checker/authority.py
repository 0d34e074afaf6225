"""Officers, their keys and who signs: FORMAT.md sections 1 (step 4), 5 and 8."""

import itertools

import canonical
import vouchers
from canonical import Refused
from notes import read_vkey, verify, voucher_text

GUARDIAN = "guardian"
BY_GUARDIAN = {"officer_enrolled", "officer_retired", "key_rotated", "log_key_rotated"}
FEE_LIMIT = 1_000_000


class Officers:
    """Officers and guardian in office with their present keys, and every key that was ever used."""

    def __init__(self):
        self.people = {}
        self.used_names, self.used_keys = set(), set()

    def _add(self, person, roles, vkey):
        key = read_vkey(vkey)
        self.used_names.add(key.name)
        self.used_keys.add(key.public)
        self.people[person] = (frozenset(roles), key)

    def _enrol(self, refuse, officer):
        roles = officer["roles"]
        refuse("auditor" in roles and len(roles) > 1, "auditor-alone", "an auditor with another role")
        refuse(officer["person"] in self.people, "person-registered", "the person is in office already")
        self._demand_new(refuse, officer["vkey"])
        self._add(officer["person"], roles, officer["vkey"])

    def _demand_new(self, refuse, vkey):
        key = read_vkey(vkey)
        refuse(key.name in self.used_names or key.public in self.used_keys, "key-used", "a key that was used before")

    def _demand_three(self, refuse):
        treasurers, chairs, thirds = ([person for person, (roles, _) in self.people.items() if roles & wanted]
                                      for wanted in ({"treasurer"}, {"chair"}, {"chair", "deputy_chair", GUARDIAN}))
        refuse(not any(len(set(three)) == 3 for three in itertools.product(treasurers, chairs, thirds)),
               "too-few-officers", "no three persons to go on with")

    def all_end(self):
        """Every key ends; what was used stays known."""
        self.people = {}

    def signer(self, name):
        """(person, roles, key) of a key name in force, or None."""
        for person, (roles, key) in self.people.items():
            if key.name == name:
                return person, roles, key
        return None

    def has_auditor(self):
        """Whether an officer with the role `auditor` is in office."""
        return any("auditor" in roles for roles, _ in self.people.values())

    def apply(self, nth, voucher, refuse):
        """The rules of 8 and 10 about officers and keys, and what the voucher changes."""
        kind = voucher["kind"]
        if kind == "chapter_opened":
            for officer in voucher["officers"]:
                self._enrol(refuse, officer)
            if GUARDIAN in voucher:
                self._name_guardian(refuse, voucher[GUARDIAN])
            self._demand_three(refuse)
        elif kind == "officer_enrolled":
            self._enrol(refuse, voucher["officer"])
        elif kind == "officer_retired":
            roles, _ = self.people.get(voucher["person"], ({GUARDIAN}, None))
            refuse(GUARDIAN in roles, "person-unknown", "no such officer")
            del self.people[voucher["person"]]
            self._demand_three(refuse)
        elif kind == "key_rotated":
            first = voucher.get("compromised_from_seq", -1)
            refuse(not isinstance(first, int), "reference", "no entry of an older ledger")
            refuse(first >= nth, "compromised-from", "not an earlier entry")
            refuse(voucher["person"] not in self.people, "person-unknown", "no such officer or guardian")
            roles, key = self.people[voucher["person"]]
            refuse(key.text != voucher["old_vkey"], "old-key", "not the person's present key")
            self._demand_new(refuse, voucher["new_vkey"])
            self._add(voucher["person"], roles, voucher["new_vkey"])
        elif kind == "guardian_named":
            self._name_guardian(refuse, voucher[GUARDIAN])

    def _name_guardian(self, refuse, guardian):
        roles, _ = self.people.get(guardian["person"], ({GUARDIAN}, None))
        refuse(GUARDIAN not in roles, "person-registered", "the guardian is an officer")
        self._demand_new(refuse, guardian["vkey"])
        self.people = {person: held for person, held in self.people.items() if GUARDIAN not in held[0]}
        self._add(guardian["person"], {GUARDIAN}, guardian["vkey"])


def registered(voucher):
    """Vkeys that a voucher registers for officers or the guardian, by key name."""
    found = [officer["vkey"] for officer in voucher.get("officers", [])]
    found += [voucher[name]["vkey"] for name in ("officer", GUARDIAN) if name in voucher]
    if voucher["kind"] == "key_rotated":
        found.append(voucher["new_vkey"])
    return {(key := read_vkey(text)).name: key for text in found}


def check_signatures(officers, entry):
    """Step 4: every signature is by a key in force before the entry, or as holder by one that it registers."""
    voucher, seq = entry["voucher"], entry["seq"]
    new, body = registered(voucher), canonical.encode(voucher)
    for item in entry["signatures"]:
        signer = officers.signer(item["key"])
        if item["as"] == "holder" or seq == 0:
            key = new.get(item["key"])
        else:
            key = signer and signer[2]
        if key is None:
            raise Refused("authority", f"{item['key']} is not in force", seq, "key-not-in-force")
        data = canonical.base64_standard(item["sig"], 68)
        if data[:4] != key.id or not verify(key.public, voucher_text(item["as"], body), data[4:]):
            raise Refused("signatures", f"the signature of {item['key']} does not hold", seq, "signature-invalid")


def roles_asked(officers, voucher, two_above, to_advance):
    """The roles of 8 in their order, for every kind but `chapter_opened`."""
    kind = voucher["kind"]
    mark, _, holder = vouchers.MARKS[kind].partition("+")
    if mark == "auditor":
        return ["auditor"]
    if kind == "cost_paid" and voucher["category"] == "bank_fee":
        small = two_above is not None and voucher["amount"] < min(two_above, FEE_LIMIT)
        mark = "1" if small else "2"
    elif kind == "transfer" and to_advance:
        mark = "2"
    elif mark == "1" and two_above is not None and voucher.get("amount", 0) > two_above:
        mark = "2"
    roles = ["recorder", "approver"][:int(mark[0])]
    if mark == "2A" and officers.has_auditor():
        roles.append("auditor")
    return roles + ([holder] if holder else [])


def check_opening(entry):
    """Authority of entry 0."""
    def refuse(broken, code, reason):
        if broken:
            raise Refused("authority", reason, 0, code)

    voucher, signatures = entry["voucher"], entry["signatures"]
    refuse([item["as"] for item in signatures[:2]] != ["recorder", "approver"], "signature-list", "not two signatures")
    refuse(signatures[0]["key"] != voucher["by"], "signature-list", "the recorder is not `by`")
    people = {read_vkey(officer["vkey"]).name: officer for officer in voucher["officers"]}
    for item in signatures[:2]:
        refuse(item["key"] not in people, "key-not-in-force", "not the key of a listed officer")
    recorder, approver = (people[item["key"]] for item in signatures[:2])
    refuse(not {"treasurer", "chair"} & set(recorder["roles"]), "recorder-may-not", "neither treasurer nor chair")
    refuse(not _may_approve(approver["roles"], recorder["roles"], voucher["kind"]), "approver-may-not",
           "no role to approve")
    refuse(recorder["person"] == approver["person"], "same-person", "one person in two roles")
    others = sorted(registered(voucher).keys() - {item["key"] for item in signatures[:2]})
    refuse([(item["as"], item["key"]) for item in signatures[2:]] != [("holder", name) for name in others],
           "signature-list", "not every other key as holder in order")


def _may_approve(roles, recorder_roles, kind):
    return (bool({"chair", "deputy_chair"} & set(roles)) or "treasurer" in roles and "chair" in recorder_roles
            or GUARDIAN in roles and kind in BY_GUARDIAN)


def check(officers, entry, asked):
    """Authority of every later entry: exactly the signatures that are asked for, by whom they may be."""
    voucher, signatures, seq = entry["voucher"], entry["signatures"], entry["seq"]

    def refuse(broken, code, reason):
        if broken:
            raise Refused("authority", reason, seq, code)

    refuse([item["as"] for item in signatures] != asked, "signature-list", f"asked for {', '.join(asked)}")
    holders = [item["key"] for item in signatures if item["as"] == "holder"]
    refuse(holders != sorted(registered(voucher)), "signature-list", "the holder is not the registered key")
    refuse(signatures[0]["key"] != voucher["by"], "signature-list", "the first signature is not by `by`")
    recording = {"treasurer", "chair", "deputy_chair"}
    if voucher["kind"] in vouchers.BY_CASEWORKER:
        recording.add("caseworker")
    seen, recorder_roles = set(), frozenset()
    for item in signatures:
        if item["as"] == "holder":
            continue
        signer = officers.signer(item["key"])
        refuse(signer is None or GUARDIAN in signer[1] and item["as"] != "approver", "key-not-in-force",
               f"{item['key']} is not in force")
        person, roles, _ = signer
        if item["as"] == "recorder":
            recorder_roles = roles
            refuse(not roles & recording, "recorder-may-not", "no role to record this kind")
        elif item["as"] == "approver":
            refuse(not _may_approve(roles, recorder_roles, voucher["kind"]), "approver-may-not", "no role to approve")
        else:
            refuse("auditor" not in roles, "not-an-auditor", "not the key of an auditor")
        refuse(person in seen, "same-person", "one person in two roles")
        seen.add(person)
