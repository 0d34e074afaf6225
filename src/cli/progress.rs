//! Progress on a terminal; silent everywhere else.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar over entries, on stderr, and only when that is a terminal.
#[must_use]
pub fn entries(what: &'static str, all: u64) -> ProgressBar {
    let bar = ProgressBar::new(all);
    let style = ProgressStyle::with_template("{msg} {wide_bar} {human_pos}/{human_len} {eta}");
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar.set_message(what);
    bar
}
