//! Between the room that reads statements and the store that remembers their lines; the command
//! line uses it, too.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;
use uuid::Uuid;

use crate::books::Books;
use crate::import::{
    Bookings, GivingCodes, KnownCode, KnownLine, KnownLines, LineIdentity, LineKeys, Occurrence,
    Plan, Prepared, Seed, StatementLine, Terms, ToBook,
};
use crate::ledger::entry::{OfficerSignature, SignedVoucher};
use crate::ledger::keys::{SignatureRole, SigningKey};
use crate::ledger::word::{Code, Date, KeyName, Origin};
use crate::store::desk::DeskFault;
use crate::store::desk::imports::{BankLine, Decided};
use crate::store::facade::{Giving, ImportedLine, MakeLine};
use crate::store::{ChapterId, Store};

/// What is known of a place, and the entries of the vouchers that booked it.
#[derive(Debug, Default)]
pub struct Known {
    /// The lines.
    pub lines: KnownLines,
    /// The entry of each of their vouchers.
    pub entries: BTreeMap<Uuid, u64>,
    /// Words of the reasons of lines that were left out, by their identity.
    pub left_out: BTreeMap<LineIdentity, String>,
}

/// The giving codes of a chapter, those of closed funds too.
#[must_use]
pub fn codes(books: &Books, giving: &Giving) -> GivingCodes {
    let open = |fund: &Code| books.register().funds().get(fund).is_some_and(|own| !own.closed);
    let all = giving.codes().into_iter();
    all.map(|(code, fund)| KnownCode { open: open(&fund), code, fund }).collect()
}

/// What the books allow a statement of this place now; `None` before entry 0.
#[must_use]
pub fn terms(
    books: &Books,
    (place, fund): (&Code, &Code),
    today: NaiveDate,
    codes: GivingCodes,
) -> Option<Terms> {
    let chapter = books.chapter()?;
    let policy = books.policy().and_then(|policy| policy.two_above);
    Some(Terms {
        place: place.clone(),
        fund: fund.clone(),
        books_from: chapter.books_from,
        first_open: books.first_open_day().unwrap_or(chapter.books_from),
        today: Date::new(today)?,
        two_above: policy.map(|amount| amount.money()),
        codes,
    })
}

/// By what the store recognises a line; `None` for a day that no ledger can hold.
#[must_use]
pub fn bank_line(keys: &LineKeys) -> Option<BankLine> {
    let digest = |identity: LineIdentity| *identity.bytes();
    Some(BankLine {
        identity: digest(keys.equal),
        occurrence: keys.occurrence,
        document: keys.document.map(digest),
        reference: keys.reference.map(digest),
        words: keys.text.map(digest),
        day: Date::new(keys.date)?,
        time: keys.time,
        has_balance: keys.has_balance,
    })
}

fn keys(line: &BankLine) -> LineKeys {
    let of = LineIdentity::from_bytes;
    LineKeys::kept(
        (of(line.identity), line.occurrence),
        (line.document.map(of), line.reference.map(of), line.words.map(of)),
        (line.day.naive(), line.time),
        line.has_balance,
    )
}

/// What is known of a place on the days of these lines.
///
/// # Errors
/// [`DeskFault`] of the machine.
pub async fn look_up(
    store: &Store,
    chapter: ChapterId,
    place: &Code,
    of_file: &[StatementLine],
) -> Result<Known, DeskFault> {
    let days = of_file.iter().filter_map(|line| Date::new(line.date)).collect();
    // Which of its twins a line is makes no difference here.
    let place_code = place.as_str();
    let of_line = |line| LineKeys::of(place_code, line, Occurrence::first(place_code, line));
    let asked = of_file.iter().filter_map(|line| bank_line(&of_line(line)));
    let mut known = Known::default();
    let mut lines = Vec::new();
    for found in store.known_lines(chapter, (place, &days), asked).await? {
        let keys = keys(&found.line);
        let voucher = match found.decided {
            Decided::Booked { voucher, seq } => {
                let voucher = Uuid::try_parse(voucher.as_str()).ok();
                known.entries.extend(voucher.map(|voucher| (voucher, seq)));
                voucher
            }
            Decided::LeftOut(reason) => {
                known.left_out.insert(keys.exact, reason);
                None
            }
        };
        lines.push(KnownLine { keys, voucher });
    }
    known.lines = lines.into_iter().collect();
    Ok(known)
}

/// Everything that it takes to make and sign the vouchers of a file, by one officer.
pub struct Signing {
    /// The lines.
    pub plan: Plan,
    /// What becomes of them.
    pub bookings: Bookings,
    /// Those that become vouchers.
    pub to_book: Vec<ToBook>,
    /// The ledger.
    pub log: Origin,
    /// From what the vouchers' ids are made.
    pub seed: Seed,
    /// The officer's key; it is wiped with this, as soon as the last line is made.
    pub key: SigningKey,
}

impl Signing {
    /// How many lines become vouchers.
    #[must_use]
    pub fn count(&self) -> usize {
        self.to_book.len()
    }

    /// What makes and signs them, one at a time.
    #[must_use]
    pub fn make(self) -> MakeLine {
        Arc::new(move |index| self.line(index))
    }

    fn line(&self, index: usize) -> Result<ImportedLine, String> {
        let said = |fault: &dyn std::fmt::Display| fault.to_string();
        let to_book = self.to_book.get(index).ok_or("there is no such line")?;
        let by = self.key.name().parse::<KeyName>().map_err(|fault| said(&fault))?;
        let made = self.bookings.voucher(&self.plan, to_book, (&by, &self.log), &self.seed);
        let Prepared { keys, was_left_out, voucher, private, row } =
            made.map_err(|fault| said(&fault))?;
        let line = bank_line(&keys).ok_or_else(|| format!("row {row}: a day of no ledger"))?;
        let bytes = voucher.bytes();
        let signature = OfficerSignature::sign(SignatureRole::Recorder, &self.key, &bytes);
        let signatures = vec![signature.map_err(|fault| said(&fault))?];
        Ok(ImportedLine {
            signed: SignedVoucher { voucher, signatures },
            private,
            line,
            was_left_out,
        })
    }
}
