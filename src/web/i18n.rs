//! Vietnamese and English: which one a reader gets, and the words of both.
//!
//! Vietnamese unless the reader chose: `?lang=en` decides and is remembered in a cookie; links need
//! not carry it. The browser's own list is not asked: a phone bought in English belongs to a reader
//! of Vietnamese here.

use std::borrow::Cow;
use std::collections::HashMap;
use std::convert::Infallible;

use fluent_templates::fluent_bundle::FluentValue;
use fluent_templates::{
    ArcLoader, FluentBundle, LanguageIdentifier, Loader, langid, static_loader,
};
use rocket::Request;
use rocket::http::{Cookie, SameSite};
use rocket::request::{FromRequest, Outcome};
use rocket::time::Duration;

use super::format;

/// The name of the query parameter and of the cookie.
pub const LANG: &str = "lang";

static_loader! {
    static EMBEDDED = {
        locales: "./locales",
        fallback_language: "vi",
        customise: |bundle| { prepare(bundle); },
    };
}

/// A language of the site.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// Tiếng Việt, the default.
    #[default]
    Vietnamese,
    /// English.
    English,
}

impl Language {
    /// All of them, the default first.
    pub const ALL: [Self; 2] = [Self::Vietnamese, Self::English];

    /// The BCP 47 tag, as in `<html lang>` and `?lang=`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Vietnamese => "vi",
            Self::English => "en",
        }
    }

    /// The language of a tag written exactly so; `None` for any other text.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.tag() == tag)
    }

    /// The one that the switch leads to.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Vietnamese => Self::English,
            Self::English => Self::Vietnamese,
        }
    }

    /// The language that a request asks for: its query, else its cookie, else Vietnamese.
    #[must_use]
    pub fn of(request: &Request<'_>) -> Self {
        Self::asked(request)
            .or_else(|| request.cookies().get(LANG).and_then(|held| Self::from_tag(held.value())))
            .unwrap_or_default()
    }

    /// The language named in the query, where one is.
    fn asked(request: &Request<'_>) -> Option<Self> {
        let query = request.uri().query()?;
        query.segments().find(|(name, _)| *name == LANG).and_then(|(_, tag)| Self::from_tag(tag))
    }

    /// The cookie that remembers a choice made in this request's query; `None` when it says nothing
    /// new.
    #[must_use]
    pub fn cookie(request: &Request<'_>, secure: bool) -> Option<Cookie<'static>> {
        let asked = Self::asked(request)?;
        let held = request.cookies().get(LANG).and_then(|held| Self::from_tag(held.value()));
        (held != Some(asked)).then(|| {
            Cookie::build((LANG, asked.tag()))
                .path("/")
                .http_only(true)
                .secure(secure)
                .same_site(SameSite::Lax)
                .max_age(Duration::days(365))
                .build()
        })
    }

    const fn identifier(self) -> LanguageIdentifier {
        match self {
            Self::Vietnamese => langid!("vi"),
            Self::English => langid!("en"),
        }
    }
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Language {
    type Error = Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Infallible> {
        Outcome::Success(Self::of(request))
    }
}

/// The same page in another language: path and query kept, `lang` set.
///
/// Leading slashes are made one, so that `//elsewhere` never becomes a link to another host.
#[must_use]
pub fn same_page(request: &Request<'_>, language: Language) -> String {
    let path = request.uri().path().as_str().trim_start_matches(['/', '\\']);
    let query = request.uri().query().map(|query| query.as_str()).unwrap_or_default();
    let kept = query
        .split('&')
        .filter(|pair| !pair.is_empty() && pair.split('=').next().is_some_and(|name| name != LANG));
    let mut link = format!("/{path}?");
    for pair in kept {
        link.push_str(pair);
        link.push('&');
    }
    link.push_str(LANG);
    link.push('=');
    link.push_str(language.tag());
    link
}

/// Numbers grouped as the language does it, and no isolation marks: those are invisible characters,
/// and copied amounts and titles must not hold any.
fn prepare<R>(bundle: &mut FluentBundle<R>) {
    bundle.set_use_isolating(false);
    let english = bundle.locales.iter().any(|locale| locale.language.as_str() == "en");
    bundle.set_formatter(Some(if english {
        |value, _| grouped(value, Language::English)
    } else {
        |value, _| grouped(value, Language::Vietnamese)
    }));
}

fn grouped(value: &FluentValue<'_>, language: Language) -> Option<String> {
    match value {
        // Only integers are ever handed in (`pages::arguments`).
        FluentValue::Number(number) => {
            Some(format::number(number.as_string().parse().ok()?, language))
        }
        _ => None,
    }
}

/// Arguments of a text, by name.
pub type Arguments = HashMap<Cow<'static, str>, FluentValue<'static>>;

/// The words of both languages.
pub struct Texts {
    loader: Box<dyn Loader + Send + Sync>,
}

impl Texts {
    /// The texts inside the binary.
    #[must_use]
    pub fn embedded() -> Self {
        Self { loader: Box::new(&*EMBEDDED) }
    }

    /// The texts in a folder with one folder per language, read once.
    ///
    /// # Errors
    /// What the loader says of a folder or file that it can't read.
    pub fn from_folder(folder: &str) -> Result<Self, String> {
        let loader = ArcLoader::builder(folder, Language::Vietnamese.identifier())
            .customize(prepare)
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Self { loader: Box::new(loader) })
    }

    /// The text of a key; `None` where neither this language nor Vietnamese has it, or where an
    /// argument that it names is missing.
    #[must_use]
    pub fn find(&self, language: Language, key: &str, arguments: &Arguments) -> Option<String> {
        let arguments = (!arguments.is_empty()).then_some(arguments);
        self.loader.try_lookup_complete(&language.identifier(), key, arguments)
    }

    /// The text of a key, or the key itself with a line in the log: a page with one odd word serves
    /// its reader better than none.
    #[must_use]
    pub fn text(&self, language: Language, key: &str, arguments: &Arguments) -> String {
        self.find(language, key, arguments).unwrap_or_else(|| {
            tracing::error!(key, language = language.tag(), "no text, or an argument is missing");
            key.to_owned()
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;
    use rocket::local::blocking::Client;
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::Path;

    /// Key → names of its arguments, of one language's files, attributes as `key.attribute`.
    fn keys(language: Language) -> BTreeMap<String, BTreeSet<String>> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("locales").join(language.tag());
        let mut keys: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for file in std::fs::read_dir(folder).unwrap() {
            let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
            let mut key = None;
            for line in text.lines().filter(|line| !line.starts_with('#')) {
                if let Some((name, _)) = line.split_once(" =").filter(|_| !line.starts_with(' ')) {
                    assert!(
                        keys.insert(name.to_owned(), BTreeSet::new()).is_none(),
                        "{name} twice"
                    );
                    key = Some(name.to_owned());
                }
                let Some(key) = &key else { continue };
                for part in line.split('$').skip(1) {
                    let end = part.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
                    let name = &part[..end.unwrap_or(part.len())];
                    keys.get_mut(key).unwrap().insert(name.to_owned());
                }
            }
        }
        keys
    }

    #[test]
    fn both_languages_have_the_same_keys_with_the_same_arguments() {
        let (vietnamese, english) = (keys(Language::Vietnamese), keys(Language::English));
        assert!(vietnamese.len() > 20);
        for (key, arguments) in &vietnamese {
            assert_eq!(english.get(key), Some(arguments), "{key}");
        }
        assert_eq!(vietnamese.len(), english.len(), "a key in English alone");
    }

    #[test]
    fn embedded_texts_and_texts_on_disk_say_the_same() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/locales");
        let (embedded, disk) = (Texts::embedded(), Texts::from_folder(folder).unwrap());
        for (key, arguments) in keys(Language::Vietnamese) {
            let given: Arguments =
                arguments.into_iter().map(|name| (name.into(), FluentValue::from(2))).collect();
            for language in Language::ALL {
                let said = embedded.find(language, &key, &given);
                assert_eq!(said, disk.find(language, &key, &given));
                assert!(said.is_some_and(|said| !said.is_empty()), "{key}");
            }
        }
    }

    #[test]
    fn the_switch_keeps_path_and_query_and_never_leaves_the_host() {
        let client = Client::untracked(rocket::build()).unwrap();
        for (asked, link) in [
            (
                "/xuan-tay/cong-khai?quy=chung&lang=vi&ky=2026-10",
                "/xuan-tay/cong-khai?quy=chung&ky=2026-10&lang=en",
            ),
            ("/", "/?lang=en"),
            ("/?langue=fr", "/?langue=fr&lang=en"),
            ("//evil.example/x?lang=vi", "/evil.example/x?lang=en"),
        ] {
            let request = client.get(asked);
            assert_eq!(same_page(request.inner(), Language::English), link);
        }
    }

    #[test]
    fn the_query_decides_before_the_cookie_and_other_tags_mean_vietnamese() {
        let client = Client::untracked(rocket::build()).unwrap();
        let of = |uri: &'static str, cookie: &'static str| {
            Language::of(client.get(uri).cookie((LANG, cookie)).inner())
        };
        assert_eq!(of("/?lang=en", "vi"), Language::English);
        assert_eq!(of("/?lang=vi", "en"), Language::Vietnamese);
        assert_eq!(of("/", "en"), Language::English);
        assert_eq!(of("/?lang=fr", "en"), Language::English);
        assert_eq!(of("/", "../../etc"), Language::Vietnamese);
    }
}
