//! The body of a form, read strictly.

use rocket::data::{FromData, Outcome};
use rocket::http::RawStr;
use rocket::{Data, Request};
use zeroize::Zeroizing;

use crate::web::fault::{Denied, Fault, Malformed, Refused};
use crate::web::guards::{FormSecret, TOKEN};

use super::{Field, Submission};

/// Fields of a usual form, at most; its bytes are the limit `fields` (64 KiB).
const FEW: usize = 500;

/// Fields of a form with a list of families, at most; its bytes are the limit `many-fields`
/// (512 KiB).
const MANY: usize = 3_000;

/// The fields of a form in their order, its token checked: a handler that takes this takes only
/// what the visitor's own form sent.
#[derive(Debug)]
pub struct Fields(Vec<(String, Zeroizing<String>)>);

impl Fields {
    /// Reads a body of the type `application/x-www-form-urlencoded` (URL Standard section 5.1), but
    /// refuses what that algorithm would repair: bytes that are no UTF-8.
    ///
    /// # Errors
    /// [`Malformed`] for bytes that are no UTF-8 and for more than `most` fields.
    pub fn parse(body: &[u8], most: usize) -> Result<Self, Malformed> {
        let body = std::str::from_utf8(body).map_err(|_| Malformed::NotUtf8)?;
        let mut fields = Vec::new();
        for pair in body.split('&').filter(|pair| !pair.is_empty()) {
            if fields.len() == most {
                return Err(Malformed::TooMany);
            }
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let decode = |part: &str| {
                RawStr::new(part)
                    .url_decode()
                    .map(std::borrow::Cow::into_owned)
                    .map_err(|_| Malformed::NotUtf8)
            };
            fields.push((decode(name)?, Zeroizing::new(decode(value)?)));
        }
        Ok(Self(fields))
    }

    /// The form that these fields were meant for: every one known, every one once unless it is a
    /// list. What is missing counts as empty.
    ///
    /// # Errors
    /// 400 for an unknown or doubled field, which no page of ours sends.
    pub fn only(self, form: &'static [Field]) -> Result<Submission, Fault> {
        let mut submission = Submission::new(form);
        for (name, value) in self.0 {
            let Some(field) = form.iter().find(|field| field.is_sent_as(&name)) else {
                return Err(Fault::BadRequest(Malformed::Unknown(name)));
            };
            let held = submission.values.entry(field.name).or_default();
            if !field.list && !held.is_empty() {
                return Err(Fault::BadRequest(Malformed::Twice(name)));
            }
            held.push(value);
        }
        Ok(submission)
    }

    /// Names and values as they came.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// A form of which nothing was read.
    #[must_use]
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    /// Fields that came in another way than as a URL-encoded body.
    pub(super) fn of(fields: Vec<(String, Zeroizing<String>)>) -> Self {
        Self(fields)
    }

    /// Takes the token out and checks it against the visitor and the path that was called.
    pub(super) fn checked(mut self, request: &Request<'_>) -> Result<Self, Fault> {
        let mut token = None;
        for (name, value) in self.0.extract_if(.., |(name, _)| name == TOKEN) {
            if token.replace(value).is_some() {
                return Err(Fault::BadRequest(Malformed::Twice(name)));
            }
        }
        let action = request.uri().path().as_str();
        let good = token
            .zip(FormSecret::held(request))
            .is_some_and(|(token, secret)| secret.accepts(action, &token));
        if !good {
            super::kept::keep_old(request, &self);
            return Err(Fault::Forbidden(Denied::Token));
        }
        super::kept::keep(request, &self);
        Ok(self)
    }

    async fn read(
        request: &Request<'_>,
        data: Data<'_>,
        limit: &str,
        most: usize,
    ) -> Result<Self, Fault> {
        let form = request.content_type().is_some_and(|content_type| content_type.is_form());
        if !form {
            return Err(Fault::BadRequest(Malformed::NotAForm));
        }
        // A limit that nobody set is no limit of ours: nothing is read.
        let limit = request.limits().get(limit).unwrap_or_default();
        let body = data.open(limit).into_bytes().await.map_err(Fault::cut_off)?;
        if !body.is_complete() {
            return Err(Fault::TooLarge);
        }
        let body = Zeroizing::new(body.into_inner());
        Self::parse(&body, most).map_err(Fault::BadRequest)?.checked(request)
    }
}

#[rocket::async_trait]
impl<'r> FromData<'r> for Fields {
    type Error = Refused;

    async fn from_data(request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r, Self> {
        match Self::read(request, data, "fields", FEW).await {
            Ok(fields) => Outcome::Success(fields),
            Err(fault) => Outcome::Error(fault.refuse(request)),
        }
    }
}

/// The same for forms with a row per family: up to 3 000 fields in 512 KiB.
#[derive(Debug)]
pub struct ManyFields(pub Fields);

#[rocket::async_trait]
impl<'r> FromData<'r> for ManyFields {
    type Error = Refused;

    async fn from_data(request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r, Self> {
        match Fields::read(request, data, "many-fields", MANY).await {
            Ok(fields) => Outcome::Success(Self(fields)),
            Err(fault) => Outcome::Error(fault.refuse(request)),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const FORM: &[Field] = &[Field::one("amount", "amount"), Field::list("line", "line")];

    fn only(body: &str) -> Result<Submission, Fault> {
        Fields::parse(body.as_bytes(), 5).map_err(Fault::BadRequest)?.only(FORM)
    }

    #[test]
    fn unknown_and_doubled_fields_are_refused_by_name() {
        let named = |body| match only(body) {
            Err(Fault::BadRequest(malformed)) => Some(malformed),
            _ => None,
        };
        assert_eq!(named("amount=1&amount=2"), Some(Malformed::Twice("amount".into())));
        assert_eq!(named("amount=1&approved=true"), Some(Malformed::Unknown("approved".into())));
        assert_eq!(named("%5Fmethod=put"), Some(Malformed::Unknown("_method".into())));
        assert_eq!(named("line=1"), Some(Malformed::Unknown("line".into())));
        assert_eq!(named("amount[]=1"), Some(Malformed::Unknown("amount[]".into())));
        assert_eq!(named("a[b][c]=1"), Some(Malformed::Unknown("a[b][c]".into())));
        assert_eq!(
            named("line[]=1&line[]=2&line[]=3&line[]=4&line[]=5&line[]=6"),
            Some(Malformed::TooMany)
        );
        assert_eq!(named("amount=%ff"), Some(Malformed::NotUtf8));
        assert_eq!(Fields::parse(b"amount=\xff", 5).unwrap_err(), Malformed::NotUtf8);
    }

    #[test]
    fn values_are_decoded_once_and_missing_ones_are_empty() {
        let form = only("line[]=a+b&&line%5B%5D=%25 2B&amount").unwrap();
        assert_eq!(form.list("line"), ["a b", "% 2B"]);
        assert_eq!(form.typed("amount"), "");
        assert_eq!(only("").unwrap().typed("amount"), "");
    }
}
