//! A key file: an officer's key on a machine of their own, sealed by a passphrase as the desk seals
//! keys ([`Lock`]), with the parameters of the sealing beside it.

use std::io::{self, Read as _, Write as _};
use std::path::Path;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};

use super::CliFault;
use crate::disk;
use crate::ledger::keys::{PublicKey, SigningKey, new_opaque_id, officer_key_name};
use crate::ledger::word::Origin;
use crate::store::desk::passphrase::Passphrase;
use crate::store::desk::sealing::{Cost, Lock, Owner, SealingFault};

/// `format` of a key file.
const FORMAT: &str = "minhbach-key/v1";
/// The most bytes of a key file: such a file has less than a thousand.
const MOST_BYTES: u64 = 16 << 10;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    cost: String,
    format: String,
    salt: String,
    sealed_seed: String,
    verifier: String,
    vkey: PublicKey,
}

/// A sealed key.
pub struct KeyFile {
    log: Origin,
    key: PublicKey,
    lock: Lock,
}

impl KeyFile {
    /// A new officer's key of a ledger.
    ///
    /// # Errors
    /// [`CliFault`]: no randomness, or no memory for Argon2id.
    pub fn make(log: &Origin, passphrase: &Passphrase) -> Result<Self, CliFault> {
        let name = new_opaque_id().and_then(|id| officer_key_name(log.as_str(), &id));
        let key = name.and_then(|name| SigningKey::generate(&name)).map_err(SealingFault::from)?;
        let owner = Owner { chapter: log, key: key.public() };
        let lock = Lock::make(owner, passphrase, Some(&key), Cost::PRESENT)?;
        Ok(Self { log: log.clone(), key: key.public().clone(), lock })
    }

    /// The public half.
    pub const fn public(&self) -> &PublicKey {
        &self.key
    }

    /// Opens the key.
    ///
    /// # Errors
    /// [`SealingFault::Wrong`] for another passphrase.
    pub fn open(&self, passphrase: &Passphrase) -> Result<SigningKey, SealingFault> {
        let opened = self.lock.open(Owner { chapter: &self.log, key: &self.key }, passphrase)?;
        opened.ok_or(SealingFault::Wrong)
    }

    /// Reads a key file; `None` for anything else.
    ///
    /// # Errors
    /// [`CliFault::File`].
    pub fn read(path: &Path) -> Result<Option<Self>, CliFault> {
        let mut bytes = Vec::new();
        let opened = std::fs::File::open(path);
        let read = opened.and_then(|file| file.take(MOST_BYTES + 1).read_to_end(&mut bytes));
        read.map_err(|fault| CliFault::file(path, fault))?;
        Ok(Self::parse(&bytes))
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let written: Written = serde_json::from_slice(bytes).ok()?;
        let bytes = |text: &str, length: usize| {
            let bytes = BASE64_STANDARD.decode(text).ok()?;
            (bytes.len() == length).then_some(bytes)
        };
        let (log, _) = written.vkey.name().rsplit_once("/officer/")?;
        let log: Origin = log.parse().ok().filter(|_| written.format == FORMAT)?;
        let lock = Lock {
            cost: written.cost.parse().ok()?,
            salt: bytes(&written.salt, 16)?,
            verifier: bytes(&written.verifier, 32)?,
            sealed_seed: Some(bytes(&written.sealed_seed, 72)?),
        };
        Some(Self { log, key: written.vkey, lock })
    }

    /// Writes a new file that only its owner reads. One that is there already is never replaced: a
    /// key may be in it.
    ///
    /// # Errors
    /// [`CliFault::File`].
    pub fn write(&self, path: &Path) -> Result<(), CliFault> {
        let written = Written {
            cost: self.lock.cost.to_string(),
            format: FORMAT.to_owned(),
            salt: BASE64_STANDARD.encode(&self.lock.salt),
            sealed_seed: BASE64_STANDARD.encode(self.lock.sealed_seed.as_deref().unwrap_or(&[])),
            verifier: BASE64_STANDARD.encode(&self.lock.verifier),
            vkey: self.key.clone(),
        };
        let text = serde_json::to_string_pretty(&written).unwrap_or_default() + "\n";
        write_new(path, text.as_bytes())
    }
}

/// Writes a file that is not there yet, for its owner alone.
///
/// # Errors
/// [`CliFault::File`].
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<(), CliFault> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let written = file.and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written.map_err(|fault| taken(path, fault))
}

/// A fault of making a new file; in words where one is there already.
pub fn taken(path: &Path, fault: io::Error) -> CliFault {
    if fault.kind() != io::ErrorKind::AlreadyExists {
        return CliFault::file(path, fault);
    }
    let half = disk::beside(path);
    let (there, said) = match path.symlink_metadata().is_err() && half.symlink_metadata().is_ok() {
        true => (
            half.as_path(),
            "left by a run that was cut off: nothing was overwritten; look what it is, and remove \
             it",
        ),
        false => (path, "a file is there already: nothing was overwritten; name another one"),
    };
    CliFault::file(there, io::Error::new(io::ErrorKind::AlreadyExists, said))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_key_file_opens_with_its_passphrase_alone_and_is_never_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("chair.key");
        let log: Origin = "so.example/xuan-tay".parse().unwrap();
        let right = Passphrase::read("ao sâu nước cả khôn chài cá").unwrap();
        let made = KeyFile::make(&log, &right).unwrap();
        made.write(&path).unwrap();
        let read = KeyFile::read(&path).unwrap().unwrap();
        assert_eq!(read.public(), made.public());
        assert_eq!(read.open(&right).unwrap().public(), made.public());
        let wrong = Passphrase::read("ao sâu nước cả khôn chài cà").unwrap();
        assert!(matches!(read.open(&wrong), Err(SealingFault::Wrong)));
        let there = made.write(&path).unwrap_err();
        assert!(matches!(there, CliFault::File { .. }), "never replaced");
        assert!(there.to_string().ends_with("nothing was overwritten; name another one"));
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);

        // Under another name, another cost, or cut: no key file, or one that does not open.
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(!text.contains(&hex::encode(read.open(&right).unwrap().seed())));
        let other = text.replace("t=3", "t=2");
        let other = KeyFile::parse(other.as_bytes()).unwrap();
        assert!(matches!(other.open(&right), Err(SealingFault::Wrong)));
        for broken in [
            text.replace("minhbach-key/v1", "minhbach-key/v2"),
            text.replace("argon2id-1:m=65536", "argon2id-1:m=6553600"),
            text.replace("\"vkey\"", "\"key\""),
            text[..text.len() / 2].to_owned(),
            String::new(),
        ] {
            assert!(KeyFile::parse(broken.as_bytes()).is_none(), "{broken}");
        }
    }
}
