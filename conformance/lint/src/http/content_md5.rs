//! Names the mistake in a wrong `Content-MD5`.

use base64ct::{Base64, Encoding};
use iothub_resource::{ContentMd5, Md5Sum};

/// Returns the mistake in a value that is not the canonical Base64 of 16 bytes, as the end of a
/// sentence. Returns `None` if the value is correct or the mistake is unknown.
///
/// ```
/// use iothub_conformance_lint::http::content_md5_mistake;
///
/// let mistake = content_md5_mistake("5d41402abc4b2a76b9719d911017c592");
/// assert_eq!(mistake, Some("it is the 32 hexadecimal digits of the MD5"));
/// assert_eq!(content_md5_mistake("XUFAKrxLKna5cZ2REBfFkg=="), None);
/// ```
#[must_use]
pub fn content_md5_mistake(text: &str) -> Option<&'static str> {
    let standard = standard_alphabet(text);
    let digits = standard.trim_end_matches('=');
    if text.is_empty() {
        Some("it is empty")
    } else if ContentMd5::from_base64(text).is_ok() {
        None
    } else if is_hex(text) {
        Some("it is the 32 hexadecimal digits of the MD5")
    } else if let Some(bytes) = decoded(digits)
        && std::str::from_utf8(&bytes).is_ok_and(|text| is_hex(text.trim_end()))
    {
        Some("it is the Base64 of the 32 hexadecimal digits of the MD5")
    } else if let Some(inner) = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'))
        && ContentMd5::from_base64(inner).is_ok()
    {
        Some("it is in quotation marks")
    } else if digits.len() != 22 || decoded(&canonical(digits)?).is_none() {
        None
    } else if standard != text {
        Some("it is in the URL-safe alphabet, which has `-` and `_`")
    } else if digits == text {
        Some("its padding `==` is missing")
    } else if digits == canonical(digits)? {
        Some("its padding is not `==`")
    } else {
        Some("it is not canonical: the last four bits of its Base64 digits are not 0")
    }
}

/// Returns the digest that a `Content-MD5` value represents, even in a common wrong form such as
/// hexadecimal digits. Returns `None` for any other value.
pub(crate) fn meant_digest(text: &str) -> Option<Md5Sum> {
    let text = text.trim().trim_matches('"');
    let of_hex = |text: &str| Md5Sum::from_hex_any_case(text.trim()).ok();
    of_hex(text).or_else(|| {
        let bytes = decoded(standard_alphabet(text).trim_end_matches('='))?;
        match <[u8; 16]>::try_from(&*bytes) {
            Ok(bytes) => Some(Md5Sum::from_bytes(bytes)),
            Err(_) => of_hex(std::str::from_utf8(&bytes).ok()?),
        }
    })
}

/// Returns a text with the URL-safe alphabet of Base64 replaced with the standard one.
fn standard_alphabet(text: &str) -> String {
    text.replace('-', "+").replace('_', "/")
}

fn is_hex(text: &str) -> bool {
    Md5Sum::from_hex_any_case(text).is_ok()
}

/// Returns the bytes that Base64 digits without padding represent, or `None` if the digits are
/// invalid.
fn decoded(digits: &str) -> Option<Vec<u8>> {
    let padding = (4 - digits.len() % 4) % 4;
    Base64::decode_vec(&format!("{digits}{}", "=".repeat(padding))).ok()
}

/// Returns `digits`, the 22 Base64 digits of 16 bytes, with the last four bits set to 0. Returns
/// `None` if the last character is not a Base64 digit.
fn canonical(digits: &str) -> Option<String> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let last = *digits.as_bytes().last()?;
    let value = ALPHABET.iter().position(|&digit| digit == last)?;
    let head = digits.get(..digits.len() - 1)?;
    Some(format!("{head}{}", char::from(ALPHABET[value & 0b11_0000])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes() {
        let base64_of = |text: &str| Base64::encode_string(text.as_bytes());
        let hex = Md5Sum::of(b"hello").to_string();
        for (text, words) in [
            ("XUFAKrxLKna5cZ2REBfFkg==".to_owned(), None),
            (String::new(), Some("empty")),
            (hex.clone(), Some("the 32 hexadecimal digits")),
            (hex.to_uppercase(), Some("the 32 hexadecimal digits")),
            (base64_of(&hex), Some("Base64 of the 32 hexadecimal digits")),
            (base64_of(&hex.to_uppercase()), Some("Base64 of the 32 hexadecimal digits")),
            (base64_of(&format!("{hex}\n")), Some("Base64 of the 32 hexadecimal digits")),
            (
                base64_of(&hex).trim_end_matches('=').to_owned(),
                Some("Base64 of the 32 hexadecimal digits"),
            ),
            ("XUFAKrxLKna5cZ2REBfFkg".to_owned(), Some("padding `==` is missing")),
            ("XUFAKrxLKna5cZ2REBfFkg=".to_owned(), Some("padding is not")),
            ("XUFAKrxLKna5cZ2REBfFkh==".to_owned(), Some("canonical")),
            ("-_FAKrxLKna5cZ2REBfFkg==".to_owned(), Some("URL-safe")),
            ("-_FAKrxLKna5cZ2REBfFkg".to_owned(), Some("URL-safe")),
            ("\"XUFAKrxLKna5cZ2REBfFkg==\"".to_owned(), Some("quotation marks")),
            ("hello".to_owned(), None),
            ("XUFAKrxLKna5cZ2REBfFk*==".to_owned(), None),
            ("é".repeat(11), None),
        ] {
            let found = content_md5_mistake(&text);
            match words {
                None => assert_eq!(found, None, "{text}"),
                Some(words) => {
                    assert!(found.is_some_and(|found| found.contains(words)), "{text}: {found:?}")
                }
            }
        }
    }
}
