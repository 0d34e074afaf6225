//! The rules of the books: tables of text, one step a line, and the few cases that need more.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use minhbach::books::authority::{Signs, caseworker_may_record, guardian_may_approve, signs};
use minhbach::books::{Books, CheckFault, Refusal};
use minhbach::ledger::entry::{Entry, SignedVoucher};
use minhbach::ledger::keys::{NoteSignature, SignatureRole, SigningKey};
use minhbach::ledger::voucher::Kind;
use minhbach::ledger::word::Base64;
use minhbach::verify::history::History;

use crate::books::table::{amount, kind_of, run, run_continued, steps};
use crate::books::{Desk, Opening, log_key, officer_key};

macro_rules! tables {
    ($($name:ident = $file:literal,)*) => {
        /// Every table with its name.
        pub const TABLES: &[(&str, &str)] =
            &[$((stringify!($name), include_str!(concat!("rules/", $file)))),*];

        $(#[test]
        fn $name() {
            run(include_str!(concat!("rules/", $file)));
        })*
    };
}

tables! {
    codes_are_used_once_and_what_is_closed_stays_closed = "registers.txt",
    money_is_never_below_zero_at_the_end_of_a_day = "money.txt",
    outflows_take_the_named_gifts_and_then_the_oldest = "gifts.txt",
    corrections_give_back_and_take_over = "corrections.txt",
    money_moves_between_funds_by_consent_or_terms = "funds.txt",
    what_is_held_for_others_is_no_income = "custody.txt",
    cash_is_counted_against_the_book = "counts.txt",
    opening_balances_come_first_and_are_replaced_one_for_one = "opening.txt",
    nothing_opens_before_a_closed_period = "empty_period.txt",
    periods_close_in_order_with_the_figures_of_the_books = "closing.txt",
    exactly_the_required_persons_sign = "authority.txt",
    officers_keys_and_witnesses_come_and_go = "officers.txt",
    a_closed_chapter_keeps_only_its_papers = "end.txt",
    goods_come_in_and_go_out_in_the_order_of_issue = "goods.txt",
    goods_keep_the_money_that_paid_for_them = "goods_bought.txt",
    what_comes_back_comes_last_taken_first = "goods_returned.txt",
    a_count_loses_and_finds_goods = "goods_counted.txt",
    goods_are_reversed_whole_or_not_at_all = "goods_reversed.txt",
    chapters_send_and_receive_once = "goods_sent.txt",
    goods_open_a_ledger_and_are_held_for_others = "goods_held.txt",
    goods_close_with_the_figures_of_the_books = "goods_closing.txt",
    a_ledger_goes_on_in_another_one = "continued.txt",
    a_revolving_fund_lends_and_lends_again = "loans.txt",
    one_gift_is_lent_more_than_once = "loans_turns.txt",
    many_small_gifts_fund_one_loan = "loans_many.txt",
    loans_are_reversed_last_first = "loans_reversed.txt",
    what_was_lent_and_lost_may_come_back = "loans_lost.txt",
    gifts_are_put_right_while_they_are_lent = "loans_gifts.txt",
    loans_that_ran_before_the_books_are_repaid_and_replaced = "loans_opening.txt",
    loans_close_with_the_figures_of_the_books = "loans_closing.txt",
    loans_go_on_in_another_ledger_until_nothing_is_left = "loans_end.txt",
}

/// Codes that need more than a table, with the test that brings each about.
const NAMED: &[(&str, &str)] = &[
    ("out-of-place", "an_entry_stands_where_the_books_are"),
    ("opening", "only_entry_0_opens_the_chapter"),
    ("continues", "a_ledger_continues_only_the_one_before_it"),
    ("signature-invalid", "a_signature_has_to_verify"),
];

