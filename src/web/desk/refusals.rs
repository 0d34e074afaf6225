//! The books' no: its text, the figures that would be allowed, and the field where it belongs.

use minijinja::value::Value;

use super::describe;
use crate::books::refusal::{GoodsRefusal, LoanRefusal};
use crate::books::{Books, Refusal};
use crate::ledger::word::Date;
use crate::store::{Closure, RecordFault};
use crate::web::Fault;
use crate::web::forms::{Field, Noted, Submission};

/// The key of the text of every refusal.
const KEYS: &[&str] = &[
    "refusal-out-of-place",
    "refusal-opening",
    "refusal-slug",
    "refusal-continues",
    "refusal-id-used",
    "refusal-chapter-closed",
    "refusal-signature-list",
    "refusal-key-not-in-force",
    "refusal-recorder-may-not",
    "refusal-approver-may-not",
    "refusal-not-an-auditor",
    "refusal-same-person",
    "refusal-signature-invalid",
    "refusal-too-few-officers",
    "refusal-auditor-alone",
    "refusal-person-registered",
    "refusal-person-unknown",
    "refusal-key-used",
    "refusal-old-key",
    "refusal-compromised-from",
    "refusal-from-size",
    "refusal-witness-named",
    "refusal-rules-number",
    "refusal-date-in-future",
    "refusal-date-before-books",
    "refusal-period-closed",
    "refusal-date-before-of",
    "refusal-date-before-count",
    "refusal-day-order",
    "refusal-unknown",
    "refusal-closed",
    "refusal-code-used",
    "refusal-reference",
    "refusal-same-ends",
    "refusal-terms-kind",
    "refusal-terms-costs",
    "refusal-terms-programme",
    "refusal-terms-ended",
    "refusal-consent-needed",
    "refusal-consent-short",
    "refusal-not-a-gift",
    "refusal-place-too-low",
    "refusal-fund-too-low",
    "refusal-more-than-left",
    "refusal-too-large",
    "refusal-not-empty",
    "refusal-not-countable",
    "refusal-denominations",
    "refusal-difference",
    "refusal-opening-day",
    "refusal-opening-too-late",
    "refusal-already-reversed",
    "refusal-not-reversible",
    "refusal-named-by-standing",
    "refusal-parts-elsewhere",
    "refusal-not-next-period",
    "refusal-period-not-over",
    "refusal-figure",
    "refusal-nothing-closed",
    "refusal-statement-range",
    "refusal-stock-too-low",
    "refusal-stock-value-too-low",
    "refusal-expired",
    "refusal-fraction",
    "refusal-extra",
    "refusal-amount-of-gift",
    "refusal-more-goods",
    "refusal-more-lines",
    "refusal-sender-used",
    "refusal-goods-left",
    "refusal-not-whole",
    "refusal-found-again",
    "refusal-not-revolving",
    "refusal-loan-cancelled",
    "refusal-loan-disbursed",
    "refusal-parts",
    "refusal-more-than-owed",
    "refusal-loan-closed",
    "refusal-loan-written-off",
    "refusal-not-written-off",
    "refusal-later-of-loan",
    "refusal-opening-loan",
    "refusal-loans-left",
];

/// The key of a refusal's text.
#[must_use]
pub fn key(refusal: &Refusal) -> &'static str {
    let code = refusal.code();
    let found = KEYS.iter().find(|key| key.strip_prefix("refusal-") == Some(code));
    found.copied().unwrap_or("refusal-other")
}

/// The same refusal with the names of places, funds and programmes where it has their codes.
#[must_use]
pub fn named(refusal: &Refusal, books: &Books) -> Refusal {
    let mut refusal = refusal.clone();
    match &mut refusal {
        Refusal::PlaceTooLow { place, .. } | Refusal::DateBeforeCount { place, .. } => {
            *place = describe::place_name(books, place);
        }
        Refusal::FundTooLow { fund, .. } => *fund = describe::fund_name(books, fund),
        Refusal::Closed { member, code } => {
            *code = match *member {
                "place" | "from_place" | "to_place" => describe::place_name(books, code),
                "programme" => describe::programme_name(books, code),
                _ => describe::fund_name(books, code),
            };
        }
        Refusal::NotEmpty { code, .. } => {
            let is_place = code.parse().is_ok_and(|code| books.place_type(&code).is_some());
            *code = match is_place {
                true => describe::place_name(books, code),
                false => describe::fund_name(books, code),
            };
        }
        Refusal::Goods(goods) => name_goods(goods, books),
        Refusal::Loans(
            LoanRefusal::NotRevolving { fund } | LoanRefusal::LoansLeft { fund, .. },
        ) => *fund = describe::fund_name(books, fund),
        _ => {}
    }
    refusal
}

