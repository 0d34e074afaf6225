//! The slips of a loan: paid out, cancelled, repaid, waived, written off, recovered; and money held
//! for others that repays one.

use super::{Opened, open, opened_of};
use crate::books::portfolio::{LoanAccount, State};
use crate::ledger::disclosure::PrivateName;
use crate::ledger::voucher::{
    AssignedAs, BadLoanReason, Body, CustodyAssigned, LineRef, LoanCancelled, LoanDisbursed,
    LoanFeeWaived, LoanRecovered, LoanRepaid, LoanWrittenOff, Reason,
};
use crate::ledger::word::{Amount, Amount0, Date, Person};
use crate::money::Money;
use crate::store::Store;
use crate::store::facade::{Instalments, Lending};
use crate::web::desk::custody::of;
use crate::web::desk::families::list::today;
use crate::web::desk::receipts::{amount, code, date, note, word};
use crate::web::desk::sealed::Sealed;
use crate::web::desk::slip::{Ctx, Input, Slip, So, Written, nothing, places, words};
use crate::web::forms::{Field, Noted, Submission};
use crate::web::session::Officer;
use crate::web::{Config, Fault};

/// Why a loan goes bad, or a fee is waived.
const BAD: &[&str] = &["death", "illness", "disaster", "poverty", "left", "other"];
/// Why an approval is cancelled.
const REASONS: &[&str] = &["mistyped", "duplicate", "wrong_fund", "wrong_person", "other"];

const ID: Field = Field::one("id", "field-id");
const STEP: Field = Field::one("step", "field-id");
const OF: Field = Field::one("of", "field-of");
const DATE: Field = Field::one("date", "field-date");
const AMOUNT: Field = Field::one("amount", "field-amount");
const PRINCIPAL: Field = Field::one("principal", "loan-of-principal");
const FEE: Field = Field::one("fee", "loan-of-fee");
const NOTE: Field = Field::one("note", "field-note");
/// Whether the parts of a repayment were worked out.
const SPLIT: Field = Field::one("split", "field-id");

/// What a slip has to know of the loan that it is about.
#[derive(Clone, Debug, Default)]
pub struct ForLoan {
    /// Who borrows, and the path of the file.
    pub borrower: Option<(String, String)>,
    /// The borrower in the register.
    pub person: Option<Person>,
    /// What was agreed against what was paid.
    pub instalments: Instalments,
    /// The loan as the ledger knows it, once it was paid out.
    pub account: Option<LoanAccount>,
    /// Loans that can be repaid: how the slip names each, what it is called, and what was agreed.
    pub running: Vec<(String, String, LoanAccount, Instalments)>,
}

impl ForLoan {
    /// Opens what a slip of a loan is about; nothing for any other slip.
    ///
    /// # Errors
    /// Faults of the machine.
    pub async fn of(
        officer: &Officer,
        store: &Store,
        config: &Config,
        (slip, so): (&Slip, Option<So>),
    ) -> Result<Self, Fault> {
        let assigns = slip.name == ASSIGNED.name;
        let Some(so) = so.filter(|_| assigns || slip.name.starts_with("loan-")) else {
            return Ok(Self::default());
        };
        let today = today(officer)?;
        let picked = open(officer, store, config, |all| {
            let own = if assigns { running(&all) } else { about(&all, so, today) };
            let number = own.running.len() + usize::from(own.borrower.is_some());
            (own, number)
        });
        picked.await
    }

    /// How an amount is split on a day.
    fn split(&self, amount: Money, day: Date) -> (Money, Money, Money) {
        let own = match &self.account {
            Some(account) => self.instalments.split(account, amount, day),
            None => self.instalments.proposal(amount, day),
        };
        (own.principal, own.fee, own.over)
    }

    /// What should be paid now: what is overdue and due, else the next instalment.
    fn due(&self, today: Date) -> Money {
        let state = self.instalments.on(today);
        let sum = |amounts: Vec<Money>| Money::sum(amounts).unwrap_or_default();
        let now = sum(state.overdue().chain(state.due()).map(|own| own.owed.total()).collect());
        match now.is_positive() {
            true => now,
            false => state.next().next().map_or(Money::ZERO, |own| own.owed.total()),
        }
    }
}

