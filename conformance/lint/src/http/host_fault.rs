//! A fault in the host of a request.

use std::fmt;

/// A fault in the host of a request at an issued URL (HTTP-1, HTTP-5), and the right host.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HostFault {
    /// The way in which the host is wrong.
    pub kind: HostFaultKind,
    /// The host of the issued URL, with its port unless that is the default port.
    pub expected: String,
}

/// The kinds of faults in the host of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "a server must handle every kind")]
pub enum HostFaultKind {
    /// `Host` is missing.
    Missing,
    /// There are several `Host` headers.
    Several,
    /// `Host` names a host or port other than that of the issued URL.
    Foreign,
    /// The target is a whole URL with a host or port other than that of the issued URL.
    ForeignUrl,
    /// `Host` omits the port of the URL. Most servers ignore this fault.
    NoPort,
}

impl HostFault {
    /// Creates a fault in a request for a URL with the host `expected`.
    #[must_use]
    pub const fn new(kind: HostFaultKind, expected: String) -> Self {
        Self { kind, expected }
    }
}

impl fmt::Display for HostFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            HostFaultKind::Missing => "the request has no `Host`",
            HostFaultKind::Several => "the request has several `Host` headers",
            HostFaultKind::Foreign => "`Host` is not the host of the issued URL",
            HostFaultKind::ForeignUrl => {
                "the host in the request line is not the host of the issued URL"
            }
            HostFaultKind::NoPort => "`Host` omits the port of the URL",
        })?;
        write!(f, ": expected `Host: {}`", self.expected)
    }
}
