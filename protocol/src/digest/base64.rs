//! Canonical Base64 of a digest: 24 characters of the standard alphabet, with padding (RFC 4648).

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Returns the 16 bytes that a text encodes, or `None` if the text is not canonical Base64.
pub(super) fn decode(text: &[u8; 24]) -> Option<[u8; 16]> {
    let [digits @ .., last, b'=', b'='] = text else { return None };
    // The first 21 digits have 126 bits, and the last digit has the other two. The four unused bits
    // of the last digit must be 0.
    let mut bits = 0_u128;
    for digit in digits {
        bits = bits << 6 | u128::from(value(*digit)?);
    }
    let last = value(*last)?;
    (last & 0xF == 0).then(|| (bits << 2 | u128::from(last >> 4)).to_be_bytes())
}

/// Returns the Base64 text of 16 bytes.
pub(super) fn encode(bytes: &[u8; 16]) -> [u8; 24] {
    let bits = u128::from_be_bytes(*bytes);
    let mut text = [b'='; 24];
    let digit = |bits: u128| {
        let index = usize::try_from(bits & 0x3F).unwrap_or_default();
        ALPHABET.get(index).copied().unwrap_or_default()
    };
    // There are 21 digits with six bits each, and one digit with the last two bits.
    let shifts = (2..=122).rev().step_by(6);
    let digits = shifts.map(|shift: u32| digit(bits >> shift)).chain([digit(bits << 4)]);
    text.iter_mut().zip(digits).for_each(|(place, digit)| *place = digit);
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
