//! Rules about SQL: what belongs to a chapter is asked for with the chapter.

use std::collections::BTreeSet;

use super::source::{Offence, Source};

/// Statements of the store that name no chapter: the file, how the text begins, and why.
pub const EXCEPTIONS: [(&str, &str, &str); 28] = [
    ("behind.rs", "UPDATE lots SET unspent = 0 WHERE {within}", WITHIN),
    ("lots.rs", "SELECT COUNT(*) AS lots, ", WITHIN),
    ("lots.rs", "UPDATE lots SET whole_entry = ?", WITHIN),
    ("lots.rs", "INSERT INTO uses (chapter, since, line, lot_seq, lot_line, entry, ", WITHIN),
    ("behind.rs", "INSERT INTO uses (chapter, since, line, lot_seq, lot_line, entry, ", WITHIN),
    ("read/entries.rs", "SELECT seq, bytes, leaf_hash, {OPENED} FROM entries", BEGINNING),
    ("desk/complaints/rows.rs", "SELECT id, about, seq, officer, by_code, ", BEGINNING),
    ("desk/invitations.rs", "SELECT chapter, voucher, made_by, made_at, ", SECRET),
    ("desk/continuations.rs", "SELECT chapter, size, checkpoint, while_open ", SECRET),
    ("desk/factor_resets.rs", "SELECT chapter, account FROM desk_factor_resets ", SECRET),
    ("desk/factor_resets.rs", "DELETE FROM desk_factor_resets WHERE secret = $1", SECRET),
    ("desk/sponsorship.rs", "SELECT chapter, id FROM desk_sponsorships WHERE code = $1", SECRET),
    ("desk/halves.rs", "SELECT chapter FROM desk_half_sessions WHERE id = $1", SECRET),
    ("desk/halves.rs", "DELETE FROM desk_half_sessions WHERE id = $1", SECRET),
    ("desk/sessions.rs", "SELECT chapter FROM desk_sessions WHERE id = $1", SECRET),
    ("desk/sessions.rs", "UPDATE desk_sessions SET seen_at = $1 WHERE id = $2", SECRET),
    ("desk/sessions.rs", "DELETE FROM desk_sessions WHERE id = $1", SECRET),
    ("desk/halves.rs", "DELETE FROM desk_half_sessions WHERE made_at <= $1", TIME),
    ("desk/sessions.rs", "DELETE FROM desk_sessions WHERE seen_at <= $1", TIME),
    ("desk/factor_resets.rs", "DELETE FROM desk_factor_resets WHERE ends_at <= $1", TIME),
    ("desk/invitations.rs", "FROM desk_invitations WHERE ends_at <= $1", TIME),
    ("desk/invitations.rs", "DELETE FROM desk_invitations WHERE EXISTS ({draft} AND ", TIME),
    ("facade/health.rs", "SELECT chapter, MAX(size) AS size FROM snapshots GROUP BY", "of each"),
    ("desk/sessions.rs", "DELETE FROM desk_sessions", RESTORED),
    ("desk/sessions.rs", "DELETE FROM desk_half_sessions", RESTORED),
    ("desk/sessions.rs", "DELETE FROM desk_factor_resets", RESTORED),
    ("desk/sessions.rs", "DELETE FROM desk_continuations", RESTORED),
    ("desk/sessions.rs", "UPDATE desk_invitations SET secret = NULL", RESTORED),
];
/// The text that is put in names it.
const WITHIN: &str = "the condition is put together elsewhere";
/// Each use goes on with a condition that names it.
const BEGINNING: &str = "the beginning of a statement";
/// Whoever asks has nothing else: the chapter is what is learnt.
const SECRET: &str = "found by the hash of a secret";
/// Nobody is signed in to a database that was restored, and no link leads into it.
const RESTORED: &str = "of all chapters at once";
/// What is over goes, whosesoever it is.
const TIME: &str = "by time alone";

