//! Known keys and signatures, and every way in which one may be wrong.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use proptest::prelude::*;

use ed25519_dalek::Signature;

use super::*;

const GO_SUMDB_EXAMPLE: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const C2SP_EXAMPLE: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const GO_SUMDB: &str = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8";

fn key() -> SigningKey {
    SigningKey::from_seed("so.example/xuan-tay/officer/0011223344556677", [7; 32]).unwrap()
}

#[test]
fn well_known_verifier_keys_are_read_and_written_again() {
    for vkey in [GO_SUMDB_EXAMPLE, C2SP_EXAMPLE, GO_SUMDB] {
        let key = PublicKey::parse(vkey).unwrap();
        assert_eq!(key.vkey(), vkey);
        assert_eq!(key.kind(), KeyKind::Note);
        let json = serde_json::to_string(&key).unwrap();
        assert_eq!(json, format!("\"{vkey}\""));
        assert_eq!(serde_json::from_str::<PublicKey>(&json).unwrap(), key);
    }
    assert_eq!(PublicKey::parse(GO_SUMDB).unwrap().id(), [0x03, 0x3d, 0xe0, 0xae]);
}

#[test]
fn the_signed_note_examples_verify() {
    let peter = PublicKey::parse(GO_SUMDB_EXAMPLE).unwrap();
    let text = "If you think cryptography is the answer to your problem,\n\
                then you don't know what your problem is.\n";
    let signature = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZ\
                     b6KE6RyyBwJnAM=";
    let signature = NoteSignature::parse(signature).unwrap();
    assert_eq!(peter.verify(text.as_bytes(), &signature), Ok(()));
    let c2sp = PublicKey::parse(C2SP_EXAMPLE).unwrap();
    let other = NoteSignature::parse(
        "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72Ineya\
         QM=",
    )
    .unwrap();
    assert_eq!(c2sp.verify(b"This is an example message.\n", &other), Ok(()));
    assert!(matches!(c2sp.verify(text.as_bytes(), &signature), Err(KeyFault::OtherKey { .. })));
    assert!(matches!(c2sp.verify(text.as_bytes(), &other), Err(KeyFault::Signature(_))));
}

#[test]
fn the_first_vectors_of_rfc_8032_are_reproduced() {
    // Section 7.1, tests 1 and 2.
    for (seed, public, message, signature) in [
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155\
             5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
             085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
    ] {
        let seed: [u8; 32] = hex::decode(seed).unwrap().try_into().unwrap();
        let key = SigningKey::from_seed("a", seed).unwrap();
        assert_eq!(hex::encode(key.public().bytes()), public);
        assert_eq!(key.seed(), &seed);
        let message = hex::decode(message).unwrap();
        let made = key.sign(&message);
        assert_eq!(hex::encode(made.bytes), signature);
        assert_eq!(key.public().verify(&message, &made), Ok(()));
    }
}

#[test]
fn other_spellings_of_a_verifier_key_are_refused() {
    let vkey = key().public().vkey();
    let (name, rest) = vkey.split_once('+').unwrap();
    let (id, material) = rest.split_once('+').unwrap();
    let raw = BASE64_STANDARD.decode(material).unwrap();
    let with = |raw: &[u8]| format!("{name}+{id}+{}", BASE64_STANDARD.encode(raw));
    let stray_bits = {
        // 33 bytes fill 44 characters exactly; 32 bytes leave stray bits and padding.
        let text = BASE64_STANDARD.encode(&raw[..32]);
        format!("{name}+{id}+{}", text.replace('=', ""))
    };
    for (wrong, why) in [
        (String::new(), "empty"),
        (name.to_owned(), "a name alone"),
        (format!("{name}+{id}"), "no key"),
        (format!("{name}+{id}+"), "an empty key"),
        (format!("{name}+{}+{material}", id.to_uppercase() + "A"), "a long id"),
        (format!("{name}+00000000+{material}"), "another id"),
        (format!("{name}+{}+{material}", &id[1..]), "a short id"),
        (format!("{name}+ {id}+{material}"), "a space"),
        (format!("{name}+{id}+{material}\n"), "a newline"),
        (format!("{name}+{id}+{material}="), "padding too many"),
        (format!("{name}x+{id}+{material}"), "another name"),
        (format!("+{id}+{material}"), "no name"),
        (with(&raw[..32]), "too short a key"),
        (with(&[&raw[..], &[0]].concat()), "too long a key"),
        (with(&[&[2], &raw[1..]].concat()), "an unknown type"),
        (with(&[&[4], &raw[1..]].concat()), "another type under the same id"),
        (stray_bits, "no padding"),
    ] {
        assert!(PublicKey::parse(&wrong).is_err(), "{why}: {wrong:?}");
    }
}

