//! What a person holds in hand: earlier checkpoints, receipts, disclosures.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::ledger::canonical;
use crate::ledger::disclosure::Disclosure;
use crate::ledger::note::SignedCheckpoint;
use crate::ledger::receipt::Receipt;

/// A file that the published ledger is held against.
#[derive(Clone, Debug)]
pub struct Given {
    /// Its name, for the report.
    pub name: String,
    /// What it is.
    pub content: GivenContent,
}

/// The three kinds of such files.
#[derive(Clone, Debug)]
pub enum GivenContent {
    /// An earlier (or the same, or a later) checkpoint.
    Checkpoint(SignedCheckpoint),
    /// A donor's offline receipt.
    Receipt(Receipt),
    /// Private values with the entries that hold their digests.
    Disclosures(Vec<Disclosed>),
}

/// One line of a file of disclosures.
#[derive(Clone, Debug, PartialEq)]
pub struct Disclosed {
    /// The entry that holds the digest.
    pub seq: u64,
    /// The value with its salt.
    pub disclosure: Disclosure,
    /// Its text form, as it stands in the line.
    pub text: String,
}

impl Given {
    /// Recognises a file by its beginning.
    ///
    /// # Errors
    /// Why it is none of the three kinds.
    pub fn read(name: &str, bytes: &[u8]) -> Result<Self, String> {
        let content = if bytes.starts_with(b"c2sp.org/tlog-proof@v1\n") {
            let receipt = Receipt::parse(bytes).map_err(|fault| format!("{name}: {fault}"))?;
            GivenContent::Receipt(receipt)
        } else if bytes.starts_with(b"{") {
            GivenContent::Disclosures(
                read_disclosures(bytes).map_err(|fault| format!("{name}: {fault}"))?,
            )
        } else {
            let checkpoint = SignedCheckpoint::parse(bytes).map_err(|fault| {
                format!("{name}: neither a receipt, nor disclosures, nor a checkpoint: {fault}")
            })?;
            GivenContent::Checkpoint(checkpoint)
        };
        Ok(Self { name: name.to_owned(), content })
    }
}

/// Reads lines of `{"disclosure":…,"seq":…}`, each canonical, none twice.
///
/// # Errors
/// The first line that is not of this form.
pub fn read_disclosures(bytes: &[u8]) -> Result<Vec<Disclosed>, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "not UTF-8".to_owned())?;
    if !text.is_empty() && !text.ends_with('\n') {
        return Err("the last line does not end in a newline".to_owned());
    }
    let mut seen = BTreeMap::new();
    let mut all = Vec::new();
    let lines = text.strip_suffix('\n').map(|text| text.split('\n'));
    for (line, number) in lines.into_iter().flatten().zip(1_u64..) {
        let disclosed = read_line(line).map_err(|reason| format!("line {number}: {reason}"))?;
        if let Some(first) = seen.insert(line.to_owned(), number) {
            return Err(format!("line {number} repeats line {first}"));
        }
        all.push(disclosed);
    }
    Ok(all)
}

fn read_line(line: &str) -> Result<Disclosed, String> {
    let value = canonical::decode(line.as_bytes()).map_err(|fault| fault.to_string())?;
    let members = value.as_object().filter(|members| members.len() == 2);
    let text = members.and_then(|members| members.get("disclosure")).and_then(Value::as_str);
    let seq = members.and_then(|members| members.get("seq")).and_then(Value::as_u64);
    let (Some(text), Some(seq)) = (text, seq) else {
        return Err("expected {\"disclosure\":…,\"seq\":…}".to_owned());
    };
    let disclosure = Disclosure::parse(text).map_err(|fault| fault.to_string())?;
    Ok(Disclosed { seq, disclosure, text: text.to_owned() })
}
