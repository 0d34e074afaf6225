//! Which vouchers belong to which plan: those that may be, and a slip's own as it is laid.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;

use super::schedule::{Vouchers, schedule};
use super::vouchers::{draft_of, entry_of, fund_of, gift, handover, standing};
use super::{Gift, Handover, Sponsorship, change, families, get, taken};
use crate::ledger::voucher::{Body, Voucher, VoucherId};
use crate::ledger::word::{Code, Date, Person};
use crate::money::Money;
use crate::store::desk::sql::{self, values};
use crate::store::desk::vault::{PrivateValue, Subject, Vault};
use crate::store::desk::{Chapter, DeskFault};

/// Newest gifts that are looked through.
const NEWEST: i64 = 500;

/// A gift into a fund that stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GiftInto {
    /// Its voucher.
    pub voucher: VoucherId,
    /// Its entry.
    pub seq: u64,
    /// Its day.
    pub day: Date,
    /// Its amount, as it was given.
    pub amount: Money,
    /// Whether its giver is the person who was asked about.
    pub own: bool,
}

/// The newest gifts into a fund; says which of them a person gave.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn gifts_into<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    fund: &Code,
    giver: &Person,
) -> Result<Vec<GiftInto>, DeskFault> {
    let text = "SELECT entries.seq, entries.bytes, CAST(CASE WHEN EXISTS (SELECT 1 \
         FROM vault_disclosures AS held WHERE held.chapter = entries.chapter \
         AND held.voucher = entries.voucher_id AND held.subject = $2 AND held.of_donor = 1) \
         THEN 1 ELSE 0 END AS BIGINT) AS own FROM entries JOIN figures \
         ON figures.chapter = entries.chapter AND figures.seq = entries.seq \
         WHERE entries.chapter = $1 AND figures.reversed_by IS NULL \
         AND entries.kind IN ('donation', 'custody_assigned') \
         AND EXISTS (SELECT 1 FROM postings WHERE postings.chapter = entries.chapter \
         AND postings.seq = entries.seq AND postings.fund = $3) \
         ORDER BY entries.seq DESC LIMIT $4";
    let subject = Subject::Person(giver.clone()).to_string();
    let values = values![chapter.id, subject, fund.as_str(), NEWEST];
    let mut all = Vec::new();
    for row in sql::all(connection, text, values).await? {
        let (seq, voucher) = entry_of(&row)?;
        let Some((_, amount, day)) = gift(&voucher).filter(|(own, ..)| *own == fund) else {
            continue;
        };
        let own = sql::unsigned(&row, "entries", "own")? == Some(1);
        all.push(GiftInto { voucher: voucher.id.clone(), seq, day, amount, own });
    }
    Ok(all)
}

/// Aid that a family got out of a fund, or that waits for approval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AidOf {
    /// Its voucher.
    pub voucher: VoucherId,
    /// Its entry.
    pub seq: Option<u64>,
    /// Its day.
    pub day: Date,
    /// What the family got.
    pub amount: Money,
}

/// Aid that a family got out of a fund.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn aid_of<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    fund: &Code,
    family: &Person,
) -> Result<Vec<AidOf>, DeskFault> {
    let subject = Subject::Person(family.clone()).to_string();
    let text = "SELECT voucher, digest FROM vault_disclosures WHERE chapter = $1 AND subject = $2";
    let rows = sql::all(connection, text, values![chapter.id, subject.as_str()]).await?;
    let mut digests: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in &rows {
        digests.entry(sql::column(row, "voucher")?).or_default().push(sql::column(row, "digest")?);
    }
    let own = "SELECT voucher FROM vault_disclosures AS held \
         WHERE held.chapter = $1 AND held.subject = $2";
    let text = format!(
        "SELECT entries.seq, entries.bytes FROM entries JOIN figures \
         ON figures.chapter = entries.chapter AND figures.seq = entries.seq \
         WHERE entries.chapter = $1 AND entries.kind = 'aid_paid' \
         AND figures.reversed_by IS NULL AND entries.voucher_id IN ({own}) ORDER BY entries.seq"
    );
    let mut found = Vec::new();
    for row in sql::all(connection, &text, values![chapter.id, subject.as_str()]).await? {
        let (seq, voucher) = entry_of(&row)?;
        found.push((Some(seq), voucher));
    }
    let text = format!(
        "SELECT voucher FROM desk_drafts WHERE chapter = $1 AND kind = 'aid_paid' \
         AND state = 'waiting' AND id IN ({own}) ORDER BY made_at, id"
    );
    for row in sql::all(connection, &text, values![chapter.id, subject.as_str()]).await? {
        found.push((None, draft_of(&row)?));
    }
    let out_of_fund = |(_, voucher): &(Option<u64>, Voucher)| {
        handover(voucher).is_some_and(|(own, ..)| own == fund)
    };
    let read = |(seq, voucher): (Option<u64>, Voucher)| {
        let own = digests.get(voucher.id.as_str())?;
        let amount = amount_with(&voucher, |digest| own.iter().any(|own| own == digest));
        Some(AidOf { day: voucher.date, voucher: voucher.id, seq, amount })
    };
    Ok(found.into_iter().filter(out_of_fund).filter_map(read).collect())
}

