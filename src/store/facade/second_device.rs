//! The second device at sign-in: the code behind the passphrase, and what an officer does about it.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};

use crate::ledger::word::Person;
use crate::store::desk::accounts::{self, Account, Begun, SignedIn, Unsure};
use crate::store::desk::factor_resets::{self, Reset};
use crate::store::desk::factors::{self, OneTime, Proposal, RecoveryCode, Status};
use crate::store::desk::halves::{self, Half, HalfCookie, SecondStep};
use crate::store::desk::invitations::LinkSecret;
use crate::store::desk::sealing::Opened;
use crate::store::desk::security::{self, Event, Failure, Who};
use crate::store::desk::sessions::{self, Cookie, Place};
use crate::store::desk::settings;
use crate::store::desk::throttle::Try;
use crate::store::desk::{self, DeskFault, DeskRefusal};
use crate::store::{ChapterId, Store};

/// What an officer asks for with passphrase and code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// A new secret, for a first device or another one: it waits for its first code.
    Device,
    /// New recovery codes.
    Codes,
    /// No codes any more.
    Off,
}

/// What came of it.
#[derive(Debug)]
pub enum Changed {
    /// Done; with new recovery codes where they were asked for.
    Done(Vec<RecoveryCode>),
    /// Nothing: passphrase and code were not enough.
    Refused(Unsure),
    /// The chapter asks all officers for codes: they stay on.
    Required,
}

