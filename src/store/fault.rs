//! What can go wrong with the store itself: a machine's failure, never a rule's no.

use std::path::PathBuf;

use sea_orm::{DbErr, RuntimeErr};

/// What the database says to whoever wants to write while a file is being recorded.
pub(super) const IMPORTING: &str = "a file is being recorded: try again when it is done";
/// What the database says to whoever wants to write through a server that only reads.
pub(super) const READING: &str = "this server only reads: write through the one that does";
/// What is said of a database with a step of the schema that this program does not know, before
/// the step's name.
pub(super) const NEWER: &str = "a newer program brought the database up to date: ";

/// What a write is told when the file of the database is not where it was opened.
pub(super) const ABSENT: &str =
    "the database is not where it was: put the data folder back, or start again";

/// A failure of the machine, the database or the data folder.
#[derive(Debug, thiserror::Error)]
pub enum StoreFault {
    /// The data folder or a file in it could not be used.
    #[error("{path}: {reason}: check that the folder exists and that the server may write there")]
    Folder {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system says.
        reason: String,
    },
    /// Another program holds the data folder.
    #[error("{path}: another program uses this data folder: stop it first")]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// A key file is not what it should be.
    #[error("{path}: {reason}: restore the key from its backup")]
    Key {
        /// The file, or the name of the setting.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The database did not do what it was asked.
    #[error("the database failed: {0}")]
    Database(#[from] DbErr),
    /// A replay found no room for its temporary tables.
    #[error(
        "no room for the temporary tables of a replay: make room in the folder of temporary files \
         (SQLITE_TMPDIR or TMPDIR, else /var/tmp; with PostgreSQL on its server), about as much as \
         the database takes"
    )]
    TemporaryFull,
    /// A stored value that no version of this program wrote.
    #[error("{what} is damaged: {reason}: restore a backup, or rebuild when the entries are whole")]
    Damaged {
        /// The table, and the seq or key in it.
        what: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Another receipt key than the one that receipts were made with.
    #[error("{}", super::Closure::ReceiptKey)]
    ReceiptKey,
    /// Servers use a database that is to be put aside or moved.
    #[error("{0} connections of a server are open to the database: stop it first")]
    Served(i64),
    /// A restore into this database was begun and not ended.
    #[error(
        "a restore into this database was cut off: run the same `minhbach restore` again, with \
         --replace if it was given"
    )]
    Restoring,
    /// A server that only reads found a database that nobody brought up to date.
    #[error(
        "the database has not seen every step of the schema that this program knows: start the \
         server that writes first, or wait until its changes are here"
    )]
    Older,
    /// The database has seen a step of the schema that this program does not know.
    #[error("the database was brought up to date by a newer program ({0}): replace this one")]
    Newer(String),
    /// No such ledger here.
    #[error("no ledger with this identity is kept here")]
    NoChapter,
    /// The operating system gave no randomness.
    #[error("no randomness from the operating system: {0}")]
    Randomness(String),
    /// The operating system gave no thread.
    #[error("no thread from the operating system: {0}")]
    Thread(String),
    /// The store is stopping.
    #[error("the store is stopping")]
    Stopping,
}

impl StoreFault {
    /// A stored value that is not in its form.
    pub(super) fn damaged(what: impl Into<String>, reason: impl ToString) -> Self {
        Self::Damaged { what: what.into(), reason: reason.to_string() }
    }

    /// Whether it passes without anything of ours being mended.
    #[must_use]
    pub fn passing(&self) -> Option<Passing> {
        match self {
            Self::Stopping => Some(Passing::Busy),
            Self::TemporaryFull => Some(Passing::DiskFull),
            _ => self.trouble().passing(),
        }
    }

    /// How the database failed; [`Trouble::Other`] when it was not the database.
    pub(super) fn trouble(&self) -> Trouble {
        match self {
            Self::Database(fault) => Trouble::of(fault),
            _ => Trouble::Other,
        }
    }
}

/// A failure that ends by itself, or when somebody makes room: the same again then succeeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passing {
    /// Others hold what is needed, or the database is away.
    Busy,
    /// No room on the disk.
    DiskFull,
    /// A file is being recorded, and nothing else can be meanwhile.
    Importing,
    /// This server only reads; another one writes.
    Reading,
    /// The database is of a newer program, and takes no writes from this one.
    Newer,
}

/// What a database failure means for the one who waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// Nothing was written; the same once more may succeed (BUSY, 40001, 40P01, 55P03).
    Again,
    /// The connection is gone, perhaps in the middle.
    Lost,
    /// No room on the disk.
    Full,
    /// A file is being recorded.
    Importing,
    /// This server only reads.
    Reading,
    /// A newer program brought the schema up to date.
    Newer,
    /// A UNIQUE, CHECK or trigger of the schema said no.
    Constraint,
    /// Anything else.
    Other,
}

impl Trouble {
    /// Whether it passes without anything of ours being mended.
    pub(super) const fn passing(self) -> Option<Passing> {
        match self {
            Self::Again | Self::Lost => Some(Passing::Busy),
            Self::Full => Some(Passing::DiskFull),
            Self::Importing => Some(Passing::Importing),
            Self::Reading => Some(Passing::Reading),
            Self::Newer => Some(Passing::Newer),
            Self::Constraint | Self::Other => None,
        }
    }

    /// Reads the driver's own code: SeaORM's `sql_err` knows unique and foreign keys only.
    pub(super) fn of(fault: &DbErr) -> Self {
        let runtime = match fault {
            DbErr::ConnectionAcquire(_) => return Self::Lost,
            DbErr::Custom(said) if said == IMPORTING => return Self::Importing,
            DbErr::Custom(said) if said == ABSENT => return Self::Lost,
            DbErr::Custom(said) if said == READING => return Self::Reading,
            DbErr::Custom(said) if said.starts_with(NEWER) => return Self::Newer,
            DbErr::Conn(runtime) | DbErr::Exec(runtime) | DbErr::Query(runtime) => runtime,
            _ => return Self::Other,
        };
        let RuntimeErr::SqlxError(driver) = runtime else { return Self::Other };
        let Some(said) = driver.as_database_error() else { return Self::Lost };
        match said.code() {
            Some(code) if said.is_sqlite() => Self::of_sqlite(&code),
            Some(code) => Self::of_postgres(&code),
            None => Self::Other,
        }
    }

    fn of_sqlite(code: &str) -> Self {
        // The low byte of an extended code is the primary one.
        match code.parse::<i64>().map(|code| code & 0xff) {
            Ok(5 | 6) => Self::Again,
            Ok(13) => Self::Full,
            Ok(19) => Self::Constraint,
            Ok(8 | 10 | 14) => Self::Lost,
            _ => Self::Other,
        }
    }

    fn of_postgres(code: &str) -> Self {
        match code {
            "40001" | "40P01" | "55P03" | "57014" => Self::Again,
            "53100" => Self::Full,
            "P0001" => Self::Constraint,
            _ if code.starts_with("23") => Self::Constraint,
            _ if code.starts_with("08") || code.starts_with("57P") || code.starts_with("53") => {
                Self::Lost
            }
            _ => Self::Other,
        }
    }
}

/// Tells drivers apart without naming their types.
trait Driver {
    fn is_sqlite(&self) -> bool;
}

impl Driver for dyn sea_orm::sqlx::error::DatabaseError {
    fn is_sqlite(&self) -> bool {
        self.try_downcast_ref::<sea_orm::sqlx::sqlite::SqliteError>().is_some()
    }
}