#[test]
fn every_refusal_is_brought_about_by_a_table_or_a_named_test() {
    let source = concat!(
        include_str!("../src/books/refusal.rs"),
        include_str!("../src/books/refusal_goods.rs"),
        include_str!("../src/books/refusal_loans.rs"),
    );
    let codes: BTreeSet<&str> = source
        .lines()
        .filter_map(|line| line.split_once("=> \"").and_then(|(_, rest)| rest.split_once('"')))
        .map(|(code, _)| code)
        .collect();
    assert!(codes.len() > 50, "the codes were not found in the source");
    let mut found: BTreeSet<&str> = TABLES
        .iter()
        .flat_map(|(_, table)| steps(table, "refused"))
        .filter_map(|(_, expected)| expected.first().copied())
        .collect();
    let this = include_str!("rules.rs");
    for (code, test) in NAMED {
        assert!(this.contains(&format!("fn {test}()")), "no test {test}");
        found.insert(code);
    }
    let missing: Vec<_> = codes.difference(&found).collect();
    assert!(missing.is_empty(), "no table refuses with {missing:?}");
    let unknown: Vec<_> = found.difference(&codes).collect();
    assert!(unknown.is_empty(), "no refusal has the code {unknown:?}");
}

#[test]
fn every_kind_is_accepted_somewhere() {
    let accepted: BTreeSet<&str> = TABLES
        .iter()
        .flat_map(|(_, table)| steps(table, "ok"))
        .filter_map(|(verb, _)| kind_of(verb))
        .collect();
    let missing: Vec<&str> = Kind::ALL
        .iter()
        .map(|kind| kind.as_str())
        // Entry 0 opens every table; a higher number of rules is a newer format so far.
        .filter(|kind| !accepted.contains(kind) && *kind != "chapter_opened")
        .filter(|kind| *kind != "rules_adopted")
        .collect();
    assert!(missing.is_empty(), "no table accepts {missing:?}");
}

#[test]
fn a_reference_into_a_ledger_that_is_not_continued_names_nothing() {
    let mut desk = Desk::open(&Opening::default());
    let members = json!({"of": "old:3", "reason": "other"});
    assert_eq!(desk.enter("reversed", members), Err(Refusal::Reference { member: "of" }));
}

#[test]
fn a_ledger_continues_only_the_one_before_it() {
    let what = |desk: &mut Desk, change: &dyn Fn(&mut Value)| match desk.try_to_go_on(change) {
        Err(Refusal::Continues { what }) => what,
        other => panic!("{other:?}"),
    };
    let mut desk = Desk::open(&Opening::default());
    let old = desk.checkpoint();
    let put = |member: &'static str, value: Value| {
        move |members: &mut Value| members[member] = value.clone()
    };
    let checkpoint = |text: &str| {
        let bytes = Base64::of(text.as_bytes()).unwrap();
        put("continues", json!({"checkpoint": bytes}))
    };
    let other = |members: &mut Value| members["chapter"]["slug"] = json!("xuan-dong");
    assert_eq!(what(&mut desk, &other), "slug");
    let scale = put("currency", json!({"code": "VND", "scale": 2}));
    assert_eq!(what(&mut desk, &scale), "currency");
    assert_eq!(what(&mut desk, &put("utc_offset", json!("+08:00"))), "utc_offset");
    assert_eq!(what(&mut desk, &put("books_from", json!("2026-09-01"))), "books_from");
    assert_eq!(what(&mut desk, &checkpoint("no note")), "checkpoint");
    let foreign = old.replacen("xuan-tay", "xuan-dong", 1);
    assert_eq!(what(&mut desk, &checkpoint(&foreign)), "checkpoint-origin");
    let unsigned = format!("{}\n\n", old.split("\n\n").next().unwrap());
    let key = log_key("log2");
    let text = format!("{}\n", old.split("\n\n").next().unwrap());
    let signed = minhbach::ledger::note::sign_note(text, &key).unwrap().to_string();
    assert_eq!(what(&mut desk, &checkpoint(&signed)), "log-signature");
    assert_eq!(what(&mut desk, &checkpoint(&unsigned)), "checkpoint");
    let members = json!({"programme": {"code": "tet", "name": "Tết", "type": "tet"}});
    desk.enter("programme_opened", members).unwrap();
    assert_eq!(what(&mut desk, &checkpoint(&old)), "checkpoint-size");
    let third = desk.try_to_go_on_as("so.example/xuan-tay/3".to_owned(), |_| {});
    assert_eq!(third, Err(Refusal::Continues { what: "origin" }));
    desk.go_on();
    assert_eq!(desk.books.before(), 2);
    // No key is used twice, not even under a later ledger's name.
    let again = |members: &mut Value| {
        let seed = *log_key("log").seed();
        let key = SigningKey::from_seed("so.example/xuan-tay/3", seed).unwrap();
        members["log_key"] = json!(key.public().vkey());
    };
    assert_eq!(desk.try_to_go_on(again), Err(Refusal::KeyUsed));
    desk.enter("chapter_closed", json!({})).unwrap();
    assert_eq!(what(&mut desk, &|_| {}), "closed");
}

