//! The books: the only home of accounting rules.
//!
//! INVARIANT: pure and total: no I/O, no clock, no floats, no private data. The server before it
//! appends, the rebuild over stored entries and the public verifier run this same code:
//! [`Books::check`] says what an entry does or why it may not, [`Books::absorb`] does it.
//!
//! Rules change only by number: `chapter_opened` names rules 1; another behaviour would come with
//! another number, adopted by a voucher of its own, and this one would stay.

pub mod accounts;
pub mod authority;
mod blocks;
pub mod carried;
mod chapter;
mod chapters;
pub mod closing;
mod continuing;
mod custody;
pub mod days;
mod draft;
pub mod effects;
pub mod exchange;
pub mod funds;
pub mod gathering;
mod goods;
mod inflows;
mod lending;
mod lending_undone;
pub mod loans;
pub mod lots;
pub mod officers;
mod outflows;
pub mod past;
mod periods;
pub mod portfolio;
pub mod postings;
pub mod programmes;
mod quantities;
pub mod refusal;
mod refusal_goods;
mod refusal_loans;
mod returns;
mod reversal;
pub mod rollup;
pub mod schedule;
pub mod statement;
pub mod stock;
pub mod stocktaking;
mod stores;
mod undoing;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use continuing::{EarlierLedger, checkpoint, continues, key_at};
pub use effects::{Change, Effects};
pub use past::{Answers, Ask, Past};
pub use refusal::Refusal;

use crate::ledger::entry::Entry;
use crate::ledger::keys::PublicKey;
use crate::ledger::voucher::{Body, Chapter, CurrencyMember, Kind, PlaceType, Policy};
use crate::ledger::word::{Code, Date, EntryRef, Month, Origin, Time, UtcOffset};
use crate::money::{Currency, Money};

use days::Days;
use draft::Draft;
use effects::{GiftId, Series};
use funds::Register;
use loans::Loans;
use lots::Lots;
use officers::Officers;
use stock::Stock;

/// The version of a snapshot's form; another one means replay.
pub const SNAPSHOT_FORMAT: u32 = 6;

/// Why an entry was not accepted, or not yet.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckFault {
    /// A rule says no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Something of the past has to be fetched first; then check again.
    #[error("to be looked up first: {0:?}")]
    Ask(Ask),
}

impl From<refusal::GoodsRefusal> for CheckFault {
    fn from(refusal: refusal::GoodsRefusal) -> Self {
        Self::Refused(refusal.into())
    }
}

impl From<refusal::LoanRefusal> for CheckFault {
    fn from(refusal: refusal::LoanRefusal) -> Self {
        Self::Refused(refusal.into())
    }
}

impl From<Ask> for CheckFault {
    fn from(ask: Ask) -> Self {
        Self::Ask(ask)
    }
}

/// What entry 0 and the vouchers after it said of the chapter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChapterState {
    /// The ledger's identity.
    pub origin: Origin,
    /// The ledgers that it continues, the oldest first; none for nearly all.
    pub earlier: Vec<EarlierLedger>,
    /// How many entries these hold: the place of this ledger's entry 0.
    pub before: u64,
    /// Name, slug, address.
    pub chapter: Chapter,
    /// The currency of all amounts.
    pub currency: CurrencyMember,
    /// The chapter's distance from UTC.
    pub utc_offset: UtcOffset,
    /// The first day of the books.
    pub books_from: Date,
    /// The rules in force.
    pub rules: u64,
    /// What the chapter asks for beyond the floor.
    pub policy: Policy,
    /// The entry that closed the chapter.
    pub closed: Option<u64>,
    /// The log's keys with the size from which each is on every checkpoint.
    pub log_keys: Vec<(PublicKey, u64)>,
    /// The witnesses, by name.
    pub witnesses: Vec<(String, PublicKey, Option<String>)>,
}

/// The state of a chapter's books after some entries.
///
/// A copy is cheap: what grows with open gifts and with days is shared between copies.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Books {
    size: u64,
    last_at: Option<Time>,
    chapter: Option<ChapterState>,
    officers: Officers,
    register: Register,
    lots: Lots,
    stock: Stock,
    loans: Loans,
    days: Days,
    numbers: BTreeMap<(Series, i32), u64>,
    /// Standing opening balances, and reversed ones that nothing replaced yet.
    openings: (u64, u64),
    /// Whether a voucher with postings other than an opening balance was recorded.
    has_postings: bool,
    /// The closed months and the digest of each closing's statement.
    closings: Vec<(Month, u64, crate::ledger::tree::Hash)>,
}

