//! What plans take of vouchers together: never more than there is.

use std::collections::BTreeMap;

use sea_orm::ConnectionTrait;

use super::vouchers::{entry_of, gift};
use super::{Plan, Sponsorship, aid_of, all, families, get};
use crate::ledger::voucher::VoucherId;
use crate::ledger::word::{Code, Person};
use crate::money::Money;
use crate::store::desk::sql::{self, values};
use crate::store::desk::vault::Vault;
use crate::store::desk::{Chapter, DeskFault, DeskRefusal};

/// What plans take of vouchers: of gifts, and of handovers to each family.
pub type Taken = BTreeMap<(VoucherId, Option<Person>), Money>;

/// What plans take of vouchers.
#[must_use]
pub fn taken<'a>(
    plans: impl IntoIterator<Item = &'a Plan>,
    named: &BTreeMap<Person, Person>,
) -> Taken {
    let mut all = Taken::new();
    for plan in plans {
        let gifts = plan.gifts.iter().map(|gift| (&gift.voucher, None, gift.amount));
        let handovers = plan.handovers.iter().map(|handover| {
            (&handover.voucher, named.get(&handover.link).cloned(), handover.amount)
        });
        for (voucher, family, amount) in gifts.chain(handovers) {
            let sum = all.entry((voucher.clone(), family)).or_insert(Money::ZERO);
            *sum = sum.checked_add(amount).unwrap_or(*sum);
        }
    }
    all
}

/// Holds a plan that is changed to what the others left of its vouchers. Each plan has a version
/// of its own, so this is asked in the transaction that writes. What it took before is its own.
///
/// # Errors
/// [`DeskRefusal::PlanMoved`] when a voucher has no more so much: others took it meanwhile, or it
/// stands no more.
pub async fn hold<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
    own: &Sponsorship,
) -> Result<(), DeskFault> {
    let named = families(connection, vault, chapter).await?;
    let before = get(connection, vault, chapter, &own.id).await?;
    let before = taken(before.iter().map(|before| &before.plan), &named);
    let mut more = taken([&own.plan], &named);
    more.retain(|key, amount| before.get(key).is_none_or(|before| before < amount));
    if more.is_empty() {
        return Ok(());
    }
    let plans = all(connection, vault, chapter).await?.all;
    let others = plans.iter().filter(|other| other.id != own.id).map(|other| &other.plan);
    let others = taken(others, &named);
    for ((voucher, family), amount) in more {
        let fund = &own.plan.fund;
        let whole = match &family {
            None => given(connection, chapter, (fund, &voucher)).await?,
            Some(family) => {
                let aid = aid_of(connection, chapter, fund, family).await?;
                aid.into_iter().find(|aid| aid.voucher == voucher).map(|aid| aid.amount)
            }
        };
        let gone = others.get(&(voucher, family)).copied().unwrap_or_default();
        let sum = amount.checked_add(gone);
        if whole.zip(sum).is_none_or(|(whole, sum)| sum > whole) {
            return Err(DeskRefusal::PlanMoved.into());
        }
    }
    Ok(())
}

/// The amount of a gift into a fund, as it was given; `None` for one that does not stand.
async fn given<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    (fund, voucher): (&Code, &VoucherId),
) -> Result<Option<Money>, DeskFault> {
    let text = "SELECT entries.seq, entries.bytes FROM entries JOIN figures \
         ON figures.chapter = entries.chapter AND figures.seq = entries.seq \
         WHERE entries.chapter = $1 AND entries.voucher_id = $2 AND figures.reversed_by IS NULL";
    let row = sql::one(connection, text, values![chapter.id, voucher.as_str()]).await?;
    let Some(row) = row else { return Ok(None) };
    let (_, voucher) = entry_of(&row)?;
    Ok(gift(&voucher).filter(|(own, ..)| *own == fund).map(|(_, amount, _)| amount))
}