#[test]
fn a_ledger_without_the_one_it_continues_is_refused() {
    let mut desk = Desk::open(&Opening::default());
    desk.go_on();
    let entry = Entry::parse(&desk.bytes[1]).unwrap();
    let (books, history) = (Books::new(), History::new().unwrap());
    let refused = books.check(&entry, &history);
    assert_eq!(refused, Err(CheckFault::Refused(Refusal::Continues { what: "nothing" })));
    // Nor does a later name alone make a later ledger.
    let mut empty = Desk::of("so.example/xuan-tay/2");
    let (members, list) =
        (empty.opening_members(&Opening::default()), empty.founders(&Opening::default()));
    let signed = empty.sign_as("chapter_opened", members, &list);
    assert_eq!(empty.append(signed), Err(Refusal::Continues { what: "nothing" }));
}

#[test]
fn figures_of_what_there_is_not_stay_out_of_closings() {
    let mut desk = Desk::open(&Opening::default());
    desk.date = "2026-11-01".to_owned();
    desk.at = "2026-11-01T02:00:00Z".to_owned();
    for (member, value) in [
        ("goods", json!([{"item": "gao", "opening": "0", "in": "0", "out": "0", "closing": "0"}])),
        ("loans", json!({"running": 5, "par30": 0, "par90": 0})),
    ] {
        let mut members = desk.closing("2026-10");
        members[member] = value;
        assert!(desk.enter("period_closed", members).is_err(), "{member}");
    }
    let members = desk.closing("2026-10");
    assert!(desk.enter("period_closed", members).is_ok());
}

fn entry_at(desk: &mut Desk, seq: u64) -> Entry {
    let signed = desk.sign(
        "programme_opened",
        json!({"programme": {
        "code": format!("p{seq}"), "name": "Tết", "type": "tet"}}),
        &["thu"],
    );
    let prev = minhbach::ledger::entry::leaf_hash(desk.bytes.last().unwrap());
    Entry { at: desk.at.parse().unwrap(), prev, seq, before: 0, signed }
}

fn refusal(books: &Books, desk: &Desk, entry: &Entry) -> Option<Refusal> {
    match books.check(entry, &desk.history) {
        Ok(_) => None,
        Err(CheckFault::Refused(refusal)) => Some(refusal),
        Err(CheckFault::Ask(ask)) => panic!("{ask:?}"),
    }
}

#[test]
fn an_entry_stands_where_the_books_are() {
    let mut desk = Desk::open(&Opening::default());
    for seq in [0, 2, 99] {
        let entry = entry_at(&mut desk, seq);
        let found = refusal(&desk.books, &desk, &entry);
        assert_eq!(found, Some(Refusal::OutOfPlace { expected: 1 }));
    }
    let entry = entry_at(&mut desk, 1);
    assert_eq!(refusal(&desk.books, &desk, &entry), None);
}

#[test]
fn only_entry_0_opens_the_chapter() {
    let mut desk = Desk::open(&Opening::default());
    let members = desk.opening_members(&Opening::default());
    let list = [("recorder", "thu"), ("approver", "chu")];
    let signed = desk.sign_as("chapter_opened", members, &list);
    assert_eq!(desk.append(signed), Err(Refusal::Opening));
    let mut empty = Desk::empty();
    let signed = empty.sign_as("chapter_closed", json!({}), &list);
    assert_eq!(empty.append(signed), Err(Refusal::Opening));
}

#[test]
fn another_ledger_s_voucher_is_refused() {
    let mut desk = Desk::open(&Opening::default());
    let log = "so.example/xuan-dong";
    let by = format!("{log}/officer/0011223344556677");
    let members = json!({"log": log, "by": by});
    let voucher = desk.voucher("chapter_closed", members, "thu");
    let signatures = desk.sign("chapter_closed", json!({}), &["thu", "chu"]).signatures;
    assert_eq!(desk.append(SignedVoucher { voucher, signatures }), Err(Refusal::Slug));
}

