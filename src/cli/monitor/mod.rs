//! `minhbach monitor`: follows ledgers from one run to the next, for whoever watches over them.

mod settings;
mod told;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use chrono::{DateTime, Utc};
use clap::Args;
use serde::{Deserialize, Serialize};

use super::CliFault;
use crate::disk::{self, Lock};
use crate::follow::cache::Limits;
use crate::follow::copy::Asked;
use crate::follow::memory::{Memory, News};
use crate::follow::watch::{Finding, Status, Watched};
use crate::ledger::keys::PublicKey;
use crate::ledger::tree::sha256;
use crate::ledger::word::Time;
use crate::publish::feed::{self, Channel, atom};
use crate::web::i18n::Texts;
use crate::web::{Clock, Language};

use settings::Settings;
use told::Speech;

/// The most pieces of news that are kept for the feed.
const MOST_NEWS: usize = 500;
/// The status of a run whose command line or file is wrong.
const USAGE: u8 = 2;
/// The status of a run that met a newer format.
const NEWER: u8 = 3;
/// The status of a run that could not read a ledger.
const AWAY: u8 = 4;

/// Follows ledgers from one run to the next, and says what is new or wrong.
///
/// Made for a cron job of a newspaper or an upper chapter. Remembers on its own disk what it
/// verified: a ledger that lost entries, that shows two histories, whose old entry was changed or
/// whose log key was exchanged is found, the entry is named, and both signed heads are kept as
/// evidence, never overwritten. Reads only what is new since the last run and some old files in
/// turn; --full reads everything again. Several places of one ledger (the site, mirrors, a receipt
/// on paper) are held against each other. A ledger that goes on in /2 is followed there. Any other
/// tiled log of the C2SP form is followed too (books = false): its head, its growth, its tiles.
///
/// Writes report.json, report.vi.txt, report.en.txt and feed.atom into the state folder. Two runs
/// never work there at once. Whoever can write there can make it forget: keep it to yourself.
///
/// Status 0: all that was asked for holds. 1: something does not hold. 2: the command line or the
/// file is wrong. 3: a ledger is newer than this program. 4: a ledger could not be read, or the
/// state folder not written. 1 goes before 3, 3 before 4.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  minhbach monitor --config monitor.toml --quiet
  minhbach monitor https://so.example/xuan-tay --state ./watching
  minhbach monitor ./copy --state ./watching --key 'so.example/xuan-tay+1f2e3d4c+AQ...' --json
  minhbach monitor --config monitor.toml --full

A file of ledgers (docs/OPERATING.md has more):
  state = \"/var/lib/minhbach-monitor\"
  [[ledger]]
  name = \"xuan-tay\"
  sources = [\"https://so.example/xuan-tay\", \"https://mirror.example/a\", \"receipt.tlog-proof\"]
  keys = [\"so.example/xuan-tay+1f2e3d4c+AQ...\"]")]
pub struct Monitor {
    /// Ledgers beside those of the file: addresses (https://...) or folders
    #[arg(value_name = "URL or FOLDER")]
    ledgers: Vec<String>,
    /// The file that names ledgers, places, keys and limits
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where verified copies, heads, evidence and reports are kept; made when it is missing
    #[arg(long, value_name = "FOLDER")]
    state: Option<PathBuf>,
    /// A log key of the ledgers named as arguments, from somewhere else than the site
    #[arg(long, value_name = "VKEY")]
    key: Vec<PublicKey>,
    /// Read everything again, past what is kept: once a week or after an alarm
    #[arg(long)]
    full: bool,
    /// Print nothing unless something is wrong, newer, or away for long
    #[arg(long)]
    quiet: bool,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
    /// The language of what is printed: vi or en [default: vi]
    #[arg(long, value_name = "LANG")]
    lang: Option<String>,
}

/// A ledger after a run.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Told {
    news: Vec<News>,
    #[serde(skip_serializing_if = "Option::is_none")]
    away_since: Option<Time>,
    #[serde(flatten)]
    finding: Finding,
}

/// A run, as JSON.
#[derive(Debug, Serialize)]
struct Run<'a> {
    at: Time,
    status: u8,
    ledgers: &'a [Told],
}

