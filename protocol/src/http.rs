//! The rules of the HTTP half, as pure functions (HTTP-2 to HTTP-6).

use core::{fmt, str::FromStr};

use crate::{ContentMd5, Md5Sum, Resource, ResourceSize};

/// The range of a resumed download, as the header `Range` carries it: `bytes=A-B` (HTTP-6).
///
/// Both positions count bytes from 0 and belong to the range, so it is never empty.
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
    /// The bytes from `first` to `last`, both included.
    ///
    /// # Errors
    ///
    /// - `last` is below `first` ([`ByteRangeError::Order`])
    /// - `last` is above 2^53-1, the largest size: devices ask for one byte more than there is
    ///   ([`ByteRangeError::Bounds`], VAL-1)
    pub const fn new(first: u64, last: u64) -> Result<Self, ByteRangeError> {
        if last < first {
            Err(ByteRangeError::Order)
        } else if last > ResourceSize::MAX.bytes() {
            Err(ByteRangeError::Bounds)
        } else {
            Ok(Self { first, last })
        }
    }

    /// What a device asks for that has the first `received` bytes already: the rest, up to the
    /// last byte. Nothing where no byte is missing, so never for an empty resource (HTTP-6).
    #[must_use]
    pub fn rest_of(size: ResourceSize, received: u64) -> Option<Self> {
        Self::new(received, size.bytes().checked_sub(1)?).ok()
    }

    /// The position of its first byte.
    #[must_use]
    pub const fn first(self) -> u64 {
        self.first
    }

    /// The position of its last byte.
    #[must_use]
    pub const fn last(self) -> u64 {
        self.last
    }

    /// How many bytes it has, at least 1.
    #[must_use]
    pub const fn byte_count(self) -> u64 {
        self.last.saturating_sub(self.first).saturating_add(1)
    }

    /// Whether it ends within a resource of that size, as HTTP-6 wants it. The vendor's SDK asks
    /// for one byte more, which is advised and not refused: see [`clamp`](Self::clamp).
    #[must_use]
    pub const fn is_within(self, size: ResourceSize) -> bool {
        self.last < size.bytes()
    }

    /// What a server delivers of it: the part within a resource of that size. Nothing where it
    /// begins behind the end (status 416).
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

    /// Reads exactly what `Display` writes.
    ///
    /// # Errors
    ///
    /// - `bytes=5-`, `bytes=-5`, `bytes=0-1,3-4`, `bytes=0-01`, `bytes=+0-1`, `bytes= 0-1`,
    ///   `Bytes=0-1`: written in another way ([`ByteRangeError::Syntax`])
    /// - `bytes=5-4` ([`ByteRangeError::Order`])
    /// - `bytes=0-9007199254740992` ([`ByteRangeError::Bounds`])
    fn from_str(text: &str) -> Result<Self, ByteRangeError> {
        positions(text.strip_prefix("bytes=").ok_or(ByteRangeError::Syntax)?)
    }
}

/// Reads `A-B`.
fn positions(text: &str) -> Result<ByteRange, ByteRangeError> {
    let (first, last) = text.split_once('-').ok_or(ByteRangeError::Syntax)?;
    ByteRange::new(position(first)?, position(last)?)
}

fn position(digits: &str) -> Result<u64, ByteRangeError> {
    let plain = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    if !plain || (digits.len() > 1 && digits.starts_with('0')) {
        return Err(ByteRangeError::Syntax);
    }
    digits.parse().map_err(|_| ByteRangeError::Bounds)
}

/// Why a text or a pair of positions is not a byte range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ByteRangeError {
    /// Not `bytes=A-B` with two plain decimal numbers.
    Syntax,
    /// It ends before it begins.
    Order,
    /// It ends behind the end of any resource (VAL-1).
    Bounds,
}

impl fmt::Display for ByteRangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Syntax => "a byte range is `bytes=A-B` with two plain decimal numbers",
            Self::Order => "a byte range does not end before it begins",
            Self::Bounds => "a byte range ends at 9007199254740991 at the latest",
        })
    }
}

impl core::error::Error for ByteRangeError {}

