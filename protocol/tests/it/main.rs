//! The integration tests of the crate, in one binary.

mod http;
mod pair;
mod session;
