//! How words are made, written and read: a test for each type, and no copy of a text on the way.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::de;

use super::WordFault;

/// A string type whose values pass one test. A copy is cheap: short texts lie in the value itself,
/// longer ones are shared.
macro_rules! string_type {
    ($(#[$meta:meta])* $name:ident, $expected:literal, $test:expr) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(smol_str::SmolStr);

        impl $name {
            /// The text itself.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::ledger::word::WordFault;

            fn from_str(text: &str) -> Result<Self, $crate::ledger::word::WordFault> {
                let test: fn(&str) -> bool = $test;
                let fault = $crate::ledger::word::WordFault($expected);
                if test(text) { Ok(Self(text.into())) } else { Err(fault) }
            }
        }

        impl From<$name> for String {
            fn from(word: $name) -> Self {
                word.0.into()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str(&self.0)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        $crate::ledger::word::spelled!($name);
    };
}
pub(crate) use string_type;

/// What is read from its text, in place.
macro_rules! spelled {
    ($name:ident) => {
        impl TryFrom<String> for $name {
            type Error = $crate::ledger::word::WordFault;

            fn try_from(text: String) -> Result<Self, $crate::ledger::word::WordFault> {
                text.parse()
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(read: D) -> Result<Self, D::Error> {
                read.deserialize_str($crate::ledger::word::Spelling(std::marker::PhantomData))
            }
        }
    };
}
pub(crate) use spelled;

/// What is written as it is shown.
macro_rules! written {
    ($name:ident) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
    };
}
pub(super) use written;

/// Reads a word from its text.
pub(crate) struct Spelling<T>(pub PhantomData<T>);

impl<T: FromStr<Err = WordFault>> de::Visitor<'_> for Spelling<T> {
    type Value = T;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a string")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }
}
