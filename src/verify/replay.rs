//! One entry after another through form, chain, signatures, authority and books.

use std::io;

use serde::{Deserialize, Serialize};

use super::history::{History, Older, Saved};
use super::report::Step;
use crate::books::authority::SignedEntry;
use crate::books::{Books, CheckFault, Effects, Refusal, checkpoint, continues};
use crate::ledger::chain::{Chain, ChainFault};
use crate::ledger::entry::{Entry, EntryFault, leaf_hash};
use crate::ledger::keys::PublicKey;
use crate::ledger::tree::{Frontier, Hash};

/// The state of a replay.
pub struct Replay {
    books: Books,
    chain: Chain,
    frontier: Frontier,
    history: History,
    signatures: u64,
    /// The place of an entry whose signatures do not hold, when that turned out behind it.
    unsigned: Option<u64>,
    /// The next entry is the first of another ledger.
    begins: bool,
}

/// Why the next entry does not hold.
#[derive(Debug, thiserror::Error)]
pub enum ReplayFault {
    /// The bytes are no entry of this format.
    #[error(transparent)]
    Form(EntryFault),
    /// The entry is newer than this program.
    #[error("{0}")]
    Newer(String),
    /// The entry does not follow the one before.
    #[error(transparent)]
    Chain(#[from] ChainFault),
    /// Signatures, authority or books say no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// This machine's disk.
    #[error("the temporary file of the verifier: {0}")]
    Machine(#[from] io::Error),
    /// The books asked for something that history does not have.
    #[error("history could not be read back: {0}")]
    History(String),
}

impl ReplayFault {
    /// The step that the fault belongs to.
    #[must_use]
    pub fn step(&self) -> Step {
        match self {
            Self::Form(_) | Self::Newer(_) => Step::Form,
            Self::Chain(_) => Step::Chain,
            Self::Refused(refusal) => step_of(refusal),
            Self::Machine(_) | Self::History(_) => Step::Books,
        }
    }

    /// A stable word for the reason.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Form(EntryFault::Canonical(_)) => "not-canonical",
            Self::Form(_) => "form",
            Self::Newer(_) => "newer",
            Self::Chain(ChainFault::Seq { .. }) => "seq",
            Self::Chain(ChainFault::Prev) => "prev",
            Self::Chain(ChainFault::At { .. }) => "at",
            Self::Chain(ChainFault::Log { .. }) => "log",
            Self::Refused(refusal) => refusal.code(),
            Self::Machine(_) | Self::History(_) => "machine",
        }
    }
}

/// Which step a refusal of the books belongs to.
fn step_of(refusal: &Refusal) -> Step {
    match refusal {
        Refusal::IdUsed => Step::Chain,
        Refusal::SignatureInvalid { .. } => Step::Signatures,
        Refusal::KeyNotInForce { .. }
        | Refusal::SignatureList { .. }
        | Refusal::RecorderMayNot
        | Refusal::ApproverMayNot
        | Refusal::NotAnAuditor
        | Refusal::SamePerson => Step::Authority,
        _ => Step::Books,
    }
}

