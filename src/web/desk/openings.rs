//! Opening places, funds, programmes; what there was when the books began.

use super::receipts::{date, note, optional_date, plain, text, word};
use super::slip::{Ctx, Input, Slip, Written, codes, funds, nothing, places, words};
use crate::ledger::voucher::{
    Fund, FundOpened, FundType, OpeningBalance, OpeningMoney, Place, PlaceOpened, PlaceType,
    Programme, ProgrammeOpened, ProgrammeType, Terms,
};
use crate::ledger::word::{Amount, Code, List, Text};
use crate::money::Money;
use crate::web::forms::{Field, Noted, Submission};

const PLACES: &[&str] = &["bank", "cash", "advance"];
const FUNDS: &[&str] = &["restricted", "sponsorship", "revolving", "general"];
const PROGRAMMES: &[&str] = &[
    "tet",
    "disaster",
    "medical",
    "housing",
    "livelihood",
    "education",
    "training",
    "blood",
    "regular",
    "other",
];

/// A code as people type it.
pub(super) fn new_code(form: &mut Submission) -> Result<Code, Noted> {
    let typed = form.text("code", 32)?;
    typed.to_lowercase().parse().map_err(|_| form.note("code", "fault-code"))
}

/// `/ban/mo-noi-giu-tien`: a bank account, a second cash box, an advance.
pub const PLACE: Slip = Slip {
    path: "/ban/mo-noi-giu-tien",
    name: "place",
    form: &[
        Field::one("id", "field-id"),
        Field::one("step", "field-id"),
        Field::one("date", "field-date"),
        Field::one("type", "field-place-type"),
        Field::one("name", "field-name"),
        Field::one("code", "field-code"),
        Field::one("bank_bin", "field-bank-bin"),
        Field::one("account", "field-account"),
        Field::one("note", "field-note"),
    ],
    inputs: |_| {
        vec![
            Input::date(),
            Input::words("type", words("place-type", PLACES)),
            Input::new("text", "name"),
            Input::new("text", "code").hint("hint-code"),
            Input::new("text", "bank_bin").hint("hint-bank-bin").optional(),
            Input::new("text", "account").hint("hint-account").optional(),
            Input::note(),
        ]
    },
    beforehand: nothing,
    read: place,
};

fn place(form: &mut Submission, _: &Ctx<'_>) -> Result<Written, Noted> {
    let date = date(form, "date");
    let r#type = word::<PlaceType>(form, "type", PLACES);
    let name = text(form, "name");
    let code = new_code(form);
    let bank_bin = bank_bin(form);
    let account = super::receipts::optional_text(form, "account");
    let note = note(form);
    let place = Place {
        code: code?,
        r#type: r#type?,
        name: name?,
        bank_bin: bank_bin?,
        account: account?,
        private: None,
    };
    plain(PlaceOpened { place, private: None }, date?, note?, None)
}

/// The six digits by which VietQR knows a bank.
fn bank_bin(form: &mut Submission) -> Result<Option<Text>, Noted> {
    let bin = super::receipts::optional_text(form, "bank_bin")?;
    let digits = |bin: &Text| {
        bin.as_str().len() == 6 && bin.as_str().bytes().all(|byte| byte.is_ascii_digit())
    };
    match bin {
        Some(bin) if !digits(&bin) => Err(form.note("bank_bin", "fault-bank-bin")),
        bin => Ok(bin),
    }
}

/// `/ban/mo-quy`: a fund with its terms.
pub const FUND: Slip = Slip {
    path: "/ban/mo-quy",
    name: "fund",
    form: &[
        Field::one("id", "field-id"),
        Field::one("step", "field-id"),
        Field::one("date", "field-date"),
        Field::one("type", "field-fund-type"),
        Field::one("name", "field-name"),
        Field::one("code", "field-code"),
        Field::one("terms", "field-terms"),
        Field::one("costs", "field-costs"),
        Field::one("until", "field-until"),
        Field::one("target", "field-target"),
        Field::one("from", "field-from"),
        Field::one("to", "field-to"),
        Field::one("note", "field-note"),
    ],
    inputs: |_| {
        vec![
            Input::date(),
            Input::words("type", words("fund-type", FUNDS)),
            Input::new("text", "name"),
            Input::new("text", "code").hint("hint-code"),
            Input::new("text", "terms").hint("hint-terms"),
            Input::words("costs", words("costs", &["yes", "no"])),
            Input::new("date", "until").optional(),
            Input::new("money", "target").optional(),
            Input::new("date", "from").optional(),
            Input::new("date", "to").optional(),
            Input::note(),
        ]
    },
    beforehand: nothing,
    read: fund,
};

fn fund(form: &mut Submission, ctx: &Ctx<'_>) -> Result<Written, Noted> {
    let date = date(form, "date");
    let r#type = word::<FundType>(form, "type", FUNDS);
    let name = text(form, "name");
    let code = new_code(form);
    let terms = form
        .text("terms", 2_000)
        .and_then(|typed| typed.parse().map_err(|_| form.note("terms", "fault-sealed")));
    let costs = form.choice("costs", &[("yes", true), ("no", false)]);
    let until = optional_date(form, "until");
    let target = if form.typed("target").trim().is_empty() {
        Ok(None)
    } else {
        super::receipts::amount(form, ctx, "target").map(Some)
    };
    let (from, to) = (optional_date(form, "from"), optional_date(form, "to"));
    let note = note(form);
    let (from, to) = (from?, to?);
    if from.zip(to).is_some_and(|(from, to)| to < from) {
        return Err(form.note("to", "fault-days-order"));
    }
    let fund = Fund {
        code: code?,
        r#type: r#type?,
        name: name?,
        terms: Terms {
            text: terms?,
            kinds: None,
            programmes: None,
            until: until?,
            costs: costs?,
            private: None,
        },
        target: target?,
        from,
        to,
        private: None,
    };
    plain(FundOpened { fund, private: None }, date?, note?, None)
}

