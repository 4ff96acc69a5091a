//! A valid payload of every type of message. Tests change one place in these payloads.

use iothub_resource::{Direction, Message, Profile};

pub(crate) const CREATE: &str = r#"{"type":"create_upload_task","size":5,"name":"zxc","md5sum":"5d41402abc4b2a76b9719d911017c592"}"#;
pub(crate) const CREATE_RSP: &str = r#"{"type":"create_upload_task_rsp","size":5,"name":"zxc","md5sum":"5d41402abc4b2a76b9719d911017c592","url":"https://store/zxc?sign=a"}"#;
pub(crate) const UPLOADING: &str = r#"{"type":"report_upload_progress","name":"zxc","progress":{"state":"uploading","percent":89,"result_code":0,"result_msg":""}}"#;
pub(crate) const UPLOADING_RSP: &str =
    r#"{"type":"report_upload_progress_rsp","result_code":0,"result_msg":"ok"}"#;
pub(crate) const GET: &str = r#"{"type":"get_download_task"}"#;
pub(crate) const GET_RSP: &str = r#"{"type":"get_download_task_rsp","size":5,"name":"zxc","md5sum":"5d41402abc4b2a76b9719d911017c592","url":"https://store/zxc?sign=a"}"#;
pub(crate) const DOWNLOADING: &str = r#"{"type":"report_download_progress","name":"zxc","progress":{"state":"downloading","percent":89,"result_code":0,"result_msg":""}}"#;
pub(crate) const DOWNLOADING_RSP: &str =
    r#"{"type":"report_download_progress_rsp","result_code":0,"result_msg":"ok"}"#;
pub(crate) const DOWNLOAD: &str = r#"{"type":"download","size":5,"name":"zxc","md5sum":"5d41402abc4b2a76b9719d911017c592","url":"https://store/zxc?sign=a"}"#;

/// The payloads in the order of `MessageType::ALL`.
pub(crate) const ALL: [&str; 9] = [
    CREATE,
    CREATE_RSP,
    UPLOADING,
    UPLOADING_RSP,
    GET,
    GET_RSP,
    DOWNLOADING,
    DOWNLOADING_RSP,
    DOWNLOAD,
];

/// Returns the payload with `place` replaced. The payload must contain `place` exactly once.
#[track_caller]
pub(crate) fn edited(payload: &str, place: &str, replacement: &str) -> String {
    assert_eq!(payload.matches(place).count(), 1, "{place} in {payload}");
    payload.replacen(place, replacement, 1)
}

/// Returns the message in a valid payload of the deployed profile.
#[track_caller]
pub(crate) fn read(payload: &str) -> Message<'_> {
    Message::from_json(Profile::Deployed, payload).unwrap()
}

/// Returns the direction of a valid payload.
#[track_caller]
pub(crate) fn direction(payload: &str) -> Direction {
    read(payload).message_type().direction()
}
