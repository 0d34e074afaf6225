"""The form of entries and vouchers: FORMAT.md sections 3 (entry, types) and 7.

The shared objects and the kinds stand here as the tables of 7.1 and 7.2 write them; a small reader turns them into
nodes: ("object", {name: (needed, node)}), ("list", node), ("words", [...]) or ("type", name).
"""

import re

import canonical
from canonical import Malformed, Newer, Refused
from notes import COSIGNATURE, ED25519, decimal, read_vkey

SHARED_TABLE = """
donor            {type: person|organisation|collection|unknown, _sd: sd}
payee            donor or {type: organisation, name: text}
reason           mistyped|duplicate|wrong_fund|wrong_person|returned_by_bank|not_a_gift|other
papers           [{no?: text, _sd: sd}]
gifts            [line_ref]
items            [{item: code, quantity: quantity}]
lot              {item: code, quantity: quantity, value: money0, expiry?: date, condition?: text}
officer          {vkey: officer_vkey, person: person, roles: [chair|deputy_chair|treasurer|caseworker|auditor], title: text}
guardian         {vkey: officer_vkey, person: person, title: text}
chapter          {name: text, slug: code, address?: text, province?: text, upper?: text}
policy           {two_above?: money, away?: [kind]}
purpose          small_trade|livestock|crops|repair|study|illness|other
custody_goods    [{description: text, quantity: quantity, unit: text}]
figure           {of: people|classes|blood_units|places|collaborators|families|other, number: number}
custody_line     {class: named_family|mistaken|unidentified|overpaid, amount?: money, place?: code, goods?: custody_goods}
loss_reason      spoiled|expired|lost|stolen|found|miscounted|other
bad_loan_reason  death|illness|disaster|poverty|left|other
move_reason      consent|terms|purpose_fulfilled|other
"""

