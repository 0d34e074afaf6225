//! How often somebody may try a passphrase.
//!
//! A try is counted before Argon2id runs and cleared when it was right, so parallel tries gain
//! nothing. Three counters stand beside each other: of the peer (an address, an office behind one
//! address), of the pair (this peer at this name), of the name (all peers together). While one of
//! them says wait, nothing is computed or counted. The name's own wait stays short, and a peer from
//! which the name was opened in the last 90 days is held to its pair alone: strangers who try for
//! ever slow themselves down and never lock the owner out.
//!
//! A passphrase typed once more by somebody who is signed in (to approve, to choose another) has a
//! counter of its own for each person: mistyping there closes nobody's sign-in, and signing in anew
//! opens it again.
//!
//! A code of a second device is held to the same counters and, from peers that are not known, to
//! one of its own: six digits are soon guessed otherwise. A code typed by somebody who is signed in
//! has a counter of its own as well, which a right passphrase alone never opens again.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::ConnectionTrait;
use sha2::{Digest as _, Sha256};

use super::sql::{self, values};
use super::{Chapter, DeskFault};
use crate::ledger::word::Person;

/// Tries after which a wait begins, and the longest wait in seconds.
struct Limit {
    scope: &'static str,
    free: i64,
    longest: i64,
}

const PEER: Limit = Limit { scope: "peer", free: 20, longest: 900 };
const PAIR: Limit = Limit { scope: "pair", free: 5, longest: 900 };
const ACCOUNT: Limit = Limit { scope: "account", free: 10, longest: 60 };
/// Codes of six digits at one name, from wherever: about a hundred a day, three of a million
/// right. They come behind a right passphrase, so strangers close nothing to anybody; and a
/// recovery code, which nobody guesses, is not held to it.
const CODE: Limit = Limit { scope: "account", free: 5, longest: 900 };

/// Seconds after which failures are forgotten.
const FORGOTTEN: i64 = 86_400;
/// Seconds for which a peer stays known to a name.
const KNOWN: i64 = 90 * 86_400;

impl Limit {
    /// 0 for the free tries, then 1, 2, 4 … seconds up to the longest.
    fn wait(&self, failed: i64) -> i64 {
        match u32::try_from(failed - self.free) {
            Ok(over @ 1..) => 1_i64.checked_shl(over - 1).map_or(self.longest, |wait| {
                if wait <= 0 { self.longest } else { wait.min(self.longest) }
            }),
            _ => 0,
        }
    }
}

/// The counters that one try is held to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Try {
    peer: [u8; 32],
    pair: [u8; 32],
    account: [u8; 32],
    /// Of a code of six digits: its own counter beside the others.
    code: Option<[u8; 32]>,
    /// By somebody who is signed in: one counter, wherever they are.
    signed_in: bool,
}

impl Try {
    /// A try by `peer`, the real address, at a sign-in name, whether or not somebody has it.
    #[must_use]
    pub fn new(chapter: &Chapter, sign_in_name: &str, peer: IpAddr) -> Self {
        let peer = network(peer);
        let chapter = chapter.identity.as_str();
        Self {
            peer: digest(["", "", &peer]),
            pair: digest([chapter, sign_in_name, &peer]),
            account: digest([chapter, sign_in_name, ""]),
            code: None,
            signed_in: false,
        }
    }

    /// A try of a code of six digits at a name whose passphrase was right.
    #[must_use]
    pub fn code(chapter: &Chapter, sign_in_name: &str, peer: IpAddr) -> Self {
        let code = digest(["code", chapter.identity.as_str(), sign_in_name]);
        Self { code: Some(code), ..Self::new(chapter, sign_in_name, peer) }
    }

    /// A passphrase typed once more by a person who is signed in.
    #[must_use]
    pub fn confirmation(chapter: &Chapter, person: &Person) -> Self {
        // No identity of a ledger is this word: it has a slash.
        let own = digest(["confirmation", chapter.identity.as_str(), person.as_str()]);
        Self { peer: own, pair: own, account: own, code: None, signed_in: true }
    }

