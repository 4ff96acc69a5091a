//! `adapter`: runs the built-in implementation on standard input and output.

use std::io;

use clap::Args;

use super::status::{Error, Status};
use crate::{Builtin, serve_adapter};

/// Runs the built-in implementation as an adapter on standard input and output
#[derive(Args, Debug)]
#[command(after_help = "\
Example:
  echo '{\"id\":1,\"op\":\"md5_digest\",\"data\":\"\"}' | iothub-conformance adapter")]
pub(super) struct Adapter {}

pub(super) fn main(_: &Adapter) -> Result<Status, Error> {
    // The coloured output of the other commands is not used here because programs read the answers
    // of this command.
    serve_adapter(&mut Builtin::default(), io::stdin().lock(), io::stdout())?;
    Ok(Status::Passed)
}
