//! The examples of the C2SP specifications, and every way in which a note may be wrong.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use proptest::prelude::*;

use super::*;
use crate::ledger::tree::{EMPTY_ROOT, Hash};

const ORIGIN: &str = "so.example/xuan-tay";

/// A receipt made with Python's `hashlib` and `cryptography` from the seeds 01…01 (log) and 02…02
/// (witness), with a cosignature at 1679315147.
const GOLDEN: &str = include_str!("../../../tests/golden/receipt.tlog-proof");
const LOG: &str = "so.example/xuan-tay+e44e85ff+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c";
const WITNESS: &str = "witness.example/upper+6f524b44+BIE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU";

/// The example of C2SP tlog-cosignature.
const C2SP_CHECKPOINT: &str = "example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGz\
Gku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZ\
CB9dlrDJsX3b2oyin1nPZqhf5\
nNo0xUe+mbIUBkBIfZ+qnA==
";

fn log_key() -> SigningKey {
    SigningKey::from_seed(ORIGIN, [1; 32]).unwrap()
}

fn witness_key(seed: u8) -> SigningKey {
    let name = if seed == 2 { "witness.example/upper".to_owned() } else { format!("w{seed}") };
    SigningKey::from_seed_as(&name, KeyKind::Cosignature, [seed; 32]).unwrap()
}

fn golden_checkpoint() -> &'static str {
    GOLDEN.split_once("\n\n").unwrap().1
}

fn signed() -> SignedCheckpoint {
    SignedCheckpoint::parse(golden_checkpoint().as_bytes()).unwrap()
}

#[test]
fn signing_gives_the_bytes_of_an_independent_program() {
    let root = Hash::from_base64("yaBhrG+ViqXz7GihUgZJzI6aJlg394UZ5WWY3Xb0XJg=").unwrap();
    let checkpoint = Checkpoint::new(ORIGIN, 3, root).unwrap();
    let mut made = sign_checkpoint(&checkpoint, &log_key()).unwrap();
    made.add(cosign(&checkpoint, &witness_key(2), 1_679_315_147).unwrap());
    assert_eq!(made.to_string(), golden_checkpoint());
    assert_eq!(made, signed());
    assert_eq!(log_key().public().vkey(), LOG);
    assert_eq!(witness_key(2).public().vkey(), WITNESS);
    let (log, witness) = (PublicKey::parse(LOG).unwrap(), PublicKey::parse(WITNESS).unwrap());
    assert_eq!(made.verify_log([&log]), Ok(&log));
    assert_eq!(made.note().verify_cosignature(&witness), Ok(1_679_315_147));
}

#[test]
fn the_checkpoint_example_of_the_specification_is_read_and_written_again() {
    let read = SignedCheckpoint::parse(C2SP_CHECKPOINT.as_bytes()).unwrap();
    assert_eq!(read.to_string(), C2SP_CHECKPOINT);
    assert_eq!(read.checkpoint().origin, "example.com/behind-the-sofa");
    assert_eq!(read.checkpoint().size, 20_852_163);
    assert_eq!(read.note().text(), read.checkpoint().to_string());
    let lines = read.note().signatures();
    assert_eq!(hex::encode(lines[0].key_id()), "033de0ae");
    assert_eq!((lines[1].name(), lines[1].bytes.len()), ("witness.example.com/w1", 72));
    // The key id of the example is that of the Go checksum database, whose name is another.
    let go = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8";
    let go = PublicKey::parse(go).unwrap();
    assert!(matches!(read.verify_log([&go]), Err(NoteFault::NotSigned(_))));
}

#[test]
fn the_signed_note_examples_are_read_and_verified() {
    let poem = "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\n\
                ed è subito sera.\n\n— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5Q\
                Q2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n";
    let read = SignedNote::parse(poem.as_bytes()).unwrap();
    assert!(read.text().ends_with("sole:\n\ned è subito sera.\n"));
    assert_eq!(read.to_string(), poem);
    let message = "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YE\
                   q6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";
    let key = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
    let key = PublicKey::parse(key).unwrap();
    assert_eq!(SignedNote::parse(message.as_bytes()).unwrap().verify(&key), Ok(()));
    let other = message.replace("example message", "example massage");
    let other = SignedNote::parse(other.as_bytes()).unwrap();
    assert!(matches!(other.verify(&key), Err(NoteFault::Key(KeyFault::Signature(_)))));
}

