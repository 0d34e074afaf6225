//! Vouchers of invented histories: identifiers, salts and signatures that follow from the seed.
//!
//! A real voucher takes its identifier and its salts from the operating system's randomness. Here
//! they are derived, so that the same seed and day give the same bytes.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::Fault;
use super::people::{Donor as Giver, Family, Officer, People};
use super::seeded::Seeded;
use super::{GENERAL, number};
use crate::books::Books;
use crate::ledger::canonical;
use crate::ledger::disclosure::{Digest, Digests, Disclosure, PrivateName};
use crate::ledger::entry::{OfficerSignature, SignedVoucher};
use crate::ledger::keys::SignatureRole;
use crate::ledger::voucher::{
    AidLine, Body, Category, CostCategory, CostPaid, Counts, Donor, DonorType, Firm, GoodsLine,
    Income, IncomeType, Items, Organisation, Payee, Transfer, Voucher, VoucherId,
};
use crate::ledger::word::{Amount, Amount0, Date, List, Note, Origin, Person};
use crate::money::Money;
use crate::store::desk::vault::{PrivateValue, Subject};

/// Makes and signs vouchers.
#[derive(Debug)]
pub struct Pen {
    origin: Origin,
    salts: Seeded,
    ids: Seeded,
}

/// A voucher before it is signed, with its private values.
#[derive(Debug)]
pub struct Draft {
    /// The business date.
    pub date: Date,
    /// A public remark.
    pub note: Option<Note>,
    /// Its identifier, where another ledger names it; else one is made when it is written.
    pub id: Option<VoucherId>,
    /// What it says.
    pub body: Body,
    /// What it seals.
    pub private: Vec<PrivateValue>,
    /// A donor who agreed to be shown, and by which name.
    pub shown: Option<(Subject, PrivateName)>,
    /// The plan of sponsorship that it is matched to.
    pub plan: Option<Person>,
}

impl Draft {
    /// A voucher without private values.
    pub fn new(date: Date, body: impl Into<Body>) -> Self {
        let (body, private) = (body.into(), Vec::new());
        Self { date, note: None, id: None, body, private, shown: None, plan: None }
    }
}

impl Pen {
    /// The pen of a seed.
    pub fn new(root: &Seeded, origin: Origin) -> Self {
        Self { origin, salts: root.child("salts"), ids: root.child("ids") }
    }

    /// The ledger that it writes for.
    pub const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// A private value with a derived salt.
    pub fn disclosure(&mut self, name: PrivateName, value: Value) -> Result<Disclosure, Fault> {
        let salt = BASE64_URL_SAFE_NO_PAD.encode(self.salts.bytes());
        let bytes = canonical::encode(&json!([salt, name.as_str(), value]));
        Ok(Disclosure::parse(&BASE64_URL_SAFE_NO_PAD.encode(bytes))?)
    }

    fn decoy(&mut self) -> Result<Digest, Fault> {
        Ok(BASE64_URL_SAFE_NO_PAD.encode(self.salts.bytes()).parse()?)
    }

