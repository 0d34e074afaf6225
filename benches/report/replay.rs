//! Chain, root and books of an export without its signatures, in a process of its own.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::Command;

use minhbach::books::{Books, CheckFault};
use minhbach::ledger::chain::Chain;
use minhbach::ledger::entry::{Entry, leaf_hash};
use minhbach::ledger::tree::Frontier;
use minhbach::verify::history::History;

use crate::programs::{Took, run_well};

/// The variable that makes this program replay a folder.
pub const FOLDER: &str = "MINHBACH_REPORT_REPLAY";

/// Replays an export in a process of its own.
pub fn run(folder: &Path) -> Result<Took, String> {
    let mut command = Command::new(std::env::current_exe().map_err(|fault| fault.to_string())?);
    run_well(command.env(FOLDER, folder))
}

/// Replays a folder here: every entry read, chained, hashed into the tree and checked by the books.
pub fn replay(folder: &Path) -> Result<(), String> {
    let io = |fault: std::io::Error| fault.to_string();
    let file = File::open(folder.join("entries.jsonl")).map_err(io)?;
    let (mut chain, mut books) = (Chain::default(), Books::default());
    let (mut tree, mut history) = (Frontier::new(), History::new().map_err(io)?);
    let mut lines = BufReader::with_capacity(1 << 20, file);
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line).map_err(io)? > 0 {
        let bytes = line.trim_ascii_end();
        let entry = Entry::parse(bytes).map_err(|fault| fault.to_string())?;
        let leaf = leaf_hash(bytes);
        chain.follow(&entry, leaf).map_err(|fault| fault.to_string())?;
        tree.append(leaf);
        let effects = match books.check(&entry, &history) {
            Ok(effects) => effects,
            Err(CheckFault::Refused(refusal)) => return Err(refusal.to_string()),
            Err(CheckFault::Ask(ask)) => return Err(format!("{ask:?}")),
        };
        books.absorb(&entry, &effects);
        history.absorb(&entry, bytes, &effects).map_err(io)?;
        line.clear();
    }
    let head = std::fs::read_to_string(folder.join("checkpoint")).map_err(io)?;
    let root = head.lines().nth(2).unwrap_or_default().to_owned();
    let own = tree.root().to_base64();
    if own == root { Ok(()) } else { Err(format!("root {own}, the checkpoint says {root}")) }
}
