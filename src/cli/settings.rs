//! Settings of the running server beside Rocket's own, each read once at the start.
//!
//! A setting that can't be understood stops the start: nobody finds out months later that it did
//! nothing.

use std::path::PathBuf;

use rocket::data::ByteUnit;
use rocket::figment::Figment;

use super::CliFault;
use crate::ledger::keys::{KeyKind, PublicKey};
use crate::web::config::BACKUP_DAYS;
use crate::web::watch::USUAL_LEAST;
use crate::web::{BaseUrl, Nightly, Watch};

/// The folders of mirrors, as the settings name them.
pub(super) fn mirrored(figment: &Figment) -> Result<Vec<PathBuf>, CliFault> {
    if !figment.contains("mirrors") {
        return Ok(Vec::new());
    }
    let read = figment.extract_inner::<Vec<PathBuf>>("mirrors");
    read.map_err(|fault| CliFault::Launch(format!("mirrors: {fault}")))
}

/// A list of texts in the settings; none when it is missing.
pub(super) fn texts(figment: &Figment, name: &str) -> Result<Vec<String>, CliFault> {
    if !figment.contains(name) {
        return Ok(Vec::new());
    }
    let read = figment.extract_inner::<Vec<String>>(name);
    read.map_err(|fault| CliFault::Launch(format!("{name}: {fault}")))
}

/// The log keys of the ledgers that are witnessed here, as the settings name them.
pub(super) fn witnessed(figment: &Figment) -> Result<Vec<PublicKey>, CliFault> {
    let wrong = |text: &str, reason: &str| {
        Err(CliFault::Launch(format!(
            "witnessed: {text:?}: {reason}; give log keys as the page Kiểm chứng of each ledger \
             shows them"
        )))
    };
    let mut keys: Vec<PublicKey> = Vec::new();
    for text in texts(figment, "witnessed")? {
        let key = match PublicKey::parse(text.trim()) {
            Ok(key) if key.kind() == KeyKind::Note => key,
            Ok(_) => return wrong(&text, "the key of a witness and not of a ledger"),
            Err(fault) => return wrong(&text, &fault.to_string()),
        };
        if keys.contains(&key) {
            return wrong(&text, "named twice");
        }
        keys.push(key);
    }
    Ok(keys)
}

/// Whether the program only reads (`read_only`).
pub(super) fn read_only(figment: &Figment) -> Result<bool, CliFault> {
    if !figment.contains("read_only") {
        return Ok(false);
    }
    let read = figment.extract_inner::<bool>("read_only");
    read.map_err(|fault| CliFault::Launch(format!("read_only: {fault}; give true or false")))
}

/// Where the desk is that a server which only reads sends officers to (`desk_url`); the address of
/// the site unless it is set.
pub(super) fn desk_url(figment: &Figment) -> Result<Option<BaseUrl>, CliFault> {
    let Some(url) = text(figment, "desk_url")? else { return Ok(None) };
    let read = BaseUrl::parse(&url);
    read.map(Some).map_err(|fault| CliFault::Launch(format!("desk_url: {fault}")))
}

/// After how many days the desk warns of an old backup.
pub(super) fn backup_days(figment: &Figment) -> Result<u64, CliFault> {
    if !figment.contains("backup_days") {
        return Ok(BACKUP_DAYS);
    }
    let wrong = |why: String| CliFault::Launch(format!("backup_days: {why}"));
    match figment.extract_inner::<u64>("backup_days") {
        // A backup of this moment would be too old.
        Ok(0) => Err(wrong("0: give a number of days from 1 on".to_owned())),
        Ok(days) => Ok(days),
        Err(fault) => Err(wrong(fault.to_string())),
    }
}

/// When ledgers are replayed whole (`self_check`): a time of the day, or `off`.
pub(super) fn nightly(figment: &Figment) -> Result<Nightly, CliFault> {
    let Some(text) = text(figment, "self_check")? else { return Ok(Nightly::default()) };
    text.parse().map_err(|fault| CliFault::Launch(format!("self_check: {fault}")))
}

/// What is seen of the machine; `least_free` is a size.
pub(super) fn watch(figment: &Figment) -> Result<Watch, CliFault> {
    Ok(Watch::new(least_free(figment)?))
}

