//! The words that the tool prints besides ids: codes, operations, messages and outcomes.

/// What a word is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Of a rejected message, topic or digest, or of a finding.
    Code,
    /// Of the adapter protocol.
    Operation,
    /// A value of the key `type`.
    Message,
    /// What became of a case.
    Outcome,
}

/// A word, and what it means.
#[derive(Clone, Copy, Debug)]
pub(super) struct Term {
    pub(super) kind: Kind,
    pub(super) word: &'static str,
    pub(super) meaning: &'static str,
    /// The requirements that it is about, besides those that name it as their code.
    pub(super) requirements: &'static [&'static str],
}

/// The term of a word, in which `_` and `-` are the same, as is the case of letters.
pub(super) fn term(word: &str) -> Option<&'static Term> {
    let plain = |word: &str| word.to_ascii_lowercase().replace('_', "-");
    let word = plain(word);
    TERMS.iter().find(|term| plain(term.word) == word)
}

pub(super) fn words<'w>() -> impl Iterator<Item = &'w str> {
    TERMS.iter().map(|term| term.word)
}

const fn code(
    word: &'static str,
    requirements: &'static [&'static str],
    meaning: &'static str,
) -> Term {
    Term { kind: Kind::Code, word, meaning, requirements }
}

const fn operation(
    word: &'static str,
    requirements: &'static [&'static str],
    meaning: &'static str,
) -> Term {
    Term { kind: Kind::Operation, word, meaning, requirements }
}

const fn message(
    word: &'static str,
    requirements: &'static [&'static str],
    meaning: &'static str,
) -> Term {
    Term { kind: Kind::Message, word, meaning, requirements }
}

const fn outcome(word: &'static str, meaning: &'static str) -> Term {
    Term { kind: Kind::Outcome, word, meaning, requirements: &[] }
}

