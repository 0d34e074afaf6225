//! The objects that several kinds share, and the closed lists of words.
//!
//! What each member means and which values it takes is in `docs/FORMAT.md`; the structures below
//! are that list, so their members carry no second explanation here.
#![allow(missing_docs)]

use std::collections::BTreeMap;
use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, IntoDeserializer as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::Kind;
use crate::ledger::disclosure::Digests;
use crate::ledger::keys::PublicKey;
use crate::ledger::word::{
    Amount, Amount0, Code, Date, EntryRef, List, Number, Person, TermsText, Text, WordFault, Words,
};
use crate::money::Quantity;

/// An object of a voucher: closed members, and digests of private values beside them.
macro_rules! object {
    ($(#[$meta:meta])* $name:ident {
        $($(#[$member_meta:meta])* $member:ident: $type:ty),* $(,)?
    }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $($(#[$member_meta])* pub $member: $type,)*
            /// Digests of private values (`_sd`).
            #[serde(rename = "_sd")]
            pub private: Option<$crate::ledger::disclosure::Digests>,
        }
    };
}
pub(super) use object;

/// A closed list of words.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($variant:ident = $word:literal),* $(,)? }) => {
        $(#[$meta])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash,
            serde::Serialize, serde::Deserialize,
        )]
        pub enum $name { $(#[serde(rename = $word)] $variant,)* }

        impl $name {
            /// Every word of the list, in its order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word as it stands in a voucher.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::ledger::word::WordFault;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::ALL.iter().copied().find(|word| word.as_str() == text)
                    .ok_or($crate::ledger::word::WordFault("a word of the list"))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str(self.as_str())
            }
        }
    };
}
pub(super) use words;

words! {
    /// What an officer may do.
    OfficerRole {
        Chair = "chair", DeputyChair = "deputy_chair", Treasurer = "treasurer",
        Caseworker = "caseworker", Auditor = "auditor",
    }
}
words! {
    /// What a place of money is.
    PlaceType { Cash = "cash", Bank = "bank", Advance = "advance" }
}
words! {
    /// What a fund is for.
    FundType {
        General = "general", Restricted = "restricted", Sponsorship = "sponsorship",
        Revolving = "revolving",
    }
}
words! {
    /// What a programme does.
    ProgrammeType {
        Tet = "tet", Disaster = "disaster", Medical = "medical", Housing = "housing",
        Livelihood = "livelihood", Education = "education", Training = "training",
        Blood = "blood", Regular = "regular", Other = "other",
    }
}
words! {
    /// Who gave.
    DonorType {
        Person = "person", Organisation = "organisation", Collection = "collection",
        Unknown = "unknown",
    }
}
words! {
    /// How a gift of money arrived.
    Method { Cash = "cash", Transfer = "transfer", Card = "card", Other = "other" }
}
words! {
    /// Income that is no donation.
    IncomeType { BankInterest = "bank_interest", Other = "other" }
}
words! {
    /// Why something is corrected.
    Reason {
        Mistyped = "mistyped", Duplicate = "duplicate", WrongFund = "wrong_fund",
        WrongPerson = "wrong_person", ReturnedByBank = "returned_by_bank",
        NotAGift = "not_a_gift", Other = "other",
    }
}
words! {
    /// Why goods were lost or found.
    LossReason {
        Spoiled = "spoiled", Expired = "expired", Lost = "lost", Stolen = "stolen",
        Found = "found", Miscounted = "miscounted", Other = "other",
    }
}
words! {
    /// Why a loan cannot be paid back.
    BadLoanReason {
        Death = "death", Illness = "illness", Disaster = "disaster", Poverty = "poverty",
        Left = "left", Other = "other",
    }
}
words! {
    /// Why money moves between funds.
    MoveReason {
        Consent = "consent", Terms = "terms", PurposeFulfilled = "purpose_fulfilled",
        Other = "other",
    }
}
words! {
    /// What a cost was for.
    CostCategory {
        Training = "training", Transport = "transport", Printing = "printing",
        Storage = "storage", BankFee = "bank_fee", Communication = "communication",
        Other = "other",
    }
}
words! {
    /// What a loan was for.
    Purpose {
        SmallTrade = "small_trade", Livestock = "livestock", Crops = "crops",
        Repair = "repair", Study = "study", Illness = "illness", Other = "other",
    }
}
words! {
    /// What a figure counts.
    FigureOf {
        People = "people", Classes = "classes", BloodUnits = "blood_units",
        Places = "places", Collaborators = "collaborators", Families = "families",
        Other = "other",
    }
}
words! {
    /// Why the chapter holds what is not its own.
    CustodyClass {
        NamedFamily = "named_family", Mistaken = "mistaken", Unidentified = "unidentified",
        Overpaid = "overpaid",
    }
}
words! {
    /// What a custody gift became.
    AssignedAs { Donation = "donation", Repayment = "repayment" }
}
words! {
    /// Whether a count found less or more.
    Direction { Less = "less", More = "more" }
}
words! {
    /// What an auditor found.
    AuditResult { Sound = "sound", Remarks = "remarks", Refused = "refused" }
}
words! {
    /// What a published statement covers.
    StatementType { Quarter = "quarter", Year = "year", Campaign = "campaign" }
}
words! {
    /// Why private values were erased.
    ErasureClass { Request = "request", Retention = "retention", Error = "error" }
}
words! {
    /// The category of a family, published as counts only.
    Category {
        Poor = "poor", NearPoor = "near_poor", RecentlyOutOfPoverty = "recently_out_of_poverty",
        Disability = "disability", AgentOrange = "agent_orange",
        LonelyElderly = "lonely_elderly", Orphan = "orphan",
        SeriousIllness = "serious_illness", Disaster = "disaster", Other = "other",
    }
}
words! {
    /// The one currency so far.
    CurrencyCode { Vnd = "VND" }
}
words! {
    /// The one type of a payee with a name in the leaf.
    Organisation { Organisation = "organisation" }
}

object! {
    /// The chapter itself.
    Chapter {
        name: Text, slug: Code, address: Option<Text>, province: Option<Text>,
        upper: Option<Text>,
    }
}
object! {
    /// The currency of the ledger's amounts; `scale` is 0 to 3.
    CurrencyMember { code: CurrencyCode, scale: Number }
}
object! {
    /// An officer and the key that signs for them.
    Officer { vkey: PublicKey, person: Person, roles: Words<OfficerRole>, title: Text }
}
object! {
    /// The key outside the chapter that helps when the officers cannot.
    Guardian { vkey: PublicKey, person: Person, title: Text }
}
object! {
    /// What a chapter asks for beyond the table of signers.
    Policy { two_above: Option<Amount>, away: Option<Words<Kind>> }
}
object! {
    /// The last checkpoint of the ledger that this one continues.
    Continues { checkpoint: crate::ledger::word::Base64 }
}
object! {
    /// A place of money.
    Place {
        code: Code, r#type: PlaceType, name: Text, bank_bin: Option<Text>, account: Option<Text>,
    }
}
object! {
    /// What a fund's money may be used for.
    Terms {
        text: TermsText, kinds: Option<Words<Kind>>, programmes: Option<Words<Code>>,
        until: Option<Date>, costs: bool,
    }
}
object! {
    /// A fund.
    Fund {
        code: Code, r#type: FundType, name: Text, terms: Terms, target: Option<Amount>,
        from: Option<Date>, to: Option<Date>,
    }
}
object! {
    /// A programme.
    Programme { code: Code, name: Text, r#type: ProgrammeType }
}
object! {
    /// A kind of goods.
    Item { code: Code, name: Text, unit: Text, whole: bool }
}
object! {
    /// A store of goods.
    StoreRoom { code: Code, name: Text }
}
object! {
    /// Who gave: always exactly two digests.
    Donor { r#type: DonorType }
}
object! {
    /// A firm that was paid, by its public name.
    Firm { r#type: Organisation, name: Text }
}

/// Who was paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, try_from = "PayeeMembers")]
pub enum Payee {
    /// A firm by its public name.
    Firm(Firm),
    /// Anybody else, as a donor is written.
    Sealed(Donor),
}

/// The members of either.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PayeeMembers {
    r#type: DonorType,
    name: Option<Text>,
    #[serde(rename = "_sd")]
    private: Option<Digests>,
}

impl TryFrom<PayeeMembers> for Payee {
    type Error = WordFault;

    fn try_from(own: PayeeMembers) -> Result<Self, WordFault> {
        let PayeeMembers { r#type, name, private } = own;
        match (name, r#type) {
            (None, r#type) => Ok(Self::Sealed(Donor { r#type, private })),
            (Some(name), DonorType::Organisation) => {
                Ok(Self::Firm(Firm { r#type: Organisation::Organisation, name, private }))
            }
            (Some(_), _) => Err(WordFault("a name of organisations only")),
        }
    }
}

object! {
    /// A paper kept in the vault.
    Paper { no: Option<Text> }
}
object! {
    /// Goods of one item.
    ItemQuantity { item: Code, quantity: Quantity }
}
object! {
    /// Goods received together.
    Lot {
        item: Code, quantity: Quantity, value: Amount0, expiry: Option<Date>,
        condition: Option<Text>,
    }
}
object! {
    /// A figure of people, classes and the like.
    Figure { of: FigureOf, number: Number }
}
object! {
    /// Goods held for others: counted, never valued.
    CustodyGoods { description: Text, quantity: Quantity, unit: Text }
}
object! {
    /// Money for one family or person.
    AidLine { amount: Amount }
}
object! {
    /// Goods for one family or person.
    GoodsLine { items: List<ItemQuantity> }
}
object! {
    /// For whom something is held.
    Recipient {}
}
object! {
    /// Banknotes of one value.
    Denomination { value: Amount, number: Number }
}

/// An earlier entry, or one line of its list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum LineRef {
    /// The whole entry.
    Entry(EntryRef),
    /// One line of an opening balance, from 0.
    Line(OpeningLineRef),
}

impl<'de> Deserialize<'de> for LineRef {
    fn deserialize<D: Deserializer<'de>>(read: D) -> Result<Self, D::Error> {
        read.deserialize_any(AnyLineRef)
    }
}

/// A number or text is an entry, an object a line.
struct AnyLineRef;

impl<'de> Visitor<'de> for AnyLineRef {
    type Value = LineRef;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("the seq of an earlier entry, or a line of an opening balance")
    }

    fn visit_u64<E: de::Error>(self, seq: u64) -> Result<LineRef, E> {
        EntryRef::deserialize(seq.into_deserializer()).map(LineRef::Entry)
    }

    fn visit_str<E: de::Error>(self, old: &str) -> Result<LineRef, E> {
        EntryRef::deserialize(old.into_deserializer()).map(LineRef::Entry)
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<LineRef, A::Error> {
        OpeningLineRef::deserialize(MapAccessDeserializer::new(members)).map(LineRef::Line)
    }
}

object! {
    /// One line of an opening balance.
    OpeningLineRef { line: Number, seq: EntryRef }
}

impl LineRef {
    /// The entry that is meant.
    #[must_use]
    pub fn entry(&self) -> EntryRef {
        match self {
            Self::Entry(entry) => *entry,
            Self::Line(line) => line.seq,
        }
    }

    /// The line of an opening balance, when one is named.
    #[must_use]
    pub fn line(&self) -> Option<u64> {
        match self {
            Self::Entry(_) => None,
            Self::Line(line) => Some(line.line.get()),
        }
    }
}

/// Papers of a voucher.
pub type Papers = List<Paper>;
/// Gifts to use first.
pub type Gifts = List<LineRef, 1000>;
/// Goods by item.
pub type Items = List<ItemQuantity>;
/// Families per category, each at least five.
pub type Counts = BTreeMap<Category, Number>;
/// The digests of a voucher or one of its objects.
pub type Private = Option<Digests>;
