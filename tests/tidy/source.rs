//! Our own files as the rules of the house see them: lines of text, and tokens of Rust.
//!
//! Tokens come from `proc_macro2`, so comments, strings and raw strings can't fool a rule, and code
//! inside macros is seen as well.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

/// One place that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Offence {
    /// Path from the root of the repository.
    pub path: String,
    /// Line, from 1.
    pub line: usize,
    /// What is wrong and what to do.
    pub what: String,
}

impl std::fmt::Display for Offence {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}:{}: {}", self.path, self.line, self.what)
    }
}

/// A token with what the rules ask about its place.
#[derive(Debug, Clone)]
pub struct Token {
    /// Identifier, punctuation (`::` is one token) or literal, as written.
    pub text: String,
    /// Line, from 1.
    pub line: usize,
    /// Inside `#[cfg(test)]` or `#[test]`.
    pub in_test: bool,
    /// How many inline `mod name { … }` are around it.
    pub inline_modules: usize,
    /// Whether it is a literal.
    pub literal: bool,
}

/// A text file of the repository.
#[derive(Debug, Clone)]
pub struct Source {
    /// Path from the root of the repository, with `/`.
    pub path: String,
    /// Its text.
    pub text: String,
    /// Whether all of it is test code.
    pub test_file: bool,
    /// Its tokens, if it is Rust.
    pub tokens: Vec<Token>,
    /// How many modules lie between the crate's root and the items of this file.
    pub depth: usize,
    /// Modules declared as `#[cfg(test)] mod name;`, or with a `#[path]` of their own.
    declared: Vec<Declared>,
    /// First line, last line and name of each function.
    pub functions: Vec<(usize, usize, String)>,
}

/// A module that a file declares: where it lies, and whether it is test code.
#[derive(Debug, Clone)]
struct Declared {
    /// Path of the module's file without `.rs`.
    place: String,
    test: bool,
    depth: usize,
}

impl Source {
    /// Reads `text` as the file `path`; panics where a Rust file is not Rust.
    pub fn new(path: &str, text: &str) -> Self {
        let outside_src = ["tests/", "benches/"].iter().any(|folder| path.starts_with(folder));
        let mut source = Self {
            path: path.to_owned(),
            text: text.to_owned(),
            test_file: outside_src,
            tokens: Vec::new(),
            depth: folders_deep(path),
            declared: Vec::new(),
            functions: Vec::new(),
        };
        if path.ends_with(".rs") {
            let stream = text.parse::<TokenStream>();
            let stream = stream.unwrap_or_else(|fault| panic!("{path} is not Rust: {fault}"));
            source.flatten(stream, outside_src, 0);
        }
        source
    }

    /// The offence `what` at `line` of this file.
    pub fn offence(&self, line: usize, what: impl Into<String>) -> Offence {
        Offence { path: self.path.clone(), line, what: what.into() }
    }

    /// The room a file belongs to: `ledger` for `src/ledger/tree.rs`, `money` for `src/money.rs`,
    /// none for the crate's roots and for files outside `src`.
    pub fn room(&self) -> Option<&str> {
        let inside = self.path.strip_prefix("src/")?;
        let room = inside.split('/').next()?;
        let room = room.strip_suffix(".rs").unwrap_or(room);
        (room != "lib" && room != "main").then_some(room)
    }

    /// Text of the token `offset` places after `index`, or nothing.
    pub fn token(&self, index: usize, offset: isize) -> &str {
        let place = index.checked_add_signed(offset);
        place.and_then(|place| self.tokens.get(place)).map_or("", |token| token.text.as_str())
    }

    fn push(&mut self, text: String, line: usize, in_test: bool, modules: usize, literal: bool) {
        self.tokens.push(Token { text, line, in_test, inline_modules: modules, literal });
    }

