//! The memory and the limits of the observer. A target in `fuzz/oracles` compares the verdicts of
//! the observer with those of a model.

use iothub_resource::{
    Message, MessageType, Profile, Resource, ResourceTask, ResourceUrl, Transfer,
    session::{FindingKind, Limits, Observer, TraceAdviceKind},
};

use super::{URL, report, resource, running, success};

/// This test would take minutes if every answer had to search all open creates.
#[test]
fn many_creates_may_be_open() {
    let url = ResourceUrl::new(URL).unwrap();
    let mut observer = Observer::new(Profile::Documented);
    let resources: Vec<_> = (0..50_000_u32)
        .map(|size| Resource { size: size.into(), ..resource("zxc", b"") })
        .collect();
    for (at, resource) in resources.iter().enumerate() {
        let create = Message::CreateUploadTask(resource.clone());
        assert_eq!(observer.observe(at, false, &create), Ok(None));
    }
    assert_eq!(observer.unanswered().len(), resources.len());
    let progress = report(Transfer::Upload, "zxc", running(0), 0);
    for (at, resource) in resources.iter().enumerate() {
        let task = ResourceTask::new(resource.clone(), url.clone());
        let issued = Message::CreateUploadTaskRsp(task);
        assert_eq!(observer.observe(at, false, &issued), Ok(None));
    }
    assert_eq!(observer.unanswered(), []);
    assert_eq!(observer.observe(0, false, &progress), Ok(None));
}

#[test]
fn a_task_that_ended_has_ended_in_both_profiles() {
    for profile in Profile::ALL {
        let mut observer = Observer::new(profile);
        for message in [
            Message::GetDownloadTask,
            Message::GetDownloadTaskRsp(super::task("AAAA", b"", URL)),
            report(Transfer::Download, "AAAA", success(profile), 0),
        ] {
            assert_eq!(observer.observe(0, false, &message), Ok(None));
        }
        let end = report(Transfer::Download, "AAAA", success(profile), 0);
        let advice = observer.observe(3, false, &end).unwrap().unwrap();
        assert_eq!((advice.at, advice.kind), (3, TraceAdviceKind::Repeated));
        assert_eq!(advice.to_string(), TraceAdviceKind::Repeated.to_string());
        assert_eq!(observer.observe(4, true, &end), Ok(None), "a repetition of MQTT's");
        let late = report(Transfer::Download, "AAAA", running(99), 0);
        let finding = observer.observe(5, false, &late).unwrap_err();
        assert_eq!((finding.at, finding.kind), (5, FindingKind::AfterEnd));
        assert_eq!(finding.to_string(), FindingKind::AfterEnd.to_string());
    }
}

/// Observes whole uploads, one after the other, each with its own name.
fn uploads(observer: &mut Observer, count: usize) {
    for number in 0..count {
        let name = format!("upload {number}");
        for message in [
            Message::CreateUploadTask(resource(&name, b"")),
            Message::CreateUploadTaskRsp(super::task(&name, b"", URL)),
            report(Transfer::Upload, &name, success(Profile::Deployed), 0),
        ] {
            assert_eq!(observer.observe(0, false, &message), Ok(None));
        }
        // Only the reports are unanswered.
    }
}

