//! The server's own keys: log keys, witness key, receipt key, vault key. In `keys/`, never in the
//! database.
//!
//! A log key is written as C2SP tools write private keys,
//! `PRIVATE+KEY+<origin>+<8 hex of key id>+<base64(type ‖ seed)>`, one a line, the oldest first: a
//! rotated key stays, checkpoints before the rotation are still signed with it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use zeroize::Zeroizing;

use super::fault::StoreFault;
use super::folder;
use super::location::Secrets;
use crate::books::key_at;
use crate::ledger::keys::{KeyFault, KeyKind, PublicKey, SigningKey};
use crate::ledger::word::Origin;

/// A key of 32 random bytes, wiped when dropped.
pub type SecretKey = Zeroizing<[u8; 32]>;

/// The file of the witness key, written as log keys are, of type 0x04.
const WITNESS: &str = "witness.key";

type LogKeys = Vec<Arc<SigningKey>>;

/// What signs a checkpoint.
#[derive(Debug)]
pub(super) struct InForce {
    /// The key in force at its size.
    pub(super) present: Arc<SigningKey>,
    /// The one before it, for a while.
    pub(super) before: Option<Arc<SigningKey>>,
}

/// For so many entries a rotated log key signs beside the new one.
const OVERLAP: u64 = 500;

/// The server's keys.
pub struct Keys {
    folder: PathBuf,
    receipt: SecretKey,
    vault: SecretKey,
    witness: RwLock<Option<Arc<SigningKey>>>,
    given: HashMap<String, LogKeys>,
    log: RwLock<HashMap<String, LogKeys>>,
}

impl Keys {
    /// Opens the folder of keys; a receipt or vault key that is nowhere yet is made.
    pub(super) fn open(folder: PathBuf, secrets: &Secrets) -> Result<Self, StoreFault> {
        folder::make_folder(&folder)?;
        Self::with(folder, secrets, new_secret)
    }

    /// The same for a server that only reads: what is nowhere stops the start, for a key that was
    /// made here would open nothing.
    pub(super) fn open_reading(folder: PathBuf, secrets: &Secrets) -> Result<Self, StoreFault> {
        let missing = "it is not here: bring keys/ of the server that writes";
        Self::with(folder, secrets, |path| Err(fault(path, missing)))
    }

    fn with(
        folder: PathBuf,
        secrets: &Secrets,
        make: impl Fn(&Path) -> Result<SecretKey, StoreFault>,
    ) -> Result<Self, StoreFault> {
        let secret = |name: &str, given: Option<&str>| secret(&folder.join(name), given, &make);
        let receipt = secret("receipt.key", secrets.receipt_key.as_deref())?;
        let vault = secret("vault.key", secrets.vault_key.as_deref())?;
        let mut given: HashMap<String, LogKeys> = HashMap::new();
        for text in &secrets.log_keys {
            let key = read_log_key(Path::new("the log key of the environment"), text)?;
            given.entry(key.name().to_owned()).or_default().push(Arc::new(key));
        }
        let witness = RwLock::new(witness(&folder.join(WITNESS), secrets.witness_key.as_deref())?);
        Ok(Self { folder, receipt, vault, witness, given, log: RwLock::default() })
    }