KINDS_TABLE = """
chapter_opened         all
    chapter: chapter; currency: {code: VND, scale: number}; utc_offset: utc_offset; books_from: month_start;
    log_key: log_vkey; officers: [officer]; guardian?: guardian; policy: policy;
    continues?: {checkpoint: base64}; rules: number
chapter_changed        2
    chapter: chapter
policy_changed         2
    policy: policy
rules_adopted          2
    rules: number
chapter_closed         2
    no members
officer_enrolled       2+holder
    officer: officer
officer_retired        2
    person: person
key_rotated            2+holder
    person: person; old_vkey: officer_vkey; new_vkey: officer_vkey; compromised_from_seq?: ref
guardian_named         2+holder
    guardian: guardian
log_key_rotated        2
    new_vkey: log_vkey; from_size: number
witness_named          2
    name: text; vkey: witness_vkey; url?: text
place_opened           2
    place: {code: code, type: cash|bank|advance, name: text, bank_bin?: text, account?: text}
place_closed           2
    place: code
fund_opened            2
    fund: {code: code, type: general|restricted|sponsorship|revolving, name: text, terms: {text: text2000, kinds?: [kind],
        programmes?: [code], until?: date, costs: bool}, target?: money, from?: date, to?: date}
fund_closed            2
    fund: code
programme_opened       1
    programme: {code: code, name: text, type: tet|disaster|medical|housing|livelihood|education|training|blood|regular|other}
item_opened            1
    item: {code: code, name: text, unit: text, whole: bool}
store_opened           1
    store: {code: code, name: text}
opening_balance        2
    as_of: date; money?: [{place: code, fund: code, amount: money}];
    goods?: [{item: code, quantity: quantity, value: money0, expiry?: date, condition?: text, fund: code, store: code}];
    loans?: [{fund: code, principal: money, paid: money0, fee_total: money0, fees_paid: money0, purpose: purpose, disbursed:
        date, group?: code, _sd: sd}];
    custody?: [custody_line]
donation               1
    amount: money; place: code; fund: code; donor: donor; method: cash|transfer|card|other; received_on?: date;
    paper_no?: text
income                 1
    amount: money; place: code; fund: code; type: bank_interest|other; received_on?: date
donation_returned      2
    of: line_ref; amount: money; place: code; reason: reason
aid_paid               2
    place: code; fund: code; programme: code; round?: code; lines: [{_sd: sd, amount: money}]; counts?: counts;
    gifts?: gifts; papers?: papers
cost_paid              2 (bank fee: 1)
    place: code; fund: code; programme?: code;
    category: training|transport|printing|storage|bank_fee|communication|other; amount: money; payee: payee;
    gifts?: gifts; papers?: papers; figure?: figure
activity_reported      1
    programme: code; from: date; to: date; figures: [figure]
transfer               1 (to an advance: 2)
    from_place: code; to_place: code; fund: code; amount: money
fund_transfer          2
    from_fund: code; to_fund: code; place: code; amount: money; gifts?: gifts; reason: move_reason
sent_to_chapter        2
    amount?: money; items?: items; place?: code; store?: code; fund: code; to_log: text; gifts?: gifts
received_from_chapter  1
    amount?: money; lots?: [lot]; place?: code; store?: code; fund: code; sender: {log: text, id: uuid7}
goods_received         1 c
    fund: code; store: code; donor: donor; lots: [lot]; papers?: papers
goods_purchased        2
    place: code; fund: code; store: code; payee: payee; lots: [lot]; extra?: money; gifts?: gifts
goods_returned         2
    of: line_ref; items: items; place?: code; amount?: money
goods_distributed      2 c
    store: code; fund: code; programme: code; round?: code; lines: [{_sd: sd, items: items}]; counts?: counts;
    allow_expired?: bool
handover_returned      2 c
    of: line_ref; amount?: money; items?: items; lines: number; place?: code
goods_moved            1 c
    from_store: code; to_store: code; fund: code; items: items
stock_counted          2 c
    store: code; fund: code;
    differences: [{item: code, quantity: quantity, direction: less|more, reason: loss_reason, lot?: line_ref}]
cash_counted           2
    place: code; counted: money0; difference: signed; fund?: code;
    denominations?: [{value: money, number: number}]
custody_received       1
    class: named_family|mistaken|unidentified|overpaid; donor: donor; to?: {_sd: sd}; amount?: money;
    place?: code; goods?: custody_goods
custody_handed_over    2 c
    of: line_ref; amount?: money; goods?: custody_goods; papers?: papers; place?: code
custody_returned       2
    of: line_ref; amount?: money; goods?: custody_goods; papers?: papers; place?: code
custody_assigned       2
    of: line_ref; amount: money; as: donation|repayment; fund?: code; loan?: line_ref; donor?: donor;
    principal?: money0; fee?: money0; place?: code
loan_approved          2
    fund: code; principal: money; purpose: purpose; fee_total: money0; _sd: sd; group?: code
loan_cancelled         2
    of: line_ref; reason: reason
loan_disbursed         2
    of: line_ref; place: code
loan_repaid            1 c
    of: line_ref; amount: money; principal: money0; fee: money0; place: code
loan_fee_waived        2
    of: line_ref; amount: money; reason: bad_loan_reason
loan_rescheduled       2
    _sd: sd
loan_written_off       2
    of: line_ref; reason: bad_loan_reason
loan_recovered         1
    of: line_ref; amount: money; place: code
reversed               2
    of: line_ref; reason: reason
period_closed          2A
    through: month; entries: number;
    places: [{place: code, opening: signed, in: signed, out: signed, closing: signed}]; custody: money0;
    bank?: [{place: code, statement_balance: signed}]; loans?: {running: number, par30: money0, par90: money0};
    statement: sha256;
    goods?: [{item: code, opening: signed_quantity, in: signed_quantity, out: signed_quantity, closing: signed_quantity}];
    funds?: [{fund: code, opening: signed, received: signed, spent: signed, moved: signed, lost: signed, closing: signed,
        money: signed, stock: signed, loans: signed, earlier: signed}]
period_audited         auditor
    through: month; result: sound|remarks|refused; sample?: [ref]
statement_published    2
    type: quarter|year|campaign; from: date; to: date; fund?: code; sha256: sha256
privacy_erased         2
    class: request|retention|error
"""

ROLES = ("recorder", "approver", "auditor", "holder")
CATEGORIES = ("poor", "near_poor", "recently_out_of_poverty", "disability", "agent_orange", "lonely_elderly", "orphan",
              "serious_illness", "disaster", "other")
RULES = 1
MOST_LINES, MOST_GIFTS = 400, 1000


# ---- reading the tables --------------------------------------------------------------------------------------


