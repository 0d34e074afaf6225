//! Signed notes (C2SP signed-note), checkpoints, cosignatures and the policy that weighs them.

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::keys::{KeyFault, KeyKind, PublicKey, SigningKey, is_key_name};
use super::tree::TreeFault;

mod checkpoint;
mod policy;
mod submission;

pub use checkpoint::{Checkpoint, SignedCheckpoint, cosign, sign_checkpoint};
pub use policy::{Cosigned, Group, LogLine, Policy, Quorum, Verdict, WitnessLine};
pub use submission::{Conflict, Judgement, Submission};

/// The latest time that a cosignature may carry (C2SP tlog-cosignature), in seconds.
const LATEST_TIME: u64 = (1 << 63) - 1;

/// Why a note, checkpoint, cosignature or policy was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteFault {
    /// Not a signed note.
    #[error("not a signed note: text, an empty line, then 1 to 100 signature lines")]
    Form,
    /// A signature line that is not `— <name> <base64>`.
    #[error("signature line {0:?}: must be an em dash, a key name and a signature in base64")]
    Line(String),
    /// A note text that is not a checkpoint of three lines.
    #[error("checkpoint: {0}")]
    Checkpoint(&'static str),
    /// A checkpoint of size 0 whose root is not that of the empty tree.
    #[error("checkpoint: a tree of size 0 must have the root hash of the empty tree")]
    EmptyRoot,
    /// No signature by the key that was asked for.
    #[error("not signed by {0}")]
    NotSigned(String),
    /// A signature by a known key that has another length than its type.
    #[error("signature by {name}: {found} bytes, must be {expected}")]
    Length {
        /// The key's name.
        name: String,
        /// Bytes found behind the key id.
        found: usize,
        /// Bytes of its type.
        expected: usize,
    },
    /// A time of a cosignature beyond 2^63 − 1.
    #[error("cosignature by {0}: its time is beyond 2^63 - 1 seconds")]
    Time(String),
    /// A checkpoint signed with a key that is not the log's.
    #[error("a checkpoint of {origin} cannot be signed with a key named {name}")]
    Origin {
        /// The origin of the checkpoint.
        origin: String,
        /// The name of the key.
        name: String,
    },
    /// A line of a policy, counted from 1, that breaks a rule of C2SP tlog-policy.
    #[error("policy, line {line}: {reason}")]
    Policy {
        /// The line, from 1.
        line: usize,
        /// What is wrong and what to do.
        reason: String,
    },
    /// A request to a witness that breaks a rule of C2SP tlog-witness.
    #[error("add-checkpoint: {0}")]
    Submission(&'static str),
    /// A key or signature was refused.
    #[error(transparent)]
    Key(#[from] KeyFault),
    /// A hash was refused.
    #[error(transparent)]
    Tree(#[from] TreeFault),
}

/// One signature line of a note, by whatever type of key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SignatureLine {
    name: String,
    key_id: [u8; 4],
    bytes: Vec<u8>,
}

impl SignatureLine {
    /// Reads one line without its newline.
    ///
    /// # Errors
    /// [`NoteFault::Line`].
    pub fn parse(line: &str) -> Result<Self, NoteFault> {
        let malformed = || NoteFault::Line(line.chars().take(200).collect());
        let parsed =
            signed_note::Signature::from_bytes(line.as_bytes()).map_err(|_| malformed())?;
        let read = Self {
            name: parsed.name().to_owned(),
            key_id: parsed.id().to_be_bytes(),
            bytes: parsed.signature().to_vec(),
        };
        if read.name.chars().any(|c| c < ' ') || read.to_string() != line {
            return Err(malformed());
        }
        Ok(read)
    }

    /// The name of the key that is said to have made it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The id of the key that is said to have made it.
    #[must_use]
    pub const fn key_id(&self) -> [u8; 4] {
        self.key_id
    }

    /// Whether the line names `key`, by name and id.
    #[must_use]
    pub fn names(&self, key: &PublicKey) -> bool {
        self.name == key.name() && self.key_id == key.id()
    }

    fn exactly<const N: usize>(&self) -> Result<&[u8; N], NoteFault> {
        self.bytes.as_slice().try_into().map_err(|_| NoteFault::Length {
            name: self.name.clone(),
            found: self.bytes.len(),
            expected: N,
        })
    }
}

impl fmt::Display for SignatureLine {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let raw = [&self.key_id[..], &self.bytes].concat();
        write!(out, "\u{2014} {} {}", self.name, BASE64_STANDARD.encode(raw))
    }
}

/// A text and the signature lines under it. Nothing is verified by reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedNote {
    text: String,
    signatures: Vec<SignatureLine>,
}

impl SignedNote {
    /// A note from its text, which must end in a newline, and at least one signature line.
    ///
    /// # Errors
    /// [`NoteFault::Form`] when what would be written could not be read again.
    pub fn new(text: String, signatures: Vec<SignatureLine>) -> Result<Self, NoteFault> {
        let note = Self { text, signatures };
        if Self::parse(note.to_string().as_bytes()).as_ref() == Ok(&note) {
            Ok(note)
        } else {
            Err(NoteFault::Form)
        }
    }

