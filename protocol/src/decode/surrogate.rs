//! Halves of surrogate pairs.

/// Where in a string the first escape is that is half of a surrogate pair without the other. The
/// string is known to have good escapes only.
pub(super) fn lone(literal: &str) -> Option<usize> {
    let unit = |at: usize| {
        let digits = literal.get(at..)?.strip_prefix("\\u")?.get(..4)?;
        u16::from_str_radix(digits, 16).ok()
    };
    let mut at = 0_usize;
    loop {
        at = at.saturating_add(literal.get(at..)?.find('\\')?);
        let length = match (unit(at), unit(at.saturating_add(6))) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => 12,
            (Some(0xD800..=0xDFFF), _) => return Some(at),
            (Some(_), _) => 6,
            (None, _) => 2,
        };
        at = at.saturating_add(length);
    }
}
