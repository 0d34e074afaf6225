//! Rules about who may use whom: the table of rooms, the databases' and the server's libraries.

use super::source::{Offence, Source};

/// Each room with what it may use beside itself; `cli` and `web` may use everything.
const ROOMS: [(&str, &[&str]); 12] = [
    ("allocator", &[]),
    ("money", &[]),
    ("disk", &[]),
    ("ledger", &["money"]),
    ("books", &["money", "ledger"]),
    ("verify", &["money", "ledger", "books"]),
    ("follow", &["disk", "money", "ledger", "books", "verify"]),
    ("import", &["money", "ledger"]),
    ("store", &["disk", "money", "ledger", "books", "verify", "migrations"]),
    ("publish", &["disk", "money", "ledger", "books", "store"]),
    ("cli", ALL),
    ("web", ALL),
];
const ALL: &[&str] = &[
    "money",
    "disk",
    "ledger",
    "books",
    "verify",
    "follow",
    "import",
    "store",
    "publish",
    "cli",
    "web",
    "migrations",
];

/// Libraries that only `store` may know.
const DATABASE: [&str; 5] = ["sea_orm", "sea_query", "sea_orm_migration", "sqlx", "libsqlite3_sys"];

/// A room uses only the rooms that the table grants it, by paths from `crate`.
pub fn direction(source: &Source) -> Vec<Offence> {
    let Some(room) = source.room() else { return Vec::new() };
    let Some((_, granted)) = ROOMS.iter().find(|(name, _)| *name == room) else {
        return vec![source.offence(1, format!("`{room}` is not a room: add it to the table"))];
    };
    let mut found = Vec::new();
    for (line, used) in used_rooms(source) {
        match used.as_str() {
            "super" => found.push(
                source
                    .offence(line, "leaves its room through `super`: write the path from `crate`"),
            ),
            "*" => found.push(source.offence(line, "takes all of the crate: name what is used")),
            used if used != room && ALL.contains(&used) && !granted.contains(&used) => {
                found.push(source.offence(line, format!("`{room}` may not use `{used}`")));
            }
            _ => {}
        }
    }
    found
}

/// Line and first name of each path that starts at the crate's root, `migrations` where that crate
/// is named, and `super` where a chain of them leaves the room.
fn used_rooms(source: &Source) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (index, token) in source.tokens.iter().enumerate() {
        let starts = source.token(index, -1) != "::";
        match token.text.as_str() {
            "crate" | "minhbach" if starts && source.token(index, 1) == "::" => {
                found.extend(first_names(source, index + 2));
            }
            "migrations" if starts && source.token(index, 1) == "::" => {
                found.push((token.line, "migrations".to_owned()));
            }
            "super" if starts => {
                let chain = (0..).take_while(|step| {
                    source.token(index, 2 * step) == "super"
                        && source.token(index, 2 * step + 1) == "::"
                });
                if chain.count() >= source.depth + token.inline_modules {
                    found.push((token.line, "super".to_owned()));
                }
            }
            _ => {}
        }
    }
    found
}

/// The name at `index`, or the first name of each branch if a brace opens there.
fn first_names(source: &Source, index: usize) -> Vec<(usize, String)> {
    let Some(token) = source.tokens.get(index) else { return Vec::new() };
    if token.text != "{" {
        return vec![(token.line, token.text.clone())];
    }
    let mut found = Vec::new();
    let mut depth = 0;
    for (place, token) in source.tokens.iter().enumerate().skip(index) {
        match token.text.as_str() {
            "{" => depth += 1,
            "}" => depth -= 1,
            name if depth == 1 && matches!(source.token(place, -1), "{" | ",") => {
                found.push((token.line, name.to_owned()));
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    found
}

/// Only `store` and the migrations know the database libraries.
pub fn database(source: &Source) -> Vec<Offence> {
    if !source.path.starts_with("src/") || source.room() == Some("store") {
        return Vec::new();
    }
    named(source, &DATABASE, "only `store` and `migrations` know the database: ask `store`")
}

/// Only `web`, `cli` and the crate's root know Rocket.
pub fn server(source: &Source) -> Vec<Offence> {
    let allowed = matches!(source.room(), Some("web" | "cli")) || source.path == "src/lib.rs";
    if !source.path.starts_with("src/") || allowed {
        return Vec::new();
    }
    named(source, &["rocket"], "only `web`, `cli` and `lib.rs` know Rocket")
}

/// Where a library of `names` starts a path or is brought in.
fn named(source: &Source, names: &[&str], what: &str) -> Vec<Offence> {
    let hit = |index: usize| {
        names.contains(&source.token(index, 0))
            && source.token(index, -1) != "."
            && (source.token(index, 1) == "::"
                || matches!(source.token(index, -1), "use" | "crate" | "::"))
    };
    let places = (0..source.tokens.len()).filter(|index| hit(*index));
    places.map(|index| source.offence(source.tokens[index].line, what)).collect()
}

/// Database transactions begin in one file of `store`; this is the list of all others. Where
/// several files of `store` begin them, all of those are named.
pub fn transactions(sources: &[Source]) -> Vec<Offence> {
    let what = "transactions begin in one file of `store`: call it";
    let mut inside: Vec<(&Source, Vec<Offence>)> = Vec::new();
    let mut found = Vec::new();
    for source in sources.iter().filter(|source| source.path.starts_with("src/")) {
        let begins = |index: &usize| begins_transaction(source, *index);
        let lines = (0..source.tokens.len()).filter(begins).map(|index| source.tokens[index].line);
        let offences: Vec<_> = lines.map(|line| source.offence(line, what)).collect();
        match source.room() {
            _ if offences.is_empty() => {}
            Some("store") => inside.push((source, offences)),
            _ => found.extend(offences),
        }
    }
    if inside.len() > 1 {
        found.extend(inside.into_iter().flat_map(|(_, offences)| offences));
    }
    found
}

fn begins_transaction(source: &Source, index: usize) -> bool {
    let token = &source.tokens[index];
    if token.literal {
        let sql = token.text.trim_start_matches(['r', '#', '"', ' ']).to_ascii_uppercase();
        let rest =
            sql.strip_prefix("BEGIN").map(|rest| rest.trim_start_matches([' ', '"', '#', ';']));
        let modes = ["IMMEDIATE", "EXCLUSIVE", "DEFERRED", "TRANSACTION"];
        return rest.is_some_and(|rest| {
            rest.is_empty() || modes.iter().any(|mode| rest.starts_with(mode))
        });
    }
    let calls = matches!(source.token(index, 1), "(" | "::");
    let name = token.text.as_str();
    let begins = name == "begin"
        || name == "transaction"
        || name.starts_with("begin_with")
        || name.starts_with("transaction_with");
    begins && calls && matches!(source.token(index, -1), "." | "::")
}
