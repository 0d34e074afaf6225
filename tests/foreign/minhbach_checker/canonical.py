"""Canonical JSON, base64 and the scalar types: FORMAT.md section 3; the results of section 1."""

import base64
import binascii
import calendar
import datetime
import json
import re

LIMIT = 2**53 - 1
LARGEST_ENTRY = 65535
DEEPEST = 16

_RANGES = (
    (0x00, 0x1F), (0x7F, 0x9F), (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5),
    (0x180E, 0x180E), (0x200B, 0x200F), (0x2028, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xD800, 0xDFFF),
    (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFFF), (0xE0000, 0xE0FFF),
)
_FORBIDDEN = re.compile("[" + "".join(f"{chr(low)}-{chr(high)}" for low, high in _RANGES) + "]")


class Refused(Exception):
    """Something is not valid (exit status 1). `code` is one of section 10 when the books refuse."""

    def __init__(self, step, reason, seq=None, code=None):
        super().__init__(reason)
        self.step, self.reason, self.seq, self.code = step, reason, seq, code


class Newer(Exception):
    """Something this verifier does not know yet (exit status 3)."""

    code = "newer"

    def __init__(self, reason, seq):
        super().__init__(reason)
        self.reason, self.seq = reason, seq


class Malformed(ValueError):
    """Bytes that do not have the form they should have; the caller knows the step and the seq."""


# ---- canonical JSON ------------------------------------------------------------------------------------------


def _integer(token):
    if token == "-0" or len(token) > 17 or abs(int(token)) > LIMIT:
        raise Malformed(f"number {token[:20]} is outside the profile")
    return int(token)


def _no_number(token):
    raise Malformed(f"{token[:20]} is not an integer")


def _check_profile(value, level):
    if value is None:
        raise Malformed("null")
    if isinstance(value, str):
        if found := _FORBIDDEN.search(value):
            raise Malformed(f"code point U+{ord(found[0]):04X} is not allowed")
    elif isinstance(value, (dict, list)):
        if level > DEEPEST:
            raise Malformed("nested too deeply")
        if isinstance(value, dict):
            for name in value:
                if not name.isascii():
                    raise Malformed("a member name that is not ASCII")
                _check_profile(name, level)
        for inner in value.values() if isinstance(value, dict) else value:
            _check_profile(inner, level + 1)


def encode(value):
    """JCS within the profile, as bytes."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8")


def decode(data, most=LARGEST_ENTRY):
    """The value of canonical bytes; anything else is Malformed."""
    if not 0 < len(data) <= most:
        raise Malformed(f"{len(data)} bytes")
    try:
        value = json.loads(data.decode("utf-8"), parse_int=_integer, parse_float=_no_number,
                           parse_constant=_no_number)
        _check_profile(value, 0)
        same = encode(value) == data
    except (UnicodeError, json.JSONDecodeError, RecursionError) as error:
        raise Malformed(f"not JSON of the profile: {error}") from None
    if not same:
        raise Malformed("not canonical")
    return value


# ---- base64 --------------------------------------------------------------------------------------------------


def base64_standard(text, length=None):
    """Bytes of padded standard base64 in its one spelling."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Malformed("not base64") from None
    if base64.b64encode(data).decode() != text or not data or length not in (None, len(data)):
        raise Malformed("not base64 in its one spelling and length")
    return data


def base64_url(text, length=None):
    """Bytes of base64url without padding in its one spelling."""
    if not re.fullmatch(r"[A-Za-z0-9_-]*", text):
        raise Malformed("not base64url")
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        raise Malformed("not base64url") from None
    if to_base64_url(data) != text or length not in (None, len(data)):
        raise Malformed("not base64url in its one spelling and length")
    return data


def to_base64_url(data):
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


# ---- scalar types --------------------------------------------------------------------------------------------

