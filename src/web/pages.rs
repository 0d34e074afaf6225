//! Templates, their functions and filters.
//!
//! One environment a language, so that a template (and every macro that it imports) says `t("key")`
//! and `amount|money` and never which language it is in.

use std::borrow::Cow;
use std::sync::Arc;

use chrono::{DateTime, FixedOffset, NaiveDate, Utc};
use fluent_templates::fluent_bundle::FluentValue;
use minijinja::value::{Kwargs, Value};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior};

use crate::money::Money;

use super::assets;
use super::format;
use super::i18n::{Arguments, Language, Texts};
use super::{sources, words};

/// The templates and texts of the site. Copies are cheap.
#[derive(Clone)]
pub struct Pages {
    vietnamese: Arc<Environment<'static>>,
    english: Arc<Environment<'static>>,
    texts: Arc<Texts>,
}

impl Pages {
    /// The pages inside the binary; in builds made for debugging those on disk, read again when
    /// they change.
    ///
    /// # Errors
    /// What the loader says of a folder of texts that it can't read (debugging builds only).
    pub fn load() -> Result<Self, String> {
        if cfg!(embedded) { Ok(Self::embedded()) } else { Self::from_source() }
    }

    /// The templates and texts inside the binary; a template is compiled when it is first used.
    #[must_use]
    pub fn embedded() -> Self {
        Self::build(Texts::embedded(), |environment| {
            environment.set_loader(|name| Ok(sources::of(name).map(str::to_owned)));
        })
    }

    /// The templates and texts in the source tree of this build.
    ///
    /// # Errors
    /// As for [`Texts::from_folder`].
    pub fn from_source() -> Result<Self, String> {
        let texts = Texts::from_folder(concat!(env!("CARGO_MANIFEST_DIR"), "/locales"))?;
        Ok(Self::build(texts, |environment| {
            environment.set_loader(minijinja::path_loader(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/templates"
            )));
        }))
    }

    fn build(texts: Texts, load: impl Fn(&mut Environment<'static>)) -> Self {
        let texts = Arc::new(texts);
        let environment = |language| {
            let mut environment = environment(language, &texts);
            load(&mut environment);
            Arc::new(environment)
        };
        Self {
            vietnamese: environment(Language::Vietnamese),
            english: environment(Language::English),
            texts: Arc::clone(&texts),
        }
    }

    /// The words of the site.
    #[must_use]
    pub fn texts(&self) -> &Texts {
        &self.texts
    }

    /// A template in a language.
    ///
    /// # Errors
    /// minijinja's: no such template, a value that is not there, a float where money is shown.
    pub fn render(
        &self,
        language: Language,
        template: &str,
        context: Value,
    ) -> Result<String, Error> {
        let environment = match language {
            Language::Vietnamese => &self.vietnamese,
            Language::English => &self.english,
        };
        environment.get_template(template)?.render(context)
    }
}

fn environment(language: Language, texts: &Arc<Texts>) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|name| match name.rsplit('.').next() {
        Some("html" | "svg") => AutoEscape::Html,
        _ => AutoEscape::None,
    });
    environment.set_formatter(format_value);
    environment.add_global("lang", language.tag());
    let own = Arc::clone(texts);
    environment.add_function("t", move |key: &str, given: Kwargs| {
        Ok::<_, Error>(own.text(language, key, &arguments(&given, &own, language)?))
    });
    environment.add_function("asset", |name: &str| {
        assets::link(name).ok_or_else(|| no(format!("no file {name} in public/")))
    });
    environment.add_function("drawn", |name: &str, size: u16| {
        assets::drawn(name, size)
            .map(Value::from_safe_string)
            .ok_or_else(|| no(format!("no picture {name} in public/")))
    });
    environment.add_filter("money", move |value: Value| {
        amount(&value).map(|amount| format::money(amount, language))
    });
    environment.add_filter("signed_money", move |value: Value| {
        amount(&value).map(|amount| format::signed_money(amount, language))
    });
    environment.add_filter("words", move |value: Value| {
        amount(&value).map(|amount| words::amount_in_words(amount, language))
    });
    environment.add_filter("number", move |value: Value| {
        integer(&value).map(|number| format::number(number, language))
    });
    environment.add_filter("quantity", move |value: &str| {
        format::quantity(value, language).ok_or_else(|| no(format!("no quantity: {value}")))
    });
    environment.add_filter("date", move |value: &str| {
        value
            .parse::<NaiveDate>()
            .map(|date| format::date(date, language))
            .map_err(|_| no(format!("no date: {value}")))
    });
    environment.add_filter("datetime", move |value: &str, offset: Option<&str>| {
        let at = value.parse::<DateTime<Utc>>().map_err(|_| no(format!("no time: {value}")))?;
        let offset: FixedOffset = format::offset(offset.unwrap_or("+07:00"))
            .ok_or_else(|| no("no offset such as +07:00".to_owned()))?;
        Ok::<_, Error>(format::date_time(at, offset, language))
    });
    environment
}

