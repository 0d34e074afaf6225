//! Who may call: rights are argument types.
//!
//! A form is taken only from a page of this site ([`SameOrigin`]) and only with the token that this
//! visitor was given for this very form ([`FormSecret`]).

use hmac::{Hmac, KeyInit as _, Mac as _};
use rocket::fairing::{Fairing, Info, Kind};
use rocket::form::Form;
use rocket::http::{Cookie, Method, SameSite};
use rocket::request::{FromRequest, Outcome};
use rocket::{Data, Request};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::cache::hook;
use super::config::Config;
use super::fault::{Denied, Fault, Malformed, Refused};

/// The name of the field that holds a form's token.
pub const TOKEN: &str = "token";

/// The cookie of a signed-in officer, without prefix.
const SESSION: &str = "minhbach";

/// The cookie of a visitor who is not signed in and was shown a form, without prefix.
const VISITOR: &str = "minhbach-form";

/// The cookie of an officer whose passphrase was right and whose code is still asked for, without
/// prefix. No page of the desk looks for it.
const HALF: &str = "minhbach-code";

/// The name, without prefix, of the cookie of a half session.
#[must_use]
pub const fn half_cookie() -> &'static str {
    HALF
}

/// A cookie of this site: not for scripts, not sent along with forms of other sites, over https
/// alone where the site is https, and then with a name (`__Host-`) that no other host can set.
#[must_use]
pub fn cookie(config: &Config, name: &'static str, value: String) -> Cookie<'static> {
    Cookie::build((cookie_name(config, name), value))
        .path("/")
        .http_only(true)
        .secure(config.base_url.is_https())
        .same_site(SameSite::Lax)
        .build()
}

/// The full name of a cookie of this site.
#[must_use]
pub fn cookie_name(config: &Config, name: &str) -> String {
    let prefix = if config.base_url.is_https() { "__Host-" } else { "" };
    format!("{prefix}{name}")
}

/// The name, without prefix, of the cookie of a signed-in officer.
#[must_use]
pub const fn session_cookie() -> &'static str {
    SESSION
}

/// The request was made by a page of this site.
///
/// Compared with the configured address, never with `Host`. `Sec-Fetch-Site` must say `same-origin`
/// where it is sent; `Origin` must be ours, or `null` where `Sec-Fetch-Site` vouches for it (forms
/// on pages with `Referrer-Policy: no-referrer` send that). A request with neither header is
/// refused: every browser since 2020 sends one with a form.
#[derive(Clone, Copy, Debug)]
pub struct SameOrigin(());

#[rocket::async_trait]
impl<'r> FromRequest<'r> for SameOrigin {
    type Error = Refused;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Refused> {
        let Some(config) = request.rocket().state::<Config>() else {
            return Outcome::Error(Fault::Unmanaged("Config").refuse(request));
        };
        let only = |name| {
            let mut values = request.headers().get(name);
            (values.next(), values.next().is_some())
        };
        let ((origin, two_origins), (site, two_sites)) = (only("Origin"), only("Sec-Fetch-Site"));
        let own = !two_origins
            && !two_sites
            && match (origin, site) {
                (Some("null") | None, site) => site == Some("same-origin"),
                (Some(origin), site) => {
                    origin == config.base_url.origin() && matches!(site, None | Some("same-origin"))
                }
            };
        if own {
            Outcome::Success(Self(()))
        } else {
            Outcome::Error(Fault::Forbidden(Denied::Origin).refuse(request))
        }
    }
}

/// The address names nothing twice: of a filter that is there twice neither is meant, and a page
/// without it would show other entries than were asked for.
pub struct Once(());

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Once {
    type Error = Refused;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Refused> {
        let mut seen = std::collections::BTreeSet::new();
        // As Rocket reads them: decoded, and `quy.a` or `quy[0]` are `quy`, too.
        let root = |name: &str| name.split(['.', '[']).next().unwrap_or_default().to_owned();
        let mut pairs = request.uri().query().into_iter().flat_map(|query| query.segments());
        if pairs.all(|(name, _)| name.is_empty() || seen.insert(root(name))) {
            Outcome::Success(Self(()))
        } else {
            Outcome::Error(Fault::NotFound.refuse(request))
        }
    }
}

