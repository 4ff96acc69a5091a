//! Progress bars, which are only drawn on a terminal.

use std::fmt;

use indicatif::{ProgressBar, ProgressState, ProgressStyle};

/// A bar up to `length`. In addition to the keys of `indicatif`, the template may contain `{rate}`,
/// the number of items in a second.
pub(super) fn bar(length: u64, template: &str) -> ProgressBar {
    ProgressBar::new(length).with_style(style(template))
}

/// A spinner for work of unknown length.
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