class _Reader:
    """Reads one type or one list of members of the tables."""

    def __init__(self, text):
        self.tokens = re.findall(r"[A-Za-z0-9_|]+|[\[\]{}:;,?]", text)
        self.at = 0

    def peek(self):
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self):
        self.at += 1
        return self.tokens[self.at - 1]

    def members(self):
        found = {}
        while self.peek() not in ("", "}"):
            name, needed = self.take(), True
            if self.peek() == "?":
                self.take()
                needed = False
            self.take()
            found[name] = (needed, self.node())
            if self.peek() in (";", ","):
                self.take()
        return found

    def node(self):
        token = self.take()
        if token == "[":
            inner = self.node()
            self.take()
            return ("list", inner)
        if token == "{":
            inner = self.members()
            self.take()
            return ("object", inner)
        if "|" in token or token.isupper():
            return ("words", token.split("|"))
        return ("type", token)


def _read_shared():
    shared = {}
    for line in SHARED_TABLE.strip().splitlines():
        name, text = line.split(maxsplit=1)
        if " or " in text:
            shared[name] = ("type", name)
        else:
            shared[name] = _Reader(text).node()
    return shared


def _read_kinds():
    kinds = {}
    for block in re.split(r"\n(?=[a-z])", KINDS_TABLE.strip()):
        head, body = block.split("\n", 1)
        kind, mark = head.split(maxsplit=1)
        if body.strip() == "no members":
            body = ""
        kinds[kind] = (mark, _Reader(body).members())
    return kinds


SHARED = _read_shared()
_KINDS = _read_kinds()
ORDER = list(_KINDS)
KINDS = {kind: members for kind, (_, members) in _KINDS.items()}
BY_CASEWORKER = {kind for kind, (mark, _) in _KINDS.items() if mark.endswith(" c")}
MARKS = {kind: mark.split()[0] for kind, (mark, _) in _KINDS.items()}
COST_CATEGORIES = KINDS["cost_paid"]["category"][1][1]
COMMON = _Reader("by: keyname; date: date; id: uuid7; kind: kind; log: origin; note?: text500").members()
NAMED_PAYEE = _Reader("{type: organisation|organisation, name: text}").node()
LINE_OF_OPENING = _Reader("{line: number, seq: ref}").node()


# ---- types ---------------------------------------------------------------------------------------------------


class _Form:
    """Checks one voucher against the tables; the paths in messages lead to the fault."""

    def __init__(self, log):
        self.log = log

    def check(self, node, value, path):
        sort, inner = node
        if sort == "type" and inner in SHARED and inner not in ("payee", "policy"):
            self.check(SHARED[inner], value, path)
        elif sort == "object":
            self._object(inner, value, path)
        elif sort == "list":
            if not isinstance(value, list) or not value:
                raise Malformed(f"{path} is not a list of something")
            for number, item in enumerate(value):
                self.check(inner, item, f"{path}[{number}]")
        elif sort == "words":
            if value not in inner:
                raise Malformed(f"{path} is none of its words")
        elif not self._type(inner, value, path):
            raise Malformed(f"{path} is no {inner}")

    def _object(self, members, value, path, may_be_empty=False):
        if not isinstance(value, dict) or not (value or may_be_empty):
            raise Malformed(f"{path} is not an object with members")
        for name, (needed, node) in members.items():
            if name in value:
                self.check(node, value[name], f"{path}.{name}")
            elif needed:
                raise Malformed(f"{path}.{name} is missing")
        for name in value.keys() - members.keys():
            if name != "_sd":
                raise Malformed(f"{path}.{name} is unknown")
            if not canonical.is_digests(value["_sd"]):
                raise Malformed(f"{path}._sd is no list of digests")

    def _type(self, name, value, path):
        if name in ("code", "uuid7", "sha256", "person"):
            return canonical.is_pattern(name, value)
        if name == "keyname":
            return canonical.is_pattern(name, value) and value.startswith(self.log + "/officer/")
        if name in ("officer_vkey", "log_vkey", "witness_vkey"):
            return self._vkey(name, value)
        if name == "policy":
            self._object(SHARED["policy"][1], value, path, may_be_empty=True)
            return True
        if name == "payee":
            node = NAMED_PAYEE if isinstance(value, dict) and "name" in value else SHARED["donor"]
            self.check(node, value, path)
            return True
        if name == "line_ref" and isinstance(value, dict):
            self.check(LINE_OF_OPENING, value, path)
            return True
        return _SIMPLE[name](value)

    def _vkey(self, name, value):
        if not isinstance(value, str):
            return False
        key = read_vkey(value, COSIGNATURE if name == "witness_vkey" else ED25519)
        if name == "officer_vkey":
            return self._type("keyname", key.name, "")
        return name == "witness_vkey" or key.name == self.log


