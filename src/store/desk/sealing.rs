//! One passphrase per officer: it proves who signs in and opens the sealed seed of their key.
//!
//! Argon2id (RFC 9106) makes 32 bytes of the passphrase; HKDF-SHA-256 makes two independent keys
//! of them, one for the login proof, one that seals the seed with XChaCha20-Poly1305. What is
//! stored opens nothing without the passphrase, and only for the officer, chapter, public key and
//! parameters that it was sealed for.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use argon2::{Algorithm, Argon2, Block, Params, Version};
use tokio::sync::Semaphore;
use zeroize::{Zeroize as _, Zeroizing};

use super::cipher::{CipherFault, Context, SecretKey};
use super::passphrase::Passphrase;
use crate::ledger::keys::{KeyFault, PublicKey, SigningKey};
use crate::ledger::word::Origin;

const SALT: usize = 16;

/// Why a seed was not sealed or opened.
#[derive(Debug, thiserror::Error)]
pub enum SealingFault {
    /// The passphrase is not the one, or what is stored was changed.
    #[error("the passphrase does not open this key")]
    Wrong,
    /// The sealed key is not the one that the ledger has for this officer.
    #[error("the key {0} is not the one registered in the ledger; enrol a new key")]
    OtherKey(String),
    /// Parameters outside the range that this program runs.
    #[error("sealing parameters {0:?}: expected argon2id-1 with m, t and p within their limits")]
    Cost(String),
    /// Argon2id could not get its memory.
    #[error("not enough memory for Argon2id; try again in a moment")]
    Memory,
    /// The operating system gave no randomness.
    #[error("no randomness from the operating system")]
    Randomness,
    /// The key's name or point.
    #[error(transparent)]
    Key(#[from] KeyFault),
}

impl From<CipherFault> for SealingFault {
    fn from(fault: CipherFault) -> Self {
        match fault {
            CipherFault::Randomness => Self::Randomness,
            CipherFault::Sealed => Self::Wrong,
        }
    }
}

/// The parameters of Argon2id, written beside everything that was made with them as
/// `argon2id-1:m=65536,t=3,p=1`; the 1 is our version of the whole derivation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

impl Cost {
    /// What new seals are made with: memory and passes of the second recommended option of
    /// RFC 9106 section 4 (64 MiB, three passes). One lane instead of four: the lanes run one
    /// after the other here, so more of them would help only who guesses on many cores.
    pub const PRESENT: Self = Self { memory_kib: 65_536, passes: 3, lanes: 1 };

    /// Parameters for tests, thousands of times cheaper. Not part of release builds at all.
    #[cfg(debug_assertions)]
    pub const CHEAP_FOR_TESTS: Self = Self { memory_kib: 8, passes: 1, lanes: 1 };

    /// Whether `self` asks for less work than `other` in any respect.
    fn is_below(self, other: Self) -> bool {
        self.memory_kib < other.memory_kib || self.passes < other.passes
    }

    fn run(self, passphrase: &Passphrase, salt: &[u8]) -> Result<Roots, SealingFault> {
        let refused = || SealingFault::Cost(self.to_string());
        let params = Params::new(self.memory_kib, self.passes, self.lanes, Some(32))
            .map_err(|_| refused())?;
        let mut memory = Vec::new();
        memory.try_reserve_exact(params.block_count()).map_err(|_| SealingFault::Memory)?;
        memory.resize(params.block_count(), Block::new());
        let mut root = Zeroizing::new([0_u8; 32]);
        let done = Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into_with_memory(
                passphrase.bytes(),
                salt,
                root.as_mut_slice(),
                memory.as_mut_slice(),
            );
        memory.iter_mut().for_each(|block| block.zeroize());
        done.map_err(|_| refused())?;
        Ok(Roots {
            proof: SecretKey::derive(root.as_slice(), "minhbach/login-proof/v1"),
            sealing: SecretKey::derive(root.as_slice(), "minhbach/sealing-key/v1"),
        })
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "argon2id-1:m={},t={},p={}", self.memory_kib, self.passes, self.lanes)
    }
}

impl FromStr for Cost {
    type Err = SealingFault;

