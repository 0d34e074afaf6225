//! Who is signed in: officers as argument types.
//!
//! What an officer may do stands in the ledger, so it is asked there for every request: a session
//! of somebody who lost a role, a key or their office is at once nobody's.

use std::sync::atomic::{AtomicBool, Ordering};

use chrono::NaiveDate;
use rocket::Request;
use rocket::http::Status;
use rocket::request::{FromRequest, Outcome};

use super::cache::hook;
use super::config::Config;
use super::fault::{Denied, Fault, Refused};
use super::guards::{FormSecret, cookie_name, session_cookie};
use crate::books::Books;
use crate::books::officers::InOffice;
use crate::ledger::keys::{PublicKey, SigningKey};
use crate::ledger::voucher::OfficerRole;
use crate::ledger::word::Person;
use crate::store::desk::accounts::Account;
use crate::store::desk::sealing::SealingFault;
use crate::store::desk::sessions::{Cookie, Session};
use crate::store::facade::ClockFit;
use crate::store::{ChapterId, Standing, Store, desk};

/// A signed-in officer, with the books as they are now.
pub struct Officer {
    /// The chapter that they serve.
    pub chapter: ChapterId,
    /// The same for the desk's tables.
    pub desk: desk::Chapter,
    /// The person, as the ledger calls them.
    pub person: Person,
    /// Their roles and key in the ledger.
    pub office: InOffice,
    /// The name that they signed in with.
    pub sign_in_name: String,
    /// The books at the newest head.
    pub books: Books,
    /// Today, where the chapter is.
    pub today: NaiveDate,
    /// Whether the ledger takes writes, and if not, why.
    pub standing: Standing,
    /// How the server's clock fits to the last entry.
    pub clock: ClockFit,
    session: Session,
    cookie: Cookie,
}

impl Officer {
    /// Whether the officer has one of these roles.
    #[must_use]
    pub fn has_any(&self, roles: &[OfficerRole]) -> bool {
        self.office.roles.iter().any(|role| roles.contains(role))
    }

    /// Whether the officer may record vouchers.
    #[must_use]
    pub fn may_record(&self) -> bool {
        self.has_any(RECORDERS)
    }

    /// Whether the ledger goes on: it is open, and not ended for good.
    #[must_use]
    pub fn may_be_written(&self) -> bool {
        let ended = self.books.chapter().is_some_and(|own| own.closed.is_some());
        self.standing == Standing::Open && !ended
    }

    /// The officer's key, opened by their session.
    ///
    /// # Errors
    /// [`Fault`]: the key is kept away from this server, or the session's row was changed.
    pub fn key(&self) -> Result<SigningKey, Fault> {
        let opened = self.session.open_key(&self.desk, &self.cookie, &self.session.account.key);
        match opened {
            Ok(Some(key)) => Ok(key),
            Ok(None) => Err(Fault::Unprocessable("desk-key-away")),
            Err(SealingFault::OtherKey(_)) => Err(Fault::SignIn(None)),
            Err(fault) => Err(Fault::internal(fault)),
        }
    }

    /// Whether the officer's key is kept away from this server: nothing is signed with it here.
    #[must_use]
    pub const fn key_is_away(&self) -> bool {
        self.session.account.lock.sealed_seed.is_none()
    }

    /// The public half of the officer's key.
    #[must_use]
    pub const fn public_key(&self) -> &PublicKey {
        &self.session.account.key
    }

    /// The officer's account.
    #[must_use]
    pub const fn account(&self) -> &Account {
        &self.session.account
    }

    /// The cookie of this very session.
    #[must_use]
    pub const fn cookie(&self) -> &Cookie {
        &self.cookie
    }

    /// What the tokens of this officer's forms are made from.
    #[must_use]
    pub fn form_secret(&self) -> FormSecret {
        FormSecret::of_session(&self.cookie.value())
    }

