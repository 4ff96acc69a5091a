//! What a device can do wrong on purpose, so that tests see whether it is found.

use std::{fmt, str::FromStr, sync::Arc};

use base64ct::Encoding;
use clap::{ValueEnum, builder::PossibleValue};
use iothub_resource::{
    ContentMd5, Message, Percent, Profile, ProgressReport, ResourceName, ResourceUrl, ResultCode,
    State,
};

use crate::http::client::{Body, Request};

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

            const fn help(self) -> &'static str {
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

/// So that `--help` of the example lists them.
impl ValueEnum for Misbehaviour {
    fn value_variants<'a>() -> &'a [Self] {
        Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.as_str()).help(self.help()))
    }
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

impl Misbehaviour {
    /// What is published instead of a message.
    pub(super) fn payloads(self, profile: Profile, mut message: Message<'static>) -> Vec<Vec<u8>> {
        let ends = ends(profile, &message);
        if let Some(report) = report(&mut message) {
            match self {
                Self::SaysDoneAnyway if ends => {
                    report.progress.state = match profile {
                        Profile::Documented => State::Running(Percent::FULL),
                        Profile::Deployed => State::Done(None),
                    };
                    report.progress.result_code = ResultCode::SUCCESS;
                    report.progress.result_msg = "".into();
                }
                Self::NoReason if ends => {
                    report.progress.result_code = ResultCode::SUCCESS;
                    report.progress.result_msg = "".into();
                }
                Self::NeverEnds if ends => return Vec::new(),
                Self::ReportsOther => {
                    report.name = ResourceName::new("other").unwrap_or(report.name.clone());
                }
                _ => {}
            }
            let Ok(mut payload) = message.encode(profile) else { return Vec::new() };
            if self == Self::MalformedReports {
                payload.insert(payload.len() - 1, b',');
            }
            return if self == Self::EndsTwice && ends {
                // Not the same once more, which would be a repetition.
                let mut again = payload.clone();
                again.splice(0..1, *b"{ ");
                let again = String::from_utf8_lossy(&again)
                    .replace("\"result_msg\":\"", "\"result_msg\":\"again ");
                vec![payload, again.into_bytes()]
            } else {
                vec![payload]
            };
        }
        let mut payloads: Vec<_> = message.encode(profile).into_iter().collect();
        if self == Self::ReportsEarly {
            let progress = iothub_resource::Progress {
                state: State::Running(Percent::ZERO),
                result_code: ResultCode::SUCCESS,
                result_msg: "".into(),
            };
            let early = match &message {
                Message::CreateUploadTask(resource) => {
                    let name = resource.name.clone();
                    Some(Message::ReportUploadProgress(ProgressReport { name, progress }))
                }
                // It cannot know the name yet.
                Message::GetDownloadTask => ResourceName::new("zxc.bin")
                    .ok()
                    .map(|name| Message::ReportDownloadProgress(ProgressReport { name, progress })),
                _ => None,
            };
            payloads.extend(early.and_then(|early| early.encode(profile).ok()));
        }
        payloads
    }

    /// What is asked instead.
    pub(super) fn request(self, mut request: Request) -> Request {
        match self {
            Self::NoContentMd5 => request.headers.retain(|(name, _)| *name != "Content-MD5"),
            Self::Base64OfHex => {
                for (name, value) in &mut request.headers {
                    if *name == "Content-MD5"
                        && let Ok(content_md5) = ContentMd5::from_base64(value)
                    {
                        let hex = iothub_resource::Md5Sum::from(content_md5).to_string();
                        *value = base64ct::Base64::encode_string(hex.as_bytes());
                    }
                }
            }
            Self::WrongBytes | Self::ShortBody => {
                if let Body::File(path, _) = &request.body {
                    let mut bytes = std::fs::read(path).unwrap_or_default();
                    if self == Self::WrongBytes {
                        bytes.iter_mut().for_each(|byte| *byte = !*byte);
                    } else {
                        bytes.truncate(bytes.len() / 2);
                        for (name, value) in &mut request.headers {
                            if *name == "Content-Length" {
                                *value = bytes.len().to_string();
                            }
                        }
                    }
                    request.body = Body::Bytes(Arc::from(bytes));
                }
            }
            Self::NoQuery => {
                let bare = request.url.as_str().split('?').next().unwrap_or_default().to_owned();
                if let Ok(url) = ResourceUrl::new(bare) {
                    request.url = url;
                }
            }
            Self::RangeOfEmpty => {
                let has_range = request.headers.iter().any(|(name, _)| *name == "Range");
                if request.method == "GET" && !has_range {
                    request.headers.push(("Range", "bytes=0-0".to_owned()));
                }
            }
            Self::RangeTooLong => {
                for (name, value) in &mut request.headers {
                    if *name == "Range"
                        && let Some((first, last)) = value.split_once('-')
                        && let Ok(last) = last.parse::<u64>()
                    {
                        *value = format!("{first}-{}", last + 1);
                    }
                }
            }
            _ => {}
        }
        request
    }
}

fn report<'a>(message: &'a mut Message<'static>) -> Option<&'a mut ProgressReport<'static>> {
    match message {
        Message::ReportUploadProgress(report) | Message::ReportDownloadProgress(report) => {
            Some(report)
        }
        _ => None,
    }
}

/// Whether it is a final report.
fn ends(profile: Profile, message: &Message<'_>) -> bool {
    match message {
        Message::ReportUploadProgress(report) | Message::ReportDownloadProgress(report) => {
            iothub_resource::session::End::of(profile, report).is_some()
        }
        _ => false,
    }
}