/// The file of the loan (or approval) at a place.
fn about(all: &Lending, so: So, today: Date) -> ForLoan {
    let fits = |account: &&LoanAccount| {
        account.loan.seq == so.place && account.loan.line == so.line.unwrap_or(0)
    };
    let account = all.accounts.iter().find(fits).cloned();
    let file = all.files.all.iter().find(|own| match &account {
        Some(account) => all.account(&own.file).map(|own| own.loan) == Some(account.loan),
        None => all.approval(&own.file) == Some(so.place),
    });
    let opened = file.and_then(|own| opened_of(all, own, today).ok().flatten());
    match opened {
        Some(Opened { own, borrower, instalments, .. }) => ForLoan {
            borrower: Some((borrower.record.full_name, super::path(&own.id))),
            person: Some(borrower.person),
            instalments,
            account,
            running: Vec::new(),
        },
        None => ForLoan { account, ..ForLoan::default() },
    }
}

/// Every loan of which something is owed.
fn running(all: &Lending) -> ForLoan {
    let mut own = ForLoan::default();
    for account in all.accounts.iter().filter(|own| own.state() == State::Running) {
        let file = all.file_of(account);
        let name = file.and_then(|own| all.borrower(own)).map(|own| own.record.full_name.clone());
        let number = account.number.map(|number| number.to_string());
        let so =
            So { place: account.loan.seq, line: number.is_none().then_some(account.loan.line) };
        let parts: Vec<String> = [number, name].into_iter().flatten().collect();
        let instalments = file.and_then(|own| all.instalments(&own.file).ok());
        let label = if parts.is_empty() { format!("#{}", so.place) } else { parts.join(" · ") };
        let instalments = instalments.unwrap_or_default();
        own.running.push((so.to_string(), label, account.clone(), instalments));
    }
    own
}

/// `/ban/giai-ngan`: the money is handed to the borrower.
pub const DISBURSED: Slip = Slip {
    path: "/ban/giai-ngan",
    name: "loan-disbursed",
    form: &[ID, STEP, OF, DATE, Field::one("place", "field-place-out"), NOTE],
    inputs: |ctx| {
        vec![Input::date(), Input::select("place", places(&ctx.officer.books)), Input::note()]
    },
    beforehand: |_| vec![("place", "cash".to_owned())],
    read: |form, ctx| {
        let date = date(form, "date");
        let place = code(form, "place", &places(&ctx.officer.books));
        let note = note(form);
        let of = of(ctx)?;
        let total = match ctx.of.as_ref().map(|line| &line.entry.voucher().body) {
            Some(Body::LoanApproved(approved)) => Some(approved.principal.money()),
            _ => None,
        };
        let body = LoanDisbursed { of, place: place?, private: None };
        Ok(written(body.into(), (date?, note?), total))
    },
};

/// `/ban/huy-duyet-vay`: what was set aside is free again.
pub const CANCELLED: Slip = Slip {
    path: "/ban/huy-duyet-vay",
    name: "loan-cancelled",
    form: &[
        ID,
        STEP,
        OF,
        DATE,
        Field::one("reason", "field-reason"),
        Field::one("words", "field-words"),
        NOTE,
    ],
    inputs: |_| {
        vec![
            Input::date(),
            Input::words("reason", words("reason", REASONS)),
            Input::new("text", "words").hint("hint-private").optional(),
            Input::note(),
        ]
    },
    beforehand: nothing,
    read: |form, ctx| {
        let date = date(form, "date");
        let reason = word::<Reason>(form, "reason", REASONS);
        let why = form.optional_text("words", 200);
        let note = note(form);
        let (of, why) = (of(ctx)?, why?);
        let mut sealed = Sealed::given_by(ctx.id.clone(), ctx.loan.person.as_ref());
        let private = sealed.texts(&[(PrivateName::Words, why.as_deref())]);
        let private = private.map_err(|_| form.note("words", "fault-sealed"))?;
        let body = LoanCancelled { of, reason: reason?, private };
        let private = sealed.values();
        Ok(Written { private, ..written(body.into(), (date?, note?), None) })
    },
};