    /// A code of six digits typed by a person who is signed in, behind a right passphrase: held to
    /// its own counter alone, wherever they are, which nothing but a right code clears.
    #[must_use]
    pub fn confirmation_code(chapter: &Chapter, person: &Person) -> Self {
        let own = digest(["confirmation-code", chapter.identity.as_str(), person.as_str()]);
        Self { peer: own, pair: own, account: own, code: Some(own), signed_in: true }
    }

    /// Counts the try as failed until it is [`cleared`](Self::clear); or says how long to wait.
    /// Commit it before the passphrase is looked at.
    ///
    /// # Errors
    /// [`DeskFault::Database`].
    pub async fn count<C: ConnectionTrait>(
        &self,
        connection: &C,
        now: DateTime<Utc>,
    ) -> Result<Result<(), TimeDelta>, DeskFault> {
        let now = now.timestamp();
        let known = self.is_known(connection, now).await?;
        let mut held = match &self.code {
            Some(code) if self.signed_in => vec![(&CODE, code)],
            _ => vec![(&PAIR, &self.pair)],
        };
        if !known && !self.signed_in {
            held.extend([(&PEER, &self.peer), (&ACCOUNT, &self.account)]);
            held.extend(self.code.as_ref().map(|code| (&CODE, code)));
        }
        for (limit, subject) in &held {
            let wait = waiting(connection, limit, subject, now).await?;
            if wait > 0 {
                return Ok(Err(TimeDelta::seconds(wait)));
            }
        }
        for (limit, subject) in held {
            if !add(connection, limit, subject, now).await? {
                // Another try came first and began a wait.
                let wait = waiting(connection, limit, subject, now).await?.max(1);
                return Ok(Err(TimeDelta::seconds(wait)));
            }
        }
        Ok(Ok(()))
    }

    /// The passphrase was right: the name and the pair begin anew, the pair is known from now on.
    /// The peer's own count stays: who has one account gets no free tries at others with it.
    ///
    /// # Errors
    /// [`DeskFault::Database`].
    pub async fn clear<C: ConnectionTrait>(
        &self,
        connection: &C,
        now: DateTime<Utc>,
    ) -> Result<(), DeskFault> {
        let now = now.timestamp();
        let reset = "UPDATE desk_throttles SET failed = 0, retry_at = 0, last_at = $1 \
             WHERE scope = 'account' AND subject = $2";
        for subject in [Some(&self.account), self.code.as_ref()].into_iter().flatten() {
            sql::execute(connection, reset, values![now, subject.to_vec()]).await?;
        }
        let known = "UPDATE desk_throttles SET failed = 0, retry_at = 0, last_at = $1, \
             good_at = $1 WHERE scope = 'pair' AND subject = $2";
        sql::execute(connection, known, values![now, self.pair.to_vec()]).await.map(drop)
    }

    async fn is_known<C: ConnectionTrait>(
        &self,
        connection: &C,
        now: i64,
    ) -> Result<bool, DeskFault> {
        let known = "SELECT good_at FROM desk_throttles \
             WHERE scope = 'pair' AND subject = $1 AND good_at > $2";
        let row = sql::one(connection, known, values![self.pair.to_vec(), now - KNOWN]).await?;
        Ok(row.is_some())
    }
}

