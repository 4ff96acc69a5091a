//! Deliveries during a download and after it.

use iothub_resource::{
    ByteRange, Message, Profile, State,
    session::{
        Misplaced,
        device::{Body, Download, DownloadAction, Handled},
    },
};

use super::{
    BODY, URL, at, delivered, finished, get, policy, pushed, queried, receiving, refuses,
    refuses_message, replaced, reported, requested, running, task, with_task,
};

#[test]
fn the_same_delivery_again_changes_nothing() {
    let with_other_url = Message::GetDownloadTaskRsp(task("AAAA", BODY, "https://other/"));
    assert_eq!(
        finished(Profile::Deployed).handle_message(&pushed()),
        Ok(Handled::Repeated),
        "the same task, however delivered"
    );
    for profile in Profile::ALL {
        for download in
            [with_task(profile), requested(profile), receiving(profile, b"01"), finished(profile)]
        {
            let mut after = download.clone();
            assert_eq!(after.handle_message(&delivered()), Ok(Handled::Repeated));
            assert_eq!(after, download);
            refuses_message(&download, &with_other_url, Misplaced::Unsolicited);
        }
    }
}

#[test]
fn another_task_is_new_only_if_it_answers_something() {
    let other = Message::GetDownloadTaskRsp(task("BBBB", BODY, URL));
    let mut download = requested(Profile::Documented);
    assert_eq!(download.handle_message(&other), Ok(Handled::NotMine));
    let same_name = Message::GetDownloadTaskRsp(task("AAAA", b"new", URL));
    refuses_message(&download, &same_name, Misplaced::Unsolicited);

    // After two queries, one answer is still open.
    let mut download_twice = queried(Profile::Documented);
    download_twice.handle_timeout(at(10));
    download_twice.poll(at(10));
    download_twice.handle_message(&delivered()).unwrap();
    assert_eq!(download_twice.handle_message(&other), Ok(Handled::NewTask));
    assert_eq!(download_twice.handle_message(&other), Ok(Handled::NotMine));

    let mut download = requested(Profile::Deployed);
    let pushed = Message::Download(task("BBBB", BODY, URL));
    let before = download.clone();
    assert_eq!(download.handle_message(&pushed), Ok(Handled::NewTask));
    assert_eq!(download, before);
    let mut download = finished(Profile::Deployed);
    assert_eq!(download.handle_message(&pushed), Ok(Handled::NewTask));
    assert_eq!(download.handle_message(&replaced()), Ok(Handled::NewTask));
}

#[test]
fn another_resource_of_the_same_name_begins_anew() {
    for (mut download, closes) in [
        (with_task(Profile::Deployed), false),
        (requested(Profile::Deployed), true),
        (receiving(Profile::Deployed, b"0123"), true),
    ] {
        assert_eq!(download.handle_message(&replaced()), Ok(Handled::Taken));
        if closes {
            refuses(
                &download,
                |it| it.handle_http_body(at(1), b"4").map(drop),
                Misplaced::NoExchange,
            );
            assert_eq!(download.poll(at(1)), Some(DownloadAction::Close));
        }
        assert_eq!(download.poll(at(1)), reported(running(0), 0));
        let request = get(download.poll(at(1)));
        assert_eq!((request.url.as_str(), request.range), ("https://store/new", None));
        download.handle_http_response(at(1), 200, None).unwrap();
        assert_eq!(download.handle_http_body(at(1), b"new"), Ok(Body::At(0)));
        download.handle_http_end().unwrap();
        assert_eq!(download.poll(at(1)), reported(State::Done(None), 0));
    }
}

#[test]
fn a_new_url_of_the_same_resource_is_used_for_the_next_get() {
    let renewed = Message::Download(task("AAAA", BODY, "https://store/renewed"));
    let mut download = receiving(Profile::Deployed, b"0123");
    assert_eq!(download.handle_message(&renewed), Ok(Handled::Taken));
    assert_eq!(download.task(), Some(&task("AAAA", BODY, "https://store/renewed")));
    assert_eq!(download.poll(at(0)), None, "the exchange goes on");
    assert_eq!(download.handle_http_body(at(0), b"45"), Ok(Body::At(4)));
    download.handle_http_failure().unwrap();
    let request = get(download.poll(at(0)));
    assert_eq!(request.url.as_str(), "https://store/renewed");
    assert_eq!(request.range, ByteRange::new(6, 9).ok());

    // This is the answer to the second of two queries.
    let mut download = queried(Profile::Documented);
    download.handle_timeout(at(10));
    download.poll(at(10));
    download.handle_message(&delivered()).unwrap();
    let renewed = Message::GetDownloadTaskRsp(task("AAAA", BODY, "https://store/renewed"));
    assert_eq!(download.handle_message(&renewed), Ok(Handled::Taken));
    assert_eq!(download.poll(at(10)), reported(running(0), 0));
    assert_eq!(get(download.poll(at(10))).url.as_str(), "https://store/renewed");
}

#[test]
fn a_failed_download_is_begun_again_with_a_new_url() {
    let renewed = task("AAAA", BODY, "https://store/renewed");
    let mut download = requested(Profile::Deployed);
    download.handle_http_response(at(0), 403, None).unwrap();
    for _ in 0..3 {
        assert_eq!(download.handle_message(&pushed()), Ok(Handled::Repeated));
        let before = download.clone();
        let again = Message::Download(renewed.clone());
        assert_eq!(download.handle_message(&again), Ok(Handled::NewTask));
        assert_eq!(download, before);
        download.poll(at(0));
    }
    let mut download = Download::of(Profile::Deployed, policy(), renewed).unwrap();
    assert_eq!(download.poll(at(0)), reported(running(0), 0));
    assert_eq!(get(download.poll(at(0))).url.as_str(), "https://store/renewed");
}
