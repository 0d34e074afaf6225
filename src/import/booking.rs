//! What becomes of every line of a plan, and the vouchers of those that are booked.
//!
//! The one home of what the command line and the desk book alike:
//! - a line that is booked stays as it is; one that is perhaps booked, and one that was left out
//!   before, is booked only when a person says so;
//! - money out has no voucher here: a bank statement does not say for what it was paid;
//! - an amount that needs a second signature waits for its slip;
//! - a line before the books begin belongs into the opening balance, a line after today into no
//!   book yet: both are wrong until a person leaves them out;
//! - a line of a closed month is booked on the first open day and keeps its own (`received_on`);
//! - a gift whose note holds a giving code is for the code's fund. Of one that holds something near
//!   a code, or two, nobody knows yet for which fund it is: it is held until a person finds out.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::classify::Class;
use super::giving::{Found, GivingCodes};
use super::identity::{LineKeys, Occurrence};
use super::kind::{Kind, Reason};
use super::matching::{KnownLines, Match};
use super::plan::{Plan, PlannedLine};
use super::statement::{Direction, StatementLine};
use crate::ledger::disclosure::{Digest, Digests, Disclosure, DisclosureFault, PrivateName};
use crate::ledger::voucher::{
    Body, CustodyClass, CustodyReceived, Donation, Donor, DonorType, Income, Method, Transfer,
    Voucher, VoucherId,
};
use crate::ledger::word::{Amount, Code, Date, KeyName, Origin};
use crate::money::Money;

/// Where the money of a statement belongs, and what the books allow now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The account that the statement is of.
    pub place: Code,
    /// The fund of gifts and income for which no other is chosen.
    pub fund: Code,
    /// The day on which the books begin.
    pub books_from: Date,
    /// The first day of an open month.
    pub first_open: Date,
    /// Today, where the chapter is.
    pub today: Date,
    /// Above this amount a voucher needs a second signature, where the policy says so.
    pub two_above: Option<Money>,
    /// The giving codes of the chapter's funds.
    pub codes: GivingCodes,
}

/// What becomes of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// A voucher.
    Book,
    /// Nothing, for good.
    LeaveOut(Reason),
    /// Nothing here and now.
    Left(Left),
}

/// Why nothing becomes of a line here and now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Left {
    /// It is booked already, or a person left it out.
    Known,
    /// It may be booked already: a person has to look.
    PerhapsTwice,
    /// Money that went out.
    Debit,
    /// A person has not said what it is, or wants it later.
    Undecided,
    /// An amount that needs a second signature.
    TwoSignatures,
    /// Wrong: it lies before the books begin.
    BeforeBooks,
    /// Wrong: it lies after today.
    AfterToday,
}

impl Left {
    /// Whether nothing of the file is booked before a person leaves the line out.
    #[must_use]
    pub const fn is_wrong(self) -> bool {
        matches!(self, Self::BeforeBooks | Self::AfterToday)
    }
}

/// From what the ids of a file's vouchers are made: the same seed gives the same ids, so that a
/// file that is sent again is recorded once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seed {
    /// Random, for this file alone.
    pub random: [u8; 32],
    /// When the file was brought, in milliseconds since 1970.
    pub millis: u64,
}

impl Seed {
    /// The id of the voucher of a row: UUID version 7 (RFC 9562), its highest 30 bits behind the
    /// time its place among the vouchers of the file (section 6.2, method 1), so that a file's ids
    /// ascend: an index takes what ascends far more quickly than what is scattered. The place is
    /// what the ledger shows anyway; the row is nobody's business and goes into the hash alone.
    fn voucher_id(&self, row: u32, place: u32) -> Option<VoucherId> {
        let mut hash = Sha256::new();
        hash.update(b"minhbach-import-voucher/v1\n");
        hash.update(self.random);
        hash.update(row.to_be_bytes());
        let mut random = *hash.finalize().first_chunk::<10>()?;
        // 12 bits in front of the variant's 2, and 18 behind them; version and variant are set by
        // the builder.
        let place = place & 0x3fff_ffff;
        let [front, middle] = u16::try_from(place >> 18).ok()?.to_be_bytes();
        let [_, high, low, rest] = ((place & 0x3_ffff) << 4).to_be_bytes();
        let rest = rest | (random[4] & 0x0f);
        random[..5].copy_from_slice(&[front, middle, high, low, rest]);
        let id = uuid::Builder::from_unix_timestamp_millis(self.millis, &random).into_uuid();
        id.hyphenated().to_string().parse().ok()
    }
}

