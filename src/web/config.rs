//! What an operator settles about the site: its address, its name, its clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, FixedOffset, NaiveDate, Utc};
use rocket::data::{Limits, ToByteUnit};
use rocket::figment::providers::{Env, Format as _, Toml};
use rocket::figment::{Figment, Profile};
use rocket::http::uri::Absolute;

use super::cosigning::Cosigning;
use super::desk::setup::twice::Founders;
use super::metrics::Meters;
use super::mirrors::Mirrors;
use super::sheets::Sheets;
use super::watch::Watch;
use crate::ledger::keys::PublicKey;
use crate::store::desk::sealing::Sealer;

/// Where heads of other ledgers are witnessed: the submission and the monitoring prefix (C2SP
/// tlog-witness), and the page about it.
pub const WITNESS: &str = "/nhan-chung";

/// After how many days the last backup is too old, unless the operator says otherwise.
pub const BACKUP_DAYS: u64 = 7;

/// Thirteen characters of base32 (RFC 4648 section 6) under `.invalid` (RFC 2606 section 2).
///
/// # Errors
/// No randomness.
pub fn invented_host() -> Result<String, getrandom::Error> {
    const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let mut random = [0_u8; 13];
    getrandom::fill(&mut random)?;
    let letters = random.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)]));
    Ok(format!("{}.invalid", letters.collect::<String>()))
}

/// The settings of a site. The `Host` header decides none of them.
#[derive(Clone, Debug)]
pub struct Config {
    /// The address under which people reach the site.
    pub base_url: BaseUrl,
    /// Where officers sign in and forms go, when this server only reads.
    pub desk: Option<BaseUrl>,
    /// The name in the header of pages that belong to no chapter.
    pub name: String,
    /// Where "now" comes from.
    pub clock: Clock,
    /// What opens passphrases, a few at a time.
    pub sealer: Sealer,
    /// Who reads Excel files.
    pub sheets: Sheets,
    /// Ledgers that other servers keep, for the roll-up.
    pub mirrors: Mirrors,
    /// Log keys of the ledgers that this server witnesses, each named after its ledger; several of
    /// one ledger while its key is being changed.
    pub witnessed: Arc<[PublicKey]>,
    /// What asks the witnesses of the ledgers kept here.
    pub cosigning: Cosigning,
    /// What is seen of the machine.
    pub watch: Watch,
    /// What is counted while the site serves.
    pub meters: Meters,
    /// Who founds a chapter just now.
    pub founders: Founders,
    /// A last backup that is older than so many days is warned of at the desk.
    pub backup_days: u64,
}

impl Config {
    /// A site at an address, with the product's name and the system's clock.
    #[must_use]
    pub fn new(base_url: BaseUrl) -> Self {
        Self {
            base_url,
            desk: None,
            name: "Minh Bạch".to_owned(),
            clock: Clock::system(),
            sealer: Sealer::new(2),
            sheets: Sheets::default(),
            mirrors: Mirrors::default(),
            witnessed: Arc::default(),
            cosigning: Cosigning::default(),
            watch: Watch::default(),
            meters: Meters::default(),
            founders: Founders::default(),
            backup_days: BACKUP_DAYS,
        }
    }
}

/// Rocket's settings: our defaults, then `Rocket.toml` (or the file that `ROCKET_CONFIG` names),
/// then `ROCKET_…` variables.
#[must_use]
pub fn figment() -> Figment {
    let limits = Limits::default()
        .limit("fields", 64.kibibytes())
        .limit("many-fields", 512.kibibytes())
        .limit("statement", 48.mebibytes());
    Figment::from(rocket::Config::default())
        .merge(("address", "127.0.0.1"))
        // A header that any client can send must not decide who is throttled.
        .merge(("ip_header", false))
        .merge(("ident", false))
        .merge(("keep_alive", 15))
        // Rocket's lines hold whole addresses, "critical" ones too: receipt codes, and names that
        // people searched for. What went wrong is logged by `fault`, with the path alone.
        .merge(("log_level", "off"))
        .merge(("limits", limits))
        .merge(Toml::file(Env::var_or("ROCKET_CONFIG", "Rocket.toml")).nested())
        .merge(Env::prefixed("ROCKET_").ignore(&["PROFILE"]).global())
        .select(Profile::from_env_or("ROCKET_PROFILE", rocket::Config::DEFAULT_PROFILE))
}

/// The address of the site: scheme, host and port, nothing behind them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl {
    origin: String,
    host: String,
    https: bool,
}

impl BaseUrl {
    /// Reads `https://so.example` or `http://127.0.0.1:8000`; a slash at the end is left out.
    ///
    /// # Errors
    /// [`BaseUrlFault`] for anything but http or https with a host and perhaps a port.
    pub fn parse(text: &str) -> Result<Self, BaseUrlFault> {
        let lower = text.trim().to_ascii_lowercase();
        let bare = lower.strip_suffix('/').unwrap_or(&lower);
        let address = Absolute::parse(bare).map_err(|_| BaseUrlFault)?;
        let authority = address.authority().ok_or(BaseUrlFault)?;
        let https = address.scheme() == "https";
        let plain = authority.user_info().is_none()
            && !authority.host().is_empty()
            && address.path().is_empty()
            && address.query().is_none();
        if !plain || !(https || address.scheme() == "http") {
            return Err(BaseUrlFault);
        }
        let usual = if https { 443 } else { 80 };
        let port = authority.port().filter(|port| *port != usual);
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        let host = authority.host().to_owned();
        Ok(Self { origin: format!("{}://{host}{port}", address.scheme()), host, https })
    }

