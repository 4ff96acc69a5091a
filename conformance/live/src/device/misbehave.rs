//! Deliberate misbehaviour of a device, to test that the suite detects it.

use std::{fmt, str::FromStr};

macro_rules! misbehaviours {
    ($(#[doc = $doc:literal] $name:ident = $text:literal,)+) => {
        /// A deliberate misbehaviour of a device, for tests. A device has at most one misbehaviour.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Misbehaviour {
            $(#[doc = $doc] $name,)+
        }

        impl Misbehaviour {
            /// All kinds of misbehaviour, in the order of their definition.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// Returns the name of the misbehaviour, for example `says-done-anyway`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                }
            }

            /// Returns the description of the misbehaviour, which is one sentence.
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
    /// Reports success for a failed task.
    SaysDoneAnyway = "says-done-anyway",
    /// Publishes the final report twice.
    EndsTwice = "ends-twice",
    /// Never publishes a final report.
    NeverEnds = "never-ends",
    /// Reports a failure with code 0 and an empty text.
    NoReason = "no-reason",
    /// Crashes when an HTTP exchange fails.
    Dies = "dies",
    /// Hangs when an HTTP exchange fails.
    Hangs = "hangs",
    /// Adds a comma to progress reports, so that they are malformed.
    MalformedReports = "malformed-reports",
    /// Adds a comma to requests for a URL or a task, so that they are malformed.
    MalformedRequests = "malformed-requests",
    /// Does not upload an empty file.
    DeclinesEmpty = "declines-empty",
    /// Ignores answers that arrive more than 400 ms after the request.
    IgnoresLateAnswers = "ignores-late-answers",
    /// Accepts an answer with a different name and uses this name from then on.
    TakesAnyName = "takes-any-name",
    /// Reports progress on a different resource.
    ReportsOther = "reports-other",
    /// Reports progress before there is a URL.
    ReportsEarly = "reports-early",
    /// Waits forever for an answer.
    WaitsForever = "waits-forever",
    /// Treats an answer with code -1 as a missing answer.
    TakesTimeOutForSilence = "takes-time-out-for-silence",
    /// Omits the extension of a file in the name of the resource.
    LeavesExtensionOut = "leaves-extension-out",
    /// Encodes the digest's hexadecimal digits, instead of its bytes, as Base64 in `Content-MD5`.
    Base64OfHex = "base64-of-hex",
    /// Omits `Content-MD5`.
    NoContentMd5 = "no-content-md5",
    /// Sends the `Content-MD5` of different bytes.
    WrongContentMd5 = "wrong-content-md5",
    /// Sends `Content-MD5` twice.
    DoubleContentMd5 = "double-content-md5",
    /// Omits `Host`.
    NoHost = "no-host",
    /// Sends `Host` twice.
    DoubleHost = "double-host",
    /// Omits the port in `Host`.
    HostWithoutPort = "host-without-port",
    /// Sends the `Host` of a different server.
    ForeignHost = "foreign-host",
    /// Sends `Content-MD5` without its padding.
    UnpaddedContentMd5 = "unpadded-content-md5",
    /// Sends `Content-MD5` in hexadecimal digits.
    HexContentMd5 = "hex-content-md5",
    /// Sends the body in chunks, without `Content-Length`.
    Chunked = "chunked",
    /// Sends one byte less than `Content-Length` declares, and then nothing.
    CutBody = "cut-body",
    /// Sends one byte more than `Content-Length` declares.
    LongBody = "long-body",
    /// Sends bytes other than the announced bytes.
    WrongBytes = "wrong-bytes",
    /// Sends a part of the bytes, with a matching `Content-Length`.
    ShortBody = "short-body",
    /// Removes each CR from a file, like a program that reads the file in text mode.
    DropsCr = "drops-cr",
    /// Adds a CR before each LF of a file, like a program that writes the file in text mode.
    AddsCr = "adds-cr",
    /// Omits the line end at the end of a file.
    TrimsEnd = "trims-end",
    /// Treats the first zero byte of a file as the end of the file.
    EndsAtZero = "ends-at-zero",
    /// Omits the query string of the URL.
    NoQuery = "no-query",
    /// Truncates a URL after 800 characters.
    CutsUrls = "cuts-urls",
    /// Connects to a port other than the port in the URL.
    IgnoresPorts = "ignores-ports",
    /// Treats a write as complete, even if only a part of the bytes was written.
    WritesParts = "writes-parts",
    /// Sends a body slowly.
    SendsSlowly = "sends-slowly",
    /// Uploads to the target of a redirection.
    FollowsRedirects = "follows-redirects",
    /// Uses the URL of an answer whose size or digest differs from that in the request.
    TakesAnyEcho = "takes-any-echo",
    /// Uploads again when the answer with the URL is repeated.
    UploadsTwice = "uploads-twice",
    /// Sends a `HEAD` request to the URL of an upload when the answer with the URL is repeated.
    LooksAgain = "looks-again",
    /// Announces a digest other than that of the file.
    AnnouncesOther = "announces-other",
    /// Sets DUP in the first copy of a request.
    SetsDupAtOnce = "sets-dup-at-once",
    /// Requests one byte beyond the end of a resource.
    RangeTooLong = "range-too-long",
    /// Calculates the end of a range as a signed 32-bit number.
    NarrowRanges = "narrow-ranges",
    /// Continues a download after the stored bytes of a different download.
    ResumesAnother = "resumes-another",
    /// Calculates the percentage with unsigned 32-bit numbers.
    OverflowsPercent = "overflows-percent",
    /// Reports 100% before a transfer.
    ReportsFullFirst = "reports-full-first",
    /// Repeats messages without DUP after a lost connection.
    ForgetsDup = "forgets-dup",
    /// Does not reconnect after a lost connection.
    StaysAway = "stays-away",
    /// Disappears when a message is malformed or misplaced.
    GivesUp = "gives-up",
    /// Reports a failure when a download breaks, instead of requesting the rest.
    NeverResumes = "never-resumes",
    /// Disappears after its final report, before the answer arrives.
    LeavesAfterEnd = "leaves-after-end",
    /// Disappears after its request, before the answer arrives.
    LeavesAfterRequest = "leaves-after-request",
    /// Keeps bytes with a wrong digest in the file and reports the failure.
    KeepsWrongBytes = "keeps-wrong-bytes",
    /// Makes no transfer and reports a failure for each task.
    FailsEverything = "fails-everything",
    /// Uses the URL of a malformed message.
    TakesMalformed = "takes-malformed",
    /// Uses the URL of the newest message, regardless of the type of the message.
    TakesLastUrl = "takes-last-url",
    /// Reads beyond the end of a message, into the rest of a longer message in the buffer.
    ReadsStaleBytes = "reads-stale-bytes",
    /// Counts braces, including those in strings, to find the end of a message.
    CountsBraces = "counts-braces",
    /// Ignores a message whose digest has uppercase digits.
    ReadsLowerDigests = "reads-lower-digests",
    /// Reads a message only if it has exactly the form that the device would write.
    ReadsOnlyCompact = "reads-only-compact",
    /// Ignores pushed downloads.
    IgnoresPushes = "ignores-pushes",
    /// Ignores retained messages.
    IgnoresRetained = "ignores-retained",
    /// Reports success without a transfer if a download has the name of an earlier download.
    RemembersNames = "remembers-names",
    /// Drops the current transfer when a download is pushed.
    DropsForPush = "drops-for-push",
    /// Stores bytes other than the received bytes.
    KeepsOtherBytes = "keeps-other-bytes",
    /// Treats the name of a download as a path and stores the file there.
    TakesNamesForPaths = "takes-names-for-paths",
    /// Requests only the first byte of each download, even if the resource is empty.
    RangeOfEmpty = "range-of-empty",
    /// Reports success when the transfer begins.
    SaysDoneEarly = "says-done-early",
    /// Treats a status of 200 as success before the whole body is sent.
    TakesEarlySuccess = "takes-early-success",
    /// Never acknowledges a message at QoS 1.
    NeverAcknowledges = "never-acknowledges",
    /// Announces a keep-alive of one second, but never sends a PINGREQ.
    NeverPings = "never-pings",
    /// Subscribes to the topics of all devices and reads their messages.
    TakesAnyTopic = "takes-any-topic",
    /// Subscribes to the topics of all devices, but reads only its own messages.
    SubscribesWide = "subscribes-wide",
    /// Sets RETAIN in all messages.
    Retains = "retains",
    /// Uses the path of a file as the name of its upload.
    NamesByPath = "names-by-path",
    /// Reports success without a transfer.
    NeverTransfers = "never-transfers",
    /// Treats every HTTP status except 200 as a failure.
    TakesOnly200 = "takes-only-200",
    /// Reports a failure after its report of success if the answer is missing or negative.
    RegretsDone = "regrets-done",
    /// Does not check the certificates of the broker and of the object store.
    TrustsAnyone = "trusts-anyone",
    /// Uses HTTP without TLS for `https` URLs.
    DropsTls = "drops-tls",
}

/// The error for an unknown name of a misbehaviour. `Display` lists the known names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownMisbehaviour(String);

impl fmt::Display for UnknownMisbehaviour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = Misbehaviour::ALL.iter().map(|one| one.as_str()).collect();
        write!(f, "unknown misbehaviour {:?}: expected one of {}", self.0, names.join(", "))
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