/// What lines of a payment amount to in which one of some digests stands.
fn amount_with(voucher: &Voucher, holds: impl Fn(&str) -> bool) -> Money {
    let Body::AidPaid(body) = &voucher.body else { return Money::ZERO };
    let own = body.lines.iter().filter(|line| {
        let digests = line.private.iter().flat_map(|digests| digests.iter());
        digests.into_iter().any(|digest| holds(digest.as_str()))
    });
    Money::sum(own.map(|line| line.amount.money())).unwrap_or_default()
}

/// What each family of the register gets by a payment, as its private values say.
fn shares(voucher: &Voucher, private: &[PrivateValue]) -> BTreeMap<Person, Money> {
    let mut digests: BTreeMap<Person, Vec<String>> = BTreeMap::new();
    for value in private {
        if let Subject::Person(person) = &value.subject {
            let digest = value.disclosure.digest().as_str().to_owned();
            digests.entry(person.clone()).or_default().push(digest);
        }
    }
    digests
        .into_iter()
        .map(|(person, own)| {
            let amount = amount_with(voucher, |digest| own.iter().any(|own| own == digest));
            (person, amount)
        })
        .filter(|(_, amount)| amount.is_positive())
        .collect()
}

/// Matches a slip that was made for plans: a gift to the first of them, a payment to each family's
/// periods in their order. Again, nothing changes, and what was matched elsewhere meanwhile stays
/// there. A plan that is gone meanwhile gets nothing.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn note_matched<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
    (voucher, private, plans): (&Voucher, &[PrivateValue], &[Person]),
    officer: &Person,
    now: DateTime<Utc>,
) -> Result<(), DeskFault> {
    let mut all = Vec::with_capacity(plans.len());
    for id in plans {
        all.extend(get(connection, vault, chapter, id).await?);
    }
    let Some(fund) = fund_of(voucher) else { return Ok(()) };
    all.retain(|own| own.plan.fund == *fund && !own.plan.vouchers().any(|id| *id == voucher.id));
    if all.is_empty() {
        return Ok(());
    }
    let named = families(connection, vault, chapter).await?;
    let plans = super::all(connection, vault, chapter).await?.all;
    let gone = taken(plans.iter().map(|own| &own.plan), &named);
    let left = |family: Option<&Person>, amount: Money| {
        let gone = gone.get(&(voucher.id.clone(), family.cloned())).copied().unwrap_or_default();
        amount.checked_sub(gone).filter(|left| left.is_positive())
    };
    let before = all.clone();
    match gift(voucher) {
        Some((_, amount, _)) => {
            if let Some((Sponsorship { plan, .. }, amount)) =
                all.first_mut().zip(left(None, amount))
            {
                plan.gifts.push(Gift { voucher: voucher.id.clone(), from: plan.from, amount });
            }
        }
        None => {
            let ids = all.iter().flat_map(|own| own.plan.vouchers());
            let vouchers = standing(connection, chapter, ids).await?;
            for (family, amount) in shares(voucher, private) {
                let Some(amount) = left(Some(&family), amount) else { continue };
                hand_over(&mut all, voucher, (&family, amount), (&named, &vouchers));
            }
        }
    }
    for (own, _) in all.iter().zip(&before).filter(|(own, before)| own != before) {
        change(connection, vault, chapter, (own, &[]), officer, now).await?;
    }
    Ok(())
}

/// What a family got goes into its periods of each plan; what is above all that is due counts for
/// the first plan, in advance.
fn hand_over(
    all: &mut [Sponsorship],
    voucher: &Voucher,
    (family, mut left): (&Person, Money),
    (named, vouchers): (&BTreeMap<Person, Person>, &Vouchers),
) {
    let mut parts: Vec<(usize, Person, Money)> = Vec::new();
    for (at, own) in all.iter().enumerate() {
        let due = schedule(&own.plan, vouchers, named, voucher.date);
        let links = own.plan.links.iter().filter(|link| named.get(&link.id) == Some(family));
        for link in links {
            let shares = due.due(voucher.date).flat_map(|period| &period.shares);
            let shares = shares.filter(|share| share.link == link.id);
            let missing = Money::sum(shares.map(super::Share::missing)).unwrap_or_default();
            let amount = left.min(missing);
            left = left.checked_sub(amount).unwrap_or_default();
            parts.push((at, link.id.clone(), amount));
        }
    }
    if let Some((_, _, amount)) = parts.first_mut() {
        *amount = amount.checked_add(left).unwrap_or(*amount);
    }
    for (at, link, amount) in parts.into_iter().filter(|(.., amount)| amount.is_positive()) {
        if let Some(Sponsorship { plan, .. }) = all.get_mut(at) {
            let (voucher, from) = (voucher.id.clone(), plan.from);
            plan.handovers.push(Handover { link, voucher, from, amount });
        }
    }
}
