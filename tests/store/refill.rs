//! Yesterday's backup was restored: the lost entries come back from a verified copy, on both
//! databases, the same in every table.

use std::path::Path;

use minhbach::ledger::entry::SignedVoucher;
use minhbach::ledger::word::Origin;
use minhbach::publish::{Tree, export_all};
use minhbach::store::alongside::Alongside;
use minhbach::store::desk::drafts::State;
use minhbach::store::facade::RefillFault;
use minhbach::store::{ChapterId, Closure, Standing, Store, StoreConfig};
use minhbach::verify::{Options, report::Outcome};
use serde_json::json;

use crate::house::{CHAIR, Ground, TREASURER, TestHouse, aid, donation, now, one, postgres, two};
use crate::published::verify_folder;

fn origin() -> Origin {
    "so.example/xuan-tay".parse().unwrap()
}

/// The vouchers of a ledger behind its opening: the same in both houses.
fn vouchers() -> Vec<SignedVoucher> {
    let log = origin();
    let place = |code: &str, kind: &str| json!({"code": code, "type": kind, "name": code});
    let terms = json!({"text": "Quỹ chung", "costs": true});
    let fund = json!({"code": "chung", "type": "general", "name": "Quỹ chung", "terms": terms});
    let programme = json!({"code": "tet", "name": "Tết", "type": "tet"});
    vec![
        two(&log, "place_opened", json!({"place": place("tien-mat", "cash")})),
        two(&log, "fund_opened", json!({ "fund": fund })),
        one(&log, "programme_opened", json!({ "programme": programme })),
        donation(&log, 500_000),
        donation(&log, 300_000),
        aid(&log, 100_000),
        donation(&log, 70_000),
        two(&log, "reversed", json!({"of": 5, "reason": "mistyped"})),
        aid(&log, 200_000),
        two(&log, "place_opened", json!({"place": place("bidv", "bank")})),
    ]
}

/// Two houses with the same keys: one that recorded everything, and one that stands where it stood
/// yesterday, with the anchor of today.
struct Lost {
    whole: TestHouse,
    behind: TestHouse,
    chapter: ChapterId,
    opening: SignedVoucher,
    all: Vec<SignedVoucher>,
}

const YESTERDAY: usize = 6;

async fn open(folder: &Path, ground: &Ground) -> Store {
    let config = match ground {
        Ground::Sqlite => StoreConfig::sqlite(folder),
        Ground::Postgres(url) => StoreConfig::postgres(folder, url),
    };
    Store::open(config).await.unwrap()
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for file in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        match std::fs::copy(file.path(), to.join(file.file_name())) {
            // A store that runs writes files under other names first, and renames them.
            Err(fault) if fault.kind() == std::io::ErrorKind::NotFound => {}
            copied => drop(copied.unwrap()),
        }
    }
}

async fn filled(store: &Store, opening: &SignedVoucher, all: &[SignedVoucher]) -> ChapterId {
    let opened = store.found(opening.clone(), Alongside::nothing(), now()).await.unwrap();
    for voucher in all {
        store.record(opened.0, voucher.clone(), Alongside::nothing(), now()).await.unwrap();
    }
    opened.0
}

async fn lost(grounds: [Ground; 2], without: Option<usize>) -> Lost {
    let [one, other] = grounds;
    let whole = TestHouse::new(one).await;
    let (opening, all) = (whole.opening(&origin()), vouchers());
    let folder = tempfile::tempdir().unwrap();
    let keys = whole.folder.path().join("keys");
    copy_folder(&keys, &folder.path().join("keys"));
    filled(&whole.store, &opening, &all).await;
    let store = open(folder.path(), &other).await;
    let behind = TestHouse { folder, ground: other, store };
    let mut before: Vec<SignedVoucher> = all[..YESTERDAY].to_vec();
    if let Some(at) = without {
        before.remove(at);
    }
    let chapter = filled(&behind.store, &opening, &before).await;
    Lost { whole, behind, chapter, opening, all }
}

impl Lost {
    /// The backup is put back beside the anchor of today.
    async fn restored(mut self) -> Self {
        let whole = self.whole.restart().await;
        self.behind.store.stop().await.unwrap();
        let anchors = ["anchor"].map(|name| whole.folder.path().join(name));
        copy_folder(&anchors[0], &self.behind.folder.path().join("anchor"));
        self.behind = self.behind.restart_stopped().await;
        self.whole = whole;
        self
    }

    /// The entries of the whole house behind a place.
    async fn entries(&self, from: u64) -> Vec<Vec<u8>> {
        let (chapter, _) = self.whole.store.chapters()[0].clone();
        let size = self.whole.store.head(chapter).unwrap().unwrap().size;
        self.whole.store.entry_bytes(chapter, from, size).await.unwrap()
    }
}

