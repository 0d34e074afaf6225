//! Papers, as other programs read them.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::font::{Fonts, Weight};
use super::layout::{Item, Laid, Measures, Role, lay};
use super::wrap::wrap;
use super::{Align, Block, Code, Pair, Paper, Sheet, Signature, Table};

/// Every letter is one wide.
fn letters(text: &str) -> i64 {
    i64::try_from(text.chars().count()).unwrap()
}

fn paper(sheet: Sheet, blocks: Vec<Block>) -> Paper {
    Paper {
        title: "Khế ước vay vốn KU-2026-0001".to_owned(),
        author: "Hội Chữ thập đỏ xã Xuân Tây".to_owned(),
        language: "vi",
        sheet,
        foot: "KU-2026-0001".to_owned(),
        page: "Trang".to_owned(),
        blocks,
    }
}

fn table(rows: usize) -> Table {
    let row =
        |at: usize| vec![at.to_string(), "05/11/2026".to_owned(), "1.000.000\u{a0}₫".to_owned()];
    Table {
        columns: vec![
            ("Kỳ".to_owned(), Align::Left),
            ("Ngày".to_owned(), Align::Centre),
            ("Gốc".to_owned(), Align::Right),
        ],
        rows: (1..=rows).map(row).collect(),
        sums: Some(vec!["Cộng".to_owned(), String::new(), "9.000.000\u{a0}₫".to_owned()]),
    }
}

/// Texts of a page, from the top.
fn texts(page: &[Item]) -> Vec<&str> {
    fn text(item: &Item) -> Option<&str> {
        match item {
            Item::Text { text, .. } => Some(text.trim_end()),
            Item::Rule { .. } | Item::Code { .. } => None,
        }
    }
    page.iter().filter_map(text).collect()
}

fn laid(paper: &Paper) -> Laid {
    lay(paper, Fonts::get().unwrap())
}

/// The text of a file's pages, as another program reads it.
fn read(bytes: &[u8]) -> Vec<String> {
    let file = lopdf::Document::load_mem(bytes).unwrap();
    let pages: Vec<u32> = file.get_pages().into_keys().collect();
    pages.iter().map(|page| file.extract_text(&[*page]).unwrap()).collect()
}

#[test]
fn lines_break_at_spaces_and_keep_every_letter() {
    assert_eq!(wrap("một hai ba bốn", 7, letters), ["một hai ", "ba bốn"]);
    assert_eq!(wrap("một hai", 7, letters), ["một hai"]);
    assert_eq!(wrap("", 7, letters), [""]);
    assert_eq!(wrap("  một   hai ", 3, letters), ["một ", "hai"]);
    assert_eq!(wrap("một\nhai", 99, letters), ["một", "hai"]);
    // A no-break space holds an amount and its unit together.
    assert_eq!(wrap("còn 5\u{a0}₫", 5, letters), ["còn ", "5\u{a0}₫"]);
    // Words that are too wide are cut, and so is a letter in a room of nothing.
    assert_eq!(wrap("ab cdefghi j", 4, letters), ["ab ", "cdef", "ghi ", "j"]);
    assert_eq!(wrap("abc", 0, letters), ["a", "b", "c"]);
    let long = "Nghĩa Đàn ".repeat(40);
    for room in 1..60 {
        let lines = wrap(&long, room, letters);
        assert!(lines.iter().all(|line| letters(line.trim_end()) <= room), "{room}: {lines:?}");
        let whole: String = lines.concat().split_whitespace().collect();
        assert_eq!(whole, long.split_whitespace().collect::<String>(), "{room}");
    }
}

#[test]
fn the_fonts_have_every_letter_of_vietnamese() {
    let fonts = Fonts::get().unwrap();
    let marks = "ĂăÂâĐđÊêÔôƠơƯưÀàÁáÃãÈèÉéÌìÍíĨĩÒòÓóÕõÙùÚúŨũÝý₫“”‘’–—…·−×№ƀčĕŏŭñ";
    let all: String = ('\u{1ea0}'..='\u{1ef9}').chain(marks.chars()).chain(' '..='~').collect();
    assert_eq!(fonts.legible(&all), all);
    // Amounts stand under each other.
    for weight in [Weight::Regular, Weight::Bold] {
        let width = |text: &str| fonts.width(text, weight, 10_000);
        assert!(('0'..='9').all(|digit| width(&digit.to_string()) == width("0")));
        assert!(width("W") > width("i") && width("ệ") == width("e"));
    }
    // Marks on their own are composed; what can't be shown is told, and nothing is invisible.
    assert_eq!(fonts.legible("Nguye\u{302}\u{303}n"), "Nguyễn");
    assert_eq!(fonts.legible("a\u{200b}b\u{202e}c\td\u{0}e漢😀"), "abc d e\u{fffd}\u{fffd}");
}

