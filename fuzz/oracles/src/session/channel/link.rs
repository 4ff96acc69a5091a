//! One direction of MQTT between a device and the platform.

use std::{collections::VecDeque, time::Duration};

use iothub_resource::{Direction, Message, Profile};

use crate::session::Delay;

/// The faults of the channel for one message: a loss, a delay and a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, clippy::exhaustive_structs, reason = "an input as it is written")]
pub struct Fault {
    pub lost: bool,
    pub delay: Delay,
    pub copy: Option<Copied>,
}

/// A copy that arrives after its message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "an input as it is written")]
pub struct Copied {
    /// The delay after the message.
    pub later: Delay,
    /// Whether the copy has the MQTT DUP flag.
    pub dup: bool,
}

/// A message that one side sent or received.
#[derive(Clone, Debug)]
pub(super) struct Passed {
    /// Whether the message has the MQTT DUP flag.
    pub(super) dup: bool,
    pub(super) message: Message<'static>,
}

impl Fault {
    const NONE: Self = Self { lost: false, delay: Delay(5), copy: None };
}

pub(super) struct Channel {
    profile: Profile,
    direction: Direction,
    faults: VecDeque<Fault>,
    flying: Vec<Flight>,
}

struct Flight {
    arrives: Duration,
    dup: bool,
    payload: Vec<u8>,
}

impl Channel {
    pub(super) fn new(profile: Profile, direction: Direction, faults: &[Fault]) -> Self {
        Self { profile, direction, faults: faults.iter().copied().collect(), flying: Vec::new() }
    }

    pub(super) fn send(&mut self, now: Duration, message: &Message<'_>) {
        let payload = message.encode(self.profile).expect("only what the profile has is sent");
        let Fault { lost, delay, copy } = self.faults.pop_front().unwrap_or(Fault::NONE);
        let arrives = now + delay.time();
        if !lost {
            self.flying.push(Flight { arrives, dup: false, payload: payload.clone() });
        }
        if let Some(Copied { later, dup }) = copy {
            let arrives = arrives + later.time();
            self.flying.push(Flight { arrives, dup, payload });
        }
    }

    pub(super) fn next(&self) -> Option<Duration> {
        self.flying.iter().map(|flight| flight.arrives).min()
    }

    /// Returns the next message that has arrived, or `None` if there is none. Of several messages
    /// with the same time, the message that was sent first is the next one.
    pub(super) fn arrive(&mut self, now: Duration) -> Option<Passed> {
        let next = self.next().filter(|next| *next <= now)?;
        let index = self.flying.iter().position(|flight| flight.arrives == next)?;
        let Flight { dup, payload, .. } = self.flying.remove(index);
        let message = Message::decode(self.profile, self.direction, &payload);
        let message = message.expect("what was encoded is decoded").into_owned();
        Some(Passed { dup, message })
    }
}
