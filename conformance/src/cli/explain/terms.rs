//! The words that the commands print in addition to ids and codes: operations, messages and
//! outcomes.

/// The kind of a term, which `explain` prints in parentheses after the term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// An operation of the adapter protocol.
    Operation,
    /// A value of the key `type`.
    Message,
    /// An outcome of a case or the conclusion of a result, such as `stale` or `incomplete`.
    Outcome,
}

/// A word that the commands print, with its meaning in a sentence.
#[derive(Clone, Copy, Debug)]
pub(super) struct Term {
    pub(super) kind: Kind,
    pub(super) word: &'static str,
    pub(super) meaning: &'static str,
    /// The ids of the requirements that the word belongs to.
    pub(super) requirements: &'static [&'static str],
}

/// Returns whether two words are equal. The comparison ignores case and treats `_` as `-`.
pub(super) fn is_same(one: &str, other: &str) -> bool {
    let plain = |word: &str| word.to_ascii_lowercase().replace('_', "-");
    plain(one) == plain(other)
}

/// Returns the term with this name, or `None` if the name is unknown.
pub(super) fn term(word: &str) -> Option<&'static Term> {
    TERMS.iter().find(|term| is_same(term.word, word))
}

pub(super) fn words<'w>() -> impl Iterator<Item = &'w str> {
    TERMS.iter().map(|term| term.word)
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
    operation("decode", &[], "Decodes the payload of a message, or rejects the payload with a code."),
    operation("encode", &[], "Writes a message as a payload."),
    operation("topic_format", &["TOP-1", "TOP-2"], "Builds a topic from a direction, a product id and a device name."),
    operation("topic_parse", &["TOP-5"], "Splits a topic into its parts, or rejects the topic."),
    operation("md5_digest", &["VAL-3"], "Computes the MD5 of bytes, in the form of `md5sum`."),
    operation("content_md5_encode", &["HTTP-2"], "Converts an `md5sum` to the value of `Content-MD5`."),
    operation("content_md5_decode", &["HTTP-2"], "Converts the value of `Content-MD5` to an `md5sum`."),
    operation("trace", &["SES-1"], "Follows the messages of one device in both directions and rejects the first message that is invalid or misplaced."),

    message("create_upload_task", &["MSG-1"], "The device requests a URL for an upload."),
    message("create_upload_task_rsp", &["MSG-2"], "The platform issues a URL for an upload."),
    message("report_upload_progress", &["MSG-3"], "The device reports on an upload."),
    message("report_upload_progress_rsp", &["MSG-4"], "The platform answers a report on an upload."),
    message("get_download_task", &["MSG-5"], "The device requests a download, if there is one."),
    message("get_download_task_rsp", &["MSG-6"], "The platform delivers a download."),
    message("report_download_progress", &["MSG-7"], "The device reports on a download."),
    message("report_download_progress_rsp", &["MSG-8"], "The platform answers a report on a download."),
    message("download", &["MSG-9"], "The platform pushes a download (deployed profile only)."),

    outcome("pass", "The answer is correct."),
    outcome("fail", "The answer is not correct."),
    outcome("warn", "A SHOULD rule is violated. With --strict, the case counts as failed."),
    outcome("unsupported", "The testee does not support the operation, so the case was not tested."),
    outcome("crashed", "The testee ended before it answered, or a signal killed the device."),
    outcome("timed-out", "The testee did not answer within --timeout."),
    outcome("bad-answer", "The testee printed a line that does not answer the request: the line is not JSON, has a different id, or has neither `ok`, `err` nor `unsupported`."),
    outcome("not-reached", "In a live test, the situation that the scenario tests did not occur."),
    outcome("expected", "The case failed, and the expectations file lists it as a known failure."),
    outcome("unexpected-pass", "The case passed, although the expectations file lists it as a known failure. Remove the entry or run with --bless."),
    outcome("stale", "An entry of the expectations file matches no case or has expired."),
    outcome("incomplete", "Nothing failed, but not everything was tested: operations are unsupported, or scenarios are not reached."),
];
