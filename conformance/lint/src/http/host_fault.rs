//! A fault in the header `Host`.

use std::fmt;

/// A fault in the header `Host`, with its right value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HostFault {
    pub(super) kind: HostFaultKind,
    pub(super) expected: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HostFaultKind {
    Missing,
    Several,
    Foreign,
    /// The host without the port, which most servers do not look at.
    NoPort,
}

impl HostFault {
    /// The status with which a store refuses the request, if it does.
    pub(super) const fn status(&self) -> Option<u16> {
        match self.kind {
            HostFaultKind::Missing | HostFaultKind::Several => Some(400),
            HostFaultKind::Foreign => Some(403),
            HostFaultKind::NoPort => None,
        }
    }
}

impl fmt::Display for HostFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            HostFaultKind::Missing => "the request has no `Host`",
            HostFaultKind::Several => "the request has several `Host`",
            HostFaultKind::NoPort => "`Host` leaves the port of the URL out",
            HostFaultKind::Foreign => "`Host` is not the host of the URL that was issued",
        })?;
        write!(f, ": expected `Host: {}`", self.expected)
    }
}
