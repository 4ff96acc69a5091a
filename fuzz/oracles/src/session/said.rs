//! Messages with few names, bodies and URLs, so that random sequences of them interact.

use std::{borrow::Cow, sync::LazyLock};

use arbitrary::{Arbitrary, Result, Unstructured};
use iothub_resource::{
    Md5Sum, Message, Percent, Progress, ProgressReport, ProgressResponse, Resource, ResourceName,
    ResourceSize, ResourceTask, ResourceUrl, ResultCode, State, Transfer,
};

use super::{Written, byte};

/// The possible names of tasks.
pub(crate) const NAMES: [&str; 3] = ["zxc", "AAAA", "pushed"];

/// The possible bodies of resources. Two of them have the same size.
pub(crate) const BODIES: [&[u8]; 4] = [b"", b"x", b"0123456789", b"9876543210"];

/// The possible URLs of transfers.
pub(crate) const URLS: [&str; 4] =
    ["https://store/0", "https://store/1", "https://store/2", "https://store/3"];

/// The possible result codes. The first code is more likely than the others.
pub(crate) const CODES: [i32; 4] = [0, -1, -2, 404];

/// A task as indices of a name, a body and a URL. The index after the last body stands for a wrong
/// size: the digest of `BODIES[2]` and a size that is one byte larger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, clippy::exhaustive_structs, reason = "three indices")]
pub struct What {
    pub name: u8,
    pub body: u8,
    pub url: u8,
}

impl What {
    /// The number of possible bodies, including the one with a wrong size.
    pub(crate) const BODIES: u8 = 5;
    /// The number of possible URLs.
    pub(crate) const URLS: u8 = 4;
}

impl<'a> Arbitrary<'a> for What {
    fn arbitrary(source: &mut Unstructured<'a>) -> Result<Self> {
        let byte = byte(source)?;
        let body = byte >> 2 & 7;
        Ok(Self {
            name: (byte & 3) % 3,
            body: if body < Self::BODIES { body } else { 2 },
            url: byte >> 5 & 3,
        })
    }
}

impl Written for What {
    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.push(self.name | self.body << 2 | self.url << 5);
    }
}

/// A message with indices instead of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, clippy::exhaustive_enums, reason = "as the messages themselves")]
pub enum Said {
    Create(What),
    Issue(What),
    Query,
    Deliver(What),
    Push(What),
    Report { transfer: Transfer, name: u8, state: State, code: i32 },
    Answer { transfer: Transfer, code: i32 },
}