#[test]
fn limits_bound_what_is_remembered() {
    let mut limits = Limits::LONG;
    (limits.messages, limits.tasks, limits.unanswered) = (300, 100, 50);
    let mut observer = Observer::with_limits(Profile::Deployed, limits);
    let empty = observer.memory();
    uploads(&mut observer, 49);
    assert!(!observer.has_forgotten());
    uploads(&mut observer, 1_000);
    assert!(observer.has_forgotten());
    assert!(observer.memory() < empty + 300 * 100 + 100 * 300 + 50 * 16, "{}", observer.memory());
    assert_eq!(observer.unanswered().len(), 50);

    // With a limit of 100 tasks, the observer remembers upload 950 of 1,000, but not upload 850.
    let again =
        |number: usize| report(Transfer::Upload, &format!("upload {number}"), running(9), 0);
    let mut kind = |number| observer.observe(0, false, &again(number)).unwrap_err().kind;
    assert_eq!(kind(950), FindingKind::AfterEnd);
    assert_eq!(kind(850), FindingKind::NoSuchTask);

    // Of 60 unanswered creates, the observer remembers the newest 50.
    let mut observer = Observer::with_limits(Profile::Deployed, limits);
    for size in 0..60_u32 {
        let create =
            Message::CreateUploadTask(Resource { size: size.into(), ..resource("z", b"") });
        assert_eq!(observer.observe(size as usize, false, &create), Ok(None));
    }
    let left: Vec<usize> = observer.unanswered().iter().map(|advice| advice.at).collect();
    assert_eq!(left, (10..60).collect::<Vec<_>>());
    let unlimited = Observer::with_limits(Profile::Deployed, Limits::default());
    assert_eq!(unlimited, Observer::new(Profile::Deployed));
}

/// Uses the sizes that `Limits` documents for each item.
#[test]
fn memory_is_told_by_what_is_remembered() {
    const MESSAGE: usize = 40;
    const TASK: usize = 200;
    const CREATE: usize = 280;
    const REPORT: usize = 16;
    let mut observer = Observer::new(Profile::Deployed);
    let empty = observer.memory();
    assert!(empty >= size_of::<Observer>());
    let mut expected = empty;
    for (message, more) in [
        (Message::CreateUploadTask(resource("a", b"")), MESSAGE + TASK + CREATE),
        // The observer need not remember answered requests.
        (Message::CreateUploadTaskRsp(super::task("a", b"", URL)), MESSAGE.wrapping_sub(CREATE)),
        (Message::CreateUploadTask(resource("b", b"")), MESSAGE + TASK + CREATE),
        (Message::Download(super::task("a", b"", URL)), MESSAGE + TASK),
        (report(Transfer::Upload, "a", running(1), 0), MESSAGE + REPORT),
        (report(Transfer::Download, "a", running(1), 0), MESSAGE + REPORT),
        (report(Transfer::Download, "a", running(2), 0), MESSAGE + REPORT),
        // The observer does not remember the same message twice, but the message is owed a second
        // answer.
        (report(Transfer::Download, "a", running(2), 0), REPORT),
    ] {
        assert_eq!(observer.observe(0, false, &message), Ok(None));
        expected = expected.wrapping_add(more);
        assert_eq!(observer.memory(), expected, "{message:?}");
    }
    let Limits { messages, tasks, unanswered, .. } = Limits::LONG;
    assert_eq!((messages, tasks, unanswered), (65_536, 16_384, 4_096));
    let full = messages * MESSAGE + 2 * tasks * TASK + unanswered * (2 * CREATE + 2 * REPORT);
    assert!(full < 12 << 20, "about 12 MiB, {full}");
}

#[test]
fn a_finding_cites_the_rule_that_its_message_breaks() {
    use MessageType as Type;
    for (kind, message_type, requirement) in [
        (FindingKind::UnsolicitedResponse, Type::CreateUploadTaskRsp, "SES-1"),
        (FindingKind::UnsolicitedResponse, Type::GetDownloadTaskRsp, "SES-4"),
        (FindingKind::UnsolicitedResponse, Type::ReportUploadProgressRsp, "SES-6"),
        (FindingKind::UnsolicitedResponse, Type::ReportDownloadProgressRsp, "SES-6"),
        (FindingKind::EchoMismatch, Type::CreateUploadTaskRsp, "SES-2"),
        (FindingKind::ProgressBeforeUrl, Type::ReportUploadProgress, "SES-3"),
        (FindingKind::NoSuchTask, Type::ReportUploadProgress, "SES-3"),
        (FindingKind::NoSuchTask, Type::ReportDownloadProgress, "SES-5"),
        (FindingKind::AfterEnd, Type::ReportUploadProgress, "SES-7"),
        (FindingKind::AfterEnd, Type::ReportDownloadProgress, "SES-7"),
    ] {
        assert_eq!(kind.requirement(message_type), requirement);
    }
}
