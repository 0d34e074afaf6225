//! Every kind of voucher with its own members, in the order of `docs/FORMAT.md`.
#![allow(missing_docs)]

use super::members::*;
use crate::ledger::keys::PublicKey;
use crate::ledger::tree::Hash;
use crate::ledger::word::{
    Amount, Amount0, Code, Date, EntryRef, List, Month, Number, Person, Text, UtcOffset,
};
use crate::money::Money;

/// The closed list of kinds: one structure, one word, one arm each.
macro_rules! kinds {
    ($($variant:ident = $word:literal { $($member:ident: $type:ty),* $(,)? })*) => {
        super::members::words! {
            /// The kind of a voucher.
            Kind { $($variant = $word,)* }
        }

        $(object! {
            #[doc = concat!("The members of `", $word, "`.")]
            $variant { $($member: $type,)* }
        })*

        /// What a voucher says: its kind with the members of that kind.
        // Bodies live one at a time; boxing the large ones would only cost the reader of matches.
        #[allow(clippy::large_enum_variant)]
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Body { $($variant($variant),)* }

        impl Body {
            /// The kind.
            #[must_use]
            pub const fn kind(&self) -> Kind {
                match self { $(Self::$variant(_) => Kind::$variant,)* }
            }

            /// The digests beside the members of the voucher itself.
            #[must_use]
            pub const fn private(&self) -> Option<&crate::ledger::disclosure::Digests> {
                match self { $(Self::$variant(body) => body.private.as_ref(),)* }
            }

            pub(super) fn read<'de>(
                kind: Kind,
                members: &'de crate::ledger::json::Members<'de>,
            ) -> Result<Self, super::MemberFault> {
                match kind {
                    $(Kind::$variant => super::read_members(members).map(Self::$variant),)*
                }
            }

            pub(super) fn write(&self) -> serde_json::Result<serde_json::Value> {
                match self { $(Self::$variant(body) => serde_json::to_value(body),)* }
            }
        }

        $(impl From<$variant> for Body {
            fn from(body: $variant) -> Self {
                Self::$variant(body)
            }
        })*
    };
}

