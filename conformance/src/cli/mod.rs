//! Arguments in, exit status out.

mod adapter;
mod device;
mod diff;
mod explain;
mod export;
mod fuzz;
mod input;
mod lint;
mod list;
mod output;
mod platform;
mod progress;
mod report;
mod reports;
mod run;
mod serve;

use std::{
    fmt,
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use clap::{Parser, Subcommand};

use self::output::{Output, say};
use crate::{
    FixturesError, NotAnAdapter, excerpt::printable, live::device::Stopped, live::site::SiteError,
};

/// Checks implementations of Tencent Cloud IoT Hub resource management
///
/// Replays golden fixtures: messages, topics, digests and sessions, each with the answer that the
/// specification asks for; without a command, all of them against the built-in implementation.
/// Fuzzes an implementation, checks captures of real traffic, tests live devices and platforms, and
/// is a platform to develop a device against.
#[derive(Debug, Parser)]
#[command(
    name = "iothub-conformance",
    version,
    args_conflicts_with_subcommands = true,
    after_help = "\
Exit status: 0 all passed, 1 something failed, 2 wrong usage, an unreadable file or nothing \
selected, 3 the testee could not be started

Examples:
  iothub-conformance
  iothub-conformance run --testee 'python3 adapter.py'
  iothub-conformance explain ENC-4
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
    Lint(lint::Lint),
    Report(report::Report),
    Diff(diff::Diff),
    Export(export::Export),
    Platform(platform::Platform),
    Serve(serve::Serve),
    Device(device::Device),
}

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    // Wrong usage ends here, with status 2.
    let arguments = Arguments::parse();
    let mut out = Output::new(anstream::AutoStream::auto(io::stdout()).lock());
    let done = match arguments.command {
        None => run::main(arguments.run, &mut out),
        Some(Command::Run(arguments)) => run::main(arguments, &mut out),
        Some(Command::List(arguments)) => list::main(&arguments, &mut out),
        Some(Command::Explain(arguments)) => explain::main(&arguments, &mut out),
        Some(Command::Fuzz(arguments)) => fuzz::main(&arguments, &mut out),
        Some(Command::Adapter(arguments)) => adapter::main(&arguments),
        Some(Command::Lint(arguments)) => lint::main(&arguments, &mut out),
        Some(Command::Report(arguments)) => report::main(&arguments, &mut out),
        Some(Command::Diff(arguments)) => diff::main(&arguments, &mut out),
        Some(Command::Export(arguments)) => export::main(&arguments, &mut out),
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

/// How a command ended.
#[derive(Clone, Copy, Debug)]
enum Status {
    Passed = 0,
    Failed = 1,
    Usage = 2,
    Unreachable = 3,
    /// As a shell reports a program that SIGINT ended.
    Interrupted = 130,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(status as u8)
    }
}

/// Why a command did not come to a result.
#[derive(Debug)]
enum Error {
    /// What was asked for makes no sense.
    Usage(String),
    /// The golden data cannot be read.
    Fixtures(FixturesError),
    /// The testee cannot be started.
    Testee(NotAnAdapter),
    /// An address cannot be listened on, or a broker not be used.
    Site(Box<SiteError>),
    /// A platform cannot be reached, or does not let us in.
    Platform(String),
    /// A live device cannot be tested.
    Device(Stopped),
    /// Standard input or output.
    Io(io::Error),
    /// A file that cannot be read or written.
    File(PathBuf, io::Error),
}

impl Error {
    const fn status(&self) -> Status {
        match self {
            Self::Usage(_) | Self::Fixtures(_) | Self::Io(_) | Self::File(..) => Status::Usage,
            Self::Testee(_) | Self::Site(_) | Self::Platform(_) | Self::Device(_) => {
                Status::Unreachable
            }
        }
    }

    /// Whoever read our output has seen enough.
    fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Io(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(why) | Self::Platform(why) => f.write_str(why),
            Self::Fixtures(error) => write!(f, "the fixtures cannot be read: {error}"),
            Self::Testee(error) => error.fmt(f),
            Self::Site(error) => error.fmt(f),
            Self::Device(stopped) => stopped.fmt(f),
            Self::Io(error) => write!(f, "standard input or output: {error}"),
            Self::File(path, error) => write!(f, "{}: {error}", path.display()),
        }
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<FixturesError> for Error {
    fn from(error: FixturesError) -> Self {
        Self::Fixtures(error)
    }
}

impl From<NotAnAdapter> for Error {
    fn from(error: NotAnAdapter) -> Self {
        Self::Testee(error)
    }
}
