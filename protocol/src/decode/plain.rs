//! The fast path: one pass over a typical message.
//!
//! A typical message has no escapes, no unknown or repeated keys, and only valid values. For any
//! other message, the fast path returns no result, and the slow path ([`fields`](super::fields))
//! judges the message.

use alloc::borrow::Cow;

use super::{reader::Reader, value::StateWord};
use crate::{
    Direction, Md5Sum, Message, MessageType, Percent, Profile, Progress, ProgressReport,
    ProgressResponse, Resource, ResourceName, ResourceSize, ResourceTask, ResourceUrl, ResultCode,
    State, Transfer,
};

/// The values of a message by key. The name and the URL are not checked yet.
#[derive(Default)]
struct Values<'a> {
    message_type: Option<MessageType>,
    size: Option<ResourceSize>,
    name: Option<&'a str>,
    md5sum: Option<Md5Sum>,
    url: Option<&'a str>,
    progress: Option<PlainProgress<'a>>,
    result_code: Option<ResultCode>,
    result_msg: Option<&'a str>,
}

#[derive(Default)]
struct PlainProgress<'a> {
    state: Option<StateWord>,
    percent: Option<Percent>,
    result_code: Option<ResultCode>,
    result_msg: Option<&'a str>,
}

/// Returns the message, or `None` if it is not typical.
#[inline]
pub(super) fn message(
    profile: Profile,
    direction: Option<Direction>,
    text: &str,
) -> Option<Message<'_>> {
    let mut reader = Reader::new(text);
    let mut values = Values::default();
    let keys = values.read(&mut reader, profile)?;
    reader.end().ok()?;
    let message_type = values.message_type?;
    let is_expected = message_type.is_in(profile)
        && direction.is_none_or(|direction| direction == message_type.direction())
        // The number of keys equals that of the type, so no key is missing or unknown.
        && keys == message_type.keys().len().saturating_add(1);
    if is_expected { values.message(message_type) } else { None }
}

impl<'a> Values<'a> {
    /// Reads the values and returns the number of keys, or `None` if the message is not typical.
    #[inline]
    fn read(&mut self, reader: &mut Reader<'a>, profile: Profile) -> Option<usize> {
        let mut keys = 0_usize;
        let mut more = reader.enter_object()?;
        while more {
            keys = keys.saturating_add(1);
            // The first letter determines which key the string can be.
            match reader.letter()? {
                b't' if reader.is_key(b"\"type\"") => put(&mut self.message_type, type_of(reader))?,
                b's' if reader.is_key(b"\"size\"") => {
                    let size = u64::try_from(reader.integer()?).ok()?;
                    put(&mut self.size, ResourceSize::new(size).ok())?;
                }
                b'n' if reader.is_key(b"\"name\"") => put(&mut self.name, reader.plain())?,
                b'm' if reader.is_key(b"\"md5sum\"") => {
                    let digits = reader.plain_of(32)?;
                    let digest = match profile {
                        Profile::Documented => Md5Sum::from_hex(digits),
                        Profile::Deployed => Md5Sum::from_hex_any_case(digits),
                    };
                    put(&mut self.md5sum, digest.ok())?;
                }
                b'u' if reader.is_key(b"\"url\"") => put(&mut self.url, reader.plain())?,
                b'p' if reader.is_key(b"\"progress\"") => {
                    put(&mut self.progress, PlainProgress::read(reader, profile))?;
                }
                b'r' if reader.is_key(b"\"result_code\"") => {
                    put(&mut self.result_code, result_code(reader))?;
                }
                b'r' if reader.is_key(b"\"result_msg\"") => {
                    put(&mut self.result_msg, reader.plain())?;
                }
                _ => return None,
            }
            more = reader.another_member().ok()?;
        }
        Some(keys)
    }

