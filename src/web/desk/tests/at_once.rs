//! Many requests at once, and the same one again.

use std::collections::BTreeSet;
use std::time::Duration;

use rocket::futures::future::join_all;

use super::people::SignsIn;
use super::*;
use crate::ledger::entry::{OfficerSignature, SignedVoucher};
use crate::ledger::keys::SignatureRole;
use crate::publish::{Tree, export};
use crate::verify::report::Outcome;
use crate::verify::source::Source;
use crate::verify::{Options, verify};

fn new_id() -> String {
    crate::web::desk::slip::new_id().to_string()
}

impl House {
    /// Records a gift in one request, as the second page of its form does.
    async fn give(&self, id: &str, amount: &'static str) -> (Status, String) {
        let mut form = gift(amount);
        form.extend([("id", id), ("step", "record")]);
        self.post("/ban/phieu-thu", &self.token_of("/ban/phieu-thu"), &form).await
    }

    /// A session of its own.
    async fn session_of(&self, officer: SignsIn) -> String {
        self.forget().await;
        self.sign_in(officer).await;
        let session = self.cookie("minhbach");
        self.forget().await;
        session
    }

    /// Approves a draft in a given session.
    async fn approve_in(&self, session: &str, officer: SignsIn, draft: &str) -> (u16, String) {
        let token = FormSecret::of_session(session).token("/ban/duyet");
        let passphrase = rocket::http::RawStr::new(officer.1).percent_encode().to_string();
        let body = format!("token={token}&draft%5B%5D={draft}&passphrase={passphrase}");
        let request = self.client.post("/ban/duyet").header(ContentType::Form);
        let request = request.header(Header::new("Origin", BASE)).body(body);
        let cookie = Cookie::new("minhbach", session.to_owned());
        let response = request.cookie(cookie).dispatch().await;
        let to = response.headers().get_one("Location").unwrap_or_default().to_owned();
        (response.status().code, to)
    }
}

fn id_in(path: &str) -> String {
    path.split('?').next().unwrap().rsplit('/').next().unwrap().to_owned()
}

#[rocket::async_test]
async fn one_slip_fifty_times_at_once_is_one_entry_and_all_are_led_to_it() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    let (before, id) = (house.written().await, new_id());
    let all = join_all((0..50).map(|_| house.give(&id, "1000"))).await;
    let paths: BTreeSet<String> = all
        .iter()
        .map(|(status, to)| {
            assert_eq!(*status, Status::SeeOther, "{to}");
            to.split('?').next().unwrap().to_owned()
        })
        .collect();
    assert_eq!(paths.len(), 1, "{paths:?}");
    assert_eq!(house.written().await, (before.0 + 1, before.1));
}

#[rocket::async_test]
async fn fifty_slips_at_once_are_fifty_entries_and_fifty_payments_stop_at_the_last_dong() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    let before = house.written().await.0;
    let ids: Vec<String> = (0..50).map(|_| new_id()).collect();
    let all = join_all(ids.iter().map(|id| house.give(id, "1000"))).await;
    assert!(all.iter().all(|(status, _)| *status == Status::SeeOther), "{all:?}");
    assert_eq!(house.written().await.0, before + 50);
    let token = house.token_of("/ban/chuyen-tien");
    let sent = (0..50).map(|_| {
        let (house, token, id) = (&house, &token, new_id());
        async move {
            let form = [
                ("id", id.as_str()),
                ("step", "record"),
                ("date", "20/11/2026"),
                ("from_place", "cash"),
                ("to_place", "ngan-hang"),
                ("fund", "chung"),
                ("amount", "5000"),
            ];
            house.post("/ban/chuyen-tien", token, &form).await
        }
    });
    let all = join_all(sent).await;
    let count = |wanted| all.iter().filter(|(status, _)| *status == wanted).count();
    assert_eq!((count(Status::SeeOther), count(Status::UnprocessableEntity)), (10, 40));
    let (_, html) = house.get("/ban/so-quy/ngan-hang").await;
    assert!(html.contains("50.000"), "{html}");
}

