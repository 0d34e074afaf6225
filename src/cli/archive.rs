//! The file of a backup: a tar with a manifest first, packed with gzip, sealed with age.
//!
//! Read and written in pieces, so memory does not grow with it. Every layer is read to its end:
//! age authenticates each piece and that none is missing, gzip has a sum, and the manifest names
//! the length and SHA-256 of every part.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use age::x25519::Recipient;
use chrono::{DateTime, Utc};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::store::copies::Contents;

/// The form of the manifest.
pub const FORMAT: &str = "minhbach-backup/1";
/// The manifest's name in the archive.
const MANIFEST: &str = "manifest.json";
/// No manifest is longer, in bytes.
const LONGEST_MANIFEST: u64 = 4 << 20;
/// How a file begins that age sealed.
const SEALED: &[u8] = b"age-encryption.org/v1\n";
/// How a file begins that gzip packed.
const PACKED: &[u8] = &[0x1f, 0x8b];
/// What is said where a secret key stands in the place of something else.
const SECRET: &str = "it is a secret key, and no recipient: the recipient begins with age1 and \
    stands in the file of the key behind \"# public key:\"; a key that was shown or mailed should \
    be replaced (`minhbach key backup`)";
/// Pieces that are copied at a time.
const PIECE: usize = 64 << 10;

/// What is in the file, and how to tell that it is whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`FORMAT`].
    pub format: String,
    /// The version of the program that made it.
    pub program: String,
    /// When.
    pub made: DateTime<Utc>,
    /// What it is a backup of.
    pub holds: Holds,
    /// Ledgers and rows, of a database.
    pub contents: Option<Contents>,
    /// The parts behind the manifest, in their order.
    pub parts: Vec<Part>,
}

/// What a backup is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holds {
    /// An SQLite database.
    Sqlite,
    /// A PostgreSQL database, as `pg_dump` writes it.
    Postgres,
    /// The folder `keys/`.
    Keys,
}

/// A file in the archive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// Its name, without a folder.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256, 64 hex digits.
    pub sha256: String,
}

/// Why a backup could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveFault {
    /// Its file.
    #[error("{0}")]
    File(#[from] io::Error),
    /// A folder, a pipe, a device.
    #[error("it is no file: name the file that `minhbach backup` made")]
    NoFile,
    /// Sealed, and no key was given.
    #[error("it is encrypted: name the file of the key that opens it (--identity)")]
    NoIdentity,
    /// The key file.
    #[error("{0}: {1}: it should hold lines AGE-SECRET-KEY-1...")]
    Identity(PathBuf, String),
    /// The key itself in the place of its file's name.
    #[error(
        "--identity names the file of a key, and what was given is the key itself: put it into a \
         file for its owner alone; a key that was shown, mailed or kept by a shell should be \
         replaced (`minhbach key backup`)"
    )]
    KeyForFile,
    /// Neither sealed nor packed.
    #[error(
        "it is no backup of this program, or its first bytes are damaged: it is neither encrypted \
         by age nor packed by gzip"
    )]
    NoBackup,
    /// None of the keys fits. A header with one changed byte looks the same.
    #[error(
        "none of the keys opens it: it was encrypted to other recipients, or it is damaged in its \
         first part; compare it with another copy of it (sha256sum), or try the key on another \
         backup of the same server"
    )]
    WrongKey,
    /// It is not whole, or not what was written.
    #[error("it is damaged: {0}")]
    Damaged(String),
    /// Made by a newer program.
    #[error("it has another format ({0}) than this program reads ({FORMAT}): upgrade")]
    Newer(String),
}

impl Part {
    /// A part as a file has it now.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn of(name: &str, path: &Path) -> io::Result<Self> {
        let mut summed = Summed::new(io::sink());
        let bytes = copy(&mut File::open(path)?, &mut summed)?;
        Ok(Self { name: name.to_owned(), bytes, sha256: summed.sum() })
    }
}

/// Hashes and counts what goes through it.
struct Summed<W> {
    inner: W,
    hash: Sha256,
}

impl<W: Write> Summed<W> {
    fn new(inner: W) -> Self {
        Self { inner, hash: Sha256::new() }
    }

    fn sum(self) -> String {
        hex::encode(self.hash.finalize())
    }
}

