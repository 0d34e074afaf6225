//! The voucher: what officers sign.
//!
//! The kinds and their members are a closed list (`docs/FORMAT.md`); unknown members are refused,
//! an unknown kind says that the file is newer than this program.

mod form;
mod kinds;
mod members;

use serde::Deserialize;
use serde_json::{Map, Value};

pub use kinds::*;
pub use members::*;

use super::canonical;
use super::json::{self, Json, Members, Others};
use super::word::{Date, KeyName, Note, Origin};

/// The highest number of rules that this program knows.
pub const RULES: u64 = 1;

/// A voucher: who wrote it, when and where it belongs, and what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voucher {
    /// The recorder's key.
    pub by: KeyName,
    /// The business date.
    pub date: Date,
    /// The identifier: replay defence and retry key.
    pub id: VoucherId,
    /// The ledger it belongs to.
    pub log: Origin,
    /// A public remark.
    pub note: Option<Note>,
    /// The kind and its members.
    pub body: Body,
}

/// Why a voucher was not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VoucherFault {
    /// A kind that this program does not know: the file is newer.
    #[error("the kind {0:?} is unknown: a newer format")]
    UnknownKind(String),
    /// A number of rules that this program does not know: the file is newer.
    #[error("rules number {0} is unknown: a newer format")]
    UnknownRules(u64),
    /// A member that is missing, unknown or out of its form.
    #[error(transparent)]
    Member(#[from] MemberFault),
}

/// A member that is missing, unknown or out of its form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{member}: {reason}")]
pub struct MemberFault {
    /// The path of the member, such as `donor.type` or `lines[3].amount`.
    pub member: String,
    /// What was expected.
    pub reason: String,
}

impl MemberFault {
    /// A fault of `member`.
    pub fn new(member: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { member: member.into(), reason: reason.into() }
    }
}

impl Voucher {
    /// The kind.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.body.kind()
    }

    /// Reads a voucher and checks its form whole.
    ///
    /// # Errors
    /// A newer kind or rules number, or the first member that is out of its form.
    pub fn read(value: &Value) -> Result<Self, VoucherFault> {
        Self::read_json(&Json::from(value))
    }

    /// The same out of an entry.
    pub(super) fn read_json(json: &Json<'_>) -> Result<Self, VoucherFault> {
        let Json::Object(members) = json else {
            return Err(MemberFault::new("voucher", "expected an object").into());
        };
        let word = text(members, "kind")?;
        let unknown = |_| VoucherFault::UnknownKind(word.to_owned());
        let kind: Kind = word.parse().map_err(unknown)?;
        if matches!(kind, Kind::ChapterOpened | Kind::RulesAdopted) {
            let rules = json::member(members, "rules").and_then(|own| u64::deserialize(own).ok());
            if let Some(number) = rules.filter(|number| !(1..=RULES).contains(number)) {
                return Err(VoucherFault::UnknownRules(number));
            }
        }
        let note = json::member(members, "note").map(|_| member(members, "note"));
        let voucher = Self {
            by: member(members, "by")?,
            date: member(members, "date")?,
            id: member(members, "id")?,
            log: member(members, "log")?,
            note: note.transpose()?,
            body: Body::read(kind, members)?,
        };
        // Each word has one spelling, and members are read as they are named.
        debug_assert!(voucher.value() == json.to_value(), "{voucher:?} is not {json:?}");
        voucher.check_form_of(json)?;
        Ok(voucher)
    }

    /// The voucher as JSON, absent members left out.
    #[must_use]
    pub fn value(&self) -> Value {
        // The bodies hold strings, integers, lists and objects only: they always become JSON.
        let mut members = match self.body.write() {
            Ok(Value::Object(members)) => members,
            _ => Map::new(),
        };
        let mut put = |name: &str, text: &str| members.insert(name.to_owned(), text.into());
        put("by", self.by.as_str());
        put("date", &self.date.to_string());
        put("id", self.id.as_str());
        put("kind", self.kind().as_str());
        put("log", self.log.as_str());
        if let Some(note) = &self.note {
            put("note", note.as_str());
        }
        let mut value = Value::Object(members);
        leave_out_absent(&mut value);
        value
    }

    /// The canonical bytes that officers sign (RFC 8785).
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        canonical::encode(&self.value())
    }
}

/// Removes members that are absent: the profile knows no null.
fn leave_out_absent(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|_, member| !member.is_null());
            members.values_mut().for_each(leave_out_absent);
        }
        Value::Array(members) => members.iter_mut().for_each(leave_out_absent),
        _ => {}
    }
}

/// The members of every voucher, which no body has.
const OF_ALL: [&str; 6] = ["by", "date", "id", "kind", "log", "note"];

/// A member of a voucher, or of the entry around it.
pub(super) fn member<'de, T: Deserialize<'de>>(
    members: &'de Members<'de>,
    name: &str,
) -> Result<T, MemberFault> {
    let value = json::member(members, name).ok_or_else(|| MemberFault::new(name, "missing"))?;
    T::deserialize(value).map_err(|fault| MemberFault::new(name, fault.to_string()))
}

/// A member that is a text.
pub(super) fn text<'j>(members: &'j Members<'_>, name: &str) -> Result<&'j str, MemberFault> {
    let value = json::member(members, name).ok_or_else(|| MemberFault::new(name, "missing"))?;
    value.text().ok_or_else(|| MemberFault::new(name, "expected a text"))
}

/// The members of a body, read once more where they are out of their form: to say which it is.
fn read_members<'de, T: Deserialize<'de>>(members: &'de Members<'de>) -> Result<T, MemberFault> {
    let own = || Others { members, not: &OF_ALL };
    T::deserialize(own()).or_else(|_| {
        serde_path_to_error::deserialize(own()).map_err(|fault| {
            let member = fault.path().to_string();
            MemberFault::new(member, fault.inner().to_string())
        })
    })
}

#[cfg(test)]
mod tests;
