//! How far it is, on a terminal only: elsewhere nothing is drawn.

use std::fmt;

use indicatif::{ProgressBar, ProgressState, ProgressStyle};

/// A bar up to `length`. The template knows `{rate}`, how many a second, besides the keys of
/// `indicatif`.
pub(super) fn bar(length: u64, template: &str) -> ProgressBar {
    ProgressBar::new(length).with_style(style(template))
}

/// The same of what has no end that is known.
pub(super) fn spinner(template: &str) -> ProgressBar {
    ProgressBar::new_spinner().with_style(style(template))
}

fn style(template: &str) -> ProgressStyle {
    let style =
        ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    // `{per_sec}` has four digits after the point.
    let rate = |state: &ProgressState, f: &mut dyn fmt::Write| {
        let _ = write!(f, "{:.0}/s", state.per_sec());
    };
    style.with_key("rate", rate)
}
