//! The deadlines and retries of a device.

use core::{num::NonZeroU32, time::Duration};

/// The deadlines and retries of a device. The published pages specify neither.
///
/// Start with [`DEFAULT`](Self::DEFAULT) and set fields:
///
/// ```
/// use core::time::Duration;
/// use iothub_resource::session::device::Policy;
///
/// let mut policy = Policy::DEFAULT;
/// policy.idle = Duration::from_secs(120);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Policy {
    /// The time for which the device waits for the answer to a create, to a query or to the final
    /// report. Default: 10 seconds.
    pub answer: Duration,
    /// The number of times that the device publishes an unanswered create or query, including the
    /// first time. Default: 3.
    pub asks: NonZeroU32,
    /// The time for which an HTTP exchange may be idle. Default: 30 seconds.
    pub idle: Duration,
    /// The minimum time between two reports of a task. This time does not delay the final report.
    /// Default: 1 second, as in the vendor's SDK.
    pub report_interval: Duration,
    /// The number of times that a download may request the rest of the resource after the exchange
    /// is idle for too long, the connection breaks, or the body ends early. An upload is one `PUT`
    /// (HTTP-1) and does not resume. Default: 3.
    pub resumes: u32,
}

impl Policy {
    /// The defaults that the documentation of the fields states.
    pub const DEFAULT: Self = Self {
        answer: Duration::from_secs(10),
        asks: NonZeroU32::MIN.saturating_add(2),
        idle: Duration::from_secs(30),
        report_interval: Duration::from_secs(1),
        resumes: 3,
    };
}

impl Default for Policy {
    fn default() -> Self {
        Self::DEFAULT
    }
}
