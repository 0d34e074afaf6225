//! Which families are perhaps the same one: a person decides, this only asks.
//!
//! The same identity number; or the same name of the head, marks and case aside, with the same
//! hamlet or year of birth; or somebody of the same name and year of birth in both.

use super::text::essence;

/// What two families are compared by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Likeness {
    name: String,
    hamlet: String,
    identity: String,
    persons: Vec<(String, u16)>,
}

/// Why two families are perhaps one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Alike {
    /// The same identity number.
    Identity,
    /// The same name in the same hamlet.
    Hamlet,
    /// Somebody of the same name, born in the same year.
    Person,
}

impl Alike {
    /// The last part of the key of its text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Hamlet => "hamlet",
            Self::Person => "person",
        }
    }
}

impl Likeness {
    /// A family with this head, hamlet and identity number, and its members with their years of
    /// birth, the head among them.
    pub fn new<'a>(
        name: &str,
        hamlet: Option<&str>,
        identity: Option<&str>,
        members: impl IntoIterator<Item = (&'a str, Option<u16>)>,
    ) -> Self {
        let born = |(name, year): (&str, Option<u16>)| year.map(|year| (essence(name), year));
        Self {
            name: essence(name),
            hamlet: hamlet.map(essence).unwrap_or_default(),
            identity: identity.map(essence).unwrap_or_default(),
            persons: members.into_iter().filter_map(born).collect(),
        }
    }

    /// Why the two are perhaps one.
    #[must_use]
    pub fn alike(&self, other: &Self) -> Option<Alike> {
        let same = |own: &str, other: &str| !own.is_empty() && own == other;
        if same(&self.identity, &other.identity) {
            return Some(Alike::Identity);
        }
        if same(&self.name, &other.name) && same(&self.hamlet, &other.hamlet) {
            return Some(Alike::Hamlet);
        }
        let shared = self.persons.iter().any(|person| other.persons.contains(person));
        shared.then_some(Alike::Person)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_case_and_spaces_part_nobody_and_a_name_alone_joins_nobody() {
        let family = |name: &'static str, hamlet, identity, year| {
            Likeness::new(name, hamlet, identity, [(name, year)])
        };
        let one = family("Nguyễn Thị Đào", Some("Ấp Bình Hòa"), None, None);
        let typed = family("NGUYEN THI  DAO", Some("ap binh-hoa"), None, None);
        assert_eq!(one.alike(&typed), Some(Alike::Hamlet));
        assert_eq!(one.alike(&family("Nguyễn Thị Đào", Some("Ấp 2"), None, None)), None);
        assert_eq!(one.alike(&family("Nguyễn Thị Đào", None, None, Some(1960))), None);
        let card = family("Trần Văn Cò", None, Some("079 012 345 678"), Some(1960));
        let same = family("Người khác", Some("Ấp 9"), Some("079012345678"), None);
        assert_eq!(card.alike(&same), Some(Alike::Identity));
        let again = family("tran van co", Some("Ấp 9"), None, Some(1960));
        assert_eq!(card.alike(&again), Some(Alike::Person));
    }
}
