//! A device and a platform on a virtual clock, a channel that loses, delays, reorders and repeats
//! messages, and an object store that can fail in any way.
//!
//! All tasks end, both sides follow the rules, and no task is `Done` unless the bytes are those of
//! the resource. Without faults, all tasks succeed.

mod device;
mod downloading;
mod link;
mod pace;
mod scenario;
mod seeds;
mod store;
mod timed;
mod uploading;
mod world;

use std::time::Duration;

use iothub_resource::{
    Direction, Message, Transfer,
    session::{
        Observer,
        device::{Answer, Outcome},
    },
};

use self::{link::Passed, scenario::Scenario, world::World};
pub use self::{
    link::{Copied, Fault},
    scenario::{Input, Item},
    seeds::seeds,
    store::StoreFault,
};
use super::read;

/// Reads bytes as a scenario and runs it with faults. Then runs the same tasks without faults.
pub fn bytes(bytes: &[u8]) {
    let input: Input = read(bytes);
    stands(&Scenario::hostile(&input));
    goes_well(&Scenario::perfect(&input));
}

/// Returns the outcomes of the device's tasks in a scenario with faults.
#[must_use]
pub fn outcomes(bytes: &[u8]) -> Vec<(Transfer, Outcome)> {
    World::run(&Scenario::hostile(&read(bytes))).device.outcomes
}

/// Runs a scenario and checks the traces of both sides. `World` and `Device` check further
/// properties while the scenario runs.
fn stands(scenario: &Scenario) {
    let world = World::run(scenario);
    let mut observer = Observer::new(scenario.profile);
    for (at, Passed { dup, message }) in world.device.trace.iter().enumerate() {
        let judged = observer.observe(at, *dup, message);
        if message.message_type().direction() == Direction::Up {
            assert_eq!(judged, Ok(None), "{}", world.device.story(at));
        }
    }
    let mut observer = Observer::new(scenario.profile);
    for (at, Passed { dup, message }) in world.platform_trace.iter().enumerate() {
        let judged = observer.observe(at, *dup, message);
        if message.message_type().direction() == Direction::Down {
            assert_eq!(judged, Ok(None), "{message:?}");
        }
    }
    for advice in observer.unanswered() {
        let request = &world.platform_trace[advice.at].message;
        assert!(matches!(request, Message::CreateUploadTask(_)), "{request:?}");
    }
}

fn goes_well(scenario: &Scenario) {
    let world = World::run(scenario);
    let mut observer = Observer::new(scenario.profile);
    for (at, Passed { dup, message }) in world.device.trace.iter().enumerate() {
        let judged = observer.observe(at, *dup, message);
        assert_eq!(judged, Ok(None), "{}", world.device.story(at));
    }
    assert_eq!(observer.unanswered(), []);
    assert!(world.device.outcomes.len() >= scenario.uploads.len() + scenario.downloads.len());
    for (transfer, outcome) in &world.device.outcomes {
        assert_eq!(*outcome, Outcome::Done { answer: Answer::Accepted }, "{transfer:?}");
    }
    assert!(world.now < Duration::from_secs(3_600));
}
