"""Merkle tree, proofs, tiles and entry bundles: FORMAT.md sections 2 and 4."""

import hashlib

from canonical import Malformed

WIDTH = 256


def leaf_hash(entry):
    """SHA-256(0x00 ‖ entry)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left, right):
    """SHA-256(0x01 ‖ left ‖ right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(leaves):
    """The root over leaf hashes, RFC 6962 section 2.1."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    level = list(leaves)
    while len(level) > 1:
        paired = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = paired + level[len(level) - len(level) % 2:]
    return level[0]


def root_from_inclusion(leaf, index, size, proof):
    """The root that an inclusion proof leads to, RFC 9162 section 2.1.3.2."""
    if index >= size:
        raise Malformed("index is not below the size")
    first, last, result = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise Malformed("the proof is too long")
        if first & 1 or first == last:
            result = node_hash(sibling, result)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            result = node_hash(result, sibling)
        first, last = first >> 1, last >> 1
    if last:
        raise Malformed("the proof is too short")
    return result


def path_of(index):
    """An index in groups of three digits, every group but the last with a leading x."""
    digits = str(index)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[i:i + 3] for i in range(0, len(digits), 3)]
    return "/".join(["x" + group for group in groups[:-1]] + groups[-1:])


def widths(count):
    """(index, width) of the tiles that hold `count` hashes or entries."""
    full = [(index, WIDTH) for index in range(count // WIDTH)]
    return full + ([(count // WIDTH, count % WIDTH)] if count % WIDTH else [])


def tile_name(folder, index, width):
    """`tile/<folder>/<N>` or `tile/<folder>/<N>.p/<W>`."""
    return f"tile/{folder}/{path_of(index)}" + ("" if width == WIDTH else f".p/{width}")


def tiles(leaves):
    """(path, bytes) of every tile of the tree over these leaf hashes."""
    level, hashes = 0, list(leaves)
    while hashes:
        for index, width in widths(len(hashes)):
            yield tile_name(level, index, width), b"".join(hashes[index * WIDTH:index * WIDTH + width])
        hashes = [root(hashes[i:i + WIDTH]) for i in range(0, len(hashes) - WIDTH + 1, WIDTH)]
        level += 1


def read_bundle(data, width):
    """The entries of a bundle, at most `width`, each behind its 16-bit length, and the bytes behind them."""
    entries, at = [], 0
    while len(entries) < width and len(data) >= at + 2:
        length = int.from_bytes(data[at:at + 2], "big")
        if len(data) < at + 2 + length:
            break
        entries.append(data[at + 2:at + 2 + length])
        at += 2 + length
    return entries, data[at:]
