//! One slip: its head, what it says, its tables, who signs.

use std::collections::BTreeSet;

use super::voucher::Printed;
use crate::books::effects::{Change, DocumentNumber, GoodsFlow, Series};
use crate::ledger::keys::SignatureRole;
use crate::ledger::word::{Code, Date};
use crate::money::Money;
use crate::publish::paper::{Align, Block, Pair, Signature, Table};
use crate::web::desk::goods_words;
use crate::web::format;
use crate::web::printing::TO_SIGN;
use crate::web::public::goods::item;

/// What a series is on paper: the beginning of its keys, the form whose number it has.
const fn form(series: Series) -> (&'static str, &'static str) {
    match series {
        Series::PT => ("print-pt", "receipt"),
        Series::PC => ("print-pc", "payment"),
        Series::BC => ("print-bc", ""),
        Series::BN => ("print-bn", ""),
        Series::PN => ("print-pn", "goods_in"),
        Series::PX => ("print-px", "goods_out"),
        Series::BT | Series::KU => ("print-bt", "entry"),
    }
}

impl Printed<'_> {
    /// The blocks of a slip; the list of families goes with the first one.
    pub(super) fn slip(&self, number: DocumentNumber, first: bool) -> Vec<Block> {
        let (key, form) = form(number.series);
        let pen = &self.desk.pen;
        let title = pen.say(key).to_uppercase();
        let number_line = pen.tell("print-number", &[("number", &number.to_string())]);
        let mut blocks = vec![
            self.desk.head(form),
            Block::Title(title, Some(number_line)),
            Block::Centred(pen.on(self.voucher().date)),
        ];
        blocks.extend(self.reversal().map(Block::Notice));
        match number.series {
            Series::PT | Series::PC | Series::BC | Series::BN => {
                blocks.extend(self.money_blocks(number.series, key));
            }
            Series::PN | Series::PX => blocks.extend(self.goods_blocks(number.series, key)),
            Series::BT | Series::KU => blocks.extend(self.entry_blocks()),
        }
        blocks.push(Block::Fine(self.trace()));
        blocks.push(Block::Signatures(String::new(), self.signatures(number.series, key)));
        if first && let Some(list) = self.list() {
            blocks.push(Block::Heading(pen.say("print-list")));
            blocks.push(Block::Grid(list));
        }
        blocks
    }

    /// Who gives or gets, where they live, what for.
    fn people_pairs(&self, key: &str) -> Vec<Pair> {
        let pen = &self.desk.pen;
        let mut pairs = vec![pen.or_blank(&format!("{key}-other"), self.other_side())];
        if self.other_signs() {
            let mut address = pen.or_blank("print-lives", self.people().address(self.voucher()));
            address.strong = false;
            pairs.push(address);
        }
        pairs.push(Pair::new(pen.say(&format!("{key}-why")), self.content()));
        pairs
    }

    fn money_blocks(&self, series: Series, key: &str) -> Vec<Block> {
        let pen = &self.desk.pen;
        let (place, amount) = self.money(series);
        let mut pairs = self.people_pairs(key);
        pairs.extend(pen.amounts("field-amount", amount));
        let where_from = format!("{place} · {}", self.funds());
        pairs.push(Pair::new(pen.say("print-place-fund"), where_from));
        pairs.push(Pair::new(pen.say("print-booked"), self.accounts()));
        pairs.push(self.attached());
        let mut blocks = vec![Block::Pairs(pairs)];
        if matches!(series, Series::PT | Series::PC) && self.other_signs() {
            let words = pen.words(amount);
            blocks.push(Block::Paragraph(pen.tell("print-got", &[("words", &words)])));
        }
        blocks
    }

    fn goods_blocks(&self, series: Series, key: &str) -> Vec<Block> {
        let pen = &self.desk.pen;
        let (table, stores, value) = self.goods(series);
        let mut pairs = self.people_pairs(key);
        let store = format!("{stores} · {}", self.funds());
        pairs.push(Pair::new(pen.say("print-store-fund"), store));
        let below = vec![
            Pair::new(pen.say("print-value-words"), pen.words(value)),
            Pair::new(pen.say("print-booked"), self.accounts()),
            self.attached(),
        ];
        vec![Block::Pairs(pairs), Block::Grid(table), Block::Pairs(below)]
    }

    /// Goods in or out of stores: quantities, prices and values as the books have them.
    fn goods(&self, series: Series) -> (Table, String, Money) {
        let pen = &self.desk.pen;
        let incoming = series == Series::PN;
        let books = &self.desk.officer.books;
        let (mut rows, mut stores, mut total) = (Vec::new(), BTreeSet::new(), Money::ZERO);
        for flow in &self.line.effects.goods {
            let (quantity, value) = through(flow, incoming);
            if quantity == 0 {
                continue;
            }
            stores.insert(goods_words::store_name(books, flow.store.as_str()));
            total = total.checked_add(value).unwrap_or(total);
            let (name, unit) = item(books, flow.item.as_str());
            rows.push(vec![
                (rows.len() + 1).to_string(),
                [name].into_iter().chain(self.expiries(&flow.item)).collect::<Vec<_>>().join(" · "),
                unit,
                pen.quantity(quantity),
                self.price(value, quantity),
                pen.figure(value),
            ]);
        }
        let head = |key: &str, align| (pen.say(key), align);
        let columns = vec![
            head("rounds-number", Align::Left),
            head("print-item", Align::Left),
            head("print-unit-of", Align::Left),
            head("print-quantity", Align::Right),
            head("print-price", Align::Right),
            head("print-sum-dong", Align::Right),
        ];
        let mut sums = vec![String::new(); columns.len()];
        sums[1] = pen.say("public-sum");
        sums[5] = pen.figure(total);
        let stores: Vec<String> = stores.into_iter().collect();
        (Table { columns, rows, sums: Some(sums) }, stores.join(", "), total)
    }

    /// Last good days of an item's lots that the voucher moves.
    fn expiries(&self, item: &Code) -> Vec<String> {
        let day = |change: &Change| match change {
            Change::GoodsOpened { lot, .. } | Change::GoodsMoved { lot, .. } => {
                (lot.item == *item).then_some(lot.expiry).flatten()
            }
            Change::GoodsTaken(part) | Change::GoodsGivenBack { part, .. } => {
                (part.lot.item == *item).then_some(part.lot.expiry).flatten()
            }
            _ => None,
        };
        let days: BTreeSet<Date> = self.line.effects.changes.iter().filter_map(day).collect();
        let until = self.desk.pen.say("lot-until");
        days.into_iter().map(|day| format!("{until} {}", self.desk.pen.date(day))).collect()
    }

    /// The price of a unit, rounded down and marked where it is no whole đồng; nothing of what has
    /// no value.
    fn price(&self, value: Money, thousandths: i64) -> String {
        let price = value.share(1_000, thousandths).filter(|price| price.is_positive());
        price.map_or_else(String::new, |price| {
            let exact = price.share(thousandths, 1_000) == Some(value)
                && i128::from(price.minor()) * i128::from(thousandths)
                    == i128::from(value.minor()) * 1_000;
            let about = if exact { "" } else { "≈ " };
            format!("{about}{}", self.desk.pen.figure(price))
        })
    }

    /// An entry without money or goods through places: its postings, or goods that are only held.
    fn entry_blocks(&self) -> Vec<Block> {
        let pen = &self.desk.pen;
        let mut pairs = Vec::new();
        if self.other_signs() && self.line.reverses.is_none() {
            pairs.extend(
                self.other_side().map(|name| Pair::strong(pen.say("print-bt-other"), name)),
            );
        }
        pairs.push(Pair::new(pen.say("print-bt-why"), self.content()));
        let debit = |own: &Money| own.is_positive();
        let postings = &self.line.effects.postings;
        let total = Money::sum(postings.iter().map(|own| own.amount).filter(debit));
        let mut blocks = vec![Block::Pairs(pairs)];
        if postings.is_empty() {
            blocks.push(Block::Grid(self.held()));
        } else {
            blocks.push(Block::Grid(self.postings(total.unwrap_or_default())));
            blocks.push(Block::Pairs(vec![
                Pair::new(pen.say("print-value-words"), pen.words(total.unwrap_or_default())),
                self.attached(),
            ]));
        }
        blocks
    }

    fn postings(&self, total: Money) -> Table {
        let pen = &self.desk.pen;
        let books = &self.desk.officer.books;
        let head = |key: &str, align| (pen.say(key), align);
        let row = |own: &crate::books::accounts::Posting| {
            let fund = crate::web::desk::describe::fund_name(books, own.fund.as_str());
            let side = |own: Money| if own.is_positive() { pen.figure(own) } else { String::new() };
            vec![self.account(&own.account), fund, side(own.amount), side(own.amount.negated())]
        };
        let sum = pen.figure(total);
        Table {
            columns: vec![
                head("public-account", Align::Left),
                head("public-fund", Align::Left),
                head("print-debit", Align::Right),
                head("print-credit", Align::Right),
            ],
            rows: self.line.effects.postings.iter().map(row).collect(),
            sums: Some(vec![pen.say("public-sum"), String::new(), sum.clone(), sum]),
        }
    }

    /// Goods that are held for others: counted, without a value.
    fn held(&self) -> Table {
        let pen = &self.desk.pen;
        let goods = self.line.effects.changes.iter().filter_map(|change| match change {
            Change::CustodyGoods { goods, .. } => Some(goods),
            _ => None,
        });
        let rows = goods.flatten().map(|own| {
            let quantity = pen.quantity(own.quantity.abs());
            vec![own.description.clone(), own.unit.clone(), quantity]
        });
        let head = |key: &str, align| (pen.say(key), align);
        Table {
            columns: vec![
                head("print-item", Align::Left),
                head("print-unit-of", Align::Left),
                head("print-quantity", Align::Right),
            ],
            rows: rows.collect(),
            sums: None,
        }
    }

    /// The families of the voucher, with room to sign.
    fn list(&self) -> Option<Table> {
        let pen = &self.desk.pen;
        let row = |(at, (name, got)): (usize, (Option<String>, String))| {
            let name = name.unwrap_or_else(|| pen.say("erase-restricted"));
            vec![at.to_string(), name, got, TO_SIGN.to_owned()]
        };
        let goods = !self.line.effects.goods.is_empty();
        let (got, align) =
            if goods { ("voucher-goods", Align::Left) } else { ("print-sum-dong", Align::Right) };
        Some(Table {
            columns: vec![
                (pen.say("rounds-number"), Align::Left),
                (pen.say("field-line-name"), Align::Left),
                (pen.say(got), align),
                (pen.say("rounds-signs"), Align::Left),
            ],
            rows: (1..).zip(self.families()?).map(row).collect(),
            sums: None,
        })
    }

    /// Where it stands in the ledger and who signed it there.
    fn trace(&self) -> String {
        let pen = &self.desk.pen;
        let who = self.signers.iter().map(|own| {
            let title = own.title.as_deref().unwrap_or(&own.key);
            format!("{title} ({})", pen.say(&format!("signs-{}", own.role)))
        });
        let who: Vec<String> = who.collect();
        let entry = &self.line.entry;
        let offset = self.desk.officer.books.chapter().map(|own| own.utc_offset.fixed());
        let at = offset.map_or_else(
            || entry.at.to_string(),
            |offset| format::date_time(entry.at.utc(), offset, pen.0.language),
        );
        let (seq, leaf) = (format!("#{}", entry.place()), self.line.leaf.to_string());
        let leaf = leaf.get(..16).unwrap_or(&leaf);
        let said = [("who", who.join(", ")), ("seq", seq), ("at", at), ("leaf", leaf.to_owned())];
        pen.tell("print-trace", &said.each_ref().map(|(name, text)| (*name, text.as_str())))
    }

    /// Chair, maker, the other side, who keeps the cash or the store.
    fn signatures(&self, series: Series, key: &str) -> Vec<Signature> {
        let pen = &self.desk.pen;
        let name = |role: SignatureRole| {
            let own = self.line.entry.signatures().iter().find(|own| own.role == role)?;
            self.people().signer(own.key.as_str())
        };
        let mut all = vec![
            pen.signature("print-approves", name(SignatureRole::Approver)),
            pen.signature("print-makes", name(SignatureRole::Recorder)),
        ];
        if self.other_signs() && !matches!(series, Series::BC | Series::BN) {
            let office = match (series, self.of_loan()) {
                (Series::BT | Series::KU, _) => None,
                (_, true) => Some("loan-borrower".to_owned()),
                (_, false) => Some(format!("{key}-signs")),
            };
            all.extend(office.map(|office| pen.signature(&office, self.other_side())));
        }
        match series {
            Series::PT | Series::PC => all.push(pen.signature("setup-treasurer", None)),
            Series::PN | Series::PX => all.push(pen.signature("print-keeps-store", None)),
            _ => {}
        }
        all
    }
}

/// What went into (or out of) a store, moves between stores included.
fn through(flow: &GoodsFlow, incoming: bool) -> (i64, Money) {
    let (own, moved) = match incoming {
        true => (flow.goods_in, flow.moved),
        false => (flow.goods_out, flow.moved.negated()),
    };
    if moved.quantity > 0 {
        let value = own.value.checked_add(moved.value).unwrap_or(own.value);
        return (own.quantity + moved.quantity, value);
    }
    (own.quantity, own.value)
}
