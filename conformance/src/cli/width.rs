//! How many columns the output has.

use terminal_size::{Width, terminal_size};

/// Of a terminal as it is; elsewhere what `COLUMNS` says, or 100.
pub(super) fn width() -> usize {
    const DEFAULT: usize = 100;
    let columns = || std::env::var("COLUMNS").ok()?.trim().parse().ok();
    let terminal = || terminal_size().map(|(Width(columns), _)| usize::from(columns));
    terminal().or_else(columns).unwrap_or(DEFAULT).clamp(40, 500)
}
