//! Checks messages from the platform against the limits of deployed devices (ADV-1 to ADV-6).

use std::fmt;

use iothub_resource::{Message, ResourceSize, ResourceTask, ResultCode};

use super::capture::Fidelity;

/// The longest message that deployed devices can receive, in bytes.
pub(super) const LONGEST_MESSAGE: usize = 2047;
/// The longest URL that certainly fits into the buffers of deployed devices, in bytes.
const LONGEST_URL: usize = 820;

/// Advice about a message from the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Advice {
    TooLong,
    LeadingSpace,
    Escaped,
    ZeroSize,
    LongUrl,
    /// The port of the URL, or `None` if the port is not a number from 0 to 65,535.
    UrlWithPort(Option<u16>),
    SuccessWithoutOk,
    TimeOut,
}

impl Advice {
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::TooLong => "too-long-for-devices",
            Self::LeadingSpace => "leading-space",
            Self::Escaped => "escaped",
            Self::ZeroSize => "zero-size",
            Self::LongUrl | Self::UrlWithPort(_) => "url-for-devices",
            Self::SuccessWithoutOk | Self::TimeOut => "odd-response",
        }
    }

    pub(super) const fn requirement(self) -> &'static str {
        match self {
            Self::TooLong => "ADV-1",
            Self::LeadingSpace => "ADV-2",
            Self::Escaped => "ADV-3",
            Self::ZeroSize => "ADV-4",
            Self::LongUrl | Self::UrlWithPort(_) => "ADV-5",
            Self::SuccessWithoutOk | Self::TimeOut => "ADV-6",
        }
    }
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => write!(
                f,
                "the message is longer than deployed devices can receive: expected at most \
                 {LONGEST_MESSAGE} bytes"
            ),
            Self::LeadingSpace => f.write_str(
                "the message begins with white space, which deployed devices do not skip: \
                 expected `{` as its first byte",
            ),
            Self::Escaped => f.write_str(
                "a string contains `\\/` or `\\u`, which deployed devices do not decode: expected \
                 the characters themselves",
            ),
            Self::ZeroSize => {
                f.write_str("`size` is 0, which deployed devices cannot handle: expected 1 or more")
            }
            Self::LongUrl => write!(
                f,
                "`url` may be too long for the buffers of deployed devices: expected at most \
                 {LONGEST_URL} bytes"
            ),
            Self::UrlWithPort(None) => f.write_str(
                "`url` names a port, which deployed devices treat as a part of the host name: \
                 expected a URL without a port",
            ),
            Self::UrlWithPort(Some(port)) => write!(
                f,
                "`url` names the port {port}, which deployed devices treat as a part of the host \
                 name: expected a URL without a port"
            ),
            Self::SuccessWithoutOk => f.write_str(
                "the response has the `result_code` 0, but deployed devices continue only if \
                 `result_msg` is exactly \"ok\": expected \"result_msg\":\"ok\"",
            ),
            Self::TimeOut => f.write_str(
                "the response has the `result_code` -1, which deployed devices treat as a \
                 missing response: expected a different code",
            ),
        }
    }
}

/// Returns the advice about a valid message from the platform.
pub(super) fn advise(payload: &[u8], fidelity: Fidelity, message: &Message<'_>) -> Vec<Advice> {
    let as_sent = fidelity == Fidelity::Bytes;
    let mut advice = Vec::new();
    let mut note = |applies: bool, what| {
        if applies {
            advice.push(what);
        }
    };
    note(payload.len() > LONGEST_MESSAGE, Advice::TooLong);
    note(as_sent && payload.first() != Some(&b'{'), Advice::LeadingSpace);
    note(as_sent && has_escape(payload), Advice::Escaped);
    match message {
        Message::CreateUploadTaskRsp(task)
        | Message::GetDownloadTaskRsp(task)
        | Message::Download(task) => {
            let ResourceTask { size, url, .. } = task;
            note(*size == ResourceSize::ZERO, Advice::ZeroSize);
            note(url.as_str().len() > LONGEST_URL, Advice::LongUrl);
            if let Some(port) = url.port() {
                note(true, Advice::UrlWithPort(port.parse().ok()));
            }
        }
        Message::ReportUploadProgressRsp(response)
        | Message::ReportDownloadProgressRsp(response) => {
            let is_ok = response.result_msg == "ok";
            note(response.result_code.is_success() && !is_ok, Advice::SuccessWithoutOk);
            note(response.result_code == ResultCode::TIME_OUT, Advice::TimeOut);
        }
        _ => {}
    }
    advice
}

/// Returns whether a string contains the escape `\/` or `\u`. JSON has backslashes only in strings.
fn has_escape(payload: &[u8]) -> bool {
    let mut bytes = payload.iter();
    while bytes.any(|&byte| byte == b'\\') {
        if matches!(bytes.next(), Some(b'/' | b'u')) {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_escaped_backslash_begins_no_other_escape() {
        for (payload, escaped) in [
            (&br#"{"a":"\u00e9"}"#[..], true),
            (br#"{"a":"b\/c"}"#, true),
            (br#"{"a":"\n\\\u0041"}"#, true),
            (br#"{"a":"\\u0041\\/\""}"#, false),
            (b"{}", false),
            (b"\\", false),
        ] {
            assert_eq!(has_escape(payload), escaped);
        }
    }
}
