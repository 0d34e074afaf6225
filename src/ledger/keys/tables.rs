//! Keys that sign often: their signatures are verified with multiples computed beforehand, in a bit
//! more than half of the time, with exactly the answers of `verify_strict`.
//!
//! `verify_strict` accepts (R, S) by A over M when S < ℓ, R is the encoding of a point that is not
//! of small order, A is not of small order, and the encoding of `R' = k·(−A) + S·B` with
//! `k = SHA-512(R ‖ A ‖ M) mod ℓ` is R byte for byte. The short way asks for the same: it reads S
//! only below ℓ, takes no A of small order, computes the same R', compares its encoding with the
//! bytes of R, and then knows R' to be the point that R encodes, whose order it looks at. What
//! differs is how the two multiples are computed. Should it ever say no, `verify_strict` decides.

use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use curve25519_dalek::edwards::{EdwardsBasepointTable, EdwardsPoint};
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::{BasepointTable as _, IsIdentity as _};
use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest as _, Sha512};

/// The most keys that are watched, and so the most tables: 30 KiB each.
const MOST: usize = 32;

/// Signatures of a key before its table is made: making one costs about as much as twenty
/// signatures.
const OFTEN: u32 = 64;

/// The keys whose signatures were verified last, in this process.
static RECENT: LazyLock<Mutex<Recent>> = LazyLock::new(Mutex::default);

/// Whether `verify_strict` accepts the signature: the short way where there is a table.
pub(super) fn holds(key: &VerifyingKey, message: &[u8], signature: &[u8; 64]) -> bool {
    // Nothing in there can be left half done; who panicked elsewhere says nothing about it.
    let table = RECENT.lock().unwrap_or_else(PoisonError::into_inner).table_of(key);
    table.is_some_and(|table| table.holds(message, signature))
        || key.verify_strict(message, &Signature::from_bytes(signature)).is_ok()
}

/// A key with multiples of −A.
struct Table {
    key: [u8; 32],
    multiples: EdwardsBasepointTable,
}

impl Table {
    /// `None` for a key of small order.
    fn new(key: &VerifyingKey) -> Option<Self> {
        if key.is_weak() {
            return None;
        }
        let multiples = EdwardsBasepointTable::create(&-key.to_edwards());
        Some(Self { key: key.to_bytes(), multiples })
    }

    /// Whether the signature holds, as far as the short way can tell.
    fn holds(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        let (r, s) = signature.split_at(32);
        let Ok(s) = <[u8; 32]>::try_from(s) else { return false };
        let Some(s) = Option::<Scalar>::from(Scalar::from_canonical_bytes(s)) else { return false };
        let hash = Sha512::new().chain_update(r).chain_update(self.key).chain_update(message);
        let k = Scalar::from_bytes_mod_order_wide(&hash.finalize().into());
        let point = self.multiples.mul_base(&k) + EdwardsPoint::mul_base(&s);
        point.compress().as_bytes() == r && !point.mul_by_cofactor().is_identity()
    }
}

/// A key, how often it was asked for, and when last.
struct Seen {
    key: [u8; 32],
    times: u32,
    last: u64,
    table: Option<Arc<Table>>,
}

/// At most [`MOST`] keys, the least recently used one out.
#[derive(Default)]
struct Recent {
    keys: Vec<Seen>,
    asked: u64,
}

impl Recent {
    /// The table of a key, made when it has signed [`OFTEN`] times.
    fn table_of(&mut self, key: &VerifyingKey) -> Option<Arc<Table>> {
        self.asked += 1;
        let last = self.asked;
        let Some(seen) = self.keys.iter_mut().find(|seen| seen.key == *key.as_bytes()) else {
            self.make_room();
            self.keys.push(Seen { key: key.to_bytes(), times: 1, last, table: None });
            return None;
        };
        seen.last = last;
        seen.times = seen.times.saturating_add(1);
        if seen.times == OFTEN {
            seen.table = Table::new(key).map(Arc::new);
        }
        seen.table.clone()
    }

