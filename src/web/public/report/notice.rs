//! The sheet for the notice board: the figures of a statement in large letters, and behind them the
//! donors who agreed that their names are shown.

use std::collections::BTreeMap;

use fluent_templates::fluent_bundle::FluentValue;
use rocket::http::ContentType;
use rocket::tokio::task::spawn_blocking;
use rocket::{State, get};

use super::made;
use super::paper::{Told, figure};
use super::period::{Found, Period, Stage, find};
use crate::books::programmes::FEWEST_SHOWN;
use crate::ledger::disclosure::PrivateName;
use crate::ledger::voucher::{Body, Kind};
use crate::ledger::word::Date;
use crate::money::Money;
use crate::publish::clock::days_after;
use crate::publish::paper::{Align, Block, Code, Pair, Paper, PaperFault, Sheet, Signature, Table};
use crate::store::desk::publication::{Notice, Rule};
use crate::store::facade::AccountsFilter;
use crate::web::public::download::{Download, Keep};
use crate::web::public::ledgers::{Ledgers, Speech, read};
use crate::web::{Config, Fault};

/// Gifts that are looked at for names, at most; of more the newest.
const GIFTS: u32 = 3_000;

/// The sheet, in the language of its reader.
#[get("/<chapter>/bao-cao/<period>/niem-yet.pdf", rank = 20)]
pub async fn notice(
    chapter: &str,
    period: &str,
    ledgers: Ledgers<'_>,
    config: &State<Config>,
    speech: Speech<'_>,
) -> Result<Download, Fault> {
    let view = ledgers.view(chapter)?;
    let Found::Shown(shown) = find(period, &view, &ledgers).await? else {
        return Err(Fault::NotFound);
    };
    let told = Told { view: &view, shown: &shown, speech: &speech };
    let hung = hung(&told, &ledgers, config).await?;
    // Before the names: one that is hidden meanwhile is not shown under what is told from then on.
    let state = ledgers.store().names_state(view.chapter).await.map_err(read)?;
    let names = names(&told, &ledgers).await?;
    let made = made::of(&shown, &view, &ledgers).await?;
    let on = made.on.as_deref();
    let address = config.base_url.join(&told.path());
    let paper = paper(&told, &hung, (on, &address), names).map_err(Fault::internal)?;
    let bytes = spawn_blocking(move || paper.pdf()).await.map_err(Fault::internal)?;
    let bytes = bytes.map_err(Fault::internal)?;
    let tag = format!(
        "{}-{}-{}-{}-{state}-{}",
        view.state(),
        shown.name,
        hung.posted_on,
        hung.until_on,
        speech.language.tag()
    );
    let name = format!("{}-niem-yet-{}.pdf", view.origin.slug(), shown.name);
    let tag = crate::ledger::tree::sha256(format!("{tag}{}", hung.place).as_bytes()).to_string();
    Ok(Download::whole(ContentType::PDF, Keep::Checked, bytes).tag(tag).shown_as(name))
}

/// Since when and until when the sheet hangs: as an officer noted it, or from today on.
struct Hung {
    posted_on: Date,
    until_on: Date,
    /// Empty where nobody noted it.
    place: String,
}

async fn hung(told: &Told<'_>, ledgers: &Ledgers<'_>, config: &Config) -> Result<Hung, Fault> {
    let desk = ledgers.store().desk(told.view.chapter).map_err(read)?;
    let notices = ledgers.store().notices(&desk).await.map_err(Fault::internal)?;
    let own = notices.into_iter().rev().find(|own| own.statement == told.shown.name);
    if let Some(Notice { posted_on, until_on, place, .. }) = own {
        return Ok(Hung { posted_on, until_on, place });
    }
    let offset = told.view.books.chapter().ok_or(Fault::NotFound)?.utc_offset;
    let today = Date::new(config.clock.today(offset.fixed())).ok_or(Fault::NotFound)?;
    let deadlines = ledgers.store().deadlines(&desk).await.map_err(Fault::internal)?.deadlines;
    let until_on = days_after(today, deadlines.of(Rule::NoticeKept).days);
    Ok(Hung { posted_on: today, until_on, place: String::new() })
}

/// Letters in points, and whether the sources of income stand on the sheet: the first with which
/// it is one page is taken.
const TRIES: [(u8, bool); 6] =
    [(15, true), (14, true), (13, true), (13, false), (12, false), (11, false)];

