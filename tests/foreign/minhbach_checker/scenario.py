"""A ledger of two months that uses most kinds of FORMAT.md 7.2 under rules 1, and entries that must be refused.

The figures of its statements were added up by hand from sections 9 and 11, not by `statement.py`.
"""

import hashlib

import canonical
import forge
import vouchers

ORIGIN = "so.example/xuan-tay"
TREASURER, CHAIR, AUDITOR = (forge.officer(ORIGIN, digit) for digit in "125")
MARKED = {"1": [("recorder", TREASURER)], "2": [("recorder", TREASURER), ("approver", CHAIR)]}
MARKED |= {"2A": MARKED["2"], "2+holder": [*MARKED["2"], ("holder", AUDITOR)], "auditor": [("auditor", AUDITOR)]}
LATER_KEY = forge.Signer(ORIGIN, forge.LATER_LOG_SEED)
ROTATED_AT = 21
AT = "2027-01-06T00:00:00Z"


def digests(*words):
    """A list of digests that nothing discloses."""
    return sorted(canonical.to_base64_url(hashlib.sha256(word.encode()).digest()) for word in words)


def donor(word):
    """A donor with two digests."""
    return {"type": "person", "_sd": digests(word, word + "'")}


def lines(*amounts):
    """Lines of aid in the order of their digests."""
    found = [{"_sd": digests(f"{number}"), "amount": amount} for number, amount in enumerate(amounts)]
    return sorted(found, key=lambda line: line["_sd"])


def _place(code, opening, into, out, *rows):
    return {"place": code, "opening": opening, "in": into, "out": out, "closing": opening + into - out,
            "rows": [{"kind": kind, "in": row_in, "out": row_out} for kind, row_in, row_out in rows]}


def _fund(code, opening, received, spent, moved, earlier, closing):
    return {"fund": code, "opening": opening, "received": received, "spent": spent, "moved": moved, "lost": 0,
            "earlier": earlier, "closing": closing, "money": closing, "stock": 0, "loans": 0}


BANK = (("donation", 500_000, 0), ("income", 7_000, 0), ("cost_paid", 0, 0), ("transfer", 0, 100_000),
        ("fund_transfer", 200_000, 200_000))
CASH = (("donation", 400_000, 0), ("donation_returned", 0, 100_000), ("aid_paid", 0, 1_200_000),
        ("transfer", 100_000, 0), ("cash_counted", 0, 10_000), ("custody_handed_over", 0, 100_000),
        ("custody_assigned", 50_000, 50_000))
MOVED_CUSTODY = [{"kind": "custody_handed_over", "amount": -100_000}, {"kind": "custody_assigned", "amount": -50_000}]
INCOME = [{"account": "donations", "amount": 950_000}, {"account": "donations_returned", "amount": -100_000},
          {"account": "other_income", "amount": 7_000}]
SPENDING = [{"account": "aid_in_money", "programme": "mua-lu", "amount": 1_200_000},
            {"account": "programme_costs:cash_difference", "amount": 10_000}]
FAMILIES = [{"programme": "mua-lu", "lines": 2}]