/// Free bytes of the data folder's disk below which people are told.
pub(super) fn least_free(figment: &Figment) -> Result<u64, CliFault> {
    if !figment.contains("least_free") {
        return Ok(USUAL_LEAST);
    }
    let least = figment.extract_inner::<ByteUnit>("least_free");
    least.map(ByteUnit::as_u64).map_err(|fault| {
        CliFault::Launch(format!("least_free: {fault}; give a size, such as \"512 MiB\""))
    })
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LogFormat {
    /// For people.
    Lines,
    /// One JSON object a line.
    Json,
}

/// How log lines look (`log_format`): `lines` or `json`.
pub(super) fn log_format(figment: &Figment) -> Result<LogFormat, CliFault> {
    match text(figment, "log_format")?.as_deref() {
        None | Some("lines") => Ok(LogFormat::Lines),
        Some("json") => Ok(LogFormat::Json),
        Some(other) => {
            let said = format!("log_format: {other:?}: there are \"lines\" and \"json\"");
            Err(CliFault::Launch(said))
        }
    }
}

fn text(figment: &Figment, name: &str) -> Result<Option<String>, CliFault> {
    if !figment.contains(name) {
        return Ok(None);
    }
    let read = figment.extract_inner::<String>(name);
    read.map(Some).map_err(|fault| CliFault::Launch(format!("{name}: {fault}")))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_age_of_a_backup_is_a_number_of_days() {
        let figment = Figment::from(rocket::Config::default());
        assert_eq!(backup_days(&figment).unwrap(), BACKUP_DAYS);
        assert_eq!(backup_days(&figment.clone().merge(("backup_days", 2))).unwrap(), 2);
        let fault = backup_days(&figment.clone().merge(("backup_days", "often"))).unwrap_err();
        assert!(fault.to_string().contains("backup_days"), "{fault}");
        let fault = backup_days(&figment.merge(("backup_days", 0))).unwrap_err();
        assert!(fault.to_string().contains("backup_days: 0: give"), "{fault}");
    }

    #[test]
    fn a_server_that_only_reads_is_told_so_in_one_word_and_where_the_desk_is() {
        let figment = Figment::from(rocket::Config::default());
        assert!(!read_only(&figment).unwrap());
        assert!(read_only(&figment.clone().merge(("read_only", true))).unwrap());
        let fault = read_only(&figment.clone().merge(("read_only", "often"))).unwrap_err();
        assert!(fault.to_string().contains("read_only"), "{fault}");
        assert_eq!(desk_url(&figment).unwrap(), None);
        let set = figment.clone().merge(("desk_url", "https://ban.so.example/"));
        assert_eq!(desk_url(&set).unwrap().unwrap().origin(), "https://ban.so.example");
        let fault = desk_url(&figment.merge(("desk_url", "ban"))).unwrap_err();
        assert!(fault.to_string().contains("desk_url"), "{fault}");
    }

    #[test]
    fn witnessed_ledgers_are_log_keys_several_of_one_ledger_among_them() {
        use crate::ledger::keys::SigningKey;
        let key = || SigningKey::generate("so.example/xuan-tay").unwrap().public().vkey();
        let figment = Figment::from(rocket::Config::default());
        assert!(witnessed(&figment).unwrap().is_empty());
        let (one, two) = (key(), key());
        let both = figment.clone().merge(("witnessed", vec![&one, &two]));
        let read: Vec<String> = witnessed(&both).unwrap().iter().map(PublicKey::vkey).collect();
        assert_eq!(read, [one.clone(), two]);
        let witness = SigningKey::generate_as("w.example", KeyKind::Cosignature).unwrap();
        for wrong in [
            vec![one.clone(), one.clone()],
            vec![witness.public().vkey()],
            vec!["so.example/xuan-tay".to_owned()],
        ] {
            let fault = witnessed(&figment.clone().merge(("witnessed", wrong))).unwrap_err();
            assert!(fault.to_string().contains("witnessed"), "{fault}");
        }
        assert!(witnessed(&figment.merge(("witnessed", 7))).is_err());
    }

    #[test]
    fn mirrors_are_a_list_of_folders_and_nothing_else() {
        let figment = Figment::from(rocket::Config::default());
        assert!(mirrored(&figment).unwrap().is_empty());
        let two = figment.clone().merge(("mirrors", vec!["/srv/a", "b"]));
        assert_eq!(mirrored(&two).unwrap(), [PathBuf::from("/srv/a"), PathBuf::from("b")]);
        let fault = mirrored(&figment.merge(("mirrors", 7))).unwrap_err();
        assert!(fault.to_string().contains("mirrors"), "{fault}");
    }

    #[test]
    fn what_watches_the_machine_is_set_in_words_or_not_at_all() {
        let figment = Figment::from(rocket::Config::default());
        assert_eq!(nightly(&figment).unwrap(), Nightly::default());
        assert_eq!(log_format(&figment).unwrap(), LogFormat::Lines);
        assert_eq!(least_free(&figment).unwrap(), 512 << 20);
        let set = figment.clone().merge(("self_check", "off")).merge(("log_format", "json"));
        let set = set.merge(("least_free", "2 GiB"));
        assert_eq!(nightly(&set).unwrap(), Nightly::Off);
        assert_eq!(log_format(&set).unwrap(), LogFormat::Json);
        assert_eq!(least_free(&set).unwrap(), 2 << 30);
        let named = |fault: CliFault, name: &str| assert!(fault.to_string().contains(name));
        named(nightly(&figment.clone().merge(("self_check", "nightly"))).unwrap_err(), "02:30");
        named(log_format(&figment.clone().merge(("log_format", "xml"))).unwrap_err(), "json");
        named(least_free(&figment.merge(("least_free", "much"))).unwrap_err(), "least_free");
    }
}