    /// Reads a note; [`SignedNote`]'s `Display` writes the same bytes again.
    ///
    /// # Errors
    /// [`NoteFault::Form`] or [`NoteFault::Line`].
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteFault> {
        let parsed = signed_note::Note::from_bytes(bytes).map_err(|_| NoteFault::Form)?;
        let text = std::str::from_utf8(parsed.text()).map_err(|_| NoteFault::Form)?;
        let whole = std::str::from_utf8(bytes).map_err(|_| NoteFault::Form)?;
        // That reader keeps its signature lines to itself: they are what follows the empty line.
        let lines = whole.strip_prefix(text).and_then(|rest| rest.strip_prefix('\n'));
        let signatures = parse_signature_lines(lines.ok_or(NoteFault::Form)?)?;
        Ok(Self { text: text.to_owned(), signatures })
    }

    /// The text, with its newline at the end.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signature lines in their order, verified or not.
    #[must_use]
    pub fn signatures(&self) -> &[SignatureLine] {
        &self.signatures
    }

    /// Adds a signature line at the end, in place of earlier ones by the same key.
    pub fn add(&mut self, line: SignatureLine) {
        self.signatures.retain(|old| old.name != line.name || old.key_id != line.key_id);
        self.signatures.push(line);
    }

    /// Whether some line names `key`; says nothing of its validity.
    #[must_use]
    pub fn mentions(&self, key: &PublicKey) -> bool {
        self.signatures.iter().any(|line| line.names(key))
    }

    /// Verifies that `key`, of type 0x01, signed the text. Lines by other keys are ignored; each
    /// line that names this key must hold.
    ///
    /// # Errors
    /// [`NoteFault::NotSigned`] without a line by that key, else why one does not hold.
    pub fn verify(&self, key: &PublicKey) -> Result<(), NoteFault> {
        if key.kind() != KeyKind::Note {
            return Err(KeyFault::WrongKind(key.name().to_owned()).into());
        }
        self.each_line(key, |line| {
            Ok(key.verify_bytes(self.text.as_bytes(), line.exactly::<64>()?)?)
        })?;
        Ok(())
    }

    /// Verifies that `key`, of type 0x04, cosigned the text, and returns when: seconds since 1970
    /// (C2SP tlog-cosignature, Ed25519).
    ///
    /// # Errors
    /// [`NoteFault::NotSigned`] without a line by that key, else why one does not hold.
    pub fn verify_cosignature(&self, key: &PublicKey) -> Result<u64, NoteFault> {
        if key.kind() != KeyKind::Cosignature {
            return Err(KeyFault::WrongKind(key.name().to_owned()).into());
        }
        self.each_line(key, |line| {
            let raw = line.exactly::<72>()?;
            let (mut time, mut signature) = ([0; 8], [0; 64]);
            time.copy_from_slice(&raw[..8]);
            signature.copy_from_slice(&raw[8..]);
            let time = u64::from_be_bytes(time);
            if time > LATEST_TIME {
                return Err(NoteFault::Time(line.name.clone()));
            }
            key.verify_bytes(cosigned_text(time, &self.text).as_bytes(), &signature)?;
            Ok(time)
        })
    }

    /// Runs `check` on every line that names `key`; the result of the first.
    fn each_line<T>(
        &self,
        key: &PublicKey,
        check: impl Fn(&SignatureLine) -> Result<T, NoteFault>,
    ) -> Result<T, NoteFault> {
        let mut first = None;
        for line in self.signatures.iter().filter(|line| line.names(key)) {
            let found = check(line)?;
            first.get_or_insert(found);
        }
        first.ok_or_else(|| NoteFault::NotSigned(key.name().to_owned()))
    }
}

impl fmt::Display for SignedNote {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{}", self.text)?;
        self.signatures.iter().try_for_each(|line| writeln!(out, "{line}"))
    }
}

/// Reads signature lines, each ended by a newline, as a witness answers them.
///
/// # Errors
/// [`NoteFault::Line`] for the first line that is none.
pub fn parse_signature_lines(lines: &str) -> Result<Vec<SignatureLine>, NoteFault> {
    let malformed = || NoteFault::Line(lines.chars().take(200).collect());
    let lines = lines.strip_suffix('\n').ok_or_else(malformed)?;
    lines.split('\n').map(SignatureLine::parse).collect()
}

/// Signs any note text with a key of type 0x01, as an officer does away from the server.
///
/// # Errors
/// [`NoteFault::Form`] for a text that no note can have.
pub fn sign_note(text: String, key: &SigningKey) -> Result<SignedNote, NoteFault> {
    if key.public().kind() != KeyKind::Note {
        return Err(KeyFault::WrongKind(key.name().to_owned()).into());
    }
    let signature = key.sign(text.as_bytes());
    let line = SignatureLine {
        name: key.name().to_owned(),
        key_id: signature.key_id,
        bytes: signature.bytes.to_vec(),
    };
    SignedNote::new(text, vec![line])
}

/// What a cosignature signs (C2SP tlog-cosignature, Ed25519 signed message).
fn cosigned_text(time: u64, text: &str) -> String {
    format!("cosignature/v1\ntime {time}\n{text}")
}

#[cfg(test)]
mod tests;