#[rocket::async_test]
async fn a_draft_that_several_approve_at_once_is_one_entry_and_all_get_it() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    house.give(&new_id(), "1000000").await;
    let draft = id_in(&house.slip("/ban/chi-phi", "", &cost("50000")).await);
    let before = house.written().await;
    let chair = house.session_of(CHAIR).await;
    let deputy = house.session_of(DEPUTY).await;
    let tries = (0..8).map(|n| {
        let (house, draft) = (&house, &draft);
        let (session, officer) = if n % 2 == 0 { (&chair, CHAIR) } else { (&deputy, DEPUTY) };
        house.approve_in(session, officer, draft)
    });
    let all = join_all(tries).await;
    let entries: BTreeSet<&str> = all.iter().map(|(_, to)| to.split('?').next().unwrap()).collect();
    assert!(all.iter().all(|(status, _)| *status == 303), "{all:?}");
    assert_eq!(entries.len(), 1, "{all:?}");
    assert_eq!(all.iter().filter(|(_, to)| to.ends_with("?moi=1")).count(), 1, "{all:?}");
    assert_eq!(house.written().await, (before.0 + 1, before.1 - 1));
    let (status, to) = house.approve_in(&chair, CHAIR, &draft).await;
    assert_eq!((status, to.split('?').next().unwrap()), (303, *entries.first().unwrap()));
    assert_eq!(house.written().await, (before.0 + 1, before.1 - 1));
}

/// Past the passphrase, whose tries are counted: fifty signatures of two persons at once.
#[rocket::async_test]
async fn fifty_signatures_under_one_draft_are_one_entry() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    house.give(&new_id(), "1000000").await;
    let draft = id_in(&house.slip("/ban/chi-phi", "", &cost("50000")).await);
    let (chapter, _) = house.chapter();
    let desk = house.store().desk(chapter).unwrap();
    let laid = house.store().draft_signed(&desk, &draft.parse().unwrap()).await.unwrap();
    let keys = [house.key_of(CHAIR).await, house.key_of(DEPUTY).await];
    let person = house.store().account(&desk, &laid_by(&house, &desk, &draft).await).await.unwrap();
    let now = house.clock.now();
    let all = join_all((0..50).map(|n| {
        let key = &keys[n % 2];
        let bytes = laid.voucher.bytes();
        let signature = OfficerSignature::sign(SignatureRole::Approver, key, &bytes).unwrap();
        let mut signatures = laid.signatures.clone();
        signatures.push(signature);
        let signed = SignedVoucher { voucher: laid.voucher.clone(), signatures };
        house.store().record_drafts(chapter, (vec![signed], Vec::new()), &person.person, now)
    }))
    .await;
    let seqs: BTreeSet<u64> = all.iter().map(|one| one.as_ref().unwrap()[0].seq).collect();
    assert_eq!(seqs.len(), 1);
    assert_eq!(all.iter().filter(|one| !one.as_ref().unwrap()[0].repeated).count(), 1);
}

async fn laid_by(
    house: &House,
    desk: &crate::store::desk::Chapter,
    draft: &str,
) -> crate::ledger::word::Person {
    let draft = house.store().draft(desk, &draft.parse().unwrap()).await.unwrap();
    draft.unwrap().made_by
}

#[rocket::async_test]
async fn a_draft_is_not_approved_by_its_recorder_nor_after_it_was_sent_back() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    house.give(&new_id(), "1000000").await;
    let draft = id_in(&house.slip("/ban/chi-phi", "", &cost("50000")).await);
    let before = house.written().await;
    let treasurer = house.session_of(TREASURER).await;
    assert_eq!(house.approve_in(&treasurer, TREASURER, &draft).await.0, 422, "one's own");
    assert_eq!(house.written().await, before);
    let chair = house.session_of(CHAIR).await;
    assert_eq!(house.approve_in(&chair, ("", "sai mật khẩu rồi"), &draft).await.0, 422);
    house.sign_in(CHAIR).await;
    let path = format!("/ban/duyet/{draft}");
    let action = format!("{path}/tra-lai");
    house.send(&path, &action, &[("reason", "Thiếu hóa đơn")]).await;
    let chair = house.session_of(CHAIR).await;
    assert_eq!(house.approve_in(&chair, CHAIR, &draft).await.0, 422, "after it was sent back");
    assert_eq!(house.approve_in(&chair, CHAIR, &new_id()).await.0, 404);
    assert_eq!(house.written().await, (before.0, before.1 - 1));
}

