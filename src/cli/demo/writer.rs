//! Writes the story through the one door, day by day, each day at its own time.

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};

use super::Fault;
use super::closing::{cash_counted, period_closed};
use super::households;
use super::loan_files::LoanFiles;
use super::people::{Family, People};
use super::scenario::{Act, Day};
use super::seeded::Seeded;
use super::sponsors::{Sponsoring, sponsors};
use super::vouchers::{Draft, Pen, sign, sign_opening};
use crate::cli::invented::{accounts, served};
use crate::ledger::disclosure::PrivateName;
use crate::ledger::entry::SignedVoucher;
use crate::ledger::receipt::ReceiptCode;
use crate::ledger::voucher::{Body, Voucher, VoucherId};
use crate::ledger::word::{Date, Origin, Person};
use crate::store::alongside::Alongside;
use crate::store::desk::register::{Record, Role};
use crate::store::desk::sponsorship::Sponsor;
use crate::store::desk::vault::{Consent, PrivateValue};
use crate::store::{ChapterId, Store};

/// Days on which the chair is away: the deputy approves.
const AWAY: std::ops::Range<usize> = 120..150;

/// Writes vouchers of one chapter.
pub struct Writer<'a> {
    store: &'a Store,
    root: &'a Seeded,
    people: &'a People,
    pen: Pen,
    chapter: Option<ChapterId>,
    waiting: Vec<(SignedVoucher, Vec<PrivateValue>)>,
    shown: Vec<(VoucherId, PrivateName, Consent)>,
    sponsors: Vec<Sponsoring<'a>>,
    /// The day on which the full life begins.
    begun: Date,
    matched: Vec<(Voucher, Vec<PrivateValue>, Person)>,
    loans: LoanFiles,
}

