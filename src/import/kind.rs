//! Which voucher a credit becomes, as a person chooses it; proposed from its words.
//!
//! A kind is written as one word, in forms and beside a file: `donation`, `donation:<fund>`,
//! `income:bank_interest`, `income:other`, `custody:mistaken`, `custody:unidentified`,
//! `custody:overpaid`, `transfer:<place>`, `leave_out:<reason>`, `later`.

use std::fmt;
use std::str::FromStr;

use super::classify::Class;
use super::plan::PlannedLine;
use super::text::fold;
use crate::ledger::voucher::{CustodyClass, IncomeType};
use crate::ledger::word::Code;

/// What a credit becomes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A gift, for the fund of the file or for another one.
    Donation(Option<Code>),
    /// Money that is ours but no gift.
    Income(IncomeType),
    /// Money that is not ours. A gift for a named family is none of these: its slip names the
    /// family.
    Custody(CustodyClass),
    /// From another place of the chapter.
    Transfer(Code),
    /// Not from this file and not from a later one.
    LeaveOut(Reason),
    /// Not from this file; it is new again in the next one.
    Later,
}

/// Why a line is left out for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// A slip has recorded it.
    Slip,
    /// The opening balance holds it.
    Opening,
    /// The bank took it back by itself, such as its own mistake.
    BankError,
}

impl Reason {
    /// All reasons, in the order of pages.
    pub const ALL: [Self; 3] = [Self::Slip, Self::Opening, Self::BankError];

    /// The word that is kept.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Slip => "slip",
            Self::Opening => "opening",
            Self::BankError => "bank_error",
        }
    }
}

impl Kind {
    /// What the words of a credit propose. Of a transfer they do not say from where: a person does.
    #[must_use]
    pub fn propose(planned: &PlannedLine) -> Self {
        let words = fold(&planned.line.text);
        match planned.class {
            Class::Income if words.contains("lai") || words.contains("interest") => {
                Self::Income(IncomeType::BankInterest)
            }
            Class::Income => Self::Income(IncomeType::Other),
            Class::Custody if words.contains("nham") => Self::Custody(CustodyClass::Mistaken),
            Class::Custody => Self::Custody(CustodyClass::Unidentified),
            Class::Donation => Self::Donation(None),
            Class::Transfer | Class::Fee | Class::Unmatched | Class::Skip => Self::Later,
        }
    }

    /// The class that a plan sums it under.
    #[must_use]
    pub const fn class(&self) -> Class {
        match self {
            Self::Donation(_) => Class::Donation,
            Self::Income(_) => Class::Income,
            Self::Custody(_) => Class::Custody,
            Self::Transfer(_) => Class::Transfer,
            Self::LeaveOut(_) | Self::Later => Class::Skip,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Donation(None) => out.write_str("donation"),
            Self::Donation(Some(fund)) => write!(out, "donation:{fund}"),
            Self::Income(income) => write!(out, "income:{}", income.as_str()),
            Self::Custody(class) => write!(out, "custody:{}", class.as_str()),
            Self::Transfer(from) => write!(out, "transfer:{from}"),
            Self::LeaveOut(reason) => write!(out, "leave_out:{}", reason.as_str()),
            Self::Later => out.write_str("later"),
        }
    }
}

/// A text that is no kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a kind of voucher for a bank line")]
pub struct KindFault;

impl FromStr for Kind {
    type Err = KindFault;

    fn from_str(text: &str) -> Result<Self, KindFault> {
        let code = |word: &str| word.parse::<Code>().map_err(|_| KindFault);
        match text.split_once(':').unwrap_or((text, "")) {
            ("donation", "") if !text.contains(':') => Ok(Self::Donation(None)),
            ("donation", fund) => code(fund).map(|fund| Self::Donation(Some(fund))),
            ("income", income) => income.parse().map(Self::Income).map_err(|_| KindFault),
            ("custody", class) => match class.parse() {
                Ok(CustodyClass::NamedFamily) | Err(_) => Err(KindFault),
                Ok(class) => Ok(Self::Custody(class)),
            },
            ("transfer", place) => code(place).map(Self::Transfer),
            ("leave_out", wanted) => {
                let found = Reason::ALL.into_iter().find(|reason| reason.as_str() == wanted);
                found.map(Self::LeaveOut).ok_or(KindFault)
            }
            ("later", "") if !text.contains(':') => Ok(Self::Later),
            _ => Err(KindFault),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_written_as_a_word_and_read_back() {
        for word in [
            "donation",
            "donation:bao-lu",
            "income:bank_interest",
            "income:other",
            "custody:mistaken",
            "custody:unidentified",
            "custody:overpaid",
            "transfer:cash",
            "leave_out:slip",
            "leave_out:opening",
            "leave_out:bank_error",
            "later",
        ] {
            assert_eq!(word.parse::<Kind>().unwrap().to_string(), word);
        }
        for word in [
            "",
            "gift",
            "donation:",
            "donation:Ủng hộ",
            "income",
            "income:gift",
            "custody:named_family",
            "transfer:",
            "leave_out:because",
            "later:on",
            "Donation",
        ] {
            assert_eq!(word.parse::<Kind>(), Err(KindFault), "{word}");
        }
    }
}
