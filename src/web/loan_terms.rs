//! The terms of a loan as a form asks for them, and their schedule as pages show it: for the
//! calculator that everybody has, and for the desk.

use minijinja::context;
use minijinja::value::{Serde, Value};
use rust_decimal::Decimal;
use serde::Serialize;

use super::forms::{Field, FormView, Noted, Submission, read_day};
use super::{Language, format};
use crate::books::schedule::holidays::{shift_for_holidays, tet_of};
use crate::books::schedule::{
    Allowed, DayCount, Field as Member, Interval, MOST_INSTALMENTS, Method, Reason, Row,
    ScheduleFault, Terms, Unit, calculate,
};
use crate::ledger::word::Date;
use crate::money::{Currency, Money};

/// The fields of terms.
pub const FIELDS: [Field; 14] = [
    Field::one("cach", "schedule-method"),
    Field::one("goc", "schedule-principal"),
    Field::one("ky", "schedule-instalments"),
    Field::one("moi", "schedule-every"),
    Field::one("don-vi", "schedule-unit"),
    Field::one("giai-ngan", "schedule-disbursed"),
    Field::one("ky-dau", "schedule-first-due"),
    Field::one("lai", "schedule-rate"),
    Field::one("so-tien", "schedule-amount"),
    Field::one("an-han", "schedule-grace"),
    Field::one("lam-tron", "schedule-round"),
    Field::one("cach-tinh", "schedule-day-count"),
    Field::list("tet", "schedule-tet"),
    Field::one("dong", "schedule-rows"),
];

const METHODS: [(&str, &str); 7] = [
    ("interest_free_equal", "schedule-method-free"),
    ("fixed_amount", "schedule-method-fixed"),
    ("bullet", "schedule-method-bullet"),
    ("explicit", "schedule-method-explicit"),
    ("flat", "schedule-method-flat"),
    ("declining_equal_principal", "schedule-method-principal"),
    ("declining_equal_instalment", "schedule-method-instalment"),
];

const UNITS: [(&str, &str); 3] = [
    ("ngay", "schedule-unit-day"),
    ("tuan", "schedule-unit-week"),
    ("thang", "schedule-unit-month"),
];

const DAY_COUNTS: [(&str, &str); 4] = [
    ("30/360", "schedule-count-30-360"),
    ("actual/365", "schedule-count-365"),
    ("actual/364", "schedule-count-364"),
    ("actual/360", "schedule-count-360"),
];

const TET: [(&str, &str); 1] = [("yes", "schedule-tet-yes")];

/// A row for the template; amounts in minor units.
#[derive(Serialize)]
struct Line {
    number: u32,
    due: String,
    principal: i64,
    fee: i64,
    total: i64,
    balance: i64,
}

/// A method beside others; amounts in minor units.
#[derive(Serialize)]
pub struct Preview {
    name: &'static str,
    key: &'static str,
    href: String,
    chosen: bool,
    rows: usize,
    fee: i64,
    first: i64,
    largest: i64,
    last_due: String,
}

/// What the fields offer, and whether the further ones are to be shown.
#[must_use]
pub fn choices(form: &FormView) -> Value {
    let further = ["so-tien", "an-han", "lam-tron", "cach-tinh", "dong"];
    let open = further.iter().any(|name| !form.value(name).is_empty());
    let needed = matches!(form.value("cach"), "fixed_amount" | "explicit");
    context! {
        open => open || needed || !form.list("tet").is_empty(),
        methods => METHODS.to_vec(),
        units => UNITS.to_vec(),
        day_counts => DAY_COUNTS.to_vec(),
        tet => TET.to_vec(),
    }
}

/// The instalments of terms, moved from Tết where that was asked for.
///
/// # Errors
/// [`Noted`] at the field whose terms give no schedule.
pub fn worked_out(
    form: &mut Submission,
    terms: &Terms,
    language: Language,
) -> Result<Vec<Row>, Noted> {
    let tet = !form.list("tet").is_empty();
    let rows = calculate(terms).map_err(|fault| refused(form, fault, language))?;
    Ok(if tet { shift_for_holidays(&rows, &tet_of(&rows)) } else { rows })
}

