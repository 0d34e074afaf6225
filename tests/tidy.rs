//! The habits of the house as tests: each rule is run over our files, and over small bad examples
//! so that the rule itself can fail.

mod chapters;
mod habits;
mod rooms;
mod source;
mod texts;

use source::{Offence, Source, files_under, read_all, rust_files, written_files};

/// Fails with every offender, one a line.
#[track_caller]
fn assert_none(mut offences: Vec<Offence>) {
    offences.sort();
    let lines: Vec<String> = offences.iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "{} to mend:\n{}", lines.len(), lines.join("\n"));
}

fn over(sources: &[Source], rule: impl Fn(&Source) -> Vec<Offence>) -> Vec<Offence> {
    sources.iter().flat_map(rule).collect()
}

/// No line is named. (A bare `[]` could be compared with JSON values too.)
const NONE: [usize; 0] = [];

/// Lines that `rule` names in `text` as the file `path`.
fn lines(rule: impl Fn(&Source) -> Vec<Offence>, path: &str, text: &str) -> Vec<usize> {
    rule(&Source::new(path, text)).into_iter().map(|offence| offence.line).collect()
}

fn texts_of(language: &str) -> Vec<Source> {
    let mut files = files_under(&format!("locales/{language}"));
    files.retain(|file| file.extension().is_some_and(|extension| extension == "ftl"));
    read_all(files)
}

mod the_house {
    use super::*;

    #[test]
    fn rooms_use_only_what_the_table_grants_them() {
        assert_none(over(&rust_files(), rooms::direction));
    }

    #[test]
    fn only_the_store_knows_the_database() {
        assert_none(over(&rust_files(), rooms::database));
    }

    #[test]
    fn only_the_web_and_the_command_line_know_rocket() {
        assert_none(over(&rust_files(), rooms::server));
    }

    #[test]
    fn transactions_begin_in_one_place() {
        assert_none(rooms::transactions(&rust_files()));
    }

    #[test]
    fn what_belongs_to_a_chapter_is_asked_for_with_the_chapter() {
        let tables = chapters::tables(&read_all(files_under("migrations/src")));
        assert!(tables.len() > 60 && tables.contains("desk_bank_lines"), "{tables:?}");
        let sources = rust_files();
        assert_none(over(&sources, |source| chapters::named(source, &tables)));
        assert_eq!(chapters::stale(&sources, &tables), [""; 0], "exceptions of nothing");
    }

    #[test]
    fn every_file_says_first_what_it_is() {
        assert_none(over(&rust_files(), habits::says_what_it_is));
    }

    #[test]
    fn functions_have_at_most_seventy_lines() {
        assert_none(over(&rust_files(), habits::short_functions));
    }

    #[test]
    fn lines_have_at_most_a_hundred_columns() {
        assert_none(over(&rust_files(), habits::short_lines));
    }

    #[test]
    fn files_of_the_source_have_at_most_six_hundred_lines() {
        assert_none(over(&rust_files(), habits::short_files));
    }

    #[test]
    fn nothing_is_unwrapped_outside_tests() {
        assert_none(over(&rust_files(), habits::no_unwrap));
    }

    #[test]
    fn only_the_edges_read_the_clock() {
        assert_none(over(&rust_files(), habits::no_clock));
    }

    #[test]
    fn money_ledger_and_books_know_no_floats() {
        assert_none(over(&rust_files(), habits::no_floats));
    }

    #[test]
    fn nothing_we_wrote_has_loose_ends() {
        assert_none(over(&written_files(), habits::no_loose_ends));
    }

    #[test]
    fn both_languages_have_every_text() {
        assert_none(texts::same_keys(&texts_of("vi"), &texts_of("en")));
    }

    #[test]
    fn templates_ask_only_for_texts_that_exist() {
        assert_none(texts::used_keys(&read_all(files_under("templates")), &texts_of("vi")));
    }
}

mod the_rules {
    use super::*;