impl<W: Write> Write for Summed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hash.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Hashes what is read through it.
struct Hashed<R> {
    inner: R,
    hash: Sha256,
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(bytes)?;
        self.hash.update(&bytes[..length]);
        Ok(length)
    }
}

/// Copies in pieces of one size, whatever is read.
fn copy(from: &mut impl Read, to: &mut impl Write) -> io::Result<u64> {
    let mut piece = vec![0; PIECE];
    let mut all = 0;
    loop {
        match from.read(&mut piece) {
            Ok(0) => return Ok(all),
            Ok(length) => {
                to.write_all(&piece[..length])?;
                all += length as u64;
            }
            Err(fault) if fault.kind() == io::ErrorKind::Interrupted => {}
            Err(fault) => return Err(fault),
        }
    }
}

/// The layer that seals, or lets through.
enum Seal<W: Write> {
    Age(Box<age::stream::StreamWriter<W>>),
    Open(W),
}

impl<W: Write> Seal<W> {
    fn new(out: W, recipients: &[Recipient]) -> io::Result<Self> {
        if recipients.is_empty() {
            return Ok(Self::Open(out));
        }
        let all = recipients.iter().map(|recipient| recipient as &dyn age::Recipient);
        let encryptor = age::Encryptor::with_recipients(all).map_err(io::Error::other)?;
        Ok(Self::Age(Box::new(encryptor.wrap_output(out)?)))
    }

    fn finish(self) -> io::Result<W> {
        match self {
            Self::Age(writer) => writer.finish(),
            Self::Open(out) => Ok(out),
        }
    }
}

impl<W: Write> Write for Seal<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Age(writer) => writer.write(bytes),
            Self::Open(out) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Age(writer) => writer.flush(),
            Self::Open(out) => out.flush(),
        }
    }
}

/// Writes a backup: the manifest, and behind it each part out of its file. The SHA-256 of all that
/// was written; without recipients it is not encrypted.
///
/// # Errors
/// What the operating system says, or which part is not what the manifest names.
pub fn pack(
    out: &mut impl Write,
    recipients: &[Recipient],
    manifest: &Manifest,
    files: &[PathBuf],
) -> io::Result<String> {
    let summed = Summed::new(out);
    let packed = GzEncoder::new(Seal::new(summed, recipients)?, Compression::default());
    let mut archive = tar::Builder::new(packed);
    let text = serde_json::to_vec_pretty(manifest).map_err(io::Error::other)?;
    let mut header = header(text.len() as u64, manifest.made);
    archive.append_data(&mut header, MANIFEST, text.as_slice())?;
    for (part, path) in manifest.parts.iter().zip(files) {
        let mut header = self::header(part.bytes, manifest.made);
        let file = BufReader::with_capacity(PIECE, File::open(path)?).take(part.bytes);
        let mut file = Hashed { inner: file, hash: Sha256::new() };
        archive.append_data(&mut header, &part.name, &mut file)?;
        // Read once more than it was verified, it may be another one.
        if hex::encode(file.hash.finalize()) != part.sha256 {
            return Err(io::Error::other(format!("{} changed while it was packed", part.name)));
        }
    }
    Ok(archive.into_inner()?.finish()?.finish()?.sum())
}

fn header(bytes: u64, made: DateTime<Utc>) -> tar::Header {
    let mut header = tar::Header::new_ustar();
    header.set_size(bytes);
    header.set_mode(0o600);
    header.set_mtime(u64::try_from(made.timestamp()).unwrap_or_default());
    header
}

/// The SHA-256 of a file, read from the disk again.
///
/// # Errors
/// What the operating system says.
pub fn sum_of(path: &Path) -> io::Result<String> {
    Part::of("", path).map(|part| part.sha256)
}

/// The recipients of a file of recipients, one a line; lines with `#` and empty ones are passed
/// over.
///
/// # Errors
/// Which line is none.
pub fn recipients(text: &str) -> Result<Vec<Recipient>, String> {
    let lines = text.lines().map(str::trim).zip(1_u64..);
    let lines = lines.filter(|(line, _)| !line.is_empty() && !line.starts_with('#'));
    let read = |(line, number): (&str, u64)| {
        recipient(line).map_err(|why| format!("line {number}: {why}"))
    };
    lines.map(read).collect()
}