def _is_counts(value):
    return (isinstance(value, dict) and len(value) > 0
            and all(name in CATEGORIES and canonical.is_number(count, 5) for name, count in value.items()))


def _is_base64(value):
    if not isinstance(value, str):
        return False
    canonical.base64_standard(value)
    return True


def _is_ref(value):
    if canonical.is_number(value):
        return True
    if not isinstance(value, str) or not value.startswith("old:"):
        return False
    decimal(value.removeprefix("old:"))
    return True


_SIMPLE = {
    "money": lambda value: canonical.is_number(value, 1),
    "money0": canonical.is_number,
    "number": canonical.is_number,
    "signed": lambda value: canonical.is_number(value, -canonical.LIMIT),
    "bool": lambda value: isinstance(value, bool),
    "quantity": canonical.is_quantity,
    "signed_quantity": canonical.is_signed_quantity,
    "text": lambda value: canonical.is_text(value, 200),
    "text500": lambda value: canonical.is_text(value, 500),
    "text2000": lambda value: canonical.is_text(value, 2000),
    "date": canonical.is_date,
    "month": lambda value: isinstance(value, str) and canonical.is_date(value + "-01"),
    "month_start": lambda value: canonical.is_date(value) and value.endswith("-01"),
    "utc_offset": canonical.is_offset,
    "origin": canonical.is_origin,
    "base64": _is_base64,
    "kind": lambda value: isinstance(value, str) and value in KINDS,
    "ref": _is_ref,
    "line_ref": _is_ref,
    "sd": canonical.is_digests,
    "counts": _is_counts,
}


# ---- section 7.3 ---------------------------------------------------------------------------------------------

_ONE_OF = {
    "sent_to_chapter": ("amount", "items"), "handover_returned": ("amount", "items"),
    "received_from_chapter": ("amount", "lots"), "custody_received": ("amount", "goods"),
    "custody_handed_over": ("amount", "goods"), "custody_returned": ("amount", "goods"),
}
_TOGETHER = {
    "sent_to_chapter": (("amount", "place"), ("items", "store")),
    "received_from_chapter": (("amount", "place"), ("lots", "store")),
    "goods_returned": (("amount", "place"),), "custody_received": (("amount", "place"),),
}
_PLACE_WITH_AMOUNT = ("handover_returned", "custody_handed_over", "custody_returned")


def _demand(holds, reason):
    if not holds:
        raise Malformed(reason)