    fn make_room(&mut self) {
        if self.keys.len() < MOST {
            return;
        }
        let oldest = self.keys.iter().enumerate().min_by_key(|(_, seen)| seen.last);
        if let Some((at, _)) = oldest {
            self.keys.swap_remove(at);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use ed25519_dalek::{Signer as _, SigningKey};
    use proptest::prelude::*;

    use super::*;
    use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};

    fn strict(key: &VerifyingKey, message: &[u8], signature: &[u8; 64]) -> bool {
        key.verify_strict(message, &Signature::from_bytes(signature)).is_ok()
    }

    /// ℓ, little-endian.
    const ORDER: [u8; 32] = [
        0xED, 0xD3, 0xF5, 0x5C, 0x1A, 0x63, 0x12, 0x58, 0xD6, 0x9C, 0xF7, 0xA2, 0xDE, 0xF9, 0xDE,
        0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];

    /// `s` + ℓ: the same scalar, not below ℓ.
    fn beyond(s: &[u8]) -> Vec<u8> {
        let mut carry = 0_u16;
        let add = |(left, right): (&u8, &u8)| {
            carry += u16::from(*left) + u16::from(*right);
            let byte = u8::try_from(carry & 0xFF).unwrap();
            carry >>= 8;
            byte
        };
        s.iter().zip(&ORDER).map(add).collect()
    }

    /// A signature that satisfies the equation with R = r·B + `torsion` for A = a·B + `own`.
    fn crafted(
        (a, own): (Scalar, EdwardsPoint),
        (r, torsion): (Scalar, EdwardsPoint),
        message: &[u8],
    ) -> (VerifyingKey, [u8; 64]) {
        let key = (ED25519_BASEPOINT_POINT * a + own).compress().to_bytes();
        let point = (ED25519_BASEPOINT_POINT * r + torsion).compress().to_bytes();
        let hash = Sha512::new().chain_update(point).chain_update(key).chain_update(message);
        let k = Scalar::from_bytes_mod_order_wide(&hash.finalize().into());
        let s = (r + k * a).to_bytes();
        let signature = <[u8; 64]>::try_from([point, s].concat()).unwrap();
        (VerifyingKey::from_bytes(&key).unwrap(), signature)
    }

    #[test]
    fn points_of_small_order_are_judged_as_verify_strict_does() {
        let mut accepted = 0;
        for own in EIGHT_TORSION {
            for torsion in EIGHT_TORSION {
                for (a, r) in [(0_u64, 0_u64), (0, 7), (5, 0), (5, 7)] {
                    for message in 0_u8..8 {
                        let (key, signature) =
                            crafted((a.into(), own), (r.into(), torsion), &[message]);
                        let Some(table) = Table::new(&key) else {
                            assert!(!strict(&key, &[message], &signature));
                            continue;
                        };
                        let short = table.holds(&[message], &signature);
                        assert_eq!(short, strict(&key, &[message], &signature));
                        accepted += u32::from(short);
                    }
                }
            }
        }
        assert!(accepted > 32, "{accepted}: mixed orders satisfy the equation now and then");
    }

    #[test]
    fn other_encodings_of_s_and_r_are_refused_both_ways() {
        let key = SigningKey::from_bytes(&[3; 32]);
        let table = Table::new(&key.verifying_key()).unwrap();
        let good = key.sign(b"m").to_bytes();
        assert!(table.holds(b"m", &good));
        let mut second = good;
        second[32..].copy_from_slice(&beyond(&good[32..]));
        // y = 1 + p, y = p and x = 0 with its sign: none is the one encoding of a point.
        let mut ys = [[0xFF; 32]; 3];
        (ys[0][0], ys[0][31]) = (0xEE, 0x7F);
        (ys[1][0], ys[1][31]) = (0xED, 0x7F);
        ys[2] = [0; 32];
        (ys[2][0], ys[2][31]) = (1, 0x80);
        let with = |y: [u8; 32]| {
            let mut bytes = good;
            bytes[..32].copy_from_slice(&y);
            bytes
        };
        let own = key.verifying_key();
        for bytes in ys.into_iter().map(with).chain([second, [0; 64], [0xFF; 64]]) {
            assert!(!table.holds(b"m", &bytes) && !strict(&own, b"m", &bytes));
        }
    }

    #[test]
    fn few_tables_are_kept_and_only_of_keys_that_sign_often() {
        let keys: Vec<VerifyingKey> =
            (0..40).map(|seed| SigningKey::from_bytes(&[seed; 32]).verifying_key()).collect();
        let mut recent = Recent::default();
        for _ in 1..OFTEN {
            assert!(recent.table_of(&keys[0]).is_none());
        }
        assert!(recent.table_of(&keys[0]).is_some());
        for key in &keys[1..MOST] {
            assert!(recent.table_of(key).is_none());
        }
        assert!(recent.table_of(&keys[0]).is_some(), "it was used last but {MOST}");
        for key in &keys[1..] {
            assert!(recent.table_of(key).is_none());
        }
        assert_eq!(recent.keys.len(), MOST);
        assert!(recent.table_of(&keys[0]).is_none(), "it made room for those used later");
    }

    proptest! {
        #[test]
        fn both_ways_agree(
            seed in any::<[u8; 32]>(),
            message in prop::collection::vec(any::<u8>(), 0..200),
            changes in prop::collection::vec((any::<prop::sample::Index>(), 0_u8..8), 0..3),
            also_the_message in any::<bool>(),
        ) {
            let key = SigningKey::from_bytes(&seed);
            let own = key.verifying_key();
            let table = Table::new(&own).unwrap();
            let mut signature = key.sign(&message).to_bytes();
            prop_assert!(table.holds(&message, &signature));
            for (at, bit) in &changes {
                signature[at.index(64)] ^= 1 << bit;
            }
            let mut message = message;
            if also_the_message && !message.is_empty() {
                message[0] ^= 1;
            }
            prop_assert_eq!(table.holds(&message, &signature), strict(&own, &message, &signature));
            prop_assert_eq!(holds(&own, &message, &signature), strict(&own, &message, &signature));
        }
    }
}
