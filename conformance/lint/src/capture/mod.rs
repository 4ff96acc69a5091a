//! Reads captures in every supported format.
//!
//! A text capture usually has one message on each line. [`Lines`] reads the lines in bounded
//! memory, and [`read_line`] parses a single line. The format is detected for each line, so a file
//! may mix formats:
//!
//! | line | written by |
//! | --- | --- |
//! | `{"topic":"…","payload":"text"}`, `{"topic":"…","payload_b64":"…"}` | this project |
//! | the same with `"tst"` and `"payloadlen"` | `mosquitto_sub -F '%j'` |
//! | the same with any other JSON value as the `payload` | `mosquitto_sub -F '%J'` |
//! | `{"http":{"method":"PUT","url":"…","status":200}}`: a transfer | gateways that log transfers |
//! | topic, blank, hexadecimal digits | `mosquitto_sub -F '%t %x'` |
//! | topic, blank, anything else | `mosquitto_sub -v` |
//! | topics, tab, hexadecimal digits | `tshark -T fields -e mqtt.topic -e mqtt.msg` |
//! | a time, then one of the three preceding formats | `mosquitto_sub -F '%U %t %x'`, loggers |
//!
//! A JSON object may also span several lines (`mosquitto_sub --pretty`).
//!
//! A line need not be UTF-8, because `mosquitto_sub` with `%j` or `-v` writes the bytes of a
//! payload unchanged.

mod container;
mod entry;
mod lines;
mod object;
pub mod packets;
mod pretty;
mod text;
mod transfer;

pub(crate) use self::pretty::{Pretty, Took};
pub use self::{
    container::{Capture, NoCapture, Unit},
    entry::{Entry, Fidelity, OtherTopic, Record, Unreadable},
    lines::{LONGEST_LINE, Line, Lines},
};

/// Parses one line of a text capture. `line` must not contain the line end.
///
/// A payload is decoded only if its topic is a resource topic.
///
/// ```
/// use iothub_conformance_lint::capture::{Entry, read_line};
///
/// let line = br#"{"topic":"$resource/up/service/P/d","payload":"{\"type\":\"get_download_task\"}"}"#;
/// let Entry::Message(record) = read_line(line)? else { panic!("it is ours") };
/// assert_eq!(*record.payload, *br#"{"type":"get_download_task"}"#);
///
/// let line = b"$resource/up/service/P/d 7b2274797065223a226765745f646f776e6c6f61645f7461736b227d";
/// assert_eq!(read_line(line)?, Entry::Message(record));
/// # Ok::<(), iothub_conformance_lint::capture::Unreadable>(())
/// ```
///
/// # Errors
///
/// Returns the reason why the line cannot be read:
///
/// - `{"topic":"$resource/up`: the line begins with a brace but is not a JSON object
///   ([`Unreadable::NoJson`])
/// - `{"payload":""}`: the key `topic` is missing ([`Unreadable::Missing`])
/// - `{"topic":1}`, `{"topic":"$resource/up/service/P/d","payload":"","dup":"no"}`: a value has the
///   wrong type ([`Unreadable::WrongType`])
/// - the line has both `payload` and `payload_b64` ([`Unreadable::TwoPayloads`])
/// - `payload_b64` is not Base64 ([`Unreadable::NoBase64`])
/// - `payloadlen` exceeds [`LONGEST_LINE`], and the payload is shorter
///   ([`Unreadable::LongerThanLine`])
/// - `$resource/up/service/P/d 7b2`: the number of digits is odd ([`Unreadable::HalfByte`])
/// - the line has both `topic` and `http` ([`Unreadable::TwoKinds`])
/// - `hello`: the line is not a topic followed by a payload ([`Unreadable::NoMessage`])
pub fn read_line(line: &[u8]) -> Result<Entry<'_>, Unreadable> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    match line.trim_ascii_start() {
        [] => Ok(Entry::Blank),
        object @ [b'{', ..] => object::read(object),
        _ => text::read(line),
    }
}
