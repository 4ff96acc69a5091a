//! Resources: name, size, digest, and the URL of their transfer.

use alloc::{borrow::Cow, string::String};
use core::{borrow::Borrow, fmt};

use serde::{Serialize, Serializer, ser::SerializeMap};

use super::{Key, OutOfRange, ResourceUrl, bounds::MAX_SIZE};
use crate::Md5Sum;

/// A resource as `create_upload_task` announces it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[allow(clippy::exhaustive_structs, reason = "ENC-5: no key beyond the documented ones")]
pub struct Resource<'a> {
    /// The length of the resource in bytes.
    pub size: ResourceSize,
    /// The name of the resource, which identifies the task.
    pub name: ResourceName<'a>,
    /// The MD5 of the whole resource.
    pub md5sum: Md5Sum,
}

impl Resource<'_> {
    /// Returns the same value with owned texts. The result can outlive the payload.
    #[must_use]
    pub fn into_owned(self) -> Resource<'static> {
        let Self { size, name, md5sum } = self;
        Resource { size, name: name.into_owned(), md5sum }
    }

    pub(super) fn serialize_into<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry(Key::Size.as_str(), &self.size)?;
        map.serialize_entry(Key::Name.as_str(), &self.name)?;
        map.serialize_entry(Key::Md5sum.as_str(), &self.md5sum)
    }
}

/// A resource with the URL of its transfer, as `create_upload_task_rsp`, `get_download_task_rsp`
/// and `download` carry it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[allow(clippy::exhaustive_structs, reason = "ENC-5: no key beyond the documented ones")]
pub struct ResourceTask<'a> {
    /// The length of the resource in bytes.
    pub size: ResourceSize,
    /// The name of the resource, which identifies the task.
    pub name: ResourceName<'a>,
    /// The MD5 of the whole resource.
    pub md5sum: Md5Sum,
    /// The target of the `PUT`, or the source of the `GET`.
    pub url: ResourceUrl<'a>,
}

impl<'a> ResourceTask<'a> {
    /// Creates a task from a resource and its URL.
    #[must_use]
    pub fn new(resource: Resource<'a>, url: ResourceUrl<'a>) -> Self {
        let Resource { size, name, md5sum } = resource;
        Self { size, name, md5sum, url }
    }

    /// Returns the resource of the task, without the URL.
    #[must_use]
    pub fn resource(&self) -> Resource<'a> {
        Resource { size: self.size, name: self.name.clone(), md5sum: self.md5sum }
    }

    /// Returns the same value with owned texts. The result can outlive the payload.
    #[must_use]
    pub fn into_owned(self) -> ResourceTask<'static> {
        let Self { size, name, md5sum, url } = self;
        ResourceTask { size, name: name.into_owned(), md5sum, url: url.into_owned() }
    }

    pub(super) fn serialize_into<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry(Key::Size.as_str(), &self.size)?;
        map.serialize_entry(Key::Name.as_str(), &self.name)?;
        map.serialize_entry(Key::Md5sum.as_str(), &self.md5sum)?;
        map.serialize_entry(Key::Url.as_str(), &self.url)
    }
}

/// The length of a resource in bytes: 0 to 2^53-1 (VAL-1). A resource may be empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct ResourceSize(u64);

impl ResourceSize {
    /// The size of an empty resource.
    pub const ZERO: Self = Self(0);
    /// The largest size: 2^53-1 bytes, the largest integer that every JSON reader represents
    /// exactly.
    pub const MAX: Self = Self(MAX_SIZE);

    /// Creates a size from a number of bytes, which must be at most 2^53-1.
    ///
    /// # Errors
    ///
    /// Returns [`OutOfRange`] if `bytes` is more than 2^53-1.
    pub const fn new(bytes: u64) -> Result<Self, OutOfRange> {
        if bytes <= Self::MAX.0 { Ok(Self(bytes)) } else { Err(OutOfRange::Size) }
    }

    /// Returns the number of bytes.
    #[must_use]
    pub const fn bytes(self) -> u64 {
        self.0
    }
}

impl fmt::Display for ResourceSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<u32> for ResourceSize {
    fn from(bytes: u32) -> Self {
        Self(bytes.into())
    }
}

impl From<ResourceSize> for u64 {
    fn from(size: ResourceSize) -> Self {
        size.0
    }
}

impl TryFrom<u64> for ResourceSize {
    type Error = OutOfRange;

    fn try_from(bytes: u64) -> Result<Self, OutOfRange> {
        Self::new(bytes)
    }
}

/// The name of a resource: at least one character, and no control character (VAL-2).
///
/// A peer chooses the name. Check [`is_file_name`](Self::is_file_name) before you use the name as a
/// file name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceName<'a>(Cow<'a, str>);

impl<'a> ResourceName<'a> {
    /// The number of UTF-8 bytes that a name should not exceed. The C device SDK stores at most 64
    /// bytes, including the terminator.
    pub const ADVISED_LEN: usize = 63;

    /// Checks the form of a text and returns the text as a name.
    ///
    /// # Errors
    ///
    /// Returns an error in these cases:
    ///
    /// - `""`: the name is empty ([`NameError::Empty`])
    /// - `"a\nb"`: the name contains a character from U+0000 to U+001F, or U+007F
    ///   ([`NameError::Control`])
    pub fn new(name: impl Into<Cow<'a, str>>) -> Result<Self, NameError> {
        let name = name.into();
        if name.is_empty() {
            return Err(NameError::Empty);
        }
        // Without an early exit, the compiler vectorises the loop, which is faster for short names.
        if name.bytes().fold(false, |found, byte| found | byte.is_ascii_control()) {
            return Err(NameError::Control);
        }
        Ok(Self(name))
    }

    /// Returns the name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether the name is safe as one component of a path. A safe name contains neither
    /// `/` nor `\` and is neither `.` nor `..`.
    #[must_use]
    pub fn is_file_name(&self) -> bool {
        !self.0.contains(['/', '\\']) && self.0 != "." && self.0 != ".."
    }

    /// Returns the same value with owned texts. The result can outlive the payload.
    #[must_use]
    pub fn into_owned(self) -> ResourceName<'static> {
        ResourceName(Cow::Owned(self.0.into_owned()))
    }
}

impl fmt::Display for ResourceName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for ResourceName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ResourceName").field(&self.0).finish()
    }
}

impl AsRef<str> for ResourceName<'_> {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl<'a> TryFrom<&'a str> for ResourceName<'a> {
    type Error = NameError;

    fn try_from(name: &'a str) -> Result<Self, NameError> {
        Self::new(name)
    }
}

impl TryFrom<String> for ResourceName<'_> {
    type Error = NameError;

    fn try_from(name: String) -> Result<Self, NameError> {
        Self::new(name)
    }
}

/// Lets you look up a name of any lifetime in a map whose keys are names.
impl Borrow<str> for ResourceName<'_> {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl Serialize for ResourceName<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// The reason why a text is not a resource name (code `invalid-name`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NameError {
    /// The text is empty.
    Empty,
    /// The text contains a character from U+0000 to U+001F, or U+007F.
    Control,
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "a resource name must not be empty",
            Self::Control => "a resource name must not contain a control character",
        })
    }
}

impl core::error::Error for NameError {}