/// What is kept for the feed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Kept {
    /// A name that is nobody's, for the ids of a feed without address.
    id: String,
    since: Option<DateTime<Utc>>,
    news: Vec<KeptNews>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct KeptNews {
    key: String,
    title: String,
    summary: String,
    category: String,
    at: DateTime<Utc>,
}

impl Monitor {
    /// Runs the command.
    ///
    /// # Errors
    /// [`CliFault`] is never the answer: each failure has a status of its own.
    pub fn run(self) -> Result<ExitCode, CliFault> {
        let status = self.watch().unwrap_or_else(|(status, said)| {
            eprintln!("minhbach: {said}");
            status
        });
        Ok(ExitCode::from(status))
    }

    fn watch(&self) -> Result<u8, (u8, String)> {
        let usage = |said: String| (USAGE, said);
        let (file, state) = (self.config.as_deref(), self.state.as_deref());
        let settings = Settings::read(file, &self.ledgers, &self.key, state).map_err(usage)?;
        let asked = self.lang.as_deref().map(settings::language_of).transpose().map_err(usage)?;
        let language = asked.or(settings.language).unwrap_or_default();
        let own = |fault: std::io::Error| (AWAY, format!("{}: {fault}", settings.state.display()));
        disk::make_folder(&settings.state, true).map_err(own)?;
        let lock = Lock::take(&settings.state.join("lock")).map_err(own)?;
        let in_use = || (AWAY, format!("{}: another run is at work", settings.state.display()));
        let _lock = lock.ok_or_else(in_use)?;
        let mut all = Vec::new();
        for ledger in &settings.ledgers {
            all.push(look(ledger, &settings, self.full));
        }
        let now = Clock::system().now();
        let status = all.iter().map(|told| status_of(told.finding.status)).fold(0, graver);
        write(&settings, &all, (now, status)).map_err(own)?;
        self.print(&all, (now, status), language);
        Ok(status)
    }

    fn print(&self, all: &[Told], (now, status): (DateTime<Utc>, u8), language: Language) {
        let loud: Vec<Told> = all.iter().filter(|told| is_loud(told)).cloned().collect();
        let shown = if self.quiet { loud.as_slice() } else { all };
        let Some(at) = Time::new(now).filter(|_| !(self.quiet && shown.is_empty())) else { return };
        if self.json {
            let run = Run { at, status, ledgers: shown };
            println!("{}", serde_json::to_string_pretty(&run).unwrap_or_default());
        } else {
            let texts = Texts::embedded();
            print!("{}", told::report(at, shown, &Speech { texts: &texts, language }));
        }
    }
}

/// Whether a quiet run has something to say of a ledger.
fn is_loud(told: &Told) -> bool {
    told::is_loud(&told.finding)
        || told.news.iter().any(|news| matches!(news, News::Away | News::Back | News::Mended))
}

/// The graver of two statuses: broken, newer, away, well.
const fn graver(one: u8, other: u8) -> u8 {
    const fn weight(status: u8) -> u8 {
        match status {
            0 => 0,
            AWAY => 1,
            NEWER => 2,
            _ => 3,
        }
    }
    if weight(other) > weight(one) { other } else { one }
}

const fn status_of(status: Status) -> u8 {
    match status {
        Status::Sound => 0,
        Status::Broken => 1,
        Status::Newer => NEWER,
        Status::Away => AWAY,
    }
}

/// One ledger; what goes wrong here is said in its finding, and the others are looked at.
fn look(ledger: &Watched, settings: &Settings, full: bool) -> Told {
    let own = settings.state.join("ledgers").join(&ledger.name);
    let until = Instant::now().checked_add(settings.time);
    let limits = Limits { until, bytes: settings.bytes };
    let asked = Asked { limits, patrol: settings.reread, full, ..Asked::default() };
    let mut finding = ledger.look(&own, &asked);
    let now = Clock::system().now();
    let mut memory = Memory::load(&own).unwrap_or_default();
    let news = memory.absorb(&finding, now, settings.patience);
    if let Err(fault) = memory.save(&own) {
        let from = own.display().to_string();
        finding.away.push(crate::follow::watch::Away { from, reason: fault.to_string() });
        if finding.status == Status::Sound {
            finding.status = Status::Away;
        }
    }
    let away_since = memory.away_since.and_then(Time::new);
    Told { news, away_since, finding }
}