    #[inline]
    fn message(self, message_type: MessageType) -> Option<Message<'a>> {
        Some(match message_type {
            MessageType::CreateUploadTask => Message::CreateUploadTask(self.resource()?),
            MessageType::CreateUploadTaskRsp => Message::CreateUploadTaskRsp(self.task()?),
            MessageType::ReportUploadProgress => {
                Message::ReportUploadProgress(self.report(Transfer::Upload)?)
            }
            MessageType::ReportUploadProgressRsp => {
                Message::ReportUploadProgressRsp(self.response()?)
            }
            MessageType::GetDownloadTask => Message::GetDownloadTask,
            MessageType::GetDownloadTaskRsp => Message::GetDownloadTaskRsp(self.task()?),
            MessageType::ReportDownloadProgress => {
                Message::ReportDownloadProgress(self.report(Transfer::Download)?)
            }
            MessageType::ReportDownloadProgressRsp => {
                Message::ReportDownloadProgressRsp(self.response()?)
            }
            MessageType::Download => Message::Download(self.task()?),
        })
    }

    fn resource(self) -> Option<Resource<'a>> {
        let name = ResourceName::new(self.name?).ok()?;
        Some(Resource { size: self.size?, name, md5sum: self.md5sum? })
    }

    fn task(self) -> Option<ResourceTask<'a>> {
        let name = ResourceName::new(self.name?).ok()?;
        let url = ResourceUrl::new(self.url?).ok()?;
        Some(ResourceTask { size: self.size?, name, md5sum: self.md5sum?, url })
    }

    fn response(self) -> Option<ProgressResponse<'a>> {
        let result_msg = Cow::Borrowed(self.result_msg?);
        Some(ProgressResponse { result_code: self.result_code?, result_msg })
    }

    fn report(self, transfer: Transfer) -> Option<ProgressReport<'a>> {
        let PlainProgress { state, percent, result_code, result_msg } = self.progress?;
        let state = match state? {
            StateWord::Running(of) if of == transfer => State::Running(percent?),
            StateWord::Running(_) => return None,
            StateWord::Done => State::Done(percent),
            StateWord::Fail => State::Fail(percent),
        };
        let result_msg = Cow::Borrowed(result_msg?);
        let progress = Progress { state, result_code: result_code?, result_msg };
        Some(ProgressReport { name: ResourceName::new(self.name?).ok()?, progress })
    }
}

impl<'a> PlainProgress<'a> {
    fn read(reader: &mut Reader<'a>, profile: Profile) -> Option<Self> {
        let mut progress = Self::default();
        let mut more = reader.enter_object()?;
        while more {
            match reader.letter()? {
                b's' if reader.is_key(b"\"state\"") => {
                    put(&mut progress.state, state_word(reader, profile))?;
                }
                b'p' if reader.is_key(b"\"percent\"") => {
                    let percent = u8::try_from(reader.integer()?).ok()?;
                    put(&mut progress.percent, Percent::new(percent).ok())?;
                }
                b'r' if reader.is_key(b"\"result_code\"") => {
                    put(&mut progress.result_code, result_code(reader))?;
                }
                b'r' if reader.is_key(b"\"result_msg\"") => {
                    put(&mut progress.result_msg, reader.plain())?;
                }
                _ => return None,
            }
            more = reader.another_member().ok()?;
        }
        Some(progress)
    }
}

fn result_code(reader: &mut Reader<'_>) -> Option<ResultCode> {
    reader.integer()?.try_into().ok().map(ResultCode)
}

fn type_of(reader: &mut Reader<'_>) -> Option<MessageType> {
    reader.plain()?.parse().ok()
}

fn state_word(reader: &mut Reader<'_>, profile: Profile) -> Option<StateWord> {
    if reader.skip(b"\"uploading\"") {
        Some(StateWord::Running(Transfer::Upload))
    } else if reader.skip(b"\"downloading\"") {
        Some(StateWord::Running(Transfer::Download))
    } else if profile == Profile::Documented {
        None
    } else if reader.skip(b"\"done\"") {
        Some(StateWord::Done)
    } else if reader.skip(b"\"fail\"") {
        Some(StateWord::Fail)
    } else {
        None
    }
}

/// Stores `value` in `slot`. Returns `None` if there is no value, or if the slot already has one.
#[inline]
fn put<T>(slot: &mut Option<T>, value: Option<T>) -> Option<()> {
    if slot.is_some() {
        return None;
    }
    *slot = Some(value?);
    Some(())
}