impl Replay {
    /// Begins before entry 0.
    ///
    /// # Errors
    /// When no temporary file can be made.
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            books: Books::new(),
            chain: Chain::default(),
            frontier: Frontier::new(),
            history: History::new()?,
            signatures: 0,
            unsigned: None,
            begins: false,
        })
    }

    /// What has to be kept to go on later.
    ///
    /// # Errors
    /// When a temporary file cannot be read, or the books cannot be encoded.
    pub(super) fn save(&self) -> io::Result<SavedReplay> {
        Ok(SavedReplay {
            books: self.books.snapshot().map_err(io::Error::other)?,
            chain: self.chain.clone(),
            frontier: self.frontier.clone(),
            // As JSON: members that are left out have no place in the form of the books.
            history: serde_json::to_vec(&self.history.save()?)?,
        })
    }

    /// The replay that was saved; `None` when its books have another form. `older` reads the
    /// entries that it took.
    ///
    /// # Errors
    /// When no temporary file can be made.
    pub(super) fn resume(saved: SavedReplay, older: Older) -> io::Result<Option<Self>> {
        let Some(books) = Books::from_snapshot(&saved.books) else { return Ok(None) };
        let Ok(history) = serde_json::from_slice::<Saved>(&saved.history) else { return Ok(None) };
        let history = History::resume(history, books.size(), older)?;
        let (chain, frontier) = (saved.chain, saved.frontier);
        let (signatures, unsigned, begins) = (0, None, false);
        Ok(Some(Self { books, chain, frontier, history, signatures, unsigned, begins }))
    }

    /// The books so far.
    #[must_use]
    pub fn books(&self) -> &Books {
        &self.books
    }

    /// What is remembered of the entries so far.
    #[must_use]
    pub fn history(&self) -> &History {
        &self.history
    }

    /// The number of entries that were taken in, over all ledgers so far.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.books.size()
    }

    /// The number of entries that hold with their signatures, over all ledgers so far.
    #[must_use]
    pub fn verified(&self) -> u64 {
        self.unsigned.unwrap_or(self.size())
    }

    /// So many more signatures hold.
    pub(super) fn were_signed(&mut self, number: u64) {
        self.signatures += number;
    }

    /// The entry at a place of the newest ledger is not signed as it says: those before it hold.
    pub(super) fn holds_before(&mut self, seq: u64) {
        self.unsigned = Some(self.books.before() + seq);
    }

    /// The number of entries of the newest ledger that hold.
    #[must_use]
    pub fn own_size(&self) -> u64 {
        self.chain.size()
    }

    /// The number of signatures that were verified.
    #[must_use]
    pub fn signatures(&self) -> u64 {
        self.signatures
    }

    /// The root over the entries of the newest ledger so far.
    #[must_use]
    pub fn root(&self) -> Hash {
        self.frontier.root()
    }

    /// The next entry is the first of a ledger that continues the one read so far.
    pub fn begin_ledger(&mut self) {
        self.begins = self.size() > 0;
    }

    /// Takes the next entry; the entry at its place, its leaf hash, and what it did to the books.
    ///
    /// # Errors
    /// [`ReplayFault`]; the replay stays where it was.
    pub fn next(&mut self, bytes: &[u8]) -> Result<(Entry, Hash, Effects), ReplayFault> {
        let taken = self.step(Read::new(bytes.to_vec()), true)?;
        self.were_signed(taken.number());
        Ok((taken.entry, taken.leaf, taken.effects))
    }

    /// The same, but for its signatures: they are to be verified behind it.
    ///
    /// # Errors
    /// [`ReplayFault`]; the replay stays where it was. One of the books only when the signatures
    /// hold, which come before them.
    pub(super) fn take(&mut self, read: Read) -> Result<Taken, ReplayFault> {
        self.step(read, false)
    }

    fn step(&mut self, read: Read, signed: bool) -> Result<Taken, ReplayFault> {
        let Read { bytes, leaf, entry } = read;
        let entry = entry.map_err(|fault| match fault {
            EntryFault::Newer(what) => ReplayFault::Newer(what),
            fault => ReplayFault::Form(fault),
        })?;
        // A ledger that continues another one has a chain and a tree of its own.
        if self.begins {
            self.continued_by(&entry)?;
        }
        let renewed = self.begins.then(|| self.chain.renewed());
        let before = if self.begins { self.size() } else { self.books.before() };
        let entry = entry.behind(before);
        renewed.as_ref().unwrap_or(&self.chain).is_followed_by(&entry)?;
        let keys = self.books.signing_keys(&entry);
        if signed || keys.is_none() {
            self.books.verify_signatures(&entry)?;
        }
        let effects = match self.books.check(&entry, &self.history) {
            Ok(effects) => effects,
            Err(fault) => {
                self.books.verify_signatures(&entry)?;
                return Err(match fault {
                    CheckFault::Refused(refusal) => refusal.into(),
                    CheckFault::Ask(ask) => ReplayFault::History(format!("{ask:?}")),
                });
            }
        };
        self.history.absorb(&entry, &bytes, &effects)?;
        self.books.absorb(&entry, &effects);
        if let Some(chain) = renewed {
            (self.chain, self.frontier, self.begins) = (chain, Frontier::new(), false);
        }
        self.chain.follow(&entry, leaf)?;
        self.frontier.append(leaf);
        Ok(Taken { entry, bytes, leaf, effects, keys: keys.unwrap_or_default() })
    }
}

/// The bytes of an entry, read as far as that asks for nothing of what lies before them.
pub(super) struct Read {
    bytes: Vec<u8>,
    leaf: Hash,
    entry: Result<Entry, EntryFault>,
}

impl Read {
    pub fn new(bytes: Vec<u8>) -> Self {
        let (leaf, entry) = (leaf_hash(&bytes), Entry::parse(&bytes));
        Self { bytes, leaf, entry }
    }
}

/// An entry that was taken in, and what its signatures have to be verified with.
pub(super) struct Taken {
    pub entry: Entry,
    pub bytes: Vec<u8>,
    pub leaf: Hash,
    pub effects: Effects,
    keys: Vec<PublicKey>,
}

impl Taken {
    fn number(&self) -> u64 {
        u64::try_from(self.entry.signatures().len()).unwrap_or(0)
    }

    /// What is left to be verified of it.
    pub fn signed(self) -> SignedEntry {
        SignedEntry::new(self.entry, self.bytes, self.keys)
    }
}

impl Replay {
    /// Whether the entry opens a ledger that continues the one read so far: its checkpoint has to
    /// be of this very tree.
    fn continued_by(&self, entry: &Entry) -> Result<(), ReplayFault> {
        let Some(continues) = continues(&entry.voucher().body) else {
            return Err(Refusal::Opening.into());
        };
        let signed = checkpoint(continues)?;
        let head = signed.checkpoint();
        if head.size == self.own_size() && head.root != self.root() {
            return Err(Refusal::Continues { what: "checkpoint-root" }.into());
        }
        Ok(())
    }
}

/// A replay as it is kept between two runs.
#[derive(Serialize, Deserialize)]
pub(super) struct SavedReplay {
    books: Vec<u8>,
    chain: Chain,
    frontier: Frontier,
    history: Vec<u8>,
}
