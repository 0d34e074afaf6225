//! Goods that are carried for others, for everybody to see.

use sea_orm::Value;

use super::journal::{self, Line};
use crate::books::carried::{Carried, carried};
use crate::store::database::query;
use crate::store::nodes::number;
use crate::store::{ChapterId, Store, StoreFault};

/// Vouchers of custody that are read, the newest; the older ones are on their own pages.
const MOST: i64 = 2_000;

impl Store {
    /// What became of the goods that the chapter carried for others, newest first; among the first
    /// `size` entries.
    ///
    /// # Errors
    /// [`StoreFault`] of the machine.
    pub async fn carried_goods(
        &self,
        chapter: ChapterId,
        size: u64,
    ) -> Result<Vec<Carried>, StoreFault> {
        let sql = format!(
            "{} WHERE entries.chapter = ? AND entries.seq < ? AND figures.reversed_by IS NULL \
             AND entries.seq IN (SELECT seq FROM entries AS moved WHERE moved.chapter = ? \
             AND moved.kind IN ('custody_handed_over', 'custody_returned') \
             UNION SELECT seq FROM custody_goods WHERE custody_goods.chapter = ?) \
             ORDER BY entries.seq DESC LIMIT {MOST}",
            journal::SELECT
        );
        let own: Value = chapter.0.into();
        let values = [own.clone(), number(size).into(), own.clone(), own];
        let rows = query(self.shared.database.reader(), &sql, values).await?;
        let lines = rows.iter().rev().map(journal::read).collect::<Result<Vec<Line>, _>>()?;
        Ok(carried(lines.iter().map(|line| (&line.entry, &line.effects))))
    }
}