/// Names of items, stores and funds, and quantities with their units, for their codes.
fn name_goods(refusal: &mut GoodsRefusal, books: &Books) {
    use super::goods_words::{item_name, store_name, with_unit};
    match refusal {
        GoodsRefusal::StockTooLow { item, store, allowed, .. }
        | GoodsRefusal::NotWhole { item, store, allowed } => {
            *allowed = with_unit(books, item, allowed);
            (*item, *store) = (item_name(books, item), store_name(books, store));
        }
        GoodsRefusal::StockValueTooLow { item, store, .. } => {
            (*item, *store) = (item_name(books, item), store_name(books, store));
        }
        GoodsRefusal::MoreGoods { item, allowed } => {
            *allowed = with_unit(books, item, allowed);
            *item = item_name(books, item);
        }
        GoodsRefusal::GoodsLeft { code, item, quantity } => {
            *quantity = with_unit(books, item, quantity);
            (*code, *item) = (describe::fund_name(books, code), item_name(books, item));
        }
        GoodsRefusal::Expired { item, .. } | GoodsRefusal::Fraction { item } => {
            *item = item_name(books, item);
        }
        GoodsRefusal::Extra
        | GoodsRefusal::AmountOfGift
        | GoodsRefusal::MoreLines { .. }
        | GoodsRefusal::SenderUsed
        | GoodsRefusal::FoundAgain => {}
    }
}

/// Members that refusals name, each with the key of what people call it.
const MEMBERS: &[(&str, &str)] = &[
    ("amount", "voucher-amount"),
    ("bank", "member-bank"),
    ("compromised_from_seq", "voucher-compromised-from-seq"),
    ("counts", "member-counts"),
    ("date", "field-date"),
    ("disbursed", "voucher-disbursed"),
    ("fee", "voucher-fee"),
    ("fees_paid", "voucher-fees-paid"),
    ("from", "publish-from"),
    ("from_fund", "voucher-from-fund"),
    ("from_place", "voucher-from-place"),
    ("from_store", "voucher-from-store"),
    ("fund", "voucher-fund"),
    ("fund.from", "field-from"),
    ("gifts", "voucher-gifts"),
    ("items", "member-items"),
    ("lines", "rows-title"),
    ("loan", "voucher-loan"),
    ("note", "field-note"),
    ("of", "voucher-of"),
    ("paid", "voucher-paid"),
    ("place", "voucher-place"),
    ("principal", "voucher-principal"),
    ("programme", "voucher-programme"),
    ("received_on", "voucher-received-on"),
    ("sample", "audit-sample"),
    ("store", "voucher-store"),
    ("to", "publish-to"),
    ("to_fund", "voucher-to-fund"),
    ("to_place", "voucher-to-place"),
    ("to_store", "voucher-to-store"),
];

/// The key of what people call a member; of one inside another (`lines[0].amount`) the outer one.
#[must_use]
pub fn member_key(member: &str) -> &'static str {
    let outer = member.split(['[', '.']).next().unwrap_or_default();
    let find = |wanted: &str| MEMBERS.iter().find(|(name, _)| *name == wanted);
    find(member).or_else(|| find(outer)).map_or("refusal-member", |(_, key)| *key)
}

/// Notes a refusal at the field where it can be mended, or on top of the form.
pub fn note(form: &mut Submission, refusal: &Refusal, fields: &'static [Field]) -> Noted {
    let wanted = candidates(refusal);
    let field = wanted.iter().find_map(|name| fields.iter().find(|field| field.name == *name));
    let arguments = arguments(refusal);
    form.note_at(field.map(|field| field.name), key(refusal), arguments)
}

