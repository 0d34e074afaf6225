//! Checkpoints (C2SP tlog-checkpoint) without extension lines, signed by the log and its witnesses.

use std::fmt;

use super::{
    KeyFault, KeyKind, LATEST_TIME, NoteFault, PublicKey, SignatureLine, SignedNote, SigningKey,
    cosigned_text, is_key_name, sign_note,
};
use crate::ledger::tree::{EMPTY_ROOT, Hash, LARGEST_SIZE};

/// The head of a log: its identity, the number of entries and the root over them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Checkpoint {
    /// The ledger's identity; the name of its log key.
    pub origin: String,
    /// Entries, at most [`LARGEST_SIZE`].
    pub size: u64,
    /// The root at that size.
    pub root: Hash,
}

impl Checkpoint {
    /// A checkpoint whose text can be read again.
    ///
    /// # Errors
    /// [`NoteFault::Checkpoint`] or [`NoteFault::EmptyRoot`].
    pub fn new(origin: &str, size: u64, root: Hash) -> Result<Self, NoteFault> {
        if !is_key_name(origin) {
            return Err(NoteFault::Checkpoint(
                "the origin must be printable ASCII without space and +",
            ));
        }
        if size > LARGEST_SIZE {
            return Err(NoteFault::Checkpoint("the size must be at most 2^53 - 1"));
        }
        if size == 0 && root != EMPTY_ROOT {
            return Err(NoteFault::EmptyRoot);
        }
        Ok(Self { origin: origin.to_owned(), size, root })
    }

    /// Reads the text of a note as a checkpoint: exactly three lines.
    ///
    /// # Errors
    /// [`NoteFault`] says which line is wrong.
    pub fn parse(text: &str) -> Result<Self, NoteFault> {
        let Some(body) = text.strip_suffix('\n') else {
            return Err(NoteFault::Checkpoint("the text must end in a newline"));
        };
        let lines: Vec<&str> = body.split('\n').collect();
        let [origin, size, root] = lines[..] else {
            return Err(NoteFault::Checkpoint("exactly three lines: origin, size, root hash"));
        };
        let number = size.parse::<u64>().ok().filter(|number| number.to_string() == size);
        let number = number.ok_or(NoteFault::Checkpoint(
            "the size must be a decimal number without sign and leading zeros",
        ))?;
        Self::new(origin, number, Hash::from_base64(root)?)
    }
}

impl fmt::Display for Checkpoint {
    /// The text that is signed, with its newline at the end.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}\n{}\n{}\n", self.origin, self.size, self.root.to_base64())
    }
}

/// A checkpoint with the signature lines under it. Nothing is verified by reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedCheckpoint {
    checkpoint: Checkpoint,
    note: SignedNote,
}

impl SignedCheckpoint {
    /// Reads a signed checkpoint; `Display` writes the same bytes again.
    ///
    /// # Errors
    /// [`NoteFault`].
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteFault> {
        let note = SignedNote::parse(bytes)?;
        Ok(Self { checkpoint: Checkpoint::parse(note.text())?, note })
    }

    /// The checkpoint itself.
    #[must_use]
    pub const fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The note, with its signature lines.
    #[must_use]
    pub const fn note(&self) -> &SignedNote {
        &self.note
    }

    /// Adds a cosignature line, in place of an earlier one by the same key.
    pub fn add(&mut self, line: SignatureLine) {
        self.note.add(line);
    }

    /// The same checkpoint with the lines that name one of `keys` alone, in their order: what was
    /// verified with them, and nothing that a stranger put beside it.
    ///
    /// # Errors
    /// [`NoteFault::Form`] when no line is left.
    pub fn only<'k>(
        &self,
        keys: impl Iterator<Item = &'k PublicKey> + Clone,
    ) -> Result<Self, NoteFault> {
        let lines = self.note.signatures().iter();
        let lines = lines.filter(|line| keys.clone().any(|key| line.names(key))).cloned();
        let note = SignedNote::new(self.note.text().to_owned(), lines.collect())?;
        Ok(Self { checkpoint: self.checkpoint.clone(), note })
    }

    /// Verifies that one of `keys` named after the origin signed it, and returns that key. A line
    /// by one of these keys that does not hold refuses the whole; witnesses never stand in for
    /// the log.
    ///
    /// # Errors
    /// [`NoteFault::NotSigned`] when none of them signed it, else why a line does not hold.
    pub fn verify_log<'k>(
        &self,
        keys: impl IntoIterator<Item = &'k PublicKey>,
    ) -> Result<&'k PublicKey, NoteFault> {
        let mut signer = None;
        for key in keys {
            let log_key = key.kind() == KeyKind::Note && key.name() == self.checkpoint.origin;
            if log_key && self.note.mentions(key) {
                self.note.verify(key)?;
                signer.get_or_insert(key);
            }
        }
        signer.ok_or_else(|| NoteFault::NotSigned(format!("a log key {}", self.checkpoint.origin)))
    }
}

impl fmt::Display for SignedCheckpoint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.note.fmt(out)
    }
}

/// Signs a checkpoint with the log's key. The same head gives the same bytes again (Ed25519 is
/// deterministic), so a head may be signed anew at every start.
///
/// # Errors
/// [`NoteFault::Origin`] when the key is not named after the origin.
pub fn sign_checkpoint(
    checkpoint: &Checkpoint,
    key: &SigningKey,
) -> Result<SignedCheckpoint, NoteFault> {
    if key.name() != checkpoint.origin {
        return Err(NoteFault::Origin {
            origin: checkpoint.origin.clone(),
            name: key.name().to_owned(),
        });
    }
    let note = sign_note(checkpoint.to_string(), key)?;
    // Read again: a head that could not be read must never be published.
    Ok(SignedCheckpoint { checkpoint: Checkpoint::parse(note.text())?, note })
}

/// A witness's cosignature of a checkpoint: `time` in seconds since 1970, a key of type 0x04.
///
/// The caller has verified the log's signature and the consistency with the last head, and has
/// stored this one.
///
/// # Errors
/// [`NoteFault`] for a key of another type or a time beyond 2^63 − 1.
pub fn cosign(
    checkpoint: &Checkpoint,
    key: &SigningKey,
    time: u64,
) -> Result<SignatureLine, NoteFault> {
    if key.public().kind() != KeyKind::Cosignature {
        return Err(KeyFault::WrongKind(key.name().to_owned()).into());
    }
    if time > LATEST_TIME {
        return Err(NoteFault::Time(key.name().to_owned()));
    }
    let signature = key.sign_bytes(cosigned_text(time, &checkpoint.to_string()).as_bytes());
    let bytes = [&time.to_be_bytes()[..], &signature].concat();
    Ok(SignatureLine { name: key.name().to_owned(), key_id: key.public().id(), bytes })
}
