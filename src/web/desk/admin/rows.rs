//! Vouchers of the administration in words.

use serde_json::Value;

use super::super::describe::Row;
use crate::books::Books;
use crate::ledger::word::Person;

/// An officer or the guardian: their title today, or the person as the ledger calls them.
#[must_use]
pub fn person_name(books: &Books, person: &str) -> String {
    let Ok(known) = person.parse::<Person>() else { return person.to_owned() };
    let officers = books.officers();
    let office = officers.in_office().get(&known).map(|office| office.title.to_string());
    let guardian = officers.guardian().filter(|guardian| guardian.person == known);
    office
        .or_else(|| guardian.map(|guardian| guardian.title.to_string()))
        .unwrap_or_else(|| person.to_owned())
}

/// Rows of a member that only these kinds have; `None` for any other.
#[must_use]
pub fn member(books: &Books, name: &str, value: &Value) -> Option<Vec<Row>> {
    let text = |name: &str, text: &str| row(name, "text", text.to_owned(), 0);
    Some(match (name, value) {
        ("person", Value::String(person)) => vec![text(name, &person_name(books, person))],
        ("compromised_from_seq", Value::Number(seq)) => {
            vec![row(name, "entry", String::new(), seq.as_i64().unwrap_or(0))]
        }
        ("vkey" | "old_vkey" | "new_vkey", Value::String(vkey)) => vec![text(name, &short(vkey))],
        ("officer" | "guardian", Value::Object(inner)) => {
            let word = |name: &str| inner.get(name).and_then(Value::as_str).unwrap_or_default();
            let mut rows = vec![text("title", word("title"))];
            let roles = inner.get("roles").and_then(Value::as_array);
            rows.extend(
                roles.into_iter().flatten().filter_map(Value::as_str).map(|role| {
                    row("role", "key", format!("office-{}", role.replace('_', "-")), 0)
                }),
            );
            rows.push(text("vkey", &short(word("vkey"))));
            rows
        }
        ("chapter", Value::Object(inner)) => ["name", "address", "province", "upper"]
            .iter()
            .filter_map(|name| Some(text(name, inner.get(*name)?.as_str()?)))
            .collect(),
        ("policy", Value::Object(inner)) => {
            let mut rows = vec![match inner.get("two_above").and_then(Value::as_i64) {
                Some(amount) => row("two-above", "money", String::new(), amount),
                None => row("two-above", "key", "admin-no-limit".to_owned(), 0),
            }];
            let away = inner.get("away").and_then(Value::as_array).into_iter().flatten();
            rows.extend(
                away.filter_map(Value::as_str)
                    .map(|kind| row("away", "key", format!("kind-{}", kind.replace('_', "-")), 0)),
            );
            rows
        }
        _ => return None,
    })
}

fn row(label: &str, form: &'static str, text: String, number: i64) -> Row {
    Row { label: format!("voucher-{}", label.replace('_', "-")), form, text, number, goods: None }
}

/// What people compare of a key by voice: the last part of its name and its id.
#[must_use]
pub fn short(vkey: &str) -> String {
    let mut parts = vkey.split('+');
    let (name, id) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let last = name.rsplit('/').next().unwrap_or(name);
    format!("{last} · {id}")
}