/// The fields where a refusal may belong, best first.
fn candidates(refusal: &Refusal) -> Vec<&'static str> {
    match refusal {
        Refusal::DateInFuture { .. }
        | Refusal::DateBeforeBooks { .. }
        | Refusal::PeriodIsClosed { .. }
        | Refusal::DateBeforeOf { .. }
        | Refusal::DateBeforeCount { .. }
        | Refusal::PeriodNotOver { .. } => vec!["date"],
        Refusal::DayOrder { member, .. }
        | Refusal::Unknown { member, .. }
        | Refusal::Closed { member, .. }
        | Refusal::Reference { member }
        | Refusal::SameEnds { member } => vec![member],
        Refusal::CodeUsed { .. } => vec!["code"],
        Refusal::Slug => vec!["slug"],
        Refusal::TermsCosts | Refusal::TermsKind { .. } | Refusal::TermsEnded { .. } => {
            vec!["fund", "from_fund"]
        }
        Refusal::TermsProgramme => vec!["programme"],
        Refusal::ConsentNeeded => vec!["from_fund"],
        Refusal::PlaceTooLow { .. }
        | Refusal::FundTooLow { .. }
        | Refusal::MoreThanLeft { .. }
        | Refusal::ConsentShort { .. }
        | Refusal::TooLarge => vec!["amount", "line_amount", "money_amount"],
        Refusal::NotCountable => vec!["place"],
        Refusal::NotEmpty { .. } => vec!["place", "fund"],
        Refusal::TooFewOfficers | Refusal::PersonUnknown | Refusal::OldKey => vec!["person"],
        Refusal::AuditorAlone => vec!["roles"],
        Refusal::CompromisedFrom => vec!["compromised_from_seq"],
        Refusal::FromSize { .. } => vec!["from_size"],
        Refusal::WitnessNamed => vec!["name"],
        Refusal::Denominations { .. } => vec!["counted"],
        Refusal::AlreadyReversed | Refusal::NotReversible => vec!["reason"],
        _ => Vec::new(),
    }
}

/// The signatures that a voucher needs, as the keys of their roles; what is no list of roles as the
/// books say it.
fn signers(expected: &str) -> (&'static str, Value) {
    const ROLES: [&str; 5] = ["recorder", "approver", "auditor", "holder", "holders"];
    let roles: Vec<&str> = expected.split(", ").collect();
    if roles.iter().all(|role| ROLES.contains(role)) {
        let keys: Vec<String> =
            roles.iter().map(|role| format!("signs-{}", role.trim_end_matches('s'))).collect();
        return ("expected_key", Value::from(keys.join(", ")));
    }
    ("expected", Value::from(expected))
}

/// What does not fit between two ledgers, as a key of texts.
fn continues_key(what: &str) -> Value {
    format!("continues-{}", what.replace('_', "-")).into()
}