#[test]
fn a_table_goes_on_over_pages_with_its_head_on_each() {
    for sheet in [Sheet::A4, Sheet::A5] {
        let own = paper(sheet, vec![Block::Table(table(200))]);
        let laid = laid(&own);
        let (measures, count) = (Measures::of(sheet), laid.pages.len());
        assert!(count > 3, "{count} pages");
        let mut rows = Vec::new();
        for (number, page) in (1..).zip(&laid.pages) {
            let texts = texts(page);
            assert_eq!(texts[..3], ["Kỳ", "Ngày", "Gốc"]);
            assert_eq!(*texts.last().unwrap(), format!("Trang {number}/{count}"));
            let numbers = texts.iter().filter_map(|text| text.parse::<usize>().ok());
            rows.extend(numbers);
            for item in page {
                let (x, y, foot) = match item {
                    Item::Text { x, y, node, .. } => (x, y, node.is_none()),
                    Item::Rule { x, y, .. } | Item::Code { x, y, .. } => (x, y, false),
                };
                assert!(*x >= measures.margin && *x < measures.width - measures.margin);
                assert!(*y > measures.margin && (*y <= measures.bottom() || foot));
            }
        }
        assert_eq!(rows, (1..=200).collect::<Vec<_>>());
        // In the tree the head stands once.
        assert_eq!(laid.nodes.iter().filter(|node| node.role == Role::Head).count(), 3);
        assert_eq!(laid.nodes.iter().filter(|node| node.role == Role::Row).count(), 202);
    }
}

#[test]
fn what_belongs_together_stays_together() {
    let sign = |office: &str| Signature {
        office: office.to_owned(),
        note: "(Ký, họ tên)".to_owned(),
        name: Some("Mạc Thị Hoa Ban".to_owned()),
    };
    // Wherever the page ends.
    for rows in 0..60 {
        let own = paper(
            Sheet::A4,
            vec![
                Block::Table(table(rows)),
                Block::Heading("Hai bên thỏa thuận".to_owned()),
                Block::Numbered(vec!["Một điều khoản dài. ".repeat(20); 3]),
                Block::Signatures(
                    "…, ngày … tháng …".to_owned(),
                    vec![sign("Hộ vay"), sign("Người bảo lãnh"), sign("Thủ quỹ"), sign("Chủ tịch")],
                ),
            ],
        );
        let laid = laid(&own);
        let pages: Vec<Vec<&str>> = laid.pages.iter().map(|page| texts(page)).collect();
        let on = |text: &str| pages.iter().position(|page| page.contains(&text)).unwrap();
        assert_eq!(on("Hai bên thỏa thuận"), on("1."), "{rows}");
        assert_eq!(on("…, ngày … tháng …"), on("Chủ tịch"), "{rows}");
        assert_eq!(on("Hộ vay"), on("Mạc Thị Hoa Ban"), "{rows}");
        let (sums, last) = (on("Cộng"), rows.to_string());
        assert!(rows == 0 || pages[sums].contains(&last.as_str()), "{rows}");
    }
}

#[test]
fn a_file_can_be_read_and_is_the_same_each_time() {
    let name = "Nguyễn Thị Ngọc Diệp Đặng Ưởng";
    let own = paper(
        Sheet::A5,
        vec![
            Block::Letterhead("Hội Chữ thập đỏ".to_owned(), vec!["Xóm Trại".to_owned()]),
            Block::Title("Khế ước vay vốn".to_owned(), Some("KU-2026-0001".to_owned())),
            Block::Heading("Các bên".to_owned()),
            Block::Pairs(vec![Pair::strong("Hộ vay", name), Pair::new("Căn cước", "")]),
            Block::Paragraph("Vay không lãi, 漢, 3.000.000\u{a0}₫. ".repeat(30)),
            Block::Table(table(40)),
            Block::Numbered(vec!["Một.".to_owned(), "Hai.".to_owned()]),
            Block::Signatures(String::new(), Vec::new()),
        ],
    );
    let bytes = own.pdf().unwrap();
    assert!(bytes.starts_with(b"%PDF-1.7"));
    assert_eq!(bytes, own.pdf().unwrap());
    let pages = read(&bytes);
    let whole = pages.concat();
    for text in [name, "KU-2026-0001", "3.000.000\u{a0}₫", "Trang 1/", "Hai."] {
        assert!(whole.contains(text), "{text}: {whole}");
    }
    assert!(pages.len() > 1 && bytes.len() < 60_000, "{} bytes", bytes.len());
}

