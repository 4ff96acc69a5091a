//! Encodes messages as JSON without white space, with the keys in the documented order.

use alloc::vec::Vec;
use core::fmt;

use crate::{
    Code, MAX_PAYLOAD, Md5Sum, Message, Profile, ProgressReport, ProgressResponse, ResourceName,
    ResourceSize, ResourceTask, ResultCode, State, Transfer, json_text::after_plain,
};

impl Message<'_> {
    /// Returns the message as the payload of a PUBLISH. In the same profile,
    /// [`decode`](Message::decode) returns the same message for this payload.
    ///
    /// # Errors
    ///
    /// Returns one of these errors:
    ///
    /// - [`EncodeError::UnknownType`]: `download` in the `documented` profile (MSG-9)
    /// - [`EncodeError::InvalidState`]: `done` or `fail` in the `documented` profile (VAL-6)
    /// - [`EncodeError::PayloadTooLarge`]: the payload would have more than [`MAX_PAYLOAD`] bytes
    ///   (ENC-1)
    // If the compiler inlines this function, the checks for a constant profile disappear.
    #[inline]
    pub fn encode(&self, profile: Profile) -> Result<Vec<u8>, EncodeError> {
        self.check(profile)?;
        let payload = Writer::payload(self);
        if payload.len() > MAX_PAYLOAD { Err(EncodeError::PayloadTooLarge) } else { Ok(payload) }
    }

    /// Checks that the profile has the message.
    ///
    /// # Errors
    ///
    /// Returns [`EncodeError::UnknownType`] or [`EncodeError::InvalidState`] for the same messages
    /// as [`encode`](Self::encode).
    pub fn check(&self, profile: Profile) -> Result<(), EncodeError> {
        match (profile, self) {
            (Profile::Deployed, _) => Ok(()),
            (Profile::Documented, _) if !self.message_type().is_in(profile) => {
                Err(EncodeError::UnknownType)
            }
            (
                Profile::Documented,
                Self::ReportUploadProgress(report) | Self::ReportDownloadProgress(report),
            ) if !matches!(report.progress.state, State::Running(_)) => {
                Err(EncodeError::InvalidState)
            }
            (Profile::Documented, _) => Ok(()),
        }
    }
}

/// The reason why a message was not encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EncodeError {
    /// No message of the profile has this type (MSG-9).
    UnknownType,
    /// The profile does not have this state (VAL-6).
    InvalidState,
    /// The payload would have more than [`MAX_PAYLOAD`] bytes (ENC-1).
    PayloadTooLarge,
}

impl EncodeError {
    /// Returns the code of the specification, for example [`Code::PayloadTooLarge`].
    #[must_use]
    pub const fn code(self) -> Code {
        match self {
            Self::UnknownType => Code::UnknownType,
            Self::InvalidState => Code::InvalidState,
            Self::PayloadTooLarge => Code::PayloadTooLarge,
        }
    }
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownType => f.write_str("`download` exists only in the deployed profile"),
            Self::InvalidState => {
                f.write_str("`done` and `fail` exist only in the deployed profile")
            }
            Self::PayloadTooLarge => {
                write!(f, "the payload would be longer than {MAX_PAYLOAD} bytes")
            }
        }
    }
}

impl core::error::Error for EncodeError {}

/// A writer that produces the same JSON as the serializer of `serde_json`, which can panic and is
/// slower.
struct Writer(Vec<u8>);

impl Writer {
    /// An upper bound on the length of a message without its texts, in bytes.
    const FRAME: usize = 160;

    fn payload(message: &Message<'_>) -> Vec<u8> {
        let texts = match message {
            Message::CreateUploadTask(resource) => resource.name.as_str().len(),
            Message::CreateUploadTaskRsp(task)
            | Message::GetDownloadTaskRsp(task)
            | Message::Download(task) => {
                task.name.as_str().len().saturating_add(task.url.as_str().len())
            }
            Message::ReportUploadProgress(report) | Message::ReportDownloadProgress(report) => {
                report.name.as_str().len().saturating_add(report.progress.result_msg.len())
            }
            Message::ReportUploadProgressRsp(response)
            | Message::ReportDownloadProgressRsp(response) => response.result_msg.len(),
            Message::GetDownloadTask => 0,
        };
        let mut writer = Self(Vec::with_capacity(texts.saturating_add(Self::FRAME)));
        writer.message(message);
        writer.0
    }

