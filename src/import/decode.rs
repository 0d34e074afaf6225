//! Which encoding the bytes of a statement have.
//!
//! The rule: a byte order mark decides (UTF-8, UTF-16 little or big endian). Without one, bytes
//! that are UTF-8 are UTF-8; other bytes are Windows-1258, the Vietnamese code page of older bank
//! software, unless most of their characters above ASCII are good UTF-8: then the file is UTF-8
//! that was damaged, and reading it as Windows-1258 would turn names into rubbish in silence.
//! UTF-16 without a mark, TCVN3, VISCII and VNI are not read.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1258};
use serde::{Deserialize, Serialize};

use super::split::position_behind;
use super::table::ImportFault;

/// The encoding that a statement was read with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextEncoding {
    /// UTF-8, with or without a byte order mark.
    Utf8,
    /// UTF-16, little endian, with its mark.
    Utf16LittleEndian,
    /// UTF-16, big endian, with its mark.
    Utf16BigEndian,
    /// Windows-1258.
    Windows1258,
}

/// The beginnings of files that people take for CSV, and what they are.
const OTHER_FORMATS: [(&[u8], &str); 5] = [
    (b"PK\x03\x04", "an Excel workbook (XLSX)"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (XLS)"),
    (b"%PDF-", "a PDF"),
    (b"{\\rtf", "an RTF document"),
    (b"<", "a web page or XML"),
];

/// The text of the bytes, without its byte order mark, and their encoding.
///
/// # Errors
/// [`ImportFault::OtherFormat`] for a file that is no text table, [`ImportFault::BadCharacter`]
/// with row and column for bytes that are no text in the file's encoding.
pub fn decode(bytes: &[u8]) -> Result<(Cow<'_, str>, TextEncoding), ImportFault> {
    let start = bytes.trim_ascii_start();
    if let Some((_, name)) = OTHER_FORMATS.iter().find(|(mark, _)| start.starts_with(mark)) {
        return Err(ImportFault::OtherFormat { format: name });
    }
    let (text, encoding) = match Encoding::for_bom(bytes) {
        Some((encoding, length)) if encoding == UTF_8 => {
            (utf8(&bytes[length..])?, TextEncoding::Utf8)
        }
        Some((encoding, length)) if encoding == UTF_16LE => {
            (utf16(encoding, &bytes[length..])?, TextEncoding::Utf16LittleEndian)
        }
        Some((_, length)) => (utf16(UTF_16BE, &bytes[length..])?, TextEncoding::Utf16BigEndian),
        None if str::from_utf8(bytes).is_ok() || is_damaged_utf8(bytes) => {
            (utf8(bytes)?, TextEncoding::Utf8)
        }
        None => (windows_1258(bytes)?, TextEncoding::Windows1258),
    };
    match text.find('\0') {
        Some(at) => Err(bad_character(&text[..at])),
        None => Ok((text, encoding)),
    }
}

fn utf8(bytes: &[u8]) -> Result<Cow<'_, str>, ImportFault> {
    match str::from_utf8(bytes) {
        Ok(text) => Ok(Cow::Borrowed(text)),
        Err(fault) => {
            let valid = &bytes[..fault.valid_up_to()];
            Err(bad_character(&String::from_utf8_lossy(valid)))
        }
    }
}

fn utf16<'b>(encoding: &'static Encoding, bytes: &'b [u8]) -> Result<Cow<'b, str>, ImportFault> {
    let (text, damaged) = encoding.decode_without_bom_handling(bytes);
    match text.find(char::REPLACEMENT_CHARACTER) {
        Some(at) if damaged => Err(bad_character(&text[..at])),
        _ => Ok(text),
    }
}

fn windows_1258(bytes: &[u8]) -> Result<Cow<'_, str>, ImportFault> {
    let (text, _) = WINDOWS_1258.decode_without_bom_handling(bytes);
    // The code page leaves some bytes free; they come out as C1 controls: the file is no text.
    match text.find(|character: char| matches!(character, '\u{80}'..='\u{9f}')) {
        Some(at) => Err(bad_character(&text[..at])),
        None => Ok(text),
    }
}

/// Whether more characters above ASCII are good UTF-8 than there are bad places.
fn is_damaged_utf8(bytes: &[u8]) -> bool {
    let (mut good, mut bad) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().chars().filter(|character| !character.is_ascii()).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    good > bad
}

fn bad_character(prefix: &str) -> ImportFault {
    let (row, column) = position_behind(prefix);
    ImportFault::BadCharacter { row, column }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn utf16_bytes(text: &str, big: bool) -> Vec<u8> {
        let units = std::iter::once(0xfeff).chain(text.encode_utf16());
        units.flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
    }

    #[test]
    fn every_documented_encoding_gives_the_same_text() {
        let text = "ngày,số\n1,ủng hộ";
        let (read, encoding) = decode(text.as_bytes()).unwrap();
        assert_eq!((&*read, encoding), (text, TextEncoding::Utf8));
        let marked = [b"\xef\xbb\xbf", text.as_bytes()].concat();
        assert_eq!(decode(&marked).unwrap().0, text);
        for big in [false, true] {
            assert_eq!(decode(&utf16_bytes(text, big)).unwrap().0, text);
        }
        // "ế" in Windows-1258 is ê and a combining acute.
        let (read, encoding) = decode(b"a,Qu\xea\xec").unwrap();
        assert_eq!((&*read, encoding), ("a,Quê\u{301}", TextEncoding::Windows1258));
    }

    #[test]
    fn damaged_text_is_named_by_row_and_column() {
        let mut bytes = "ngày,số tiền\n1,ủng hộ đồng bào".as_bytes().to_vec();
        bytes.pop();
        bytes.push(0xff);
        assert_eq!(decode(&bytes), Err(ImportFault::BadCharacter { row: 2, column: 2 }));
        assert_eq!(decode(b"a,b\n\x8d,2"), Err(ImportFault::BadCharacter { row: 2, column: 1 }));
        assert_eq!(decode(b"a,b\n1,\0"), Err(ImportFault::BadCharacter { row: 2, column: 2 }));
        let mut odd = utf16_bytes("a,b\n1,2", false);
        odd.pop();
        assert_eq!(decode(&odd), Err(ImportFault::BadCharacter { row: 2, column: 2 }));
        let lone = [b"\xff\xfea\0,\0b\0\n\0".as_slice(), b"\x00\xd8,\0"].concat();
        assert_eq!(decode(&lone), Err(ImportFault::BadCharacter { row: 2, column: 1 }));
    }

    #[test]
    fn files_of_other_formats_are_called_by_their_name() {
        for bytes in [b"PK\x03\x04xx".as_slice(), b"%PDF-1.7", b"\xd0\xcf\x11\xe0", b" \n<html>"] {
            assert!(matches!(decode(bytes), Err(ImportFault::OtherFormat { .. })));
        }
    }
}
