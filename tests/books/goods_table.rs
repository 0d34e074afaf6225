//! Goods in the tables of text.
//!
//! ```text
//! item gao kg · item chan cai whole · store kho
//! g1: gift kho chung gao:10:100k:2026-12-31,chan:5:0    item:quantity:value[:expiry]
//! b1: buy cash kho chung gao:10:100k extra=5k gifts=d1
//! sendback b1 gao:5 amount=50k place=cash
//! i1: issue kho chung tet gao:2,chan:1+gao:3 expired    one family + another
//! handback i1 gao:2 lines=1 · handback a1 50k lines=1
//! shift kho nha chung gao:5
//! stocktake kho chung gao:less:5:spoiled:g1,gao:more:3:found
//! send 100k cash chung · send gao:5 kho chung · get gao:5:10k kho chung sender=7
//! custody Chăn:5:cái · hand c1 Chăn:2:cái
//! ? stock kho chung gao 8 80k                           quantity and value
//! ? parts i1 = g1 spent 2 20k, b1 spent 3 31500         what became of goods
//! ? behind b1 = d1 50k, d2 20k                          money that lies in goods
//! ? goods-held Chăn cái 3
//! ```

use serde_json::{Value, json};

use minhbach::books::effects::{GoodsLot, LotKey, Valued};
use minhbach::books::past::Past as _;
use minhbach::ledger::word::Code;
use minhbach::money::Quantity;

use super::table::{Line, Runner, amount};

/// `gao:5,chan:2` as items.
fn items(text: &str) -> Value {
    let item = |text: &str| {
        let (item, quantity) = text.split_once(':').unwrap_or_else(|| panic!("no item: {text}"));
        json!({"item": item, "quantity": quantity})
    };
    text.split(',').map(item).collect()
}

/// `gao:10:100k:2026-12-31` as a lot.
fn lot(words: &[&str]) -> Value {
    let mut lot = json!({"item": words[0], "quantity": words[1], "value": amount(words[2])});
    if let Some(expiry) = words.get(3) {
        lot["expiry"] = json!(expiry);
    }
    lot
}

fn lots(text: &str) -> Value {
    text.split(',').map(|text| lot(&text.split(':').collect::<Vec<_>>())).collect()
}

/// `kho:chung:gao:10:100k` as goods of an opening balance.
pub(super) fn opening_lot(text: &str) -> Value {
    let words: Vec<&str> = text.split(':').collect();
    let mut lot = lot(&words[2..]);
    lot["store"] = json!(words[0]);
    lot["fund"] = json!(words[1]);
    lot
}

/// `Chăn:5:cái` as goods held for others, `+` between several.
pub(super) fn held(text: &str) -> Value {
    let goods = |text: &str| {
        let words: Vec<&str> = text.split(':').collect();
        json!({"description": words[0], "quantity": words[1], "unit": words[2]})
    };
    text.split('+').map(goods).collect()
}

/// A quantity with its value, as tables write them.
fn shown(goods: Valued) -> String {
    let quantity = Quantity::new(goods.quantity).map_or("0".to_owned(), |q| q.to_string());
    format!("{quantity} {}", goods.value.minor())
}

pub(super) fn code(text: &str) -> Code {
    text.parse().unwrap()
}

impl Runner {
    pub(super) fn goods_members(&mut self, verb: &str, line: &Line<'_>) -> Value {
        let word = |at: usize| line.word(at);
        let mut members = match verb {
            "item" => {
                let whole = line.words.contains(&"whole");
                let name = json!({"code": word(1), "name": "Hàng", "unit": word(2)});
                let mut members = json!({ "item": name });
                members["item"]["whole"] = json!(whole);
                members
            }
            "store" => json!({"store": {"code": word(1), "name": "Kho"}}),
            "gift" => json!({
                "store": word(1), "fund": word(2), "lots": lots(word(3)),
                "donor": self.desk.donor(),
            }),
            "buy" => json!({
                "place": word(1), "store": word(2), "fund": word(3), "lots": lots(word(4)),
                "payee": {"type": "organisation", "name": "Cửa hàng"},
            }),
            "sendback" => json!({"of": self.reference(word(1)), "items": items(word(2))}),
            "issue" => {
                let lines: Vec<Value> = word(4).split('+').map(items).collect();
                let mut members = json!({
                    "store": word(1), "fund": word(2), "programme": word(3),
                    "lines": self.desk.goods_lines(&lines),
                });
                if line.words.contains(&"expired") {
                    members["allow_expired"] = json!(true);
                }
                members
            }
            "handback" => self.handback(line),
            "shift" => json!({
                "from_store": word(1), "to_store": word(2), "fund": word(3),
                "items": items(word(4)),
            }),
            "stocktake" => json!({
                "store": word(1), "fund": word(2),
                "differences": word(3).split(',').map(|text| self.difference(text))
                    .collect::<Vec<_>>(),
            }),
            "send" | "get" => self.between_chapters(verb, line),
            other => panic!("no such step: {other}"),
        };
        self.gifts(line, &mut members);
        for name in ["extra", "amount"] {
            if let Some(text) = line.option(name) {
                members[name] = json!(amount(text));
            }
        }
        if let Some(place) = line.option("place") {
            members["place"] = json!(place);
        }
        members
    }

