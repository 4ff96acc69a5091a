//! Halves of surrogate pairs.

/// Where in a string the first escape is that is half of a surrogate pair without the other. The
/// string is known to have good escapes only.
pub(super) fn lone(literal: &str) -> Option<usize> {
    let bytes = literal.as_bytes();
    let mut at = 0_usize;
    loop {
        let length = match bytes.get(at..)? {
            [b'\\', b'u', rest @ ..] => match (unit(rest), rest.get(4..)) {
                (Some(0xD800..=0xDBFF), Some([b'\\', b'u', next @ ..]))
                    if matches!(unit(next), Some(0xDC00..=0xDFFF)) =>
                {
                    12
                }
                (Some(0xD800..=0xDFFF), _) => return Some(at),
                _ => 6,
            },
            [b'\\', ..] => 2,
            [_, ..] => 1,
            [] => return None,
        };
        at = at.saturating_add(length);
    }
}

/// The UTF-16 code unit that four digits are.
fn unit(digits: &[u8]) -> Option<u16> {
    let digits = core::str::from_utf8(digits.get(..4)?).ok()?;
    u16::from_str_radix(digits, 16).ok()
}
