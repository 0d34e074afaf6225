//! Signing in and out, and the accounts of a new chapter.
//!
//! Sessions and counted tries are on no page for everybody. Writes of nothing else are `unseen`, or
//! each officer at work, and whoever guesses at passphrases, would have all kept pages made anew.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};

use super::super::alongside::{Alongside, Cell, Step};
use crate::ledger::keys::{PublicKey, SigningKey, new_opaque_id};
use crate::ledger::word::Person;
use crate::store::desk::accounts::{self, Account, Begun, SignedIn};
use crate::store::desk::sealing::{Lock, Opened};
use crate::store::desk::security::{self, Event, Who};
use crate::store::desk::sessions::{self, Cookie, Listed, Place, Session};
use crate::store::desk::{self, DeskFault, DeskRefusal};
use crate::store::{ChapterId, Store};

/// An account that is made in the very transaction that records its officer's voucher.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// The name to sign in with, in its form ([`accounts::sign_in_name`]).
    pub sign_in_name: String,
    /// The person, as the voucher calls them.
    pub person: Person,
    /// The officer's public key.
    pub key: PublicKey,
    /// What the passphrase locks.
    pub lock: Lock,
}

impl Alongside {
    /// Makes accounts with the entry that enrols their officers: never one without the other.
    ///
    /// # Errors
    /// [`DeskFault::Randomness`].
    pub fn accounts(accounts: &[NewAccount], now: DateTime<Utc>) -> Result<Self, DeskFault> {
        let row = |account: &NewAccount| {
            let id = new_opaque_id().map_err(|_| DeskFault::Randomness)?;
            Ok(vec![
                Cell::Chapter,
                id.into(),
                account.sign_in_name.clone().into(),
                account.person.as_str().into(),
                account.key.vkey().into(),
                account.lock.cost.to_string().into(),
                account.lock.salt.clone().into(),
                account.lock.verifier.clone().into(),
                account.lock.sealed_seed.clone().into(),
                now.timestamp().into(),
                now.timestamp().into(),
            ])
        };
        let mut alongside = Self::nothing();
        alongside.push(Step::Insert {
            table: "desk_accounts",
            columns: &[
                "chapter",
                "id",
                "sign_in_name",
                "person",
                "vkey",
                "cost",
                "salt",
                "verifier",
                "sealed_seed",
                "made_at",
                "locked_at",
            ],
            rows: accounts.iter().map(row).collect::<Result<_, DeskFault>>()?,
        });
        Ok(alongside)
    }
}

