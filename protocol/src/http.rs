//! The rules about HTTP as pure functions (HTTP-2 to HTTP-6).

use core::{fmt, str::FromStr};

use crate::{ContentMd5, Md5Sum, Resource, ResourceSize, split::split_once};

/// The range of a resumed download as the header `Range` carries it: `bytes=A-B` (HTTP-6).
///
/// A and B are positions of bytes, counted from 0. The bytes at both positions belong to the range,
/// so a range is never empty.
///
/// ```
/// use iothub_resource::{ByteRange, ResourceSize};
///
/// let range = ByteRange::rest_of(ResourceSize::from(12_000), 7_000).unwrap();
/// assert_eq!(range.to_string(), "bytes=7000-11999");
/// assert_eq!("bytes=7000-11999".parse(), Ok(range));
/// assert_eq!(range.byte_count(), 5_000);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ByteRange {
    first: u64,
    last: u64,
}

impl ByteRange {
    /// Creates the range from the byte `first` to the byte `last`, including both bytes.
    ///
    /// # Errors
    ///
    /// Returns an error in these cases:
    ///
    /// - `last` is less than `first` ([`ByteRangeError::Order`])
    /// - `last` is more than 2^53-1 ([`ByteRangeError::Bounds`])
    ///
    /// The bound on `last` is the largest size, not the largest position, because deployed devices
    /// request one byte more than the resource has (VAL-1).
    pub const fn new(first: u64, last: u64) -> Result<Self, ByteRangeError> {
        if last < first {
            Err(ByteRangeError::Order)
        } else if last > ResourceSize::MAX.bytes() {
            Err(ByteRangeError::Bounds)
        } else {
            Ok(Self { first, last })
        }
    }

    /// Returns the range that a device requests after it has received the first `received` bytes:
    /// the rest, up to the last byte (HTTP-6). Returns `None` if no byte is missing, which is
    /// always the case for an empty resource.
    #[must_use]
    pub fn rest_of(size: ResourceSize, received: u64) -> Option<Self> {
        Self::new(received, size.bytes().checked_sub(1)?).ok()
    }

    /// Returns the position of the first byte.
    #[must_use]
    pub const fn first(self) -> u64 {
        self.first
    }

    /// Returns the position of the last byte.
    #[must_use]
    pub const fn last(self) -> u64 {
        self.last
    }

    /// Returns the number of bytes in the range, which is at least 1.
    #[must_use]
    pub const fn byte_count(self) -> u64 {
        self.last.saturating_sub(self.first).saturating_add(1)
    }

    /// Returns whether the range ends within a resource of this `size`, as HTTP-6 requires of
    /// devices. The vendor's SDK requests one byte more, and servers accept such a range, as
    /// [`clamp`](Self::clamp) describes.
    #[must_use]
    pub const fn is_within(self, size: ResourceSize) -> bool {
        self.last < size.bytes()
    }

    /// Returns the part of the range that a server delivers: the bytes within a resource of this
    /// `size`. Returns `None` if the range begins after the last byte of the resource. The server
    /// then responds with status 416.
    #[must_use]
    pub fn clamp(self, size: ResourceSize) -> Option<Self> {
        let end = size.bytes().checked_sub(1)?;
        Self::new(self.first, self.last.min(end)).ok()
    }
}

impl fmt::Display for ByteRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "bytes={}-{}", self.first, self.last)
    }
}

impl FromStr for ByteRange {
    type Err = ByteRangeError;

    /// Reads a range in exactly the format that `Display` writes.
    ///
    /// # Errors
    ///
    /// Returns an error in these cases:
    ///
    /// - `bytes=5-`, `bytes=-5`, `bytes=0-1,3-4`, `bytes=0-01`, `bytes=+0-1`, `bytes= 0-1`,
    ///   `Bytes=0-1`: any other format ([`ByteRangeError::Syntax`])
    /// - `bytes=5-4` ([`ByteRangeError::Order`])
    /// - `bytes=0-9007199254740992` ([`ByteRangeError::Bounds`])
    fn from_str(text: &str) -> Result<Self, ByteRangeError> {
        positions(text.strip_prefix("bytes=").ok_or(ByteRangeError::Syntax)?)
    }
}

/// Returns the range that a text of the form `A-B` describes.
fn positions(text: &str) -> Result<ByteRange, ByteRangeError> {
    let (first, last) = split_once(text, b'-').ok_or(ByteRangeError::Syntax)?;
    ByteRange::new(position(first)?, position(last)?)
}

fn position(digits: &str) -> Result<u64, ByteRangeError> {
    let plain = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    if !plain || (digits.len() > 1 && digits.starts_with('0')) {
        return Err(ByteRangeError::Syntax);
    }
    digits.parse().map_err(|_| ByteRangeError::Bounds)
}

