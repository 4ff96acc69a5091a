//! A device and a platform on a virtual clock, with a channel between them that loses, delays,
//! mixes up and repeats messages, and an object store that does all that stores do.

mod channel;
mod device;
mod store;
mod world;

use std::{collections::BTreeSet, time::Duration};

use iothub_resource::{
    Direction, Message, Profile, ResourceTask, Transfer,
    session::{
        Observer,
        device::{Answer, Outcome, Reason},
    },
};
use proptest::{collection::vec, option, prelude::*, strategy::ValueTree, test_runner::TestRunner};

use self::{
    channel::Fault,
    store::StoreFault,
    world::{Scenario, World},
};
use crate::session::{answer, task};

/// Few names and bodies, so that tasks get into each other's way.
const NAMES: [&str; 3] = ["zxc", "AAAA", "pushed"];
const BODIES: [&[u8]; 4] = [b"", b"x", b"0123456789", b"9876543210"];

fn profile() -> impl Strategy<Value = Profile> {
    prop_oneof![Just(Profile::Documented), Just(Profile::Deployed)]
}

fn jobs() -> impl Strategy<Value = Vec<(usize, usize)>> {
    vec((0..2_usize, 0..BODIES.len()), 0..4)
}

fn fault() -> impl Strategy<Value = Fault> {
    let delay = || prop_oneof![3 => 0..300_u64, 1 => 0..15_000_u64, 1 => 0..90_000_u64];
    let copy = option::weighted(0.4, (delay(), any::<bool>()));
    (prop::bool::weighted(0.2), delay(), copy).prop_map(|(lost, delay, copy)| Fault {
        lost,
        delay,
        copy,
    })
}

fn store_fault() -> impl Strategy<Value = StoreFault> {
    prop_oneof![
        3 => Just(StoreFault::None),
        1 => (0..700_u16).prop_map(StoreFault::Status),
        2 => (0..12_usize).prop_map(StoreFault::Break),
        2 => (0..12_usize).prop_map(StoreFault::Cut),
        2 => (0..12_usize).prop_map(StoreFault::Corrupt),
        1 => Just(StoreFault::Longer),
        1 => (0..12_usize).prop_map(StoreFault::Stall),
        1 => Just(StoreFault::Early),
        1 => Just(StoreFault::WrongPlace),
    ]
}

/// What nobody asked for, straight to the device. No response has the right echo of an upload:
/// who can issue a URL that fits is the platform.
fn stray() -> impl Strategy<Value = Message<'static>> {
    let task = |url: &'static str| {
        (0..NAMES.len(), 0..BODIES.len())
            .prop_map(move |(name, body)| task(NAMES[name], BODIES[body], url))
    };
    let wrong_echo = (0..NAMES.len()).prop_map(|name| task_of_nobody(NAMES[name]));
    prop_oneof![
        wrong_echo.prop_map(Message::CreateUploadTaskRsp),
        task("https://store/2").prop_map(Message::GetDownloadTaskRsp),
        task("https://store/2").prop_map(Message::Download),
        task("https://store/1").prop_map(Message::Download),
        (-4..1_i32).prop_map(|code| answer(Transfer::Upload, code)),
        (-4..1_i32).prop_map(|code| answer(Transfer::Download, code)),
    ]
}

fn task_of_nobody(name: &str) -> ResourceTask<'static> {
    task(name, b"of nobody", "https://evil/")
}

fn hostile() -> impl Strategy<Value = Scenario> {
    (
        (profile(), jobs(), jobs(), vec((0..100_000_u64, 0..NAMES.len(), 0..BODIES.len()), 0..3)),
        (vec(fault(), 0..30), vec(fault(), 0..30)),
        vec((store_fault(), prop_oneof![3 => 0..2_000_u64, 1 => 0..40_000_u64]), 0..12),
        vec(prop::bool::weighted(0.8), 0..6),
        vec((0..120_000_u64, stray()), 0..6),
    )
        .prop_map(
            |((profile, uploads, downloads, pushes), (up, down), store, issues, strays)| Scenario {
                profile,
                uploads,
                downloads,
                pushes,
                up,
                down,
                store,
                issues,
                strays,
            },
        )
}

