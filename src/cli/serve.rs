//! `minhbach serve`: the site and the desk.

use std::net::{IpAddr, TcpListener};
use std::time::Duration;

use clap::Args;
use rocket::fairing::AdHoc;
use rocket::figment::Figment;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::settings::{self, LogFormat};
use super::{CliFault, Context};
use crate::store::{Standing, Store};
use crate::web::metrics::gathered::Sources;
use crate::web::metrics::port::Port;
use crate::web::{
    BaseUrl, Cache, Checking, Clock, Config, Cosigning, Mirrors, Nightly, Sheets, figment, metrics,
    site,
};

/// The pause between two rounds of sweeping what ended by itself.
const PAUSE: Duration = Duration::from_secs(15 * 60);

/// How long the start waits for witnesses.
const FIRST_ROUND: Duration = Duration::from_secs(5);

/// The pause between two looks at the checkpoints of mirrors.
const MIRRORS_PAUSE: Duration = Duration::from_secs(60);

/// Serves the site and the desk (also without a command).
///
/// Makes the data folder when it is missing, verifies what is stored before anything is signed,
/// prints the address and serves until SIGTERM or Ctrl-C; then lets running answers end, writes
/// the anchor and ends with status 0. A second program on the same folder is refused.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  minhbach serve
  minhbach serve --data /srv/minhbach
  ROCKET_PORT=8080 ROCKET_BASE_URL=https://so.example minhbach serve")]
pub struct Serve {}

impl Serve {
    /// Runs the command.
    ///
    /// # Errors
    /// [`CliFault`].
    pub fn run(self, context: &Context) -> Result<(), CliFault> {
        // Also what the opening finds is a line of the log.
        log_to_standard_error(settings::log_format(&figment())?);
        context.runtime()?.block_on(async {
            let store = Store::open(context.reading_config()?).await?;
            serve(store, Clock::system()).await
        })
    }
}

/// Serves a store until it is told to stop, and stops the store.
///
/// # Errors
/// [`CliFault::Launch`], and what stopping the store says.
pub async fn serve(store: Store, clock: Clock) -> Result<(), CliFault> {
    let settings = figment();
    log_to_standard_error(settings::log_format(&settings)?);
    if let Err(fault) = store.date_checks(clock.now()).await {
        tracing::warn!(%fault, "what the start checked is not kept");
    }
    for (chapter, origin) in store.chapters() {
        if let Standing::ReadOnly(closure) = store.standing(chapter)? {
            tracing::error!(%origin, %closure, "this ledger takes no writes");
        }
    }
    let reading = store.is_reading();
    // Who only reads has nothing to sweep, and no place for cosignatures and results of replays.
    let upkeep = (!reading).then(|| Upkeep::start(store.clone(), clock.clone()));
    let mirrors = Mirrors::new(settings::mirrored(&settings)?);
    let witnessed = settings::witnessed(&settings)?;
    let cosigning = Cosigning::without(settings::texts(&settings, "unasked_witnesses")?);
    let (watch, checking) = (settings::watch(&settings)?, settings::nightly(&settings)?);
    let checking = if reading { Nightly::Off } else { checking };
    let desk_url = settings::desk_url(&settings)?;
    let backup_days = settings::backup_days(&settings)?;
    let checking = Checking::new(checking);
    let mirroring = look_at(mirrors.clone());
    let asking = match reading {
        true => None,
        false => Some(ask(&store, &clock, &cosigning).await),
    };
    let watching = tokio::spawn(watch.clone().run(store.clone(), clock.clone()));
    let replaying = tokio::spawn(checking.clone().run(store.clone(), clock.clone()));
    let config = |config: Config| Config {
        mirrors: mirrors.clone(),
        witnessed: witnessed.into(),
        cosigning: cosigning.clone(),
        watch: watch.clone(),
        backup_days,
        desk: reading.then(|| desk_url.unwrap_or_else(|| config.base_url.clone())),
        ..config
    };
    let launched = launch(&store, clock, config).await;
    if let Some(upkeep) = upkeep {
        upkeep.end().await;
    }
    mirrors.stop();
    cosigning.stop();
    watch.stop();
    checking.stop();
    // Tasks that ended by themselves have nothing to be told.
    for task in [mirroring, watching, replaying].into_iter().chain(asking) {
        let _ = task.await;
    }
    super::data::stop(store, launched).await
}

/// What went wrong, one line each, for whoever keeps the machine: the reference that a page of a
/// fault shows stands in one of them. A subscriber that is there already stays.
fn log_to_standard_error(format: LogFormat) {
    let lines = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::WARN)
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .with_target(false);
    let begun = match format {
        LogFormat::Lines => lines.try_init(),
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(false).try_init(),
    };
    if begun.is_err() {
        tracing::debug!("log lines go where they went before");
    }
}

/// Sweeps now and then while the site serves.
struct Upkeep {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Upkeep {
    fn start(store: Store, clock: Clock) -> Self {
        let (stop, mut stopped) = oneshot::channel();
        let task = tokio::spawn(async move {
            loop {
                match store.sweep(clock.now()).await {
                    Ok(swept) => tracing::debug!(?swept, "swept"),
                    Err(fault) => tracing::warn!(%fault, "not swept; next try in a while"),
                }
                // Only the pause is cut short, never a transaction.
                if tokio::time::timeout(PAUSE, &mut stopped).await.is_ok() {
                    break;
                }
            }
        });
        Self { stop, task }
    }

