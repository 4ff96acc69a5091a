//! A slow device without a fault.

use std::{
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use iothub_conformance::{
    Fixtures, Outcome, Profile,
    live::test_device::{self, Options, Trigger},
};
use iothub_resource::{ProductId, session::device::Policy};

use crate::clock;

/// The time limit of the scenario passes while the bytes still arrive. The device reports progress,
/// so it may take any time.
#[test]
fn what_is_still_going_on_is_not_reached() {
    let mut options = Options::new(Profile::Deployed, ProductId::new("TEST").unwrap());
    // The store takes 500 ms, in eight parts.
    (options.timeout, options.settle) = (Duration::from_millis(100), Duration::from_millis(50));
    let mut policy = Policy::DEFAULT;
    policy.report_interval = Duration::from_millis(10);
    let mut scenarios = test_device::scenarios(Profile::Deployed, &Fixtures::embedded().cases);
    scenarios.retain(|scenario| scenario.id == "download/store/slow");
    assert_eq!(scenarios.len(), 1);
    let trigger = Trigger::reference(None, policy);
    let interrupted = Arc::new(AtomicBool::new(false));
    let (judged, result) = clock::block_on(test_device::run_within(
        &options,
        scenarios,
        &trigger,
        &interrupted,
        &mut |_| {},
    ));
    result.unwrap();
    let [judged] = &judged[..] else { panic!("one scenario") };
    assert_eq!(judged.outcome(), Outcome::NotReached, "{}", judged.detail());
    assert_eq!(judged.codes(), Vec::<&str>::new(), "{}", judged.detail());
    assert!(judged.detail().contains("four times --timeout"), "{}", judged.detail());
}