#[rustfmt::skip]
const TERMS: &[Term] = &[
    code("payload-too-large", &[], "The payload has more than 16,384 bytes."),
    code("not-utf8", &[], "The payload is not UTF-8, the encoding of JSON."),
    code("invalid-json", &[], "The payload is not exactly one JSON text: a byte-order mark, a trailing comma, a comment, a bad escape, something behind the closing brace, or an end that is missing."),
    code("not-an-object", &[], "The payload is JSON, but not an object."),
    code("duplicate-key", &[], "A key of the vocabulary appears twice in one object."),
    code("unknown-field", &[], "The message has a key that its type does not have. In the deployed profile the key is skipped, and advised against."),
    code("missing-type", &[], "The key `type` is missing, so nobody can tell which message it is."),
    code("missing-field", &[], "A key that messages of this type must have is missing."),
    code("wrong-type", &[], "A value has another JSON type than its key: a number in quotes, `null`, a number with a fraction."),
    code("unknown-type", &[], "The value of `type` is not a message of the profile."),
    code("wrong-direction", &[], "The message was sent on the other topic: each type travels in one direction only."),
    code("out-of-range", &[], "An integer is beyond the bounds of its key."),
    code("invalid-name", &[], "`name` is empty or has a control character in it."),
    code("invalid-md5sum", &[], "`md5sum` is not 32 hexadecimal digits, in the documented profile in lower case."),
    code("invalid-url", &[], "`url` is not a complete http or https URL of printable ASCII characters."),
    code("invalid-state", &[], "`state` is a word that this report cannot have."),
    code("invalid-topic", &[], "The text is not one of the two topics, or the product id or device name in it is not valid."),
    code("invalid-content-md5", &["HTTP-4"], "The value of `Content-MD5` is not the Base64 of 16 bytes: 24 characters, the last two `==`."),

    code("unsolicited-response", &[], "A response answers nothing that is still unanswered."),
    code("echo-mismatch", &[], "The response to a create has another `size` or `md5sum` than the create."),
    code("progress-before-url", &[], "A device reports on an upload before the platform has issued its URL."),
    code("no-such-task", &[], "A device reports on a task that does not exist."),
    code("after-end", &[], "A device reports on a task that has ended."),
    code("percent-decreased", &[], "A report has a lower `percent` than the one before it."),
    code("unanswered", &[], "A create or a report was not answered before the end."),
    code("repeated", &[], "A message was sent once more, without MQTT's DUP flag."),

    code("uppercase-md5sum", &["VAL-3"], "`md5sum` has upper-case digits, which some peers do not read."),
    code("long-name", &["VAL-2"], "`name` is longer than the 63 bytes that the vendor's SDK has room for."),
    code("unsafe-name", &["VAL-2"], "`name` is not safe as the name of a file: a slash, a backslash, `.` or `..`."),
    code("long-url", &["VAL-4"], "`url` is longer than the 1,023 bytes that the vendor's SDK has room for."),
    code("plain-http", &["VAL-4"], "`url` begins with http, so that anybody on the way can read the file and its signature."),
    code("too-long-for-devices", &[], "A message to a device is longer than deployed devices receive."),
    code("leading-space", &[], "White space stands before a message to a device, which deployed devices do not skip."),
    code("escaped", &[], "A message to a device is written with `\\/` or `\\u`, which deployed devices do not undo."),
    code("zero-size", &[], "`size` is 0 in a message to a device, which deployed devices divide by."),
    code("url-for-devices", &[], "`url` is too long for deployed devices or names a port, which they do not use."),
    code("odd-response", &[], "A progress response that deployed devices misunderstand."),

    code("url-not-issued", &["HTTP-1", "HTTP-5"], "A request to the object store at a URL that no message has issued for it."),
    code("altered-url", &["HTTP-1", "HTTP-5"], "A request at a URL that is not exactly the issued one, query string included."),
    code("wrong-method", &["HTTP-1", "HTTP-5"], "A request with another method than `PUT` for an upload, or `GET` for a download."),
    code("put-again", &["HTTP-1"], "A second `PUT` to a URL: an upload is one `PUT`."),
    code("host", &["HTTP-1", "HTTP-5"], "The header `Host` is missing, there twice, or not the host of the URL."),
    code("missing-content-md5", &["HTTP-2"], "An upload has no `Content-MD5`."),
    code("content-md5", &["HTTP-4"], "`Content-MD5` is the digest of other bytes than `md5sum`."),
    code("missing-content-length", &["HTTP-3"], "An upload has no `Content-Length`."),
    code("content-length", &["HTTP-3"], "`Content-Length` is not the announced `size`."),
    code("body-length", &["HTTP-3"], "The body of an upload has another length than `size`."),
    code("body-md5", &["HTTP-4"], "The body of an upload has another MD5 than `md5sum`."),
    code("range", &["HTTP-6"], "A `Range` that is not `bytes=A-B` within the file."),
    code("range-ignored", &["HTTP-6"], "The store answers a request for a part with the whole file."),
    code("range-refused", &["HTTP-6"], "The store refuses a request for a part that exists."),
    code("wrong-part", &["HTTP-6"], "The store answers with another part than was asked for."),
    code("download-differs", &["HTTP-5"], "What the store sends has another length or MD5 than was announced."),
    code("upload-refused", &["HTTP-1"], "The store refuses an upload that is right."),
    code("download-refused", &["HTTP-5"], "The store refuses a download that is right."),
    code("done-without-bytes", &["HTTP-1", "HTTP-5"], "A device reports success, but the bytes did not arrive."),
    code("done-too-early", &["HTTP-1", "HTTP-5"], "A device reports success before the transfer has ended."),

    code("unreadable", &[], "A line or packet of the capture cannot be read. The finding is against the recording."),
    code("mqtt", &[], "A packet that MQTT forbids, on a connection with resource topics."),

    code("failed", &["SES-7"], "A device reports failure where nothing keeps it from success."),
    code("no-end", &["SES-7"], "A device does not report how a task ended."),
    code("no-reason", &["VAL-7"], "A device reports failure without a `result_code` that says why."),
    code("no-request", &[], "A device asks for nothing within the time limit."),
    code("not-taken", &["SES-5"], "A device does not take up a download that is offered."),
    code("other-file", &["MSG-1"], "A device uploads another file than the scenario gave it."),
    code("wrong-file", &["HTTP-5"], "What a device keeps of a download is not the file."),
    code("stays-away", &[], "A device does not come back after its connection was lost."),

    code("disconnected", &[], "The platform or its broker ends the connection."),
    code("bad-upload-accepted", &["HTTP-4"], "The store accepts an upload that it must refuse."),
    code("misplaced-accepted", &[], "The platform answers a message at the wrong moment with success."),
    code("report-refused", &["VAL-7"], "The platform answers a report that is right with a `result_code` other than 0."),
    code("too-many-messages", &[], "The platform sends more messages than the scenario can have room for."),

    operation("decode", &[], "Reads the payload of a message, or refuses it with a code."),
    operation("encode", &[], "Writes a message as a payload."),
    operation("topic_format", &["TOP-1", "TOP-2"], "Makes a topic of a direction, a product id and a device name."),
    operation("topic_parse", &["TOP-5"], "Takes a topic apart, or refuses it."),
    operation("md5_digest", &["VAL-3"], "Computes the MD5 of bytes, as `md5sum` has it."),
    operation("content_md5_encode", &["HTTP-2"], "Makes the value of `Content-MD5` of an `md5sum`."),
    operation("content_md5_decode", &["HTTP-2"], "Makes an `md5sum` of the value of `Content-MD5`."),
    operation("trace", &["SES-1"], "Follows the messages of one device in both directions, and refuses the first that does not fit."),

    message("create_upload_task", &["MSG-1"], "The device asks for a URL to upload a file to."),
    message("create_upload_task_rsp", &["MSG-2"], "The platform issues the URL."),
    message("report_upload_progress", &["MSG-3"], "The device reports on an upload."),
    message("report_upload_progress_rsp", &["MSG-4"], "The platform answers that report."),
    message("get_download_task", &["MSG-5"], "The device asks whether there is a download for it."),
    message("get_download_task_rsp", &["MSG-6"], "The platform delivers a download."),
    message("report_download_progress", &["MSG-7"], "The device reports on a download."),
    message("report_download_progress_rsp", &["MSG-8"], "The platform answers that report."),
    message("download", &["MSG-9"], "The platform pushes a download (deployed profile only)."),

    outcome("pass", "The answer is the right one."),
    outcome("fail", "The answer is not the right one."),
    outcome("warn", "A SHOULD is not met. With --strict it counts as a failure."),
    outcome("unsupported", "The testee does not have the operation, so the case says nothing about it."),
    outcome("crashed", "The testee ended while it was asked, or a device was killed by a signal."),
    outcome("timed-out", "The testee did not answer within --timeout."),
    outcome("bad-answer", "The testee printed a line that does not answer the request: not JSON, another id, or neither `ok`, `err` nor `unsupported`."),
    outcome("not-reached", "In a live test, what the scenario is about did not take place."),
    outcome("expected", "The case failed, and the expectations file says that it does."),
    outcome("unexpected-pass", "The case passed, and the expectations file says that it fails: remove the entry, or run --bless."),
    outcome("stale", "An entry of the expectations file matches no case, or has expired."),
    outcome("incomplete", "Nothing failed, but not everything was asked: operations are unsupported, or scenarios not reached."),
];