#[rocket::async_test]
async fn back_button_and_old_forms_lead_to_what_was_recorded() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    let id = new_id();
    let (_, entry) = house.give(&id, "1000").await;
    let entry = entry.split('?').next().unwrap().to_owned();
    let before = house.written().await;
    // Back, and sent again: the form is that of a voucher that is there.
    let (status, to) = house.give(&id, "1000").await;
    assert_eq!((status, to), (Status::SeeOther, format!("{entry}?lai=1")));
    // With another amount: what is there is shown, and what was typed may go on by itself.
    let (status, html) = house.give(&id, "2000").await;
    assert_eq!(status, Status::Conflict);
    assert!(html.contains(&entry) && html.contains("value=\"2000\""), "{html}");
    let (_, html) = house.get(&format!("{entry}?lai=1")).await;
    assert!(html.contains("1.000") && !html.contains("2.000"), "{html}");
    // A form from before signing out is refused; one from another officer's session, too.
    let old = house.token_of("/ban/phieu-thu");
    house.send("/ban/viec", "/dang-xuat", &[]).await;
    house.sign_in(CHAIR).await;
    let mut form = gift("3000");
    let id = new_id();
    form.extend([("id", id.as_str()), ("step", "record")]);
    assert_eq!(house.post("/ban/phieu-thu", &old, &form).await.0, Status::Forbidden);
    assert_eq!(house.written().await, before);
}

#[rocket::async_test]
async fn a_client_that_is_gone_finds_its_slip_once_when_it_comes_again() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    let before = house.written().await.0;
    for wait in 0..24 {
        let id = new_id();
        let gone = tokio::time::timeout(Duration::from_micros(wait * 400), house.give(&id, "1000"));
        let _ = gone.await;
        let (status, to) = house.give(&id, "1000").await;
        assert_eq!(status, Status::SeeOther, "{wait}: {to}");
        assert_eq!(house.written().await.0, before + wait + 1, "{wait}");
    }
    let (chapter, _) = house.chapter();
    assert!(house.store().check(chapter).await.unwrap().is_clean());
}

#[rocket::async_test]
async fn writing_goes_on_beside_a_check_and_an_export_which_see_one_head() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    house.give(&new_id(), "1000").await;
    let (chapter, _) = house.chapter();
    let folder = tempfile::tempdir().unwrap();
    let ids: Vec<String> = (0..40).map(|_| new_id()).collect();
    let writes = join_all(ids.iter().map(|id| house.give(id, "1000")));
    let reads = async {
        let mut sizes = Vec::new();
        for round in 0..4 {
            let findings = house.store().check(chapter).await.unwrap();
            assert!(findings.is_clean(), "{findings}");
            let tree = Tree::open(house.store(), chapter).unwrap().unwrap();
            let out = folder.path().join(round.to_string());
            sizes.push(export(&tree, &out).await.unwrap().size);
            let source = Source::new(out.to_str().unwrap());
            let report = verify(&source, &Options::default(), &mut |_, _| {}).unwrap();
            assert_eq!(report.outcome, Outcome::Sound, "{report}");
            let (status, lines) = house.get("/xuan-tay/entries.jsonl").await;
            assert_eq!(status, Status::Ok);
            assert!(lines.ends_with('\n') && lines.lines().count() as u64 >= sizes[round]);
        }
        sizes
    };
    let (all, sizes) = tokio::join!(writes, reads);
    assert!(all.iter().all(|(status, _)| *status == Status::SeeOther), "{all:?}");
    assert!(sizes.is_sorted());
}
