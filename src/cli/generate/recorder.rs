//! Records a generated story through the one door, a few hundred vouchers at a time.

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};

use super::story::Act;
use crate::books::Books;
use crate::books::closing::Overdue;
use crate::cli::invented::closing::{cash_counted, period_closed};
use crate::cli::invented::people::{Family, People};
use crate::cli::invented::vouchers::{Draft, Pen, sign, sign_opening};
use crate::cli::invented::{Fault, accounts, served};
use crate::ledger::disclosure::PrivateName;
use crate::ledger::entry::SignedVoucher;
use crate::ledger::voucher::{Body, VoucherId};
use crate::ledger::word::Date;
use crate::store::alongside::Alongside;
use crate::store::desk::register::{Record, Role};
use crate::store::desk::vault::{Consent, PrivateValue};
use crate::store::{ChapterId, Store};

/// Vouchers of one transaction.
pub const GROUP: usize = 400;

/// Writes vouchers of one chapter.
pub struct Recorder<'a> {
    store: &'a Store,
    people: &'a People,
    pen: Pen,
    chapter: Option<ChapterId>,
    /// What asks for signatures; as of the last group.
    books: Books,
    at: DateTime<Utc>,
    waiting: Vec<(SignedVoucher, Vec<PrivateValue>)>,
    shown: Vec<(VoucherId, PrivateName, Consent)>,
}

impl<'a> Recorder<'a> {
    /// A recorder into an empty store.
    pub fn new(store: &'a Store, people: &'a People, pen: Pen) -> Self {
        Self {
            store,
            people,
            pen,
            chapter: None,
            books: Books::default(),
            at: DateTime::UNIX_EPOCH,
            waiting: Vec::new(),
            shown: Vec::new(),
        }
    }

    /// The day begins: at 08:05 in Vietnam.
    pub fn dawn(&mut self, date: Date) {
        let morning = date.naive().and_time(NaiveTime::MIN).and_utc() + TimeDelta::minutes(65);
        self.at = self.at.max(morning);
    }

    /// Writes acts of a day, each so much later than the one before; full groups are recorded.
    pub async fn write(
        &mut self,
        date: Date,
        acts: Vec<Act>,
        apart: TimeDelta,
    ) -> Result<(), Fault> {
        for act in acts {
            self.at += apart;
            match act {
                Act::Write(draft) => self.add(*draft).await?,
                other => {
                    self.flush().await?;
                    let draft = self.by_books(date, &other)?;
                    self.add(draft).await?;
                    self.flush().await?;
                }
            }
            if self.waiting.len() >= GROUP {
                self.flush().await?;
            }
        }
        Ok(())
    }

    /// A voucher whose figures come from the books as they stand now.
    fn by_books(&self, date: Date, act: &Act) -> Result<Draft, Fault> {
        let body: Body = match act {
            Act::Close(through) => period_closed(&self.books, *through, Overdue::default())?.into(),
            Act::Publish(r#type, from, to) => {
                self.books.publication(*r#type, (*from, *to), None)?.into()
            }
            Act::CountCash | Act::Write(_) => cash_counted(&self.books, 0)?.into(),
        };
        Ok(Draft::new(date, body))
    }

    async fn add(&mut self, draft: Draft) -> Result<(), Fault> {
        let voucher = self.pen.voucher(self.people, &draft, self.at)?;
        if self.chapter.is_none() {
            return self.found(sign_opening(self.people, voucher)?).await;
        }
        let id = voucher.id.clone();
        let signed = sign(self.people, &self.books, false, voucher)?;
        self.waiting.push((signed, draft.private));
        if let Some((subject, name)) = draft.shown {
            let recorded_by = self.people.treasurer().person.clone();
            let given_on = draft.date;
            let consent = Consent { subject, voucher: None, name, given_on, recorded_by };
            self.shown.push((id, name, consent));
        }
        Ok(())
    }

    /// Records what waits, in one transaction, then shows the names of who agreed to it.
    pub async fn flush(&mut self) -> Result<(), Fault> {
        let waiting = std::mem::take(&mut self.waiting);
        let Some(chapter) = self.chapter.filter(|_| !waiting.is_empty()) else { return Ok(()) };
        let private = self.store.with_private(chapter, &waiting, self.at).await?;
        let beside = |((signed, values), private): ((SignedVoucher, Vec<_>), Alongside)| {
            let served = served(&signed.voucher, &values);
            (signed, private.and(served))
        };
        let all = waiting.into_iter().zip(private).map(beside).collect();
        self.store.record_all(chapter, all, self.at).await?;
        self.books = self.store.books(chapter)?;
        let shown = std::mem::take(&mut self.shown);
        if !shown.is_empty() {
            let officer = &self.people.treasurer().person;
            self.store.publish_names(chapter, officer, &shown, self.at).await?;
        }
        Ok(())
    }

    /// Opens the ledger with the officers' accounts, then enters everybody into the register.
    async fn found(&mut self, signed: SignedVoucher) -> Result<(), Fault> {
        let people = self.people;
        let accounts = accounts(&people.officers, &signed.voucher.log).await?;
        let alongside = Alongside::accounts(&accounts, self.at)?;
        let (chapter, _) = self.store.found(signed, alongside, self.at).await?;
        self.chapter = Some(chapter);
        self.books = self.store.books(chapter)?;
        let named = |name: &str| Record { full_name: name.to_owned(), ..Record::default() };
        let officers = people.officers.iter();
        let officers =
            officers.map(|one| (one.person.clone(), Role::Officer, named(&one.full_name)));
        let donors = people.donors.iter();
        let donors = donors.map(|one| (one.person.clone(), Role::Donor, named(&one.full_name)));
        let family = |one: &Family| (one.person.clone(), Role::Family, one.record.clone());
        let families = people.families.iter().chain(&people.borrowers).map(family);
        let persons: Vec<_> = officers.chain(donors).chain(families).collect();
        let officer = &people.treasurer().person;
        Ok(self.store.enter_persons(chapter, &persons, officer, self.at).await?)
    }
}
