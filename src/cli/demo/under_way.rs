//! What is under way when the demonstration ends: an auditor and a caseworker who came late, slips
//! that wait for approval, one that was sent back, and the list of the next round.

use chrono::{DateTime, Datelike as _, TimeDelta, Utc};

use super::people::{Officer, People};
use super::running::FUND as APPEAL;
use super::scenario::{BANK, CASH, GENERAL, REGULAR, TET};
use super::seeded::Seeded;
use super::vouchers::{Draft, Pen, cost_paid, counts, sign_by};
use super::writer::evening;
use super::{Fault, morning};
use crate::cli::invented::accounts;
use crate::ledger::keys::SignatureRole;
use crate::ledger::voucher::{AidPaid, CostCategory, OfficerEnrolled, VoucherId};
use crate::ledger::word::{Date, Origin};
use crate::money::Money;
use crate::store::alongside::Alongside;
use crate::store::desk::register::{Record, Role};
use crate::store::desk::rounds::{Placed, Terms};
use crate::store::{ChapterId, Store, desk};

/// Families on the list of the next round.
const LISTED: usize = 14;

/// The desk of the chapter on the morning after the history.
struct Desk<'a> {
    store: &'a Store,
    chapter: ChapterId,
    desk: desk::Chapter,
    people: &'a People,
    pen: Pen,
    seeded: Seeded,
    today: Date,
}

/// Leaves all that; the last entry is dated the day before `today`.
pub async fn leave(
    store: &Store,
    root: &Seeded,
    people: &People,
    origin: &Origin,
    today: Date,
) -> Result<(), Fault> {
    let chapter = store.find(origin).ok_or(Fault::Scenario("a chapter that was not founded"))?;
    let (own, desk) = (root.child("under way"), store.desk(chapter)?);
    let (pen, seeded) = (Pen::new(&own, origin.clone()), own.child("chance"));
    let mut desk = Desk { store, chapter, desk, people, pen, seeded, today };
    for officer in &people.later {
        desk.enrol(officer, origin).await?;
    }
    let now = morning(today);
    let aid = desk.aid()?;
    desk.lay(&aid, now - TimeDelta::minutes(40)).await?;
    let printing = desk.cost("Cửa hàng in Thử Nghiệm", CostCategory::Printing, 450_000)?;
    desk.lay(&printing, now - TimeDelta::minutes(30)).await?;
    let transport = desk.cost("Nhà xe Ví Dụ", CostCategory::Transport, 1_200_000)?;
    let id = desk.lay(&transport, now - TimeDelta::minutes(20)).await?;
    let reason = "Thiếu hóa đơn của nhà xe; kèm hóa đơn rồi gửi lại.";
    let chair = &people.chair().person;
    let back = now - TimeDelta::minutes(10);
    store.send_back(&desk.desk, &id, chair, reason, back).await?;
    desk.round(now).await
}

impl Desk<'_> {
    /// An officer who came on the last day: who else has an account, the entry, the register.
    async fn enrol(&mut self, officer: &Officer, origin: &Origin) -> Result<(), Fault> {
        let (date, now) = (self.today.previous(), evening(self.today.previous())?);
        let body = OfficerEnrolled { officer: officer.registered()?, private: None };
        let draft = Draft::new(date, body);
        let voucher = self.pen.voucher(self.people, &draft, now)?;
        let signers = [
            (SignatureRole::Recorder, self.people.treasurer()),
            (SignatureRole::Approver, self.people.chair()),
            (SignatureRole::Holder, officer),
        ];
        let signed = sign_by(&signers, voucher)?;
        let accounts = accounts(std::slice::from_ref(officer), origin).await?;
        let alongside = Alongside::accounts(&accounts, now)?;
        self.store.record_all(self.chapter, vec![(signed, alongside)], now).await?;
        let record = Record { full_name: officer.full_name.clone(), ..Record::default() };
        let persons = [(officer.person.clone(), Role::Officer, record)];
        let by = &self.people.treasurer().person;
        Ok(self.store.enter_persons(self.chapter, &persons, by, now).await?)
    }

    /// Help for two families in need.
    fn aid(&mut self) -> Result<Draft, Fault> {
        let families = self.people.draw(&mut self.seeded, 2);
        let each = Money::new(500_000).ok_or(Fault::Scenario("an amount beyond the range"))?;
        let list: Vec<_> = families.iter().map(|family| (*family, each)).collect();
        let (lines, private) = self.pen.lines(&list)?;
        let body = AidPaid {
            place: CASH.parse()?,
            fund: GENERAL.parse()?,
            programme: REGULAR.parse()?,
            round: None,
            lines,
            counts: counts(&families)?,
            gifts: None,
            papers: None,
            private: None,
        };
        let mut draft = Draft::new(self.today.previous(), body);
        draft.private = private;
        draft.note = Some("Trợ giúp đột xuất".parse()?);
        Ok(draft)
    }

    fn cost(&self, payee: &str, category: CostCategory, amount: i64) -> Result<Draft, Fault> {
        Ok(Draft::new(self.today.previous(), cost_paid(BANK, category, payee, amount)?))
    }

    /// Lays a voucher that waits for the chair.
    async fn lay(&mut self, draft: &Draft, now: DateTime<Utc>) -> Result<VoucherId, Fault> {
        let voucher = self.pen.voucher(self.people, draft, now)?;
        let id = voucher.id.clone();
        let treasurer = self.people.treasurer();
        let signed = sign_by(&[(SignatureRole::Recorder, treasurer)], voucher)?;
        self.store.lay(&self.desk, &signed, &draft.private, &treasurer.person, now).await?;
        Ok(id)
    }

    /// The next new year's round, with families on its list and no voucher yet.
    async fn round(&mut self, now: DateTime<Utc>) -> Result<(), Fault> {
        let id = self.seeded.opaque().parse()?;
        let amount = Money::new(500_000).ok_or(Fault::Scenario("an amount beyond the range"))?;
        let terms = Terms {
            programme: TET.parse()?,
            round: format!("tet-{}", self.today.naive().year() + 1).parse()?,
            date: self.today,
            place: BANK.parse()?,
            fund: APPEAL.parse()?,
            amount,
            goods: None,
        };
        let by = &self.people.treasurer().person;
        self.store.make_round(&self.desk, (&id, &terms), by, now).await?;
        let families = self.people.draw(&mut self.seeded, LISTED);
        let place = |family: &&super::people::Family| Placed {
            family: family.person.clone(),
            amount,
            reason: None,
        };
        let placed: Vec<Placed> = families.iter().map(place).collect();
        Ok(self.store.place_families(&self.desk, (&id, 0), (&placed, &[]), now).await?)
    }
}
