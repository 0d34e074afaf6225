//! An officer's passphrase: from a file, the environment, or typed without being shown.

use std::path::Path;

use zeroize::Zeroizing;

use super::CliFault;
use crate::ledger::keys::SigningKey;
use crate::ledger::word::Person;
use crate::store::desk::passphrase::Passphrase;
use crate::store::desk::sealing::{Sealer, SealingFault};
use crate::store::{ChapterId, Store};

/// The variable that may hold a passphrase.
pub const VARIABLE: &str = "MINHBACH_PASSPHRASE";

/// An officer who signs: the person and the opened key.
#[derive(Debug)]
pub struct Signer {
    /// The person.
    pub person: Person,
    /// What signs.
    pub key: SigningKey,
}

/// Opens an officer's key with the passphrase of a file (its first line), of the environment, or
/// typed at a prompt.
///
/// # Errors
/// [`CliFault::Officer`] for an unknown name or one who signs away from the server,
/// [`CliFault::Sealing`] for a passphrase that does not open the key.
pub async fn open_key(
    store: &Store,
    chapter: ChapterId,
    name: &str,
    file: Option<&Path>,
) -> Result<Signer, CliFault> {
    let account = store.account_named(chapter, name).await?;
    let unknown = || CliFault::Officer(format!("officer {name:?}: no such account may sign in"));
    let account = account.ok_or_else(unknown)?;
    let books = store.books(chapter)?;
    let origin = books.chapter().map(|chapter| chapter.origin.clone()).ok_or_else(unknown)?;
    let passphrase = read(name, file)?;
    let opened = Sealer::new(1).open(&origin, &account.key, &account.lock, passphrase).await;
    let key = opened.map_err(|fault| match fault {
        SealingFault::Wrong => {
            CliFault::Officer(format!("officer {name:?}: the passphrase is not the one"))
        }
        other => other.into(),
    })?;
    let away =
        || CliFault::Officer(format!("officer {name:?}: signs away from the server, not here"));
    Ok(Signer { person: account.person, key: key.key.ok_or_else(away)? })
}

/// A passphrase: the first line of a file, the environment's, or typed without being shown.
///
/// # Errors
/// [`CliFault`] for a file or terminal that can't be read, and a passphrase out of its form.
pub(super) fn read(name: &str, file: Option<&Path>) -> Result<Passphrase, CliFault> {
    Ok(Passphrase::read(&typed(&format!("Passphrase of {name}: "), file)?)?)
}

/// A new passphrase, held to the rules; at a prompt it is asked for twice.
///
/// # Errors
/// As [`read`], and the rule that it breaks.
pub(super) fn choose(file: Option<&Path>) -> Result<Passphrase, CliFault> {
    let passphrase = Passphrase::choose(&typed("New passphrase of this key file: ", file)?, "")?;
    let asked = file.is_none() && std::env::var_os(VARIABLE).is_none();
    if asked && !passphrase.is(&Passphrase::read(&typed("The same once more: ", None)?)?) {
        return Err(CliFault::Argument("the two passphrases differ: nothing was made".to_owned()));
    }
    Ok(passphrase)
}

fn typed(prompt: &str, file: Option<&Path>) -> Result<Zeroizing<String>, CliFault> {
    Ok(match (file, std::env::var(VARIABLE)) {
        (Some(path), _) => {
            let text = std::fs::read_to_string(path);
            let text = Zeroizing::new(text.map_err(|fault| CliFault::file(path, fault))?);
            Zeroizing::new(text.lines().next().unwrap_or_default().to_owned())
        }
        (None, Ok(text)) => Zeroizing::new(text),
        (None, Err(_)) => {
            let nobody = |fault: std::io::Error| {
                CliFault::Argument(format!(
                    "no passphrase was typed at the terminal ({fault}): name a file that holds it \
                     (--passphrase-file), or set {VARIABLE}"
                ))
            };
            Zeroizing::new(rpassword::prompt_password(prompt).map_err(nobody)?)
        }
    })
}
