//! Private values as steps that go with a voucher: kept in the very transaction that records it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use zeroize::Zeroizing;

use super::{KEYS, PrivateValue, Subject, TABLE, Vault, digests, value_context};
use crate::ledger::voucher::Voucher;
use crate::store::alongside::{Alongside, Cell, Step};
use crate::store::desk::cipher::SecretKey;
use crate::store::desk::{Chapter, DeskFault, DeskRefusal};

impl Vault {
    /// The steps that [`Vault::hold`] would take, to go with the voucher through the door. A
    /// voucher's own data key is among them; a batch has its key since it was opened.
    ///
    /// # Errors
    /// [`DeskRefusal::NotInVoucher`] for a value whose digest the voucher does not hold,
    /// [`DeskRefusal::Gone`] for a person or batch without a key.
    pub async fn alongside<C: ConnectionTrait>(
        &self,
        connection: &C,
        chapter: &Chapter,
        voucher: &Voucher,
        private: &[PrivateValue],
        now: DateTime<Utc>,
    ) -> Result<Alongside, DeskFault> {
        let value = voucher.value();
        let (all, of_donor) = (digests(&value), digests(&value["donor"]));
        let mut alongside = Alongside::nothing();
        let mut keys = BTreeMap::new();
        let mut rows = Vec::with_capacity(private.len());
        for PrivateValue { disclosure, subject } in private {
            let digest = disclosure.digest();
            if !all.contains(digest.as_str()) {
                return Err(DeskRefusal::NotInVoucher.into());
            }
            if !keys.contains_key(subject) {
                let key = match self.key_of(connection, chapter, subject).await? {
                    Some((key, _)) => key,
                    None => self.new_key(chapter, subject, &mut alongside, now)?,
                };
                keys.insert(subject, key);
            }
            let context = value_context(chapter, &voucher.id, digest.as_str());
            let plain = Zeroizing::new(disclosure.encode());
            let sealed = keys[subject].seal(&context, plain.as_bytes());
            rows.push(vec![
                Cell::Chapter,
                voucher.id.as_str().into(),
                digest.as_str().into(),
                Cell::Seq,
                subject.to_string().into(),
                i64::from(of_donor.contains(digest.as_str())).into(),
                sealed.map_err(DeskFault::sealed(TABLE))?.into(),
                now.timestamp().into(),
            ]);
        }
        if !rows.is_empty() {
            let columns = &[
                "chapter", "voucher", "digest", "seq", "subject", "of_donor", "sealed", "made_at",
            ];
            alongside.push(Step::Insert { table: TABLE, columns, rows });
        }
        Ok(alongside)
    }

    /// A new data key of a voucher, and the step that keeps it.
    fn new_key(
        &self,
        chapter: &Chapter,
        subject: &Subject,
        alongside: &mut Alongside,
        now: DateTime<Utc>,
    ) -> Result<SecretKey, DeskFault> {
        // Persons get theirs in the register, batches when they are opened: an erased one does
        // not come back by itself.
        if !matches!(subject, Subject::Voucher(_)) {
            return Err(DeskRefusal::Gone.into());
        }
        let key = SecretKey::random().map_err(DeskFault::sealed(KEYS))?;
        let wrapped = self.wrap(chapter, subject, &key)?;
        alongside.push(Step::Insert {
            table: KEYS,
            columns: &["chapter", "subject", "wrapped", "made_at"],
            rows: vec![vec![
                Cell::Chapter,
                subject.to_string().into(),
                wrapped.into(),
                now.timestamp().into(),
            ]],
        });
        Ok(key)
    }
}
