//! The device's side: any events in any order.
//!
//! After every event, an upload or a download agrees with a small model, which keeps the events
//! instead of a state. A misplaced event changes nothing. Published messages violate no rule for an
//! observer at the device. Every task ends even if nothing but time passes.

mod course;
mod download;
mod input;
mod pair;
mod seeds;
mod upload;

use std::time::Duration;

use iothub_resource::session::device::{Outcome, Policy};

use self::{
    download::Download,
    pair::{Model, Pair},
    upload::Upload,
};
pub use self::{
    input::{Begin, Input, Op, Part},
    seeds::seeds,
};
use super::read;

/// An upper bound on the number of time-outs of a task, which may request and resume at most three
/// times.
const MOST_TIMEOUTS: usize = 16;
/// An upper bound on the number of actions that a task has at once.
const MOST_ACTIONS: usize = 8;

/// Reads bytes as a task and its events.
pub fn bytes(bytes: &[u8]) {
    outcome(bytes);
}

/// Does the same as [`bytes`] and returns the outcome, or `None` if the task waits for a push
/// without a deadline.
pub fn outcome(bytes: &[u8]) -> Option<Outcome> {
    let input: Input = read(bytes);
    let mut policy = Policy::DEFAULT;
    policy.asks = u32::from(input.asks).try_into().expect("not 0");
    policy.resumes = input.resumes.into();
    match input.begin {
        Begin::Upload => drive(Upload::pair(policy, &input), &input.ops),
        _ => drive(Download::pair(policy, &input), &input.ops),
    }
}

fn drive<M: Model>(mut pair: Pair<M>, ops: &[Op]) -> Option<Outcome> {
    let mut now = Duration::ZERO;
    for op in ops {
        match *op {
            Op::Poll => drop(pair.poll(now)),
            Op::Later(time) => now += time.time(),
            Op::Pass(time) => {
                now += time.time();
                pair.timeout(now);
            }
            Op::Wait => {
                now = now.max(pair.next().unwrap_or(now));
                pair.timeout(now);
            }
            other => pair.tell(now, other),
        }
        pair.next();
        if let Some(outcome) = pair.outcome() {
            assert!(!pair.poll(now), "nothing more to do");
            assert_eq!(pair.next(), None, "nothing more to wait for");
            assert_eq!(pair.outcome(), Some(outcome));
        }
    }
    end(pair, now)
}

/// Performs all actions and lets time pass until the task ends. Returns the outcome, or `None` if
/// the task waits for a push without a deadline.
fn end<M: Model>(mut pair: Pair<M>, mut now: Duration) -> Option<Outcome> {
    for _ in 0..MOST_TIMEOUTS {
        let actions = (0..MOST_ACTIONS).take_while(|_| pair.poll(now)).count();
        assert!(actions < MOST_ACTIONS, "it always has something to do");
        if pair.outcome().is_some() || pair.model.waits_forever() {
            return pair.outcome();
        }
        now = now.max(pair.next().expect("it waits for nothing, and has not ended"));
        pair.timeout(now);
    }
    panic!("it does not end");
}
