//! Private values of vouchers: names and addresses behind digests.

use serde_json::Value;

use crate::ledger::disclosure::{Digest, Digests, Disclosure, DisclosureFault, PrivateName};
use crate::ledger::keys::new_opaque_id;
use crate::ledger::voucher::{Donor, DonorType, VoucherId};
use crate::ledger::word::Person;
use crate::store::desk::vault::{PrivateValue, Subject};

/// Gathers the private values of one voucher.
pub struct Sealed {
    subject: Subject,
    values: Vec<PrivateValue>,
}

impl Sealed {
    /// Nothing private yet.
    #[must_use]
    pub const fn of(voucher: VoucherId) -> Self {
        Self { subject: Subject::Voucher(voucher), values: Vec::new() }
    }

    /// The same for a gift: what is private about its giver stands under the key of the person of
    /// the register, where it is one.
    #[must_use]
    pub fn given_by(voucher: VoucherId, giver: Option<&Person>) -> Self {
        match giver {
            Some(giver) => Self { subject: Subject::Person(giver.clone()), values: Vec::new() },
            None => Self::of(voucher),
        }
    }

    /// Seals a text: its digest for the voucher.
    ///
    /// # Errors
    /// [`DisclosureFault`]: no randomness, or a text that the ledger's strings may not hold.
    pub fn text(&mut self, name: PrivateName, text: &str) -> Result<Digest, DisclosureFault> {
        self.under(name, text, self.subject.clone())
    }

    /// Seals a text under the key of a subject.
    fn under(
        &mut self,
        name: PrivateName,
        text: &str,
        subject: Subject,
    ) -> Result<Digest, DisclosureFault> {
        self.value(name, Value::from(text), subject)
    }

    /// Seals a value of any type under the key of a subject.
    fn value(
        &mut self,
        name: PrivateName,
        value: Value,
        subject: Subject,
    ) -> Result<Digest, DisclosureFault> {
        let disclosure = Disclosure::make(name, value)?;
        let digest = disclosure.digest();
        self.values.push(PrivateValue { disclosure, subject });
        Ok(digest)
    }

    /// The digests of a loan: who borrows, who vouches (under a key of their own), what is due
    /// when. Always three, so that nobody sees who has nobody to vouch for them.
    ///
    /// # Errors
    /// As for [`Sealed::text`].
    pub fn loan(
        &mut self,
        borrower: &str,
        guarantor: Option<&str>,
        schedule: Value,
    ) -> Result<Digests, DisclosureFault> {
        let borrower = self.text(PrivateName::FullName, borrower)?;
        let guarantor = match guarantor {
            Some(name) => self.under(PrivateName::Guarantor, name, own_key()?)?,
            None => Digest::decoy()?,
        };
        let schedule = self.value(PrivateName::Schedule, schedule, self.subject.clone())?;
        Digests::sorted([borrower, guarantor, schedule])
    }

    /// The digests of a loan's new schedule: which loan, what is due when, why.
    ///
    /// # Errors
    /// As for [`Sealed::text`].
    pub fn rescheduled(
        &mut self,
        loan: &str,
        schedule: Value,
        words: &str,
    ) -> Result<Digests, DisclosureFault> {
        let loan = self.text(PrivateName::Loan, loan)?;
        let schedule = self.value(PrivateName::Schedule, schedule, self.subject.clone())?;
        let words = self.text(PrivateName::Words, words)?;
        Digests::sorted([loan, schedule, words])
    }

    /// Digests of the texts that are there; `None` when none is.
    ///
    /// # Errors
    /// As for [`Sealed::text`].
    pub fn texts(
        &mut self,
        texts: &[(PrivateName, Option<&str>)],
    ) -> Result<Option<Digests>, DisclosureFault> {
        let digests = texts
            .iter()
            .filter_map(|(name, text)| text.map(|text| self.text(*name, text)))
            .collect::<Result<Vec<_>, _>>()?;
        if digests.is_empty() { Ok(None) } else { Digests::sorted(digests).map(Some) }
    }

    /// The digests of a helped family's line: always two, so that a line without a name looks like
    /// any other. They stand under a key of their own: one family is erased without the others.
    ///
    /// # Errors
    /// As for [`Sealed::text`].
    pub fn family(
        &mut self,
        name: Option<&str>,
        category: Option<&str>,
    ) -> Result<Digests, DisclosureFault> {
        let line = own_key()?;
        let name = match name {
            Some(name) => self.under(PrivateName::FullName, name, line.clone()),
            None => Digest::decoy(),
        };
        let category = match category {
            Some(category) => self.under(PrivateName::Category, category, line),
            None => Digest::decoy(),
        };
        Digests::sorted([name?, category?])
    }