impl Books {
    /// Empty books: nothing recorded yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The number of entries absorbed, those of continued ledgers among them: the place of the
    /// next one.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The number of entries of this ledger alone: the seq of the next one.
    #[must_use]
    pub fn own_size(&self) -> u64 {
        self.size - self.before()
    }

    /// How many entries the ledgers hold that this one continues; 0 for nearly all.
    #[must_use]
    pub fn before(&self) -> u64 {
        self.chapter.as_ref().map_or(0, |chapter| chapter.before)
    }

    /// How a voucher of this ledger names the entry at a place.
    #[must_use]
    pub fn reference(&self, place: u64) -> EntryRef {
        EntryRef::to(place, self.before())
    }

    /// When the last entry was appended.
    #[must_use]
    pub fn last_at(&self) -> Option<Time> {
        self.last_at
    }

    /// The chapter, once entry 0 was absorbed.
    #[must_use]
    pub fn chapter(&self) -> Option<&ChapterState> {
        self.chapter.as_ref()
    }

    /// The policy in force.
    #[must_use]
    pub fn policy(&self) -> Option<&Policy> {
        self.chapter.as_ref().map(|chapter| &chapter.policy)
    }

    /// The currency of the ledger; đồng before entry 0.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.chapter.as_ref().map_or_else(Currency::vnd, |chapter| Currency {
            code: chapter.currency.code.as_str().to_owned(),
            scale: u8::try_from(chapter.currency.scale.get()).unwrap_or(0),
        })
    }

    /// The officers and their keys.
    #[must_use]
    pub fn officers(&self) -> &Officers {
        &self.officers
    }

    /// Places, funds and programmes.
    #[must_use]
    pub fn register(&self) -> &Register {
        &self.register
    }

    /// Unspent lots and what is held for others.
    #[must_use]
    pub fn lots(&self) -> &Lots {
        &self.lots
    }

    /// What lies in stores, and goods held for others.
    #[must_use]
    pub fn stock(&self) -> &Stock {
        &self.stock
    }

    /// What is lent, and what is set aside for loans.
    #[must_use]
    pub fn loans(&self) -> &Loans {
        &self.loans
    }

    /// Sums by business day.
    #[must_use]
    pub fn days(&self) -> &Days {
        &self.days
    }

    /// The last closed month.
    #[must_use]
    pub fn closed_through(&self) -> Option<Month> {
        self.closings.last().map(|(month, _, _)| *month)
    }

    /// Every closing: the month, its entry, the digest of its statement.
    #[must_use]
    pub fn closings(&self) -> &[(Month, u64, crate::ledger::tree::Hash)] {
        &self.closings
    }

    /// What a place is; `None` when there is no such place.
    #[must_use]
    pub fn place_type(&self, place: &Code) -> Option<PlaceType> {
        self.register.places().get(place).map(|place| place.r#type)
    }

    /// A fund's money over all places; `custody` is what is held for others.
    #[must_use]
    pub fn fund_money(&self, fund: &Code) -> Money {
        if fund.as_str() == accounts::CUSTODY_FUND {
            return self.lots.held_in_all();
        }
        self.register.funds().get(fund).map_or(Money::ZERO, |fund| fund.money)
    }

    /// What may be taken out of a fund: its money less what is set aside for approved loans.
    #[must_use]
    pub fn free_money(&self, fund: &Code) -> Money {
        let money = self.fund_money(fund);
        money.checked_sub(self.loans.reserved(fund)).unwrap_or(Money::ZERO)
    }

    /// The first day on which vouchers may be dated.
    #[must_use]
    pub fn first_open_day(&self) -> Option<Date> {
        let chapter = self.chapter.as_ref()?;
        Some(self.closed_through().map_or(chapter.books_from, |month| month.next().first_day()))
    }

    /// The bytes of a snapshot.
    ///
    /// # Errors
    /// When the state cannot be encoded, which no state should bring about.
    pub fn snapshot(&self) -> Result<Vec<u8>, postcard::Error> {
        postcard::to_stdvec(&(SNAPSHOT_FORMAT, self))
    }

    /// The books of a snapshot; `None` when it has another form and has to be replayed.
    #[must_use]
    pub fn from_snapshot(bytes: &[u8]) -> Option<Self> {
        let (format, rest) = postcard::take_from_bytes::<u32>(bytes).ok()?;
        if format == SNAPSHOT_FORMAT { postcard::from_bytes(rest).ok() } else { None }
    }

    /// What the entry does to the books, or why it may not stand there. Changes nothing.
    ///
    /// Signatures are not verified here but by [`Books::verify_signatures`]; who had to sign is.
    ///
    /// # Errors
    /// [`CheckFault::Refused`] with the first rule that says no, in the order of
    /// `docs/FORMAT.md`; [`CheckFault::Ask`] when `past` has to fetch something first.
    pub fn check(&self, entry: &Entry, past: &impl Past) -> Result<Effects, CheckFault> {
        self.check_place(entry)?;
        self.check_authority(entry)?;
        if past.has_id(&entry.voucher().id)? {
            return Err(Refusal::IdUsed.into());
        }
        self.check_date(entry)?;
        let mut draft = Draft::new(self, entry);
        self.check_kind(&mut draft, past)?;
        if !draft.reversing {
            let body = &entry.voucher().body;
            let (named, changes) = (draft.named.as_ref(), &draft.working.changes);
            let (all, programme) =
                (postings::postings(body, named, changes)?, postings::programme(body, named));
            (draft.postings, draft.programme) = (all, programme.cloned());
            draft.families = postings::families(body);
        }
        draft.finish()
    }

    /// Takes in an entry that [`Books::check`] accepted over this very state.
    pub fn absorb(&mut self, entry: &Entry, effects: &Effects) {
        self.absorb_registers(entry);
        self.absorb_money(effects);
        for change in &effects.changes {
            self.stock.apply(change, &self.lots);
            self.lots.apply(change);
            self.loans.apply(change, effects.effective);
        }
        for number in &effects.numbers {
            self.numbers.insert((number.series, number.year), number.number);
        }
        self.absorb_openings(entry, effects);
        self.absorb_counts(entry, effects);
        self.days.absorb(effects);
        self.size = effects.seq + 1;
        self.last_at = Some(effects.at);
    }

    /// Adds what each place and fund gained or lost in all: a single leg of a transfer may lead
    /// beyond the range of an amount, the sum of both does not.
    fn absorb_money(&mut self, effects: &Effects) {
        let (mut places, mut funds) = (BTreeMap::new(), BTreeMap::new());
        for posting in &effects.postings {
            let accounts::Account::Place(place) = &posting.account else { continue };
            *places.entry(place).or_default() += i128::from(posting.amount.minor());
            *funds.entry(&posting.fund).or_default() += i128::from(posting.amount.minor());
        }
        for (place, net) in places {
            if let Some(place) = self.register.place_mut(place) {
                place.balance = changed(place.balance, net);
            }
        }
        for (fund, net) in funds {
            if let Some(fund) = self.register.fund_mut(fund) {
                fund.money = changed(fund.money, net);
            }
        }
    }

    /// The entry stands where the books are, and the chapter is open.
    fn check_place(&self, entry: &Entry) -> Result<(), Refusal> {
        let continues = continuing::continued(entry).is_some();
        let before = if continues { self.size } else { self.before() };
        if entry.before != before || entry.place() != self.size {
            return Err(Refusal::OutOfPlace { expected: self.size - before });
        }
        let opens = entry.voucher().kind() == Kind::ChapterOpened;
        match &self.chapter {
            _ if continues => Ok(()),
            None if opens => Ok(()),
            Some(_) if opens => Err(Refusal::Opening),
            None => Err(Refusal::Opening),
            Some(chapter) if chapter.origin != entry.voucher().log => Err(Refusal::Slug),
            Some(chapter) if chapter.closed.is_some() && !chapter::after_closing(entry) => {
                Err(Refusal::ChapterIsClosed)
            }
            Some(_) => Ok(()),
        }
    }

    /// The business date: not in the future, not before the books, in an open period.
    fn check_date(&self, entry: &Entry) -> Result<(), Refusal> {
        let date = entry.voucher().date;
        let (offset, opens) = match (&self.chapter, &entry.voucher().body) {
            (Some(chapter), _) => (chapter.utc_offset, false),
            (None, Body::ChapterOpened(body)) => (body.utc_offset, true),
            (None, _) => return Err(Refusal::Opening),
        };
        let latest = entry.at.local_date(offset);
        if date > latest {
            return Err(Refusal::DateInFuture { latest });
        }
        match self.first_open_day() {
            Some(earliest) if !opens && date < earliest => match self.closed_through() {
                Some(_) => Err(Refusal::PeriodIsClosed { earliest }),
                None => Err(Refusal::DateBeforeBooks { earliest }),
            },
            _ => Ok(()),
        }
    }

    fn check_kind(&self, draft: &mut Draft<'_>, past: &impl Past) -> Result<(), CheckFault> {
        let entry = draft.entry;
        match &entry.voucher().body {
            Body::OpeningBalance(body) => self.opening_balance(body, draft)?,
            Body::Donation(body) => self.donation(body, draft)?,
            Body::Income(body) => self.income(body, draft)?,
            Body::DonationReturned(body) => self.donation_returned(body, draft, past)?,
            Body::AidPaid(body) => self.aid_paid(body, draft, past)?,
            Body::CostPaid(body) => self.cost_paid(body, draft, past)?,
            Body::Transfer(body) => self.transfer(body)?,
            Body::FundTransfer(body) => self.fund_transfer(body, draft, past)?,
            Body::CashCounted(body) => self.cash_counted(body, draft)?,
            Body::CustodyReceived(body) => self.custody_received(body, draft)?,
            Body::CustodyHandedOver(body) => {
                let (of, amount, place) = (&body.of, body.amount, &body.place);
                let out = custody::Leaving { of, amount, place, goods: body.goods.as_deref() };
                self.custody_leaves(&out, draft, past)?;
            }
            Body::CustodyReturned(body) => {
                let (of, amount, place) = (&body.of, body.amount, &body.place);
                let out = custody::Leaving { of, amount, place, goods: body.goods.as_deref() };
                self.custody_leaves(&out, draft, past)?;
            }
            Body::CustodyAssigned(body) => self.custody_assigned(body, draft, past)?,
            Body::Reversed(body) => self.reversed(body, draft, past)?,
            Body::PeriodClosed(body) => self.period_closed(body, draft)?,
            Body::PeriodAudited(body) => self.period_audited(body, draft, past)?,
            Body::StatementPublished(body) => self.statement_published(body, draft)?,
            _ => self.check_goods_kind(draft, past)?,
        }
        Ok(())
    }

    fn check_loan_kind(&self, draft: &mut Draft<'_>, past: &impl Past) -> Result<(), CheckFault> {
        let entry = draft.entry;
        match &entry.voucher().body {
            Body::LoanApproved(body) => self.loan_approved(body, draft)?,
            Body::LoanCancelled(body) => self.loan_cancelled(body, draft, past)?,
            Body::LoanDisbursed(body) => self.loan_disbursed(body, draft, past)?,
            Body::LoanRepaid(body) => self.loan_repaid(body, draft, past)?,
            Body::LoanFeeWaived(body) => self.loan_fee_waived(body, draft, past)?,
            Body::LoanWrittenOff(body) => self.loan_written_off(body, draft, past)?,
            Body::LoanRecovered(body) => self.loan_recovered(body, draft, past)?,
            // `loan_rescheduled` holds private values only: it refuses nothing of its own.
            _ => self.check_registers(entry)?,
        }
        Ok(())
    }

    fn check_goods_kind(&self, draft: &mut Draft<'_>, past: &impl Past) -> Result<(), CheckFault> {
        let entry = draft.entry;
        match &entry.voucher().body {
            Body::GoodsReceived(body) => self.goods_received(body, draft)?,
            Body::GoodsPurchased(body) => self.goods_purchased(body, draft, past)?,
            Body::GoodsReturned(body) => self.goods_returned(body, draft, past)?,
            Body::GoodsDistributed(body) => self.goods_distributed(body, draft)?,
            Body::HandoverReturned(body) => self.handover_returned(body, draft, past)?,
            Body::GoodsMoved(body) => self.goods_moved(body, draft)?,
            Body::StockCounted(body) => self.stock_counted(body, draft, past)?,
            Body::SentToChapter(body) => self.sent_to_chapter(body, draft, past)?,
            Body::ReceivedFromChapter(body) => self.received_from_chapter(body, draft, past)?,
            _ => self.check_loan_kind(draft, past)?,
        }
        Ok(())
    }
}

/// The place of the entry that a member of this entry's voucher names.
pub(crate) fn place_of(
    member: &'static str,
    reference: EntryRef,
    entry: &Entry,
) -> Result<u64, Refusal> {
    entry.place_of(reference).ok_or(Refusal::Reference { member })
}

/// A balance after a change that `check` found within the range.
fn changed(balance: Money, net: i128) -> Money {
    let after = days::within_range(i128::from(balance.minor()) + net);
    debug_assert!(after.is_some(), "an accepted entry led out of the range of an amount");
    after.unwrap_or(balance)
}

/// The gift of an inflow without lines.
pub(crate) fn gift(seq: u64) -> GiftId {
    GiftId { seq, line: 0 }
}