#[test]
fn an_officer_signature_is_the_third_field_of_a_note_line() {
    let name = "so.example/xuan-tay/officer/0011223344556677";
    let key = SigningKey::from_seed(name, [5; 32]).unwrap();
    let text = "minhbach-voucher/approver/v1\n{\"a\":1}\n";
    let note = sign_note(text.to_owned(), &key).unwrap();
    let signature = key.sign(text.as_bytes());
    assert_eq!(note.to_string(), format!("{text}\n— {name} {signature}\n"));
    assert_eq!(note.verify(key.public()), Ok(()));
    assert!(sign_note("no newline".to_owned(), &key).is_err());
    assert!(sign_note("tab\t\n".to_owned(), &key).is_err());
    assert!(sign_note(text.to_owned(), &witness_key(2)).is_err());
}

#[test]
fn malformed_notes_are_refused() {
    let good = golden_checkpoint();
    let line = good.lines().nth(4).unwrap();
    for (wrong, why) in [
        (String::new(), "nothing"),
        (good.trim_end().to_owned(), "no newline at the end"),
        (format!("{good}\n"), "an empty line at the end"),
        (good.replace("\n\n", "\n"), "no empty line"),
        (good.replace('\n', "\r\n"), "carriage returns"),
        (good.replace('—', "-"), "hyphens"),
        (good.replace("— ", "—"), "no space"),
        (format!("{good}{line} x\n"), "a fourth field"),
        (format!("{good}— a+b AAAAAAAA\n"), "a plus in a name"),
        (format!("{good}— a AAAAAA==\n"), "a key id alone"),
        (format!("{good}— a AAAAAAA\n"), "base64 without padding"),
        (format!("{good}— a AAAAAAB=\n"), "stray bits"),
        (format!("{good}\u{2014}  AAAAAAAA\n"), "no name"),
        (good.lines().take(3).map(|line| format!("{line}\n")).collect(), "no signatures"),
        (format!("{good}{}", format!("{line}\n").repeat(120)), "too many lines"),
    ] {
        assert!(SignedNote::parse(wrong.as_bytes()).is_err(), "{why}");
    }
    assert!(SignedNote::parse(&[good.as_bytes(), b"\xff"].concat()).is_err());
    let sixteen = format!("{good}{}", format!("{line}\n").repeat(14));
    assert!(SignedNote::parse(sixteen.as_bytes()).is_ok());
}

#[test]
fn checkpoints_have_three_lines_and_one_spelling() {
    let root = EMPTY_ROOT.to_base64();
    assert!(Checkpoint::parse(&format!("a\n1\n{root}\n")).is_ok());
    assert!(Checkpoint::parse(&format!("a\n0\n{root}\n")).is_ok());
    for wrong in [
        format!("a\n1\n{root}"),
        format!("a\n1\n{root}\n\n"),
        format!("a\n1\n{root}\nextension\n"),
        format!("a\n01\n{root}\n"),
        format!("a\n+1\n{root}\n"),
        format!("a\n-1\n{root}\n"),
        format!("a\n\n{root}\n"),
        format!("a\n1 \n{root}\n"),
        format!("a\n9007199254740992\n{root}\n"),
        format!("a\n18446744073709551616\n{root}\n"),
        format!("\n1\n{root}\n"),
        format!("a b\n1\n{root}\n"),
        format!("a+b\n1\n{root}\n"),
        format!("a\n1\n{}\n", EMPTY_ROOT),
        format!("a\n1\n{}\n", root.trim_end_matches('=')),
        "a\n1\n".to_owned(),
        String::new(),
    ] {
        assert!(Checkpoint::parse(&wrong).is_err(), "{wrong:?}");
    }
    assert_eq!(Checkpoint::new("a", 0, Hash::ZERO), Err(NoteFault::EmptyRoot));
}

