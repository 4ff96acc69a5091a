//! The observer gives the same verdicts as a slow model, which searches the whole trace for every
//! message.

mod garbled;
pub(crate) mod model;
mod seeds;

use arbitrary::{Arbitrary, Result, Unstructured};
use iothub_resource::{
    Direction, Message, Profile,
    session::{Observer, TraceAdviceKind},
};

pub use self::{garbled::Garbled, seeds::seeds};
use self::{
    garbled::{captured, captured_type},
    model::{Trace, Verdict},
};
use super::{Said, Written, byte, list, profile, profile_byte, read};

/// The maximum number of events. The model is slow for long traces.
const MOST_EVENTS: usize = 200;

/// The profile and the events of a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, clippy::exhaustive_structs, reason = "an input as it is written")]
pub struct Input {
    pub profile: Profile,
    pub events: Vec<Event>,
}

/// A message in a trace, or a payload that does not decode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, clippy::exhaustive_enums, reason = "an input as it is written")]
pub enum Event {
    Said {
        dup: bool,
        said: Said,
    },
    /// Repeats the decodable message that is this many messages back. The number 0 stands for the
    /// last message.
    Again {
        dup: bool,
        back: u8,
    },
    /// A payload that does not decode.
    Garbled(Garbled),
}

/// An event with all its values.
#[derive(Clone, Debug)]
enum Seen {
    Message { dup: bool, message: Message<'static> },
    Payload { direction: Direction, payload: Vec<u8> },
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
            kind @ 0..160 => Self::Said { dup: kind >= 144, said: source.arbitrary()? },
            160..192 => Self::Garbled(source.arbitrary()?),
            kind => Self::Again { dup: kind & 1 == 1, back: kind >> 1 & 7 },
        })
    }
}

impl Written for Event {
    fn write(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Said { dup, said } => {
                bytes.push(if *dup { 144 } else { 0 });
                said.write(bytes);
            }
            Self::Again { dup, back } => bytes.push(192 | back << 1 | u8::from(*dup)),
            Self::Garbled(garbled) => {
                bytes.push(160);
                garbled.write(bytes);
            }
        }
    }
}

impl Input {
    /// Returns the events of the trace with all their values.
    fn trace(&self) -> Vec<Seen> {
        let mut decoded: Vec<Message<'static>> = Vec::new();
        let mut trace = Vec::new();
        for event in &self.events {
            let (dup, message) = match event {
                Event::Said { dup, said } => (*dup, said.message()),
                Event::Again { dup, back } => {
                    let place = decoded.len().checked_sub(1 + usize::from(*back));
                    let Some(place) = place else { continue };
                    (*dup, decoded[place].clone())
                }
                Event::Garbled(garbled) => {
                    let payload = garbled.payload();
                    trace.push(Seen::Payload { direction: garbled.direction, payload });
                    continue;
                }
            };
            decoded.push(message.clone());
            trace.push(Seen::Message { dup, message });
        }
        trace
    }
}

/// Reads bytes as a trace and compares the observer with the model.
pub fn bytes(bytes: &[u8]) {
    let input: Input = read(bytes);
    let mut observer = Observer::new(input.profile);
    let mut model = Trace::new(input.profile);
    for (at, seen) in input.trace().into_iter().enumerate() {
        let (dup, message) = match seen {
            Seen::Message { dup, message } => (dup, message),
            Seen::Payload { direction, payload } => {
                let name = captured(&payload, "name");
                model.observe_undecodable(direction, captured_type(&payload), name.as_deref());
                observer.observe_undecodable(direction, &payload);
                continue;
            }
        };
        let judged = observer.observe(at, dup, &message);
        let place = match judged {
            Ok(None) => at,
            Ok(Some(advice)) => advice.at,
            Err(finding) => finding.at,
        };
        assert_eq!(place, at);
        let expected = match model.observe(dup, message) {
            Verdict::Again | Verdict::Fine => Ok(None),
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