    /// The key with which this server cosigns heads of other ledgers; none before it was first
    /// asked for by [`Keys::witness_key`].
    #[must_use]
    pub fn witness(&self) -> Option<Arc<SigningKey>> {
        self.witness.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The same key, made under that name when there is none: names of keys stay for ever.
    ///
    /// # Errors
    /// [`StoreFault`] when the folder or the randomness fails, or no key can have that name.
    pub fn witness_key(&self, name: &str) -> Result<Arc<SigningKey>, StoreFault> {
        let mut own = self.witness.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = &*own {
            return Ok(key.clone());
        }
        let path = self.folder.join(WITNESS);
        let key = SigningKey::generate_as(name, KeyKind::Cosignature);
        let key = Arc::new(key.map_err(|fault| key_fault(&path, fault))?);
        folder::replace(&path, &Zeroizing::new(write_log_key(&key)))?;
        *own = Some(key.clone());
        Ok(key)
    }

    /// The key of receipt codes.
    #[must_use]
    pub const fn receipt(&self) -> &SecretKey {
        &self.receipt
    }

    /// The key under which the keys of private values are sealed.
    #[must_use]
    pub const fn vault(&self) -> &SecretKey {
        &self.vault
    }

    /// The newest log key of a ledger, made when there is none: what `chapter_opened` names.
    ///
    /// # Errors
    /// [`StoreFault`] when the folder or the randomness fails, or a key file is damaged.
    pub fn log_key(&self, origin: &Origin) -> Result<PublicKey, StoreFault> {
        match self.log_keys(origin)?.last() {
            Some(key) => Ok(key.public().clone()),
            None => self.add_log_key(origin),
        }
    }

    /// Keeps a log key that was made elsewhere, for a ledger that has none yet.
    ///
    /// # Errors
    /// [`StoreFault::Key`] when the ledger has another one, and when the folder fails.
    pub fn keep_log_key(&self, origin: &Origin, key: SigningKey) -> Result<(), StoreFault> {
        let path = self.log_path(origin);
        if key.name() != origin.as_str() {
            return Err(fault(&path, "the key of another ledger"));
        }
        match self.log_keys(origin)?.last() {
            Some(own) if own.public() == key.public() => return Ok(()),
            Some(_) => return Err(fault(&path, "the ledger has another log key already")),
            None => {}
        }
        folder::replace(&path, &Zeroizing::new(write_log_key(&key)))?;
        let mut log = self.log.write().unwrap_or_else(PoisonError::into_inner);
        log.insert(origin.as_str().to_owned(), vec![Arc::new(key)]);
        Ok(())
    }

    /// The next log key of a ledger that names those in `named`: what `log_key_rotated` names. A
    /// new one is made, never one that lay here unused: whoever took the folder has that, too.
    /// Where the environment gives the keys, it is one that waits there; `None` when none does.
    ///
    /// # Errors
    /// [`StoreFault`] when the folder or the randomness fails, or a key file is damaged.
    pub(super) fn next_log_key(
        &self,
        origin: &Origin,
        named: &[&PublicKey],
    ) -> Result<Option<PublicKey>, StoreFault> {
        match self.given.get(origin.as_str()) {
            Some(given) => {
                let waits = given.iter().find(|key| !named.contains(&key.public()));
                Ok(waits.map(|key| key.public().clone()))
            }
            None => self.add_log_key(origin).map(Some),
        }
    }

    /// Makes one more log key of a ledger whose keys lie in the folder.
    ///
    /// # Errors
    /// [`StoreFault`] when the folder or the randomness fails, or a key file is damaged.
    pub fn add_log_key(&self, origin: &Origin) -> Result<PublicKey, StoreFault> {
        let mut keys = self.log_keys(origin)?;
        let path = self.log_path(origin);
        let key = SigningKey::generate(origin.as_str()).map_err(|fault| key_fault(&path, fault))?;
        let public = key.public().clone();
        keys.push(Arc::new(key));
        let lines: Zeroizing<String> =
            Zeroizing::new(keys.iter().map(|key| write_log_key(key)).collect());
        folder::replace(&path, &lines)?;
        let mut log = self.log.write().unwrap_or_else(PoisonError::into_inner);
        log.insert(origin.as_str().to_owned(), keys);
        Ok(public)
    }

    /// The signing half of one of a ledger's log keys; `None` when it is not here.
    pub(super) fn signing(
        &self,
        origin: &Origin,
        public: &PublicKey,
    ) -> Result<Option<Arc<SigningKey>>, StoreFault> {
        Ok(self.log_keys(origin)?.into_iter().find(|key| key.public() == public))
    }

    /// The keys that sign a ledger's checkpoint of `size`: the one in force, and beside it, for
    /// [`OVERLAP`] entries, the one before it if it is here. Readers and witnesses who know the old
    /// key alone go on while the new one is handed round. `None` when the one in force is not here.
    pub(super) fn in_force(
        &self,
        origin: &Origin,
        named: &[(PublicKey, u64)],
        size: u64,
    ) -> Result<Option<InForce>, StoreFault> {
        let Some(public) = key_at(named, size) else { return Ok(None) };
        let Some(present) = self.signing(origin, public)? else { return Ok(None) };
        let at = named.iter().position(|(key, _)| key == public).unwrap_or_default();
        let fresh = named.get(at).is_some_and(|(_, from)| size - from < OVERLAP);
        let before = at.checked_sub(1).filter(|_| fresh).and_then(|at| named.get(at));
        let before = match before {
            Some((key, _)) => self.signing(origin, key)?,
            None => None,
        };
        Ok(Some(InForce { present, before }))
    }

    fn log_path(&self, origin: &Origin) -> PathBuf {
        self.folder.join(format!("log-{}.key", folder::file_name(origin.as_str())))
    }

    fn log_keys(&self, origin: &Origin) -> Result<LogKeys, StoreFault> {
        if let Some(given) = self.given.get(origin.as_str()) {
            return Ok(given.clone());
        }
        let log = self.log.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(keys) = log.get(origin.as_str()) {
            return Ok(keys.clone());
        }
        drop(log);
        let path = self.log_path(origin);
        let Some(text) = folder::read(&path)?.map(Zeroizing::new) else { return Ok(Vec::new()) };
        let mut keys = Vec::new();
        for line in text.lines() {
            let key = read_log_key(&path, line)?;
            if key.name() != origin.as_str() {
                return Err(fault(&path, "the key of another ledger"));
            }
            keys.push(Arc::new(key));
        }
        let mut log = self.log.write().unwrap_or_else(PoisonError::into_inner);
        log.insert(origin.as_str().to_owned(), keys.clone());
        Ok(keys)
    }
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Keys({}, hidden)", self.folder.display())
    }
}

