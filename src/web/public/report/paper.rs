//! A statement as a paper to sign, to keep and to compare: its figures are those of the very file
//! that the ledger names, and a QR code leads back to it.

use chrono::NaiveDate;
use fluent_templates::fluent_bundle::FluentValue;
use rocket::http::ContentType;
use rocket::tokio::task::spawn_blocking;
use rocket::{State, get};
use serde_json::Value as Json;

use super::made::{self, Made};
use super::period::{Found, Period, Shown, Stage, find};
use super::{MARK, kind_key};
use crate::books::programmes::FEWEST_SHOWN;
use crate::money::Money;
use crate::publish::paper::{Align, Block, Code, Pair, Paper, Sheet, Signature, Table};
use crate::store::facade::View;
use crate::web::public::download::{Download, Keep};
use crate::web::public::goods::item;
use crate::web::public::ledgers::{Ledgers, Speech, read};
use crate::web::public::told;
use crate::web::words::amount_in_words;
use crate::web::{Config, Fault, format};

/// A statement on paper, in the language of its reader.
#[get("/<chapter>/bao-cao/<period>/bang.pdf", rank = 20)]
pub async fn paper(
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
    let made = made::of(&shown, &view, &ledgers).await?;
    let told = Told { view: &view, shown: &shown, speech: &speech };
    let head = told.head(&ledgers)?;
    let address = config.base_url.join(&told.path());
    let paper = told.paper(&made, head, &address);
    let tag = format!("{}-{}-{}", view.state(), shown.name, speech.language.tag());
    let bytes = spawn_blocking(move || paper.pdf()).await.map_err(Fault::internal)?;
    let bytes = bytes.map_err(Fault::internal)?;
    let name = format!("{}-bao-cao-{}.pdf", view.origin.slug(), shown.name);
    Ok(Download::whole(ContentType::PDF, Keep::Checked, bytes).tag(tag).shown_as(name))
}

/// The ledger under its checkpoint, as a paper names it.
pub struct Head {
    /// The ledger's identity.
    pub origin: String,
    /// Entries under the checkpoint.
    pub size: u64,
    /// The root over them.
    pub root: String,
}

/// A statement, and for whom it is put into words.
pub struct Told<'a> {
    /// The ledger.
    pub view: &'a View,
    /// The statement.
    pub shown: &'a Shown,
    /// The reader's language.
    pub speech: &'a Speech<'a>,
}

/// A figure of a row.
pub fn figure(row: &Json, name: &str) -> i64 {
    row[name].as_i64().unwrap_or(0)
}

/// Digits of a digest in groups, as people compare them.
fn in_groups(digest: &str) -> String {
    let digits: Vec<char> = digest.chars().collect();
    let groups = digits.chunks(MARK).map(|group| group.iter().collect::<String>());
    groups.collect::<Vec<_>>().join(" ")
}

