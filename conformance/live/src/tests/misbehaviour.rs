//! Tests that the platform and the object store report the faults of a misbehaving device.

use iothub_resource::{
    Transfer, UploadFault,
    session::{FindingKind, platform::PlatformEvent},
};

use super::{Event, HttpEvent, Misbehaviour, PlatformNote, Play, ResponseFaults, Seen};

fn run(misbehaviour: Misbehaviour, answers: Vec<ResponseFaults>) -> Seen {
    let play = Play { misbehaviour: Some(misbehaviour), ..Play::answering(answers) };
    play.run(Transfer::Upload)
}

#[test]
fn the_object_store_refuses_it() {
    for (misbehaviour, wanted) in [
        (Misbehaviour::NoContentMd5, UploadFault::MissingContentMd5),
        (Misbehaviour::Base64OfHex, UploadFault::InvalidContentMd5),
        (Misbehaviour::ShortBody, UploadFault::ContentLength),
        (Misbehaviour::WrongBytes, UploadFault::BodyMd5),
    ] {
        let seen = run(misbehaviour, vec![]);
        let faults = seen.events.iter().filter_map(|event| match event {
            Event::Http(_, HttpEvent::Response { fault, .. }) => *fault,
            _ => None,
        });
        assert_eq!(faults.collect::<Vec<_>>(), [wanted], "{misbehaviour:?}");
        assert!(!seen.outcomes[0].is_done());
    }
    let seen = run(Misbehaviour::NoQuery, vec![]);
    assert!(
        seen.events
            .iter()
            .any(|event| matches!(event, Event::Http(_, HttpEvent::Response { status: 403, .. })))
    );
}

#[test]
fn the_platform_sees_it() {
    let broken = |seen: &Seen, wanted| {
        seen.faults().iter().any(|note| {
            matches!(note, PlatformNote::Task(PlatformEvent::BrokenRule { kind, .. }) if *kind == wanted)
        })
    };
    let seen = run(Misbehaviour::ReportsEarly, vec![]);
    // The answer may have been faster than the report, which is then valid.
    assert!(seen.outcomes[0].is_done());
    assert!(broken(&run(Misbehaviour::ReportsOther, vec![]), FindingKind::NoSuchTask));
    assert!(broken(&run(Misbehaviour::EndsTwice, vec![]), FindingKind::AfterEnd));
    let seen = run(Misbehaviour::MalformedReports, vec![]);
    assert!(matches!(seen.faults()[0], PlatformNote::Malformed { code: "invalid-json", .. }));
    let seen = run(Misbehaviour::SaysDoneAnyway, vec![ResponseFaults::status(503)]);
    assert!(matches!(seen.faults()[..], [PlatformNote::NotThere(_)]));
    assert_eq!(run(Misbehaviour::NeverEnds, vec![]).ends(), []);
}

#[test]
fn it_sends_bytes_where_it_should_not() {
    let location = Some("http://127.0.0.1:1/elsewhere".to_owned());
    let redirect = ResponseFaults { location, ..ResponseFaults::status(302) };
    let seen = run(Misbehaviour::FollowsRedirects, vec![redirect.clone()]);
    // No server answers.
    assert_eq!(seen.requests().len(), 1);
    assert!(!format!("{:?}", seen.outcomes).contains("302"), "{:?}", seen.outcomes);
}
