//! What becomes true at the desk because the ledger says so, in the very transaction that records
//! the entry, whoever recorded it.
//!
//! A key that ended (retired, rotated, a guardian replaced): drafts that it recorded are void, its
//! signatures on other drafts are gone, its person is signed out everywhere; a retired officer's
//! account is closed. A key that begins: its person gets the account prepared for it.

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;

use super::security::{Event, Who};
use super::{Chapter, DeskFault, accounts, drafts, invitations, security, sessions};
use crate::books::officers::Officers;
use crate::ledger::entry::{OfficerSignature, SignedVoucher};
use crate::ledger::keys::{PublicKey, SignatureRole};
use crate::ledger::voucher::Body;
use crate::ledger::word::Person;

/// A key that an entry ended.
#[derive(Clone, Debug)]
struct Ended {
    key: PublicKey,
    person: Person,
    retired: bool,
}

/// What an entry makes of the desk.
#[derive(Clone, Debug)]
pub struct Consequences {
    chapter: Chapter,
    at: DateTime<Utc>,
    /// Who approved the voucher, and so did it; none where nobody did.
    by: Option<Person>,
    ended: Vec<Ended>,
    begun: Option<PublicKey>,
}

impl Consequences {
    /// Those of the entry at `seq`, after which `officers` are in office; `None` when it changes
    /// nothing at the desk.
    #[must_use]
    pub fn of(
        chapter: impl FnOnce() -> Chapter,
        officers: &Officers,
        (seq, at): (u64, DateTime<Utc>),
        signed: &SignedVoucher,
    ) -> Option<Self> {
        let voucher = &signed.voucher;
        let (begun, retired) = match &voucher.body {
            Body::OfficerEnrolled(body) => (Some(&body.officer.vkey), false),
            Body::KeyRotated(body) => (Some(&body.new_vkey), false),
            Body::GuardianNamed(body) => (Some(&body.guardian.vkey), false),
            Body::OfficerRetired(_) => (None, true),
            // Their accounts went before the new ones came.
            Body::ChapterOpened(body) if body.continues.is_some() => (None, false),
            _ => return None,
        };
        let ended = officers.keys().values().filter(|key| key.ended == Some(seq));
        let ended =
            ended.map(|key| Ended { key: key.vkey.clone(), person: key.person.clone(), retired });
        let by = approver(officers, signed);
        Some(Self { chapter: chapter(), at, by, ended: ended.collect(), begun: begun.cloned() })
    }

    /// Makes them true.
    ///
    /// # Errors
    /// [`DeskFault::Database`], [`DeskFault::Damaged`].
    pub async fn apply<C: ConnectionTrait>(&self, connection: &C) -> Result<(), DeskFault> {
        for ended in &self.ended {
            drafts::void_by_key(connection, &self.chapter, &ended.key, self.at).await?;
            sessions::sign_out_person(connection, &self.chapter, &ended.person).await?;
            if ended.retired {
                accounts::close(connection, &self.chapter, &ended.person).await?;
                self.note(connection, Event::AccountClosed, &ended.person).await?;
            }
        }
        let Some(key) = &self.begun else { return Ok(()) };
        let person = invitations::settle(connection, &self.chapter, key).await?;
        match &person {
            Some(person) => self.note(connection, Event::KeyBegun, person).await,
            None => Ok(()),
        }
    }

    async fn note<C: ConnectionTrait>(
        &self,
        connection: &C,
        event: Event,
        person: &Person,
    ) -> Result<(), DeskFault> {
        let who = Who { person: Some(person), by: self.by.as_ref() };
        security::note(connection, &self.chapter, event, who, "", self.at).await
    }
}

/// The person whose key approved a voucher.
fn approver(officers: &Officers, signed: &SignedVoucher) -> Option<Person> {
    let approved = |own: &&OfficerSignature| own.role == SignatureRole::Approver;
    let key = &signed.signatures.iter().find(approved)?.key;
    officers.keys().get(key).map(|key| key.person.clone())
}