fn write_log_key(key: &SigningKey) -> String {
    format!("{}\n", *key.private_text())
}

fn read_log_key(path: &Path, line: &str) -> Result<SigningKey, StoreFault> {
    SigningKey::from_private_text(line.trim()).map_err(|reason| key_fault(path, reason))
}

/// The witness key of the environment, or else of the file, or none.
fn witness(path: &Path, given: Option<&str>) -> Result<Option<Arc<SigningKey>>, StoreFault> {
    let (path, text) = match given {
        Some(text) => {
            let setting = Path::new("the witness key of the environment");
            (setting, Some(Zeroizing::new(text.to_owned())))
        }
        None => (path, folder::read(path)?.map(Zeroizing::new)),
    };
    let Some(text) = text else { return Ok(None) };
    let key = SigningKey::from_private_text_as(text.trim(), KeyKind::Cosignature);
    key.map(|key| Some(Arc::new(key))).map_err(|reason| key_fault(path, reason))
}

/// The secret of the environment, or else of the file, or else what is made.
fn secret(
    path: &Path,
    given: Option<&str>,
    make: impl Fn(&Path) -> Result<SecretKey, StoreFault>,
) -> Result<SecretKey, StoreFault> {
    if let Some(text) = given {
        return read_secret(Path::new("the key of the environment"), text);
    }
    if let Some(text) = folder::read(path)?.map(Zeroizing::new) {
        return read_secret(path, text.trim());
    }
    make(path)
}

/// A new secret, kept in a file.
fn new_secret(path: &Path) -> Result<SecretKey, StoreFault> {
    let mut key = Zeroizing::new([0; 32]);
    getrandom::fill(key.as_mut()).map_err(|fault| StoreFault::Randomness(fault.to_string()))?;
    folder::replace(path, &Zeroizing::new(hex::encode(*key)))?;
    Ok(key)
}

fn read_secret(path: &Path, text: &str) -> Result<SecretKey, StoreFault> {
    let mut key = Zeroizing::new([0; 32]);
    hex::decode_to_slice(text, key.as_mut()).map_err(|_| fault(path, "must be 64 hex digits"))?;
    Ok(key)
}

fn fault(path: &Path, reason: &str) -> StoreFault {
    StoreFault::Key { path: path.to_owned(), reason: reason.to_owned() }
}