type Read = fn(&mut Unstructured<'_>) -> Result<Said>;

/// The kinds of messages, with their weights out of 32.
const KINDS: &[(u8, Read)] = &[
    (3, |source| source.arbitrary().map(Said::Create)),
    (5, |source| source.arbitrary().map(Said::Issue)),
    (2, |_| Ok(Said::Query)),
    (4, |source| source.arbitrary().map(Said::Deliver)),
    (1, |source| source.arbitrary().map(Said::Push)),
    (5, |source| report(source, Transfer::Upload)),
    (6, |source| report(source, Transfer::Download)),
    (3, |source| answer(source, Transfer::Upload)),
    (3, |source| answer(source, Transfer::Download)),
];

impl<'a> Arbitrary<'a> for Said {
    fn arbitrary(source: &mut Unstructured<'a>) -> Result<Self> {
        let mut place = byte(source)? % 32;
        for (weight, read) in KINDS {
            match place.checked_sub(*weight) {
                Some(rest) => place = rest,
                None => return read(source),
            }
        }
        unreachable!("the weights are 32 together")
    }
}

impl Written for Said {
    fn write(&self, bytes: &mut Vec<u8>) {
        let kind = match self {
            Self::Create(_) => 0,
            Self::Issue(_) => 1,
            Self::Query => 2,
            Self::Deliver(_) => 3,
            Self::Push(_) => 4,
            Self::Report { transfer: Transfer::Upload, .. } => 5,
            Self::Report { transfer: Transfer::Download, .. } => 6,
            Self::Answer { transfer: Transfer::Upload, .. } => 7,
            Self::Answer { transfer: Transfer::Download, .. } => 8,
        };
        bytes.push(KINDS[..kind].iter().map(|(weight, _)| weight).sum());
        match *self {
            Self::Create(what) | Self::Issue(what) | Self::Deliver(what) | Self::Push(what) => {
                what.write(bytes);
            }
            Self::Query => {}
            Self::Report { name, state, code, .. } => {
                let (state, percent) = match state {
                    State::Running(percent) => (0, Some(percent)),
                    State::Done(None) => (4, None),
                    State::Done(percent) => (5, percent),
                    State::Fail(None) => (6, None),
                    State::Fail(percent) => (7, percent),
                };
                bytes.push(name | state << 2 | code_byte(code) << 5);
                bytes.push(percent.map_or(0, Percent::value));
            }
            Self::Answer { code, .. } => bytes.push(code_byte(code)),
        }
    }
}

fn report(source: &mut Unstructured<'_>, transfer: Transfer) -> Result<Said> {
    let (first, percent) = (byte(source)?, byte(source)?);
    // The percentages with a meaning are more likely.
    let percent = if percent <= 100 { percent } else { [0, 50, 99, 100][usize::from(percent % 4)] };
    let percent = Percent::new(percent).expect("it is one");
    let state = match first >> 2 & 7 {
        0..4 => State::Running(percent),
        4 => State::Done(None),
        5 => State::Done(Some(percent)),
        6 => State::Fail(None),
        _ => State::Fail(Some(percent)),
    };
    Ok(Said::Report { transfer, name: (first & 3) % 3, state, code: code(first >> 5) })
}

fn answer(source: &mut Unstructured<'_>, transfer: Transfer) -> Result<Said> {
    Ok(Said::Answer { transfer, code: code(byte(source)?) })
}

fn code(byte: u8) -> i32 {
    CODES[usize::from(byte % 8).saturating_sub(4)]
}

fn code_byte(code: i32) -> u8 {
    match CODES.iter().position(|known| *known == code) {
        Some(0) | None => 0,
        Some(place) => place as u8 + 4,
    }
}

impl Said {
    /// Returns the message with the values that the indices stand for.
    #[must_use]
    pub fn message(&self) -> Message<'static> {
        match *self {
            Self::Create(what) => Message::CreateUploadTask(resource(what)),
            Self::Issue(what) => Message::CreateUploadTaskRsp(task(what)),
            Self::Query => Message::GetDownloadTask,
            Self::Deliver(what) => Message::GetDownloadTaskRsp(task(what)),
            Self::Push(what) => Message::Download(task(what)),
            Self::Report { transfer, name, state, code } => {
                let result_code = ResultCode(code);
                let result_msg = Cow::Borrowed(result_code.known_message().unwrap_or("http 404"));
                let progress = Progress { state, result_code, result_msg };
                let report = ProgressReport { name: named(name), progress };
                match transfer {
                    Transfer::Upload => Message::ReportUploadProgress(report),
                    Transfer::Download => Message::ReportDownloadProgress(report),
                }
            }
            Self::Answer { transfer, code } => {
                let response = match code {
                    0 => ProgressResponse::OK,
                    _ => {
                        let result_code = ResultCode(code);
                        ProgressResponse { result_code, result_msg: Cow::Borrowed("no") }
                    }
                };
                match transfer {
                    Transfer::Upload => Message::ReportUploadProgressRsp(response),
                    Transfer::Download => Message::ReportDownloadProgressRsp(response),
                }
            }
        }
    }
}

/// Returns the resource that the indices stand for.
pub(crate) fn resource(what: What) -> Resource<'static> {
    static VALUES: LazyLock<Vec<(ResourceSize, Md5Sum)>> = LazyLock::new(|| {
        let value = |body: &&[u8]| (ResourceSize::from(body.len() as u32), Md5Sum::of(body));
        let lie = (ResourceSize::from(11), Md5Sum::of(BODIES[2]));
        BODIES.iter().map(value).chain([lie]).collect()
    });
    let (size, md5sum) = VALUES[usize::from(what.body)];
    Resource { size, name: named(what.name), md5sum }
}

/// Returns the task that the indices stand for.
pub(crate) fn task(what: What) -> ResourceTask<'static> {
    let url = URLS[usize::from(what.url)];
    ResourceTask::new(resource(what), ResourceUrl::new(url).expect("it is one"))
}

fn named(name: u8) -> ResourceName<'static> {
    ResourceName::new(NAMES[usize::from(name)]).expect("it is one")
}