fn perfect() -> impl Strategy<Value = Scenario> {
    let pushes = vec((0..20_000_u64, 2..3_usize, 0..BODIES.len()), 0..2);
    (profile(), jobs(), jobs(), pushes, vec((Just(StoreFault::None), 0..5_000_u64), 0..12))
        .prop_map(|(profile, uploads, downloads, pushes, store)| Scenario {
            profile,
            uploads,
            downloads,
            pushes,
            up: Vec::new(),
            down: Vec::new(),
            store,
            issues: Vec::new(),
            strays: Vec::new(),
        })
}

proptest! {
    /// Much of what must hold is asserted while the world runs: see `World` and `Device`.
    #[test]
    fn whatever_happens_a_device_keeps_the_rules(scenario in hostile()) {
        let profile = scenario.profile;
        let world = World::run(scenario);
        let mut observer = Observer::new(profile);
        for (at, (dup, message)) in world.device.trace.iter().enumerate() {
            let judged = observer.observe(at, *dup, message);
            if message.message_type().direction() == Direction::Up {
                prop_assert_eq!(judged, Ok(None), "{}", world.device.story(at));
            }
        }
    }

    #[test]
    fn whatever_happens_a_platform_keeps_the_rules(scenario in hostile()) {
        let profile = scenario.profile;
        let world = World::run(scenario);
        let mut observer = Observer::new(profile);
        for (at, (dup, message)) in world.platform_trace.iter().enumerate() {
            let judged = observer.observe(at, *dup, message);
            if message.message_type().direction() == Direction::Down {
                prop_assert_eq!(judged, Ok(None), "{:?}", message);
            }
        }
        for advice in observer.unanswered() {
            let (_, request) = &world.platform_trace[advice.at];
            prop_assert!(matches!(request, Message::CreateUploadTask(_)), "{:?}", request);
        }
    }

    #[test]
    fn on_a_perfect_channel_all_is_well(scenario in perfect()) {
        let (profile, jobs) = (scenario.profile, scenario.uploads.len() + scenario.downloads.len());
        let world = World::run(scenario);
        let mut observer = Observer::new(profile);
        for (at, (dup, message)) in world.device.trace.iter().enumerate() {
            prop_assert_eq!(observer.observe(at, *dup, message), Ok(None), "{}", world.device.story(at));
        }
        prop_assert_eq!(observer.unanswered(), []);
        prop_assert!(world.device.outcomes.len() >= jobs);
        for (_, outcome) in &world.device.outcomes {
            let done = Outcome::Done { answer: Answer::Accepted };
            prop_assert_eq!(*outcome, done);
        }
        prop_assert!(world.now < Duration::from_secs(3_600));
    }
}

/// The scenarios would prove nothing if they always went one way.
#[test]
fn the_scenarios_reach_every_end() {
    let mut runner = TestRunner::deterministic();
    let mut seen = BTreeSet::new();
    for _ in 0..600 {
        let scenario = hostile().new_tree(&mut runner).unwrap().current();
        seen.extend(World::run(scenario).device.outcomes);
    }
    let reasons = [
        Reason::TimeOut,
        Reason::Broken,
        Reason::Status(403),
        Reason::TooShort,
        Reason::TooLong,
        Reason::WrongRange,
        Reason::Md5Mismatch,
    ];
    for transfer in [Transfer::Upload, Transfer::Download] {
        let ended = |wanted: &dyn Fn(Outcome) -> bool| {
            seen.iter().any(|(kind, outcome)| *kind == transfer && wanted(*outcome))
        };
        assert!(ended(&|outcome| outcome == Outcome::Unanswered), "{transfer:?}");
        for wanted in [Answer::Accepted, Answer::Missing] {
            let done = Outcome::Done { answer: wanted };
            assert!(ended(&|outcome| outcome == done), "{transfer:?} {done:?}");
        }
        let refused = |outcome| matches!(outcome, Outcome::Done { answer: Answer::Refused(_) });
        assert!(ended(&refused), "{transfer:?} refused");
        for wanted in reasons {
            let of_downloads =
                matches!(wanted, Reason::TooLong | Reason::WrongRange | Reason::Md5Mismatch);
            let failed = |outcome| match outcome {
                Outcome::Failed { reason: Reason::Status(_), .. } => {
                    matches!(wanted, Reason::Status(_))
                }
                Outcome::Failed { reason, .. } => reason == wanted,
                _ => false,
            };
            let expected = transfer == Transfer::Download || !of_downloads;
            assert_eq!(ended(&failed), expected, "{transfer:?} {wanted:?}");
        }
    }
}
