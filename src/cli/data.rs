//! The data folder and the store in it, as every command opens them.

use std::path::{Path, PathBuf};

use tokio::runtime::{Builder, Runtime};

use super::{CliFault, settings};
use crate::store::{ChapterId, Secrets, Standing, Store, StoreConfig};
use crate::web::figment;

/// The data folder when `--data` names none.
const FOLDER: &str = "data";

/// What all commands share.
#[derive(Debug)]
pub struct Context {
    /// The folder of `--data`.
    pub data: Option<PathBuf>,
}

impl Context {
    /// The data folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.data.as_deref().unwrap_or(Path::new(FOLDER))
    }

    /// The settings of the store: `database_url` of Rocket's configuration or SQLite in the
    /// folder, `anchor`, and the keys that the environment gives.
    #[must_use]
    pub fn store_config(&self) -> StoreConfig {
        let figment = figment();
        let text = |key: &str| figment.extract_inner::<String>(key).ok();
        let mut config = match text("database_url") {
            Some(url) => StoreConfig::postgres(self.folder(), url),
            None => StoreConfig::sqlite(self.folder()),
        };
        config.anchor = text("anchor").map(PathBuf::from);
        let environment = |name: &str| std::env::var(name).ok().filter(|text| !text.is_empty());
        let log_keys = environment("MINHBACH_LOG_KEY").unwrap_or_default();
        config.secrets = Secrets {
            log_keys: log_keys.split_whitespace().map(ToOwned::to_owned).collect(),
            receipt_key: environment("MINHBACH_RECEIPT_KEY"),
            vault_key: environment("MINHBACH_VAULT_KEY"),
            witness_key: environment("MINHBACH_WITNESS_KEY"),
        };
        config
    }

    /// The same for what may run where nothing is written (`read_only`).
    ///
    /// # Errors
    /// [`CliFault::Launch`] for a setting that is neither true nor false.
    pub fn reading_config(&self) -> Result<StoreConfig, CliFault> {
        let read_only = settings::read_only(&figment())?;
        Ok(StoreConfig { read_only, ..self.store_config() })
    }

    /// The threads that a command runs on.
    ///
    /// # Errors
    /// [`CliFault::Threads`].
    pub fn runtime(&self) -> Result<Runtime, CliFault> {
        Builder::new_multi_thread().enable_all().build().map_err(CliFault::Threads)
    }

    /// A chapter by its slug.
    ///
    /// # Errors
    /// [`CliFault::NoChapter`] with those that there are.
    pub fn chapter(&self, store: &Store, slug: &str) -> Result<ChapterId, CliFault> {
        store.find_slug(slug).ok_or_else(|| {
            let slugs: Vec<String> = slugs(store).into_iter().map(|(_, slug)| slug).collect();
            let known = match slugs.as_slice() {
                [] => "is none".to_owned(),
                slugs => format!("are: {}", slugs.join(", ")),
            };
            let folder = self.folder().to_owned();
            CliFault::NoChapter { slug: slug.to_owned(), folder, known }
        })
    }

    /// A chapter that takes writes.
    ///
    /// # Errors
    /// [`CliFault::NoChapter`], [`CliFault::Closed`].
    pub fn open_chapter(&self, store: &Store, slug: &str) -> Result<ChapterId, CliFault> {
        let chapter = self.chapter(store, slug)?;
        match store.standing(chapter)? {
            Standing::Open => Ok(chapter),
            Standing::ReadOnly(closure) => Err(CliFault::Closed { slug: slug.to_owned(), closure }),
        }
    }
}

/// The chapters of a store with their slugs.
pub fn slugs(store: &Store) -> Vec<(ChapterId, String)> {
    store.chapters().iter().map(|(id, origin)| (*id, origin.slug().to_owned())).collect()
}

/// Stops the store, whatever became of the command; the command's own fault comes first.
pub async fn stop<T>(store: Store, done: Result<T, CliFault>) -> Result<T, CliFault> {
    let stopped = store.stop().await;
    let value = done?;
    stopped?;
    Ok(value)
}
