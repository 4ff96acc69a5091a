//! How far a transfer is (MSG-3, MSG-7).

use alloc::borrow::Cow;
use core::fmt;

use serde::{Serialize, Serializer, ser::SerializeMap};

use super::{Key, OutOfRange, ResourceName, ResourceSize, ResultCode, Transfer};

/// A progress report of the device about one task.
///
/// Alone it cannot be serialised: whether it says `uploading` or `downloading` depends on the
/// [`Message`](crate::Message) that it is part of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(clippy::exhaustive_structs, reason = "ENC-5: no key beyond the documented ones")]
pub struct ProgressReport<'a> {
    /// The resource it is about.
    pub name: ResourceName<'a>,
    /// How far it is.
    pub progress: Progress<'a>,
}

impl ProgressReport<'_> {
    /// The same, independent of the payload it was read from.
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

/// What a progress report says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(clippy::exhaustive_structs, reason = "ENC-5: no key beyond the documented ones")]
pub struct Progress<'a> {
    /// What goes on, and how much of it is done.
    pub state: State,
    /// 0 as long as nothing went wrong.
    pub result_code: ResultCode,
    /// Any text, may be empty (VAL-8).
    pub result_msg: Cow<'a, str>,
}

impl Progress<'_> {
    /// The same, independent of the payload it was read from.
    #[must_use]
    pub fn into_owned(self) -> Progress<'static> {
        Progress { result_msg: Cow::Owned(self.result_msg.into_owned()), ..self }
    }
}

/// The state of a transfer, and its percentage where the protocol wants or allows one (VAL-6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(clippy::exhaustive_enums, reason = "VAL-6: nothing else")]
pub enum State {
    /// `uploading` in an upload's report, `downloading` in a download's.
    Running(Percent),
    /// `done`, only in the `deployed` profile.
    Done(Option<Percent>),
    /// `fail`, only in the `deployed` profile.
    Fail(Option<Percent>),
}

impl State {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self, transfer: Transfer) -> &'static str {
        match self {
            Self::Running(_) => transfer.running_word(),
            Self::Done(_) => "done",
            Self::Fail(_) => "fail",
        }
    }

    /// The percentage, if there is one.
    #[must_use]
    pub const fn percent(self) -> Option<Percent> {
        match self {
            Self::Running(percent) => Some(percent),
            Self::Done(percent) | Self::Fail(percent) => percent,
        }
    }
}

/// A progress as it stands in the report of an upload or of a download.
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
    /// Nothing yet.
    pub const ZERO: Self = Self(0);
    /// All of it.
    pub const FULL: Self = Self(100);

    /// A percentage.
    ///
    /// # Errors
    ///
    /// [`OutOfRange`] for more than 100.
    pub const fn new(percent: u8) -> Result<Self, OutOfRange> {
        if percent <= Self::FULL.0 { Ok(Self(percent)) } else { Err(OutOfRange::Percent) }
    }

    /// How much `part` is of `whole`, rounded down; all of it where `whole` is nothing.
    #[must_use]
    pub fn of(part: u64, whole: ResourceSize) -> Self {
        let whole = whole.bytes();
        // A size times 100 has less than 64 bits (VAL-1).
        let hundredfold = part.min(whole).saturating_mul(Self::FULL.0.into());
        let percent = hundredfold.checked_div(whole).and_then(|percent| percent.try_into().ok());
        percent.map_or(Self::FULL, Self)
    }

    /// The number.
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