/// A line that is booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ToBook {
    /// Its index in the plan.
    pub index: usize,
    /// Its place among the lines that are booked, from 0.
    place: u32,
    /// Under which occurrence it is kept.
    occurrence: u32,
    was_left_out: bool,
}

/// A line that becomes a voucher, ready to be signed.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// The row of the file.
    pub row: u32,
    /// By what the line is recognised later.
    pub keys: LineKeys,
    /// Whether somebody left it out before.
    pub was_left_out: bool,
    /// The voucher.
    pub voucher: Voucher,
    /// The private values whose digests it holds.
    pub private: Vec<Disclosure>,
}

/// Why a voucher could not be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BookingFault {
    /// A private value or its salt.
    #[error("row {row}: {fault}")]
    Private {
        /// The row.
        row: u32,
        /// What was wrong.
        fault: DisclosureFault,
    },
    /// A day or an amount that the ledger can't hold.
    #[error("row {row}: a day or an amount that the ledger cannot hold")]
    Form {
        /// The row.
        row: u32,
    },
}

/// What becomes of every line.
#[derive(Clone, Debug)]
pub struct Bookings {
    terms: Terms,
    lines: Vec<Booking>,
}

/// What becomes of one line.
#[derive(Clone, Debug)]
struct Booking {
    kind: Kind,
    decision: Decision,
    /// Seldom anything.
    found: Option<Box<Found>>,
}

impl Bookings {
    /// Decides about every line; the plan is told which of them are booked. `chosen` are the kinds
    /// that a person chose by row, `apart` the rows of which a person said that they are to be
    /// booked although they are perhaps known, or were left out before.
    #[must_use]
    pub fn of(
        plan: &mut Plan,
        terms: Terms,
        chosen: &BTreeMap<u32, Kind>,
        apart: &BTreeSet<u32>,
    ) -> Self {
        let mut lines = Vec::with_capacity(plan.lines.len());
        for planned in &mut plan.lines {
            let row = planned.line.row;
            let is_credit = planned.line.movement.direction == Direction::Credit;
            let found = match is_credit {
                true => terms.codes.find(&planned.line.text),
                false => Found::Nothing,
            };
            let kind = chosen.get(&row).filter(|_| is_credit).cloned();
            let kind = kind.unwrap_or_else(|| proposed(planned, &found, &terms));
            let wanted = planned.found == Match::New || apart.contains(&row);
            let decision = decide(planned, &kind, wanted, &terms);
            // What is undecided stays under the class that its words propose.
            if is_credit && kind != Kind::Later {
                planned.class = kind.class();
            }
            planned.booked = decision == Decision::Book;
            let found = (found != Found::Nothing).then(|| Box::new(found));
            lines.push(Booking { kind, decision, found });
        }
        Self { terms, lines }
    }

    /// What becomes of the line at an index of the plan.
    #[must_use]
    pub fn decision(&self, index: usize) -> Option<Decision> {
        self.lines.get(index).map(|own| own.decision)
    }

    /// Which kind the line at an index of the plan has, chosen or proposed.
    #[must_use]
    pub fn kind(&self, index: usize) -> Option<&Kind> {
        self.lines.get(index).map(|own| &own.kind)
    }

    /// What the text of the line at an index of the plan says of giving codes.
    #[must_use]
    pub fn found(&self, index: usize) -> &Found {
        let found = self.lines.get(index).and_then(|own| own.found.as_deref());
        found.unwrap_or(&Found::Nothing)
    }