NOVEMBER = {
    "v": 1, "log": ORIGIN, "from": "2026-11-01", "to": "2026-11-30", "entries": 17,
    "places": [_place("bank", 2_000_000, 707_000, 300_000, *BANK),
               _place("cash", 1_300_000, 550_000, 1_460_000, *CASH)],
    "funds": [_fund("chung", 1_000_000, 357_000, 1_210_000, 200_000, 0, 347_000),
              _fund("hoc-bong", 2_000_000, 500_000, 0, -200_000, 0, 2_300_000)],
    "income": INCOME, "spending": SPENDING, "families": FAMILIES,
    "custody": {"opening": 300_000, "closing": 150_000, "rows": MOVED_CUSTODY},
    "bridge": {"places": 2_797_000, "funds": 2_647_000, "custody": 150_000},
}
DECEMBER = {
    "v": 1, "log": ORIGIN, "from": "2026-12-01", "to": "2026-12-31", "entries": 3,
    "places": [_place("bank", 2_407_000, 0, 0), _place("cash", 390_000, 0, -1_200_000, ("aid_paid", 0, -1_200_000))],
    "funds": [_fund("chung", 347_000, 0, 0, 0, 1_200_000, 1_547_000),
              _fund("hoc-bong", 2_300_000, 0, 0, 0, 0, 2_300_000)],
    "income": [], "spending": [], "custody": {"opening": 150_000, "closing": 150_000, "rows": []},
    "bridge": {"places": 3_997_000, "funds": 3_847_000, "custody": 150_000},
}
QUARTER = NOVEMBER | {
    "from": "2026-10-01", "to": "2026-12-31", "entries": 21,
    "places": [_place("bank", 2_000_000, 707_000, 300_000, *BANK),
               _place("cash", 1_300_000, 550_000, 260_000,
                      *[(kind, into, 0 if kind == "aid_paid" else out) for kind, into, out in CASH])],
    "funds": [_fund("chung", 1_000_000, 357_000, 1_210_000, 200_000, 1_200_000, 1_547_000),
              _fund("hoc-bong", 2_000_000, 500_000, 0, -200_000, 0, 2_300_000)],
    "bridge": DECEMBER["bridge"],
}
CAMPAIGN = {name: NOVEMBER[name] for name in ("v", "log")} | {
    "from": "2026-11-02", "to": "2026-11-04",
    "funds": [_fund("hoc-bong", 2_000_000, 500_000, 0, -200_000, 0, 2_300_000)],
    "income": [{"account": "donations", "amount": 500_000}], "spending": []}
STATEMENTS = {"2026-11": NOVEMBER, "2026-12": DECEMBER, "2026-q4": QUARTER, "hoc-bong_2026-11-02_2026-11-04": CAMPAIGN}


def _hash(statement):
    return hashlib.sha256(canonical.encode(statement)).hexdigest()


def _closing(through, statement):
    places = [{name: value for name, value in row.items() if name != "rows"} for row in statement["places"]]
    return {"through": through, "entries": statement["entries"], "places": places, "funds": statement["funds"],
            "custody": statement["custody"]["closing"], "bank": [{"place": "bank", "statement_balance": 2_407_000}],
            "statement": _hash(statement)}


HELD = {"line": 0, "seq": 5}
PROOF = ["A" * 43]
STORY = [
    ("fund_opened", "2026-11-01", {"fund": {"code": "chung", "type": "general", "name": "Quỹ chung",
                                            "terms": {"text": "Hoạt động nhân đạo", "costs": True}}}),
    ("fund_opened", "2026-11-01", {"fund": {"code": "hoc-bong", "type": "restricted", "name": "Học bổng",
                                            "terms": {"text": "Học bổng", "kinds": ["aid_paid"], "costs": False}}}),
    ("programme_opened", "2026-11-01", {"programme": {"code": "mua-lu", "name": "Mùa lũ", "type": "disaster"}}),
    ("place_opened", "2026-11-01", {"place": {"code": "bank", "type": "bank", "name": "Ngân hàng"}}),
    ("opening_balance", "2026-11-01", {
        "as_of": "2026-10-31", "custody": [{"class": "named_family", "amount": 300_000, "place": "cash"}],
        "money": [{"place": "cash", "fund": "chung", "amount": 1_000_000},
                  {"place": "bank", "fund": "hoc-bong", "amount": 2_000_000}]}),
    ("donation", "2026-11-02", {"amount": 500_000, "place": "bank", "fund": "hoc-bong", "donor": donor("a"),
                                "method": "transfer"}),
    ("donation", "2026-11-02", {"amount": 400_000, "place": "cash", "fund": "chung", "donor": donor("b"),
                                "method": "cash"}),
    ("aid_paid", "2026-11-03", {"place": "cash", "fund": "chung", "programme": "mua-lu", "gifts": [7],
                                "lines": lines(700_000, 500_000)}),
    ("transfer", "2026-11-03", {"from_place": "bank", "to_place": "cash", "fund": "hoc-bong", "amount": 100_000}),
    ("fund_transfer", "2026-11-04", {"from_fund": "hoc-bong", "to_fund": "chung", "place": "bank", "amount": 200_000,
                                     "gifts": [6], "reason": "consent", "_sd": PROOF}),
    ("donation_returned", "2026-11-05", {"of": 7, "amount": 100_000, "place": "cash", "reason": "duplicate"}),
    ("custody_handed_over", "2026-11-06", {"of": HELD, "amount": 100_000}),
    ("custody_assigned", "2026-11-07", {"of": HELD, "amount": 50_000, "as": "donation", "fund": "chung",
                                        "donor": donor("c")}),
    ("cash_counted", "2026-11-08", {"place": "cash", "counted": 390_000, "difference": -10_000, "fund": "chung",
                                    "denominations": [{"value": 10_000, "number": 39}]}),
    ("cost_paid", "2026-11-09", {"place": "bank", "fund": "chung", "category": "bank_fee", "amount": 50_000,
                                 "payee": {"type": "organisation", "name": "Ngân hàng"}}),
    ("reversed", "2026-11-10", {"of": 15, "reason": "mistyped"}),
    ("income", "2026-11-30", {"amount": 7_000, "place": "bank", "fund": "chung", "type": "bank_interest"}),
    ("period_closed", "2026-12-01", _closing("2026-11", NOVEMBER)),
    ("log_key_rotated", "2026-12-02", {"new_vkey": LATER_KEY.vkey, "from_size": ROTATED_AT}),
    ("reversed", "2026-12-03", {"of": 8, "reason": "wrong_person"}),
    ("period_closed", "2027-01-02", _closing("2026-12", DECEMBER)),
    ("statement_published", "2027-01-03", {"type": "quarter", "from": "2026-10-01", "to": "2026-12-31",
                                           "sha256": _hash(QUARTER)}),
    ("statement_published", "2027-01-03", {"type": "campaign", "from": "2026-11-02", "to": "2026-11-04",
                                           "fund": "hoc-bong", "sha256": _hash(CAMPAIGN)}),
    ("officer_enrolled", "2027-01-04", {"officer": {"vkey": AUDITOR.vkey, "person": "0000000000000005",
                                                    "roles": ["auditor"], "title": "Kiểm tra"}}),
    ("period_audited", "2027-01-05", {"through": "2026-12", "result": "sound", "sample": [7, 8]}),
]
AFTER_INCOME, AFTER_STORY = 18, len(STORY) + 1

