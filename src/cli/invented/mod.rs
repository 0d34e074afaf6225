//! What every invented history is made of: people, pens and chance that follow from a seed.
//!
//! `demo` and `generate` tell their stories with it. Keys and passphrases follow from the seed, so
//! nothing made here is fit for real books.

pub mod closing;
pub mod people;
pub mod purse;
pub mod seeded;
pub mod vouchers;

use std::collections::BTreeSet;

use people::Officer;
use seeded::Seeded;

use super::CliFault;
use crate::ledger::disclosure::PrivateName;
use crate::ledger::keys::{PublicKey, SigningKey};
use crate::ledger::voucher::{Body, Voucher};
use crate::ledger::word::{Number, Origin, Person};
use crate::store::alongside::Alongside;
use crate::store::desk::DeskFault;
use crate::store::desk::passphrase::Passphrase;
use crate::store::desk::sealing::Sealer;
use crate::store::desk::together::round_lines;
use crate::store::desk::vault::{PrivateValue, Subject};
use crate::store::facade::NewAccount;
use crate::store::{RecordAllFault, RecordFault, Store, StoreFault};

/// The general fund.
pub const GENERAL: &str = "chung";
/// The cash box.
pub const CASH: &str = "cash";
/// The bank account.
pub const BANK: &str = "bank";

/// Why an invented history was not made.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The story holds something that no voucher can say: a fault of this program.
    #[error("the invented story is wrong: {0}")]
    Scenario(&'static str),
    /// A word out of its form: a fault of this program.
    #[error("the invented story is wrong: {0}")]
    Word(#[from] crate::ledger::word::WordFault),
    /// A key.
    #[error(transparent)]
    Key(#[from] crate::ledger::keys::KeyFault),
    /// A private value.
    #[error(transparent)]
    Disclosure(#[from] crate::ledger::disclosure::DisclosureFault),
    /// A figure of the books.
    #[error("the invented story is wrong: {0}")]
    Books(#[from] crate::books::Refusal),
    /// A passphrase.
    #[error(transparent)]
    Passphrase(#[from] crate::store::desk::passphrase::PassphraseFault),
    /// A key was not sealed.
    #[error(transparent)]
    Sealing(#[from] crate::store::desk::sealing::SealingFault),
    /// The door said no.
    #[error(transparent)]
    Record(#[from] RecordFault),
    /// The door said no.
    #[error(transparent)]
    RecordAll(#[from] RecordAllFault),
    /// The desk said no.
    #[error(transparent)]
    Desk(#[from] DeskFault),
    /// The machine.
    #[error(transparent)]
    Store(#[from] StoreFault),
}

/// An identity that no real ledger has: 13 letters of base32 under `.invalid` (RFC 2606).
pub fn origin(root: &Seeded, slug: &str) -> Result<Origin, CliFault> {
    const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let bytes = root.child("origin").bytes();
    let host: String =
        bytes.iter().take(13).map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect();
    let origin = format!("{host}.invalid/{slug}").parse();
    origin.map_err(|fault| CliFault::Demo(Fault::Word(fault)))
}

/// Makes a ledger's key, and keeps it where the store looks for it.
pub fn log_key(
    store: &Store,
    root: &Seeded,
    origin: &Origin,
    label: &str,
) -> Result<PublicKey, Fault> {
    let key = SigningKey::from_seed(origin.as_str(), root.child(label).bytes())?;
    let public = key.public().clone();
    store.keys().keep_log_key(origin, key)?;
    Ok(public)
}

/// Whom a voucher of a round serves: nobody of the register is served twice in it.
pub fn served(voucher: &Voucher, private: &[PrivateValue]) -> Alongside {
    let (programme, round) = match &voucher.body {
        Body::AidPaid(body) => (&body.programme, body.round.as_ref()),
        Body::GoodsDistributed(body) => (&body.programme, body.round.as_ref()),
        _ => return Alongside::nothing(),
    };
    let Some(round) = round else { return Alongside::nothing() };
    let families: BTreeSet<Person> = private
        .iter()
        .filter(|value| value.disclosure.name() == PrivateName::FullName)
        .filter_map(|value| match &value.subject {
            Subject::Person(person) => Some(person.clone()),
            _ => None,
        })
        .collect();
    let families: Vec<Person> = families.into_iter().collect();
    round_lines(programme, round, &voucher.id, &families)
}

/// The officers' accounts, each key sealed under its passphrase.
pub async fn accounts(officers: &[Officer], origin: &Origin) -> Result<Vec<NewAccount>, Fault> {
    let sealer = Sealer::new(1);
    let mut accounts = Vec::new();
    for officer in officers {
        let public = officer.key.public();
        let key = SigningKey::from_seed(officer.key.name(), *officer.key.seed())?;
        let passphrase = Passphrase::choose(&officer.passphrase, officer.sign_in_name)?;
        accounts.push(NewAccount {
            sign_in_name: officer.sign_in_name.to_owned(),
            person: officer.person.clone(),
            key: public.clone(),
            lock: sealer.seal(origin, public, passphrase, Some(key)).await?,
        });
    }
    Ok(accounts)
}

/// A count.
pub fn number(count: u64) -> Result<Number, Fault> {
    Number::new(count).ok_or(Fault::Scenario("a count beyond the range"))
}
