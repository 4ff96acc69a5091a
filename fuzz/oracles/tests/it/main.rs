//! The oracles with stable Rust: seeds, regressions, random bytes and planted bugs.

mod data;
mod edits;
mod exhaustive;
mod fleet;
mod messages;
mod payloads;
mod plants;
mod props;
mod replay;
mod session;
mod table;
mod values;

use std::path::PathBuf;

/// Returns the folder of the fuzz targets.
fn fuzz() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}
