//! What those take with them who do not use Rust: the golden data, the messages as JSON Schema, the
//! channels as AsyncAPI.

mod asyncapi;
mod files;
mod messages;

pub(crate) use self::files::write;
