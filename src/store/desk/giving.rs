//! What a chapter says about giving: which funds take gifts, under which code, into which account;
//! when the office is open, which goods are taken. Nothing of it is private.
//!
//! A code that ever led to a fund leads there for ever: it may stand on a sheet of paper.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;

use super::sql::{self, values};
use super::{Chapter, DeskFault, DeskRefusal};
use crate::ledger::giving::GivingCode;
use crate::ledger::word::{Code, Person};

const TABLE: &str = "desk_giving";
const FUNDS: &str = "desk_giving_funds";
const CODES: &str = "desk_giving_codes";
/// Most characters of a text.
pub const LONGEST: usize = 500;
/// The last place in the order of pages.
pub const LAST: u32 = 999;

/// A text in both languages; empty where there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Both {
    /// In Vietnamese.
    pub vi: String,
    /// In English.
    pub en: String,
}

impl Both {
    fn check(&self, name: &'static str) -> Result<(), DeskRefusal> {
        let fits = |text: &String| text.chars().count() <= LONGEST;
        let fits = fits(&self.vi) && fits(&self.en);
        if fits { Ok(()) } else { Err(DeskRefusal::TextLength(name, LONGEST)) }
    }
}

/// What belongs to no fund.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts {
    /// When and where cash is taken.
    pub office: Both,
    /// Which goods are taken.
    pub goods: Both,
}

/// What was chosen for a fund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// Whether it takes gifts.
    pub open: bool,
    /// Its code.
    pub code: GivingCode,
    /// The bank account; the chapter's first one when none was chosen.
    pub place: Option<Code>,
    /// Its place in the order of pages, 0 to [`LAST`]; equal ones in the order of opening.
    pub turn: u32,
    /// A word to givers.
    pub greeting: Both,
}

/// Everything that was chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// How often something was changed; 0 before the first time.
    pub version: u64,
    /// Texts of the chapter.
    pub texts: Texts,
    /// By fund.
    pub funds: BTreeMap<Code, Chosen>,
    /// Every code that ever led to a fund.
    pub codes: BTreeMap<GivingCode, Code>,
}

/// What was chosen so far.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn get<C: ConnectionTrait>(connection: &C, chapter: &Chapter) -> Result<Kept, DeskFault> {
    let mut kept = Kept::default();
    let text = "SELECT version, office_vi, office_en, goods_vi, goods_en FROM desk_giving \
         WHERE chapter = $1";
    if let Some(row) = sql::one(connection, text, values![chapter.id]).await? {
        let both = |vi: &str, en: &str| -> Result<Both, DeskFault> {
            Ok(Both { vi: sql::column(&row, vi)?, en: sql::column(&row, en)? })
        };
        kept.version = sql::unsigned(&row, TABLE, "version")?.unwrap_or_default();
        kept.texts.office = both("office_vi", "office_en")?;
        kept.texts.goods = both("goods_vi", "goods_en")?;
    }
    let text = "SELECT fund, open, code, place, turn, greeting_vi, greeting_en \
         FROM desk_giving_funds WHERE chapter = $1";
    for row in sql::all(connection, text, values![chapter.id]).await? {
        let place: Option<String> = sql::column(&row, "place")?;
        let place = place.map(|place| place.parse()).transpose();
        let turn: i64 = sql::column(&row, "turn")?;
        let chosen = Chosen {
            open: sql::column::<i64>(&row, "open")? == 1,
            code: sql::parsed(&row, FUNDS, "code")?,
            place: place.map_err(|fault| DeskFault::damaged(FUNDS, fault))?,
            turn: u32::try_from(turn).map_err(|_| DeskFault::damaged(FUNDS, "turn"))?,
            greeting: Both {
                vi: sql::column(&row, "greeting_vi")?,
                en: sql::column(&row, "greeting_en")?,
            },
        };
        kept.funds.insert(sql::parsed(&row, FUNDS, "fund")?, chosen);
    }
    let text = "SELECT code, fund FROM desk_giving_codes WHERE chapter = $1";
    for row in sql::all(connection, text, values![chapter.id]).await? {
        let code = sql::parsed(&row, CODES, "code")?;
        kept.codes.insert(code, sql::parsed(&row, CODES, "fund")?);
    }
    Ok(kept)
}

