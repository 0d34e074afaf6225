//! What `monitor` follows: its file, and ledgers named on the command line.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::TimeDelta;
use rocket::figment::Figment;
use rocket::figment::providers::{Format as _, Toml};
use serde::Deserialize;

use crate::follow::watch::Watched;
use crate::ledger::keys::{KeyKind, PublicKey};
use crate::ledger::note::Policy;
use crate::verify::source::Source;
use crate::web::Language;

/// The file, as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    state: Option<PathBuf>,
    language: Option<String>,
    seconds: Option<u64>,
    mebibytes: Option<u64>,
    reread: Option<u64>,
    patience_hours: Option<u32>,
    feed: Option<Feed>,
    #[serde(default)]
    ledger: Vec<Ledger>,
}

/// Where the feed will be published, and by whom.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Feed {
    /// Its address.
    pub address: Option<String>,
    /// The page that it belongs to.
    pub page: Option<String>,
    /// Who follows.
    pub author: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ledger {
    name: String,
    sources: Vec<String>,
    #[serde(default)]
    keys: Vec<String>,
    policy: Option<PathBuf>,
    books: Option<bool>,
}

/// Everything that is set.
#[derive(Debug)]
pub(super) struct Settings {
    pub state: PathBuf,
    pub language: Option<Language>,
    /// The longest time for one ledger.
    pub time: Duration,
    /// The most bytes for one ledger.
    pub bytes: u64,
    /// Full bundles that are read again in each run.
    pub reread: u64,
    /// How long a ledger may be away before that is told.
    pub patience: TimeDelta,
    pub feed: Feed,
    pub ledgers: Vec<Watched>,
}

impl Settings {
    /// Reads the file, if one is named, and adds the ledgers of the command line.
    pub fn read(
        file: Option<&Path>,
        named: &[String],
        keys: &[PublicKey],
        state: Option<&Path>,
    ) -> Result<Self, String> {
        let base = file.and_then(Path::parent).unwrap_or(Path::new("")).to_owned();
        let read = match file {
            None => None,
            Some(path) => {
                let fault = |fault: &dyn std::fmt::Display| format!("{}: {fault}", path.display());
                let text = std::fs::read_to_string(path).map_err(|error| fault(&error))?;
                let toml = Figment::from(Toml::string(&text));
                Some(toml.extract::<File>().map_err(|error| fault(&error))?)
            }
        };
        let mut ledgers = Vec::new();
        for own in read.iter().flat_map(|file| &file.ledger) {
            ledgers.push(watched(own, &base)?);
        }
        for source in named {
            let keys = keys.iter().map(PublicKey::vkey).collect();
            let name = name_of(source);
            let sources = vec![source.clone()];
            let own = Ledger { name, sources, keys, policy: None, books: None };
            ledgers.push(watched(&own, Path::new(""))?);
        }
        if ledgers.is_empty() {
            return Err("no ledger: name some in a file (--config) or as arguments".to_owned());
        }
        let mut names = BTreeSet::new();
        if let Some(twice) = ledgers.iter().find(|own| !names.insert(own.name.clone())) {
            return Err(format!("two ledgers are called {:?}: give each its own name", twice.name));
        }
        let kept = read.as_ref().and_then(|file| file.state.as_ref()).map(|own| base.join(own));
        let state = state.map(Path::to_owned).or(kept);
        let of = |get: fn(&File) -> Option<u64>| read.as_ref().and_then(get);
        let language = read.as_ref().and_then(|file| file.language.clone());
        Ok(Self {
            state: state.ok_or("say with --state (or state = in the file) where to keep it")?,
            language: language.map(|tag| language_of(&tag)).transpose()?,
            time: Duration::from_secs(of(|file| file.seconds).unwrap_or(1_800)),
            bytes: of(|file| file.mebibytes).unwrap_or(4_096).saturating_mul(1 << 20),
            reread: of(|file| file.reread).unwrap_or(8),
            patience: TimeDelta::hours(
                of(|file| file.patience_hours.map(u64::from))
                    .and_then(|hours| i64::try_from(hours).ok())
                    .unwrap_or(24),
            ),
            feed: read.and_then(|file| file.feed).unwrap_or_default(),
            ledgers,
        })
    }
}

/// A language by its tag.
pub(super) fn language_of(tag: &str) -> Result<Language, String> {
    Language::from_tag(tag).ok_or_else(|| format!("{tag:?}: must be vi or en"))
}