# (length of the story before it, kind, date, members, code of the refusal)
REFUSED = [
    (AFTER_INCOME, "aid_paid", "2026-11-10", {"place": "bank", "fund": "chung", "programme": "mua-lu",
                                              "lines": lines(347_001)}, "fund-too-low"),
    (AFTER_INCOME, "aid_paid", "2026-11-08", {"place": "cash", "fund": "chung", "programme": "mua-lu",
                                              "lines": lines(1_000)}, "date-before-count"),
    (AFTER_INCOME, "aid_paid", "2026-11-30", {"place": "bank", "fund": "chung", "programme": "khac",
                                              "lines": lines(1_000)}, "unknown"),
    (AFTER_INCOME, "aid_paid", "2026-11-30", {"place": "bank", "fund": "chung", "programme": "mua-lu", "gifts": [12],
                                              "lines": lines(1_000)}, "not-a-gift"),
    (AFTER_INCOME, "cost_paid", "2026-11-30", {
        "place": "bank", "fund": "hoc-bong", "category": "transport", "amount": 1_000,
        "payee": {"type": "organisation", "name": "Xe"}}, "terms-kind"),
    (AFTER_INCOME, "fund_transfer", "2026-11-30", {"from_fund": "hoc-bong", "to_fund": "chung", "place": "bank",
                                                   "amount": 1_000, "reason": "terms"}, "consent-needed"),
    (AFTER_INCOME, "fund_transfer", "2026-11-30", {"from_fund": "hoc-bong", "to_fund": "chung", "place": "bank",
                                                   "amount": 300_001, "gifts": [6], "reason": "consent",
                                                   "_sd": PROOF}, "consent-short"),
    (AFTER_INCOME, "fund_transfer", "2026-11-30", {"from_fund": "hoc-bong", "to_fund": "chung", "place": "bank",
                                                   "amount": 1_000, "gifts": [6], "reason": "consent"},
     "consent-needed"),
    (AFTER_INCOME, "aid_paid", "2026-11-30", {"place": "bank", "fund": "chung", "programme": "mua-lu",
                                              "gifts": ["old:6"], "lines": lines(1_000)}, "reference"),
    (AFTER_INCOME, "donation", "2026-11-30", {"amount": 2**53 - 1, "place": "bank", "fund": "chung",
                                              "donor": donor("d"), "method": "transfer"}, "too-large"),
    (AFTER_INCOME, "cash_counted", "2026-11-30", {
        "place": "cash", "counted": 390_000, "difference": 0,
        "denominations": [{"value": 2**53 - 1, "number": 2}]}, "too-large"),
    (AFTER_INCOME, "donation_returned", "2026-11-30", {"of": 6, "amount": 300_001, "place": "bank",
                                                       "reason": "not_a_gift"}, "parts-elsewhere"),
    (AFTER_INCOME, "donation_returned", "2026-11-30", {"of": 7, "amount": 300_001, "place": "bank",
                                                       "reason": "not_a_gift"}, "more-than-left"),
    (AFTER_INCOME, "custody_returned", "2026-11-30", {"of": HELD, "amount": 150_001}, "more-than-left"),
    (AFTER_INCOME, "custody_returned", "2026-11-30", {"of": 5, "amount": 1}, "reference"),
    (AFTER_INCOME, "custody_returned", "2026-11-30", {"of": "old:5", "amount": 1}, "reference"),
    (AFTER_INCOME, "reversed", "2026-11-30", {"of": 6, "reason": "mistyped"}, "parts-elsewhere"),
    (AFTER_INCOME, "reversed", "2026-11-30", {"of": 7, "reason": "mistyped"}, "named-by-standing"),
    (AFTER_INCOME, "reversed", "2026-11-30", {"of": 15, "reason": "mistyped"}, "already-reversed"),
    (AFTER_INCOME, "reversed", "2026-11-30", {"of": 16, "reason": "mistyped"}, "not-reversible"),
    (AFTER_INCOME, "reversed", "2026-11-08", {"of": 9, "reason": "mistyped"}, "date-before-count"),
    (AFTER_INCOME, "transfer", "2026-11-30", {"from_place": "bank", "to_place": "bank", "fund": "chung",
                                              "amount": 1}, "same-ends"),
    (AFTER_INCOME, "cash_counted", "2026-11-30", {"place": "cash", "counted": 390_001, "difference": 0}, "difference"),
    (AFTER_INCOME, "cash_counted", "2026-11-30", {"place": "bank", "counted": 2_407_000, "difference": 0},
     "not-countable"),
    (AFTER_INCOME, "opening_balance", "2026-11-30", {
        "as_of": "2026-10-31", "money": [{"place": "bank", "fund": "chung", "amount": 1}]}, "opening-too-late"),
    (AFTER_INCOME, "fund_closed", "2026-11-30", {"fund": "chung"}, "not-empty"),
    (AFTER_INCOME, "chapter_closed", "2026-11-30", {}, "not-empty"),
    (AFTER_INCOME, "fund_opened", "2026-11-30", {
        "fund": {"code": "custody", "type": "general", "name": "Giữ hộ", "terms": {"text": "x", "costs": True}}},
     "code-used"),
    (AFTER_INCOME, "officer_retired", "2026-11-30", {"person": "0000000000000003"}, "too-few-officers"),
    (AFTER_INCOME, "log_key_rotated", "2026-11-30", {"new_vkey": LATER_KEY.vkey, "from_size": AFTER_INCOME},
     "from-size"),
    (AFTER_INCOME, "period_closed", "2026-12-01", {**_closing("2026-11", NOVEMBER), "custody": 0}, "figure"),
    (AFTER_INCOME, "statement_published", "2026-11-30", {"type": "quarter", "from": "2026-10-01", "to": "2026-12-31",
                                                         "sha256": _hash(QUARTER)}, "statement-range"),
    (AFTER_STORY, "income", "2026-12-31", {"amount": 1, "place": "bank", "fund": "chung", "type": "other"},
     "period-closed"),
    (AFTER_STORY, "opening_balance", "2027-01-05", {
        "as_of": "2026-10-31", "money": [{"place": "cash", "fund": "chung", "amount": 1}]}, "opening-too-late"),
    (AFTER_STORY, "statement_published", "2027-01-05", {"type": "quarter", "from": "2026-07-01", "to": "2026-09-30",
                                                        "sha256": "00" * 32}, "statement-range"),
    (AFTER_STORY, "statement_published", "2027-01-05", {"type": "campaign", "from": "2026-10-01", "to": "2026-12-31",
                                                        "sha256": "00" * 32}, "statement-range"),
    (AFTER_STORY, "period_audited", "2027-01-05", {"through": "2027-01", "result": "sound"}, "nothing-closed"),
    (AFTER_STORY, "rules_adopted", "2027-01-05", {"rules": 1}, "rules-number"),
]