    /// The digest of an officer's legal name: always one, so that nobody sees who gave none. It
    /// stands under a key of its own.
    ///
    /// # Errors
    /// As for [`Sealed::text`].
    pub fn officer(&mut self, name: Option<&str>) -> Result<Digests, DisclosureFault> {
        let digest = match name {
            Some(name) => self.under(PrivateName::FullName, name, own_key()?)?,
            None => Digest::decoy()?,
        };
        Digests::sorted([digest])
    }

    /// What the vault has to keep of a new officer whose digest was made before: their legal name,
    /// or nothing.
    ///
    /// # Errors
    /// [`DisclosureFault::Form`] for more than that, and no randomness.
    pub fn officers(opened: Vec<Disclosure>) -> Result<Vec<PrivateValue>, DisclosureFault> {
        let named =
            |own: &Disclosure| own.name() == PrivateName::FullName && own.value().is_string();
        if opened.len() > 1 || !opened.iter().all(named) {
            return Err(DisclosureFault::Form);
        }
        let kept = |disclosure| Ok(PrivateValue { disclosure, subject: own_key()? });
        opened.into_iter().map(kept).collect()
    }

    /// The digests of a line of a family of the register: two as for any other, under the family's
    /// own key, so that they go when the family is erased.
    ///
    /// # Errors
    /// As for [`Sealed::text`].
    pub fn registered(
        &mut self,
        family: &Person,
        name: &str,
        category: &str,
    ) -> Result<Digests, DisclosureFault> {
        let subject = Subject::Person(family.clone());
        let name = self.under(PrivateName::FullName, name, subject.clone())?;
        let category = self.under(PrivateName::Category, category, subject)?;
        Digests::sorted([name, category])
    }

    /// Why a family is served again in a round, under the family's own key.
    ///
    /// # Errors
    /// As for [`Sealed::text`].
    pub fn again(&mut self, family: &Person, reason: &str) -> Result<Digest, DisclosureFault> {
        self.under(PrivateName::Words, reason, Subject::Person(family.clone()))
    }

    /// A donor: always two digests, decoys where there is no name.
    ///
    /// # Errors
    /// As for [`Sealed::text`].
    pub fn donor(
        &mut self,
        r#type: DonorType,
        name: Option<&str>,
    ) -> Result<Donor, DisclosureFault> {
        let digests = match name {
            Some(name) => [
                self.text(PrivateName::FullName, name)?,
                self.text(PrivateName::MaskedName, &masked(name))?,
            ],
            None => [Digest::decoy()?, Digest::decoy()?],
        };
        Ok(Donor { r#type, private: Some(Digests::sorted(digests)?) })
    }

    /// What the vault has to keep.
    #[must_use]
    pub fn values(self) -> Vec<PrivateValue> {
        self.values
    }
}

/// Somebody who stands in one voucher alone, under a key that is theirs.
fn own_key() -> Result<Subject, DisclosureFault> {
    let failed = |fault: &dyn std::fmt::Display| DisclosureFault::Randomness(fault.to_string());
    let id = new_opaque_id().map_err(|fault| failed(&fault))?;
    let id = id.parse().map_err(|fault: crate::ledger::word::WordFault| failed(&fault))?;
    Ok(Subject::Line(id))
}

/// The digests of a paper without a scan: two decoys, as of one with title and scan.
///
/// # Errors
/// [`DisclosureFault`]: no randomness.
pub fn paper() -> Result<Digests, DisclosureFault> {
    Digests::sorted([Digest::decoy()?, Digest::decoy()?])
}

/// A name with most of it hidden: the first letter of each word.
fn masked(name: &str) -> String {
    let initials = name.split_whitespace().filter_map(|word| word.chars().next());
    initials.map(|letter| format!("{letter}.")).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::web::desk::slip::new_id;

    #[test]
    fn a_masked_name_keeps_initials_alone() {
        assert_eq!(masked("Nguyễn Thị  Ánh"), "N. T. Á.");
        assert_eq!(masked("Đức"), "Đ.");
    }

    #[test]
    fn donors_with_and_without_a_name_look_alike() {
        let mut sealed = Sealed::of(new_id());
        let named = sealed.donor(DonorType::Person, Some("Nguyễn Thị Ánh")).unwrap();
        let unnamed = sealed.donor(DonorType::Person, None).unwrap();
        assert_eq!(named.private.unwrap().as_slice().len(), 2);
        assert_eq!(unnamed.private.unwrap().as_slice().len(), 2);
        assert_eq!(sealed.values().len(), 2);
    }
}