fn digest(parts: [&str; 3]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

/// An address; of IPv6 the network of 64 bits, which one household has whole.
fn network(peer: IpAddr) -> String {
    match peer.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

async fn waiting<C: ConnectionTrait>(
    connection: &C,
    limit: &Limit,
    subject: &[u8; 32],
    now: i64,
) -> Result<i64, DeskFault> {
    let text = "SELECT retry_at FROM desk_throttles WHERE scope = $1 AND subject = $2";
    let row = sql::one(connection, text, values![limit.scope, subject.to_vec()]).await?;
    let retry_at: i64 = row.map_or(Ok(0), |row| sql::column(&row, "retry_at"))?;
    // A longer wait comes from a clock that was set back since: it holds nobody.
    let wait = retry_at - now;
    Ok(if (0..=limit.longest).contains(&wait) { wait } else { 0 })
}

/// One more failure and the wait that follows; `false` when a wait runs already.
async fn add<C: ConnectionTrait>(
    connection: &C,
    limit: &Limit,
    subject: &[u8; 32],
    now: i64,
) -> Result<bool, DeskFault> {
    let text = "INSERT INTO desk_throttles (scope, subject, failed, retry_at, last_at) \
         VALUES ($1, $2, 1, 0, $3) ON CONFLICT (scope, subject) DO UPDATE SET \
         failed = CASE WHEN desk_throttles.last_at < $4 THEN 1 \
             ELSE desk_throttles.failed + 1 END, last_at = $3 \
         WHERE desk_throttles.retry_at <= $3 OR desk_throttles.retry_at > $5 RETURNING failed";
    let longest = now + limit.longest;
    let values = values![limit.scope, subject.to_vec(), now, now - FORGOTTEN, longest];
    let Some(row) = sql::one(connection, text, values).await? else { return Ok(false) };
    let wait = limit.wait(sql::column(&row, "failed")?);
    let text = "UPDATE desk_throttles SET retry_at = $1 WHERE scope = $2 AND subject = $3";
    sql::execute(connection, text, values![now + wait, limit.scope, subject.to_vec()]).await?;
    Ok(true)
}

/// Forgets counters that say nothing any more.
///
/// # Errors
/// [`DeskFault::Database`].
pub async fn sweep<C: ConnectionTrait>(
    connection: &C,
    now: DateTime<Utc>,
) -> Result<u64, DeskFault> {
    let now = now.timestamp();
    let text = "DELETE FROM desk_throttles \
         WHERE last_at < $1 AND (good_at IS NULL OR good_at < $2)";
    sql::execute(connection, text, values![now - FORGOTTEN, now - KNOWN]).await
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::store::desk::house;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_793_000_000 + seconds, 0).unwrap()
    }

    fn peer(last: u8) -> IpAddr {
        IpAddr::from([203, 0, 113, last])
    }

    #[test]
    fn waits_double_up_to_the_longest() {
        let waits: Vec<i64> = (4..12).map(|failed| PAIR.wait(failed)).collect();
        assert_eq!(waits, [0, 0, 1, 2, 4, 8, 16, 32]);
        for failed in [16, 69, 70, 1_000_000] {
            assert_eq!(PAIR.wait(failed), 900, "{failed}");
            assert_eq!(ACCOUNT.wait(failed + 10), 60, "{failed}");
        }
    }

    #[test]
    fn one_household_has_one_network() {
        let network = |text: &str| network(text.parse().unwrap());
        assert_eq!(network("2001:db8:1:2:3::4"), network("2001:db8:1:2:ffff::1"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_eq!(network("::ffff:203.0.113.7"), "203.0.113.7");
    }

    #[tokio::test]
    async fn a_hundred_wrong_tries_in_a_row_are_mostly_not_even_looked_at() {
        for house in house::all().await {
            let attempt = Try::new(&house.chapter, "lan", peer(1));
            let mut looked_at = 0;
            for second in 0..100 {
                if attempt.count(&house.db, at(second)).await.unwrap().is_ok() {
                    looked_at += 1;
                }
            }
            assert!((8..=13).contains(&looked_at), "{looked_at} of 100");
        }
    }

    #[tokio::test]
    async fn strangers_do_not_lock_the_owner_out() {
        for house in house::all().await {
            let owner = Try::new(&house.chapter, "lan", peer(1));
            assert!(owner.count(&house.db, at(0)).await.unwrap().is_ok());
            owner.clear(&house.db, at(0)).await.unwrap();
            for second in 1..600 {
                let stranger = Try::new(&house.chapter, "lan", peer(2 + (second % 200) as u8));
                let _ = stranger.count(&house.db, at(second)).await.unwrap();
            }
            let new_peer = Try::new(&house.chapter, "lan", peer(250));
            let wait = new_peer.count(&house.db, at(600)).await.unwrap().unwrap_err();
            assert!(wait <= TimeDelta::seconds(60), "{wait}");
            assert!(owner.count(&house.db, at(600)).await.unwrap().is_ok(), "the owner's own peer");
            assert!(
                new_peer.count(&house.db, at(661)).await.unwrap().is_ok(),
                "and soon any other"
            );
        }
    }

    #[tokio::test]
    async fn a_right_passphrase_clears_the_name_but_not_the_peer() {
        for house in house::all().await {
            let own = Try::new(&house.chapter, "own", peer(9));
            for second in 0..30 {
                let victim = Try::new(&house.chapter, &format!("victim{second}"), peer(9));
                let _ = victim.count(&house.db, at(second)).await.unwrap();
                if own.count(&house.db, at(second)).await.unwrap().is_ok() {
                    own.clear(&house.db, at(second)).await.unwrap();
                }
            }
            let next = Try::new(&house.chapter, "another", peer(9));
            assert!(next.count(&house.db, at(30)).await.unwrap().is_err());
        }
    }

    #[tokio::test]
    async fn mistyping_while_signed_in_is_counted_apart_from_signing_in() {
        for house in house::all().await {
            let person = house.person(3);
            let approving = Try::confirmation(&house.chapter, &person);
            let mut last = Ok(());
            for _ in 0..8 {
                last = approving.count(&house.db, at(0)).await.unwrap();
            }
            assert!(last.is_err());
            let signing_in = Try::new(&house.chapter, "lan", peer(1));
            assert!(signing_in.count(&house.db, at(0)).await.unwrap().is_ok());
            let other = Try::confirmation(&house.chapter, &house.person(4));
            assert!(other.count(&house.db, at(0)).await.unwrap().is_ok());
            approving.clear(&house.db, at(0)).await.unwrap();
            assert!(approving.count(&house.db, at(0)).await.unwrap().is_ok());
        }
    }

    #[tokio::test]
    async fn codes_typed_while_signed_in_are_not_cleared_by_the_passphrase() {
        for house in house::all().await {
            let (passphrase, code) = (
                Try::confirmation(&house.chapter, &house.person(3)),
                Try::confirmation_code(&house.chapter, &house.person(3)),
            );
            let mut looked_at = 0;
            for second in 0..3_600 {
                if passphrase.count(&house.db, at(second)).await.unwrap().is_ok() {
                    passphrase.clear(&house.db, at(second)).await.unwrap();
                }
                looked_at += usize::from(code.count(&house.db, at(second)).await.unwrap().is_ok());
            }
            assert!((5..=20).contains(&looked_at), "{looked_at} codes in an hour");
            assert!(passphrase.count(&house.db, at(3_600)).await.unwrap().is_ok());
            code.clear(&house.db, at(3_600)).await.unwrap();
            assert!(code.count(&house.db, at(3_600)).await.unwrap().is_ok());
        }
    }

    #[tokio::test]
    async fn counters_are_forgotten_and_a_clock_set_back_holds_nobody_for_ever() {
        for house in house::all().await {
            let attempt = Try::new(&house.chapter, "lan", peer(1));
            for _ in 0..8 {
                let _ = attempt.count(&house.db, at(1_000_000)).await.unwrap();
            }
            assert!(attempt.count(&house.db, at(1_000_000)).await.unwrap().is_err());
            assert!(attempt.count(&house.db, at(0)).await.unwrap().is_ok());
            assert!(attempt.count(&house.db, at(1_000_000 + FORGOTTEN + 1)).await.unwrap().is_ok());
            assert_eq!(sweep(&house.db, at(1_000_000 + 3 * FORGOTTEN)).await.unwrap(), 3);
        }
    }
}
