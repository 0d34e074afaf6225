//! The clock as tables of days.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::store::desk::publication::Deadline;

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn facts(books_from: &str, today: &str) -> Facts {
    Facts {
        today: day(today),
        books_from: day(books_from),
        ended: None,
        closed: Vec::new(),
        published: Vec::new(),
        appeals: Vec::new(),
        gifts: Vec::new(),
        notices: Vec::new(),
    }
}

/// All rules off but one, with so many days.
fn only(rule: Rule, days: u32) -> Deadlines {
    let mut deadlines = Deadlines::default();
    for own in Rule::ALL {
        let on = own == rule;
        let own_days = if on { days } else { 1 };
        let source = String::new();
        deadlines.set(own, Deadline { days: own_days, source, check: false, on });
    }
    deadlines
}

/// What a duty is about, its day and its state on one line.
fn line(duty: &Duty) -> String {
    let about = match &duty.about {
        About::Month(month) => month.to_string(),
        About::Quarter(year, quarter) => format!("{year}-q{quarter}"),
        About::Year(year) => year.to_string(),
        About::Gifts(month, number, late) => format!("{month}: {number} gifts, {late} late"),
        About::Appeal(fund) => fund.to_string(),
        About::Statement(name) => name.clone(),
    };
    let state = match &duty.state {
        State::Done(on, _) => format!("done {on}"),
        State::Overdue => "overdue".to_owned(),
        State::Due => "due".to_owned(),
        State::Coming => "coming".to_owned(),
    };
    format!("{about} | {} | {state}", duty.due)
}

fn lines(facts: &Facts, deadlines: &Deadlines) -> Vec<String> {
    duties(facts, deadlines).iter().map(line).collect()
}

fn act(seq: u64, on: &str) -> Act {
    Act { seq, on: day(on) }
}

#[test]
fn days_are_counted_over_ends_of_months_and_years_and_leap_days() {
    for (from, days, to) in [
        ("2026-01-31", 1, "2026-02-01"),
        ("2028-02-28", 1, "2028-02-29"),
        ("2027-02-28", 1, "2027-03-01"),
        ("2028-02-29", 365, "2029-02-28"),
        ("2026-12-31", 10, "2027-01-10"),
        ("2026-09-01", 90, "2026-11-30"),
        // Behind the last day of the calendar there is none.
        ("9999-12-31", 30, "9999-12-31"),
    ] {
        assert_eq!(days_after(day(from), days), day(to), "{from} + {days}");
    }
}

#[test]
fn months_are_done_due_overdue_and_coming() {
    let mut now = facts("2027-11-01", "2028-03-10");
    // One closing over two months, a day late for the first.
    now.closed = vec![("2027-12".parse().unwrap(), act(40, "2027-12-11"))];
    let deadlines = only(Rule::MonthClosed, 10);
    let told = [
        "2027-11 | 2027-12-10 | done 2027-12-11",
        "2027-12 | 2028-01-10 | done 2027-12-11",
        "2028-01 | 2028-02-10 | overdue",
        "2028-02 | 2028-03-10 | due",
        "2028-03 | 2028-04-10 | coming",
    ];
    assert_eq!(lines(&now, &deadlines), told);
    let late: Vec<i64> =
        duties(&now, &deadlines).iter().map(|own| own.late_by(now.today)).collect();
    assert_eq!(late, [1, 0, 29, 0, 0]);
    // The day after, February is late too.
    now.today = now.today.next();
    assert_eq!(lines(&now, &deadlines)[3], "2028-02 | 2028-03-10 | overdue");
    // A chapter that ended has no months behind its end.
    now.ended = Some(day("2028-01-20"));
    assert_eq!(lines(&now, &deadlines).len(), 3);
}

#[test]
fn quarters_and_years_run_from_the_first_day_of_the_books() {
    let mut now = facts("2026-11-01", "2027-02-14");
    let own = |name: &str, span, to, act| Published { name: name.into(), span, to: day(to), act };
    now.published = vec![
        own("2026-q4", Span::Quarter, "2026-12-31", act(70, "2027-01-21")),
        // Published again later: the first time counts.
        own("2026-q4", Span::Quarter, "2026-12-31", act(90, "2027-02-01")),
    ];
    let quarters = ["2026-q4 | 2027-01-20 | done 2027-01-21", "2027-q1 | 2027-04-20 | coming"];
    assert_eq!(lines(&now, &only(Rule::QuarterPublished, 20)), quarters);
    let years = ["2026 | 2027-02-14 | due", "2027 | 2028-02-14 | coming"];
    assert_eq!(lines(&now, &only(Rule::YearPublished, 45)), years);
}