#[test]
fn a_long_paper_is_small() {
    let columns: Vec<_> = (0..5).map(|at| (format!("Cột {at}"), Align::Right)).collect();
    let row = |at: i64| (1..=5).map(|own| format!("{}.000.000\u{a0}₫", at * own)).collect();
    let long = Table { columns, rows: (1..=600).map(row).collect(), sums: None };
    let bytes = paper(Sheet::A4, vec![Block::Table(long)]).pdf().unwrap();
    assert!(bytes.len() < 300_000, "{} bytes", bytes.len());
    assert!(read(&bytes).concat().contains("3000.000.000\u{a0}₫"));
}

#[test]
fn odd_papers_are_papers_too() {
    let cell = "Một ô dài hơn một trang. ".repeat(400);
    let wide = Table {
        columns: (0..12).map(|at| (format!("Cột {at}"), Align::Right)).collect(),
        rows: vec![vec!["không".to_owned(); 12], vec![cell; 2], Vec::new()],
        sums: None,
    };
    for blocks in [
        Vec::new(),
        vec![Block::Table(wide)],
        vec![Block::Table(Table { columns: Vec::new(), rows: vec![Vec::new()], sums: None })],
        vec![Block::Paragraph("x".repeat(20_000)), Block::Title(String::new(), None)],
        vec![Block::Pairs(vec![Pair::new("Nhãn ".repeat(300), "Giá trị ".repeat(300))])],
    ] {
        for sheet in [Sheet::A4, Sheet::A5] {
            let bytes = paper(sheet, blocks.clone()).pdf().unwrap();
            assert!(!read(&bytes).is_empty());
        }
    }
}

#[test]
fn a_code_stands_whole_on_a_page_and_is_told_in_words() {
    let code = |content: String| Code {
        content,
        alternative: "Mã QR của biên nhận".to_owned(),
        beside: vec!["Quét để xem".to_owned(), "Một dòng rất dài. ".repeat(12)],
    };
    let link = "https://so.chuthapdo.example/bn/0123456789ABCDEF?h=0123456789abcdef";
    for rows in 0..40 {
        let blocks = vec![Block::Table(table(rows)), Block::Code(code(link.to_owned()))];
        let laid = laid(&paper(Sheet::A5, blocks));
        let measures = Measures::of(Sheet::A5);
        let last = laid.pages.last().unwrap();
        let found = last.iter().find_map(|item| match item {
            Item::Code { x, y, square, runs, .. } => Some((*x, *y, *square, runs)),
            _ => None,
        });
        let (x, y, square, runs) = found.unwrap();
        let side = runs.iter().map(|(column, _, count)| column + count).max().unwrap();
        assert!(square >= 1_500 && x >= measures.margin && y >= measures.margin);
        assert!(y + side * square <= measures.bottom(), "{rows} rows");
        // The three corners that a camera looks for.
        for corner in [(0, 0, 7), (side - 7, 0, 7), (0, side - 7, 7)] {
            assert!(runs.contains(&corner), "{corner:?}");
        }
    }
    let own = paper(Sheet::A4, vec![Block::Code(code(link.to_owned()))]);
    let bytes = own.pdf().unwrap();
    assert!(read(&bytes)[0].contains("Quét để xem"));
    // What is too long for a code leaves its room empty, and the paper is still made.
    let own = paper(Sheet::A4, vec![Block::Code(code("x".repeat(9_000)))]);
    assert!(own.pdf().is_ok());
}

