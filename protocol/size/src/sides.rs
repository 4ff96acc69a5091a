//! Both sides of sessions, with events that the compiler cannot predict.

use core::hint::black_box;

use iothub_resource::{Direction, Message, Profile};

#[cfg(feature = "device")]
pub(crate) fn device(payload: &[u8]) {
    use core::time::Duration;

    use iothub_resource::session::device::{Download, Policy, Upload};

    let now = black_box(Duration::ZERO);
    let profile = black_box(Profile::Deployed);
    let Ok(message) = Message::decode(profile, Direction::Down, payload) else { return };
    if let Message::CreateUploadTaskRsp(task) = &message
        && let Ok(mut upload) = Upload::new(profile, Policy::DEFAULT, task.resource().into_owned())
    {
        while black_box(upload.poll(now)).is_some() {
            black_box(upload.handle_message(&message)).ok();
            black_box(upload.handle_http_sent(now, black_box(1))).ok();
            black_box(upload.handle_http_response(now, black_box(200))).ok();
            black_box(upload.handle_http_failure()).ok();
            upload.handle_timeout(now);
        }
        black_box((upload.poll_timeout(), upload.outcome()));
    }
    let mut download = Download::ask(profile, Policy::DEFAULT);
    while black_box(download.poll(now)).is_some() {
        black_box(download.handle_message(&message)).ok();
        black_box(download.handle_http_response(now, black_box(206), None)).ok();
        black_box(download.handle_http_body(now, payload)).ok();
        black_box(download.handle_http_end()).ok();
        black_box(download.handle_http_failure()).ok();
        download.handle_timeout(now);
    }
    black_box((download.poll_timeout(), download.outcome()));
}

#[cfg(feature = "platform")]
pub(crate) fn platform(payload: &[u8]) {
    use iothub_resource::session::{Limits, platform::Platform};

    let profile = black_box(Profile::Deployed);
    let mut platform = Platform::with_limits(profile, Limits::LONG);
    if let Ok(message) = Message::decode(profile, Direction::Up, payload) {
        black_box(platform.handle_message(black_box(false), &message)).ok();
    }
    if let Ok(Message::Download(task)) = Message::decode(profile, Direction::Down, payload) {
        let task = task.into_owned();
        black_box(platform.url_issued(&task.resource(), task.url.clone())).ok();
        black_box(platform.url_refused(&task.resource())).ok();
        black_box(platform.offer(task.clone())).ok();
        black_box(platform.push(task)).ok();
    }
    while black_box(platform.poll()).is_some() {}
    while black_box(platform.poll_event()).is_some() {}
}
