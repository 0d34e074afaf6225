//! Other programs: our own release binary, the floors, the tools that we are compared with.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

/// What a program took.
#[derive(Clone, Copy, Debug)]
pub struct Took {
    /// Seconds from start to end.
    pub seconds: f64,
    /// Its peak memory (VmHWM of /proc, looked at every 4 ms) in MiB.
    pub peak: f64,
    /// Whether it ended with status 0.
    pub good: bool,
    /// Whether it ended with status 1: something does not hold.
    pub refused: bool,
}

/// Our own program.
pub fn minhbach() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_minhbach"));
    command.stdin(Stdio::null()).env_remove("MINHBACH_DATA").env("ROCKET_LOG_LEVEL", "off");
    command
}

/// Runs a program to its end, its output thrown away.
pub fn run(command: &mut Command) -> Result<Took, String> {
    let said = format!("{command:?}");
    let begun = Instant::now();
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let mut child = child.map_err(|fault| format!("{said}: {fault}"))?;
    let pid = child.id();
    let watching = thread::spawn(move || {
        let mut peak = 0.0;
        while let Some(now) = memory(pid, "VmHWM:") {
            peak = f64::max(peak, now);
            thread::sleep(Duration::from_millis(4));
        }
        peak
    });
    let status = child.wait().map_err(|fault| format!("{said}: {fault}"))?;
    let seconds = begun.elapsed().as_secs_f64();
    let peak = watching.join().map_err(|_| format!("{said}: its memory was not read"))?;
    Ok(Took { seconds, peak, good: status.success(), refused: status.code() == Some(1) })
}

/// Runs a program that has to succeed.
pub fn run_well(command: &mut Command) -> Result<Took, String> {
    let took = run(command)?;
    if took.good { Ok(took) } else { Err(format!("{command:?} failed: run it to see why")) }
}

/// What a program prints; it has to succeed.
pub fn output(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|fault| format!("{command:?}: {fault}"))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    match output.status.success() {
        true => Ok(text),
        false => Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr).trim())),
    }
}

/// A line of a process's status in MiB; none when the process is gone.
pub fn memory(pid: u32, line: &str) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|own| own.strip_prefix(line))?;
    let kib: f64 = line.trim().trim_end_matches(" kB").parse().ok()?;
    Some(kib / 1024.0)
}

/// The first line that a tool says of its version; the command that installs it where it is
/// missing.
pub fn version(tool: &str, mend: &str) -> Result<String, String> {
    let said = Command::new(tool).arg("--version").output();
    let said = said.map_err(|_| format!("{tool} is missing: {mend}, or --skip its group"))?;
    let text = [said.stdout, said.stderr].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    Ok(text.lines().next().unwrap_or(tool).trim().to_owned())
}

/// The program of bare SQLite rows, which answers every line.
pub struct Floor {
    child: Child,
    input: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Floor {
    /// Builds and starts it.
    pub fn start(cache: &Path) -> Result<Self, String> {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/floor/Cargo.toml");
        let target = cache.join("floor-target");
        let mut build = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        build.args(["build", "--release", "--locked", "--quiet", "--manifest-path"]).arg(manifest);
        // The bench's own build settings are not the floor's.
        output(build.arg("--target-dir").arg(&target).env_remove("CARGO_TARGET_DIR"))?;
        let mut command = Command::new(target.join("release/floor"));
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = child.map_err(|fault| format!("{command:?}: {fault}"))?;
        let (input, answers) = (child.stdin.take(), child.stdout.take());
        let (Some(input), Some(answers)) = (input, answers) else {
            return Err("the floor has no standard input".to_owned());
        };
        Ok(Self { child, input, answers: BufReader::new(answers) })
    }

    /// Asks one thing, words parted by tabs.
    pub fn ask(&mut self, words: &[&str]) -> Result<Value, String> {
        let failed = |fault: std::io::Error| format!("the floor: {fault}");
        writeln!(self.input, "{}", words.join("\t")).map_err(failed)?;
        let mut line = String::new();
        self.answers.read_line(&mut line).map_err(failed)?;
        let answer: Value = serde_json::from_str(&line).map_err(|fault| fault.to_string())?;
        match answer["fault"].as_str() {
            Some(fault) => Err(format!("the floor: {fault}")),
            None => Ok(answer),
        }
    }

    /// Seconds that a command took.
    pub fn seconds(&mut self, words: &[&str]) -> Result<f64, String> {
        let answer = self.ask(words)?;
        answer["ns"].as_f64().map(|ns| ns / 1e9).ok_or_else(|| "the floor says no time".to_owned())
    }
}

impl Drop for Floor {
    fn drop(&mut self) {
        // It is this run's own.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A site that is served, and the address.
pub struct Served {
    child: Child,
    /// `127.0.0.1:PORT`.
    pub address: String,
    /// Seconds from the start of the program to its first answer.
    pub start: f64,
}

impl Served {
    /// Serves a data folder.
    pub fn start(data: &Path) -> Result<Self, String> {
        let mut command = minhbach();
        command.arg("--data").arg(data).arg("serve");
        Self::of(command)
    }

    /// The same with pages that are made anew for each answer.
    pub fn keeping_nothing(data: &Path) -> Result<Self, String> {
        let mut command = minhbach();
        command.arg("--data").arg(data).arg("serve").env("ROCKET_PAGE_CACHE", "0");
        Self::of(command)
    }

    /// Starts a program that serves HTTP on the port of `ROCKET_PORT`, and waits for its answer.
    pub fn of(mut command: Command) -> Result<Self, String> {
        let port = free_port()?;
        let address = format!("127.0.0.1:{port}");
        command.env("ROCKET_PORT", port.to_string()).env("ROCKET_ADDRESS", "127.0.0.1");
        let begun = Instant::now();
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let child = child.map_err(|fault| format!("{command:?}: {fault}"))?;
        let mut served = Self { child, address, start: 0.0 };
        for _ in 0..60_000 {
            if let Ok(answer) = crate::client::get(&served.address, "/")
                && answer.status < 500
            {
                served.start = begun.elapsed().as_secs_f64();
                return Ok(served);
            }
            if served.child.try_wait().is_ok_and(|ended| ended.is_some()) {
                break;
            }
            thread::sleep(Duration::from_millis(2));
        }
        Err(format!("{command:?} does not serve: run it to see why"))
    }

    /// The number of its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// A line of its status in MiB.
    pub fn memory(&self, line: &str) -> f64 {
        memory(self.child.id(), line).unwrap_or(f64::NAN)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // Cleanly, so that the folder opens fast the next time.
        let pid = i32::try_from(self.child.id()).ok().and_then(rustix::process::Pid::from_raw);
        if let Some(pid) = pid {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        }
        let _ = self.child.wait();
    }
}

fn free_port() -> Result<u16, String> {
    let bound = std::net::TcpListener::bind("127.0.0.1:0").map_err(|fault| fault.to_string())?;
    Ok(bound.local_addr().map_err(|fault| fault.to_string())?.port())
}

/// A path as a word of a command.
pub fn word(path: &Path) -> String {
    path.display().to_string()
}

/// Copies a folder with all files in it.
pub fn copy(from: &Path, to: &Path) -> Result<PathBuf, String> {
    let failed = |fault: std::io::Error| format!("{}: {fault}", to.display());
    if to.exists() {
        fs::remove_dir_all(to).map_err(failed)?;
    }
    output(Command::new("cp").arg("-r").arg(from).arg(to))?;
    Ok(to.to_owned())
}
