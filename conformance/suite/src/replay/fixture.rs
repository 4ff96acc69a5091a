//! Reads the fixtures: each case with its request and its verdict.

use std::{borrow::Cow, fmt, path::Path};

use iothub_resource::{Direction, Profile};
use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use super::confined::Confined;
use crate::{
    Level,
    case::{Case, Expected, Requirement, Verdict},
    implementation::{
        Accepted, Event, Request, TopicParts, TraceAdvice,
        wire::{EventLine, read_direction},
    },
};

/// The version of the fixture format that this crate reads.
const FORMAT: u32 = 1;

/// The files in the order of their paths, each with its range in `BLOB`.
static INDEX: &[(&str, usize, usize)] = include!(concat!(env!("OUT_DIR"), "/fixtures.rs"));
static BLOB: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/fixtures.bin"));

/// All cases and the requirements that they test.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Fixtures {
    /// The version of the fixtures, for example `0.1.0`.
    pub version: String,
    /// The cases, in the order of their ids.
    pub cases: Vec<Case>,
    /// The requirements, in the order of the specification.
    pub requirements: Vec<Requirement>,
}

impl Fixtures {
    /// Returns the fixtures that are embedded in this crate.
    ///
    /// # Panics
    ///
    /// Panics if the fixtures are invalid. The tests of the crate read the same fixtures, so a
    /// published crate never panics.
    #[must_use]
    pub fn embedded() -> Self {
        Self::read(&embedded_file).expect("the tests read the embedded fixtures without an error")
    }

    /// Returns only the embedded requirements. This function is faster than [`Self::embedded`].
    ///
    /// # Panics
    ///
    /// Panics if the embedded requirements are invalid. See [`Self::embedded`].
    pub fn embedded_requirements() -> Vec<Requirement> {
        requirements(&embedded_file).expect("the tests read the embedded fixtures without an error")
    }

    /// Returns the embedded files, each with its path.
    pub fn embedded_files() -> impl Iterator<Item = (&'static str, &'static [u8])> {
        INDEX.iter().map(|(path, start, end)| (*path, &BLOB[*start..*end]))
    }

    /// Reads the fixtures from a folder. Only regular files below the folder are read, regardless
    /// of the paths in the manifest. Each file can be up to 64 MiB long, and all files together up
    /// to 256 MiB.
    ///
    /// # Errors
    ///
    /// Returns [`FixturesError`] with the folder, the file or the case that cannot be read.
    pub fn from_folder(folder: &Path) -> Result<Self, FixturesError> {
        let confined = Confined::new(folder)
            .map_err(|error| FixturesError::new(&folder.display().to_string(), error))?;
        Self::read(&|path: &str| {
            let error = |error| FixturesError::new(&confined.place(path).to_string(), error);
            confined.read(path).map(Cow::Owned).map_err(error)
        })
    }

    fn read(file: &File<'_>) -> Result<Self, FixturesError> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Manifest {
            format: u32,
            version: String,
            cases: Vec<Entry>,
        }
        let manifest: Manifest = json(file, "manifest.json")?;
        let requirements = requirements(file)?;
        known_format("manifest.json", manifest.format)?;
        let cases = manifest.cases.into_iter().map(|entry| entry.case(file));
        Ok(Self {
            version: manifest.version,
            cases: cases.collect::<Result<_, _>>()?,
            requirements,
        })
    }

    /// Returns the requirement with this id, or `None` if it does not exist. The id may be
    /// uppercase or lowercase.
    #[must_use]
    pub fn requirement(&self, id: &str) -> Option<&Requirement> {
        self.requirements.iter().find(|requirement| requirement.id.eq_ignore_ascii_case(id))
    }
}

/// A function that reads a file by its path.
type File<'f> = dyn Fn(&str) -> Result<Cow<'static, [u8]>, FixturesError> + 'f;

fn embedded_file(path: &str) -> Result<Cow<'static, [u8]>, FixturesError> {
    let at = INDEX
        .binary_search_by_key(&path, |(path, ..)| path)
        .map_err(|_| FixturesError::new(path, "the file does not exist"))?;
    let (_, start, end) = INDEX[at];
    Ok(Cow::Borrowed(&BLOB[start..end]))
}

fn requirements(file: &File<'_>) -> Result<Vec<Requirement>, FixturesError> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Requirements {
        format: u32,
        requirements: Vec<Requirement>,
    }
    const PATH: &str = "requirements.json";
    let Requirements { format, requirements } = json(file, PATH)?;
    known_format(PATH, format)?;
    Ok(requirements)
}

fn known_format(path: &str, format: u32) -> Result<(), FixturesError> {
    if format == FORMAT {
        return Ok(());
    }
    Err(FixturesError::new(
        path,
        format!("format {format} is unknown: this version reads format {FORMAT}"),
    ))
}

fn json<T: for<'a> Deserialize<'a>>(file: &File<'_>, path: &str) -> Result<T, FixturesError> {
    serde_json::from_slice(&file(path)?).map_err(|error| FixturesError::new(path, error))
}

/// A case in `manifest.json`. `input` may refer to a file that contains the bytes of the request.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    op: String,
    profile: Option<String>,
    requirements: Vec<String>,
    level: Level,
    title: String,
    input: Input,
    verdict: String,
    result: Option<Value>,
    code: Option<String>,
    at: Option<usize>,
    reason: String,
    source: String,
    since: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Input {
    direction: Option<String>,
    payload: Option<String>,
    message: Option<Box<RawValue>>,
    product_id: Option<String>,
    device_name: Option<String>,
    topic: Option<String>,
    data: Option<String>,
    md5sum: Option<String>,
    content_md5: Option<String>,
    events: Option<String>,
}

