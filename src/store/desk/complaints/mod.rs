//! Phản ánh: what people tell the chapter, and what the chapter answers.
//!
//! The text and the answer are sealed under the complaint's own key, the sender's contact under
//! another, which is destroyed [`CONTACT_DAYS`] after the answer, or before by one button. A sender
//! is nobody to the server: they get a code, of which the database holds a digest, and look the
//! answer up with it. What stands on the public page is an officer's own summary and reply; the
//! sender's words and contact can't be put there, not even by mistake ([`Publication::check`]).
//!
//! Who may do what is said here, once ([`Complaint::may_see`], [`Complaint::may_answer`]): nobody
//! sees or decides what is about themselves.
//!
//! | file | what it is |
//! |---|---|
//! | `rows` | complaints in the database |
//! | `figures` | what the public page says of all of them |

mod figures;
mod rows;

#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};

use super::{DeskFault, DeskRefusal};
use crate::ledger::disclosure::PrivateName;
use crate::ledger::voucher::OfficerRole;
use crate::ledger::word::Person;
use crate::store::search::fold;

pub use figures::{Figures, PublishedAnswer, figures, published_answers};
pub use rows::{
    Filed, Part, answer, contact, erase, file, get, list, of_code, publish, sender_erases, sweep,
    take, texts, waiting,
};

/// Days after the answer for which a sender's contact is kept.
pub const CONTACT_DAYS: i64 = 30;
/// Complaints that one chapter takes within 24 hours: who sends more is a machine.
pub const MOST_A_DAY: u64 = 100;
/// The longest texts, in characters: what the sender writes, how they are reached, the answer to
/// them; what the chapter publishes of it.
pub const LONGEST_TEXT: usize = 4_000;
/// See [`LONGEST_TEXT`].
pub const LONGEST_CONTACT: usize = 200;
/// See [`LONGEST_TEXT`].
pub const LONGEST_ANSWER: usize = 4_000;
/// See [`LONGEST_TEXT`].
pub const LONGEST_SUMMARY: usize = 500;
/// See [`LONGEST_TEXT`].
pub const LONGEST_REPLY: usize = 2_000;

/// So many words of the sender in a row are theirs and not the officer's own.
const OWN_WORDS: usize = 8;
/// Texts of fewer words than this are what anybody would say.
const FEWEST_WORDS: usize = 4;
/// Digits that make a number by which somebody is reached.
const NUMBER: usize = 7;

macro_rules! words {
    ($(#[$meta:meta])* $name:ident {
        $($(#[$of:meta])* $variant:ident = $word:literal),* $(,)?
    }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$of])* $variant),* }

        impl $name {
            /// All of them, in the order of the page.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word in the database and in forms.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = &'static str;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let found = Self::ALL.iter().find(|own| own.as_str() == text);
                found.copied().ok_or("not a word of this list")
            }
        }
    };
}

words! {
    /// What a complaint is about.
    About {
        /// A receipt or another voucher.
        Entry = "entry",
        /// A family that was helped, or was not.
        Family = "family",
        /// An officer.
        Officer = "officer",
        /// These pages.
        Page = "page",
        /// How a name is shown.
        Name = "name",
        /// Anything else.
        Other = "other",
    }
}

words! {
    /// How far it is.
    State {
        /// It came.
        Received = "received",
        /// Somebody looks into it.
        LookedAt = "looked_at",
        /// It was answered.
        Answered = "answered",
    }
}

/// What somebody sends.
#[derive(Clone, Debug)]
pub struct NewComplaint<'a> {
    /// What it is about.
    pub about: About,
    /// The entry that it is about.
    pub seq: Option<u64>,
    /// The officer that it is about.
    pub officer: Option<Person>,
    /// The name that the sender wants to be shown by; with `by_code` alone.
    pub wanted: Option<PrivateName>,
    /// Whether it came from the page of the entry's receipt: the sender has its code.
    pub by_code: bool,
    /// What they say.
    pub text: &'a str,
    /// How they can be reached.
    pub contact: Option<&'a str>,
    /// What the page put into the form: the same form sent twice is one complaint.
    pub nonce: &'a str,
}

/// What the chapter shows of a complaint, in an officer's own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    /// What it was about.
    pub summary: String,
    /// What was answered.
    pub reply: String,
}

