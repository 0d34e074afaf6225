//! What witnesses cosigned of the ledgers kept here, and what they know that the stored rows do not
//! agree with.
//!
//! A cosignature is kept only after it was verified with the key that the ledger names, and is
//! verified again whenever it is given out: a changed row is left out, never passed on.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::QueryResult;

use super::database::{execute, first, give_up, query};
use super::nodes::{self, number, unsigned};
use super::state;
use super::witnessing::moment;
use super::{ChapterId, Closure, PublishedLedger, Store, StoreFault};
use crate::books::key_at;
use crate::ledger::keys::PublicKey;
use crate::ledger::note::{SignatureLine, SignedCheckpoint};

/// A cosignature whose time is further ahead than so many hours is refused.
const MOST_AHEAD: i64 = 1;

/// A witness that cosigned a head of a ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CosignedHead {
    /// Its name in the ledger.
    pub name: String,
    /// Its key.
    pub key: PublicKey,
    /// The newest head that it cosigned: so many entries.
    pub size: u64,
    /// When.
    pub at: DateTime<Utc>,
}

/// What a witness says of a ledger.
#[derive(Clone, Debug)]
pub struct Said<'a> {
    /// The witness, as the ledger names it.
    pub witness: &'a str,
    /// The size of the head that it holds.
    pub known: u64,
    /// That head, when it gave it out: it counts when our own log key signed it.
    pub signed: Option<&'a SignedCheckpoint>,
}

impl Store {
    /// Keeps the cosignature of a published head. A newer one by the same witness replaces an
    /// older one of the same head.
    ///
    /// # Errors
    /// [`StoreFault::Damaged`] for a line that is no valid cosignature of that head by a witness
    /// that the ledger names, or of a time that is more than an hour ahead; nothing is kept then.
    pub async fn keep_cosignature(
        &self,
        ledger: &PublishedLedger,
        size: u64,
        line: &SignatureLine,
        now: DateTime<Utc>,
    ) -> Result<CosignedHead, StoreFault> {
        let refused = |reason: String| StoreFault::damaged("a cosignature", reason);
        let named = ledger.witnesses.iter().find(|(_, key, _)| line.names(key));
        let (name, key, _) = named.ok_or_else(|| refused("by no witness of it".to_owned()))?;
        let head = self.checkpoint(ledger, size).await?;
        let mut head = head.ok_or_else(|| refused(format!("of {size} entries, not published")))?;
        head.add(line.clone());
        let time = head.note().verify_cosignature(key).map_err(|why| refused(why.to_string()))?;
        let time = i64::try_from(time).map_err(|why| refused(why.to_string()))?;
        let at = moment(time)?;
        if at > now + TimeDelta::hours(MOST_AHEAD) {
            return Err(refused(format!("its time is {at}, which is not yet")));
        }
        let sql = "INSERT INTO cosignatures \
            (chapter, before, size, witness, root, line, cosigned_at) \
            VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (chapter, before, size, witness) \
            DO UPDATE SET root = excluded.root, line = excluded.line, \
            cosigned_at = excluded.cosigned_at \
            WHERE excluded.cosigned_at > cosignatures.cosigned_at \
            OR excluded.root <> cosignatures.root";
        let values = [
            ledger.chapter.0.into(),
            number(ledger.before).into(),
            number(size).into(),
            key.vkey().into(),
            head.checkpoint().root.0.to_vec().into(),
            line.to_string().into(),
            time.into(),
        ];
        let lock = super::chapter::lock_named(&format!("cosignatures {}", ledger.origin));
        let write = self.shared.database.begin_write(lock).await?;
        match execute(&write, sql, values).await {
            Ok(_) => write.commit().await?,
            Err(fault) => {
                give_up(write).await;
                return Err(fault.into());
            }
        }
        Ok(CosignedHead { name: name.clone(), key: key.clone(), size, at })
    }

