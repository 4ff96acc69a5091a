//! `device`: the reference device passes every scenario, and each scenario finds a misbehaviour of
//! the reference device.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, atomic::AtomicBool},
    thread,
    time::Duration,
};

use iothub_conformance::{
    Fixtures, Outcome, Profile,
    live::{
        device::Misbehaviour as M,
        test_device::{self, Judged, Options, Scenario, Trigger},
    },
    report::StoredCase,
};
use iothub_resource::{ProductId, session::device::Policy};

use crate::clock;

/// The misbehaviour that each scenario must find, with the exact findings. A scenario belongs to
/// the first row whose text begins its id or, with a star, ends it.
const PLANTED: &[(&str, M, &[&str])] = &[
    ("upload/content/lf", M::AddsCr, &["body-md5"]),
    ("download/content/lf", M::AddsCr, &["wrong-file"]),
    ("upload/content/crlf", M::DropsCr, &["body-md5"]),
    ("download/content/crlf", M::DropsCr, &["wrong-file"]),
    ("upload/content/binary", M::EndsAtZero, &["failed"]),
    ("download/content/binary", M::EndsAtZero, &["wrong-file"]),
    ("*/response/stale-url", M::ReadsStaleBytes, &["url-not-issued"]),
    ("*/response/other-topics", M::TakesAnyTopic, &["url-not-issued", "wildcard-filter"]),
    ("*/response/lost-once", M::WaitsForever, &["waits-forever"]),
    ("*/broker/cut-asked-lost", M::WaitsForever, &["waits-forever"]),
    ("*/report/end-refused-as-time-out", M::TakesTimeOutForSilence, &["taken-for-silence"]),
    ("upload/name/two-extensions", M::LeavesExtensionOut, &["same-name"]),
    ("upload/store/accepted-early", M::TakesEarlySuccess, &["done-without-bytes"]),
    ("upload/store/reads-late", M::ReportsFullFirst, &["percent-too-early"]),
    ("upload/store/reads-", M::WritesParts, &["body-md5"]),
    ("*/size/50-mb", M::OverflowsPercent, &["percent-decreased"]),
    ("download/size/3-gb", M::NarrowRanges, &["range"]),
    ("download/store/cut-before-", M::ResumesAnother, &["failed"]),
    ("*/url/port", M::IgnoresPorts, &["failed"]),
    ("upload/url/", M::CutsUrls, &["altered-url"]),
    ("download/url/", M::CutsUrls, &["altered-url"]),
    ("*/name/braces", M::CountsBraces, &["not-taken"]),
    ("*/spelling/unknown-key-with-braces", M::CountsBraces, &["not-taken"]),
    ("*/spelling/capital-digest", M::ReadsLowerDigests, &["not-taken"]),
    ("upload/size/empty", M::NoContentMd5, &["missing-content-md5"]),
    ("upload/size/one-byte", M::WrongBytes, &["body-md5"]),
    ("upload/size/", M::ShortBody, &["content-length"]),
    ("download/size/empty", M::RangeOfEmpty, &["range"]),
    ("download/size/one-byte", M::NeverTransfers, &["done-without-bytes"]),
    ("download/size/", M::KeepsOtherBytes, &["wrong-file"]),
    ("*/name/dot-dot", M::KeepsOtherBytes, &["wrong-file"]),
    ("*/name/slash", M::TakesNamesForPaths, &["wrong-file"]),
    ("*/name/absolute", M::TakesNamesForPaths, &["wrong-file"]),
    ("*/name/backslash", M::KeepsOtherBytes, &["wrong-file"]),
    ("upload/name/", M::ReportsOther, &["no-such-task"]),
    ("download/name/", M::ReportsOther, &["no-such-task"]),
    ("upload/spelling/", M::ReadsOnlyCompact, &["not-taken"]),
    ("download/spelling/", M::ReadsOnlyCompact, &["not-taken"]),
    ("download/pushed", M::IgnoresPushes, &["not-taken"]),
    ("download/retained", M::IgnoresRetained, &["not-taken"]),
    ("download/several/pushed-at-once", M::IgnoresPushes, &["not-taken"]),
    ("download/several/same-name", M::RemembersNames, &["done-without-bytes"]),
    ("upload/several/", M::DropsForPush, &["no-end"]),
    ("download/several/", M::DropsForPush, &["no-end"]),
    ("upload/response/l", M::ReportsEarly, &["progress-before-url"]),
    ("download/response/l", M::ReportsEarly, &["no-such-task"]),
    ("*-after", M::TakesLastUrl, &["url-not-issued"]),
    ("upload/response/twice", M::UploadsTwice, &["put-again"]),
    ("download/response/twice", M::EndsTwice, &["after-end"]),
    ("*/response/other-url-too", M::EndsTwice, &["after-end"]),
    ("*/response/other-kind", M::GivesUp, &["not-taken"]),
    ("*/response/progress-response", M::GivesUp, &["not-taken"]),
    ("upload/response/other-", M::TakesAnyEcho, &["url-not-issued"]),
    ("*/report/twice", M::GivesUp, &["no-end"]),
    ("*/report/other-kind", M::GivesUp, &["no-end"]),
    ("upload/report/", M::RegretsDone, &["after-end"]),
    ("download/report/", M::RegretsDone, &["after-end"]),
    ("upload/store/20", M::TakesOnly200, &["failed"]),
    ("upload/store/30", M::FollowsRedirects, &["url-not-issued"]),
    ("*/store/slow", M::SaysDoneEarly, &["done-too-early"]),
    ("*/store/silent", M::Hangs, &["no-end"]),
    ("download/store/cut", M::RangeTooLong, &["range"]),
    ("download/store/range-ignored", M::RangeTooLong, &["range"]),
    ("download/store/other-total", M::NoReason, &["no-reason"]),
    ("download/store/length-too-short", M::RangeTooLong, &["range"]),
    ("download/store/length-too-long", M::KeepsOtherBytes, &["wrong-file"]),
    ("download/store/too-many-bytes", M::NoReason, &["no-reason"]),
    ("download/store/chunked", M::KeepsOtherBytes, &["wrong-file"]),
    ("upload/store/", M::SaysDoneAnyway, &["done-without-bytes"]),
    ("download/store/", M::SaysDoneAnyway, &["done-without-bytes"]),
    ("download/digest/", M::SaysDoneAnyway, &["done-without-bytes"]),
    ("*/broker/cut-ended", M::ForgetsDup, &["repeated"]),
    ("upload/broker/", M::StaysAway, &["stays-away"]),
    ("download/broker/", M::StaysAway, &["stays-away"]),
    // The URL in these messages is not the issued one, or is missing.
    ("*/malformed-after/cut-short", M::TakesLastUrl, &["altered-url"]),
    ("*/malformed-after/no-url", M::GivesUp, &["no-end"]),
    ("*/malformed-after/url-null", M::GivesUp, &["no-end"]),
    ("*/malformed-after/url-empty", M::GivesUp, &["no-end"]),
    ("*/malformed-after/url-ftp", M::GivesUp, &["no-end"]),
    ("*/malformed-after/url-one-slash", M::GivesUp, &["no-end"]),
    ("upload/malformed-after/", M::TakesLastUrl, &["url-not-issued"]),
    ("download/malformed-after/", M::TakesLastUrl, &["url-not-issued"]),
    ("upload/malformed/cut-short", M::TakesMalformed, &["altered-url"]),
    ("*/malformed/no-url", M::GivesUp, &["not-taken"]),
    ("*/malformed/url-null", M::GivesUp, &["not-taken"]),
    ("*/malformed/url-empty", M::GivesUp, &["not-taken"]),
    ("*/malformed/url-ftp", M::GivesUp, &["not-taken"]),
    ("*/malformed/url-one-slash", M::GivesUp, &["not-taken"]),
    // These responses contain no URL that a device could use.
    ("*/malformed/not-utf8", M::GivesUp, &["not-taken"]),
    ("*/malformed/invalid-url", M::GivesUp, &["not-taken"]),
    ("*/malformed/not-an-object", M::GivesUp, &["not-taken"]),
    ("*/malformed/payload-too-large", M::GivesUp, &["not-taken"]),
    ("*/malformed/wrong-direction", M::GivesUp, &["not-taken"]),
    ("download/malformed/", M::GivesUp, &["not-taken"]),
    ("upload/malformed/", M::TakesMalformed, &["url-not-issued"]),
    ("upload/malformed-report/", M::GivesUp, &["no-end"]),
    ("download/malformed-report/", M::GivesUp, &["no-end"]),
];

