//! What makes a line of a statement the same line when it comes again.
//!
//! **Identity.** Place, date, time, numbers, direction and amount, text, running balance, and how
//! many equal lines precede it in the file. Real statements repeat document numbers, and some banks
//! give none, so no single field will do. Left out on purpose: the row, page numbers (another
//! export pages otherwise) and the other side's name (some exports of one bank have it and some do
//! not).
//!
//! **Equal lines.** Twins within one file (two gifts of one person in one second) are two lines:
//! the first is occurrence 0, the next 1. Equal lines are interchangeable, so the *set* of
//! identities of a file does not depend on the order of its rows; the same file again, or a file
//! that contains it, has the same identities again.
//!
//! **Where number and balance are missing** (VietinBank gives a time to the second, a text and an
//! amount; others not even the time) an equal line is very likely the same one, but it is not
//! known to be: of two files cut in the middle of a second, each may hold one of two real twins,
//! and both come out as occurrence 0. The two mistakes are not alike. Booking a gift twice shows
//! money that is not there; leaving one out is found when the bank's balance is compared at
//! closing, but a donor misses a receipt until then. So a machine decides neither:
//! such a line is *perhaps twice*, the default is not to book it, and a person who has the
//! paper decides, for all such lines of a day at once where the files simply overlap. A line that
//! is said to be another one is booked under the next free occurrence. With a
//! number or a balance ([`LineKeys::is_certain`]) an equal line is the same line.
//!
//! **Look-alikes.** The same line may come in another export with something changed: a balance that
//! is printed once a page moves to another row, a text is wrapped or written with marks, a
//! reference is added. Three more keys find these within one place, day, direction and amount:
//! the document number, the reference, and the letters and digits of the text. A look-alike with
//! another number or another time is another line.
//!
//! **Privacy.** All keys are unsalted hashes: who knows a line can recognise it. They belong beside
//! the vault, never in a public file, a log or a URL.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use chrono::{NaiveDate, NaiveTime};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest, Sha256};

use super::statement::{Direction, StatementLine};
use super::text::essence;

/// SHA-256 over the canonical encoding of what identifies a line; shown as 64 lower-case hex
/// digits.
///
/// The bytes hashed: the ASCII text `minhbach-bank-line/` ‖ name of the key ‖ `/v1` ‖ 0x0A, then
/// each field in the order below. A field that is missing is the byte 0x00; one that is there is
/// 0x01, its length in bytes as four bytes big-endian, then its UTF-8 bytes. So no two different
/// lists of fields have the same bytes.
///
/// - `equal`: place, date `YYYY-MM-DD`, time `HH:MM:SS`, document number, reference, `credit` or
///   `debit`, amount in minor units, text, balance in minor units;
/// - `exact`: the 64 hex digits of `equal`, how many equal lines precede (decimal);
/// - `document`, `reference`, `text`: place, date, `credit` or `debit`, amount, and the document
///   number, the reference, or the [`essence`] of the text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineIdentity([u8; 32]);

impl LineIdentity {
    /// The identity of 32 bytes that were one before.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its 32 bytes.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for LineIdentity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(out, "{byte:02x}"))
    }
}

impl fmt::Debug for LineIdentity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{self}")
    }
}

/// A text that is not 64 lower-case hex digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a line's identity: 64 lower-case hex digits")]
pub struct IdentityFault;

impl FromStr for LineIdentity {
    type Err = IdentityFault;

    fn from_str(text: &str) -> Result<Self, IdentityFault> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| IdentityFault)?;
        if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err(IdentityFault);
        }
        Ok(Self(bytes))
    }
}

impl Serialize for LineIdentity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for LineIdentity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// Everything by which a line is recognised; what the store keeps beside a booked line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineKeys {
    /// The line's identity, with its occurrence: unique in a place.
    pub exact: LineIdentity,
    /// The same without the occurrence: equal for twins.
    pub equal: LineIdentity,
    /// How many equal lines precede it in the file.
    pub occurrence: u32,
    /// Look-alikes by document number, where there is one.
    pub document: Option<LineIdentity>,
    /// Look-alikes by reference, where there is one.
    pub reference: Option<LineIdentity>,
    /// Look-alikes by text, where it has letters or digits.
    pub text: Option<LineIdentity>,
    /// The day.
    pub date: NaiveDate,
    /// The time, where the bank gives one.
    pub time: Option<NaiveTime>,
    /// Whether the bank gives a balance after the line.
    pub has_balance: bool,
}

/// Which of the equal lines of a file a line is: all of its keys that its own text does not tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Occurrence {
    /// Equal for twins.
    pub equal: LineIdentity,
    /// How many equal lines precede it in the file.
    pub number: u32,
}

