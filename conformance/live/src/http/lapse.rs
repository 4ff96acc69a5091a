//! Violations of HTTP in requests that can still be read.

use std::fmt;

/// A violation of HTTP that servers usually accept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HttpLapse {
    /// The target of the request is a whole URL.
    AbsoluteForm,
    /// A line of the head ends with LF alone.
    BareLineFeed,
}

impl fmt::Display for HttpLapse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AbsoluteForm => {
                "its target is a whole URL: expected only the path and the query (RFC 9112 §3.2.1)"
            }
            Self::BareLineFeed => {
                "a line of its head ends with LF alone: expected CR LF (RFC 9112 §2.2)"
            }
        })
    }
}