/// Additional misbehaviour that a scenario finds, with the exact findings.
const PLANTED_TOO: &[(&str, M, &[&str])] = &[
    ("upload/size/usual", M::DoubleContentMd5, &["invalid-content-md5"]),
    ("upload/size/usual", M::NoHost, &["host"]),
    ("upload/size/usual", M::DoubleHost, &["host"]),
    ("upload/size/usual", M::HostWithoutPort, &["host"]),
    ("upload/size/usual", M::ForeignHost, &["host"]),
    ("upload/size/usual", M::NeverAcknowledges, &["mqtt"]),
    ("download/size/usual", M::NeverAcknowledges, &["mqtt"]),
    ("upload/response/twice", M::LooksAgain, &["wrong-method"]),
    ("upload/content/lf", M::TrimsEnd, &["failed"]),
    ("download/content/lf", M::TrimsEnd, &["wrong-file"]),
    ("upload/size/usual", M::AnnouncesOther, &["body-md5"]),
    ("upload/name/two-extensions", M::ReportsOther, &["no-such-task"]),
    ("upload/store/503", M::ReportsOther, &["no-such-task"]),
    ("download/store/503", M::ReportsOther, &["no-such-task"]),
    ("upload/response/twice", M::SetsDupAtOnce, &["no-request"]),
    ("download/response/twice", M::SetsDupAtOnce, &["no-request"]),
    ("upload/size/usual", M::Retains, &["retained"]),
    ("download/size/usual", M::Retains, &["retained"]),
    ("upload/response/other-topics", M::SubscribesWide, &["wildcard-filter"]),
    ("download/response/other-topics", M::SubscribesWide, &["wildcard-filter"]),
    ("upload/size/usual", M::NamesByPath, &["unsafe-name"]),
    ("download/size/usual", M::NoHost, &["host"]),
    ("download/size/usual", M::DoubleHost, &["host"]),
    ("download/size/usual", M::ForeignHost, &["host"]),
];