/// The reason why a text or a pair of positions is not a byte range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ByteRangeError {
    /// The text is not `bytes=A-B` with two plain decimal numbers.
    Syntax,
    /// The range ends before it begins.
    Order,
    /// The range ends after position 2^53-1 (VAL-1).
    Bounds,
}

impl fmt::Display for ByteRangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Syntax => "a byte range must be `bytes=A-B` with two plain decimal numbers",
            Self::Order => "a byte range must not end before it begins",
            Self::Bounds => "a byte range must end at 9007199254740991 at the latest",
        })
    }
}

impl core::error::Error for ByteRangeError {}

/// The part of a resource in a response of status 206, as the header `Content-Range` carries it:
/// `bytes A-B/T`, where T is the size of the resource (HTTP-6).
///
/// ```
/// use iothub_resource::{ByteRange, ContentRange, ResourceSize};
///
/// let range: ContentRange = "bytes 7000-11999/12000".parse()?;
/// assert_eq!(range.range(), ByteRange::new(7_000, 11_999).unwrap());
/// assert_eq!(range.size(), ResourceSize::from(12_000));
/// # Ok::<(), iothub_resource::ContentRangeError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentRange {
    range: ByteRange,
    size: ResourceSize,
}

impl ContentRange {
    /// Creates the part of a resource from its range and the size of the resource.
    ///
    /// # Errors
    ///
    /// Returns [`ContentRangeError`] if the range does not end within the resource.
    pub const fn new(range: ByteRange, size: ResourceSize) -> Result<Self, ContentRangeError> {
        if range.is_within(size) { Ok(Self { range, size }) } else { Err(ContentRangeError) }
    }

    /// Returns the range of the part.
    #[must_use]
    pub const fn range(self) -> ByteRange {
        self.range
    }

    /// Returns the size of the whole resource.
    #[must_use]
    pub const fn size(self) -> ResourceSize {
        self.size
    }
}

impl fmt::Display for ContentRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "bytes {}-{}/{}", self.range.first, self.range.last, self.size)
    }
}

impl FromStr for ContentRange {
    type Err = ContentRangeError;

    /// Reads the part of a resource in exactly the format that `Display` writes.
    ///
    /// # Errors
    ///
    /// Returns an error in these cases:
    ///
    /// - `bytes=0-4/5`, `bytes 0-4`, `bytes 0-04/5`, `Bytes 0-4/5`: any other format
    /// - `bytes 0-4/*`, `bytes */5`: the size or the range is unknown
    /// - `bytes 4-0/5`, `bytes 0-5/5`: not a range within a resource of that size
    fn from_str(text: &str) -> Result<Self, ContentRangeError> {
        let text = text.strip_prefix("bytes ").ok_or(ContentRangeError)?;
        let (range, size) = split_once(text, b'/').ok_or(ContentRangeError)?;
        let range = positions(range).map_err(|_| ContentRangeError)?;
        let size = position(size).map_err(|_| ContentRangeError)?;
        Self::new(range, ResourceSize::new(size).map_err(|_| ContentRangeError)?)
    }
}

/// The error for a text that is not `bytes A-B/T` with B below T, or for a range that does not end
/// within the resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ContentRangeError;

impl fmt::Display for ContentRangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a content range must be `bytes A-B/T` with plain decimal numbers, B below T")
    }
}

impl core::error::Error for ContentRangeError {}

/// Checks the headers of an upload, as the object store does before it reads the body (HTTP-2,
/// HTTP-3, HTTP-4). Pass `None` for a header that is absent. `content_md5` is the text of the
/// header `Content-MD5`.
///
/// ```
/// use iothub_resource::{
///     Md5Sum, Resource, ResourceName, ResourceSize, UploadFault, check_upload_body,
///     check_upload_head,
/// };
///
/// let body = b"hello";
/// let md5sum = Md5Sum::of(body);
/// let resource = Resource { size: ResourceSize::from(5), name: ResourceName::new("zxc")?, md5sum };
/// let header = Some("XUFAKrxLKna5cZ2REBfFkg==");
/// assert_eq!(check_upload_head(&resource, Some(5), header), Ok(()));
/// assert_eq!(
///     check_upload_head(&resource, Some(5), None),
///     Err(UploadFault::MissingContentMd5),
/// );
/// assert_eq!(check_upload_body(&resource, 5, md5sum), Ok(()));
/// # Ok::<(), iothub_resource::NameError>(())
/// ```
///
/// # Errors
///
/// Returns the first [`UploadFault`], in the order of its variants.
pub fn check_upload_head(
    resource: &Resource<'_>,
    content_length: Option<u64>,
    content_md5: Option<&str>,
) -> Result<(), UploadFault> {
    let length = content_length.ok_or(UploadFault::MissingContentLength)?;
    if length != resource.size.bytes() {
        return Err(UploadFault::ContentLength);
    }
    let header = content_md5.ok_or(UploadFault::MissingContentMd5)?;
    let header = ContentMd5::from_base64(header).map_err(|_| UploadFault::InvalidContentMd5)?;
    if Md5Sum::from(header) == resource.md5sum { Ok(()) } else { Err(UploadFault::ContentMd5) }
}

