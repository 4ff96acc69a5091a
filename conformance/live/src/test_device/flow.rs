//! The two kinds of transfer.

/// The kind of transfer that a device makes in a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "a transfer is an upload or a download")]
pub enum Flow {
    /// The device uploads a file.
    Upload,
    /// The device downloads a resource.
    Download,
}

impl Flow {
    /// Returns `upload` or `download`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Upload => "upload",
            Self::Download => "download",
        }
    }
}
