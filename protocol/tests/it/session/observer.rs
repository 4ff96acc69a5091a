//! The observer. How it judges, `props` holds against a reference.

use iothub_resource::{
    Message, Profile, Resource, ResourceTask, ResourceUrl, Transfer,
    session::{FindingKind, Observer, TraceAdviceKind},
};

use super::{URL, report, resource, running, success};

/// Minutes, if every answer had to look at every open create.
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
