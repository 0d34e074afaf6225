//! Rules about the words people read: both languages say everything, and templates ask for nothing
//! that isn't there.

use std::collections::{BTreeMap, BTreeSet};

use fluent_syntax::ast::Entry;
use fluent_syntax::parser;

use super::source::{Offence, Source};

/// What a template calls to show a text: `t("key", …)`, or `"key"|t`.
const CALL: &str = "t";

/// Where each key of a language stands: key, then path and line. Attributes are `key.attribute`.
type Keys<'a> = BTreeMap<String, (&'a Source, usize)>;

/// Every text exists in both languages, once, and can be parsed.
pub fn same_keys(vietnamese: &[Source], english: &[Source]) -> Vec<Offence> {
    let mut found = Vec::new();
    let left = keys(vietnamese, &mut found);
    let right = keys(english, &mut found);
    for (one, other, language) in [(&left, &right, "English"), (&right, &left, "Vietnamese")] {
        let missing = one.iter().filter(|(key, _)| !other.contains_key(*key));
        found.extend(missing.map(|(key, (source, line))| {
            source.offence(*line, format!("`{key}` has no {language} text"))
        }));
    }
    found
}

/// The keys of a language; what can't be parsed or stands twice goes to `found`.
fn keys<'a>(files: &'a [Source], found: &mut Vec<Offence>) -> Keys<'a> {
    let mut keys = Keys::new();
    for source in files {
        let resource = parser::parse(source.text.as_str()).unwrap_or_else(|(resource, faults)| {
            found.extend(faults.iter().map(|fault| {
                let line = source.text[..fault.pos.start].lines().count().max(1);
                source.offence(line, format!("is not Fluent: {}", fault.kind))
            }));
            resource
        });
        for entry in resource.body {
            let (name, attributes) = match entry {
                Entry::Message(message) => (message.id.name.to_owned(), message.attributes),
                Entry::Term(term) => (format!("-{}", term.id.name), term.attributes),
                _ => continue,
            };
            let line = line_of(&source.text, &name);
            let inner = attributes.iter().map(|inner| format!("{name}.{}", inner.id.name));
            for key in inner.chain([name.clone()]) {
                if keys.insert(key.clone(), (source, line)).is_some() {
                    found.push(source.offence(line, format!("`{key}` stands twice")));
                }
            }
        }
    }
    keys
}

/// Line of the last definition of `name`.
fn line_of(text: &str, name: &str) -> usize {
    let defines =
        |line: &str| line.strip_prefix(name).is_some_and(|rest| rest.trim_start().starts_with('='));
    text.lines().enumerate().filter(|(_, line)| defines(line)).last().map_or(1, |(at, _)| at + 1)
}

/// Every key that a template asks for exists; where templates stand and none asks, the call has
/// another name now and this rule is blind.
pub fn used_keys(templates: &[Source], texts: &[Source]) -> Vec<Offence> {
    let mut found = Vec::new();
    let known: BTreeSet<String> = keys(texts, &mut Vec::new()).into_keys().collect();
    let mut asked = 0;
    for source in templates {
        for (index, line) in source.text.lines().enumerate() {
            for (key, whole) in asked_keys(line) {
                asked += 1;
                let exists = match whole {
                    true => known.contains(key),
                    false => known.iter().any(|known| known.starts_with(key)),
                };
                if !exists {
                    found.push(source.offence(index + 1, format!("`{key}` is no text of ours")));
                }
            }
        }
    }
    if let (0, Some(first)) = (asked, templates.first()) {
        found
            .push(first.offence(1, format!("no template calls `{CALL}(\"key\")`: mend this rule")));
    }
    found
}

/// Keys in `t("key"…)`, `t('key'…)` and `"key"|t`, and whether the key is whole: `t("step-" ~ n)`
/// asks for keys that begin so.
fn asked_keys(line: &str) -> Vec<(&str, bool)> {
    let mut found = Vec::new();
    for quote in ['"', '\''] {
        let parts: Vec<&str> = line.split(quote).collect();
        for three in parts.windows(3) {
            let [before, key, after] = three else { continue };
            let call = before.trim_end().strip_suffix('(').map(str::trim_end);
            let called = call.and_then(|call| call.strip_suffix(CALL)).is_some_and(|rest| {
                !rest.ends_with(|c: char| c.is_alphanumeric() || "_.-".contains(c))
            });
            let filter = after.trim_start().strip_prefix('|').map(str::trim_start);
            let filtered = filter
                .and_then(|rest| rest.strip_prefix(CALL))
                .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'));
            let is_key = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
            if (called || filtered) && !key.is_empty() && key.chars().all(is_key) {
                found.push((*key, !after.trim_start().starts_with('~')));
            }
        }
    }
    found
}
