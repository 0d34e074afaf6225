//! Families of a round that did not come: what brings their part back, and where they are named
//! again.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::ConnectionTrait;

use super::Terms;
use crate::ledger::voucher::VoucherId;
use crate::ledger::word::{Code, Person};
use crate::store::desk::register::STANDING;
use crate::store::desk::sql::{self, values};
use crate::store::desk::{Chapter, DeskFault, DeskRefusal};

/// Notes that a waiting voucher brings back what another one handed to families that did not come.
///
/// # Errors
/// [`DeskRefusal::RoundMoved`] for a family that the other does not serve, or not any more.
pub async fn note_returned<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    (programme, round): (&Code, &Code),
    (handover, returned): (&VoucherId, &VoucherId),
    families: &[Person],
) -> Result<(), DeskFault> {
    let text = "UPDATE desk_round_lines SET returned = $1 WHERE chapter = $2 AND programme = $3 \
         AND round = $4 AND voucher = $5 AND family = $6 AND returned IS NULL";
    for family in families {
        let values = values![
            returned.as_str(),
            chapter.id,
            programme.as_str(),
            round.as_str(),
            handover.as_str(),
            family.as_str(),
        ];
        if sql::execute(connection, text, values).await? != 1 {
            return Err(DeskRefusal::RoundMoved.into());
        }
    }
    Ok(())
}

/// Families that did not come to the last round of the programme, up to the day of this one, on
/// whose list they were: what was theirs came back, and nothing serves them there.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn absent_before<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    terms: &Terms,
) -> Result<BTreeSet<Person>, DeskFault> {
    let text = format!(
        "SELECT line.family, round.date, \
         CAST(CASE WHEN {STANDING} THEN 1 ELSE 0 END AS BIGINT) AS standing \
         FROM desk_round_lines AS line JOIN desk_rounds AS round \
         ON round.chapter = line.chapter AND round.programme = line.programme \
         AND round.round = line.round WHERE line.chapter = $1 AND line.programme = $2 \
         AND line.round <> $3 AND round.date <= $4"
    );
    let (programme, round) = (terms.programme.as_str(), terms.round.as_str());
    let values = values![chapter.id, programme, round, terms.date.to_string()];
    let mut last: BTreeMap<Person, (String, bool)> = BTreeMap::new();
    for row in sql::all(connection, &text, values).await? {
        let family = sql::parsed(&row, "desk_round_lines", "family")?;
        let date: String = sql::column(&row, "date")?;
        let standing = sql::column::<i64>(&row, "standing")? == 1;
        let known = last.entry(family).or_insert_with(|| (date.clone(), standing));
        match date.cmp(&known.0) {
            std::cmp::Ordering::Less => {}
            std::cmp::Ordering::Equal => known.1 |= standing,
            std::cmp::Ordering::Greater => *known = (date, standing),
        }
    }
    Ok(last.into_iter().filter(|(_, (_, came))| !came).map(|(family, _)| family).collect())
}
