//! How patient a device is.

use core::{num::NonZeroU32, time::Duration};

/// How long a device waits and how often it tries. The pages say nothing about either.
///
/// It begins with [`DEFAULT`](Self::DEFAULT), whose fields are then set:
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
    /// How long it waits for the answer to a create, to a query and to the final report. Default:
    /// 10 seconds.
    pub answer: Duration,
    /// How often it publishes a create or a query that is not answered. Default: 3.
    pub asks: NonZeroU32,
    /// How long nothing may happen on an HTTP exchange. Default: 30 seconds.
    pub idle: Duration,
    /// The least time between two reports of a task; the final one is not held up. Default: 1
    /// second, as the vendor's SDK does.
    pub report_interval: Duration,
    /// How often a download may ask for the rest after its connection broke or its body was cut
    /// short. An upload is one `PUT` (HTTP-1). Default: 3.
    pub resumes: u32,
}

impl Policy {
    /// The defaults, as the fields state them.
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