/// Counts a change, if nobody was quicker than who saw `version`.
async fn moved_on<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    version: u64,
    (officer, now): (&Person, DateTime<Utc>),
) -> Result<(), DeskFault> {
    let (by, at) = (officer.as_str(), now.timestamp());
    let done = if version == 0 {
        let text = "INSERT INTO desk_giving (chapter, version, office_vi, office_en, goods_vi, \
             goods_en, changed_by, changed_at) VALUES ($1, 1, '', '', '', '', $2, $3) \
             ON CONFLICT DO NOTHING";
        sql::execute(connection, text, values![chapter.id, by, at]).await?
    } else {
        let text = "UPDATE desk_giving SET version = version + 1, changed_by = $3, \
             changed_at = $4 WHERE chapter = $1 AND version = $2";
        let values = values![chapter.id, sql::signed(version), by, at];
        sql::execute(connection, text, values).await?
    };
    if done == 1 { Ok(()) } else { Err(DeskRefusal::GivingMoved.into()) }
}

/// Keeps the texts that belong to no fund.
///
/// # Errors
/// [`DeskRefusal::TextLength`], [`DeskRefusal::GivingMoved`].
pub async fn set_texts<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    (version, texts): (u64, &Texts),
    officer: &Person,
    now: DateTime<Utc>,
) -> Result<(), DeskFault> {
    texts.office.check("office")?;
    texts.goods.check("goods")?;
    moved_on(connection, chapter, version, (officer, now)).await?;
    let text = "UPDATE desk_giving SET office_vi = $2, office_en = $3, goods_vi = $4, \
         goods_en = $5 WHERE chapter = $1";
    let Texts { office, goods } = texts;
    let values = values![
        chapter.id,
        office.vi.as_str(),
        office.en.as_str(),
        goods.vi.as_str(),
        goods.en.as_str(),
    ];
    sql::execute(connection, text, values).await.map(drop)
}

/// Keeps what was chosen for a fund. `codes` are the codes that lead to funds now, also those that
/// nobody chose: from now on they are kept.
///
/// # Errors
/// [`DeskRefusal::CodeTaken`] for a code that leads, or once led, to another fund, or that could be
/// taken for one that does; [`DeskRefusal::TextLength`], [`DeskRefusal::GivingMoved`].
pub async fn set_fund<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    (version, fund, chosen): (u64, &Code, &Chosen),
    codes: &[(GivingCode, Code)],
    officer: &Person,
    now: DateTime<Utc>,
) -> Result<(), DeskFault> {
    chosen.greeting.check("greeting")?;
    if chosen.turn > LAST {
        return Err(DeskRefusal::Setting(format!("turn: 0 to {LAST} expected")).into());
    }
    let known = get(connection, chapter).await?.codes;
    let all = known.iter().chain(codes.iter().map(|(code, fund)| (code, fund)));
    let taken = |(code, other): (&GivingCode, &Code)| {
        let own = other == fund;
        // A code of one's own may come back, but no other may be a part of it.
        if own {
            *code != chosen.code && code.clashes_with(&chosen.code)
        } else {
            code.clashes_with(&chosen.code)
        }
    };
    if let Some((_, other)) = all.into_iter().find(|own| taken(*own)) {
        return Err(DeskRefusal::CodeTaken(other.clone()).into());
    }
    moved_on(connection, chapter, version, (officer, now)).await?;
    let own = [(chosen.code.clone(), fund.clone())];
    for (code, fund) in codes.iter().chain(&own) {
        let text = "INSERT INTO desk_giving_codes (chapter, code, fund) VALUES ($1, $2, $3) \
             ON CONFLICT DO NOTHING";
        let values = values![chapter.id, code.as_str(), fund.as_str()];
        sql::execute(connection, text, values).await?;
    }
    let text = "INSERT INTO desk_giving_funds (chapter, fund, open, code, place, turn, \
         greeting_vi, greeting_en) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
         ON CONFLICT (chapter, fund) DO UPDATE SET open = $3, code = $4, place = $5, turn = $6, \
         greeting_vi = $7, greeting_en = $8";
    let values = values![
        chapter.id,
        fund.as_str(),
        i64::from(chosen.open),
        chosen.code.as_str(),
        chosen.place.as_ref().map(Code::to_string),
        i64::from(chosen.turn),
        chosen.greeting.vi.as_str(),
        chosen.greeting.en.as_str(),
    ];
    sql::execute(connection, text, values).await.map(drop)
}

#[cfg(test)]
#[path = "giving_tests.rs"]
mod tests;
