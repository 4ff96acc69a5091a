//! The inputs: a task and its events.

use arbitrary::{Arbitrary, Result, Unstructured};
use iothub_resource::{ByteRange, ContentRange, Profile, ResourceSize};

use crate::session::{Delay, Said, What, Written, byte, list, profile, profile_byte};

const MOST_OPS: usize = 200;

/// The statuses of responses. Statuses with a meaning are more likely.
const STATUSES: [u16; 16] =
    [200, 206, 200, 206, 200, 206, 204, 100, 199, 301, 401, 403, 404, 410, 504, 599];

/// A task and its events.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, clippy::exhaustive_structs, reason = "an input as it is written")]
pub struct Input {
    pub profile: Profile,
    pub begin: Begin,
    /// The number of times that the task publishes its request, 1 to 3.
    pub asks: u8,
    /// The number of times that the task may resume, 0 to 2.
    pub resumes: u8,
    /// The resource that is uploaded, or the task that was delivered.
    pub what: What,
    pub ops: Vec<Op>,
}

/// The kind of task that an input runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, clippy::exhaustive_enums, reason = "an input as it is written")]
pub enum Begin {
    Upload,
    /// A download that requests its task.
    Ask,
    /// A download that waits for a pushed task.
    Wait,
    /// A download of a delivered task.
    Delivered,
}

impl Begin {
    const ALL: [Self; 4] = [Self::Upload, Self::Ask, Self::Wait, Self::Delivered];
}

/// An event, or a call of `poll`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, clippy::exhaustive_enums, reason = "an input as it is written")]
pub enum Op {
    Poll,
    /// Time passes, and the caller notifies the task.
    Pass(Delay),
    /// Time passes, and the caller does not notify the task.
    Later(Delay),
    /// Time passes to the next deadline.
    Wait,
    Message(Said),
    Sent(u64),
    Response {
        status: u16,
        part: Part,
    },
    /// The next bytes of the resource. The first of them may be wrong.
    Body {
        count: u8,
        wrong: bool,
    },
    End,
    Failure,
    LocalFailure,
}

/// The `Content-Range` of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "an input as it is written")]
pub enum Part {
    /// The range of the request.
    Asked,
    /// There is no header.
    Unknown,
    /// The range from this byte to the end of the resource, or to the end of a resource that is one
    /// byte longer.
    From {
        /// The position of the first byte.
        first: u8,
        /// Whether the resource is one byte longer.
        longer: bool,
    },
}

impl Part {
    pub(super) fn of(self, asked: Option<ByteRange>, size: ResourceSize) -> Option<ContentRange> {
        let (range, size) = match self {
            Self::Asked => (asked?, size),
            Self::Unknown => return None,
            Self::From { first, longer } => {
                let size = size.bytes() + u64::from(longer);
                let last = size.checked_sub(1)?;
                (ByteRange::new(first.into(), last).ok()?, ResourceSize::new(size).ok()?)
            }
        };
        ContentRange::new(range, size).ok()
    }
}

impl<'a> Arbitrary<'a> for Input {
    fn arbitrary(source: &mut Unstructured<'a>) -> Result<Self> {
        let flags = byte(source)?;
        Ok(Self {
            profile: profile(flags),
            begin: Begin::ALL[usize::from(flags >> 1 & 3)],
            asks: (flags >> 3 & 3) % 3 + 1,
            resumes: (flags >> 5 & 3) % 3,
            what: source.arbitrary()?,
            ops: list(source, MOST_OPS)?,
        })
    }
}

impl Written for Input {
    fn write(&self, bytes: &mut Vec<u8>) {
        let begin = Begin::ALL.iter().position(|it| *it == self.begin).unwrap_or(0) as u8;
        bytes.push(
            profile_byte(self.profile) | begin << 1 | (self.asks - 1) << 3 | self.resumes << 5,
        );
        self.what.write(bytes);
        self.ops.iter().for_each(|op| op.write(bytes));
    }
}

impl<'a> Arbitrary<'a> for Op {
    fn arbitrary(source: &mut Unstructured<'a>) -> Result<Self> {
        let kind = byte(source)?;
        let more = kind >> 4;
        Ok(match kind & 15 {
            0..4 => Self::Poll,
            4 => Self::Pass(source.arbitrary()?),
            5 => Self::Wait,
            6 | 7 => Self::Message(source.arbitrary()?),
            8 | 9 => Self::Sent(if more < 15 { more.into() } else { u64::MAX }),
            10 => {
                let status = STATUSES[usize::from(more)];
                Self::Response { status, part: source.arbitrary()? }
            }
            11 => Self::Body { count: more, wrong: false },
            12 => Self::Body { count: more, wrong: true },
            13 => Self::End,
            14 if more == 15 => Self::LocalFailure,
            14 => Self::Failure,
            _ => Self::Later(source.arbitrary()?),
        })
    }
}

impl Written for Op {
    fn write(&self, bytes: &mut Vec<u8>) {
        match *self {
            Self::Poll => bytes.push(0),
            Self::Pass(time) => bytes.extend([4, time.0]),
            Self::Wait => bytes.push(5),
            Self::Message(said) => {
                bytes.push(6);
                said.write(bytes);
            }
            Self::Sent(count) => bytes.push(8 | (count.min(15) as u8) << 4),
            Self::Response { status, part } => {
                let status = STATUSES.iter().position(|it| *it == status).unwrap_or(0);
                bytes.push(10 | (status as u8) << 4);
                part.write(bytes);
            }
            Self::Body { count, wrong } => bytes.push((11 + u8::from(wrong)) | (count << 4)),
            Self::End => bytes.push(13),
            Self::LocalFailure => bytes.push(14 | 15 << 4),
            Self::Failure => bytes.push(14),
            Self::Later(time) => bytes.extend([15, time.0]),
        }
    }
}

impl<'a> Arbitrary<'a> for Part {
    fn arbitrary(source: &mut Unstructured<'a>) -> Result<Self> {
        Ok(match byte(source)? {
            0..128 => Self::Asked,
            128..144 => Self::Unknown,
            more => Self::From { first: more & 15, longer: more >= 224 },
        })
    }
}

impl Written for Part {
    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.push(match *self {
            Self::Asked => 0,
            Self::Unknown => 128,
            Self::From { first, longer } => first | if longer { 224 } else { 144 },
        });
    }
}
