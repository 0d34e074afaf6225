//! The publication clock: what has to be published until when, what was, and how late.
//!
//! Pure: facts, deadlines and today's day in, duties out. No rule of accounting is in here, and
//! nothing that the ledger refuses or takes: these are promises of a chapter and deadlines of
//! decrees, in numbers that the chapter sets itself
//! ([`Deadlines`](crate::store::desk::publication::Deadlines)).
//!
//! | file | what it is |
//! |---|---|
//! | [`facts`] | what the ledger and the desk know, read for one day |

pub mod facts;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use chrono::{Datelike as _, Days};

use crate::ledger::word::{Code, Date, Month, Person};
use crate::store::desk::publication::{Deadlines, Notice, Rule};
use crate::store::facade::Gifts;

/// So many days before its last day an appeal is shown as one that has to end.
const SOON: u64 = 14;

/// An entry and the day on which it was appended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Act {
    /// Its place.
    pub seq: u64,
    /// The day, where the chapter is.
    pub on: Date,
}

/// What a published statement covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Span {
    /// A quarter.
    Quarter,
    /// A year.
    Year,
    /// The campaign of a fund.
    Campaign(Code),
}

/// A published quarter, year or campaign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// The name of its file.
    pub name: String,
    /// What it covers.
    pub span: Span,
    /// Its last day.
    pub to: Date,
    /// What published it first.
    pub act: Act,
}

/// A fund that takes gifts between two days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appeal {
    /// Its code.
    pub fund: Code,
    /// Its first day.
    pub from: Date,
    /// The last day that it was opened with.
    pub to: Option<Date>,
    /// The day on which it was closed.
    pub closed_on: Option<Date>,
    /// The day on which the last of it was handed out; `None` while something is left.
    pub emptied_on: Option<Date>,
}

impl Appeal {
    /// The last day on which it takes gifts, where one is known.
    #[must_use]
    pub fn end(&self) -> Option<Date> {
        [self.to, self.closed_on].into_iter().flatten().min()
    }
}

/// What is known on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The day.
    pub today: Date,
    /// The first day of the books.
    pub books_from: Date,
    /// The day on which the chapter was closed.
    pub ended: Option<Date>,
    /// Closings: the last month of each.
    pub closed: Vec<(Month, Act)>,
    /// Published quarters, years and campaigns.
    pub published: Vec<Published>,
    /// Appeals.
    pub appeals: Vec<Appeal>,
    /// Gifts by day.
    pub gifts: Vec<Gifts>,
    /// What hangs or hung on the notice board.
    pub notices: Vec<Notice>,
}

/// What a duty is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// A month.
    Month(Month),
    /// A quarter, from 1, of a year.
    Quarter(i32, u32),
    /// A year.
    Year(i32),
    /// The gifts that came in a month: how many, and how many had their receipts late.
    Gifts(Month, u64, u64),
    /// The appeal of a fund.
    Appeal(Code),
    /// A published statement.
    Statement(String),
}

/// What shows that something was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// An entry of the ledger.
    Entry(u64),
    /// The officers' word that it hangs on the notice board.
    Notice(Person),
    /// The books, or the calendar.
    Books,
}

/// How a duty stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Done on a day.
    Done(Date, Proof),
    /// Not done, and its day is over.
    Overdue,
    /// Not done, and there is time until its day.
    Due,
    /// Its time has not come.
    Coming,
}

/// Something that has to be done until a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duty {
    /// The rule.
    pub rule: Rule,
    /// What it is about.
    pub about: About,
    /// The last day.
    pub due: Date,
    /// How it stands.
    pub state: State,
}

impl Duty {
    /// Days that it was done late, or is late today; of a notice the days by which it was taken
    /// down too early. 0: in time.
    #[must_use]
    pub fn late_by(&self, today: Date) -> i64 {
        let (from, to) = match &self.state {
            State::Done(on, _) if self.rule == Rule::NoticeKept => (*on, self.due),
            State::Done(on, _) => (self.due, *on),
            State::Overdue => (self.due, today),
            State::Due | State::Coming => return 0,
        };
        (to.naive() - from.naive()).num_days().max(0)
    }

    /// Whether somebody has to do something about it now.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self.state, State::Overdue | State::Due)
    }
}

/// So many days later; the last day of the calendar where there is none.
#[must_use]
pub fn days_after(day: Date, days: u32) -> Date {
    let later = day.naive().checked_add_days(Days::new(days.into()));
    later.and_then(Date::new).unwrap_or(day)
}

