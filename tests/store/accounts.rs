//! The public accounts add up: sums by day are those of the vouchers, and pages of any length are
//! the whole list, whatever is asked for.

use std::collections::{BTreeMap, BTreeSet};

use minhbach::ledger::voucher::Kind;
use minhbach::ledger::word::{Code, Month};
use minhbach::money::Money;
use minhbach::store::facade::{
    AccountsFilter, AccountsLine, AccountsSum, Group, OfProgramme, Position,
};
use minhbach::store::{ChapterId, Standing};
use sea_orm::ConnectionTrait as _;

use super::concurrency::close;
use super::tables::{entries, founded, grounds, ledgers, record_one_by_one};
use crate::books::Desk;
use crate::house::{Ground, TestHouse};

/// More lines than any of these ledgers has.
const ALL: u32 = 10_000;

fn position(line: &AccountsLine) -> Position {
    Position { day: line.effective, seq: line.entry.place() }
}

fn sum<'a>(lines: impl IntoIterator<Item = &'a AccountsLine>) -> AccountsSum {
    lines.into_iter().fold(AccountsSum::default(), |sum, line| AccountsSum {
        count: sum.count + 1,
        money_in: sum.money_in.checked_add(line.money_in).unwrap(),
        money_out: sum.money_out.checked_add(line.money_out).unwrap(),
    })
}

/// Everything that is counted by itself: money, places, groups and single accounts, of all funds
/// and of each.
fn scopes(desk: &Desk) -> Vec<AccountsFilter> {
    let register = desk.books.register();
    let places = register.places().keys().cloned().map(Some);
    let places: Vec<Option<Code>> = places.chain([None]).collect();
    let words =
        ["thu", "chi", "mat", "da-dung", "dau-ky", "chuyen-quy", "dieu-chinh", "hang", "vay"];
    let postings = || desk.effects.iter().flat_map(|effects| &effects.postings);
    let accounts = postings().map(|posting| posting.account.word());
    let words = words.into_iter().map(str::to_owned).chain(accounts);
    let words: BTreeSet<String> = words.collect();
    let groups: Vec<Group> = words.iter().filter_map(|word| Group::of(word)).collect();
    let funds = postings().map(|posting| Some(posting.fund.clone()));
    let funds: BTreeSet<Option<Code>> = funds.chain([None]).collect();
    let mut all = Vec::new();
    for fund in funds {
        let of = || AccountsFilter { fund: fund.clone(), ..AccountsFilter::default() };
        all.extend(places.iter().map(|place| AccountsFilter { place: place.clone(), ..of() }));
        all.extend(
            groups.iter().map(|group| AccountsFilter { group: Some(group.clone()), ..of() }),
        );
    }
    all
}

/// A scope by itself, and cut by days, kinds and programmes that occur in it.
fn cut(scope: &AccountsFilter, lines: &[AccountsLine]) -> Vec<AccountsFilter> {
    let mut all = vec![scope.clone()];
    let (Some(first), Some(last)) = (lines.first(), lines.last()) else { return all };
    let middle = lines[lines.len() / 2].effective;
    all.push(AccountsFilter { from: Some(middle), ..scope.clone() });
    all.push(AccountsFilter { to: Some(first.effective), ..scope.clone() });
    for kind in [last.entry.voucher().kind(), Kind::Reversed, Kind::Donation] {
        for natural in [false, true] {
            all.push(AccountsFilter { kind: Some(kind), natural, ..scope.clone() });
        }
    }
    all.push(AccountsFilter { programme: Some(OfProgramme::None), ..scope.clone() });
    all
}

/// A scope in spans that begin and end with a month, and in such as do not.
fn spans(scope: &AccountsFilter, lines: &[AccountsLine]) -> Vec<AccountsFilter> {
    let (Some(first), Some(last)) = (lines.first(), lines.last()) else { return Vec::new() };
    let middle = lines[lines.len() / 2].effective;
    let month = middle.month();
    let far = "9999-12-15".parse().unwrap();
    let spans = [
        (month.first_day(), month.last_day()),
        (month.first_day(), middle),
        (middle, month.last_day()),
        (middle, middle),
        (month.first_day().next(), month.next().first_day()),
        (first.effective.next(), last.effective.previous()),
        (far, far),
    ];
    let filter = |(from, to)| AccountsFilter { from: Some(from), to: Some(to), ..scope.clone() };
    spans.into_iter().map(filter).collect()
}

async fn pages_are_the_list(
    (house, chapter): (&TestHouse, ChapterId),
    filter: &AccountsFilter,
    size: u64,
    lines: &[AccountsLine],
) {
    let places: Vec<Position> = lines.iter().map(position).collect();
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = house.store.accounts_after(chapter, filter, size, after, 3).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(position(last));
        seen.extend(page.iter().map(position));
    }
    assert_eq!(seen, places, "forwards: {filter:?}");
    let (mut seen, mut before) = (Vec::new(), None);
    loop {
        let page = house.store.accounts_before(chapter, filter, size, before, 4).await.unwrap();
        let Some(first) = page.first() else { break };
        before = Some(position(first));
        seen.splice(0..0, page.iter().map(position));
    }
    assert_eq!(seen, places, "backwards: {filter:?}");
}