impl Store {
    /// First step of a sign-in: counts the try. The inner error is how long to wait.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn begin_sign_in(
        &self,
        chapter: &desk::Chapter,
        typed_name: &str,
        peer: IpAddr,
        now: DateTime<Utc>,
    ) -> Result<Result<Begun, TimeDelta>, DeskFault> {
        let write = self.begin_desk(chapter).await?.unseen();
        let begun = accounts::begin_sign_in(&write, chapter, typed_name, peer, now).await;
        Self::end_desk(write, begun).await
    }

    /// Last step of the passphrase: a session, half of one where a code is asked for, or the same
    /// "no" for whatever was wrong.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn finish_sign_in(
        &self,
        chapter: &desk::Chapter,
        begun: Begun,
        (opened, place): (Option<Opened>, &Place),
        now: DateTime<Utc>,
    ) -> Result<SignedIn, DeskFault> {
        let (write, vault) = (self.begin_desk(chapter).await?.unseen(), self.vault());
        let swept = sessions::sweep(&write, now).await;
        let done = match swept {
            Ok(_) => begun.finish(&write, (&vault, chapter), opened, place, now).await,
            Err(fault) => Err(fault),
        };
        Self::end_desk(write, done).await
    }

    /// First step of a passphrase typed once more by somebody who is signed in: counted apart from
    /// signing in. The inner error is how long to wait.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn begin_confirmation(
        &self,
        chapter: &desk::Chapter,
        person: &Person,
        now: DateTime<Utc>,
    ) -> Result<Result<Begun, TimeDelta>, DeskFault> {
        let write = self.begin_desk(chapter).await?.unseen();
        let begun = accounts::begin_confirmation(&write, chapter, person, now).await;
        Self::end_desk(write, begun).await
    }

    /// Stores a lock made for another passphrase: signs the person out everywhere, and opens a new
    /// session for this browser. `None` when the account changed meanwhile.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn change_passphrase(
        &self,
        chapter: &desk::Chapter,
        begun: Begun,
        sealed: (&Lock, Option<&SigningKey>, &Place),
        now: DateTime<Utc>,
    ) -> Result<Option<Cookie>, DeskFault> {
        let write = self.begin_desk(chapter).await?;
        let changed = begun.change_lock(&write, chapter, sealed, now).await;
        Self::end_desk(write, changed).await
    }

    /// A person's sessions that have not ended; `cookie` is that of the one at hand.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn own_sessions(
        &self,
        chapter: &desk::Chapter,
        person: &Person,
        cookie: Option<&Cookie>,
        now: DateTime<Utc>,
    ) -> Result<Vec<Listed>, DeskFault> {
        sessions::of_person(self.shared.database.reader(), chapter, person, cookie, now).await
    }

    /// Ends one session of a person by its name in the list; `false` where there is none.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn end_session(
        &self,
        chapter: &desk::Chapter,
        person: &Person,
        handle: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, DeskFault> {
        let write = self.begin_desk(chapter).await?.unseen();
        let done = async {
            let ended = sessions::end_one(&write, chapter, person, handle).await?;
            if ended {
                let event = Event::SessionEnded;
                security::note(&write, chapter, event, Who::own(person), "", now).await?;
            }
            Ok(ended)
        };
        let done = done.await;
        Self::end_desk(write, done).await
    }

    /// Ends every session of a person but the one at hand; the number that there were.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn end_other_sessions(
        &self,
        chapter: &desk::Chapter,
        person: &Person,
        cookie: &Cookie,
        now: DateTime<Utc>,
    ) -> Result<u64, DeskFault> {
        let write = self.begin_desk(chapter).await?.unseen();
        let done = async {
            let ended = sessions::end_others(&write, chapter, person, cookie).await?;
            let (who, number) = (Who::own(person), ended.to_string());
            security::note(&write, chapter, Event::SessionsEnded, who, &number, now).await?;
            Ok(ended)
        };
        let done = done.await;
        Self::end_desk(write, done).await
    }

    /// Ends every session of a person, asked for by themselves or by another officer; the number
    /// that there were.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn sign_out_everywhere(
        &self,
        chapter: &desk::Chapter,
        (person, by): (&Person, &Person),
        now: DateTime<Utc>,
    ) -> Result<u64, DeskFault> {
        let write = self.begin_desk(chapter).await?;
        let done = async {
            let ended = sessions::sign_out_person(&write, chapter, person).await?;
            let (who, number) = (Who::of(person, by), ended.to_string());
            security::note(&write, chapter, Event::SessionsEnded, who, &number, now).await?;
            Ok(ended)
        };
        let done = done.await;
        Self::end_desk(write, done).await
    }

    /// The accounts of a desk, by sign-in name.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn desk_accounts(&self, chapter: &desk::Chapter) -> Result<Vec<Account>, DeskFault> {
        accounts::list(self.shared.database.reader(), chapter).await
    }

    /// Last step of a passphrase typed once more by somebody who is signed in.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn confirm_passphrase(
        &self,
        chapter: &desk::Chapter,
        begun: Begun,
        now: DateTime<Utc>,
    ) -> Result<bool, DeskFault> {
        let write = self.begin_desk(chapter).await?.unseen();
        let done = begun.confirm(&write, chapter, now).await;
        Self::end_desk(write, done).await
    }

    /// The session of a cookie with its chapter, kept awake; `None` when it is nobody's.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn session(
        &self,
        cookie: &Cookie,
        now: DateTime<Utc>,
    ) -> Result<Option<(ChapterId, desk::Chapter, Session)>, DeskFault> {
        let reader = self.shared.database.reader();
        let Some(id) = sessions::chapter_id(reader, cookie).await?.map(ChapterId) else {
            return Ok(None);
        };
        let Ok(chapter) = self.desk(id) else { return Ok(None) };
        let Some(session) = sessions::find(reader, &chapter, cookie, now).await? else {
            return Ok(None);
        };
        if session.wants_touch(now) {
            // Reading goes on where nothing can be written: at worst the session ends early.
            if let Err(fault) = self.touch(&chapter, &session, now).await {
                tracing::warn!(%fault, "a session was not kept awake");
            }
        }
        Ok(Some((id, chapter, session)))
    }

    async fn touch(
        &self,
        chapter: &desk::Chapter,
        session: &Session,
        now: DateTime<Utc>,
    ) -> Result<(), DeskFault> {
        let write = self.begin_desk(chapter).await?.unseen();
        let touched = session.touch(&write, now).await;
        Self::end_desk(write, touched).await
    }

    /// Ends the session of a cookie.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn sign_out(&self, cookie: &Cookie, now: DateTime<Utc>) -> Result<(), DeskFault> {
        let reader = self.shared.database.reader();
        let id = sessions::chapter_id(reader, cookie).await?;
        let Some(Ok(chapter)) = id.map(|id| self.desk(ChapterId(id))) else { return Ok(()) };
        let session = sessions::find(reader, &chapter, cookie, now).await?;
        let write = self.begin_desk(&chapter).await?.unseen();
        let done = async {
            sessions::sign_out(&write, cookie).await?;
            let Some(session) = session else { return Ok(()) };
            let who = Who::own(&session.account.person);
            security::note(&write, &chapter, Event::SignedOut, who, "", now).await
        };
        let done = done.await;
        Self::end_desk(write, done).await
    }

    /// The account of a person.
    ///
    /// # Errors
    /// [`DeskRefusal::UnknownAccount`], or [`DeskFault`] of the machine.
    pub async fn account(
        &self,
        chapter: &desk::Chapter,
        person: &Person,
    ) -> Result<Account, DeskFault> {
        let found = accounts::by_person(self.shared.database.reader(), chapter, person).await?;
        found.ok_or_else(|| DeskRefusal::UnknownAccount.into())
    }
}
