//! The command line: parses the arguments, runs the command and returns the exit status.

mod adapter;
mod address;
mod check;
mod device;
mod diff;
mod duration;
mod explain;
mod export;
mod failed;
mod fuzz;
mod input;
mod interrupt;
mod invocation;
mod lint;
mod list;
mod live_progress;
mod number;
mod output;
mod platform;
mod progress;
mod reference;
mod report;
mod reports;
mod run;
mod selection;
mod serve;
mod shell_words;
mod show_request;
mod status;
mod tls;
mod width;

use std::{
    io::{self, Write},
    process::ExitCode,
};

use clap::{CommandFactory, Parser, Subcommand};

use self::output::{Output, say};
use crate::excerpt::printable;

/// Tests implementations of Tencent Cloud IoT Hub resource management
///
/// The program replays fixtures: messages, topics, digests and sessions, each with the answer that
/// the specification requires. Without arguments, it tests the built-in implementation. The program
/// also fuzzes implementations, checks captures of real traffic, tests live devices and platforms,
/// and provides a platform for developing a device.
#[derive(Debug, Parser)]
#[command(
    name = "iothub-conformance",
    version,
    args_conflicts_with_subcommands = true,
    after_help = "\
Exit status: 0 nothing failed; 1 something failed; 2 wrong usage, a file that cannot be read or \
written, or nothing selected; 3 the testee could not be started; 130 interrupted

Examples:
  iothub-conformance
  iothub-conformance run --testee 'python3 adapter.py'
  iothub-conformance explain ENC-4
  iothub-conformance check '{\"type\":\"get_download_task\"}'
  iothub-conformance fuzz --testee 'python3 adapter.py'
  mosquitto_sub -t '$resource/#' -F '%t %x' | iothub-conformance lint -
  iothub-conformance serve --store uploads --offer firmware.bin
  iothub-conformance device --trigger 'python3 my_device.py'
  iothub-conformance platform --broker mqtt://localhost \\
      --product-id P --device-name d"
)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    run: run::Run,
}

#[derive(Debug, Subcommand)]
enum Command {
    Run(run::Run),
    List(list::List),
    Explain(explain::Explain),
    Fuzz(fuzz::Fuzz),
    Adapter(adapter::Adapter),
    Check(check::Check),
    Lint(lint::Lint),
    Report(report::Report),
    Diff(diff::Diff),
    Export(export::Export),
    Platform(platform::Platform),
    Serve(serve::Serve),
    Device(device::Device),
}

/// Runs the command line of this process and returns the exit status.
#[must_use]
pub fn main() -> ExitCode {
    // After a usage error, `parse` ends the process with status 2.
    let arguments = Arguments::parse();
    let mut out = Output::new(anstream::AutoStream::auto(io::stdout()));
    let done = match arguments.command {
        None => run::main(arguments.run, &mut out),
        Some(Command::Run(arguments)) => run::main(arguments, &mut out),
        Some(Command::List(arguments)) => list::main(&arguments, &mut out),
        Some(Command::Explain(arguments)) => explain::main(&arguments, &mut out),
        Some(Command::Fuzz(arguments)) => fuzz::main(&arguments, &mut out),
        Some(Command::Adapter(arguments)) => adapter::main(&arguments),
        Some(Command::Check(arguments)) => check::main(&arguments, &mut out),
        Some(Command::Lint(arguments)) => lint::main(&arguments, &mut out),
        Some(Command::Report(arguments)) => report::main(&arguments, &mut out),
        Some(Command::Diff(arguments)) => diff::main(&arguments, &mut out),
        Some(Command::Export(arguments)) => {
            export::main(&arguments, Arguments::command(), &mut out)
        }
        Some(Command::Platform(arguments)) => platform::main(&arguments, &mut out),
        Some(Command::Serve(arguments)) => serve::main(&arguments, &mut out),
        Some(Command::Device(arguments)) => device::main(&arguments, &mut out),
    };
    let done = done.and_then(|status| Ok(out.flush().map(|()| status)?));
    match done {
        Ok(status) => status.into(),
        Err(error) => {
            if !error.is_broken_pipe() {
                let style = anstyle::AnsiColor::Red.on_default();
                say(format_args!("{style}error{style:#}: {}", printable(&error.to_string())));
            }
            error.status().into()
        }
    }
}
