//! How people give: what the desk chose, made whole with what follows from the ledger.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::books::Books;
use crate::ledger::giving::GivingCode;
use crate::ledger::voucher::{Body, FundType, PlaceType};
use crate::ledger::word::{Code, Date, Person};
use crate::store::database::query;
use crate::store::desk::giving::{self, Both, Chosen, Kept, Texts};
use crate::store::desk::{self, DeskFault};
use crate::store::nodes::unsigned;
use crate::store::past::{OPENED, read_entry};
use crate::store::{ChapterId, Store, StoreFault};

/// Whether a fund takes gifts on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taking {
    /// It does.
    Open,
    /// From that day on.
    NotYet(Date),
    /// It took them until that day.
    Over(Date),
    /// The chapter does not ask for gifts into it.
    NotAsked,
    /// The fund is closed.
    Closed,
}

/// How people give into one fund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FundGiving {
    /// The fund.
    pub fund: Code,
    /// The entry that opened it.
    pub opened: u64,
    /// What was chosen; what follows from the fund where nobody chose.
    pub chosen: Chosen,
}

/// How people give.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Giving {
    /// How often something was changed.
    pub version: u64,
    /// Texts of the chapter.
    pub texts: Texts,
    /// Every fund, in the order of pages.
    pub funds: Vec<FundGiving>,
    /// The entry that opened each place but the first cash box.
    pub places: BTreeMap<Code, u64>,
    /// Codes that led to funds before.
    former: BTreeMap<GivingCode, Code>,
}

impl Giving {
    /// How people give into a fund.
    #[must_use]
    pub fn fund(&self, code: &Code) -> Option<&FundGiving> {
        self.funds.iter().find(|own| own.fund == *code)
    }

    /// Every code with its fund, those of before too.
    #[must_use]
    pub fn codes(&self) -> Vec<(GivingCode, Code)> {
        let now = self.funds.iter().map(|own| (own.chosen.code.clone(), own.fund.clone()));
        let now: BTreeMap<GivingCode, Code> = now.collect();
        let before = self.former.iter().filter(|(code, _)| !now.contains_key(*code));
        let before = before.map(|(code, fund)| (code.clone(), fund.clone()));
        before.collect::<Vec<_>>().into_iter().chain(now).collect()
    }
}

impl FundGiving {
    /// Whether the fund takes gifts on a day.
    #[must_use]
    pub fn taking(&self, books: &Books, today: Date) -> Taking {
        let Some(state) = books.register().funds().get(&self.fund).filter(|own| !own.closed) else {
            return Taking::Closed;
        };
        match (state.fund.from, state.fund.to) {
            (_, Some(to)) if to < today => Taking::Over(to),
            _ if !self.chosen.open => Taking::NotAsked,
            (Some(from), _) if from > today => Taking::NotYet(from),
            _ => Taking::Open,
        }
    }

    /// The open bank account into which gifts go: the one that was chosen, else the chapter's first
    /// one that says of which bank it is, else its first one.
    #[must_use]
    pub fn account<'b>(&self, books: &'b Books, giving: &Giving) -> Option<&'b Code> {
        let open = |code: &Code| {
            let state = books.register().places().get(code)?;
            (state.r#type == PlaceType::Bank && !state.closed).then_some(state)
        };
        if let Some(chosen) = &self.chosen.place {
            return books
                .register()
                .places()
                .get_key_value(chosen)
                .map(|(code, _)| code)
                .filter(|code| open(code).is_some());
        }
        let mut banks: Vec<(&Code, bool)> = books
            .register()
            .places()
            .keys()
            .filter_map(|code| {
                let place = open(code)?.opened.as_ref()?;
                Some((code, place.bank_bin.is_some() && place.account.is_some()))
            })
            .collect();
        banks.sort_by_key(|(code, whole)| (!whole, giving.places.get(*code).copied()));
        banks.first().map(|(code, _)| *code)
    }
}

/// Funds and places with the entries that opened them, in ledger order.
struct Openings {
    funds: Vec<(Code, u64)>,
    places: BTreeMap<Code, u64>,
}

