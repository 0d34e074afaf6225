//! Officers, their keys and the guardian: who may sign what.
//!
//! State *before* an entry decides (`docs/FORMAT.md`, "Who signs"): a new key signs from the next
//! entry on, a retired or rotated one last in the entry that ends it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::refusal::Refusal;
use crate::ledger::keys::PublicKey;
use crate::ledger::voucher::{Guardian, Officer, OfficerRole};
use crate::ledger::word::{KeyName, Person, Text};

/// A key that an entry registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisteredKey {
    /// The verifier key.
    pub vkey: PublicKey,
    /// Whose it is.
    pub person: Person,
    /// The entry that registered it.
    pub from: u64,
    /// The entry that retired or rotated it.
    pub ended: Option<u64>,
    /// Entries signed with it from here on are shown as disputed.
    pub compromised_from: Option<u64>,
}

/// An officer in office.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InOffice {
    /// The roles.
    pub roles: Vec<OfficerRole>,
    /// The title, public.
    pub title: Text,
    /// The present key.
    pub key: KeyName,
}

/// The guardian: a key outside the chapter's officers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuardianInOffice {
    /// Who holds it.
    pub person: Person,
    /// The title, public.
    pub title: Text,
    /// The present key.
    pub key: KeyName,
}

/// Everybody who may sign, and every key there ever was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Officers {
    keys: BTreeMap<KeyName, RegisteredKey>,
    in_office: BTreeMap<Person, InOffice>,
    guardian: Option<GuardianInOffice>,
}

impl InOffice {
    /// Whether the officer holds the role.
    #[must_use]
    pub fn has(&self, role: OfficerRole) -> bool {
        self.roles.contains(&role)
    }

    /// Whether the officer is chair or deputy chair.
    #[must_use]
    pub fn leads(&self) -> bool {
        self.has(OfficerRole::Chair) || self.has(OfficerRole::DeputyChair)
    }
}

impl Officers {
    /// Every key there ever was, by name.
    #[must_use]
    pub fn keys(&self) -> &BTreeMap<KeyName, RegisteredKey> {
        &self.keys
    }

    /// The officers in office, by person.
    #[must_use]
    pub fn in_office(&self) -> &BTreeMap<Person, InOffice> {
        &self.in_office
    }

    /// The guardian, when one is named.
    #[must_use]
    pub fn guardian(&self) -> Option<&GuardianInOffice> {
        self.guardian.as_ref()
    }

    /// Whether an auditor is registered.
    #[must_use]
    pub fn has_auditor(&self) -> bool {
        self.in_office.values().any(|officer| officer.has(OfficerRole::Auditor))
    }

    /// The officer whose present key is `key`.
    ///
    /// # Errors
    /// [`Refusal::KeyNotInForce`].
    pub fn by_key(&self, key: &KeyName) -> Result<(&Person, &InOffice), Refusal> {
        self.keys
            .get(key)
            .filter(|registered| registered.ended.is_none())
            .and_then(|registered| self.in_office.get_key_value(&registered.person))
            .filter(|(_, officer)| officer.key == *key)
            .ok_or_else(|| Refusal::KeyNotInForce { key: key.to_string() })
    }

    /// The guardian, when `key` is the guardian's present key.
    #[must_use]
    pub fn guardian_by_key(&self, key: &KeyName) -> Option<&GuardianInOffice> {
        self.guardian.as_ref().filter(|guardian| guardian.key == *key)
    }

    /// The verifier key that is in force under a name.
    #[must_use]
    pub fn verifier(&self, key: &KeyName) -> Option<&PublicKey> {
        self.keys.get(key).filter(|registered| registered.ended.is_none()).map(|key| &key.vkey)
    }

    /// Registers an officer with a new key.
    ///
    /// # Errors
    /// A person or key that is registered already, or an auditor with another role.
    pub fn enrol(&mut self, officer: &Officer, seq: u64) -> Result<(), Refusal> {
        if officer.roles.len() > 1 && officer.roles.contains(&OfficerRole::Auditor) {
            return Err(Refusal::AuditorAlone);
        }
        if self.is_registered(&officer.person) {
            return Err(Refusal::PersonRegistered);
        }
        let key = self.add_key(&officer.vkey, &officer.person, seq)?;
        self.in_office.insert(
            officer.person.clone(),
            InOffice { roles: officer.roles.to_vec(), title: officer.title.clone(), key },
        );
        Ok(())
    }

