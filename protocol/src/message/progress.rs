//! Progress reports (MSG-3, MSG-7).

use alloc::borrow::Cow;
use core::fmt;

use serde::{Serialize, Serializer, ser::SerializeMap};

use super::{Key, OutOfRange, ResourceName, ResourceSize, ResultCode, Transfer};

/// A progress report of the device on one task.
///
/// This type does not implement `Serialize`, because the value of `state` (`uploading` or
/// `downloading`) depends on the [`Message`](crate::Message) that contains the report.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(clippy::exhaustive_structs, reason = "ENC-5: no key beyond the documented ones")]
pub struct ProgressReport<'a> {
    /// The name of the resource, which identifies the task.
    pub name: ResourceName<'a>,
    /// The value of the key `progress`.
    pub progress: Progress<'a>,
}

impl ProgressReport<'_> {
    /// Returns the same value with owned texts. The result can outlive the payload.
    #[must_use]
    pub fn into_owned(self) -> ProgressReport<'static> {
        ProgressReport { name: self.name.into_owned(), progress: self.progress.into_owned() }
    }

    pub(super) fn serialize_into<M: SerializeMap>(
        &self,
        map: &mut M,
        transfer: Transfer,
    ) -> Result<(), M::Error> {
        map.serialize_entry(Key::Name.as_str(), &self.name)?;
        map.serialize_entry(Key::Progress.as_str(), &Wire(&self.progress, transfer))
    }
}

/// The value of the key `progress`: the state, the percentage and the result of a transfer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(clippy::exhaustive_structs, reason = "ENC-5: no key beyond the documented ones")]
pub struct Progress<'a> {
    /// The values of the keys `state` and `percent`.
    pub state: State,
    /// The value of the key `result_code`: 0 means success. Any other code ends the task (SES-7).
    pub result_code: ResultCode,
    /// The value of the key `result_msg`: any text, which may be empty (VAL-8).
    pub result_msg: Cow<'a, str>,
}

impl Progress<'_> {
    /// Returns the same value with owned texts. The result can outlive the payload.
    #[must_use]
    pub fn into_owned(self) -> Progress<'static> {
        Progress { result_msg: Cow::Owned(self.result_msg.into_owned()), ..self }
    }
}

/// The state of a transfer with its percentage, which is optional for `done` and `fail` (VAL-6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(clippy::exhaustive_enums, reason = "VAL-6: nothing else")]
pub enum State {
    /// `uploading` in reports on an upload, and `downloading` in reports on a download.
    Running(Percent),
    /// `done`, only in the `deployed` profile.
    Done(Option<Percent>),
    /// `fail`, only in the `deployed` profile.
    Fail(Option<Percent>),
}

impl State {
    /// Returns the value of the key `state`, for example `uploading`.
    #[must_use]
    pub const fn as_str(self, transfer: Transfer) -> &'static str {
        match self {
            Self::Running(_) => transfer.running_word(),
            Self::Done(_) => "done",
            Self::Fail(_) => "fail",
        }
    }

    /// Returns the value of the key `percent`, or `None` if the key is absent.
    #[must_use]
    pub const fn percent(self) -> Option<Percent> {
        match self {
            Self::Running(percent) => Some(percent),
            Self::Done(percent) | Self::Fail(percent) => percent,
        }
    }
}

/// The progress in a report, and the kind of the task. The kind determines the value of `state`.
struct Wire<'a>(&'a Progress<'a>, Transfer);

impl Serialize for Wire<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(progress, transfer) = self;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry(Key::State.as_str(), progress.state.as_str(*transfer))?;
        if let Some(percent) = progress.state.percent() {
            map.serialize_entry(Key::Percent.as_str(), &percent)?;
        }
        map.serialize_entry(Key::ResultCode.as_str(), &progress.result_code)?;
        map.serialize_entry(Key::ResultMsg.as_str(), &progress.result_msg)?;
        map.end()
    }
}

/// A percentage: an integer from 0 to 100 (VAL-5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Percent(u8);

impl Percent {
    /// The percentage at the beginning of a transfer: 0.
    pub const ZERO: Self = Self(0);
    /// The percentage of a complete transfer: 100.
    pub const FULL: Self = Self(100);

    /// Creates a percentage from an integer, which must be at most 100.
    ///
    /// # Errors
    ///
    /// Returns [`OutOfRange`] if `percent` is more than 100.
    pub const fn new(percent: u8) -> Result<Self, OutOfRange> {
        if percent <= Self::FULL.0 { Ok(Self(percent)) } else { Err(OutOfRange::Percent) }
    }

    /// Returns `part` as a percentage of `whole`, rounded down and limited to 100%. The result for
    /// an empty resource is 100%.
    #[must_use]
    pub fn of(part: u64, whole: ResourceSize) -> Self {
        let whole = whole.bytes();
        // A size times 100 fits in 64 bits (VAL-1).
        let hundredfold = part.min(whole).saturating_mul(Self::FULL.0.into());
        let percent = hundredfold.checked_div(whole).and_then(|percent| percent.try_into().ok());
        percent.map_or(Self::FULL, Self)
    }

    /// Returns the percentage as an integer from 0 to 100.
    #[must_use]
    pub const fn value(self) -> u8 {
        self.0
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<Percent> for u8 {
    fn from(percent: Percent) -> Self {
        percent.0
    }
}

impl TryFrom<u8> for Percent {
    type Error = OutOfRange;

    fn try_from(percent: u8) -> Result<Self, OutOfRange> {
        Self::new(percent)
    }
}
