//! A PostgreSQL server of a drill's own, that may be killed: durable (`fsync` on), on a free port
//! of the loopback, in a folder that goes with it.

use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use sea_orm::{ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection};
use tempfile::TempDir;

/// Nobody else reaches it: it listens on the loopback, for minutes.
const PASSWORD: &str = "drill";

/// The server. It ends with this value.
pub struct Cluster {
    programs: PathBuf,
    folder: TempDir,
    port: u16,
    user: Option<(u32, u32)>,
}

impl Cluster {
    /// Makes a server and starts it with settings of its own (`name=value`). `None` where
    /// PostgreSQL is not installed and nobody said that it has to be.
    pub fn start(settings: &[&str]) -> Option<Self> {
        let cluster = Self::empty()?;
        std::fs::write(cluster.folder.path().join("password"), PASSWORD).unwrap();
        cluster.give(&cluster.folder.path().join("password"));
        let password = format!("--pwfile={}", cluster.folder.path().join("password").display());
        let made = cluster
            .program("initdb")
            .arg(format!("--pgdata={}", cluster.data().display()))
            .args(["--username=minhbach", "--auth=scram-sha-256", "--encoding=UTF8"])
            .args(["--locale=C", "--no-sync", &password])
            .output();
        succeeded("initdb", &made.unwrap());
        cluster.configure(&["fsync=on", "full_page_writes=on", "max_connections=200"]);
        cluster.configure(settings);
        cluster.up();
        Some(cluster)
    }

    /// Another server that follows this one, under a name by which this one knows it.
    pub fn standby(&self, name: &str) -> Self {
        let standby = Self::empty().unwrap();
        let copied = standby
            .program("pg_basebackup")
            .env("PGPASSWORD", PASSWORD)
            .arg(format!("--pgdata={}", standby.data().display()))
            .arg(format!(
                "--dbname=host=127.0.0.1 port={} user=minhbach application_name={name}",
                self.port
            ))
            .args([
                "--checkpoint=fast",
                "--wal-method=stream",
                "--write-recovery-conf",
                "--no-sync",
            ])
            .output();
        succeeded("pg_basebackup", &copied.unwrap());
        standby.configure(&[]);
        standby.up();
        standby
    }

