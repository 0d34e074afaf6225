//! Which lines are booked from the command line, as which vouchers.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::json;

use super::statement::identity;
use crate::books::Books;
use crate::cli::CliFault;
use crate::cli::passphrase::Signer;
use crate::import::text::fold;
use crate::import::{Class, KnownLines, LineKeys, Match, Plan, PlannedLine};
use crate::ledger::disclosure::{Digest, Digests, Disclosure, PrivateName};
use crate::ledger::entry::{OfficerSignature, SignedVoucher};
use crate::ledger::keys::SignatureRole;
use crate::ledger::voucher::{
    Body, CustodyClass, CustodyReceived, Donation, Donor, DonorType, Income, IncomeType, Method,
    Voucher, VoucherId,
};
use crate::ledger::word::{Amount, Code, Date, Origin};
use crate::store::desk::imports::Batch;
use crate::store::desk::vault::PrivateValue;
use crate::store::facade::Booking;

/// Where the money of a statement belongs.
#[derive(Clone, Debug)]
pub struct Target {
    /// The bank account.
    pub place: Code,
    /// The fund.
    pub fund: Code,
}

/// Why a line is not booked here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Left {
    /// It is booked already.
    Known,
    /// It may be booked already: a person has to look.
    PerhapsTwice,
    /// Money that went out.
    Debit,
    /// Between places of the chapter: which one, the statement does not say.
    Transfer,
    /// An amount that needs a second signature.
    TwoSignatures,
}

impl Left {
    /// The reason in words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Known => "booked already",
            Self::PerhapsTwice => "may be booked already: decide at the desk",
            Self::Debit => "money out: for the desk",
            Self::Transfer => "between places: for the desk",
            Self::TwoSignatures => "needs a second signature: for the desk",
        }
    }
}

/// A line that becomes a voucher.
struct Booked {
    index: usize,
    row: u32,
    date: Date,
    body: Body,
    private: Vec<Disclosure>,
    line: Booking,
}

/// What a plan becomes.
pub struct Bookings {
    origin: Origin,
    booked: Vec<Booked>,
    lines: Vec<Booking>,
    left: BTreeMap<usize, Left>,
}

impl Bookings {
    /// Decides about every line, and writes the vouchers of those that are booked.
    ///
    /// # Errors
    /// [`CliFault::Statement`] for a line before the books begin, [`CliFault`] of the machine.
    pub fn of(
        plan: &Plan,
        known: &KnownLines,
        books: &Books,
        target: &Target,
        now: DateTime<Utc>,
    ) -> Result<Self, CliFault> {
        let chapter = books.chapter();
        let chapter =
            chapter.ok_or_else(|| CliFault::Argument("the ledger is empty".to_owned()))?;
        let first_open = books.first_open_day().unwrap_or(chapter.books_from);
        let keys: BTreeMap<u32, LineKeys> =
            plan.bookings(known).into_iter().map(|(line, keys)| (line.line.row, keys)).collect();
        let two_above = books.policy().and_then(|policy| policy.two_above);
        let mut bookings = Self {
            origin: chapter.origin.clone(),
            booked: Vec::new(),
            lines: Vec::new(),
            left: BTreeMap::new(),
        };
        let mut early = Vec::new();
        for (index, planned) in plan.lines.iter().enumerate() {
            let above =
                two_above.is_some_and(|limit| planned.line.movement.amount.minor() > limit.minor());
            if let Some(left) = left(planned, above) {
                bookings.left.insert(index, left);
                continue;
            }
            let Some(keys) = keys.get(&planned.line.row) else { continue };
            let received = Date::new(planned.line.date).ok_or(CliFault::Day)?;
            if received < chapter.books_from {
                early.push(format!(
                    "row {}: {received} lies before the books begin on {}; the opening balance \
                     holds it",
                    planned.line.row, chapter.books_from
                ));
                continue;
            }
            // A line of a closed month is booked on the first open day and keeps its own.
            let date = received.max(first_open);
            let booked = write(index, planned, keys, target, (received, date), now)?;
            bookings.lines.push(booked.line.clone());
            bookings.booked.push(booked);
        }
        if early.is_empty() {
            Ok(bookings)
        } else {
            Err(CliFault::Statement { file: "dates".to_owned(), faults: early })
        }
    }

    /// How many lines are booked.
    pub fn len(&self) -> usize {
        self.booked.len()
    }

    /// Whether nothing is booked.
    pub fn is_empty(&self) -> bool {
        self.booked.is_empty()
    }

    /// The booked lines, in the order of their vouchers.
    pub fn lines(&self) -> &[Booking] {
        &self.lines
    }

    /// The row of the n-th voucher.
    pub fn row(&self, at: usize) -> Option<u32> {
        self.booked.get(at).map(|booked| booked.row)
    }

    /// Why the line at an index of the plan is not booked; `None` when it is.
    pub fn left(&self, index: usize) -> Option<Left> {
        self.left.get(&index).copied()
    }

