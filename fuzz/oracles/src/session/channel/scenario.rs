//! Scenarios: the tasks of the device, and the faults.

use std::time::Duration;

use arbitrary::{Arbitrary, Result, Unstructured};
use iothub_resource::{Message, Profile};

use super::{
    link::{Copied, Fault},
    store::{Conduct, StoreFault},
    timed::Timed,
};
use crate::session::{
    Delay, Said, What, Written, byte, list, profile, profile_byte,
    said::{BODIES, NAMES},
};

/// The maximum number of items in an input. A scenario uses fewer items.
const MOST_ITEMS: usize = 100;

/// The items of a scenario, in any order.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, clippy::exhaustive_structs, reason = "an input as it is written")]
pub struct Input {
    pub profile: Profile,
    pub items: Vec<Item>,
}

/// A task, a fault, the platform's decision about a create, or a stray message. A fault applies to
/// the first message or exchange that has no fault yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, clippy::exhaustive_enums, reason = "an input as it is written")]
pub enum Item {
    Upload(What),
    Download(What),
    /// The platform pushes a download.
    Push {
        at: Delay,
        job: What,
    },
    /// The faults of a message from the device.
    Up(Fault),
    /// The faults of a message from the platform.
    Down(Fault),
    /// The fault of an exchange with the store, and the time between two of its events.
    Store {
        fault: StoreFault,
        pace: Delay,
    },
    /// Whether the platform answers a create.
    Issue(bool),
    /// A message to the device that the platform did not send.
    Stray {
        at: Delay,
        said: Said,
    },
}

impl<'a> Arbitrary<'a> for Input {
    fn arbitrary(source: &mut Unstructured<'a>) -> Result<Self> {
        Ok(Self { profile: profile(byte(source)?), items: list(source, MOST_ITEMS)? })
    }
}

impl Written for Input {
    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.push(profile_byte(self.profile));
        self.items.iter().for_each(|item| item.write(bytes));
    }
}

impl<'a> Arbitrary<'a> for Item {
    fn arbitrary(source: &mut Unstructured<'a>) -> Result<Self> {
        Ok(match byte(source)? % 16 {
            0 | 1 => Self::Upload(job(source, 2)?),
            2 | 3 => Self::Download(job(source, 2)?),
            4 => Self::Push { at: source.arbitrary()?, job: job(source, 3)? },
            5..8 => Self::Up(source.arbitrary()?),
            8..11 => Self::Down(source.arbitrary()?),
            11..14 => Self::Store { fault: source.arbitrary()?, pace: source.arbitrary()? },
            14 => Self::Issue(byte(source)? % 4 > 0),
            _ => Self::Stray { at: source.arbitrary()?, said: source.arbitrary()? },
        })
    }
}

impl Written for Item {
    fn write(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Upload(job) => bytes.extend([0, job_byte(*job)]),
            Self::Download(job) => bytes.extend([2, job_byte(*job)]),
            Self::Push { at, job } => bytes.extend([4, at.0, job_byte(*job)]),
            Self::Up(fault) => {
                bytes.push(5);
                fault.write(bytes);
            }
            Self::Down(fault) => {
                bytes.push(8);
                fault.write(bytes);
            }
            Self::Store { fault, pace } => {
                bytes.push(11);
                fault.write(bytes);
                bytes.push(pace.0);
            }
            Self::Issue(answered) => bytes.extend([14, u8::from(*answered)]),
            Self::Stray { at, said } => {
                bytes.extend([15, at.0]);
                said.write(bytes);
            }
        }
    }
}

/// Returns a task with one of the first `names` names and with a body that the store has.
fn job(source: &mut Unstructured<'_>, names: u8) -> Result<What> {
    let byte = byte(source)?;
    let body = byte >> 2 & 3;
    Ok(What { name: (byte & 3) % names, body, url: body })
}

fn job_byte(job: What) -> u8 {
    job.name | job.body << 2
}

impl<'a> Arbitrary<'a> for Fault {
    fn arbitrary(source: &mut Unstructured<'a>) -> Result<Self> {
        let flags = byte(source)?;
        let delay = source.arbitrary()?;
        let copy = match flags >> 3 & 3 {
            2 => Some(Copied { later: source.arbitrary()?, dup: false }),
            3 => Some(Copied { later: source.arbitrary()?, dup: true }),
            _ => None,
        };
        Ok(Self { lost: flags & 7 > 5, delay, copy })
    }
}

impl Written for Fault {
    fn write(&self, bytes: &mut Vec<u8>) {
        let lost = if self.lost { 6 } else { 0 };
        let copy = self.copy.map_or(0, |copy| if copy.dup { 3 } else { 2 });
        bytes.extend([lost | copy << 3, self.delay.0]);
        bytes.extend(self.copy.map(|copy| copy.later.0));
    }
}

