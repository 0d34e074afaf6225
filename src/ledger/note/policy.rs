//! Trust policies (C2SP tlog-policy): which logs, which witnesses, and how many of them must have
//! cosigned.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::{KeyKind, NoteFault, PublicKey, SignedCheckpoint};

/// A log whose checkpoints are accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// Its key, named after its origin.
    pub key: PublicKey,
    /// Where it is published.
    pub url: Option<String>,
}

/// A witness whose cosignatures count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WitnessLine {
    /// Its name in this policy.
    pub name: String,
    /// Its key, of type 0x04.
    pub key: PublicKey,
    /// Where checkpoints are submitted.
    pub url: Option<String>,
}

/// Witnesses or groups of which at least `threshold` must have cosigned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its name in this policy.
    pub name: String,
    /// From 1 to the number of members.
    pub threshold: usize,
    /// Names of witnesses and earlier groups.
    pub members: Vec<String>,
}

/// What a checkpoint needs besides a log's signature.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Quorum {
    /// No cosignature.
    #[default]
    None,
    /// That of the witness or group of this name.
    Named(String),
}

/// A policy. The default knows no log and asks for no cosignature.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    logs: Vec<LogLine>,
    witnesses: Vec<WitnessLine>,
    groups: Vec<Group>,
    quorum: Quorum,
}

/// A witness that cosigned, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cosigned {
    /// The witness's name in the policy.
    pub witness: String,
    /// Seconds since 1970.
    pub time: u64,
}

/// What a policy finds in a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The listed log key that signed; none if none did.
    pub log: Option<PublicKey>,
    /// Who cosigned, in the order of the policy.
    pub cosigned: Vec<Cosigned>,
    /// Whether the quorum is met.
    pub quorum_met: bool,
}

impl Verdict {
    /// Whether the checkpoint is valid: signed by a listed log, and cosigned as the quorum asks.
    #[must_use]
    pub const fn is_valid(&self) -> bool {
        self.log.is_some() && self.quorum_met
    }
}

impl Policy {
    /// A policy from its parts, by the rules of [`Policy::parse`].
    ///
    /// # Errors
    /// [`NoteFault::Policy`] with the line of the text that it would have.
    pub fn new(
        logs: Vec<LogLine>,
        witnesses: Vec<WitnessLine>,
        groups: Vec<Group>,
        quorum: Quorum,
    ) -> Result<Self, NoteFault> {
        let policy = Self { logs, witnesses, groups, quorum };
        let read = Self::parse(&policy.to_string())?;
        if read == policy {
            Ok(policy)
        } else {
            let reason = "a name or URL holds white space or begins with #".to_owned();
            Err(NoteFault::Policy { line: 0, reason })
        }
    }

    /// Reads a policy. Its octets must be UTF-8, as tlog-policy recommends; all lines end in a
    /// newline.
    ///
    /// # Errors
    /// [`NoteFault::Policy`] for the first line that breaks a rule.
    pub fn parse(text: &str) -> Result<Self, NoteFault> {
        let mut reader = PolicyReader::default();
        let fault = |line, reason| NoteFault::Policy { line, reason };
        let lines = text
            .strip_suffix('\n')
            .ok_or_else(|| fault(0, "the last line must end in a newline".to_owned()))?;
        let mut count = 0;
        for (at, line) in (1..).zip(lines.split('\n')) {
            reader.line(line).map_err(|reason| fault(at, reason))?;
            count = at;
        }
        match reader.quorum {
            Some(quorum) => Ok(Self { quorum, ..reader.policy }),
            None => Err(fault(count, "a quorum line is missing: add `quorum none`".to_owned())),
        }
    }

    /// The logs.
    #[must_use]
    pub fn logs(&self) -> &[LogLine] {
        &self.logs
    }

    /// The witnesses.
    #[must_use]
    pub fn witnesses(&self) -> &[WitnessLine] {
        &self.witnesses
    }

    /// The groups, each behind those it names.
    #[must_use]
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// The quorum.
    #[must_use]
    pub const fn quorum(&self) -> &Quorum {
        &self.quorum
    }

    /// Weighs a checkpoint. Signatures by keys that are not listed are ignored.
    ///
    /// # Errors
    /// [`NoteFault`] when a line by a listed key does not hold: the whole note is then refused.
    pub fn evaluate(&self, checkpoint: &SignedCheckpoint) -> Result<Verdict, NoteFault> {
        let log = match checkpoint.verify_log(self.logs.iter().map(|log| &log.key)) {
            Ok(key) => Some(key.clone()),
            Err(NoteFault::NotSigned(_)) => None,
            Err(fault) => return Err(fault),
        };
        let mut cosigned = Vec::new();
        for witness in &self.witnesses {
            match checkpoint.note().verify_cosignature(&witness.key) {
                Ok(time) => cosigned.push(Cosigned { witness: witness.name.clone(), time }),
                Err(NoteFault::NotSigned(_)) => {}
                Err(fault) => return Err(fault),
            }
        }
        let quorum_met = self.is_met(cosigned.iter().map(|found| found.witness.as_str()));
        Ok(Verdict { log, cosigned, quorum_met })
    }