    /// Appends the tokens of `stream`, groups opened up, and notes functions and test modules.
    fn flatten(&mut self, stream: TokenStream, in_test: bool, modules: usize) {
        let trees: Vec<TokenTree> = stream.into_iter().collect();
        let mut test_item = false;
        let mut file: Option<String> = None;
        let mut function: Option<(usize, String)> = None;
        let mut joined = false;
        for (index, tree) in trees.iter().enumerate() {
            let start = tree.span().start().line;
            let before =
                |back: usize| index.checked_sub(back).and_then(|place| leaf(&trees[place]));
            match tree {
                TokenTree::Group(group) => {
                    let braces = group.delimiter() == Delimiter::Brace;
                    let (open, close) = marks(group.delimiter());
                    let attribute = before(1).as_deref() == Some("#");
                    if attribute {
                        test_item |= is_test_attribute(&group.stream());
                        file = file.or_else(|| path_attribute(&group.stream()));
                    }
                    let inner =
                        modules + usize::from(braces && before(2).as_deref() == Some("mod"));
                    let end = group.span_close().end().line;
                    self.push(open.to_owned(), start, in_test || test_item, inner, false);
                    self.flatten(group.stream(), in_test || test_item, inner);
                    self.push(close.to_owned(), end, in_test || test_item, inner, false);
                    if braces {
                        (test_item, file) = (false, None);
                        if let Some((first, name)) = function.take() {
                            self.functions.push((first, end, name));
                        }
                    }
                }
                TokenTree::Punct(mark) => {
                    if mark.as_char() == ';' {
                        if before(2).as_deref() == Some("mod") {
                            self.declare(before(1), file.take(), test_item);
                        }
                        (test_item, file, function) = (false, None, None);
                    }
                    let second_colon = joined && mark.as_char() == ':';
                    joined =
                        !second_colon && mark.as_char() == ':' && mark.spacing() == Spacing::Joint;
                    match self.tokens.last_mut() {
                        Some(last) if second_colon => last.text.push(':'),
                        _ => {
                            let text = mark.as_char().to_string();
                            self.push(text, start, in_test || test_item, modules, false);
                        }
                    }
                }
                TokenTree::Ident(name) => {
                    if before(1).as_deref() == Some("fn") {
                        function = Some((start, name.to_string()));
                    }
                    self.push(name.to_string(), start, in_test || test_item, modules, false);
                }
                TokenTree::Literal(literal) => {
                    self.push(literal.to_string(), start, in_test || test_item, modules, true);
                }
            }
        }
    }

    /// Notes `mod name;`, if it is test code or lies in a `file` of its own choice.
    fn declare(&mut self, name: Option<String>, file: Option<String>, test: bool) {
        let folder = match self.path.strip_suffix("/mod.rs").or(self.path.strip_suffix("/lib.rs")) {
            Some(folder) => folder,
            None => self.path.trim_end_matches(".rs"),
        };
        let beside = self.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let place = match (file, name) {
            (Some(file), _) => format!("{beside}/{}", file.trim_end_matches(".rs")),
            (None, Some(name)) if test => format!("{folder}/{name}"),
            _ => return,
        };
        self.declared.push(Declared { place, test, depth: self.depth + 1 });
    }
}

/// How many modules lie between the crate's root and a file in its usual place.
fn folders_deep(path: &str) -> usize {
    let inside = path.trim_start_matches("src/").trim_end_matches(".rs");
    inside.trim_end_matches("/mod").split('/').count()
}

/// The file in `path = "file"`.
fn path_attribute(attribute: &TokenStream) -> Option<String> {
    let text = attribute.to_string().replace(' ', "");
    text.strip_prefix("path=").map(|file| file.trim_matches('"').to_owned())
}

/// Text of a token that is no group.
fn leaf(tree: &TokenTree) -> Option<String> {
    (!matches!(tree, TokenTree::Group(_))).then(|| tree.to_string())
}

fn marks(delimiter: Delimiter) -> (&'static str, &'static str) {
    match delimiter {
        Delimiter::Parenthesis => ("(", ")"),
        Delimiter::Brace => ("{", "}"),
        Delimiter::Bracket => ("[", "]"),
        Delimiter::None => ("", ""),
    }
}

