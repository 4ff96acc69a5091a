//! Repeated messages change nothing and may be answered again (SES-11).

use iothub_resource::{
    Message, Profile, Transfer,
    session::{FindingKind, Observer, TraceAdviceKind},
};

use super::{URL, answer, report, resource, running, task};

/// Checks the verdict of an observer on the last message, after messages without a finding. Each
/// message comes with its DUP flag.
#[track_caller]
fn judged(
    profile: Profile,
    messages: &[(bool, Message<'static>)],
    last: Result<Option<TraceAdviceKind>, FindingKind>,
) {
    let mut observer = Observer::new(profile);
    for (at, (dup, message)) in messages.iter().enumerate() {
        let judged = observer.observe(at, *dup, message);
        let judged = judged.map(|advice| advice.map(|it| it.kind)).map_err(|it| it.kind);
        let is_last = at + 1 == messages.len();
        assert!(is_last || judged.is_ok(), "{at}: {judged:?}");
        assert!(!is_last || judged == last, "{at}: {judged:?}");
    }
}

/// A request, its answer, and a different response that could answer the request.
type Asked = (Vec<Message<'static>>, Message<'static>, Message<'static>);

fn requests() -> [Asked; 4] {
    let create = Message::CreateUploadTask(resource("a", b"a"));
    let issued = |body: &[u8]| Message::CreateUploadTaskRsp(task("a", body, URL));
    let delivered = |name: &str| Message::GetDownloadTaskRsp(task(name, b"", URL));
    let uploading = report(Transfer::Upload, "a", running(0), 0);
    let downloading = report(Transfer::Download, "d", running(0), 0);
    let with_task = |report| {
        vec![create.clone(), issued(b"a"), Message::GetDownloadTask, delivered("d"), report]
    };
    [
        (vec![create.clone()], issued(b"a"), issued(b"b")),
        (vec![Message::GetDownloadTask], delivered("a"), delivered("b")),
        (with_task(uploading), answer(Transfer::Upload, 0), answer(Transfer::Upload, -2)),
        (with_task(downloading), answer(Transfer::Download, 0), answer(Transfer::Download, -2)),
    ]
}

#[test]
fn each_copy_with_dup_may_be_answered_once_more() {
    const FINE: Result<Option<TraceAdviceKind>, FindingKind> = Ok(None);
    for profile in Profile::ALL {
        for (before, answer, other) in requests() {
            let request = before[before.len() - 1].clone();
            let first: Vec<_> = before.into_iter().map(|message| (false, message)).collect();
            let with = |more: &[(bool, &Message<'static>)]| {
                let more = more.iter().map(|(dup, message)| (*dup, (*message).clone()));
                first.iter().cloned().chain(more).collect::<Vec<_>>()
            };
            // The repetition comes before the first answer, after it, or not at all.
            judged(profile, &with(&[(true, &request), (false, &answer), (false, &answer)]), FINE);
            judged(profile, &with(&[(false, &answer), (true, &request), (false, &answer)]), FINE);
            judged(profile, &with(&[(true, &request), (true, &request), (false, &answer)]), FINE);
            // Each copy may be answered once.
            let is_task = !matches!(
                answer,
                Message::ReportUploadProgressRsp(_) | Message::ReportDownloadProgressRsp(_)
            );
            let third = [(true, &request), (false, &answer), (false, &answer), (false, &answer)];
            let expected = if is_task {
                Ok(Some(TraceAdviceKind::Repeated))
            } else {
                Err(FindingKind::UnsolicitedResponse)
            };
            judged(profile, &with(&third), expected);
            // A second answer to a create must have the values of the create.
            let is_create = matches!(request, Message::CreateUploadTask(_));
            let second = with(&[(false, &answer), (true, &request), (false, &other)]);
            let expected = if is_create { Err(FindingKind::UnsolicitedResponse) } else { FINE };
            judged(profile, &second, expected);
        }
    }
}

#[test]
fn a_second_answer_is_not_owed() {
    for (before, answer, _) in requests() {
        let mut observer = Observer::new(Profile::Deployed);
        for (at, message) in before.iter().enumerate() {
            assert_eq!(observer.observe(at, false, message), Ok(None));
        }
        let request = &before[before.len() - 1];
        assert_eq!(observer.observe(9, true, request), Ok(None));
        assert_eq!(observer.observe(10, false, &answer), Ok(None));
        assert_eq!(observer.unanswered(), [], "{request:?}");
    }
}

/// A second answer must have the values of its create, even while a newer create is unanswered.
/// Such an answer takes precedence over `echo-mismatch`.
#[test]
fn a_second_answer_has_the_values_of_its_create() {
    let create = |body: &[u8]| Message::CreateUploadTask(resource("a", body));
    let issued = |body: &[u8]| Message::CreateUploadTaskRsp(task("a", body, URL));
    let begin = [(false, create(b"1")), (false, issued(b"1")), (true, create(b"1"))];
    let with = |more: &[(bool, Message<'static>)]| begin.iter().chain(more).cloned().collect();
    let messages: Vec<_> = with(&[(false, create(b"2")), (false, issued(b"1"))]);
    judged(Profile::Documented, &messages, Ok(None));
    // The second answer does not issue the URL of the newer create.
    let progress = report(Transfer::Upload, "a", running(0), 0);
    let messages: Vec<_> = with(&[(false, create(b"2")), (false, issued(b"1")), (false, progress)]);
    judged(Profile::Documented, &messages, Err(FindingKind::ProgressBeforeUrl));
    let messages: Vec<_> = with(&[(false, create(b"2")), (false, issued(b"3"))]);
    judged(Profile::Documented, &messages, Err(FindingKind::EchoMismatch));
}

#[test]
fn a_final_report_without_dup_may_be_answered_once_more() {
    for (transfer, begin) in [
        (Transfer::Upload, Message::CreateUploadTaskRsp(task("a", b"", URL))),
        (Transfer::Download, Message::GetDownloadTaskRsp(task("a", b"", URL))),
    ] {
        let asked = match transfer {
            Transfer::Upload => Message::CreateUploadTask(resource("a", b"")),
            Transfer::Download => Message::GetDownloadTask,
        };
        let end = report(transfer, "a", running(100), 0);
        let mut observer = Observer::new(Profile::Documented);
        let ok = answer(transfer, 0);
        for (at, message) in [&asked, &begin, &end, &ok].into_iter().enumerate() {
            assert_eq!(observer.observe(at, false, message), Ok(None));
        }
        let advice = observer.observe(4, false, &end).unwrap().unwrap();
        assert_eq!((advice.at, advice.kind), (4, TraceAdviceKind::Repeated));
        assert_eq!(observer.unanswered(), []);
        assert_eq!(observer.observe(5, false, &ok), Ok(None));
        assert_eq!(observer.observe(6, true, &end), Ok(None), "with DUP, no advice");
        assert_eq!(observer.observe(7, false, &ok), Ok(None));
        let finding = observer.observe(8, false, &ok).unwrap_err();
        assert_eq!(finding.kind, FindingKind::UnsolicitedResponse);
    }
}

#[test]
fn a_response_with_dup_changes_nothing() {
    let create = Message::CreateUploadTask(resource("a", b""));
    let issued = |url: &str| Message::CreateUploadTaskRsp(task("a", b"", url));
    let (first, other) = (issued(URL), issued("https://store/other"));
    let mut observer = Observer::new(Profile::Documented);
    for (dup, message, expected) in [
        (false, &create, Ok(None)),
        (false, &first, Ok(None)),
        (true, &first, Ok(None)),
        (false, &create, Ok(None)),
        // With DUP, the response does not even answer an unanswered create.
        (true, &first, Ok(None)),
        (false, &other, Ok(None)),
        // With DUP, the response does not become the last response either.
        (true, &first, Ok(None)),
        (false, &other, Ok(Some(TraceAdviceKind::Repeated))),
        (false, &first, Err(FindingKind::UnsolicitedResponse)),
    ] {
        let judged = observer.observe(0, dup, message);
        let judged = judged.map(|advice| advice.map(|it| it.kind)).map_err(|it| it.kind);
        assert_eq!(judged, expected, "{message:?}");
    }
}
