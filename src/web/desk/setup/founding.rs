//! Keys, entry 0 with every signature, accounts, the first fund and places.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::form::{Newcomer, Officers, Third, Wanted};
use crate::books::{ChapterState, Refusal};
use crate::ledger::disclosure::Digests;
use crate::ledger::entry::{OfficerSignature, SignedVoucher};
use crate::ledger::keys::{PublicKey, SignatureRole, SigningKey, new_opaque_id, officer_key_name};
use crate::ledger::voucher::{
    Body, ChapterOpened, Continues, CurrencyCode, CurrencyMember, Fund, FundOpened, FundType,
    Guardian, Officer, OfficerRole, PlaceOpened, Policy, Terms, Voucher, VoucherId,
};
use crate::ledger::word::{
    Base64, Code, Date, List, Number, Origin, Person, Text, UtcOffset, Words,
};
use crate::store::alongside::Alongside;
use crate::store::desk::continuations;
use crate::store::desk::foundings::Call;
use crate::store::desk::invitations::LinkSecret;
use crate::store::facade::NewAccount;
use crate::store::{ChapterId, RecordFault, Store};
use crate::web::desk::refusals;
use crate::web::desk::sealed::Sealed;
use crate::web::desk::slip::new_id;
use crate::web::{Config, Fault};

/// What is printed once and kept by two persons.
#[derive(Debug, Serialize)]
pub(super) struct Sheet {
    name: String,
    origin: String,
    log_key: String,
    leaf: String,
    officers: Vec<SheetKey>,
    guardian: Option<SheetKey>,
    guardian_secret: Option<String>,
}

#[derive(Debug, Serialize)]
struct SheetKey {
    title: String,
    key: String,
    sign_in_name: Option<String>,
}

/// Somebody with a new key.
struct Holder {
    key: SigningKey,
    person: Person,
    title: Text,
    role: Option<OfficerRole>,
    /// The digest of the legal name.
    private: Option<Digests>,
    account: Option<NewAccount>,
}

fn internal<E: Into<Box<dyn std::error::Error + Send + Sync>>>(fault: E) -> Fault {
    Fault::internal(fault)
}

async fn holder(
    config: &Config,
    origin: &Origin,
    title: Text,
    role: Option<OfficerRole>,
    (newcomer, sealed): (Option<Newcomer>, &mut Sealed),
) -> Result<Holder, Fault> {
    let name = officer_key_name(origin.as_str(), &new_opaque_id().map_err(internal)?);
    let key = SigningKey::generate(&name.map_err(internal)?).map_err(internal)?;
    let person: Person = new_opaque_id().map_err(internal)?.parse().map_err(internal)?;
    let mut private = None;
    let account = match newcomer {
        None => None,
        Some(newcomer) => {
            let name = newcomer.full_name.as_deref();
            private = Some(sealed.officer(name).map_err(internal)?);
            let copy = SigningKey::from_seed(key.name(), *key.seed()).map_err(internal)?;
            let sealed =
                config.sealer.seal(origin, key.public(), newcomer.passphrase, Some(copy)).await;
            Some(NewAccount {
                sign_in_name: newcomer.sign_in_name,
                person: person.clone(),
                key: key.public().clone(),
                lock: sealed.map_err(internal)?,
            })
        }
    };
    Ok(Holder { key, person, title, role, private, account })
}

/// A key for each of the three, and for those who sign in an account.
async fn holders(
    config: &Config,
    origin: &Origin,
    Officers { treasurer, chair, third }: Officers,
    sealed: &mut Sealed,
) -> Result<Vec<Holder>, Fault> {
    let mut holders = Vec::with_capacity(3);
    for (role, newcomer) in [(OfficerRole::Treasurer, treasurer), (OfficerRole::Chair, chair)] {
        let title = newcomer.title.clone();
        let who = (Some(newcomer), &mut *sealed);
        holders.push(holder(config, origin, title, Some(role), who).await?);
    }
    holders.push(match third {
        Third::Deputy(deputy) => {
            let (title, role) = (deputy.title.clone(), Some(OfficerRole::DeputyChair));
            holder(config, origin, title, role, (Some(deputy), sealed)).await?
        }
        Third::Guardian(title) => holder(config, origin, title, None, (None, sealed)).await?,
    });
    Ok(holders)
}

