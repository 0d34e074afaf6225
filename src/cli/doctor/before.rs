//! What is looked at before the store is opened: opening it makes what is missing, and a key that
//! was made anew opens nothing and stands in the way of the right one.

use std::io;
use std::path::Path;

use super::{CliFault, Findings, machine};
use crate::store::restoring::{Ground, ground};
use crate::store::{Location, StoreConfig};

/// Whether a database and the keys that it needs are here; what is missing is told.
pub(super) async fn may_be_opened(
    config: &StoreConfig,
    findings: &mut Findings,
) -> Result<bool, CliFault> {
    let missing = match &config.location {
        Location::Sqlite(path) => missing_file(path),
        Location::Postgres(url) => (ground(url).await? == Ground::Empty).then(|| {
            "it has no tables: is it the right one (`database_url`)? One that no server used is \
             empty; a lost one comes back with `minhbach restore`"
                .to_owned()
        }),
    };
    if let Some(said) = missing {
        findings.check("database", false, said);
        return Ok(false);
    }
    let missing = missing_keys(config);
    for said in &missing {
        findings.check("server keys", false, said.as_str());
    }
    Ok(missing.is_empty())
}

/// What is wrong with an SQLite database from outside.
fn missing_file(path: &Path) -> Option<String> {
    let why = match path.metadata() {
        Ok(found) if found.is_file() && found.len() > 0 => return None,
        Ok(found) if found.is_file() => "the file is empty",
        Ok(_) => "it is no file",
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => "there is none",
        Err(fault) => return Some(machine::unseen(path, &fault)),
    };
    Some(format!(
        "{}: {why}: is --data the right folder? Where no server was started yet, `minhbach serve` \
         makes one; a lost one comes back with `minhbach restore`",
        path.display()
    ))
}

/// The keys that every start makes when they are missing, and that nobody gave: each in words.
fn missing_keys(config: &StoreConfig) -> Vec<String> {
    let folder = config.folder.join("keys");
    let secrets = &config.secrets;
    let wanted = [
        ("receipt.key", &secrets.receipt_key, "MINHBACH_RECEIPT_KEY"),
        ("vault.key", &secrets.vault_key, "MINHBACH_VAULT_KEY"),
    ];
    let mut missing = Vec::new();
    for (name, given, variable) in wanted {
        let path = folder.join(name);
        match path.metadata() {
            _ if given.is_some() => {}
            Ok(_) => {}
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => missing.push(format!(
                "{}: it is not here, and the database needs it: restore keys/ from its backup \
                 (`minhbach restore minhbach-keys-...`), bring it from another server of the same \
                 database, or give it in {variable}; do that before the next start, which makes \
                 another one that opens nothing",
                path.display()
            )),
            Err(fault) => missing.push(machine::unseen(&path, &fault)),
        }
    }
    missing
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn look(config: &StoreConfig) -> (bool, Vec<String>) {
        let mut findings = Findings { chapters: Vec::new(), checks: Vec::new() };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let may = runtime.block_on(may_be_opened(config, &mut findings)).unwrap();
        (may, findings.checks.into_iter().map(|own| own.said).collect())
    }

    #[test]
    fn a_store_is_opened_only_where_database_and_keys_are() {
        let folder = tempfile::tempdir().unwrap();
        let mut config = StoreConfig::sqlite(folder.path());
        let (may, said) = look(&config);
        assert!(!may && said[0].contains("there is none"), "{said:?}");
        let database = folder.path().join("minhbach.sqlite");
        std::fs::write(&database, "").unwrap();
        assert!(look(&config).1[0].contains("the file is empty"));
        std::fs::write(&database, "rows").unwrap();
        let (may, said) = look(&config);
        assert!(!may && said.len() == 2 && said[1].contains("vault.key"), "{said:?}");
        std::fs::create_dir(folder.path().join("keys")).unwrap();
        std::fs::write(folder.path().join("keys/receipt.key"), "key").unwrap();
        let (may, said) = look(&config);
        assert!(!may && said.len() == 1, "{said:?}");
        assert!(said[0].contains("MINHBACH_VAULT_KEY") && said[0].contains("restore"), "{said:?}");
        config.secrets.vault_key = Some("ab".repeat(32));
        assert_eq!(look(&config), (true, Vec::new()));
    }
}