    fn handback(&self, line: &Line<'_>) -> Value {
        let lines: u64 = line.option("lines").unwrap_or("0").parse().unwrap();
        let mut members = json!({"of": self.reference(line.word(1)), "lines": lines});
        if line.word(2).contains(':') {
            members["items"] = items(line.word(2));
        } else {
            members["amount"] = json!(amount(line.word(2)));
        }
        members
    }

    fn difference(&self, text: &str) -> Value {
        let words: Vec<&str> = text.split(':').collect();
        let mut difference = json!({
            "item": words[0], "direction": words[1], "quantity": words[2], "reason": words[3],
        });
        if let Some(lot) = words.get(4) {
            difference["lot"] = self.reference(lot);
        }
        difference
    }

    fn between_chapters(&self, verb: &str, line: &Line<'_>) -> Value {
        let mut members = json!({"fund": line.word(3)});
        let (goods, at) = match line.word(1).contains(':') {
            true => (if verb == "send" { "items" } else { "lots" }, "store"),
            false => ("amount", "place"),
        };
        members[at] = json!(line.word(2));
        members[goods] = match goods {
            "items" => items(line.word(1)),
            "lots" => lots(line.word(1)),
            _ => json!(amount(line.word(1))),
        };
        if verb == "send" {
            members["to_log"] = json!("so.example/xuan-dong");
        } else {
            let id = format!("018f0000-0000-7000-9000-{:0>12}", line.option("sender").unwrap());
            members["sender"] = json!({"log": "so.example/xuan-dong", "id": id});
        }
        members
    }

    /// What a figure about goods is, and what the table says it is.
    pub(super) fn goods_figure(&self, name: &str, line: &Line<'_>) -> (String, String) {
        let books = &self.desk.books;
        let rest = || line.words[3..].join(" ");
        match name {
            "stock" => {
                let shelf = (code(line.word(2)), code(line.word(3)), code(line.word(4)));
                let expected = format!("{} {}", line.word(5), amount(line.word(6)));
                (shown(books.stock().total(&shelf)), expected)
            }
            "parts" => {
                let found = self.desk.parts(self.seq(line.word(2))).join(", ");
                (found, self.expected_parts(&rest()))
            }
            "behind" => {
                let (label, at) = line.word(2).split_once('.').unwrap_or((line.word(2), "0"));
                let key = LotKey { seq: self.seq(label), line: at.parse().unwrap() };
                let lot = GoodsLot { key, item: code("x"), fund: code("x"), expiry: None };
                let found: Vec<String> = books
                    .stock()
                    .behind(&lot)
                    .iter()
                    .map(|part| {
                        format!("{}.{} {}", part.lot.seq, part.lot.line, part.amount.minor())
                    })
                    .collect();
                (found.join(", "), self.expected_parts(&rest()))
            }
            "goods-held" => {
                let key = (line.word(2).to_owned(), line.word(3).to_owned());
                let held = books.stock().held_in_all().get(&key).copied().unwrap_or(0);
                let held = Quantity::new(i64::try_from(held).unwrap());
                (held.map_or("0".to_owned(), |q| q.to_string()), line.word(4).to_owned())
            }
            other => panic!("no such figure: {other}"),
        }
    }

    /// `g1.1 spent 2 20k, b1 lost 1 0`: labels become entries, the last word an amount.
    pub(super) fn expected_parts(&self, text: &str) -> String {
        let mut parts = Vec::new();
        for part in text.split(", ").filter(|part| !part.is_empty()) {
            let words: Vec<&str> = part.split(' ').collect();
            let (label, at) = words[0].split_once('.').unwrap_or((words[0], "0"));
            let (last, between) = words[1..].split_last().unwrap();
            let mut shown = vec![format!("{}.{at}", self.seq(label))];
            shown.extend(between.iter().map(|word| (*word).to_owned()));
            shown.push(amount(last).to_string());
            parts.push(shown.join(" "));
        }
        parts.join(", ")
    }
}

impl super::Desk {
    /// Lines for families with goods, each with two digests, in the order that the form asks for.
    pub fn goods_lines(&mut self, all: &[Value]) -> Value {
        let mut digests: Vec<Value> = all.iter().map(|_| self.sd(2)).collect();
        digests.sort_by_key(|pair| pair[0].as_str().unwrap().to_owned());
        let line = |(items, sd): (&Value, Value)| json!({"items": items, "_sd": sd});
        all.iter().zip(digests).map(line).collect()
    }

    /// The parts of goods that an entry took as `lot seq.line class quantity value`, in order.
    pub fn parts(&self, seq: u64) -> Vec<String> {
        let parts = self.history.goods_of_entry(seq).unwrap();
        let show = |part: &minhbach::books::effects::GoodsUse| {
            let (key, class) = (part.lot.key, part.class.as_str());
            format!("{}.{} {class} {}", key.seq, key.line, shown(part.goods))
        };
        parts.iter().map(show).collect()
    }
}