#[test]
fn only_the_log_signs_and_only_a_witness_cosigns() {
    let checkpoint = Checkpoint::new(ORIGIN, 0, EMPTY_ROOT).unwrap();
    let other = SigningKey::from_seed("so.example/other", [1; 32]).unwrap();
    assert!(matches!(sign_checkpoint(&checkpoint, &other), Err(NoteFault::Origin { .. })));
    assert!(cosign(&checkpoint, &log_key(), 1).is_err());
    assert!(cosign(&checkpoint, &witness_key(2), 1 << 63).is_err());
    let witness_as_log = SigningKey::from_seed_as(ORIGIN, KeyKind::Cosignature, [1; 32]).unwrap();
    assert!(sign_checkpoint(&checkpoint, &witness_as_log).is_err());
    let mut made = sign_checkpoint(&checkpoint, &log_key()).unwrap();
    made.add(cosign(&checkpoint, &witness_as_log, 7).unwrap());
    assert!(matches!(
        made.verify_log([witness_as_log.public(), other.public()]),
        Err(NoteFault::NotSigned(_))
    ));
    assert!(made.note().verify(witness_as_log.public()).is_err());
    assert!(made.note().verify_cosignature(log_key().public()).is_err());
    assert_eq!(made.note().verify_cosignature(witness_as_log.public()), Ok(7));
}

#[test]
fn the_key_of_one_log_does_not_sign_for_another() {
    let other = SigningKey::from_seed("so.example/other", [1; 32]).unwrap();
    let text = Checkpoint::new(ORIGIN, 0, EMPTY_ROOT).unwrap().to_string();
    let note = sign_note(text, &other).unwrap();
    assert_eq!(note.verify(other.public()), Ok(()));
    let read = SignedCheckpoint::parse(note.to_string().as_bytes()).unwrap();
    assert!(matches!(read.verify_log([other.public()]), Err(NoteFault::NotSigned(_))));
    let policy = format!("log {}\nlog {}\nquorum none\n", other.public(), log_key().public());
    // Both wrap the same key bytes: a policy may not list them twice.
    assert!(Policy::parse(&policy).is_err());
    let policy = Policy::parse(&format!("log {}\nquorum none\n", other.public())).unwrap();
    assert!(!policy.evaluate(&read).unwrap().is_valid());
}

#[test]
fn a_known_key_whose_line_does_not_hold_refuses_the_whole_note() {
    let good = signed();
    let (log, witness) = (log_key(), witness_key(2));
    let with = |line: SignatureLine| {
        let mut note = good.note().clone();
        note.signatures.push(line);
        note
    };
    let mut forged = good.note().signatures()[0].clone();
    forged.bytes[0] ^= 1;
    assert!(with(forged).verify(log.public()).is_err());
    let mut short = good.note().signatures()[0].clone();
    short.bytes.pop();
    assert!(matches!(with(short).verify(log.public()), Err(NoteFault::Length { found: 63, .. })));
    let mut later = good.note().signatures()[1].clone();
    later.bytes[7] ^= 1;
    assert!(with(later).verify_cosignature(witness.public()).is_err());
    let mut unknown = good.note().signatures()[0].clone();
    unknown.key_id[0] ^= 1;
    unknown.bytes[0] ^= 1;
    assert_eq!(with(unknown).verify(log.public()), Ok(()));
    let renewed = cosign(good.checkpoint(), &witness, 1_700_000_000).unwrap();
    let mut again = good.clone();
    again.add(renewed);
    assert_eq!(again.note().signatures().len(), 2);
    assert_eq!(again.note().verify_cosignature(witness.public()), Ok(1_700_000_000));
}

fn policy_keys() -> [PublicKey; 6] {
    [11, 12, 13, 14, 15, 16].map(|seed| witness_key(seed).public().clone())
}

/// The example of C2SP tlog-policy, with keys.
fn example_policy() -> String {
    let [x1, x2, x3, y1, y2, y3] = policy_keys();
    format!(
        "log {LOG}\n\nwitness X1 {x1}\nwitness X2 {x2}\nwitness X3 {x3}\n\
         group X-witnesses 2 X1 X2 X3\n\n\
         witness Y1 {y1}\nwitness Y2 {y2}\nwitness Y3 {y3}\ngroup Y-witnesses any Y1 Y2 Y3\n\n\
         group X-and-Y all X-witnesses Y-witnesses\nquorum X-and-Y\n"
    )
}

#[test]
fn the_quorum_of_the_policy_example_is_counted() {
    let policy = Policy::parse(&example_policy()).unwrap();
    let head = Checkpoint::new(ORIGIN, 0, EMPTY_ROOT).unwrap();
    for set in 0..64_u32 {
        let mut signed = sign_checkpoint(&head, &log_key()).unwrap();
        for (bit, seed) in (11..17).enumerate().filter(|(bit, _)| set & (1 << bit) != 0) {
            signed.add(cosign(&head, &witness_key(seed), bit as u64).unwrap());
        }
        // A stranger adds nothing.
        signed.add(cosign(&head, &witness_key(99), 1).unwrap());
        let verdict = policy.evaluate(&signed).unwrap();
        let expected = (set & 0b111).count_ones() >= 2 && set & 0b111_000 != 0;
        assert_eq!(verdict.quorum_met, expected, "{set:06b}");
        assert_eq!(verdict.is_valid(), expected);
        assert_eq!(verdict.cosigned.len(), usize::try_from(set.count_ones()).unwrap());
        assert_eq!(verdict.log.as_ref(), Some(log_key().public()));
    }
}