/// Entry 0 with its members changed, signed by a list.
fn opened(change: impl Fn(&mut Desk, &mut Value), list: &[(&str, &str)]) -> Result<(), Refusal> {
    let mut desk = Desk::empty();
    let mut members = desk.opening_members(&Opening::default());
    change(&mut desk, &mut members);
    let signed = desk.sign_as("chapter_opened", members, list);
    desk.append(signed).map(drop)
}

#[test]
fn entry_0_is_signed_by_everybody_it_lists() {
    let unchanged = |_: &mut Desk, _: &mut Value| {};
    let good = [("recorder", "thu"), ("approver", "chu"), ("holder", "pho")];
    assert_eq!(opened(unchanged, &good), Ok(()));
    let by_chair = [("recorder", "chu"), ("approver", "thu"), ("holder", "pho")];
    assert_eq!(opened(unchanged, &by_chair), Ok(()));
    let by_deputy = [("recorder", "pho"), ("approver", "chu"), ("holder", "thu")];
    assert_eq!(opened(unchanged, &by_deputy), Err(Refusal::RecorderMayNot));
    let to_deputy = [("recorder", "thu"), ("approver", "pho"), ("holder", "chu")];
    assert_eq!(opened(unchanged, &to_deputy), Ok(()));
    let alone = [("recorder", "thu"), ("approver", "thu"), ("holder", "pho")];
    assert_eq!(opened(unchanged, &alone), Err(Refusal::ApproverMayNot));
    for list in [
        &good[..1],
        &good[..2],
        &[("recorder", "thu"), ("approver", "chu"), ("holder", "canbo")],
        &[("recorder", "thu"), ("holder", "chu"), ("holder", "pho")],
        &[("recorder", "thu"), ("approver", "chu"), ("holder", "pho"), ("holder", "pho")],
        &[("recorder", "thu"), ("approver", "chu"), ("auditor", "pho")],
    ] {
        let found = opened(unchanged, list);
        assert!(matches!(found, Err(Refusal::SignatureList { .. })), "{list:?}: {found:?}");
    }
    let foreign = [("recorder", "thu"), ("approver", "canbo"), ("holder", "pho")];
    assert!(matches!(opened(unchanged, &foreign), Err(Refusal::KeyNotInForce { .. })));
    let both = |desk: &mut Desk, members: &mut Value| {
        members["officers"][2] = desk.officer("pho", &["treasurer", "chair"]);
    };
    assert_eq!(opened(both, &good), Ok(()), "a treasurer, and a third who is chair");
}

#[test]
fn entry_0_needs_a_treasurer_a_chair_and_a_third_who_can_approve() {
    let good = [("recorder", "thu"), ("approver", "chu"), ("holder", "pho")];
    for (at, name, role) in
        [(2, "pho", "treasurer"), (2, "pho", "auditor"), (2, "pho", "caseworker")]
    {
        let change = |desk: &mut Desk, members: &mut Value| {
            members["officers"][at] = desk.officer(name, &[role]);
        };
        assert_eq!(opened(change, &good), Err(Refusal::TooFewOfficers), "{role}");
    }
    let no_chair = |desk: &mut Desk, members: &mut Value| {
        members["officers"][1] = desk.officer("chu", &["deputy_chair"]);
    };
    assert_eq!(opened(no_chair, &good), Err(Refusal::TooFewOfficers));
    let second_chair = |desk: &mut Desk, members: &mut Value| {
        members["officers"][2] = desk.officer("pho", &["chair"]);
    };
    assert_eq!(opened(second_chair, &good), Ok(()));
    let guarded = |desk: &mut Desk, members: &mut Value| {
        members["officers"].as_array_mut().unwrap().pop();
        members["guardian"] = desk.guardian("pho");
    };
    assert_eq!(opened(guarded, &good), Ok(()));
    let same_person = |desk: &mut Desk, members: &mut Value| {
        members["officers"][2] = desk.officer("pho", &["deputy_chair"]);
        members["officers"][2]["person"] = members["officers"][1]["person"].clone();
    };
    assert_eq!(opened(same_person, &good), Err(Refusal::PersonRegistered));
    let slug = |_: &mut Desk, members: &mut Value| {
        members["chapter"]["slug"] = json!("xuan-dong");
    };
    assert_eq!(opened(slug, &good), Err(Refusal::Slug));
}

