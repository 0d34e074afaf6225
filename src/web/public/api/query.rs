//! What an address of the API may ask: known names, each once; everything else is a problem that
//! says which name it was, so that a misspelled filter is never taken for none.

use std::convert::Infallible;
use std::str::FromStr;

use rocket::Request;
use rocket::request::{FromRequest, Outcome};

use super::problem::Problem;

/// Rows of an answer where none are asked for, and at most.
const USUAL: u64 = 100;
const MOST: u64 = 200;

/// The names and values of an address, decoded.
pub struct Query<'r> {
    text: &'r str,
    pairs: Option<Vec<(String, String)>>,
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Query<'r> {
    type Error = Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Infallible> {
        let Some(query) = request.uri().query() else {
            return Outcome::Success(Self { text: "", pairs: Some(Vec::new()) });
        };
        let text = query.as_str();
        let pair = |pair: &str| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let decoded = |text: &str| {
                let text = rocket::http::RawStr::new(text).url_decode().ok()?;
                Some(text.into_owned())
            };
            Some((decoded(name)?, decoded(value)?))
        };
        let pairs = text.split('&').filter(|text| !text.is_empty()).map(pair).collect();
        Outcome::Success(Self { text, pairs })
    }
}

impl Query<'_> {
    /// The query as it came.
    #[must_use]
    pub const fn text(&self) -> &str {
        self.text
    }

    /// Takes these names and no others, each at most once.
    ///
    /// # Errors
    /// [`Problem`] with status 400.
    pub fn only(&self, names: &[&str]) -> Result<&Self, Problem> {
        let Some(pairs) = &self.pairs else {
            return Err(Problem::bad_request("the query is not UTF-8"));
        };
        for (at, (name, _)) in pairs.iter().enumerate() {
            let shown: String = name.chars().take(40).collect();
            if !names.contains(&name.as_str()) {
                let known = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
                let detail = format!("unknown parameter {shown:?}; known ones: {known}");
                return Err(Problem::bad_request(detail));
            }
            if pairs.iter().take(at).any(|(own, _)| own == name) {
                return Err(Problem::bad_request(format!("parameter {shown:?} twice")));
            }
        }
        Ok(self)
    }

    /// The text of a name; none where it is left out or empty.
    #[must_use]
    pub fn text_of(&self, name: &str) -> Option<&str> {
        let pairs = self.pairs.iter().flatten();
        let found = pairs.into_iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// The value of a name.
    ///
    /// # Errors
    /// [`Problem`] with status 400 that says what is expected.
    pub fn value<T: FromStr>(&self, name: &str, expected: &str) -> Result<Option<T>, Problem> {
        let read = |text: &str| {
            let wrong = || Problem::bad_request(format!("parameter {name:?}: {expected}"));
            text.parse().map_err(|_| wrong())
        };
        self.text_of(name).map(read).transpose()
    }

    /// How many rows are wanted: 1 to 200, 100 where nothing is said.
    ///
    /// # Errors
    /// [`Problem`] with status 400.
    pub fn limit(&self) -> Result<u64, Problem> {
        let expected = format!("a number from 1 to {MOST}");
        let limit = self.value::<u64>("limit", &expected)?.unwrap_or(USUAL);
        match (1..=MOST).contains(&limit) {
            true => Ok(limit),
            false => Err(Problem::bad_request(format!("parameter \"limit\": {expected}"))),
        }
    }

    /// The address of the next rows: the same query behind a position.
    #[must_use]
    pub fn next(&self, path: &str, after: &str) -> String {
        let pairs = self.text.split('&').filter(|pair| {
            !pair.is_empty() && pair.split('=').next().is_some_and(|name| name != "after")
        });
        let kept: Vec<&str> = pairs.collect();
        let before = if kept.is_empty() { String::new() } else { format!("{}&", kept.join("&")) };
        format!("{path}?{before}after={after}")
    }
}
