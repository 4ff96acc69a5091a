//! Starts and stops a device.

use std::{
    io::{self, BufRead},
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

#[cfg(any(test, feature = "misbehaviour"))]
use iothub_resource::session::device::Policy;
use tokio::{select, sync::oneshot, time::sleep};

#[cfg(any(test, feature = "misbehaviour"))]
use super::in_process::InProcessDevice;
use super::{
    attempt::POLL_INTERVAL,
    launch::{ExitState, LaunchRequest, Printed},
    running::RunningProgram,
    scenario::Flow,
};
#[cfg(any(test, feature = "misbehaviour"))]
use crate::device::Misbehaviour;

/// The way to start a device: a command, a person, or the reference device in tests.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Trigger {
    /// A program with its arguments. The program receives environment variables such as
    /// `IOTHUB_MQTT_URL`.
    Command(Vec<String>),
    /// A person at this terminal, who starts the device when asked.
    Person,
    /// The reference device in this process, for tests.
    #[cfg(any(test, feature = "misbehaviour"))]
    Reference {
        /// The misbehaviour of the device; `None` for a correct device.
        misbehaviour: Option<Misbehaviour>,
        /// The time limits and numbers of attempts of the device.
        policy: Policy,
    },
}

/// The result of starting a device.
pub(super) enum Launch {
    Running(RunningDevice),
    /// The person skips the scenario.
    Skipped,
    /// The person ends the run.
    Quit,
}

/// A device that was started.
pub(super) enum RunningDevice {
    Program(RunningProgram),
    #[cfg(any(test, feature = "misbehaviour"))]
    InProcess(InProcessDevice),
    /// The device runs elsewhere, because a person has started it.
    Elsewhere,
}

impl Trigger {
    /// Returns the trigger that starts the reference device in this process.
    #[cfg(any(test, feature = "misbehaviour"))]
    #[must_use]
    pub const fn reference(misbehaviour: Option<Misbehaviour>, policy: Policy) -> Self {
        Self::Reference { misbehaviour, policy }
    }

    /// Starts the device, or asks a person to start the device.
    pub(super) async fn start(
        &self,
        request: &LaunchRequest,
        interrupted: &AtomicBool,
    ) -> io::Result<Launch> {
        Ok(Launch::Running(match self {
            Self::Command(words) => RunningDevice::Program(RunningProgram::start(words, request)?),
            Self::Person => return ask(request, interrupted).await,
            #[cfg(any(test, feature = "misbehaviour"))]
            Self::Reference { misbehaviour, policy } => {
                RunningDevice::InProcess(InProcessDevice::start(*misbehaviour, *policy, request))
            }
        }))
    }

    /// Returns whether a person starts the device.
    #[must_use]
    pub const fn is_person(&self) -> bool {
        matches!(self, Self::Person)
    }
}

/// Asks the person to start the device. Returns the answer of the person.
async fn ask(request: &LaunchRequest, interrupted: &AtomicBool) -> io::Result<Launch> {
    let LaunchRequest { scenario, flow, mqtt_url, product_id, device_name, file, .. } = request;
    let what = match flow {
        Flow::Upload => "upload this file",
        Flow::Download => "download a file, for example to this path",
    };
    anstream::eprintln!(
        "\n{scenario}\n  1. Configure the device {product_id}/{device_name} to connect to \
         {mqtt_url} and to {what}:\n     {}\n  2. Start the device, and then press Enter \
         immediately.\n  To skip this scenario, type s and press Enter. To end the run, type q and \
         press Enter.",
        file.display()
    );
    let (sender, answer) = oneshot::channel();
    // The question needs its own thread, because waiting for a person blocks.
    thread::spawn(move || {
        let mut line = String::new();
        let read = io::stdin().lock().read_line(&mut line);
        let _ = sender.send(read.map(|count| (count, line)));
    });
    let (count, line) = select! {
        answer = answer => answer.map_err(io::Error::other)??,
        () = set(interrupted) => return Ok(Launch::Quit),
    };
    Ok(match line.trim() {
        "s" => Launch::Skipped,
        "q" => Launch::Quit,
        _ if count == 0 => Launch::Quit,
        _ => Launch::Running(RunningDevice::Elsewhere),
    })
}

/// Waits until the person has pressed Ctrl-C.
async fn set(interrupted: &AtomicBool) {
    while !interrupted.load(Ordering::Relaxed) {
        sleep(POLL_INTERVAL).await;
    }
}

impl RunningDevice {
    /// Returns the exit state after the device has ended by itself; `None` before that.
    pub(super) async fn exit_state(&mut self) -> Option<ExitState> {
        match self {
            Self::Program(program) => program.exit_state(),
            #[cfg(any(test, feature = "misbehaviour"))]
            Self::InProcess(device) => device.exit_state().await,
            Self::Elsewhere => None,
        }
    }

    /// Ends the device and its children. Returns the output of the device.
    pub(super) async fn end(self) -> Printed {
        match self {
            Self::Program(program) => program.end().await,
            #[cfg(any(test, feature = "misbehaviour"))]
            Self::InProcess(device) => device.end().await,
            Self::Elsewhere => Printed::default(),
        }
    }
}
