//! Converts digests to and from hexadecimal digits.

/// Returns the bytes of 32 hexadecimal digits, or `None` if a character is not a digit or has the
/// wrong case.
pub(super) fn decode(digits: &[u8; 32], is_upper_valid: bool) -> Option<[u8; 16]> {
    // Without an early exit, the compiler vectorises the loop.
    let mut are_valid = true;
    let values = digits.map(|digit| {
        let decimal = digit.wrapping_sub(b'0');
        let letter = (if is_upper_valid { digit | 0x20 } else { digit }).wrapping_sub(b'a');
        are_valid &= (decimal < 10) | (letter < 6);
        if decimal < 10 { decimal } else { letter.wrapping_add(10) }
    });
    let mut bytes = [0; 16];
    let (pairs, _) = values.as_chunks::<2>();
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = high << 4 | low;
    }
    are_valid.then_some(bytes)
}

/// Returns the 32 lowercase hexadecimal digits of 16 bytes.
pub(super) fn encode(bytes: &[u8; 16]) -> [u8; 32] {
    let digit = |half: u8| half.wrapping_add(if half < 10 { b'0' } else { b'a' - 10 });
    let mut digits = [0; 32];
    let (pairs, _) = digits.as_chunks_mut::<2>();
    for (pair, byte) in pairs.iter_mut().zip(bytes) {
        *pair = [digit(byte >> 4), digit(byte & 0xF)];
    }
    digits
}
