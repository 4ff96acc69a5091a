//! The strings in a JSON text.

/// The length of the string that a text begins with, with its quotes: to its end, or to that of the
/// text.
#[must_use]
pub fn string_length(text: &[u8]) -> usize {
    let mut escaped = false;
    for (at, byte) in text.iter().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}