/// What was typed, as terms. What the method has no use for is not read.
///
/// # Errors
/// [`Noted`] at each field that can't be read.
pub fn read(form: &mut Submission) -> Result<Terms, Noted> {
    let vnd = Currency::vnd();
    let named = METHODS.map(|(name, _)| (name, name.parse::<Method>().ok()));
    let method = form.choice("cach", &named)?.ok_or(Noted)?;
    let explicit = method == Method::Explicit;
    let principal = form.money("goc", &vnd);
    let disbursed = day(form, "giai-ngan");
    let rate = rate(form);
    let interval = interval(form, explicit);
    let instalments = match method {
        Method::Explicit => Ok(MOST_INSTALMENTS),
        Method::FixedAmount => whole(form, "ky", Some(MOST_INSTALMENTS)),
        Method::Bullet => whole(form, "ky", Some(1)),
        _ => whole(form, "ky", None),
    };
    let typed = !form.typed("ky-dau").trim().is_empty();
    let first_due = if typed && !explicit { day(form, "ky-dau").map(Some) } else { Ok(None) };
    let grace = if explicit { Ok(0) } else { whole(form, "an-han", Some(0)) };
    let fixed = method == Method::FixedAmount;
    let amount = if fixed { form.money("so-tien", &vnd).map(Some) } else { Ok(None) };
    let rounds = !explicit && !fixed && !form.typed("lam-tron").trim().is_empty();
    let round = if rounds { form.money("lam-tron", &vnd).map(Some) } else { Ok(None) };
    let rows = if explicit { rows(form) } else { Ok(Vec::new()) };
    let count = day_count(form);
    let (interval, disbursed) = (interval?, disbursed?);
    let usual = if explicit { DayCount::Actual365 } else { interval.usual_day_count() };
    let one_later = interval.step(disbursed, 1).unwrap_or(disbursed);
    Ok(Terms {
        principal: principal?,
        instalments: instalments?,
        interval,
        disbursed,
        first_due: first_due?.unwrap_or(one_later),
        method,
        rate: rate?,
        amount: amount?,
        principal_grace: grace?,
        round: round?,
        scale: 0,
        day_count: count?.unwrap_or(usual),
        rows: rows?,
    })
}

fn day(form: &mut Submission, name: &'static str) -> Result<Date, Noted> {
    let day = form.date(name)?;
    Date::new(day).ok_or_else(|| form.note(name, "fault-date-real"))
}

/// A whole number of at most four digits; without one, what stands for it.
fn whole(form: &mut Submission, name: &'static str, without: Option<u32>) -> Result<u32, Noted> {
    let typed = form.typed(name).trim();
    if typed.is_empty() {
        return without.ok_or_else(|| form.note(name, "fault-missing"));
    }
    let plain = typed.len() <= 4 && typed.bytes().all(|byte| byte.is_ascii_digit());
    let read = typed.parse().ok().filter(|_| plain);
    read.ok_or_else(|| form.note(name, "schedule-fault-number"))
}

fn interval(form: &mut Submission, explicit: bool) -> Result<Interval, Noted> {
    if explicit {
        return Ok(Interval::new(1, Unit::Month));
    }
    let every = whole(form, "moi", Some(1));
    let units = [("ngay", Unit::Day), ("tuan", Unit::Week), ("thang", Unit::Month)];
    let unit = form.choice("don-vi", &units);
    Ok(Interval::new(every?, unit?))
}

fn rate(form: &mut Submission) -> Result<Decimal, Noted> {
    let typed = form.typed("lai").trim().trim_end_matches('%').trim_end().replace(',', ".");
    if typed.is_empty() {
        return Ok(Decimal::ZERO);
    }
    let plain = typed.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let read = Decimal::from_str_exact(&typed).ok().filter(|_| plain);
    read.ok_or_else(|| form.note("lai", "schedule-fault-rate"))
}

fn day_count(form: &mut Submission) -> Result<Option<DayCount>, Noted> {
    if form.typed("cach-tinh").is_empty() {
        return Ok(None);
    }
    form.choice("cach-tinh", &DayCount::ALL).map(Some)
}

/// Lines of a day and an amount: `20/06/2026 1.000.000`.
fn rows(form: &mut Submission) -> Result<Vec<(Date, Money)>, Noted> {
    let line = |text: &str| {
        let (due, principal) = text.trim().split_once(char::is_whitespace)?;
        let due = read_day(due).ok().and_then(Date::new)?;
        Some((due, Money::parse(principal, &Currency::vnd()).ok()?))
    };
    let typed = form.typed("dong");
    let lines = (1_i64..).zip(typed.lines()).filter(|(_, text)| !text.trim().is_empty());
    let read: Result<Vec<_>, i64> = lines.map(|(at, text)| line(text).ok_or(at)).collect();
    read.map_err(|at| form.note_with("dong", "schedule-fault-line", [("line", Value::from(at))]))
}