#[test]
fn key_names_are_printable_ascii_without_space_and_plus() {
    for name in ["a", "so.chuthapdo.example/xuan-tay", "sum.golang.org", "~!"] {
        assert!(is_key_name(name), "{name}");
    }
    for name in ["", " ", "a b", "a+b", "đ", "a\n", "a\u{a0}b", "a\u{7f}"] {
        assert!(!is_key_name(name), "{name:?}");
        assert_eq!(
            SigningKey::from_seed(name, [1; 32]).unwrap_err(),
            KeyFault::Name(name.to_owned())
        );
    }
}

#[test]
fn officer_keys_are_named_after_the_ledger() {
    let origin = "so.example/xuan-tay";
    let name = officer_key_name(origin, "0123456789abcdef").unwrap();
    assert_eq!(name, "so.example/xuan-tay/officer/0123456789abcdef");
    assert!(is_officer_key_name(origin, &name));
    assert!(!is_officer_key_name("so.example/xuan", &name));
    for opaque in
        ["", "0123456789abcde", "0123456789ABCDEF", "0123456789abcdef0", "0123456789abcdeg"]
    {
        assert!(officer_key_name(origin, opaque).is_err(), "{opaque}");
        assert!(!is_officer_key_name(origin, &format!("{origin}/officer/{opaque}")));
    }
    assert!(officer_key_name("a b", "0123456789abcdef").is_err());
    let (one, other) = (new_opaque_id().unwrap(), new_opaque_id().unwrap());
    assert!(is_opaque_id(&one) && is_opaque_id(&other) && one != other);
}

/// All encodings of points of small order: the eight points in canonical form, and those that a
/// lenient reader would also take (y ≥ p, or a sign on x = 0).
const SMALL_ORDER: [&str; 14] = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
];

fn bytes32(text: &str) -> [u8; 32] {
    hex::decode(text).unwrap().try_into().unwrap()
}

#[test]
fn small_order_keys_are_refused_in_every_encoding() {
    for (index, text) in SMALL_ORDER.iter().enumerate() {
        let fault = PublicKey::new("a", KeyKind::Note, &bytes32(text)).unwrap_err();
        let weak = matches!(fault, KeyFault::Weak(_));
        assert_eq!(weak, index < 8, "{text}: {fault}");
    }
}

#[test]
fn a_strong_point_in_a_non_canonical_encoding_is_refused() {
    // y = p + 3 … p + 18 fit into 255 bits; those that are on the curve are not of small order.
    let mut refused = 0;
    for low in 3..19_u8 {
        let canonical = {
            let mut bytes = [0; 32];
            bytes[0] = low;
            bytes
        };
        let mut shifted = [0xff; 32];
        shifted[0] = 0xed + low;
        shifted[31] = 0x7f;
        if PublicKey::new("a", KeyKind::Note, &canonical).is_ok() {
            let fault = PublicKey::new("a", KeyKind::Note, &shifted).unwrap_err();
            assert!(matches!(fault, KeyFault::Point(_)), "{low}: {fault}");
            refused += 1;
        }
    }
    assert!(refused > 3);
    // y = 2 is on no point at all.
    let mut two = [0; 32];
    two[0] = 2;
    assert!(matches!(PublicKey::new("a", KeyKind::Note, &two), Err(KeyFault::Point(_))));
}

/// The order of the base point, little-endian.
const GROUP_ORDER: &str = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";