    async fn of(request: &Request<'_>) -> Result<Option<Self>, Fault> {
        hook::personal(request);
        // Who waited for the database once does not wait again for the same request.
        if Unreadable::of(request).load(Ordering::Relaxed) {
            return Ok(None);
        }
        let config = request.rocket().state::<Config>().ok_or(Fault::Unmanaged("Config"))?;
        let name = cookie_name(config, session_cookie());
        let cookie = request.cookies().get(&name).and_then(|held| Cookie::parse(held.value()));
        let Some(cookie) = cookie else { return Ok(None) };
        let store = request.rocket().state::<Store>().ok_or(Fault::Unmanaged("Store"))?;
        let now = config.clock.now();
        let found = store.session(&cookie, now).await.map_err(Fault::internal)?;
        let Some((chapter, desk, session)) = found else { return Ok(None) };
        let view = store.view(chapter).map_err(Fault::internal)?;
        let view = view.ok_or_else(super::public::ledgers::unreadable)?;
        let (books, standing) = (view.books, view.standing);
        let person = session.account.person.clone();
        // Retired, or with another key: the account is nobody's until it gets the new one.
        let office = books
            .officers()
            .in_office()
            .get(&person)
            .filter(|office| office.key.as_str() == session.account.key.name())
            .cloned();
        let (Some(office), Some(state)) = (office, books.chapter()) else { return Ok(None) };
        let today = config.clock.today(state.utc_offset.fixed());
        let clock = store.clock_fit(chapter, now).map_err(Fault::internal)?;
        let sign_in_name = session.account.sign_in_name.clone();
        Ok(Some(Self {
            chapter,
            desk,
            person,
            office,
            sign_in_name,
            books,
            today,
            standing,
            clock,
            session,
            cookie,
        }))
    }
}

/// Whether the session of a request could not be read for now.
#[derive(Default)]
struct Unreadable(AtomicBool);

impl Unreadable {
    fn of<'r>(request: &'r Request<'_>) -> &'r AtomicBool {
        &request.local_cache(Self::default).0
    }
}

/// The store, where the site has one.
pub struct Kept<'r>(pub &'r Store);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Kept<'r> {
    type Error = Refused;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Refused> {
        match request.rocket().state::<Store>() {
            Some(store) => Outcome::Success(Self(store)),
            None => Outcome::Error(Fault::Unmanaged("Store").refuse(request)),
        }
    }
}

/// The path to come back to after signing in: where a page was asked for.
fn back(request: &Request<'_>) -> Option<String> {
    (request.method() == rocket::http::Method::Get).then(|| request.uri().to_string())
}

async fn guard(request: &Request<'_>, roles: Option<&[OfficerRole]>) -> Outcome<Officer, Refused> {
    match Officer::of(request).await {
        Ok(Some(officer)) => match roles {
            Some(roles) if !officer.has_any(roles) => {
                Outcome::Error(Fault::Forbidden(Denied::Role).refuse(request))
            }
            _ => Outcome::Success(officer),
        },
        // A form that came too late is not lost: the route behind takes it (`desk::sign_in`).
        Ok(None) if request.method() == rocket::http::Method::Post => {
            Outcome::Forward(Status::Unauthorized)
        }
        Ok(None) => Outcome::Error(Fault::SignIn(back(request)).refuse(request)),
        // What passes by itself: the same route keeps what was typed.
        Err(fault @ Fault::NotNow { .. }) if request.method() == rocket::http::Method::Post => {
            let (status, _) = fault.refuse(request);
            Unreadable::of(request).store(true, Ordering::Relaxed);
            Outcome::Forward(status)
        }
        Err(fault) => Outcome::Error(fault.refuse(request)),
    }
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Officer {
    type Error = Refused;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Refused> {
        guard(request, None).await
    }
}

/// Roles that may record vouchers.
const RECORDERS: &[OfficerRole] =
    &[OfficerRole::Treasurer, OfficerRole::Chair, OfficerRole::DeputyChair];

macro_rules! role {
    ($(#[$meta:meta])* $name:ident($roles:expr)) => {
        $(#[$meta])*
        pub struct $name(pub Officer);

        #[rocket::async_trait]
        impl<'r> FromRequest<'r> for $name {
            type Error = Refused;

            async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Refused> {
                guard(request, Some($roles)).await.map(Self)
            }
        }
    };
}

role! {
    /// Who may keep the books: treasurer, chair or deputy.
    Treasurer(RECORDERS)
}
role! {
    /// Whose signature a draft may wait for: who may approve, and the auditor.
    Signer(&[
        OfficerRole::Treasurer,
        OfficerRole::Chair,
        OfficerRole::DeputyChair,
        OfficerRole::Auditor,
    ])
}
role! {
    /// An auditor.
    Auditor(&[OfficerRole::Auditor])
}
role! {
    /// Who answers for the officers' accounts: chair or deputy.
    Head(&[OfficerRole::Chair, OfficerRole::DeputyChair])
}
role! {
    /// Who answers for what leaked: chair or auditor.
    Overseer(&[OfficerRole::Chair, OfficerRole::Auditor])
}
/// Roles that may see families.
pub(super) const CASEWORKERS: &[OfficerRole] = &[
    OfficerRole::Caseworker,
    OfficerRole::Treasurer,
    OfficerRole::Chair,
    OfficerRole::DeputyChair,
];

role! {
    /// A caseworker, or who may record everything.
    Caseworker(CASEWORKERS)
}
