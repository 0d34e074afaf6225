//! A tiled log that is none of ours, followed by its head, its growth and its tiles.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use minhbach::follow::copy::Asked;
use minhbach::follow::watch::{Finding, Status, Watched};
use minhbach::ledger::keys::SigningKey;
use minhbach::ledger::note::sign_note;
use minhbach::ledger::tree::{
    Frontier, Hash, Nodes, StoredIndex, encode_bundle, entry_tiles_between, hash_tiles_between,
    leaf_hash,
};
use minhbach::verify::source::Source;
use tempfile::TempDir;

const ORIGIN: &str = "log.example/anything";

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed(ORIGIN, [seed; 32]).unwrap()
}

fn leaves(count: u64) -> Vec<Vec<u8>> {
    (0..count).map(|leaf| format!("leaf {leaf}\n\0 of no ledger").into_bytes()).collect()
}

/// Publishes leaves as C2SP tlog-tiles has it, partial tiles of this size only.
fn write(folder: &Path, leaves: &[Vec<u8>], key: &SigningKey, extension: &str) {
    let (mut frontier, mut nodes) = (Frontier::new(), HashMap::<StoredIndex, Hash>::new());
    for leaf in leaves {
        nodes.extend(frontier.append(leaf_hash(leaf)));
    }
    let size = frontier.size();
    let put = |path: &str, bytes: &[u8]| {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    };
    for tile in hash_tiles_between(0, size).unwrap() {
        let bytes = nodes.hash_tile_bytes(tile.level(), tile.index(), tile.width()).unwrap();
        put(&tile.to_string(), &bytes);
    }
    for tile in entry_tiles_between(0, size).unwrap() {
        let first = usize::try_from(tile.start()).unwrap();
        let bundle = &leaves[first..first + usize::from(tile.width())];
        put(&tile.to_string(), &encode_bundle(bundle.iter().map(Vec::as_slice)).unwrap());
    }
    let root = frontier.root().to_base64();
    let note = sign_note(format!("{ORIGIN}\n{size}\n{root}\n{extension}"), key).unwrap();
    put("checkpoint", note.to_string().as_bytes());
}

struct Log {
    site: TempDir,
    state: TempDir,
}

impl Log {
    fn new() -> Self {
        Self { site: tempfile::tempdir().unwrap(), state: tempfile::tempdir().unwrap() }
    }

    fn shows(&mut self, leaves: &[Vec<u8>]) {
        self.site = tempfile::tempdir().unwrap();
        write(self.site.path(), leaves, &key(7), "");
    }

    fn look(&self) -> Finding {
        let watched = Watched {
            name: "other".to_owned(),
            trees: vec![Source::Folder(self.site.path().to_owned())],
            papers: Vec::new(),
            keys: vec![key(7).public().clone()],
            policy: None,
            books: false,
        };
        watched.look(self.state.path(), &Asked::default())
    }

    fn found(&self) -> (String, Option<u64>) {
        let finding = self.look();
        assert_eq!(finding.status, Status::Broken, "{finding:?}");
        let found = &finding.found[0];
        let evidence = found.evidence.as_ref().unwrap();
        assert!(evidence.join("found").exists());
        (found.broken.code.clone(), found.broken.seq)
    }
}

#[test]
fn a_log_that_grows_is_followed_over_tiles_of_two_levels() {
    let mut log = Log::new();
    for size in [1, 200, 256, 257, 700, 700, 66_000] {
        log.shows(&leaves(size));
        let finding = log.look();
        assert_eq!((finding.status, finding.size), (Status::Sound, Some(size)), "{finding:?}");
        assert_eq!(finding.origin.as_deref(), Some(ORIGIN));
    }
    // Lines behind the third belong to the log.
    log.site = tempfile::tempdir().unwrap();
    write(log.site.path(), &leaves(66_001), &key(7), "an extension\n");
    assert_eq!(log.look().status, Status::Sound);
    // Bundles need not be offered, and old partial tiles neither.
    log.shows(&leaves(66_002));
    fs::remove_dir_all(log.site.path().join("tile/entries")).unwrap();
    let finding = log.look();
    assert_eq!(finding.status, Status::Sound);
    let left = finding.report.unwrap().not_checked;
    assert!(left.iter().any(|what| what.contains("bundles")), "{left:?}");
}

