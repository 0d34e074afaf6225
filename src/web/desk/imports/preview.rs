//! Step 3: every line with what becomes of it, a page at a time; the totals are of all.

use std::collections::BTreeMap;

use minijinja::context;
use rocket::http::RawStr;
use rocket::{State, get};
use serde::Serialize;

use super::going::Going;
use super::work::{Found, Planned, Work, find};
use crate::import::text::fold;
use crate::import::{
    Decision, Direction, Found as Codes, Kind, Left, Match, PlannedLine, Reason, WhyTwice,
};
use crate::ledger::voucher::{CustodyClass, IncomeType};
use crate::ledger::word::Code;
use crate::money::Money;
use crate::store::Store;
use crate::web::desk::{Answer, describe, slip};
use crate::web::forms::{Field, FormView};
use crate::web::session::{Kept, Officer, Treasurer};
use crate::web::{Config, Fault, Page};

/// Lines of a page.
pub const PER_PAGE: usize = 100;
/// The longest text of a line that is shown, in characters.
const TEXT: usize = 240;

/// The one form of the page: kinds, and the recording.
pub const FORM: &[Field] = &[
    Field::one("step", "field-id"),
    Field::one("trang", "field-id"),
    Field::one("loc", "import-filter"),
    Field::one("tim", "import-search"),
    Field::list("row", "field-id"),
    Field::list("kind", "import-kind"),
    Field::list("apart", "import-apart"),
    Field::one("all_kind", "import-all-kind"),
    Field::one("seen", "field-id"),
    Field::one("days", "import-days"),
    Field::secret("passphrase", "sign-in-passphrase"),
];

/// What is known of a line, as people are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LineState {
    /// Never seen.
    New,
    /// Decided about before.
    Known,
    /// To be looked at.
    Twice,
    /// It can't be booked.
    Wrong,
    /// Money out.
    Debit,
}

impl LineState {
    const ALL: [(&str, Self); 5] = [
        ("new", Self::New),
        ("known", Self::Known),
        ("twice", Self::Twice),
        ("wrong", Self::Wrong),
        ("debit", Self::Debit),
    ];

    /// The state of a line.
    #[must_use]
    pub fn of(planned: &PlannedLine, decision: Option<Decision>) -> Self {
        if planned.line.movement.direction == Direction::Debit {
            return Self::Debit;
        }
        match (planned.found, decision) {
            (_, Some(Decision::Left(left))) if left.is_wrong() => Self::Wrong,
            (Match::New, _) => Self::New,
            (Match::Booked { .. }, _) => Self::Known,
            (Match::PerhapsTwice { .. }, _) => Self::Twice,
        }
    }
}

/// Which lines the page is about.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of this state alone.
    state: Option<LineState>,
    /// With these words, folded.
    words: String,
    /// As typed.
    typed: String,
    /// The page, from 1.
    page: usize,
}

impl Filter {
    /// A filter as an address or a form says it; what it can't be is no filter.
    #[must_use]
    pub fn read(state: &str, words: &str, page: &str) -> Self {
        let found = LineState::ALL.iter().find(|(word, _)| *word == state);
        let typed: String = words.chars().take(100).collect();
        Self {
            state: found.map(|(_, state)| *state),
            words: fold(typed.trim()),
            typed,
            page: page.parse().ok().filter(|page| *page > 0).unwrap_or(1),
        }
    }

    /// Whether a line is among them.
    #[must_use]
    pub fn takes(&self, planned: &PlannedLine, decision: Option<Decision>) -> bool {
        let fits = self.state.is_none_or(|state| state == LineState::of(planned, decision));
        fits && (self.words.is_empty() || fold(&planned.line.text).contains(&self.words))
    }

    /// The word of its state in an address.
    fn state_word(&self) -> &'static str {
        let found = LineState::ALL.iter().find(|(_, state)| Some(*state) == self.state);
        found.map_or("", |(word, _)| word)
    }

    /// The query that leads to a page of it.
    #[must_use]
    pub fn query(&self, page: usize) -> String {
        let words = RawStr::new(&self.typed).percent_encode();
        format!("trang={page}&loc={}&tim={words}", self.state_word())
    }

    /// The query that leads back to its page.
    #[must_use]
    pub fn back(&self) -> String {
        self.query(self.page)
    }
}