kinds! {
    ChapterOpened = "chapter_opened" {
        chapter: Chapter, currency: CurrencyMember, utc_offset: UtcOffset, books_from: Date,
        log_key: PublicKey, officers: List<Officer>, guardian: Option<Guardian>, policy: Policy,
        continues: Option<Continues>, rules: Number,
    }
    ChapterChanged = "chapter_changed" { chapter: Chapter }
    PolicyChanged = "policy_changed" { policy: Policy }
    RulesAdopted = "rules_adopted" { rules: Number }
    ChapterClosed = "chapter_closed" {}
    OfficerEnrolled = "officer_enrolled" { officer: Officer }
    OfficerRetired = "officer_retired" { person: Person }
    KeyRotated = "key_rotated" {
        person: Person, old_vkey: PublicKey, new_vkey: PublicKey,
        compromised_from_seq: Option<EntryRef>,
    }
    GuardianNamed = "guardian_named" { guardian: Guardian }
    LogKeyRotated = "log_key_rotated" { new_vkey: PublicKey, from_size: Number }
    WitnessNamed = "witness_named" { name: Text, vkey: PublicKey, url: Option<Text> }
    PlaceOpened = "place_opened" { place: Place }
    PlaceClosed = "place_closed" { place: Code }
    FundOpened = "fund_opened" { fund: Fund }
    FundClosed = "fund_closed" { fund: Code }
    ProgrammeOpened = "programme_opened" { programme: Programme }
    ItemOpened = "item_opened" { item: Item }
    StoreOpened = "store_opened" { store: StoreRoom }
    OpeningBalance = "opening_balance" {
        as_of: Date, money: Option<List<OpeningMoney>>, goods: Option<List<OpeningGoods>>,
        loans: Option<List<OpeningLoan>>, custody: Option<List<OpeningCustody>>,
    }
    Donation = "donation" {
        amount: Amount, place: Code, fund: Code, donor: Donor, method: Method,
        received_on: Option<Date>, paper_no: Option<Text>,
    }
    Income = "income" {
        amount: Amount, place: Code, fund: Code, r#type: IncomeType, received_on: Option<Date>,
    }
    DonationReturned = "donation_returned" {
        of: LineRef, amount: Amount, place: Code, reason: Reason,
    }
    AidPaid = "aid_paid" {
        place: Code, fund: Code, programme: Code, round: Option<Code>,
        lines: List<AidLine, 400>, counts: Option<Counts>, gifts: Option<Gifts>,
        papers: Option<Papers>,
    }
    CostPaid = "cost_paid" {
        place: Code, fund: Code, programme: Option<Code>, category: CostCategory,
        amount: Amount, payee: Payee, gifts: Option<Gifts>, papers: Option<Papers>,
        figure: Option<Figure>,
    }
    ActivityReported = "activity_reported" {
        programme: Code, from: Date, to: Date, figures: List<Figure>,
    }
    Transfer = "transfer" { from_place: Code, to_place: Code, fund: Code, amount: Amount }
    FundTransfer = "fund_transfer" {
        from_fund: Code, to_fund: Code, place: Code, amount: Amount, gifts: Option<Gifts>,
        reason: MoveReason,
    }
    SentToChapter = "sent_to_chapter" {
        amount: Option<Amount>, items: Option<Items>, place: Option<Code>, store: Option<Code>,
        fund: Code, to_log: Text, gifts: Option<Gifts>,
    }
    ReceivedFromChapter = "received_from_chapter" {
        amount: Option<Amount>, lots: Option<List<Lot>>, place: Option<Code>,
        store: Option<Code>, fund: Code, sender: Sender,
    }
    GoodsReceived = "goods_received" {
        fund: Code, store: Code, donor: Donor, lots: List<Lot>, papers: Option<Papers>,
    }
    GoodsPurchased = "goods_purchased" {
        place: Code, fund: Code, store: Code, payee: Payee, lots: List<Lot>,
        extra: Option<Amount>, gifts: Option<Gifts>,
    }
    GoodsReturned = "goods_returned" {
        of: LineRef, items: Items, place: Option<Code>, amount: Option<Amount>,
    }
    GoodsDistributed = "goods_distributed" {
        store: Code, fund: Code, programme: Code, round: Option<Code>,
        lines: List<GoodsLine, 400>, counts: Option<Counts>, allow_expired: Option<bool>,
    }
    HandoverReturned = "handover_returned" {
        of: LineRef, amount: Option<Amount>, items: Option<Items>, lines: Number,
        place: Option<Code>,
    }
    GoodsMoved = "goods_moved" { from_store: Code, to_store: Code, fund: Code, items: Items }
    StockCounted = "stock_counted" { store: Code, fund: Code, differences: List<StockDifference> }
    CashCounted = "cash_counted" {
        place: Code, counted: Amount0, difference: Money, fund: Option<Code>,
        denominations: Option<List<Denomination>>,
    }
    CustodyReceived = "custody_received" {
        class: CustodyClass, donor: Donor, to: Option<Recipient>, amount: Option<Amount>,
        place: Option<Code>, goods: Option<List<CustodyGoods>>,
    }
    CustodyHandedOver = "custody_handed_over" {
        of: LineRef, amount: Option<Amount>, goods: Option<List<CustodyGoods>>,
        papers: Option<Papers>, place: Option<Code>,
    }
    CustodyReturned = "custody_returned" {
        of: LineRef, amount: Option<Amount>, goods: Option<List<CustodyGoods>>,
        papers: Option<Papers>, place: Option<Code>,
    }
    CustodyAssigned = "custody_assigned" {
        of: LineRef, amount: Amount, r#as: AssignedAs, fund: Option<Code>,
        loan: Option<LineRef>, donor: Option<Donor>, principal: Option<Amount0>,
        fee: Option<Amount0>, place: Option<Code>,
    }
    LoanApproved = "loan_approved" {
        fund: Code, principal: Amount, purpose: Purpose, fee_total: Amount0,
        group: Option<Code>,
    }
    LoanCancelled = "loan_cancelled" { of: LineRef, reason: Reason }
    LoanDisbursed = "loan_disbursed" { of: LineRef, place: Code }
    LoanRepaid = "loan_repaid" {
        of: LineRef, amount: Amount, principal: Amount0, fee: Amount0, place: Code,
    }
    LoanFeeWaived = "loan_fee_waived" { of: LineRef, amount: Amount, reason: BadLoanReason }
    LoanRescheduled = "loan_rescheduled" {}
    LoanWrittenOff = "loan_written_off" { of: LineRef, reason: BadLoanReason }
    LoanRecovered = "loan_recovered" { of: LineRef, amount: Amount, place: Code }
    Reversed = "reversed" { of: LineRef, reason: Reason }
    PeriodClosed = "period_closed" {
        through: Month, entries: Number, places: List<PlaceFigures>, custody: Amount0,
        bank: Option<List<BankBalance>>, loans: Option<LoanFigures>, statement: Hash,
        goods: Option<List<GoodsFigures>>, funds: Option<List<FundFigures>>,
    }
    PeriodAudited = "period_audited" {
        through: Month, result: AuditResult, sample: Option<List<EntryRef>>,
    }
    StatementPublished = "statement_published" {
        r#type: StatementType, from: Date, to: Date, fund: Option<Code>, sha256: Hash,
    }
    PrivacyErased = "privacy_erased" { class: ErasureClass }
}

