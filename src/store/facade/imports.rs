//! Bank statements: which lines are known, and what books a line beside its voucher.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use crate::ledger::voucher::VoucherId;
use crate::ledger::word::{Code, Date, Person};
use crate::store::alongside::Alongside;
use crate::store::desk::imports::{self, Batch, Identity, KnownLine};
use crate::store::desk::{DeskFault, together};
use crate::store::{ChapterId, Store};

/// A statement file that is about to be booked.
#[derive(Clone, Copy, Debug)]
pub struct ImportFile<'a> {
    /// The place of money that the statement is of.
    pub place: &'a Code,
    /// SHA-256 of its bytes.
    pub sha256: &'a [u8; 32],
    /// Its name, which is kept sealed.
    pub name: &'a str,
}

/// A bank line and the voucher that it becomes.
#[derive(Clone, Debug)]
pub struct Booking {
    /// What the line is.
    pub identity: Identity,
    /// How many equal lines precede it.
    pub occurrence: u32,
    /// Its day in the statement.
    pub day: Date,
    /// The voucher.
    pub voucher: VoucherId,
}

impl Store {
    /// Which lines are booked already, by their index in `lines`.
    ///
    /// # Errors
    /// As [`imports::known`], and of the store.
    pub async fn known_lines(
        &self,
        chapter: ChapterId,
        place: &Code,
        lines: &[(Identity, u32)],
    ) -> Result<BTreeMap<usize, KnownLine>, DeskFault> {
        let reader = self.shared.database.reader();
        let desk = self.desk_or_gone(chapter)?;
        imports::known(reader, &self.vault(), &desk, place, lines).await
    }

    /// Which of the days have booked lines of this place.
    ///
    /// # Errors
    /// As [`imports::known_days`], and of the store.
    pub async fn known_days(
        &self,
        chapter: ChapterId,
        place: &Code,
        days: &BTreeSet<Date>,
    ) -> Result<BTreeSet<Date>, DeskFault> {
        let reader = self.shared.database.reader();
        imports::known_days(reader, &self.desk_or_gone(chapter)?, place, days).await
    }

    /// Opens a batch for a file; nothing is booked by it.
    ///
    /// # Errors
    /// As [`imports::open_batch`], and of the store.
    pub async fn open_batch(
        &self,
        chapter: ChapterId,
        file: ImportFile<'_>,
        officer: &Person,
        now: DateTime<Utc>,
    ) -> Result<Batch, DeskFault> {
        let desk = self.desk_or_gone(chapter)?;
        let vault = self.vault();
        let write = self.begin_desk(&desk).await?;
        let ImportFile { place, sha256, name } = file;
        let opened =
            imports::open_batch(&write, &vault, &desk, place, sha256, name, officer, now).await;
        Self::end_desk(write, opened).await
    }

    /// What books a line in the transaction that records its voucher. A line that is booked
    /// already refuses the voucher, and with it the whole file.
    ///
    /// # Errors
    /// Of the store.
    pub fn with_line(
        &self,
        chapter: ChapterId,
        batch: &Batch,
        booking: &Booking,
    ) -> Result<Alongside, DeskFault> {
        let desk = self.desk_or_gone(chapter)?;
        let line = (&booking.identity, booking.occurrence);
        let (day, voucher) = (booking.day, &booking.voucher);
        Ok(together::bank_line(&self.vault(), &desk, batch, line, day, voucher))
    }
}
