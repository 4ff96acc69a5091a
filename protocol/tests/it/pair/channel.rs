//! One direction of MQTT, between one device and the platform.

use std::{collections::VecDeque, time::Duration};

use iothub_resource::{Direction, Message, Profile};

/// What happens to one message. Times are milliseconds.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    pub(crate) lost: bool,
    pub(crate) delay: u64,
    /// It arrives once more, so much later, with the DUP flag or without.
    pub(crate) copy: Option<(u64, bool)>,
}

impl Fault {
    const NONE: Self = Self { lost: false, delay: 10, copy: None };
}

pub(crate) struct Channel {
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
    pub(crate) fn new(profile: Profile, direction: Direction, faults: Vec<Fault>) -> Self {
        Self { profile, direction, faults: faults.into(), flying: Vec::new() }
    }

    pub(crate) fn send(&mut self, now: Duration, message: &Message<'_>) {
        let payload = message.encode(self.profile).expect("only what the profile has is sent");
        let Fault { lost, delay, copy } = self.faults.pop_front().unwrap_or(Fault::NONE);
        let arrives = now + Duration::from_millis(delay);
        if !lost {
            self.flying.push(Flight { arrives, dup: false, payload: payload.clone() });
        }
        if let Some((later, dup)) = copy {
            let arrives = arrives + Duration::from_millis(later);
            self.flying.push(Flight { arrives, dup, payload });
        }
    }

    pub(crate) fn next(&self) -> Option<Duration> {
        self.flying.iter().map(|flight| flight.arrives).min()
    }

    /// The first of those that have arrived, in the order in which they were sent.
    pub(crate) fn arrive(&mut self, now: Duration) -> Option<(bool, Message<'static>)> {
        let next = self.next().filter(|next| *next <= now)?;
        let index = self.flying.iter().position(|flight| flight.arrives == next)?;
        let Flight { dup, payload, .. } = self.flying.remove(index);
        let message = Message::decode(self.profile, self.direction, &payload);
        Some((dup, message.expect("what was encoded is decoded").into_owned()))
    }
}
