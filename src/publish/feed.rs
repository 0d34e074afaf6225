//! What is new in a ledger, as an Atom feed (RFC 4287).

use atom_syndication::{Category, Entry, Feed, FixedDateTime, Generator, Link, Person, Text};
use chrono::{DateTime, Utc};

/// One piece of news.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// What makes it one and the same for ever, such as the number of the entry.
    pub key: String,
    /// In one line.
    pub title: String,
    /// The same with its amounts.
    pub summary: String,
    /// The address of its page.
    pub href: String,
    /// The word of its kind.
    pub category: String,
    /// When it came into the ledger.
    pub at: DateTime<Utc>,
}

/// A feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    /// The identity of the ledger, such as `so.example/xuan-tay`.
    pub origin: String,
    /// The day since which the identity is the ledger's own (RFC 4151), such as `2026-09-01`.
    pub since: String,
    /// The name of the chapter, who is the author of all of it.
    pub author: String,
    /// The title.
    pub title: String,
    /// The language, as a tag.
    pub language: &'static str,
    /// The address of the feed itself.
    pub own: String,
    /// The address of the page that it follows.
    pub page: String,
    /// When the ledger was opened: the moment of a feed without news.
    pub opened: DateTime<Utc>,
    /// The news, newest first.
    pub news: Vec<News>,
}

fn link(rel: &str, kind: &str, href: &str) -> Link {
    let mut link = Link::default();
    link.set_rel(rel);
    link.set_mime_type(Some(kind.to_owned()));
    link.set_href(href);
    link
}

/// A tag URI (RFC 4151): host, day, what is meant. It does not change when the site moves.
fn tag(channel: &Channel, key: &str) -> String {
    let (host, path) = channel.origin.split_once('/').unwrap_or((&channel.origin, ""));
    format!("tag:{host},{}:{path}/{key}", channel.since)
}

/// The bytes of a feed. Characters that XML 1.0 does not have are left out.
#[must_use]
pub fn atom(channel: &Channel) -> Vec<u8> {
    let moment = |at: DateTime<Utc>| FixedDateTime::from(at);
    let entries = channel.news.iter().map(|own| {
        let mut entry = Entry::default();
        entry.set_id(tag(channel, &own.key));
        entry.set_title(Text::plain(plain(&own.title)));
        entry.set_summary(Some(Text::plain(plain(&own.summary))));
        entry.set_updated(moment(own.at));
        entry.set_published(Some(moment(own.at)));
        entry.set_links(vec![link("alternate", "text/html", &own.href)]);
        let mut category = Category::default();
        category.set_term(own.category.clone());
        entry.set_categories(vec![category]);
        entry
    });
    let mut feed = Feed::default();
    feed.set_id(tag(channel, "feed"));
    feed.set_title(Text::plain(plain(&channel.title)));
    feed.set_updated(moment(channel.news.first().map_or(channel.opened, |own| own.at)));
    feed.set_lang(Some(channel.language.to_owned()));
    let mut author = Person::default();
    author.set_name(plain(&channel.author));
    feed.set_authors(vec![author]);
    let mut generator = Generator::default();
    generator.set_value("Minh Bạch");
    generator.set_version(Some(env!("CARGO_PKG_VERSION").to_owned()));
    feed.set_generator(Some(generator));
    feed.set_links(vec![
        link("self", "application/atom+xml", &channel.own),
        link("alternate", "text/html", &channel.page),
    ]);
    feed.set_entries(entries.collect::<Vec<_>>());
    // Writing into memory does not fail.
    feed.write_to(Vec::new()).unwrap_or_default()
}

/// A text of characters that XML 1.0 has (section 2.2).
fn plain(text: &str) -> String {
    let has = |c: &char| !c.is_control() && !matches!(*c, '\u{fffe}' | '\u{ffff}');
    text.chars().map(|c| if c == '\n' || c == '\t' { ' ' } else { c }).filter(has).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn channel() -> Channel {
        let at = |text: &str| text.parse().unwrap();
        Channel {
            origin: "so.example/xuan-tay".to_owned(),
            since: "2026-09-01".to_owned(),
            author: "Hội <Chữ thập đỏ> & bạn".to_owned(),
            title: "Sổ".to_owned(),
            language: "vi",
            own: "https://so.example/xuan-tay/feed.atom".to_owned(),
            page: "https://so.example/xuan-tay".to_owned(),
            opened: at("2026-09-01T03:00:00Z"),
            news: vec![News {
                key: "so/7".to_owned(),
                title: "Ủng hộ ]]> <b>\u{1} \u{fffe}".to_owned(),
                summary: "+1.500.000 ₫".to_owned(),
                href: "https://so.example/xuan-tay/so/7".to_owned(),
                category: "donation".to_owned(),
                at: at("2026-10-05T03:00:00Z"),
            }],
        }
    }

    #[test]
    fn a_feed_is_read_back_with_stable_ids_and_nothing_in_it_is_markup() {
        let bytes = atom(&channel());
        let text = String::from_utf8(bytes.clone()).unwrap();
        assert!(!text.contains("<b>") && !text.contains('\u{1}'), "{text}");
        let feed = Feed::read_from(bytes.as_slice()).unwrap();
        assert_eq!(feed.id(), "tag:so.example,2026-09-01:xuan-tay/feed");
        assert_eq!(feed.lang(), Some("vi"));
        assert_eq!(feed.updated().to_rfc3339(), "2026-10-05T03:00:00+00:00");
        assert_eq!(feed.authors()[0].name(), "Hội <Chữ thập đỏ> & bạn");
        let rels: Vec<&str> = feed.links().iter().map(Link::rel).collect();
        assert_eq!(rels, ["self", "alternate"]);
        let entry = &feed.entries()[0];
        assert_eq!(entry.id(), "tag:so.example,2026-09-01:xuan-tay/so/7");
        assert_eq!(entry.title().value, "Ủng hộ ]]> <b> ");
        assert_eq!(entry.summary().unwrap().value, "+1.500.000 ₫");
        assert_eq!(entry.links()[0].href(), "https://so.example/xuan-tay/so/7");
    }

    #[test]
    fn a_feed_without_news_is_as_old_as_its_ledger() {
        let empty = Channel { news: Vec::new(), ..channel() };
        let feed = Feed::read_from(atom(&empty).as_slice()).unwrap();
        assert_eq!(feed.updated().to_rfc3339(), "2026-09-01T03:00:00+00:00");
        assert!(feed.entries().is_empty());
    }
}
