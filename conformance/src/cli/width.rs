//! Determines the width of the output.

use terminal_size::{Width, terminal_size};

/// Returns the width of the terminal in columns. Without a terminal, returns the value of
/// `COLUMNS`, or 100. The result is at least 40 and at most 500.
pub(super) fn width() -> usize {
    const DEFAULT: usize = 100;
    let columns = || std::env::var("COLUMNS").ok()?.trim().parse().ok();
    let terminal = || terminal_size().map(|(Width(columns), _)| usize::from(columns));
    terminal().or_else(columns).unwrap_or(DEFAULT).clamp(40, 500)
}
