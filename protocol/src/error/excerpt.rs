//! Words of a message that errors and logs may show.

use core::fmt;

use arrayvec::ArrayString;

/// A word of a message that is safe to show. The word is short and has no `:`, `/`, `?` or `%`, so
/// it cannot be a signed URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Excerpt(Option<ArrayString<{ Self::LONGEST }>>);

impl Excerpt {
    pub(crate) const LONGEST: usize = 32;
    /// The placeholder for a word that must not be shown.
    pub(crate) const NONE: Self = Self(None);

    pub(crate) fn new(text: &str) -> Self {
        let plain =
            text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-. ".contains(&byte));
        Self(ArrayString::from(text).ok().filter(|_| plain))
    }

    /// Returns the word, or `None` if the word is not safe to show. A safe word has at most 32
    /// characters, which are ASCII letters, digits, `_`, `-`, `.` and spaces.
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
