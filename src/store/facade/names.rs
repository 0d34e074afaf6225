//! Private values of a whole file of vouchers, and donors' names that are shown.

use chrono::{DateTime, Utc};

use crate::ledger::disclosure::PrivateName;
use crate::ledger::entry::SignedVoucher;
use crate::ledger::voucher::VoucherId;
use crate::ledger::word::Person;
use crate::store::alongside::Alongside;
use crate::store::desk::vault::{self, Consent, PrivateValue};
use crate::store::desk::{DeskFault, together};
use crate::store::{ChapterId, Store};

impl Store {
    /// What keeps the private values of vouchers in the transaction that records them, for vouchers
    /// that go through [`Store::record_all`]: in their order.
    ///
    /// # Errors
    /// [`DeskFault`]: a value whose digest the voucher does not hold, an erased person.
    pub async fn with_private(
        &self,
        chapter: ChapterId,
        vouchers: &[(SignedVoucher, Vec<PrivateValue>)],
        now: DateTime<Utc>,
    ) -> Result<Vec<Alongside>, DeskFault> {
        let desk = self.desk_or_gone(chapter)?;
        let vault = self.vault();
        // Data keys that are missing are made here.
        let write = self.begin_desk(&desk).await?;
        let mut all = Ok(Vec::with_capacity(vouchers.len()));
        for (signed, private) in vouchers {
            let voucher = &signed.voucher;
            let next = together::private_values(&write, &vault, &desk, voucher, private, now);
            match (next.await, &mut all) {
                (Ok(next), Ok(all)) => all.push(next),
                (Err(fault), _) => {
                    all = Err(fault);
                    break;
                }
                (Ok(_), Err(_)) => break,
            }
        }
        Self::end_desk(write, all).await
    }

    /// Records donors' consents to be shown by a name, and shows it, for each gift named: all of
    /// them or none.
    ///
    /// # Errors
    /// As [`vault::record_consent`] and [`vault::publish`].
    pub async fn publish_names(
        &self,
        chapter: ChapterId,
        officer: &Person,
        gifts: &[(VoucherId, PrivateName, Consent)],
        now: DateTime<Utc>,
    ) -> Result<(), DeskFault> {
        let desk = self.desk_or_gone(chapter)?;
        let keys = self.vault();
        let write = self.begin_desk(&desk).await?;
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
        Self::end_desk(write, done).await
    }
}
