//! Spans of time and sizes in the unit that people say: 23 hours, and not 1 434 minutes.

use chrono::TimeDelta;
use minijinja::context;
use minijinja::value::Value;

/// A span of time for templates: the key of its text, and how many.
#[must_use]
pub fn span(span: TimeDelta) -> Value {
    let (minutes, hours, days) = (span.num_minutes(), span.num_hours(), span.num_days());
    let (key, number) = match (minutes, hours, days) {
        (minutes, ..) if minutes < 120 => ("span-minutes", minutes),
        (_, hours, _) if hours < 48 => ("span-hours", hours),
        (.., days) if days < 730 => ("span-days", days),
        (.., days) => ("span-years", days / 365),
    };
    context! { key, number }
}

/// A size in bytes for templates: the key of its text, and the amount as the ledger writes one.
#[must_use]
pub fn size(bytes: u64) -> Value {
    let (key, amount) = match bytes {
        bytes if bytes >= 1 << 30 => ("size-gib", gibibytes(bytes)),
        bytes if bytes >= 10 << 20 => ("size-mib", (bytes >> 20).to_string()),
        bytes => ("size-kib", bytes.div_ceil(1 << 10).to_string()),
    };
    context! { key, amount }
}

/// With one digit behind the point where that says something; never more than there is.
fn gibibytes(bytes: u64) -> String {
    let tenths = (bytes >> 20) * 10 / 1024;
    match (tenths / 10, tenths % 10) {
        (whole, tenth) if whole < 10 && tenth > 0 => format!("{whole}.{tenth}"),
        (whole, _) => whole.to_string(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn said(value: &Value, names: [&str; 2]) -> String {
        names.map(|name| value.get_attr(name).unwrap().to_string()).join(" ")
    }

    #[test]
    fn a_long_time_is_told_in_the_larger_unit() {
        for (minutes, expected) in [
            (0, "0 span-minutes"),
            (119, "119 span-minutes"),
            (1_434, "23 span-hours"),
            (2_879, "47 span-hours"),
            (2_880, "2 span-days"),
            (1_440 * 729, "729 span-days"),
            (1_440 * 3_650, "10 span-years"),
        ] {
            let told = span(TimeDelta::minutes(minutes));
            assert_eq!(said(&told, ["number", "key"]), expected);
        }
    }

    #[test]
    fn a_large_size_is_told_in_the_larger_unit() {
        for (bytes, expected) in [
            (1_025, "2 size-kib"),
            (10 << 20, "10 size-mib"),
            (512 << 20, "512 size-mib"),
            (1 << 30, "1 size-gib"),
            (3_000_000_000, "2.7 size-gib"),
            (68_553 << 20, "66 size-gib"),
            (u64::MAX, "17179869183 size-gib"),
        ] {
            assert_eq!(said(&size(bytes), ["amount", "key"]), expected);
        }
    }
}
