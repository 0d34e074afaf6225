//! `/tong-hop`: the figures of all ledgers here and of the mirrors that verify, together, less what
//! the chapters sent each other.

use std::collections::{BTreeMap, BTreeSet};

use minijinja::context;
use minijinja::value::{Serde, Value};
use rocket::{FromForm, State, get};

use super::activities::{spelled, year};
use super::download::Download;
use super::downloads::{Ending, written};
use super::ledgers::{Ledgers, Speech, read};
use super::roll_up_tables;
use super::tallied::{Column, all_columns, families, row};
use super::{told, trace};
use crate::books::Books;
use crate::books::exchange::{Alone, At, Pair, Side, What};
use crate::books::rollup::{Part, RollUp, Span};
use crate::ledger::tree::sha256;
use crate::ledger::word::{Date, Month};
use crate::money::signed_quantity;
use crate::publish::table::plain::Form;
use crate::store::facade::View;
use crate::web::guards::Once;
use crate::web::mirrors::{MirrorState, Reason, Shown};
use crate::web::{Config, Fault, Page};

/// What the address asks for.
#[derive(Debug, FromForm)]
pub struct Asked<'r> {
    /// A year, or `tat-ca`; the newest one when it is left out.
    nam: Option<&'r str>,
    /// The chapter above: only those that name it.
    tren: Option<&'r str>,
}

/// A ledger that is here or mirrored, before it is counted.
enum Known {
    Here(Box<View>),
    Mirror(Shown),
    /// A mirror of a ledger that is here, too.
    Copy(String),
}

impl Known {
    /// The books that count; none of a ledger that is not in order or not verified.
    fn books(&self) -> Option<&Books> {
        match self {
            Self::Here(view) => Some(&view.books).filter(|_| in_order(view)),
            Self::Mirror(Shown { state: MirrorState::Counted(own), .. }) => Some(&own.books),
            Self::Mirror(_) | Self::Copy(_) => None,
        }
    }

    /// The chapter, by the identity of its first ledger.
    fn log(&self) -> Option<String> {
        match self {
            Self::Here(view) => Some(view.origin.chapter().to_owned()),
            Self::Mirror(_) => Some(self.books()?.chapter()?.origin.chapter().to_owned()),
            Self::Copy(log) => Some(log.clone()),
        }
    }

    fn upper(&self) -> Option<String> {
        let chapter = &self.books()?.chapter()?.chapter;
        chapter.upper.as_ref().map(ToString::to_string)
    }

    /// A text that changes with what is shown of it.
    fn state(&self) -> String {
        match self {
            Self::Here(view) => view.state(),
            Self::Copy(_) => "copy".to_owned(),
            Self::Mirror(Shown { state: MirrorState::Counted(own), .. }) => {
                let root: String = own.root.chars().filter(char::is_ascii_alphanumeric).collect();
                format!("{}-{}", own.books.size(), root.get(..16).unwrap_or(&root))
            }
            Self::Mirror(Shown { state: MirrorState::Waiting, .. }) => "waits".to_owned(),
            Self::Mirror(Shown { state: MirrorState::Refused(reason), .. }) => match reason {
                Reason::Broken(step, seq) => {
                    format!("x{}-{}", told_step(*step), seq.map_or(0, |seq| seq + 1))
                }
                other => format!("x{}", told_reason(other)),
            },
        }
    }
}

/// Whether the stored entries are what was signed, which a closed door alone does not deny.
fn in_order(view: &View) -> bool {
    told::warning(view).is_none_or(|key| key == "public-warning-paused")
}

/// What the roll-up shows.
struct All {
    known: Vec<Known>,
    /// Ledgers here whose entries can't be read.
    unreadable: Vec<String>,
}