def entry(seq, kind, date, members, signers=None):
    """One entry, signed as the mark of its kind asks for when no signers are given."""
    signers = signers or MARKED[vouchers.MARKS[kind]]
    voucher = {"by": signers[0][1].name, "date": date, "id": f"019a0000-0000-7000-8000-{seq:012d}", "kind": kind,
               "log": ORIGIN, **members}
    return {"at": AT, "log": ORIGIN, "seq": seq, "v": 1, "voucher": voucher,
            "signatures": forge.sign(voucher, signers)}


def _opening(*amounts):
    return ("opening_balance", "2026-11-02", {"as_of": "2026-10-31", "money": [
        {"place": "cash", "fund": "hoc-bong", "amount": amount} for amount in amounts]})


def _gift(word):
    return ("donation", "2026-11-02", {"amount": 100, "place": "cash", "fund": "hoc-bong", "donor": donor(word),
                                       "method": "cash"})


def _aid(line):
    return ("aid_paid", "2026-11-02", {"place": "cash", "fund": "hoc-bong", "programme": "mua-lu",
                                       "gifts": [{"line": line, "seq": 5}], "lines": lines(60 + line)})


def _reversal(of):
    return ("reversed", "2026-11-02", {"of": of, "reason": "mistyped"})


def _moved(amount, gift):
    return ("fund_transfer", "2026-11-02", {
        "from_fund": "hoc-bong", "to_fund": "chung", "place": "cash", "amount": amount, "gifts": [gift, gift],
        "reason": "consent", "_sd": PROOF})