    /// A signed checkpoint of a ledger with the cosignatures that witnesses gave to that very head.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn with_cosignatures(
        &self,
        ledger: &PublishedLedger,
        mut signed: SignedCheckpoint,
    ) -> Result<SignedCheckpoint, StoreFault> {
        if ledger.witnesses.is_empty() {
            return Ok(signed);
        }
        let sql = "SELECT line FROM cosignatures WHERE chapter = ? AND before = ? AND size = ? \
            ORDER BY witness";
        let size = signed.checkpoint().size;
        let values = [ledger.chapter.0, number(ledger.before), number(size)].map(Into::into);
        for row in query(self.shared.database.reader(), sql, values).await? {
            if let Some(line) = valid(ledger, &signed, &row)? {
                signed.add(line);
            }
        }
        Ok(signed)
    }

    /// The largest size of a ledger that a witness of it cosigned; `None` when none did.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn cosigned_size(&self, ledger: &PublishedLedger) -> Result<Option<u64>, StoreFault> {
        let all = self.cosigned_heads(ledger).await?;
        Ok(all.iter().map(|own| own.size).max())
    }

    /// The newest head that each witness of a ledger cosigned, in the order in which the ledger
    /// names them; those that never did are not among them.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn cosigned_heads(
        &self,
        ledger: &PublishedLedger,
    ) -> Result<Vec<CosignedHead>, StoreFault> {
        let mut all = Vec::new();
        for (name, key, _) in &ledger.witnesses {
            let sql = "SELECT size, cosigned_at FROM cosignatures WHERE chapter = ? \
                AND before = ? AND witness = ? AND size <= ? ORDER BY size DESC LIMIT 1";
            let values = [
                ledger.chapter.0.into(),
                number(ledger.before).into(),
                key.vkey().into(),
                number(ledger.size).into(),
            ];
            let Some(row) = first(self.shared.database.reader(), sql, values).await? else {
                continue;
            };
            all.push(CosignedHead {
                name: name.clone(),
                key: key.clone(),
                size: unsigned(row.try_get("", "size")?)?,
                at: moment(row.try_get("", "cosigned_at")?)?,
            });
        }
        Ok(all)
    }

    /// Compares what a witness says with the stored rows. Where these have fewer entries, or other
    /// ones, no more is written to the ledger, and no head of it shown; whether that is so.
    ///
    /// A head that our own log key signed proves it, and is kept as the anchor: the next start
    /// finds it, whether the witness can be reached or not. A bare number has to be believed.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn hear_witness(
        &self,
        ledger: &PublishedLedger,
        said: &Said<'_>,
    ) -> Result<bool, StoreFault> {
        let chapter = self.handle(ledger.chapter)?.chapter;
        let proof = said.signed.filter(|signed| {
            let head = signed.checkpoint();
            // A key that was rotated away may be anybody's by now.
            let key = key_at(&ledger.log_keys, head.size);
            head.origin == ledger.origin.as_str() && signed.verify_log(key).is_ok()
        });
        // Another instance may have stored, and had cosigned, more than this one shows.
        let reader = self.shared.database.reader();
        let stored = state::head(reader, ledger.chapter.0).await?.size;
        let stored = stored.saturating_sub(ledger.before);
        let witness = said.witness.to_owned();
        let closure = match proof.map(SignedCheckpoint::checkpoint) {
            Some(head) if head.size > stored => {
                Closure::BehindWitness { witness, stored, known: head.size }
            }
            Some(head) => {
                let root = nodes::root(reader, ledger.tree(), head.size).await?;
                if root == head.root {
                    return Ok(false);
                }
                Closure::ForkedFromWitness { witness, size: head.size }
            }
            None if said.known > stored => {
                Closure::BehindWitness { witness, stored, known: said.known }
            }
            None => return Ok(false),
        };
        chapter.close(closure);
        chapter.withdraw_head();
        if let Some(proof) = proof {
            self.shared.anchors.put(&ledger.origin, proof.to_string().into());
        }
        Ok(true)
    }

    /// What stored cosignatures know of a ledger whose rows were taken away or changed: the largest
    /// size, with the root at it, and the witness.
    pub(super) async fn cosigned_beyond(
        &self,
        chapter: ChapterId,
        before: u64,
    ) -> Result<Option<(u64, Vec<u8>, String)>, StoreFault> {
        let sql = "SELECT size, root, witness FROM cosignatures WHERE chapter = ? AND before = ? \
            ORDER BY size DESC LIMIT 1";
        let values = [chapter.0, number(before)].map(Into::into);
        let row = first(self.shared.database.reader(), sql, values).await?;
        let Some(row) = row else { return Ok(None) };
        let witness: String = row.try_get("", "witness")?;
        let name = witness.split('+').next().unwrap_or_default().to_owned();
        Ok(Some((unsigned(row.try_get("", "size")?)?, row.try_get("", "root")?, name)))
    }

    /// Changes whenever a head of a chapter is cosigned or stops being shown; letters and digits.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn cosigned_state(&self, chapter: ChapterId) -> Result<String, StoreFault> {
        let sql = "SELECT COUNT(*) AS lines, COALESCE(MAX(cosigned_at), 0) AS last \
            FROM cosignatures WHERE chapter = ?";
        let row = first(self.shared.database.reader(), sql, [chapter.0.into()]).await?;
        let Some(row) = row else { return Ok("0".to_owned()) };
        let figure = |name: &str| row.try_get::<i64>("", name);
        Ok(format!("{}-{}", figure("lines")?, figure("last")?))
    }
}

/// The cosignature of a row, when it holds for that head.
fn valid(
    ledger: &PublishedLedger,
    signed: &SignedCheckpoint,
    row: &QueryResult,
) -> Result<Option<SignatureLine>, StoreFault> {
    let text: String = row.try_get("", "line")?;
    let Ok(line) = SignatureLine::parse(&text) else { return Ok(None) };
    let mut tried = signed.clone();
    tried.add(line.clone());
    let holds = |key: &PublicKey| line.names(key) && tried.note().verify_cosignature(key).is_ok();
    if !ledger.witnesses.iter().any(|(_, key, _)| holds(key)) {
        tracing::error!(origin = %ledger.origin, "a stored cosignature does not hold");
        return Ok(None);
    }
    Ok(Some(line))
}