impl Publication {
    /// Holds a publication to what the sender may expect: neither their contact nor eight of their
    /// words in a row.
    ///
    /// # Errors
    /// [`DeskRefusal::TextLength`], [`DeskRefusal::SendersWords`].
    pub fn check(&self, text: Option<&str>, contact: Option<&str>) -> Result<(), DeskRefusal> {
        for (name, own, most) in
            [("summary", &self.summary, LONGEST_SUMMARY), ("reply", &self.reply, LONGEST_REPLY)]
        {
            if !(1..=most).contains(&own.chars().count()) {
                return Err(DeskRefusal::TextLength(name, most));
            }
            let theirs = text.is_some_and(|text| repeats(own, text))
                || contact.is_some_and(|contact| reaches(own, contact));
            if theirs {
                return Err(DeskRefusal::SendersWords);
            }
        }
        Ok(())
    }
}

fn compared(text: &str) -> Vec<String> {
    let folded = fold(text);
    let words = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}

/// Whether a text has a run of the sender's words.
fn repeats(own: &str, theirs: &str) -> bool {
    let (own, theirs) = (compared(own), compared(theirs));
    let run = OWN_WORDS.min(theirs.len());
    run >= FEWEST_WORDS && own.windows(run).any(|some| theirs.windows(run).any(|all| all == some))
}

/// Whether a text has the sender's contact in it: its number, or its address.
fn reaches(own: &str, contact: &str) -> bool {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let number = digits(contact);
    if number.len() >= NUMBER && digits(own).contains(&number) {
        return true;
    }
    let own = fold(own);
    fold(contact).split_whitespace().any(|part| part.contains('@') && own.contains(part))
}

/// Who acts at the desk.
#[derive(Clone, Copy, Debug)]
pub struct Actor<'a> {
    /// The officer.
    pub person: &'a Person,
    /// Their roles.
    pub roles: &'a [OfficerRole],
}

impl Actor<'_> {
    fn has_any(&self, roles: &[OfficerRole]) -> bool {
        self.roles.iter().any(|role| roles.contains(role))
    }
}

/// A complaint, as far as its row says it in clear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// Its identifier.
    pub id: Person,
    /// What it is about.
    pub about: About,
    /// The entry.
    pub seq: Option<u64>,
    /// The officer.
    pub officer: Option<Person>,
    /// Whether the sender has the code of the entry's receipt.
    pub by_code: bool,
    /// The name by which the sender wants to be shown.
    pub wanted: Option<PrivateName>,
    /// How far it is.
    pub state: State,
    /// When it came.
    pub made_at: DateTime<Utc>,
    /// Who looks into it, since when.
    pub taken: Option<(Person, DateTime<Utc>)>,
    /// Who answered, and when.
    pub answered: Option<(Person, DateTime<Utc>)>,
    /// What is published of it, since when.
    pub published: Option<(Publication, DateTime<Utc>)>,
    /// Whether its text is still there.
    pub has_text: bool,
    /// Whether the sender's contact is still there.
    pub has_contact: bool,
    /// How often it was changed.
    pub version: u64,
}

/// Roles that read complaints: whoever signs for the chapter, and who checks it.
const READERS: &[OfficerRole] =
    &[OfficerRole::Treasurer, OfficerRole::Chair, OfficerRole::DeputyChair, OfficerRole::Auditor];
/// Roles that answer all of them.
const ANSWERERS: &[OfficerRole] =
    &[OfficerRole::Chair, OfficerRole::DeputyChair, OfficerRole::Auditor];

impl Complaint {
    /// Whether an officer may read it: the one that it is about does not.
    #[must_use]
    pub fn may_see(&self, actor: Actor<'_>) -> bool {
        self.officer.as_ref() != Some(actor.person) && actor.has_any(READERS)
    }

    /// Whether an officer may look into it, answer it and open the sender's contact: chair, deputy
    /// and auditor; the treasurer what is about no officer.
    #[must_use]
    pub fn may_answer(&self, actor: Actor<'_>) -> bool {
        let of_officers = self.about == About::Officer || self.officer.is_some();
        let treasurer = actor.has_any(&[OfficerRole::Treasurer]) && !of_officers;
        self.may_see(actor) && (actor.has_any(ANSWERERS) || treasurer)
    }

    fn held_to(self, actor: Actor<'_>, version: u64) -> Result<Self, DeskFault> {
        if !self.may_answer(actor) {
            return Err(DeskRefusal::ComplaintNotYours.into());
        }
        if self.version != version {
            return Err(DeskRefusal::ComplaintMoved.into());
        }
        Ok(self)
    }
}
