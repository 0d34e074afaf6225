//! Who cosigned a ledger, when, and what keeps the others from it: for every page that tells
//! whether to trust.

use chrono::{DateTime, Utc};
use minijinja::context;
use minijinja::value::Value;

use super::ledgers::read;
use crate::store::facade::View;
use crate::store::{ChapterId, PublishedLedger, Store};
use crate::web::cosigning::Trouble;
use crate::web::{Config, Fault};

/// What pages show of the witnesses of a ledger, and a text that changes with it.
pub struct Told {
    /// `all`: each with `name`, `key`, `url`, `size` and `at` of the newest head that it cosigned,
    /// `waits` (entries behind that), `trouble` (key of a text), `own` (the key is this server's).
    /// `best`: the one with the newest head; none when nobody cosigned yet.
    pub shown: Value,
    /// For the tag of the page.
    pub state: String,
}

/// The witnesses of a chapter's newest ledger.
///
/// # Errors
/// [`Fault`] of the machine.
pub async fn told(store: &Store, config: &Config, view: &View) -> Result<Told, Fault> {
    let newest = store.published(view.chapter).map_err(read)?.pop();
    let ledger = newest.filter(|own| own.before == view.books.before());
    let shown = match &ledger {
        Some(ledger) => of_ledger(store, config, ledger).await?,
        None => named(view),
    };
    let state = store.cosigned_state(view.chapter).await.map_err(read)?;
    Ok(Told { shown, state: format!("{state}-{}", config.cosigning.version()) })
}

/// Who cosigned the newest head with the entry at a place in it: `name` and `at`.
///
/// # Errors
/// [`Fault`] of the machine.
pub async fn covering(
    store: &Store,
    chapter: ChapterId,
    place: u64,
) -> Result<Option<Value>, Fault> {
    let Some(ledger) = store.published_with(chapter, place).map_err(read)? else {
        return Ok(None);
    };
    let heads = store.cosigned_heads(&ledger).await.map_err(read)?;
    let seq = place.saturating_sub(ledger.before);
    let newest = heads.iter().filter(|head| head.size > seq).max_by_key(|head| head.size);
    Ok(newest.map(|head| context! { name => head.name.as_str(), at => moment(head.at) }))
}

fn moment(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

async fn of_ledger(
    store: &Store,
    config: &Config,
    ledger: &PublishedLedger,
) -> Result<Value, Fault> {
    let heads = store.cosigned_heads(ledger).await.map_err(read)?;
    let own = store.keys().witness();
    let told = |name: &str, size: u64, at: DateTime<Utc>| {
        context! { name, size, at => moment(at), waits => ledger.size.saturating_sub(size) }
    };
    let all = ledger.witnesses.iter().map(|(name, key, url)| {
        let head = heads.iter().find(|head| head.key == *key);
        let trouble = config.cosigning.trouble(ledger, key).map(Trouble::key);
        context! {
            key => key.vkey(),
            url,
            trouble,
            unasked => config.cosigning.leaves_out(name, key),
            own => own.as_ref().is_some_and(|own| own.public() == key),
            ..match head {
                Some(head) => told(name, head.size, head.at),
                None => context! { name },
            }
        }
    });
    let best = heads.iter().max_by_key(|head| (head.size, head.at));
    let best = best.map(|head| told(&head.name, head.size, head.at));
    Ok(context! { all => all.collect::<Vec<_>>(), best, number => heads.len() })
}

/// The witnesses of a ledger without a head that may be shown.
fn named(view: &View) -> Value {
    let all = view.books.chapter().map_or(&[][..], |own| &own.witnesses);
    let all = all.iter().map(|(name, key, url)| context! { name, key => key.vkey(), url });
    context! { all => all.collect::<Vec<_>>(), best => (), number => 0 }
}