fn key_fault(path: &Path, reason: KeyFault) -> StoreFault {
    match reason {
        KeyFault::Randomness(reason) => StoreFault::Randomness(reason),
        other => fault(path, &other.to_string()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn origin() -> Origin {
        "so.example:8080/xuan-tay".parse().unwrap()
    }

    #[test]
    fn keys_are_made_once_and_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let open = || Keys::open(folder.path().to_owned(), &Secrets::default()).unwrap();
        let (first, again) = (open(), open());
        assert_eq!(first.receipt(), again.receipt());
        assert_ne!(first.receipt(), first.vault());
        let old = first.log_key(&origin()).unwrap();
        assert_eq!(again.log_key(&origin()).unwrap(), old);
        let new = first.add_log_key(&origin()).unwrap();
        let later = open();
        assert_eq!(later.log_key(&origin()).unwrap(), new);
        assert_eq!(later.signing(&origin(), &old).unwrap().unwrap().public(), &old);
    }

    #[test]
    fn the_environment_wins_over_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = Keys::open(folder.path().to_owned(), &Secrets::default()).unwrap();
        let of_file = file.log_key(&origin()).unwrap();
        let key = SigningKey::generate(origin().as_str()).unwrap();
        let secrets = Secrets {
            log_keys: vec![write_log_key(&key)],
            receipt_key: Some("ab".repeat(32)),
            ..Secrets::default()
        };
        let keys = Keys::open(folder.path().to_owned(), &secrets).unwrap();
        assert_eq!(&keys.log_key(&origin()).unwrap(), key.public());
        assert!(keys.signing(&origin(), &of_file).unwrap().is_none());
        assert_eq!(**keys.receipt(), [0xab; 32]);
        assert_eq!(keys.vault(), file.vault());
    }

    #[test]
    fn the_witness_key_is_made_once_kept_to_its_owner_and_the_environment_wins() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let open = |secrets| Keys::open(folder.path().to_owned(), &secrets);
        let keys = open(Secrets::default()).unwrap();
        assert!(keys.witness().is_none());
        let made = keys.witness_key("so.example/nhan-chung").unwrap();
        assert_eq!(made.public().kind(), KeyKind::Cosignature);
        let again = open(Secrets::default()).unwrap();
        assert_eq!(again.witness().unwrap().public(), made.public());
        assert_eq!(again.witness_key("another.example").unwrap().public(), made.public());
        let path = folder.path().join(WITNESS);
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let own = SigningKey::generate_as("w.example", KeyKind::Cosignature).unwrap();
        let given = Secrets { witness_key: Some(write_log_key(&own)), ..Secrets::default() };
        assert_eq!(open(given).unwrap().witness().unwrap().public(), own.public());
        // A key that could sign heads of a ledger is none for cosigning them.
        let log = SigningKey::generate("w.example").unwrap();
        let given = Secrets { witness_key: Some(write_log_key(&log)), ..Secrets::default() };
        assert!(open(given).is_err());
    }

    #[test]
    fn the_next_log_key_is_new_or_waits_in_the_environment() {
        let folder = tempfile::tempdir().unwrap();
        let keys = Keys::open(folder.path().to_owned(), &Secrets::default()).unwrap();
        let old = keys.log_key(&origin()).unwrap();
        let unused = keys.next_log_key(&origin(), &[&old]).unwrap().unwrap();
        let next = keys.next_log_key(&origin(), &[&old]).unwrap().unwrap();
        assert!(next != old && next != unused);
        let given = [old.name(), old.name()].map(|name| SigningKey::generate(name).unwrap());
        let secrets =
            Secrets { log_keys: given.iter().map(write_log_key).collect(), ..Secrets::default() };
        let path = folder.path().join(format!("log-{}.key", folder::file_name(old.name())));
        let before = folder::read(&path).unwrap();
        let keys = Keys::open(folder.path().to_owned(), &secrets).unwrap();
        let [first, second] = given.each_ref().map(SigningKey::public);
        assert_eq!(keys.next_log_key(&origin(), &[first]).unwrap().as_ref(), Some(second));
        assert_eq!(keys.next_log_key(&origin(), &[first, second]).unwrap(), None);
        assert_eq!(folder::read(&path).unwrap(), before, "keys of the environment stay there");
    }

    #[test]
    fn a_damaged_key_file_is_named_and_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("vault.key");
        folder::replace(&path, "short").unwrap();
        let fault = Keys::open(folder.path().to_owned(), &Secrets::default()).unwrap_err();
        assert!(fault.to_string().contains("vault.key"), "{fault}");
        assert_eq!(folder::read(&path).unwrap().as_deref(), Some("short"));
    }
}