impl Told<'_> {
    /// A text.
    pub fn say(&self, key: &str) -> String {
        self.speech.say(key)
    }

    /// A text with arguments.
    pub fn say_of(&self, key: &str, given: &[(&'static str, FluentValue<'static>)]) -> String {
        self.speech.say_of(key, given)
    }

    /// The rows of a list of the file.
    pub fn rows(&self, list: &str) -> &[Json] {
        self.shown.file[list].as_array().map_or(&[], Vec::as_slice)
    }

    /// The sum of a column of a list.
    pub fn sum(&self, list: &str, column: &str) -> i64 {
        self.rows(list).iter().map(|row| figure(row, column)).sum()
    }

    /// An amount with its unit.
    pub fn money(&self, minor: i64) -> String {
        format::money(Money::new(minor).unwrap_or_default(), self.speech.language)
    }

    /// An amount in a table that names the unit above; nothing for 0 where `empty`.
    pub fn bare(&self, minor: i64, empty: bool) -> String {
        if minor == 0 && empty {
            return String::new();
        }
        format::number(minor, self.speech.language)
    }

    /// An amount in words.
    pub fn words(&self, minor: i64) -> String {
        amount_in_words(Money::new(minor).unwrap_or_default(), self.speech.language)
    }

    /// A day.
    pub fn day(&self, day: &str) -> String {
        let read = day.parse::<NaiveDate>();
        read.map_or_else(|_| day.to_owned(), |day| format::date(day, self.speech.language))
    }

    /// The name of a place.
    pub fn place(&self, code: &str) -> String {
        told::place_name(&self.view.books, code).unwrap_or_else(|| self.say("place-cash"))
    }

    /// The name of a fund.
    pub fn fund(&self, code: &str) -> String {
        told::fund_name(&self.view.books, code).unwrap_or_else(|| code.to_owned())
    }

    /// A line of income or spending in words, its programme behind it.
    pub fn account(&self, row: &Json) -> String {
        let word = row["account"].as_str().unwrap_or_default().replace(['_', ':'], "-");
        let account = self.say(&format!("public-account-{word}"));
        match self.programme(row) {
            Some(programme) => format!("{account} · {programme}"),
            None => account,
        }
    }

    /// The programme of a row.
    pub fn programme(&self, row: &Json) -> Option<String> {
        let code = row["programme"].as_str()?;
        Some(told::programme_name(&self.view.books, code).unwrap_or_else(|| code.to_owned()))
    }

    /// The path of the page that shows the same.
    pub fn path(&self) -> String {
        format!("/{}/bao-cao/{}", self.view.origin.slug(), self.shown.name)
    }

    /// The name of the chapter, and lines under it.
    pub fn letterhead(&self) -> Block {
        let chapter = self.view.books.chapter().map(|state| &state.chapter);
        let name = chapter.map_or("", |own| own.name.as_str()).to_owned();
        let lines = chapter.into_iter().flat_map(|own| {
            let address = own.address.as_ref().map(ToString::to_string);
            address.into_iter().chain(own.province.as_ref().map(ToString::to_string))
        });
        Block::Letterhead(name, lines.collect())
    }

    /// The name of the chapter.
    pub fn author(&self) -> String {
        let chapter = self.view.books.chapter();
        chapter.map_or_else(String::new, |own| own.chapter.name.to_string())
    }

    /// The period as people say it.
    pub fn period(&self) -> String {
        let year = |year: i32| FluentValue::from(year.to_string());
        match &self.shown.period {
            Period::Month(month) => {
                let first = month.first_day();
                let number = first.naive().format("%m").to_string();
                let given = [("month", FluentValue::from(number)), ("year", year(first.year()))];
                self.say_of("public-month", &given)
            }
            Period::Quarter(of, quarter) => {
                let quarter = FluentValue::from(quarter.to_string());
                self.say_of("public-quarter", &[("quarter", quarter), ("year", year(*of))])
            }
            Period::Year(of) => self.say_of("publish-year", &[("year", year(*of))]),
            Period::Campaign(fund, ..) => self.fund(fund.as_str()),
        }
    }

    /// Its first and last day, in words.
    pub fn days(&self) -> String {
        let day = |name: &str| self.day(self.shown.file[name].as_str().unwrap_or_default());
        let given = [("from", day("from").into()), ("to", day("to").into())];
        self.say_of("public-from-to", &given).trim_end_matches('.').to_owned()
    }

    /// What a paper says of a statement that is not final.
    pub fn preview(&self) -> Option<Block> {
        let key = match self.shown.stage {
            Stage::Signed { .. } => return None,
            Stage::Closed => "report-preview-closed",
            Stage::Open => "report-preview-open",
        };
        Some(Block::Notice(self.say(key)))
    }

    /// The newest checkpoint of the ledger that has the statement.
    ///
    /// # Errors
    /// [`Fault`] of the machine.
    pub fn head(&self, ledgers: &Ledgers<'_>) -> Result<Option<Head>, Fault> {
        let place = match &self.shown.stage {
            Stage::Signed { seq, .. } => *seq,
            Stage::Closed | Stage::Open => self.view.size().saturating_sub(1),
        };
        let ledger = ledgers.store().published_with(self.view.chapter, place).map_err(read)?;
        Ok(ledger.map(|own| Head {
            origin: own.origin.to_string(),
            size: own.size,
            root: own.root.to_string(),
        }))
    }

    /// The code that leads to the page, with what can be compared beside it.
    pub fn code(&self, address: &str, head: Option<Head>) -> Block {
        let mut beside = vec![self.say("report-compare"), address.to_owned()];
        let mut content = address.to_owned();
        if let Stage::Signed { seq, digest } = &self.shown.stage {
            let mark = digest.get(..MARK).unwrap_or(digest);
            content = format!("{address}?h={mark}");
            let seq = FluentValue::from(seq.to_string());
            beside.push(self.say_of("public-entry", &[("seq", seq)]));
            beside.push(format!("SHA-256 {}", in_groups(digest)));
        }
        if let Some(head) = head {
            let size = FluentValue::from(head.size.to_string());
            let root = in_groups(&head.root).into();
            let given = [("origin", head.origin.into()), ("size", size), ("root", root)];
            beside.push(self.say_of("report-checkpoint", &given));
        }
        let alternative = self.say("report-qr");
        Block::Code(Code { content, alternative, beside })
    }

    fn paper(&self, made: &Made, head: Option<Head>, address: &str) -> Paper {
        let title = self.say("public-report-title");
        let whole = format!("{title} – {}", self.period());
        let mut blocks = vec![
            self.letterhead(),
            Block::Title(title, Some(self.period())),
            Block::Paragraph(format!("{}. {}", self.days(), self.say("report-unit"))),
        ];
        blocks.extend(self.preview());
        blocks.push(Block::Pairs(self.totals()));
        for (key, table) in self.tables() {
            blocks.extend([Block::Heading(self.say(key)), Block::Table(table)]);
            if key == "public-table-funds" {
                blocks.extend(self.bridge().map(Block::Paragraph));
            }
        }
        blocks.push(Block::Heading(self.say("report-made")));
        blocks.push(Block::Pairs(self.made(made)));
        blocks.push(self.code(address, head));
        blocks.push(Block::Signatures(self.say("loan-agreement-place"), self.signatures()));
        Paper {
            title: whole.clone(),
            author: self.author(),
            language: self.speech.language.tag(),
            sheet: Sheet::A4,
            foot: whole,
            page: self.say("paper-page"),
            blocks,
        }
    }

    /// The main totals in figures and in words.
    fn totals(&self) -> Vec<Pair> {
        let used = self.sum("funds", "spent") + self.sum("funds", "lost");
        let all = [
            ("public-opening", self.sum("funds", "opening")),
            ("figure-received", self.sum("funds", "received")),
            ("figure-used", used),
            ("public-closing", self.sum("funds", "closing")),
        ];
        let pair = |(key, minor): (&str, i64)| {
            let amount = format!("{} ({})", self.money(minor), self.words(minor));
            Pair::strong(self.say(key), amount)
        };
        let mut pairs: Vec<Pair> = all.into_iter().map(pair).collect();
        if let Some(entries) = self.shown.file["entries"].as_i64() {
            let entries = format::number(entries, self.speech.language);
            pairs.push(Pair::new(self.say("report-entries"), entries));
        }
        pairs
    }

    /// The tables that tie, each with the key of its head; those with nothing in them are left out.
    fn tables(&self) -> Vec<(&'static str, Table)> {
        let list = |key, list| (key, self.accounts(list));
        let all = [
            ("public-table-places", self.places()),
            ("public-table-funds", self.funds()),
            ("report-table-parts", self.parts()),
            list("public-table-income", "income"),
            list("public-table-spending", "spending"),
            ("lent-report", self.loans()),
            ("goods-public-title", self.goods()),
            ("public-families", self.families()),
            ("report-custody", self.custody()),
        ];
        all.into_iter().filter(|(_, table)| !table.rows.is_empty()).collect()
    }

    /// The head of a table: what rows are, then columns of figures.
    pub fn columns(&self, first: &str, rest: &[&str]) -> Vec<(String, Align)> {
        let rest = rest.iter().map(|key| (self.say(key), Align::Right));
        std::iter::once((self.say(first), Align::Left)).chain(rest).collect()
    }

    fn places(&self) -> Table {
        let mut rows = Vec::new();
        for own in self.rows("places") {
            let mut row = vec![self.place(own["place"].as_str().unwrap_or_default())];
            row.extend(
                ["opening", "in", "out", "closing"].map(|name| self.bare(figure(own, name), false)),
            );
            rows.push(row);
            for kind in own["rows"].as_array().into_iter().flatten() {
                let name = format!("– {}", self.say(&kind_key(kind)));
                let (money_in, money_out) = (figure(kind, "in"), figure(kind, "out"));
                let amounts = [self.bare(money_in, true), self.bare(money_out, true)];
                let [money_in, money_out] = amounts;
                rows.push(vec![name, String::new(), money_in, money_out, String::new()]);
            }
        }
        let keys = ["public-opening", "book-in", "book-out", "public-closing"];
        let mut sums = vec![self.say("public-sum")];
        let columns = ["opening", "in", "out", "closing"];
        sums.extend(columns.map(|name| self.bare(self.sum("places", name), false)));
        Table { columns: self.columns("public-place", &keys), rows, sums: Some(sums) }
    }

    /// What changed the funds; columns in which nothing stands are left out.
    fn funds(&self) -> Table {
        let all = [
            ("opening", "public-opening"),
            ("received", "figure-received"),
            ("spent", "figure-used"),
            ("moved", "public-moved-column"),
            ("lost", "public-lost"),
            ("earlier", "public-earlier"),
            ("closing", "public-closing"),
        ];
        let rare = ["moved", "lost", "earlier"];
        let used = |name: &str| self.rows("funds").iter().any(|row| figure(row, name) != 0);
        let all: Vec<_> =
            all.into_iter().filter(|(name, _)| !rare.contains(name) || used(name)).collect();
        self.of_funds(&all)
    }

    /// What the funds consist of on the last day.
    fn parts(&self) -> Table {
        let all = [
            ("money", "report-money"),
            ("stock", "goods-public-title"),
            ("loans", "figure-lent"),
            ("closing", "public-closing"),
        ];
        self.of_funds(&all)
    }

    fn of_funds(&self, columns: &[(&str, &str)]) -> Table {
        let row = |own: &Json| {
            let mut row = vec![self.fund(own["fund"].as_str().unwrap_or_default())];
            row.extend(columns.iter().map(|(name, _)| self.bare(figure(own, name), false)));
            row
        };
        let mut sums = vec![self.say("public-sum")];
        sums.extend(columns.iter().map(|(name, _)| self.bare(self.sum("funds", name), false)));
        let keys: Vec<&str> = columns.iter().map(|(_, key)| *key).collect();
        Table {
            columns: self.columns("public-fund", &keys),
            rows: self.rows("funds").iter().map(row).collect(),
            sums: Some(sums),
        }
    }

    /// The line that ties both tables.
    fn bridge(&self) -> Option<String> {
        let bridge = self.shown.file["bridge"].as_object()?;
        let money = |name: &str| {
            let minor = bridge.get(name).and_then(Json::as_i64).unwrap_or(0);
            FluentValue::from(self.money(minor))
        };
        let given =
            [("places", money("places")), ("funds", money("funds")), ("custody", money("custody"))];
        Some(self.say_of("public-bridge", &given))
    }

    fn accounts(&self, list: &str) -> Table {
        let row = |own: &Json| vec![self.account(own), self.bare(figure(own, "amount"), false)];
        let sum = self.bare(self.sum(list, "amount"), false);
        Table {
            columns: self.columns("public-account", &["public-amount"]),
            rows: self.rows(list).iter().map(row).collect(),
            sums: Some(vec![self.say("public-sum"), sum]),
        }
    }

    /// Opening, what changed it, closing.
    fn moved(&self, own: &Json) -> Table {
        let line = |key: &str, minor: i64| vec![self.say(key), self.bare(minor, false)];
        let mut rows = Vec::new();
        if own.is_object() {
            rows.push(line("public-opening", figure(own, "opening")));
            for row in own["rows"].as_array().into_iter().flatten() {
                rows.push(line(&kind_key(row), figure(row, "amount")));
            }
        }
        let closing = line("public-closing", figure(own, "closing"));
        Table {
            columns: self.columns("public-what", &["public-amount"]),
            rows,
            sums: Some(closing),
        }
    }

    fn loans(&self) -> Table {
        self.moved(&self.shown.file["loans"])
    }

    /// What is held for others, where anything was.
    fn custody(&self) -> Table {
        let own = &self.shown.file["custody"];
        let still = figure(own, "opening") == 0 && figure(own, "closing") == 0;
        let nothing = own["rows"].as_array().is_none_or(Vec::is_empty);
        if still && nothing { self.moved(&Json::Null) } else { self.moved(own) }
    }

    fn goods(&self) -> Table {
        let row = |own: &Json| {
            let code = own["item"].as_str().unwrap_or_default();
            let (name, unit) = item(&self.view.books, code);
            let mut row = vec![format!("{name} ({unit})")];
            row.extend(["opening", "in", "out", "closing"].map(|column| {
                let quantity = own[column].as_str().unwrap_or("0");
                format::quantity(quantity, self.speech.language).unwrap_or_default()
            }));
            row.push(self.bare(figure(&own["value"], "closing"), false));
            row
        };
        let keys = ["public-opening", "stock-in", "stock-out", "public-closing", "stock-value"];
        let rows = self.rows("goods").iter().map(row).collect();
        Table { columns: self.columns("stock-item", &keys), rows, sums: None }
    }

    fn families(&self) -> Table {
        let row = |own: &Json| {
            let programme = self.programme(own).unwrap_or_default();
            // A number of a few points at somebody.
            let lines = match figure(own, "lines") {
                few if few < FEWEST_SHOWN => self.say("done-few-cell"),
                own => self.bare(own, false),
            };
            vec![programme, lines]
        };
        let rows = self.rows("families").iter().map(row).collect();
        Table { columns: self.columns("public-programme", &["report-lines"]), rows, sums: None }
    }

    /// Who closed, published and audited: offices, days and entries.
    fn made(&self, made: &Made) -> Vec<Pair> {
        let mut pairs = Vec::new();
        if let (Some(on), Stage::Signed { seq, .. }) = (&made.on, &self.shown.stage) {
            let seq = FluentValue::from(seq.to_string());
            let entry = self.say_of("public-entry", &[("seq", seq)]);
            pairs.push(Pair::new(self.say("report-named"), format!("{entry}, {}", self.day(on))));
            for own in &made.signers {
                let label = self.say(&format!("public-role-{}", own.role));
                let title = own.title.clone();
                pairs.push(Pair::new(label, title.unwrap_or_else(|| self.say("public-officer"))));
            }
        }
        for own in &made.closings {
            let (seq, on) = (FluentValue::from(own.seq.to_string()), self.day(&own.on));
            let entry = self.say_of("public-entry", &[("seq", seq)]);
            let mut said = format!("{entry}, {on}");
            for audit in &own.audits {
                let seq = FluentValue::from(audit.seq.to_string());
                let given = [("result", self.say(&audit.result).into()), ("seq", seq)];
                said.push_str(&format!("; {}", self.say_of("report-audited", &given)));
            }
            if own.audits.is_empty() {
                said.push_str(&format!("; {}", self.say("report-not-audited")));
            }
            let through = own.through.split_once('-').unwrap_or_default();
            let month = FluentValue::from(through.1.to_owned());
            let given = [("month", month), ("year", through.0.to_owned().into())];
            pairs.push(Pair::new(self.say_of("report-closed", &given), said));
        }
        if pairs.is_empty() {
            pairs.push(Pair::new(self.say("report-named"), self.say("report-not-closed")));
        }
        pairs
    }

    /// Room for those who answer for the figures.
    pub fn signatures(&self) -> Vec<Signature> {
        let sign = |key: &str| Signature {
            office: self.say(key),
            note: self.say("minutes-sign"),
            name: None,
        };
        ["setup-treasurer", "report-accountant", "setup-chair"].map(sign).into()
    }
}
