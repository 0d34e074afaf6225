"""Keys, signatures, checkpoints, cosignatures and the policy: FORMAT.md sections 5 and 6."""

import hashlib
import re
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from canonical import LIMIT, Malformed, base64_standard

ED25519, COSIGNATURE = 1, 4
LARGEST_NOTE = 1_000_000
ORDER = 2**252 + 27742317777372353535851937790883648493
_P = 2**255 - 19
_D = -121665 * pow(121666, _P - 2, _P) % _P
_SMALL = {bytes.fromhex(text) for text in (
    "00" * 32, "01" + "00" * 31, "ec" + "ff" * 30 + "7f",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")}


def _without_sign(point):
    return point[:31] + bytes([point[31] & 127])


def is_strong(public):
    """Rules 1 and 2 of strict verification: a canonical point that is not of small order."""
    low = _without_sign(public)
    y = int.from_bytes(low, "little")
    square = (y * y - 1) * (_D * y * y + 1) % _P
    return y < _P and low not in _SMALL and pow(square, (_P - 1) // 2, _P) == 1


def verify(public, message, signature):
    """Strict verification of 64 bytes of signature by a key that was read as a vkey."""
    if _without_sign(signature[:32]) in _SMALL or int.from_bytes(signature[32:], "little") >= ORDER:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


@dataclass(frozen=True)
class Key:
    """A verifier key."""

    text: str
    name: str
    id: bytes
    type: int
    public: bytes


def read_vkey(text, type_=None):
    """The key of a vkey in its one spelling; a weak point is refused here."""
    parts = text.split("+", 2)
    if len(parts) != 3 or not re.fullmatch(r"[!-*,-~]+", parts[0]):
        raise Malformed("not a vkey")
    data = base64_standard(parts[2], 33)
    name, id_ = parts[0], hashlib.sha256(parts[0].encode() + b"\n" + data).digest()[:4]
    if parts[1] != id_.hex():
        raise Malformed("the key id of a vkey is not that of its key")
    if data[0] not in (ED25519, COSIGNATURE) or type_ not in (None, data[0]):
        raise Malformed("a vkey of the wrong type")
    if not is_strong(data[1:]):
        raise Malformed("a vkey with a weak or impossible point")
    return Key(text, name, id_, data[0], data[1:])


def voucher_text(role, voucher_bytes):
    """What an officer signs, section 5."""
    return f"minhbach-voucher/{role}/v1\n".encode() + voucher_bytes + b"\n"


@dataclass
class Checkpoint:
    """A signed note of three lines; `lines` are (name, key id ‖ signature)."""

    origin: str
    size: int
    root: bytes
    text: bytes
    lines: list = field(default_factory=list)

    def signed_by(self, key):
        """Whether a line of this key holds; a line that names the key and does not hold is Malformed."""
        found = False
        for name, data in self.lines:
            if name != key.name or data[:4] != key.id:
                continue
            message, signature = self.text, data[4:]
            if key.type == COSIGNATURE:
                time = int.from_bytes(signature[:8], "big")
                message, signature = f"cosignature/v1\ntime {time}\n".encode() + self.text, signature[8:]
                if time >= 2**63:
                    raise Malformed(f"the cosignature of {name} has no time")
            if len(signature) != 64 or not verify(key.public, message, signature):
                raise Malformed(f"the signature line of {name} does not hold")
            found = True
        return found


def decimal(text):
    """A number without leading zeros, at most 2^53−1."""
    if not re.fullmatch(r"0|[1-9][0-9]{0,15}", text) or int(text) > LIMIT:
        raise Malformed(f"{text[:20]!r} is not a number")
    return int(text)


def read_checkpoint(data):
    """A checkpoint's form; its signatures are not verified here."""
    if len(data) > LARGEST_NOTE:
        raise Malformed("a checkpoint that is too large")
    try:
        note = data.decode("utf-8")
    except UnicodeError:
        raise Malformed("a checkpoint that is not UTF-8") from None
    if re.search("[\x00-\x09\x0b-\x1f]", note):
        raise Malformed("a control character in a checkpoint")
    lines = note.split("\n")
    if len(lines) < 6 or lines[3] != "" or lines[-1] != "" or len(lines) - 5 > 100:
        raise Malformed("a checkpoint is three lines, an empty one and 1 to 100 signature lines")
    checkpoint = Checkpoint(lines[0], decimal(lines[1]), base64_standard(lines[2], 32),
                            "".join(line + "\n" for line in lines[:3]).encode())
    for line in lines[4:-1]:
        match = re.fullmatch(r"— ([^\s+]+) ([A-Za-z0-9+/=]+)", line)
        if not match or len(signature := base64_standard(match[2])) < 5:
            raise Malformed("a signature line without its form")
        checkpoint.lines.append((match[1], signature))
    if checkpoint.size == 0 and checkpoint.root != hashlib.sha256(b"").digest():
        raise Malformed("size 0 with another root than that of the empty tree")
    return checkpoint


@dataclass
class Policy:
    """Logs and witnesses that a checkpoint is asked for, and the quorum; groups are (k, names)."""

    logs: list = field(default_factory=list)
    witnesses: dict = field(default_factory=dict)
    groups: dict = field(default_factory=dict)
    quorum: str | None = None

    def is_met(self, checkpoint):
        """Whether a listed log signed and the quorum is there; every line by a key of the policy must hold."""
        listed = [checkpoint.signed_by(key) for key in self.logs if key.name == checkpoint.origin]
        for key in self.witnesses.values():
            checkpoint.signed_by(key)
        return any(listed) and (self.quorum == "none" or self._counts(self.quorum, checkpoint))

    def _counts(self, name, checkpoint):
        if name in self.witnesses:
            return checkpoint.signed_by(self.witnesses[name])
        least, members = self.groups[name]
        return sum(self._counts(member, checkpoint) for member in members) >= least


def _group_size(word, members):
    if word in ("all", "any"):
        return len(members) if word == "all" else 1
    least = decimal(word)
    if not 1 <= least <= len(members):
        raise Malformed("a group asks for more members than it has, or for none")
    return least


def read_policy(data):
    """A tlog-policy in the spelling of section 6."""
    try:
        text = data.decode("utf-8")
    except UnicodeError:
        raise Malformed("a policy that is not UTF-8") from None
    if re.search("[\x00-\x08\x0b-\x1f\x7f]", text) or not text.endswith("\n"):
        raise Malformed("a policy with control characters or an open last line")
    policy, grouped = Policy(), set()
    for line in text[:-1].split("\n"):
        words = re.findall("[^ \t]+", line)
        if not words or words[0].startswith("#"):
            continue
        word, *rest = words
        names = policy.witnesses.keys() | policy.groups.keys()
        if word == "log" and len(rest) in (1, 2):
            policy.logs.append(read_vkey(rest[0], ED25519))
        elif word == "witness" and len(rest) in (2, 3) and rest[0] != "none" and rest[0] not in names:
            policy.witnesses[rest[0]] = read_vkey(rest[1], COSIGNATURE)
        elif word == "group" and len(rest) >= 3 and rest[0] != "none" and rest[0] not in names:
            members = rest[2:]
            if len(set(members)) != len(members) or not names >= set(members) or grouped & set(members):
                raise Malformed("a group whose members are unknown or named twice")
            grouped |= set(members)
            policy.groups[rest[0]] = (_group_size(rest[1], members), members)
        elif word == "quorum" and len(rest) == 1 and policy.quorum is None and (rest[0] == "none" or rest[0] in names):
            policy.quorum = rest[0]
        else:
            raise Malformed(f"a policy line that is not understood: {line[:60]}")
    lists = ([key.public for key in keys] for keys in (policy.logs, policy.witnesses.values()))
    if policy.quorum is None or any(len(set(publics)) != len(publics) for publics in lists):
        raise Malformed("a policy without a quorum or with a key listed twice")
    return policy
