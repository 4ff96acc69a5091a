//! Splits a text into two parts. The functions of `core` accept any pattern, so a compiler that
//! optimises for size cannot prove that they never panic.

/// Returns the texts before and after the first separator, or `None` if there is no separator. The
/// separator must be an ASCII character.
pub(crate) fn split_once(text: &str, separator: u8) -> Option<(&str, &str)> {
    let at = text.bytes().position(|byte| byte == separator)?;
    Some((text.get(..at)?, text.get(at.saturating_add(1)..)?))
}