    #[test]
    fn a_room_that_reaches_past_its_table_is_found_in_every_spelling() {
        let text = "//! x\nuse crate::store::Store;\nfn f() { crate::web::go() }\n\
            use crate::{\n  money::{Money, store},\n  publish,\n};\nuse crate::ledger::tree;\n\
            // use crate::store\nconst S: &str = \"crate::store::x\";\nuse super::super::cli;\n\
            fn g() { m!(crate::import::read()) }\nuse migrations::All;\nuse crate::*;\n";
        let found = lines(rooms::direction, "src/books/lots.rs", text);
        assert_eq!(found, [2, 3, 6, 11, 12, 13, 14]);
        assert_eq!(lines(rooms::direction, "src/web/mod.rs", text), [11, 14]);
        assert_eq!(lines(rooms::direction, "src/attic/mod.rs", "//! x"), [1]);
        assert_eq!(lines(rooms::direction, "tests/a.rs", text), NONE);
    }

    #[test]
    fn going_up_inside_a_room_is_no_offence() {
        let text = "use super::entry;\nmod tests { use super::super::entry; use super::*; }\n\
            pub(super) fn f() {}\n";
        assert_eq!(lines(rooms::direction, "src/ledger/tree.rs", text), NONE);
        let text = "mod tests { use super::*; }\nuse super::web;";
        assert_eq!(lines(rooms::direction, "src/money.rs", text), [2]);
    }

    #[test]
    fn the_database_and_the_server_are_found_outside_their_rooms() {
        let text = "use sea_orm::entity::*;\nuse ::sqlx::Row;\nfn f(rocket: u8) {}\n\
            #[rocket::get(\"/\")]\nfn g() {}\nuse rocket;\n// sea_orm::x\n";
        assert_eq!(lines(rooms::database, "src/web/mod.rs", text), [1, 2]);
        assert_eq!(lines(rooms::database, "src/store/rows/entry.rs", text), NONE);
        assert_eq!(lines(rooms::server, "src/store/mod.rs", text), [4, 6]);
        assert_eq!(lines(rooms::server, "src/lib.rs", text), NONE);
    }

    #[test]
    fn a_second_place_that_begins_transactions_is_found() {
        let file = |path: &str, text: &str| Source::new(path, text);
        let first = file("src/store/writer.rs", "fn f() { db.begin_with_options(x); db.begin(); }");
        let second = file("src/store/vault.rs", "//! x\nfn f() { db.transaction::<_, _>(x); }");
        let other =
            file("src/web/mod.rs", "fn f() { run(\"BEGIN IMMEDIATE\"); run(\"beginning\"); }");
        let count = |files: &[&Source]| {
            let files: Vec<Source> = files.iter().map(|file| (*file).clone()).collect();
            rooms::transactions(&files).len()
        };
        assert_eq!(count(&[&first]), 0);
        assert_eq!(count(&[&first, &other]), 1);
        assert_eq!(count(&[&first, &second]), 3);
    }

    #[test]
    fn a_statement_without_its_chapter_is_found() {
        let made = "CREATE TABLE a (\n    chapter {int} NOT NULL,\n    b {int}\n) {rows};\n\
            CREATE TABLE c (\n    d {int}\n) {rows};\nALTER TABLE a RENAME TO e;\n";
        let tables = chapters::tables(&[Source::new("migrations/src/m1.rs", made)]);
        assert_eq!(tables.iter().collect::<Vec<_>>(), ["a", "e"]);
        let text = "//! x\nconst A: &str = \"SELECT chapter, b FROM a WHERE b = 1\";\n\
            const B: &str = \"SELECT b FROM a WHERE chapter = 1\";\n\
            const C: &str = \"SELECT b FROM c JOIN e ON e.b = c.d\";\n\
            const D: &str = \"SELECT d FROM c\";\n\
            const E: &str = \"INSERT INTO a (chapter, b) VALUES (1, 2)\";\n\
            const F: &str = \"INSERT INTO a (chapter, b) SELECT chapter, b FROM e\";\n\
            const G: &str = \"DELETE FROM a WHERE subchapter = 1\";\n\
            const H: &str = \"SELECT 1 FROM a AS one WHERE one.chapter = 2\";\n\
            #[cfg(test)]\nmod tests { const I: &str = \"DELETE FROM a\"; }\n";
        let rule = |source: &Source| chapters::named(source, &tables);
        assert_eq!(lines(rule, "src/store/read/a.rs", text), [2, 4, 7, 8]);
        assert_eq!(lines(rule, "src/web/a.rs", text), NONE);
    }

