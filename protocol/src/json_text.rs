//! Finds the bytes of a JSON string that need no escape, for reading and for writing.

/// Returns the rest of the text, beginning with the next quote, backslash or control character. The
/// rest is empty if there is no such character.
#[inline]
pub(crate) fn after_plain(mut text: &[u8]) -> &[u8] {
    let mut chunks = 0_u8;
    while let Some((chunk, rest)) = text.split_first_chunk::<8>() {
        let special = special(u64::from_le_bytes(*chunk));
        if special != 0 {
            let plain = usize::try_from(special.trailing_zeros() >> 3).unwrap_or_default();
            return text.get(plain..).unwrap_or_default();
        }
        text = rest;
        chunks = chunks.wrapping_add(1);
        if chunks == 4 {
            text = after_plain_chunks(text);
        }
    }
    while let [byte, rest @ ..] = text
        && !is_special(*byte)
    {
        text = rest;
    }
    text
}

/// Skips blocks of 64 plain bytes and returns the rest of the text. The compiler combines the tests
/// of all bytes in a block, which is faster only for long texts.
fn after_plain_chunks(mut text: &[u8]) -> &[u8] {
    while let Some((chunk, rest)) = text.split_first_chunk::<64>()
        && chunk.iter().fold(u8::MAX, |least, byte| least.min(plainness(*byte))) > 0
    {
        text = rest;
    }
    text
}

/// Returns 0 for a special byte, and a number above 0 for any other byte.
const fn plainness(byte: u8) -> u8 {
    let (quote, backslash) = (byte ^ b'"', byte ^ b'\\');
    let other = if quote < backslash { quote } else { backslash };
    let control = byte.saturating_sub(b' ' - 1);
    if other < control { other } else { control }
}

/// Returns whether the byte is a quote, a backslash or a control character.
const fn is_special(byte: u8) -> bool {
    (byte == b'"') | (byte == b'\\') | (byte < b' ')
}

/// Returns a mask that marks the first special byte of eight bytes, or 0 if all of them are plain.
/// The lowest bit that is set in the mask is the highest bit of that byte. Higher bits can be set
/// even if their bytes are plain.
const fn special(bytes: u64) -> u64 {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGH: u64 = u64::from_le_bytes([0x80; 8]);
    const SPACES: u64 = u64::from_le_bytes([b' '; 8]);
    const QUOTES: u64 = u64::from_le_bytes([b'"'; 8]);
    const BACKSLASHES: u64 = u64::from_le_bytes([b'\\'; 8]);
    let control = bytes.wrapping_sub(SPACES);
    let quote = (bytes ^ QUOTES).wrapping_sub(ONES);
    let backslash = (bytes ^ BACKSLASHES).wrapping_sub(ONES);
    // Bytes of characters beyond ASCII have their highest bit set and are never special.
    (control | quote | backslash) & !bytes & HIGH
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    /// Tests every ASCII character at every position in chunks of 8 and of 64 bytes.
    #[test]
    fn the_first_special_byte_is_found() {
        for byte in 0..=0x7F_u8 {
            for at in 0..140 {
                for filler in ["a", "\u{7f}", "!", "#", "é"] {
                    let text = format!("{}{}\"", filler.repeat(at), char::from(byte));
                    let plain = text.len() - after_plain(text.as_bytes()).len();
                    let expected = text.bytes().position(is_special);
                    assert_eq!(Some(plain), expected, "{text:?}");
                }
            }
        }
    }
}