impl Entry {
    fn case(mut self, file: &File<'_>) -> Result<Case, FixturesError> {
        let id = self.id.clone();
        let wrong = |why: String| FixturesError::new(&id, why);
        let request = self.request(file).map_err(|why| match why {
            Wrong::Case(why) => wrong(why),
            Wrong::File(error) => error,
        })?;
        let verdict = self.verdict(&request).map_err(wrong)?;
        let Input { payload, data, events, .. } = self.input;
        Ok(Case {
            file: payload.or(data).or(events),
            id: self.id,
            requirements: self.requirements,
            level: self.level,
            title: self.title,
            request,
            verdict,
            reason: self.reason,
            source: self.source,
            since: self.since,
        })
    }

    fn request(&mut self, file: &File<'_>) -> Result<Request, Wrong> {
        let input = &mut self.input;
        let profile = || -> Result<Profile, Wrong> {
            let profile = want(self.profile.as_deref(), "profile")?;
            profile.parse().map_err(|_| Wrong::Case(format!("unknown profile {profile}")))
        };
        let direction = |input: &Input| -> Result<Direction, Wrong> {
            read_direction(want(input.direction.as_deref(), "direction")?).map_err(Wrong::Case)
        };
        let bytes_of = |path: &Option<String>, what| -> Result<Cow<'static, [u8]>, Wrong> {
            file(want(path.as_deref(), what)?).map_err(Wrong::File)
        };
        Ok(match self.op.as_str() {
            "decode" => Request::Decode {
                profile: profile()?,
                direction: direction(input)?,
                payload: bytes_of(&input.payload, "payload")?.into_owned(),
            },
            "encode" => Request::Encode {
                profile: profile()?,
                message: want(input.message.take(), "message")?,
            },
            "topic_format" => Request::TopicFormat {
                direction: direction(input)?,
                product_id: want(input.product_id.take(), "product_id")?,
                device_name: want(input.device_name.take(), "device_name")?,
            },
            "topic_parse" => Request::TopicParse { topic: want(input.topic.take(), "topic")? },
            "md5_digest" => {
                Request::Md5Digest { data: bytes_of(&input.data, "data")?.into_owned() }
            }
            "content_md5_encode" => {
                Request::ContentMd5Encode { md5sum: want(input.md5sum.take(), "md5sum")? }
            }
            "content_md5_decode" => Request::ContentMd5Decode {
                content_md5: want(input.content_md5.take(), "content_md5")?,
            },
            "trace" => Request::Trace {
                profile: profile()?,
                events: events(&bytes_of(&input.events, "events")?).map_err(Wrong::Case)?,
            },
            op => return Err(Wrong::Case(format!("unknown operation {op}"))),
        })
    }

    fn verdict(&mut self, request: &Request) -> Result<Verdict, String> {
        match (self.verdict.as_str(), self.result.take(), self.code.take()) {
            ("accept", Some(result), None) => Ok(Verdict::Accept(expected(result, request)?)),
            ("reject", None, Some(code)) => Ok(Verdict::Reject { code, at: self.at }),
            _ => {
                Err("a verdict must be \"accept\" with a `result`, or \"reject\" with a `code`"
                    .into())
            }
        }
    }
}

enum Wrong {
    Case(String),
    File(FixturesError),
}

fn want<T>(value: Option<T>, key: &str) -> Result<T, Wrong> {
    value.ok_or_else(|| Wrong::Case(format!("`{key}` is missing")))
}

fn events(lines: &[u8]) -> Result<Vec<Event>, String> {
    lines
        .split(|&byte| byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| EventLine::read(std::str::from_utf8(line).map_err(|e| e.to_string())?))
        .collect()
}

fn expected(mut result: Value, request: &Request) -> Result<Expected, String> {
    let mut field = |key: &str| {
        result.get_mut(key).map(Value::take).ok_or_else(|| format!("`result` has no `{key}`"))
    };
    let text = |value: Value| match value {
        Value::String(text) => Ok(text),
        other => Err(format!("`result` contains {other} instead of a string")),
    };
    Ok(Expected::Exactly(match request {
        Request::Decode { .. } => Accepted::Message(field("message")?),
        Request::Encode { .. } => return Ok(Expected::PayloadOf(field("message")?)),
        Request::TopicFormat { .. } => Accepted::Topic(text(field("topic")?)?),
        Request::TopicParse { .. } => Accepted::TopicParts(
            TopicParts::deserialize(&result).map_err(|error| error.to_string())?,
        ),
        Request::Md5Digest { .. } | Request::ContentMd5Decode { .. } => {
            Accepted::Md5sum(text(field("md5sum")?)?)
        }
        Request::ContentMd5Encode { .. } => Accepted::ContentMd5(text(field("content_md5")?)?),
        Request::Trace { .. } => {
            let mut advice = Vec::<TraceAdvice>::deserialize(field("advice")?)
                .map_err(|error| error.to_string())?;
            advice.sort_unstable();
            Accepted::Trace(Some(advice))
        }
    }))
}

/// The error for fixtures that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FixturesError {
    /// The path of the file or folder, or the id of the case.
    pub place: String,
    /// The reason why the fixtures cannot be read.
    pub reason: String,
}

impl FixturesError {
    fn new(place: &str, reason: impl fmt::Display) -> Self {
        Self { place: place.to_owned(), reason: reason.to_string() }
    }
}

impl fmt::Display for FixturesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.reason)
    }
}

impl std::error::Error for FixturesError {}