impl All {
    fn of(ledgers: &Ledgers<'_>, config: &Config) -> Result<Self, Fault> {
        let (mut known, mut unreadable) = (Vec::new(), Vec::new());
        for (id, origin) in ledgers.store().chapters() {
            // A ledger that another one continues is found from that one.
            if ledgers.find(origin.slug())? != id {
                continue;
            }
            match ledgers.view_of(id) {
                Ok(view) => known.push(Known::Here(Box::new(view))),
                Err(_) => unreadable.push(origin.to_string()),
            }
        }
        let here: BTreeSet<String> = known.iter().filter_map(Known::log).collect();
        let mirrors = config.mirrors.shown().into_iter().map(Known::Mirror);
        // What is kept here is newer than any copy of it.
        known.extend(mirrors.map(|own| match own.log().filter(|log| here.contains(log)) {
            Some(log) => Known::Copy(log),
            None => own,
        }));
        Ok(Self { known, unreadable })
    }

    fn counted(&self) -> impl Iterator<Item = (&Known, &Books)> + Clone {
        self.known.iter().filter_map(|own| Some((own, own.books()?)))
    }

    /// The years that can be asked for, newest first.
    fn years(&self) -> Vec<i32> {
        let chapters = self.counted().filter_map(|(_, books)| {
            let chapter = books.chapter()?;
            let last = books.last_at()?.local_date(chapter.utc_offset);
            Some((chapter.books_from.year(), last.year()))
        });
        let first = chapters.clone().map(|(first, _)| first).min();
        let last = chapters.map(|(_, last)| last).max();
        match (first, last) {
            (Some(first), Some(last)) => (first..=last).rev().take(200).collect(),
            _ => Vec::new(),
        }
    }

    /// A text that changes with what is shown. Names of chapters are no text for a header.
    fn state(&self, chosen: Option<i32>, upper: Option<&str>) -> String {
        let states: Vec<String> = self.known.iter().map(Known::state).collect();
        let (year, upper) = (spelled(chosen), upper.unwrap_or_default());
        sha256(format!("{year}-{upper}-{}", states.join("-")).as_bytes()).to_string()
    }

    fn uppers(&self) -> BTreeSet<String> {
        self.known.iter().filter_map(Known::upper).collect()
    }

    async fn parts(
        &self,
        upper: Option<&str>,
        span: Span,
        ledgers: &Ledgers<'_>,
    ) -> Result<Vec<Part>, Fault> {
        let mut parts = Vec::new();
        for (own, books) in self.counted() {
            if upper.is_some_and(|upper| own.upper().as_deref() != Some(upper)) {
                continue;
            }
            let part = match own {
                Known::Here(view) => {
                    let (store, id, size) = (ledgers.store(), view.chapter, view.size());
                    let exchange = store.exchange(id, books.register(), size).await;
                    let done = store.done(id, size).await.map_err(read)?;
                    Part::of(books, exchange.map_err(read)?, done.deeds(), span)
                }
                Known::Mirror(Shown { state: MirrorState::Counted(own), .. }) => own.part(span),
                Known::Mirror(_) | Known::Copy(_) => continue,
            };
            parts.push(part.map_err(Fault::internal)?);
        }
        Ok(parts)
    }
}

/// The days of a year, or of all years that are offered.
fn span(year: Option<i32>, offered: &[i32]) -> Option<Span> {
    let first = year.or_else(|| offered.last().copied())?;
    let last = year.or_else(|| offered.first().copied())?;
    let month = |year: i32, month: u8| format!("{year:04}-{month:02}").parse::<Month>().ok();
    let (from, to): (Date, Date) = (month(first, 1)?.first_day(), month(last, 12)?.last_day());
    Some((from, to))
}

/// The page.
#[get("/tong-hop?<asked..>")]
pub async fn roll_up(
    asked: Asked<'_>,
    _once: Once,
    config: &State<Config>,
    ledgers: Ledgers<'_>,
) -> Result<Page, Fault> {
    let Rolled { all, years, chosen, uppers, upper, rolled } =
        Rolled::of(&asked, config, &ledgers).await?;
    let links = Links::of(&all);
    let shown = context! {
        years,
        year => chosen,
        chosen => spelled(chosen),
        uppers => uppers.iter().cloned().collect::<Vec<_>>(),
        upper,
        query => query(chosen, upper),
        mirrors => all.known.iter().filter_map(told_mirror).collect::<Vec<_>>(),
        unreadable => unreadable(&all),
        rolled => rolled.as_ref().map(|rolled| told(rolled, &links)),
    };
    let state = all.state(chosen, upper);
    Ok(Page::new("public/roll-up.html", shown).of_state(state))
}