    async fn end(self) {
        // A task that ended by itself has nothing to be told.
        let _ = self.stop.send(());
        let _ = self.task.await;
    }
}

/// Asks the witnesses beside the site. Each is asked once before anybody can write: one that holds
/// more than is stored here tells that an old state was restored. One that does not answer holds
/// the start up for a few seconds, not for ever.
async fn ask(store: &Store, clock: &Clock, cosigning: &Cosigning) -> JoinHandle<()> {
    let (first, asked) = oneshot::channel();
    let asking = tokio::spawn(cosigning.clone().run(store.clone(), clock.clone(), first));
    if tokio::time::timeout(FIRST_ROUND, asked).await.is_err() {
        tracing::warn!("a witness does not answer; it is asked beside the site");
    }
    asking
}

/// Verifies the mirrors beside the site, and again whenever one of them changes.
fn look_at(mirrors: Mirrors) -> JoinHandle<()> {
    tokio::spawn(async move {
        while !mirrors.is_stopped() && !mirrors.is_empty() {
            let round = mirrors.clone();
            if tokio::task::spawn_blocking(move || round.refresh()).await.is_err() {
                tracing::warn!("the mirrors could not be looked at; next try in a while");
            }
            mirrors.pause(MIRRORS_PAUSE).await;
        }
    })
}

async fn launch(
    store: &Store,
    clock: Clock,
    with: impl FnOnce(Config) -> Config,
) -> Result<(), CliFault> {
    let (figment, base_url) = address(figment())?;
    let url = base_url.origin().to_owned();
    // A program that does not know where it lies reads such files itself, behind the checks alone.
    let sheets = std::env::current_exe().map(Sheets::Beside).unwrap_or_default();
    let metrics = Port::read(&figment).map_err(CliFault::Launch)?;
    let config = with(Config { clock, sheets, ..Config::new(base_url) });
    let rocket = site(config.clone(), figment).manage(store.clone()).attach(AdHoc::on_liftoff(
        "address",
        move |rocket| {
            let (address, port) = (rocket.config().address, rocket.config().port);
            Box::pin(async move {
                println!("Open {url}/ in a browser. Ctrl-C ends the program.");
                let here = format!("http://{}", socket(address, port));
                if here != url {
                    println!("Listening on {here}");
                }
            })
        },
    ));
    let failed = |fault: rocket::Error| CliFault::Launch(fault.kind().to_string());
    let rocket = rocket.ignite().await.map_err(failed)?;
    let cache = rocket.state::<Cache>().cloned();
    let sources = Sources { config, store: store.clone(), cache };
    let metrics = match metrics {
        Some(port) => Some(Metrics::start(port, sources).await?),
        None => None,
    };
    let launched = rocket.launch().await.map(drop).map_err(failed);
    if let Some(metrics) = metrics {
        metrics.end().await;
    }
    launched
}

/// The numbers for whoever watches, on a port of their own.
struct Metrics {
    stop: rocket::Shutdown,
    task: JoinHandle<()>,
}

impl Metrics {
    /// A port that somebody else has stops the start.
    async fn start(port: Port, sources: Sources) -> Result<Self, CliFault> {
        let at = socket(port.address, port.port);
        let failed = |fault: String| CliFault::Launch(format!("metrics_port, {at}: {fault}"));
        let free = TcpListener::bind((port.address, port.port));
        free.map(drop).map_err(|fault| failed(fault.to_string()))?;
        let site = metrics::port::site(port, sources).ignite().await;
        let site = site.map_err(|fault| failed(fault.kind().to_string()))?;
        let stop = site.shutdown();
        let task = tokio::spawn(async move {
            if let Err(fault) = site.launch().await {
                tracing::error!(fault = %fault.kind(), "the numbers are not to be had");
            }
        });
        Ok(Self { stop, task })
    }

    async fn end(self) {
        self.stop.notify();
        // One that ended by itself has nothing to be told.
        let _ = self.task.await;
    }
}

/// Rocket's settings with a port that is known, and the address that people type.
pub(super) fn address(figment: Figment) -> Result<(Figment, BaseUrl), CliFault> {
    let launch = |fault: String| CliFault::Launch(fault);
    let config: rocket::Config = figment.extract().map_err(|fault| launch(fault.to_string()))?;
    let mut figment = figment;
    let mut port = config.port;
    if port == 0 {
        // A free one, chosen here because links need it before the server listens.
        let free = TcpListener::bind((config.address, 0)).and_then(|free| free.local_addr());
        port = free.map_err(|fault| launch(fault.to_string()))?.port();
        figment = figment.merge(("port", port));
    }
    let typed = figment.extract_inner::<String>("base_url").ok();
    let own = || format!("http://{}", socket(config.address, port));
    let base_url = BaseUrl::parse(&typed.unwrap_or_else(own))?;
    Ok((figment, base_url))
}

fn socket(address: IpAddr, port: u16) -> String {
    std::net::SocketAddr::new(address, port).to_string()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn url(settings: &[(&str, &str)]) -> String {
        let mut figment = Figment::from(rocket::Config::default());
        for (key, value) in settings {
            figment = match value.parse::<u16>() {
                Ok(number) => figment.merge((*key, number)),
                Err(_) => figment.merge((*key, *value)),
            };
        }
        address(figment).unwrap().1.origin().to_owned()
    }

    #[test]
    fn the_address_is_that_of_the_settings_or_the_one_listened_on() {
        assert_eq!(url(&[]), "http://127.0.0.1:8000");
        assert_eq!(url(&[("address", "::1"), ("port", "81")]), "http://[::1]:81");
        assert_eq!(url(&[("base_url", "https://so.example/")]), "https://so.example");
        assert_ne!(url(&[("port", "0")]), "http://127.0.0.1:0");
    }
}
