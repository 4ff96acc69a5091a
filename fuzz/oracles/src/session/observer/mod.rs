//! The observer: it says of every message what a slow model says, which asks the rules anew about
//! the whole trace.

pub(crate) mod model;
mod seeds;

use arbitrary::{Arbitrary, Result, Unstructured};
use iothub_resource::{
    Message, Profile,
    session::{Observer, TraceAdviceKind},
};

use self::model::{Trace, Verdict};
pub use self::seeds::seeds;
use super::{Said, Written, byte, list, profile, profile_byte, read};

/// The model takes its time.
const MOST_EVENTS: usize = 200;

/// A trace.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, clippy::exhaustive_structs, reason = "an input as it is written")]
pub struct Input {
    pub profile: Profile,
    pub events: Vec<Event>,
}

/// A message of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, clippy::exhaustive_enums, reason = "an input as it is written")]
pub enum Event {
    Said {
        dup: bool,
        said: Said,
    },
    /// The one so far back comes once more: 0 is the last one.
    Again {
        dup: bool,
        back: u8,
    },
}

impl<'a> Arbitrary<'a> for Input {
    fn arbitrary(source: &mut Unstructured<'a>) -> Result<Self> {
        Ok(Self { profile: profile(byte(source)?), events: list(source, MOST_EVENTS)? })
    }
}

impl Written for Input {
    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.push(profile_byte(self.profile));
        self.events.iter().for_each(|event| event.write(bytes));
    }
}

impl<'a> Arbitrary<'a> for Event {
    fn arbitrary(source: &mut Unstructured<'a>) -> Result<Self> {
        Ok(match byte(source)? {
            kind @ 0..192 => Self::Said { dup: kind >= 172, said: source.arbitrary()? },
            kind => Self::Again { dup: kind & 1 == 1, back: kind >> 1 & 7 },
        })
    }
}

impl Written for Event {
    fn write(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Said { dup, said } => {
                bytes.push(if *dup { 172 } else { 0 });
                said.write(bytes);
            }
            Self::Again { dup, back } => bytes.push(192 | back << 1 | u8::from(*dup)),
        }
    }
}

impl Input {
    /// The messages, with DUP as it is seen.
    pub(crate) fn trace(&self) -> Vec<(bool, Message<'static>)> {
        let mut trace: Vec<(bool, Message<'static>)> = Vec::new();
        for event in &self.events {
            match event {
                Event::Said { dup, said } => trace.push((*dup, said.message())),
                Event::Again { dup, back } => {
                    if let Some(place) = trace.len().checked_sub(1 + usize::from(*back)) {
                        trace.push((*dup, trace[place].1.clone()));
                    }
                }
            }
        }
        trace
    }
}

/// Bytes as a trace.
pub fn bytes(bytes: &[u8]) {
    let input: Input = read(bytes);
    let mut observer = Observer::new(input.profile);
    let mut model = Trace::new(input.profile);
    for (at, (dup, message)) in input.trace().into_iter().enumerate() {
        let judged = observer.observe(at, dup, &message);
        let place = match judged {
            Ok(None) => at,
            Ok(Some(advice)) => advice.at,
            Err(finding) => finding.at,
        };
        assert_eq!(place, at);
        let expected = match model.observe(dup, message) {
            Verdict::Ignored | Verdict::Fine => Ok(None),
            Verdict::Advice(kind) => Ok(Some(kind)),
            Verdict::Wrong(kind) => Err(kind),
        };
        let judged = judged.map(|advice| advice.map(|it| it.kind)).map_err(|it| it.kind);
        assert_eq!(judged, expected, "message {at} of {:#?}", input.trace());
    }
    let unanswered = observer.unanswered();
    assert!(unanswered.iter().all(|it| it.kind == TraceAdviceKind::Unanswered));
    let unanswered: Vec<usize> = unanswered.iter().map(|advice| advice.at).collect();
    assert_eq!(unanswered, model.unanswered(), "SES-9");
}