async fn adds_up(
    (house, chapter, desk): (&TestHouse, ChapterId, &Desk),
    filter: &AccountsFilter,
    size: u64,
) -> Vec<AccountsLine> {
    let store = &house.store;
    let lines = store.accounts_after(chapter, filter, size, None, ALL).await.unwrap();
    let all = store.accounts_sum(chapter, filter, size).await.unwrap();
    assert_eq!(all, sum(&lines), "{filter:?} below {size}");
    let mut months = BTreeMap::<_, Vec<_>>::new();
    let mut programmes = BTreeMap::<_, Vec<_>>::new();
    for line in &lines {
        let effects = &desk.effects[usize::try_from(line.entry.place()).unwrap()];
        assert_eq!((effects.seq, effects.effective), (line.entry.place(), line.effective));
        months.entry(line.effective.month()).or_default().push(line);
        programmes.entry(effects.programme.clone()).or_default().push(line);
    }
    let months: Vec<_> = months.into_iter().map(|(month, own)| (month, sum(own))).collect();
    assert_eq!(store.accounts_by_month(chapter, filter, size).await.unwrap(), months, "{filter:?}");
    let own: Vec<_> = programmes.into_iter().map(|(code, own)| (code, sum(own))).collect();
    let said = store.accounts_by_programme(chapter, filter, size).await.unwrap();
    assert_eq!(said, own, "{filter:?}");
    pages_are_the_list((house, chapter), filter, size, &lines).await;
    if filter.has_balance() && filter.from.is_none() && filter.to.is_none() {
        for at in [0, lines.len() / 2, lines.len().saturating_sub(1)] {
            let Some(line) = lines.get(at) else { break };
            let before = store.money_before(chapter, filter, size, position(line)).await.unwrap();
            let AccountsSum { money_in, money_out, .. } = sum(&lines[..at]);
            assert_eq!(before.minor(), money_in.minor() - money_out.minor(), "{filter:?} at {at}");
        }
    }
    lines
}

/// Whether all of a ledger's postings together are an amount: some go to the end of the range.
fn fits(desk: &Desk) -> bool {
    let postings = desk.effects.iter().flat_map(|effects| &effects.postings);
    let sum: i128 = postings.map(|posting| i128::from(posting.amount.minor()).abs()).sum();
    sum <= i128::from(minhbach::money::LARGEST)
}

/// What the effects say of money through all places, which no query had a part in.
fn money(desk: &Desk, size: u64) -> AccountsSum {
    let mut sum = AccountsSum::default();
    for effects in desk.effects.iter().filter(|effects| effects.seq < size) {
        let flows = |of: fn(&minhbach::books::effects::PlaceFlow) -> i64| -> i64 {
            effects.flows.iter().map(of).sum()
        };
        let own = (flows(|flow| flow.money_in.minor()), flows(|flow| flow.money_out.minor()));
        if own != (0, 0) {
            sum.count += 1;
            sum.money_in = Money::new(sum.money_in.minor() + own.0).unwrap();
            sum.money_out = Money::new(sum.money_out.minor() + own.1).unwrap();
        }
    }
    sum
}

#[tokio::test(flavor = "multi_thread")]
async fn sums_by_day_are_those_of_the_vouchers_and_pages_are_the_whole_list() {
    let wanted = |(_, desk): &(&str, Desk)| desk.books.before() == 0 && fits(desk);
    for (at, (name, desk)) in ledgers().filter(wanted).enumerate() {
        for ground in grounds().await {
            // Hundreds of questions each: some ledgers are enough, and fewer show that PostgreSQL
            // reads the same SQL alike.
            if at % if matches!(ground, Ground::Sqlite) { 8 } else { 24 } != 0 {
                continue;
            }
            let (house, chapter) = founded(ground, &entries(&desk)[0]).await;
            record_one_by_one(name, &house, chapter, &desk).await;
            let size = desk.books.size();
            for size in [size, size * 2 / 3] {
                let all = AccountsFilter::default();
                let said = house.store.accounts_sum(chapter, &all, size).await.unwrap();
                assert_eq!(said, money(&desk, size), "{name}");
            }
            for scope in scopes(&desk) {
                let lines = adds_up((&house, chapter, &desk), &scope, size * 2 / 3).await;
                for filter in cut(&scope, &lines) {
                    adds_up((&house, chapter, &desk), &filter, size).await;
                }
            }
        }
    }
}

async fn all_lines(house: &TestHouse, chapter: ChapterId) -> Vec<AccountsLine> {
    let all = AccountsFilter::default();
    house.store.accounts_after(chapter, &all, u64::MAX >> 1, None, ALL).await.unwrap()
}