/// Whether an attribute makes its item test code: `test`, `x::test`, `cfg(test)`,
/// `cfg(all(test, …))`.
fn is_test_attribute(attribute: &TokenStream) -> bool {
    let text = attribute.to_string().replace(' ', "");
    let path = text.split('(').next().unwrap_or_default();
    path == "test"
        || path.ends_with("::test")
        || text == "cfg(test)"
        || text.starts_with("cfg(all(test,")
}

/// The root of the repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Path of `file` from the root, with `/`.
fn relative(file: &Path) -> String {
    let path = file.strip_prefix(root()).unwrap_or(file);
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    parts.join("/")
}

/// Every file under `folder` (from the root), sorted; nothing if there is no such folder. Folders
/// of other people's work and of fixed bytes are left out.
pub fn files_under(folder: &str) -> Vec<PathBuf> {
    let skipped = ["node_modules", "golden", "statements", "360giving", "screenshots", "target"];
    let mut waiting = vec![root().join(folder)];
    let mut found = BTreeSet::new();
    while let Some(place) = waiting.pop() {
        let Ok(children) = fs::read_dir(&place) else { continue };
        for child in children.map(|child| child.expect("readable folder").path()) {
            let name = child.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if child.is_dir() && !skipped.contains(&name.as_str()) {
                waiting.push(child);
            } else if child.is_file() {
                found.insert(child);
            }
        }
    }
    found.into_iter().collect()
}

/// Reads files that are text; others are no concern of the rules.
pub fn read_all(files: impl IntoIterator<Item = PathBuf>) -> Vec<Source> {
    let read = |file: PathBuf| Some(Source::new(&relative(&file), &fs::read_to_string(file).ok()?));
    files.into_iter().filter_map(read).collect()
}

/// Tells each file what others declare about it: that it is test code, and how deep it lies.
pub fn place_modules(sources: &mut [Source]) {
    let declared: Vec<Declared> =
        sources.iter().flat_map(|source| source.declared.clone()).collect();
    for source in sources.iter_mut() {
        let own = source.path.trim_end_matches(".rs").trim_end_matches("/mod");
        for Declared { place, test, depth } in &declared {
            if own == place {
                source.depth = *depth;
            }
            let within = own.strip_prefix(place.as_str());
            source.test_file |=
                *test && within.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        }
    }
}

/// Every Rust file of ours.
pub fn rust_files() -> Vec<Source> {
    let folders = ["src", "migrations", "tests", "benches"];
    let mut files: Vec<PathBuf> = folders.iter().flat_map(|folder| files_under(folder)).collect();
    files.extend([root().join("build.rs")].into_iter().filter(|file| file.is_file()));
    files.retain(|file| file.extension().is_some_and(|extension| extension == "rs"));
    let mut sources = read_all(files);
    assert!(
        sources.iter().any(|source| source.path == "src/lib.rs"),
        "the walk found no src/lib.rs"
    );
    place_modules(&mut sources);
    sources
}

/// Every text file that we write: source, texts, templates, pages of documentation, scripts.
pub fn written_files() -> Vec<Source> {
    let folders = ["src", "migrations", "tests", "benches", "templates", "locales", "docs"];
    let mut files: Vec<PathBuf> = folders.iter().flat_map(|folder| files_under(folder)).collect();
    let top = fs::read_dir(root()).expect("the repository's root can be listed");
    files.extend(top.map(|child| child.expect("readable folder").path()).filter(|file| {
        let ours = ["md", "rs", "toml"];
        let named =
            file.extension().is_some_and(|extension| ours.iter().any(|our| extension == *our));
        file.is_file() && (named || file.ends_with("test"))
    }));
    files.retain(|file| file.file_name().is_none_or(|name| name != "package-lock.json"));
    read_all(files)
}
