//! What a slip says of its voucher: the transaction in one line, places, funds and accounts by
//! name, papers that are kept with it.

use std::collections::BTreeSet;

use super::people::People;
use super::voucher::Printed;
use crate::books::accounts::Account;
use crate::books::effects::Series;
use crate::ledger::disclosure::PrivateName;
use crate::ledger::voucher::{Body, DonorType, IncomeType, Kind, PlaceType};
use crate::ledger::word::Code;
use crate::money::Money;
use crate::publish::paper::Pair;
use crate::web::desk::{describe, goods_words};
use crate::web::vocabulary;

/// Something said once, in order.
fn once(all: impl IntoIterator<Item = String>) -> String {
    let mut seen = BTreeSet::new();
    let all: Vec<String> = all.into_iter().filter(|own| seen.insert(own.clone())).collect();
    all.join(", ")
}

impl Printed<'_> {
    /// The name of an account.
    pub(super) fn account(&self, account: &Account) -> String {
        let books = &self.desk.officer.books;
        match account {
            Account::Place(place) => self.place(place),
            Account::Stock(item) => {
                let name = goods_words::item_name(books, item.as_str());
                self.desk.pen.tell("print-goods-in-store", &[("name", &name)])
            }
            other => {
                let word = other.word().replace(['_', ':'], "-");
                self.desk.pen.say(&format!("public-account-{word}"))
            }
        }
    }

    /// The name of a place of money: its own, or what it is.
    pub(super) fn place(&self, code: &Code) -> String {
        describe::place_name(&self.desk.officer.books, code.as_str())
    }

    fn fund(&self, code: &Code) -> String {
        describe::fund_name(&self.desk.officer.books, code.as_str())
    }

    /// The word of a closed list.
    fn word(&self, member: &str, word: &str) -> Option<String> {
        let key = vocabulary::key(self.voucher().kind(), None, member, word)?;
        Some(self.desk.pen.say(&key))
    }

    /// The transaction in one line: the kind, what it was about, the public remark.
    pub(super) fn content(&self) -> String {
        let kind = self.voucher().kind().as_str().replace('_', "-");
        let mut parts = vec![self.desk.pen.say(&format!("kind-{kind}"))];
        parts.extend(self.details());
        parts.extend(self.voucher().note.as_ref().map(ToString::to_string));
        parts.join(" · ")
    }

    fn details(&self) -> Vec<String> {
        let books = &self.desk.officer.books;
        let programme = |code: &Code| describe::programme_name(books, code.as_str());
        let round = |code: &Code| self.desk.pen.tell("print-round", &[("round", code.as_str())]);
        let store = |code: &Code| goods_words::store_name(books, code.as_str());
        let from_to = |from: String, to: String| {
            self.desk.pen.tell("print-from-to", &[("from", &from), ("to", &to)])
        };
        let mut all = Vec::new();
        match &self.voucher().body {
            Body::AidPaid(body) => {
                all.push(programme(&body.programme));
                all.extend(body.round.as_ref().map(round));
            }
            Body::GoodsDistributed(body) => {
                all.push(programme(&body.programme));
                all.extend(body.round.as_ref().map(round));
            }
            Body::CostPaid(body) => {
                all.extend(self.word("category", body.category.as_str()));
                all.extend(body.programme.as_ref().map(programme));
            }
            Body::Income(body) => all.extend(self.word("type", body.r#type.as_str())),
            Body::Transfer(body) => {
                all.push(from_to(self.place(&body.from_place), self.place(&body.to_place)));
            }
            Body::FundTransfer(body) => {
                all.push(from_to(self.fund(&body.from_fund), self.fund(&body.to_fund)));
            }
            Body::GoodsMoved(body) => {
                all.push(from_to(store(&body.from_store), store(&body.to_store)));
            }
            Body::CustodyReceived(body) => all.extend(self.word("class", body.class.as_str())),
            Body::DonationReturned(body) => all.extend(self.word("reason", body.reason.as_str())),
            Body::LoanWrittenOff(body) => all.extend(self.word("reason", body.reason.as_str())),
            _ => {}
        }
        // Of a loan, a return or a handing over: the number of what it is about.
        let numbers = self.people.earlier().last().map(|line| &line.effects.numbers);
        all.extend(numbers.into_iter().flatten().map(ToString::to_string));
        all
    }

    /// The other side of the transaction: whom the slip names, and where that is known by heart.
    pub(super) fn other_side(&self) -> Option<String> {
        let pen = &self.desk.pen;
        let by_list = |number: usize| pen.tell("print-by-list", &[("number", &pen.number(number))]);
        match &self.voucher().body {
            Body::Transfer(_)
            | Body::FundTransfer(_)
            | Body::GoodsMoved(_)
            | Body::CashCounted(_)
            | Body::StockCounted(_) => Some(pen.say("print-internal")),
            Body::Income(body) if body.r#type == IncomeType::BankInterest => {
                Some(self.place(&body.place))
            }
            Body::AidPaid(body) => match body.lines.len() {
                1 => self.people.families(self.voucher()).into_iter().flatten().flatten().next(),
                number => Some(by_list(number)),
            },
            Body::GoodsDistributed(body) => Some(by_list(body.lines.len())),
            Body::HandoverReturned(body) => {
                let number = usize::try_from(body.lines.get()).unwrap_or(usize::MAX);
                Some(pen.tell("print-absent", &[("number", &pen.number(number))]))
            }
            Body::SentToChapter(body) => Some(body.to_log.to_string()),
            Body::ReceivedFromChapter(body) => Some(body.sender.log.to_string()),
            Body::Donation(body) => self.giver(body.donor.r#type),
            Body::GoodsReceived(body) => self.giver(body.donor.r#type),
            _ => self.people.other_side(self.voucher()),
        }
    }

    /// A giver by name, or a collection by what it is.
    fn giver(&self, r#type: DonorType) -> Option<String> {
        let name = self.people.other_side(self.voucher());
        name.or_else(|| {
            (r#type == DonorType::Collection).then(|| self.desk.pen.say("donor-collection"))
        })
    }

    /// Whether the other side signs the slip: nobody does for what stays in the house, and families
    /// of a list sign there.
    pub(super) fn other_signs(&self) -> bool {
        match &self.voucher().body {
            Body::AidPaid(body) => body.lines.len() == 1,
            Body::Transfer(_)
            | Body::FundTransfer(_)
            | Body::GoodsMoved(_)
            | Body::CashCounted(_)
            | Body::StockCounted(_)
            | Body::GoodsDistributed(_)
            | Body::HandoverReturned(_)
            | Body::Income(_) => false,
            _ => true,
        }
    }

    /// The places of money that a number of a series is about, and what went through them.
    pub(super) fn money(&self, series: Series) -> (String, Money) {
        let wanted = match series {
            Series::PT | Series::PC => PlaceType::Cash,
            _ => PlaceType::Bank,
        };
        let came = matches!(series, Series::PT | Series::BC);
        let books = &self.desk.officer.books;
        let flows = self.line.effects.flows.iter().filter_map(|flow| {
            let net = flow.money_in.checked_sub(flow.money_out)?;
            let net = if came { net } else { net.negated() };
            let own = books.place_type(&flow.place) == Some(wanted) && net.is_positive();
            own.then(|| (self.place(&flow.place), net))
        });
        let flows: Vec<(String, Money)> = flows.collect();
        let sum = Money::sum(flows.iter().map(|(_, amount)| *amount)).unwrap_or_default();
        (once(flows.into_iter().map(|(name, _)| name)), sum)
    }

    /// The funds whose accounts it moves.
    pub(super) fn funds(&self) -> String {
        once(self.line.effects.postings.iter().map(|own| self.fund(&own.fund)))
    }

    /// Debited and credited accounts by name.
    pub(super) fn accounts(&self) -> String {
        let side = |debit: bool| {
            let own =
                self.line.effects.postings.iter().filter(|own| own.amount.is_positive() == debit);
            once(own.map(|own| self.account(&own.account)))
        };
        let (debit, credit) = (side(true), side(false));
        self.desk.pen.tell("print-accounts", &[("debit", &debit), ("credit", &credit)])
    }

    /// Papers that are kept with it: their numbers where known, else room to write how many.
    pub(super) fn attached(&self) -> Pair {
        let value = self.voucher().value();
        let papers = value.get("papers").and_then(serde_json::Value::as_array);
        let mut numbers: Vec<String> = papers
            .into_iter()
            .flatten()
            .map(|own| {
                let title = self.people.value(own, PrivateName::Title);
                let no = own.get("no").and_then(|no| no.as_str()).map(str::to_owned);
                [title, no].into_iter().flatten().collect::<Vec<_>>().join(" ")
            })
            .collect();
        numbers.extend(value.get("paper_no").and_then(|no| no.as_str()).map(str::to_owned));
        let pen = &self.desk.pen;
        let text = if numbers.is_empty() {
            pen.say("print-attached-blank")
        } else {
            let count = pen.number(numbers.len());
            let names = numbers.into_iter().filter(|own| !own.is_empty()).collect::<Vec<_>>();
            pen.tell("print-attached-known", &[("count", &count), ("names", &names.join(", "))])
        };
        Pair::new(pen.say("print-attached"), text)
    }

    /// What it reverses, or by what it was reversed; `None` of what stands.
    pub(super) fn reversal(&self) -> Option<String> {
        let pen = &self.desk.pen;
        if let Some(seq) = self.line.reversed_by {
            return Some(pen.tell("print-reversed-by", &[("seq", &format!("#{seq}"))]));
        }
        let Body::Reversed(body) = &self.voucher().body else { return None };
        let seq = self.line.reverses.map(|seq| format!("#{seq}")).unwrap_or_default();
        let (numbers, day) = self.original.as_ref().map_or_else(Default::default, |own| {
            let numbers = once(own.effects.numbers.iter().map(ToString::to_string));
            (numbers, pen.date(own.entry.voucher().date))
        });
        let reason = self.word("reason", body.reason.as_str()).unwrap_or_default();
        Some(pen.tell(
            "print-reverses",
            &[("numbers", &numbers), ("seq", &seq), ("date", &day), ("reason", &reason)],
        ))
    }

    /// Names of families with what each got; `None` where no names were opened, and of a voucher
    /// that helps one.
    pub(super) fn families(&self) -> Option<Vec<(Option<String>, String)>> {
        let names = self.people.families(self.voucher())?;
        let got: Vec<String> = match &self.voucher().body {
            Body::AidPaid(body) if body.lines.len() > 1 => {
                body.lines.iter().map(|line| self.desk.pen.figure(line.amount.money())).collect()
            }
            Body::GoodsDistributed(body) => body
                .lines
                .iter()
                .map(|line| {
                    let item = |own: &crate::ledger::voucher::ItemQuantity| {
                        let books = &self.desk.officer.books;
                        let code = own.item.as_str();
                        let (name, unit) = crate::web::public::goods::item(books, code);
                        let quantity = self.desk.pen.quantity(own.quantity.thousandths());
                        format!("{name} {quantity} {unit}")
                    };
                    line.items.iter().map(item).collect::<Vec<_>>().join("; ")
                })
                .collect(),
            _ => return None,
        };
        Some(names.into_iter().zip(got).collect())
    }

    /// Whether it is about a loan, whose borrower signs as such.
    pub(super) fn of_loan(&self) -> bool {
        let kind = self.voucher().kind();
        matches!(kind, Kind::LoanDisbursed | Kind::LoanRepaid | Kind::LoanRecovered)
    }

    /// Names that were opened.
    pub(super) const fn people(&self) -> &People {
        &self.people
    }
}
