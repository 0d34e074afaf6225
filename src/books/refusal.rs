//! Every rule that can say no, with a code that never changes.
//!
//! The order in which they are tried is in `docs/FORMAT.md`; the words for people are in
//! `locales` under `refusal-<code>`.

pub use super::refusal_goods::GoodsRefusal;
pub use super::refusal_loans::LoanRefusal;
use crate::ledger::voucher::Kind;
use crate::ledger::word::{Date, Month};
use crate::money::Money;

/// Why the books do not accept an entry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    // Place in the ledger.
    /// The entry does not stand where the books are.
    #[error("expected entry {expected}")]
    OutOfPlace {
        /// The seq that comes next.
        expected: u64,
    },
    /// Entry 0, and only entry 0, opens the chapter.
    #[error("entry 0, and only entry 0, opens the chapter")]
    Opening,
    /// The ledger's address does not hold the chapter's slug.
    #[error("the slug is not the one of the ledger's address")]
    Slug,
    /// Entry 0 continues a ledger that it does not fit.
    #[error("the ledger does not continue the one before it: {what}")]
    Continues {
        /// What does not fit: a word of `docs/FORMAT.md`, 9.9.
        what: &'static str,
    },
    /// The voucher id is in the ledger already.
    #[error("the voucher id is in the ledger already")]
    IdUsed,
    /// The chapter was closed.
    #[error("the chapter is closed")]
    ChapterIsClosed,

    // Authority.
    /// The list does not hold exactly the signatures that the kind asks for, in their order.
    #[error("expected the signatures: {expected}")]
    SignatureList {
        /// The roles in their order.
        expected: String,
    },
    /// A key that is not registered, or not any more.
    #[error("the key {key} is not in force")]
    KeyNotInForce {
        /// The key's name.
        key: String,
    },
    /// The recorder's roles do not allow this kind.
    #[error("the recorder may not record this kind")]
    RecorderMayNot,
    /// The approver's roles do not allow the approval.
    #[error("the approver may not approve this")]
    ApproverMayNot,
    /// The signer is no auditor.
    #[error("the auditor's signature is not by an auditor")]
    NotAnAuditor,
    /// One person signed in two roles.
    #[error("recorder, approver and auditor must be different persons")]
    SamePerson,
    /// A signature is not by the key it names.
    #[error("the signature by {key} does not verify")]
    SignatureInvalid {
        /// The key's name.
        key: String,
    },

    // Officers.
    /// Without a treasurer, a chair and a third who can approve, nobody could go on.
    #[error("there must remain a treasurer, a chair and a third person who can approve")]
    TooFewOfficers,
    /// An auditor holds no other role.
    #[error("an auditor holds no other role")]
    AuditorAlone,
    /// The person is an officer (or the guardian) already.
    #[error("the person is registered already")]
    PersonRegistered,
    /// No such officer.
    #[error("no officer with this person id is registered")]
    PersonUnknown,
    /// A key or key name was used before.
    #[error("the key or its name was used before")]
    KeyUsed,
    /// The old key is not the person's.
    #[error("the old key is not the person's present key")]
    OldKey,
    /// A key cannot be compromised from an entry that does not exist yet.
    #[error("compromised_from_seq must name an earlier entry")]
    CompromisedFrom,
    /// A log key comes into force after the entry that names it, later than the ones before.
    #[error("from_size must be above {above}")]
    FromSize {
        /// The largest size that is too small.
        above: u64,
    },
    /// The witness's name or key is known already.
    #[error("the witness's name or key is named already")]
    WitnessNamed,
    /// Rules are only ever adopted upwards.
    #[error("the rules number must be above {current}")]
    RulesNumber {
        /// The number in force.
        current: u64,
    },

    // Dates.
    /// A business date after the local day of the entry.
    #[error("the date lies in the future, the latest is {latest}")]
    DateInFuture {
        /// The local day.
        latest: Date,
    },
    /// A business date before the books begin.
    #[error("the date lies before the books begin on {earliest}")]
    DateBeforeBooks {
        /// The first day of the books.
        earliest: Date,
    },
    /// A business date in a closed period.
    #[error("the period is closed, the earliest date is {earliest}")]
    PeriodIsClosed {
        /// The first open day.
        earliest: Date,
    },
    /// A business date before that of the voucher it names.
    #[error("the date lies before the voucher it names, the earliest is {earliest}")]
    DateBeforeOf {
        /// The day of the named voucher.
        earliest: Date,
    },
    /// A business date on or before the last cash count of a place.
    #[error("cash of {place} was counted on {counted}, later vouchers need a later date")]
    DateBeforeCount {
        /// The place.
        place: String,
        /// The day of the count.
        counted: Date,
    },
    /// A day that must not be after another one.
    #[error("{member} must not be after {latest}")]
    DayOrder {
        /// The member.
        member: &'static str,
        /// The latest day.
        latest: Date,
    },

    // References.
    /// A code that nothing has.
    #[error("{member}: nothing has the code {code}")]
    Unknown {
        /// The member.
        member: &'static str,
        /// The code.
        code: String,
    },
    /// A place or fund that is closed.
    #[error("{member}: {code} is closed")]
    Closed {
        /// The member.
        member: &'static str,
        /// The code.
        code: String,
    },
    /// A code that was used before, or is reserved.
    #[error("the code {code} was used before")]
    CodeUsed {
        /// The code.
        code: String,
    },
    /// A reference to an entry that is not there or not of the right kind.
    #[error("{member}: not an entry that this voucher can name")]
    Reference {
        /// The member.
        member: &'static str,
    },
    /// The two ends of a movement are the same.
    #[error("{member}: both ends are the same")]
    SameEnds {
        /// The member.
        member: &'static str,
    },

    // Terms of funds.
    /// The fund's terms exclude the kind.
    #[error("the fund's terms do not allow {kind}")]
    TermsKind {
        /// The kind.
        kind: Kind,
    },
    /// The fund's terms exclude costs.
    #[error("the fund's terms exclude costs")]
    TermsCosts,
    /// The fund's terms exclude the programme.
    #[error("the fund's terms do not allow this programme")]
    TermsProgramme,
    /// The fund's terms ended.
    #[error("the fund's terms ended on {until}")]
    TermsEnded {
        /// The last day.
        until: Date,
    },
    /// Money leaves a restricted fund only with consent or by its terms.
    #[error("money of this fund moves only with the givers' consent or by its terms")]
    ConsentNeeded,
    /// The gifts named cover less than the amount.
    #[error("the gifts that agreed cover only {}", allowed.minor())]
    ConsentShort {
        /// What they cover.
        allowed: Money,
    },
    /// A ref that names no gift of money.
    #[error("gifts: entry {seq} is no standing gift of money")]
    NotAGift {
        /// The entry.
        seq: u64,
    },

    // Sufficiency.
    /// More than the place holds at the end of some day.
    #[error("{place} holds only {} at the end of {day}", allowed.minor())]
    PlaceTooLow {
        /// The place.
        place: String,
        /// The day with the least.
        day: Date,
        /// What may be taken.
        allowed: Money,
    },
    /// More than the fund's free money at the end of some day.
    #[error("the fund {fund} has only {} free at the end of {day}", allowed.minor())]
    FundTooLow {
        /// The fund.
        fund: String,
        /// The day with the least.
        day: Date,
        /// What may be taken.
        allowed: Money,
    },
    /// More than what is left of the thing that is named.
    #[error("at most {} is left of it", allowed.minor())]
    MoreThanLeft {
        /// What is left.
        allowed: Money,
    },
    /// A sum beyond 2^53 − 1.
    #[error("the sum is beyond 2^53 - 1")]
    TooLarge,
    /// A place or fund with a balance is not closed.
    #[error("{code} still holds {}", balance.minor())]
    NotEmpty {
        /// The place or fund.
        code: String,
        /// What it holds.
        balance: Money,
    },

    /// What is said about goods.
    #[error(transparent)]
    Goods(#[from] GoodsRefusal),
    /// What is said about loans.
    #[error(transparent)]
    Loans(#[from] LoanRefusal),

    // Counts and openings.
    /// Cash is counted, a bank account is not.
    #[error("only cash and advances are counted")]
    NotCountable,
    /// The denominations add up to something else.
    #[error("the denominations add up to {}", sum.minor())]
    Denominations {
        /// Their sum.
        sum: Money,
    },
    /// The difference is not counted minus book.
    #[error("counted minus book is {}", expected.minor())]
    Difference {
        /// The right difference.
        expected: Money,
    },
    /// The opening balance is of the day before the books begin.
    #[error("as_of must be {expected}")]
    OpeningDay {
        /// That day.
        expected: Date,
    },
    /// The opening balance comes before every other voucher with postings.
    #[error("an opening balance comes first, or replaces a reversed one in the first period")]
    OpeningTooLate,

    // Corrections.
    /// The voucher was reversed already.
    #[error("the voucher was reversed already")]
    AlreadyReversed,
    /// A kind that cannot be reversed.
    #[error("this kind of voucher is not reversed")]
    NotReversible,
    /// Another voucher that names this one still stands.
    #[error("entry {seq} names this voucher and stands: reverse it first")]
    NamedByStanding {
        /// The other voucher.
        seq: u64,
    },
    /// Parts of the gift lie in another fund.
    #[error("parts of it lie in another fund: reverse the fund transfer first")]
    PartsElsewhere,

    // Closings and statements.
    /// Months close in order.
    #[error("the next period to close begins with {expected}")]
    NotNextPeriod {
        /// The first month that is open.
        expected: Month,
    },
    /// A period is closed after its last day.
    #[error("a period closes after its last day, {last_day}")]
    PeriodNotOver {
        /// The last day.
        last_day: Date,
    },
    /// A figure is not what the books say.
    #[error("{member}: the books say {expected}")]
    Figure {
        /// The member.
        member: String,
        /// The books' figure.
        expected: String,
    },
    /// The audited period was not closed.
    #[error("no closing of {through} stands")]
    NothingClosed {
        /// The month.
        through: Month,
    },
    /// A statement covers whole months, quarters or years that are closed.
    #[error("the statement does not cover a closed quarter or year, or a campaign of a fund")]
    StatementRange,
}

impl Refusal {
    /// The stable code of the refusal, as in the report of the verifier and in `locales`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::OutOfPlace { .. } => "out-of-place",
            Self::Opening => "opening",
            Self::Slug => "slug",
            Self::Continues { .. } => "continues",
            Self::IdUsed => "id-used",
            Self::ChapterIsClosed => "chapter-closed",
            Self::SignatureList { .. } => "signature-list",
            Self::KeyNotInForce { .. } => "key-not-in-force",
            Self::RecorderMayNot => "recorder-may-not",
            Self::ApproverMayNot => "approver-may-not",
            Self::NotAnAuditor => "not-an-auditor",
            Self::SamePerson => "same-person",
            Self::SignatureInvalid { .. } => "signature-invalid",
            Self::TooFewOfficers => "too-few-officers",
            Self::AuditorAlone => "auditor-alone",
            Self::PersonRegistered => "person-registered",
            Self::PersonUnknown => "person-unknown",
            Self::KeyUsed => "key-used",
            Self::OldKey => "old-key",
            Self::CompromisedFrom => "compromised-from",
            Self::FromSize { .. } => "from-size",
            Self::WitnessNamed => "witness-named",
            Self::RulesNumber { .. } => "rules-number",
            Self::DateInFuture { .. } => "date-in-future",
            Self::DateBeforeBooks { .. } => "date-before-books",
            Self::PeriodIsClosed { .. } => "period-closed",
            Self::DateBeforeOf { .. } => "date-before-of",
            Self::DateBeforeCount { .. } => "date-before-count",
            Self::DayOrder { .. } => "day-order",
            Self::Unknown { .. } => "unknown",
            Self::Closed { .. } => "closed",
            Self::CodeUsed { .. } => "code-used",
            Self::Reference { .. } => "reference",
            Self::SameEnds { .. } => "same-ends",
            Self::TermsKind { .. } => "terms-kind",
            Self::TermsCosts => "terms-costs",
            Self::TermsProgramme => "terms-programme",
            Self::TermsEnded { .. } => "terms-ended",
            Self::ConsentNeeded => "consent-needed",
            Self::ConsentShort { .. } => "consent-short",
            Self::NotAGift { .. } => "not-a-gift",
            Self::PlaceTooLow { .. } => "place-too-low",
            Self::FundTooLow { .. } => "fund-too-low",
            Self::MoreThanLeft { .. } => "more-than-left",
            Self::TooLarge => "too-large",
            Self::NotEmpty { .. } => "not-empty",
            Self::NotCountable => "not-countable",
            Self::Denominations { .. } => "denominations",
            Self::Difference { .. } => "difference",
            Self::OpeningDay { .. } => "opening-day",
            Self::OpeningTooLate => "opening-too-late",
            Self::AlreadyReversed => "already-reversed",
            Self::NotReversible => "not-reversible",
            Self::NamedByStanding { .. } => "named-by-standing",
            Self::PartsElsewhere => "parts-elsewhere",
            Self::NotNextPeriod { .. } => "not-next-period",
            Self::PeriodNotOver { .. } => "period-not-over",
            Self::Figure { .. } => "figure",
            Self::NothingClosed { .. } => "nothing-closed",
            Self::StatementRange => "statement-range",
            Self::Goods(refusal) => refusal.code(),
            Self::Loans(refusal) => refusal.code(),
        }
    }
}
