"""Published names and disclosures that a reader brings: FORMAT.md section 12."""

import hashlib

import canonical
from canonical import Malformed, Refused

NAMES = ("full_name", "masked_name", "phone", "address", "identity_number", "birth_year", "category", "family",
         "bank_text", "bank_reference", "bank_row", "account", "guarantor", "schedule", "loan", "title", "sha256",
         "consent", "words")
PUBLISHED = ("full_name", "masked_name")


def read_lines(data):
    """(disclosure, seq) of each line."""
    if data and not data.endswith(b"\n"):
        raise Malformed("an open last line")
    lines = data.split(b"\n")[:-1]
    if len(set(lines)) != len(lines):
        raise Malformed("a line twice")
    for line in lines:
        value = canonical.decode(line)
        if (not isinstance(value, dict) or value.keys() != {"disclosure", "seq"}
                or not canonical.is_number(value["seq"])):
            raise Malformed("a line with other members")
        yield value["disclosure"], value["seq"]


def _opened(disclosure):
    """(name, value, digest) of a disclosure."""
    if not isinstance(disclosure, str):
        raise Malformed("a disclosure that is no text")
    value = canonical.decode(canonical.base64_url(disclosure))
    if not isinstance(value, list) or len(value) != 3 or not all(isinstance(item, str) for item in value[:2]):
        raise Malformed("a disclosure is [salt, name, value]")
    canonical.base64_url(value[0], 32)
    if value[1] not in NAMES:
        raise Malformed(f"an unknown name {value[1][:40]}")
    return value[1], value[2], canonical.to_base64_url(hashlib.sha256(disclosure.encode()).digest())


def _all_digests(value):
    if isinstance(value, dict):
        return set(value.get("_sd", [])).union(*(_all_digests(inner) for inner in value.values()))
    if isinstance(value, list):
        return set().union(*(_all_digests(inner) for inner in value))
    return set()


def check(data, vouchers, published, grows=False):
    """Every line matches the entry it claims; returns how many there are. `grows`: later entries are not here yet."""
    count = 0
    for (name, value, digest), seq in [(_opened(disclosure), seq) for disclosure, seq in read_lines(data)]:
        if seq >= len(vouchers) and grows:
            continue
        if seq >= len(vouchers):
            raise Refused("disclosures", f"entry {seq} does not exist", seq)
        digests = _all_digests(vouchers[seq])
        if published:
            if name not in PUBLISHED or not isinstance(value, str):
                raise Refused("disclosures", f"{name} is not published", seq)
            digests = vouchers[seq].get("donor", {}).get("_sd", [])
        if digest not in digests:
            raise Refused("disclosures", f"the disclosure does not match entry {seq}", seq)
        count += 1
    return count
