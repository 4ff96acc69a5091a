//! Exports for users of other languages: the fixtures, the messages as JSON Schema, the channels
//! as AsyncAPI, and the requirements with their cases.

mod asyncapi;
mod files;
mod messages;
mod requirements;

pub(crate) use self::files::write;