/// Returns the scenarios without TLS; `device_tls` plays the others.
fn scenarios(profile: Profile) -> Vec<Scenario> {
    let mut all = test_device::scenarios(profile, &Fixtures::embedded().cases);
    all.retain(|scenario| !scenario.needs_tls());
    all
}

/// Returns short times, since everything runs on this machine.
pub(super) fn options(profile: Profile) -> Options {
    let mut options = Options::new(profile, ProductId::new("TEST").unwrap());
    options.timeout = Duration::from_millis(4_000);
    options.settle = Duration::from_millis(250);
    options.jobs = 8;
    options
}

/// Returns a device that waits for a shorter time than `options` permits, except for late answers.
pub(super) fn policy() -> Policy {
    let mut policy = Policy::DEFAULT;
    policy.answer = Duration::from_millis(600);
    policy.idle = Duration::from_millis(1_000);
    // With a shorter interval, an intermediate report would depend on chance.
    policy.report_interval = Duration::from_secs(60);
    policy
}

/// Returns a device whose time limit expires before a late answer.
fn impatient() -> Policy {
    let mut policy = policy();
    policy.answer = Duration::from_millis(300);
    policy
}

pub(super) fn play(
    options: &Options,
    scenarios: Vec<Scenario>,
    misbehaviour: Option<M>,
) -> Vec<Judged> {
    play_with(policy(), options, scenarios, misbehaviour)
}