/// Whether a key that opens backups is, or stands in, a text: such a text is never shown.
pub fn is_secret(text: &str) -> bool {
    text.to_ascii_uppercase().contains("AGE-SECRET-KEY")
}

/// A recipient: `age1…`.
///
/// # Errors
/// Why it is none.
pub fn recipient(text: &str) -> Result<Recipient, String> {
    text.parse().map_err(|why| match is_secret(text) {
        true => SECRET.to_owned(),
        // Only what begins like a recipient is shown: anything else may be a secret, too.
        false => {
            let shown = match text.starts_with("age1") {
                true => format!("{text:?}"),
                false => "it".to_owned(),
            };
            format!(
                "{shown} is no recipient ({why}): that begins with age1, as `age-keygen` prints"
            )
        }
    })
}

/// Reads a backup into an empty folder and checks every sum; the manifest.
///
/// # Errors
/// [`ArchiveFault`]; what was written into the folder is of no use then.
pub fn unpack(
    path: &Path,
    identity: Option<&Path>,
    folder: &Path,
) -> Result<Manifest, ArchiveFault> {
    // A pipe or a device would be waited for, or never end.
    if !path.metadata()?.is_file() {
        return Err(ArchiveFault::NoFile);
    }
    let mut file = BufReader::with_capacity(PIECE, File::open(path)?);
    let begins = file.fill_buf()?;
    if begins.starts_with(PACKED) {
        // Only what says that it is sealed can be a wrong key's fault.
        return take_apart(file, folder);
    }
    if !begins.starts_with(SEALED) {
        return Err(ArchiveFault::NoBackup);
    }
    let identity = identity.ok_or(ArchiveFault::NoIdentity)?;
    if is_secret(&identity.to_string_lossy()) && !identity.exists() {
        return Err(ArchiveFault::KeyForFile);
    }
    let wrong = |why: String| ArchiveFault::Identity(identity.to_owned(), why);
    let keys = File::open(identity).map_err(|fault| wrong(fault.to_string()))?;
    let keys = age::IdentityFile::from_buffer(BufReader::new(keys));
    let keys = keys.map_err(|fault| wrong(fault.to_string()))?.into_identities();
    let keys = keys.map_err(|fault| wrong(fault.to_string()))?;
    let opened = age::Decryptor::new_buffered(file).and_then(|decryptor| {
        decryptor.decrypt(keys.iter().map(|key| &**key as &dyn age::Identity))
    });
    match opened {
        Ok(reader) => take_apart(reader, folder),
        Err(age::DecryptError::NoMatchingKeys) => Err(ArchiveFault::WrongKey),
        Err(age::DecryptError::Io(fault)) => Err(fault_of(fault)),
        Err(fault) => Err(ArchiveFault::Damaged(fault.to_string())),
    }
}

/// A fault of reading: what the layers say of their bytes is damage, all else the machine's.
fn fault_of(fault: io::Error) -> ArchiveFault {
    match fault.raw_os_error() {
        Some(_) => ArchiveFault::File(fault),
        None => ArchiveFault::Damaged(fault.to_string()),
    }
}

fn take_apart(sealed: impl Read, folder: &Path) -> Result<Manifest, ArchiveFault> {
    let mut archive = tar::Archive::new(GzDecoder::new(sealed));
    let mut entries = archive.entries().map_err(fault_of)?;
    let missing = |name: &str| ArchiveFault::Damaged(format!("{name} is missing"));
    let mut next = |name: &str, bytes: Option<u64>| {
        let entry = entries.next().ok_or_else(|| missing(name))?.map_err(fault_of)?;
        let own = entry.path().map_err(fault_of)?;
        let plain = entry.header().entry_type() == tar::EntryType::Regular;
        if own.as_os_str() != name || !plain {
            return Err(missing(name));
        }
        if bytes.is_some_and(|bytes| bytes != entry.size()) {
            return Err(ArchiveFault::Damaged(format!("{name} has another length")));
        }
        Ok(entry)
    };
    let manifest = manifest(next(MANIFEST, None)?)?;
    for part in &manifest.parts {
        let mut entry = next(&part.name, Some(part.bytes))?;
        let file = private(&folder.join(&part.name))?;
        let mut summed = Summed::new(file);
        // What comes out of the layers is told apart from what goes to the disk by its fault.
        copy(&mut entry, &mut summed).map_err(fault_of)?;
        if summed.sum() != part.sha256 {
            return Err(ArchiveFault::Damaged(format!("{} has another sum", part.name)));
        }
    }
    if entries.next().is_some() {
        return Err(ArchiveFault::Damaged("something more is in it".to_owned()));
    }
    let mut packed = archive.into_inner();
    copy(&mut packed, &mut io::sink()).map_err(fault_of)?;
    copy(&mut packed.into_inner(), &mut io::sink()).map_err(fault_of)?;
    Ok(manifest)
}