/// The members of entry 0 that say who signs.
struct Signing {
    log_key: PublicKey,
    officers: List<Officer>,
    guardian: Option<Guardian>,
}

fn signing(store: &Store, origin: &Origin, holders: &[Holder]) -> Result<Signing, Fault> {
    let officers = holders.iter().filter_map(officer).collect();
    Ok(Signing {
        log_key: store.keys().log_key(origin).map_err(internal)?,
        officers: List::new(officers).ok_or_else(|| internal("officers"))?,
        guardian: holders.iter().find(|who| who.role.is_none()).map(|who| Guardian {
            vkey: who.key.public().clone(),
            person: who.person.clone(),
            title: who.title.clone(),
            private: None,
        }),
    })
}

fn accounts(holders: &[Holder], now: DateTime<Utc>) -> Result<Alongside, Fault> {
    let accounts: Vec<NewAccount> = holders.iter().filter_map(|who| who.account.clone()).collect();
    Alongside::accounts(&accounts, now).map_err(internal)
}

/// Why a chapter is not founded.
pub(super) enum NotFounded {
    /// A rule of the books says no.
    Refused(Refusal),
    /// Another chapter has its slug.
    SlugTaken,
}

/// Founds the chapter. The inner error is for whoever typed it; nothing was written then.
pub(super) async fn found(
    store: &Store,
    config: &Config,
    wanted: Wanted,
    call: Call<'_>,
) -> Result<Result<Sheet, NotFounded>, Fault> {
    let Wanted { chapter, origin, books_from, today, bank, away, officers } = wanted;
    let id = new_id();
    let mut sealed = Sealed::of(id.clone());
    let holders = holders(config, &origin, officers, &mut sealed).await?;
    let Signing { log_key, officers, guardian } = signing(store, &origin, &holders)?;
    let body = ChapterOpened {
        chapter,
        currency: CurrencyMember {
            code: CurrencyCode::Vnd,
            scale: Number::new(0).ok_or_else(|| internal("a scale"))?,
            private: None,
        },
        utc_offset: UtcOffset::try_from("+07:00".to_owned()).map_err(internal)?,
        books_from,
        log_key,
        officers,
        guardian,
        policy: Policy { two_above: None, away, private: None },
        continues: None,
        rules: Number::new(1).ok_or_else(|| internal("rules"))?,
        private: None,
    };
    let sheet = sheet(&body, &origin, &holders);
    let opening = signed(&origin, (today, id), body.into(), &holders)?;
    let now = config.clock.now();
    let furniture = furniture(&origin, today, bank, &holders[..2])?;
    let beside = (accounts(&holders, now)?, &sealed.values()[..]);
    match store.found_with(opening, beside, furniture, (call, now)).await {
        Ok((_, recorded)) => Ok(Ok(Sheet { leaf: recorded.leaf.to_string(), ..sheet })),
        Err(RecordFault::Refused(refusal)) => Ok(Err(NotFounded::Refused(refusal))),
        Err(RecordFault::SlugTaken) => Ok(Err(NotFounded::SlugTaken)),
        Err(fault) => Err(refusals::fault(fault)),
    }
}

/// The ledger that a new one continues.
pub(super) struct Continued<'a> {
    pub chapter: ChapterId,
    pub secret: &'a LinkSecret,
    pub call: &'a continuations::Call,
    pub old: &'a ChapterState,
}