/// The address of what was asked for, without a question mark.
fn query(chosen: Option<i32>, upper: Option<&str>) -> String {
    let upper = upper.map(|upper| {
        let escaped = rocket::http::RawStr::new(upper).percent_encode().to_string();
        format!("&tren={escaped}")
    });
    format!("nam={}{}", spelled(chosen), upper.unwrap_or_default())
}

/// What an address asks for, added up.
struct Rolled<'r> {
    all: All,
    years: Vec<i32>,
    chosen: Option<i32>,
    uppers: BTreeSet<String>,
    upper: Option<&'r str>,
    rolled: Option<RollUp>,
}

impl<'r> Rolled<'r> {
    async fn of(asked: &Asked<'r>, config: &Config, ledgers: &Ledgers<'_>) -> Result<Self, Fault> {
        let all = All::of(ledgers, config)?;
        let years = all.years();
        let chosen = year(asked.nam, &years, years.first().copied())?;
        let uppers = all.uppers();
        let upper = asked.tren.filter(|text| !text.is_empty());
        if upper.is_some_and(|upper| !uppers.contains(upper)) {
            return Err(Fault::NotFound);
        }
        let rolled = match span(chosen, &years) {
            Some(span) => {
                let parts = all.parts(upper, span, ledgers).await?;
                Some(RollUp::of(parts, span).map_err(Fault::internal)?)
            }
            None => None,
        };
        Ok(Self { all, years, chosen, uppers, upper, rolled })
    }
}

/// The tables of the page: `tong-hop.xlsx`, `.csv` or `.json`.
#[get("/tong-hop/<file>?<asked..>")]
pub async fn file(
    file: &str,
    asked: Asked<'_>,
    _once: Once,
    config: &State<Config>,
    speech: Speech<'_>,
    ledgers: Ledgers<'_>,
) -> Result<Download, Fault> {
    let (name, ending) = Ending::of(file).ok_or(Fault::NotFound)?;
    if name != "tong-hop" {
        return Err(Fault::NotFound);
    }
    let Rolled { all, chosen, upper, rolled, .. } = Rolled::of(&asked, config, &ledgers).await?;
    let rolled = rolled.ok_or(Fault::NotFound)?;
    let name = format!("tong-hop-{}", spelled(chosen));
    let made = roll_up_tables::roll_up(&rolled, name, &speech);
    let state = all.state(chosen, upper);
    let tag = format!("{state}-{}-{}", speech.language.tag(), env!("CARGO_PKG_VERSION"));
    Ok(written(made, ending, Form::default(), &speech).await?.tag(tag))
}

/// Ledgers here that are not counted.
fn unreadable(all: &All) -> Vec<String> {
    let damaged = all.known.iter().filter(|own| own.books().is_none());
    let damaged = damaged.filter(|own| matches!(own, Known::Here(_))).filter_map(Known::log);
    damaged.chain(all.unreadable.iter().cloned()).collect()
}

/// Where ledgers are found, and what their chapters are called.
struct Links(BTreeMap<String, (String, Option<String>)>);

impl Links {
    fn of(all: &All) -> Self {
        let link = |own: &Known| {
            let log = own.log()?;
            let chapter = own.books()?.chapter()?;
            let base = match own {
                Known::Here(view) => Some(format!("/{}", view.origin.slug())),
                Known::Mirror(_) | Known::Copy(_) => trace::elsewhere(&log),
            };
            Some((log, (chapter.chapter.name.to_string(), base)))
        };
        Self(all.known.iter().filter_map(link).collect())
    }

    /// A ledger for templates.
    fn chapter(&self, log: &str) -> Value {
        match self.0.get(log) {
            Some((name, href)) => context! { name, href, known => true },
            None => context! { name => log, href => trace::elsewhere(log), known => false },
        }
    }

    /// An entry for templates.
    fn entry(&self, at: &At) -> Value {
        let base = self.0.get(&at.log).and_then(|(_, base)| base.as_deref());
        let href = base.map(|base| format!("{}/so/{}", base.trim_end_matches('/'), at.seq));
        let day = at.day.to_string();
        context! { chapter => self.chapter(&at.log), seq => at.seq, day, href }
    }
}

