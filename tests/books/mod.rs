//! A desk for tests of the books: fixed keys, a fixed clock, one line for each voucher.
//!
//! Every voucher is built as JSON, read, signed, put in its place, written to bytes, read again,
//! checked by the books with the verifier's history as their past, and only then taken in.

pub mod closing;
pub mod continued;
mod goods_table;
pub mod invariants;
mod loans_table;
pub mod naive;
mod naive_goods;
mod naive_loans;
mod remembered;
pub mod table;

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use minhbach::books::past::Past as _;
use minhbach::books::{Books, CheckFault, Effects, Refusal};
use minhbach::ledger::chain::Chain;
use minhbach::ledger::entry::{Entry, OfficerSignature, SignedVoucher, leaf_hash};
use minhbach::ledger::keys::{KeyKind, SignatureRole, SigningKey};
use minhbach::ledger::tree::sha256;
use minhbach::ledger::voucher::Voucher;
use minhbach::ledger::word::Time;
use minhbach::verify::history::History;

use invariants::Tally;
use remembered::Remembered;

/// Bytes that a history of these tests keeps in memory of each of its tables: most lies on disk.
const SMALL: usize = 2_000;

/// The ledger of all these tests.
pub const LOG: &str = "so.example/xuan-tay";

/// How a chapter begins.
pub struct Opening {
    /// With an auditor.
    pub auditor: bool,
    /// With a guardian outside the chapter.
    pub guardian: bool,
    /// The policy, as a voucher says it.
    pub policy: Value,
    /// The first day of the books.
    pub books_from: &'static str,
}

impl Default for Opening {
    fn default() -> Self {
        Self { auditor: false, guardian: false, policy: json!({}), books_from: "2026-10-01" }
    }
}

/// A chapter's desk: keys, clock, the books and their history.
pub struct Desk {
    /// The books under test.
    pub books: Books,
    /// Their past.
    pub history: History,
    /// The bytes of every entry.
    pub bytes: Vec<Vec<u8>>,
    /// The effects of every entry.
    pub effects: Vec<Effects>,
    /// When the next entry is appended, as `YYYY-MM-DDTHH:MM:SSZ`.
    pub at: String,
    /// The business date of the next voucher, unless it says one.
    pub date: String,
    /// The ledger of the next entry.
    pub log: String,
    keys: BTreeMap<String, SigningKey>,
    chain: Chain,
    tally: Tally,
    vouchers: u64,
    digests: u64,
}

/// The opaque id of a short name: 16 hex digits.
pub fn opaque(name: &str) -> String {
    hex::encode(&sha256(name.as_bytes()).0[..8])
}

/// A fixed key of a short name: an officer's key of the first ledger.
pub fn officer_key(name: &str) -> SigningKey {
    officer_key_of(LOG, name)
}

/// The same of any ledger: no two have the same.
pub fn officer_key_of(log: &str, name: &str) -> SigningKey {
    let full = format!("{log}/officer/{}", opaque(&format!("key {name}")));
    SigningKey::from_seed(&full, seed(log, name)).unwrap()
}

/// A fixed log key of the first ledger.
pub fn log_key(name: &str) -> SigningKey {
    log_key_of(LOG, name)
}

/// The same of any ledger: no two have the same.
pub fn log_key_of(log: &str, name: &str) -> SigningKey {
    SigningKey::from_seed(log, seed(log, name)).unwrap()
}

fn seed(log: &str, name: &str) -> [u8; 32] {
    let later = log.strip_prefix(LOG).unwrap_or(log);
    sha256(format!("{name}{later}").as_bytes()).0
}

/// The vkey of a witness.
pub fn witness_vkey(name: &str) -> String {
    let seed = sha256(name.as_bytes()).0;
    SigningKey::from_seed_as(name, KeyKind::Cosignature, seed).unwrap().public().vkey()
}

impl Desk {
    /// A desk without any entry. The keys: `thu` (treasurer), `chu` (chair), `pho` (deputy),
    /// `kiem` (auditor), `canbo` (caseworker), `trenxa` (guardian).
    pub fn empty() -> Self {
        Self::of(LOG)
    }

    /// The same for a ledger of another name.
    pub fn of(log: &str) -> Self {
        let names = ["thu", "chu", "pho", "kiem", "canbo", "trenxa"];
        Self {
            books: Books::new(),
            history: History::keeping(SMALL).unwrap(),
            bytes: Vec::new(),
            effects: Vec::new(),
            at: "2026-10-01T02:00:00Z".to_owned(),
            date: "2026-10-01".to_owned(),
            log: log.to_owned(),
            keys: names
                .iter()
                .map(|name| ((*name).to_owned(), officer_key_of(log, name)))
                .collect(),
            chain: Chain::default(),
            tally: Tally::default(),
            vouchers: 0,
            digests: 0,
        }
    }