ORIGIN = r"[a-z0-9.:-]+/[a-z0-9][a-z0-9-]{0,31}(?:/(?:[2-9]|[1-9][0-9]+))?"
_QUANTITY = r"(?:0|[1-9][0-9]{0,12})(?:\.[0-9]{0,2}[1-9])?"
_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_PATTERNS = {
    "code": r"[a-z0-9][a-z0-9-]{0,31}",
    "uuid7": r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
    "sha256": r"[0-9a-f]{64}",
    "person": r"[0-9a-f]{16}",
    "keyname": ORIGIN + r"/officer/[0-9a-f]{16}",
}


def _matches(pattern, value):
    return isinstance(value, str) and re.fullmatch(pattern, value) is not None


def is_number(value, low=0):
    """An integer of the profile from `low` on; `true` is none."""
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= LIMIT


def is_date(value):
    """A day of the Gregorian calendar, years 0001 to 9999."""
    if not _matches(_DATE, value):
        return False
    try:
        datetime.date.fromisoformat(value)
    except ValueError:
        return False
    return True


def is_time(value):
    """`<date>T<time>Z`, hours 00 to 23."""
    return (_matches(_DATE + r"T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]Z", value) and is_date(value[:10])
            and value[11:13] <= "23")


def is_offset(value):
    """`+hh:mm` or `-hh:mm`, at most 14:00."""
    return _matches(r"[+-][0-9]{2}:[0-5][0-9]", value) and value[1:] <= "14:00"


def is_quantity(value):
    """A positive decimal of at most 2^53−1 thousandths."""
    return _matches(_QUANTITY, value) and value != "0" and thousandths(value) <= LIMIT


def is_signed_quantity(value):
    """`0`, or a quantity with at most one leading minus."""
    return value == "0" or isinstance(value, str) and is_quantity(value.removeprefix("-"))


def thousandths(quantity):
    """What a quantity counts."""
    whole, _, rest = quantity.partition(".")
    return int(whole) * 1000 + int(rest.ljust(3, "0"))


def signed_quantity(count):
    """The text of a number of thousandths."""
    whole, rest = divmod(abs(count), 1000)
    return ("-" if count < 0 else "") + f"{whole}.{rest:03d}".rstrip("0").rstrip(".")


def is_text(value, most):
    """1 to `most` code points."""
    return isinstance(value, str) and 1 <= len(value) <= most


def is_origin(value):
    """The identity of a ledger."""
    return _matches(ORIGIN, value) and len(value) <= 200


def is_digests(value):
    """`sd`: strictly ascending digests of 43 characters."""
    if not isinstance(value, list) or not value:
        return False
    try:
        for digest in value:
            base64_url(digest, 32)
    except (Malformed, TypeError):
        return False
    return all(before < after for before, after in zip(value, value[1:]))


def is_pattern(name, value):
    """One of the types that a regular expression describes."""
    return _matches(_PATTERNS[name], value)


# ---- days ----------------------------------------------------------------------------------------------------


def _shifted(moment, by, beyond):
    try:
        return (moment + by).date().isoformat()
    except OverflowError:
        return beyond


def _days_from(day, number):
    moment = datetime.datetime.fromisoformat(day)
    return _shifted(moment, datetime.timedelta(days=number), "0000-12-31" if number < 0 else "9999-12-32")


def day_before(day):
    """The day before a date; the first day of the calendar has itself before it."""
    return day if day == "0001-01-01" else _days_from(day, -1)


def day_after(day):
    """The day after a date, as text that sorts after every date where there is none."""
    return _days_from(day, 1)


def last_day(month):
    """The last day of `yyyy-mm`."""
    year, number = int(month[:4]), int(month[5:7])
    return f"{month}-{calendar.monthrange(year, number)[1]:02d}"


def local_day(time, offset):
    """The day of an instant at a UTC offset."""
    ahead = offset[0] == "+"
    minutes = int(offset[1:3]) * 60 + int(offset[4:6])
    return _shifted(datetime.datetime.fromisoformat(time.removesuffix("Z")),
                    datetime.timedelta(minutes=minutes if ahead else -minutes),
                    "9999-12-32" if ahead else "0000-12-31")