    #[test]
    fn a_file_without_a_head_is_found() {
        assert_eq!(lines(habits::says_what_it_is, "src/a.rs", "use std::fmt;"), [1]);
        assert_eq!(lines(habits::says_what_it_is, "src/a.rs", "//!\n//! late"), [1]);
        assert_eq!(lines(habits::says_what_it_is, "src/a.rs", ""), [1]);
        assert_eq!(lines(habits::says_what_it_is, "src/a.rs", "//! The accounts."), NONE);
    }

    #[test]
    fn a_function_of_seventy_one_lines_is_found_and_one_of_seventy_is_not() {
        let function =
            |inner: usize| format!("//! x\nfn f() {{\n{}}}\n", "    g();\n".repeat(inner));
        assert_eq!(lines(habits::short_functions, "src/a.rs", &function(68)), NONE);
        assert_eq!(lines(habits::short_functions, "src/a.rs", &function(69)), [2]);
        let nested =
            format!("impl A {{ m! {{\n{} }} }}", function(69).trim_start_matches("//! x\n"));
        assert_eq!(lines(habits::short_functions, "src/a.rs", &nested), [2]);
    }

    #[test]
    fn a_line_of_a_hundred_and_one_columns_is_found_and_counted_in_characters() {
        let text = |columns: usize| format!("//! x\n// {}\n", "ệ".repeat(columns - 3));
        assert_eq!(lines(habits::short_lines, "src/a.rs", &text(100)), NONE);
        assert_eq!(lines(habits::short_lines, "src/a.rs", &text(101)), [2]);
    }

    #[test]
    fn a_long_file_is_found_in_the_source_only() {
        let text = "// x\n".repeat(601);
        assert_eq!(lines(habits::short_files, "src/a.rs", &text), [601]);
        assert_eq!(lines(habits::short_files, "tests/a.rs", &text), NONE);
        assert_eq!(lines(habits::short_files, "src/a.rs", &text[5..]), NONE);
    }

    #[test]
    fn unwrapping_is_found_outside_tests_and_allowed_inside() {
        let text = "fn f() { x.unwrap();\ny.expect(\"z\");\nm!(a.unwrap_err());\n\
            o.map(Option::unwrap);\nx.unwrap_or(1); // .unwrap()\n\"x.unwrap()\"; }\n\
            #[test]\nfn g() { x.unwrap(); }\nfn h() { x.unwrap(); }\n\
            #[cfg(test)]\nmod tests { fn i() { x.unwrap(); } }\n\
            #[cfg(not(test))]\nfn j() { x.unwrap(); }\n";
        assert_eq!(lines(habits::no_unwrap, "src/a.rs", text), [1, 2, 3, 4, 9, 13]);
        assert_eq!(lines(habits::no_unwrap, "tests/a.rs", text), NONE);
    }

