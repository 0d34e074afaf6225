//! An appeal of the demonstration from its first day to the last statement, and what the chapter
//! says of its notice board: all but the newest statement hung there, one of them late.

use chrono::Datelike as _;

use super::Fault;
use super::calendar::days_later;
use super::months::Round;
use super::people::People;
use super::scenario::{Act, BANK, CASH, Story};
use super::seeded::Seeded;
use super::vouchers::dong;
use crate::ledger::voucher::{Fund, FundOpened, FundType, ProgrammeType, StatementType, Terms};
use crate::ledger::word::{Date, Origin, Words};
use crate::publish::clock::campaign_of;
use crate::store::Store;
use crate::store::desk::publication::{Deadlines, Notice};

/// The fund and the programme of the appeal.
const APPEAL: &str = "ao-am";
/// The month of the full life in which it begins; it ends with the next one.
const BEGINS: u32 = 19;
/// Gifts, all alike, and what each of the families gets of them.
const GIFTS: usize = 12;
const GIFT: i64 = 500_000;
const EACH: i64 = 300_000;
const FAMILIES: usize = 20;
/// Days after their publication on which statements are put up; every fourth is late.
const USUAL: u64 = 2;
const LATE: u64 = 9;
/// Days for which a notice hangs.
const HANGS: u64 = 30;

impl Story<'_> {
    /// One day of the appeal.
    pub(super) fn appeal(&mut self, date: Date) -> Result<(), Fault> {
        let month = (BEGINS..BEGINS + 4).find(|index| self.is_month(date, *index));
        let Some(month) = month.map(|month| month - BEGINS) else { return Ok(()) };
        match (month, date.naive().day()) {
            (0, 3) => self.begin_appeal(date),
            (0, day @ 4..=27) if day % 2 == 0 => self.appeal_gift(date, day / 2),
            (2, 11) => self.hand_out_appeal(date),
            (2 | 3, 8) => self.tell_of_appeal(date, month),
            _ => Ok(()),
        }
    }

    fn begin_appeal(&mut self, date: Date) -> Result<(), Fault> {
        self.open_programme(date, APPEAL, "Áo ấm đến trường", ProgrammeType::Other)?;
        let fund = Fund {
            code: APPEAL.parse()?,
            r#type: FundType::Restricted,
            name: "Vận động áo ấm đến trường".parse()?,
            terms: Terms {
                text: "Chỉ mua áo ấm cho học sinh khó khăn.".parse()?,
                kinds: None,
                costs: false,
                programmes: Words::new(vec![APPEAL.parse()?]),
                until: None,
                private: None,
            },
            target: Some(dong(GIFT * 12)?),
            from: Some(date),
            to: Some(date.month().next().last_day()),
            private: None,
        };
        self.write(date, FundOpened { fund, private: None });
        Ok(())
    }

    /// A gift in cash every other day.
    fn appeal_gift(&mut self, date: Date, index: u32) -> Result<(), Fault> {
        let at = usize::try_from(index).unwrap_or(0) % GIFTS;
        let people = self.people;
        let giver = people.donors.get(at).ok_or(Fault::Scenario("too few donors"))?;
        self.gift_of(date, giver, CASH, APPEAL, GIFT).map(drop)
    }

    /// All of it to families; by chance of its own, so that the rest of the story stays as it is.
    fn hand_out_appeal(&mut self, date: Date) -> Result<(), Fault> {
        let most = self.purse.fund(APPEAL);
        let own = self.seeded.child(APPEAL);
        let rest = std::mem::replace(&mut self.seeded, own);
        let done = self.help(
            date,
            Round {
                place: BANK,
                fund: APPEAL,
                programme: APPEAL,
                code: format!("ao-am-{}", date.year()),
                families: FAMILIES,
                each: EACH,
                most,
                note: "Tiền mua áo ấm cho học sinh",
            },
        );
        self.seeded = rest;
        done
    }

    /// What came in once the appeal is over, and all of it once it is handed out.
    fn tell_of_appeal(&mut self, date: Date, month: u32) -> Result<(), Fault> {
        let fund = APPEAL.parse()?;
        let begun = (0..month).fold(date.month(), |month, _| month.previous());
        let from = days_later(begun.first_day(), 2);
        let to = date.month().previous().last_day();
        let r#type = StatementType::Campaign;
        self.act(Act::Publish { r#type, from, to, fund: Some(fund) });
        Ok(())
    }
}

/// The clock of the demonstration counts from the full life on, and what was published since then
/// hung on the notice board, but for the newest statement.
pub async fn keep(
    store: &Store,
    root: &Seeded,
    people: &People,
    (origin, begun): (&Origin, Date),
) -> Result<(), Fault> {
    let Some(chapter) = store.find(origin) else { return Ok(()) };
    let (desk, officer) = (store.desk(chapter)?, &people.treasurer().person);
    let mut deadlines = Deadlines::default();
    deadlines.since = Some(begun);
    let books = store.books(chapter)?;
    let Some(offset) = books.chapter().map(|own| own.utc_offset) else { return Ok(()) };
    let all = store.publications(chapter, books.size()).await?;
    let seqs: Vec<u64> = all.iter().map(|own| own.first).collect();
    let appended = store.appended(chapter, &seqs).await?;
    let Some(last) = appended.values().max() else { return Ok(()) };
    store.change_deadlines(&desk, (0, Some(&deadlines)), officer, last.utc()).await?;
    let mut published: Vec<(Date, &str)> = all
        .iter()
        .filter(|own| own.name.len() == 4 || own.name.contains("-q") || is_appeal(&own.name))
        .filter_map(|own| Some((appended.get(&own.first)?.local_date(offset), own.name.as_str())))
        .filter(|(on, _)| *on >= begun)
        .collect();
    published.sort_unstable();
    published.pop();
    let mut ids = root.child("notices");
    for ((on, name), at) in published.into_iter().zip(1_u32..) {
        let posted_on = days_later(on, if at % 4 == 0 { LATE } else { USUAL });
        if posted_on > last.local_date(offset) {
            continue;
        }
        let notice = Notice {
            id: ids.opaque().parse()?,
            statement: name.to_owned(),
            posted_on,
            until_on: days_later(posted_on, HANGS),
            place: "Trụ sở Hội, Thôn Trung, Xã Mẫu".to_owned(),
        };
        store.post_notice(&desk, &notice, officer, last.utc()).await?;
    }
    Ok(())
}

fn is_appeal(name: &str) -> bool {
    campaign_of(name).is_some()
}