impl Store {
    /// The half session of a cookie with its chapter; `None` when it is nobody's.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn half(
        &self,
        cookie: &HalfCookie,
        now: DateTime<Utc>,
    ) -> Result<Option<(ChapterId, desk::Chapter, Half)>, DeskFault> {
        let reader = self.shared.database.reader();
        let id = halves::chapter_id(reader, cookie).await?.map(ChapterId);
        let Some(id) = id else { return Ok(None) };
        let Ok(chapter) = self.desk(id) else { return Ok(None) };
        let half = halves::find(reader, &chapter, cookie, now).await?;
        Ok(half.map(|half| (id, chapter, half)))
    }

    /// The code of the second device, or a recovery code, behind the passphrase.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn second_step(
        &self,
        chapter: &desk::Chapter,
        typed: (&HalfCookie, &OneTime),
        from: (IpAddr, DateTime<Utc>),
    ) -> Result<SecondStep, DeskFault> {
        let (write, vault) = (self.begin_desk(chapter).await?.unseen(), self.vault());
        let done = halves::prove(&write, &vault, chapter, typed, from).await;
        Self::end_desk(write, done).await
    }

    /// The first code of a device that has to be set up before anything else.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn set_up_device(
        &self,
        chapter: &desk::Chapter,
        typed: (&HalfCookie, &str),
        from: (IpAddr, DateTime<Utc>),
    ) -> Result<SecondStep, DeskFault> {
        let (write, vault) = (self.begin_desk(chapter).await?.unseen(), self.vault());
        let done = halves::set_up(&write, &vault, chapter, typed, from).await;
        Self::end_desk(write, done).await
    }

    /// The secret that waits for its first code in a session.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn proposed_device(
        &self,
        chapter: &desk::Chapter,
        of: (&Account, &Cookie),
        now: DateTime<Utc>,
    ) -> Result<Option<Proposal>, DeskFault> {
        let reader = self.shared.database.reader();
        factors::proposed(reader, &self.vault(), chapter, of, now).await
    }

    /// The secret that waits for its first code in half a session.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn device_to_set_up(
        &self,
        chapter: &desk::Chapter,
        (account, half): (&Account, &HalfCookie),
        now: DateTime<Utc>,
    ) -> Result<Option<Proposal>, DeskFault> {
        self.proposed_device(chapter, (account, half.holder()), now).await
    }

    /// How an account's second step stands, and whether the chapter asks for it.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn second_device(
        &self,
        chapter: &desk::Chapter,
        account: &Account,
    ) -> Result<(Status, bool), DeskFault> {
        let reader = self.shared.database.reader();
        let status = factors::status(reader, chapter, &account.id).await?;
        Ok((status, settings::get(reader, chapter).await?.second_device))
    }

    /// Changes an officer's second step, with their passphrase and, where codes are asked for, a
    /// code. A new device is proved in the session of `cookie`.
    ///
    /// # Errors
    /// [`DeskRefusal::OtherVault`] for a new device under another vault key; [`DeskFault`] of the
    /// machine.
    pub async fn change_device(
        &self,
        chapter: &desk::Chapter,
        (begun, cookie): (Begun, &Cookie),
        (wanted, typed): (Wanted, Option<&OneTime>),
        now: DateTime<Utc>,
    ) -> Result<Changed, DeskFault> {
        let (write, vault) = (self.begin_desk(chapter).await?, self.vault());
        let done = async {
            let required = settings::get(&write, chapter).await?.second_device;
            if wanted == Wanted::Off && required {
                return Ok(Changed::Required);
            }
            let account = begun.confirm_with_code(&write, (&vault, chapter), typed, now).await?;
            let account = match account {
                Ok(account) => account,
                Err(unsure) => return Ok(Changed::Refused(unsure)),
            };
            let on = factors::status(&write, chapter, &account.id).await?.since.is_some();
            let who = Who::own(&account.person);
            match wanted {
                Wanted::Device => {
                    factors::propose(&write, &vault, chapter, (&account, cookie), now).await?;
                }
                Wanted::Codes | Wanted::Off if !on => {
                    return Ok(Changed::Refused(Unsure::Wrong));
                }
                Wanted::Codes => {
                    let codes = factors::new_codes(&write, chapter, &account, now).await?;
                    let event = Event::RecoveryMade;
                    security::note(&write, chapter, event, who, "", now).await?;
                    return Ok(Changed::Done(codes));
                }
                Wanted::Off => {
                    factors::turn_off(&write, chapter, &account.id).await?;
                    security::note(&write, chapter, Event::CodesOff, who, "", now).await?;
                }
            }
            Ok(Changed::Done(Vec::new()))
        };
        let done = done.await;
        Self::end_desk(write, done).await
    }

    /// Last step of a passphrase, and a code where one is asked for, typed once more by somebody
    /// who is signed in.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn confirm_with_code(
        &self,
        chapter: &desk::Chapter,
        begun: Begun,
        typed: Option<&OneTime>,
        now: DateTime<Utc>,
    ) -> Result<Result<(), Unsure>, DeskFault> {
        let (write, vault) = (self.begin_desk(chapter).await?.unseen(), self.vault());
        let done = begun.confirm_with_code(&write, (&vault, chapter), typed, now).await;
        Ok(Self::end_desk(write, done).await?.map(drop))
    }

    /// Takes the secret that waits in the session of `cookie` into use with its first code: new
    /// recovery codes, and every other session of the account ends. `Err` is how long to wait;
    /// `None` a wrong code, or nothing that waits.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn prove_device(
        &self,
        chapter: &desk::Chapter,
        (account, cookie): (&Account, &Cookie),
        code: &str,
        now: DateTime<Utc>,
    ) -> Result<Result<Option<Vec<RecoveryCode>>, TimeDelta>, DeskFault> {
        let (write, vault) = (self.begin_desk(chapter).await?, self.vault());
        let done = async {
            let person = &account.person;
            let attempt = Try::confirmation_code(chapter, person);
            if let Err(wait) = attempt.count(&write, now).await? {
                security::failed(&write, chapter, Some(person), Failure::Waited, now).await?;
                return Ok(Err(wait));
            }
            let before = factors::status(&write, chapter, &account.id).await?.since;
            let of = (account, cookie);
            let codes = factors::turn_on(&write, &vault, chapter, of, code, now).await?;
            if codes.is_none() {
                security::failed(&write, chapter, Some(person), Failure::Code, now).await?;
                return Ok(Ok(None));
            }
            attempt.clear(&write, now).await?;
            sessions::end_others(&write, chapter, person, cookie).await?;
            let event = if before.is_some() { Event::DeviceChanged } else { Event::CodesOn };
            security::note(&write, chapter, event, Who::own(person), "", now).await?;
            Ok(Ok(codes))
        };
        let done = done.await;
        Self::end_desk(write, done).await
    }

    /// Asks all officers for a second device from their next sign-in on, or no more.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn require_device(
        &self,
        chapter: &desk::Chapter,
        required: bool,
        officer: &Person,
        now: DateTime<Utc>,
    ) -> Result<(), DeskFault> {
        let write = self.begin_desk(chapter).await?;
        let done = async {
            let mut settings = settings::get(&write, chapter).await?;
            if settings.second_device == required {
                return Ok(());
            }
            settings.second_device = required;
            settings::set(&write, chapter, &settings, officer, now).await?;
            let event = if required { Event::Required } else { Event::NotRequired };
            security::note(&write, chapter, event, Who::by(officer), "", now).await
        };
        let done = done.await;
        Self::end_desk(write, done).await
    }
}