/// A line as the page shows it.
#[derive(Debug, Serialize)]
struct Shown {
    row: u32,
    date: String,
    time: Option<String>,
    number: Option<String>,
    text: String,
    amount: i64,
    debit: bool,
    state: LineState,
    /// Why it is perhaps there twice: the key of a text.
    why: Option<&'static str>,
    /// The entry that it is, or may be.
    seq: Option<u64>,
    kind: String,
    /// Whether a kind may be chosen.
    open: bool,
    /// Whether a person has to say that it is another one.
    asks: bool,
    apart: bool,
    /// Why nothing becomes of it: the key of a text.
    left: Option<&'static str>,
    /// What its text says of giving codes: the key of a text, a code and its fund's name.
    code: Option<(&'static str, String, String)>,
}

/// Lines and their sum, under the key of a text.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Total {
    key: &'static str,
    name: String,
    lines: usize,
    amount: i64,
}

/// A choice of a kind: its word, the key of its text, a name in that text.
pub type Choice = (String, &'static str, String);

/// The kinds that are offered.
#[must_use]
pub fn offered(officer: &Officer, work: &Work) -> Vec<Choice> {
    let books = &officer.books;
    let fund = work.choices.fund.as_str();
    let fund_name = describe::fund_name(books, fund);
    let mut all = vec![choice(&Kind::Donation(None), "import-kind-donation", fund_name)];
    let parsed = |code: &str| code.parse::<Code>().ok();
    for (code, name) in slip::funds(books).into_iter().filter(|(code, _)| code != fund) {
        let kind = Kind::Donation(parsed(&code));
        all.push(choice(&kind, "import-kind-donation", name));
    }
    let none = String::new;
    for (kind, key) in [
        (Kind::Income(IncomeType::BankInterest), "import-kind-interest"),
        (Kind::Income(IncomeType::Other), "import-kind-income"),
        (Kind::Custody(CustodyClass::Mistaken), "import-kind-mistaken"),
        (Kind::Custody(CustodyClass::Unidentified), "import-kind-unidentified"),
        (Kind::Custody(CustodyClass::Overpaid), "import-kind-overpaid"),
    ] {
        all.push(choice(&kind, key, none()));
    }
    let own = work.choices.place.as_str();
    for (code, name) in slip::places(books).into_iter().filter(|(code, _)| code != own) {
        if let Some(code) = parsed(&code) {
            let kind = Kind::Transfer(code);
            // The cash box was there before any place was opened: it has no name of its own.
            all.push(match name.is_empty() {
                true => choice(&kind, "import-kind-transfer-cash", none()),
                false => choice(&kind, "import-kind-transfer", name),
            });
        }
    }
    for reason in Reason::ALL {
        all.push(choice(&Kind::LeaveOut(reason), left_out_key(reason), none()));
    }
    all.push(choice(&Kind::Later, "import-kind-later", none()));
    all
}

fn choice(kind: &Kind, key: &'static str, name: String) -> Choice {
    (kind.to_string(), key, name)
}

/// The key of the text of a reason.
const fn left_out_key(reason: Reason) -> &'static str {
    match reason {
        Reason::Slip => "import-kind-slip",
        Reason::Opening => "import-kind-opening",
        Reason::BankError => "import-kind-bank-error",
    }
}

/// The preview; without columns, the way to them.
#[get("/ban/nhap-tep/<id>?<trang>&<loc>&<tim>&<luu>")]
#[allow(clippy::too_many_arguments, reason = "the parts of the address, one argument each")]
pub async fn show(
    officer: Treasurer,
    kept: Kept<'_>,
    config: &State<Config>,
    going: &State<Going>,
    id: &str,
    trang: Option<&str>,
    loc: Option<&str>,
    tim: Option<&str>,
    luu: Option<&str>,
) -> Result<Answer, Fault> {
    let (officer, store) = (officer.0, kept.0);
    let work = match find(&officer, store, id, config.clock.now()).await? {
        Found::Waiting(work) => work,
        Found::Recorded(_) => return Ok(Answer::go(format!("{}/{id}/xong", super::PATH))),
    };
    // It is being recorded, or was and nobody heard how it ended.
    if going.of((&officer.person, &work.id)).is_some() {
        return Ok(Answer::go(format!("{}/dang-ghi", work.path())));
    }
    let Ok(planned) = work.plan(&officer, store).await? else {
        return Ok(Answer::go(format!("{}/cot", work.path())));
    };
    let filter = Filter::read(loc.unwrap_or(""), tim.unwrap_or(""), trang.unwrap_or(""));
    let form = FormView::blank(&officer.form_secret(), &work.path(), FORM);
    let page = page(&officer, store, &work, &planned, (form, &filter), luu.is_some()).await?;
    Ok(page.into())
}