    /// The newest PostgreSQL that is installed, and a folder for its server.
    fn empty() -> Option<Self> {
        let Some(programs) = newest() else {
            let required = std::env::var("MINHBACH_REQUIRE_POSTGRES").is_ok_and(|it| it == "1");
            assert!(!required, "PostgreSQL is required, but its programs are not installed");
            eprintln!("left out: the programs of a PostgreSQL server are not installed");
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        let free = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = free.local_addr().unwrap().port();
        let cluster = Self { programs, folder, port, user: user() };
        cluster.give(cluster.folder.path());
        Some(cluster)
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Makes a file the server's own.
    fn give(&self, path: &Path) {
        if let Some((user, group)) = self.user {
            chown(path, Some(user), Some(group)).unwrap();
        }
    }

    /// Adds settings; they count from the next start on.
    pub fn configure(&self, settings: &[&str]) {
        let path = self.data().join("postgresql.auto.conf");
        let mut text = std::fs::read_to_string(&path).unwrap_or_default();
        let own = [
            format!("port={}", self.port),
            "listen_addresses='127.0.0.1'".to_owned(),
            format!("unix_socket_directories='{}'", self.folder.path().display()),
        ];
        let all = own.iter().map(String::as_str).chain(settings.iter().copied());
        all.for_each(|line| text.push_str(&format!("{line}\n")));
        std::fs::write(&path, text).unwrap();
        self.give(&path);
    }

    /// One of the server's programs, as the user that may run it (PostgreSQL refuses root).
    fn program(&self, name: &str) -> Command {
        let program = self.programs.join(name);
        let mut command = match self.user {
            None => Command::new(program),
            Some((user, group)) => {
                let mut command = Command::new("setpriv");
                command.arg(format!("--reuid={user}")).arg(format!("--regid={group}"));
                command.arg("--clear-groups").arg(program);
                command
            }
        };
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        command
    }

    fn control(&self, arguments: &[&str]) -> Output {
        let (data, log) = (self.data(), self.folder.path().join("log"));
        let mut command = self.program("pg_ctl");
        command.arg("-D").arg(data).arg("-l").arg(log).args(["-w", "-t", "60"]).args(arguments);
        // The server inherits what it is given here: a pipe would never end.
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let status = command.status().unwrap();
        Output { status, stdout: self.log().into_bytes(), stderr: Vec::new() }
    }

    /// What the server said.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// Starts it, and waits until it answers. What a killed one left behind is in its way at first.
    pub fn up(&self) {
        let begun = Instant::now();
        loop {
            let said = self.control(&["start"]);
            if said.status.success() {
                return;
            }
            assert!(begun.elapsed() < Duration::from_secs(60), "{}", self.log());
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// `kill -9` of the server's first process, which nothing prepares for.
    pub fn kill(&self) {
        let file = std::fs::read_to_string(self.data().join("postmaster.pid")).unwrap();
        let process = file.lines().next().unwrap().to_owned();
        let told = Command::new("kill").args(["-9", &process]).status().unwrap();
        assert!(told.success());
    }

    /// Ends it in the middle of everything, and starts it again.
    pub fn restart_at_once(&self) {
        succeeded("pg_ctl restart", &self.control(&["restart", "-m", "immediate"]));
    }

    /// Ends it; every connection is cut.
    pub fn down(&self) {
        succeeded("pg_ctl stop", &self.control(&["stop", "-m", "immediate"]));
    }

    /// Takes up settings without a restart.
    pub fn reload(&self) {
        succeeded("pg_ctl reload", &self.control(&["reload"]));
    }

    /// Makes a standby a server that takes writes.
    pub fn promote(&self) {
        succeeded("pg_ctl promote", &self.control(&["promote"]));
    }

    /// `host:port`.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The address of a database.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://minhbach:{PASSWORD}@{}/{database}", self.address())
    }

    /// A connection of somebody who is not the program.
    pub async fn rows(&self, database: &str) -> DatabaseConnection {
        let mut options = ConnectOptions::new(self.url(database));
        options.max_connections(1).sqlx_logging(false);
        Database::connect(options).await.unwrap()
    }

    /// Makes a database.
    pub async fn database(&self, name: &str) -> String {
        let admin = self.rows("postgres").await;
        admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
        admin.close().await.unwrap();
        self.url(name)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ = self.control(&["stop", "-m", "immediate"]);
    }
}

fn succeeded(what: &str, said: &Output) {
    let text = [said.stdout.as_slice(), &said.stderr].concat();
    assert!(said.status.success(), "{what}: {}", String::from_utf8_lossy(&text));
}

/// The folder of the newest server's programs.
fn newest() -> Option<PathBuf> {
    let number = |folder: &PathBuf| folder.file_name()?.to_str()?.parse::<u32>().ok();
    let all = std::fs::read_dir("/usr/lib/postgresql").ok()?.flatten().map(|own| own.path());
    let newest = all.filter(|own| own.join("bin/initdb").exists()).max_by_key(number)?;
    Some(newest.join("bin"))
}

/// Whom the server runs as, where we are root.
fn user() -> Option<(u32, u32)> {
    let ask = |arguments: &[&str]| {
        let said = Command::new("id").args(arguments).output().unwrap();
        let number = String::from_utf8(said.stdout).unwrap().trim().parse::<u32>().ok();
        number.filter(|_| said.status.success())
    };
    if ask(&["-u"])? != 0 {
        return None;
    }
    let name = ["postgres", "nobody"].into_iter().find(|name| ask(&["-u", name]).is_some())?;
    Some((ask(&["-u", name])?, ask(&["-g", name])?))
}
