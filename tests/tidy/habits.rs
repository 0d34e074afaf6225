//! Rules about the text of a file: its head, its size, and calls that have no place in it.

use super::source::{Offence, Source};

/// Longest function, in lines from `fn` to its closing brace.
const FUNCTION_LINES: usize = 70;
/// Longest line, in characters.
const COLUMNS: usize = 100;
/// Longest file in `src`, in lines.
const FILE_LINES: usize = 600;

/// A file says first what it is.
pub fn says_what_it_is(source: &Source) -> Vec<Offence> {
    match source.text.lines().next() {
        Some(first) if first.strip_prefix("//!").is_some_and(|text| !text.trim().is_empty()) => {
            Vec::new()
        }
        _ => vec![source.offence(1, "start with a `//!` line that says what this file is")],
    }
}

/// Functions fit on a screen.
pub fn short_functions(source: &Source) -> Vec<Offence> {
    let long = source.functions.iter().filter(|(first, last, _)| last - first + 1 > FUNCTION_LINES);
    let offence = |(first, last, name): &(usize, usize, String)| {
        let lines = last - first + 1;
        source.offence(*first, format!("`{name}` has {lines} lines of at most {FUNCTION_LINES}"))
    };
    long.map(offence).collect()
}

/// Lines fit beside one another.
pub fn short_lines(source: &Source) -> Vec<Offence> {
    let lines = source.text.lines().enumerate();
    let long = lines.filter_map(|(index, line)| {
        let columns = line.chars().count();
        (columns > COLUMNS)
            .then(|| source.offence(index + 1, format!("{columns} columns of at most {COLUMNS}")))
    });
    long.collect()
}

/// A file has one subject.
pub fn short_files(source: &Source) -> Vec<Offence> {
    let lines = source.text.lines().count();
    if !source.path.starts_with("src/") || lines <= FILE_LINES {
        return Vec::new();
    }
    vec![source.offence(FILE_LINES + 1, format!("{lines} lines of at most {FILE_LINES}: part it"))]
}

/// A fault is a value, not a panic in passing.
pub fn no_unwrap(source: &Source) -> Vec<Offence> {
    let names = ["unwrap", "expect", "unwrap_err", "expect_err"];
    let what = "return the fault (or `assert!` what can't be), don't unwrap";
    calls(source, what, |index| {
        let token = &source.tokens[index];
        let method = matches!(source.token(index, -1), "." | "::");
        !source.test_file && !token.in_test && method && names.contains(&token.text.as_str())
    })
}

/// The clock is an argument: only `web`, `cli` and `main.rs` read it.
pub fn no_clock(source: &Source) -> Vec<Offence> {
    let reader = matches!(source.room(), Some("web" | "cli")) || source.path == "src/main.rs";
    if reader || !source.path.starts_with("src/") {
        return Vec::new();
    }
    calls(source, "takes the time as an argument, and does not read the clock", |index| {
        let clocks = ["Utc", "Local", "SystemTime", "Timestamp"];
        match source.token(index, 0) {
            "now" => source.token(index, -1) == "::" && clocks.contains(&source.token(index, -2)),
            "now_v1" | "now_v6" | "now_v7" => source.token(index, -1) == "::",
            _ => false,
        }
    })
}

/// Money, goods and what is signed are integers. Who reads JSON has to know a fraction to refuse
/// it.
pub fn no_floats(source: &Source) -> Vec<Offence> {
    let refuses = source.path == "src/ledger/json.rs";
    if refuses || !matches!(source.room(), Some("money" | "ledger" | "books")) {
        return Vec::new();
    }
    calls(source, "is a float: money, ledger and books count in integers", |index| {
        let token = &source.tokens[index];
        let field = source.token(index, -1) == ".";
        match token.literal {
            true => !field && is_float_literal(&token.text),
            false => matches!(token.text.as_str(), "f32" | "f64"),
        }
    })
}

fn is_float_literal(text: &str) -> bool {
    let based = ["0x", "0b", "0o"].iter().any(|base| text.starts_with(base));
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '_');
    text.starts_with(|c: char| c.is_ascii_digit())
        && !based
        && (rest.starts_with(['.', 'e', 'E']) || matches!(rest, "f32" | "f64"))
}

/// Offences at the tokens that `hit` picks.
fn calls(source: &Source, what: &str, hit: impl Fn(usize) -> bool) -> Vec<Offence> {
    let places = (0..source.tokens.len()).filter(|index| hit(*index));
    let offence = |index: usize| {
        let token = &source.tokens[index];
        source.offence(token.line, format!("`{}` {what}", token.text))
    };
    places.map(offence).collect()
}

/// What we write stands by itself: no open ends, no numbers of a tracker, no folder of somebody's
/// machine.
pub fn no_loose_ends(source: &Source) -> Vec<Offence> {
    // Spelled in two halves, or this file would break its own rule.
    let open_ends = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];
    let folders = [concat!("../", "shared")];
    let colours = ["css", "scss", "svg", "html", "js", "mjs"];
    let has_colours = colours.iter().any(|extension| source.path.ends_with(extension));
    let mut found = Vec::new();
    for (index, line) in source.text.lines().enumerate() {
        let mut say = |what: &str| found.push(source.offence(index + 1, what));
        if words(line).any(|word| open_ends.contains(&word)) {
            say("an open end: finish it, or say plainly what is absent");
        }
        if folders.iter().any(|folder| line.contains(folder)) {
            say("names a folder outside the repository");
        }
        if names_an_issue(line) || (!has_colours && has_issue_number(line)) {
            say("names a number of an issue tracker: say the reason itself");
        }
    }
    found
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

/// The word for an issue or a pull request with a number after it, in any case of letters.
fn names_an_issue(line: &str) -> bool {
    let number = |word: &str| word.chars().all(|c| c.is_ascii_digit());
    let lower = line.to_lowercase();
    let words: Vec<&str> = words(&lower).collect();
    let named = |pair: &[&str]| matches!(pair[0], "issue" | "issues" | "pr") && number(pair[1]);
    let pulled = |three: &[&str]| three[..2] == ["pull", "request"] && number(three[2]);
    words.windows(2).any(named) || words.windows(3).any(pulled)
}

/// A hash sign with a number, and nothing but white space, a bracket or a comma around it.
fn has_issue_number(line: &str) -> bool {
    let free = |c: Option<char>| c.is_none_or(|c| c.is_whitespace() || "()[],.;:".contains(c));
    line.match_indices('#').any(|(place, _)| {
        let after = &line[place + 1..];
        let digits = after.chars().take_while(char::is_ascii_digit).count();
        (1..=5).contains(&digits)
            && free(line[..place].chars().next_back())
            && free(after[digits..].chars().next())
    })
}
