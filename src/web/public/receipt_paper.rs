//! `/bn/<code>/bien-nhan.pdf`: a receipt as a sheet of paper (A5) for the giver, with the code by
//! which anybody finds it again. The public one names the giver only where the name is public.

use rocket::{State, get};

use super::download::Download;
use super::ledgers::{Ledgers, Speech, read};
use super::peer::Peer;
use super::receipt::{Given, Opened, given, log_key, open, shown_name};
use super::told;
use crate::ledger::receipt::{ReceiptCode, leaf_prefix};
use crate::ledger::voucher::{Body, CustodyReceived};
use crate::publish::paper::{Align, Block, Code, Pair, Paper, Sheet, Table};
use crate::store::facade::{KnownEntry, View};
use crate::web::printing::{Pen, download};
use crate::web::{Config, Fault};

/// A receipt as a PDF, in the language of its reader.
#[get("/bn/<code>/bien-nhan.pdf", rank = 10)]
pub async fn paper(
    code: &str,
    peer: Peer,
    config: &State<Config>,
    ledgers: Ledgers<'_>,
    speech: Speech<'_>,
) -> Result<Download, Fault> {
    let Opened { code, view, known } = open(code, &peer, &ledgers).await?;
    let name = shown_name(&ledgers, &view, known.entry.place()).await?;
    let printed = Printed {
        ledgers: &ledgers,
        view: &view,
        known: &known,
        code: &code,
        base: config.base_url.origin(),
        giver: name.map(|(_, name)| name),
        by_hand: false,
        pen: Pen(&speech),
    };
    printed.download().await
}

/// A receipt on its way to paper.
pub(in crate::web) struct Printed<'a> {
    /// The ledgers of the site.
    pub ledgers: &'a Ledgers<'a>,
    /// The gift's ledger.
    pub view: &'a View,
    /// The gift.
    pub known: &'a KnownEntry,
    /// The code of the receipt.
    pub code: &'a ReceiptCode,
    /// The address of the site, without a slash at its end.
    pub base: &'a str,
    /// Who gave, as far as this paper says it.
    pub giver: Option<String>,
    /// Whether it is handed over with signatures.
    pub by_hand: bool,
    /// The language.
    pub pen: Pen<'a>,
}

