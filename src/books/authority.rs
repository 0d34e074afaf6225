//! Which signatures a voucher needs, and whether it has exactly those.

use crate::ledger::entry::{Entry, OfficerSignature, SignedVoucher};
use crate::ledger::keys::{PublicKey, SignatureRole};
use crate::ledger::voucher::{Body, CostCategory, Kind, OfficerRole, PlaceType, Voucher};
use crate::ledger::word::{KeyName, Person};

use super::Books;
use super::officers::Officers;
use super::refusal::Refusal;

/// Bank fees below this many minor units need the recorder alone, when the policy has an amount.
const SMALL_BANK_FEE: i64 = 1_000_000;

/// Who signs a kind (`docs/FORMAT.md`, table of kinds).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signs {
    /// Every officer and the guardian: entry 0.
    All,
    /// The recorder alone.
    One,
    /// Recorder and approver.
    Two,
    /// Recorder, approver and, if one is registered, the auditor.
    TwoAndAuditor,
    /// The auditor alone.
    Auditor,
}

/// The table's floor for a kind; policy and amounts come on top in [`Books::required`].
#[must_use]
pub fn signs(kind: Kind) -> Signs {
    match kind {
        Kind::ChapterOpened => Signs::All,
        Kind::ProgrammeOpened
        | Kind::ItemOpened
        | Kind::StoreOpened
        | Kind::Donation
        | Kind::Income
        | Kind::ActivityReported
        | Kind::Transfer
        | Kind::ReceivedFromChapter
        | Kind::GoodsReceived
        | Kind::GoodsMoved
        | Kind::CustodyReceived
        | Kind::LoanRepaid
        | Kind::LoanRecovered => Signs::One,
        Kind::PeriodClosed => Signs::TwoAndAuditor,
        Kind::PeriodAudited => Signs::Auditor,
        _ => Signs::Two,
    }
}

/// Whether a caseworker may record the kind.
#[must_use]
pub fn caseworker_may_record(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::CustodyHandedOver
            | Kind::GoodsDistributed
            | Kind::GoodsMoved
            | Kind::GoodsReceived
            | Kind::HandoverReturned
            | Kind::LoanRepaid
            | Kind::StockCounted
    )
}

/// Whether the guardian may approve the kind.
#[must_use]
pub fn guardian_may_approve(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::OfficerEnrolled | Kind::OfficerRetired | Kind::KeyRotated | Kind::LogKeyRotated
    )
}

/// The amount of a kind that the table marks 1 and that has a member `amount`.
fn amount_of(body: &Body) -> Option<i64> {
    match body {
        Body::Donation(body) => Some(body.amount.minor()),
        Body::Income(body) => Some(body.amount.minor()),
        Body::Transfer(body) => Some(body.amount.minor()),
        Body::ReceivedFromChapter(body) => body.amount.map(|amount| amount.minor()),
        Body::CustodyReceived(body) => body.amount.map(|amount| amount.minor()),
        Body::LoanRepaid(body) => Some(body.amount.minor()),
        Body::LoanRecovered(body) => Some(body.amount.minor()),
        _ => None,
    }
}

/// New keys that prove their possession, by key name.
fn holders(body: &Body) -> Vec<&PublicKey> {
    match body {
        Body::OfficerEnrolled(body) => vec![&body.officer.vkey],
        Body::KeyRotated(body) => vec![&body.new_vkey],
        Body::GuardianNamed(body) => vec![&body.guardian.vkey],
        _ => Vec::new(),
    }
}

impl Books {
    /// Whether the voucher needs an approver, and an auditor, beside its recorder.
    #[must_use]
    pub fn required(&self, voucher: &Voucher) -> Signs {
        let two_above = self.policy().and_then(|policy| policy.two_above);
        let floor = signs(voucher.kind());
        match &voucher.body {
            Body::CostPaid(cost) if cost.category == CostCategory::BankFee => {
                let limit = two_above.map_or(0, |amount| amount.minor().min(SMALL_BANK_FEE));
                if cost.amount.minor() < limit { Signs::One } else { Signs::Two }
            }
            Body::Transfer(transfer)
                if self.place_type(&transfer.to_place) == Some(PlaceType::Advance) =>
            {
                Signs::Two
            }
            body if floor == Signs::One => match (two_above, amount_of(body)) {
                (Some(limit), Some(amount)) if amount > limit.minor() => Signs::Two,
                _ => floor,
            },
            _ => floor,
        }
    }