    /// The word of the voucher that the line at an index of the plan becomes.
    pub fn kind(&self, index: usize) -> Option<&'static str> {
        let at = self.booked.binary_search_by_key(&index, |booked| booked.index).ok()?;
        self.booked.get(at).map(|booked| booked.body.kind().as_str())
    }

    /// The vouchers, signed by the officer, each with its private values; `signed` is told of each.
    ///
    /// # Errors
    /// [`CliFault::Word`] when the officer's key name is none.
    pub fn sign(
        &mut self,
        officer: &Signer,
        batch: &Batch,
        mut signed: impl FnMut(),
    ) -> Result<Vec<(SignedVoucher, Vec<PrivateValue>)>, CliFault> {
        let mut all = Vec::with_capacity(self.booked.len());
        for booked in &mut self.booked {
            let voucher = Voucher {
                by: officer.key.name().parse()?,
                date: booked.date,
                id: booked.line.voucher.clone(),
                log: self.origin.clone(),
                note: None,
                body: booked.body.clone(),
            };
            let bytes = voucher.bytes();
            let signature = OfficerSignature::sign(SignatureRole::Recorder, &officer.key, &bytes)?;
            let private = std::mem::take(&mut booked.private).into_iter();
            let private = private
                .map(|disclosure| PrivateValue { disclosure, subject: batch.subject() })
                .collect();
            all.push((SignedVoucher { voucher, signatures: vec![signature] }, private));
            signed();
        }
        Ok(all)
    }
}

/// Why a line is left, if it is.
fn left(planned: &PlannedLine, above: bool) -> Option<Left> {
    match (planned.found, planned.class) {
        (Match::Booked { .. }, _) => Some(Left::Known),
        (_, Class::Fee | Class::Unmatched) => Some(Left::Debit),
        (_, Class::Transfer | Class::Skip) => Some(Left::Transfer),
        (Match::PerhapsTwice { .. }, _) => Some(Left::PerhapsTwice),
        _ if above => Some(Left::TwoSignatures),
        _ => None,
    }
}

fn write(
    index: usize,
    planned: &PlannedLine,
    keys: &LineKeys,
    target: &Target,
    (received, date): (Date, Date),
    now: DateTime<Utc>,
) -> Result<Booked, CliFault> {
    let line = &planned.line;
    let amount = Amount::new(line.movement.amount)
        .ok_or_else(|| CliFault::Argument(format!("row {}: no amount", line.row)))?;
    let mut private = vec![Disclosure::make(PrivateName::BankRow, json!(line.row))?];
    if !line.text.is_empty() {
        private.push(Disclosure::make(PrivateName::BankText, json!(line.text))?);
    }
    if let Some(reference) = line.reference.as_ref().or(line.document_number.as_ref()) {
        private.push(Disclosure::make(PrivateName::BankReference, json!(reference))?);
    }
    if let Some(account) = &line.offset_account {
        private.push(Disclosure::make(PrivateName::Account, json!(account))?);
    }
    let sealed = Some(Digests::sorted(private.iter().map(Disclosure::digest))?);
    let received_on = (received != date).then_some(received);
    let (place, fund) = (target.place.clone(), target.fund.clone());
    let folded = fold(&line.text);
    let body: Body = match planned.class {
        Class::Income => Income {
            amount,
            place,
            fund,
            r#type: match folded.contains("lai") || folded.contains("interest") {
                true => IncomeType::BankInterest,
                false => IncomeType::Other,
            },
            received_on,
            private: sealed,
        }
        .into(),
        Class::Custody => CustodyReceived {
            class: match folded.contains("nham") {
                true => CustodyClass::Mistaken,
                false => CustodyClass::Unidentified,
            },
            donor: somebody()?,
            to: None,
            amount: Some(amount),
            place: Some(place),
            goods: None,
            private: sealed,
        }
        .into(),
        _ => Donation {
            amount,
            place,
            fund,
            donor: somebody()?,
            method: Method::Transfer,
            received_on,
            paper_no: None,
            private: sealed,
        }
        .into(),
    };
    let voucher = new_id(now)?;
    let occurrence = keys.occurrence;
    let line_booking =
        Booking { identity: identity(&keys.equal), occurrence, day: received, voucher };
    Ok(Booked { index, row: line.row, date, body, private, line: line_booking })
}

/// Who sent the money stands in the bank's text at most: two decoys.
fn somebody() -> Result<Donor, CliFault> {
    let private = Digests::sorted([Digest::decoy()?, Digest::decoy()?])?;
    Ok(Donor { r#type: DonorType::Unknown, private: Some(private) })
}

fn new_id(now: DateTime<Utc>) -> Result<VoucherId, CliFault> {
    let seconds = u64::try_from(now.timestamp()).unwrap_or(0);
    let time = uuid::Timestamp::from_unix(uuid::NoContext, seconds, now.timestamp_subsec_nanos());
    Ok(uuid::Uuid::new_v7(time).hyphenated().to_string().parse()?)
}
