//! Digests: the crate accepts the same texts as naive readers, and the digest of data in pieces is
//! that of the whole.

use iothub_resource::{ContentMd5, Md5Hasher, Md5Sum};

/// Reads any bytes as hexadecimal digits, as Base64, as data and as a digest.
pub fn bytes(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        spelling(text);
    }
    if let Some(digest) = bytes.first_chunk::<16>() {
        spelled(*digest);
    }
    pieces(bytes);
}

fn spelling(text: &str) {
    let lower = Md5Sum::from_hex(text);
    let either = Md5Sum::from_hex_any_case(text);
    assert_eq!(lower.is_ok(), is_hex(text, false), "VAL-3, documented");
    assert_eq!(either.is_ok(), is_hex(text, true), "VAL-3, deployed");
    if let Ok(md5sum) = either {
        assert_eq!(md5sum.to_string(), text.to_lowercase());
    }
    if lower.is_ok() {
        assert_eq!(lower, either);
    }
    let content_md5 = ContentMd5::from_base64(text);
    let naive = base64_of_16(text);
    assert_eq!(content_md5.ok().map(|digest| *digest.as_bytes()), naive, "HTTP-2");
    if let Ok(digest) = content_md5 {
        assert_eq!(digest.to_string(), text, "one spelling for one value");
    }
}

/// Checks that a digest is the same after it is written and read in both forms.
fn spelled(digest: [u8; 16]) {
    let md5sum = Md5Sum::from_bytes(digest);
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(md5sum.to_string(), hex);
    assert_eq!(Md5Sum::from_hex(&hex), Ok(md5sum));
    let content_md5 = ContentMd5::from(md5sum);
    let base64 = content_md5.to_string();
    assert_eq!(base64.len(), 24);
    assert_eq!(base64_of_16(&base64), Some(digest), "HTTP-2");
    assert_eq!(ContentMd5::from_base64(&base64), Ok(content_md5));
    assert_eq!(Md5Sum::from(content_md5), md5sum);
}

/// Checks that the digest of data in pieces is that of the whole. The first four bytes are the
/// lengths of the first pieces of the rest.
fn pieces(bytes: &[u8]) {
    let (cuts, mut rest) = bytes.split_at(bytes.len().min(4));
    let whole = Md5Sum::of(rest);
    let mut hasher = Md5Hasher::new();
    for cut in cuts {
        let (piece, later) = rest.split_at(rest.len().min(usize::from(*cut)));
        hasher.update(piece);
        rest = later;
    }
    hasher.update(rest);
    assert_eq!(hasher.finish(), whole);
}

pub(crate) fn is_hex(text: &str, upper_too: bool) -> bool {
    let digits = if upper_too { "0123456789abcdefABCDEF" } else { "0123456789abcdef" };
    text.chars().count() == 32 && text.chars().all(|digit| digits.contains(digit))
}

fn base64_of_16(text: &str) -> Option<[u8; 16]> {
    base64(text)?.try_into().ok()
}

/// Returns the bytes of a Base64 text, or `None` if the text is not canonical. This naive reader
/// takes groups of four digits with six bits each. In the last group, `=` stands for unused digits,
/// and unused bits must be 0.
pub(crate) fn base64(text: &str) -> Option<Vec<u8>> {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits = text.strip_suffix("==").or_else(|| text.strip_suffix('=')).unwrap_or(text);
    let mut bits = String::new();
    for digit in digits.chars() {
        bits += &format!("{:06b}", ALPHABET.find(digit)?);
    }
    let (wanted, unwanted) = bits.split_at(bits.len() / 8 * 8);
    if !text.len().is_multiple_of(4) || unwanted.contains('1') || unwanted.len() > 4 {
        return None;
    }
    let bytes = wanted.as_bytes().chunks(8);
    bytes.map(|byte| u8::from_str_radix(std::str::from_utf8(byte).ok()?, 2).ok()).collect()
}