impl Store {
    /// How people give, as the books stand.
    ///
    /// # Errors
    /// [`StoreFault`] of the machine, and a damaged row.
    pub async fn giving(&self, chapter: ChapterId, books: &Books) -> Result<Giving, StoreFault> {
        let desk = self.desk(chapter)?;
        let reader = self.shared.database.reader();
        let kept = giving::get(reader, &desk).await.map_err(|fault| match fault {
            DeskFault::Database(fault) => StoreFault::Database(fault),
            fault => StoreFault::damaged("how people give", fault),
        })?;
        let openings = self.openings_of(chapter).await?;
        Ok(whole(kept, openings, books))
    }

    async fn openings_of(&self, chapter: ChapterId) -> Result<Openings, StoreFault> {
        let sql = format!(
            "SELECT entries.seq AS seq, entries.bytes AS bytes, {OPENED} FROM entries \
             WHERE entries.chapter = ? AND entries.kind IN ('fund_opened', 'place_opened') \
             ORDER BY +entries.seq"
        );
        let mut all = Openings { funds: Vec::new(), places: BTreeMap::new() };
        for row in query(self.shared.database.reader(), &sql, [chapter.0.into()]).await? {
            let seq = unsigned(row.try_get("", "seq")?)?;
            match &read_entry(&row, seq)?.voucher().body {
                Body::FundOpened(body) => all.funds.push((body.fund.code.clone(), seq)),
                Body::PlaceOpened(body) => drop(all.places.insert(body.place.code.clone(), seq)),
                _ => {}
            }
        }
        Ok(all)
    }

    /// Keeps the texts that belong to no fund.
    ///
    /// # Errors
    /// As [`giving::set_texts`].
    pub async fn set_giving_texts(
        &self,
        chapter: &desk::Chapter,
        texts: (u64, &Texts),
        officer: &Person,
        now: DateTime<Utc>,
    ) -> Result<(), DeskFault> {
        let write = self.begin_desk(chapter).await?;
        let done = giving::set_texts(&write, chapter, texts, officer, now).await;
        Self::end_desk(write, done).await
    }

    /// Keeps what was chosen for a fund, seen as `giving` was.
    ///
    /// # Errors
    /// As [`giving::set_fund`].
    pub async fn set_giving(
        &self,
        chapter: &desk::Chapter,
        giving: &Giving,
        (fund, chosen): (&Code, &Chosen),
        officer: &Person,
        now: DateTime<Utc>,
    ) -> Result<(), DeskFault> {
        let write = self.begin_desk(chapter).await?;
        let (own, codes) = ((giving.version, fund, chosen), giving.codes());
        let done = giving::set_fund(&write, chapter, own, &codes, officer, now).await;
        Self::end_desk(write, done).await
    }
}

/// What was chosen, and for the other funds what follows from them. A fund that was opened later
/// never changes the code of an earlier one.
fn whole(kept: Kept, openings: Openings, books: &Books) -> Giving {
    let Kept { version, texts, mut funds, codes } = kept;
    let mut taken: Vec<(GivingCode, Code)> =
        codes.iter().map(|(code, fund)| (code.clone(), fund.clone())).collect();
    let mut all = Vec::new();
    for (fund, opened) in openings.funds {
        let chosen = funds.remove(&fund).unwrap_or_else(|| by_itself(&fund, &taken, books));
        taken.push((chosen.code.clone(), fund.clone()));
        all.push(FundGiving { fund, opened, chosen });
    }
    all.sort_by_key(|own| (own.chosen.turn, own.opened));
    Giving { version, texts, funds: all, places: openings.places, former: codes }
}

/// What holds for a fund of which nobody chose anything: the general fund and campaigns ask for
/// gifts; sponsors and lenders are asked otherwise.
fn by_itself(fund: &Code, taken: &[(GivingCode, Code)], books: &Books) -> Chosen {
    let r#type = books.register().funds().get(fund).map(|own| own.fund.r#type);
    let free =
        |code: &GivingCode| taken.iter().all(|(other, of)| of == fund || !other.clashes_with(code));
    let codes = (0..64).map(|turn| GivingCode::of_fund(fund, turn));
    let code = codes.into_iter().find(free).unwrap_or_else(|| GivingCode::of_fund(fund, 64));
    Chosen {
        open: matches!(r#type, Some(FundType::General | FundType::Restricted)),
        code,
        place: None,
        // Campaigns first: they end.
        turn: if r#type == Some(FundType::Restricted) { 100 } else { 200 },
        greeting: Both::default(),
    }
}