    #[test]
    fn a_file_declared_as_a_test_module_is_test_code() {
        let mut sources = [
            Source::new("src/books/mod.rs", "#[cfg(test)]\nmod tests;\nmod lots;"),
            Source::new("src/books/tests.rs", "fn f() { x.unwrap() }"),
            Source::new("src/books/lots.rs", "fn f() { x.unwrap() }"),
            Source::new("src/money.rs", "#[cfg(test)]\nmod checks;"),
            Source::new("src/money/checks.rs", "fn f() { x.unwrap() }"),
            Source::new("src/books/funds.rs", "#[cfg(test)]\n#[path = \"fund_tests.rs\"]\nmod t;"),
            Source::new("src/books/fund_tests.rs", "use super::super::lots; fn f() { x.unwrap() }"),
        ];
        source::place_modules(&mut sources);
        assert_eq!(over(&sources, rooms::direction), []);
        let found = over(&sources, habits::no_unwrap);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].path, "src/books/lots.rs");
    }

    #[test]
    fn reading_the_clock_is_found_behind_the_edges() {
        let text = "fn f() { chrono::Utc::now();\nSystemTime::now();\nLocal::now();\n\
            Uuid::now_v7();\nInstant::now();\nthe.now(); }";
        assert_eq!(lines(habits::no_clock, "src/store/record.rs", text), [1, 2, 3, 4]);
        assert_eq!(lines(habits::no_clock, "src/web/desk/money.rs", text), NONE);
        assert_eq!(lines(habits::no_clock, "src/main.rs", text), NONE);
    }

    #[test]
    fn floats_are_found_as_types_and_as_numbers() {
        let text = "fn f(x: f64) {\nlet y = 1.5;\nlet z = 2e3;\nlet w = 1f32;\n\
            let v = (1usize, 0x1e3, t.0.1, 1..2, \"1.5\", 1_000);\n}";
        assert_eq!(lines(habits::no_floats, "src/money.rs", text), [1, 2, 3, 4]);
        assert_eq!(lines(habits::no_floats, "src/web/mod.rs", text), NONE);
    }

    #[test]
    fn loose_ends_are_found_and_their_lookalikes_are_not() {
        let bad = [
            concat!("// TO", "DO: later"),
            concat!("FIX", "ME"),
            concat!("see ../", "shared/page.md"),
            concat!("closes #", "12."),
            concat!("(#", "7)"),
            concat!("as in Iss", "ue 12"),
            concat!("https://example.org/iss", "ues/9"),
            concat!("pull req", "uest 3"),
        ];
        for line in bad {
            assert_eq!(lines(habits::no_loose_ends, "docs/a.md", line), [1], "{line}");
        }
        let good = "# 12 rules\n&#39; r#\"a\"# the issue of gifts 12\nXXXL a#12b #1a2b3c todo!\n";
        assert_eq!(lines(habits::no_loose_ends, "docs/a.md", good), NONE);
        assert_eq!(
            lines(habits::no_loose_ends, "templates/a.svg", concat!("fill: #", "123;")),
            NONE
        );
    }

    #[test]
    fn a_text_missing_in_one_language_is_found() {
        let vi = [Source::new("locales/vi/a.ftl", "one = Một\ntwo = Hai\n    .title = Số hai\n")];
        let en = [Source::new("locales/en/a.ftl", "# x\none = One\n\ntwo = Two\nthree = Three\n")];
        let found: Vec<_> = texts::same_keys(&vi, &en).iter().map(ToString::to_string).collect();
        assert_eq!(
            found,
            [
                "locales/vi/a.ftl:2: `two.title` has no English text",
                "locales/en/a.ftl:5: `three` has no Vietnamese text",
            ]
        );
        let twice = [Source::new("locales/vi/b.ftl", "one = Một\none = Một\nnot fluent\n")];
        let one = [Source::new("locales/en/b.ftl", "one = One\n")];
        let found: Vec<_> = texts::same_keys(&twice, &one).iter().map(|found| found.line).collect();
        assert_eq!(found, [3, 2]);
    }

    #[test]
    fn a_template_that_asks_for_a_missing_text_is_found() {
        let vi = [Source::new("locales/vi/a.ftl", "one = Một\n")];
        let template = |text: &str| [Source::new("templates/a.html", text)];
        let ask = |text: &str| texts::used_keys(&template(text), &vi);
        assert_eq!(ask("{{ t(\"one\") }} {{ 'one' | t }}"), []);
        let found =
            ask("{{ t(\"one\") }}\n{{ t('two', n=1) }} {{ \"three\"|t }} {{ cat(\"four\") }}");
        let found: Vec<_> = found.iter().map(|found| (found.line, found.what.as_str())).collect();
        assert_eq!(found, [(2, "`three` is no text of ours"), (2, "`two` is no text of ours")]);
        assert_eq!(ask("{{ t(\"on\" ~ end) }}"), []);
        assert_eq!(ask("{{ t(\"step-\" ~ name) }}").len(), 1);
        assert_eq!(ask("<p>no text at all</p>").len(), 1);
        assert_eq!(texts::used_keys(&[], &vi), []);
    }
}