/// `/ban/thu-no`: a repayment; left to itself it pays what is overdue, then what comes next.
pub const REPAID: Slip = Slip {
    path: "/ban/thu-no",
    name: "loan-repaid",
    form: &[
        ID,
        STEP,
        OF,
        DATE,
        AMOUNT,
        Field::one("place", "field-place-in"),
        PRINCIPAL,
        FEE,
        SPLIT,
        NOTE,
    ],
    inputs: |ctx| {
        vec![
            Input::date(),
            Input::new("money", "amount"),
            Input::select("place", places(&ctx.officer.books)),
            Input::new("money", "principal").hint("loan-split-hint").optional(),
            Input::new("money", "fee").optional(),
            Input::note(),
        ]
    },
    beforehand: |ctx| {
        let due = Date::new(ctx.officer.today).map_or(Money::ZERO, |today| ctx.loan.due(today));
        let typed = due.grouped('.', &ctx.officer.books.currency());
        let amount = if due.is_positive() { typed } else { String::new() };
        vec![("place", "cash".to_owned()), ("amount", amount)]
    },
    read: repaid,
};

fn repaid(form: &mut Submission, ctx: &Ctx<'_>) -> Result<Written, Noted> {
    let date = date(form, "date");
    let amount = amount(form, ctx, "amount");
    let place = code(form, "place", &places(&ctx.officer.books));
    let note = note(form);
    let of = of(ctx)?;
    let (date, amount) = (date?, amount?);
    let (principal, fee) = parts(form, ctx, (&ctx.loan, amount, date))?;
    let body = LoanRepaid { of, amount, principal, fee, place: place?, private: None };
    Ok(written(body.into(), (date, note?), Some(amount.money())))
}

/// The two parts of a repayment: as typed, or as the instalments ask for.
fn parts(
    form: &mut Submission,
    ctx: &Ctx<'_>,
    (loan, amount, day): (&ForLoan, Amount, Date),
) -> Result<(Amount0, Amount0), Noted> {
    let currency = ctx.officer.books.currency();
    let empty = |form: &Submission, name: &str| form.typed(name).trim().is_empty();
    let (principal, fee) = match (empty(form, "principal"), empty(form, "fee")) {
        (true, true) => {
            let (principal, fee, over) = loan.split(amount.money(), day);
            if over.is_positive() {
                let most = amount.money().checked_sub(over).unwrap_or_default();
                let most = [("allowed", most.minor().into()), ("over", over.minor().into())];
                return Err(form.note_with("amount", "loan-over", most));
            }
            (principal, fee)
        }
        _ => {
            let principal = form.money_or_zero("principal", &currency);
            let fee = match empty(form, "fee") {
                true => Ok(Money::ZERO),
                false => form.money_or_zero("fee", &currency),
            };
            (principal?, fee?)
        }
    };
    let zero = |form: &mut Submission, name, own| {
        Amount0::new(own).ok_or_else(|| form.note(name, "fault-amount-zero"))
    };
    Ok((zero(form, "principal", principal)?, zero(form, "fee", fee)?))
}

/// `/ban/mien-phi-vay`: less of the fee is owed.
pub const FEE_WAIVED: Slip = Slip {
    path: "/ban/mien-phi-vay",
    name: "loan-fee-waived",
    form: &[ID, STEP, OF, DATE, AMOUNT, Field::one("reason", "field-reason"), NOTE],
    inputs: |_| {
        vec![
            Input::date(),
            Input::new("money", "amount"),
            Input::words("reason", words("word-bad-loan", BAD)),
            Input::note(),
        ]
    },
    beforehand: |ctx| {
        let owed = ctx.loan.account.as_ref().map_or(Money::ZERO, LoanAccount::fee_owed);
        vec![("amount", owed.grouped('.', &ctx.officer.books.currency()))]
    },
    read: |form, ctx| {
        let date = date(form, "date");
        let amount = amount(form, ctx, "amount");
        let reason = word::<BadLoanReason>(form, "reason", BAD);
        let note = note(form);
        let (of, amount) = (of(ctx)?, amount?);
        let body = LoanFeeWaived { of, amount, reason: reason?, private: None };
        Ok(written(body.into(), (date?, note?), Some(amount.money())))
    },
};