/// The tables whose rows say which chapter they belong to, as the migrations make them.
pub fn tables(migrations: &[Source]) -> BTreeSet<String> {
    let mut own = BTreeSet::new();
    for source in migrations {
        for made in source.text.split("CREATE TABLE ").skip(1) {
            let Some((name, rest)) = made.split_once(" (") else { continue };
            let columns = rest.split("\n)").next().unwrap_or_default();
            if columns.lines().any(|line| line.trim_start().starts_with("chapter ")) {
                own.insert(name.to_owned());
            }
        }
        for renamed in source.text.split("ALTER TABLE ").skip(1) {
            let mut words = renamed.split([' ', ';']);
            let (before, after) = (words.next(), words.nth(2));
            if let Some(after) = after.filter(|_| renamed.contains(" RENAME TO "))
                && before.is_some_and(|before| own.contains(before))
            {
                own.insert(after.to_owned());
            }
        }
    }
    own
}

/// SQL about rows of chapters that asks for no chapter, but for the exceptions.
pub fn named(source: &Source, tables: &BTreeSet<String>) -> Vec<Offence> {
    let found = statements(source, tables);
    let found = found.into_iter().filter(|(_, text)| !asks_for_it(text));
    let excepted = |text: &str| {
        EXCEPTIONS.iter().any(|(file, start, _)| is_in(source, file) && text.starts_with(start))
    };
    found
        .filter(|(_, text)| !excepted(text))
        .map(|(line, text)| source.offence(line, format!("names no chapter: {text:.60}")))
        .collect()
}

/// Exceptions that no statement needs any more.
pub fn stale(sources: &[Source], tables: &BTreeSet<String>) -> Vec<&'static str> {
    let needed = |file: &str, start: &str| {
        sources.iter().filter(|source| is_in(source, file)).any(|source| {
            let all = statements(source, tables);
            all.iter().any(|(_, text)| text.starts_with(start) && !asks_for_it(text))
        })
    };
    let unneeded = EXCEPTIONS.iter().filter(|(file, start, _)| !needed(file, start));
    unneeded.map(|(_, start, _)| *start).collect()
}

fn is_in(source: &Source, file: &str) -> bool {
    source.path.strip_prefix("src/store/") == Some(file)
}

/// Texts of the store that read or write one of these tables, on one line each.
fn statements(source: &Source, tables: &BTreeSet<String>) -> Vec<(usize, String)> {
    if source.test_file || !source.path.starts_with("src/store/") {
        return Vec::new();
    }
    let literals = source.tokens.iter().filter(|token| token.literal && !token.in_test);
    let texts = literals.map(|token| (token.line, flat(&token.text)));
    texts.filter(|(_, text)| touched(text).any(|table| tables.contains(table))).collect()
}

/// A literal without its quotes, and without the ends of its lines.
fn flat(literal: &str) -> String {
    let inner = literal.trim_start_matches(['r', '#', '"']).trim_end_matches(['#', '"']);
    let words = inner.split_whitespace().filter(|word| *word != "\\");
    words.collect::<Vec<_>>().join(" ")
}

fn touched(text: &str) -> impl Iterator<Item = &str> {
    let before = ["FROM", "INTO", "UPDATE", "JOIN"];
    let words = text.split([' ', ',', '(', ')', ';']).filter(|word| !word.is_empty());
    let pairs = words.clone().zip(words.skip(1));
    pairs.filter(move |(word, _)| before.contains(word)).map(|(_, table)| table)
}

/// Whether a statement asks for the rows of a chapter, or puts rows in with theirs: `chapter = …`,
/// `chapter IN …`, `= lot.chapter`, `(chapter, …) = …`, `INSERT INTO … (… chapter …) VALUES`.
fn asks_for_it(text: &str) -> bool {
    let put_in = text.starts_with("INSERT INTO ") && !text.contains(" FROM ");
    if put_in && text.split(')').next().is_some_and(|head| head.contains("chapter")) {
        return true;
    }
    let in_a_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    text.match_indices("chapter").any(|(at, word)| {
        let (before, after) = (&text[..at], &text[at + word.len()..]);
        let before = match before.ends_with('.') {
            true => before.trim_end_matches('.').trim_end_matches(in_a_word),
            false if before.ends_with(in_a_word) => return false,
            false => before,
        };
        let row = before.ends_with('(') && after.starts_with(", ") && !text.starts_with("INSERT");
        let compared = after.starts_with(" = ") || after.starts_with(" IN ");
        row || compared || before.trim_end().ends_with('=')
    })
}
