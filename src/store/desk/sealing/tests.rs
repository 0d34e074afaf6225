//! Sealing held against published vectors and against everything that must not open.
#![allow(clippy::unwrap_used)]

use super::*;

const CHAPTER: &str = "so.example/xuan-tay";

fn origin(text: &str) -> Origin {
    text.parse().unwrap()
}

fn key(seed: u8) -> SigningKey {
    let name = format!("{CHAPTER}/officer/00000000000000{seed:02x}");
    SigningKey::from_seed(&name, [seed; 32]).unwrap()
}

fn words(text: &str) -> Passphrase {
    Passphrase::read(text).unwrap()
}

fn sealed(cost: Cost) -> (Origin, SigningKey, Lock) {
    let (chapter, key) = (origin(CHAPTER), key(7));
    let owner = Owner { chapter: &chapter, key: key.public() };
    let lock = Lock::make(owner, &words("con trâu đi trước"), Some(&key), cost).unwrap();
    (chapter, key, lock)
}

/// The derivation, computed apart from this program: Argon2id of the reference implementation
/// (m=8, t=1, p=1, version 0x13), then HKDF-SHA-256 written out as two HMACs.
#[test]
fn the_derivation_agrees_with_the_reference_implementation() {
    let salt: Vec<u8> = (0..16).collect();
    let roots = Cost::CHEAP_FOR_TESTS.run(&words("con trâu đi trước"), &salt).unwrap();
    assert_eq!(
        hex::encode(roots.proof.bytes()),
        "44368f155b5c99656ea83e56f955c507dc421d10904e193325813b75d83f3b97"
    );
    assert_eq!(
        hex::encode(roots.sealing.bytes()),
        "a041478586ccfe91e1a768f412c97adaef396efea48ac1195d6bffeb1ddb94e1"
    );
}

#[test]
fn the_right_passphrase_opens_the_same_key() {
    let (chapter, key, lock) = sealed(Cost::CHEAP_FOR_TESTS);
    let owner = Owner { chapter: &chapter, key: key.public() };
    let opened = lock.open(owner, &words("con trâu đi trước")).unwrap().unwrap();
    assert_eq!(opened.seed(), key.seed());
    let sealed_seed = lock.sealed_seed.unwrap();
    assert!(!sealed_seed.windows(8).any(|part| part == &key.seed()[..8]));
}

#[test]
fn a_wrong_passphrase_never_opens() {
    let (chapter, key, lock) = sealed(Cost::CHEAP_FOR_TESTS);
    let owner = Owner { chapter: &chapter, key: key.public() };
    let right = "con trâu đi trước";
    let mut wrong: Vec<String> = (0..200).map(|number| format!("{right}{number}")).collect();
    wrong.extend(
        ["", " con trâu đi trước", "con trâu đi trước ", "Con trâu đi trước"].map(Into::into),
    );
    wrong.extend(["con trau di truoc", "con trâu  đi trước"].map(Into::into));
    for typed in wrong {
        let fault = lock.open(owner, &words(&typed)).unwrap_err();
        assert!(matches!(fault, SealingFault::Wrong), "{typed:?}: {fault}");
    }
}

#[test]
fn a_lock_opens_for_its_owner_only() {
    let (chapter, own, lock) = sealed(Cost::CHEAP_FOR_TESTS);
    let right = || words("con trâu đi trước");
    let other_chapter = origin("so.example/xuan-dong");
    let other_key = key(8);
    for owner in [
        Owner { chapter: &other_chapter, key: own.public() },
        Owner { chapter: &chapter, key: other_key.public() },
    ] {
        assert!(lock.open(owner, &right()).is_err());
    }
    let owner = Owner { chapter: &chapter, key: own.public() };
    let mut cheaper = lock.clone();
    cheaper.cost = Cost { memory_kib: 16, ..lock.cost };
    assert!(cheaper.open(owner, &right()).is_err(), "parameters are bound");
    let swapped = Lock { sealed_seed: sealed(Cost::CHEAP_FOR_TESTS).2.sealed_seed, ..lock };
    assert!(matches!(swapped.open(owner, &right()), Err(SealingFault::Wrong)), "another salt");
}