fn play_with(
    policy: Policy,
    options: &Options,
    scenarios: Vec<Scenario>,
    misbehaviour: Option<M>,
) -> Vec<Judged> {
    let trigger = Trigger::reference(misbehaviour, policy);
    let interrupted = Arc::new(AtomicBool::new(false));
    let (judged, result) = clock::block_on(test_device::run_within(
        options,
        scenarios,
        &trigger,
        &interrupted,
        &mut |_| {},
    ));
    result.unwrap_or_else(|stopped| panic!("{misbehaviour:?}: {stopped}"));
    judged
}

pub(super) fn assert_passed(judged: &[Judged]) {
    for judged in judged {
        let id = &judged.scenario.id;
        assert_eq!(judged.outcome(), Outcome::Pass, "{id}\n{}", judged.detail());
    }
}

#[test]
fn the_reference_device_passes() {
    let all = scenarios(Profile::Deployed);
    let count = all.len();
    let judged = play(&options(Profile::Deployed), all, None);
    assert_eq!(judged.len(), count);
    assert_passed(&judged);
}

/// A device that sends exactly the messages of the vendor's documentation, and a platform that does
/// the same.
#[test]
fn the_documented_profile_has_its_scenarios() {
    let all = scenarios(Profile::Documented);
    assert!(all.iter().all(|scenario| !scenario.requirements.iter().any(|id| id == "MSG-9")));
    assert!(all.iter().any(|scenario| scenario.id == "upload/malformed/unknown-field"));
    assert_passed(&play(&options(Profile::Documented), all, None));
}

#[test]
fn every_scenario_says_what_it_is() {
    for profile in [Profile::Documented, Profile::Deployed] {
        let all = scenarios(profile);
        for pair in all.windows(2) {
            assert!(pair[0].id < pair[1].id, "{} is there twice", pair[0].id);
        }
        let known = Fixtures::embedded().requirements;
        for Scenario { id, requirements, title, reason, plan, .. } in &all {
            assert!(
                id.starts_with(plan.flow.as_str()) && !title.is_empty() && !reason.is_empty(),
                "{id}"
            );
            for rule in requirements {
                assert!(known.iter().any(|known| known.id == *rule), "{id}: {rule}");
            }
        }
        // The scenarios include one for each code with which a message of the platform can be
        // rejected.
        let codes: &[&str] = &[
            "payload-too-large",
            "not-utf8",
            "invalid-json",
            "not-an-object",
            "duplicate-key",
            "missing-type",
            "missing-field",
            "wrong-type",
            "unknown-type",
            "wrong-direction",
            "out-of-range",
            "invalid-name",
            "invalid-md5sum",
            "invalid-url",
        ];
        for code in codes {
            for flow in ["upload", "download"] {
                let wanted = format!("{flow}/malformed/{code}");
                assert!(all.iter().any(|scenario| scenario.id == wanted), "{wanted}");
            }
        }
    }
}

fn row(id: &str) -> &'static (&'static str, M, &'static [&'static str]) {
    PLANTED
        .iter()
        .find(|(pattern, ..)| match pattern.strip_prefix('*') {
            Some(end) => id.ends_with(end),
            None => id.starts_with(pattern),
        })
        .unwrap_or_else(|| panic!("{id}: no misbehaviour shows that it judges"))
}

/// Devices that prevent the situation of a scenario without a fault.
const NOT_REACHED: &[(&str, Option<M>, &str)] = &[
    ("download/store/range-ignored", Some(M::NeverResumes), "the whole resource in response"),
    ("download/store/other-part", Some(M::NeverResumes), "a different part in response"),
    ("download/store/other-total", Some(M::NeverResumes), "a different total size in response"),
    ("upload/report/late", Some(M::LeavesAfterEnd), "the planned answer to a report"),
    ("download/report/late", Some(M::LeavesAfterEnd), "the planned answer to a report"),
    ("upload/size/large", Some(M::SendsSlowly), "still transferring"),
    ("upload/response/late", None, "the planned answer"),
    ("download/response/late", None, "the planned answer"),
];