object! {
    /// Money of an opening balance.
    OpeningMoney { place: Code, fund: Code, amount: Amount }
}
object! {
    /// Goods of an opening balance.
    OpeningGoods {
        item: Code, quantity: crate::money::Quantity, value: Amount0, expiry: Option<Date>,
        condition: Option<Text>, fund: Code, store: Code,
    }
}
object! {
    /// A loan that runs already when the books begin.
    OpeningLoan {
        fund: Code, principal: Amount, paid: Amount0, fee_total: Amount0, fees_paid: Amount0,
        purpose: Purpose, disbursed: Date, group: Option<Code>,
    }
}
object! {
    /// What is held for others when the books begin.
    OpeningCustody {
        class: CustodyClass, amount: Option<Amount>, place: Option<Code>,
        goods: Option<List<CustodyGoods>>,
    }
}
object! {
    /// The voucher of another chapter's ledger that sent this.
    Sender { log: Text, id: VoucherId }
}
object! {
    /// What a stock count found.
    StockDifference {
        item: Code, quantity: crate::money::Quantity, direction: Direction, reason: LossReason,
        lot: Option<LineRef>,
    }
}
object! {
    /// A place's figures in a closed period.
    PlaceFigures { place: Code, opening: Money, r#in: Money, out: Money, closing: Money }
}
object! {
    /// A fund's figures in a closed period.
    FundFigures {
        fund: Code, opening: Money, received: Money, spent: Money, moved: Money, lost: Money,
        closing: Money, money: Money, stock: Money, loans: Money, earlier: Money,
    }
}
object! {
    /// An item's figures in a closed period.
    GoodsFigures {
        item: Code, opening: SignedQuantity, r#in: SignedQuantity, out: SignedQuantity,
        closing: SignedQuantity,
    }
}
object! {
    /// What the bank's own statement says at the end of the period.
    BankBalance { place: Code, statement_balance: Money }
}
object! {
    /// Running loans and those overdue by more than 30 and 90 days, the officers' word.
    LoanFigures { running: Number, par30: Amount0, par90: Amount0 }
}

crate::ledger::word::string_type!(
    /// A voucher's identifier: a UUID version 7 in lower case (RFC 9562).
    VoucherId,
    "a UUID version 7 in lower case",
    |text| {
        uuid::Uuid::try_parse(text).is_ok_and(|id| {
            id.get_version_num() == 7
                && id.get_variant() == uuid::Variant::RFC4122
                && id.hyphenated().encode_lower(&mut [0; 36]) == text
        })
    }
);

crate::ledger::word::string_type!(
    /// A quantity of either sign: `"0"`, or a quantity with at most a leading hyphen.
    SignedQuantity,
    "\"0\" or a quantity with at most a leading hyphen",
    |text| {
        let digits = text.strip_prefix('-').unwrap_or(text);
        text == "0" || digits.parse::<crate::money::Quantity>().is_ok()
    }
);
