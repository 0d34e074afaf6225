//! "Danh sách ký nhận": the list on paper, with a column in which families sign. It says what each
//! one gets, and not why.

use chrono::{DateTime, Utc};
use minijinja::context;
use rocket::{State, get};
use serde::Serialize;

use super::list::{Row, rows};
use super::{LIST, find, goods};
use crate::store::Store;
use crate::store::desk::rounds::Round;
use crate::store::desk::vault::{Purpose, Reader};
use crate::web::session::{Caseworker, Kept, Officer};
use crate::web::{Config, Fault, Page};

/// A hamlet with its families on the list: a sheet of its own, when there are several.
#[derive(Debug, Serialize)]
struct Hamlet {
    name: Option<String>,
    families: usize,
    shown: bool,
}

/// The hamlets of the rows, in their order.
fn hamlets(rows: &[Row], chosen: Option<usize>) -> Vec<Hamlet> {
    let mut all: Vec<Hamlet> = Vec::new();
    for row in rows {
        match all.last_mut().filter(|last| last.name == row.hamlet) {
            Some(last) => last.families += 1,
            None => {
                let shown = chosen == Some(all.len() + 1);
                all.push(Hamlet { name: row.hamlet.clone(), families: 1, shown });
            }
        }
    }
    all
}

/// A round with the families that its sheet shows.
pub(super) struct Taken {
    /// The round.
    pub(super) round: Round,
    /// The families, in the order of the sheet.
    pub(super) rows: Vec<Row>,
    hamlets: Vec<Hamlet>,
}

impl Taken {
    /// The hamlet that was asked for, where one was.
    pub(super) fn hamlet(&self) -> Option<Option<&str>> {
        self.hamlets.iter().find(|own| own.shown).map(|own| own.name.as_deref())
    }

    /// Whether money is handed out.
    pub(super) fn pays(&self) -> bool {
        self.round.total.is_positive() || self.round.terms.goods.is_none()
    }

    /// What all of them get together, in minor units.
    pub(super) fn total(&self) -> i64 {
        self.rows.iter().map(|row| row.amount).sum()
    }

    /// What each gets beside money.
    pub(super) fn goods(&self, officer: &Officer) -> Vec<goods::Column> {
        let families = u64::try_from(self.rows.len()).unwrap_or(u64::MAX);
        let goods = self.round.terms.goods.as_ref();
        let shown = goods.map(|own| goods::shown(&officer.books, own, families));
        shown.map_or_else(Vec::new, |own| own.columns)
    }
}

/// The families of a round, or of one of its hamlets by number: no name stands in an address. The
/// log notes how many names were taken out.
///
/// # Errors
/// 404, and faults of the machine.
pub(super) async fn take(
    officer: &Officer,
    store: &Store,
    now: DateTime<Utc>,
    (id, xom): (&str, Option<&str>),
) -> Result<Taken, Fault> {
    let number = |xom: &str| xom.parse::<usize>().map_err(|_| Fault::NotFound);
    let xom = xom.map(number).transpose()?;
    let (round, lines) = find(officer, store, id).await?;
    let reader = Reader { person: &officer.person, purpose: Purpose::Export };
    let taken = store.families(&officer.desk, reader, LIST, now, |families| {
        let mut rows = rows(&round.terms, &lines, &families);
        let hamlets = hamlets(&rows, xom);
        if let Some(own) = hamlets.iter().find(|hamlet| hamlet.shown) {
            rows.retain(|row| row.hamlet == own.name);
        }
        let number = rows.len();
        ((rows, hamlets), number)
    });
    let (rows, hamlets) = taken.await.map_err(Fault::internal)?;
    if xom.is_some() && !hamlets.iter().any(|hamlet| hamlet.shown) {
        return Err(Fault::NotFound);
    }
    Ok(Taken { round, rows, hamlets })
}

/// The sheet of a round, or of one of its hamlets.
#[get("/ban/dot-cap-phat/<id>/ky-nhan?<xom>")]
pub async fn show(
    officer: Caseworker,
    kept: Kept<'_>,
    config: &State<Config>,
    id: &str,
    xom: Option<&str>,
) -> Result<Page, Fault> {
    let officer = officer.0;
    let taken = take(&officer, kept.0, config.clock.now(), (id, xom)).await?;
    let chapter = officer.books.chapter().map(|state| &state.chapter);
    Ok(crate::web::desk::page(
        &officer,
        "desk/rounds/sheet.html",
        context! {
            name => chapter.map_or("", |chapter| chapter.name.as_str()),
            address => chapter.and_then(|chapter| chapter.address.as_ref()).map(|own| own.as_str()),
            round => minijinja::value::Serde(super::terms::shown(&officer, &taken.round)),
            frozen => taken.round.is_frozen(),
            columns => minijinja::value::Serde(taken.goods(&officer)),
            pays => taken.pays(),
            total => taken.total(),
            chosen => taken.hamlets.iter().position(|own| own.shown).map(|at| at + 1),
            hamlets => minijinja::value::Serde(taken.hamlets),
            rows => minijinja::value::Serde(taken.rows),
        },
    ))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::money::Money;
    use crate::store::desk::register::{Families, Family, Record};
    use crate::store::desk::rounds::{Part, RoundLine, Terms};

    #[test]
    fn a_hamlet_that_is_written_in_two_ways_is_two_sheets_and_not_one_for_each_family() {
        let terms = Terms {
            programme: "tet".parse().unwrap(),
            round: "dot-1".parse().unwrap(),
            date: "2026-11-20".parse().unwrap(),
            place: "cash".parse().unwrap(),
            fund: "chung".parse().unwrap(),
            amount: Money::ZERO,
            goods: None,
        };
        let family = |number: u32| Family {
            person: format!("{number:016x}").parse().unwrap(),
            version: 0,
            changed_by: None,
            changed_at: None,
            record: Record {
                full_name: format!("Hộ {number:02}"),
                hamlet: ["Xóm 1", "xóm 1", "Xóm 2"].get(number as usize % 4).map(|&own| own.into()),
                ..Record::default()
            },
        };
        let families = Families { all: (0..24).map(family).collect(), restricted: Vec::new() };
        let line = |family: &Family| RoundLine {
            family: family.person.clone(),
            amount: Money::ZERO,
            reason: None,
            money: Part::default(),
            goods: Part::default(),
        };
        let lines: Vec<RoundLine> = families.all.iter().map(line).collect();
        let rows = rows(&terms, &lines, &families);
        let hamlets = hamlets(&rows, None);
        let told: Vec<_> = hamlets.iter().map(|own| (own.name.as_deref(), own.families)).collect();
        let expected = [(None, 6), (Some("Xóm 1"), 6), (Some("xóm 1"), 6), (Some("Xóm 2"), 6)];
        assert_eq!(told, expected);
    }
}