#[test]
fn a_signature_with_s_beyond_the_group_order_is_refused() {
    let key = key();
    let good = key.sign(b"message");
    let mut forged = good;
    let mut carry = 0;
    for (at, order) in bytes32(GROUP_ORDER).into_iter().enumerate() {
        let sum = u16::from(forged.bytes[32 + at]) + u16::from(order) + carry;
        forged.bytes[32 + at] = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
    assert_eq!(carry, 0);
    assert_eq!(key.public().verify(b"message", &good), Ok(()));
    assert!(matches!(key.public().verify(b"message", &forged), Err(KeyFault::Signature(_))));
}

#[test]
fn signatures_with_a_small_order_r_or_all_zero_are_refused() {
    let key = key();
    let good = key.sign(b"message");
    for text in SMALL_ORDER {
        let mut forged = good;
        forged.bytes[..32].copy_from_slice(&bytes32(text));
        assert!(key.public().verify(b"message", &forged).is_err());
        forged.bytes[32..].fill(0);
        assert!(key.public().verify(b"message", &forged).is_err());
    }
    let zero = NoteSignature { key_id: good.key_id, bytes: [0; 64] };
    assert!(key.public().verify(b"message", &zero).is_err());
}

#[test]
fn a_signature_that_only_lax_verification_takes_is_refused() {
    // R is the neutral point and S = SHA-512(R ‖ A ‖ M) · a, made with Python from the seed 07…07.
    let key = key();
    let mut forged = key.sign(b"message");
    forged.bytes[..32].copy_from_slice(&bytes32(SMALL_ORDER[0]));
    forged.bytes[32..].copy_from_slice(&bytes32(
        "d4c5323131ff9683cfb3d30197c786c9043f1052d6c2d5293f19d6f36b911104",
    ));
    let lax = VerifyingKey::from_bytes(key.public().bytes()).unwrap();
    let signature = Signature::from_bytes(&forged.bytes);
    assert!(ed25519_dalek::Verifier::verify(&lax, b"message", &signature).is_ok());
    assert!(matches!(key.public().verify(b"message", &forged), Err(KeyFault::Signature(_))));
}

#[test]
fn every_flipped_bit_of_a_signature_is_noticed() {
    let key = key();
    let good = key.sign(b"message");
    for bit in 0..68 * 8 {
        let mut raw = [&good.key_id[..], &good.bytes[..]].concat();
        raw[bit / 8] ^= 1 << (bit % 8);
        let forged = NoteSignature::parse(&BASE64_STANDARD.encode(&raw)).unwrap();
        assert!(key.public().verify(b"message", &forged).is_err(), "bit {bit}");
    }
    assert!(key.public().verify(b"messagf", &good).is_err());
}

#[test]
fn signatures_have_one_text_form() {
    let signature = key().sign(b"message");
    let text = signature.encode();
    assert_eq!(text.len(), 92);
    assert_eq!(NoteSignature::parse(&text), Ok(signature));
    let json = serde_json::to_value(signature).unwrap();
    assert_eq!(serde_json::from_value::<NoteSignature>(json).unwrap(), signature);
    let stray_bits = {
        // The last character before the padding holds two bits that say nothing.
        let mut text = text.clone().into_bytes();
        let last = text.len() - 2;
        text[last] = if text[last] == b'A' { b'B' } else { text[last] + 1 };
        String::from_utf8(text).unwrap()
    };
    let raw = BASE64_STANDARD.decode(&text).unwrap();
    for wrong in [
        String::new(),
        text.trim_end_matches('=').to_owned(),
        format!("{text}="),
        format!("{text}\n"),
        format!(" {text}"),
        text.replace('=', "-"),
        stray_bits,
        BASE64_STANDARD.encode(&raw[..67]),
        BASE64_STANDARD.encode([&raw[..], &[0]].concat()),
    ] {
        assert_eq!(NoteSignature::parse(&wrong), Err(KeyFault::SignatureForm), "{wrong:?}");
    }
}

#[test]
fn a_voucher_is_signed_for_one_role_only() {
    let message = voucher_message(SignatureRole::Recorder, b"{}");
    assert_eq!(message, b"minhbach-voucher/recorder/v1\n{}\n");
    let key = key();
    let signature = key.sign(&message);
    assert_eq!(key.public().verify(&message, &signature), Ok(()));
    for role in [SignatureRole::Approver, SignatureRole::Auditor, SignatureRole::Holder] {
        assert!(key.public().verify(&voucher_message(role, b"{}"), &signature).is_err());
        assert_eq!(role.as_str().parse(), Ok(role));
        assert_eq!(serde_json::to_value(role).unwrap(), role.as_str());
    }
    assert!(SignatureRole::Recorder < SignatureRole::Approver);
    assert!(SignatureRole::Approver < SignatureRole::Auditor);
    assert!(SignatureRole::Auditor < SignatureRole::Holder);
    assert!("Recorder".parse::<SignatureRole>().is_err());
}

#[test]
fn keys_of_one_kind_do_not_stand_in_for_the_other() {
    let note = SigningKey::from_seed("w", [9; 32]).unwrap();
    let witness = SigningKey::from_seed_as("w", KeyKind::Cosignature, [9; 32]).unwrap();
    assert_ne!(note.public().id(), witness.public().id());
    assert_ne!(note.public(), witness.public());
    let signature = witness.sign(b"x");
    assert!(matches!(witness.public().verify(b"x", &signature), Err(KeyFault::WrongKind(_))));
    assert!(matches!(note.public().verify(b"x", &signature), Err(KeyFault::OtherKey { .. })));
    assert_eq!(PublicKey::parse(&witness.public().vkey()).as_ref(), Ok(witness.public()));
}

#[test]
fn a_private_key_does_not_show_its_seed() {
    let key = SigningKey::generate("a").unwrap();
    let shown = format!("{key:?}");
    assert!(!shown.contains(&hex::encode(key.seed())));
    assert!(!shown.contains(&format!("{:?}", key.seed())));
    assert_ne!(SigningKey::generate("a").unwrap().seed(), key.seed());
}

proptest! {
    #[test]
    fn garbage_is_refused_without_a_panic(text in ".{0,120}", tail in "[A-Za-z0-9+/=]{0,60}") {
        let _ = NoteSignature::parse(&text);
        prop_assert!(PublicKey::parse(&text).is_err());
        let vkey = format!("a+00000000+{tail}");
        prop_assert!(PublicKey::parse(&vkey).is_err());
    }

    #[test]
    fn a_verifier_key_with_one_changed_character_is_refused(
        at in any::<prop::sample::Index>(), c in "[ -~]"
    ) {
        let vkey = key().public().vkey();
        let at = at.index(vkey.len());
        let changed = format!("{}{c}{}", &vkey[..at], &vkey[at + 1..]);
        prop_assert_eq!(PublicKey::parse(&changed).is_ok(), changed == vkey);
    }
}
