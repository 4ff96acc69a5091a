//! Progress bars, which are drawn only on a terminal.

use std::{
    fmt,
    sync::{Mutex, PoisonError},
};

use indicatif::{ProgressBar, ProgressState, ProgressStyle, WeakProgressBar};

/// The bars on the terminal, which are removed if the process ends early.
static DRAWN: Mutex<Vec<WeakProgressBar>> = Mutex::new(Vec::new());

/// Returns a progress bar for `length` items. In addition to the keys of `indicatif`, the template
/// may contain `{rate}`, the number of items per second.
pub(super) fn bar(length: u64, template: &str) -> ProgressBar {
    kept(ProgressBar::new(length).with_style(style(template)))
}

/// Returns a progress bar whose template may also contain `key`. `write` writes the value of that
/// key.
pub(super) fn bar_with(
    length: u64,
    template: &str,
    key: &'static str,
    write: impl Fn(&ProgressState, &mut dyn fmt::Write) + Clone + Send + Sync + 'static,
) -> ProgressBar {
    kept(ProgressBar::new(length).with_style(style(template).with_key(key, write)))
}

/// Returns a spinner for work of unknown length.
pub(super) fn spinner(template: &str) -> ProgressBar {
    kept(ProgressBar::new_spinner().with_style(style(template)))
}

/// Removes every bar from the terminal.
pub(super) fn clear() {
    for bar in DRAWN.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
        if let Some(bar) = bar.upgrade() {
            bar.finish_and_clear();
        }
    }
}

fn kept(bar: ProgressBar) -> ProgressBar {
    let mut drawn = DRAWN.lock().unwrap_or_else(PoisonError::into_inner);
    drawn.retain(|bar| bar.upgrade().is_some());
    drawn.push(bar.downgrade());
    bar
}

fn style(template: &str) -> ProgressStyle {
    let style =
        ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    // `{per_sec}` has four digits after the decimal point.
    let rate = |state: &ProgressState, f: &mut dyn fmt::Write| {
        let _ = write!(f, "{:.0}/s", state.per_sec());
    };
    style.with_key("rate", rate)
}