#[test]
fn a_scenario_whose_situation_did_not_take_place_is_not_reached() {
    for (id, misbehaviour, why) in NOT_REACHED {
        let mut one = scenarios(Profile::Deployed);
        one.retain(|scenario| scenario.id == *id);
        let judged = play_with(impatient(), &options(Profile::Deployed), one, *misbehaviour);
        let [judged] = &*judged else { panic!("{id}: {} results", judged.len()) };
        let detail = judged.detail();
        assert_eq!(judged.outcome(), Outcome::NotReached, "{id}: {detail}");
        assert!(judged.codes().is_empty() && detail.contains(why), "{id}: {detail}");
    }
}

/// A device that does almost nothing passes only the scenarios whose situation occurred.
#[test]
fn no_scenario_passes_that_did_not_take_place() {
    let may_pass = |misbehaviour, id: &str| match misbehaviour {
        // The request of these devices is not answered.
        M::LeavesAfterRequest => ["/response/lost", "/lost-once"].iter().any(|it| id.ends_with(it)),
        // Devices read these messages even without a transfer.
        _ => ["/response/", "/report/", "/malformed"].iter().any(|it| id.contains(it)),
    };
    let passed = |misbehaviour| {
        let mut some = scenarios(Profile::Deployed);
        some.retain(|scenario| !may_pass(misbehaviour, &scenario.id));
        let judged = play(&options(Profile::Deployed), some, Some(misbehaviour));
        let passed = judged.into_iter().filter(|judged| judged.outcome() == Outcome::Pass);
        passed.map(|judged| judged.scenario.id).collect::<Vec<_>>()
    };
    let wrong: Vec<String> = thread::scope(|scope| {
        let playing = [M::LeavesAfterRequest, M::FailsEverything]
            .map(|misbehaviour| scope.spawn(move || passed(misbehaviour)));
        playing.into_iter().flat_map(|one| one.join().unwrap()).collect()
    });
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// One fault gives one finding, against the violated rule. A deviation that violates no rule is at
/// most a warning.
const ONE_FINDING: &[(&str, M, Outcome, &str)] = &[
    ("upload/size/empty", M::DeclinesEmpty, Outcome::Warn, "no-request"),
    ("upload/response/late", M::IgnoresLateAnswers, Outcome::Warn, "not-taken"),
    ("download/response/late", M::IgnoresLateAnswers, Outcome::Warn, "not-taken"),
    ("upload/size/usual", M::MalformedRequests, Outcome::Fail, "invalid-json"),
    ("download/size/usual", M::MalformedRequests, Outcome::Fail, "invalid-json"),
    ("upload/size/usual", M::MalformedReports, Outcome::Fail, "invalid-json"),
    ("download/size/usual", M::MalformedReports, Outcome::Fail, "invalid-json"),
    ("upload/size/usual", M::NoQuery, Outcome::Fail, "altered-url"),
    ("download/size/usual", M::NoQuery, Outcome::Fail, "altered-url"),
    ("upload/size/usual", M::Chunked, Outcome::Fail, "missing-content-length"),
    ("upload/response/other-name", M::TakesAnyName, Outcome::Fail, "url-not-issued"),
    ("upload/response/other-size", M::TakesAnyEcho, Outcome::Fail, "url-not-issued"),
    ("download/store/other-bytes", M::KeepsWrongBytes, Outcome::Warn, "wrong-file"),
    ("download/digest/other", M::KeepsWrongBytes, Outcome::Warn, "wrong-file"),
    ("upload/store/503", M::NoContentMd5, Outcome::Fail, "missing-content-md5"),
];

#[test]
fn one_fault_makes_one_finding() {
    let mut wrong = Vec::new();
    for (id, misbehaviour, outcome, code) in ONE_FINDING {
        let mut one = scenarios(Profile::Deployed);
        one.retain(|scenario| scenario.id == *id);
        let judged = play(&options(Profile::Deployed), one, Some(*misbehaviour));
        let [judged] = &*judged else { panic!("{id}: {} results", judged.len()) };
        let detail = judged.detail();
        let level = if *outcome == Outcome::Warn { "should: " } else { "must: " };
        let findings: Vec<&str> = detail
            .lines()
            .filter(|line| line.starts_with("must: ") || line.starts_with("should: "))
            .collect();
        let is_it = |line: &&str| line.starts_with(&format!("{level}{code}"));
        if judged.outcome() != *outcome || findings.len() != 1 || !findings.iter().all(is_it) {
            wrong.push(format!("{id}, {misbehaviour:?}: {} {detail}", judged.outcome()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_scenario_finds_what_is_planted() {
    let mut groups: BTreeMap<&str, (M, Vec<Scenario>)> = BTreeMap::new();
    for scenario in scenarios(Profile::Deployed) {
        let (_, misbehaviour, _) = row(&scenario.id);
        let name = misbehaviour.as_str();
        let (_, group) = groups.entry(name).or_insert_with(|| (*misbehaviour, Vec::new()));
        group.push(scenario);
    }
    let options = options(Profile::Deployed);
    let groups = Mutex::new(groups);
    let play_groups = || {
        let mut found = Vec::new();
        loop {
            let next = groups.lock().unwrap().pop_first();
            let Some((_, (misbehaviour, group))) = next else { return found };
            let judged = play_with(impatient(), &options, group, Some(misbehaviour));
            found.extend(wrong(judged, misbehaviour));
        }
    };
    let wrong: Vec<_> = thread::scope(|scope| {
        let playing = [(); 4].map(|()| scope.spawn(play_groups));
        playing.into_iter().flat_map(|one| one.join().unwrap()).collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_scenario_finds_more_than_one_misbehaviour() {
    let all = scenarios(Profile::Deployed);
    for (id, misbehaviour, codes) in PLANTED_TOO {
        let scenario = all.iter().find(|scenario| scenario.id == *id).unwrap();
        let judged = play(&options(Profile::Deployed), vec![scenario.clone()], Some(*misbehaviour));
        assert_eq!(
            judged[0].codes(),
            *codes,
            "{id}, {}\n{}",
            misbehaviour.as_str(),
            judged[0].detail()
        );
    }
}

/// A device that is silent for longer than its keep-alive permits, while it waits for the store.
#[test]
fn a_device_must_keep_its_connection_alive() {
    let mut policy = policy();
    policy.idle = Duration::from_millis(2_500);
    let all = scenarios(Profile::Deployed);
    for id in ["upload/store/silent", "download/store/silent"] {
        let one = all.iter().filter(|scenario| scenario.id == id).cloned().collect();
        let judged = play_with(policy, &options(Profile::Deployed), one, Some(M::NeverPings));
        assert_eq!(judged[0].codes(), ["mqtt"], "{id}\n{}", judged[0].detail());
    }
}

/// Returns the scenarios that found something other than the misbehaviour.
fn wrong(judged: Vec<Judged>, misbehaviour: M) -> Vec<String> {
    let is_wrong = |judged: &Judged| judged.codes() != row(&judged.scenario.id).2;
    judged
        .iter()
        .filter(|judged| is_wrong(judged))
        .map(|judged| {
            let (id, name) = (&judged.scenario.id, misbehaviour.as_str());
            let seen = StoredCase::from(judged).events;
            let seen: Vec<_> = seen
                .iter()
                .map(|one| format!("  {:?} {} {:?}", one.from, one.label, one.codes))
                .collect();
            format!("{id}, {name}: {:?}\n{}\n{}", judged.codes(), judged.detail(), seen.join("\n"))
        })
        .collect()
}