/// A new file for its owner alone.
fn private(path: &Path) -> io::Result<File> {
    let mut options = std::fs::OpenOptions::new();
    options.create_new(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn manifest(entry: impl Read) -> Result<Manifest, ArchiveFault> {
    let mut text = Vec::new();
    entry.take(LONGEST_MANIFEST).read_to_end(&mut text).map_err(fault_of)?;
    let damaged = |why: String| ArchiveFault::Damaged(format!("its manifest: {why}"));
    let value: serde_json::Value =
        serde_json::from_slice(&text).map_err(|fault| damaged(fault.to_string()))?;
    let format = value.get("format").and_then(|format| format.as_str()).unwrap_or_default();
    if format != FORMAT {
        return Err(ArchiveFault::Newer(format.chars().take(60).collect()));
    }
    let manifest: Manifest =
        serde_json::from_value(value).map_err(|fault| damaged(fault.to_string()))?;
    for part in &manifest.parts {
        let mut characters = part.name.chars();
        let plain = |letter: char| letter.is_ascii_alphanumeric() || "._-~".contains(letter);
        if part.name.starts_with('.') || part.name.is_empty() || !characters.all(plain) {
            return Err(damaged(format!("{:?} is no name of a part", part.name)));
        }
    }
    Ok(manifest)
}

#[cfg(test)]
impl Manifest {
    /// Of a backup of keys.
    pub fn of_keys(parts: Vec<Part>) -> Self {
        let made = DateTime::from_timestamp_nanos(0);
        let (format, program) = (FORMAT.to_owned(), "0".to_owned());
        Self { format, program, made, holds: Holds::Keys, contents: None, parts }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    struct Made {
        folder: tempfile::TempDir,
        key: age::x25519::Identity,
        bytes: Vec<u8>,
    }

    impl Made {
        fn new(sealed: bool) -> Self {
            let folder = tempfile::tempdir().unwrap();
            let part = folder.path().join("database.sqlite");
            let data: Vec<u8> = (0_u32..60_000).flat_map(u32::to_le_bytes).collect();
            std::fs::write(&part, data).unwrap();
            let manifest = Manifest {
                format: FORMAT.to_owned(),
                program: "0".to_owned(),
                made: "2026-11-20T03:00:00Z".parse().unwrap(),
                holds: Holds::Sqlite,
                contents: Some(Contents::default()),
                parts: vec![Part::of("database.sqlite", &part).unwrap()],
            };
            let key = age::x25519::Identity::generate();
            let recipients = if sealed { vec![key.to_public()] } else { Vec::new() };
            let mut bytes = Vec::new();
            let sum = pack(&mut bytes, &recipients, &manifest, &[part]).unwrap();
            assert_eq!(sum, hex::encode(Sha256::digest(&bytes)));
            Self { folder, key, bytes }
        }

        fn read(
            &self,
            bytes: &[u8],
            key: &age::x25519::Identity,
        ) -> Result<Manifest, ArchiveFault> {
            use age::secrecy::ExposeSecret as _;
            let (path, identity) =
                (self.folder.path().join("backup"), self.folder.path().join("key"));
            std::fs::write(&path, bytes).unwrap();
            std::fs::write(&identity, key.to_string().expose_secret()).unwrap();
            let to = tempfile::tempdir().unwrap();
            unpack(&path, Some(&identity), to.path())
        }
    }

    #[test]
    fn what_was_packed_is_unpacked_by_its_key_alone() {
        let made = Made::new(true);
        assert_eq!(made.read(&made.bytes, &made.key).unwrap().parts.len(), 1);
        let other = age::x25519::Identity::generate();
        let fault = made.read(&made.bytes, &other).unwrap_err();
        assert!(matches!(fault, ArchiveFault::WrongKey), "{fault}");
        assert!(!made.bytes.windows(8).any(|bytes| bytes == b"manifest"));
    }

    #[test]
    fn every_cut_and_flip_is_found() {
        for sealed in [true, false] {
            let made = Made::new(sealed);
            let all = made.bytes.len();
            for length in (0..all).step_by(all / 60).chain([all - 1]) {
                assert!(made.read(&made.bytes[..length], &made.key).is_err(), "{sealed} {length}");
            }
            // The first bytes of gzip hold a time and a system that nobody reads.
            let first = if sealed { 0 } else { 10 };
            for at in (first..all).step_by(all / 90).chain([all - 1]) {
                let mut bytes = made.bytes.clone();
                bytes[at] ^= 1 << (at % 8);
                assert!(made.read(&bytes, &made.key).is_err(), "{sealed} {at}");
            }
            let more = [made.bytes.as_slice(), b"x"].concat();
            assert!(!sealed || made.read(&more, &made.key).is_err());
        }
    }

    #[test]
    fn a_part_that_changed_since_it_was_verified_is_not_packed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.key");
        std::fs::write(&path, "verified").unwrap();
        let manifest = Manifest::of_keys(vec![Part::of("a.key", &path).unwrap()]);
        for other in ["Verified", "cut"] {
            std::fs::write(&path, other).unwrap();
            let packed = pack(&mut Vec::new(), &[], &manifest, std::slice::from_ref(&path));
            assert!(packed.unwrap_err().to_string().contains("a.key changed"), "{other}");
        }
    }

    #[test]
    fn recipients_are_read_line_by_line() {
        let key = age::x25519::Identity::generate().to_public().to_string();
        let read = recipients(&format!("# the safe\n{key}\n\n  {key}  \n")).unwrap();
        assert_eq!(read.len(), 2);
        assert!(recipients("age1wrong").unwrap_err().contains("age1wrong"));
    }

    #[test]
    fn a_secret_key_in_the_place_of_a_recipient_is_never_shown() {
        use age::secrecy::ExposeSecret as _;
        let key = age::x25519::Identity::generate().to_string().expose_secret().to_owned();
        let quoted = format!("key = \"{key}\"");
        for secret in [key.clone(), key.to_lowercase(), key[..20].to_owned(), quoted] {
            let said = recipients(&format!("# opens backups\n\n{secret}\n")).unwrap_err();
            assert!(said.starts_with("line 3: it is a secret key"), "{said}");
            assert!(said.contains("# public key:") && said.contains("replaced"), "{said}");
            assert!(!said.to_uppercase().contains("AGE-SECRET-KEY"), "{said}");
            assert!(recipient(&secret).unwrap_err().contains("age1"));
        }
        let other = recipients("PRIVATE+KEY+so.example+x").unwrap_err();
        assert!(other.starts_with("line 1: it is no recipient"), "{other}");
        assert!(!other.contains("PRIVATE"), "{other}");
    }

    #[test]
    fn what_is_no_backup_and_what_may_be_damaged_is_said_as_that() {
        let made = Made::new(true);
        for text in ["# Readme\n", "", "PK\u{3}\u{4}"] {
            let fault = made.read(text.as_bytes(), &made.key).unwrap_err();
            assert!(matches!(fault, ArchiveFault::NoBackup), "{fault}");
        }
        // In the stanza of the recipient nothing tells damage from another key.
        let mut bytes = made.bytes.clone();
        bytes[SEALED.len() + 60] ^= 1;
        let said = made.read(&bytes, &made.key).unwrap_err().to_string();
        assert!(said.contains("damaged"), "{said}");
        let (path, to) = (made.folder.path().join("sealed"), tempfile::tempdir().unwrap());
        std::fs::write(&path, &made.bytes).unwrap();
        let typed = Path::new("age-secret-key-1qqq");
        let fault = unpack(&path, Some(typed), to.path()).unwrap_err();
        assert!(matches!(fault, ArchiveFault::KeyForFile), "{fault}");
    }
}