    /// Reads stored parameters; those that would run for minutes or take gigabytes are refused.
    fn from_str(text: &str) -> Result<Self, SealingFault> {
        let refused = || SealingFault::Cost(text.to_owned());
        let mut parts = text.strip_prefix("argon2id-1:").ok_or_else(refused)?.split(',');
        let mut next = |name: &str| {
            let part = parts.next().and_then(|part| part.strip_prefix(name));
            part.and_then(|digits| digits.parse().ok()).ok_or_else(refused)
        };
        let cost = Self { memory_kib: next("m=")?, passes: next("t=")?, lanes: next("p=")? };
        let in_range = (8..=1_048_576).contains(&cost.memory_kib)
            && (1..=16).contains(&cost.passes)
            && (1..=16).contains(&cost.lanes)
            && cost.memory_kib >= 8 * cost.lanes;
        if in_range && cost.to_string() == text { Ok(cost) } else { Err(refused()) }
    }
}

struct Roots {
    proof: SecretKey,
    sealing: SecretKey,
}

/// What one passphrase locks: login proof, and the sealed seed unless the officer's key is kept
/// away from the server. This is all that the database holds of both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lock {
    /// The parameters it was made with.
    pub cost: Cost,
    /// 16 random bytes.
    pub salt: Vec<u8>,
    /// HMAC-SHA-256 under the login proof: tells a right passphrase, opens nothing.
    pub verifier: Vec<u8>,
    /// `nonce ‖ ciphertext ‖ tag` of the seed.
    pub sealed_seed: Option<Vec<u8>>,
}

/// What opening a lock gave.
#[derive(Debug)]
pub struct Opened {
    /// The officer's key, when its seed is sealed here.
    pub key: Option<SigningKey>,
    /// The same lock at today's cost, when the stored one was made with less: store it.
    pub renewed: Option<Lock>,
}

/// Whose lock it is. All of it is bound into what is sealed.
#[derive(Clone, Copy, Debug)]
pub struct Owner<'a> {
    /// The ledger.
    pub chapter: &'a Origin,
    /// The officer's public key, as the ledger has it.
    pub key: &'a PublicKey,
}

impl Owner<'_> {
    fn context(&self, label: &str, cost: Cost) -> Context {
        let parts: [&[u8]; 4] = [
            self.key.name().as_bytes(),
            self.chapter.as_str().as_bytes(),
            self.key.bytes(),
            &cost.to_string().into_bytes(),
        ];
        Context::new(label, &parts)
    }
}

impl Lock {
    /// Locks with a new salt. `key` is `None` for an officer who signs away from the server.
    ///
    /// # Errors
    /// [`SealingFault::OtherKey`] when `key` is not the owner's, and machine faults.
    pub fn make(
        owner: Owner<'_>,
        passphrase: &Passphrase,
        key: Option<&SigningKey>,
        cost: Cost,
    ) -> Result<Self, SealingFault> {
        let mut salt = vec![0; SALT];
        getrandom::fill(&mut salt).map_err(|_| SealingFault::Randomness)?;
        let roots = cost.run(passphrase, &salt)?;
        Self::make_with(owner, &roots, salt, key, cost)
    }

    fn make_with(
        owner: Owner<'_>,
        roots: &Roots,
        salt: Vec<u8>,
        key: Option<&SigningKey>,
        cost: Cost,
    ) -> Result<Self, SealingFault> {
        if let Some(other) = key.filter(|key| key.public() != owner.key) {
            return Err(SealingFault::OtherKey(other.name().to_owned()));
        }
        let seal =
            |key: &SigningKey| roots.sealing.seal(&owner.context("sealed-seed", cost), key.seed());
        Ok(Self {
            cost,
            salt,
            verifier: roots.proof.authenticate(&owner.context("login", cost)).to_vec(),
            sealed_seed: key.map(seal).transpose()?,
        })
    }

