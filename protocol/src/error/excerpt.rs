//! What of a message may be shown.

use core::fmt;

use arrayvec::ArrayString;

/// A word from a message, if it is short and plain enough to be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Excerpt(Option<ArrayString<{ Self::LONGEST }>>);

impl Excerpt {
    pub(crate) const LONGEST: usize = 32;
    /// Of a word that is not shown.
    pub(crate) const NONE: Self = Self(None);

    pub(crate) fn new(text: &str) -> Self {
        let plain =
            text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-. ".contains(&byte));
        Self(ArrayString::from(text).ok().filter(|_| plain))
    }

    /// The word; nothing where it is longer than 32 characters or has others than ASCII letters,
    /// digits, `_`, `-`, `.` and spaces.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.as_str().unwrap_or("…"))
    }
}
