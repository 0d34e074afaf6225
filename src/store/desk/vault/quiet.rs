//! Values that the server opens for itself, and shows nobody: nothing is noted.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::ConnectionTrait;

use super::{Subject, TABLE, Vault, value_context};
use crate::ledger::disclosure::{Disclosure, PrivateName};
use crate::ledger::voucher::VoucherId;
use crate::store::desk::sql::{self, values};
use crate::store::desk::{Chapter, DeskFault};

/// A value with its digest, whose it is, and whether it is a donor's own.
struct Quiet {
    disclosure: Disclosure,
    digest: String,
    subject: Subject,
    of_donor: bool,
    restricted: bool,
}

/// What is held of a subject in vouchers, without any value but perhaps the name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// What the values are.
    pub kinds: BTreeSet<PrivateName>,
    /// The full name among them; none of a restricted subject.
    pub name: Option<String>,
    /// Whether the values open for the law alone.
    pub restricted: bool,
}

impl Vault {
    /// What is held of a subject, in one voucher or in all: for a report of what may have leaked.
    /// `None` where nothing is held any more.
    pub(in crate::store) async fn held<C: ConnectionTrait>(
        &self,
        connection: &C,
        chapter: &Chapter,
        (subject, voucher): (&Subject, Option<&VoucherId>),
    ) -> Result<Option<Held>, DeskFault> {
        let key = self.key_of(connection, chapter, subject).await?;
        let Some((key, restricted)) = key else { return Ok(None) };
        let text = "SELECT voucher, digest, sealed FROM vault_disclosures WHERE chapter = $1 \
             AND subject = $2 AND ($3 = '' OR voucher = $3) ORDER BY voucher, digest";
        let only = voucher.map_or("", VoucherId::as_str);
        let values = values![chapter.id, subject.to_string(), only];
        let mut held = Held { restricted, ..Held::default() };
        for row in sql::all(connection, text, values).await? {
            let voucher: VoucherId = sql::parsed(&row, TABLE, "voucher")?;
            let digest: String = sql::column(&row, "digest")?;
            let sealed: Vec<u8> = sql::column(&row, "sealed")?;
            let plain = key.open(&value_context(chapter, &voucher, &digest), &sealed);
            let plain = plain.map_err(DeskFault::sealed(TABLE))?;
            let text = std::str::from_utf8(&plain).unwrap_or_default();
            let disclosure =
                Disclosure::parse(text).map_err(|fault| DeskFault::damaged(TABLE, fault))?;
            held.kinds.insert(disclosure.name());
            if disclosure.name() == PrivateName::FullName && !restricted && held.name.is_none() {
                held.name = disclosure.value().as_str().map(str::to_owned);
            }
        }
        Ok(Some(held))
    }

    /// The values of a voucher with their digests, for making the search anew.
    pub(in crate::store) async fn quietly<C: ConnectionTrait>(
        &self,
        connection: &C,
        chapter: &Chapter,
        voucher: &VoucherId,
    ) -> Result<Vec<(Disclosure, String)>, DeskFault> {
        let all = self.quiet(connection, chapter, voucher).await?;
        Ok(all.into_iter().map(|own| (own.disclosure, own.digest)).collect())
    }

    /// The masked name of a gift's donor, where there is one and nothing of theirs is held back.
    pub(super) async fn masked<C: ConnectionTrait>(
        &self,
        connection: &C,
        chapter: &Chapter,
        voucher: &VoucherId,
    ) -> Result<Option<(Disclosure, Subject)>, DeskFault> {
        let all = self.quiet(connection, chapter, voucher).await?;
        let found = all.into_iter().find(|own| {
            own.of_donor
                && !own.restricted
                && own.disclosure.name() == PrivateName::MaskedName
                && own.disclosure.value().is_string()
        });
        Ok(found.map(|own| (own.disclosure, own.subject)))
    }

    async fn quiet<C: ConnectionTrait>(
        &self,
        connection: &C,
        chapter: &Chapter,
        voucher: &VoucherId,
    ) -> Result<Vec<Quiet>, DeskFault> {
        let text = "SELECT digest, subject, of_donor, sealed FROM vault_disclosures \
             WHERE chapter = $1 AND voucher = $2 ORDER BY digest";
        let values = values![chapter.id, voucher.as_str()];
        let (mut keys, mut all) = (BTreeMap::new(), Vec::new());
        for row in sql::all(connection, text, values).await? {
            let subject: Subject = sql::parsed(&row, TABLE, "subject")?;
            if !keys.contains_key(&subject) {
                let key = self.key_of(connection, chapter, &subject).await?;
                keys.insert(subject.clone(), key);
            }
            let Some((key, restricted)) = &keys[&subject] else { continue };
            let digest: String = sql::column(&row, "digest")?;
            let sealed: Vec<u8> = sql::column(&row, "sealed")?;
            let plain = key.open(&value_context(chapter, voucher, &digest), &sealed);
            let plain = plain.map_err(DeskFault::sealed(TABLE))?;
            let text = std::str::from_utf8(&plain).unwrap_or_default();
            let disclosure =
                Disclosure::parse(text).map_err(|fault| DeskFault::damaged(TABLE, fault))?;
            let of_donor = sql::column::<i64>(&row, "of_donor")? == 1;
            all.push(Quiet { disclosure, digest, subject, of_donor, restricted: *restricted });
        }
        Ok(all)
    }
}