    /// The host alone, without port.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Scheme, host and port as browsers write them in `Origin`: without a last slash or a usual
    /// port.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The name of a witness key that is made here: the address under which it witnesses, without
    /// scheme. A loopback is nobody's address, so it gets none that could be mistaken for one.
    ///
    /// # Errors
    /// [`Unspecified`](getrandom::Error) without randomness.
    pub fn witness_name(&self) -> Result<String, getrandom::Error> {
        let host = match self.is_loopback() {
            true => invented_host()?,
            false => self.origin.split_once("://").map_or("", |(_, host)| host).to_owned(),
        };
        Ok(format!("{host}{WITNESS}"))
    }

    /// The address of a path (which begins with `/`) of this site.
    #[must_use]
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    /// Whether people come over https.
    #[must_use]
    pub const fn is_https(&self) -> bool {
        self.https
    }

    /// Whether only this machine reaches the site.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        let host = self.host.trim_matches(['[', ']']);
        let address = host.parse::<std::net::IpAddr>();
        host == "localhost" || address.is_ok_and(|address| address.is_loopback())
    }

    /// Whether a passphrase may be sent here: over https, or on this machine alone.
    #[must_use]
    pub fn may_sign_in(&self) -> bool {
        self.is_https() || self.is_loopback()
    }
}

/// An address that is not `http://host` or `https://host`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "base URL: give scheme and host alone, such as https://so.example or http://127.0.0.1:8000"
)]
pub struct BaseUrlFault;

/// Where "now" comes from: the system, or a moment that stands still (demonstrations, tests).
#[derive(Clone, Debug)]
pub struct Clock(Option<Arc<AtomicI64>>);

impl Clock {
    /// The system's clock.
    #[must_use]
    pub const fn system() -> Self {
        Self(None)
    }

    /// A clock that stands at `at` (whole seconds) until it is set.
    #[must_use]
    pub fn stopped(at: DateTime<Utc>) -> Self {
        Self(Some(Arc::new(AtomicI64::new(at.timestamp()))))
    }

    /// Whether it is the system's clock.
    #[must_use]
    pub const fn is_system(&self) -> bool {
        self.0.is_none()
    }

    /// Moves a stopped clock, for every holder of it; the system's clock stays as it is.
    pub fn set(&self, at: DateTime<Utc>) {
        if let Some(seconds) = &self.0 {
            seconds.store(at.timestamp(), Ordering::Relaxed);
        }
    }

    /// The moment it is.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        let stopped = self.0.as_ref().map(|seconds| seconds.load(Ordering::Relaxed));
        stopped.and_then(|seconds| DateTime::from_timestamp(seconds, 0)).unwrap_or_else(Utc::now)
    }

    /// The day it is where the chapter is.
    #[must_use]
    pub fn today(&self, offset: FixedOffset) -> NaiveDate {
        self.now().with_timezone(&offset).date_naive()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_browsers_write_origins() {
        for (text, origin) in [
            ("https://So.Example/", "https://so.example"),
            ("https://so.example:443", "https://so.example"),
            ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
            ("http://[::1]:80", "http://[::1]"),
        ] {
            assert_eq!(BaseUrl::parse(text).unwrap().origin(), origin);
        }
        for text in [
            "",
            "so.example",
            "ftp://so.example",
            "https://u@so.example",
            "https://",
            "https://so.example/so",
            "https://so.example?x",
            "javascript:alert(1)",
            "file:///etc",
        ] {
            assert_eq!(BaseUrl::parse(text), Err(BaseUrlFault), "{text}");
        }
    }

    #[test]
    fn passphrases_travel_over_https_or_not_at_all() {
        let may = |text| BaseUrl::parse(text).unwrap().may_sign_in();
        assert!(may("https://so.example"));
        assert!(
            may("http://localhost:8000") && may("http://[::1]:8000") && may("http://127.0.0.2")
        );
        assert!(!may("http://so.example") && !may("http://192.168.1.4:8000"));
        assert!(!may("http://localhost.so.example") && !may("http://127.0.0.1.so.example"));
    }

    #[test]
    fn a_stopped_clock_stands_and_its_day_is_the_chapters() {
        let clock = Clock::stopped("2026-11-05T18:30:00Z".parse().unwrap());
        assert_eq!(clock.now().to_rfc3339(), "2026-11-05T18:30:00+00:00");
        let hanoi = "+07:00".parse().unwrap();
        assert_eq!(clock.today(hanoi).to_string(), "2026-11-06");
        clock.clone().set("2027-01-01T00:00:00Z".parse().unwrap());
        assert_eq!(clock.today(hanoi).to_string(), "2027-01-01");
    }

    #[test]
    fn our_defaults_reach_rocket() {
        let config: rocket::Config = figment().extract().unwrap();
        assert_eq!(config.ip_header, None);
        assert_eq!(config.log_level, rocket::config::LogLevel::Off);
        assert_eq!(config.limits.get("fields"), Some(64.kibibytes()));
        assert_eq!(config.limits.get("many-fields"), Some(512.kibibytes()));
        assert_eq!(config.limits.get("statement"), Some(48.mebibytes()));
        assert!(config.limits.get("json").is_some());
    }
}