    /// Opens with a passphrase; the derived public key must be the owner's.
    ///
    /// # Errors
    /// [`SealingFault::Wrong`] for any other passphrase, owner or stored bytes.
    pub fn open(
        &self,
        owner: Owner<'_>,
        passphrase: &Passphrase,
    ) -> Result<Option<SigningKey>, SealingFault> {
        let roots = self.cost.run(passphrase, &self.salt)?;
        if !roots.proof.confirms(&owner.context("login", self.cost), &self.verifier) {
            return Err(SealingFault::Wrong);
        }
        let Some(sealed) = &self.sealed_seed else { return Ok(None) };
        let seed = roots.sealing.open(&owner.context("sealed-seed", self.cost), sealed)?;
        key_of_seed(owner.key, &seed).map(Some)
    }
}

/// The key of a seed that was just unsealed, if it is the registered one.
pub(super) fn key_of_seed(registered: &PublicKey, seed: &[u8]) -> Result<SigningKey, SealingFault> {
    let seed: Zeroizing<[u8; 32]> =
        Zeroizing::new(seed.try_into().map_err(|_| SealingFault::Wrong)?);
    let key = SigningKey::from_seed(registered.name(), *seed)?;
    if key.public() == registered {
        Ok(key)
    } else {
        Err(SealingFault::OtherKey(registered.name().to_owned()))
    }
}

/// Runs Argon2id beside the web's threads, a few at a time: each run takes 64 MiB, and fifty
/// officers who sign in at once shall wait, not exhaust the machine.
#[derive(Clone, Debug)]
pub struct Sealer {
    cost: Cost,
    turns: Arc<Semaphore>,
}

impl Sealer {
    /// With today's parameters; at most `at_once` runs (at least one) at the same time.
    #[must_use]
    pub fn new(at_once: usize) -> Self {
        Self::with(Cost::PRESENT, at_once)
    }

    /// With parameters that protect nothing, for tests. Not part of release builds at all.
    #[cfg(debug_assertions)]
    #[must_use]
    pub fn cheap_for_tests() -> Self {
        Self::with(Cost::CHEAP_FOR_TESTS, 8)
    }

    fn with(cost: Cost, at_once: usize) -> Self {
        Self { cost, turns: Arc::new(Semaphore::new(at_once.max(1))) }
    }

    /// [`Lock::make`] at this sealer's cost.
    ///
    /// # Errors
    /// As [`Lock::make`].
    pub async fn seal(
        &self,
        chapter: &Origin,
        public: &PublicKey,
        passphrase: Passphrase,
        key: Option<SigningKey>,
    ) -> Result<Lock, SealingFault> {
        let (chapter, public, cost) = (chapter.clone(), public.clone(), self.cost);
        self.run(move || {
            let owner = Owner { chapter: &chapter, key: &public };
            Lock::make(owner, &passphrase, key.as_ref(), cost)
        })
        .await
    }

    /// [`Lock::open`]; a lock made at a lower cost comes back renewed.
    ///
    /// # Errors
    /// As [`Lock::open`].
    pub async fn open(
        &self,
        chapter: &Origin,
        public: &PublicKey,
        lock: &Lock,
        passphrase: Passphrase,
    ) -> Result<Opened, SealingFault> {
        let (chapter, public, lock) = (chapter.clone(), public.clone(), lock.clone());
        let cost = self.cost;
        self.run(move || {
            let owner = Owner { chapter: &chapter, key: &public };
            let key = lock.open(owner, &passphrase)?;
            let renewed = lock
                .cost
                .is_below(cost)
                .then(|| Lock::make(owner, &passphrase, key.as_ref(), cost))
                .transpose()?;
            Ok(Opened { key, renewed })
        })
        .await
    }

    /// The work of [`Sealer::open`] for a name that has no account: who asks learns nothing from
    /// the time it takes.
    pub async fn open_nothing(&self, passphrase: Passphrase) {
        let cost = self.cost;
        // There is nothing to open; a machine's failure changes nothing about that.
        let _ = self.run(move || cost.run(&passphrase, &[0; SALT]).map(|_| ())).await;
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, SealingFault> + Send + 'static,
    ) -> Result<T, SealingFault> {
        // The semaphore is never closed, and a panic in the work is a fault of the machine.
        let Ok(turn) = Arc::clone(&self.turns).acquire_owned().await else {
            return Err(SealingFault::Memory);
        };
        let done = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(turn);
            done
        });
        done.await.unwrap_or(Err(SealingFault::Memory))
    }
}

#[cfg(test)]
mod tests;
