//! The inputs: a platform and its events.

use std::sync::LazyLock;

use arbitrary::{Arbitrary, Result, Unstructured};
use iothub_resource::{Profile, ResourceTask, ResourceUrl};

use crate::session::{Said, What, Written, byte, list, profile, profile_byte, said::task};

const MOST_OPS: usize = 200;

/// A URL that is too long for any message (ENC-1).
static LONG: LazyLock<ResourceUrl<'static>> = LazyLock::new(|| {
    ResourceUrl::new(format!("https://store/?{}", "a".repeat(16_384))).expect("it is one")
});

/// A platform and its events.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, clippy::exhaustive_structs, reason = "an input as it is written")]
pub struct Input {
    pub profile: Profile,
    /// Whether all actions are performed before the next event.
    pub prompt: bool,
    pub ops: Vec<Op>,
}

/// An event, or a call of `poll` or `poll_event`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, clippy::exhaustive_enums, reason = "an input as it is written")]
pub enum Op {
    Message { dup: bool, said: Said },
    Issue(Place),
    Refuse(Place),
    Offer(Place),
    Push(Place),
    Poll,
    PollEvent,
}

/// A task, whose URL may be too long. At most one task of an input has such a URL, because such a
/// task takes most of the run time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, clippy::exhaustive_structs, reason = "an input as it is written")]
pub struct Place {
    pub what: What,
    pub long: bool,
}

impl Place {
    pub(super) fn task(self) -> ResourceTask<'static> {
        let mut task = task(self.what);
        if self.long {
            task.url = LONG.clone();
        }
        task
    }
}

impl<'a> Arbitrary<'a> for Input {
    fn arbitrary(source: &mut Unstructured<'a>) -> Result<Self> {
        let flags = byte(source)?;
        let mut ops: Vec<Op> = list(source, MOST_OPS)?;
        let places = ops.iter_mut().filter_map(|op| match op {
            Op::Issue(place) | Op::Offer(place) | Op::Push(place) => Some(place),
            _ => None,
        });
        places.filter(|place| place.long).skip(1).for_each(|place| place.long = false);
        Ok(Self { profile: profile(flags), prompt: flags & 2 == 0, ops })
    }
}

impl Written for Input {
    fn write(&self, bytes: &mut Vec<u8>) {
        let prompt = if self.prompt { 0 } else { 2 };
        bytes.push(profile_byte(self.profile) | prompt);
        self.ops.iter().for_each(|op| op.write(bytes));
    }
}

impl<'a> Arbitrary<'a> for Op {
    fn arbitrary(source: &mut Unstructured<'a>) -> Result<Self> {
        let kind = byte(source)?;
        let long = kind >> 4 == 15;
        Ok(match kind & 15 {
            0 => Self::Poll,
            1 => Self::PollEvent,
            2..8 => Self::Message { dup: kind >> 4 > 12, said: source.arbitrary()? },
            8..11 => Self::Issue(Place { what: source.arbitrary()?, long }),
            11 => Self::Refuse(Place { what: source.arbitrary()?, long: false }),
            12..14 => Self::Offer(Place { what: source.arbitrary()?, long }),
            _ => Self::Push(Place { what: source.arbitrary()?, long }),
        })
    }
}

impl Written for Op {
    fn write(&self, bytes: &mut Vec<u8>) {
        let (kind, place) = match self {
            Self::Poll => return bytes.push(0),
            Self::PollEvent => return bytes.push(1),
            Self::Message { dup, said } => {
                bytes.push(2 | if *dup { 13 << 4 } else { 0 });
                return said.write(bytes);
            }
            Self::Issue(place) => (8, place),
            Self::Refuse(place) => (11, place),
            Self::Offer(place) => (12, place),
            Self::Push(place) => (14, place),
        };
        bytes.push(kind | if place.long { 15 << 4 } else { 0 });
        place.what.write(bytes);
    }
}