impl<'a> Arbitrary<'a> for StoreFault {
    fn arbitrary(source: &mut Unstructured<'a>) -> Result<Self> {
        let kind = byte(source)?;
        let place = usize::from(kind >> 4);
        Ok(match kind & 15 {
            0..4 => Self::None,
            4 => Self::Status(u16::from_le_bytes([byte(source)?, byte(source)?]) % 700),
            5 | 6 => Self::Break(place),
            7 | 8 => Self::Cut(place),
            9 | 10 => Self::Corrupt(place),
            11 => Self::Longer,
            12 | 13 => Self::Stall(place),
            14 => Self::Early,
            _ => Self::WrongPlace,
        })
    }
}

impl Written for StoreFault {
    fn write(&self, bytes: &mut Vec<u8>) {
        let at = |kind: u8, place: usize| kind | (place as u8) << 4;
        match *self {
            Self::None => bytes.push(0),
            Self::Status(status) => {
                bytes.push(4);
                bytes.extend(status.to_le_bytes());
            }
            Self::Break(place) => bytes.push(at(5, place)),
            Self::Cut(place) => bytes.push(at(7, place)),
            Self::Corrupt(place) => bytes.push(at(9, place)),
            Self::Longer => bytes.push(11),
            Self::Stall(place) => bytes.push(at(12, place)),
            Self::Early => bytes.push(14),
            Self::WrongPlace => bytes.push(15),
        }
    }
}

/// The items of a scenario by kind.
#[derive(Clone, Debug)]
pub(super) struct Scenario {
    pub(super) profile: Profile,
    pub(super) uploads: Vec<What>,
    pub(super) downloads: Vec<What>,
    pub(super) pushes: Vec<Timed<What>>,
    pub(super) up: Vec<Fault>,
    pub(super) down: Vec<Fault>,
    pub(super) store: Vec<Conduct>,
    /// Whether the platform answers each of the first creates. The platform answers all later
    /// creates.
    pub(super) issues: Vec<bool>,
    pub(super) strays: Vec<Timed<Message<'static>>>,
}

impl Scenario {
    /// Returns a scenario with the items of the input, but with few enough of each kind to keep the
    /// run short.
    pub(super) fn hostile(input: &Input) -> Self {
        let mut scenario = Self {
            profile: input.profile,
            uploads: Vec::new(),
            downloads: Vec::new(),
            pushes: Vec::new(),
            up: Vec::new(),
            down: Vec::new(),
            store: Vec::new(),
            issues: Vec::new(),
            strays: Vec::new(),
        };
        for item in &input.items {
            match *item {
                Item::Upload(job) => add(&mut scenario.uploads, 3, job),
                Item::Download(job) => add(&mut scenario.downloads, 3, job),
                Item::Push { at, job } => {
                    if input.profile == Profile::Deployed {
                        add(&mut scenario.pushes, 2, Timed { at: at.time(), what: job });
                    }
                }
                Item::Up(fault) => add(&mut scenario.up, 30, fault),
                Item::Down(fault) => add(&mut scenario.down, 30, fault),
                Item::Store { fault, pace } => {
                    add(&mut scenario.store, 12, Conduct { fault, pace: pace.time() });
                }
                Item::Issue(answered) => add(&mut scenario.issues, 6, answered),
                Item::Stray { at, said } => {
                    if let Some(stray) = stray(input.profile, said) {
                        add(&mut scenario.strays, 6, Timed { at: at.time(), what: stray });
                    }
                }
            }
        }
        scenario.pushes.sort_by_key(|push| push.at);
        scenario.strays.sort_by_key(|stray| stray.at);
        scenario
    }

    /// Returns the same tasks without faults, and with at most one push, which has its own name.
    pub(super) fn perfect(input: &Input) -> Self {
        let mut scenario = Self::hostile(input);
        scenario.pushes.truncate(1);
        for push in &mut scenario.pushes {
            push.what.name = NAMES.len() as u8 - 1;
        }
        for Conduct { fault, pace } in &mut scenario.store {
            *fault = StoreFault::None;
            *pace = Duration::from_millis(pace.as_millis() as u64 % 5_000);
        }
        scenario.up.clear();
        scenario.down.clear();
        scenario.issues.clear();
        scenario.strays.clear();
        scenario
    }
}

/// Returns the message of a stray, or `None` if the platform cannot send such a message. The
/// message is never a valid answer to a create, because only the platform can issue the URL.
fn stray(profile: Profile, said: Said) -> Option<Message<'static>> {
    let said = match said {
        Said::Issue(what) => Said::Issue(What { body: BODIES.len() as u8, ..what }),
        Said::Push(_) if profile == Profile::Documented => return None,
        Said::Deliver(_) | Said::Push(_) | Said::Answer { .. } => said,
        Said::Create(_) | Said::Query | Said::Report { .. } => return None,
    };
    Some(said.message())
}

fn add<T>(list: &mut Vec<T>, most: usize, item: T) {
    if list.len() < most {
        list.push(item);
    }
}
