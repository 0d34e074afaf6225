//! Papers of the desk as PDF files: what is signed by hand and kept in a binder. Each has the
//! guard of the page beside it, and opens no private value without a line in the log.
//!
//! | file | path |
//! |---|---|
//! | [`voucher`], [`slip`] | `/ban/but-toan/<seq>/phieu.pdf`: cash, bank and stock slips, entries |
//! | [`words`], [`people`] | what a slip says of its voucher; names that were opened for it |
//! | [`receipt`] | `/ban/but-toan/<seq>/bien-nhan.pdf` |
//! | [`book`] | `/ban/so-quy/<place>/so-quy.pdf` |
//! | [`stock_card`] | `/ban/kho/<room>/the-kho.pdf` |
//! | [`minutes`] | `/ban/kiem-ke/<id>/bien-ban.pdf` |
//! | [`stock_minutes`] | `/ban/kho/kiem-ke/<id>/bien-ban.pdf` |
//! | [`forms`] | `/ban/quan-tri/mau-so`: the numbers of forms |
//!
//! Papers of rounds and loans stand beside their pages.

pub mod book;
pub mod forms;
pub mod minutes;
pub mod people;
pub mod receipt;
pub mod slip;
pub mod stock_card;
pub mod stock_minutes;
pub mod voucher;
pub mod words;

use rocket::{Route, routes};

use crate::ledger::voucher::Chapter;
use crate::publish::paper::{Block, Paper, Sheet};
use crate::store::Store;
use crate::store::desk::settings::Settings;
use crate::web::Fault;
use crate::web::printing::Pen;
use crate::web::public::ledgers::Speech;
use crate::web::session::Officer;

/// The routes of papers.
#[must_use]
pub fn routes() -> Vec<Route> {
    routes![
        voucher::print,
        receipt::print,
        book::print,
        stock_card::print,
        minutes::print,
        stock_minutes::print,
        forms::show,
        forms::send,
    ]
}

/// Whose paper it is, and in which words.
pub struct Desk<'a> {
    /// Who prints.
    pub officer: &'a Officer,
    /// The language.
    pub pen: Pen<'a>,
    settings: Settings,
}

impl<'a> Desk<'a> {
    /// A chapter's desk.
    ///
    /// # Errors
    /// Faults of the machine.
    pub async fn open(
        officer: &'a Officer,
        store: &Store,
        speech: &'a Speech<'a>,
    ) -> Result<Self, Fault> {
        let settings = store.settings(&officer.desk).await.map_err(Fault::internal)?;
        Ok(Self { officer, pen: Pen(speech), settings })
    }

    /// The chapter.
    #[must_use]
    pub fn chapter(&self) -> Option<&Chapter> {
        self.officer.books.chapter().map(|state| &state.chapter)
    }

    /// The head of a form: the chapter, and the number of the form with its source where the
    /// chapter uses one.
    #[must_use]
    pub fn head(&self, form: &str) -> Block {
        let form = self.settings.paper_form(form);
        let lines = form.into_iter().flat_map(|own| [own.number, own.source]);
        self.pen.head(self.chapter(), lines.filter(|line| !line.is_empty()).collect())
    }

    /// A paper of the chapter.
    #[must_use]
    pub fn paper(&self, title: String, sheet: Sheet, blocks: Vec<Block>) -> Paper {
        Paper {
            foot: title.clone(),
            title,
            author: self.chapter().map_or("", |own| own.name.as_str()).to_owned(),
            language: self.pen.0.language.tag(),
            sheet,
            page: self.pen.say("paper-page"),
            blocks,
        }
    }
}