/// The fund and the days of a campaign, from the name of its statement:
/// `tet_2026-01-05_2026-02-10`.
#[must_use]
pub fn campaign_of(name: &str) -> Option<(Code, Date, Date)> {
    let mut parts = name.split('_');
    let (fund, from, to) = (parts.next()?, parts.next()?, parts.next()?);
    let last = parts.next().is_none();
    let (from, to): (Date, Date) = (from.parse().ok()?, to.parse().ok()?);
    (last && from <= to).then_some((fund.parse().ok()?, from, to))
}

/// The name of a campaign's statement.
#[must_use]
pub fn campaign_name(fund: &Code, from: Date, to: Date) -> String {
    format!("{fund}_{from}_{to}")
}

/// The quarter, from 1, that a month lies in.
#[must_use]
pub fn quarter_of(month: Month) -> u32 {
    month.first_day().naive().month0() / 3 + 1
}

/// All duties of the rules that are on, by their days.
#[must_use]
pub fn duties(facts: &Facts, deadlines: &Deadlines) -> Vec<Duty> {
    let clock = Clock { facts, deadlines, since: deadlines.since.unwrap_or(facts.books_from) };
    let mut all = clock.periods();
    all.extend(clock.receipts());
    for appeal in &facts.appeals {
        all.extend(clock.appeal(appeal));
    }
    all.extend(clock.notices());
    all.sort_by_key(|duty| (duty.due, duty.rule));
    all
}

struct Clock<'a> {
    facts: &'a Facts,
    deadlines: &'a Deadlines,
    since: Date,
}

/// Days behind the day that a receipt was due on, that day, and the day it was given.
type Lateness = (i64, Date, Date);

