//! What a device can do wrong on purpose, so that tests see whether it is found.

use std::{fmt, str::FromStr};

macro_rules! misbehaviours {
    ($(#[doc = $doc:literal] $name:ident = $text:literal,)+) => {
        /// One way to misbehave.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Misbehaviour {
            $(#[doc = $doc] $name,)+
        }

        impl Misbehaviour {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// Its name, as in `says-done-anyway`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                }
            }

            /// What it does, in a sentence.
            #[must_use]
            pub const fn description(self) -> &'static str {
                match self {
                    $(Self::$name => $doc.trim_ascii(),)+
                }
            }
        }
    };
}

misbehaviours! {
    /// Says that a task is done, though it failed.
    SaysDoneAnyway = "says-done-anyway",
    /// Says twice how a task ended.
    EndsTwice = "ends-twice",
    /// Never says how a task ended.
    NeverEnds = "never-ends",
    /// A failure without a reason: code 0, and an empty text.
    NoReason = "no-reason",
    /// Dies when HTTP fails.
    Dies = "dies",
    /// Hangs when HTTP fails.
    Hangs = "hangs",
    /// A comma too many in progress reports.
    MalformedReports = "malformed-reports",
    /// Progress reports about another resource.
    ReportsOther = "reports-other",
    /// A progress report before there is a URL.
    ReportsEarly = "reports-early",
    /// `Content-MD5` is the Base64 of the hexadecimal digits.
    Base64OfHex = "base64-of-hex",
    /// No `Content-MD5`.
    NoContentMd5 = "no-content-md5",
    /// `Content-MD5` of other bytes.
    WrongContentMd5 = "wrong-content-md5",
    /// `Content-MD5` twice.
    DoubleContentMd5 = "double-content-md5",
    /// `Content-MD5` without its padding.
    UnpaddedContentMd5 = "unpadded-content-md5",
    /// `Content-MD5` in hexadecimal digits.
    HexContentMd5 = "hex-content-md5",
    /// No `Content-Length`, but chunks.
    Chunked = "chunked",
    /// One byte less than `Content-Length` says, and then nothing.
    CutBody = "cut-body",
    /// One byte more than `Content-Length` says.
    LongBody = "long-body",
    /// Other bytes than announced.
    WrongBytes = "wrong-bytes",
    /// A part of the bytes, with a `Content-Length` that says so.
    ShortBody = "short-body",
    /// Leaves the query string out.
    NoQuery = "no-query",
    /// Sends where a redirection points.
    FollowsRedirects = "follows-redirects",
    /// Uses the URL of an answer whose size or digest is another one.
    TakesAnyEcho = "takes-any-echo",
    /// Uploads once more when the answer comes once more.
    UploadsTwice = "uploads-twice",
    /// Asks for one byte behind the end.
    RangeTooLong = "range-too-long",
    /// Sends again without DUP after a disconnect.
    ForgetsDup = "forgets-dup",
    /// Does not come back after a disconnect.
    StaysAway = "stays-away",
    /// Goes away when a message comes that is malformed, or does not fit.
    GivesUp = "gives-up",
    /// Uses the URL of a malformed message.
    TakesMalformed = "takes-malformed",
    /// Reads no message that is spelt in another way than its own.
    ReadsOnlyCompact = "reads-only-compact",
    /// Does not look at what is pushed.
    IgnoresPushes = "ignores-pushes",
    /// Does not look at what is retained.
    IgnoresRetained = "ignores-retained",
    /// Says at once that a download is done whose name it has had already.
    RemembersNames = "remembers-names",
    /// Drops what it does when something is pushed.
    DropsForPush = "drops-for-push",
    /// Keeps other bytes than those that came.
    KeepsOtherBytes = "keeps-other-bytes",
    /// Asks for a range of an empty resource, and for the first byte of any other.
    RangeOfEmpty = "range-of-empty",
    /// Says that a task is done when the transfer begins.
    SaysDoneEarly = "says-done-early",
    /// Says that a task is done, without a transfer.
    NeverTransfers = "never-transfers",
    /// Takes every status of HTTP but 200 for a failure.
    TakesOnly200 = "takes-only-200",
    /// Says that a task failed after it was done, as the answer was missing or not well.
    RegretsDone = "regrets-done",
}

/// No misbehaviour has this name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownMisbehaviour(String);

impl fmt::Display for UnknownMisbehaviour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = Misbehaviour::ALL.iter().map(|one| one.as_str()).collect();
        write!(f, "{:?} is none of {}", self.0, names.join(", "))
    }
}

impl std::error::Error for UnknownMisbehaviour {}

impl FromStr for Misbehaviour {
    type Err = UnknownMisbehaviour;

    fn from_str(name: &str) -> Result<Self, UnknownMisbehaviour> {
        let mut all = Self::ALL.iter().copied();
        all.find(|one| one.as_str() == name).ok_or_else(|| UnknownMisbehaviour(name.to_owned()))
    }
}