#[test]
fn a_log_that_goes_back_or_splits_is_found_with_both_heads() {
    let mut log = Log::new();
    log.shows(&leaves(700));
    assert_eq!(log.look().status, Status::Sound);
    log.shows(&leaves(600));
    assert_eq!(log.found(), ("shrunk".to_owned(), Some(600)));
    let mut other = leaves(700);
    other[3] = b"another".to_vec();
    log.shows(&other);
    assert_eq!(log.found(), ("split".to_owned(), None));
    other.push(b"more".to_vec());
    log.shows(&other);
    assert_eq!(log.found(), ("split".to_owned(), None));
    let evidence = fs::read_dir(log.state.path().join("evidence")).unwrap().count();
    assert!(evidence >= 3, "{evidence}");
    log.shows(&leaves(701));
    assert_eq!(log.look().status, Status::Sound);
}

#[test]
fn another_place_of_a_log_that_does_not_hold_blames_neither_the_site_nor_a_paper() {
    let folder = tempfile::tempdir().unwrap();
    let [site, mirror, paper, state] =
        ["site", "mirror", "paper", "state"].map(|name| folder.path().join(name));
    write(&site, &leaves(300), &key(7), "");
    write(&mirror, &leaves(500), &key(8), "");
    let mut watched = Watched {
        name: "other".to_owned(),
        trees: [&site, &mirror].map(|path| Source::Folder(path.clone())).to_vec(),
        papers: Vec::new(),
        keys: vec![key(7).public().clone()],
        policy: None,
        books: false,
    };
    let finding = watched.look(&state, &Asked::default());
    let from: Vec<&str> = finding.found.iter().map(|found| found.from.as_str()).collect();
    assert_eq!(from, [mirror.to_str().unwrap()], "{finding:?}");
    assert_eq!(finding.size, Some(300), "the site was looked at all the same");
    // It is away, and the paper is newer than what was seen.
    write(&mirror, &leaves(500), &key(7), "");
    fs::copy(mirror.join("checkpoint"), &paper).unwrap();
    for place in [&site, &mirror] {
        fs::remove_dir_all(place).unwrap();
    }
    watched.papers.push(paper.clone());
    let finding = watched.look(&state, &Asked::default());
    assert_eq!((finding.status, finding.found.len()), (Status::Away, 0), "{finding:?}");
    assert!(finding.away.iter().any(|away| away.reason.contains("not checked")), "{finding:?}");
}

#[test]
fn a_tile_an_entry_or_a_signature_that_does_not_hold_is_found() {
    let mut log = Log::new();
    let change = |log: &Log, path: &str, at: usize| {
        let path = log.site.path().join(path);
        let mut bytes = fs::read(&path).unwrap();
        bytes[at] ^= 1;
        fs::write(path, bytes).unwrap();
    };
    log.shows(&leaves(700));
    change(&log, "tile/entries/001", 2);
    assert_eq!(log.found(), ("entry".to_owned(), Some(256)));
    log.shows(&leaves(700));
    change(&log, "tile/0/001", 0);
    assert_eq!(log.found(), ("tile".to_owned(), Some(256)));
    log.shows(&leaves(700));
    change(&log, "tile/0/002.p/188", 32 * 5);
    assert_eq!(log.found().0, "tile");
    log.shows(&leaves(700));
    change(&log, "tile/1/000.p/2", 0);
    assert_eq!(log.found().0, "tile");
    log.site = tempfile::tempdir().unwrap();
    write(log.site.path(), &leaves(700), &key(8), "");
    assert_eq!(log.found().0, "log-signature");
    log.shows(&leaves(700));
    assert_eq!(log.look().status, Status::Sound);
    let head = log.site.path().join("checkpoint");
    fs::write(&head, "no head\n\n\u{2014} so.example/other AAAAAAAA\n").unwrap();
    assert_eq!(log.found().0, "checkpoint");
    // Without any signature it is no ledger: something else answers there.
    fs::write(head, "Wi-Fi: sign in first").unwrap();
    assert_eq!(log.look().status, Status::Away);
}
