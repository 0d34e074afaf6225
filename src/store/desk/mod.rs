//! The desk: accounts, sessions, drafts, the vault of private values, the register, imports.
//!
//! INVARIANT: nothing private is stored in clear, and neither the database nor a cookie nor a
//! passphrase alone can sign. Nothing here is part of a ledger; every function takes the connection
//! or the transaction of its caller, so that what belongs to an entry is written with it.
//!
//! | file | what it keeps |
//! |---|---|
//! | [`passphrase`], [`sealing`] | one passphrase: login proof, sealed seed |
//! | [`accounts`], [`throttle`], [`sessions`] | who signs in, how often somebody may try, cookies |
//! | [`factors`], [`factor_resets`] | the second device at sign-in, and the way to another |
//! | [`halves`] | between the right passphrase and the right code |
//! | [`security`] | the log of what happened to accounts |
//! | [`breach`] | whose private values may have been seen |
//! | [`drafts`] | vouchers that wait for approval |
//! | [`foundings`] | who may found a chapter here |
//! | [`invitations`] | new keys, whose persons choose the passphrase |
//! | [`consequences`] | what the desk does when the ledger says so |
//! | [`vault`] | private values, data keys per person, consent, publication, erasure, log |
//! | [`erasures`] | whose values two officers are about to destroy |
//! | [`register`], [`rounds`] | donors and families; rounds of distribution, who was served |
//! | [`complaints`] | what people tell the chapter, and its answers |
//! | [`lending`] | files of loans: applications, visits, agreed instalments |
//! | [`sponsorship`] | plans of regular sponsorship, what is due of them |
//! | [`imports`], [`under_way`] | which bank lines were decided about; statements on their way |
//! | [`publication`] | deadlines of publication, notices on the board |
//! | [`settings`] | a chapter's own words and limits |
//! | [`giving`] | which funds take gifts, under which code, and how |
//! | [`together`] | what is written with an entry, in its transaction |

use super::fault::{Passing, StoreFault, Trouble};
use crate::ledger::word::{Code, Origin};

pub mod accounts;
pub mod breach;
mod cipher;
pub mod complaints;
pub mod consequences;
pub mod continuations;
pub mod drafts;
pub mod erasures;
pub mod factor_resets;
pub mod factors;
pub mod foundings;
pub mod giving;
pub mod halves;
pub mod imports;
pub mod invitations;
pub mod lending;
pub mod passphrase;
pub mod publication;
pub mod register;
pub mod rounds;
pub mod sealing;
pub mod security;
pub mod sessions;
pub mod settings;
pub mod sponsorship;
mod sql;
pub mod throttle;
pub mod together;
pub mod under_way;
pub mod vault;

#[cfg(test)]
pub(crate) mod house;

pub use cipher::CipherFault;

/// A chapter: the row that its tables refer to, and the identity that its seals are bound to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chapter {
    /// The key of its row in `chapters`.
    pub id: i64,
    /// The identity of its newest ledger: what vouchers and officers' keys belong to.
    pub origin: Origin,
    /// The identity of its first ledger, which never changes: what private values are sealed for.
    pub identity: Origin,
}

/// Why the desk did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum DeskFault {
    /// A rule said no; the words are for the person at the desk.
    #[error(transparent)]
    Refused(#[from] DeskRefusal),
    /// The database failed.
    #[error("the database failed: {0}")]
    Database(#[from] sea_orm::DbErr),
    /// A stored row is not what this program wrote: changed by hand, or another vault key.
    #[error("{table}: a stored row is damaged or sealed with another vault key ({what})")]
    Damaged {
        /// The table.
        table: &'static str,
        /// What is wrong with it, without any value.
        what: String,
    },
    /// The operating system gave no randomness.
    #[error("no randomness from the operating system")]
    Randomness,
}

impl From<StoreFault> for DeskFault {
    fn from(fault: StoreFault) -> Self {
        match fault {
            StoreFault::Database(fault) => Self::Database(fault),
            fault => Self::damaged("the ledger", fault),
        }
    }
}

impl DeskFault {
    fn damaged(table: &'static str, what: impl std::fmt::Display) -> Self {
        Self::Damaged { table, what: what.to_string() }
    }

    fn sealed(table: &'static str) -> impl Fn(CipherFault) -> Self {
        move |fault| match fault {
            CipherFault::Randomness => Self::Randomness,
            CipherFault::Sealed => Self::damaged(table, fault),
        }
    }

    /// Whether it passes without anything of ours being mended.
    #[must_use]
    pub fn passing(&self) -> Option<Passing> {
        match self {
            Self::Database(fault) => Trouble::of(fault).passing(),
            _ => None,
        }
    }

    /// The rule that said no, if one did.
    #[must_use]
    pub const fn refusal(&self) -> Option<&DeskRefusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }
}