impl Store {
    /// A link by which another officer sets up another second device; the one before opens nothing
    /// any more.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn make_reset(
        &self,
        chapter: &desk::Chapter,
        account: &Account,
        by: &Person,
        now: DateTime<Utc>,
    ) -> Result<LinkSecret, DeskFault> {
        let write = self.begin_desk(chapter).await?;
        let done = async {
            let link = factor_resets::make(&write, chapter, account, by, now).await?;
            let who = Who::of(&account.person, by);
            security::note(&write, chapter, Event::ResetMade, who, "", now).await?;
            Ok(link)
        };
        let done = done.await;
        Self::end_desk(write, done).await
    }

    /// The link of an account that may still be used.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn reset_of(
        &self,
        chapter: &desk::Chapter,
        account: &Account,
        now: DateTime<Utc>,
    ) -> Result<Option<Reset>, DeskFault> {
        factor_resets::of_account(self.shared.database.reader(), chapter, account, now).await
    }

    /// Takes such a link back.
    ///
    /// # Errors
    /// [`DeskRefusal::InvitationOver`] where there is none any more.
    pub async fn cancel_reset(
        &self,
        chapter: &desk::Chapter,
        account: &Account,
        by: &Person,
        now: DateTime<Utc>,
    ) -> Result<(), DeskFault> {
        let write = self.begin_desk(chapter).await?;
        let done = async {
            if !factor_resets::cancel(&write, chapter, account).await? {
                return Err(DeskRefusal::InvitationOver.into());
            }
            let who = Who::of(&account.person, by);
            security::note(&write, chapter, Event::ResetCancelled, who, "", now).await
        };
        let done = done.await;
        Self::end_desk(write, done).await
    }

    /// The account that such a link is for, with its chapter.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn reset_by_link(
        &self,
        secret: &LinkSecret,
        now: DateTime<Utc>,
    ) -> Result<Option<(ChapterId, desk::Chapter, Account)>, DeskFault> {
        let reader = self.shared.database.reader();
        let found = factor_resets::by_link(reader, secret, now).await?;
        let Some((id, _)) = found else { return Ok(None) };
        let Ok(chapter) = self.desk(ChapterId(id)) else { return Ok(None) };
        let account = factor_resets::account(reader, &chapter, secret, now).await?;
        Ok(account.map(|account| (ChapterId(id), chapter, account)))
    }

    /// First step of using it: counts the try. The inner error is how long to wait.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn begin_reset(
        &self,
        chapter: &desk::Chapter,
        account: Account,
        peer: IpAddr,
        now: DateTime<Utc>,
    ) -> Result<Result<Begun, TimeDelta>, DeskFault> {
        let write = self.begin_desk(chapter).await?.unseen();
        let begun = accounts::begin_reset(&write, chapter, account, peer, now).await;
        Self::end_desk(write, begun).await
    }

    /// Last step: the link is used up, and a device is set up before anything else.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn finish_reset(
        &self,
        chapter: &desk::Chapter,
        (begun, opened): (Begun, Option<Opened>),
        of: (&LinkSecret, &Place),
        now: DateTime<Utc>,
    ) -> Result<SignedIn, DeskFault> {
        let (write, vault) = (self.begin_desk(chapter).await?, self.vault());
        let done = begun.finish_reset(&write, (&vault, chapter), opened, of, now).await;
        Self::end_desk(write, done).await
    }
}