impl Printed<'_> {
    /// The file.
    ///
    /// # Errors
    /// 404 for an entry by which nothing was given; faults of the machine.
    pub async fn download(&self) -> Result<Download, Fault> {
        download(&self.paper().await?, &format!("bien-nhan-{}", self.number()))
    }

    /// The number that people read, or the place in the ledger.
    fn number(&self) -> String {
        let numbers: Vec<String> = self.known.numbers.iter().map(ToString::to_string).collect();
        if numbers.is_empty() { self.seq() } else { numbers.join(" · ") }
    }

    fn seq(&self) -> String {
        format!("#{}", self.known.entry.place())
    }

    fn body(&self) -> &Body {
        &self.known.entry.voucher().body
    }

    async fn paper(&self) -> Result<Paper, Fault> {
        let (pen, given) = (&self.pen, given(self.known).ok_or(Fault::NotFound)?);
        let chapter = self.view.books.chapter().map(|state| &state.chapter);
        let name = chapter.map_or("", |own| own.name.as_str()).to_owned();
        let title = pen.say(match self.body() {
            Body::CustodyReceived(_) => "print-receipt-held",
            _ => "print-receipt-title",
        });
        let (number, day) = (self.number(), pen.on(given.day));
        let goods = self.goods();
        let right = vec![
            pen.tell("print-number", &[("number", &number)]),
            pen.tell("print-entry", &[("seq", &self.seq())]),
        ];
        let mut blocks =
            vec![pen.head(chapter, right), Block::Title(title.to_uppercase(), Some(day))];
        if let Some(notice) = self.reversal().await? {
            blocks.push(Block::Notice(notice));
        }
        blocks.push(Block::Pairs(self.pairs(&given, goods.is_some())));
        let held = given.fund.is_none();
        let rule = match (&goods, held) {
            (_, true) => "public-held-rule",
            (Some(_), _) => "public-goods-rule",
            (None, _) => "public-rule",
        };
        blocks.extend(goods.map(Block::Table));
        blocks.push(Block::Paragraph(pen.say(rule)));
        blocks.push(Block::Code(self.code()));
        blocks.push(Block::Pairs(self.key()?));
        blocks.push(Block::Numbered(
            ["print-check-page", "print-check-offline", "print-check-ledger"]
                .map(|key| pen.say(key))
                .to_vec(),
        ));
        if self.by_hand {
            let all = ["print-giver", "print-receiver"].map(|key| pen.signature(key, None));
            blocks.push(Block::Signatures(String::new(), all.to_vec()));
        } else {
            blocks.push(Block::Paragraph(pen.say("print-receipt-online")));
        }
        let title = format!("{title} {number}");
        let (language, page) = (pen.0.language.tag(), pen.say("paper-page"));
        let foot = format!("{number} · {}", self.code);
        Ok(Paper { title, author: name, language, sheet: Sheet::A5, foot, page, blocks })
    }

    /// Why it does not count any more.
    async fn reversal(&self) -> Result<Option<String>, Fault> {
        let Some(seq) = self.known.reversed_by else { return Ok(None) };
        let view = self.view;
        let by = self.ledgers.store().known_entry(view.chapter, seq, view.size()).await;
        let by = by.map_err(read)?.ok_or(Fault::NotFound)?;
        let day = self.pen.date(by.entry.voucher().date);
        Ok(Some(self.pen.tell("public-receipt-reversed", &[("date", &day)])))
    }

    fn pairs(&self, given: &Given, in_kind: bool) -> Vec<Pair> {
        let pen = &self.pen;
        let giver = match (&self.giver, self.body()) {
            (Some(name), _) => Pair::strong(pen.say("print-from"), name),
            (None, Body::ReceivedFromChapter(body)) => {
                Pair::strong(pen.say("print-from"), body.sender.log.as_str())
            }
            (None, _) => Pair::new(pen.say("print-from"), pen.say("print-unnamed")),
        };
        let mut pairs = vec![giver];
        if in_kind {
            if given.amount.is_positive() {
                let amount = pen.money(given.amount);
                let value = pen.tell("print-value-of", &[("amount", &amount)]);
                pairs.push(Pair::new(pen.say("print-value"), value));
            }
        } else {
            pairs.extend(pen.amounts("public-amount", given.amount));
        }
        if let Some(fund) = &given.fund {
            let name = told::fund_name(&self.view.books, fund);
            pairs.push(Pair::new(pen.say("public-fund"), name.as_ref().unwrap_or(fund)));
        }
        let note = self.known.entry.voucher().note.as_ref();
        pairs.extend(note.map(|note| Pair::new(pen.say("book-words"), note.as_str())));
        pairs
    }

    /// Gifts in kind, each with its quantity.
    fn goods(&self) -> Option<Table> {
        let item = |code: &str| super::goods::item(&self.view.books, code);
        let lots = match self.body() {
            Body::GoodsReceived(body) => Some(&body.lots),
            Body::ReceivedFromChapter(body) => body.lots.as_ref(),
            _ => None,
        };
        let row = |name: String, quantity: i64, unit: String| {
            vec![name, self.pen.quantity(quantity), unit]
        };
        let rows: Vec<Vec<String>> = match (lots, self.body()) {
            (Some(lots), _) => lots
                .iter()
                .map(|lot| {
                    let (name, unit) = item(lot.item.as_str());
                    row(name, lot.quantity.thousandths(), unit)
                })
                .collect(),
            (None, Body::CustodyReceived(CustodyReceived { goods: Some(goods), .. })) => goods
                .iter()
                .map(|own| {
                    let (name, unit) = (own.description.to_string(), own.unit.to_string());
                    row(name, own.quantity.thousandths(), unit)
                })
                .collect(),
            _ => return None,
        };
        let head = |key: &str, align| (self.pen.say(key), align);
        Some(Table {
            columns: vec![
                head("print-item", Align::Left),
                head("print-quantity", Align::Right),
                head("print-unit-of", Align::Left),
            ],
            rows,
            sums: None,
        })
    }

    /// The code to scan, and what to compare where nothing can be scanned.
    fn code(&self) -> Code {
        let (pen, leaf) = (&self.pen, self.known.leaf);
        let prefix = leaf_prefix(leaf);
        Code {
            content: self.code.link(self.base, leaf),
            alternative: pen.say("public-qr"),
            beside: vec![
                pen.tell("print-code", &[("code", &grouped(self.code.as_str()))]),
                pen.tell("print-scan", &[("address", self.base)]),
                pen.tell("public-qr-hint", &[("prefix", &prefix)]),
            ],
        }
    }

    /// The key of the ledger, from somewhere else than the site.
    fn key(&self) -> Result<Vec<Pair>, Fault> {
        let key = log_key(self.ledgers, self.view, self.known)?;
        Ok(key.map(|key| Pair::new(self.pen.say("print-log-key"), key)).into_iter().collect())
    }
}

/// A code as people read it aloud: `7Q2M-X4TB-9KD1-0VHZ`.
fn grouped(code: &str) -> String {
    let mut text = String::with_capacity(code.len() + code.len() / 4);
    for (at, letter) in code.chars().enumerate() {
        if at > 0 && at.is_multiple_of(4) {
            text.push('-');
        }
        text.push(letter);
    }
    text
}
