//! The integration tests of the crate, in one binary.

mod decode;
mod digests;
mod encode;
mod errors;
mod http;
mod samples;
mod secrets;
mod session;
mod topics;
mod values;
