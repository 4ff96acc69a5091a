//! The scenarios against the reference platform, both correct and with planted faults.

mod brokers;
mod plants;
mod stage;
mod tls;

use std::thread;

use iothub_resource::Profile;

use super::scenarios::all;
use crate::mqtt::Version;
use iothub_conformance_suite::{Outcome, result::StoredCase};

/// Checks that all scenarios pass. The only warning is about plain URLs, since the reference
/// platform has no certificate.
fn is_all_well(profile: Profile, cases: &[StoredCase]) {
    for case in cases {
        let expected = if case.id == "writing/plain-http" { Outcome::Warn } else { Outcome::Pass };
        assert_eq!(case.outcome, expected, "{}: {}\n{:#?}", case.id, case.detail, case.events);
    }
    assert_eq!(cases.len(), all(profile).len());
}

#[test]
fn the_reference_platform_passes() {
    // One of them pushes its downloads, and another one only does what the pages show.
    let versions = [
        (Version::V3_1, Profile::Deployed, false),
        (Version::V3_1_1, Profile::Deployed, true),
        (Version::V3_1_1, Profile::Documented, false),
        (Version::V5, Profile::Deployed, false),
    ];
    let play = |(version, profile, push)| {
        let mut stage = stage::Stage::new();
        (stage.version, stage.profile, stage.push) = (version, profile, push);
        let results = stage.play(all(profile));
        assert!(!results.interrupted);
        is_all_well(profile, &results.cases);
        results.cases
    };
    let cases: Vec<_> = thread::scope(|scope| {
        let playing = versions.map(|version| scope.spawn(move || play(version)));
        playing.into_iter().flat_map(|playing| playing.join().unwrap()).collect()
    });
    let stored = serde_json::to_string(&cases).unwrap();
    assert!(stored.contains("PUT") && !stored.contains("sign="), "no signature is shown");
}

/// Advice that only a download can draw says nothing about a platform that offers none.
#[test]
fn advice_about_downloads_is_not_reached_without_one() {
    let mut stage = stage::Stage::new();
    stage.offers = Vec::new();
    let ids = ["writing/zero-size", "writing/long-name", "writing/unsafe-name", "writing/escaped"];
    let mut some = all(Profile::Deployed);
    some.retain(|scenario| ids.contains(&&*scenario.id));
    for case in stage.play(some).cases {
        let expected = match &*case.id {
            "writing/escaped" => Outcome::Pass,
            _ => Outcome::NotReached,
        };
        assert_eq!(case.outcome, expected, "{}: {}", case.id, case.detail);
    }
}