    /// A desk with entry 0.
    pub fn open(opening: &Opening) -> Self {
        let mut desk = Self::empty();
        let members = desk.opening_members(opening);
        let list = desk.founders(opening);
        desk.date = opening.books_from.to_owned();
        desk.at = format!("{}T02:00:00Z", opening.books_from);
        let signed = desk.sign_as("chapter_opened", members, &list);
        desk.append(signed).expect("entry 0 is accepted");
        desk
    }

    /// Who signs entry 0, in which role.
    pub fn founders(&self, opening: &Opening) -> Vec<(&'static str, &'static str)> {
        let mut list = vec![("recorder", "thu"), ("approver", "chu")];
        let mut holders = vec!["pho"];
        holders.extend(opening.auditor.then_some("kiem"));
        holders.extend(opening.guardian.then_some("trenxa"));
        holders.sort_by_key(|name| self.key(name).name().to_owned());
        list.extend(holders.into_iter().map(|name| ("holder", name)));
        list
    }

    /// The members of `chapter_opened`.
    pub fn opening_members(&self, opening: &Opening) -> Value {
        let mut officers = vec![
            self.officer("thu", &["treasurer"]),
            self.officer("chu", &["chair"]),
            self.officer("pho", &["deputy_chair"]),
        ];
        officers.extend(opening.auditor.then(|| self.officer("kiem", &["auditor"])));
        let mut members = json!({
            "chapter": {"name": "Hội Chữ thập đỏ Xuân Tây", "slug": "xuan-tay"},
            "currency": {"code": "VND", "scale": 0},
            "utc_offset": "+07:00",
            "books_from": opening.books_from,
            "log_key": log_key_of(&self.log, "log").public().vkey(),
            "officers": officers,
            "policy": opening.policy,
            "rules": 1,
        });
        if opening.guardian {
            members["guardian"] = self.guardian("trenxa");
        }
        members
    }

    /// An officer as vouchers write them.
    pub fn officer(&self, name: &str, roles: &[&str]) -> Value {
        let vkey = self.key(name).public().vkey();
        let title = format!("Cán bộ {name}");
        json!({"vkey": vkey, "person": opaque(name), "roles": roles, "title": title})
    }

    /// A guardian as vouchers write it.
    pub fn guardian(&self, name: &str) -> Value {
        let vkey = self.key(name).public().vkey();
        json!({"vkey": vkey, "person": opaque(name), "title": "Hội cấp trên"})
    }

    /// A key by its short name.
    pub fn key(&self, name: &str) -> &SigningKey {
        self.keys.get(name).unwrap_or_else(|| panic!("no key {name}"))
    }

    /// Makes a fixed key of its short name, when there is none yet.
    pub fn make_key(&mut self, name: &str) {
        let log = self.log.clone();
        self.keys.entry(name.to_owned()).or_insert_with(|| officer_key_of(&log, name));
    }

    /// The next fixed digest.
    pub fn digest(&mut self) -> String {
        self.digests += 1;
        BASE64_URL_SAFE_NO_PAD.encode(sha256(format!("digest {}", self.digests).as_bytes()).0)
    }

    /// The next `number` digests in their order.
    pub fn sd(&mut self, number: usize) -> Value {
        let mut digests: Vec<String> = (0..number).map(|_| self.digest()).collect();
        digests.sort();
        json!(digests)
    }

    /// A donor.
    pub fn donor(&mut self) -> Value {
        json!({"type": "person", "_sd": self.sd(2)})
    }

    /// Lines for families, each with two digests, in the order that the form asks for.
    pub fn lines(&mut self, amounts: &[i64]) -> Value {
        let mut digests: Vec<Value> = amounts.iter().map(|_| self.sd(2)).collect();
        digests.sort_by_key(|pair| pair[0].as_str().unwrap().to_owned());
        let line = |(amount, sd): (&i64, Value)| json!({"amount": amount, "_sd": sd});
        amounts.iter().zip(digests).map(line).collect()
    }

    /// The next voucher id: a UUIDv7 that counts.
    fn next_id(&mut self) -> String {
        self.vouchers += 1;
        format!("018f0000-0000-7000-8000-{:012x}", self.vouchers)
    }

    /// A voucher of `kind` with its own members, by the key `by`.
    pub fn voucher(&mut self, kind: &str, members: Value, by: &str) -> Voucher {
        let mut value = members;
        if self.books.before() > 0 {
            continued::name_old_entries(&mut value, self.books.before());
        }
        let put = [
            ("by", self.key(by).name().to_owned()),
            ("date", self.date.clone()),
            ("id", self.next_id()),
            ("kind", kind.to_owned()),
            ("log", self.log.clone()),
        ];
        for (name, text) in put {
            if value.get(name).is_none() {
                value[name] = json!(text);
            }
        }
        Voucher::read(&value).unwrap_or_else(|fault| panic!("{kind}: {fault}\n{value:#}"))
    }