# Behind the first four entries of the story: (what, entries, code of the refusal of the last one or None)
CORRECTIONS = [
    # The use of line 1 is the newer one: the first gift (seq 6) takes it over whole, and 39 of that of line 0.
    (f"{amount} of a gift that took over an opening",
     [_opening(100, 100), _gift("e"), _gift("f"), _aid(0), _aid(1), _reversal(5), _reversal(8), _moved(amount, 6)], code)
    for amount, code in ((39, None), (40, "consent-short"))] + [
    ("openings one after another", [_opening(1), _reversal(5), _opening(2), _opening(3)], None),
    ("one opening for a reversed one", [_opening(1), _gift("g"), _reversal(5), _opening(2)], None),
    ("two openings for a reversed one", [_opening(1), _gift("g"), _reversal(5), _opening(2), _opening(3)],
     "opening-too-late"),
]


GUARDIAN, LATER_CHAIR, CASEWORKER = (forge.officer(ORIGIN, digit) for digit in "678")


def _signed(recorder, approver=None, holder=None):
    named = (("recorder", recorder), ("approver", approver), ("holder", holder))
    return [(role, signer) for role, signer in named if signer]


def _rotated(person, old, new):
    return {"person": person, "old_vkey": old.vkey, "new_vkey": new.vkey, "compromised_from_seq": AFTER_INCOME}


SMALL_GIFT = {"amount": 1_000, "place": "bank", "fund": "chung", "donor": donor("d"), "method": "cash"}
SMALL_AID = {"place": "bank", "fund": "chung", "programme": "mua-lu", "lines": lines(1_000)}
BANK_FEE = {"place": "bank", "fund": "chung", "category": "bank_fee", "amount": 1_999,
            "payee": {"type": "organisation", "name": "Ngân hàng"}}

