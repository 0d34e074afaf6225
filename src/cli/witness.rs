//! `minhbach witness`: this server as a witness of other ledgers.

use clap::Args;

use super::data::stop;
use super::serve::address;
use super::settings::witnessed;
use super::{CliFault, Context};
use crate::ledger::keys::PublicKey;
use crate::store::Store;
use crate::web::config::WITNESS;
use crate::web::figment;

/// Shows the key with which this server cosigns other ledgers, and what it holds of them.
///
/// Makes the key in keys/witness.key when there is none; the environment wins with
/// MINHBACH_WITNESS_KEY. Give the key and the address to the chapters that you witness: they name
/// both in their ledgers. Which ledgers are witnessed stands in the settings (`witnessed`). Stop
/// the server first; while it runs the same stands on its page /nhan-chung.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  minhbach witness
  ROCKET_BASE_URL=https://so.example minhbach witness --data /srv/minhbach")]
pub struct Witness {}

impl Witness {
    /// Runs the command.
    ///
    /// # Errors
    /// [`CliFault`].
    pub fn run(self, context: &Context) -> Result<(), CliFault> {
        let keys = witnessed(&figment())?;
        context.runtime()?.block_on(async {
            let store = Store::open(context.store_config()).await?;
            let done = print(&store, &keys).await;
            stop(store, done).await
        })
    }
}

async fn print(store: &Store, keys: &[PublicKey]) -> Result<(), CliFault> {
    let (_, base_url) = address(figment())?;
    let name = base_url.witness_name().map_err(|fault| CliFault::Launch(fault.to_string()))?;
    let key = store.keys().witness_key(&name)?;
    println!("key      {}", key.public().vkey());
    println!("address  {}", base_url.join(WITNESS));
    let held = store.witnessed().await?;
    for own in &held {
        let at = own.cosigned_at.format("%Y-%m-%dT%H:%M:%SZ");
        println!("held     {}: {} entries, cosigned {at}", own.origin, own.size);
    }
    for key in keys.iter().filter(|key| !held.iter().any(|own| own.origin == key.name())) {
        println!("waiting  {}: nothing was submitted yet", key.name());
    }
    for own in store.witness_evidence().await? {
        let proven = if own.proven { "FORK    " } else { "refused " };
        println!("{proven} {}: heads that do not fit together, {}", own.origin, own.digest);
    }
    Ok(())
}