#[test]
fn nothing_is_owed_on_the_first_day_of_a_new_chapter() {
    let now = facts("2026-11-01", "2026-11-01");
    let all = duties(&now, &Deadlines::default());
    assert_eq!(all.len(), 3, "month, quarter and year go on: {all:?}");
    assert!(all.iter().all(|own| own.state == State::Coming));
}

fn appeal(from: &str, to: Option<&str>) -> Appeal {
    let fund = "bao-lu".parse().unwrap();
    Appeal { fund, from: day(from), to: to.map(day), closed_on: None, emptied_on: None }
}

#[test]
fn an_appeal_without_an_end_is_asked_to_end_and_owes_nothing_else() {
    let mut now = facts("2026-01-01", "2026-11-16");
    now.appeals = vec![appeal("2026-09-01", None)];
    let all = |now: &Facts| {
        let appeals = duties(now, &Deadlines::default()).into_iter();
        let own = appeals.filter(|duty| matches!(duty.about, About::Appeal(_)));
        own.map(|duty| format!("{} {}", duty.rule.as_str(), line(&duty))).collect::<Vec<_>>()
    };
    // 90 days from 1 September: 30 November; two weeks before that it is due.
    for (today, state) in
        [("2026-11-15", "coming"), ("2026-11-16", "due"), ("2026-12-01", "overdue")]
    {
        now.today = day(today);
        assert_eq!(all(&now), [format!("appeal_intake bao-lu | 2026-11-30 | {state}")], "{today}");
    }
    // Closing the fund ends it.
    now.appeals[0].closed_on = Some(day("2026-12-05"));
    now.today = day("2026-12-20");
    let told = [
        "appeal_intake bao-lu | 2026-11-30 | done 2026-12-05",
        "appeal_results bao-lu | 2026-12-20 | due",
        "appeal_handed_out bao-lu | 2026-12-25 | due",
    ];
    assert_eq!(all(&now), told);
}

#[test]
fn an_appeal_that_ended_is_handed_out_and_told_of() {
    let mut now = facts("2026-01-01", "2026-10-12");
    now.appeals = vec![appeal("2026-09-09", Some("2026-09-30"))];
    let handed = |now: &Facts| lines(now, &only(Rule::AppealHandedOut, 20));
    let results = |now: &Facts| lines(now, &only(Rule::AppealResults, 15));
    let used = |now: &Facts| lines(now, &only(Rule::AppealUsed, 30));
    assert_eq!(handed(&now), ["bao-lu | 2026-10-20 | due"]);
    assert_eq!(results(&now), ["bao-lu | 2026-10-15 | due"]);
    assert!(used(&now).is_empty(), "something is left of it");
    // A statement that stops before its last day tells of a part only.
    let published = |to: &str, act| Published {
        name: format!("bao-lu_2026-09-09_{to}"),
        span: Span::Campaign("bao-lu".parse().unwrap()),
        to: day(to),
        act,
    };
    now.published = vec![published("2026-09-29", act(5, "2026-10-02"))];
    assert_eq!(results(&now), ["bao-lu | 2026-10-15 | due"]);
    now.published.push(published("2026-09-30", act(9, "2026-10-08")));
    assert_eq!(results(&now), ["bao-lu | 2026-10-15 | done 2026-10-08"]);
    now.appeals[0].emptied_on = Some(day("2026-10-11"));
    assert_eq!(handed(&now), ["bao-lu | 2026-10-20 | done 2026-10-11"]);
    // What was handed out behind that statement is not told of yet.
    assert_eq!(used(&now), ["bao-lu | 2026-11-10 | due"]);
    now.today = day("2026-11-20");
    assert_eq!(used(&now), ["bao-lu | 2026-11-10 | overdue"]);
    // A sheet on the board tells of it, by the officers' word.
    now.notices = vec![notice("bao-lu_2026-09-09_2026-10-31", "2026-11-09", "2026-12-09")];
    assert_eq!(used(&now), ["bao-lu | 2026-11-10 | done 2026-11-09"]);
}

#[test]
fn while_an_appeal_runs_its_results_are_coming() {
    let mut now = facts("2026-01-01", "2026-09-20");
    now.appeals = vec![appeal("2026-09-09", Some("2026-09-30"))];
    // An empty fund on the way is not the end of handing out.
    now.appeals[0].emptied_on = Some(day("2026-09-19"));
    assert_eq!(lines(&now, &only(Rule::AppealHandedOut, 20)), ["bao-lu | 2026-10-20 | coming"]);
    assert_eq!(lines(&now, &only(Rule::AppealResults, 15)), ["bao-lu | 2026-10-15 | coming"]);
    assert!(lines(&now, &only(Rule::AppealUsed, 30)).is_empty());
}

