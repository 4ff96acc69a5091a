//! The device's side: any events in any order, as a caller that knows nothing of the order would
//! tell them.
//!
//! An upload or a download does at every step what a small model says, which keeps what happened
//! and not where the machine stands. What it refuses has changed nothing, what it publishes breaks
//! no rule for an observer beside it, and whatever has happened, it ends by time alone.

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

/// Of what can be asked and resumed at most three times, everything has ended after so many
/// time-outs.
const MOST_TIMEOUTS: usize = 16;
/// And wants no more than that at once.
const MOST_ACTIONS: usize = 8;

/// Bytes as a task and what it is told.
pub fn bytes(bytes: &[u8]) {
    outcome(bytes);
}

/// The same, and how the task ended; nothing if it waits for a push to the end of time.
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

/// Nothing but time passes, and all that is to be done is done.
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
