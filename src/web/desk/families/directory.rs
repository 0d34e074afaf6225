//! Families that a slip names: whoever types a name or number that exactly one family of the
//! register has means that family. Anything else stays as it was typed.

use std::collections::BTreeSet;

use super::PATH;
use crate::import::text::essence;
use crate::ledger::voucher::{Category, VoucherId};
use crate::ledger::word::{Code, Date, Person};
use crate::store::Store;
use crate::store::desk::register::{Families, Family};
use crate::store::desk::vault::{Purpose, Reader};
use crate::web::forms::Submission;
use crate::web::session::Officer;
use crate::web::{Config, Fault};

/// What the log calls it.
const SLIP: &str = "register:slip";

/// The families that are meant, and whom other vouchers of the round serve.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    meant: Vec<(String, Family)>,
    served: BTreeSet<Person>,
}

/// The family that a text means: by name, by name and hamlet, or by identity number.
#[must_use]
pub fn find<'f>(families: &'f [Family], typed: &str) -> Option<&'f Family> {
    let wanted = essence(typed);
    let fits = |family: &&Family| {
        let record = &family.record;
        let name = essence(&record.full_name);
        let hamlet = record.hamlet.as_deref().map(essence).unwrap_or_default();
        let number = record.identity_number.as_deref().map(essence);
        name == wanted || number.as_ref() == Some(&wanted) || format!("{name}{hamlet}") == wanted
    };
    let mut found = families.iter().filter(fits);
    let first = found.next().filter(|_| !wanted.is_empty());
    first.filter(|_| found.next().is_none())
}

/// What a slip calls a family so that it means this one alone: its name, with its hamlet where
/// others have that name, or else its number.
#[must_use]
pub fn called(person: &Person, families: &Families) -> String {
    let Some(own) = families.get(person) else { return String::new() };
    let record = &own.record;
    let hamlet = record.hamlet.as_deref().unwrap_or_default();
    let longer = format!("{} {hamlet}", record.full_name);
    let names = [Some(record.full_name.clone()), Some(longer), record.identity_number.clone()];
    let means =
        |name: &String| find(&families.all, name).is_some_and(|family| family.person == *person);
    names.into_iter().flatten().find(means).unwrap_or_else(|| record.full_name.clone())
}

impl Directory {
    /// The families that the rows of a slip name.
    ///
    /// # Errors
    /// Faults of the machine.
    pub async fn of(
        officer: &Officer,
        store: &Store,
        config: &Config,
        (form, voucher): (&Submission, &VoucherId),
    ) -> Result<Self, Fault> {
        let typed: BTreeSet<&str> = form.list("line_name").into_iter().map(str::trim).collect();
        let reader = Reader { person: &officer.person, purpose: Purpose::Desk };
        let now = config.clock.now();
        let picked =
            store.families(&officer.desk, reader, SLIP, now, |Families { all, .. }| {
                let mean =
                    |typed: &str| find(&all, typed).cloned().map(|own| (typed.to_owned(), own));
                let meant: Vec<(String, Family)> = typed.into_iter().filter_map(mean).collect();
                let number = meant.len();
                (meant, number)
            });
        let meant = picked.await.map_err(Fault::internal)?;
        let codes = ["programme", "round"]
            .map(|name| form.typed(name).trim().to_lowercase().parse::<Code>().ok());
        let served = match &codes {
            [Some(programme), Some(round)] => {
                let round = (programme, round);
                let served = store.served_by_others(&officer.desk, round, voucher).await;
                served.map_err(Fault::internal)?
            }
            _ => BTreeSet::new(),
        };
        Ok(Self { meant, served })
    }

    /// The family that a text means.
    #[must_use]
    pub fn family(&self, typed: &str) -> Option<&Family> {
        self.meant.iter().find(|(own, _)| own == typed.trim()).map(|(_, family)| family)
    }

    /// Whether another voucher of the round serves the family.
    #[must_use]
    pub fn is_served(&self, family: &Family) -> bool {
        self.served.contains(&family.person)
    }

    /// The families that are meant.
    pub fn persons(&self) -> impl Iterator<Item = &Person> {
        self.meant.iter().map(|(_, family)| &family.person)
    }

    /// The families that are meant: the address of each, its name, its hamlet.
    #[must_use]
    pub fn shown(&self) -> Vec<(String, String, Option<String>)> {
        let shown = |(_, family): &(String, Family)| {
            let record = &family.record;
            let path = format!("{PATH}/{}", family.person);
            (path, record.full_name.clone(), record.hamlet.clone())
        };
        self.meant.iter().map(shown).collect()
    }
}

/// The main reason for which a family is helped on a day.
#[must_use]
pub fn category(family: &Family, day: Date) -> Category {
    family.record.categories_on(day).first().copied().unwrap_or(Category::Other)
}
