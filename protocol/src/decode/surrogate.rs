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

/// The UTF-16 code unit that four hexadecimal digits are.
pub(super) fn unit(digits: &[u8]) -> Option<u16> {
    digits.first_chunk::<4>()?.iter().try_fold(0_u16, |unit, digit| {
        let digit = char::from(*digit).to_digit(16)?;
        Some(unit << 4 | u16::try_from(digit).ok()?)
    })
}
