//! Invitations, and the draft that is made of one that was taken up.

use chrono::{DateTime, Utc};

use crate::ledger::entry::{OfficerSignature, SignedVoucher};
use crate::ledger::keys::{NoteSignature, PublicKey, SignatureRole};
use crate::ledger::voucher::{Voucher, VoucherId};
use crate::ledger::word::Person;
use crate::store::desk::drafts::{self, Draft};
use crate::store::desk::invitations::{self, Access, Invitation, LinkSecret};
use crate::store::desk::security::{self, Event, Who};
use crate::store::desk::vault::PrivateValue;
use crate::store::desk::{self, DeskFault, DeskRefusal};
use crate::store::{ChapterId, Store};

impl Store {
    /// Makes an invitation for the key that a voucher registers.
    ///
    /// # Errors
    /// As [`invitations::make`].
    pub async fn invite(
        &self,
        chapter: &desk::Chapter,
        voucher: &Voucher,
        by: &Person,
        now: DateTime<Utc>,
    ) -> Result<(), DeskFault> {
        let write = self.begin_desk(chapter).await?;
        let made = async {
            invitations::make(&write, chapter, voucher, by, now).await?;
            let kind = voucher.kind();
            security::note(&write, chapter, Event::Invited, Who::by(by), kind.as_str(), now).await
        };
        let made = made.await;
        Self::end_desk(write, made).await
    }

    /// The invitation to a voucher.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn invitation(
        &self,
        chapter: &desk::Chapter,
        id: &VoucherId,
    ) -> Result<Option<Invitation>, DeskFault> {
        invitations::get(self.shared.database.reader(), chapter, id).await
    }

    /// Invitations that no draft was made of yet.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn invitations(&self, chapter: &desk::Chapter) -> Result<Vec<Invitation>, DeskFault> {
        invitations::open(self.shared.database.reader(), chapter).await
    }

    /// A new link to an invitation; the one before opens nothing any more.
    ///
    /// # Errors
    /// As [`invitations::new_link`].
    pub async fn new_link(
        &self,
        chapter: &desk::Chapter,
        id: &VoucherId,
        by: &Person,
        now: DateTime<Utc>,
    ) -> Result<LinkSecret, DeskFault> {
        let write = self.begin_desk(chapter).await?;
        let made = async {
            let link = invitations::new_link(&write, chapter, id, now).await?;
            security::note(&write, chapter, Event::LinkMade, Who::by(by), "", now).await?;
            Ok(link)
        };
        let made = made.await;
        Self::end_desk(write, made).await
    }

    /// The invitation that a link opens, with its ledger.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn invited(
        &self,
        secret: &LinkSecret,
        now: DateTime<Utc>,
    ) -> Result<Option<(ChapterId, desk::Chapter, Invitation)>, DeskFault> {
        let found = invitations::by_link(self.shared.database.reader(), secret, now).await?;
        let Some((id, invitation)) = found else { return Ok(None) };
        let id = ChapterId(id);
        Ok(self.desk(id).ok().map(|chapter| (id, chapter, invitation)))
    }

    /// Takes an invitation up; `private` are the values behind the digests of its voucher.
    ///
    /// # Errors
    /// As [`invitations::take_up`].
    pub async fn take_up_invitation(
        &self,
        chapter: &desk::Chapter,
        secret: &LinkSecret,
        (voucher, private): (&Voucher, &[PrivateValue]),
        signed: (&PublicKey, &NoteSignature),
        access: Option<&Access>,
        now: DateTime<Utc>,
    ) -> Result<(), DeskFault> {
        let write = self.begin_desk(chapter).await?;
        let vault = self.vault();
        let done = async {
            invitations::take_up(&write, chapter, secret, voucher, signed, access, now).await?;
            let who = access.map_or_else(Who::default, |access| Who::own(&access.person));
            let kind = voucher.kind();
            security::note(&write, chapter, Event::TakenUp, who, kind.as_str(), now).await?;
            vault.hold(&write, chapter, voucher, None, private, now).await
        };
        let done = done.await;
        Self::end_desk(write, done).await
    }

    /// Takes an invitation back.
    ///
    /// # Errors
    /// As [`invitations::cancel`].
    pub async fn cancel_invitation(
        &self,
        chapter: &desk::Chapter,
        id: &VoucherId,
        by: &Person,
        now: DateTime<Utc>,
    ) -> Result<(), DeskFault> {
        let write = self.begin_desk(chapter).await?;
        let done = async {
            invitations::cancel(&write, chapter, id).await?;
            let event = Event::InvitationCancelled;
            security::note(&write, chapter, event, Who::by(by), "", now).await
        };
        let done = done.await;
        Self::end_desk(write, done).await
    }

    /// Lays the voucher of an invitation that was taken up: signed by its recorder, and by the new
    /// key as holder.
    ///
    /// # Errors
    /// [`DeskRefusal::InvitationOver`], and as [`drafts::lay`].
    pub async fn lay_invited(
        &self,
        chapter: &desk::Chapter,
        signed: &SignedVoucher,
        by: &Person,
        now: DateTime<Utc>,
    ) -> Result<Draft, DeskFault> {
        let write = self.begin_desk(chapter).await?;
        let vault = self.vault();
        let laid = async {
            let id = &signed.voucher.id;
            let invitation = invitations::get(&write, chapter, id).await?;
            let taken_up = invitation
                .filter(|invitation| invitation.voucher == signed.voucher)
                .and_then(|invitation| invitation.taken_up)
                .ok_or(DeskRefusal::InvitationOver)?;
            let key = taken_up.key.name().parse();
            let holder = OfficerSignature {
                role: SignatureRole::Holder,
                key: key.map_err(|_| DeskRefusal::ForeignKey)?,
                signature: taken_up.signature,
            };
            let draft = drafts::lay(&write, &vault, chapter, signed, &[], by, now).await?;
            drafts::add_signature(&write, chapter, id, &holder, now).await?;
            Ok(draft)
        };
        let laid = laid.await;
        Self::end_desk(write, laid).await
    }
}