def _digests(value):
    """Every digest of a voucher, wherever it stands."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from inner if name == "_sd" else _digests(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _digests(inner)


def _check_lines(lines):
    _demand(len(lines) <= MOST_LINES, "too many lines")
    _demand(len({len(line["_sd"]) for line in lines}) == 1, "lines with unequal numbers of digests")
    _demand(all(not list(_digests({**line, "_sd": []})) for line in lines), "a digest inside a line")
    firsts = [line["_sd"][0] for line in lines]
    _demand(all(a < b for a, b in zip(firsts, firsts[1:])), "lines out of order")


def _check_words(voucher):
    lists = [officer["roles"] for officer in voucher.get("officers", [])]
    lists += [voucher.get("officer", {}).get("roles", []), voucher.get("policy", {}).get("away", [])]
    terms = voucher["fund"]["terms"] if voucher["kind"] == "fund_opened" else {}
    lists += [terms.get("kinds", []), terms.get("programmes", [])]
    _demand(all(len(set(words)) == len(words) for words in lists), "a word twice in a list")


def _check_members(voucher):
    """The rules of 7.3 about members that go together or exclude each other."""
    kind = voucher["kind"]
    if pair := _ONE_OF.get(kind):
        _demand(sum(name in voucher for name in pair) == 1, f"not exactly one of {pair}")
    for one, other in _TOGETHER.get(kind, ()):
        _demand((one in voucher) == (other in voucher), f"{one} without {other} or the other way round")
    if kind in _PLACE_WITH_AMOUNT:
        _demand("place" not in voucher or "amount" in voucher, "place without amount")
    if kind == "opening_balance":
        _demand(voucher.keys() & {"money", "goods", "loans", "custody"}, "an opening without lists")
        for line in voucher.get("custody", []):
            _demand(("amount" in line) != ("goods" in line), "not exactly one of amount and goods")
            _demand(("amount" in line) == ("place" in line), "place not exactly with amount")
    if kind == "custody_assigned":
        present = voucher.keys() & {"fund", "donor", "loan", "principal", "fee"}
        wanted = {"fund", "donor"} if voucher["as"] == "donation" else {"loan", "principal", "fee"}
        _demand(present == wanted, "members that do not go with `as`")
    if kind == "cash_counted":
        _demand(("fund" in voucher) == (voucher["difference"] != 0), "fund not exactly with a difference")
    if kind == "chapter_opened":
        _demand(voucher["currency"]["scale"] <= 3, "a scale above 3")


def _check_voucher(voucher):
    """Everything of 7.3."""
    digests = list(_digests(voucher))
    _demand(len(set(digests)) == len(digests), "a digest stands twice")
    for name in ("donor", "payee"):
        person = voucher.get(name, {})
        _demand(not person or "name" in person or len(person["_sd"]) == 2, f"{name} without exactly two digests")
    if isinstance(voucher.get("lines"), list):
        _check_lines(voucher["lines"])
    _demand(len(voucher.get("gifts", [])) <= MOST_GIFTS, "too many gifts")
    if "counts" in voucher:
        _demand(sum(voucher["counts"].values()) == len(voucher["lines"]), "counts and lines differ")
    _check_words(voucher)
    _check_members(voucher)


# ---- entries -------------------------------------------------------------------------------------------------


def check_known(value, seq):
    """Section 1: an unknown `v`, kind or rules number, in this order, before anything else of the entry."""
    _demand(isinstance(value, dict) and canonical.is_number(value.get("v")), "an entry without a number as v")
    if value["v"] != 1:
        raise Newer(f"v is {value['v']}", seq)
    voucher = value.get("voucher")
    _demand(isinstance(voucher, dict) and isinstance(voucher.get("kind"), str), "a voucher without a kind")
    kind = voucher["kind"]
    if kind not in KINDS:
        raise Newer(f"unknown kind {kind[:40]}", seq)
    rules = voucher.get("rules")
    if kind in ("chapter_opened", "rules_adopted") and canonical.is_number(rules) and rules != RULES:
        raise Newer(f"rules are {rules}", seq)


def _check_signatures(signatures):
    _demand(isinstance(signatures, list) and signatures, "signatures is not a list of something")
    for item in signatures:
        _demand(isinstance(item, dict) and item.keys() == {"as", "key", "sig"}, "a signature with other members")
        _demand(item["as"] in ROLES, "an unknown role")
        _demand(canonical.is_pattern("keyname", item["key"]), "no key name")
        _demand(isinstance(item["sig"], str), "a signature that is no text")
        canonical.base64_standard(item["sig"], 68)


def _check_entry(entry):
    _demand(isinstance(entry, dict) and entry.keys() == {"at", "log", "prev", "seq", "signatures", "v", "voucher"},
            "an entry with other members")
    _demand(canonical.is_number(entry["v"], 1), "v is no number")
    _demand(canonical.is_time(entry["at"]), "at is no time")
    _demand(canonical.is_origin(entry["log"]), "log is no origin")
    _demand(canonical.is_pattern("sha256", entry["prev"]), "prev is no hash")
    _demand(canonical.is_number(entry["seq"]), "seq is no number")
    voucher = entry["voucher"]
    _demand(isinstance(voucher, dict) and voucher.get("log") == entry["log"], "log of voucher and entry differ")
    _check_signatures(entry["signatures"])
    kind = voucher.get("kind")
    _demand(isinstance(kind, str), "a voucher without a kind")
    _Form(entry["log"]).check(("object", {**COMMON, **KINDS[kind]}), voucher, "voucher")
    _check_voucher(voucher)


def read_entry(data, seq):
    """The entry of canonical bytes at a place of the ledger: Newer or Refused where section 3 or 7 says so."""
    try:
        entry = canonical.decode(data)
        check_known(entry, seq)
        _check_entry(entry)
    except Malformed as fault:
        raise Refused("form", str(fault), seq) from None
    return entry
