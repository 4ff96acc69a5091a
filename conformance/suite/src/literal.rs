//! Finds the ends of strings in JSON text.

/// Returns the length in bytes of the string at the beginning of a text, including its quotation
/// marks. An unterminated string extends to the end of the text.
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