/// Checks the body of an upload, as the object store does before it keeps the body. `len` is the
/// number of received bytes, and `md5` is their digest (HTTP-3, HTTP-4).
///
/// # Errors
///
/// Returns one of these errors:
///
/// - [`UploadFault::BodyLength`] if `len` is not the size of the resource
/// - [`UploadFault::BodyMd5`] if `md5` is not the digest of the resource
pub fn check_upload_body(
    resource: &Resource<'_>,
    len: u64,
    md5: Md5Sum,
) -> Result<(), UploadFault> {
    if len != resource.size.bytes() {
        Err(UploadFault::BodyLength)
    } else if md5 != resource.md5sum {
        Err(UploadFault::BodyMd5)
    } else {
        Ok(())
    }
}

/// Checks the body of a download, as the device does. `len` is the number of received bytes, and
/// `md5` is their digest (HTTP-5).
///
/// # Errors
///
/// Returns one of these errors:
///
/// - [`DownloadFault::BodyLength`] if `len` is not the size of the resource
/// - [`DownloadFault::BodyMd5`] if `md5` is not the digest of the resource
pub fn check_download(resource: &Resource<'_>, len: u64, md5: Md5Sum) -> Result<(), DownloadFault> {
    if len != resource.size.bytes() {
        Err(DownloadFault::BodyLength)
    } else if md5 != resource.md5sum {
        Err(DownloadFault::BodyMd5)
    } else {
        Ok(())
    }
}

/// The reason why the object store refuses an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum UploadFault {
    /// `Content-Length` is missing (HTTP-3).
    MissingContentLength,
    /// `Content-Length` is not the size of the resource (HTTP-3).
    ContentLength,
    /// `Content-MD5` is missing (HTTP-2).
    MissingContentMd5,
    /// `Content-MD5` is not the canonical Base64 of 16 bytes (HTTP-2).
    InvalidContentMd5,
    /// `Content-MD5` is not the digest in the `md5sum` of the resource (HTTP-4).
    ContentMd5,
    /// The length of the body is not the size of the resource (HTTP-3).
    BodyLength,
    /// The MD5 of the body is not the `md5sum` of the resource (HTTP-4).
    BodyMd5,
}

impl UploadFault {
    /// All faults, in the order of the checks: headers, then body.
    pub const ALL: &'static [Self] = &[
        Self::MissingContentLength,
        Self::ContentLength,
        Self::MissingContentMd5,
        Self::InvalidContentMd5,
        Self::ContentMd5,
        Self::BodyLength,
        Self::BodyMd5,
    ];

    /// Returns the id of the violated requirement, for example `HTTP-3`.
    #[must_use]
    pub const fn requirement(self) -> &'static str {
        match self {
            Self::MissingContentMd5 | Self::InvalidContentMd5 => "HTTP-2",
            Self::MissingContentLength | Self::ContentLength | Self::BodyLength => "HTTP-3",
            Self::ContentMd5 | Self::BodyMd5 => "HTTP-4",
        }
    }
}

impl fmt::Display for UploadFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MissingContentLength => "the upload has no `Content-Length`",
            Self::ContentLength => "`Content-Length` is not the size of the resource",
            Self::MissingContentMd5 => "the upload has no `Content-MD5`",
            Self::InvalidContentMd5 => "`Content-MD5` is not 16 bytes in canonical Base64",
            Self::ContentMd5 => "`Content-MD5` is not the MD5 of the resource",
            Self::BodyLength => "the length of the body is not the size of the resource",
            Self::BodyMd5 => "the MD5 of the body is not that of the resource",
        })
    }
}

impl core::error::Error for UploadFault {}

/// The reason why a downloaded body is not the resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum DownloadFault {
    /// The length of the body is not the size of the resource (HTTP-5).
    BodyLength,
    /// The MD5 of the body is not the `md5sum` of the resource (HTTP-5).
    BodyMd5,
}

impl DownloadFault {
    /// All faults, in the order of the checks.
    pub const ALL: &'static [Self] = &[Self::BodyLength, Self::BodyMd5];

    /// Returns the id of the violated requirement, which is always `HTTP-5`.
    #[must_use]
    pub const fn requirement(self) -> &'static str {
        match self {
            Self::BodyLength | Self::BodyMd5 => "HTTP-5",
        }
    }
}

impl fmt::Display for DownloadFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BodyLength => "the length of the body is not the size of the resource",
            Self::BodyMd5 => "the MD5 of the body is not that of the resource",
        })
    }
}

impl core::error::Error for DownloadFault {}
