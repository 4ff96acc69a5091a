//! What those take with them who do not use Rust: the golden data, the messages as JSON Schema, the
//! channels as AsyncAPI, the requirements with their cases.

mod asyncapi;
mod files;
mod messages;
mod requirements;

pub(crate) use self::files::write;