/// Writes a value; texts in HTML with the five characters escaped that the HTML Standard names.
///
/// minijinja's own also turns every `/` into `&#x2f;`: paths and dates would be hard to read in the
/// source, and larger.
fn format_value(
    out: &mut Output<'_>,
    state: &mut State<'_, '_>,
    value: &Value,
) -> Result<(), Error> {
    let text = value.as_str().filter(|_| !value.is_safe());
    let Some(text) = text.filter(|_| *state.auto_escape() == AutoEscape::Html) else {
        return minijinja::escape_formatter(out, state, value);
    };
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
        let (before, special) = rest.split_at(at);
        out.write_str(before)?;
        out.write_str(match special.as_bytes().first() {
            Some(b'&') => "&amp;",
            Some(b'<') => "&lt;",
            Some(b'>') => "&gt;",
            Some(b'"') => "&quot;",
            _ => "&#39;",
        })?;
        // All five are one byte long.
        rest = special.get(1..).unwrap_or_default();
    }
    out.write_str(rest).map_err(Error::from)
}

fn no(detail: String) -> Error {
    Error::new(ErrorKind::InvalidOperation, detail)
}

fn integer(value: &Value) -> Result<i64, Error> {
    // `as_i64` would also take 5.0: what was a float once may have lost digits already.
    let whole = value.is_integer().then(|| value.as_i64()).flatten();
    whole.ok_or_else(|| no(format!("no whole number: {value}")))
}

fn amount(value: &Value) -> Result<Money, Error> {
    Money::new(integer(value)?).ok_or_else(|| no(format!("no amount of money: {value}")))
}

/// What stands behind the name of an argument that is a text of ours itself, by its key.
const KEY: &str = "_key";

