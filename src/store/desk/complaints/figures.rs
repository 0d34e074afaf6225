//! What the public page says of all complaints: how many, how fast, which wait, and the answers
//! that the chapter chose to publish.

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;

use super::{About, Publication};
use crate::ledger::word::Person;
use crate::store::desk::sql::{self, values};
use crate::store::desk::{Chapter, DeskFault};

const TABLE: &str = "desk_complaints";
/// Seconds of a day.
const DAY: u64 = 86_400;

/// Figures over all complaints of a chapter. Days are begun ones: what was answered within 24 hours
/// took one day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// All that came.
    pub received: u64,
    /// Answered ones.
    pub answered: u64,
    /// Those that somebody looks into.
    pub looked_at: u64,
    /// Half of the answers took at most so many tenths of a day; `None` without answers.
    pub median_tenths: Option<u64>,
    /// The mean of the days, in tenths, rounded half up.
    pub mean_tenths: Option<u64>,
    /// Open ones by age: up to 7 days, up to 30, more.
    pub open: [u64; 3],
}

impl Figures {
    fn of(answered: &mut [u64], open: &[u64], looked_at: u64) -> Self {
        answered.sort_unstable();
        let count = answered.len();
        let middle = |at: usize| answered.get(at).copied().unwrap_or_default();
        let median = match count {
            0 => None,
            odd if odd % 2 == 1 => Some(10 * middle(odd / 2)),
            even => Some(5 * (middle(even / 2 - 1) + middle(even / 2))),
        };
        let sum: u64 = answered.iter().sum();
        let number = count as u64;
        let mean = (20 * sum + number).checked_div(2 * number);
        let aged = |from: u64, to: u64| {
            open.iter().filter(|days| (from..=to).contains(*days)).count() as u64
        };
        Self {
            received: (count + open.len()) as u64,
            answered: number,
            looked_at,
            median_tenths: median,
            mean_tenths: mean,
            open: [aged(0, 7), aged(8, 30), aged(31, u64::MAX)],
        }
    }
}

fn days(from: i64, to: i64) -> u64 {
    u64::try_from(to - from).unwrap_or_default().div_ceil(DAY)
}

/// The figures of a chapter.
///
/// # Errors
/// [`DeskFault::Database`].
pub async fn figures<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    now: DateTime<Utc>,
) -> Result<Figures, DeskFault> {
    let text = "SELECT state, made_at, answered_at FROM desk_complaints WHERE chapter = $1";
    let (mut answered, mut open, mut looked_at) = (Vec::new(), Vec::new(), 0);
    for row in sql::all(connection, text, values![chapter.id]).await? {
        let made: i64 = sql::column(&row, "made_at")?;
        match sql::column::<Option<i64>>(&row, "answered_at")? {
            Some(at) => answered.push(days(made, at).max(1)),
            None => open.push(days(made, now.timestamp())),
        }
        looked_at += u64::from(sql::column::<String>(&row, "state")? == "looked_at");
    }
    Ok(Figures::of(&mut answered, &open, looked_at))
}

/// An answer that the chapter published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedAnswer {
    /// Its identifier: the place in the list.
    pub id: Person,
    /// What it was about.
    pub about: About,
    /// When it came.
    pub made_at: DateTime<Utc>,
    /// When it was answered.
    pub answered_at: DateTime<Utc>,
    /// In the officer's own words.
    pub publication: Publication,
}

/// Published answers, the newest first, at most `most` behind the first `skipped` ones.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn published_answers<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    (skipped, most): (u32, u32),
) -> Result<Vec<PublishedAnswer>, DeskFault> {
    let text = "SELECT id, about, made_at, answered_at, summary, reply FROM desk_complaints \
         WHERE chapter = $1 AND published_at IS NOT NULL \
         ORDER BY answered_at DESC, id DESC LIMIT $2 OFFSET $3";
    let values = values![chapter.id, i64::from(most), i64::from(skipped)];
    let rows = sql::all(connection, text, values).await?;
    rows.iter()
        .map(|row| {
            Ok(PublishedAnswer {
                id: sql::parsed(row, TABLE, "id")?,
                about: sql::parsed(row, TABLE, "about")?,
                made_at: sql::moment(row, TABLE, "made_at")?,
                answered_at: sql::moment(row, TABLE, "answered_at")?,
                publication: Publication {
                    summary: sql::column(row, "summary")?,
                    reply: sql::column(row, "reply")?,
                },
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_and_the_mean_are_of_begun_days() {
        let figures = |days: &[u64]| Figures::of(&mut days.to_vec(), &[0, 7, 8, 30, 31, 400], 2);
        assert_eq!(figures(&[]).median_tenths, None);
        assert_eq!(figures(&[]).mean_tenths, None);
        assert_eq!(figures(&[3]).median_tenths, Some(30));
        assert_eq!(figures(&[9, 1, 2]).median_tenths, Some(20));
        assert_eq!(figures(&[9, 1, 2, 3]).median_tenths, Some(25));
        assert_eq!(figures(&[1, 1, 2]).mean_tenths, Some(13));
        assert_eq!(figures(&[1]).open, [2, 2, 2]);
        assert_eq!((figures(&[1]).received, figures(&[1]).answered), (7, 1));
        assert_eq!(days(0, 1), 1);
        assert_eq!((days(0, 86_400), days(0, 86_401), days(5, 0)), (1, 2, 0));
    }
}
