//! Words of vouchers: each has one form.
#![allow(clippy::unwrap_used)]

use super::*;

#[test]
fn codes_and_origins_are_narrow() {
    for code in ["chung", "quy-tet-2026", "0", "a-"] {
        assert!(code.parse::<Code>().is_ok(), "{code}");
    }
    for code in ["", "-a", "A", "a_b", "quỹ", "a23456789012345678901234567890123"] {
        assert!(code.parse::<Code>().is_err(), "{code}");
    }
    for origin in ["so.example/xuan-tay", "so.example:8080/x/2", "abc.invalid/x"] {
        assert!(origin.parse::<Origin>().is_ok(), "{origin}");
    }
    for origin in ["so.example", "so.example/", "/x", "So.example/x", "a b/x", "a+b/x", "a/x/1"] {
        assert!(origin.parse::<Origin>().is_err(), "{origin}");
    }
    let second: Origin = "so.example/x/2".parse().unwrap();
    assert_eq!((second.chapter(), second.generation()), ("so.example/x", 2));
    assert_eq!(second.next(), Some("so.example/x/3".parse().unwrap()));
    for (log, chapter) in [("a/x", "a/x"), ("a/x/9", "a/x"), ("a/x/1", "a/x/1"), ("a", "a")] {
        assert_eq!(chapter_of(log), chapter);
    }
    let key: KeyName = "so.example/x/officer/0123456789abcdef".parse().unwrap();
    assert!(key.is_of(&"so.example/x".parse().unwrap()));
    assert!(!key.is_of(&"so.example/y".parse().unwrap()));
}

#[test]
fn days_months_and_times_have_one_form() {
    assert!("2026-02-28".parse::<Date>().is_ok());
    for day in ["2026-02-31", "0000-01-01", "2026-1-01", "+2026-01-01", "12026-01-01", ""] {
        assert!(day.parse::<Date>().is_err(), "{day}");
    }
    let month: Month = "2024-02".parse().unwrap();
    assert_eq!(month.last_day().to_string(), "2024-02-29");
    assert_eq!(month.next().previous(), month);
    assert!("2026-11-05T02:30:00Z".parse::<Time>().is_ok());
    for time in ["2026-11-05T02:30:00+00:00", "2026-11-05T02:30:00.0Z", "2026-11-05t02:30:00z"] {
        assert!(time.parse::<Time>().is_err(), "{time}");
    }
    let time: Time = "2026-11-05T17:30:00Z".parse().unwrap();
    let offset = UtcOffset::try_from("+07:00".to_owned()).unwrap();
    assert_eq!(time.local_date(offset).to_string(), "2026-11-06");
    assert_eq!(String::from(offset), "+07:00");
    assert!(UtcOffset::try_from("+7:00".to_owned()).is_err());
    assert!(UtcOffset::try_from("+07:60".to_owned()).is_err());
}

#[test]
fn references_are_numbers_or_old_numbers() {
    let read = |json: &str| serde_json::from_str::<EntryRef>(json).ok();
    assert_eq!(read("7"), Some(EntryRef::Seq(7)));
    assert_eq!(read("\"old:7\""), Some(EntryRef::Old(7)));
    for json in ["-1", "\"7\"", "\"old:07\"", "\"old:\"", "9007199254740992", "1.0"] {
        assert_eq!(read(json), None, "{json}");
    }
}
