//! A new ledger for a chapter whose ledger cannot go on: what it continues, and its opening.

use chrono::{DateTime, Utc};

use crate::books::EarlierLedger;
use crate::books::key_at;
use crate::ledger::entry::SignedVoucher;
use crate::ledger::note::SignedCheckpoint;
use crate::store::alongside::{Alongside, Cell, Step};
use crate::store::desk::continuations::{self, Call};
use crate::store::desk::invitations::LinkSecret;
use crate::store::desk::vault::PrivateValue;
use crate::store::desk::{self, DeskFault};
use crate::store::nodes::{self, LedgerTree};
use crate::store::{ChapterId, RecordFault, Recorded, Standing, Store, StoreFault};

/// Why no new ledger may continue this one.
#[derive(Debug, thiserror::Error)]
pub enum ContinueFault {
    /// The stored entries are not sound: they have to be first.
    #[error("its entries can't be continued as they are: {0}")]
    Unsound(crate::store::Closure),
    /// Nothing to continue.
    #[error("it has no entries")]
    Empty,
    /// The ledger was closed by its officers.
    #[error("its officers closed it")]
    Closed,
    /// No checkpoint of the stored entries is at hand, and none can be signed.
    #[error(
        "no signed checkpoint over its {stored} entries is at hand: give one of a mirror, an \
         export or the site with --checkpoint"
    )]
    NoCheckpoint {
        /// Entries of the ledger.
        stored: u64,
    },
    /// The checkpoint that was given is another one.
    #[error("the checkpoint does not fit: {0}")]
    Checkpoint(String),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreFault),
    /// What the desk keeps.
    #[error(transparent)]
    Desk(#[from] DeskFault),
}

impl Store {
    /// What a new ledger of the chapter would continue: all stored entries, under a signed
    /// checkpoint: `given`, or the anchor's, or one that the log key at hand signs now.
    ///
    /// # Errors
    /// [`ContinueFault`].
    pub async fn continuation(
        &self,
        chapter: ChapterId,
        given: Option<SignedCheckpoint>,
    ) -> Result<Call, ContinueFault> {
        let while_open = match self.standing(chapter)? {
            Standing::Open => true,
            Standing::ReadOnly(closure) if closure.may_be_continued() => false,
            Standing::ReadOnly(closure) => return Err(ContinueFault::Unsound(closure)),
        };
        let books = self.books(chapter)?;
        let newest = books.chapter().ok_or(ContinueFault::Empty)?;
        if newest.closed.is_some() {
            return Err(ContinueFault::Closed);
        }
        let own = EarlierLedger {
            origin: newest.origin.clone(),
            before: newest.before,
            size: books.own_size(),
            checkpoint: String::new(),
            log_keys: newest.log_keys.clone(),
            witnesses: Vec::new(),
        };
        let signed = match given {
            Some(given) => given,
            None => self.own_checkpoint(chapter, &own).await?,
        };
        self.fits(chapter, &own, &signed).await?;
        let checkpoint = signed.to_string().into_bytes();
        Ok(Call { size: books.size(), checkpoint, while_open })
    }

    /// The newest checkpoint that is at hand.
    async fn own_checkpoint(
        &self,
        chapter: ChapterId,
        own: &EarlierLedger,
    ) -> Result<SignedCheckpoint, ContinueFault> {
        let missing = ContinueFault::NoCheckpoint { stored: own.size };
        if let Some(anchor) = self.shared.anchors.read(&own.origin)?
            && anchor.checkpoint().size == own.size
        {
            return Ok(anchor);
        }
        let keys = self.shared.keys.in_force(&own.origin, &own.log_keys, own.size)?;
        let keys = keys.ok_or(missing)?;
        let root = self.root_of(chapter, own).await?;
        crate::store::signed_head(&own.origin, own.size, root, &keys).map_err(ContinueFault::Store)
    }

    async fn root_of(
        &self,
        chapter: ChapterId,
        own: &EarlierLedger,
    ) -> Result<crate::ledger::tree::Hash, StoreFault> {
        let tree = LedgerTree { chapter: chapter.0, before: own.before };
        nodes::root_of_leaves(self.shared.database.reader(), tree, own.size).await
    }

    /// Whether a checkpoint is that of all stored entries. The books check it again.
    async fn fits(
        &self,
        chapter: ChapterId,
        own: &EarlierLedger,
        signed: &SignedCheckpoint,
    ) -> Result<(), ContinueFault> {
        let no = |reason: String| Err(ContinueFault::Checkpoint(reason));
        let head = signed.checkpoint();
        if head.origin != own.origin.as_str() {
            return no(format!("it belongs to {}, not to {}", head.origin, own.origin));
        }
        if head.size != own.size {
            return no(format!(
                "it is of {} entries, {} are stored: restore the missing ones, or give the \
                 checkpoint of that size",
                head.size, own.size
            ));
        }
        if head.root != self.root_of(chapter, own).await? {
            return no("it is over other entries".to_owned());
        }
        let key = key_at(&own.log_keys, own.size);
        match signed.verify_log(key) {
            Ok(_) => Ok(()),
            Err(fault) => no(fault.to_string()),
        }
    }

    /// Calls the officers to open a ledger that continues this one; the secret of the link. A call
    /// before is void.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn call_to_continue(
        &self,
        chapter: ChapterId,
        call: &Call,
        now: DateTime<Utc>,
    ) -> Result<LinkSecret, DeskFault> {
        let own = self.desk_or_gone(chapter)?;
        let write = self.begin_desk(&own).await?;
        let made = continuations::make(&write, &own, call, now).await;
        Self::end_desk(write, made).await
    }

    /// What a link opens, while the ledger still stands where it stood when the call was made.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn called_to_continue(
        &self,
        secret: &LinkSecret,
        now: DateTime<Utc>,
    ) -> Result<Option<(ChapterId, Call)>, DeskFault> {
        let reader = self.shared.database.reader();
        let found = continuations::by_link(reader, secret, now).await?;
        let found = found.map(|(id, call)| (ChapterId(id), call));
        let stands = |id: ChapterId, call: &Call| {
            let open = self.standing(id).is_ok_and(|standing| standing == Standing::Open);
            let same = self.books(id).is_ok_and(|own| own.size() == call.size);
            same && (call.while_open || !open)
        };
        Ok(found.filter(|(id, call)| stands(*id, call)))
    }

    /// Opens the ledger that continues another. In the same transaction the officers before lose
    /// their accounts, invitations and drafts, and the link is used up.
    ///
    /// # Errors
    /// [`RecordFault`]; nothing was recorded then.
    pub async fn continue_ledger(
        &self,
        chapter: ChapterId,
        secret: &LinkSecret,
        signed: SignedVoucher,
        (accounts, private): (Alongside, &[PrivateValue]),
        now: DateTime<Utc>,
    ) -> Result<Recorded, RecordFault> {
        let own: desk::Chapter = self.desk(chapter)?;
        let sealed = self.sealed(&own, &signed, private, now).await?;
        let mut alongside = Alongside::nothing();
        alongside.push(Step::Change {
            sql: "DELETE FROM desk_continuations WHERE chapter = ? AND code = ?",
            values: vec![Cell::Chapter, Cell::from(secret.digest())],
            rows: 1,
            otherwise: "the link was used already",
        });
        for sql in [
            "DELETE FROM desk_accounts WHERE chapter = ?",
            "DELETE FROM desk_invitations WHERE chapter = ?",
        ] {
            alongside.push(Step::Clear { sql, values: vec![Cell::Chapter] });
        }
        self.record(chapter, signed, alongside.and(accounts).and(sealed), now).await
    }
}
