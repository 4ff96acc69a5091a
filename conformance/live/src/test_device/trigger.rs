//! How a device is started, and ended.

use std::{
    fmt,
    io::{self, BufRead, Read},
    path::PathBuf,
    process::{ExitStatus, Stdio},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use iothub_resource::{DeviceName, ProductId, Profile, session::device::Policy};
use tokio::{
    select,
    sync::oneshot,
    task::JoinHandle,
    time::{Instant, sleep},
};

use super::{attempt::POLL_INTERVAL, scenario::Flow};
use crate::device::{self, DeviceError, DeviceEvent, Job, Misbehaviour, Settings};
use iothub_conformance_suite::implementation::program::{self, ChildWrapper, Tail, read_some};

/// How much of a program's output is kept: the end of it.
const KEPT_OUTPUT: usize = 8 << 10;
/// How long what a dead program leaves behind may take to arrive.
const LEFT_BEHIND: Duration = Duration::from_millis(250);
/// How many times at least we look for it.
const LOOKS: u32 = 100;

/// How a device is started.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Trigger {
    /// With a program and its arguments, which get the environment of the guide.
    Command(Vec<String>),
    /// By a person at this terminal.
    Person,
    /// The reference device, in this process: for tests.
    Reference {
        /// What it does wrong on purpose.
        misbehaviour: Option<Misbehaviour>,
        /// How patient it is.
        policy: Policy,
    },
}

/// What a device is started for.
#[derive(Clone, Debug)]
pub(super) struct LaunchRequest {
    pub(super) scenario: String,
    pub(super) flow: Flow,
    pub(super) mqtt_url: String,
    pub(super) product_id: ProductId,
    pub(super) device_name: DeviceName,
    pub(super) file: PathBuf,
    pub(super) profile: Profile,
}

/// A device that was started.
pub(super) enum RunningDevice {
    Program {
        child: Box<dyn ChildWrapper>,
        output: Output,
        ended: Option<ExitState>,
    },
    Task {
        task: JoinHandle<Result<(), DeviceError>>,
        output: Output,
        ended: Option<ExitState>,
    },
    /// It is somebody else's.
    Elsewhere,
}

/// How what was started has ended by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ExitState {
    /// By a signal, or as a shell reports one.
    pub(super) crashed: bool,
    /// With success.
    pub(super) well: bool,
    pub(super) words: String,
}

/// What became of starting it.
pub(super) enum Launch {
    Running(RunningDevice),
    /// The person has no device for that.
    Skipped,
    /// The person has seen enough.
    Quit,
}

impl Trigger {
    /// The reference device, in this process.
    #[must_use]
    pub const fn reference(misbehaviour: Option<Misbehaviour>, policy: Policy) -> Self {
        Self::Reference { misbehaviour, policy }
    }

    /// Starts the device.
    pub(super) async fn start(
        &self,
        request: &LaunchRequest,
        interrupted: &AtomicBool,
    ) -> io::Result<Launch> {
        match self {
            Self::Command(words) => Ok(Launch::Running(start_program(words, request)?)),
            Self::Person => ask(request, interrupted).await,
            Self::Reference { misbehaviour, policy } => {
                let mut settings = Settings::new(
                    request.mqtt_url.clone(),
                    request.product_id,
                    request.device_name,
                );
                (settings.misbehaviour, settings.policy) = (*misbehaviour, *policy);
                settings.profile = request.profile;
                settings.patience = policy.answer * 4;
                Ok(Launch::Running(reference(settings, request)))
            }
        }
    }

    pub(super) const fn is_person(&self) -> bool {
        matches!(self, Self::Person)
    }
}

fn start_program(words: &[String], request: &LaunchRequest) -> io::Result<RunningDevice> {
    let mut command = program::command(words)?;
    command
        .env("IOTHUB_SCENARIO", &request.scenario)
        .env("IOTHUB_FLOW", request.flow.as_str())
        .env("IOTHUB_MQTT_URL", &request.mqtt_url)
        .env("IOTHUB_PRODUCT_ID", request.product_id.as_str())
        .env("IOTHUB_DEVICE_NAME", request.device_name.as_str())
        .env("IOTHUB_FILE", &request.file)
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
    Ok(RunningDevice::Program { child, output, ended: None })
}

fn reference(settings: Settings, request: &LaunchRequest) -> RunningDevice {
    let file = request.file.clone();
    let job = match request.flow {
        Flow::Upload => Job::Upload { file, name: None },
        Flow::Download => Job::Download { file },
    };
    let output = Output::default();
    let said = output.clone();
    let task = tokio::spawn(async move {
        let mut tell = |news: &DeviceEvent| said.add(format!("{news:?}\n").as_bytes());
        device::perform(&settings, &[job], &mut tell).await.map(drop)
    });
    RunningDevice::Task { task, output, ended: None }
}