    /// Whether cosignatures by the named witnesses meet the quorum.
    fn is_met<'a>(&'a self, witnesses: impl Iterator<Item = &'a str>) -> bool {
        let Quorum::Named(quorum) = &self.quorum else { return true };
        let mut met: BTreeSet<&str> = witnesses.collect();
        // A group names only what stands before it, so one pass is enough.
        for group in &self.groups {
            let count = group.members.iter().filter(|name| met.contains(name.as_str())).count();
            if count >= group.threshold {
                met.insert(&group.name);
            }
        }
        met.contains(quorum.as_str())
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let with_url = |url: &Option<String>| match url {
            Some(url) => format!(" {url}"),
            None => String::new(),
        };
        for log in &self.logs {
            writeln!(out, "log {}{}", log.key, with_url(&log.url))?;
        }
        for witness in &self.witnesses {
            let url = with_url(&witness.url);
            writeln!(out, "witness {} {}{url}", witness.name, witness.key)?;
        }
        for group in &self.groups {
            let threshold = match group.threshold {
                all if all == group.members.len() => "all".to_owned(),
                1 => "any".to_owned(),
                number => number.to_string(),
            };
            writeln!(out, "group {} {threshold} {}", group.name, group.members.join(" "))?;
        }
        match &self.quorum {
            Quorum::None => writeln!(out, "quorum none"),
            Quorum::Named(name) => writeln!(out, "quorum {name}"),
        }
    }
}

#[derive(Default)]
struct PolicyReader {
    policy: Policy,
    quorum: Option<Quorum>,
    /// Every witness and group so far, and whether a group has it as a member.
    names: BTreeMap<String, bool>,
}

impl PolicyReader {
    fn line(&mut self, line: &str) -> Result<(), String> {
        if line.bytes().any(|byte| matches!(byte, 0..=8 | 10..=31 | 127)) {
            return Err("control characters are not allowed".to_owned());
        }
        let items: Vec<&str> = line.split([' ', '\t']).filter(|item| !item.is_empty()).collect();
        match items[..] {
            [] => Ok(()),
            [first, ..] if first.starts_with('#') => Ok(()),
            ["log", vkey] => self.log(vkey, None),
            ["log", vkey, url] => self.log(vkey, Some(url)),
            ["witness", name, vkey] => self.witness(name, vkey, None),
            ["witness", name, vkey, url] => self.witness(name, vkey, Some(url)),
            ["group", name, threshold, ref members @ ..] => self.group(name, threshold, members),
            ["quorum", name] => self.set_quorum(name),
            [word, ..] => Err(format!(
                "{word:?}: must be log <vkey> [<url>], witness <name> <vkey> [<url>], \
                 group <name> all|any|<k> <name>… or quorum <name>"
            )),
        }
    }

    fn log(&mut self, vkey: &str, url: Option<&str>) -> Result<(), String> {
        let key = key_of_kind(vkey, KeyKind::Note)?;
        if self.policy.logs.iter().any(|log| log.key.bytes() == key.bytes()) {
            return Err(format!("the key of log {} is listed twice", key.name()));
        }
        self.policy.logs.push(LogLine { key, url: url.map(str::to_owned) });
        Ok(())
    }

    fn witness(&mut self, name: &str, vkey: &str, url: Option<&str>) -> Result<(), String> {
        let key = key_of_kind(vkey, KeyKind::Cosignature)?;
        if self.policy.witnesses.iter().any(|witness| witness.key.bytes() == key.bytes()) {
            return Err(format!("the key of witness {name} is listed twice"));
        }
        let name = self.define(name)?;
        self.policy.witnesses.push(WitnessLine { name, key, url: url.map(str::to_owned) });
        Ok(())
    }

    fn group(&mut self, name: &str, threshold: &str, members: &[&str]) -> Result<(), String> {
        let count = members.len();
        let threshold = match threshold {
            "all" => count,
            "any" => 1,
            number => number
                .parse::<usize>()
                .ok()
                .filter(|parsed| parsed.to_string() == number)
                .ok_or_else(|| format!("{number:?}: must be all, any or a decimal number"))?,
        };
        if !(1..=count).contains(&threshold) {
            return Err(format!("group {name}: {threshold} of {count} members is impossible"));
        }
        for member in members {
            match self.names.get_mut(*member) {
                None => return Err(format!("{member} is not defined on a line before")),
                Some(true) => return Err(format!("{member} is a member of a group already")),
                Some(taken) => *taken = true,
            }
        }
        let name = self.define(name)?;
        let members = members.iter().map(|member| (*member).to_owned()).collect();
        self.policy.groups.push(Group { name, threshold, members });
        Ok(())
    }

    fn set_quorum(&mut self, name: &str) -> Result<(), String> {
        let quorum = match name {
            "none" => Quorum::None,
            name if self.names.contains_key(name) => Quorum::Named(name.to_owned()),
            name => return Err(format!("{name} is not defined on a line before")),
        };
        match self.quorum.replace(quorum) {
            None => Ok(()),
            Some(_) => Err("only one quorum line is allowed".to_owned()),
        }
    }

    fn define(&mut self, name: &str) -> Result<String, String> {
        if name == "none" || self.names.insert(name.to_owned(), false).is_some() {
            return Err(format!("the name {name} is taken"));
        }
        Ok(name.to_owned())
    }
}

fn key_of_kind(vkey: &str, kind: KeyKind) -> Result<PublicKey, String> {
    let key = PublicKey::parse(vkey).map_err(|fault| fault.to_string())?;
    if key.kind() == kind {
        Ok(key)
    } else {
        Err(format!("key {}: logs have keys of type 0x01, witnesses of 0x04", key.name()))
    }
}
