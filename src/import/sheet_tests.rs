//! Excel files, good and hostile.
#![allow(clippy::unwrap_used)]

use std::io::Write as _;

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;

const SHEET: &str = r#"<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>
    <row r="3"><c r="A3" t="inlineStr"><is><t>Lê Văn Bảy</t></is></c>
    <c r="B3"><v>1960</v></c></row>
    <row r="4"><c r="A4" t="str"><f>A3</f><v>Phan Tư</v></c>
    <c r="B4" s="1"><v>21553</v></c></row>"#;
const STRINGS: &str = "<si><t>Chủ hộ</t></si><si><t>Năm sinh</t></si>";

/// A zip of these parts.
pub fn zipped(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A workbook whose sheet has these rows; `strings` is the head and body of its shared strings.
pub fn workbook(rows: &str, head: &str, strings: &str) -> Vec<u8> {
    let office = "http://schemas.openxmlformats.org";
    let main = format!("{office}/spreadsheetml/2006/main");
    let relations = format!("{office}/package/2006/relationships");
    let kind = format!("{office}/officeDocument/2006/relationships");
    let relation = |id: &str, name: &str, target: &str| {
        format!("<Relationship Id=\"{id}\" Type=\"{kind}/{name}\" Target=\"{target}\"/>")
    };
    let related =
        |inner: String| format!("<Relationships xmlns=\"{relations}\">{inner}</Relationships>");
    let book = format!(
        "<workbook xmlns=\"{main}\" xmlns:r=\"{kind}\"><sheets>\
         <sheet name=\"Ẩn\" sheetId=\"2\" state=\"hidden\" r:id=\"r4\"/>\
         <sheet name=\"Hộ\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
    );
    let sheet = |rows: &str| {
        format!("<worksheet xmlns=\"{main}\"><sheetData>{rows}</sheetData></worksheet>")
    };
    let own = [
        relation("r1", "worksheet", "worksheets/sheet1.xml"),
        relation("r2", "sharedStrings", "sharedStrings.xml"),
        relation("r3", "styles", "styles.xml"),
        relation("r4", "worksheet", "worksheets/sheet2.xml"),
    ];
    let styles = format!(
        "<styleSheet xmlns=\"{main}\"><cellXfs count=\"2\"><xf numFmtId=\"0\"/>\
         <xf numFmtId=\"14\"/></cellXfs></styleSheet>"
    );
    let strings = format!("{head}<sst xmlns=\"{main}\" {strings}</sst>");
    zipped(&[
        ("[Content_Types].xml", "<Types/>"),
        ("_rels/.rels", &related(relation("r1", "officeDocument", "xl/workbook.xml"))),
        ("xl/workbook.xml", &book),
        ("xl/_rels/workbook.xml.rels", &related(own.concat())),
        ("xl/worksheets/sheet1.xml", &sheet(rows)),
        ("xl/worksheets/sheet2.xml", &sheet("<row r=\"1\"><c r=\"A1\"><v>7</v></c></row>")),
        ("xl/sharedStrings.xml", &strings),
        ("xl/styles.xml", &styles),
    ])
}

/// A good one.
pub fn good() -> Vec<u8> {
    workbook(SHEET, "", &format!("uniqueCount=\"2\">{STRINGS}"))
}

#[test]
fn a_sheet_is_read_as_it_shows() {
    let csv = String::from_utf8(read(&good()).unwrap()).unwrap();
    assert_eq!(csv, "Chủ hộ,Năm sinh\n\"\"\nLê Văn Bảy,1960\nPhan Tư,03/01/1959\n");
}

#[test]
fn what_could_cost_memory_is_refused_before_it_is_read() {
    let one = |count: &str| workbook(SHEET, "", &format!("uniqueCount={count}>{STRINGS}"));
    for count in ["\"4000000000\"", " '99999'", "\"99999999999999999999999\""] {
        assert_eq!(read(&one(count)), Err(SheetFault::Suspicious), "{count}");
    }
    let entities = "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\">]>";
    let bomb = workbook(SHEET, entities, &format!(">{STRINGS}"));
    assert_eq!(read(&bomb), Err(SheetFault::Suspicious));
    let corner = "<row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c></row>";
    let corner = workbook(corner, "", &format!(">{STRINGS}"));
    assert_eq!(read(&corner), Err(SheetFault::TooLarge));
    let wide = zipped(&[("xl/workbook.xml", &"a".repeat(30 << 20))]);
    assert!(wide.len() < 100_000, "a small file");
    assert_eq!(read(&wide), Err(SheetFault::TooLarge));
    let names: Vec<String> = (0..400).map(|at| format!("part{at}")).collect();
    let many: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "")).collect();
    assert_eq!(read(&zipped(&many)), Err(SheetFault::TooLarge));
    // One long string, shown by ever so many cells.
    let long = "x".repeat(30_000);
    let row = |at: usize| format!("<row r=\"{at}\"><c r=\"A{at}\" t=\"s\"><v>0</v></c></row>");
    let rows: String = (1..2_000).map(row).collect();
    let repeated = workbook(&rows, "", &format!("><si><t>{long}</t></si>"));
    assert_eq!(read(&repeated), Err(SheetFault::TooLarge));
}

#[test]
fn no_workbook_and_every_cut_of_one_is_refused_and_nothing_panics() {
    for bytes in [b"".as_slice(), b"PK\x03\x04", b"Chu ho,Nam sinh", &zipped(&[("a", "b")])] {
        assert_eq!(read(bytes), Err(SheetFault::Unreadable));
    }
    let whole = good();
    for end in 0..whole.len() {
        assert!(read(&whole[..end]).is_err(), "{end}");
    }
    for at in (0..whole.len()).step_by(3) {
        let mut flipped = whole.clone();
        flipped[at] ^= 0x11;
        let _ = read(&flipped);
    }
}
