//! Goods that are carried for others, for everybody to see.

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
             AND (entries.kind IN ('custody_handed_over', 'custody_returned') OR EXISTS \
             (SELECT 1 FROM custody_goods WHERE custody_goods.chapter = entries.chapter \
             AND custody_goods.seq = entries.seq)) ORDER BY entries.seq DESC LIMIT {MOST}",
            journal::SELECT
        );
        let values = [chapter.0.into(), number(size).into()];
        let rows = query(self.shared.database.reader(), &sql, values).await?;
        let lines = rows.iter().rev().map(journal::read).collect::<Result<Vec<Line>, _>>()?;
        Ok(carried(lines.iter().map(|line| (&line.entry, &line.effects))))
    }
}
