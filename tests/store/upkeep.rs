//! What the desk does because the ledger says so; keys at start; what is swept and scrubbed.

use chrono::TimeDelta;
use minhbach::ledger::entry::{OfficerSignature, SignedVoucher};
use minhbach::ledger::keys::{SignatureRole, SigningKey, officer_key_name};
use minhbach::ledger::voucher::{Body, Voucher};
use minhbach::ledger::word::Person;
use minhbach::store::alongside::Alongside;
use minhbach::store::desk::accounts::SignedIn;
use minhbach::store::desk::drafts::State;
use minhbach::store::desk::foundings::Call;
use minhbach::store::desk::invitations::{Access, LASTS};
use minhbach::store::desk::passphrase::Passphrase;
use minhbach::store::desk::register::{Record, Role};
use minhbach::store::desk::sealing::Sealer;
use minhbach::store::desk::sessions::{Cookie, Place};
use minhbach::store::{ChapterId, Closure, RecordFault, Standing, Store, StoreFault};
use serde_json::json;

use crate::house::{
    CHAIR, TREASURER, TestHouse, aid, donation, now, on_both, one, sign_voucher, two,
};

/// Between two tries to open a folder that the last program is about to leave.
const PAUSE: std::time::Duration = std::time::Duration::from_millis(20);

const WORDS: &str = "con trâu đi trước cái cày";

fn origin() -> minhbach::ledger::word::Origin {
    "so.example/xuan-tay".parse().unwrap()
}

fn person(id: &str) -> Person {
    id.parse().unwrap()
}

fn donor(name: &str) -> (Person, Role, Record) {
    let record = Record { full_name: name.to_owned(), ..Record::default() };
    (person("00000000000000aa"), Role::Donor, record)
}

/// Invites, takes up and lays a voucher whose new key is `new`; the draft whole, as approved.
async fn invited(
    house: &TestHouse,
    chapter: ChapterId,
    mut voucher: Voucher,
    (new, name): (&SigningKey, &str),
) -> SignedVoucher {
    let desk = house.store.desk(chapter).unwrap();
    house.store.invite(&desk, &voucher, &person(TREASURER), now()).await.unwrap();
    let link = house.store.new_link(&desk, &voucher.id, &person(TREASURER), now()).await.unwrap();
    let who = match &mut voucher.body {
        Body::OfficerEnrolled(body) => {
            body.officer.vkey = new.public().clone();
            body.officer.person.clone()
        }
        Body::KeyRotated(body) => {
            body.new_vkey = new.public().clone();
            body.person.clone()
        }
        _ => panic!("no officer's key"),
    };
    let copy = SigningKey::from_seed(new.name(), *new.seed()).unwrap();
    let passphrase = Passphrase::choose(WORDS, name).unwrap();
    let sealer = Sealer::cheap_for_tests();
    let lock = sealer.seal(&origin(), new.public(), passphrase, Some(copy)).await.unwrap();
    let access = Access { sign_in_name: name.to_owned(), person: who, lock };
    let holder = OfficerSignature::sign(SignatureRole::Holder, new, &voucher.bytes()).unwrap();
    let signed = (new.public(), &holder.signature);
    let take = || {
        house.store.take_up_invitation(&desk, &link, (&voucher, &[]), signed, Some(&access), now())
    };
    take().await.unwrap();
    assert!(take().await.is_err(), "a link is used once");
    let recorder = [(TREASURER, SignatureRole::Recorder)];
    let signed = sign_voucher(&origin(), voucher.clone(), &recorder);
    house.store.lay_invited(&desk, &signed, &person(TREASURER), now()).await.unwrap();
    let mut whole = house.store.draft_signed(&desk, &voucher.id).await.unwrap();
    let approver = sign_voucher(&origin(), voucher, &[(CHAIR, SignatureRole::Approver)]);
    whole.signatures.insert(1, approver.signatures[0].clone());
    whole
}

fn new_key(last: char) -> SigningKey {
    let name = officer_key_name(origin().as_str(), &format!("{}{last}", "e".repeat(15)));
    SigningKey::from_seed(&name.unwrap(), [last as u8; 32]).unwrap()
}

async fn approve(house: &TestHouse, chapter: ChapterId, whole: SignedVoucher) {
    let approved = (vec![whole], Vec::new());
    let done = house.store.record_drafts(chapter, approved, &person(CHAIR), now()).await;
    assert_eq!(done.unwrap().len(), 1);
}