    /// How many lines are booked.
    #[must_use]
    pub fn booked(&self) -> usize {
        self.lines.iter().filter(|own| own.decision == Decision::Book).count()
    }

    /// How many lines are left out for good.
    #[must_use]
    pub fn left_out(&self) -> usize {
        let left_out = |own: &&Booking| matches!(own.decision, Decision::LeaveOut(_));
        self.lines.iter().filter(left_out).count()
    }

    /// The day on which lines of closed months are booked.
    #[must_use]
    pub const fn first_open(&self) -> Date {
        self.terms.first_open
    }

    /// The rows that are wrong.
    #[must_use]
    pub fn wrong(&self, plan: &Plan) -> Vec<(u32, Left)> {
        let lines = plan.lines.iter().zip(&self.lines);
        lines
            .filter_map(|(planned, own)| match own.decision {
                Decision::Left(left) if left.is_wrong() => Some((planned.line.row, left)),
                _ => None,
            })
            .collect()
    }

    /// The lines that are left out for good.
    #[must_use]
    pub fn left_out_lines(&self, plan: &Plan) -> Vec<(LineKeys, Reason)> {
        let lines = plan.lines.iter().zip(&self.lines);
        lines
            .filter_map(|(planned, own)| match own.decision {
                Decision::LeaveOut(reason) => Some((plan.keys(planned), reason)),
                _ => None,
            })
            .collect()
    }

    /// The lines that are booked, in the order of the file, each to be made a voucher by
    /// [`Bookings::voucher`].
    #[must_use]
    pub fn to_book(&self, plan: &Plan, known: &KnownLines) -> Vec<ToBook> {
        let all = plan.bookings(known);
        all.zip(0..)
            .map(|((index, own), place)| {
                let left_out = |exact| known.contains(exact) && !known.is_booked(exact);
                let was_left_out = !known.is_empty() && left_out(&own.exact());
                ToBook { index, place, occurrence: own.number, was_left_out }
            })
            .collect()
    }

    /// The voucher of a line that is booked; each call salts its private values anew.
    ///
    /// # Errors
    /// [`BookingFault`] names the row.
    pub fn voucher(
        &self,
        plan: &Plan,
        to_book: &ToBook,
        (by, log): (&KeyName, &Origin),
        seed: &Seed,
    ) -> Result<Prepared, BookingFault> {
        let ToBook { index, place, occurrence, was_left_out } = *to_book;
        let no_line = BookingFault::Form { row: 0 };
        let (planned, own) = plan.lines.get(index).zip(self.lines.get(index)).ok_or(no_line)?;
        let row = planned.line.row;
        let keys = Occurrence { number: occurrence, ..planned.occurrence };
        let keys = LineKeys::of(&plan.place, &planned.line, keys);
        let form = || BookingFault::Form { row };
        let private = private(&planned.line);
        let private = private.map_err(|fault| BookingFault::Private { row, fault })?;
        let (date, body) = self.body(&planned.line, &own.kind, &private)?;
        let voucher = Voucher {
            by: by.clone(),
            date,
            id: seed.voucher_id(row, place).ok_or_else(form)?,
            log: log.clone(),
            note: None,
            body,
        };
        Ok(Prepared { row, keys, was_left_out, voucher, private })
    }

