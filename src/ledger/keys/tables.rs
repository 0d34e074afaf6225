//! Keys that sign often: their signatures are verified with multiples computed beforehand, in less
//! than half of the time, with exactly the answers of `verify_strict`.
//!
//! `verify_strict` accepts (R, S) by A over M when S < ℓ, R is the encoding of a point that is not
//! of small order, A is not of small order, and the encoding of `R' = k·(−A) + S·B` with
//! `k = SHA-512(R ‖ A ‖ M) mod ℓ` is R byte for byte. The short way asks for the same: it reads S
//! only below ℓ, takes no A of small order, computes the same R', compares its encoding with the
//! bytes of R, and then knows R' to be the point that R encodes, whose order it looks at. What
//! differs is how the two multiples are computed: as a sum of at most 64 points that are looked up,
//! one for each byte of k and of S. Everything here is public, so how long that takes tells nothing
//! that anybody must not know. Should it ever say no, `verify_strict` decides.

use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};
use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::scalar::Scalar;
use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest as _, Sha512};

/// The most keys that are watched.
const MOST: usize = 32;

/// The most keys that have a table: 640 KiB each.
const TABLES: usize = 12;

/// Signatures, of whatever key, between two of a key whose table makes room for another one: where
/// more keys sign in turn than there are tables, making them would take more than they save.
const IDLE: u64 = 4_096;

/// Signatures of a key before its table is made: making one costs about as much as twenty
/// signatures.
const OFTEN: u32 = 64;

/// Digits of a scalar to the base of 256.
const DIGITS: usize = 32;

/// The largest digit: they go from −127 to 128.
const HALF: usize = 128;

/// The encodings of the points of small order.
static SMALL: LazyLock<[CompressedEdwardsY; 8]> =
    LazyLock::new(|| EIGHT_TORSION.map(|point| point.compress()));

/// Multiples of the base point.
static BASE: LazyLock<Multiples> = LazyLock::new(|| Multiples::of(ED25519_BASEPOINT_POINT));

/// The keys whose signatures were verified last, in this process.
static RECENT: LazyLock<Mutex<Recent>> = LazyLock::new(Mutex::default);

/// Whether `verify_strict` accepts the signature: the short way where there is a table.
pub(super) fn holds(key: &VerifyingKey, message: &[u8], signature: &[u8; 64]) -> bool {
    let found = recent().table_of(key);
    made(found, key).is_some_and(|table| table.holds(message, signature))
        || key.verify_strict(message, &Signature::from_bytes(signature)).is_ok()
}

fn recent() -> MutexGuard<'static, Recent> {
    // Nothing in there can be left half done; who panicked elsewhere says nothing about it.
    RECENT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The table that was found, or a new one where it is time for one: made while others go on.
fn made(found: Found, key: &VerifyingKey) -> Option<Arc<Table>> {
    match found {
        Found::Table(table) => Some(table),
        Found::Nothing => None,
        Found::Due => {
            let table = Table::new(key).map(Arc::new);
            recent().keep(key, table.as_ref());
            table
        }
    }
}

/// A key, a message and what is to be its signature over it.
pub(super) type Signed<'a> = (&'a VerifyingKey, &'a [u8], &'a [u8; 64]);