# Behind the story up to AFTER_INCOME, all on 2026-11-30: (kind, members, signers, code of the refusal or None)
OFFICES = [
    ("guardian_named", {"guardian": {"vkey": GUARDIAN.vkey, "person": "0000000000000002", "title": "Chủ tịch"}},
     _signed(TREASURER, CHAIR, GUARDIAN), "person-registered"),
    ("guardian_named", {"guardian": {"vkey": GUARDIAN.vkey, "person": "0000000000000006", "title": "Hội cấp trên"}},
     _signed(TREASURER, CHAIR, GUARDIAN), None),
    ("aid_paid", SMALL_AID, _signed(TREASURER, GUARDIAN), "approver-may-not"),
    ("donation", SMALL_GIFT, _signed(GUARDIAN), "key-not-in-force"),
    ("key_rotated", _rotated("0000000000000002", TREASURER, LATER_CHAIR), _signed(TREASURER, GUARDIAN, LATER_CHAIR),
     "old-key"),
    ("key_rotated", _rotated("0000000000000002", CHAIR, TREASURER), _signed(TREASURER, GUARDIAN, TREASURER), "key-used"),
    ("key_rotated", _rotated("0000000000000002", CHAIR, LATER_CHAIR), _signed(TREASURER, GUARDIAN), "signature-list"),
    ("key_rotated", _rotated("0000000000000002", CHAIR, LATER_CHAIR), _signed(TREASURER, GUARDIAN, LATER_CHAIR), None),
    ("aid_paid", SMALL_AID, _signed(TREASURER, CHAIR), "key-not-in-force"),
    ("aid_paid", SMALL_AID, _signed(TREASURER, LATER_CHAIR), None),
    ("aid_paid", SMALL_AID, _signed(LATER_CHAIR, TREASURER), None),
    ("aid_paid", SMALL_AID, _signed(LATER_CHAIR, LATER_CHAIR), "same-person"),
    ("officer_enrolled", {"officer": {"vkey": CASEWORKER.vkey, "person": "0000000000000008", "title": "Cán bộ",
                                      "roles": ["auditor", "caseworker"]}},
     _signed(TREASURER, LATER_CHAIR, CASEWORKER), "auditor-alone"),
    ("officer_enrolled", {"officer": {"vkey": CASEWORKER.vkey, "person": "0000000000000008", "title": "Cán bộ",
                                      "roles": ["caseworker"]}}, _signed(TREASURER, LATER_CHAIR, CASEWORKER), None),
    ("donation", SMALL_GIFT, _signed(CASEWORKER), "recorder-may-not"),
    ("custody_handed_over", {"of": HELD, "amount": 1, "place": "bank"}, _signed(CASEWORKER, LATER_CHAIR), None),
    ("policy_changed", {"policy": {"two_above": 2_000}}, _signed(TREASURER, LATER_CHAIR), None),
    ("cost_paid", BANK_FEE, _signed(TREASURER), None),
    ("cost_paid", {**BANK_FEE, "amount": 2_000}, _signed(TREASURER), "signature-list"),
    ("donation", {**SMALL_GIFT, "amount": 2_000}, _signed(TREASURER), None),
    ("donation", {**SMALL_GIFT, "amount": 2_001}, _signed(TREASURER), "signature-list"),
    ("donation", {**SMALL_GIFT, "amount": 2_001}, _signed(TREASURER, LATER_CHAIR), None),
    ("officer_retired", {"person": "0000000000000006"}, _signed(TREASURER, LATER_CHAIR), "person-unknown"),
    ("officer_retired", {"person": "0000000000000003"}, _signed(TREASURER, LATER_CHAIR), None),
    ("officer_retired", {"person": "0000000000000001"}, _signed(TREASURER, LATER_CHAIR), "too-few-officers"),
]


def entries(opening):
    """The whole story behind an entry 0."""
    return [opening] + [entry(seq, *told) for seq, told in enumerate(STORY, 1)]


def write(folder, opening):
    """The ledger as it would be published, with the checkpoint of the day before its log key was rotated."""
    whole = forge.chained(entries(opening))
    forge.seal(folder, whole[:ROTATED_AT - 1])
    forge.seal(folder, whole, forge.LATER_LOG_SEED)
    forge.write(folder, "disclosures.jsonl", b"")
    for name, statement in STATEMENTS.items():
        forge.write(folder, f"statements/{name}.json", canonical.encode(statement))
    policy = f"log {forge.Signer(ORIGIN, forge.LOG_SEED).vkey}\nlog {LATER_KEY.vkey}\nquorum none\n"
    forge.write(folder, "policy", policy.encode())