/// Asks the person to start the device.
async fn ask(request: &LaunchRequest, interrupted: &AtomicBool) -> io::Result<Launch> {
    let LaunchRequest { scenario, flow, mqtt_url, product_id, device_name, file, .. } = request;
    let what = match flow {
        Flow::Upload => format!("upload {}", file.display()),
        Flow::Download => format!("download, for example as {}", file.display()),
    };
    anstream::eprintln!(
        "\n{scenario}\n  let {product_id}/{device_name} at {mqtt_url} {what}\n  \
         Enter when it is started, s to skip this one, q to end"
    );
    let (sender, answer) = oneshot::channel();
    // A thread of its own: nothing else can wait for a person and go on.
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

/// Until somebody has pressed Ctrl-C.
async fn set(interrupted: &AtomicBool) {
    while !interrupted.load(Ordering::Relaxed) {
        sleep(POLL_INTERVAL).await;
    }
}

impl RunningDevice {
    /// How it has ended by itself; nothing as long as it has not.
    pub(super) async fn exit_state(&mut self) -> Option<ExitState> {
        match self {
            Self::Elsewhere => None,
            Self::Program { child, ended, .. } => {
                if ended.is_none() {
                    *ended = child.try_wait().ok().flatten().map(ExitState::of);
                }
                ended.clone()
            }
            Self::Task { task, ended, output } => {
                if ended.is_none() && task.is_finished() {
                    let (crashed, well, words) = match task.await {
                        Ok(Ok(())) => (false, true, "it ended".to_owned()),
                        Ok(Err(error)) => (false, false, error.to_string()),
                        Err(error) => (error.is_panic(), false, error.to_string()),
                    };
                    output.add(words.as_bytes());
                    *ended = Some(ExitState { crashed, well, words });
                }
                ended.clone()
            }
        }
    }

    /// Ends it and its children, and says what it had said.
    pub(super) async fn end(self) -> String {
        match self {
            Self::Elsewhere => String::new(),
            Self::Task { task, output, ended } => {
                task.abort();
                // It was asked already how it had ended, or not.
                if ended.is_none() {
                    let _ = task.await;
                }
                output.text()
            }
            Self::Program { mut child, output, ended } => {
                // Its children may outlive it.
                let _ = child.start_kill();
                let until = Instant::now() + LEFT_BEHIND;
                while ended.is_none()
                    && Instant::now() < until
                    && matches!(child.try_wait(), Ok(None))
                {
                    sleep(Duration::from_millis(1)).await;
                }
                // On a busy machine, the threads that read its pipes get to run late.
                let mut looks = 0;
                while output.is_open() && (Instant::now() < until || looks < LOOKS) {
                    sleep(Duration::from_millis(1)).await;
                    looks += 1;
                }
                output.text()
            }
        }
    }
}

impl ExitState {
    fn of(status: ExitStatus) -> Self {
        Self { crashed: is_crash(status), well: status.success(), words: status.to_string() }
    }
}

fn is_crash(status: ExitStatus) -> bool {
    /// Illegal instruction, trap, abort, bus error, arithmetic, segmentation fault.
    const FATAL: [i32; 6] = [4, 5, 6, 7, 8, 11];
    #[cfg(unix)]
    if std::os::unix::process::ExitStatusExt::signal(&status).is_some() {
        return true;
    }
    // So a shell reports the program that it has run. On Windows, a code of an exception.
    status.code().is_some_and(|code| code < 0 || FATAL.contains(&(code - 128)))
}

impl fmt::Display for ExitState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words)
    }
}

/// The end of what a program has said.
#[derive(Clone)]
pub(super) struct Output(Arc<Mutex<Kept>>);

struct Kept {
    tail: Tail,
    /// How many pipes are open.
    open: usize,
}

impl Default for Output {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Kept { tail: Tail::new(KEPT_OUTPUT), open: 0 })))
    }
}

impl Output {
    /// Reads a pipe to its end, in a thread.
    fn keep(&self, mut pipe: impl Read + Send + 'static) {
        self.kept().open += 1;
        let output = self.clone();
        thread::spawn(move || {
            let mut chunk = [0; 4096];
            while let Some(count) = read_some(&mut pipe, &mut chunk) {
                output.add(&chunk[..count]);
            }
            output.kept().open -= 1;
        });
    }

    fn add(&self, bytes: &[u8]) {
        self.kept().tail.keep(bytes);
    }

    fn is_open(&self) -> bool {
        self.kept().open > 0
    }

    fn text(&self) -> String {
        let mut kept = self.kept();
        let cut = if kept.tail.cut { "…" } else { "" };
        let text = String::from_utf8_lossy(kept.tail.bytes()).trim().to_owned();
        format!("{cut}{text}")
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