/// Whether `verify_strict` accepts all of them, as far as the short way can tell; those of keys
/// without a table take the long one. Encoding many points at once takes one division for all of
/// them (Montgomery's trick) instead of one for each.
pub(super) fn all_hold(signed: &[Signed<'_>]) -> bool {
    let found: Vec<Found> = {
        let mut recent = recent();
        signed.iter().map(|(key, ..)| recent.table_of(key)).collect()
    };
    let tables = found.into_iter().zip(signed).map(|(found, (key, ..))| made(found, key));
    let tables: Vec<Option<Arc<Table>>> = tables.collect();
    let (mut points, mut signatures) = (Vec::with_capacity(signed.len()), Vec::new());
    for (table, (key, message, signature)) in tables.iter().zip(signed) {
        match table.as_ref().map(|table| table.point(message, signature)) {
            Some(Some(point)) => {
                points.push(point);
                signatures.push(signature);
            }
            Some(None) => return false,
            None if key.verify_strict(message, &Signature::from_bytes(signature)).is_err() => {
                return false;
            }
            None => {}
        }
    }
    let encoded = EdwardsPoint::compress_batch_alloc(&points);
    encoded.iter().zip(signatures).all(|(encoded, signature)| is_r_of(encoded, signature))
}

/// Whether an encoding is the R of a signature, and not that of a point of small order.
fn is_r_of(encoded: &CompressedEdwardsY, signature: &[u8; 64]) -> bool {
    signature.starts_with(encoded.as_bytes()) && !SMALL.contains(encoded)
}

/// Multiples of a point P: for each digit's place i those by 1·256ⁱ to 128·256ⁱ.
struct Multiples(Vec<EdwardsPoint>);

impl Multiples {
    fn of(mut point: EdwardsPoint) -> Self {
        let mut all = Vec::with_capacity(DIGITS * HALF);
        for _ in 0..DIGITS {
            let mut last = point;
            all.push(last);
            for _ in 1..HALF {
                last += point;
                all.push(last);
            }
            point = last + last;
        }
        Self(all)
    }

    /// Puts the parts of the multiple by a scalar, which is below ℓ, behind `parts`: their sum is
    /// it.
    fn parts(&self, scalar: &Scalar, parts: &mut Vec<EdwardsPoint>) {
        let mut carry = 0;
        for (byte, multiples) in scalar.to_bytes().into_iter().zip(self.0.chunks_exact(HALF)) {
            let digit = i16::from(byte) + carry;
            // What is above the half is a whole one of the next place, less the rest. Behind the
            // last place nothing is carried: ℓ is below 2²⁵³.
            carry = i16::from(digit > 128);
            let digit = digit - carry * 256;
            let place = usize::from(digit.unsigned_abs()).checked_sub(1);
            if let Some(multiple) = place.and_then(|place| multiples.get(place)) {
                parts.push(if digit > 0 { *multiple } else { -multiple });
            }
        }
    }
}

/// A key with multiples of −A.
struct Table {
    key: [u8; 32],
    multiples: Multiples,
}

impl Table {
    /// `None` for a key of small order.
    fn new(key: &VerifyingKey) -> Option<Self> {
        if key.is_weak() {
            return None;
        }
        Some(Self { key: key.to_bytes(), multiples: Multiples::of(-key.to_edwards()) })
    }

    /// Whether the signature holds, as far as the short way can tell.
    fn holds(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        let point = self.point(message, signature);
        point.is_some_and(|point| is_r_of(&point.compress(), signature))
    }

    /// R' of a signature; `None` where S is not below ℓ.
    fn point(&self, message: &[u8], signature: &[u8; 64]) -> Option<EdwardsPoint> {
        let (r, s) = signature.split_at(32);
        let s = Option::<Scalar>::from(Scalar::from_canonical_bytes(s.try_into().ok()?))?;
        let hash = Sha512::new().chain_update(r).chain_update(self.key).chain_update(message);
        let k = Scalar::from_bytes_mod_order_wide(&hash.finalize().into());
        // Fetched all together before they are added: each lies elsewhere in memory, and the
        // processor waits for several at once.
        let mut parts = Vec::with_capacity(2 * DIGITS);
        self.multiples.parts(&k, &mut parts);
        BASE.parts(&s, &mut parts);
        Some(parts.iter().sum())
    }
}

/// A key, how often it was asked for, and when last.
struct Seen {
    key: [u8; 32],
    times: u32,
    last: u64,
    table: Option<Arc<Table>>,
    /// Somebody makes its table now: its place is taken.
    making: bool,
}

/// What is known of a key.
enum Found {
    /// It signs often.
    Table(Arc<Table>),
    /// It has signed often enough by now: whoever asked makes its table.
    Due,
    /// It does not, as far as is known.
    Nothing,
}

/// At most [`MOST`] keys, the least recently used one out.
#[derive(Default)]
struct Recent {
    keys: Vec<Seen>,
    asked: u64,
}

impl Recent {
    /// The table of a key; due when it has signed [`OFTEN`] times and there is room for one.
    fn table_of(&mut self, key: &VerifyingKey) -> Found {
        self.asked += 1;
        let last = self.asked;
        let Some(at) = self.keys.iter().position(|seen| seen.key == *key.as_bytes()) else {
            self.make_room();
            self.keys.push(Seen {
                key: key.to_bytes(),
                times: 1,
                last,
                table: None,
                making: false,
            });
            return Found::Nothing;
        };
        let seen = &mut self.keys[at];
        seen.last = last;
        seen.times = seen.times.saturating_add(1);
        if let Some(table) = &seen.table {
            return Found::Table(Arc::clone(table));
        }
        if seen.times != OFTEN {
            return Found::Nothing;
        }
        let room = self.has_room_for_a_table();
        let seen = &mut self.keys[at];
        seen.making = room;
        if room {
            return Found::Due;
        }
        seen.times = 0;
        Found::Nothing
    }

    /// Whether one more table may be kept; takes that of a key that has not signed for long.
    fn has_room_for_a_table(&mut self) -> bool {
        let now = self.asked;
        let taken = self.keys.iter().filter(|seen| seen.table.is_some() || seen.making);
        if taken.count() < TABLES {
            return true;
        }
        let with = self.keys.iter_mut().filter(|seen| seen.table.is_some());
        match with.min_by_key(|seen| seen.last) {
            Some(oldest) if now - oldest.last > IDLE => {
                (oldest.table, oldest.times) = (None, 0);
                true
            }
            _ => false,
        }
    }

    /// Keeps the table that was made of a key, if there is one and the key is still watched.
    fn keep(&mut self, key: &VerifyingKey, table: Option<&Arc<Table>>) {
        if let Some(seen) = self.keys.iter_mut().find(|seen| seen.key == *key.as_bytes()) {
            (seen.table, seen.making) = (table.cloned(), false);
        }
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
                        assert_eq!(all_hold(&[(&key, &[message], &signature)]), short);
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

    /// Asks for a key so often; whether there was a table at last. One that is due is made.
    fn ask(recent: &mut Recent, key: &VerifyingKey, times: u32) -> bool {
        let mut known = false;
        for _ in 0..times {
            known = match recent.table_of(key) {
                Found::Table(_) => true,
                Found::Nothing => false,
                Found::Due => {
                    recent.keep(key, Some(&Arc::new(Table::new(key).unwrap())));
                    true
                }
            };
        }
        known
    }

    #[test]
    fn few_tables_are_kept_and_only_of_keys_that_sign_often() {
        let keys: Vec<VerifyingKey> =
            (0..40).map(|seed| SigningKey::from_bytes(&[seed; 32]).verifying_key()).collect();
        let mut recent = Recent::default();
        assert!(!ask(&mut recent, &keys[0], OFTEN - 1) && ask(&mut recent, &keys[0], 1));
        for key in &keys[1..MOST] {
            assert!(!ask(&mut recent, key, 1));
        }
        assert!(ask(&mut recent, &keys[0], 1), "it was used last but {MOST}");
        for key in &keys[1..] {
            assert!(!ask(&mut recent, key, 1));
        }
        assert_eq!(recent.keys.len(), MOST);
        assert!(!ask(&mut recent, &keys[0], 1), "it made room for those used later");
    }

    #[test]
    fn a_table_makes_room_only_when_its_key_has_not_signed_for_long() {
        let keys: Vec<VerifyingKey> =
            (0..14).map(|seed| SigningKey::from_bytes(&[seed; 32]).verifying_key()).collect();
        let with = |recent: &Recent| recent.keys.iter().filter(|seen| seen.table.is_some()).count();
        let mut recent = Recent::default();
        for key in &keys[..TABLES] {
            assert!(ask(&mut recent, key, OFTEN));
        }
        assert!(!ask(&mut recent, &keys[12], 2 * OFTEN), "all others signed lately");
        assert_eq!(with(&recent), TABLES);
        assert!(ask(&mut recent, &keys[1], u32::try_from(IDLE).unwrap()));
        assert!(ask(&mut recent, &keys[12], OFTEN), "the first has not signed since");
        assert!(!ask(&mut recent, &keys[0], 1) && ask(&mut recent, &keys[1], 1));
        assert_eq!(with(&recent), TABLES);
    }

    #[test]
    fn tables_that_are_being_made_take_their_places() {
        let keys: Vec<VerifyingKey> =
            (0..20).map(|seed| SigningKey::from_bytes(&[seed; 32]).verifying_key()).collect();
        let mut recent = Recent::default();
        for key in &keys {
            assert!(!ask(&mut recent, key, OFTEN - 1));
        }
        let due = |key: &&VerifyingKey| matches!(recent.table_of(key), Found::Due);
        let due: Vec<&VerifyingKey> = keys.iter().filter(due).collect();
        assert_eq!(due.len(), TABLES);
        // One turns out to have none: its place is free for the next that signs as often.
        recent.keep(due[0], None);
        assert!(!ask(&mut recent, &keys[19], OFTEN - 1) && ask(&mut recent, &keys[19], 1));
        assert!(!ask(&mut recent, &keys[18], 2 * OFTEN));
    }

    #[test]
    fn many_at_once_hold_when_each_does() {
        let keys: Vec<SigningKey> =
            (100..103).map(|seed| SigningKey::from_bytes(&[seed; 32])).collect();
        let own: Vec<VerifyingKey> = keys.iter().map(SigningKey::verifying_key).collect();
        // The first key signs often and gets a table, the others do not.
        let messages: Vec<[u8; 1]> = (0..200).map(|at| [at]).collect();
        let by = |at: usize| if at % 50 == 49 { 1 + at % 2 } else { 0 };
        let good: Vec<[u8; 64]> = messages
            .iter()
            .enumerate()
            .map(|(at, message)| keys[by(at)].sign(message).to_bytes())
            .collect();
        let all = |signatures: &[[u8; 64]]| {
            let signed: Vec<Signed<'_>> = messages
                .iter()
                .zip(signatures)
                .enumerate()
                .map(|(at, (message, signature))| (&own[by(at)], &message[..], signature))
                .collect();
            all_hold(&signed)
        };
        assert!(all(&good) && all(&good) && all_hold(&[]));
        for at in [0, 49, 99, 150, 199] {
            for byte in [0, 31, 32, 63] {
                let mut bad = good.clone();
                bad[at][byte] ^= 1;
                assert!(!all(&bad), "{at} {byte}");
            }
            let mut bad = good.clone();
            bad[at] = good[(at + 1) % 200];
            assert!(!all(&bad), "{at}");
        }
    }

    #[test]
    fn multiples_are_those_of_the_library() {
        let point = ED25519_BASEPOINT_POINT * Scalar::from(77_u64) + EIGHT_TORSION[1];
        let multiples = Multiples::of(point);
        let mut scalars = vec![Scalar::ZERO, Scalar::ONE, -Scalar::ONE];
        // Each digit alone at each place, and carries from one place to the next.
        for at in 0..31 {
            for digit in [1, 127, 128, 129, 255] {
                let mut bytes = [0; 32];
                bytes[at] = digit;
                scalars.push(Scalar::from_bytes_mod_order(bytes));
                bytes[..at].fill(255);
                scalars.push(Scalar::from_bytes_mod_order(bytes));
            }
        }
        for scalar in scalars {
            let mut parts = Vec::new();
            multiples.parts(&scalar, &mut parts);
            assert_eq!(parts.iter().sum::<EdwardsPoint>(), point * scalar);
        }
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