/// What a visitor's form tokens are made from: the secret in the session's cookie, or, before
/// sign-in, in a cookie of their own that is set when first asked for.
///
/// A token is HMAC-SHA-256(secret, form): it holds for one visitor and one form, ends with the
/// session, and needs no memory in the server.
pub struct FormSecret(Zeroizing<String>);

impl FormSecret {
    /// The secret that the visitor's cookies hold already.
    #[must_use]
    pub fn held(request: &Request<'_>) -> Option<Self> {
        hook::personal(request);
        let config = request.rocket().state::<Config>()?;
        [SESSION, VISITOR].into_iter().find_map(|name| {
            let cookie = request.cookies().get(&cookie_name(config, name))?;
            let value = cookie.value();
            let sound = (32..=256).contains(&value.len())
                && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
            sound.then(|| Self(Zeroizing::new(value.to_owned())))
        })
    }

    /// The token of the form that is sent to the path `action`.
    #[must_use]
    pub fn token(&self, action: &str) -> String {
        hex::encode(self.mac(action).finalize().into_bytes())
    }

    /// Whether a token is that of the form sent to `action`; in constant time.
    #[must_use]
    pub fn accepts(&self, action: &str, token: &str) -> bool {
        let mut given = [0; 32];
        hex::decode_to_slice(token, &mut given).is_ok()
            && self.mac(action).verify_slice(&given).is_ok()
    }

    /// The secret of a session that this very answer begins.
    #[must_use]
    pub fn of_session(cookie: &str) -> Self {
        Self(Zeroizing::new(cookie.to_owned()))
    }

    /// A fixed secret.
    #[cfg(test)]
    pub(super) fn for_tests() -> Self {
        Self(Zeroizing::new("0".repeat(64)))
    }

    fn mac(&self, action: &str) -> Hmac<Sha256> {
        // HMAC takes keys of any length; the default would make a MAC that nobody was given.
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.as_bytes())
            .unwrap_or_else(|_| Hmac::new(&hmac::digest::Key::<Hmac<Sha256>>::default()));
        mac.update(b"minhbach form v1\n");
        mac.update(action.as_bytes());
        mac
    }
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for FormSecret {
    type Error = Refused;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Refused> {
        if let Some(held) = Self::held(request) {
            return Outcome::Success(held);
        }
        let Some(config) = request.rocket().state::<Config>() else {
            return Outcome::Error(Fault::Unmanaged("Config").refuse(request));
        };
        let mut random = Zeroizing::new([0; 32]);
        if let Err(error) = getrandom::fill(&mut *random) {
            return Outcome::Error(Fault::internal(error.to_string()).refuse(request));
        }
        let secret = hex::encode(*random);
        request.cookies().add(cookie(config, VISITOR, secret.clone()));
        Outcome::Success(Self(Zeroizing::new(secret)))
    }
}

/// Undoes what Rocket does with forms that begin with `_method=`: it takes them for that method.
///
/// No page of ours has such a field. The request is turned to a method that has no routes, and its
/// fault is left for the catcher: 400.
pub struct PlainMethods;

#[rocket::async_trait]
impl Fairing for PlainMethods {
    fn info(&self) -> Info {
        Info { name: "plain methods", kind: Kind::Request }
    }

    async fn on_request(&self, request: &mut Request<'_>, data: &mut Data<'_>) {
        if !request.content_type().is_some_and(|content_type| content_type.is_form()) {
            return;
        }
        // Exactly Rocket's own look: as many bytes, the same parser.
        let start = data.peek("_method=delete".len()).await;
        let tricked = std::str::from_utf8(start)
            .ok()
            .and_then(|form| Form::values(form).next())
            .is_some_and(|field| field.name == "_method");
        if tricked {
            request.set_method(Method::Trace);
            Fault::BadRequest(Malformed::Method).refuse(request);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_holds_for_one_visitor_and_one_form() {
        let one = FormSecret(Zeroizing::new("a".repeat(64)));
        let other = FormSecret(Zeroizing::new("b".repeat(64)));
        let token = one.token("/ban/phieu-thu");
        assert_eq!(token.len(), 64);
        assert!(one.accepts("/ban/phieu-thu", &token));
        assert!(!one.accepts("/ban/phieu-chi", &token));
        assert!(!other.accepts("/ban/phieu-thu", &token));
        for wrong in ["", "00", &token[..62], &format!("{token}00"), &"0".repeat(64)] {
            assert!(!one.accepts("/ban/phieu-thu", wrong), "{wrong}");
        }
    }
}
