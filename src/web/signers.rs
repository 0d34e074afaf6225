//! Who signed an entry: in which office, whether as guardian, and whether the key was said to be
//! compromised later.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::books::officers::Officers;
use crate::ledger::entry::Entry;
use crate::ledger::voucher::{Body, Voucher};
use crate::ledger::word::KeyName;
use crate::store::{ChapterId, Store, StoreFault};

/// A signature as pages tell of it.
#[derive(Clone, Debug, Serialize)]
pub struct Signer {
    /// `recorder`, `approver`, `auditor`, `holder`.
    pub role: &'static str,
    /// The key's name.
    pub key: String,
    /// The title that the key's person had when it was registered, where that is known.
    pub title: Option<String>,
    /// Whether it is the key of a guardian.
    pub guardian: bool,
    /// Whether the key was compromised at this entry already.
    pub disputed: bool,
}

/// The signers of an entry in its order.
///
/// # Errors
/// [`StoreFault`].
pub async fn signers(
    store: &Store,
    chapter: ChapterId,
    officers: &Officers,
    entry: &Entry,
) -> Result<Vec<Signer>, StoreFault> {
    let mut all = Vec::with_capacity(entry.signatures().len());
    for signature in entry.signatures() {
        let registered = officers.keys().get(&signature.key);
        let office = registration(store, chapter, officers, &signature.key).await?;
        let office = office.and_then(|(entry, name)| registered_by(entry.voucher(), &name));
        let from = registered.and_then(|key| key.compromised_from);
        all.push(Signer {
            role: signature.role.as_str(),
            key: signature.key.to_string(),
            guardian: office.as_ref().is_some_and(|(_, guardian)| *guardian),
            title: office.map(|(title, _)| title),
            disputed: from.is_some_and(|from| entry.place() >= from),
        });
    }
    Ok(all)
}

/// The entry that registered a key, and the key's name there; of a rotated key those of the first
/// before it. `None` for a key that nobody registered.
///
/// # Errors
/// [`StoreFault`].
pub async fn registration(
    store: &Store,
    chapter: ChapterId,
    officers: &Officers,
    name: &KeyName,
) -> Result<Option<(Entry, KeyName)>, StoreFault> {
    let Some(mut key) = officers.keys().get(name) else { return Ok(None) };
    let mut name = name.clone();
    let mut seen = BTreeSet::new();
    while seen.insert(key.from) {
        let Some(known) = store.entry(chapter, key.from).await? else { return Ok(None) };
        let Body::KeyRotated(rotated) = &known.entry.voucher().body else {
            return Ok(Some((known.entry, name)));
        };
        let before = rotated.old_vkey.name().parse::<KeyName>().ok();
        let Some((earlier, old)) =
            before.and_then(|name| officers.keys().get(&name).map(|key| (name, key)))
        else {
            return Ok(None);
        };
        (key, name) = (old, earlier);
    }
    Ok(None)
}

/// What a voucher says of a key that it registers: the title, and whether it is a guardian's.
#[must_use]
pub fn registered_by(voucher: &Voucher, name: &KeyName) -> Option<(String, bool)> {
    match &voucher.body {
        Body::ChapterOpened(body) => {
            let mut officers = body.officers.iter();
            let officer = officers.find(|one| one.vkey.name() == name.as_str());
            let guardian = body.guardian.as_ref();
            officer
                .map(|officer| (officer.title.to_string(), false))
                .or_else(|| guardian.map(|guardian| (guardian.title.to_string(), true)))
        }
        Body::OfficerEnrolled(body) => Some((body.officer.title.to_string(), false)),
        Body::GuardianNamed(body) => Some((body.guardian.title.to_string(), true)),
        _ => None,
    }
}