    /// The roles in which a voucher has to be signed, in their order; holders with their keys.
    #[must_use]
    pub fn signature_list(&self, voucher: &Voucher) -> Vec<(SignatureRole, Option<KeyName>)> {
        let mut list = match self.required(voucher) {
            Signs::One => vec![(SignatureRole::Recorder, None)],
            Signs::Auditor => vec![(SignatureRole::Auditor, None)],
            Signs::TwoAndAuditor if self.officers().has_auditor() => vec![
                (SignatureRole::Recorder, None),
                (SignatureRole::Approver, None),
                (SignatureRole::Auditor, None),
            ],
            Signs::All | Signs::Two | Signs::TwoAndAuditor => {
                vec![(SignatureRole::Recorder, None), (SignatureRole::Approver, None)]
            }
        };
        let mut names: Vec<KeyName> =
            holders(&voucher.body).iter().filter_map(|key| key.name().parse().ok()).collect();
        names.sort();
        list.extend(names.into_iter().map(|name| (SignatureRole::Holder, Some(name))));
        list
    }

    /// Checks that the entry is signed by exactly those who have to, in the right order.
    ///
    /// # Errors
    /// The first rule of authority that the entry breaks.
    pub(super) fn check_authority(&self, entry: &Entry) -> Result<(), Refusal> {
        if let Body::ChapterOpened(_) = &entry.voucher().body {
            return check_opening(entry);
        }
        let expected = self.signature_list(entry.voucher());
        matches_list(entry.signatures(), &expected)?;
        let first = entry.signatures().first();
        if first.map(|signature| &signature.key) != Some(&entry.voucher().by) {
            return Err(Refusal::SignatureList { expected: "the first by the key in `by`".into() });
        }
        check_persons(self.officers(), entry)
    }

    /// Verifies every signature of an entry with the keys in force before it (and, for holders,
    /// the keys that it registers), strictly (RFC 8032, `verify_strict`).
    ///
    /// # Errors
    /// [`Refusal::KeyNotInForce`] or [`Refusal::SignatureInvalid`].
    pub fn verify_signatures(&self, entry: &Entry) -> Result<(), Refusal> {
        self.verify_signatures_over(entry, &entry.voucher().bytes())
    }

    /// The same over the voucher's own canonical bytes.
    ///
    /// # Errors
    /// As [`Books::verify_signatures`].
    pub fn verify_signatures_over(&self, entry: &Entry, voucher: &[u8]) -> Result<(), Refusal> {
        for signature in entry.signatures() {
            let name = signature.key.to_string();
            let key = self.key_of(entry, signature);
            let key = key.ok_or_else(|| Refusal::KeyNotInForce { key: name.clone() })?;
            signature.verify(voucher, key).map_err(|_| Refusal::SignatureInvalid { key: name })?;
        }
        Ok(())
    }

    /// The keys with which [`Books::verify_signatures`] verifies, for somebody who does it
    /// elsewhere; `None` when one is not in force.
    #[must_use]
    pub fn signing_keys(&self, entry: &Entry) -> Option<Vec<PublicKey>> {
        let keys = entry.signatures().iter().map(|own| self.key_of(entry, own).cloned());
        keys.collect()
    }

