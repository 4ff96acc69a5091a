//! Any events in any order, as a caller that knows nothing of the order would tell them.

use std::time::Duration;

use iothub_resource::{
    ContentRange, Direction, Message, Profile, Transfer,
    session::{
        Misplaced, Observer,
        device::{Download, DownloadAction, Upload, UploadAction},
    },
};
use proptest::{collection::vec, prelude::*};

use super::{URL, answer, content_range, policy, report, resource, running, task};

const BODY: &[u8] = b"0123456789";

#[derive(Clone, Debug)]
enum Event {
    Poll,
    /// So many milliseconds pass.
    Pass(u64),
    Message(usize),
    Sent(u64),
    Response(u16, Option<ContentRange>),
    Body(usize),
    End,
    Failure,
    LocalFailure,
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let status = prop_oneof![4 => Just(200), 2 => Just(206), 1 => 0..600_u16];
    let content_range = prop::option::of((0..11_u64).prop_map(|first| content_range(first, 9, 10)));
    let event = prop_oneof![
        12 => Just(Event::Poll),
        3 => prop_oneof![0..1_500_u64, 0..40_000_u64].prop_map(Event::Pass),
        8 => (0..messages().len()).prop_map(Event::Message),
        3 => prop_oneof![3 => 0..11_u64, 1 => Just(u64::MAX)].prop_map(Event::Sent),
        4 => (status, content_range).prop_map(|(status, range)| Event::Response(status, range.flatten())),
        4 => (0..12_usize).prop_map(Event::Body),
        3 => Just(Event::End),
        2 => Just(Event::Failure),
        1 => Just(Event::LocalFailure),
    ];
    vec(event, 0..60)
}

fn messages() -> [Message<'static>; 14] {
    [
        Message::CreateUploadTaskRsp(task("zxc", BODY, URL)),
        Message::CreateUploadTaskRsp(task("zxc", b"other", URL)),
        Message::CreateUploadTaskRsp(task("other", BODY, URL)),
        Message::GetDownloadTaskRsp(task("zxc", BODY, URL)),
        Message::GetDownloadTaskRsp(task("zxc", b"other", URL)),
        Message::GetDownloadTaskRsp(task("other", BODY, URL)),
        Message::Download(task("zxc", BODY, URL)),
        Message::Download(task("zxc", b"other", URL)),
        Message::GetDownloadTaskRsp(task("zxc", BODY, "https://store/2")),
        Message::Download(task("zxc", BODY, "https://store/2")),
        answer(Transfer::Upload, 0),
        answer(Transfer::Upload, -2),
        answer(Transfer::Download, 0),
        report(Transfer::Download, "zxc", running(0), 0),
    ]
}

/// Tells a task the events. What it refuses has changed nothing, what it publishes breaks no
/// rule, and when it has ended it wants nothing more.
macro_rules! tell {
    ($task:ident, $profile:ident, $events:ident, $publish:path, $http:expr) => {{
        let mut now = Duration::ZERO;
        let mut observer = Observer::new($profile);
        for event in $events {
            let before = $task.clone();
            let taken: Result<(), Misplaced> = match &event {
                Event::Poll => {
                    if let Some($publish(message)) = $task.poll(now) {
                        prop_assert_eq!(observer.observe(0, false, &message), Ok(None));
                        prop_assert!(message.encode($profile).is_ok());
                    }
                    Ok(())
                }
                Event::Pass(time) => {
                    now += Duration::from_millis(*time);
                    $task.handle_timeout(now);
                    Ok(())
                }
                Event::Message(index) => {
                    let message = &messages()[*index];
                    if message.message_type().direction() == Direction::Down
                        && message.check($profile).is_ok()
                    {
                        let _ = observer.observe(0, false, message);
                    }
                    $task.handle_message(message).map(drop)
                }
                Event::Failure => $task.handle_http_failure(),
                Event::LocalFailure => $task.handle_local_failure(),
                other => $http(&mut $task, now, other),
            };
            if taken.is_err() {
                prop_assert_eq!(&$task, &before, "{:?}", event);
            }
            if let Some(outcome) = before.outcome() {
                prop_assert_eq!($task.outcome(), Some(outcome));
                prop_assert_eq!($task.poll(now), None);
                prop_assert_eq!($task.poll_timeout(), None);
            }
        }
    }};
}

proptest! {
    #[test]
    fn an_upload_stands_any_order(deployed: bool, events in events()) {
        let profile = Profile::ALL[usize::from(deployed)];
        let mut upload = Upload::new(profile, policy(), resource("zxc", BODY)).unwrap();
        let http = |upload: &mut Upload, now, event: &Event| match event {
            Event::Sent(count) => upload.handle_http_sent(now, *count),
            Event::Response(status, _) => upload.handle_http_response(now, *status),
            _ => Ok(()),
        };
        tell!(upload, profile, events, UploadAction::Publish, http);
    }

    #[test]
    fn a_download_stands_any_order(deployed: bool, waits: bool, events in events()) {
        let profile = Profile::ALL[usize::from(deployed)];
        let mut download = match profile {
            Profile::Deployed if waits => Download::wait(policy(), None),
            _ => Download::ask(profile, policy()),
        };
        let http = |download: &mut Download, now, event: &Event| match event {
            Event::Response(status, content_range) => {
                download.handle_http_response(now, *status, *content_range)
            }
            Event::Body(count) => {
                let body = BODY.iter().chain(b"+").cycle().take(*count);
                let body: Vec<u8> = body.copied().collect();
                download.handle_http_body(now, &body).map(drop)
            }
            Event::End => download.handle_http_end(),
            _ => Ok(()),
        };
        tell!(download, profile, events, DownloadAction::Publish, http);
    }
}
