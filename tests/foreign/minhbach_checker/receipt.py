"""Receipts that verify without a network: FORMAT.md section 13.

    receipt.py RECEIPT VKEY

exits with 0 when the log key signed the receipt's checkpoint, the entry is in its tree and has its form; 1 when
something is refused; 3 when the entry is of a newer format.
"""

import argparse
import sys
from dataclasses import dataclass

import tree
import vouchers
from canonical import LARGEST_ENTRY, Malformed, Newer, Refused, base64_standard
from notes import ED25519, Checkpoint, decimal, read_checkpoint, read_vkey

HEADER = "c2sp.org/tlog-proof@v1"
LARGEST_RECEIPT = 1_200_000
LONGEST_PROOF = 64


@dataclass
class Receipt:
    """The parts of a tlog-proof file."""

    entry: bytes
    index: int
    proof: list
    checkpoint: Checkpoint


def read_receipt(data):
    """The parts of a receipt, its form checked."""
    if len(data) > LARGEST_RECEIPT:
        raise Malformed("a receipt that is too large")
    try:
        head, between, note = data.decode("utf-8").partition("\n\n")
    except UnicodeError:
        raise Malformed("a receipt that is not UTF-8") from None
    lines = head.split("\n")
    if not between or len(lines) < 3 or lines[0] != HEADER:
        raise Malformed("not a receipt")
    if not lines[1].startswith("extra ") or not lines[2].startswith("index "):
        raise Malformed("a receipt without its extra or index line")
    entry = base64_standard(lines[1].removeprefix("extra "))
    if len(entry) > LARGEST_ENTRY or len(lines) - 3 > LONGEST_PROOF:
        raise Malformed("an entry or a proof that is too long")
    return Receipt(entry, decimal(lines[2].removeprefix("index ")), [base64_standard(line, 32) for line in lines[3:]],
                   read_checkpoint(note.encode()))


def check_inclusion(receipt):
    """The entry is at its index in the tree of the receipt's checkpoint."""
    found = tree.root_from_inclusion(tree.leaf_hash(receipt.entry), receipt.index, receipt.checkpoint.size,
                                     receipt.proof)
    if found != receipt.checkpoint.root:
        raise Malformed("the proof leads to another root")


def check_receipt(data, log_key):
    """Everything that 13 asks for without the ledger; returns the entry."""
    try:
        receipt = read_receipt(data)
        if receipt.checkpoint.origin != log_key.name or not receipt.checkpoint.signed_by(log_key):
            raise Malformed("the log key did not sign the checkpoint")
        check_inclusion(receipt)
    except Malformed as fault:
        raise Refused("receipt", str(fault)) from None
    entry = vouchers.read_entry(receipt.entry, receipt.index)
    if entry["seq"] != receipt.index or entry["log"] != log_key.name:
        raise Refused("receipt", "the entry says another place or ledger")
    return entry


def main(arguments):
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(description="Verify a receipt without its ledger.")
    parser.add_argument("receipt")
    parser.add_argument("vkey")
    chosen = parser.parse_args(arguments)
    try:
        log_key = read_vkey(chosen.vkey, ED25519)
    except Malformed as fault:
        parser.error(str(fault))
    with open(chosen.receipt, "rb") as file:
        data = file.read()
    try:
        entry = check_receipt(data, log_key)
    except Refused as fault:
        print(f"refused: {fault.step}: {fault.reason}")
        return 1
    except Newer as fault:
        print(f"newer format: {fault.reason}")
        return 3
    print(f"entry {entry['seq']} of {entry['log']} is in the log; the officers' keys need the ledger")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
