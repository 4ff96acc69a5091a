//! MD5 digests in the forms of messages (hexadecimal, VAL-3) and HTTP headers (Base64, HTTP-2).

mod base64;
mod hex;
mod md5;

use core::{fmt, str::FromStr};

use serde::{Serialize, Serializer};

use self::md5::Md5;

/// The MD5 of a whole resource as the key `md5sum` carries it: 32 hexadecimal digits (VAL-3).
///
/// ```
/// use iothub_resource::{ContentMd5, Md5Sum};
///
/// let empty = Md5Sum::of(b"");
/// assert_eq!(empty.to_string(), "d41d8cd98f00b204e9800998ecf8427e");
/// assert_eq!(ContentMd5::from(empty).to_string(), "1B2M2Y8AsgTpgAmY7PhCfg==");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Md5Sum([u8; 16]);

impl Md5Sum {
    /// Creates a digest from its 16 bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Computes the digest of `data`. For data in pieces, use [`Md5Hasher`].
    #[must_use]
    pub fn of(data: &[u8]) -> Self {
        let mut hasher = Md5Hasher::new();
        hasher.update(data);
        hasher.finish()
    }

    /// Reads a digest from 32 lowercase hexadecimal digits.
    ///
    /// # Errors
    ///
    /// Returns an error in these cases:
    ///
    /// - `d41d8cd98f00b204e9800998ecf8427`: not 32 digits ([`Md5SumError::Length`])
    /// - `D41D8CD98F00B204E9800998ECF8427E`, `********************************`: a character other
    ///   than `0-9 a-f` ([`Md5SumError::Digit`])
    pub fn from_hex(digits: &str) -> Result<Self, Md5SumError> {
        Self::read(digits, false)
    }

    /// Reads a digest from 32 hexadecimal digits in either case, as the `deployed` profile does.
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`from_hex`](Self::from_hex), except that `A-F` are also digits.
    pub fn from_hex_any_case(digits: &str) -> Result<Self, Md5SumError> {
        Self::read(digits, true)
    }

    /// Returns the 16 bytes of the digest.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// Returns the digest as 32 lowercase hexadecimal digits.
    pub(crate) fn to_hex(self) -> [u8; 32] {
        hex::encode(&self.0)
    }

    fn read(text: &str, is_upper_valid: bool) -> Result<Self, Md5SumError> {
        let digits = text.as_bytes().try_into().ok();
        match digits.and_then(|digits| hex::decode(digits, is_upper_valid)) {
            Some(bytes) => Ok(Self(bytes)),
            None if text.chars().count() == 32 => Err(Md5SumError::Digit),
            None => Err(Md5SumError::Length),
        }
    }
}

/// Returns `digits`, which must be ASCII characters, as text.
fn text(digits: &[u8]) -> &str {
    core::str::from_utf8(digits).unwrap_or_default()
}

impl fmt::Display for Md5Sum {
    /// Writes the digest as 32 lowercase hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(text(&self.to_hex()))
    }
}

impl fmt::Debug for Md5Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Md5Sum({self})")
    }
}

impl FromStr for Md5Sum {
    type Err = Md5SumError;

    fn from_str(digits: &str) -> Result<Self, Md5SumError> {
        Self::from_hex(digits)
    }
}

impl From<ContentMd5> for Md5Sum {
    fn from(content_md5: ContentMd5) -> Self {
        Self(content_md5.0)
    }
}

impl Serialize for Md5Sum {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(text(&self.to_hex()))
    }
}

/// An MD5 digest as the HTTP header `Content-MD5` carries it (HTTP-2): the canonical Base64 of its
/// 16 bytes. The Base64 text has 24 characters, with the standard alphabet and padding.
///
/// The header does not carry the Base64 of the 32 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentMd5([u8; 16]);

impl ContentMd5 {
    /// Creates a digest from its 16 bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Reads a digest from the value of a `Content-MD5` header.
    ///
    /// # Errors
    ///
    /// Returns [`ContentMd5Error`] if the text is not the canonical Base64 of 16 bytes, for
    /// example:
    ///
    /// - `1B2M2Y8AsgTpgAmY7PhCfg`: the padding is missing
    /// - `1B2M2Y8AsgTpgAmY7PhCfh==`: not canonical, because the last bits are not zero
    /// - `-_2M2Y8AsgTpgAmY7PhCfg==`: the URL-safe alphabet
    /// - `ZDQxZDhjZDk4ZjAwYjIwNGU5ODAwOTk4ZWNmODQyN2U=`: the Base64 of the hexadecimal digits
    pub fn from_base64(text: &str) -> Result<Self, ContentMd5Error> {
        let text = text.as_bytes().try_into().map_err(|_| ContentMd5Error)?;
        base64::decode(text).map(Self).ok_or(ContentMd5Error)
    }

    /// Returns the 16 bytes of the digest.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for ContentMd5 {
    /// Writes the digest as 24 Base64 characters. The last two characters are `==`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(text(&base64::encode(&self.0)))
    }
}

impl fmt::Debug for ContentMd5 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ContentMd5({self})")
    }
}

impl FromStr for ContentMd5 {
    type Err = ContentMd5Error;

    fn from_str(text: &str) -> Result<Self, ContentMd5Error> {
        Self::from_base64(text)
    }
}

impl From<Md5Sum> for ContentMd5 {
    fn from(md5sum: Md5Sum) -> Self {
        Self(md5sum.0)
    }
}

impl Serialize for ContentMd5 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// An MD5 hasher for a resource that is read or received in pieces.
#[derive(Clone, Default)]
pub struct Md5Hasher(Md5);

impl Md5Hasher {
    /// Creates a hasher that has received no bytes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the next bytes of the resource. `data` may have any length.
    pub fn update(&mut self, data: &[u8]) {
        self.0.update(data);
    }

    /// Returns the digest of all bytes that were added.
    #[must_use]
    pub fn finish(self) -> Md5Sum {
        Md5Sum(self.0.finish())
    }
}

impl fmt::Debug for Md5Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Md5Hasher").finish_non_exhaustive()
    }
}

/// The reason why a text is not a valid `md5sum` (code `invalid-md5sum`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Md5SumError {
    /// The text does not have 32 characters.
    Length,
    /// The text has 32 characters, but not all of them are hexadecimal digits of the required case.
    Digit,
}

impl fmt::Display for Md5SumError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Length => "an MD5 digest must have 32 hexadecimal digits",
            Self::Digit => "an MD5 digest must consist of the characters `0` to `9` and `a` to `f`",
        })
    }
}

impl core::error::Error for Md5SumError {}

/// The error for a text that is not the canonical Base64 of 16 bytes (code `invalid-content-md5`,
/// HTTP-2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ContentMd5Error;

impl fmt::Display for ContentMd5Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "a `Content-MD5` must be 16 bytes in canonical Base64: 24 characters that end in `==`",
        )
    }
}

impl core::error::Error for ContentMd5Error {}
