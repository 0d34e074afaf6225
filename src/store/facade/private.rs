//! Private values that go with a voucher, and donors' names that are shown.

use chrono::{DateTime, Utc};

use super::{FacadeFault, end};
use crate::ledger::disclosure::PrivateName;
use crate::ledger::voucher::{Voucher, VoucherId};
use crate::ledger::word::Person;
use crate::store::alongside::Alongside;
use crate::store::desk::vault::{self, Consent, PrivateValue};
use crate::store::{ChapterId, Store};

impl Store {
    /// What keeps a voucher's private values in the transaction that records it.
    ///
    /// # Errors
    /// [`DeskRefusal::NotInVoucher`](crate::store::desk::DeskRefusal) for a value whose digest the
    /// voucher does not hold, `Gone` for an erased person, and of the store.
    pub async fn with_private(
        &self,
        chapter: ChapterId,
        voucher: &Voucher,
        private: &[PrivateValue],
        now: DateTime<Utc>,
    ) -> Result<Alongside, FacadeFault> {
        let desk = self.desk(chapter)?;
        let reader = self.shared.database.reader();
        Ok(self.vault().alongside(reader, &desk, voucher, private, now).await?)
    }

    /// Records donors' consents to be shown by a name, and shows it, for each gift named.
    ///
    /// # Errors
    /// As [`vault::record_consent`] and [`vault::publish`]; nothing is shown then.
    pub async fn publish_names(
        &self,
        chapter: ChapterId,
        officer: &Person,
        gifts: &[(VoucherId, PrivateName, Consent)],
        now: DateTime<Utc>,
    ) -> Result<(), FacadeFault> {
        let desk = self.desk(chapter)?;
        let keys = self.vault();
        let write = self.shared.desk_write(&desk).await?;
        let mut done = Ok(());
        for (voucher, name, consent) in gifts {
            done = match vault::record_consent(&write, &desk, consent, now).await {
                Ok(()) => vault::publish(&write, &keys, &desk, officer, voucher, *name, now)
                    .await
                    .map(drop),
                Err(fault) => Err(fault),
            };
            if done.is_err() {
                break;
            }
        }
        end(write, done).await
    }
}
