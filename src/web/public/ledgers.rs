//! The ledgers of this site, as the public pages find them.

use std::borrow::Cow;

use fluent_templates::fluent_bundle::FluentValue;
use minijinja::value::Value;
use rocket::Request;
use rocket::http::Status;
use rocket::request::{FromRequest, Outcome};

use crate::publish::Tree;
use crate::store::facade::View;
use crate::store::{ChapterId, Closure, Standing, Store, StoreFault};
use crate::web::fault::Refused;
use crate::web::i18n::Arguments;
use crate::web::{Fault, Language, Pages};

/// Seconds after which a page that can't be made now is worth another try.
const AGAIN: u32 = 30;

/// The store, as far as pages for everybody use it.
pub struct Ledgers<'r>(&'r Store);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Ledgers<'r> {
    type Error = Refused;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Refused> {
        match request.rocket().state::<Store>() {
            Some(store) => Outcome::Success(Self(store)),
            // A site without a store keeps no ledger: nothing of one is found.
            None => Outcome::Forward(Status::NotFound),
        }
    }
}

/// The texts of the site in the reader's language, for what is no page.
pub struct Speech<'r> {
    pages: Cow<'r, Pages>,
    /// The language.
    pub language: Language,
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Speech<'r> {
    type Error = Refused;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Refused> {
        match request.rocket().state::<Pages>() {
            Some(pages) => {
                let pages = Cow::Borrowed(pages);
                Outcome::Success(Self { pages, language: Language::of(request) })
            }
            None => Outcome::Error(Fault::Unmanaged("Pages").refuse(request)),
        }
    }
}

impl Speech<'_> {
    /// The same for what outlives the request: a file that is made while it is sent.
    #[must_use]
    pub fn owned(&self) -> Speech<'static> {
        let pages = Cow::Owned(self.pages.as_ref().clone());
        Speech { pages, language: self.language }
    }

    /// A text without arguments.
    pub fn say(&self, key: &str) -> String {
        self.pages.texts().text(self.language, key, &Default::default())
    }

    /// A text with arguments: texts, and whole numbers that are grouped as the language does it.
    pub fn say_of<V>(&self, key: &str, given: &[(&'static str, V)]) -> String
    where
        V: Clone + Into<FluentValue<'static>>,
    {
        let given = given.iter().map(|(name, value)| ((*name).into(), value.clone().into()));
        let arguments: Arguments = given.collect();
        self.pages.texts().text(self.language, key, &arguments)
    }

    /// A text with arguments, which are texts themselves.
    pub fn tell(&self, key: &str, given: &[(&'static str, &str)]) -> String {
        let given: Vec<_> = given.iter().map(|(name, text)| (*name, (*text).to_owned())).collect();
        self.say_of(key, &given)
    }

    /// A template on one line.
    ///
    /// # Errors
    /// [`Fault::Internal`].
    pub fn line(&self, template: &str, shown: Value) -> Result<String, Fault> {
        let text = self.pages.render(self.language, template, shown).map_err(Fault::internal)?;
        Ok(text.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

impl Ledgers<'_> {
    /// The store.
    pub fn store(&self) -> &Store {
        self.0
    }

    /// The ledger of a slug.
    ///
    /// # Errors
    /// [`Fault::NotFound`].
    pub fn find(&self, slug: &str) -> Result<ChapterId, Fault> {
        self.0.find_slug(slug).ok_or(Fault::NotFound)
    }

    /// The chapters that can be found here: slug and name.
    ///
    /// # Errors
    /// [`Fault::NotFound`], never of those that are listed.
    pub fn named(&self) -> Result<Vec<(String, String)>, Fault> {
        let mut all = Vec::new();
        for (id, origin) in self.0.chapters() {
            // A ledger that another one continues is found from that one.
            if self.find(origin.slug())? != id {
                continue;
            }
            let view = self.view_of(id).ok();
            let own = view.as_ref().and_then(|view| view.books.chapter());
            let slug = origin.slug().to_owned();
            let name = own.map_or_else(|| slug.clone(), |own| own.chapter.name.to_string());
            all.push((slug, name));
        }
        Ok(all)
    }

    /// What is shown of the ledger of a slug.
    ///
    /// # Errors
    /// [`Fault::NotFound`]; [`Fault::NotNow`] while its entries can't be read.
    pub fn view(&self, slug: &str) -> Result<View, Fault> {
        self.view_of(self.find(slug)?)
    }

    /// What is shown of a ledger.
    ///
    /// # Errors
    /// [`Fault::NotFound`]; [`Fault::NotNow`] while its entries can't be read.
    pub fn view_of(&self, chapter: ChapterId) -> Result<View, Fault> {
        self.0.view(chapter).map_err(read)?.ok_or_else(unreadable)
    }

    /// The published tree of one of the ledgers of a slug, counted from 1.
    ///
    /// # Errors
    /// [`Fault::NotFound`]; [`Fault::NotNow`] while there is no head that may be shown.
    pub fn tree(&self, slug: &str, generation: u32) -> Result<Tree, Fault> {
        let chapter = self.find(slug)?;
        if let Some(tree) = Tree::generation(self.0, chapter, generation).map_err(read)? {
            return Ok(tree);
        }
        // A mirror must not take a later ledger for gone.
        let view = self.0.view(chapter).map_err(read)?.ok_or_else(unreadable)?;
        if matches!(view.standing, Standing::ReadOnly(Closure::Superseded { .. })) {
            return Err(unreadable());
        }
        let books = self.0.books(chapter).map_err(read)?;
        let newest = books.chapter().map_or(1, |newest| newest.origin.generation());
        match generation == newest {
            true => Err(Fault::NotNow {
                text: "fault-503-head",
                cause: "the ledger has no signed head".into(),
            }),
            false => Err(Fault::NotFound),
        }
    }
}

/// A ledger whose stored entries are not what was signed, as an answer.
#[must_use]
pub fn unreadable() -> Fault {
    let cause = "the entries of the ledger can't be read".into();
    Fault::NotNow { text: "fault-503-damaged", cause }
}

/// A store that could not be read, as an answer.
pub fn read(fault: StoreFault) -> Fault {
    match fault {
        StoreFault::NoChapter => Fault::NotFound,
        fault if fault.passing().is_some() => Fault::internal(fault),
        fault @ StoreFault::Database(_) => Fault::Unavailable { cause: fault.into(), after: AGAIN },
        fault => Fault::internal(fault),
    }
}