/// The arguments of a refusal's text. Days are written as people here write them.
#[must_use]
pub fn arguments(refusal: &Refusal) -> Vec<(&'static str, Value)> {
    let day = |date: &Date| Value::from(date.naive().format("%d/%m/%Y").to_string());
    match refusal {
        Refusal::Continues { what } => vec![("what_key", continues_key(what))],
        Refusal::OutOfPlace { expected } => vec![("expected", Value::from(*expected))],
        Refusal::SignatureList { expected } => vec![signers(expected)],
        Refusal::KeyNotInForce { key } | Refusal::SignatureInvalid { key } => {
            vec![("key", key.clone().into())]
        }
        Refusal::FromSize { above: number } => vec![("above", Value::from(*number))],
        Refusal::RulesNumber { current } => vec![("current", Value::from(*current))],
        Refusal::DateInFuture { latest } => vec![("day", day(latest))],
        Refusal::DateBeforeBooks { earliest }
        | Refusal::PeriodIsClosed { earliest }
        | Refusal::DateBeforeOf { earliest } => vec![("day", day(earliest))],
        Refusal::DateBeforeCount { place, counted } => {
            vec![("place", place.clone().into()), ("day", day(counted))]
        }
        Refusal::DayOrder { member, latest } => {
            vec![("member_key", member_key(member).into()), ("day", day(latest))]
        }
        Refusal::Unknown { member, code } | Refusal::Closed { member, code } => {
            vec![("member_key", member_key(member).into()), ("code", code.clone().into())]
        }
        Refusal::CodeUsed { code } => vec![("code", code.clone().into())],
        Refusal::Reference { member } | Refusal::SameEnds { member } => {
            vec![("member_key", member_key(member).into())]
        }
        Refusal::TermsKind { kind } => {
            vec![("kind_key", format!("kind-{}", kind.as_str().replace('_', "-")).into())]
        }
        Refusal::TermsEnded { until } => vec![("day", day(until))],
        Refusal::ConsentShort { allowed } | Refusal::MoreThanLeft { allowed } => {
            vec![("allowed", allowed.minor().into())]
        }
        Refusal::NotAGift { seq } | Refusal::NamedByStanding { seq } => {
            vec![("seq", Value::from(*seq))]
        }
        Refusal::PlaceTooLow { place, day: on, allowed } => {
            vec![
                ("place", place.clone().into()),
                ("day", day(on)),
                ("allowed", allowed.minor().into()),
            ]
        }
        Refusal::FundTooLow { fund, day: on, allowed } => {
            vec![
                ("fund", fund.clone().into()),
                ("day", day(on)),
                ("allowed", allowed.minor().into()),
            ]
        }
        Refusal::NotEmpty { code, balance } => {
            vec![("code", code.clone().into()), ("allowed", balance.minor().into())]
        }
        Refusal::Denominations { sum } => vec![("allowed", sum.minor().into())],
        Refusal::Difference { expected } => vec![("allowed", expected.minor().into())],
        Refusal::OpeningDay { expected } => vec![("day", day(expected))],
        Refusal::PeriodNotOver { last_day } => vec![("day", day(last_day))],
        Refusal::Figure { member, expected } => {
            vec![("member", member.clone().into()), ("expected", expected.clone().into())]
        }
        Refusal::NotNextPeriod { expected: month } | Refusal::NothingClosed { through: month } => {
            vec![("month", describe::month(month).into())]
        }
        Refusal::Goods(refusal) => arguments_about_goods(refusal),
        Refusal::Loans(refusal) => arguments_about_loans(refusal),
        _ => Vec::new(),
    }
}

fn arguments_about_goods(refusal: &GoodsRefusal) -> Vec<(&'static str, Value)> {
    let day = |date: &Date| Value::from(date.naive().format("%d/%m/%Y").to_string());
    let word = |text: &str| Value::from(text.to_owned());
    match refusal {
        GoodsRefusal::StockTooLow { item, store, day: on, allowed } => vec![
            ("item", word(item)),
            ("store", word(store)),
            ("day", day(on)),
            ("allowed", word(allowed)),
        ],
        GoodsRefusal::StockValueTooLow { item, store, day: on } => {
            vec![("item", word(item)), ("store", word(store)), ("day", day(on))]
        }
        GoodsRefusal::Expired { item, expiry } => {
            vec![("item", word(item)), ("expiry", day(expiry))]
        }
        GoodsRefusal::Fraction { item } => vec![("item", word(item))],
        GoodsRefusal::MoreGoods { item, allowed } => {
            vec![("item", word(item)), ("allowed", word(allowed))]
        }
        GoodsRefusal::MoreLines { allowed } => vec![("allowed", Value::from(*allowed))],
        GoodsRefusal::GoodsLeft { code, item, quantity } => {
            vec![("code", word(code)), ("item", word(item)), ("quantity", word(quantity))]
        }
        GoodsRefusal::NotWhole { item, store, allowed } => {
            vec![("item", word(item)), ("store", word(store)), ("allowed", word(allowed))]
        }
        _ => Vec::new(),
    }
}

