//! Ledgers that continue others, at the desk of these tests.

use serde_json::{Value, json};

use minhbach::books::Refusal;
use minhbach::ledger::entry::{Entry, leaf_hash};
use minhbach::ledger::note::{Checkpoint, sign_checkpoint};
use minhbach::ledger::tree::Frontier;
use minhbach::ledger::word::Base64;

use super::{Desk, Opening, log_key_of, officer_key_of};

/// The names of log keys in these tests.
pub const LOG_KEYS: [&str; 4] = ["log", "log2", "log3", "log4"];

/// Writes the places of entries as a voucher of a later ledger names them.
pub fn name_old_entries(value: &mut Value, before: u64) {
    references(value, &|reference| {
        let place = reference.as_u64()?;
        Some(match place.checked_sub(before) {
            Some(seq) => json!(seq),
            None => json!(format!("old:{place}")),
        })
    });
}

/// The other way: the places of the entries that a voucher of a later ledger names.
pub fn name_places(value: &mut Value, before: u64) {
    references(value, &|reference| match reference.as_str() {
        Some(old) => Some(json!(old.strip_prefix("old:")?.parse::<u64>().unwrap())),
        None => Some(json!(reference.as_u64()? + before)),
    });
}

/// Goes through every reference to an entry in a voucher.
fn references(value: &mut Value, change: &impl Fn(&Value) -> Option<Value>) {
    let one = |value: &mut Value| match change(value) {
        Some(changed) => *value = changed,
        None => references(value, change),
    };
    let Value::Object(members) = value else { return };
    for (name, value) in members {
        match (name.as_str(), value) {
            ("of" | "lot" | "loan" | "seq" | "compromised_from_seq", value) => one(value),
            ("gifts" | "sample", Value::Array(list)) => list.iter_mut().for_each(one),
            (_, Value::Array(list)) => {
                list.iter_mut().for_each(|value| references(value, change));
            }
            _ => {}
        }
    }
}

impl Desk {
    /// The signed checkpoint over the entries of the newest ledger.
    pub fn checkpoint(&self) -> String {
        let mut frontier = Frontier::new();
        for bytes in &self.bytes[usize::try_from(self.books.before()).unwrap()..] {
            frontier.append(leaf_hash(bytes));
        }
        let (size, root) = (frontier.size(), frontier.root());
        let checkpoint = Checkpoint::new(&self.log, size, root).unwrap();
        let keys = &self.books.chapter().unwrap().log_keys;
        let (public, _) = keys.iter().rev().find(|(_, from)| *from <= size).unwrap();
        let mut known = LOG_KEYS.iter().map(|name| log_key_of(&self.log, name));
        let key = known.find(|known| known.public() == public).unwrap();
        sign_checkpoint(&checkpoint, &key).unwrap().to_string()
    }

    /// Opens a ledger that continues this one, with new keys for the same persons.
    pub fn go_on(&mut self) {
        self.try_to_go_on(|_| {}).expect("the ledger goes on");
    }

    /// The same with the members of entry 0 changed. A refused one leaves the desk as it was.
    pub fn try_to_go_on(&mut self, change: impl Fn(&mut Value)) -> Result<(), Refusal> {
        let next = self.books.chapter().unwrap().origin.next().unwrap().to_string();
        self.try_to_go_on_as(next, change)
    }

    /// The same under any name.
    pub fn try_to_go_on_as(
        &mut self,
        next: String,
        change: impl Fn(&mut Value),
    ) -> Result<(), Refusal> {
        let chapter = self.books.chapter().unwrap();
        let opening = Opening {
            auditor: self.books.officers().has_auditor(),
            guardian: self.books.officers().guardian().is_some(),
            policy: match chapter.policy.two_above {
                Some(limit) => json!({"two_above": limit.minor()}),
                None => json!({}),
            },
            books_from: "",
        };
        let (books_from, checkpoint) = (chapter.books_from, self.checkpoint());
        let names: Vec<String> = self.keys.keys().cloned().collect();
        let keys = names.into_iter().map(|name| {
            let key = officer_key_of(&next, &name);
            (name, key)
        });
        let keys = keys.collect();
        let log = std::mem::replace(&mut self.log, next);
        let old = std::mem::replace(&mut self.keys, keys);
        let mut members = self.opening_members(&opening);
        members["books_from"] = json!(books_from);
        let checkpoint = Base64::of(checkpoint.as_bytes()).unwrap();
        members["continues"] = json!({"checkpoint": checkpoint});
        change(&mut members);
        let list = self.founders(&opening);
        let signed = self.sign_as("chapter_opened", members, &list);
        let chain = self.chain.clone();
        self.chain = chain.renewed();
        let before = self.books.size();
        let (at, prev) = (self.at.parse().unwrap(), self.chain.last_leaf());
        let entry = Entry { at, prev, seq: 0, before, signed };
        let done = self.append_entry(&entry).map(drop);
        if done.is_err() {
            (self.log, self.keys, self.chain) = (log, old, chain);
        }
        done
    }
}
