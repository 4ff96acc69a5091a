//! The platform's side: any messages from the device and any calls, in any order.
//!
//! After every step, the platform agrees with a small model that applies the rules to the whole
//! trace. A misplaced event changes nothing. The messages that the platform publishes violate no
//! rule for an observer if they are published before the next event.

mod input;
mod model;
mod seeds;

use iothub_resource::{
    Direction,
    session::{
        Observer,
        platform::{Platform, PlatformAction},
    },
};

use self::model::Model;
pub use self::{
    input::{Input, Op, Place},
    seeds::seeds,
};
use super::read;

/// Reads bytes as a platform and its events.
pub fn bytes(bytes: &[u8]) {
    let input: Input = read(bytes);
    let mut pair = Pair {
        platform: Platform::new(input.profile),
        model: Model::new(input.profile),
        observer: input.prompt.then(|| Observer::new(input.profile)),
    };
    for op in &input.ops {
        pair.tell(*op);
        while input.prompt && pair.poll() {}
        assert!(pair.platform.offers().eq(pair.model.offers()), "{op:?}");
    }
    while pair.poll() {}
    while pair.poll_event() {}
    assert!(!pair.poll(), "nothing more to do");
}

struct Pair {
    platform: Platform,
    model: Model,
    /// The observer of received and published messages, or `None` if actions are not performed at
    /// once.
    observer: Option<Observer>,
}

impl Pair {
    fn tell(&mut self, op: Op) {
        // Copying a platform is slow, so the oracle copies the platform only for events that the
        // platform must reject.
        let expected = self.model.tell(op);
        let before = expected.is_err().then(|| self.platform.clone());
        let platform = &mut self.platform;
        let told = match op {
            Op::Message { dup, said } => {
                let message = said.message();
                if let (Some(observer), Ok(())) = (&mut self.observer, expected) {
                    let _ = observer.observe(0, dup, &message);
                }
                platform.handle_message(dup, &message)
            }
            Op::Issue(place) => {
                let task = place.task();
                platform.url_issued(&task.resource(), task.url)
            }
            Op::Refuse(place) => platform.url_refused(&place.task().resource()),
            Op::Offer(place) => platform.offer(place.task()),
            Op::Push(place) => platform.push(place.task()),
            Op::Poll => {
                self.poll();
                Ok(())
            }
            Op::PollEvent => {
                self.poll_event();
                Ok(())
            }
        };
        assert_eq!(told, expected, "{op:?} to {before:?}");
        if let Some(before) = before {
            assert_eq!(before, self.platform, "{op:?}: {told:?}");
        }
    }

    /// Performs the next action and returns whether there was one.
    fn poll(&mut self) -> bool {
        let action = self.platform.poll();
        assert_eq!(action, self.model.actions.pop_front());
        if let Some(PlatformAction::Publish(message)) = &action {
            assert_eq!(message.message_type().direction(), Direction::Down);
            assert!(message.encode(self.model.profile).is_ok());
            if let Some(observer) = &mut self.observer {
                assert_eq!(observer.observe(0, false, message), Ok(None), "{message:?}");
            }
        }
        action.is_some()
    }

    /// Takes the next event and returns whether there was one.
    fn poll_event(&mut self) -> bool {
        let event = self.platform.poll_event();
        assert_eq!(event, self.model.events.pop_front());
        event.is_some()
    }
}
