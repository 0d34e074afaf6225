//! `minhbach serve`: the site and the desk.

use std::net::{IpAddr, TcpListener};
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use rocket::fairing::AdHoc;
use rocket::figment::Figment;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::{CliFault, Context};
use crate::ledger::keys::{KeyKind, PublicKey};
use crate::store::{Standing, Store};
use crate::web::config::BACKUP_DAYS;
use crate::web::{BaseUrl, Clock, Config, Cosigning, Mirrors, Sheets, figment, site};

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
        context.runtime()?.block_on(async {
            let store = Store::open(context.store_config()).await?;
            serve(store, Clock::system()).await
        })
    }
}

/// Serves a store until it is told to stop, and stops the store.
///
/// # Errors
/// [`CliFault::Launch`], and what stopping the store says.
pub async fn serve(store: Store, clock: Clock) -> Result<(), CliFault> {
    log_to_standard_error();
    store.date_checks(clock.now());
    for (chapter, origin) in store.chapters() {
        if let Standing::ReadOnly(closure) = store.standing(chapter)? {
            eprintln!("minhbach: {origin} takes no writes: {closure}");
        }
    }
    let upkeep = Upkeep::start(store.clone(), clock.clone());
    let mirrors = Mirrors::new(mirrored(&figment())?);
    let witnessed = witnessed(&figment())?;
    let cosigning = Cosigning::without(texts(&figment(), "unasked_witnesses")?);
    let backup_days = backup_days(&figment())?;
    let watching = watch(mirrors.clone());
    let asking = ask(&store, &clock, &cosigning).await;
    let config = |config| Config {
        mirrors: mirrors.clone(),
        witnessed: witnessed.into(),
        cosigning: cosigning.clone(),
        backup_days,
        ..config
    };
    let launched = launch(&store, clock, config).await;
    upkeep.end().await;
    mirrors.stop();
    cosigning.stop();
    // Tasks that ended by themselves have nothing to be told.
    let _ = watching.await;
    let _ = asking.await;
    super::data::stop(store, launched).await
}

/// What went wrong, one line each, for whoever keeps the machine: the reference that a page of a
/// fault shows stands in one of them. A subscriber that is there already stays.
fn log_to_standard_error() {
    let lines = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::WARN)
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .with_target(false);
    if lines.try_init().is_err() {
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

/// After how many days the desk warns of an old backup.
fn backup_days(figment: &Figment) -> Result<u64, CliFault> {
    if !figment.contains("backup_days") {
        return Ok(BACKUP_DAYS);
    }
    let read = figment.extract_inner::<u64>("backup_days");
    read.map_err(|fault| CliFault::Launch(format!("backup_days: {fault}")))
}

/// The folders of mirrors, as the settings name them.
fn mirrored(figment: &Figment) -> Result<Vec<PathBuf>, CliFault> {
    if !figment.contains("mirrors") {
        return Ok(Vec::new());
    }
    let read = figment.extract_inner::<Vec<PathBuf>>("mirrors");
    read.map_err(|fault| CliFault::Launch(format!("mirrors: {fault}")))
}

/// A list of texts in the settings; none when it is missing.
fn texts(figment: &Figment, name: &str) -> Result<Vec<String>, CliFault> {
    if !figment.contains(name) {
        return Ok(Vec::new());
    }
    let read = figment.extract_inner::<Vec<String>>(name);
    read.map_err(|fault| CliFault::Launch(format!("{name}: {fault}")))
}

/// The log keys of the ledgers that are witnessed here, as the settings name them.
pub(super) fn witnessed(figment: &Figment) -> Result<Vec<PublicKey>, CliFault> {
    let wrong = |text: &str, reason: &str| {
        Err(CliFault::Launch(format!(
            "witnessed: {text:?}: {reason}; give log keys as the page Kiểm chứng of each ledger \
             shows them"
        )))
    };
    let mut keys: Vec<PublicKey> = Vec::new();
    for text in texts(figment, "witnessed")? {
        let key = match PublicKey::parse(text.trim()) {
            Ok(key) if key.kind() == KeyKind::Note => key,
            Ok(_) => return wrong(&text, "the key of a witness and not of a ledger"),
            Err(fault) => return wrong(&text, &fault.to_string()),
        };
        if keys.contains(&key) {
            return wrong(&text, "named twice");
        }
        keys.push(key);
    }
    Ok(keys)
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
fn watch(mirrors: Mirrors) -> JoinHandle<()> {
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
    let config = with(Config { clock, sheets, ..Config::new(base_url) });
    let rocket = site(config, figment).manage(store.clone()).attach(AdHoc::on_liftoff(
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
    rocket.launch().await.map(drop).map_err(|fault| CliFault::Launch(fault.kind().to_string()))
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

    #[test]
    fn witnessed_ledgers_are_log_keys_several_of_one_ledger_among_them() {
        use crate::ledger::keys::SigningKey;
        let key = || SigningKey::generate("so.example/xuan-tay").unwrap().public().vkey();
        let figment = Figment::from(rocket::Config::default());
        assert!(witnessed(&figment).unwrap().is_empty());
        let (one, two) = (key(), key());
        let both = figment.clone().merge(("witnessed", vec![&one, &two]));
        let read: Vec<String> = witnessed(&both).unwrap().iter().map(PublicKey::vkey).collect();
        assert_eq!(read, [one.clone(), two]);
        let witness = SigningKey::generate_as("w.example", KeyKind::Cosignature).unwrap();
        for wrong in [
            vec![one.clone(), one.clone()],
            vec![witness.public().vkey()],
            vec!["so.example/xuan-tay".to_owned()],
        ] {
            let fault = witnessed(&figment.clone().merge(("witnessed", wrong))).unwrap_err();
            assert!(fault.to_string().contains("witnessed"), "{fault}");
        }
        assert!(witnessed(&figment.merge(("witnessed", 7))).is_err());
    }

    #[test]
    fn the_age_of_a_backup_is_a_number_of_days() {
        let figment = Figment::from(rocket::Config::default());
        assert_eq!(backup_days(&figment).unwrap(), BACKUP_DAYS);
        assert_eq!(backup_days(&figment.clone().merge(("backup_days", 2))).unwrap(), 2);
        let fault = backup_days(&figment.merge(("backup_days", "often"))).unwrap_err();
        assert!(fault.to_string().contains("backup_days"), "{fault}");
    }

    #[test]
    fn mirrors_are_a_list_of_folders_and_nothing_else() {
        let figment = Figment::from(rocket::Config::default());
        assert!(mirrored(&figment).unwrap().is_empty());
        let two = figment.clone().merge(("mirrors", vec!["/srv/a", "b"]));
        assert_eq!(mirrored(&two).unwrap(), [PathBuf::from("/srv/a"), PathBuf::from("b")]);
        let fault = mirrored(&figment.merge(("mirrors", 7))).unwrap_err();
        assert!(fault.to_string().contains("mirrors"), "{fault}");
    }
}