async fn sign_in(house: &TestHouse, chapter: ChapterId, name: &str) -> Option<Cookie> {
    let desk = house.store.desk(chapter).unwrap();
    let peer = [127, 0, 0, 1].into();
    let begun = house.store.begin_sign_in(&desk, name, peer, now()).await.unwrap().unwrap();
    let passphrase = Passphrase::read(WORDS).unwrap();
    let opened = begun.prove(&Sealer::cheap_for_tests(), &desk, passphrase).await.unwrap();
    match house
        .store
        .finish_sign_in(&desk, begun, (opened, &Place::default()), now())
        .await
        .unwrap()
    {
        SignedIn::Welcome(_, cookie) => Some(cookie),
        SignedIn::Refused | SignedIn::Code(_) | SignedIn::SetUp(_) => None,
    }
}

fn enrolment(who: &str, placeholder: &SigningKey) -> Voucher {
    let officer = json!({
        "vkey": placeholder.public().vkey(), "person": who, "roles": ["treasurer"],
        "title": "Thủ quỹ hai",
    });
    one(&origin(), "officer_enrolled", json!({"officer": officer})).voucher
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_lives_and_ends_with_the_entries_about_its_key() {
    on_both(async |house: TestHouse| {
        let chapter = house.chapter("xuan-tay").await;
        let desk = house.store.desk(chapter).unwrap();
        let who = "4444444444444444";
        let (first, second) = (new_key('1'), new_key('2'));
        let voucher = enrolment(who, &new_key('0'));
        let whole = invited(&house, chapter, voucher, (&first, "ha")).await;
        assert!(sign_in(&house, chapter, "ha").await.is_none(), "not before the entry");
        approve(&house, chapter, whole).await;
        let cookie = sign_in(&house, chapter, "ha").await.unwrap();
        // A draft of the new officer, and their signature on somebody else's.
        house.record(chapter, donation(&origin(), 100_000)).await.unwrap();
        let mut own = aid(&origin(), 10).voucher;
        own.by = first.name().parse().unwrap();
        let signature = OfficerSignature::sign(SignatureRole::Recorder, &first, &own.bytes());
        let laid = SignedVoucher { voucher: own, signatures: vec![signature.unwrap()] };
        house.store.lay(&desk, &laid, &[], &person(who), now()).await.unwrap();
        let rotation = json!({
            "person": who, "old_vkey": first.public().vkey(),
            "new_vkey": new_key('0').public().vkey(),
        });
        let rotation = one(&origin(), "key_rotated", rotation).voucher;
        let whole = invited(&house, chapter, rotation, (&second, "ha")).await;
        assert!(house.store.session(&cookie, now()).await.unwrap().is_some());
        approve(&house, chapter, whole).await;
        assert!(house.store.session(&cookie, now()).await.unwrap().is_none());
        let state = |id| {
            let (store, desk) = (house.store.clone(), desk.clone());
            async move { store.draft(&desk, &id).await.unwrap().unwrap().state }
        };
        assert_eq!(state(laid.voucher.id.clone()).await, State::Void);
        let cookie = sign_in(&house, chapter, "ha").await.unwrap();
        assert_eq!(house.store.desk_accounts(&desk).await.unwrap()[0].key, *second.public());
        let retired = two(&origin(), "officer_retired", json!({"person": who}));
        house.record(chapter, retired).await.unwrap();
        assert!(house.store.session(&cookie, now()).await.unwrap().is_none());
        let account = house.store.desk_accounts(&desk).await.unwrap().remove(0);
        assert!(account.disabled && account.lock.sealed_seed.is_none());
        assert!(sign_in(&house, chapter, "ha").await.is_none());
        // The same person again: the old name, the new key.
        let third = new_key('3');
        let voucher = enrolment(who, &new_key('0'));
        let whole = invited(&house, chapter, voucher, (&third, "ha")).await;
        approve(&house, chapter, whole).await;
        assert!(sign_in(&house, chapter, "ha").await.is_some());
        // The key name of an earlier officer is refused by the books, whoever sends it.
        let voucher = enrolment("5555555555555555", &third);
        let whole = invited(&house, chapter, voucher, (&third, "hai")).await;
        let approved = (vec![whole], Vec::new());
        let done = house.store.record_drafts(chapter, approved, &person(CHAIR), now()).await;
        let fault = done.unwrap_err().fault;
        assert!(
            matches!(fault, RecordFault::Refused(ref no) if no.code() == "key-used"),
            "{fault}"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_over_is_swept_and_a_name_is_given_once() {
    on_both(async |house: TestHouse| {
        let chapter = house.chapter("xuan-tay").await;
        let desk = house.store.desk(chapter).unwrap();
        let voucher = enrolment("4444444444444444", &new_key('0'));
        house.store.invite(&desk, &voucher, &person(TREASURER), now()).await.unwrap();
        let again = house.store.invite(&desk, &voucher, &person(TREASURER), now()).await;
        assert!(again.is_err(), "one invitation for an id");
        let link =
            house.store.new_link(&desk, &voucher.id, &person(TREASURER), now()).await.unwrap();
        assert!(!format!("{link:?}").contains(&*link.text()));
        assert!(house.store.invited(&link, now()).await.unwrap().is_some());
        let over = now() + LASTS;
        assert!(house.store.invited(&link, over).await.unwrap().is_none());
        assert_eq!(house.store.sweep(over - TimeDelta::seconds(1)).await.unwrap().invitations, 0);
        for wrong in [TimeDelta::days(3_652), TimeDelta::days(-3_652)] {
            // A clock that is far off decides nothing.
            assert_eq!(house.store.sweep(now() + wrong).await.unwrap().invitations, 0);
        }
        assert_eq!(house.store.sweep(over).await.unwrap().invitations, 1);
        assert!(house.store.invitation(&desk, &voucher.id).await.unwrap().is_none());
        // A draft that was withdrawn takes its invitation with it; one that waits keeps it.
        let voucher = enrolment("4444444444444444", &new_key('0'));
        let whole = invited(&house, chapter, voucher, (&new_key('1'), "ha")).await;
        assert_eq!(house.store.sweep(over + LASTS).await.unwrap().invitations, 0);
        let id = &whole.voucher.id;
        house.store.withdraw(&desk, id, &person(TREASURER), now()).await.unwrap();
        assert_eq!(house.store.sweep(now()).await.unwrap().invitations, 1);
        assert!(house.store.desk_accounts(&desk).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_receipt_key_stops_writing_and_no_rebuild_makes_printed_codes_void() {
    on_both(async |house: TestHouse| {
        let chapter = house.chapter("xuan-tay").await;
        let given = house.record(chapter, donation(&origin(), 5)).await.unwrap();
        house.store.stop().await.unwrap();
        let path = house.folder.path().join("keys/receipt.key");
        let right = std::fs::read_to_string(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        // However long the ledger is: one that is not replayed at the start is looked at, too.
        let mut config = house.config();
        let TestHouse { folder, ground, store } = house;
        drop(store);
        let mut kept = None;
        for whole in [1_000, 0] {
            drop(kept.take());
            config.check_at_start = whole;
            let store = loop {
                match Store::open(config.clone()).await {
                    Err(StoreFault::InUse { .. }) => tokio::time::sleep(PAUSE).await,
                    opened => break opened.unwrap(),
                }
            };
            let closed = Standing::ReadOnly(Closure::ReceiptKey);
            assert_eq!(store.standing(chapter).unwrap(), closed);
            assert!(store.head(chapter).unwrap().is_some(), "reading goes on");
            assert!(!store.check(chapter).await.unwrap().is_clean());
            assert_eq!(store.standing(chapter).unwrap(), closed, "not a case for rebuilding");
            let fault = store.rebuild(chapter).await.unwrap_err();
            assert!(matches!(fault, StoreFault::ReceiptKey), "{fault}");
            store.stop().await.unwrap();
            kept = Some(store);
        }
        std::fs::write(&path, right).unwrap();
        let house = TestHouse { folder, ground, store: kept.unwrap() }.restart_stopped().await;
        assert_eq!(house.store.standing(chapter).unwrap(), Standing::Open);
        assert!(house.store.check(chapter).await.unwrap().is_clean());
        let code = given.receipt.unwrap();
        assert!(house.store.entry_of_receipt(&code).await.unwrap().is_some());
        // Lost for good: other codes, because somebody said so.
        house.store.stop().await.unwrap();
        std::fs::remove_file(&path).unwrap();
        let house = house.restart_stopped().await;
        assert!(!house.store.rebuild_with_new_codes(chapter).await.unwrap().is_clean());
        let house = house.restart().await;
        assert_eq!(house.store.standing(chapter).unwrap(), Standing::Open);
        assert!(house.store.entry_of_receipt(&code).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_vault_key_stops_writing_until_the_right_one_is_back() {
    on_both(async |house: TestHouse| {
        let chapter = house.chapter("xuan-tay").await;
        let officer = person(TREASURER);
        let enter = async |house: &TestHouse, donors: &[(Person, Role, Record)]| {
            house.store.enter_persons(chapter, donors, &officer, now()).await
        };
        enter(&house, &[donor("Nguyễn Thị Hạnh")]).await.unwrap();
        house.store.stop().await.unwrap();
        let path = house.folder.path().join("keys/vault.key");
        let right = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, "ab".repeat(32)).unwrap();
        let house = house.restart_stopped().await;
        let standing = house.store.standing(chapter).unwrap();
        assert_eq!(standing, Standing::ReadOnly(Closure::VaultKey));
        assert!(house.store.head(chapter).unwrap().is_some(), "reading goes on");
        let refused = house.record(chapter, donation(&origin(), 1)).await.unwrap_err();
        assert_eq!(refused, RecordFault::Closed(Closure::VaultKey));
        let mut other = donor("Trần Văn Ba");
        other.0 = person("00000000000000bb");
        assert!(enter(&house, &[other.clone()]).await.is_err(), "nothing under a second key");
        house.store.stop().await.unwrap();
        std::fs::write(&path, right).unwrap();
        let house = house.restart_stopped().await;
        assert_eq!(house.store.standing(chapter).unwrap(), Standing::Open);
        enter(&house, &[other]).await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_key_that_is_not_here_is_refused_before_it_is_an_entry() {
    on_both(async |house: TestHouse| {
        let chapter = house.chapter("xuan-tay").await;
        let size = house.store.head(chapter).unwrap().unwrap().size;
        let foreign = SigningKey::generate(origin().as_str()).unwrap();
        let rotation = |vkey: String| {
            two(&origin(), "log_key_rotated", json!({"new_vkey": vkey, "from_size": size + 1}))
        };
        let refused = house.record(chapter, rotation(foreign.public().vkey())).await.unwrap_err();
        assert!(matches!(refused, RecordFault::Closed(Closure::NoLogKey { .. })), "{refused}");
        assert_eq!(house.store.standing(chapter).unwrap(), Standing::Open);
        let next = house.store.next_log_key(chapter).unwrap().unwrap();
        house.record(chapter, rotation(next.vkey())).await.unwrap();
        let house = house.restart().await;
        assert_eq!(house.store.standing(chapter).unwrap(), Standing::Open);
        house.record(chapter, donation(&origin(), 1)).await.unwrap();
        assert_eq!(house.store.head(chapter).unwrap().unwrap().size, size + 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_is_opened_with_what_comes_right_behind_it_or_not_at_all() {
    on_both(async |house: TestHouse| {
        let opening = house.opening(&origin());
        let place = json!({"place": {"code": "bidv", "type": "bank", "name": "BIDV"}});
        let behind = vec![two(&origin(), "place_opened", place.clone())];
        let mut wrong = behind.clone();
        wrong.push(two(&origin(), "place_opened", place));
        let found = async |behind| {
            let nothing = (Alongside::nothing(), &[][..]);
            house.store.found_with(opening.clone(), nothing, behind, (Call::Operator, now())).await
        };
        assert!(matches!(found(wrong).await.unwrap_err(), RecordFault::Refused(_)));
        assert!(house.store.chapters().is_empty(), "nothing was written");
        let (chapter, opened) = found(behind).await.unwrap();
        assert_eq!(opened.seq, 0);
        assert_eq!(house.store.head(chapter).unwrap().unwrap().size, 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_signature_more_is_kept_with_the_others_entry_or_not_at_all() {
    on_both(async |house: TestHouse| {
        let chapter = house.chapter("xuan-tay").await;
        let desk = house.store.desk(chapter).unwrap();
        let lay = async |signed: &SignedVoucher| {
            let mut signed = signed.clone();
            signed.signatures.truncate(1);
            house.store.lay(&desk, &signed, &[], &person(TREASURER), now()).await.unwrap();
        };
        let (waits, whole) = (aid(&origin(), 10), aid(&origin(), 20));
        lay(&waits).await;
        lay(&whole).await;
        let more = (waits.voucher.id.clone(), waits.signatures[1].clone());
        let record = async |whole: &[SignedVoucher]| {
            let both = (whole.to_vec(), vec![more.clone()]);
            house.store.record_drafts(chapter, both, &person(CHAIR), now()).await
        };
        let signatures = async || {
            let signed = house.store.draft_signed(&desk, &waits.voucher.id).await.unwrap();
            signed.signatures.len()
        };
        let refused = record(std::slice::from_ref(&whole)).await.unwrap_err();
        assert!(matches!(refused.fault, RecordFault::Refused(_)), "no money yet");
        assert_eq!(signatures().await, 1);
        house.record(chapter, donation(&origin(), 1_000)).await.unwrap();
        assert_eq!(record(&[whole]).await.unwrap().len(), 1);
        assert_eq!(signatures().await, 2);
        // Alone, and of a draft that was decided meanwhile.
        let id = &waits.voucher.id;
        house.store.withdraw(&desk, id, &person(TREASURER), now()).await.unwrap();
        assert!(matches!(record(&[]).await.unwrap_err().fault, RecordFault::Alongside(_)));
    })
    .await;
}
