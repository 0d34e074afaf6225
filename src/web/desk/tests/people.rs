//! Officers beside the three founders, and a second chapter on the same site.

use rocket::http::Cookie;
use serde_json::{Value, json};

use super::*;
use crate::ledger::entry::{OfficerSignature, SignedVoucher};
use crate::ledger::keys::{SignatureRole, SigningKey, new_opaque_id, officer_key_name};
use crate::ledger::voucher::Voucher;
use crate::ledger::word::{Origin, Person};
use crate::store::ChapterId;
use crate::store::alongside::Alongside;
use crate::store::desk::passphrase::Passphrase;
use crate::store::facade::NewAccount;
use crate::web::desk::slip::new_id;

/// A name to sign in with, and its passphrase.
pub type SignsIn = (&'static str, &'static str);

pub const AUDITOR: SignsIn = ("kiem.tra", "nước chảy đá mòn quanh năm");
pub const CASEWORKER: SignsIn = ("vy.canbo", "lá lành đùm lá rách mãi");
/// The treasurer of the other chapter, its chair and its deputy.
pub const NEIGHBOUR: SignsIn = ("lan.thuquy", "bầu ơi thương lấy bí cùng");
pub const NEIGHBOURS_CHAIR: SignsIn = ("binh.chutich", "chung lưng đấu cật qua mùa lũ");
pub const NEIGHBOURS_DEPUTY: SignsIn = ("sen.phochu", "góp gió thành bão góp cây nên rừng");

/// An officer with a key of their own.
pub struct Signer {
    pub key: SigningKey,
    pub person: Person,
}

impl Signer {
    fn new(origin: &Origin) -> Self {
        let name = officer_key_name(origin.as_str(), &new_opaque_id().unwrap()).unwrap();
        let person = new_opaque_id().unwrap().parse().unwrap();
        Self { key: SigningKey::generate(&name).unwrap(), person }
    }

    fn member(&self, role: &str) -> Value {
        let vkey = self.key.public().vkey();
        json!({"vkey": vkey, "person": self.person.as_str(), "roles": [role], "title": role})
    }

    async fn account(&self, origin: &Origin, (name, passphrase): SignsIn) -> NewAccount {
        let copy = SigningKey::from_seed(self.key.name(), *self.key.seed()).unwrap();
        let passphrase = Passphrase::read(passphrase).unwrap();
        let sealer = Sealer::cheap_for_tests();
        let lock = sealer.seal(origin, self.key.public(), passphrase, Some(copy)).await.unwrap();
        NewAccount {
            sign_in_name: name.to_owned(),
            person: self.person.clone(),
            key: self.key.public().clone(),
            lock,
        }
    }
}

/// A voucher of the house's day, signed by keys in their roles.
pub fn signed(
    origin: &Origin,
    kind: &str,
    mut members: Value,
    signers: &[(&SigningKey, SignatureRole)],
) -> SignedVoucher {
    let own = [
        ("by", signers[0].0.name().to_owned()),
        ("date", "2026-11-20".to_owned()),
        ("id", new_id().to_string()),
        ("kind", kind.to_owned()),
        ("log", origin.to_string()),
    ];
    for (name, text) in own {
        members[name] = json!(text);
    }
    let voucher = Voucher::read(&members).unwrap_or_else(|fault| panic!("{kind}: {fault}"));
    let bytes = voucher.bytes();
    let sign = |(key, role): &(&SigningKey, SignatureRole)| {
        OfficerSignature::sign(*role, key, &bytes).unwrap()
    };
    SignedVoucher { signatures: signers.iter().map(sign).collect(), voucher }
}

impl House {
    pub fn store(&self) -> &Store {
        self.client.rocket().state::<Store>().unwrap()
    }

    /// The chapter that the house works at: the one it was founded with, until it sits elsewhere.
    pub fn chapter(&self) -> (ChapterId, Origin) {
        let own = self.seat().chapter;
        let mut all = self.store().chapters().into_iter();
        all.find(|(_, origin)| own.as_ref().is_none_or(|own| own == origin)).unwrap()
    }

    /// Works at the first chapter of several from here on.
    pub fn sit_here(&self) {
        let (_, origin) = self.store().chapters().remove(0);
        *self.seat.lock().unwrap() =
            Seat { chapter: Some(origin), treasurer: TREASURER, chair: CHAIR };
    }

    /// Works at the other chapter from here on.
    pub fn sit_with_neighbours(&self) {
        let (_, origin) = self.store().chapters().pop().unwrap();
        let (treasurer, chair) = (NEIGHBOUR, NEIGHBOURS_CHAIR);
        *self.seat.lock().unwrap() = Seat { chapter: Some(origin), treasurer, chair };
    }

    /// Entries in the ledger, and drafts that wait: what a refused request leaves as it was.
    pub async fn written(&self) -> (u64, usize) {
        let (chapter, _) = self.chapter();
        let desk = self.store().desk(chapter).unwrap();
        let drafts = self.store().drafts(&desk, crate::store::desk::drafts::State::Waiting).await;
        (self.store().head(chapter).unwrap().unwrap().size, drafts.unwrap().len())
    }

