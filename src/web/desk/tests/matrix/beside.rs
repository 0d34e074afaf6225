//! Ids of the other chapter where no field of a form has them: in files that are handed in, in
//! questions behind an address, in the list of one's own sessions.

use super::super::admin::draft_id;
use super::super::away::signed;
use super::forms::changed;
use super::furnishing::{Ids, THERE, Words};
use super::*;
use crate::ledger::away::ToSign;

const AWAY: &str = "/ban/duyet/ky-ngoai";
const ACCOUNT: &str = "/ban/quan-tri/tai-khoan";

impl House {
    /// A statement goes into an account of one's own chapter, and to a fund of it.
    pub async fn hands_in_statements(&self, here: &Ids, there: &Ids) {
        let path = "/ban/nhap-tep";
        self.sign_in(TREASURER).await;
        let file = b"Date,TransactionDetails,CreditAmount\n06/11/2026,ung ho,400000\n".as_slice();
        for (place, fund, wanted) in [
            (&there.place, "chung", Status::UnprocessableEntity),
            (&here.place, &*there.fund, Status::UnprocessableEntity),
            (&here.place, "chung", Status::SeeOther),
        ] {
            let before = self.censuses().await;
            let fields = [("place", place.as_str()), ("fund", fund)];
            let sent = (fields.as_slice(), file);
            let (status, body) = self.hand_in(path, &self.token_of(path), sent).await;
            assert_eq!(status, wanted, "{place} {fund}: {body}");
            let found = changed(&before, &self.censuses().await);
            assert_eq!(found.is_empty(), wanted != Status::SeeOther, "{place} {fund}: {found:?}");
        }
        let path = "/ban/nhap-so-ho";
        let file = "Chủ hộ,Năm sinh\nTrịnh Văn Chín,1964\n";
        let sent = ([].as_slice(), file.as_bytes());
        let (status, body) = self.hand_in(path, &self.token_of(path), sent).await;
        assert_eq!(status, Status::SeeOther, "{body}");
    }

    /// What officers of the other chapter signed elsewhere is of another ledger here.
    pub async fn hands_in_signatures(&self, there: &Ids) {
        self.sit_with_neighbours();
        let theirs = self.taken_out_and_signed(&there.draft).await;
        self.sit_here();
        self.sign_in(TREASURER).await;
        let draft = self.slip("/ban/chi-phi", "", &cost("2000")).await;
        let own = self.taken_out_and_signed(draft_id(&draft)).await;
        for (bytes, wanted) in [(theirs, 422), (own, 303)] {
            let before = self.censuses().await;
            let sent = ([].as_slice(), bytes.as_slice());
            let (status, body) = self.hand_in(AWAY, &self.token_of(AWAY), sent).await;
            assert_eq!(status.code, wanted, "{body}");
            let (found, refused) = (changed(&before, &self.censuses().await), wanted == 422);
            assert_eq!(found.is_empty(), refused, "{found:?}");
            assert_eq!(body.contains("Tệp của sổ khác"), refused, "{body}");
        }
    }

    /// A draft as a file, with the chair's signature; the chair goes on sitting there.
    async fn taken_out_and_signed(&self, draft: &str) -> Vec<u8> {
        let chair = self.seat().chair;
        self.forget().await;
        self.sign_in(chair).await;
        let path = format!("{AWAY}/tep");
        let response = self.post_raw(&path, &self.token_of(&path), &[("draft[]", draft)]).await;
        assert_eq!(response.status(), Status::Ok);
        let file = ToSign::read(&response.into_bytes().await.unwrap()).unwrap();
        signed(&file, &self.key_of(chair).await).bytes()
    }

    /// A question about what the other chapter has finds nothing of theirs.
    pub async fn asks_about_others(&self, here: &Ids, there: &Ids) {
        self.sit_here();
        self.sign_in(CHAIR).await;
        let beyond = (there.size - 1).to_string();
        for (path, own, foreign, wanted) in [
            ("/ban/xoa-thong-tin?so=", &here.entry, &beyond, Some(Status::NotFound)),
            ("/ban/xoa-thong-tin?nguoi=", &here.family, &there.family, Some(Status::NotFound)),
            ("/ban/duyet/ky-ngoai?draft=", &here.draft, &there.draft, None),
            ("/ban/kiem-tra/lo-du-lieu?tu=&den=&pham_vi=&ai=", &here.officer, &there.officer, None),
            ("/ban/kiem-tra/an-toan?ai=", &here.officer, &there.officer, None),
            ("/ban/kiem-tra/mo-xem?ai=", &here.officer, &there.officer, None),
        ] {
            assert_eq!(self.get(&format!("{path}{own}")).await.0, Status::Ok, "{path}{own}");
            let before = self.censuses().await;
            let (status, body) = self.get(&format!("{path}{foreign}")).await;
            if let Some(wanted) = wanted {
                assert_eq!(status, wanted, "{path}{foreign}");
            }
            let Words { family, donor, .. } = THERE;
            assert!(!body.contains(family) && !body.contains(donor), "{path}{foreign}: {body}");
            let other = &self.censuses().await[1];
            assert_eq!(&before[1], other, "{path}{foreign}");
        }
    }

    /// Nobody ends a session of another chapter; one's own is ended by the same form.
    pub async fn ends_sessions(&self) {
        let path = format!("{ACCOUNT}/phien");
        let handle = async |house: &House| {
            let treasurer = house.seat().treasurer;
            for _ in 0..2 {
                house.forget().await;
                house.sign_in(treasurer).await;
            }
            hidden(&house.get(ACCOUNT).await.1, "session")
        };
        self.sit_with_neighbours();
        let foreign = handle(self).await;
        self.sit_here();
        let own = handle(self).await;
        assert!(foreign != own && !foreign.is_empty() && !own.is_empty());
        for (session, ends) in [(foreign, false), (own, true)] {
            let before = self.censuses().await;
            let fields = [("session", session.as_str())];
            let (status, _) = self.post(&path, &self.token_of(&path), &fields).await;
            // One that is gone already is no fault.
            assert_eq!(status, Status::SeeOther);
            let after = self.censuses().await;
            assert_eq!(before[0]["desk_sessions"] != after[0]["desk_sessions"], ends);
            assert_eq!(before[1], after[1]);
        }
    }
}
