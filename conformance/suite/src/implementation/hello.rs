//! The request `hello`, which begins the conversation with an adapter.

use iothub_resource::Profile;
use serde::Deserialize;
use serde_json::json;

use super::{
    ADAPTER_VERSION, Op, Request,
    wire::{BadAnswer, Line, brief, line, read_line},
};
use crate::{About, excerpt::quoted};

/// Returns the line of the request `hello`, with the id `id`.
pub(super) fn write(id: u64) -> Vec<u8> {
    line(&json!({ "id": id, "op": "hello", "version": ADAPTER_VERSION }))
}

/// The content of an adapter's answer to `hello`.
pub(super) struct Hello {
    pub(super) about: About,
    /// The supported operations, or `None` if the adapter does not list them.
    ops: Option<Vec<String>>,
    /// The supported profiles, or `None` if the adapter does not list them.
    profiles: Option<Vec<String>>,
}

impl Hello {
    /// Returns whether the adapter has declared that it does not support the request.
    pub(super) fn lacks(&self, request: &Request) -> bool {
        let missing = |said: &Option<Vec<String>>, word: &str| {
            said.as_ref().is_some_and(|said| !said.iter().any(|known| known == word))
        };
        missing(&self.ops, request.op().as_str())
            || request.profile().is_some_and(|profile| missing(&self.profiles, profile.as_str()))
    }
}

/// Returns an error if a word that the adapter lists is unknown. Without this error, a misspelled
/// word would exclude all cases of the intended word.
fn known(what: &str, said: Option<&[String]>, all: &[&str]) -> Result<(), BadAnswer> {
    let Some(word) = said.into_iter().flatten().find(|word| !all.contains(&&***word)) else {
        return Ok(());
    };
    let likeness = |known: &&str| strsim::normalized_damerau_levenshtein(word, known);
    let near = all
        .iter()
        .copied()
        .filter(|known| likeness(known) > 0.5)
        .max_by(|one, other| likeness(one).total_cmp(&likeness(other)));
    let word = quoted(word.as_bytes());
    Err(match near {
        Some(near) => {
            format!("hello names the {what} {word}, which does not exist: did you mean \"{near}\"?")
        }
        None => format!(
            "hello names the {what} {word}, which does not exist: expected one of {}",
            all.join(", ")
        ),
    })
}

pub(super) fn read_answer(line: &[u8], id: u64) -> Result<Hello, BadAnswer> {
    #[derive(Deserialize)]
    struct Said {
        #[serde(default)]
        name: Option<String>,
        #[serde(default)]
        version: Option<String>,
        #[serde(default)]
        ops: Option<Vec<String>>,
        #[serde(default)]
        profiles: Option<Vec<String>>,
    }
    match read_line(line, id)? {
        Line::Ok(ok) => {
            let said: Said = serde_json::from_value(ok)
                .map_err(|error| format!("`ok` of hello: {}", brief(error)))?;
            known("operation", said.ops.as_deref(), &Op::ALL.map(Op::as_str))?;
            known("profile", said.profiles.as_deref(), &Profile::ALL.map(Profile::as_str))?;
            Ok(Hello {
                about: About::new(
                    said.name.unwrap_or_else(|| "unnamed".to_owned()),
                    said.version.unwrap_or_default(),
                ),
                ops: said.ops,
                profiles: said.profiles,
            })
        }
        Line::Refused(_) => Err("it rejects `hello`".to_owned()),
        Line::Unsupported => {
            Err(format!("it does not speak version {ADAPTER_VERSION} of the adapter protocol"))
        }
    }
}
