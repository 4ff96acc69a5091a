//! Tests every fixture, including rejection codes, against the built-in implementation.

use std::process::ExitCode;

use iothub_conformance_suite::{Builtin, Fixtures, Judge, harness};

fn main() -> ExitCode {
    let judge = Judge::default().strict(true).codes(true);
    harness::run(Fixtures::embedded(), judge, Builtin::default)
}