#[test]
fn a_signature_has_to_verify() {
    let mut desk = Desk::open(&Opening::default());
    let programme = json!({"programme": {"code": "tet", "name": "Tết", "type": "tet"}});
    let mut signed = desk.sign("programme_opened", programme.clone(), &["thu"]);
    signed.signatures[0].signature.bytes[7] ^= 1;
    let refused = desk.append(signed).expect_err("a flipped bit");
    assert!(matches!(refused, Refusal::SignatureInvalid { .. }), "{refused}");

    // Signed for another role, over another voucher, or by another key under the same name.
    let place = json!({"place": {"code": "vcb", "type": "bank", "name": "Ngân hàng"}});
    let mut signed = desk.sign("place_opened", place.clone(), &["thu", "chu"]);
    signed.signatures[1].signature = {
        let bytes = signed.voucher.bytes();
        let wrong = minhbach::ledger::keys::voucher_message(SignatureRole::Recorder, &bytes);
        desk.key("chu").sign(&wrong)
    };
    assert!(matches!(desk.append(signed), Err(Refusal::SignatureInvalid { .. })));
    let other = desk.sign("place_opened", place.clone(), &["thu", "chu"]);
    let mut signed = desk.sign("place_opened", place, &["thu", "chu"]);
    signed.signatures = other.signatures;
    assert!(matches!(desk.append(signed), Err(Refusal::SignatureInvalid { .. })));
    let mut signed = desk.sign("programme_opened", programme.clone(), &["thu"]);
    let bytes = signed.voucher.bytes();
    let message = minhbach::ledger::keys::voucher_message(SignatureRole::Recorder, &bytes);
    let forged: NoteSignature = officer_key("canbo").sign(&message);
    signed.signatures[0].signature = forged;
    assert!(matches!(desk.append(signed), Err(Refusal::SignatureInvalid { .. })));
    let signed = desk.sign("programme_opened", programme, &["thu"]);
    assert!(desk.append(signed).is_ok());
}

#[test]
fn the_table_of_signers_is_that_of_the_golden_file() {
    let golden: Value = serde_json::from_str(include_str!("golden/kinds.json")).unwrap();
    let words = |name: &str| -> BTreeSet<&str> {
        golden[name].as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect()
    };
    let (guardian, caseworker) = (words("guardian_may_approve"), words("caseworker_may_record"));
    let kinds = golden["kinds"].as_object().unwrap();
    assert_eq!(kinds.len(), Kind::ALL.len());
    for kind in Kind::ALL {
        let row = &kinds[kind.as_str()];
        let expected = match row["signs"].as_str().unwrap() {
            "all" => Signs::All,
            "1" => Signs::One,
            "2" | "2+holder" => Signs::Two,
            "2A" => Signs::TwoAndAuditor,
            "auditor" => Signs::Auditor,
            other => panic!("{kind}: {other}"),
        };
        assert_eq!(signs(*kind), expected, "{kind}");
        assert_eq!(guardian_may_approve(*kind), guardian.contains(kind.as_str()), "{kind}");
        assert_eq!(caseworker_may_record(*kind), caseworker.contains(kind.as_str()), "{kind}");
        assert_eq!(row["caseworker"] == true, caseworker.contains(kind.as_str()), "{kind}");
        assert_eq!(row["one_if_bank_fee"] == true, *kind == Kind::CostPaid, "{kind}");
        assert_eq!(row["two_if_to_advance"] == true, *kind == Kind::Transfer, "{kind}");
    }
}

/// A chapter's first two months, small enough to add up by hand.
const TWO_MONTHS: &str = "
chapter
place vcb bank -> ok
fund chung general -> ok
fund rieng restricted -> ok
programme tet -> ok
opening money=cash:chung:500k,vcb:rieng:200k custody=cash:30k -> ok
on 2026-10-05
d1: donation 400k vcb chung -> ok
a1: aid 100k+50k cash chung tet -> ok
d2: donation 10k cash chung -> ok
return d2 10k cash -> ok
transfer 40k vcb cash chung -> ok
move 20k cash rieng chung gifts=@5.1 proof -> ok
cost 5k cash chung transport programme=tet -> ok
on 2026-11-02
close 2026-10 -> ok
";

