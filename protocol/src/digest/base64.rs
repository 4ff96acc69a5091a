//! Base64 of a digest: 24 characters of the standard alphabet, padded, canonical (RFC 4648).

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Reads 16 bytes; `None` if the text is not their one canonical form.
pub(super) fn decode(text: &[u8; 24]) -> Option<[u8; 16]> {
    let [digits @ .., last, b'=', b'='] = text else { return None };
    // The 21 digits have 126 bits, and the last one has two. Its other four, which no byte needs,
    // must be 0.
    let mut bits = 0_u128;
    for digit in digits {
        bits = bits << 6 | u128::from(value(*digit)?);
    }
    let last = value(*last)?;
    (last & 0xF == 0).then(|| (bits << 2 | u128::from(last >> 4)).to_be_bytes())
}

/// Writes 16 bytes.
pub(super) fn encode(bytes: &[u8; 16]) -> [u8; 24] {
    let digit = |bits: u32| {
        let index = usize::try_from(bits & 0x3F).unwrap_or_default();
        ALPHABET.get(index).copied().unwrap_or_default()
    };
    let mut text = [b'='; 24];
    let (places, _) = text.as_chunks_mut::<4>();
    let (threes, rest) = bytes.as_chunks::<3>();
    for (place, [a, b, c]) in places.iter_mut().zip(threes) {
        let bits = u32::from_be_bytes([0, *a, *b, *c]);
        *place = [digit(bits >> 18), digit(bits >> 12), digit(bits >> 6), digit(bits)];
    }
    if let ([.., [first, second, ..]], [last]) = (places, rest) {
        *first = digit(u32::from(*last) >> 2);
        *second = digit(u32::from(*last) << 4);
    }
    text
}

const fn value(digit: u8) -> Option<u8> {
    Some(match digit {
        b'A'..=b'Z' => digit.wrapping_sub(b'A'),
        b'a'..=b'z' => digit.wrapping_sub(b'a' - 26),
        b'0'..=b'9' => digit.wrapping_sub(b'0').wrapping_add(52),
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    })
}
