//! The agreement of a loan as a file to print and to keep, with the same words as its page.

use chrono::NaiveDate;
use rocket::http::ContentType;
use rocket::{State, get};

use super::papers::named;
use super::{Opened, find, shown};
use crate::books::schedule::Instalment;
use crate::money::Money;
use crate::publish::paper::{Align, Block, Pair, Paper, Sheet, Signature, Table};
use crate::web::public::download::{Download, Keep};
use crate::web::public::ledgers::Speech;
use crate::web::session::{Caseworker, Kept, Officer};
use crate::web::words::amount_in_words;
use crate::web::{Config, Fault, format};

/// The agreement as a PDF, in the language of its reader.
#[get("/ban/vay/<id>/khe-uoc.pdf")]
pub async fn agreement(
    officer: Caseworker,
    kept: Kept<'_>,
    config: &State<Config>,
    speech: Speech<'_>,
    id: &str,
) -> Result<Download, Fault> {
    let (officer, store) = (officer.0, kept.0);
    let opened = find(&officer, store, config, id).await?;
    let (number, fund) = named(&officer, store, &opened).await?;
    let agreed = Agreed { officer: &officer, opened: &opened, speech: &speech };
    let paper = agreed.paper(number.as_deref(), &fund);
    let bytes = paper.pdf().map_err(Fault::internal)?;
    let name = format!("{}.pdf", number.as_deref().unwrap_or("khe-uoc"));
    Ok(Download::whole(ContentType::PDF, Keep::Nothing, bytes).shown_as(name).private())
}

/// What was agreed, and for whom it is put into words.
struct Agreed<'a> {
    officer: &'a Officer,
    opened: &'a Opened,
    speech: &'a Speech<'a>,
}

impl Agreed<'_> {
    fn say(&self, key: &str) -> String {
        self.speech.say(key)
    }

    fn money(&self, amount: Money) -> String {
        format::money(amount, self.speech.language)
    }

    fn words(&self, amount: Money) -> String {
        amount_in_words(amount, self.speech.language)
    }

    fn sum(&self, part: fn(&Instalment) -> Money) -> Money {
        Money::sum(self.opened.instalments.original.iter().map(part)).unwrap_or_default()
    }

    fn paper(&self, number: Option<&str>, fund: &str) -> Paper {
        let chapter = self.officer.books.chapter().map(|state| &state.chapter);
        let name = chapter.map_or("", |own| own.name.as_str()).to_owned();
        let address = chapter.and_then(|own| own.address.as_ref()).map(|own| own.as_str());
        let title = self.say("loan-agreement-title");
        let whole = number.map_or_else(|| title.clone(), |number| format!("{title} {number}"));
        let terms = ["loan-agreement-early", "loan-agreement-trouble", "loan-agreement-public"];
        Paper {
            title: whole.clone(),
            author: name.clone(),
            language: self.speech.language.tag(),
            sheet: Sheet::A4,
            foot: whole,
            page: self.say("paper-page"),
            blocks: vec![
                Block::Letterhead(name.clone(), address.map(str::to_owned).into_iter().collect()),
                Block::Title(title, number.map(str::to_owned)),
                Block::Pairs([self.sides(&name, fund), self.amounts()].concat()),
                Block::Heading(self.say("loan-instalments")),
                Block::Table(self.instalments()),
                Block::Heading(self.say("loan-agreement-terms")),
                Block::Numbered(terms.iter().map(|key| self.say(key)).collect()),
                Block::Signatures(self.say("loan-agreement-place"), self.signatures()),
            ],
        }
    }

    fn sides(&self, name: &str, fund: &str) -> Vec<Pair> {
        let record = &self.opened.borrower.record;
        let mut pairs = vec![
            Pair::strong(self.say("loan-lender"), format!("{name} · {fund}")),
            Pair::strong(self.say("loan-borrower"), &record.full_name),
        ];
        let known = [
            ("families-identity", &record.identity_number),
            ("families-address", &record.address),
            ("rounds-hamlet-short", &record.hamlet),
        ];
        let known = known.into_iter().filter_map(|(key, own)| Some((key, own.as_ref()?)));
        pairs.extend(known.map(|(key, own)| Pair::new(self.say(key), own)));
        if let Some(own) = &self.opened.own.file.guarantor {
            pairs.push(Pair::strong(self.say(vouching(own.leads_group)), &own.full_name));
        }
        pairs
    }

    fn amounts(&self) -> Vec<Pair> {
        let (principal, fee) = (self.sum(|own| own.principal), self.sum(|own| own.fee));
        let file = &self.opened.own.file;
        let purpose = self.say(&shown::purpose_key(file));
        let mut pairs = vec![
            Pair::strong(self.say("loan-amount"), self.money(principal)),
            Pair::new(self.say("loan-receipt-words"), self.words(principal)),
            Pair::new(self.say("loan-agreement-purpose"), format!("{purpose}. {}", file.words)),
        ];
        pairs.push(if fee.is_positive() {
            let fee = format!("{} ({})", self.money(fee), self.words(fee));
            Pair::new(self.say("loan-agreement-fee"), fee)
        } else {
            Pair::new(self.say("schedule-fee"), self.say("loan-agreement-free"))
        });
        pairs
    }

    fn instalments(&self) -> Table {
        let (principal, fee) = (self.sum(|own| own.principal), self.sum(|own| own.fee));
        let costs = fee.is_positive();
        let amounts = |principal: Money, fee: Money| {
            let total = Money::sum([principal, fee]).unwrap_or_default();
            let all = if costs { vec![principal, fee, total] } else { vec![principal] };
            all.into_iter().map(|own| self.money(own)).collect::<Vec<_>>()
        };
        let keys: &[_] = if costs {
            &["schedule-part", "schedule-fee", "schedule-total"]
        } else {
            &["schedule-part"]
        };
        let mut columns = vec![
            (self.say("schedule-number"), Align::Left),
            (self.say("schedule-due"), Align::Left),
        ];
        columns.extend(keys.iter().map(|key| (self.say(key), Align::Right)));
        let row = |(at, own): (u32, &Instalment)| {
            let mut row = vec![at.to_string(), self.day(own)];
            row.extend(amounts(own.principal, own.fee));
            row
        };
        let mut sums = vec![self.say("schedule-all"), String::new()];
        sums.extend(amounts(principal, fee));
        let rows = (1..).zip(&self.opened.instalments.original).map(row).collect();
        Table { columns, rows, sums: Some(sums) }
    }

    fn day(&self, own: &Instalment) -> String {
        let due = own.due.to_string();
        due.parse::<NaiveDate>().map_or(due, |day| format::date(day, self.speech.language))
    }

    fn signatures(&self) -> Vec<Signature> {
        let note = self.say("minutes-sign");
        let sign = |key: &str, name: Option<&String>| Signature {
            office: self.say(key),
            note: note.clone(),
            name: name.cloned(),
        };
        let mut all = vec![sign("loan-borrower", Some(&self.opened.borrower.record.full_name))];
        if let Some(own) = &self.opened.own.file.guarantor {
            all.push(sign(vouching(own.leads_group), Some(&own.full_name)));
        }
        all.extend([sign("setup-treasurer", None), sign("setup-chair", None)]);
        all
    }
}

/// The key of what somebody is who vouches.
const fn vouching(leads: bool) -> &'static str {
    if leads { "loan-leads-yes" } else { "loan-guarantor" }
}