/// The page of a plan.
///
/// # Errors
/// Faults of the machine.
pub async fn page(
    officer: &Officer,
    store: &Store,
    work: &Work,
    planned: &Planned,
    (form, filter): (FormView, &Filter),
    kept: bool,
) -> Result<Page, Fault> {
    let lines = planned.plan.lines.iter().enumerate();
    let taken: Vec<(usize, &PlannedLine)> = lines
        .filter(|(index, line)| filter.takes(line, planned.bookings.decision(*index)))
        .collect();
    let pages = taken.len().div_ceil(PER_PAGE).max(1);
    let at = filter.page.min(pages);
    let shown: Vec<Shown> = taken
        .iter()
        .skip((at - 1) * PER_PAGE)
        .take(PER_PAGE)
        .map(|(index, line)| shown(officer, (work, planned), *index, line))
        .collect();
    let open = |(_, line): &&(usize, &PlannedLine)| is_open(line);
    let can_choose = taken.iter().filter(open).count();
    let same = store.same_file(officer.chapter, &work.sha256()).await.map_err(Fault::internal)?;
    let same: Vec<String> =
        same.iter().map(|batch| batch.made_at.format("%Y-%m-%dT%H:%M:%SZ").to_string()).collect();
    let days = planned.plan.lines.iter().map(|line| line.line.date);
    let (first, last) = (days.clone().min(), days.max());
    let (states, becomes, debits) = totals(officer, work, planned);
    let all = planned.plan.totals().credits.all;
    let booked = planned.plan.totals().credits.booked;
    let secret = officer.form_secret();
    Ok(crate::web::desk::page(
        officer,
        "desk/import_preview.html",
        context! {
            form,
            path => work.path(),
            discard => secret.token(&format!("{}/bo", work.path())),
            file => work.choices.name.as_str(),
            place => describe::place_name(&officer.books, work.choices.place.as_str()),
            fund => describe::fund_name(&officer.books, work.choices.fund.as_str()),
            first => first.map(|day| day.to_string()),
            last => last.map(|day| day.to_string()),
            same,
            states => minijinja::value::Serde(states),
            becomes => minijinja::value::Serde(becomes),
            debits => minijinja::value::Serde(debits),
            all => context! { lines => all.lines, amount => all.amount.minor() },
            booked => context! { lines => booked.lines, amount => booked.amount.minor() },
            left_out => planned.bookings.left_out(),
            wrong => planned.bookings.wrong(&planned.plan).len(),
            days => planned.days_shared(),
            seen => planned.digest(),
            lines => minijinja::value::Serde(shown),
            offered => offered(officer, work),
            can_choose,
            found => taken.len(),
            filter => context! {
                state => filter.state_word(),
                words => filter.typed.as_str(),
                page => at,
                pages,
                previous => (at > 1).then(|| filter.query(at - 1)),
                next => (at < pages).then(|| filter.query(at + 1)),
            },
            filters => LineState::ALL.iter().map(|(word, _)| *word).collect::<Vec<_>>(),
            kept,
        },
    ))
}

/// Whether a person may choose what becomes of a line.
#[must_use]
pub fn is_open(line: &PlannedLine) -> bool {
    let booked = matches!(line.found, Match::Booked { voucher: Some(_) });
    line.line.movement.direction == Direction::Credit && !booked
}

/// What a line's text says of giving codes.
#[must_use]
pub fn code(officer: &Officer, found: &Codes) -> Option<(&'static str, String, String)> {
    let key = match found {
        Codes::Nothing => return None,
        Codes::Fund(_) => "give-line-fund",
        Codes::Closed(_) => "give-line-closed",
        Codes::Several => "give-line-several",
        Codes::Mistyped(Some(_)) => "give-line-near",
        Codes::Mistyped(None) => "give-line-unknown",
    };
    let code = found.code().map(|own| own.code.to_string()).unwrap_or_default();
    let fund = found.code().map(|own| describe::fund_name(&officer.books, own.fund.as_str()));
    Some((key, code, fund.unwrap_or_default()))
}

