//! Runs the scenarios against the reference platform, without faults and with planted faults.

mod between;
mod brokers;
mod plants;
mod stage;
mod tls;

use std::{collections::BTreeSet, sync::mpsc, thread, time::Duration};

use iothub_resource::{Direction, Message, Profile};
use tokio::time::Instant;

use super::scenarios::all;
use crate::mqtt::Version;
use iothub_conformance_suite::{Fixtures, Outcome, Request, Verdict, result::StoredCase};

/// Checks that all scenarios pass. There is a warning about plain URLs, because the reference
/// platform has no certificate. There is a warning about the down topic, because the broker lets
/// any client publish there.
fn is_all_well(profile: Profile, cases: &[StoredCase]) {
    for case in cases {
        let expected = match &*case.id {
            "writing/plain-http" | "topic/own-down" => Outcome::Warn,
            _ => Outcome::Pass,
        };
        assert_eq!(case.outcome, expected, "{}: {}\n{:#?}", case.id, case.detail, case.events);
    }
    assert_eq!(cases.len(), all(profile).len());
}

#[test]
fn the_reference_platform_passes() {
    // In one run, the platform pushes its downloads. In a different run, the platform follows only
    // the vendor's documentation.
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

/// The answer contains a lowercase digest, even if the digest in the create is in uppercase.
#[test]
fn an_upper_case_digest_in_an_answer_is_advised() {
    let mut stage = stage::Stage::new();
    plants::shouts()(&mut stage);
    let ids = ["spelling/upper-digest", "writing/uppercase-md5sum"];
    let mut some = all(Profile::Deployed);
    some.retain(|scenario| ids.contains(&&*scenario.id));
    let outcomes: Vec<_> = stage.play(some).cases.into_iter().map(|case| case.outcome).collect();
    assert_eq!(outcomes, [Outcome::Pass, Outcome::Warn]);
}

#[test]
fn a_broker_that_keeps_devices_off_the_down_topic() {
    let mut stage = stage::Stage::new();
    stage.access = Some(stage::OWN_TOPICS);
    let mut some = all(Profile::Deployed);
    some.retain(|scenario| scenario.id == "topic/own-down");
    let cases = stage.play(some).cases;
    assert_eq!(cases[0].outcome, Outcome::Pass, "{}", cases[0].detail);
}

/// A broker may end the connection at each malformed payload. The device repeats the messages that
/// the broker has not read before the end of the connection.
#[test]
fn every_malformed_payload_is_read() {
    let mut all_of_code = BTreeSet::new();
    for case in Fixtures::embedded().cases {
        if let (
            Request::Decode { profile: Profile::Deployed, direction: Direction::Up, payload },
            Verdict::Reject { code, .. },
        ) = (case.request, case.verdict)
            && code == "out-of-range"
        {
            all_of_code.insert(payload);
        }
    }
    let (sender, read) = mpsc::channel();
    let mut stage = stage::Stage::new();
    stage.ear = Box::new(move |message| {
        let is_valid = Message::decode(Profile::Deployed, Direction::Up, &message.payload).is_ok();
        if is_valid {
            return stage::Hearing::Hears;
        }
        sender.send(message.payload.to_vec()).unwrap();
        stage::Hearing::Cuts
    });
    let mut some = all(Profile::Deployed);
    some.retain(|scenario| scenario.id == "malformed/out-of-range");
    let cases = stage.play(some).cases;
    assert_eq!(cases[0].outcome, Outcome::Pass, "{}", cases[0].detail);
    assert_eq!(read.into_iter().collect::<BTreeSet<_>>(), all_of_code);
}

/// `done` means that the bytes have arrived, so a platform may refuse this report until the bytes
/// arrive.
#[test]
fn a_platform_that_refuses_done_without_bytes_passes() {
    for profile in Profile::ALL {
        let mut stage = stage::Stage::new();
        stage.profile = profile;
        stage.ear = Box::new(move |message| plants::wants_bytes(profile, message));
        let mut some = all(profile);
        // The other scenarios upload the reported bytes, or concern the names of uploads.
        some.retain(|scenario| scenario.id.starts_with("report/"));
        is_passed(&stage.play(some).cases);
    }
}

/// A correct platform may be slow. Each answer may take longer than the time after which `platform`
/// assumes that no more answers arrive.
#[test]
fn a_slow_platform_passes() {
    const WORK: Duration = Duration::from_millis(200);
    let mut stage = stage::Stage::new();
    let mut busy: Option<Instant> = None;
    stage.tamper = Some(Box::new(move |_, publish| {
        let now = Instant::now();
        let done = busy.map_or(now, |until| until.max(now)) + WORK;
        busy = Some(done);
        vec![(done - now, publish)]
    }));
    let mut some = all(Profile::Deployed);
    some.retain(|scenario| scenario.id.starts_with("report/") || scenario.id == "create/dup");
    is_passed(&stage.play(some).cases);
}

fn is_passed(cases: &[StoredCase]) {
    let others = cases.iter().filter(|case| case.outcome != Outcome::Pass);
    let others: Vec<_> = others.map(|StoredCase { id, detail, .. }| (id, detail)).collect();
    assert!(others.is_empty(), "{others:#?}");
}

/// Advice that only a download can cause has no result for a platform that offers no download.
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