/// All sums of some filters.
async fn sums_of(
    (house, chapter): (&TestHouse, ChapterId),
    filters: &[AccountsFilter],
    size: u64,
) -> Vec<(AccountsSum, Vec<(Month, AccountsSum)>, Money)> {
    let (store, mut all) = (&house.store, Vec::new());
    for filter in filters {
        let day = filter.from.unwrap_or_else(|| "2026-11-05".parse().unwrap());
        let at = Position { day, seq: size };
        all.push((
            store.accounts_sum(chapter, filter, size).await.unwrap(),
            store.accounts_by_month(chapter, filter, size).await.unwrap(),
            store.money_before(chapter, filter, size, at).await.unwrap(),
        ));
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn closed_months_add_up_as_their_days_do() {
    let closes = |desk: &Desk| desk.effects.iter().any(|own| own.kind == Kind::PeriodClosed);
    let wanted = |desk: &Desk| desk.books.before() == 0 && fits(desk) && closes(desk);
    let mut months = 0;
    for (at, (name, desk)) in ledgers().filter(|(_, desk)| wanted(desk)).enumerate() {
        for ground in grounds().await {
            if at % if matches!(ground, Ground::Sqlite) { 2 } else { 6 } != 0 {
                continue;
            }
            let (house, chapter) = founded(ground, &entries(&desk)[0]).await;
            record_one_by_one(name, &house, chapter, &desk).await;
            let (size, mut filters) = (desk.books.size(), Vec::new());
            for scope in scopes(&desk).into_iter().take(12) {
                let lines = adds_up((&house, chapter, &desk), &scope, size).await;
                filters.extend(cut(&scope, &lines));
                filters.extend(spans(&scope, &lines));
            }
            for filter in spans(&AccountsFilter::default(), &all_lines(&house, chapter).await) {
                adds_up((&house, chapter, &desk), &filter, size).await;
            }
            for size in [size, size * 2 / 3] {
                let with = sums_of((&house, chapter), &filters, size).await;
                let rows = house.rows().await;
                let stash = "CREATE TABLE stash AS SELECT * FROM accounts_months; \
                    DELETE FROM accounts_months";
                rows.execute_unprepared(stash).await.unwrap();
                assert_eq!(sums_of((&house, chapter), &filters, size).await, with, "{name}");
                let back = "INSERT INTO accounts_months SELECT * FROM stash; DROP TABLE stash";
                months += rows.execute_unprepared(back).await.unwrap().rows_affected();
                rows.close().await.unwrap();
            }
        }
    }
    assert!(months > 0, "no month was closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_programmes_did_is_the_same_read_at_once_and_bit_by_bit() {
    for (name, desk) in ledgers().filter(|(_, desk)| desk.books.before() == 0) {
        let (house, chapter) = founded(Ground::Sqlite, &entries(&desk)[0]).await;
        record_one_by_one(name, &house, chapter, &desk).await;
        let mut known = Vec::new();
        for size in 0..=desk.books.size() {
            known.push(house.store.done(chapter, size).await.unwrap());
        }
        // Read anew, for an earlier head is asked for than the one that is kept.
        for (size, known) in (0_u64..).zip(&known) {
            let anew = house.store.done(chapter, size).await.unwrap();
            assert_eq!(anew.deeds(), known.deeds(), "{name} below {size}");
            assert_eq!(anew.tallies(), known.tallies(), "{name} below {size}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ledgers_from_before_the_sums_get_them_at_the_start() {
    crate::house::on_both(async |house: TestHouse| {
        let chapter = house.chapter("xuan-tay").await;
        let origin = house.store.desk(chapter).unwrap().origin;
        for amount in [500, 700] {
            house.record(chapter, crate::house::donation(&origin, amount)).await.unwrap();
        }
        let all = AccountsFilter::default();
        let before = house.store.accounts_sum(chapter, &all, u64::MAX >> 1).await.unwrap();
        assert_eq!(before.count, 2);
        close(&house, chapter, &origin).await;
        house.store.stop().await.unwrap();
        let rows = house.rows().await;
        let older = "DELETE FROM accounts_days; DELETE FROM accounts_months; \
            INSERT INTO projections_due (name) VALUES ('accounts_days'), ('accounts_months');";
        rows.execute_unprepared(older).await.unwrap();
        rows.close().await.unwrap();
        let house = house.restart_stopped().await;
        assert_eq!(house.store.standing(chapter).unwrap(), Standing::Open);
        let now = house.store.accounts_sum(chapter, &all, u64::MAX >> 1).await.unwrap();
        assert_eq!(now, before);
        // Made once: rows that go later are missed, and not made in silence.
        house.store.stop().await.unwrap();
        let rows = house.rows().await;
        rows.execute_unprepared("DELETE FROM accounts_days").await.unwrap();
        rows.close().await.unwrap();
        let house = house.restart_stopped().await;
        assert!(matches!(house.store.standing(chapter).unwrap(), Standing::ReadOnly(_)));
    })
    .await;
}
