//! PostgreSQL's own programs, `pg_dump` and `pg_restore`, beside ours.
//!
//! How they reach the database goes through their environment and never through the command line,
//! which everybody on the machine can read.

use std::io::{BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use rocket::http::RawStr;

use super::CliFault;
use crate::store::copies::{Contents, Signed};
use crate::store::dump::look_at_dump;

/// The most of what a failed program said that is shown, in bytes.
const SAID: u64 = 2_000;

/// Where the programs are, and how they reach the database.
#[derive(Debug)]
pub struct Tools {
    folder: Option<PathBuf>,
    environment: Vec<(&'static str, String)>,
}

impl Tools {
    /// The programs of a folder, or those on the path.
    ///
    /// # Errors
    /// [`CliFault::Copy`] for an address that these programs could not use.
    pub fn new(folder: Option<PathBuf>, url: &str) -> Result<Self, CliFault> {
        let environment = environment(url).map_err(CliFault::Copy)?;
        Ok(Self { folder, environment })
    }

    fn command(&self, program: &str) -> Command {
        let path = self.folder.as_ref().map(|folder| folder.join(program));
        let mut command = Command::new(path.unwrap_or_else(|| PathBuf::from(program)));
        command.envs(self.environment.iter().map(|(name, value)| (name, value.as_str())));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        command
    }

    fn start(&self, mut command: Command) -> Result<Child, CliFault> {
        let program = command.get_program().to_string_lossy().into_owned();
        command.spawn().map_err(|fault| match fault.kind() {
            std::io::ErrorKind::NotFound => CliFault::Copy(format!(
                "{program} is not there: `apt install postgresql-client` installs it (of the \
                 server's version or newer), or name the folder that has it with --pg-bin"
            )),
            _ => CliFault::Copy(format!("{program}: {fault}")),
        })
    }

    /// Dumps the database of the address into a file, in PostgreSQL's custom format. A reader's
    /// moment: servers go on writing. What an earlier restore put aside is left out.
    ///
    /// # Errors
    /// [`CliFault::Copy`] with what the program said.
    pub fn dump(&self, to: &Path) -> Result<(), CliFault> {
        let mut command = self.command("pg_dump");
        command.args([
            "--format=custom",
            "--compress=0",
            "--no-password",
            "--lock-wait-timeout=60s",
        ]);
        command.args(["--exclude-schema=replaced_*", "--exclude-schema=minhbach_restoring"]);
        command.arg("--file").arg(to);
        ended("pg_dump", self.start(command)?)
    }

    /// Looks over a dump, without a database.
    ///
    /// # Errors
    /// [`CliFault`] says what is wrong with it.
    pub fn look(&self, dump: &Path, signed: &Signed) -> Result<Contents, CliFault> {
        let mut command = self.command("pg_restore");
        command.args(["--data-only", "--file=-"]).arg(dump).stdout(Stdio::piped());
        let mut child = self.start(command)?;
        let looked = match child.stdout.take() {
            Some(script) => look_at_dump(BufReader::with_capacity(1 << 16, script), signed),
            None => return Err(CliFault::Copy("pg_restore prints nothing".to_owned())),
        };
        match looked {
            // Its own word comes first: a dump that it can't read ends early.
            Ok(contents) => ended("pg_restore", child).map(|()| contents),
            Err(fault) => match ended("pg_restore", child) {
                Err(CliFault::Copy(said)) if !said.contains("signal") => {
                    Err(CliFault::Copy(format!("{fault}; {said}")))
                }
                _ => Err(fault.into()),
            },
        }
    }

    /// Brings a dump into the database of the address, all of it or nothing.
    ///
    /// # Errors
    /// [`CliFault::Copy`] with what the program said.
    pub fn restore(&self, dump: &Path) -> Result<(), CliFault> {
        let named = |name: &str| self.environment.iter().find(|(own, _)| *own == name);
        let database = named("PGDATABASE").or_else(|| named("PGUSER")).map(|(_, name)| name);
        let mut command = self.command("pg_restore");
        command.args(["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]);
        command.arg("--no-password");
        // A name alone: one with = or :// in it would be read as an address.
        command.arg("--dbname").arg(database.map_or("", String::as_str)).arg(dump);
        ended("pg_restore", self.start(command)?)
    }
}

/// Waits for the end of a program.
fn ended(program: &str, mut child: Child) -> Result<(), CliFault> {
    // Its pipe is closed: whatever it still wants to print has no reader.
    drop(child.stdout.take());
    let mut said = String::new();
    if let Some(errors) = child.stderr.take() {
        let mut bytes = Vec::new();
        let mut errors = errors;
        // Read to the end, so that the program never waits for us; shown up to a limit.
        let read = errors.by_ref().take(SAID).read_to_end(&mut bytes);
        if read.is_ok() {
            let _ = std::io::copy(&mut errors, &mut std::io::sink());
        }
        said = String::from_utf8_lossy(&bytes).trim().to_owned();
    }
    match child.wait() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(CliFault::Copy(format!("{program} failed ({status}): {said}"))),
        Err(fault) => Err(CliFault::Copy(format!("{program}: {fault}"))),
    }
}

/// The address of a database as the environment of PostgreSQL's programs.
fn environment(url: &str) -> Result<Vec<(&'static str, String)>, String> {
    let rest = ["postgres://", "postgresql://"].iter().find_map(|scheme| url.strip_prefix(scheme));
    let rest = rest.ok_or("the address of the database does not begin with postgres://")?;
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, database) = place.split_once('/').unwrap_or((place, ""));
    let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    let (user, password) = user.split_once(':').unwrap_or((user, ""));
    let (host, port) = match host.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port),
        _ => (host, ""),
    };
    let host = host.trim_matches(|bracket| matches!(bracket, '[' | ']'));
    let mut found = vec![
        ("PGHOST", host),
        ("PGPORT", port),
        ("PGUSER", user),
        ("PGPASSWORD", password),
        ("PGDATABASE", database),
    ];
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = match key {
            "host" => "PGHOST",
            "hostaddr" => "PGHOSTADDR",
            "port" => "PGPORT",
            "user" => "PGUSER",
            "password" => "PGPASSWORD",
            "dbname" => "PGDATABASE",
            "sslmode" | "ssl-mode" => "PGSSLMODE",
            "sslrootcert" | "ssl-root-cert" | "ssl-ca" => "PGSSLROOTCERT",
            "sslcert" | "ssl-cert" => "PGSSLCERT",
            "sslkey" | "ssl-key" => "PGSSLKEY",
            "options" => "PGOPTIONS",
            // Of the driver alone.
            "application_name" | "statement-cache-capacity" => continue,
            other => return Err(format!("pg_dump does not know the setting {other:?}")),
        };
        found.push((name, value));
    }
    found.retain(|(_, value)| !value.is_empty());
    let plain = |(name, value): (&'static str, &str)| {
        let decoded = RawStr::new(value).percent_decode();
        decoded.map(|value| (name, value.into_owned())).map_err(|_| format!("{name}: not UTF-8"))
    };
    found.into_iter().map(plain).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn read(url: &str) -> Vec<String> {
        let found = environment(url).unwrap();
        found.iter().map(|(name, value)| format!("{name}={value}")).collect()
    }

    #[test]
    fn an_address_becomes_an_environment() {
        assert_eq!(
            read("postgres://minhbach:p%40ss@db.example:5433/so?sslmode=require"),
            [
                "PGHOST=db.example",
                "PGPORT=5433",
                "PGUSER=minhbach",
                "PGPASSWORD=p@ss",
                "PGDATABASE=so",
                "PGSSLMODE=require",
            ]
        );
        assert_eq!(
            read("postgresql://a@[::1]/so?host=/run/postgresql"),
            ["PGHOST=::1", "PGUSER=a", "PGDATABASE=so", "PGHOST=/run/postgresql"]
        );
        assert_eq!(read("postgres:///so"), ["PGDATABASE=so"]);
        assert!(environment("sqlite://x").is_err());
        assert!(environment("postgres://h/so?target_session_attrs=any").is_err());
    }

    #[test]
    fn a_program_that_is_not_there_is_said_with_what_installs_it() {
        let tools = Tools::new(Some(PathBuf::from("/nowhere")), "postgres://h/so").unwrap();
        let fault = tools.dump(Path::new("/nowhere/dump")).unwrap_err().to_string();
        assert!(fault.contains("apt install postgresql-client"), "{fault}");
    }
}
