//! Forms as this site takes them: each field known, each once, none hidden, what was typed kept.
//!
//! Rocket's own `Form<T>` takes the first of a doubled field and ignores unknown ones; here both
//! end the request. A form is declared as a list of [`Field`]s; [`Fields`] reads the body and
//! checks its token; [`Fields::only`] gives a [`Submission`], whose readers turn text into domain
//! values once and note every fault at its field; [`FormView`] is what templates show, blank or
//! with faults.

mod fields;
mod kept;
mod submission;
mod text;
mod upload;
mod view;

pub use fields::{Fields, ManyFields};
pub use kept::{Again, Late, again};
pub use submission::{Noted, Submission, quantity_typed, read_day};
pub use text::{Unfit, clean, is_forbidden};
pub use upload::{Statement, Upload};
pub use view::{FieldFault, FormView};

/// A field of a form: its name, the key of its label, and how it comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// The name in the body.
    pub name: &'static str,
    /// The key of the label's text, which faults name.
    pub label: &'static str,
    /// Whether it may come any number of times.
    pub list: bool,
    /// Whether it is never sent back to the page (a passphrase).
    pub secret: bool,
}

impl Field {
    /// A field that comes at most once.
    #[must_use]
    pub const fn one(name: &'static str, label: &'static str) -> Self {
        Self { name, label, list: false, secret: false }
    }

    /// A field that comes once a row or once a box ticked; in the body its name ends with `[]`.
    #[must_use]
    pub const fn list(name: &'static str, label: &'static str) -> Self {
        Self { name, label, list: true, secret: false }
    }

    /// A passphrase.
    #[must_use]
    pub const fn secret(name: &'static str, label: &'static str) -> Self {
        Self { name, label, list: false, secret: true }
    }

    /// Whether a name in a body means this field.
    fn is_sent_as(&self, name: &str) -> bool {
        let plain = if self.list { name.strip_suffix("[]") } else { Some(name) };
        plain == Some(self.name)
    }
}

/// The pairs that an address asks with: without the language, and without what the services through
/// which links are passed on add to them.
pub fn asked<'u>(uri: &'u rocket::http::uri::Origin<'_>) -> Vec<&'u str> {
    let query = uri.query().map(|query| query.as_str()).unwrap_or_default();
    let added = |pair: &&str| {
        let name = pair.split('=').next().unwrap_or_default();
        ["lang", "fbclid", "gclid", "zarsrc"].contains(&name) || name.starts_with("utm_")
    };
    query.split('&').filter(|pair| !pair.is_empty() && !added(pair)).collect()
}