    /// The key of an officer, opened with the passphrase.
    pub async fn key_of(&self, (name, passphrase): SignsIn) -> SigningKey {
        let (chapter, origin) = self.chapter();
        let account = self.store().account_named(chapter, name).await.unwrap().unwrap();
        let (sealer, passphrase) = (Sealer::cheap_for_tests(), Passphrase::read(passphrase));
        let opened = sealer.open(&origin, &account.key, &account.lock, passphrase.unwrap()).await;
        opened.unwrap().key.unwrap()
    }

    /// Enrols an officer with an account.
    pub async fn enrol(&self, signs_in: SignsIn, role: &str) -> Signer {
        let new = Signer::new(&self.chapter().1);
        let members = json!({"officer": new.member(role)});
        self.takes_in(new, signs_in, ("officer_enrolled", members)).await
    }

    /// Names a guardian, with an account.
    pub async fn name_guardian(&self, signs_in: SignsIn) -> Signer {
        let new = Signer::new(&self.chapter().1);
        let vkey = new.key.public().vkey();
        let guardian = json!({"vkey": vkey, "person": new.person.as_str(), "title": "Giám hộ"});
        self.takes_in(new, signs_in, ("guardian_named", json!({"guardian": guardian}))).await
    }

    async fn takes_in(&self, new: Signer, signs_in: SignsIn, (kind, of): (&str, Value)) -> Signer {
        let (chapter, origin) = self.chapter();
        let seat = self.seat();
        let (treasurer, chair) = (self.key_of(seat.treasurer).await, self.key_of(seat.chair).await);
        let signers = [
            (&treasurer, SignatureRole::Recorder),
            (&chair, SignatureRole::Approver),
            (&new.key, SignatureRole::Holder),
        ];
        let voucher = signed(&origin, kind, of, &signers);
        let now = self.clock.now();
        let account = [new.account(&origin, signs_in).await];
        let alongside = Alongside::accounts(&account, now).unwrap();
        self.store().record(chapter, voucher, alongside, now).await.unwrap();
        new
    }

    /// A second chapter with three officers and a fund; a draft waits there.
    pub async fn neighbours(&self) -> (ChapterId, String) {
        let origin: Origin = "so.example/xuan-dong".parse().unwrap();
        let all: [Signer; 3] = std::array::from_fn(|_| Signer::new(&origin));
        let roles = ["treasurer", "chair", "deputy_chair"];
        let officers: Vec<Value> =
            all.iter().zip(roles).map(|(who, role)| who.member(role)).collect();
        let members = json!({
            "chapter": {"name": "Hội Chữ thập đỏ xã Xuân Đông", "slug": "xuan-dong"},
            "currency": {"code": "VND", "scale": 0},
            "utc_offset": "+07:00",
            "books_from": "2026-11-01",
            "log_key": self.store().keys().log_key(&origin).unwrap().vkey(),
            "officers": officers,
            "policy": {},
            "rules": 1,
        });
        let two = [(&all[0].key, SignatureRole::Recorder), (&all[1].key, SignatureRole::Approver)];
        let mut three = two.to_vec();
        three.push((&all[2].key, SignatureRole::Holder));
        let opening = signed(&origin, "chapter_opened", members, &three);
        let now = self.clock.now();
        let mut accounts = Vec::new();
        for (who, signs_in) in all.iter().zip([NEIGHBOUR, NEIGHBOURS_CHAIR, NEIGHBOURS_DEPUTY]) {
            accounts.push(who.account(&origin, signs_in).await);
        }
        let alongside = Alongside::accounts(&accounts, now).unwrap();
        let (id, _) = self.store().found(opening, alongside, now).await.unwrap();
        let fund = |code, signers| {
            let terms = json!({"text": "Quỹ", "costs": true});
            let fund = json!({"code": code, "type": "general", "name": "Quỹ", "terms": terms});
            signed(&origin, "fund_opened", json!({"fund": fund}), signers)
        };
        let open = fund("chung", &two[..]);
        self.store().record(id, open, Alongside::nothing(), now).await.unwrap();
        let fund = fund("rieng", &two[..1]);
        let desk = self.store().desk(id).unwrap();
        let draft = fund.voucher.id.to_string();
        self.store().lay(&desk, &fund, &[], &all[0].person, now).await.unwrap();
        (id, draft)
    }

    /// Signs in at one chapter of several; the session's cookie.
    pub async fn sign_in_at(&self, chapter: &Origin, (name, passphrase): SignsIn) -> String {
        let fields = [("chapter", chapter.as_str()), ("name", name), ("passphrase", passphrase)];
        let (status, to) = self.send("/dang-nhap", "/dang-nhap", &fields).await;
        assert_eq!((status, to.as_str()), (Status::SeeOther, "/ban/viec"));
        self.cookie("minhbach")
    }

    pub fn cookie(&self, name: &str) -> String {
        let cookie: Option<Cookie<'_>> = self.client.cookies().get(name).cloned();
        cookie.map(|cookie| cookie.value().to_owned()).unwrap_or_default()
    }

    /// The token that this browser's form for a path has.
    pub fn token_of(&self, path: &str) -> String {
        let session = self.cookie("minhbach");
        let secret = if session.is_empty() { self.cookie("minhbach-form") } else { session };
        FormSecret::of_session(&secret).token(path)
    }
}
