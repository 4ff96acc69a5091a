//! A device and a platform on a virtual clock, with a channel between them that loses, delays,
//! mixes up and repeats messages, and an object store that does all that stores do.
//!
//! Whatever happens, it ends, both sides keep the rules, and nothing is `done` whose bytes are not
//! those of the resource. Where nothing goes wrong, all is well.

mod device;
mod link;
mod scenario;
mod store;
mod world;

use std::time::Duration;

use iothub_resource::{
    Direction, Message, Profile, Transfer,
    session::{
        Observer,
        device::{Answer, Outcome},
    },
};

pub use self::{
    link::Fault,
    scenario::{Input, Item},
    store::StoreFault,
};
use self::{scenario::Scenario, world::World};
use super::{Delay, Said, What, bytes_of, read};
use crate::seeds::Seed;

/// Bytes as what is to be done and what goes wrong; then the same with nothing going wrong.
pub fn bytes(bytes: &[u8]) {
    let input: Input = read(bytes);
    stands(&Scenario::hostile(&input));
    goes_well(&Scenario::perfect(&input));
}

/// How the tasks of the device ended, whatever went wrong.
#[must_use]
pub fn outcomes(bytes: &[u8]) -> Vec<(Transfer, Outcome)> {
    World::run(&Scenario::hostile(&read(bytes))).device.outcomes
}

/// Much of what must hold is asserted while the world runs: see `World` and `Device`.
fn stands(scenario: &Scenario) {
    let world = World::run(scenario);
    let mut observer = Observer::new(scenario.profile);
    for (at, (dup, message)) in world.device.trace.iter().enumerate() {
        let judged = observer.observe(at, *dup, message);
        if message.message_type().direction() == Direction::Up {
            assert_eq!(judged, Ok(None), "{}", world.device.story(at));
        }
    }
    let mut observer = Observer::new(scenario.profile);
    for (at, (dup, message)) in world.platform_trace.iter().enumerate() {
        let judged = observer.observe(at, *dup, message);
        if message.message_type().direction() == Direction::Down {
            assert_eq!(judged, Ok(None), "{message:?}");
        }
    }
    for advice in observer.unanswered() {
        let (_, request) = &world.platform_trace[advice.at];
        assert!(matches!(request, Message::CreateUploadTask(_)), "{request:?}");
    }
}

fn goes_well(scenario: &Scenario) {
    let world = World::run(scenario);
    let mut observer = Observer::new(scenario.profile);
    for (at, (dup, message)) in world.device.trace.iter().enumerate() {
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

/// One transfer of each kind with one thing going wrong, and a few with more.
#[must_use]
pub fn seeds() -> Vec<Seed> {
    use Item::{Down, Download, Issue, Push, Store, Stray, Up, Upload};

    let job = |name, body| What { name, body, url: body };
    let fault = |lost, delay, copy| Fault { lost, delay: Delay(delay), copy };
    let store = |fault| Store { fault, pace: Delay(200) };
    let both = [Upload(job(0, 2)), Download(job(1, 3))];
    let lost = fault(true, 0, None);
    let twice = |dup| fault(false, 5, Some((Delay(100), dup)));
    let wrong: Vec<(&str, Vec<Item>)> = vec![
        ("nothing", vec![]),
        ("slow-store", vec![store(StoreFault::None), store(StoreFault::None)]),
        ("requests-lost", vec![Up(lost), Up(lost)]),
        ("answers-lost", vec![Down(lost), Down(lost)]),
        ("all-lost", vec![Down(lost); 24]),
        ("answers-late", vec![Down(fault(false, 240, None)); 4]),
        ("answers-mixed-up", vec![Down(fault(false, 150, None)), Down(fault(false, 0, None))]),
        ("answers-twice", vec![Down(twice(false)); 8]),
        ("answers-redelivered", vec![Down(twice(true)); 8]),
        ("requests-twice", vec![Up(twice(false)); 8]),
        ("requests-redelivered", vec![Up(twice(true)); 8]),
        ("refused", vec![Issue(false)]),
        ("status", vec![store(StoreFault::Status(403)), store(StoreFault::Status(500))]),
        ("broken", vec![store(StoreFault::Break(4)), store(StoreFault::Break(4))]),
        ("cut", vec![store(StoreFault::Cut(5)); 4]),
        ("corrupt", vec![store(StoreFault::Corrupt(3)), store(StoreFault::Corrupt(3))]),
        ("longer", vec![store(StoreFault::Longer), store(StoreFault::Longer)]),
        ("stalled", vec![store(StoreFault::Stall(4)), store(StoreFault::Stall(4))]),
        ("early", vec![store(StoreFault::Early), store(StoreFault::Early)]),
        ("wrong-place", {
            let cut = store(StoreFault::Cut(5));
            vec![cut, cut, store(StoreFault::WrongPlace)]
        }),
        ("pushed", vec![Push { at: Delay(100), job: job(2, 2) }]),
        (
            "pushed-meanwhile",
            vec![
                store(StoreFault::None),
                store(StoreFault::None),
                Push { at: Delay(161), job: job(1, 2) },
            ],
        ),
        ("strays", {
            let said = [
                Said::Issue(What { name: 0, body: 4, url: 0 }),
                Said::Deliver(What { name: 1, body: 3, url: 2 }),
                Said::Answer { transfer: Transfer::Upload, code: -1 },
                Said::Answer { transfer: Transfer::Download, code: 0 },
            ];
            said.map(|said| Stray { at: Delay(30), said }).to_vec()
        }),
    ];
    let mut seeds = Vec::new();
    for (name, items) in wrong {
        for profile in Profile::ALL {
            let items = both.into_iter().chain(items.iter().copied()).collect();
            let bytes = bytes_of(&Input { profile, items });
            seeds.push((format!("{name}-{profile}"), bytes));
        }
    }
    seeds
}