#[test]
fn a_statement_says_what_adds_up_by_hand() {
    let desk = run(TWO_MONTHS);
    let effects = desk.effects.last().unwrap();
    let file = effects.statement.as_ref().unwrap();
    assert_eq!(file.name, "2026-10");
    let statement: Value = serde_json::from_slice(&file.bytes).unwrap();
    let place = |place: &str, opening: i64, money_in: i64, out: i64| {
        json!([place, opening, money_in, out, opening + money_in - out])
    };
    let row = |row: &Value, names: &[&str]| -> Value {
        names.iter().map(|name| row[*name].clone()).collect()
    };
    let names = ["place", "opening", "in", "out", "closing"];
    assert_eq!(
        row(&statement["places"][0], &names),
        // In: 10k given, 40k from the bank, both legs of the 20k moved; out: aid, return, cost.
        place("cash", 530_000, 70_000, 150_000 + 10_000 + 20_000 + 5_000)
    );
    assert_eq!(row(&statement["places"][1], &names), place("vcb", 200_000, 400_000, 40_000));
    let names = ["fund", "opening", "received", "spent", "moved", "lost", "earlier", "closing"];
    assert_eq!(
        row(&statement["funds"][0], &names),
        json!(["chung", 500_000, 400_000, 155_000, 20_000, 0, 0, 765_000])
    );
    assert_eq!(
        row(&statement["funds"][1], &names),
        json!(["rieng", 200_000, 0, 0, -20_000, 0, 0, 180_000])
    );
    assert_eq!(
        statement["income"],
        json!([
            {"account": "donations", "amount": 410_000},
            {"account": "donations_returned", "amount": -10_000},
        ])
    );
    assert_eq!(
        statement["spending"],
        json!([
            {"account": "aid_in_money", "programme": "tet", "amount": 150_000},
            {"account": "programme_costs:transport", "programme": "tet", "amount": 5_000},
        ])
    );
    assert_eq!(statement["families"], json!([{"programme": "tet", "lines": 2}]));
    assert_eq!(statement["custody"], json!({"opening": 30_000, "closing": 30_000, "rows": []}));
    assert_eq!(
        statement["bridge"],
        json!({"places": 975_000, "funds": 945_000, "custody": 30_000})
    );
    assert_eq!(
        (&statement["from"], &statement["to"]),
        (&json!("2026-10-01"), &json!("2026-10-31"))
    );
    assert_eq!(statement["entries"], 13);
}

#[test]
fn a_reversal_after_the_closing_shows_under_earlier() {
    let table = format!(
        "{TWO_MONTHS}\nreverse a1 -> ok\ndonation 1k cash chung -> ok\n\
         b1: aid 9k cash chung tet -> ok\nreverse b1 -> ok\non 2026-12-01\nclose 2026-11 -> ok"
    );
    let desk = run(&table);
    let file = desk.effects.last().unwrap().statement.clone().unwrap();
    let statement: Value = serde_json::from_slice(&file.bytes).unwrap();
    let chung = &statement["funds"][0];
    assert_eq!(chung["opening"], 765_000);
    assert_eq!(chung["earlier"], amount("150k"));
    assert_eq!((&chung["received"], &chung["spent"]), (&json!(1_000), &json!(0)));
    assert_eq!(chung["closing"], 916_000);
    let cash = &statement["places"][0];
    assert_eq!((&cash["in"], &cash["out"]), (&json!(1_000), &json!(-150_000)));
    assert!(statement.get("families").is_none(), "families of a closed month are not taken off");
    assert_eq!(statement["spending"], json!([]));
}

#[test]
fn a_span_that_begins_before_the_books_still_adds_up() {
    let table = format!(
        "{TWO_MONTHS}\non 2027-01-01\nclose 2026-12 -> ok\n\
         publish year 2026-01-01 2026-12-31 -> ok\n\
         publish campaign 2026-09-01 2026-12-31 fund=chung -> ok"
    );
    let desk = run(&table);
    for effects in &desk.effects[desk.effects.len() - 2..] {
        let file = effects.statement.as_ref().unwrap();
        let statement: Value = serde_json::from_slice(&file.bytes).unwrap();
        let chung = &statement["funds"][0];
        let of = |name: &str| chung[name].as_i64().unwrap();
        assert_eq!(of("opening"), 500_000, "{}", file.name);
        assert_eq!(
            of("closing"),
            of("opening") + of("received") - of("spent") + of("moved") - of("lost") + of("earlier"),
            "{}",
            file.name
        );
    }
}

