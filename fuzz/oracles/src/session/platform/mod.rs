//! The platform's side: what the device publishes and what the platform is asked for, in any order.
//!
//! It does at every step what a small model says, which asks the rules about the whole trace. What
//! it is told and refuses has changed nothing. What it publishes breaks no rule for an observer, if
//! it is published before anything more is told.

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

/// Bytes as what a platform is told.
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
    /// It sees what comes, and what is published at once.
    observer: Option<Observer>,
}

impl Pair {
    fn tell(&mut self, op: Op) {
        // To copy a platform takes time: what is not to be refused needs no copy.
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

    /// Whether there was something to do.
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

    /// Whether something had happened.
    fn poll_event(&mut self) -> bool {
        let event = self.platform.poll_event();
        assert_eq!(event, self.model.events.pop_front());
        event.is_some()
    }
}