/// `/ban/mo-chuong-trinh`: a programme, such as Tết for the poor.
pub const PROGRAMME: Slip = Slip {
    path: "/ban/mo-chuong-trinh",
    name: "programme",
    form: &[
        Field::one("id", "field-id"),
        Field::one("step", "field-id"),
        Field::one("date", "field-date"),
        Field::one("type", "field-programme-type"),
        Field::one("name", "field-name"),
        Field::one("code", "field-code"),
        Field::one("note", "field-note"),
    ],
    inputs: |_| {
        vec![
            Input::date(),
            Input::words("type", words("programme", PROGRAMMES)),
            Input::new("text", "name"),
            Input::new("text", "code").hint("hint-code"),
            Input::note(),
        ]
    },
    beforehand: nothing,
    read: programme,
};

fn programme(form: &mut Submission, _: &Ctx<'_>) -> Result<Written, Noted> {
    let date = date(form, "date");
    let r#type = word::<ProgrammeType>(form, "type", PROGRAMMES);
    let name = text(form, "name");
    let code = new_code(form);
    let note = note(form);
    let programme = Programme { code: code?, name: name?, r#type: r#type?, private: None };
    plain(ProgrammeOpened { programme, private: None }, date?, note?, None)
}

/// `/ban/so-du-dau-ky`: money by place and fund on the day before the books begin.
pub const BALANCE: Slip = Slip {
    path: "/ban/so-du-dau-ky",
    name: "opening",
    form: &[
        Field::one("id", "field-id"),
        Field::one("step", "field-id"),
        Field::one("date", "field-date"),
        Field::list("money_place", "field-place"),
        Field::list("money_fund", "field-fund"),
        Field::list("money_amount", "field-amount"),
        Field::one("note", "field-note"),
    ],
    inputs: |ctx| {
        let books = &ctx.officer.books;
        vec![
            Input::date(),
            Input::rows(
                "lines",
                vec![
                    Input::select("money_place", places(books)),
                    Input::select("money_fund", funds(books)),
                    Input::new("money", "money_amount"),
                ],
            )
            .hint("hint-opening"),
            Input::note(),
        ]
    },
    beforehand: nothing,
    read: balance,
};

fn balance(form: &mut Submission, ctx: &Ctx<'_>) -> Result<Written, Noted> {
    let date = date(form, "date");
    let note = note(form);
    let money = opening_money(form, ctx);
    let state = ctx.officer.books.chapter().ok_or(Noted)?;
    let as_of = state.books_from.previous();
    let money = money?;
    let total = Money::sum(money.iter().map(|line| line.amount.money()));
    let total = total.ok_or_else(|| form.note("money_amount", "fault-amount-large"))?;
    let body = OpeningBalance {
        as_of,
        money: Some(money),
        goods: None,
        loans: None,
        custody: None,
        private: None,
    };
    plain(body, date?, note?, Some(total))
}

fn opening_money(form: &mut Submission, ctx: &Ctx<'_>) -> Result<List<OpeningMoney>, Noted> {
    let books = &ctx.officer.books;
    let column = |form: &Submission, name| -> Vec<String> {
        form.list(name).into_iter().map(|text| text.trim().to_owned()).collect()
    };
    let (at, of, amounts) =
        (column(form, "money_place"), column(form, "money_fund"), column(form, "money_amount"));
    let (places, funds) = (places(books), funds(books));
    let chosen = |options: &[(String, String)], column: &[String], row: usize| {
        let typed = column.get(row).map_or("", String::as_str);
        let found = codes(options).into_iter().find(|(code, _)| *code == typed);
        found.and_then(|(_, code)| code.parse::<Code>().ok())
    };
    let mut lines = Vec::new();
    for row in 0..amounts.len().max(at.len()).max(of.len()) {
        let typed = amounts.get(row).map_or("", String::as_str);
        let none = |column: &[String]| column.get(row).is_none_or(String::is_empty);
        if typed.is_empty() && none(&at) && none(&of) {
            continue;
        }
        let number = minijinja::value::Value::from(row + 1);
        let amount = Money::parse(typed, &books.currency()).ok().and_then(Amount::new);
        let Some(amount) = amount else {
            let key = "fault-line-amount";
            return Err(form.note_with("money_amount", key, [("row", number)]));
        };
        let Some(place) = chosen(&places, &at, row) else {
            return Err(form.note_with("money_place", "fault-line-choose", [("row", number)]));
        };
        let Some(fund) = chosen(&funds, &of, row) else {
            return Err(form.note_with("money_fund", "fault-line-choose", [("row", number)]));
        };
        lines.push(OpeningMoney { place, fund, amount, private: None });
    }
    List::new(lines).ok_or_else(|| form.note("money_amount", "fault-lines-none"))
}