/// A rule of the desk that said no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeskRefusal {
    /// A sign-in name out of its form.
    #[error("sign-in name: 2 to 64 letters, digits, dots, hyphens and underscores")]
    NameForm,
    /// A sign-in name that another officer of the chapter has.
    #[error("sign-in name: taken by another officer of this chapter; choose another")]
    NameTaken,
    /// The person has an account already.
    #[error("person: has an account already; give it a new key instead")]
    HasAccount,
    /// No such account.
    #[error("account: unknown")]
    UnknownAccount,
    /// The key is not an officer's key of this chapter.
    #[error("key: not an officer's key of this chapter")]
    ForeignKey,
    /// The voucher belongs to another ledger.
    #[error("voucher: belongs to another ledger")]
    ForeignVoucher,
    /// Another voucher has this id.
    #[error("voucher id: another voucher has it; open the form again")]
    IdTaken,
    /// The draft is not signed by exactly its recorder.
    #[error("signatures: a draft comes with the signature of its recorder")]
    NotByRecorder,
    /// No such draft.
    #[error("draft: unknown")]
    UnknownDraft,
    /// The draft was decided already.
    #[error("draft: {0} already; nothing was changed")]
    Decided(drafts::State),
    /// Only who recorded a draft withdraws it.
    #[error("draft: only who recorded it withdraws it; send it back instead")]
    NotYours,
    /// Who recorded a draft does not send it back to themselves.
    #[error("draft: you recorded it; withdraw it instead")]
    OwnDraft,
    /// An invitation that was taken up, taken back, or is over.
    #[error("invitation: taken up already, taken back or over; make a new one")]
    InvitationOver,
    /// A text that the desk keeps is empty or too long.
    #[error("{0}: 1 to {1} characters are expected")]
    TextLength(&'static str, usize),
    /// A private value that belongs to no digest of the voucher.
    #[error("private value: its digest is not in the voucher")]
    NotInVoucher,
    /// No such person, batch or private value: never was, or erased.
    #[error("private values: unknown or erased")]
    Gone,
    /// The person's values are restricted.
    #[error("private values: restricted; they are kept for the law alone")]
    Restricted,
    /// There is no recorded consent to show this name.
    #[error("name: no recorded consent to show it")]
    NoConsent,
    /// A consent was taken back since the form was opened.
    #[error("name: taken back meanwhile; a new consent is needed")]
    TakenBack,
    /// More values would go than both officers saw.
    #[error("erasure: what is held changed since it was asked for; withdraw it and ask again")]
    HeldChanged,
    /// Only a donor's `full_name` or `masked_name` of an entry is published.
    #[error("name: only a donor's full or masked name of a recorded entry can be shown")]
    NotAName,
    /// Drafts with values of this person wait.
    #[error("drafts: {0} with values of this person wait; decide or withdraw them first")]
    DraftsWait(usize),
    /// A statement was changed by somebody else meanwhile.
    #[error("statement: changed meanwhile; open it again")]
    ImportMoved,
    /// An officer has this many statements on their way already.
    #[error("statements: {0} wait already; record one or throw one away first")]
    ImportsWait(usize),
    /// A record of the register was changed by somebody else meanwhile.
    #[error("record: changed by another officer meanwhile; look at it again")]
    RecordMoved,
    /// Another round has this programme and code.
    #[error("round: this programme has a round with this code already; open that one")]
    RoundTaken,
    /// A round was changed by somebody else meanwhile.
    #[error("round: changed meanwhile; open it again")]
    RoundMoved,
    /// The list of a round is frozen.
    #[error("round: its list is frozen while vouchers of it wait or are recorded")]
    RoundFrozen,
    /// Families are on a list of this round already, and nobody said why again.
    #[error("round: {0} of these families are served in it already; say why again")]
    ServedInRound(usize),
    /// A plan was changed by somebody else meanwhile.
    #[error("plan: changed meanwhile; look at it again")]
    PlanMoved,
    /// Somebody else changed the loan's file meanwhile.
    #[error("the loan's file was changed meanwhile")]
    LoanMoved,
    /// Somebody else changed a complaint meanwhile, or it is further than that.
    #[error("complaint: changed meanwhile; open it again")]
    ComplaintMoved,
    /// Too many complaints came within a day.
    #[error("complaints: too many within 24 hours; try again tomorrow")]
    ComplaintsFull,
    /// Not an officer who may answer this complaint.
    #[error("complaint: not for this officer to answer")]
    ComplaintNotYours,
    /// What is to be published has the sender's own words or contact in it.
    #[error("publication: has words or the contact of the sender in it; say it in your own words")]
    SendersWords,
    /// Somebody else changed how people give meanwhile.
    #[error("giving: changed meanwhile; look at it again")]
    GivingMoved,
    /// A giving code that leads, or once led, to another fund, or is too like one that does.
    #[error("giving code: the fund {0} has it, or one that could be taken for it")]
    CodeTaken(Code),
    /// A batch that is not known.
    #[error("batch: unknown")]
    UnknownBatch,
    /// The vault key is another one than the database's: no new secret is sealed under it.
    #[error("vault key: another one than the database's; nothing new is sealed under it")]
    OtherVault,
    /// A setting out of its range.
    #[error("{0}")]
    Setting(String),
}
