//! A PostgreSQL dump looked over without a database: what `pg_restore` prints of its data is read
//! line by line, entries are hashed, rows counted.

use std::collections::BTreeMap;
use std::io::BufRead;

use super::copies::{Contents, Looked, Signed, StoredEntry};
use super::fault::StoreFault;
use super::nodes::{hash, unsigned};

/// The longest line that is kept whole: an entry in hex with its other columns is far below.
const LONGEST: usize = 512 << 10;

/// Looks over the data of a dump, as `pg_restore --data-only --file=-` prints it.
///
/// # Errors
/// [`StoreFault::Damaged`] says what is wrong with it.
pub fn look_at_dump(mut script: impl BufRead, signed: &Signed) -> Result<Contents, StoreFault> {
    let mut looked = Looked::default();
    let mut tables = BTreeMap::new();
    let mut line = Vec::new();
    while next_line(&mut script, &mut line)? {
        let Some(copy) = Copy::of(&line) else { continue };
        let rows = tables.entry(copy.table.clone()).or_insert(0_u64);
        loop {
            if !next_line(&mut script, &mut line)? {
                return Err(damaged(&copy.table, "it is cut off"));
            }
            if line == b"\\." {
                break;
            }
            *rows += 1;
            match copy.table.as_str() {
                "chapters" => copy.chapter(&line, &mut looked)?,
                "entries" => copy.entry(&line, &mut looked)?,
                _ => {}
            }
        }
    }
    if !tables.contains_key("chapters") || !tables.contains_key("entries") {
        return Err(StoreFault::damaged("the dump", "it holds no ledger"));
    }
    Ok(Contents { ledgers: looked.finish(signed)?, tables })
}

/// The next line without its end, cut off behind [`LONGEST`] bytes; `false` behind the last.
fn next_line(script: &mut impl BufRead, line: &mut Vec<u8>) -> Result<bool, StoreFault> {
    line.clear();
    let mut met = false;
    loop {
        let there = script.fill_buf().map_err(|fault| StoreFault::damaged("the dump", fault))?;
        if there.is_empty() {
            return Ok(met);
        }
        met = true;
        let end = there.iter().position(|byte| *byte == b'\n');
        let piece = end.unwrap_or(there.len());
        let room = LONGEST.saturating_sub(line.len()).min(piece);
        line.extend_from_slice(&there[..room]);
        script.consume(end.map_or(piece, |end| end + 1));
        if end.is_some() {
            return Ok(true);
        }
    }
}

fn damaged(table: &str, reason: &str) -> StoreFault {
    StoreFault::damaged(format!("table {table} of the dump"), reason)
}

/// `COPY schema.table (column, …) FROM stdin;`
#[derive(Debug)]
struct Copy {
    table: String,
    columns: Vec<String>,
}

impl Copy {
    fn of(line: &[u8]) -> Option<Self> {
        let line = std::str::from_utf8(line).ok()?;
        let (name, rest) = line.strip_prefix("COPY ")?.split_once(" (")?;
        let columns = rest.strip_suffix(") FROM stdin;")?;
        let bare = |name: &str| name.trim().trim_matches('"').to_owned();
        let table = bare(name.rsplit_once('.').map_or(name, |(_, table)| table));
        Some(Self { table, columns: columns.split(',').map(bare).collect() })
    }

    /// The value of a column, still in the escapes of the format.
    fn value<'a>(&self, line: &'a [u8], column: &str) -> Result<&'a [u8], StoreFault> {
        let at = self.columns.iter().position(|own| own == column);
        let value = at.and_then(|at| line.split(|byte| *byte == b'\t').nth(at));
        value.ok_or_else(|| damaged(&self.table, "a column is missing"))
    }

    fn text<'a>(&self, line: &'a [u8], column: &str) -> Result<&'a str, StoreFault> {
        let value = std::str::from_utf8(self.value(line, column)?);
        value.map_err(|_| damaged(&self.table, "not UTF-8"))
    }

    fn number(&self, line: &[u8], column: &str) -> Result<i64, StoreFault> {
        let number = self.text(line, column)?.parse();
        number.map_err(|_| damaged(&self.table, "a number is none"))
    }

    /// Bytes come as `\\x` and hex digits.
    fn bytes(&self, line: &[u8], column: &str) -> Result<Vec<u8>, StoreFault> {
        let digits = self.value(line, column)?.strip_prefix(b"\\\\x");
        let bytes = digits.and_then(|digits| hex::decode(digits).ok());
        bytes.ok_or_else(|| damaged(&self.table, "bytes are none"))
    }

    fn chapter(&self, line: &[u8], looked: &mut Looked) -> Result<(), StoreFault> {
        let leaf = hash(&self.bytes(line, "head_leaf")?, "head")?;
        let root = hash(&self.bytes(line, "head_root")?, "head")?;
        let slug = self.text(line, "slug")?.to_owned();
        let size = unsigned(self.number(line, "head_size")?)?;
        looked.chapter(self.number(line, "id")?, slug, size, leaf, root);
        Ok(())
    }

    fn entry(&self, line: &[u8], looked: &mut Looked) -> Result<(), StoreFault> {
        let bytes = self.bytes(line, "bytes")?;
        let row = StoredEntry {
            seq: unsigned(self.number(line, "seq")?)?,
            prev: hash(&self.bytes(line, "prev")?, "prev")?,
            leaf: hash(&self.bytes(line, "leaf_hash")?, "leaf hash")?,
            bytes: &bytes,
        };
        looked.entry(self.number(line, "chapter")?, &row)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_head_of_a_table_and_its_values_are_read() {
        let copy = Copy::of(b"COPY public.entries (chapter, seq, \"at\", bytes) FROM stdin;");
        let copy = copy.unwrap();
        assert_eq!((copy.table.as_str(), copy.columns.len()), ("entries", 4));
        let line = b"7\t12\t\\N\t\\\\x00ff";
        assert_eq!(copy.number(line, "seq").unwrap(), 12);
        assert_eq!(copy.bytes(line, "bytes").unwrap(), [0, 255]);
        assert!(copy.number(line, "at").is_err());
        assert!(copy.bytes(b"7\t12\t\\N", "bytes").is_err());
        assert!(Copy::of(b"SELECT pg_catalog.set_config('search_path', '', false);").is_none());
    }

    #[test]
    fn a_line_of_any_length_is_one_line_and_memory_is_bounded() {
        let long = vec![b'x'; 3 * LONGEST];
        let text = [long.as_slice(), b"\nshort\n\nlast"].concat();
        let mut script = std::io::BufReader::with_capacity(1000, text.as_slice());
        let mut line = Vec::new();
        let mut lengths = Vec::new();
        while next_line(&mut script, &mut line).unwrap() {
            lengths.push(line.len());
        }
        assert_eq!(lengths, [LONGEST, 5, 0, 4]);
    }

    #[test]
    fn a_script_that_ends_in_the_middle_is_refused() {
        let cut = "COPY public.gifts (chapter) FROM stdin;\n1\n";
        let fault = look_at_dump(cut.as_bytes(), &Signed::new()).unwrap_err();
        assert!(fault.to_string().contains("cut off"), "{fault}");
        let whole = format!("{cut}\\.\n");
        let fault = look_at_dump(whole.as_bytes(), &Signed::new()).unwrap_err();
        assert!(fault.to_string().contains("no ledger"), "{fault}");
    }
}