fn what(what: &What) -> Value {
    let goods = what.goods.iter().map(|(thing, thousandths)| {
        context! {
            name => thing.name.as_str(),
            unit => thing.unit.as_str(),
            quantity => signed_quantity(*thousandths),
        }
    });
    context! { value => what.value.minor(), goods => goods.collect::<Vec<_>>() }
}

fn told(rolled: &RollUp, links: &Links) -> Value {
    let types = rolled.types.iter();
    let mut shown = all_columns(rolled.types.values().map(|own| &own.done));
    // What was spent and whom it served come from the statements, as all other figures do.
    shown.retain(|column| matches!(column, Column::Figure(_)));
    let pair = |own: &Pair| {
        context! {
            sent => links.entry(&own.sent),
            received => links.entry(&own.received),
            what => what(&own.what),
            value_there => (own.what.value != own.value_there).then(|| own.value_there.minor()),
        }
    };
    let alone = |own: &Alone| {
        let side = if own.side == Side::Sent { "sent" } else { "received" };
        let why = serde_json::to_value(own.why).unwrap_or_default();
        let why = why.as_str().unwrap_or_default().replace('_', "-");
        context! {
            at => links.entry(&own.at),
            other => links.chapter(&own.other),
            what => what(&own.what),
            key => format!("rolled-{side}-{why}"),
        }
    };
    context! {
        parts => rolled.parts.iter().map(|part| context! {
            chapter => links.chapter(&part.log),
            size => part.size,
            totals => Serde(part.totals),
        }).collect::<Vec<_>>(),
        repeated => rolled.repeated.clone(),
        sum => Serde(rolled.sum),
        netted => Serde(rolled.netted),
        total => Serde(rolled.total),
        columns => shown.iter().map(|column| column.told()).collect::<Vec<_>>(),
        types => types.map(|(word, own)| context! {
            key => format!("programme-{}", word.as_str().replace('_', "-")),
            spent => own.spent.minor(),
            families => families(own.families, Column::Families.word()),
            cells => row(&own.done, &shown),
        }).collect::<Vec<_>>(),
        goods => rolled.goods.iter().map(|(thing, own)| context! {
            name => thing.name.as_str(),
            unit => thing.unit.as_str(),
            came_in => signed_quantity(own.came_in),
            went_out => signed_quantity(own.went_out),
            left => signed_quantity(own.closing),
            value => own.value.minor(),
        }).collect::<Vec<_>>(),
        pairs => rolled.between.pairs.iter().map(pair).collect::<Vec<_>>(),
        alone => rolled.between.alone.iter().map(alone).collect::<Vec<_>>(),
        on_their_way => rolled.on_their_way.minor(),
    }
}

/// A mirror for templates; `None` for a ledger that is here.
fn told_mirror(own: &Known) -> Option<Value> {
    let (folder, state) = match own {
        Known::Here(_) => return None,
        Known::Mirror(Shown { folder, state }) => (folder, state),
        Known::Copy(log) => {
            let key = "rolled-mirror-here";
            return Some(context! { name => log, key, seq => (), size => () });
        }
    };
    let (key, seq) = match state {
        MirrorState::Waiting => ("rolled-mirror-waiting".to_owned(), None),
        MirrorState::Counted(_) => ("rolled-mirror-counted".to_owned(), None),
        MirrorState::Refused(Reason::Broken(step, seq)) => {
            (format!("rolled-mirror-broken-{}", told_step(*step)), *seq)
        }
        MirrorState::Refused(reason) => (format!("rolled-mirror-{}", told_reason(reason)), None),
    };
    let log = own.log();
    let size = own.books().map(Books::size);
    Some(context! { name => log.as_deref().unwrap_or(folder), key, seq, size })
}

fn told_step(step: crate::verify::report::Step) -> String {
    let word = serde_json::to_value(step).unwrap_or_default();
    word.as_str().unwrap_or_default().replace('_', "-")
}

const fn told_reason(reason: &Reason) -> &'static str {
    match reason {
        Reason::Unread => "unread",
        Reason::Prefix => "prefix",
        Reason::Newer => "newer",
        Reason::Broken(..) => "broken",
    }
}
