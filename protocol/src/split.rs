//! Texts in two parts. Those of `core` look for more than a byte, and may panic to the eyes of a
//! compiler that optimises for size.

/// The texts before and after the first separator, which must be ASCII.
pub(crate) fn split_once(text: &str, separator: u8) -> Option<(&str, &str)> {
    let at = text.bytes().position(|byte| byte == separator)?;
    Some((text.get(..at)?, text.get(at.saturating_add(1)..)?))
}