/// The sheet in letters as large as one page allows; the donors on pages of their own.
fn paper(
    told: &Told<'_>,
    hung: &Hung,
    made: (Option<&str>, &str),
    names: Vec<Vec<String>>,
) -> Result<Paper, PaperFault> {
    let mut paper = sheet(told, hung, made, (12, true));
    for size in TRIES {
        let own = sheet(told, hung, made, size);
        if own.pages()? == 1 {
            paper = own;
            break;
        }
    }
    if !names.is_empty() {
        let columns = vec![
            (told.say("book-date"), Align::Left),
            (told.say("notice-donor"), Align::Left),
            (told.say("public-amount"), Align::Right),
        ];
        paper.blocks.push(Block::NewPage);
        paper.blocks.push(Block::Heading(told.say("notice-donors")));
        paper.blocks.push(Block::Paragraph(told.say("notice-donors-lead")));
        paper.blocks.push(Block::Table(Table { columns, rows: names, sums: None }));
    }
    Ok(paper)
}

fn sheet(
    told: &Told<'_>,
    hung: &Hung,
    (on, address): (Option<&str>, &str),
    (points, sources): (u8, bool),
) -> Paper {
    let title = told.say("notice-title");
    let whole = format!("{title} – {}", told.period());
    let mut blocks = vec![
        told.letterhead(),
        Block::Title(title, Some(told.period())),
        Block::Centred(told.days()),
    ];
    blocks.extend(told.preview());
    blocks.push(Block::Pairs(figures(told)));
    let mut tables = vec![("report-by-programme", programmes(told))];
    tables.extend(sources.then(|| ("notice-from", income(told))));
    for (key, table) in tables.into_iter().filter(|(_, table)| !table.rows.is_empty()) {
        blocks.extend([Block::Heading(told.say(key)), Block::Table(table)]);
    }
    blocks.push(code(told, address, on));
    blocks.push(Block::Pairs(days(told, hung)));
    let sign =
        |key: &str| Signature { office: told.say(key), note: told.say("minutes-sign"), name: None };
    let signs = vec![sign("setup-treasurer"), sign("setup-chair")];
    blocks.push(Block::Signatures(told.say("loan-agreement-place"), signs));
    Paper {
        title: whole.clone(),
        author: told.author(),
        language: told.speech.language.tag(),
        sheet: Sheet::Wall(points),
        foot: whole,
        page: told.say("paper-page"),
        blocks,
    }
}

/// What there was, came in, was used and lent, and is left: opening + received − used ± other =
/// left, of which money, goods and loans.
fn figures(told: &Told<'_>) -> Vec<Pair> {
    let sum = |column| told.sum("funds", column);
    let used = sum("spent") + sum("lost");
    let other = sum("moved") + sum("earlier");
    let loans = &told.shown.file["loans"];
    let kind = |wanted: &str| -> i64 {
        let rows = loans["rows"].as_array().into_iter().flatten();
        rows.filter(|row| row["kind"] == wanted).map(|row| figure(row, "amount")).sum()
    };
    let (lent, repaid) = (kind("loan_disbursed"), -kind("loan_repaid"));
    let custody = figure(&told.shown.file["custody"], "closing");
    let always = ["public-opening", "figure-received", "figure-used", "notice-left"];
    let all = [
        ("public-opening", sum("opening")),
        ("figure-received", sum("received")),
        ("figure-used", used),
        ("notice-other", other),
        ("notice-left", sum("closing")),
        ("notice-money", sum("money")),
        ("notice-goods", sum("stock")),
        ("notice-out", sum("loans")),
        ("notice-lent", lent),
        ("notice-repaid", repaid),
        ("notice-custody", custody),
    ];
    let shown = all.into_iter().filter(|(key, amount)| *amount != 0 || always.contains(key));
    shown
        .map(|(key, amount)| match always.contains(&key) {
            true => Pair::strong(told.say(key), told.money(amount)),
            false => Pair::new(told.say(key), told.money(amount)),
        })
        .collect()
}