fn shown(
    officer: &Officer,
    (work, planned): (&Work, &Planned),
    index: usize,
    line: &PlannedLine,
) -> Shown {
    let decision = planned.bookings.decision(index);
    let voucher = match line.found {
        Match::New => None,
        Match::Booked { voucher } | Match::PerhapsTwice { voucher, .. } => voucher,
    };
    let own = &line.line;
    let number = own.reference.clone().or_else(|| own.document_number.clone()).map(String::from);
    let mut text: String = own.text.chars().take(TEXT).collect();
    if own.text.chars().nth(TEXT).is_some() {
        text.push('…');
    }
    Shown {
        row: own.row,
        date: own.date.to_string(),
        time: own.time.map(|time| time.format("%H:%M:%S").to_string()),
        number,
        text,
        amount: own.movement.amount.minor(),
        debit: own.movement.direction == Direction::Debit,
        state: LineState::of(line, decision),
        why: match line.found {
            Match::PerhapsTwice { why, .. } => Some(why_key(why)),
            Match::Booked { voucher: None } => Some("import-why-left-out"),
            _ => None,
        },
        seq: voucher.and_then(|voucher| planned.known.entries.get(&voucher).copied()),
        kind: planned.bookings.kind(index).map(ToString::to_string).unwrap_or_default(),
        open: is_open(line),
        asks: matches!(line.found, Match::PerhapsTwice { .. } | Match::Booked { voucher: None }),
        apart: work.choices.apart.contains(&own.row),
        left: match decision {
            Some(Decision::Left(Left::BeforeBooks)) => Some("import-left-before-books"),
            Some(Decision::Left(Left::AfterToday)) => Some("import-left-after-today"),
            Some(Decision::Left(Left::TwoSignatures)) => Some("import-left-two-signatures"),
            Some(Decision::Left(Left::Debit)) => Some("import-left-debit"),
            _ => None,
        },
        code: code(officer, planned.bookings.found(index)),
    }
}

const fn why_key(why: WhyTwice) -> &'static str {
    match why {
        WhyTwice::NothingTellsApart => "import-why-nothing",
        WhyTwice::SameDocumentNumber => "import-why-document",
        WhyTwice::SameReference => "import-why-reference",
        WhyTwice::SameText => "import-why-text",
        WhyTwice::SameBalanceInFile => "import-why-balance",
    }
}

/// The sums by what is known and by what becomes of the credits; each list adds up to all credits.
/// And the money out, apart.
fn totals(officer: &Officer, work: &Work, planned: &Planned) -> (Vec<Total>, Vec<Total>, Total) {
    let mut states = BTreeMap::<LineState, Total>::new();
    let mut becomes = BTreeMap::<usize, Total>::new();
    let offered = offered(officer, work);
    for (index, line) in planned.plan.lines.iter().enumerate() {
        let amount = line.line.movement.amount;
        let decision = planned.bookings.decision(index);
        let state = LineState::of(line, decision);
        states.entry(state).or_default().add(state_key(state), String::new(), amount);
        if state == LineState::Debit {
            continue;
        }
        let kind = planned.bookings.kind(index).map(ToString::to_string).unwrap_or_default();
        let chosen = || offered.iter().position(|(word, _, _)| *word == kind);
        let (order, key, name) = match decision {
            Some(Decision::Book | Decision::LeaveOut(_)) => match chosen() {
                Some(at) => (at, offered[at].1, offered[at].2.clone()),
                None => (1_000, "import-becomes-other", kind),
            },
            Some(Decision::Left(left)) => (1_001 + left as usize, left_key(left), String::new()),
            None => continue,
        };
        becomes.entry(order).or_default().add(key, name, amount);
    }
    let debits = states.remove(&LineState::Debit).unwrap_or_default();
    (states.into_values().collect(), becomes.into_values().collect(), debits)
}

impl Total {
    fn add(&mut self, key: &'static str, name: String, amount: Money) {
        self.key = key;
        self.name = name;
        self.lines += 1;
        // A part of the file's sum, which was checked when the file was read.
        self.amount += amount.minor();
    }
}

/// The key of the text of a state.
const fn state_key(state: LineState) -> &'static str {
    match state {
        LineState::New => "import-state-new",
        LineState::Known => "import-state-known",
        LineState::Twice => "import-state-twice",
        LineState::Wrong => "import-state-wrong",
        LineState::Debit => "import-state-debit",
    }
}

const fn left_key(left: Left) -> &'static str {
    match left {
        Left::Known => "import-becomes-known",
        Left::PerhapsTwice => "import-becomes-twice",
        Left::Debit => "import-state-debit",
        Left::Undecided => "import-kind-later",
        Left::TwoSignatures => "import-becomes-two-signatures",
        Left::BeforeBooks => "import-becomes-before-books",
        Left::AfterToday => "import-becomes-after-today",
    }
}