/// The arguments of `t`: texts stay texts, whole numbers may choose a plural, floats are refused.
/// `member_key="field-date"` is the argument `member` with that text; of several keys, parted by
/// commas, with all of them.
fn arguments(given: &Kwargs, texts: &Texts, language: Language) -> Result<Arguments, Error> {
    let mut arguments = Arguments::new();
    for name in given.args() {
        let value: Value = given.get(name)?;
        if let (Some(name), Some(key)) = (name.strip_suffix(KEY), value.as_str()) {
            let said = |key| texts.text(language, key, &Arguments::new());
            let text = key.split(", ").map(said).collect::<Vec<_>>().join(", ");
            arguments.insert(Cow::Owned(name.to_owned()), FluentValue::from(text));
            continue;
        }
        let argument = match value.as_str() {
            Some(text) => FluentValue::from(text.to_owned()),
            None => FluentValue::from(integer(&value)?),
        };
        arguments.insert(Cow::Owned(name.to_owned()), argument);
    }
    Ok(arguments)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;
    use minijinja::context;

    fn say(source: &str, language: Language, context: Value) -> Result<String, Error> {
        let mut environment = environment(language, &Arc::new(Texts::embedded()));
        environment.add_template_owned("x.html", source.to_owned())?;
        environment.get_template("x.html")?.render(context)
    }

    /// The names of all files below a folder of templates.
    fn names(folder: &std::path::Path, of: &str) -> Vec<String> {
        let files = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
        files
            .flat_map(|file| {
                let name = format!("{of}{}", file.file_name().into_string().unwrap());
                match file.file_type().unwrap().is_dir() {
                    true => names(&file.path(), &format!("{name}/")),
                    false => vec![name],
                }
            })
            .collect()
    }

    #[test]
    fn every_template_is_inside_the_binary() {
        let folder = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/templates"));
        let names = names(folder, "");
        assert!(names.len() > 50 && names.iter().any(|name| name == "public/words.txt"));
        let pages = Pages::embedded();
        for name in names {
            assert!(pages.vietnamese.get_template(&name).is_ok(), "{name} is not embedded");
        }
    }

    #[test]
    fn html_and_svg_are_escaped_and_nothing_else_is() {
        let mut environment = environment(Language::Vietnamese, &Arc::new(Texts::embedded()));
        let text = "<script>{{7*7}}";
        for (name, escaped) in
            [("a.html", true), ("b.svg", true), ("c.csv", false), ("d.txt", false), ("html", true)]
        {
            environment.add_template_owned(name, "{{ x }}").unwrap();
            let template = environment.get_template(name).unwrap();
            let said = template.render(context! { x => text }).unwrap();
            assert_eq!(said == text, !escaped, "{name}: {said}");
            assert!(said.contains("{{7*7}}"));
        }
        let all = context! { x => "a/b & <i> \"q\" 'p'" };
        let said = environment.get_template("a.html").unwrap().render(all).unwrap();
        assert_eq!(said, "a/b &amp; &lt;i&gt; &quot;q&quot; &#39;p&#39;");
    }

    #[test]
    fn a_value_that_is_not_there_is_an_error_and_not_a_blank() {
        assert!(say("{{ missing }}", Language::English, context! {}).is_err());
        assert!(say("{{ page.missing }}", Language::English, context! { page => 1 }).is_err());
    }

    #[test]
    fn floats_are_never_shown_as_money_or_numbers() {
        for source in ["{{ 1.0|money }}", "{{ 2.5|number }}", "{{ 1.0|words }}"] {
            assert!(say(source, Language::English, context! {}).is_err(), "{source}");
        }
        assert!(
            say("{{ t('page-of', page=1.5, pages=2) }}", Language::English, context! {}).is_err()
        );
    }

    #[test]
    fn an_argument_may_be_a_text_itself() {
        let source = "{{ t('refusal-day-order', member_key='field-date', day='1') }}";
        let said = say(source, Language::English, context! {}).unwrap();
        assert!(said.contains("Date") && !said.contains("field-date"), "{said}");
        let keys = "signs-recorder, signs-approver, signs-holder";
        let source = format!("{{{{ t('refusal-signature-list', expected_key='{keys}') }}}}");
        let said = say(&source, Language::Vietnamese, context! {}).unwrap();
        assert_eq!(said, "Cần chữ ký: người lập, người duyệt, người giữ khóa");
    }

    #[test]
    fn filters_speak_the_pages_language() {
        let source = "{{ 1500000|money }} {{ '2026-11-05'|date }} {{ '12.5'|quantity }} \
                      {{ '2026-11-05T00:30:00Z'|datetime }} {{ 21|words }} {{ -5|signed_money }}";
        let said = |language| say(source, language, context! {}).unwrap().replace('\u{a0}', " ");
        assert_eq!(
            said(Language::Vietnamese),
            "1.500.000 ₫ 05/11/2026 12,5 05/11/2026 07:30 Hai mươi mốt đồng −5 ₫"
        );
        assert_eq!(
            said(Language::English),
            "1,500,000 ₫ 5 Nov 2026 12.5 5 Nov 2026, 07:30 Twenty-one đồng −5 ₫"
        );
    }
}
