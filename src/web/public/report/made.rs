//! Who closed, audited and published what a statement covers: offices, days and entries. Legal
//! names are sealed.

use serde::Serialize;

use super::period::{Shown, Stage};
use crate::ledger::voucher::{Body, Kind};
use crate::ledger::word::{Date, Month};
use crate::store::facade::{Line, View};
use crate::web::Fault;
use crate::web::public::ledgers::{Ledgers, read};
use crate::web::signers::{Signer, signers};

/// Audits looked at, at most.
const AUDITS: u32 = 500;

/// A conclusion of an auditor.
#[derive(Clone, Debug, Serialize)]
pub struct Audit {
    /// Its entry.
    pub seq: u64,
    /// The key of its result.
    pub result: String,
    /// The day on which it was appended.
    pub on: String,
}

/// A closing.
#[derive(Clone, Debug, Serialize)]
pub struct Closing {
    /// The last month that it closes.
    pub through: String,
    /// Its entry.
    pub seq: u64,
    /// The day on which it was appended.
    pub on: String,
    /// What auditors concluded.
    pub audits: Vec<Audit>,
}

/// How a statement came about.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Made {
    /// The day on which the entry that names it was appended.
    pub on: Option<String>,
    /// Who signed that entry.
    pub signers: Vec<Signer>,
    /// The closings in its days.
    pub closings: Vec<Closing>,
}

/// All audits of a ledger, with the month up to which each goes.
///
/// # Errors
/// [`Fault`] of the machine.
pub async fn audits(view: &View, ledgers: &Ledgers<'_>) -> Result<Vec<(Month, Audit)>, Fault> {
    let offset = view.books.chapter().ok_or(Fault::NotFound)?.utc_offset;
    let lines =
        ledgers.store().lines_before(view.chapter, Some(Kind::PeriodAudited), view.size(), AUDITS);
    let own = |line: &Line| match &line.entry.voucher().body {
        Body::PeriodAudited(body) => Some((
            body.through,
            Audit {
                seq: line.entry.place(),
                result: format!("word-result-{}", body.result),
                on: line.entry.at.local_date(offset).to_string(),
            },
        )),
        _ => None,
    };
    Ok(lines.await.map_err(read)?.iter().filter_map(own).collect())
}

/// How a statement came about.
///
/// # Errors
/// [`Fault`] of the machine.
pub async fn of(shown: &Shown, view: &View, ledgers: &Ledgers<'_>) -> Result<Made, Fault> {
    let offset = view.books.chapter().ok_or(Fault::NotFound)?.utc_offset;
    let mut made = Made::default();
    if let Stage::Signed { seq, .. } = &shown.stage
        && let Some(known) = ledgers.store().entry(view.chapter, *seq).await.map_err(read)?
    {
        made.on = Some(known.entry.at.local_date(offset).to_string());
        let officers = view.books.officers();
        let all = signers(ledgers.store(), view.chapter, officers, &known.entry);
        made.signers = all.await.map_err(read)?;
    }
    let day = |name: &str| shown.file[name].as_str().and_then(|own| own.parse::<Date>().ok());
    let Some((from, to)) = day("from").zip(day("to")) else { return Ok(made) };
    let within = view.books.closings().iter();
    let within: Vec<(Month, u64)> = within
        .filter(|(through, ..)| (from.month()..=to.month()).contains(through))
        .map(|(through, seq, _)| (*through, *seq))
        .collect();
    let seqs: Vec<u64> = within.iter().map(|(_, seq)| *seq).collect();
    let days = ledgers.store().appended(view.chapter, &seqs).await.map_err(read)?;
    let audits = audits(view, ledgers).await?;
    made.closings = within
        .into_iter()
        .map(|(through, seq)| Closing {
            through: through.to_string(),
            seq,
            on: days.get(&seq).map_or_else(String::new, |at| at.local_date(offset).to_string()),
            audits: audits
                .iter()
                .filter(|(own, _)| *own == through)
                .map(|(_, audit)| audit.clone())
                .collect(),
        })
        .collect();
    Ok(made)
}