#[test]
fn without_a_quorum_the_log_alone_is_enough_and_still_needed() {
    let policy = Policy::parse(&format!("# none yet\n\tlog  {LOG}\thttps://x/ \nquorum none\n"));
    let policy = policy.unwrap();
    assert_eq!(policy.to_string(), format!("log {LOG} https://x/\nquorum none\n"));
    assert!(policy.evaluate(&signed()).unwrap().is_valid());
    let foreign = SigningKey::from_seed(ORIGIN, [44; 32]).unwrap();
    let head = signed().checkpoint().clone();
    let other = sign_checkpoint(&head, &foreign).unwrap();
    let verdict = policy.evaluate(&other).unwrap();
    assert!(verdict.quorum_met && verdict.log.is_none() && !verdict.is_valid());
    assert_eq!(Policy::default().to_string(), "quorum none\n");
    let mut forged = signed();
    let mut line = forged.note().signatures()[0].clone();
    line.bytes[9] ^= 1;
    forged.add(line);
    assert!(policy.evaluate(&forged).is_err());
}

#[test]
fn policies_are_written_and_read_again() {
    let policy = Policy::parse(&example_policy()).unwrap();
    assert_eq!(Policy::parse(&policy.to_string()).as_ref(), Ok(&policy));
    let parts = || (policy.logs().to_vec(), policy.witnesses().to_vec(), policy.groups().to_vec());
    let (logs, witnesses, groups) = parts();
    let again = Policy::new(logs, witnesses, groups, policy.quorum().clone()).unwrap();
    assert_eq!(again, policy);
    let (mut logs, witnesses, groups) = parts();
    logs[0].url = Some("https://x y".to_owned());
    assert!(Policy::new(logs, witnesses, groups, Quorum::None).is_err());
    let (logs, mut witnesses, groups) = parts();
    witnesses[0].name = "X2".to_owned();
    assert!(Policy::new(logs, witnesses, groups, Quorum::None).is_err());
}

#[test]
fn policies_that_break_a_rule_name_the_line() {
    let [a, b, ..] = policy_keys();
    let same_key = PublicKey::new("other", KeyKind::Cosignature, a.bytes()).unwrap();
    for (text, line) in [
        (String::new(), 0),
        ("quorum none".to_owned(), 0),
        ("\n".to_owned(), 1),
        ("quorum none\nquorum none\n".to_owned(), 2),
        ("quorum w\n".to_owned(), 1),
        ("quorum\n".to_owned(), 1),
        ("quorum none x\n".to_owned(), 1),
        (format!("quorum w\nwitness w {a}\n"), 1),
        (format!("log {LOG}\nlog {LOG}\nquorum none\n"), 2),
        (format!("log {a}\nquorum none\n"), 1),
        (format!("log {LOG} u v\nquorum none\n"), 1),
        (format!("witness w {LOG}\nquorum none\n"), 1),
        (format!("witness none {a}\nquorum none\n"), 1),
        (format!("witness w {a}\nwitness w {b}\nquorum w\n"), 2),
        (format!("witness w {a}\nwitness v {same_key}\nquorum w\n"), 2),
        (format!("witness w {a}\ngroup g any\nquorum g\n"), 2),
        (format!("witness w {a}\ngroup g 0 w\nquorum g\n"), 2),
        (format!("witness w {a}\ngroup g 2 w\nquorum g\n"), 2),
        (format!("witness w {a}\ngroup g +1 w\nquorum g\n"), 2),
        (format!("witness w {a}\ngroup g 1 w w\nquorum g\n"), 2),
        (format!("witness w {a}\ngroup g 1 g\nquorum g\n"), 2),
        (format!("witness w {a}\ngroup g 1 none\nquorum g\n"), 2),
        (format!("witness w {a}\ngroup g 1 w\ngroup h 1 w\nquorum g\n"), 3),
        (format!("witness w {a}\ngroup w 1 w\nquorum w\n"), 2),
        ("what 1\nquorum none\n".to_owned(), 1),
        ("quorum none\r\n".to_owned(), 1),
        ("# a\u{7f}\nquorum none\n".to_owned(), 1),
    ] {
        match Policy::parse(&text) {
            Err(NoteFault::Policy { line: found, .. }) => assert_eq!(found, line, "{text:?}"),
            other => panic!("{text:?}: {other:?}"),
        }
    }
}