/// Whether everything stands between the margins; the foot stands below them.
fn stands_inside(laid: &Laid, sheet: Sheet) -> bool {
    let measures = Measures::of(sheet);
    let (right, bottom) = (measures.width - measures.margin, measures.bottom());
    laid.pages.iter().flatten().all(|item| match item {
        Item::Text { x, y, node, text, size, weight } => {
            let width = Fonts::get().unwrap().width(text.trim_end(), *weight, *size);
            let inside = *x >= measures.margin && x + width <= right;
            inside && *y > measures.margin && (*y <= bottom || node.is_none())
        }
        Item::Rule { x, y, width, thick } => {
            *x >= measures.margin && x + width <= right && y + thick <= bottom + 5_000
        }
        Item::Code { x, .. } => *x >= measures.margin,
    })
}

#[test]
fn a_form_stands_between_the_margins_of_every_sheet() {
    let word = "Ư".repeat(2_000);
    for sheet in [Sheet::A4, Sheet::A4Across, Sheet::A5, Sheet::A5Across] {
        for text in ["Hội Chữ thập đỏ xã Xuân Tây", &"Một câu dài. ".repeat(20), &word]
        {
            let lines = || vec![text.to_owned(), text.chars().take(300).collect()];
            let blocks = vec![
                Block::Sides(vec!["Hội".to_owned(), "Địa chỉ".to_owned()], lines()),
                Block::Title("PHIẾU THU".to_owned(), Some("Số: PT-2026-00001".to_owned())),
                Block::Centred(text.to_owned()),
                Block::Notice(text.to_owned()),
                Block::Grid(table(3)),
            ];
            // A head is as long as its texts are; what is longer than a page is nobody's address.
            let blocks = if text == word { blocks[1..].to_vec() } else { blocks };
            assert!(stands_inside(&laid(&paper(sheet, blocks)), sheet), "{sheet:?}");
        }
    }
}

#[test]
fn a_grid_has_lines_beside_each_cell_and_a_new_page_begins_only_below_something() {
    let own = paper(Sheet::A4, vec![Block::Grid(table(2))]);
    let laid = laid(&own);
    let upright = |item: &&Item| matches!(item, Item::Rule { width, thick, .. } if thick > width);
    // Head, two rows and sums, with four lines each.
    assert_eq!(laid.pages[0].iter().filter(upright).count(), 16);
    for (blocks, pages) in [
        (vec![Block::NewPage], 1),
        (vec![Block::NewPage, Block::Paragraph("a".to_owned())], 1),
        (vec![Block::Paragraph("a".to_owned()), Block::NewPage, Block::Paragraph("b".into())], 2),
    ] {
        assert_eq!(paper(Sheet::A5Across, blocks).pages().unwrap(), pages);
    }
}

#[test]
fn narrow_columns_get_what_they_ask_for_and_wide_ones_share_the_rest() {
    use super::table::share;
    assert_eq!(share(&[10, 20], 50), [20, 30]);
    assert_eq!(share(&[10, 20, 900, 30], 100), [10, 20, 40, 30]);
    assert_eq!(share(&[10, 500, 900], 100), [10, 45, 45]);
    assert_eq!(share(&[500, 900], 100), [50, 50]);
    assert_eq!(share(&[], 100), [0; 0]);
}

#[test]
fn a_camera_reads_the_code_of_a_receipt_as_it_was_written() {
    let link = "https://so.chuthapdo.example/bn/0123456789ABCDEF?h=0123456789abcdef";
    let beside = vec!["Mã biên nhận".to_owned()];
    let own = Code { content: link.to_owned(), alternative: "Mã QR".to_owned(), beside };
    let laid = laid(&paper(Sheet::A5, vec![Block::Code(own)]));
    let found = laid.pages[0].iter().find_map(|item| match item {
        Item::Code { runs, .. } => Some(runs),
        _ => None,
    });
    let runs = found.unwrap();
    let side = runs.iter().map(|(column, _, count)| column + count).max().unwrap();
    let dark = |x: usize, y: usize| {
        let (x, y) = (i64::try_from(x).unwrap(), i64::try_from(y).unwrap());
        runs.iter().any(|(from, row, count)| *row == y && (*from..from + count).contains(&x))
    };
    let grid = rqrr::SimpleGrid::from_func(usize::try_from(side).unwrap(), dark);
    let (_, read) = rqrr::Grid::new(grid).decode().unwrap();
    assert_eq!(read, link);
}