/// The reports and the feed, each file replaced whole.
fn write(
    settings: &Settings,
    all: &[Told],
    (now, status): (DateTime<Utc>, u8),
) -> std::io::Result<()> {
    let Some(at) = Time::new(now) else { return Ok(()) };
    let texts = Texts::embedded();
    let put = |name: &str, bytes: &[u8]| disk::replace(&settings.state.join(name), bytes, false);
    let run = Run { at, status, ledgers: all };
    put("report.json", &serde_json::to_vec_pretty(&run)?)?;
    for language in Language::ALL {
        let speech = Speech { texts: &texts, language };
        let name = format!("report.{}.txt", language.tag());
        put(&name, told::report(at, all, &speech).as_bytes())?;
    }
    let path = settings.state.join("news.json");
    let read = disk::read(&path)?.and_then(|bytes| serde_json::from_slice::<Kept>(&bytes).ok());
    let mut kept = read.unwrap_or_default();
    if kept.id.is_empty() {
        let mut random = [0; 10];
        getrandom::fill(&mut random).map_err(std::io::Error::other)?;
        kept.id = format!("{}.invalid/giam-sat", hex::encode(random));
        kept.since = Some(now);
    }
    let speech = Speech { texts: &texts, language: settings.language.unwrap_or_default() };
    if let Some(news) = news_of(all, now, &speech) {
        kept.news.insert(0, news);
        kept.news.truncate(MOST_NEWS);
    }
    put("news.json", &serde_json::to_vec_pretty(&kept)?)?;
    put("feed.atom", &atom(&channel(settings, &kept, now, &speech)))
}

/// One entry for the run, when something of it is new.
fn news_of(all: &[Told], now: DateTime<Utc>, speech: &Speech<'_>) -> Option<KeptNews> {
    let new: Vec<&Told> = all.iter().filter(|told| !told.news.is_empty()).collect();
    let first = new.first()?;
    let broke = |told: &&&Told| told.news.contains(&News::Broke);
    let head = new.iter().find(broke).unwrap_or(first);
    let title = match new.len() {
        1 => told::headline(head, speech),
        more => {
            let (first, more) = (told::headline(head, speech), (more - 1).to_string());
            speech.with("monitor-feed-more", &[("first", &first), ("number", &more)])
        }
    };
    let mut summary = Vec::new();
    for told in &new {
        summary.push(told::headline(told, speech));
        summary.extend(told.finding.found.iter().map(|found| told::why(found, speech)));
    }
    let summary = summary.join(" · ");
    let is_broken = new.iter().any(|told| told.finding.status == Status::Broken);
    let key = format!("{}-{}", now.timestamp(), &sha256(summary.as_bytes()).to_string()[..12]);
    let category = if is_broken { "broken" } else { "news" }.to_owned();
    Some(KeptNews { key, title, summary, category, at: now })
}

fn channel(settings: &Settings, kept: &Kept, now: DateTime<Utc>, speech: &Speech<'_>) -> Channel {
    let address = settings.feed.address.clone();
    let page = settings.feed.page.clone().or_else(|| address.clone()).unwrap_or_default();
    let since = kept.since.unwrap_or(now);
    let news = kept.news.iter().map(|own| feed::News {
        key: own.key.clone(),
        title: own.title.clone(),
        summary: own.summary.clone(),
        href: page.clone(),
        category: own.category.clone(),
        at: own.at,
    });
    Channel {
        origin: kept.id.clone(),
        since: since.format("%Y-%m-%d").to_string(),
        author: settings.feed.author.clone().unwrap_or_else(|| "minhbach monitor".to_owned()),
        title: speech.say("monitor-feed-title"),
        language: speech.language.tag(),
        own: address.unwrap_or_default(),
        page: page.clone(),
        opened: since,
        news: news.collect(),
    }
}