    /// A voucher signed by exactly the keys of a list.
    pub fn sign_as(&mut self, kind: &str, members: Value, list: &[(&str, &str)]) -> SignedVoucher {
        let voucher = self.voucher(kind, members, list[0].1);
        let bytes = voucher.bytes();
        let sign = |(role, key): &(&str, &str)| {
            let role: SignatureRole = role.parse().unwrap();
            OfficerSignature::sign(role, self.key(key), &bytes).unwrap()
        };
        let signatures = list.iter().map(sign).collect();
        SignedVoucher { voucher, signatures }
    }

    /// A voucher signed in the roles that the books ask for, by `signers` in turn; a holder signs
    /// with its own key.
    pub fn sign(&mut self, kind: &str, members: Value, signers: &[&str]) -> SignedVoucher {
        let voucher = self.voucher(kind, members, signers[0]);
        let bytes = voucher.bytes();
        let mut next = signers.iter();
        let mut signatures = Vec::new();
        for (role, key) in self.books.signature_list(&voucher) {
            let key = match key {
                Some(name) => self.keys.values().find(|key| key.name() == name.as_str()),
                None => next.next().map(|name| self.key(name)),
            };
            let key = key.expect("as many signers as roles");
            signatures.push(OfficerSignature::sign(role, key, &bytes).unwrap());
        }
        SignedVoucher { voucher, signatures }
    }

    /// The usual signers of a kind: treasurer, chair, auditor; the auditor alone for an audit.
    pub fn usual_signers(kind: &str) -> &'static [&'static str] {
        if kind == "period_audited" { &["kiem"] } else { &["thu", "chu", "kiem"] }
    }

    /// Builds, signs as the policy asks, and tries a voucher.
    pub fn enter(&mut self, kind: &str, members: Value) -> Result<Effects, Refusal> {
        let signed = self.sign(kind, members, Self::usual_signers(kind));
        self.append(signed)
    }

    /// Checks a signed voucher at the end of the ledger and takes it in when it is accepted.
    pub fn append(&mut self, signed: SignedVoucher) -> Result<Effects, Refusal> {
        let at: Time = self.at.parse().unwrap();
        let (prev, seq) = (self.chain.last_leaf(), self.chain.size());
        let entry = Entry { at, prev, seq, before: self.books.before(), signed };
        self.append_entry(&entry)
    }

    /// Checks an entry and takes it in when it is accepted.
    pub fn append_entry(&mut self, entry: &Entry) -> Result<Effects, Refusal> {
        let bytes = entry.bytes().expect("an entry within its size");
        let again = Entry::parse(&bytes).map(|again| again.behind(entry.before));
        assert_eq!(again.as_ref(), Ok(entry), "bytes read again are the entry");
        let before = self.books.clone();
        let effects = match self.books.check(entry, &self.history) {
            Ok(effects) => effects,
            Err(CheckFault::Refused(refusal)) => {
                assert_eq!(self.books, before, "a refusal changes nothing");
                return Err(refusal);
            }
            Err(CheckFault::Ask(ask)) => panic!("a history answers at once, not {ask:?}"),
        };
        assert_eq!(self.books.check(entry, &self.history).as_ref(), Ok(&effects), "once more");
        self.books.verify_signatures(entry)?;
        self.chain.follow(entry, leaf_hash(&bytes)).expect("the chain goes on");
        self.books.absorb(entry, &effects);
        self.history.absorb(entry, &bytes, &effects).unwrap();
        self.bytes.push(bytes);
        self.tally.absorb(&effects);
        self.effects.push(effects.clone());
        let mut tally = std::mem::take(&mut self.tally);
        tally.hold(self, &effects);
        self.tally = tally;
        Ok(effects)
    }

    /// The place of the next entry.
    pub fn size(&self) -> u64 {
        self.books.size()
    }

    /// The uses of an entry as `lot seq.line class amount`, in their order.
    pub fn uses(&self, seq: u64) -> Vec<String> {
        let uses = self.history.uses_of_entry(seq).unwrap();
        let show = |part: &minhbach::books::effects::Use| {
            let (lot, class) = (part.lot, part.class.as_str());
            format!("{}.{} {class} {}", lot.seq, lot.line, part.amount.minor())
        };
        uses.iter().map(show).collect()
    }

    /// Reads every entry again from its bytes into new books; they must be the same, and what is
    /// remembered of them, too.
    pub fn replay(&self) -> Books {
        let mut books = Books::new();
        let mut remembered = Remembered::default();
        let mut history = History::new().unwrap();
        for (bytes, live) in self.bytes.iter().zip(&self.effects) {
            let entry = Entry::parse(bytes).unwrap();
            let before = if entry.seq == 0 { books.size() } else { books.before() };
            let entry = entry.behind(before);
            let effects = books.check(&entry, &history).unwrap();
            assert_eq!(&effects, live, "effects of entry {} when replayed", live.seq);
            books.absorb(&entry, &effects);
            history.absorb(&entry, bytes, &effects).unwrap();
            remembered.absorb(&entry, &effects);
        }
        remembered.agrees(&history);
        remembered.agrees(&self.history);
        books
    }
}