fn notice(statement: &str, posted: &str, until: &str) -> Notice {
    Notice {
        id: "00000000000000aa".parse().unwrap(),
        statement: statement.to_owned(),
        posted_on: day(posted),
        until_on: day(until),
        place: "Trụ sở Hội".to_owned(),
    }
}

#[test]
fn statements_are_put_up_and_hang_long_enough() {
    let mut now = facts("2026-07-01", "2026-10-20");
    now.published = vec![Published {
        name: "2026-q3".to_owned(),
        span: Span::Quarter,
        to: day("2026-09-30"),
        act: act(7, "2026-10-08"),
    }];
    let posted = |now: &Facts| lines(now, &only(Rule::NoticePosted, 5));
    let kept = |now: &Facts| lines(now, &only(Rule::NoticeKept, 30));
    assert_eq!(posted(&now), ["2026-q3 | 2026-10-13 | overdue"]);
    assert!(kept(&now).is_empty());
    now.notices = vec![notice("2026-q3", "2026-10-15", "2026-11-04")];
    assert_eq!(posted(&now), ["2026-q3 | 2026-10-13 | done 2026-10-15"]);
    assert_eq!(kept(&now), ["2026-q3 | 2026-11-14 | coming"]);
    // Taken down ten days too early.
    now.today = day("2026-11-05");
    assert_eq!(kept(&now), ["2026-q3 | 2026-11-14 | done 2026-11-04"]);
    assert_eq!(duties(&now, &only(Rule::NoticeKept, 30))[0].late_by(now.today), 10);
    assert_eq!(duties(&now, &only(Rule::NoticeKept, 20))[0].late_by(now.today), 0);
}

#[test]
fn receipts_are_counted_by_the_month_in_which_gifts_came() {
    let mut now = facts("2026-01-01", "2026-11-20");
    let gifts = |came, recorded, number| Gifts { came: day(came), recorded: day(recorded), number };
    now.gifts = vec![
        gifts("2026-10-01", "2026-10-01", 3),
        gifts("2026-10-28", "2026-11-05", 2),
        gifts("2026-11-02", "2026-11-09", 1),
    ];
    let told = [
        "2026-10: 5 gifts, 2 late | 2026-11-04 | done 2026-11-05",
        "2026-11: 1 gifts, 0 late | 2026-11-09 | done 2026-11-09",
    ];
    assert_eq!(lines(&now, &only(Rule::ReceiptGiven, 7)), told);
    assert!(lines(&now, &only(Rule::MonthClosed, 7)).iter().all(|own| !own.contains("gifts")));
}

#[test]
fn rules_can_be_changed_switched_off_and_begin_later() {
    let now = facts("2026-01-01", "2026-04-05");
    let mut deadlines = only(Rule::MonthClosed, 3);
    let told = ["2026-03 | 2026-04-03 | overdue", "2026-04 | 2026-05-03 | coming"];
    deadlines.since = Some(day("2026-03-15"));
    assert_eq!(lines(&now, &deadlines), told);
    deadlines.set(
        Rule::MonthClosed,
        Deadline { days: 3_650, source: String::new(), check: false, on: true },
    );
    assert_eq!(lines(&now, &deadlines)[0], "2026-03 | 2036-03-28 | due");
    // A day before the books is no day of theirs.
    deadlines.since = Some(day("2020-01-01"));
    assert_eq!(lines(&now, &deadlines).len(), 4);
    let off = Deadline { days: 3, source: String::new(), check: false, on: false };
    deadlines.set(Rule::MonthClosed, off);
    assert!(lines(&now, &deadlines).is_empty());
}

#[test]
fn names_of_campaigns_are_read_strictly() {
    let name = "bao-lu_2026-09-09_2026-09-30";
    let (fund, from, to) = campaign_of(name).unwrap();
    assert_eq!(campaign_name(&fund, from, to), name);
    for odd in [
        "bao-lu_2026-09-30_2026-09-09",
        "bao-lu_2026-09-09",
        "bao-lu_2026-09-09_2026-09-30_x",
        "2026-q3",
        "_2026-09-09_2026-09-30",
        "bao-lu_2026-02-30_2026-09-30",
    ] {
        assert_eq!(campaign_of(odd), None, "{odd}");
    }
}