    fn key_of<'a>(
        &'a self,
        entry: &'a Entry,
        signature: &OfficerSignature,
    ) -> Option<&'a PublicKey> {
        let body = &entry.voucher().body;
        match (body, signature.role) {
            (Body::ChapterOpened(opened), _) => opened
                .officers
                .iter()
                .map(|officer| &officer.vkey)
                .chain(opened.guardian.as_ref().map(|guardian| &guardian.vkey))
                .find(|vkey| vkey.name() == signature.key.as_str()),
            (_, SignatureRole::Holder) => {
                holders(body).into_iter().find(|vkey| vkey.name() == signature.key.as_str())
            }
            _ => self.officers().verifier(&signature.key),
        }
    }

    /// The keys with which the signatures of a voucher may be verified before its turn; `None` when
    /// one is not in force, or is registered only by the voucher itself.
    #[must_use]
    pub fn keys_before(&self, signed: &SignedVoucher) -> Option<Vec<PublicKey>> {
        let key = |own: &OfficerSignature| self.officers().verifier(&own.key).cloned();
        signed.signatures.iter().map(key).collect()
    }

    /// Whether these are the keys with which [`Books::verify_signatures`] verifies an entry.
    #[must_use]
    pub fn verifies_with(&self, entry: &Entry, keys: &[PublicKey]) -> bool {
        let own = entry.signatures().iter().map(|signature| self.key_of(entry, signature));
        own.eq(keys.iter().map(Some))
    }
}

/// An entry whose signatures are verified behind its turn, with the keys that were in force then.
#[derive(Clone, Debug)]
pub struct SignedEntry {
    entry: Entry,
    bytes: Vec<u8>,
    keys: Vec<PublicKey>,
}

impl SignedEntry {
    /// An entry, its bytes and the keys that [`Books::signing_keys`] gave for it.
    #[must_use]
    pub fn new(entry: Entry, bytes: Vec<u8>, keys: Vec<PublicKey>) -> Self {
        Self { entry, bytes, keys }
    }

    /// The entry.
    #[must_use]
    pub const fn entry(&self) -> &Entry {
        &self.entry
    }

    /// How many bytes its entry has.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// Verifies the signatures of some entries, all at once first: one by one they are looked at
    /// only to say which does not hold.
    ///
    /// How many hold before the first that does not, and the index of that one's entry in `all`,
    /// with [`Refusal::SignatureInvalid`].
    pub fn verify_all(all: &[Self]) -> (u64, Result<(), (usize, Refusal)>) {
        if let Some(number) = Self::at_once(all) {
            return (number, Ok(()));
        }
        let mut number = 0;
        for (index, own) in all.iter().enumerate() {
            match own.verify() {
                Ok(more) => number += more,
                Err(refusal) => return (number, Err((index, refusal))),
            }
        }
        (number, Ok(()))
    }

    fn at_once(all: &[Self]) -> Option<u64> {
        let mut signed = Vec::with_capacity(all.len());
        for own in all {
            if own.keys.len() != own.entry.signatures().len() {
                return None;
            }
            let voucher = own.entry.voucher_in(&own.bytes);
            let signatures = own.entry.signatures().iter().zip(&own.keys);
            signed.extend(
                signatures.map(|(signature, key)| {
                    (key, signature.message(&voucher), &signature.signature)
                }),
            );
        }
        PublicKey::all_hold(&signed).then_some(signed.len() as u64)
    }

    fn verify(&self) -> Result<u64, Refusal> {
        let voucher = self.entry.voucher_in(&self.bytes);
        if self.keys.len() != self.entry.signatures().len() {
            let missing = self.entry.signatures().get(self.keys.len());
            let key = missing.map_or_else(String::new, |signature| signature.key.to_string());
            return Err(Refusal::SignatureInvalid { key });
        }
        for (signature, key) in self.entry.signatures().iter().zip(&self.keys) {
            let invalid = |_| Refusal::SignatureInvalid { key: signature.key.to_string() };
            signature.verify(&voucher, key).map_err(invalid)?;
        }
        Ok(self.keys.len() as u64)
    }
}

fn matches_list(
    signatures: &[OfficerSignature],
    expected: &[(SignatureRole, Option<KeyName>)],
) -> Result<(), Refusal> {
    let same = signatures.len() == expected.len()
        && signatures.iter().zip(expected).all(|(signature, (role, key))| {
            signature.role == *role && key.as_ref().is_none_or(|key| *key == signature.key)
        });
    if same {
        return Ok(());
    }
    let words: Vec<&str> = expected.iter().map(|(role, _)| role.as_str()).collect();
    Err(Refusal::SignatureList { expected: words.join(", ") })
}

