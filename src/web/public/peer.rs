//! How often one peer may ask for what is looked up by a secret, or costs something.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::LazyLock;

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use rocket::Request;
use rocket::request::{FromRequest, Outcome};

use crate::web::Fault;
use crate::web::cache::hook;

/// Codes that lead nowhere, and look-ups in all, that one peer may try in a minute.
static MISSES: LazyLock<DefaultKeyedRateLimiter<IpAddr>> = LazyLock::new(|| limiter(20));
static LOOK_UPS: LazyLock<DefaultKeyedRateLimiter<IpAddr>> = LazyLock::new(|| limiter(600));
/// Searches, and references of banks.
static SEARCHES: LazyLock<DefaultKeyedRateLimiter<IpAddr>> = LazyLock::new(|| limiter(120));
static REFERENCES: LazyLock<DefaultKeyedRateLimiter<IpAddr>> = LazyLock::new(|| limiter(10));
/// Heads that one peer submits to be cosigned: many ledgers may stand behind one proxy.
static SUBMISSIONS: LazyLock<DefaultKeyedRateLimiter<IpAddr>> = LazyLock::new(|| limiter(300));
/// Complaints that one peer sends. An office or a village may stand behind one address.
/// Fewer an hour than a chapter takes a day, so that one peer does not silence all others at once;
/// enough for all who come through one proxy.
static COMPLAINTS: LazyLock<DefaultKeyedRateLimiter<IpAddr>> = LazyLock::new(|| {
    let (hourly, burst) = (NonZeroU32::new(30), NonZeroU32::new(5));
    let hourly = Quota::per_hour(hourly.unwrap_or(NonZeroU32::MIN));
    RateLimiter::keyed(hourly.allow_burst(burst.unwrap_or(NonZeroU32::MIN)))
});

/// Seconds after which a throttled peer may try again.
const AGAIN: u32 = 60;

fn limiter(each_minute: u32) -> DefaultKeyedRateLimiter<IpAddr> {
    let each_minute = NonZeroU32::new(each_minute).unwrap_or(NonZeroU32::MIN);
    RateLimiter::keyed(Quota::per_minute(each_minute))
}

/// The other end of the connection; never a header that a client can send.
pub struct Peer(Option<IpAddr>);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Peer {
    type Error = std::convert::Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Self::Error> {
        // Whoever counts requests must see each of them.
        hook::personal(request);
        Outcome::Success(Self(request.remote().map(|remote| remote.ip())))
    }
}

impl Peer {
    /// Counts a look-up.
    ///
    /// # Errors
    /// 429.
    pub fn looks_up(&self) -> Result<(), Fault> {
        self.may(&LOOK_UPS)
    }

    /// Counts a code that leads nowhere.
    ///
    /// # Errors
    /// 429.
    pub fn misses(&self) -> Result<(), Fault> {
        self.may(&MISSES)
    }

    /// Counts a search.
    ///
    /// # Errors
    /// 429.
    pub fn searches(&self) -> Result<(), Fault> {
        self.may(&SEARCHES)
    }

    /// Counts a try of a bank's reference.
    ///
    /// # Errors
    /// 429.
    pub fn tries_reference(&self) -> Result<(), Fault> {
        self.may(&REFERENCES)
    }

    /// Counts a head that is submitted to be cosigned.
    ///
    /// # Errors
    /// 429.
    pub fn submits(&self) -> Result<(), Fault> {
        self.may(&SUBMISSIONS)
    }

    /// Counts a complaint.
    ///
    /// # Errors
    /// 429.
    pub fn complains(&self) -> Result<(), Fault> {
        self.may(&COMPLAINTS)
    }

    fn may(&self, limiter: &DefaultKeyedRateLimiter<IpAddr>) -> Result<(), Fault> {
        if limiter.len() > 10_000 {
            limiter.retain_recent();
        }
        let asked = self.0.map_or(Ok(()), |peer| limiter.check_key(&peer));
        asked.map_err(|_| Fault::TooMany(AGAIN))
    }
}
