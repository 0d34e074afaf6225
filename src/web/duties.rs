//! What has to be published until when, as pages show it: at the desk and to everybody.

use minijinja::context;
use minijinja::value::Value;

use super::Fault;
use super::public::ledgers::read;
use super::public::told;
use crate::books::Books;
use crate::ledger::word::Date;
use crate::publish::clock::facts::facts;
use crate::publish::clock::{About, Duty, Facts, Proof, State, campaign_of, duties};
use crate::store::desk::publication::{Deadline, Notice, Rule, Version};
use crate::store::{ChapterId, Store};

/// Everything that the clock says of a ledger on a day.
pub struct Told {
    /// The day.
    pub today: Date,
    /// The deadlines in force.
    pub version: Version,
    /// Their first day.
    pub since: Date,
    /// What hangs or hung on the notice board.
    pub notices: Vec<Notice>,
    /// All duties, by their days.
    pub duties: Vec<Duty>,
}

impl Told {
    /// Asks the clock.
    ///
    /// # Errors
    /// [`Fault::NotFound`] before the chapter is opened; [`Fault`] of the machine.
    pub async fn read(
        store: &Store,
        chapter: ChapterId,
        books: &Books,
        today: Date,
    ) -> Result<Self, Fault> {
        let desk = store.desk(chapter).map_err(read)?;
        let version = store.deadlines(&desk).await.map_err(Fault::internal)?;
        let known = facts(store, chapter, books, &version.deadlines, today).await;
        let known: Facts = known.map_err(Fault::internal)?.ok_or(Fault::NotFound)?;
        let duties = duties(&known, &version.deadlines);
        let since = version.deadlines.since.unwrap_or(known.books_from).max(known.books_from);
        Ok(Self { today, version, since, notices: known.notices, duties })
    }

    /// Duties for templates, those that fulfil a condition.
    pub fn shown(&self, books: &Books, wanted: impl Fn(&Duty) -> bool) -> Vec<Value> {
        let own = self.duties.iter().filter(|duty| wanted(duty));
        own.map(|duty| self.one(books, duty)).collect()
    }

    /// Years in which anything that is done was to be done, the latest first.
    #[must_use]
    pub fn years(&self) -> Vec<i32> {
        let done = self.duties.iter().filter(|duty| matches!(duty.state, State::Done(..)));
        let years: std::collections::BTreeSet<i32> = done.map(|duty| duty.due.year()).collect();
        years.into_iter().rev().collect()
    }

    fn one(&self, books: &Books, duty: &Duty) -> Value {
        let late_by = duty.late_by(self.today);
        let (state, on, proof) = match &duty.state {
            State::Done(on, proof) => {
                let state = if late_by > 0 { "late" } else { "done" };
                (state, Some(on.to_string()), Some(proof))
            }
            State::Overdue => ("overdue", None, None),
            State::Due => ("due", None, None),
            State::Coming => ("coming", None, None),
        };
        let seq = match proof {
            Some(Proof::Entry(seq)) => Some(*seq),
            _ => None,
        };
        context! {
            rule => key(duty.rule),
            about => about(books, &duty.about),
            due => duty.due.to_string(),
            state,
            on,
            seq,
            noticed => matches!(proof, Some(Proof::Notice(_))),
            late_by,
            left => (duty.due.naive() - self.today.naive()).num_days().max(0),
            href => way(duty),
            deadline => deadline(&self.version.deadlines.of(duty.rule)),
        }
    }

    /// The rules that are on, with their sources.
    #[must_use]
    pub fn rules(&self) -> Vec<Value> {
        let all = Rule::ALL.into_iter().map(|rule| (rule, self.version.deadlines.of(rule)));
        let on = all.filter(|(_, own)| own.on);
        on.map(|(rule, own)| context! { rule => key(rule), deadline => deadline(&own) }).collect()
    }

    /// What hangs or hung on the notice board, the latest first.
    #[must_use]
    pub fn board(&self, books: &Books) -> Vec<Value> {
        let own = self.notices.iter().rev();
        own.map(|own| {
            context! {
                id => own.id.as_str(),
                about => statement(books, &own.statement),
                posted_on => own.posted_on.to_string(),
                until_on => own.until_on.to_string(),
                hangs => own.posted_on <= self.today && self.today <= own.until_on,
                place => own.place.clone(),
            }
        })
        .collect()
    }
}

/// The key of a rule's texts.
#[must_use]
pub fn key(rule: Rule) -> String {
    format!("clock-{}", rule.as_str().replace('_', "-"))
}

fn deadline(own: &Deadline) -> Value {
    context! { days => own.days, source => own.source.clone(), check => own.check }
}

/// A statement by its name.
#[must_use]
pub fn statement(books: &Books, name: &str) -> Value {
    let campaign = campaign_of(name).map(|(fund, from, to)| {
        let fund = told::fund(books, fund.as_str());
        context! { fund, from => from.to_string(), to => to.to_string() }
    });
    context! { kind => "statement", name, campaign }
}

fn about(books: &Books, about: &About) -> Value {
    let period = |name: String| context! { kind => "period", name };
    match about {
        About::Month(month) => period(month.to_string()),
        About::Quarter(year, quarter) => period(format!("{year:04}-q{quarter}")),
        About::Year(year) => period(format!("{year:04}")),
        About::Gifts(month, number, late) => context! {
            kind => "gifts",
            name => month.to_string(),
            number => *number,
            late => *late,
        },
        About::Appeal(fund) => {
            context! { kind => "appeal", fund => told::fund(books, fund.as_str()) }
        }
        About::Statement(name) => statement(books, name),
    }
}

/// The page of the desk on which the duty is done.
fn way(duty: &Duty) -> Option<String> {
    let open = duty.is_open();
    let path = match (duty.rule, &duty.about) {
        (Rule::MonthClosed, _) => "/ban/khoa-so".to_owned(),
        (Rule::QuarterPublished | Rule::YearPublished, _) => "/ban/bao-cao".to_owned(),
        (Rule::AppealIntake, _) => "/ban/quan-tri/dong-quy".to_owned(),
        (Rule::AppealHandedOut, _) => "/ban/phieu-chi".to_owned(),
        (Rule::AppealResults | Rule::AppealUsed, _) => "/ban/bao-cao".to_owned(),
        (Rule::NoticePosted, About::Statement(name)) => format!("/ban/niem-yet/{name}"),
        _ => return None,
    };
    open.then_some(path)
}
