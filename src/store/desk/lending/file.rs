//! A loan's file as it is sealed: what was asked for, what the visit found, what was agreed.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::books::schedule::{Instalment, signed};
use crate::ledger::voucher::{Purpose, VoucherId};
use crate::ledger::word::{Code, Date, Person};
use crate::money::Money;
use crate::store::desk::{DeskFault, DeskRefusal};

/// The longest text of several lines, and of one line, in characters.
const LONGEST: usize = 2000;
const LONGEST_LINE: usize = 200;

/// Who vouches for the borrower.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guarantor {
    /// Their name.
    pub full_name: String,
    /// Their telephone number.
    pub phone: Option<String>,
    /// Whether they lead the borrower's group.
    pub leads_group: bool,
}

/// What a visit found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assessment {
    /// Who went there.
    pub by: Person,
    /// On which day.
    pub on: Date,
    /// What the household earns in a month.
    pub income: Option<Money>,
    /// What it can pay in a month.
    pub can_pay: Option<Money>,
    /// What was found.
    pub words: String,
    /// Whether the visitor is for the loan.
    pub advises: bool,
}

/// How an application ended without a loan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// Whether the chapter said no; else the borrower took it back.
    pub refused: bool,
    /// The day.
    pub on: Date,
    /// Why.
    pub words: String,
}

/// Instalments that were agreed: with the approval, or later instead of what was still owed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agreed {
    /// The day of the agreement.
    pub on: Date,
    /// The voucher that holds its digest.
    pub voucher: VoucherId,
    /// The rows, in the form of the signed private value.
    pub schedule: Value,
    /// Why another schedule was agreed.
    pub words: Option<String>,
}

impl Agreed {
    /// The instalments.
    ///
    /// # Errors
    /// [`DeskFault::Damaged`] when they are out of their form.
    pub fn instalments(&self) -> Result<Vec<Instalment>, DeskFault> {
        let damaged = |fault| DeskFault::damaged("desk_loans", fault);
        signed::from_value(&self.schedule).map_err(damaged)
    }
}

/// Everything that the desk knows of a loan beside the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoanFile {
    /// The day of the application.
    pub asked_on: Date,
    /// What for.
    pub purpose: Purpose,
    /// What was asked for, in minor units.
    pub wanted: Money,
    /// What for, in words.
    pub words: String,
    /// Who vouches.
    pub guarantor: Option<Guarantor>,
    /// The group of borrowers.
    pub group: Option<Code>,
    /// What the visit found.
    pub assessment: Option<Assessment>,
    /// How it ended without a loan.
    pub ended: Option<Ended>,
    /// Approvals that were laid, the newest last; the first schedule belongs to the last of them.
    pub approvals: Vec<VoucherId>,
    /// The opening balance, and its line, of a loan that ran already when the books began.
    pub opening: Option<(VoucherId, u32)>,
    /// What was agreed about instalments, the oldest first.
    pub agreed: Vec<Agreed>,
}

impl LoanFile {
    /// Whether every text has its length.
    ///
    /// # Errors
    /// [`DeskRefusal::TextLength`].
    pub fn check(&self) -> Result<(), DeskRefusal> {
        let within = |field, text: &str, most: usize| match text.chars().count() {
            0 => Err(DeskRefusal::TextLength(field, most)),
            length if length > most => Err(DeskRefusal::TextLength(field, most)),
            _ => Ok(()),
        };
        within("words", &self.words, LONGEST)?;
        if let Some(own) = &self.guarantor {
            within("guarantor", &own.full_name, LONGEST_LINE)?;
            within("guarantor_phone", own.phone.as_deref().unwrap_or("-"), LONGEST_LINE)?;
        }
        if let Some(own) = &self.assessment {
            within("assessment", &own.words, LONGEST)?;
        }
        if let Some(own) = &self.ended {
            within("reason", &own.words, LONGEST)?;
        }
        self.agreed
            .iter()
            .filter_map(|own| own.words.as_deref())
            .try_for_each(|words| within("words", words, LONGEST))
    }

    /// Every voucher that the file names.
    pub fn vouchers(&self) -> impl Iterator<Item = &VoucherId> {
        let opening = self.opening.iter().map(|(voucher, _)| voucher);
        let agreed = self.agreed.iter().map(|own| &own.voucher);
        self.approvals.iter().chain(opening).chain(agreed)
    }
}