    /// A donor of the register with both names sealed.
    pub fn donor(&mut self, giver: &Giver) -> Result<(Donor, Vec<PrivateValue>), Fault> {
        let subject = Subject::Person(giver.person.clone());
        let full = self.disclosure(PrivateName::FullName, json!(giver.full_name))?;
        let masked = self.disclosure(PrivateName::MaskedName, json!(giver.masked_name))?;
        let private = Digests::sorted([full.digest(), masked.digest()])?;
        let values =
            [full, masked].map(|disclosure| PrivateValue { disclosure, subject: subject.clone() });
        Ok((Donor { r#type: giver.r#type, private: Some(private) }, values.into()))
    }

    /// A donor of whom nothing is known: two decoys.
    pub fn nobody(&mut self, r#type: DonorType) -> Result<Donor, Fault> {
        let private = Digests::sorted([self.decoy()?, self.decoy()?])?;
        Ok(Donor { r#type, private: Some(private) })
    }

    /// Lines of aid, one for each family, in the order of their digests.
    pub fn lines(
        &mut self,
        families: &[(&Family, Money)],
    ) -> Result<(List<AidLine, 400>, Vec<PrivateValue>), Fault> {
        let mut lines = Vec::with_capacity(families.len());
        let mut values = Vec::with_capacity(2 * families.len());
        for (family, amount) in families {
            let private = Some(self.family(family, &mut values)?);
            lines.push(AidLine { amount: above_zero(*amount)?, private });
        }
        lines.sort_by(|one, other| one.private.cmp(&other.private));
        Ok((List::new(lines).ok_or(Fault::Scenario("a list of aid without lines"))?, values))
    }

    /// Lines of goods, the same for each family, in the order of their digests.
    pub fn goods_lines(
        &mut self,
        families: &[&Family],
        items: &Items,
    ) -> Result<(List<GoodsLine, 400>, Vec<PrivateValue>), Fault> {
        let mut lines = Vec::with_capacity(families.len());
        let mut values = Vec::with_capacity(2 * families.len());
        for family in families {
            let private = Some(self.family(family, &mut values)?);
            lines.push(GoodsLine { items: items.clone(), private });
        }
        lines.sort_by(|one, other| one.private.cmp(&other.private));
        Ok((List::new(lines).ok_or(Fault::Scenario("a list of goods without lines"))?, values))
    }

    /// The digests of a family's name and category; their values go to the others.
    fn family(
        &mut self,
        family: &Family,
        values: &mut Vec<PrivateValue>,
    ) -> Result<Digests, Fault> {
        let named = self.disclosure(PrivateName::FullName, json!(family.record.full_name))?;
        let category = self.disclosure(PrivateName::Category, json!(family.category.as_str()))?;
        let private = Digests::sorted([named.digest(), category.digest()])?;
        let subject = Subject::Person(family.person.clone());
        values.extend(
            [named, category]
                .map(|disclosure| PrivateValue { disclosure, subject: subject.clone() }),
        );
        Ok(private)
    }

    /// The voucher of a draft, recorded by the treasurer at a moment.
    pub fn voucher(
        &mut self,
        people: &People,
        draft: &Draft,
        at: DateTime<Utc>,
    ) -> Result<Voucher, Fault> {
        Ok(Voucher {
            by: people.treasurer().key.name().parse()?,
            date: draft.date,
            id: match &draft.id {
                Some(id) => id.clone(),
                None => self.id(at)?,
            },
            log: self.origin.clone(),
            note: draft.note.clone(),
            body: draft.body.clone(),
        })
    }

    /// A UUIDv7 (RFC 9562 section 5.7) of a moment, its random part derived.
    pub fn id(&mut self, at: DateTime<Utc>) -> Result<VoucherId, Fault> {
        id_of(&self.ids.bytes(), at)
    }
}

/// A UUIDv7 of a moment and bytes that follow from the seed.
pub fn id_of(bytes: &[u8; 32], at: DateTime<Utc>) -> Result<VoucherId, Fault> {
    let mut random = [0; 10];
    random.copy_from_slice(&bytes[..10]);
    let millis = u64::try_from(at.timestamp_millis()).unwrap_or(0);
    let id = uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid();
    Ok(id.hyphenated().to_string().parse()?)
}

/// Entry 0 is signed by everybody: treasurer, chair, and the deputy as holder.
pub fn sign_opening(people: &People, voucher: Voucher) -> Result<SignedVoucher, Fault> {
    let signers = [
        (SignatureRole::Recorder, people.treasurer()),
        (SignatureRole::Approver, people.chair()),
        (SignatureRole::Holder, people.deputy()),
    ];
    sign_by(&signers, voucher)
}

/// Signs as the books ask for it. The deputy approves while the chair is away.
pub fn sign(
    people: &People,
    books: &Books,
    chair_away: bool,
    voucher: Voucher,
) -> Result<SignedVoucher, Fault> {
    let approver = if chair_away { people.deputy() } else { people.chair() };
    let list = books.signature_list(&voucher);
    let signers: Vec<(SignatureRole, &Officer)> = list
        .into_iter()
        .map(|(role, _)| match role {
            SignatureRole::Recorder => Ok((role, people.treasurer())),
            SignatureRole::Approver => Ok((role, approver)),
            _ => Err(Fault::Scenario("a voucher that an auditor or a new key has to sign")),
        })
        .collect::<Result<_, _>>()?;
    sign_by(&signers, voucher)
}

/// Signs a voucher in these roles.
pub fn sign_by(
    signers: &[(SignatureRole, &Officer)],
    voucher: Voucher,
) -> Result<SignedVoucher, Fault> {
    let bytes = voucher.bytes();
    let signatures = signers
        .iter()
        .map(|(role, officer)| OfficerSignature::sign(*role, &officer.key, &bytes))
        .collect::<Result<_, _>>()?;
    Ok(SignedVoucher { voucher, signatures })
}

/// Families per category, each at least five, the small ones merged; none when that cannot be.
pub fn counts(families: &[&Family]) -> Result<Option<Counts>, Fault> {
    let mut all = std::collections::BTreeMap::<Category, u64>::new();
    for family in families {
        *all.entry(family.category).or_default() += 1;
    }
    let mut counts = Counts::new();
    let mut rest = 0;
    for (category, count) in all {
        if count >= 5 {
            counts.insert(category, number(count)?);
        } else {
            rest += count;
        }
    }
    match rest {
        0 => {}
        1..5 => return Ok(None),
        rest => {
            counts.insert(Category::Other, number(rest)?);
        }
    }
    Ok((!counts.is_empty()).then_some(counts))
}

/// A firm by its public name.
pub fn firm(name: &str) -> Result<Firm, Fault> {
    Ok(Firm { r#type: Organisation::Organisation, name: name.parse()?, private: None })
}

/// A cost of the general fund, paid to a firm.
pub fn cost_paid(
    place: &str,
    category: CostCategory,
    payee: &str,
    amount: i64,
) -> Result<CostPaid, Fault> {
    Ok(CostPaid {
        place: place.parse()?,
        fund: GENERAL.parse()?,
        programme: None,
        category,
        amount: dong(amount)?,
        payee: Payee::Firm(firm(payee)?),
        gifts: None,
        papers: None,
        figure: None,
        private: None,
    })
}

/// Money of a fund that goes from one place to another.
pub fn moved(from: &str, to: &str, fund: &str, amount: i64) -> Result<Transfer, Fault> {
    Ok(Transfer {
        from_place: from.parse()?,
        to_place: to.parse()?,
        fund: fund.parse()?,
        amount: dong(amount)?,
        private: None,
    })
}

/// Interest of the bank.
pub fn paid_interest(place: &str, fund: &str, amount: i64) -> Result<Income, Fault> {
    Ok(Income {
        amount: dong(amount)?,
        place: place.parse()?,
        fund: fund.parse()?,
        r#type: IncomeType::BankInterest,
        received_on: None,
        private: None,
    })
}

/// An amount of đồng.
pub fn dong(minor: i64) -> Result<Amount, Fault> {
    above_zero(Money::new(minor).ok_or(Fault::Scenario("an amount beyond the range"))?)
}

/// An amount of đồng, or nothing.
pub fn dong0(minor: i64) -> Result<Amount0, Fault> {
    let money = Money::new(minor).and_then(Amount0::new);
    money.ok_or(Fault::Scenario("an amount below zero"))
}

fn above_zero(money: Money) -> Result<Amount, Fault> {
    Amount::new(money).ok_or(Fault::Scenario("an amount that is not above zero"))
}