    /// Names the guardian, in place of the one before.
    ///
    /// # Errors
    /// An officer's person, or a key that was used before.
    pub fn name_guardian(&mut self, guardian: &Guardian, seq: u64) -> Result<(), Refusal> {
        if self.in_office.contains_key(&guardian.person) {
            return Err(Refusal::PersonRegistered);
        }
        let key = self.add_key(&guardian.vkey, &guardian.person, seq)?;
        if let Some(before) = self.guardian.take() {
            self.end_key(&before.key, seq);
        }
        let (person, title) = (guardian.person.clone(), guardian.title.clone());
        self.guardian = Some(GuardianInOffice { person, title, key });
        Ok(())
    }

    /// Retires an officer.
    ///
    /// # Errors
    /// An unknown person, or too few officers left.
    pub fn retire(&mut self, person: &Person, seq: u64) -> Result<(), Refusal> {
        let officer = self.in_office.remove(person).ok_or(Refusal::PersonUnknown)?;
        self.end_key(&officer.key, seq);
        self.can_go_on()
    }

    /// Replaces the key of an officer or of the guardian.
    ///
    /// # Errors
    /// An unknown person, an old key that is not theirs, or a new key that was used before.
    pub fn rotate(
        &mut self,
        person: &Person,
        old: &PublicKey,
        new: &PublicKey,
        seq: u64,
    ) -> Result<(), Refusal> {
        let present = match (self.in_office.get(person), &self.guardian) {
            (Some(officer), _) => officer.key.clone(),
            (None, Some(guardian)) if guardian.person == *person => guardian.key.clone(),
            _ => return Err(Refusal::PersonUnknown),
        };
        if self.verifier(&present) != Some(old) {
            return Err(Refusal::OldKey);
        }
        let key = self.add_key(new, person, seq)?;
        self.end_key(&present, seq);
        match (self.in_office.get_mut(person), &mut self.guardian) {
            (Some(officer), _) => officer.key = key,
            (None, Some(guardian)) => guardian.key = key,
            (None, None) => {}
        }
        Ok(())
    }

    /// Marks entries signed by `key` from `seq` on as disputed.
    pub fn compromise(&mut self, key: &PublicKey, from: u64) {
        for registered in self.keys.values_mut().filter(|registered| registered.vkey == *key) {
            registered.compromised_from = Some(from);
        }
    }

    /// The rule of entry 0: a treasurer, a chair and a third who can approve (another chair, a
    /// deputy, or the guardian), three different persons.
    ///
    /// # Errors
    /// [`Refusal::TooFewOfficers`].
    pub fn can_go_on(&self) -> Result<(), Refusal> {
        let with = |test: fn(&InOffice) -> bool| -> Vec<&Person> {
            self.in_office.iter().filter(|(_, officer)| test(officer)).map(|(who, _)| who).collect()
        };
        let treasurers = with(|officer| officer.has(OfficerRole::Treasurer));
        let chairs = with(|officer| officer.has(OfficerRole::Chair));
        let mut thirds = with(InOffice::leads);
        thirds.extend(self.guardian.as_ref().map(|guardian| &guardian.person));
        let stands = treasurers.iter().any(|treasurer| {
            chairs
                .iter()
                .filter(|chair| chair != &treasurer)
                .any(|chair| thirds.iter().any(|third| third != treasurer && third != chair))
        });
        if stands { Ok(()) } else { Err(Refusal::TooFewOfficers) }
    }

    /// Nobody in office, every key ended at a place, none forgotten: what a ledger that continues
    /// another one starts from.
    #[must_use]
    pub fn ended(&self, place: u64) -> Self {
        let mut keys = self.keys.clone();
        for key in keys.values_mut() {
            key.ended.get_or_insert(place);
        }
        Self { keys, in_office: BTreeMap::new(), guardian: None }
    }

    fn is_registered(&self, person: &Person) -> bool {
        self.in_office.contains_key(person)
            || self.guardian.as_ref().is_some_and(|guardian| guardian.person == *person)
    }

    fn add_key(&mut self, vkey: &PublicKey, person: &Person, seq: u64) -> Result<KeyName, Refusal> {
        let name: KeyName = vkey.name().parse().map_err(|_| Refusal::KeyUsed)?;
        let known = |registered: &RegisteredKey| registered.vkey.bytes() == vkey.bytes();
        if self.keys.contains_key(&name) || self.keys.values().any(known) {
            return Err(Refusal::KeyUsed);
        }
        let key = RegisteredKey {
            vkey: vkey.clone(),
            person: person.clone(),
            from: seq,
            ended: None,
            compromised_from: None,
        };
        self.keys.insert(name.clone(), key);
        Ok(name)
    }

    fn end_key(&mut self, key: &KeyName, seq: u64) {
        if let Some(registered) = self.keys.get_mut(key) {
            registered.ended = Some(seq);
        }
    }
}
