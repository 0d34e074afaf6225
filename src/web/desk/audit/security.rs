//! `/ban/kiem-tra/an-toan`: what happened to accounts: sign-ins good and failed, passphrases,
//! second devices, sessions that were ended, invitations; never a passphrase, a code or a link.

use minijinja::context;
use minijinja::value::Value;
use rocket::http::Status;
use rocket::http::uri::Origin;
use rocket::{State, get};

use super::logs::{self, BATCH, MOST};
use crate::ledger::word::Person;
use crate::publish::table::{Cell, Column, Kind, Table};
use crate::store::desk::security::{Event, Filter, Who};
use crate::web::desk::admin::accounts_log::{self, moment, title};
use crate::web::desk::tables::file;
use crate::web::public::download::Download;
use crate::web::public::downloads::Ending;
use crate::web::public::ledgers::Speech;
use crate::web::session::{Kept, Officer, Signer};
use crate::web::{Config, Fault, Page};

const PATH: &str = "/ban/kiem-tra/an-toan";
/// Days whose sign-ins are counted where no day is asked for.
const DAYS: i64 = 30;

/// Sign-ins by account in the days that were asked for, or the last ones.
async fn sign_ins(
    officer: &Officer,
    kept: &Kept<'_>,
    filter: &Filter,
) -> Result<Vec<Value>, Fault> {
    let mut filter = filter.clone();
    if filter.from.is_none() && filter.until.is_none() {
        filter.from = logs::days_ago(officer, DAYS);
    }
    let all = kept.0.sign_ins(&officer.desk, &filter).await.map_err(Fault::internal)?;
    let row = |(person, own): (Option<Person>, crate::store::desk::security::SignIns)| {
        context! {
            who => person.map(|person| title(officer, &person)),
            good => own.good,
            passphrase => own.passphrase,
            code => own.code,
            waited => own.waited,
        }
    };
    Ok(all.into_iter().map(row).collect())
}

/// The log, the newest first.
#[get("/ban/kiem-tra/an-toan")]
pub async fn show(officer: Signer, kept: Kept<'_>, uri: &Origin<'_>) -> Result<Page, Fault> {
    let officer = officer.0;
    let asked = logs::asked(&officer, uri)?;
    let people = logs::people(&officer, kept.0).await?;
    let form = asked.view(PATH);
    let Some(filter) = &asked.filter else {
        let none = || Vec::<Value>::new();
        let shown = context! {
            form, people, rows => none(), sign_ins => none(), next => (), query => "", days => DAYS,
        };
        let page = super::super::page(&officer, "desk/audit/security.html", shown);
        return Ok(page.status(Status::UnprocessableEntity));
    };
    let all = kept.0.security_log(&officer.desk, filter, MOST).await;
    let all = all.map_err(Fault::internal)?;
    let full = all.len() == usize::try_from(MOST).unwrap_or(usize::MAX);
    let next = all.last().filter(|_| full).map(|last| last.id);
    let given = filter.from.is_some() || filter.until.is_some();
    let shown = context! {
        form,
        people,
        rows => all.iter().map(|line| accounts_log::row(&officer, line)).collect::<Vec<_>>(),
        sign_ins => sign_ins(&officer, &kept, filter).await?,
        days => (!given).then_some(DAYS),
        next,
        query => asked.query(),
    };
    Ok(super::super::page(&officer, "desk/audit/security.html", shown))
}

async fn whole(
    officer: &Officer,
    kept: &Kept<'_>,
    (speech, config, uri): (&Speech<'_>, &Config, &Origin<'_>),
    ending: Ending,
) -> Result<Download, Fault> {
    let asked = logs::asked(officer, uri)?;
    let Some(filter) = &asked.filter else { return Err(Fault::NotFound) };
    let own = |name, key: &str, kind| Column::new(name, speech.say(key), kind);
    let columns = vec![
        own("at", "audit-when", Kind::Short),
        own("event", "audit-what", Kind::Text),
        own("person", "security-whose", Kind::Text),
        own("by", "security-by", Kind::Text),
        own("detail", "security-detail", Kind::Text),
    ];
    let mut table = Table::new("security", speech.say("audit-security"), columns);
    let mut filter = Filter { below: None, ..filter.clone() };
    let named = |person: &Option<Person>| {
        person.as_ref().map_or(Cell::Empty, |person| Cell::Text(title(officer, person)))
    };
    loop {
        let some = kept.0.security_log(&officer.desk, &filter, BATCH).await;
        let some = some.map_err(Fault::internal)?;
        let Some(last) = some.last() else { break };
        filter.below = Some(last.id);
        for line in &some {
            table.push(vec![
                Cell::Text(moment(line.at)),
                Cell::Text(speech.say(&accounts_log::key(line))),
                named(&line.person),
                match accounts_log::doer(line) {
                    Some(key) => Cell::Text(speech.say(key)),
                    None => named(&line.by),
                },
                Cell::text(line.detail.as_str()),
            ]);
        }
    }
    let (who, detail, now) = (Who::by(&officer.person), asked.query(), config.clock.now());
    let noted = kept.0.note_security(&officer.desk, Event::SecurityExported, who, &detail, now);
    noted.await.map_err(Fault::internal)?;
    file((officer, kept, speech), "an-toan".to_owned(), table, ending)
}

/// The log as a workbook.
#[get("/ban/kiem-tra/an-toan.xlsx")]
pub async fn xlsx(
    officer: Signer,
    kept: Kept<'_>,
    speech: Speech<'_>,
    config: &State<Config>,
    uri: &Origin<'_>,
) -> Result<Download, Fault> {
    whole(&officer.0, &kept, (&speech, config, uri), Ending::Xlsx).await
}

/// The log as CSV.
#[get("/ban/kiem-tra/an-toan.csv")]
pub async fn csv(
    officer: Signer,
    kept: Kept<'_>,
    speech: Speech<'_>,
    config: &State<Config>,
    uri: &Origin<'_>,
) -> Result<Download, Fault> {
    whole(&officer.0, &kept, (&speech, config, uri), Ending::Csv).await
}
