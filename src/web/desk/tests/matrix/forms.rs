//! Ids inside forms and questions: a whole form, as a browser would send it, with one id of the
//! other chapter in it, or sent to an address of theirs. It is unknown or wrong, and nothing is
//! changed; the same form with ids of one's own is taken.

use super::filled::*;
use super::furnishing::{Ids, THERE};
use super::*;
use crate::store::census::Census;

pub const DAY: &str = "20/11/2026";

/// A form as its page has it, filled in.
pub struct Form {
    /// Who sends it.
    by: people::SignsIn,
    page: String,
    action: String,
    /// What the page sends along unseen.
    hidden: &'static [&'static str],
    fields: Vec<(&'static str, String)>,
    /// In place of a field's value, or beside the fields: one of the other chapter's.
    foreign: Vec<(&'static str, String)>,
    /// The same form's address at the other chapter.
    elsewhere: Option<String>,
    /// What the form with ids of one's own is answered.
    done: u16,
    /// That something is gone already is no fault: a foreign id is answered as if it were, and
    /// nothing of the other chapter is changed.
    gone: bool,
}

impl Form {
    pub fn new(page: &str, fields: &[(&'static str, &str)]) -> Self {
        let fields = fields.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        Self {
            by: TREASURER,
            page: page.to_owned(),
            action: page.split('?').next().unwrap().to_owned(),
            hidden: &[],
            fields,
            foreign: Vec::new(),
            elsewhere: None,
            done: 303,
            gone: false,
        }
    }

    pub fn by(self, by: people::SignsIn) -> Self {
        Self { by, ..self }
    }

    pub fn to(self, action: &str) -> Self {
        Self { action: action.to_owned(), ..self }
    }

    pub fn hiding(self, hidden: &'static [&'static str]) -> Self {
        Self { hidden, ..self }
    }

    pub fn foreign(self, foreign: &[(&'static str, &str)]) -> Self {
        let foreign = foreign.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        Self { foreign, ..self }
    }

    /// The same address with an id of theirs in the place of one's own.
    pub fn elsewhere(self, (own, foreign): (&str, &str)) -> Self {
        assert!(self.action.contains(own), "{} is not of {own}", self.action);
        let elsewhere = Some(self.action.replace(own, foreign));
        Self { elsewhere, ..self }
    }

    pub fn done(self, done: u16) -> Self {
        Self { done, ..self }
    }

    pub fn gone(self) -> Self {
        Self { gone: true, ..self }
    }

    /// The fields with a foreign value among them.
    fn with(&self, (name, value): &(&'static str, String)) -> Vec<(&'static str, String)> {
        let mut all = self.fields.clone();
        match all.iter_mut().find(|(own, _)| own == name) {
            Some(own) => own.1.clone_from(value),
            None => all.push((name, value.clone())),
        }
        all
    }
}

/// A slip: its echo is enough.
pub fn slip(page: &str, fields: &[(&'static str, &str)], foreign: &[(&'static str, &str)]) -> Form {
    Form::new(page, fields).hiding(&["id"]).foreign(foreign).done(200)
}

/// Sends every form; what was wrong with it.
pub async fn sent(house: &House, [here, there]: [&Ids; 2]) -> Vec<String> {
    let mut wrong = Vec::new();
    let subjects = [
        of_drafts(here, there),
        of_slips(here, there),
        of_rounds(here, there),
        of_sponsors(here, there),
        of_loans(here, there),
        of_people(here, there),
        of_the_chapter(here, there),
        of_files(here, there),
    ];
    for form in subjects.into_iter().flatten() {
        house.sign_in(form.by).await;
        wrong.extend(house.tries(&form).await);
    }
    wrong
}

impl House {
    pub async fn censuses(&self) -> [Census; 2] {
        let chapters = self.store().chapters();
        [self.store().census(chapters[0].0).await, self.store().census(chapters[1].0).await]
    }

    async fn tries(&self, form: &Form) -> Vec<String> {
        let mut wrong = Vec::new();
        let own = |action: &String| (action.clone(), form.fields.clone(), String::new());
        let foreign = form.foreign.iter().map(|it| {
            let what = format!(" with {it:?}");
            (form.action.clone(), form.with(it), what)
        });
        let elsewhere = form.elsewhere.iter().map(own);
        for (action, fields, what) in foreign.chain(elsewhere) {
            let before = self.censuses().await;
            let (code, body) = self.sends(form, &action, &fields).await;
            let after = self.censuses().await;
            let refused = matches!(code, 404 | 422) && same(&before[0], &after[0]);
            let no_news = form.gone && code == 303;
            if !(refused || no_news) || before[1] != after[1] {
                let found = changed(&before, &after);
                wrong.push(format!("POST {action}{what}: {code}, changed {found:?}"));
            }
            for word in THERE.private().into_iter().filter(|word| body.contains(word)) {
                if !what.contains(word) {
                    wrong.push(format!("POST {action}{what} holds {word}"));
                }
            }
        }
        let (code, body) = self.sends(form, &form.action, &form.fields).await;
        if code != form.done {
            wrong.push(format!("POST {}: {code}, not {}: {body}", form.action, form.done));
        }
        wrong
    }

    /// Sends a form with what its page has hidden by now.
    async fn sends(
        &self,
        form: &Form,
        action: &str,
        fields: &[(&'static str, String)],
    ) -> (u16, String) {
        let (_, html) = self.get(&form.page).await;
        let seen: Vec<String> = form.hidden.iter().map(|name| hidden(&html, name)).collect();
        let seen = form.hidden.iter().zip(&seen).map(|(name, value)| (*name, value.as_str()));
        let typed = fields.iter().map(|(name, value)| (*name, value.as_str()));
        let all: Vec<(&str, &str)> = seen.chain(typed).collect();
        let (status, body) = self.post(action, &self.token_of(action), &all).await;
        (status.code, body)
    }
}

/// Nothing is changed but the log of what was opened: a form that comes back shows names again.
fn same(before: &Census, after: &Census) -> bool {
    let logs = ["vault_openings", "desk_security_log"];
    before.iter().all(|(table, rows)| logs.contains(&table.as_str()) || &after[table] == rows)
}

/// The tables that are not as they were.
pub fn changed(before: &[Census; 2], after: &[Census; 2]) -> Vec<String> {
    let of = |at: usize| {
        let tables = before[at].keys().filter(move |table| before[at][*table] != after[at][*table]);
        tables.map(move |table| format!("{table} of {at}"))
    };
    of(0).chain(of(1)).collect()
}