/// Opens a ledger that continues another: the same chapter, currency, days and policy, under new
/// officers and keys. The inner error is a rule of the books that says no; nothing was written.
pub(super) async fn continued(
    store: &Store,
    config: &Config,
    Continued { chapter, secret, call, old }: Continued<'_>,
    officers: Officers,
) -> Result<Result<Sheet, Refusal>, Fault> {
    let origin = old.origin.next().ok_or_else(|| internal("no longer identity"))?;
    let id = new_id();
    let mut sealed = Sealed::of(id.clone());
    let holders = holders(config, &origin, officers, &mut sealed).await?;
    let Signing { log_key, officers, guardian } = signing(store, &origin, &holders)?;
    let checkpoint = Base64::of(&call.checkpoint).ok_or_else(|| internal("no checkpoint"))?;
    let body = ChapterOpened {
        chapter: old.chapter.clone(),
        currency: old.currency.clone(),
        utc_offset: old.utc_offset,
        books_from: old.books_from,
        log_key,
        officers,
        guardian,
        policy: old.policy.clone(),
        continues: Some(Continues { checkpoint, private: None }),
        rules: Number::new(old.rules).ok_or_else(|| internal("rules"))?,
        private: None,
    };
    let sheet = sheet(&body, &origin, &holders);
    let now = config.clock.now();
    let today = config.clock.today(old.utc_offset.fixed());
    let today = Date::new(today).ok_or_else(|| internal("the clock"))?;
    let opening = signed(&origin, (today, id), body.into(), &holders)?;
    let beside = (accounts(&holders, now)?, &sealed.values()[..]);
    match store.continue_ledger(chapter, secret, opening, beside, now).await {
        Ok(recorded) => Ok(Ok(Sheet { leaf: recorded.leaf.to_string(), ..sheet })),
        Err(RecordFault::Refused(refusal)) => Ok(Err(refusal)),
        Err(fault) => Err(refusals::fault(fault)),
    }
}

fn officer(who: &Holder) -> Option<Officer> {
    Some(Officer {
        vkey: who.key.public().clone(),
        person: who.person.clone(),
        roles: Words::new(vec![who.role?])?,
        title: who.title.clone(),
        private: who.private.clone(),
    })
}

/// The first fund, and the bank account if there is one: signed by the same two, recorded with
/// entry 0 or not at all.
fn furniture(
    origin: &Origin,
    today: Date,
    bank: Option<crate::ledger::voucher::Place>,
    holders: &[Holder],
) -> Result<Vec<SignedVoucher>, Fault> {
    let mut bodies: Vec<Body> = vec![FundOpened { fund: general_fund()?, private: None }.into()];
    bodies.extend(bank.map(|place| Body::from(PlaceOpened { place, private: None })));
    bodies.into_iter().map(|body| signed(origin, (today, new_id()), body, holders)).collect()
}

fn general_fund() -> Result<Fund, Fault> {
    let code: Code = "chung".parse().map_err(internal)?;
    Ok(Fund {
        code,
        r#type: FundType::General,
        name: "Quỹ chung".parse().map_err(internal)?,
        terms: Terms {
            text: "Dùng cho mọi hoạt động nhân đạo của Hội.".parse().map_err(internal)?,
            kinds: None,
            programmes: None,
            until: None,
            costs: true,
            private: None,
        },
        target: None,
        from: None,
        to: None,
        private: None,
    })
}

/// A voucher signed by recorder, approver, and everybody else as holder by name.
fn signed(
    origin: &Origin,
    (date, id): (Date, VoucherId),
    body: Body,
    holders: &[Holder],
) -> Result<SignedVoucher, Fault> {
    let by = holders.first().ok_or_else(|| internal("no recorder"))?;
    let voucher = Voucher {
        by: by.key.name().parse().map_err(internal)?,
        date,
        id,
        log: origin.clone(),
        note: None,
        body,
    };
    let bytes = voucher.bytes();
    let roles = [SignatureRole::Recorder, SignatureRole::Approver, SignatureRole::Holder];
    let signatures = holders
        .iter()
        .zip(roles)
        .map(|(who, role)| OfficerSignature::sign(role, &who.key, &bytes))
        .collect::<Result<Vec<_>, _>>()
        .map_err(internal)?;
    Ok(SignedVoucher { voucher, signatures })
}

fn sheet(body: &ChapterOpened, origin: &Origin, holders: &[Holder]) -> Sheet {
    let row = |who: &Holder| SheetKey {
        title: who.title.to_string(),
        key: who.key.public().vkey(),
        sign_in_name: who.account.as_ref().map(|account| account.sign_in_name.clone()),
    };
    let guardian = holders.iter().find(|who| who.role.is_none());
    Sheet {
        name: body.chapter.name.to_string(),
        origin: origin.to_string(),
        log_key: body.log_key.vkey(),
        leaf: String::new(),
        officers: holders.iter().filter(|who| who.role.is_some()).map(row).collect(),
        guardian: guardian.map(row),
        guardian_secret: guardian.map(|who| who.key.private_text().to_string()),
    }
}
