//! Names for a slip: who gave or got something, who signed. Each opening stands in the log; values
//! that are held back stay closed.

use std::collections::{BTreeMap, btree_map};

use chrono::{DateTime, Utc};
use serde_json::Value as Json;

use crate::books::postings;
use crate::ledger::disclosure::PrivateName;
use crate::ledger::entry::Entry;
use crate::ledger::voucher::{Kind, Voucher, VoucherId};
use crate::store::Store;
use crate::store::desk::vault::{OpenedValue, Purpose};
use crate::store::facade::Line;
use crate::web::Fault;
use crate::web::session::Officer;
use crate::web::signers::registration;

/// An earlier entry that a voucher is about, and the line of an opening balance there.
struct About {
    line: Line,
    at: Option<u64>,
}

/// What was opened for a slip.
#[derive(Default)]
pub struct People {
    values: Vec<OpenedValue>,
    about: Vec<About>,
    /// Legal names by the name of the key that signed.
    signed: BTreeMap<String, String>,
}

/// Kinds on whose slip the other side is named by an earlier voucher.
const fn looks_back(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::DonationReturned
            | Kind::GoodsReturned
            | Kind::CustodyHandedOver
            | Kind::CustodyReturned
            | Kind::CustodyAssigned
            | Kind::LoanDisbursed
            | Kind::LoanRepaid
            | Kind::LoanRecovered
            | Kind::LoanWrittenOff
    )
}

impl People {
    /// The earlier entries of a voucher, and, where `opens`, the private values of all of them.
    ///
    /// # Errors
    /// Faults of the machine.
    pub async fn find(
        officer: &Officer,
        store: &Store,
        line: &Line,
        (opens, now): (bool, DateTime<Utc>),
    ) -> Result<Self, Fault> {
        let mut own = Self::default();
        own.look_back(officer, store, line).await?;
        if opens {
            let mut vouchers = vec![line.entry.voucher().id.clone()];
            vouchers.extend(own.about.iter().map(|own| own.line.entry.voucher().id.clone()));
            for id in vouchers {
                own.values.extend(open(officer, store, &id, now).await?);
            }
            own.signed = legal_names(officer, store, &line.entry, now).await?;
        }
        Ok(own)
    }

    async fn look_back(
        &mut self,
        officer: &Officer,
        store: &Store,
        line: &Line,
    ) -> Result<(), Fault> {
        let mut entry = line.entry.clone();
        // A recovery names a disbursement, which names an approval: never longer than that.
        for _ in 0..4 {
            if !looks_back(entry.voucher().kind()) {
                break;
            }
            let Some(named) = postings::names(&entry.voucher().body) else { break };
            let (at, place) = (named.line(), entry.place_of(named.entry()));
            let Some(place) = place else { break };
            let found = store.line(officer.chapter, place).await.map_err(Fault::internal)?;
            let Some(line) = found else { break };
            entry = line.entry.clone();
            self.about.push(About { line, at });
        }
        Ok(())
    }

    /// The earlier entries, the nearest first.
    pub fn earlier(&self) -> impl Iterator<Item = &Line> {
        self.about.iter().map(|own| &own.line)
    }

    /// The legal name of whoever signed with a key.
    #[must_use]
    pub fn signer(&self, key: &str) -> Option<String> {
        self.signed.get(key).cloned()
    }

    /// A value behind one of an object's digests.
    #[must_use]
    pub fn value(&self, held: &Json, name: PrivateName) -> Option<String> {
        let digests = held.get("_sd")?.as_array()?;
        let stands = |own: &&OpenedValue| {
            let digest = own.disclosure.digest();
            own.disclosure.name() == name
                && digests.iter().any(|held| held.as_str() == Some(digest.as_str()))
        };
        Some(self.values.iter().find(stands)?.disclosure.value().as_str()?.to_owned())
    }

