//! What pages, command line and publication ask of a store: small methods on [`Store`], no rules,
//! each at most one transaction.
//!
//! | file | what it answers |
//! |---|---|
//! | `view` | a ledger as it is shown now: head, books, keys, standing |
//! | `published` | donors' names that may be shown |
//! | `public_accounts` | the public accounts: lines, sums, balances |
//! | `accounts_filter`, `accounts_text` | which of them, and how SQL says it |
//! | `public_stock`, `handovers` | an item in and out over all stores; what was handed over |
//! | `publication` | what was published when, deadlines, notices on the board |
//! | `programmes` | what programmes did, what chapters sent each other |
//! | `entries` | one entry with what is known of it |
//! | `receipts`, `goods_gifts` | what became of a gift, of a gift in kind |
//! | `complaints` | what people told the chapter, and how donors show less of their name |
//! | `carried` | what became of goods that are carried for others |
//! | `lending`, `instalments` | files of loans at the desk, what is due and paid of them |
//! | `loans` | loans as the ledger knows them |
//! | `lent` | which gifts were lent in which loans, what vouchers of loans are about |
//! | `accounts`, `signing` | who signs in at the desk, and at the command line |
//! | `second_device` | the code behind the passphrase, and the way to another device |
//! | `security` | the logs of accounts and openings; what may have leaked |
//! | `invitations` | new keys, whose persons choose the passphrase |
//! | `upkeep` | what has to be done now and then, and after an erasure |
//! | `drafts`, `names` | vouchers with private values; donors' names that are shown |
//! | `privacy` | consents, holdings and erasures |
//! | `stock` | the card of an item in a store |
//! | `audit` | the log of entries, series of numbers |
//! | `journal`, `imports` | lines for the desk, bank lines |
//! | `register`, `families` | persons and families, lists of them on their way |
//! | `rounds` | rounds of distribution |
//! | `sponsorship` | plans of regular sponsorship |
//! | `refill` | entries that were lost, taken from a mirror |
//! | `giving`, `unclear` | how people give; money that came of which it is not known what for |
//! | `health` | what the database says of itself |

mod accounts;
pub(super) mod accounts_filter;
mod accounts_text;
mod audit;
mod carried;
mod complaints;
mod continuing;
mod drafts;
mod entries;
mod families;
pub(super) mod founding;
mod giving;
mod goods_gifts;
mod handovers;
mod health;
mod imports;
mod instalments;
mod invitations;
mod journal;
mod lending;
mod lent;
mod loans;
mod names;
mod privacy;
mod programmes;
mod public_accounts;
mod public_stock;
mod publication;
mod published;
mod receipts;
mod refill;
mod register;
mod rounds;
mod second_device;
mod security;
mod signing;
mod sponsorship;
mod stock;
mod unclear;
mod upkeep;
mod view;

pub use accounts::NewAccount;
pub use accounts_filter::{AccountsFilter, Group, OfProgramme};
pub use audit::SeriesRow;
pub use continuing::ContinueFault;
pub use entries::{KnownEntry, Naming};
pub use giving::{FundGiving, Giving, Taking};
pub use goods_gifts::{GoodsGift, GoodsGiftUse};
pub use handovers::Handover;
pub use health::{ClockFit, Health, Setting};
pub use imports::{Ended, Import, ImportFile, ImportedLine, MakeLine};
pub use instalments::Instalments;
pub use journal::{Line, PlaceLine};
pub use lending::Lending;
pub use lent::{LentPart, LoanMention, lent_in_all};
pub use programmes::Done;
pub use public_accounts::{AccountsLine, AccountsSum, Position};
pub use public_stock::ItemFlow;
pub use publication::{Gifts, Publication};
pub use receipts::{GiftState, GiftUse};
pub use refill::{RefillFault, Refilled};
pub use rounds::{RoundReturn, RoundVoucher};
pub use second_device::{Changed, Wanted};
pub use security::For;
pub use sponsorship::{SponsorsView, Sponsorships};
pub use stock::StockLine;
pub use unclear::{Loose, LooseFilter};
pub use upkeep::Swept;
pub use view::View;

use std::sync::atomic::Ordering;

use super::chapter::lock_of;
use super::database::{Write, give_up};
use super::desk::vault::Vault;
use super::desk::{self, DeskFault};
use super::{ChapterId, Store, StoreFault};

impl Store {
    /// A ledger as its desk knows it.
    ///
    /// # Errors
    /// [`StoreFault::NoChapter`].
    pub fn desk(&self, chapter: ChapterId) -> Result<desk::Chapter, StoreFault> {
        Ok(self.handle(chapter)?.chapter.desk())
    }

    /// The same, where an unknown ledger is the desk's own refusal.
    fn desk_or_gone(&self, chapter: ChapterId) -> Result<desk::Chapter, DeskFault> {
        self.desk(chapter).map_err(|_| desk::DeskRefusal::Gone.into())
    }

    pub(in crate::store) fn vault(&self) -> Vault {
        let vault = Vault::new(self.keys().vault());
        let foreign = self.shared.foreign_vault.load(Ordering::Relaxed);
        if foreign { vault.foreign() } else { vault }
    }

    async fn begin_desk(&self, chapter: &desk::Chapter) -> Result<Write, DeskFault> {
        Ok(self.shared.database.begin_write(lock_of(&chapter.identity)).await?)
    }

    /// Commits what went well, and undoes the rest.
    async fn end_desk<T>(write: Write, done: Result<T, DeskFault>) -> Result<T, DeskFault> {
        match done {
            Ok(value) => {
                write.commit().await?;
                Ok(value)
            }
            Err(fault) => {
                give_up(write).await;
                Err(fault)
            }
        }
    }
}