    /// The day on which a line is booked, and its voucher's kind with its members.
    fn body(
        &self,
        line: &StatementLine,
        kind: &Kind,
        private: &[Disclosure],
    ) -> Result<(Date, Body), BookingFault> {
        let row = line.row;
        let form = || BookingFault::Form { row };
        let sealing = |fault| BookingFault::Private { row, fault };
        let received = Date::new(line.date).ok_or_else(form)?;
        let date = received.max(self.terms.first_open);
        let received_on = (received != date).then_some(received);
        let amount = Amount::new(line.movement.amount).ok_or_else(form)?;
        let private =
            Some(Digests::sorted(private.iter().map(Disclosure::digest)).map_err(sealing)?);
        let (place, fund) = (self.terms.place.clone(), self.terms.fund.clone());
        let body: Body = match kind {
            Kind::Income(income) => {
                Income { amount, place, fund, r#type: *income, received_on, private }.into()
            }
            Kind::Custody(class) => CustodyReceived {
                class: *class,
                donor: somebody().map_err(sealing)?,
                to: None,
                amount: Some(amount),
                place: Some(place),
                goods: None,
                private,
            }
            .into(),
            Kind::Transfer(from) => {
                Transfer { from_place: from.clone(), to_place: place, fund, amount, private }.into()
            }
            Kind::Donation(chosen) => Donation {
                amount,
                place,
                fund: chosen.clone().unwrap_or(fund),
                donor: somebody().map_err(sealing)?,
                method: Method::Transfer,
                received_on,
                paper_no: None,
                private,
            }
            .into(),
            // Never decided to be booked.
            Kind::LeaveOut(_) | Kind::Later => return Err(form()),
        };
        Ok((date, body))
    }
}

/// What the words of a line propose, and the giving code among them.
fn proposed(planned: &PlannedLine, found: &Found, terms: &Terms) -> Kind {
    let by_words = Kind::propose(planned);
    // Who says that it was sent by mistake is not taken at their code; and money that comes from
    // another place of the chapter may have been received, and receipted, before.
    if matches!(by_words, Kind::Custody(_)) || planned.class == Class::Transfer {
        return by_words;
    }
    match found {
        Found::Nothing => by_words,
        Found::Fund(own) if own.fund == terms.fund => Kind::Donation(None),
        Found::Fund(own) => Kind::Donation(Some(own.fund.clone())),
        Found::Closed(_) | Found::Several | Found::Mistyped(_) => {
            Kind::Custody(CustodyClass::Unidentified)
        }
    }
}

fn decide(planned: &PlannedLine, kind: &Kind, wanted: bool, terms: &Terms) -> Decision {
    let line = &planned.line;
    if matches!(planned.found, Match::Booked { voucher: Some(_) }) {
        return Decision::Left(Left::Known);
    }
    if line.movement.direction == Direction::Debit {
        return Decision::Left(Left::Debit);
    }
    match kind {
        // What was decided about before stays so: it is remembered already.
        Kind::LeaveOut(_) if planned.found.is_the_very_line() => {
            return Decision::Left(Left::Known);
        }
        Kind::LeaveOut(reason) => return Decision::LeaveOut(*reason),
        _ => {}
    }
    if !wanted {
        return Decision::Left(match planned.found {
            Match::Booked { .. } => Left::Known,
            _ => Left::PerhapsTwice,
        });
    }
    let above = terms.two_above.is_some_and(|most| line.movement.amount > most);
    Decision::Left(match kind {
        Kind::Later => Left::Undecided,
        _ if line.date < terms.books_from.naive() => Left::BeforeBooks,
        _ if line.date > terms.today.naive() => Left::AfterToday,
        _ if above => Left::TwoSignatures,
        _ => return Decision::Book,
    })
}

/// What a line says that is nobody else's business.
fn private(line: &StatementLine) -> Result<Vec<Disclosure>, DisclosureFault> {
    let mut private = vec![Disclosure::make(PrivateName::BankRow, json!(line.row))?];
    let number = line.reference.as_ref().or(line.document_number.as_ref());
    let texts = [
        (PrivateName::BankText, Some(&line.text).filter(|text| !text.is_empty())),
        (PrivateName::BankReference, number),
        (PrivateName::Account, line.offset_account.as_ref()),
    ];
    for (name, text) in texts {
        if let Some(text) = text {
            private.push(Disclosure::make(name, json!(text))?);
        }
    }
    Ok(private)
}

/// Who sent the money stands in the bank's text at most: two decoys.
fn somebody() -> Result<Donor, DisclosureFault> {
    let private = Digests::sorted([Digest::decoy()?, Digest::decoy()?])?;
    Ok(Donor { r#type: DonorType::Unknown, private: Some(private) })
}

#[cfg(test)]
#[path = "booking_tests.rs"]
mod tests;