#[test]
fn every_flipped_byte_of_a_lock_keeps_it_shut() {
    let (chapter, key, lock) = sealed(Cost::CHEAP_FOR_TESTS);
    let owner = Owner { chapter: &chapter, key: key.public() };
    let shut = |changed: &Lock| changed.open(owner, &words("con trâu đi trước")).is_err();
    for at in 0..lock.salt.len() {
        let mut changed = lock.clone();
        changed.salt[at] ^= 0x10;
        assert!(shut(&changed), "salt {at}");
    }
    for at in 0..lock.verifier.len() {
        let mut changed = lock.clone();
        changed.verifier[at] ^= 0x01;
        assert!(shut(&changed), "verifier {at}");
    }
    for at in 0..72 {
        let mut changed = lock.clone();
        changed.sealed_seed.as_mut().unwrap()[at] ^= 0x80;
        assert!(shut(&changed), "seed {at}");
    }
}

#[test]
fn another_officers_key_is_not_sealed_under_ones_name() {
    let chapter = origin(CHAPTER);
    let (own, other) = (key(7), key(8));
    let owner = Owner { chapter: &chapter, key: own.public() };
    let made = Lock::make(owner, &words("x"), Some(&other), Cost::CHEAP_FOR_TESTS);
    assert!(matches!(made, Err(SealingFault::OtherKey(_))));
}

#[test]
fn parameters_are_read_back_only_within_their_limits() {
    assert_eq!(Cost::PRESENT.to_string(), "argon2id-1:m=65536,t=3,p=1");
    assert_eq!(Cost::PRESENT.to_string().parse::<Cost>().unwrap(), Cost::PRESENT);
    for text in [
        "",
        "argon2id-2:m=65536,t=3,p=1",
        "argon2i-1:m=65536,t=3,p=1",
        "argon2id-1:m=4294967295,t=3,p=1",
        "argon2id-1:m=65536,t=99,p=1",
        "argon2id-1:m=65536,t=0,p=1",
        "argon2id-1:m=65536,t=3,p=0",
        "argon2id-1:m=8,t=3,p=2",
        "argon2id-1:m=+65536,t=3,p=1",
        "argon2id-1:m=65536,t=3,p=1,x=1",
        "argon2id-1:m=65536,t=3",
    ] {
        assert!(text.parse::<Cost>().is_err(), "{text}");
    }
}

#[tokio::test]
async fn a_lock_of_lower_cost_comes_back_renewed() {
    let (chapter, key, lock) = sealed(Cost::CHEAP_FOR_TESTS);
    let sealer = Sealer::new(1);
    let right = || words("con trâu đi trước");
    let opened = sealer.open(&chapter, key.public(), &lock, right()).await.unwrap();
    let renewed = opened.renewed.unwrap();
    assert_eq!(renewed.cost, Cost::PRESENT);
    assert_ne!(renewed.salt, lock.salt);
    let again = sealer.open(&chapter, key.public(), &renewed, right()).await.unwrap();
    assert_eq!(again.key.unwrap().seed(), key.seed());
    assert!(again.renewed.is_none());
    let wrong = sealer.open(&chapter, key.public(), &renewed, words("khác")).await;
    assert!(matches!(wrong, Err(SealingFault::Wrong)));
}

#[tokio::test]
async fn an_officer_who_signs_elsewhere_proves_the_passphrase_without_a_seed() {
    let (chapter, key) = (origin(CHAPTER), key(7));
    let sealer = Sealer::cheap_for_tests();
    let lock = sealer.seal(&chapter, key.public(), words("con trâu đi trước"), None).await.unwrap();
    let opened = sealer.open(&chapter, key.public(), &lock, words("con trâu đi trước")).await;
    assert!(opened.unwrap().key.is_none());
    let wrong = sealer.open(&chapter, key.public(), &lock, words("khác")).await;
    assert!(matches!(wrong, Err(SealingFault::Wrong)));
}
