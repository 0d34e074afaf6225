//! The sources of the templates inside the binary.
//!
//! The file that minijinja-embed writes has an environment compile all of them at once, in each
//! language: that is most of what the program keeps in memory, and few pages are ever asked for.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// What stands in the place of the crate in that file: it takes names and texts.
mod minijinja {
    use std::collections::BTreeMap;
    use std::convert::Infallible;

    #[derive(Default)]
    pub struct Environment(pub BTreeMap<&'static str, &'static str>);

    impl Environment {
        /// Takes a template, as the environment of the crate does.
        pub fn add_template(
            &mut self,
            name: &'static str,
            text: &'static str,
        ) -> Result<(), Infallible> {
            self.0.insert(name, text);
            Ok(())
        }
    }
}

#[allow(clippy::expect_used, reason = "in the file that minijinja-embed writes")]
static ALL: LazyLock<BTreeMap<&'static str, &'static str>> = LazyLock::new(|| {
    let mut sources = minijinja::Environment::default();
    minijinja_embed::load_templates!(sources);
    sources.0
});

/// The source of a template by its name below `templates/`.
pub fn of(name: &str) -> Option<&'static str> {
    ALL.get(name).copied()
}