#[test]
fn other_libraries_verify_what_we_sign() {
    use signed_note::{Note, StandardVerifier, VerifierList};
    let checkpoint = Checkpoint::new(ORIGIN, 0, EMPTY_ROOT).unwrap();
    let mut made = sign_checkpoint(&checkpoint, &log_key()).unwrap();
    made.add(cosign(&checkpoint, &witness_key(2), 1).unwrap());
    let note = Note::from_bytes(made.to_string().as_bytes()).unwrap();
    let verifier = StandardVerifier::new(&log_key().public().vkey()).unwrap();
    let known = VerifierList::new(vec![Box::new(verifier)]);
    let (verified, unknown) = note.verify(&known).unwrap();
    assert_eq!((verified.len(), unknown.len()), (1, 1));
    let read = tlog_tiles::Checkpoint::from_bytes(note.text()).unwrap();
    assert_eq!((read.origin(), read.size(), read.hash().0), (ORIGIN, 0, EMPTY_ROOT.0));
}

#[test]
fn the_witness_request_of_the_specification_is_read_and_written_again() {
    let body = format!(
        "old 20852014\nPlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n\
         jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n\
         5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=\n\
         /6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=\n\n{C2SP_CHECKPOINT}"
    );
    let read = Submission::parse(body.as_bytes()).unwrap();
    assert_eq!((read.old, read.proof.len()), (20_852_014, 4));
    assert_eq!(read.to_string(), body);
    // An example, not a proof: its hashes lead nowhere.
    assert_eq!(read.verify_consistency(Hash::ZERO), Err(TreeFault::Proof));
    for (wrong, why) in [
        (body.replace("old ", "old  "), "two spaces"),
        (body.replace("old 2", "old 02"), "a leading zero"),
        (body.replace("old 20852014", "old 20852164"), "beyond the checkpoint"),
        (body.replace("old 20852014\n", ""), "no old size"),
        (body.replacen("\n\n", "\n", 1), "no empty line"),
        (body.replacen("\n\n", "\n\n\n", 1), "two empty lines"),
        (body.replace("Kj/0=", "Kj/1="), "stray bits"),
        (format!("{body}\n"), "an empty line at the end"),
    ] {
        assert_ne!(wrong, body, "{why}");
        assert!(Submission::parse(wrong.as_bytes()).is_err(), "{why}");
    }
    let many = format!("old 1\n{}", format!("{}\n", EMPTY_ROOT.to_base64()).repeat(64));
    let many = format!("{many}\n{C2SP_CHECKPOINT}");
    assert!(matches!(Submission::parse(many.as_bytes()), Err(NoteFault::Submission(_))));
}

#[test]
fn a_witness_follows_a_growing_log() {
    use crate::ledger::tree::{Frontier, Nodes as _, leaf_hash};
    let (mut frontier, mut store) = (Frontier::new(), std::collections::HashMap::new());
    let (mut known, mut known_root) = (0, EMPTY_ROOT);
    for entry in 0..20_u8 {
        store.extend(frontier.append(leaf_hash(&[entry])));
        let head = Checkpoint::new(ORIGIN, frontier.size(), frontier.root()).unwrap();
        let checkpoint = sign_checkpoint(&head, &log_key()).unwrap();
        let proof = store.consistency_proof(known, head.size).unwrap();
        let request = Submission { old: known, proof, checkpoint };
        let read = Submission::parse(request.to_string().as_bytes()).unwrap();
        assert_eq!(read, request);
        assert_eq!(read.verify_consistency(known_root), Ok(()));
        assert!(known == 0 || read.verify_consistency(Hash([1; 32])).is_err());
        (known, known_root) = (head.size, head.root);
    }
}

type Stored = std::collections::HashMap<crate::ledger::tree::StoredIndex, Hash>;