/// A month of lending, small enough to add up by hand.
const LENT: &str = "
chapter
fund xoay revolving -> ok
place vcb bank -> ok
o1: opening money=cash:xoay:500k loans=xoay:90k:30k:6k:0,xoay:80k:0:0:0 custody=cash:40k -> ok
on 2026-10-05
l1: lend 300k xoay fee=12k -> ok
b1: disburse l1 cash -> ok
repay b1 100k+4k vcb -> ok
settle o1.0 o1.0 30k+6k -> ok
writeoff o1.1 -> ok
recover o1.1 50k cash -> ok
l2: lend 50k xoay -> ok
b2: disburse l2 cash -> ok
reverse b2 -> ok
on 2026-11-02
close 2026-10 -> ok
";

#[test]
fn a_statement_of_loans_says_what_adds_up_by_hand() {
    let desk = run(LENT);
    let file = desk.effects.last().unwrap().statement.clone().unwrap();
    let statement: Value = serde_json::from_slice(&file.bytes).unwrap();
    assert_eq!(
        statement["places"],
        json!([
            {
                "place": "cash", "opening": 540_000, "in": 86_000, "out": 336_000,
                "closing": 290_000, "rows": [
                    // Both legs: out of custody, into the fund.
                    {"kind": "custody_assigned", "in": 36_000, "out": 36_000},
                    // Paid out and reversed: 300 + 50 - 50.
                    {"kind": "loan_disbursed", "in": 0, "out": 300_000},
                    {"kind": "loan_recovered", "in": 50_000, "out": 0},
                ],
            },
            {
                "place": "vcb", "opening": 0, "in": 104_000, "out": 0, "closing": 104_000,
                "rows": [{"kind": "loan_repaid", "in": 104_000, "out": 0}],
            },
        ])
    );
    assert_eq!(
        statement["funds"],
        json!([{
            "fund": "xoay", "opening": 640_000, "received": 60_000, "spent": 0, "moved": 0,
            "lost": 80_000, "earlier": 0, "closing": 620_000, "money": 390_000, "stock": 0,
            "loans": 230_000,
        }])
    );
    assert_eq!(
        statement["income"],
        json!([
            {"account": "service_fees", "amount": 10_000},
            {"account": "recoveries", "amount": 50_000},
        ])
    );
    assert_eq!(statement["spending"], json!([{"account": "loan_losses", "amount": 80_000}]));
    assert_eq!(
        statement["loans"],
        json!({"opening": 140_000, "closing": 230_000, "rows": [
            {"kind": "custody_assigned", "amount": -30_000},
            {"kind": "loan_disbursed", "amount": 300_000},
            {"kind": "loan_repaid", "amount": -100_000},
            {"kind": "loan_written_off", "amount": -80_000},
        ]})
    );
    assert!(statement.get("families").is_none(), "a loan serves a family under no programme");
    assert_eq!(statement["bridge"], json!({"places": 394_000, "funds": 390_000, "custody": 4_000}));
}

/// Behind whatever step another ledger goes on: refusals, numbers, uses and figures of loans are
/// those of one ledger.
#[test]
fn a_table_of_loans_goes_on_in_a_later_ledger_behind_any_step() {
    for (name, table) in TABLES.iter().filter(|(_, table)| table.contains("disburse ")) {
        let steps = table.lines().map(str::trim).filter(|line| !line.is_empty());
        let steps = steps.filter(|line| !line.starts_with("//") && !line.starts_with("chapter"));
        let closed = |line: &&str| line.starts_with("close-chapter") && line.ends_with("ok");
        // All of them take minutes: a long run asks for that.
        let stride = if std::env::var("MINHBACH_PROPTEST_CASES").is_ok() { 1 } else { 11 };
        for behind in (0..steps.take_while(|line| !closed(line)).count()).step_by(stride) {
            let desk = run_continued(table, behind);
            assert!(desk.books.before() > 0, "{name} behind {behind}");
        }
    }
}