/// What was used by programme, with the families that the statement tells of.
fn programmes(told: &Told<'_>) -> Table {
    let mut sums: BTreeMap<Option<String>, i64> = BTreeMap::new();
    for row in told.rows("spending") {
        *sums.entry(told.programme(row)).or_default() += figure(row, "amount");
    }
    let mut lines: BTreeMap<Option<String>, i64> = BTreeMap::new();
    for row in told.rows("families") {
        let programme = told.programme(row);
        sums.entry(programme.clone()).or_default();
        *lines.entry(programme).or_default() += figure(row, "lines");
    }
    let families = |programme: &Option<String>| match lines.get(programme).copied() {
        None | Some(0) => String::new(),
        Some(few) if few < FEWEST_SHOWN => told.say("done-few-cell"),
        Some(number) => told.bare(number, false),
    };
    let total: i64 = sums.values().sum();
    let has_families = !lines.is_empty();
    let row = |(programme, amount): (&Option<String>, &i64)| {
        let name = programme.clone().unwrap_or_else(|| told.say("notice-common"));
        let mut row = vec![name, told.money(*amount)];
        row.extend(has_families.then(|| families(programme)));
        row
    };
    let keys: &[&str] =
        if has_families { &["figure-used", "report-lines"] } else { &["figure-used"] };
    // Those with a programme first.
    let mut rows: Vec<_> = sums.iter().filter(|(programme, _)| programme.is_some()).collect();
    rows.extend(sums.iter().filter(|(programme, _)| programme.is_none()));
    let mut all = vec![told.say("public-sum"), told.money(total)];
    all.extend(has_families.then(String::new));
    Table {
        columns: told.columns("public-programme", keys),
        rows: rows.into_iter().map(row).collect(),
        sums: Some(all),
    }
}

fn income(told: &Told<'_>) -> Table {
    let row = |own| vec![told.account(own), told.money(figure(own, "amount"))];
    let sums = vec![told.say("public-sum"), told.money(told.sum("income", "amount"))];
    Table {
        columns: told.columns("public-account", &["figure-received"]),
        rows: told.rows("income").iter().map(row).collect(),
        sums: Some(sums),
    }
}

/// The code that leads to the page, short: a sheet on a wall is not compared figure by figure.
fn code(told: &Told<'_>, address: &str, on: Option<&str>) -> Block {
    let mut beside = vec![told.say("notice-look"), address.to_owned()];
    let mut content = address.to_owned();
    if let Stage::Signed { seq, digest } = &told.shown.stage {
        content = format!("{address}?h={}", digest.get(..super::MARK).unwrap_or(digest));
        let seq = FluentValue::from(seq.to_string());
        let entry = told.say_of("public-entry", &[("seq", seq)]);
        beside.push(on.map_or(entry.clone(), |on| format!("{entry}, {}", told.day(on))));
    }
    beside.push(told.say("notice-mistake"));
    Block::Code(Code { content, alternative: told.say("report-qr"), beside })
}

fn days(told: &Told<'_>, hung: &Hung) -> Vec<Pair> {
    let (posted, until) = (hung.posted_on.to_string(), hung.until_on.to_string());
    let place = match hung.place.as_str() {
        "" => "……………………………………".to_owned(),
        place => place.to_owned(),
    };
    let given = [("from", told.day(&posted).into()), ("until", told.day(&until).into())];
    vec![
        Pair::strong(told.say("board-short"), told.say_of("notice-days", &given)),
        Pair::new(told.say("notice-place"), place),
    ]
}

/// Gifts in money of the days (and the fund) whose givers agreed to be named: day, name, amount.
async fn names(told: &Told<'_>, ledgers: &Ledgers<'_>) -> Result<Vec<Vec<String>>, Fault> {
    let (store, view) = (ledgers.store(), told.view);
    let day = |name: &str| told.shown.file[name].as_str().and_then(|own| own.parse().ok());
    let fund = match &told.shown.period {
        Period::Campaign(fund, ..) => Some(fund.clone()),
        _ => None,
    };
    let kind = Some(Kind::Donation);
    let (from, to) = (day("from"), day("to"));
    let filter = AccountsFilter { from, to, fund, kind, ..AccountsFilter::default() };
    let lines = store.accounts_before(view.chapter, &filter, view.size(), None, GIFTS);
    let lines = lines.await.map_err(read)?;
    let seqs = lines.iter().map(|line| line.entry.place());
    let Some((first, last)) = seqs.clone().min().zip(seqs.max()) else { return Ok(Vec::new()) };
    let shown = store.published_names(view.chapter, first, last + 1).await.map_err(read)?;
    let mut names: BTreeMap<u64, String> = BTreeMap::new();
    for own in &shown {
        let Some(name) = own.disclosure.value().as_str() else { continue };
        // Of both names the whole one.
        if own.disclosure.name() == PrivateName::FullName || !names.contains_key(&own.seq) {
            names.insert(own.seq, name.to_owned());
        }
    }
    let row = |line: &crate::store::facade::AccountsLine| {
        let name = names.get(&line.entry.place()).filter(|_| line.reversed_by.is_none())?;
        let Body::Donation(body) = &line.entry.voucher().body else { return None };
        let amount = Money::new(body.amount.minor()).unwrap_or_default();
        let day = told.day(&line.effective.to_string());
        Some(vec![day, name.clone(), told.money(amount.minor())])
    };
    Ok(lines.iter().filter_map(row).collect())
}