impl<'a> Writer<'a> {
    /// A writer into an empty store.
    pub fn new(
        store: &'a Store,
        root: &'a Seeded,
        people: &'a People,
        pen: Pen,
        (begun, sponsors): (Date, Vec<Sponsoring<'a>>),
    ) -> Self {
        Self {
            store,
            root,
            people,
            pen,
            chapter: None,
            waiting: Vec::new(),
            shown: Vec::new(),
            sponsors,
            begun,
            matched: Vec::new(),
            loans: LoanFiles::new(root),
        }
    }

    /// Writes a day; the number of entries. `index` counts the days of the full life that have
    /// something.
    pub async fn day(&mut self, index: Option<usize>, day: Day) -> Result<u64, Fault> {
        let away = index.is_some_and(|index| AWAY.contains(&index));
        if let Some(chapter) = self.chapter.filter(|_| day.date == self.begun) {
            let families = self.families(&self.people.families, day.date);
            let officer = &self.people.treasurer().person;
            let now = moment(day.date, 0)?;
            self.store.enter_persons(chapter, &families, officer, now).await?;
        }
        let count = day.acts.len() as u64;
        for (order, act) in (0_i64..).zip(day.acts) {
            let at = moment(day.date, order)?;
            match act {
                Act::Write(draft) => self.write(&draft, at, away).await?,
                other => {
                    self.flush(day.date).await?;
                    let draft = self.by_books(day.date, other)?;
                    self.write(&draft, at, away).await?;
                    self.flush(day.date).await?;
                }
            }
        }
        self.flush(day.date).await?;
        if !self.shown.is_empty()
            && let Some(chapter) = self.chapter
        {
            let gifts = std::mem::take(&mut self.shown);
            let officer = &self.people.treasurer().person;
            self.store.publish_names(chapter, officer, &gifts, evening(day.date)?).await?;
        }
        self.sponsorship(day.date).await?;
        if let Some(chapter) = self.chapter {
            let (officer, now) = (&self.people.treasurer().person, evening(day.date)?);
            self.loans.keep(self.store, chapter, officer, now).await?;
        }
        Ok(count)
    }

    /// Makes the plans that begin on a day, and matches what was recorded for plans.
    async fn sponsorship(&mut self, date: Date) -> Result<(), Fault> {
        let Some(chapter) = self.chapter else { return Ok(()) };
        let (desk, now) = (self.store.desk(chapter)?, evening(date)?);
        let officer = &self.people.treasurer().person;
        for own in &self.sponsors {
            let Some(plan) = own.plan(self.begun, date)? else { continue };
            let sponsor = Sponsor::Known(own.giver.person.clone());
            let named: Vec<(Person, Person)> = own
                .families
                .iter()
                .map(|(name, family)| (name.clone(), family.person.clone()))
                .collect();
            let new = (&own.id, &sponsor, &plan, named.as_slice());
            self.store.make_sponsorship(&desk, new, officer, now).await?;
            self.store.turn_sponsors_code(&desk, (&own.id, 0, true)).await?;
        }
        for (voucher, private, plan) in std::mem::take(&mut self.matched) {
            let plans = [plan];
            let slip = (&voucher, private.as_slice(), plans.as_slice());
            self.store.match_slip(&desk, slip, officer, now).await?;
        }
        Ok(())
    }

    /// A voucher whose figures come from the books as they stand now.
    fn by_books(&self, date: Date, act: Act) -> Result<Draft, Fault> {
        let books = self.store.books(self.chapter()?)?;
        let body: Body = match act {
            Act::CountCash { missing } => cash_counted(&books, missing)?.into(),
            Act::Close(through, overdue) => period_closed(&books, through, overdue)?.into(),
            Act::Publish { r#type, from, to, fund } => {
                books.publication(r#type, (from, to), fund)?.into()
            }
            Act::Write(draft) => return Ok(*draft),
        };
        Ok(Draft::new(date, body))
    }

    async fn write(&mut self, draft: &Draft, at: DateTime<Utc>, away: bool) -> Result<(), Fault> {
        let voucher = self.pen.voucher(self.people, draft, at)?;
        let id = voucher.id.clone();
        let Some(chapter) = self.chapter else {
            let signed = sign_opening(self.people, voucher)?;
            return self.found(signed, at).await;
        };
        let books = self.store.books(chapter)?;
        let signed = sign(self.people, &books, away, voucher)?;
        if let Some(plan) = &draft.plan {
            let voucher = signed.voucher.clone();
            self.matched.push((voucher, draft.private.clone(), plan.clone()));
        }
        self.loans.note(&signed.voucher, &draft.private);
        self.waiting.push((signed, draft.private.clone()));
        if let Some((subject, name)) = &draft.shown {
            let consent = Consent {
                subject: subject.clone(),
                voucher: None,
                name: *name,
                given_on: draft.date,
                recorded_by: self.people.treasurer().person.clone(),
            };
            self.shown.push((id, *name, consent));
        }
        Ok(())
    }

    /// Records what waits, in one transaction.
    async fn flush(&mut self, date: Date) -> Result<(), Fault> {
        let waiting = std::mem::take(&mut self.waiting);
        let Some(chapter) = self.chapter.filter(|_| !waiting.is_empty()) else { return Ok(()) };
        let now = evening(date)?;
        let private = self.store.with_private(chapter, &waiting, now).await?;
        let beside = |((signed, values), private): ((SignedVoucher, Vec<_>), Alongside)| {
            let served = served(&signed.voucher, &values);
            (signed, private.and(served))
        };
        let all = waiting.into_iter().zip(private).map(beside).collect();
        self.store.record_all(chapter, all, now).await?;
        Ok(())
    }

    /// Opens the ledger with the officers' accounts, then enters everybody into the register.
    async fn found(&mut self, signed: SignedVoucher, now: DateTime<Utc>) -> Result<(), Fault> {
        let (origin, date) = (signed.voucher.log.clone(), signed.voucher.date);
        let accounts = accounts(&self.people.officers, &origin).await?;
        let alongside = Alongside::accounts(&accounts, now)?;
        let (chapter, _) = self.store.found(signed, alongside, now).await?;
        self.chapter = Some(chapter);
        let people = self.people;
        let named = |name: &str| Record { full_name: name.to_owned(), ..Record::default() };
        let officers = people.officers.iter();
        let officers =
            officers.map(|one| (one.person.clone(), Role::Officer, named(&one.full_name)));
        let donors = people.donors.iter();
        let donors = donors.map(|one| (one.person.clone(), Role::Donor, named(&one.full_name)));
        let borrowers = self.families(&people.borrowers, date);
        let mut persons: Vec<_> = officers.chain(donors).chain(borrowers).collect();
        if date == self.begun {
            persons.extend(self.families(&people.families, date));
        }
        let officer = &people.treasurer().person;
        Ok(self.store.enter_persons(chapter, &persons, officer, now).await?)
    }

    /// Families with their records of a day.
    fn families(&self, list: &[Family], date: Date) -> Vec<(Person, Role, Record)> {
        let record = |one: &Family| {
            let record = households::record(self.root, one, date);
            (one.person.clone(), Role::Family, record)
        };
        list.iter().map(record).collect()
    }

    fn chapter(&self) -> Result<ChapterId, Fault> {
        self.chapter.ok_or(Fault::Scenario("an act before the chapter opens"))
    }
}

/// The codes of the sponsors' own pages.
pub async fn sponsors_codes(
    store: &Store,
    root: &Seeded,
    people: &People,
    origin: &Origin,
) -> Result<Vec<ReceiptCode>, Fault> {
    let Some(chapter) = store.find(origin) else { return Ok(Vec::new()) };
    let desk = store.desk(chapter)?;
    let mut codes = Vec::new();
    for own in sponsors(root, people)? {
        codes.extend(store.sponsors_code(&desk, &own.id).await?);
    }
    Ok(codes)
}

/// The code of the receipt of a voucher.
pub async fn code_of(
    store: &Store,
    origin: &Origin,
    id: &VoucherId,
) -> Result<Option<ReceiptCode>, Fault> {
    let Some(chapter) = store.find(origin) else { return Ok(None) };
    let Some(seq) = store.seq_of(chapter, id).await? else { return Ok(None) };
    let kept = store.entry(chapter, seq).await?;
    Ok(kept.and_then(|kept| store.receipt_code(&kept.entry)))
}

/// When the n-th voucher of a day is written: from 08:05, a few minutes apart. Vietnam is seven
/// hours ahead of UTC all year.
fn moment(date: Date, order: i64) -> Result<DateTime<Utc>, Fault> {
    let morning = date.naive().and_time(NaiveTime::MIN).and_utc() + TimeDelta::minutes(8 * 60 + 5);
    let away = TimeDelta::hours(7) - TimeDelta::minutes(6 * order);
    morning.checked_sub_signed(away).ok_or(Fault::Scenario("a day beyond the calendar"))
}

/// When the vouchers of a day are recorded: at 16:45.
pub fn evening(date: Date) -> Result<DateTime<Utc>, Fault> {
    Ok(moment(date, 0)? + TimeDelta::minutes(8 * 60 + 40))
}
