//! Writes the sentences of findings, which name the fault and the expected behaviour.

use iothub_conformance_suite::redact;
use iothub_resource::{
    Code, DecodeError, Direction, Message, MessageType, Profile,
    session::{FindingKind, TraceAdviceKind},
};

/// Returns the sentence for a payload that cannot be decoded.
pub(super) fn undecodable(profile: Profile, direction: Direction, error: &DecodeError) -> String {
    let place = if error.code() == Code::PayloadTooLarge { "" } else { " of the payload" };
    let expected = match error.code() {
        Code::NotUtf8 | Code::InvalidJson => ": expected one JSON object in UTF-8".to_owned(),
        Code::DuplicateKey => ": expected every key once".to_owned(),
        Code::MissingType | Code::UnknownType => {
            let types: Vec<_> = MessageType::ALL
                .iter()
                .filter(|one| one.direction() == direction && one.is_in(profile))
                .map(|message_type| format!("`{message_type}`"))
                .collect();
            format!(": expected one of {}", types.join(", "))
        }
        Code::MissingField => ": expected every documented key".to_owned(),
        // The other errors contain the right form.
        _ => String::new(),
    };
    format!("{error}{place}{expected}")
}

/// Returns the sentence for a valid message that is followed by zero bytes, such as the terminator
/// of a C string. Returns `None` for any other payload.
pub(super) fn zeros(profile: Profile, direction: Direction, payload: &[u8]) -> Option<String> {
    let length = payload.iter().rposition(|byte| *byte != 0)? + 1;
    let zeros = payload.len() - length;
    if zeros == 0 || Message::decode(profile, direction, &payload[..length]).is_err() {
        return None;
    }
    let what = if zeros == 1 {
        "a zero byte follows".to_owned()
    } else {
        format!("{zeros} zero bytes follow")
    };
    Some(format!(
        "{what} the message, as at the end of a C string: expected as many bytes as `strlen` \
         counts"
    ))
}

/// Returns the sentence for a message at the wrong moment.
pub(super) fn misplaced(kind: FindingKind, message: &Message<'_>) -> String {
    let name = message.name().map(|name| redact::quoted(name.as_str())).unwrap_or_default();
    let expected = match (kind, message.message_type()) {
        (FindingKind::UnsolicitedResponse, MessageType::CreateUploadTaskRsp) => {
            format!("an unanswered `create_upload_task` with the name {name} before this response")
        }
        (FindingKind::UnsolicitedResponse, MessageType::GetDownloadTaskRsp) => {
            "an unanswered `get_download_task` before this response".to_owned()
        }
        (FindingKind::UnsolicitedResponse, MessageType::ReportDownloadProgressRsp) => {
            "an unanswered `report_download_progress` before this response".to_owned()
        }
        (FindingKind::UnsolicitedResponse, _) => {
            "an unanswered `report_upload_progress` before this response".to_owned()
        }
        (FindingKind::EchoMismatch, _) => {
            format!("the values of an unanswered `create_upload_task` with the name {name}")
        }
        (FindingKind::ProgressBeforeUrl, _) => {
            format!(
                "a report only after the response to the newest `create_upload_task` with the name \
                 {name}"
            )
        }
        (FindingKind::NoSuchTask, MessageType::ReportDownloadProgress) => {
            format!("a delivered download with the name {name}")
        }
        (FindingKind::NoSuchTask, _) => {
            format!(
                "a report only after a `create_upload_task` with the name {name} and its response"
            )
        }
        (FindingKind::AfterEnd, _) => {
            format!("no more reports on {name}, or a new task with this name before the report")
        }
        // No other combination exists.
        (_, message_type) => format!("`{message_type}` at a different moment"),
    };
    format!("{kind}: expected {expected}")
}

/// Returns the sentence for advice about a session.
pub(super) fn advised(kind: TraceAdviceKind) -> String {
    let expected = match kind {
        TraceAdviceKind::PercentDecreased => "the same percentage or a higher one",
        TraceAdviceKind::Unanswered => "one response before the end of the capture",
        TraceAdviceKind::Repeated => "the message once",
        // No other kind exists.
        _ => "no such message",
    };
    format!("{kind}: expected {expected}")
}
