//! `/ban/but-toan/<seq>/bien-nhan.pdf`: the receipt of a gift for its giver's hand, with the name
//! and room for signatures.

use rocket::{State, get};

use super::people::giver;
use crate::web::printing::Pen;
use crate::web::public::download::Download;
use crate::web::public::ledgers::{Ledgers, Speech, read};
use crate::web::public::receipt::shown_name;
use crate::web::public::receipt_paper::Printed;
use crate::web::session::Officer;
use crate::web::{Config, Fault};

/// The receipt of an entry. The name is opened for who may see it on the entry's page, which the
/// log notes, unless `rieng=0` asks for a copy without; others get the name that is public.
#[get("/ban/but-toan/<seq>/bien-nhan.pdf?<rieng>")]
pub async fn print(
    officer: Officer,
    config: &State<Config>,
    ledgers: Ledgers<'_>,
    speech: Speech<'_>,
    seq: &str,
    rieng: Option<&str>,
) -> Result<Download, Fault> {
    let (store, view) = (ledgers.store(), ledgers.view_of(officer.chapter)?);
    let seq = crate::web::public::entry::seq(seq)?;
    let known = store.known_entry(view.chapter, seq, view.size()).await.map_err(read)?;
    let known = known.ok_or(Fault::NotFound)?;
    let code = store.receipt_code(&known.entry).ok_or(Fault::NotFound)?;
    let opened = if officer.may_record() && rieng != Some("0") {
        giver(&officer, store, known.entry.voucher(), config.clock.now()).await?
    } else {
        None
    };
    let giver = match opened {
        Some(name) => Some(name),
        None => shown_name(&ledgers, &view, seq).await?.map(|(_, name)| name),
    };
    let printed = Printed {
        ledgers: &ledgers,
        view: &view,
        known: &known,
        code: &code,
        base: config.base_url.origin(),
        giver,
        by_hand: true,
        pen: Pen(&speech),
    };
    printed.download().await
}