/// Logs with the same four first leaves, signed by the same key.
fn grown(mark: u8) -> (Stored, Vec<Hash>) {
    use crate::ledger::tree::{Frontier, leaf_hash};
    let (mut frontier, mut nodes) = (Frontier::new(), Stored::new());
    let mut roots = vec![EMPTY_ROOT];
    for entry in 0..20_u8 {
        let leaf = if entry < 4 { vec![entry] } else { vec![entry, mark] };
        nodes.extend(frontier.append(leaf_hash(&leaf)));
        roots.push(frontier.root());
    }
    (nodes, roots)
}

#[test]
fn a_witness_tells_what_it_knows_what_fits_and_what_proves_a_fork() {
    use crate::ledger::tree::Nodes as _;
    let (one, other) = (grown(1), grown(2));
    let head =
        |roots: &[Hash], size: usize| Checkpoint::new(ORIGIN, size as u64, roots[size]).unwrap();
    let request = |(nodes, roots): &(Stored, Vec<Hash>), old: u64, size: usize| {
        let proof = nodes.consistency_proof(old, size as u64).unwrap();
        let checkpoint = sign_checkpoint(&head(roots, size), &log_key()).unwrap();
        Submission { old, proof, checkpoint }
    };
    let held = head(&one.1, 7);
    assert_eq!(request(&one, 0, 7).judge(None), Judgement::Fits);
    assert_eq!(request(&one, 3, 7).judge(None), Judgement::Known(0));
    for (request, judged, conflict) in [
        (request(&one, 7, 7), Judgement::Fits, None),
        (request(&one, 7, 12), Judgement::Fits, None),
        (request(&one, 5, 12), Judgement::Known(7), None),
        (request(&one, 3, 4), Judgement::Known(7), None),
        (request(&other, 7, 7), Judgement::Misfit, Some(Conflict::Proven)),
        (request(&other, 3, 7), Judgement::Known(7), Some(Conflict::Proven)),
        (request(&other, 7, 12), Judgement::Misfit, Some(Conflict::Proven)),
        (
            Submission { proof: Vec::new(), ..request(&one, 7, 12) },
            Judgement::Misfit,
            Some(Conflict::Unproven),
        ),
        (
            Submission { proof: request(&other, 7, 12).proof, ..request(&one, 7, 12) },
            Judgement::Misfit,
            Some(Conflict::Unproven),
        ),
    ] {
        assert_eq!(request.judge(Some(&held)), judged, "{request}");
        assert_eq!(request.conflict(&held), conflict, "{request}");
    }
    // From a power of two the proof does not hold the old root: a fork there is not proven by it.
    let eight = head(&one.1, 8);
    assert_eq!(request(&other, 8, 12).conflict(&eight), Some(Conflict::Unproven));
    // A checkpoint is given on with the signatures that were verified, and no others.
    let mut signed = sign_checkpoint(&held, &log_key()).unwrap();
    signed.add(cosign(&held, &witness_key(3), 5).unwrap());
    let own = log_key();
    assert_eq!(signed.only([own.public()].into_iter()).unwrap().note().signatures().len(), 1);
    assert!(signed.only([witness_key(4).public()].into_iter()).is_err());
}

proptest! {
    #[test]
    fn garbage_is_refused_without_a_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..300), text in "\\PC{0,80}",
        policy in "((log|witness|group|quorum|#)( [a-z0-9+=]{1,9}){0,4}\n){0,5}"
    ) {
        prop_assert!(SignedCheckpoint::parse(&bytes).is_err());
        prop_assert!(Submission::parse(&bytes).is_err());
        prop_assert!(Checkpoint::parse(&text).is_err());
        let _ = SignatureLine::parse(&text);
        let _ = parse_signature_lines(&text);
        if let Ok(read) = Policy::parse(&policy) {
            prop_assert_eq!(Policy::parse(&read.to_string()), Ok(read));
        }
    }

    #[test]
    fn a_checkpoint_with_a_changed_byte_is_refused_or_says_the_same(
        at in any::<prop::sample::Index>(), byte in any::<u8>()
    ) {
        let good = signed();
        let mut bytes = golden_checkpoint().as_bytes().to_vec();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let log = PublicKey::parse(LOG).unwrap();
        if let Ok(read) = SignedCheckpoint::parse(&bytes) {
            prop_assert_eq!(read.to_string().into_bytes(), bytes);
            if read.verify_log([&log]).is_ok() {
                prop_assert_eq!(read.checkpoint(), good.checkpoint());
            }
        }
    }
}