/// The part of a resource that a response of status 206 brings, as its header `Content-Range`
/// carries it: `bytes A-B/T`, where T is the size of the resource (HTTP-6).
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
    /// A range of a resource of that size.
    ///
    /// # Errors
    ///
    /// [`ContentRangeError`] where it does not end within the resource.
    pub const fn new(range: ByteRange, size: ResourceSize) -> Result<Self, ContentRangeError> {
        if range.is_within(size) { Ok(Self { range, size }) } else { Err(ContentRangeError) }
    }

    /// The part.
    #[must_use]
    pub const fn range(self) -> ByteRange {
        self.range
    }

    /// The size of the whole.
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

    /// Reads exactly what `Display` writes.
    ///
    /// # Errors
    ///
    /// - `bytes=0-4/5`, `bytes 0-4`, `bytes 0-04/5`, `Bytes 0-4/5`: written in another way
    /// - `bytes 0-4/*`, `bytes */5`: a size or a part that is not known
    /// - `bytes 4-0/5`, `bytes 0-5/5`: no part of a resource of that size
    fn from_str(text: &str) -> Result<Self, ContentRangeError> {
        let text = text.strip_prefix("bytes ").ok_or(ContentRangeError)?;
        let (range, size) = text.split_once('/').ok_or(ContentRangeError)?;
        let range = positions(range).map_err(|_| ContentRangeError)?;
        let size = position(size).map_err(|_| ContentRangeError)?;
        Self::new(range, ResourceSize::new(size).map_err(|_| ContentRangeError)?)
    }
}

/// A text that is no `Content-Range` of a part of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ContentRangeError;

impl fmt::Display for ContentRangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a content range is `bytes A-B/T` with plain decimal numbers, B below T")
    }
}

impl core::error::Error for ContentRangeError {}

/// What the object store checks of the headers of an upload, before it reads the body (HTTP-2,
/// HTTP-3, HTTP-4). They are given as they came.
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
/// The first [`UploadFault`], in the order of its variants.
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

/// What the object store checks before it keeps the body of an upload: how many bytes came, and
/// their digest (HTTP-3, HTTP-4).
///
/// # Errors
///
/// - [`UploadFault::BodyLength`]
/// - [`UploadFault::BodyMd5`]
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

/// What the device checks of what it downloaded: how many bytes came, and their digest (HTTP-5).
///
/// # Errors
///
/// - [`DownloadFault::BodyLength`]
/// - [`DownloadFault::BodyMd5`]
pub fn check_download(resource: &Resource<'_>, len: u64, md5: Md5Sum) -> Result<(), DownloadFault> {
    if len != resource.size.bytes() {
        Err(DownloadFault::BodyLength)
    } else if md5 != resource.md5sum {
        Err(DownloadFault::BodyMd5)
    } else {
        Ok(())
    }
}

/// Why the object store does not keep an uploaded body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum UploadFault {
    /// There is no `Content-Length` (HTTP-3).
    MissingContentLength,
    /// `Content-Length` is not the size of the resource (HTTP-3).
    ContentLength,
    /// There is no `Content-MD5` (HTTP-2).
    MissingContentMd5,
    /// `Content-MD5` is not the canonical Base64 of 16 bytes (HTTP-2).
    InvalidContentMd5,
    /// `Content-MD5` names other bytes than `md5sum` (HTTP-4).
    ContentMd5,
    /// The body has another length than the resource (HTTP-3).
    BodyLength,
    /// The body has another MD5 than the resource (HTTP-4).
    BodyMd5,
}

impl UploadFault {
    /// All of them, in the order in which they are looked for: headers, then body.
    pub const ALL: &'static [Self] = &[
        Self::MissingContentLength,
        Self::ContentLength,
        Self::MissingContentMd5,
        Self::InvalidContentMd5,
        Self::ContentMd5,
        Self::BodyLength,
        Self::BodyMd5,
    ];

    /// The requirement that is not met.
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
            Self::BodyLength => "the body has another length than the resource",
            Self::BodyMd5 => "the body has another MD5 than the resource",
        })
    }
}

impl core::error::Error for UploadFault {}

/// Why what was downloaded is not the resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum DownloadFault {
    /// The body has another length than the resource (HTTP-5).
    BodyLength,
    /// The body has another MD5 than the resource (HTTP-5).
    BodyMd5,
}

impl DownloadFault {
    /// All of them, in the order in which they are looked for.
    pub const ALL: &'static [Self] = &[Self::BodyLength, Self::BodyMd5];

    /// The requirement that is not met.
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
            Self::BodyLength => "the body has another length than the resource",
            Self::BodyMd5 => "the body has another MD5 than the resource",
        })
    }
}

impl core::error::Error for DownloadFault {}