/// Terms that give no schedule, as a fault of their field.
fn refused(form: &mut Submission, fault: ScheduleFault, language: Language) -> Noted {
    let field = match fault.field {
        Member::Principal | Member::Scale => "goc",
        Member::Instalments => "ky",
        Member::Interval => "moi",
        Member::FirstDue => "ky-dau",
        Member::Rate => "lai",
        Member::Amount => "so-tien",
        Member::PrincipalGrace => "an-han",
        Member::Round => "lam-tron",
        Member::Rows => "dong",
    };
    let date = |day: Date| Value::from(format::date(day.naive(), language));
    let money = |money: Money| Value::from(format::money(money, language));
    let (key, arguments) = match (fault.reason, fault.allowed) {
        (Reason::NothingLeft, Allowed::Whole { most, .. }) => {
            ("schedule-fault-many", vec![("most", most.into())])
        }
        (Reason::NothingLeft, Allowed::Amount { most, .. }) => {
            ("schedule-fault-unit", vec![("most", money(most))])
        }
        (Reason::BelowInterest, Allowed::Amount { least, .. }) => {
            ("schedule-fault-interest", vec![("least", money(least))])
        }
        (Reason::TooLarge, _) => ("schedule-fault-large", Vec::new()),
        (Reason::Order, _) => ("schedule-fault-order", Vec::new()),
        (_, Allowed::Whole { least, most }) => {
            ("schedule-fault-whole", vec![("least", least.into()), ("most", most.into())])
        }
        (_, Allowed::Amount { least, most }) => {
            ("schedule-fault-amount", vec![("least", money(least)), ("most", money(most))])
        }
        (_, Allowed::Days { first, last }) => {
            ("schedule-fault-days", vec![("first", date(first)), ("last", date(last))])
        }
        (_, Allowed::Sum(sum)) => ("schedule-fault-sum", vec![("sum", money(sum))]),
        (_, Allowed::Percent { .. }) => ("schedule-fault-rate", Vec::new()),
        (_, Allowed::Something) => ("fault-missing", Vec::new()),
        (_, Allowed::Nothing) => ("schedule-fault-not-used", Vec::new()),
        (_, Allowed::Other) => ("schedule-fault-other", Vec::new()),
    };
    form.note_at(Some(field), key, arguments)
}

fn sum(rows: &[Row], part: fn(&Row) -> Money) -> i64 {
    Money::sum(rows.iter().map(part)).unwrap_or_default().minor()
}

/// A schedule with its sums, and other methods beside it.
#[must_use]
pub fn result(rows: &[Row], previews: &[Preview]) -> Value {
    let line = |row: &Row| Line {
        number: row.number,
        due: row.due.to_string(),
        principal: row.principal.minor(),
        fee: row.fee.minor(),
        total: row.total.minor(),
        balance: row.balance.minor(),
    };
    context! {
        lines => Serde(rows.iter().map(line).collect::<Vec<_>>()),
        principal => sum(rows, |row| row.principal),
        fee => sum(rows, |row| row.fee),
        total => sum(rows, |row| row.total),
        last_due => rows.last().map(|row| row.due.to_string()),
        previews => Serde(previews),
    }
}

/// The methods that the same terms fit, each with its sums; `href` is the way to one of them.
#[must_use]
pub fn previews(terms: &Terms, form: &Submission, href: impl Fn(&str) -> String) -> Vec<Preview> {
    if terms.method == Method::Explicit {
        return Vec::new();
    }
    let tet = !form.list("tet").is_empty();
    let fits = METHODS.iter().filter_map(|(name, key)| {
        let method = name.parse().ok()?;
        let amount = Money::parse(form.typed("so-tien"), &Currency::vnd()).ok();
        let own = Terms {
            method,
            amount: amount.filter(|_| method == Method::FixedAmount),
            round: terms.round.filter(|_| method != Method::FixedAmount),
            ..terms.clone()
        };
        // Without interest these two are the first one again.
        let same = matches!(method, Method::Flat | Method::DecliningEqualPrincipal)
            || method == Method::DecliningEqualInstalment;
        if same && terms.rate.is_zero() && method != terms.method {
            return None;
        }
        let rows = calculate(&own).ok()?;
        let rows = if tet { shift_for_holidays(&rows, &tet_of(&rows)) } else { rows };
        let paid = || rows.iter().map(|row| row.total.minor()).filter(|total| *total > 0);
        Some(Preview {
            key,
            name,
            href: href(name),
            chosen: method == terms.method,
            rows: paid().count(),
            fee: sum(&rows, |row| row.fee),
            first: paid().next().unwrap_or_default(),
            largest: paid().max().unwrap_or_default(),
            last_due: rows.last()?.due.to_string(),
        })
    });
    fits.collect()
}