fn watched(own: &Ledger, base: &Path) -> Result<Watched, String> {
    let name = &own.name;
    let fits = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let is_name = (1..=64).contains(&name.len()) && name.chars().all(fits);
    if !is_name || name.starts_with('.') {
        return Err(format!("{name:?}: a name has 1 to 64 letters, digits and - _ . of ASCII"));
    }
    let (mut trees, mut papers) = (Vec::new(), Vec::new());
    for text in &own.sources {
        match Source::new(text) {
            Source::Folder(path) if base.join(&path).is_file() => papers.push(base.join(path)),
            Source::Folder(path) => trees.push(Source::Folder(base.join(path))),
            source => trees.push(source),
        }
    }
    if trees.is_empty() {
        return Err(format!("{name}: sources name no address and no folder"));
    }
    let books = own.books.unwrap_or(true);
    let mut keys = Vec::new();
    for vkey in &own.keys {
        let key = PublicKey::parse(vkey).map_err(|fault| format!("{name}: {fault}"))?;
        if key.kind() != KeyKind::Note {
            return Err(format!("{name}: {} is no key of a log", key.name()));
        }
        keys.push(key);
    }
    if !books && keys.is_empty() {
        return Err(format!("{name}: a log without books says nothing of its keys: give keys"));
    }
    let policy = own.policy.as_ref().map(|path| policy(&base.join(path))).transpose()?;
    Ok(Watched { name: name.clone(), trees, papers, keys, policy, books })
}

fn policy(path: &Path) -> Result<Policy, String> {
    let fault = |fault: &dyn std::fmt::Display| format!("{}: {fault}", path.display());
    let text = std::fs::read_to_string(path).map_err(|error| fault(&error))?;
    Policy::parse(&text).map_err(|error| fault(&error))
}

/// A name for a ledger of the command line: its address without the scheme.
fn name_of(source: &str) -> String {
    let inner = source.split_once("://").map_or(source, |(_, inner)| inner);
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' };
    let name: String = inner.chars().map(plain).collect();
    let name = name.trim_matches(['-', '.']);
    let from = name.len().saturating_sub(64);
    name.get(from..).unwrap_or_default().trim_start_matches(['-', '.']).to_owned()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Settings, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("monitor.toml");
        std::fs::write(&path, text).unwrap();
        std::fs::write(folder.path().join("receipt"), "").unwrap();
        Settings::read(Some(&path), &[], &[], Some(Path::new("state")))
    }

    #[test]
    fn a_file_names_ledgers_with_places_and_papers() {
        let settings = read(
            "patience_hours = 2\nlanguage = 'en'\n[[ledger]]\nname = 'a'\n\
             sources = ['https://so.example/a', 'receipt', 'folder']\n",
        );
        let settings = settings.unwrap();
        let own = &settings.ledgers[0];
        assert_eq!((own.trees.len(), own.papers.len(), own.books), (2, 1, true));
        assert_eq!((settings.patience, settings.reread), (TimeDelta::hours(2), 8));
        assert_eq!(settings.language, Some(Language::English));
    }

    #[test]
    fn what_cannot_be_followed_is_said() {
        for (text, said) in [
            ("", "no ledger"),
            ("colour = 'red'", "colour"),
            ("language = 'fr'\n[[ledger]]\nname='a'\nsources=['x']", "vi or en"),
            ("[[ledger]]\nname = '../a'\nsources = ['x']", "a name has"),
            ("[[ledger]]\nname = 'a'\nsources = ['receipt']", "no address"),
            ("[[ledger]]\nname = 'a'\nsources = ['x']\nkeys = ['b']", "a: "),
            ("[[ledger]]\nname = 'a'\nsources = ['x']\nbooks = false", "give keys"),
            (
                "[[ledger]]\nname='a'\nsources=['x']\n[[ledger]]\nname='a'\nsources=['y']",
                "two ledgers",
            ),
        ] {
            let fault = read(text).map(|_| ()).unwrap_err();
            assert!(fault.contains(said), "{text}: {fault}");
        }
        let named = ["https://so.example/xuan-tay/".to_owned()];
        let settings = Settings::read(None, &named, &[], Some(Path::new("x"))).unwrap();
        assert_eq!(settings.ledgers[0].name, "so.example-xuan-tay");
    }
}