    /// The giver, payee or borrower that a voucher itself names: a firm by its public name.
    fn named_in(&self, own: &Json) -> Option<String> {
        let firm = own["payee"]["name"].as_str().map(str::to_owned);
        firm.or_else(|| self.value(&own["payee"], PrivateName::FullName))
            .or_else(|| self.value(&own["donor"], PrivateName::FullName))
            .or_else(|| self.value(own, PrivateName::FullName))
    }

    /// The other side of a voucher, by itself or by the earlier ones that it is about.
    #[must_use]
    pub fn other_side(&self, voucher: &Voucher) -> Option<String> {
        let handed = voucher.kind() == Kind::CustodyHandedOver;
        let own = (!handed).then(|| self.named_in(&voucher.value())).flatten();
        own.or_else(|| {
            self.about.iter().find_map(|About { line, at }| {
                let value = line.entry.voucher().value();
                let listed = |list: &str| {
                    let at = usize::try_from((*at)?).ok()?;
                    value.get(list)?.get(at).cloned()
                };
                let value = listed("loans").or_else(|| listed("custody")).unwrap_or(value);
                match handed {
                    true => self.value(&value["to"], PrivateName::FullName),
                    false => self.named_in(&value),
                }
            })
        })
    }

    /// Where the other side lives, as far as the voucher itself holds it.
    #[must_use]
    pub fn address(&self, voucher: &Voucher) -> Option<String> {
        self.value(&voucher.value(), PrivateName::Address)
    }

    /// The name on each line of a voucher that helps families; `None` where none was opened.
    #[must_use]
    pub fn families(&self, voucher: &Voucher) -> Option<Vec<Option<String>>> {
        let value = voucher.value();
        let lines = value.get("lines")?.as_array()?;
        let names: Vec<Option<String>> =
            lines.iter().map(|line| self.value(line, PrivateName::FullName)).collect();
        names.iter().any(Option::is_some).then_some(names)
    }
}

/// The name of whoever gave something by a voucher, opened for its receipt.
///
/// # Errors
/// Faults of the machine.
pub async fn giver(
    officer: &Officer,
    store: &Store,
    voucher: &Voucher,
    now: DateTime<Utc>,
) -> Result<Option<String>, Fault> {
    let values = open(officer, store, &voucher.id, now).await?;
    let own = People { values, ..People::default() };
    Ok(own.value(&voucher.value()["donor"], PrivateName::FullName))
}

async fn open(
    officer: &Officer,
    store: &Store,
    id: &VoucherId,
    now: DateTime<Utc>,
) -> Result<Vec<OpenedValue>, Fault> {
    let opened = store.open_private(&officer.desk, id, &officer.person, Purpose::Desk, now).await;
    opened.map_err(Fault::internal)
}

/// Legal names of the signers, where they gave one: they are sealed by the entry that registered
/// the key.
async fn legal_names(
    officer: &Officer,
    store: &Store,
    entry: &Entry,
    now: DateTime<Utc>,
) -> Result<BTreeMap<String, String>, Fault> {
    let mut opened: BTreeMap<u64, People> = BTreeMap::new();
    let mut names = BTreeMap::new();
    let officers = officer.books.officers();
    for signature in entry.signatures() {
        let found = registration(store, officer.chapter, officers, &signature.key).await;
        let Some((known, key)) = found.map_err(Fault::internal)? else { continue };
        let (place, voucher) = (known.place(), known.voucher());
        if let btree_map::Entry::Vacant(free) = opened.entry(place) {
            let values = open(officer, store, &voucher.id, now).await?;
            free.insert(People { values, ..People::default() });
        }
        let value = voucher.value();
        let all = value["officers"].as_array().into_iter().flatten().chain(value.get("officer"));
        let of_key = |own: &&Json| {
            let vkey = own["vkey"].as_str().unwrap_or_default();
            vkey.split('+').next() == Some(key.as_str())
        };
        let own = all.into_iter().find(of_key);
        let name = own.and_then(|own| opened[&place].value(own, PrivateName::FullName));
        if let Some(name) = name {
            names.insert(signature.key.to_string(), name);
        }
    }
    Ok(names)
}
