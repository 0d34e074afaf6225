//! A family behind the name of its head: members, why it is helped and since when, what it agreed
//! to, to which state schemes it was referred. All of it is sealed with the record.

use serde::{Deserialize, Serialize};

use crate::ledger::voucher::Category;
use crate::ledger::word::{Date, Person};
use crate::store::desk::DeskRefusal;

/// The longest text of one line.
const LONGEST: usize = 200;
/// The most rows of each list.
pub const MOST_ROWS: usize = 60;

/// How severe a disability is, as assessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disability {
    /// Nobody assessed it yet.
    NotAssessed,
    /// Mild.
    Mild,
    /// Severe.
    Severe,
    /// The most severe degree.
    MostSevere,
}

impl Disability {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::NotAssessed, Self::Mild, Self::Severe, Self::MostSevere];

    /// The word in forms.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotAssessed => "not_assessed",
            Self::Mild => "mild",
            Self::Severe => "severe",
            Self::MostSevere => "most_severe",
        }
    }
}

impl std::str::FromStr for Disability {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|word| word.as_str() == text).ok_or("not a degree")
    }
}

/// Somebody of the family.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Member {
    /// The name.
    pub full_name: String,
    /// The year of birth.
    pub birth_year: Option<u16>,
    /// How they are related to the head.
    pub relation: Option<String>,
    /// A disability.
    pub disability: Option<Disability>,
    /// A victim of Agent Orange: which generation, 1 to 4.
    pub agent_orange: Option<u8>,
}

/// Why a family is helped, and from when to when.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spell {
    /// The category.
    pub category: Category,
    /// The first day, where it is known.
    pub from: Option<Date>,
    /// The last day; none while it goes on.
    pub to: Option<Date>,
}

impl Spell {
    /// Whether it holds on a day.
    #[must_use]
    pub fn holds_on(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| to >= day)
    }
}

/// What the family agreed to.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agreed {
    /// To what.
    pub what: String,
    /// When.
    pub on: Date,
    /// How it was given.
    pub how: String,
}

/// A referral to a scheme of the state.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Referral {
    /// Which scheme.
    pub scheme: String,
    /// When.
    pub on: Date,
    /// What came of it.
    pub outcome: Option<String>,
    /// When that was known.
    pub outcome_on: Option<Date>,
}

/// A family.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Household {
    /// Its members, the head first.
    pub members: Vec<Member>,
    /// Why it is helped, the main reason first.
    pub categories: Vec<Spell>,
    /// What it agreed to.
    pub agreed: Option<Agreed>,
    /// Referrals, the oldest first.
    pub referrals: Vec<Referral>,
    /// Families that look the same and were told apart by a person.
    pub told_apart: Vec<Person>,
}

impl Household {
    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Holds every text and list to its length.
    pub(super) fn check(&self) -> Result<(), DeskRefusal> {
        let lists = [
            ("members", self.members.len()),
            ("categories", self.categories.len()),
            ("referrals", self.referrals.len()),
        ];
        for (name, length) in lists {
            if length > MOST_ROWS {
                return Err(DeskRefusal::TextLength(name, MOST_ROWS));
            }
        }
        let members = self.members.iter().flat_map(|member| {
            [Some(&member.full_name), member.relation.as_ref()].into_iter().flatten()
        });
        let agreed = self.agreed.iter().flat_map(|agreed| [&agreed.what, &agreed.how]);
        let referrals = self.referrals.iter().flat_map(|referral| {
            [Some(&referral.scheme), referral.outcome.as_ref()].into_iter().flatten()
        });
        for text in members.chain(agreed).chain(referrals) {
            if !(1..=LONGEST).contains(&text.chars().count()) {
                return Err(DeskRefusal::TextLength("household", LONGEST));
            }
        }
        Ok(())
    }
}