fn arguments_about_loans(refusal: &LoanRefusal) -> Vec<(&'static str, Value)> {
    match refusal {
        LoanRefusal::NotRevolving { fund } => vec![("fund", fund.clone().into())],
        LoanRefusal::Cancelled { seq }
        | LoanRefusal::Disbursed { seq }
        | LoanRefusal::WrittenOff { seq }
        | LoanRefusal::LaterOfLoan { seq } => vec![("seq", Value::from(*seq))],
        LoanRefusal::Parts { sum } => vec![("allowed", sum.minor().into())],
        LoanRefusal::MoreThanOwed { member, allowed }
        | LoanRefusal::OpeningLoan { member, allowed } => {
            vec![("member_key", member_key(member).into()), ("allowed", allowed.minor().into())]
        }
        LoanRefusal::LoansLeft { fund, amount } => {
            vec![("fund", fund.clone().into()), ("allowed", amount.minor().into())]
        }
        LoanRefusal::Closed | LoanRefusal::NotWrittenOff => Vec::new(),
    }
}

/// Why nothing is recorded while the clock is far from the last entry. The forms' summary leads
/// from it to the page where an officer confirms the clock.
const CLOCK: &str = "desk-clock";

/// A fault of the store as a page.
#[must_use]
pub fn fault(fault: RecordFault) -> Fault {
    match fault {
        RecordFault::Alongside(_) => Fault::Conflict("desk-moved-on"),
        RecordFault::Closed(Closure::Clock { .. }) => Fault::Conflict(CLOCK),
        RecordFault::Closed(Closure::Stopping) => not_now("fault-503-stopping", fault),
        RecordFault::Closed(Closure::Newer { .. }) => not_now("fault-503-newer", fault),
        RecordFault::Closed(Closure::Reading) => not_now("fault-503-reading", fault),
        RecordFault::Closed(_) => not_now("fault-503-closed", fault),
        RecordFault::Busy(_) => not_now("fault-503-busy", fault),
        RecordFault::DiskFull => not_now("fault-503-disk", fault),
        RecordFault::Importing => not_now("fault-503-importing", fault),
        RecordFault::Unknown => not_now("fault-503-unknown", fault),
        fault => Fault::internal(fault),
    }
}

fn not_now(text: &'static str, fault: RecordFault) -> Fault {
    Fault::NotNow { text, cause: fault.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_have_names_that_people_know() {
        for (_, key) in MEMBERS {
            let own = |text: &str| text.contains(&format!("\n{key} = "));
            let files = [
                include_str!("../../../locales/vi/desk.ftl"),
                include_str!("../../../locales/vi/public.ftl"),
                include_str!("../../../locales/vi/reporting.ftl"),
            ];
            assert!(files.iter().any(|text| own(text)), "{key} has no words");
        }
        assert_eq!(member_key("received_on"), "voucher-received-on");
        assert_eq!(member_key("lines[3].amount"), "rows-title");
        assert_eq!(member_key("something_new"), "refusal-member");
    }

    #[test]
    fn the_signatures_that_are_needed_are_named_in_the_readers_language() {
        let (name, keys) = signers("recorder, approver, holders");
        assert_eq!(name, "expected_key");
        assert_eq!(keys.as_str(), Some("signs-recorder, signs-approver, signs-holder"));
        assert_eq!(signers("the first by the key in `by`").0, "expected");
    }

    #[test]
    fn every_rule_that_can_say_no_has_its_words() {
        let source = concat!(
            include_str!("../../books/refusal.rs"),
            include_str!("../../books/refusal_goods.rs"),
            include_str!("../../books/refusal_loans.rs"),
        );
        let codes = source.lines().filter_map(|line| line.trim().split_once("=> \""));
        let codes: Vec<&str> = codes.map(|(_, code)| code.trim_end_matches(['"', ','])).collect();
        assert!(codes.len() > 50);
        for code in codes {
            let key = format!("refusal-{code}");
            assert!(KEYS.contains(&key.as_str()), "{key} is not listed");
            for texts in [
                include_str!("../../../locales/vi/refusals.ftl"),
                include_str!("../../../locales/en/refusals.ftl"),
            ] {
                assert!(texts.contains(&format!("\n{key} = ")), "{key} has no words");
            }
        }
    }
}
