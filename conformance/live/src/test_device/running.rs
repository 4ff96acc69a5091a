//! A program that is the device or starts the device.

use std::{io, process::Stdio, time::Duration};

use tokio::time::{Instant, sleep};

use super::launch::{ExitState, LaunchRequest, Output, Printed};
use iothub_conformance_suite::implementation::program::{self, ChildWrapper};

/// The time within which the output of a program may still arrive after the program has ended.
const LEFT_BEHIND: Duration = Duration::from_millis(250);
/// The interval between checks for the output.
const PAUSE: Duration = Duration::from_millis(1);
/// The minimum number of checks, because the threads that read the pipes run late on a busy
/// machine.
const LOOKS: u32 = 100;

pub(super) struct RunningProgram {
    child: Box<dyn ChildWrapper>,
    output: Output,
    /// The exit state of the program; `None` until the program has ended by itself.
    exit_state: Option<ExitState>,
}

impl RunningProgram {
    /// Starts a program with its arguments. The program receives the request in environment
    /// variables.
    pub(super) fn start(words: &[String], request: &LaunchRequest) -> io::Result<Self> {
        let mut command = program::command(words)?;
        command
            .env("IOTHUB_SCENARIO", &request.scenario)
            .env("IOTHUB_FLOW", request.flow.as_str())
            .env("IOTHUB_MQTT_URL", &request.mqtt_url)
            .env("IOTHUB_PRODUCT_ID", request.product_id.as_str())
            .env("IOTHUB_DEVICE_NAME", request.device_name.as_str())
            .env("IOTHUB_FILE", &request.file)
            .envs(request.tls_ca.iter().map(|file| ("IOTHUB_TLS_CA", file)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = program::spawn(command)?;
        let output = Output::default();
        if let Some(pipe) = child.stdout().take() {
            output.keep(pipe);
        }
        if let Some(pipe) = child.stderr().take() {
            output.keep(pipe);
        }
        Ok(Self { child, output, exit_state: None })
    }

    /// Returns the exit state after the program has ended by itself; `None` before that.
    pub(super) fn exit_state(&mut self) -> Option<ExitState> {
        if self.exit_state.is_none() {
            self.exit_state = self.child.try_wait().ok().flatten().map(ExitState::of);
        }
        self.exit_state.clone()
    }

    /// Ends the program and its children. Returns the output of the program.
    pub(super) async fn end(mut self) -> Printed {
        // The children may outlive the program.
        let _ = self.child.start_kill();
        let until = Instant::now() + LEFT_BEHIND;
        while self.exit_state.is_none()
            && Instant::now() < until
            && matches!(self.child.try_wait(), Ok(None))
        {
            sleep(PAUSE).await;
        }
        let mut looks = 0;
        while self.output.is_open() && (Instant::now() < until || looks < LOOKS) {
            sleep(PAUSE).await;
            looks += 1;
        }
        self.output.printed()
    }
}