/// Roles of the signers, and that they are different persons.
fn check_persons(officers: &Officers, entry: &Entry) -> Result<(), Refusal> {
    let kind = entry.voucher().kind();
    let mut persons: Vec<&Person> = Vec::new();
    let mut recorder_is_chair = false;
    for signature in entry.signatures() {
        let person = match signature.role {
            SignatureRole::Recorder => {
                let (person, officer) = officers.by_key(&signature.key)?;
                let may = officer.leads()
                    || officer.has(OfficerRole::Treasurer)
                    || (officer.has(OfficerRole::Caseworker) && caseworker_may_record(kind));
                if !may {
                    return Err(Refusal::RecorderMayNot);
                }
                recorder_is_chair = officer.has(OfficerRole::Chair);
                person
            }
            SignatureRole::Approver => match officers.guardian_by_key(&signature.key) {
                Some(guardian) if guardian_may_approve(kind) => &guardian.person,
                Some(_) => return Err(Refusal::ApproverMayNot),
                None => {
                    let (person, officer) = officers.by_key(&signature.key)?;
                    let stands_in = recorder_is_chair && officer.has(OfficerRole::Treasurer);
                    if !officer.leads() && !stands_in {
                        return Err(Refusal::ApproverMayNot);
                    }
                    person
                }
            },
            SignatureRole::Auditor => {
                let (person, officer) = officers.by_key(&signature.key)?;
                if !officer.has(OfficerRole::Auditor) {
                    return Err(Refusal::NotAnAuditor);
                }
                person
            }
            SignatureRole::Holder => continue,
        };
        if persons.contains(&person) {
            return Err(Refusal::SamePerson);
        }
        persons.push(person);
    }
    Ok(())
}

/// Entry 0: recorder (treasurer or chair), approver by the common rule, everybody else as holder.
fn check_opening(entry: &Entry) -> Result<(), Refusal> {
    let Body::ChapterOpened(opened) = &entry.voucher().body else { return Err(Refusal::Opening) };
    let list = |expected: &str| Refusal::SignatureList { expected: expected.to_owned() };
    let find =
        |key: &KeyName| opened.officers.iter().find(|officer| officer.vkey.name() == key.as_str());
    let [recorder, approver, others @ ..] = entry.signatures() else {
        return Err(list("recorder, approver, holders"));
    };
    if recorder.role != SignatureRole::Recorder || approver.role != SignatureRole::Approver {
        return Err(list("recorder, approver, holders"));
    }
    if recorder.key != entry.voucher().by {
        return Err(list("the first by the key in `by`"));
    }
    let not_listed = |key: &KeyName| Refusal::KeyNotInForce { key: key.to_string() };
    let first = find(&recorder.key).ok_or_else(|| not_listed(&recorder.key))?;
    let second = find(&approver.key).ok_or_else(|| not_listed(&approver.key))?;
    let chair = first.roles.contains(&OfficerRole::Chair);
    if !chair && !first.roles.contains(&OfficerRole::Treasurer) {
        return Err(Refusal::RecorderMayNot);
    }
    let leads = second.roles.contains(&OfficerRole::Chair)
        || second.roles.contains(&OfficerRole::DeputyChair);
    let stands_in = chair && second.roles.contains(&OfficerRole::Treasurer);
    if !leads && !stands_in {
        return Err(Refusal::ApproverMayNot);
    }
    if first.person == second.person {
        return Err(Refusal::SamePerson);
    }
    let signed = [recorder.key.as_str(), approver.key.as_str()];
    let mut rest: Vec<&str> = opened
        .officers
        .iter()
        .map(|officer| officer.vkey.name())
        .chain(opened.guardian.as_ref().map(|guardian| guardian.vkey.name()))
        .filter(|name| !signed.contains(name))
        .collect();
    rest.sort_unstable();
    let as_holders: Vec<&str> = others
        .iter()
        .filter(|signature| signature.role == SignatureRole::Holder)
        .map(|signature| signature.key.as_str())
        .collect();
    if rest == as_holders && as_holders.len() == others.len() {
        Ok(())
    } else {
        Err(list("recorder, approver, and every other listed key as holder by name"))
    }
}
