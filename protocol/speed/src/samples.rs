//! The payloads to measure: one for every type of message, and some in the form in which device
//! SDKs write them.

use iothub_resource::{Direction, Message, Profile};

const MD5: &str = "5d41402abc4b2a76b9719d911017c592";

/// A payload with its direction and its name in the output.
pub(crate) struct Sample {
    pub(crate) name: &'static str,
    pub(crate) direction: Direction,
    pub(crate) payload: String,
}

impl Sample {
    pub(crate) fn message(&self) -> Message<'_> {
        Message::decode(Profile::Deployed, self.direction, self.payload.as_bytes())
            .expect("the samples are valid")
    }
}

/// Returns one message of each type in the order of `MessageType::ALL`, with a URL as long as those
/// of the service. Messages from the C SDK and the Python SDK follow.
pub(crate) fn all() -> Vec<Sample> {
    use Direction::{Down, Up};
    let url = format!("https://store.example/upload/zxc?{}", "q-sign-algorithm=sha1&".repeat(16));
    let resource = format!(r#""size":12000,"name":"uploadtest","md5sum":"{MD5}""#);
    let task = format!(r#"{resource},"url":"{url}""#);
    let progress = |state: &str| {
        format!(
            r#""name":"uploadtest","progress":{{"state":"{state}","percent":42,"result_code":0,"result_msg":""}}"#
        )
    };
    let ok = r#""result_code":0,"result_msg":"ok""#;
    let mut samples = Vec::new();
    let mut add = |name, direction, payload| samples.push(Sample { name, direction, payload });
    let message = |kind: &str, rest: &str| format!(r#"{{"type":"{kind}",{rest}}}"#);
    add("create_upload_task", Up, message("create_upload_task", &resource));
    add("create_upload_task_rsp", Down, message("create_upload_task_rsp", &task));
    add("report_upload_progress", Up, message("report_upload_progress", &progress("uploading")));
    add("report_upload_progress_rsp", Down, message("report_upload_progress_rsp", ok));
    add("get_download_task", Up, r#"{"type":"get_download_task"}"#.to_owned());
    add("get_download_task_rsp", Down, message("get_download_task_rsp", &task));
    add(
        "report_download_progress",
        Up,
        message("report_download_progress", &progress("downloading")),
    );
    add("report_download_progress_rsp", Down, message("report_download_progress_rsp", ok));
    add("download", Down, message("download", &task));

    add(
        "C SDK: create",
        Up,
        format!(
            r#"{{"type": "create_upload_task","size": 12000,"name": "uploadtest","md5sum": "{MD5}"}}"#
        ),
    );
    add(
        "C SDK: progress",
        Up,
        r#"{"type": "report_upload_progress","name": "uploadtest","progress": {"percent": 100,"state": "uploading","result_code": 0,"result_msg": ""}}"#.to_owned(),
    );
    add(
        "C SDK: done",
        Up,
        r#"{"type": "report_upload_progress","name": "uploadtest","progress": {"state": "done","result_code": 0,"result_msg": ""}}"#.to_owned(),
    );
    add(
        "Python SDK: create",
        Up,
        format!(
            r#"{{"type": "create_upload_task", "size": 12000, "name": "uploadtest", "md5sum": "{MD5}"}}"#
        ),
    );
    add(
        "Python SDK: done",
        Up,
        r#"{"type": "report_upload_progress", "name": "uploadtest", "progress": {"state": "done", "percent": 100, "result_code": 0, "result_msg": ""}}"#.to_owned(),
    );
    samples
}