impl Clock<'_> {
    /// A duty whose days are counted from `trigger`, and about which something can be done from
    /// `begins` on; none where its rule is off or it began running before the clock.
    fn duty(
        &self,
        rule: Rule,
        about: About,
        (trigger, begins): (Date, Date),
        done: Option<(Date, Proof)>,
    ) -> Option<Duty> {
        let deadline = self.deadlines.of(rule);
        if !deadline.on || trigger < self.since {
            return None;
        }
        let (today, due) = (self.facts.today, days_after(trigger, deadline.days));
        let state = match done {
            Some((on, proof)) => State::Done(on, proof),
            None if today > due => State::Overdue,
            None if today >= begins => State::Due,
            None => State::Coming,
        };
        Some(Duty { rule, about, due, state })
    }

    /// Months, quarters and years, from the first of the books to the present one.
    fn periods(&self) -> Vec<Duty> {
        let facts = self.facts;
        let last = facts.ended.map_or(facts.today, |ended| ended.min(facts.today)).month();
        let mut month = self.since.max(facts.books_from).month();
        let mut all = Vec::new();
        while month <= last {
            all.extend(self.period(Rule::MonthClosed, About::Month(month), month.last_day()));
            let (year, quarter) = (month.first_day().year(), quarter_of(month));
            let (ends, is_last) = (quarter_end(month), month == last);
            if is_last || ends == month {
                let about = About::Quarter(year, quarter);
                all.extend(self.period(Rule::QuarterPublished, about, ends.last_day()));
            }
            let ends = year_end(month);
            if is_last || ends == month {
                all.extend(self.period(Rule::YearPublished, About::Year(year), ends.last_day()));
            }
            month = month.next();
        }
        all
    }

    fn period(&self, rule: Rule, about: About, ends: Date) -> Option<Duty> {
        let facts = self.facts;
        let of = |span: &Span| {
            let found = facts.published.iter().filter(|own| own.span == *span && own.to == ends);
            found.map(|own| own.act).min_by_key(|act| act.seq)
        };
        let act = match &about {
            About::Month(month) => {
                let closed = facts.closed.iter().filter(|(through, _)| through >= month);
                closed.map(|(_, act)| *act).min_by_key(|act| act.seq)
            }
            About::Quarter(..) => of(&Span::Quarter),
            _ => of(&Span::Year),
        };
        let done = act.map(|act| (act.on, Proof::Entry(act.seq)));
        self.duty(rule, about, (ends, ends.next()), done)
    }

    /// Receipts of the gifts of each month: the one that came latest behind its own day decides.
    fn receipts(&self) -> Vec<Duty> {
        let rule = Rule::ReceiptGiven;
        let deadline = self.deadlines.of(rule);
        let mut months: BTreeMap<Month, (u64, u64, Option<Lateness>)> = BTreeMap::new();
        let gifts = self.facts.gifts.iter().filter(|gift| gift.came >= self.since);
        for gift in gifts.filter(|_| deadline.on) {
            let due = days_after(gift.came, deadline.days);
            let behind = (gift.recorded.naive() - due.naive()).num_days();
            let (number, late, worst) = months.entry(gift.came.month()).or_default();
            *number += gift.number;
            *late += if behind > 0 { gift.number } else { 0 };
            *worst = (*worst).max(Some((behind, due, gift.recorded)));
        }
        let duty = |(month, (number, late, worst))| {
            let (_, due, on): (i64, Date, Date) = worst?;
            let about = About::Gifts(month, number, late);
            Some(Duty { rule, about, due, state: State::Done(on, Proof::Books) })
        };
        months.into_iter().filter_map(duty).collect()
    }

    fn appeal(&self, appeal: &Appeal) -> Vec<Duty> {
        let about = || About::Appeal(appeal.fund.clone());
        let (today, end) = (self.facts.today, appeal.end());
        let over = end.filter(|end| *end <= today);
        let last = days_after(appeal.from, self.deadlines.of(Rule::AppealIntake).days);
        let soon = last.naive().checked_sub_days(Days::new(SOON)).and_then(Date::new);
        // One that ends in time by itself asks for nothing.
        let begins = match end {
            Some(end) if end <= last => last.next(),
            _ => soon.unwrap_or(appeal.from),
        };
        let times = (appeal.from, begins);
        let done = over.map(|end| (end, Proof::Books));
        let mut all: Vec<Duty> =
            self.duty(Rule::AppealIntake, about(), times, done).into_iter().collect();
        let Some(end) = end else { return all };
        let times = (end, end.next());
        let emptied = appeal.emptied_on.filter(|_| over.is_some());
        let done = emptied.map(|on| (on, Proof::Books));
        all.extend(self.duty(Rule::AppealHandedOut, about(), times, done));
        let done = over.and_then(|end| self.told(&appeal.fund, end));
        all.extend(self.duty(Rule::AppealResults, about(), times, done));
        if let Some(emptied) = emptied {
            let done = self.told(&appeal.fund, emptied);
            let times = (emptied, emptied.next());
            all.extend(self.duty(Rule::AppealUsed, about(), times, done));
        }
        all
    }

    /// What first told of all days of an appeal up to `through`: its published statement, or a
    /// sheet on the notice board, where the officers say so.
    fn told(&self, fund: &Code, through: Date) -> Option<(Date, Proof)> {
        let covers = |name: &str| {
            campaign_of(name).is_some_and(|(own, _, to)| own == *fund && to >= through)
        };
        let published = self.facts.published.iter().filter(|own| covers(&own.name));
        let published = published.map(|own| (own.act.on, Proof::Entry(own.act.seq)));
        let hung = self.facts.notices.iter();
        let hung = hung.filter(|own| covers(&own.statement) && own.posted_on >= through);
        let hung = hung.map(|own| (own.posted_on, Proof::Notice(own.id.clone())));
        published.chain(hung).min_by_key(|(on, _)| *on)
    }

    fn notices(&self) -> Vec<Duty> {
        let (facts, mut all) = (self.facts, Vec::new());
        for own in &facts.published {
            let hung = facts.notices.iter().filter(|notice| notice.statement == own.name);
            let first = hung.min_by_key(|notice| notice.posted_on);
            let done = first.map(|own| (own.posted_on, Proof::Notice(own.id.clone())));
            let about = About::Statement(own.name.clone());
            all.extend(self.duty(Rule::NoticePosted, about, (own.act.on, own.act.on), done));
        }
        for own in &facts.notices {
            let over = facts.today > own.until_on;
            let done = over.then(|| (own.until_on, Proof::Notice(own.id.clone())));
            let about = About::Statement(own.statement.clone());
            let times = (own.posted_on, own.posted_on);
            let duty = self.duty(Rule::NoticeKept, about, times, done);
            // While it hangs there is nothing to do.
            all.extend(duty.map(|duty| match duty.is_open() {
                true => Duty { state: State::Coming, ..duty },
                false => duty,
            }));
        }
        all
    }
}

/// The last month of the quarter of a month.
fn quarter_end(month: Month) -> Month {
    let mut end = month;
    while !end.first_day().naive().month().is_multiple_of(3) {
        end = end.next();
    }
    end
}

/// The last month of the year of a month.
fn year_end(month: Month) -> Month {
    let mut end = month;
    while end.first_day().naive().month() != 12 {
        end = end.next();
    }
    end
}
