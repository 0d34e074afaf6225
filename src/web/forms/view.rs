//! A form as templates show it: blank, or with what was typed and the faults found.

use std::collections::BTreeMap;

use minijinja::value::Value;
use serde::Serialize;

use crate::web::guards::FormSecret;

use super::text::showable;
use super::{Field, Submission};

/// A fault in a form: the key of its text, the arguments of that text, and the field where it is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FieldFault {
    /// The field; `None` for a fault of the whole form.
    pub field: Option<&'static str>,
    /// The key of the text.
    pub key: &'static str,
    /// Arguments of the text beside `$label`.
    pub arguments: BTreeMap<&'static str, Value>,
}

impl FieldFault {
    pub(super) fn new<const N: usize>(
        field: Option<&'static str>,
        key: &'static str,
        arguments: [(&'static str, Value); N],
    ) -> Self {
        Self { field, key, arguments: arguments.into() }
    }
}

/// A form for a template; the macros of `macros/forms.html` take it.
#[derive(Clone, Debug, Serialize)]
pub struct FormView {
    action: String,
    token: String,
    labels: BTreeMap<&'static str, &'static str>,
    values: BTreeMap<&'static str, String>,
    lists: BTreeMap<&'static str, Vec<String>>,
    faults: Vec<FieldFault>,
}

impl FormView {
    /// The blank form that is sent to the path `action`.
    #[must_use]
    pub fn blank(secret: &FormSecret, action: &str, form: &'static [Field]) -> Self {
        Self { token: secret.token(action), ..Self::without_token(action, form) }
    }

    /// The blank form of a page that is only asked (GET) and changes nothing.
    #[must_use]
    pub fn without_token(action: &str, form: &'static [Field]) -> Self {
        let once = |field: &&Field| !field.list;
        Self {
            action: action.to_owned(),
            token: String::new(),
            labels: form.iter().map(|field| (field.name, field.label)).collect(),
            values: form.iter().filter(once).map(|field| (field.name, String::new())).collect(),
            lists: form.iter().filter(|f| f.list).map(|field| (field.name, Vec::new())).collect(),
            faults: Vec::new(),
        }
    }

    /// The form as it was sent, with its faults; passphrases stay empty.
    #[must_use]
    pub fn again(secret: &FormSecret, action: &str, sent: &Submission) -> Self {
        Self { token: secret.token(action), ..Self::asked(action, sent) }
    }

    /// The same of a page that is only asked (GET).
    #[must_use]
    pub fn asked(action: &str, sent: &Submission) -> Self {
        let mut view = Self::without_token(action, sent.form);
        for field in sent.form.iter().filter(|field| !field.secret) {
            if field.list {
                let typed = sent.list(field.name).into_iter().map(showable).collect();
                view.lists.insert(field.name, typed);
            } else {
                view.values.insert(field.name, showable(sent.typed(field.name)));
            }
        }
        view.faults.clone_from(&sent.faults);
        view
    }

    /// What stands in a field.
    #[must_use]
    pub fn value(&self, name: &str) -> &str {
        self.values.get(name).map_or("", String::as_str)
    }

    /// What stands in the rows of a list.
    #[must_use]
    pub fn list(&self, name: &str) -> &[String] {
        self.lists.get(name).map_or(&[], Vec::as_slice)
    }

    /// Fills a field in beforehand: today's date, a voucher id.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        match self.lists.get_mut(name) {
            // The next row.
            Some(rows) => rows.push(value.into()),
            None => drop(self.values.insert(name, value.into())),
        }
        self
    }

    /// Fills the rows of a list in beforehand.
    #[must_use]
    pub fn with_list(mut self, name: &'static str, values: Vec<String>) -> Self {
        self.lists.insert(name, values);
        self
    }
}

impl From<FormView> for Value {
    fn from(view: FormView) -> Self {
        Self::from(minijinja::value::Serde(view))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::Fields;
    use super::*;

    #[test]
    fn what_was_typed_comes_back_but_never_a_passphrase() {
        const FORM: &[Field] =
            &[Field::one("name", "n"), Field::list("line", "l"), Field::secret("passphrase", "p")];
        let body = "name=a%E2%80%AEb&line[]=1&line[]=2&passphrase=secret".as_bytes();
        let sent = Fields::parse(body, 9).unwrap().only(FORM).unwrap();
        let secret = FormSecret::for_tests();
        let view = FormView::again(&secret, "/x", &sent);
        assert_eq!(view.values["name"], "ab");
        assert_eq!(view.lists["line"], ["1", "2"]);
        assert_eq!(view.values["passphrase"], "");
        assert!(!format!("{view:?}").contains("secret"));
    }
}
