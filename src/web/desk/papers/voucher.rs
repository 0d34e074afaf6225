//! `/ban/but-toan/<seq>/phieu.pdf`: the slips of an entry, one for each number that people read:
//! phiếu thu, phiếu chi, báo có, báo nợ, phiếu nhập kho, phiếu xuất kho, phiếu kế toán.
//!
//! They hold the seven items of a voucher that the accounting law asks for (Luật Kế toán
//! 88/2015/QH13, điều 16): name and number, day, who makes it, who gets or gives, the transaction,
//! quantities and amounts in figures and words, room for signatures.

use rocket::{State, get};

use super::Desk;
use super::people::People;
use crate::books::effects::{DocumentNumber, Series};
use crate::ledger::voucher::Voucher;
use crate::publish::paper::{Block, Paper, Sheet};
use crate::store::facade::Line;
use crate::web::printing::download;
use crate::web::public::download::Download;
use crate::web::public::ledgers::Speech;
use crate::web::session::{Kept, Officer};
use crate::web::signers::{Signer, signers};
use crate::web::{Config, Fault};

/// An entry on its way to paper.
pub struct Printed<'a> {
    /// Whose paper it is.
    pub desk: &'a Desk<'a>,
    /// The entry.
    pub line: &'a Line,
    /// The one that it reverses.
    pub original: Option<Line>,
    /// Names that were opened for it.
    pub people: People,
    /// Who signed it.
    pub signers: Vec<Signer>,
}

/// The numbers of an entry that have a slip; a loan's name is that of its agreement.
#[must_use]
pub fn slips(line: &Line) -> Vec<DocumentNumber> {
    let own = |number: &&DocumentNumber| number.series != Series::KU;
    line.effects.numbers.iter().filter(own).copied().collect()
}

/// The slips of an entry. Names are opened for who may see them on its page, which the log notes,
/// unless `rieng=0` asks for a copy without.
#[get("/ban/but-toan/<seq>/phieu.pdf?<rieng>")]
pub async fn print(
    officer: Officer,
    kept: Kept<'_>,
    config: &State<Config>,
    speech: Speech<'_>,
    seq: &str,
    rieng: Option<&str>,
) -> Result<Download, Fault> {
    let store = kept.0;
    let seq = crate::web::public::entry::seq(seq)?;
    let line = store.line(officer.chapter, seq).await.map_err(Fault::internal)?;
    let line = line.ok_or(Fault::NotFound)?;
    let numbers = slips(&line);
    if numbers.is_empty() {
        return Err(Fault::NotFound);
    }
    let original = match line.reverses {
        Some(seq) => store.line(officer.chapter, seq).await.map_err(Fault::internal)?,
        None => None,
    };
    let opens = officer.may_record() && rieng != Some("0");
    let people = People::find(&officer, store, &line, (opens, config.clock.now())).await?;
    let signers = signers(store, officer.chapter, officer.books.officers(), &line.entry).await;
    let signers = signers.map_err(Fault::internal)?;
    let desk = Desk::open(&officer, store, &speech).await?;
    let printed = Printed { desk: &desk, line: &line, original, people, signers };
    let name: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    download(&printed.paper(&numbers)?, &name.join("-"))
}

impl Printed<'_> {
    /// The voucher.
    #[must_use]
    pub fn voucher(&self) -> &Voucher {
        self.line.entry.voucher()
    }

    /// All slips, each from a page of its own on, on the smallest sheets that hold each on one.
    fn paper(&self, numbers: &[DocumentNumber]) -> Result<Paper, Fault> {
        let mut blocks = Vec::new();
        for (at, number) in numbers.iter().enumerate() {
            if at > 0 {
                blocks.push(Block::NewPage);
            }
            blocks.extend(self.slip(*number, at == 0));
        }
        let name: Vec<String> = numbers.iter().map(ToString::to_string).collect();
        let mut paper = self.desk.paper(name.join(" · "), Sheet::A4, blocks);
        for sheet in [Sheet::A5Across, Sheet::A5, Sheet::A4] {
            paper.sheet = sheet;
            if paper.pages().map_err(Fault::internal)? <= numbers.len() {
                break;
            }
        }
        Ok(paper)
    }
}
