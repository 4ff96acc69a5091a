//! Attacks on `serve`, `device` and `lint`: no peer and no file can stop them, exhaust their memory, or act
//! in the name of others.
//!
//! Each attack of the table in `docs/reference/limits.md` is a scripted peer. These tests run the
//! attacks on a small scale. This command runs them on a large scale, and prints the table:
//!
//! ```console
//! cargo test --release -p iothub-conformance --test it -- --ignored --nocapture attack::table
//! ```

mod bytes;
mod console;
mod credentials;
mod device;
mod files;
mod http;
mod lint;
mod mqtt;
mod requests;
mod scene;
mod table;
mod tls;