async fn grounds() -> Vec<[Ground; 2]> {
    let mut all = vec![[Ground::Sqlite, Ground::Sqlite]];
    if let (Some(one), Some(other)) = (postgres().await, postgres().await) {
        all.push([one, other]);
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_entries_come_back_as_they_were_and_writing_is_open_again() {
    for grounds in grounds().await {
        let lost = lost(grounds, None).await;
        let desk = lost.behind.store.desk(lost.chapter).unwrap();
        // The aid of today waited yesterday.
        let waiting = SignedVoucher {
            signatures: lost.all[8].signatures[..1].to_vec(),
            voucher: lost.all[8].voucher.clone(),
        };
        let treasurer = TREASURER.parse().unwrap();
        lost.behind.store.lay(&desk, &waiting, &[], &treasurer, now()).await.unwrap();
        let lost = lost.restored().await;
        let stored = 1 + u64::try_from(YESTERDAY).unwrap();
        let signed = 1 + u64::try_from(lost.all.len()).unwrap();
        let closure = Closure::Behind { stored, signed };
        let store = &lost.behind.store;
        assert_eq!(store.standing(lost.chapter).unwrap(), Standing::ReadOnly(closure));
        // Looking at it leaves the anchor, and signs nothing.
        assert!(store.check(lost.chapter).await.unwrap().is_clean());
        assert_eq!(store.head(lost.chapter).unwrap(), None);
        assert_eq!(store.anchored(lost.chapter).unwrap()[0].checkpoint().size, signed);
        let refilled =
            store.refill(lost.chapter, stored, lost.entries(stored).await).await.unwrap();
        assert_eq!((refilled.entries, refilled.standing), (signed - stored, Standing::Open));
        // A gift and an aid with two sealed values each; nothing of them is in a public file.
        assert_eq!((refilled.sealed, refilled.lost, refilled.lost_in), (4, 4, 2));
        let (whole, _) = lost.whole.store.chapters()[0].clone();
        let head = lost.whole.store.head(whole).unwrap();
        assert_eq!(store.head(lost.chapter).unwrap(), head, "the same head, byte for byte");
        assert_eq!(store.books(lost.chapter).unwrap(), lost.whole.store.books(whole).unwrap());
        assert!(store.check(lost.chapter).await.unwrap().is_clean(), "every derived table");
        let id = &lost.all[8].voucher.id;
        let draft = store.draft(&desk, id).await.unwrap().unwrap();
        assert_eq!((draft.state, draft.seq), (State::Recorded, Some(9)));
        assert_eq!(draft.decided_by, Some(CHAIR.parse().unwrap()));
        // Again: nothing is missing, nothing happens; what comes behind is recorded as ever.
        let again = store.refill(lost.chapter, stored, lost.entries(stored).await).await.unwrap();
        assert_eq!((again.entries, again.lost), (0, 0));
        lost.behind.record(lost.chapter, donation(&origin(), 1)).await.unwrap();
        let house = lost.behind.restart().await;
        assert_eq!(house.store.standing(lost.chapter).unwrap(), Standing::Open);
        let site = tempfile::tempdir().unwrap();
        let trees = Tree::all(&house.store, lost.chapter).unwrap();
        export_all(&trees, site.path()).await.unwrap();
        let report = verify_folder(site.path(), &Options::default());
        assert_eq!((report.outcome, report.verified), (Outcome::Sound, signed + 1), "{report}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_is_older_another_history_or_full_of_holes_gives_nothing() {
    for grounds in grounds().await {
        let lost = lost(grounds, None).await.restored().await;
        let stored = 1 + u64::try_from(YESTERDAY).unwrap();
        let entries = lost.entries(stored).await;
        let store = &lost.behind.store;
        let standing = store.standing(lost.chapter).unwrap();
        let older = entries[..entries.len() - 1].to_vec();
        let mut hole = entries.clone();
        hole.remove(1);
        let mut swapped = entries.clone();
        swapped.swap(0, 1);
        let mut changed = entries.clone();
        let text = String::from_utf8(changed[0].clone()).unwrap().replace("70000", "70001");
        assert_ne!(text.as_bytes(), changed[0]);
        changed[0] = text.into_bytes();
        for (what, from, entries) in [
            ("older", stored, older),
            ("a hole", stored, hole),
            ("swapped", stored, swapped),
            ("changed", stored, changed),
            ("not from where we stand", stored + 1, entries[1..].to_vec()),
        ] {
            let fault = store.refill(lost.chapter, from, entries).await.unwrap_err();
            assert!(matches!(fault, RefillFault::Stop(_)), "{what}: {fault}");
            assert_eq!(store.standing(lost.chapter).unwrap(), standing, "{what}");
            assert_eq!(store.books(lost.chapter).unwrap().size(), stored, "{what}");
        }
        let refilled = store.refill(lost.chapter, stored, entries).await.unwrap();
        assert_eq!(refilled.standing, Standing::Open);
        assert!(store.check(lost.chapter).await.unwrap().is_clean());
    }
}

/// A database whose own history is another one is a fork, and no copy mends it.
#[tokio::test(flavor = "multi_thread")]
async fn entries_of_a_copy_do_not_follow_another_history() {
    for grounds in grounds().await {
        let lost = lost(grounds, Some(4)).await.restored().await;
        let stored = u64::try_from(YESTERDAY).unwrap();
        let entries = lost.entries(stored).await;
        let fault = lost.behind.store.refill(lost.chapter, stored, entries).await.unwrap_err();
        assert!(fault.to_string().contains("does not follow"), "{fault}");
        let size = lost.behind.store.books(lost.chapter).unwrap().size();
        assert_eq!(size, stored);
        assert!(!lost.opening.signatures.is_empty());
    }
}