#[cfg(test)]
mod tests {
    use alloc::{format, string::String};

    use super::*;

    /// The members of typical messages of the documented profile.
    const DOCUMENTED: [&str; 8] = [
        r#""type":"create_upload_task","size":3,"name":"a","md5sum":"MD5""#,
        r#""type":"create_upload_task_rsp","size":3,"name":"a","md5sum":"MD5","url":"http://a/""#,
        r#""type":"report_upload_progress","name":"a","progress":{"state":"uploading","percent":7,"result_code":-1,"result_msg":"b"}"#,
        r#""type":"report_upload_progress_rsp","result_code":0,"result_msg":"ok""#,
        r#""type":"get_download_task""#,
        r#""url":"http://a/","type":"get_download_task_rsp","size":3,"name":"a","md5sum":"MD5""#,
        r#""type":"report_download_progress","name":"a","progress":{"percent":7,"state":"downloading","result_code":-1,"result_msg":"b"}"#,
        r#""type":"report_download_progress_rsp","result_code":5,"result_msg":"no""#,
    ];

    /// The members of typical messages that only the deployed profile has.
    const DEPLOYED: [&str; 5] = [
        r#""type":"report_upload_progress","name":"a","progress":{"state":"done","result_code":0,"result_msg":""}"#,
        r#""type":"report_upload_progress","name":"a","progress":{"state":"fail","percent":9,"result_code":1,"result_msg":"b"}"#,
        r#""type":"report_download_progress","name":"a","progress":{"state":"done","percent":100,"result_code":0,"result_msg":""}"#,
        r#""type":"report_download_progress","name":"a","progress":{"state":"fail","result_code":1,"result_msg":"b"}"#,
        r#""type":"download","size":3,"name":"a","md5sum":"MD5","url":"http://a/""#,
    ];

    fn texts(members: &str) -> [String; 2] {
        let members = members.replace("MD5", "d41d8cd98f00b204e9800998ecf8427e");
        let spaced = members.replace("\":", "\" :\t").replace(",\"", " ,\n\"");
        [format!("{{{members}}}"), format!(" {{ {spaced} }} ")]
    }

    /// Typical messages must take the fast path. The slow path, which `decode_with_advice` always
    /// takes, must return the same messages.
    #[test]
    fn what_everybody_writes_goes_the_short_way() {
        for text in DOCUMENTED.into_iter().chain(DEPLOYED).flat_map(texts) {
            let deployed = Message::from_json(Profile::Deployed, &text);
            assert!(deployed.is_ok(), "{text}");
            let Ok(deployed) = deployed else { continue };
            let direction = deployed.message_type().direction();
            for profile in Profile::ALL {
                let long = Message::decode_with_advice(profile, direction, text.as_bytes(), drop);
                let is_known = profile == Profile::Deployed || deployed.check(profile).is_ok();
                assert_eq!(long.is_ok(), is_known, "{profile} {text}");
                assert_eq!(message(profile, Some(direction), &text), long.ok(), "{text}");
            }
        }
    }

    #[test]
    fn surprises_are_left_to_the_long_way() {
        let [good, _] = texts(DOCUMENTED[2]);
        for (from, to) in [
            ("\"name\"", "\"n\\u0061me\""),
            ("\"a\"", "\"\\u0061\""),
            ("\"percent\":7", "\"percent\":7.0"),
            ("\"percent\":7", "\"percent\":7,\"percent\":7"),
            ("\"percent\":7,", ""),
            ("\"percent\":7", "\"percent\":7,\"more\":0"),
            ("\"progress\":{", "\"more\":0,\"progress\":{"),
            ("}}", "}}0"),
            ("}}", "}"),
        ] {
            let text = good.replacen(from, to, 1);
            assert_ne!(text, good);
            assert_eq!(message(Profile::Deployed, Some(Direction::Up), &text), None, "{text}");
        }
        assert_eq!(message(Profile::Deployed, Some(Direction::Down), &good), None);
    }
}
