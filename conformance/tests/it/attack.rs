//! Peers that mean no good can neither stop nor bloat `serve`, nor speak in the name of others.
//!
//! Each attack of the table in `docs/reference/limits.md` is a scripted peer. It runs here in a small
//! form; in its full form it makes a line of the table:
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