impl Occurrence {
    /// Those of all lines of one file, in its order; `place` is the code of the account.
    #[must_use]
    pub fn of_lines(place: &str, lines: &[StatementLine]) -> Vec<Self> {
        let mut seen = HashMap::<LineIdentity, u32>::with_capacity(lines.len());
        let of_line = |line| {
            let equal = equal_identity(place, line);
            let count = seen.entry(equal).or_default();
            let number = *count;
            *count += 1;
            Self { equal, number }
        };
        lines.iter().map(of_line).collect()
    }

    /// That of a line that stands alone.
    #[must_use]
    pub fn first(place: &str, line: &StatementLine) -> Self {
        Self { equal: equal_identity(place, line), number: 0 }
    }

    /// The line's identity in its place.
    #[must_use]
    pub fn exact(&self) -> LineIdentity {
        exact_identity(&self.equal, self.number)
    }
}

impl LineKeys {
    /// The keys of a line of the account `place`. They are made when they are looked at: those of a
    /// long file would take more memory than all that it says.
    #[must_use]
    pub fn of(place: &str, line: &StatementLine, occurrence: Occurrence) -> Self {
        let Occurrence { equal, number: occurrence } = occurrence;
        let alike = |name: &str, field: &str| like_identity(name, place, line, field);
        let text = essence(&line.text);
        Self {
            exact: exact_identity(&equal, occurrence),
            equal,
            occurrence,
            document: line.document_number.as_deref().map(|number| alike("document", number)),
            reference: line.reference.as_deref().map(|number| alike("reference", number)),
            text: (!text.is_empty()).then(|| alike("text", &text)),
            date: line.date,
            time: line.time,
            has_balance: line.balance.is_some(),
        }
    }

    /// The keys of a line as they are kept: everything but the exact identity, which follows from
    /// `equal` and `occurrence`.
    #[must_use]
    pub fn kept(
        (equal, occurrence): (LineIdentity, u32),
        (document, reference, text): (
            Option<LineIdentity>,
            Option<LineIdentity>,
            Option<LineIdentity>,
        ),
        (date, time): (NaiveDate, Option<NaiveTime>),
        has_balance: bool,
    ) -> Self {
        let exact = exact_identity(&equal, occurrence);
        Self { exact, equal, occurrence, document, reference, text, date, time, has_balance }
    }

    /// Whether an equal line is the same line: the bank gives a number or a balance.
    #[must_use]
    pub const fn is_certain(&self) -> bool {
        self.has_balance || self.document.is_some() || self.reference.is_some()
    }
}

/// Feeds fields to the hash so that their borders are part of it.
struct Fields(Sha256);

impl Fields {
    fn of(name: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"minhbach-bank-line/");
        hash.update(name.as_bytes());
        hash.update(b"/v1\n");
        Self(hash)
    }

    fn field(mut self, field: Option<&str>) -> Self {
        match field {
            None => self.0.update([0]),
            Some(text) => {
                self.0.update([1]);
                // Cells are at most 32 767 bytes before NFC, which at most triples them.
                self.0.update(u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes());
                self.0.update(text.as_bytes());
            }
        }
        self
    }

    fn movement(self, line: &StatementLine) -> Self {
        let direction = match line.movement.direction {
            Direction::Credit => "credit",
            Direction::Debit => "debit",
        };
        let amount = line.movement.amount.minor().to_string();
        self.field(Some(direction)).field(Some(&amount))
    }

    fn identity(self) -> LineIdentity {
        LineIdentity(self.0.finalize().into())
    }
}

fn equal_identity(place: &str, line: &StatementLine) -> LineIdentity {
    let time = line.time.map(|time| time.format("%H:%M:%S").to_string());
    let balance = line.balance.map(|balance| balance.minor().to_string());
    Fields::of("equal")
        .field(Some(place))
        .field(Some(&line.date.to_string()))
        .field(time.as_deref())
        .field(line.document_number.as_deref())
        .field(line.reference.as_deref())
        .movement(line)
        .field(Some(&line.text))
        .field(balance.as_deref())
        .identity()
}

fn exact_identity(equal: &LineIdentity, occurrence: u32) -> LineIdentity {
    Fields::of("exact")
        .field(Some(&equal.to_string()))
        .field(Some(&occurrence.to_string()))
        .identity()
}

fn like_identity(name: &str, place: &str, line: &StatementLine, field: &str) -> LineIdentity {
    Fields::of(name)
        .field(Some(place))
        .field(Some(&line.date.to_string()))
        .movement(line)
        .field(Some(field))
        .identity()
}

#[cfg(test)]
impl LineKeys {
    /// The keys of all lines of one file, in its order.
    pub(super) fn of_lines(place: &str, lines: &[StatementLine]) -> Vec<Self> {
        let all = lines.iter().zip(Occurrence::of_lines(place, lines));
        all.map(|(line, own)| Self::of(place, line, own)).collect()
    }
}

#[cfg(test)]
#[path = "identity_tests.rs"]
mod tests;
