//! `minhbach move`: from SQLite to PostgreSQL, and back.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use super::restore::{hold, logs_beside, named, place};
use super::work::Work;
use super::{CliFault, Context};
use crate::disk;
use crate::store::Location;
use crate::store::copies::{Contents, Signed, fold, look_at_sqlite};
use crate::store::transfer::transfer;

/// Moves everything from SQLite to PostgreSQL, or back.
///
/// All tables of all chapters are copied in one transaction into an empty database, whose schema
/// is made first. Each row is compared where it arrived, every entry hashed again, and nothing is
/// kept unless all of it is the same. The old database is only read, and stays. Stop the server
/// first. Keys and anchor stay in the data folder, which goes on being used: afterwards set
/// `database_url`, or take it away.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  minhbach move --from ./data --to postgres://minhbach@localhost/minhbach
  minhbach move --from postgres://minhbach@localhost/minhbach --to ./data")]
pub struct Move {
    /// The data folder of the SQLite database, or the address of the PostgreSQL one; with its
    /// password in PGPASSWORD or ~/.pgpass, everybody on the machine can read command lines
    #[arg(long, value_name = "FOLDER or URL")]
    from: String,
    /// The other one
    #[arg(long, value_name = "URL or FOLDER")]
    to: String,
}

/// A side of the move.
enum Side {
    Folder(PathBuf),
    Postgres(String),
}

impl Side {
    fn of(text: &str) -> Self {
        match text.starts_with("postgres://") || text.starts_with("postgresql://") {
            true => Self::Postgres(text.to_owned()),
            false => Self::Folder(PathBuf::from(text)),
        }
    }
}

impl Move {
    /// Runs the command.
    ///
    /// # Errors
    /// [`CliFault`]; then the new database has no rows.
    pub fn run(self, context: &Context) -> Result<(), CliFault> {
        let moved = match (Side::of(&self.from), Side::of(&self.to)) {
            (Side::Folder(from), Side::Postgres(to)) => into_postgres(context, &from, to)?,
            (Side::Postgres(from), Side::Folder(to)) => into_folder(context, from, &to)?,
            _ => {
                return Err(CliFault::Copy(
                    "one side is a folder, the other postgres://...: a copy of the same kind is \
                     `minhbach backup` and `minhbach restore`"
                        .to_owned(),
                ));
            }
        };
        let rows: u64 = moved.tables.values().sum();
        println!("{rows} rows of {} tables moved and compared", moved.tables.len());
        for ledger in &moved.ledgers {
            println!("/{}: {} entries, {}", ledger.slug, ledger.size, ledger.root);
        }
        Ok(())
    }
}

fn into_postgres(context: &Context, from: &Path, to: String) -> Result<Contents, CliFault> {
    let database = from.join("minhbach.sqlite");
    if !database.is_file() {
        return Err(CliFault::Copy(format!("{}: no database there", database.display())));
    }
    let _lock = hold(from)?;
    let (from, to) = (Location::Sqlite(database), Location::Postgres(to));
    Ok(context.runtime()?.block_on(transfer(&from, &to))?)
}

/// Into a file beside the place, which gets there when everything was compared.
fn into_folder(context: &Context, from: String, to: &Path) -> Result<Contents, CliFault> {
    let target = to.join("minhbach.sqlite");
    if target.exists() {
        let target = target.display();
        return Err(CliFault::Copy(format!("{target}: a database is there: name another folder")));
    }
    let logs = logs_beside(&target);
    if !logs.is_empty() {
        let logs = named(&logs);
        return Err(CliFault::Copy(format!(
            "{logs}: left by a database that is gone: put them away, or name another folder"
        )));
    }
    disk::make_folder(to, true).map_err(|fault| CliFault::file(to, fault))?;
    let _lock = hold(to)?;
    let work = Work::make(to, None)?;
    let staged = work.folder().join("minhbach.sqlite");
    let runtime = context.runtime()?;
    let (from, into) = (Location::Postgres(from), Location::Sqlite(staged.clone()));
    let moved = runtime.block_on(transfer(&from, &into))?;
    let looked = runtime.block_on(look_at_sqlite(&staged, &Signed::new()))?;
    runtime.block_on(fold(&staged))?;
    if looked.ledgers != moved.ledgers {
        return Err(CliFault::Copy(
            "read again the ledgers are others: nothing was kept".to_owned(),
        ));
    }
    place(&staged, &target, None).map_err(|fault| CliFault::file(&target, fault))?;
    // For its owner alone, as everything in the folder.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let _ = fs::set_permissions(&target, fs::Permissions::from_mode(0o600));
    }
    Ok(moved)
}