/// `/ban/xoa-no`: the rest of the principal is lost.
pub const WRITTEN_OFF: Slip = Slip {
    path: "/ban/xoa-no",
    name: "loan-written-off",
    form: &[ID, STEP, OF, DATE, Field::one("reason", "field-reason"), NOTE],
    inputs: |_| {
        vec![Input::date(), Input::words("reason", words("word-bad-loan", BAD)), Input::note()]
    },
    beforehand: nothing,
    read: |form, ctx| {
        let date = date(form, "date");
        let reason = word::<BadLoanReason>(form, "reason", BAD);
        let note = note(form);
        let of = of(ctx)?;
        let body = LoanWrittenOff { of, reason: reason?, private: None };
        let total = ctx.loan.account.as_ref().map(LoanAccount::owed);
        Ok(written(body.into(), (date?, note?), total))
    },
};

/// `/ban/thu-hoi-no`: money that still comes in on a loan that was written off.
pub const RECOVERED: Slip = Slip {
    path: "/ban/thu-hoi-no",
    name: "loan-recovered",
    form: &[ID, STEP, OF, DATE, AMOUNT, Field::one("place", "field-place-in"), NOTE],
    inputs: |ctx| {
        vec![
            Input::date(),
            Input::new("money", "amount"),
            Input::select("place", places(&ctx.officer.books)),
            Input::note(),
        ]
    },
    beforehand: |_| vec![("place", "cash".to_owned())],
    read: |form, ctx| {
        let date = date(form, "date");
        let amount = amount(form, ctx, "amount");
        let place = code(form, "place", &places(&ctx.officer.books));
        let note = note(form);
        let (of, amount) = (of(ctx)?, amount?);
        let body = LoanRecovered { of, amount, place: place?, private: None };
        Ok(written(body.into(), (date?, note?), Some(amount.money())))
    },
};

/// `/ban/tra-no-tien-giu-ho`: money held for others repays a loan.
pub const ASSIGNED: Slip = Slip {
    path: "/ban/tra-no-tien-giu-ho",
    name: "custody-repays",
    form: &[
        ID,
        STEP,
        OF,
        DATE,
        Field::one("loan", "voucher-loan"),
        AMOUNT,
        PRINCIPAL,
        FEE,
        SPLIT,
        Field::one("place", "field-place"),
        NOTE,
    ],
    inputs: |ctx| {
        let loans = ctx.loan.running.iter().map(|(so, label, ..)| (so.clone(), label.clone()));
        vec![
            Input::date(),
            Input::select("loan", loans.collect()),
            Input::new("money", "amount"),
            Input::new("money", "principal").hint("loan-split-hint").optional(),
            Input::new("money", "fee").optional(),
            Input::select("place", places(&ctx.officer.books)),
            Input::note(),
        ]
    },
    beforehand: crate::web::desk::custody::as_received,
    read: assigned,
};

fn assigned(form: &mut Submission, ctx: &Ctx<'_>) -> Result<Written, Noted> {
    let date = date(form, "date");
    let offered: Vec<(&str, usize)> =
        ctx.loan.running.iter().zip(0..).map(|((so, ..), at)| (so.as_str(), at)).collect();
    let chosen = form.choice("loan", &offered);
    let amount = amount(form, ctx, "amount");
    let place = code(form, "place", &places(&ctx.officer.books));
    let note = note(form);
    let of = of(ctx)?;
    let (date, amount, chosen) = (date?, amount?, chosen?);
    let (so, _, account, instalments) = ctx.loan.running.get(chosen).cloned().ok_or(Noted)?;
    let own = ForLoan { instalments, account: Some(account), ..ForLoan::default() };
    let (principal, fee) = parts(form, ctx, (&own, amount, date))?;
    let so: So = so.parse().map_err(|_| Noted)?;
    let body = CustodyAssigned {
        of,
        amount,
        r#as: AssignedAs::Repayment,
        fund: None,
        loan: Some(named(ctx, so)),
        donor: None,
        principal: Some(principal),
        fee: Some(fee),
        place: Some(place?),
        private: None,
    };
    Ok(written(body.into(), (date, note?), Some(amount.money())))
}

/// How a voucher names a loan.
fn named(ctx: &Ctx<'_>, so: So) -> LineRef {
    so.reference(&ctx.officer.books)
}

fn written(
    body: Body,
    (date, note): (Date, Option<crate::ledger::word::Note>),
    total: Option<Money>,
) -> Written {
    Written { body, date, note, private: Vec::new(), total }
}