    fn message(&mut self, message: &Message<'_>) {
        self.raw(r#"{"type":""#);
        self.raw(message.message_type().as_str());
        self.raw("\"");
        match message {
            Message::CreateUploadTask(resource) => {
                self.resource(resource.size, &resource.name, resource.md5sum);
            }
            Message::CreateUploadTaskRsp(task)
            | Message::GetDownloadTaskRsp(task)
            | Message::Download(task) => self.task(task),
            Message::ReportUploadProgress(report) => self.report(report, Transfer::Upload),
            Message::ReportDownloadProgress(report) => self.report(report, Transfer::Download),
            Message::ReportUploadProgressRsp(ProgressResponse { result_code, result_msg })
            | Message::ReportDownloadProgressRsp(ProgressResponse { result_code, result_msg }) => {
                self.result(*result_code, result_msg);
            }
            Message::GetDownloadTask => {}
        }
        self.raw("}");
    }

    fn resource(&mut self, size: ResourceSize, name: &ResourceName<'_>, md5sum: Md5Sum) {
        self.raw(r#","size":"#);
        self.digits(size.bytes());
        self.raw(r#","name":""#);
        self.text(name.as_str());
        self.raw(r#"","md5sum":""#);
        self.0.extend_from_slice(&md5sum.to_hex());
        self.raw("\"");
    }

    fn task(&mut self, task: &ResourceTask<'_>) {
        self.resource(task.size, &task.name, task.md5sum);
        self.raw(r#","url":""#);
        self.text(task.url.as_str());
        self.raw("\"");
    }

    fn report(&mut self, report: &ProgressReport<'_>, transfer: Transfer) {
        let progress = &report.progress;
        self.raw(r#","name":""#);
        self.text(report.name.as_str());
        self.raw(r#"","progress":{"state":""#);
        self.raw(progress.state.as_str(transfer));
        self.raw("\"");
        if let Some(percent) = progress.state.percent() {
            self.raw(r#","percent":"#);
            self.digits(percent.value().into());
        }
        self.result(progress.result_code, &progress.result_msg);
        self.raw("}");
    }

    fn result(&mut self, result_code: ResultCode, result_msg: &str) {
        self.raw(r#","result_code":"#);
        if result_code.0 < 0 {
            self.raw("-");
        }
        self.digits(result_code.0.unsigned_abs().into());
        self.raw(r#","result_msg":""#);
        self.text(result_msg);
        self.raw("\"");
    }

    #[inline]
    fn raw(&mut self, text: &str) {
        self.0.extend_from_slice(text.as_bytes());
    }

    fn digits(&mut self, mut number: u64) {
        let mut buffer = [b'0'; 20];
        let mut start = buffer.len();
        for digit in buffer.iter_mut().rev() {
            *digit |= u8::try_from(number % 10).unwrap_or_default();
            number /= 10;
            start = start.saturating_sub(1);
            if number == 0 {
                break;
            }
        }
        self.0.extend_from_slice(buffer.get(start..).unwrap_or_default());
    }

    /// Writes a text as the content of a JSON string, without the quotes.
    fn text(&mut self, text: &str) {
        let mut rest = text.as_bytes();
        loop {
            let after = after_plain(rest);
            let plain = rest.len().saturating_sub(after.len());
            self.0.extend_from_slice(rest.get(..plain).unwrap_or_default());
            let [special, next @ ..] = after else { return };
            self.escape(*special);
            rest = next;
        }
    }

    #[cold]
    fn escape(&mut self, byte: u8) {
        let letter = match byte {
            b'"' | b'\\' => byte,
            b'\n' => b'n',
            b'\r' => b'r',
            b'\t' => b't',
            0x08 => b'b',
            0x0C => b'f',
            control => {
                let digit = |half: u8| b"0123456789abcdef".get(usize::from(half)).copied();
                self.raw("\\u00");
                self.0.extend([control >> 4, control & 0xF].into_iter().filter_map(digit));
                return;
            }
        };
        self.0.extend_from_slice(&[b'\\', letter]);
    }
}
