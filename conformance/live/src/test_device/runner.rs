//! Runs many scenarios, several at the same time where possible.

use std::{
    collections::VecDeque,
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use iothub_conformance_suite::result::BASIS;
use iothub_resource::DeviceName;
use tokio::{runtime::Builder, sync::mpsc, task::JoinSet};

use super::{
    options::Options,
    play::PlayError,
    scenario::{ReportResponse, Scenario, StoreFault, TaskResponse, TransferStep},
    scenario_run::ScenarioRun,
    stored::Judged,
    trigger::Trigger,
};
use crate::Address;
use crate::{
    limits::Limits,
    platform_server::{MqttSource, PlatformServer, ServerOptions},
    record::Device,
};

/// A hint about the values that the `--trigger` command must pass to the device.
const HINT: &str = "\nThe --trigger command receives the address of the broker in \
                    IOTHUB_MQTT_URL, for example mqtt://127.0.0.1:40123. It must pass this \
                    address, IOTHUB_PRODUCT_ID, IOTHUB_DEVICE_NAME, IOTHUB_FLOW and IOTHUB_FILE to \
                    the device. Unless --listen or --broker sets the address, it is different in \
                    each run";

/// The additional hint for the `--trigger` command with `--tls`.
const TLS_HINT: &str = ". IOTHUB_TLS_CA contains the path of the CA certificate that the device \
                        must trust";

/// The reason why a device could not be tested.
#[derive(Debug)]
#[non_exhaustive]
pub enum Stopped {
    /// The platform cannot start, for example because an address is in use or the broker cannot be
    /// reached.
    Site(String),
    /// The device cannot be started.
    CannotStart(String),
    /// The device sent nothing in the first scenario.
    Unreachable {
        /// The findings of the first scenario and the output of the device, as text.
        detail: String,
        /// Whether a command was used to start the device.
        has_trigger: bool,
        /// Whether the device was offered TLS.
        has_tls: bool,
    },
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Site(why) => f.write_str(why),
            Self::CannotStart(why) => write!(f, "the device cannot be started: {why}"),
            Self::Unreachable { detail, has_trigger, has_tls } => {
                write!(
                    f,
                    "the device sent nothing: no client has connected, or none has published on \
                     the topic of the device\n{detail}"
                )?;
                let hint = if *has_trigger { HINT } else { "" };
                let tls_hint = if *has_trigger && *has_tls { TLS_HINT } else { "" };
                write!(f, "{hint}{tls_hint}")
            }
        }
    }
}

impl std::error::Error for Stopped {}

/// A step of a run, for callers that show the progress.
#[derive(Debug)]
#[allow(clippy::exhaustive_enums, reason = "a scenario begins and ends")]
pub enum Progress<'a> {
    /// A scenario begins.
    Begun(&'a Scenario),
    /// A scenario is over, with this result.
    Ended(&'a Judged),
}

/// A message from a worker: the scenario that begins, or the result of a scenario.
enum FromWorker {
    Begun(Box<Scenario>),
    Played(Box<Result<Judged, PlayError>>),
}

/// Runs scenarios and reports the beginning and end of each scenario.
///
/// Returns the results of the scenarios that have ended, in the order of the scenario ids, and
/// [`Stopped`] if there is no platform or no device. A scenario has no result if it did not begin,
/// if `interrupted` was set before its end, or if its device could not be started.
pub fn run(
    options: &Options,
    scenarios: Vec<Scenario>,
    trigger: &Trigger,
    interrupted: &Arc<AtomicBool>,
    tell: &mut dyn FnMut(Progress<'_>),
) -> (Vec<Judged>, Result<(), Stopped>) {
    match Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(run_within(options, scenarios, trigger, interrupted, tell)),
        Err(error) => (Vec::new(), Err(Stopped::Site(error.to_string()))),
    }
}

/// Runs scenarios as [`run`] does, within the runtime of the caller and with the clock of this
/// runtime.
pub async fn run_within(
    options: &Options,
    scenarios: Vec<Scenario>,
    trigger: &Trigger,
    interrupted: &Arc<AtomicBool>,
    tell: &mut dyn FnMut(Progress<'_>),
) -> (Vec<Judged>, Result<(), Stopped>) {
    let mut queue: Vec<(usize, Scenario)> = scenarios.into_iter().enumerate().collect();
    // Slow scenarios begin first, so that the run does not wait for them at the end.
    queue.sort_by_key(|(_, scenario)| std::cmp::Reverse(weight(scenario)));
    let mut judged = Vec::new();
    let result = play_all(options, queue, trigger, interrupted, &mut judged, tell).await;
    judged.sort_by(|one, other| one.scenario.id.cmp(&other.scenario.id));
    (judged, result)
}

/// Returns the approximate duration of a scenario, as a weight without a unit.
fn weight(scenario: &Scenario) -> u8 {
    let setup = &scenario.plan.setup;
    if setup.store.contains(&StoreFault::Silent) {
        return 4;
    }
    if setup.store.contains(&StoreFault::Paced) {
        return 3;
    }
    match (&setup.response, setup.cut) {
        (TaskResponse::LostOnce, _) => 3,
        (TaskResponse::Lost, _) => 2,
        _ if matches!(setup.reports, ReportResponse::Lost | ReportResponse::EndRefused(_)) => 2,
        (_, Some(TransferStep::Ended)) => 1,
        _ => 0,
    }
}

/// Runs the scenarios of `queue` and adds each result to `done`.
async fn play_all(
    options: &Options,
    mut queue: Vec<(usize, Scenario)>,
    trigger: &Trigger,
    interrupted: &Arc<AtomicBool>,
    done: &mut Vec<Judged>,
    tell: &mut dyn FnMut(Progress<'_>),
) -> Result<(), Stopped> {
    let mut first = Worker::open(options, trigger, interrupted).await?;
    // The simplest scenario runs alone first, to check whether there is a device.
    let usual = queue.iter().position(|(_, scenario)| BASIS.contains(&&*scenario.id));
    let plain =
        usual.or_else(|| queue.iter().position(|(_, scenario)| scenario.plan.setup.is_well()));
    if queue.is_empty() {
        return Ok(());
    }
    let (number, scenario) = queue.remove(plain.unwrap_or(queue.len() - 1));
    tell(Progress::Begun(&scenario));
    match first.play(number, &scenario).await {
        Ok(judged) if !judged.was_heard && !judged.was_skipped => {
            let (detail, has_trigger) = (judged.detail(), !trigger.is_person());
            let has_tls = options.tls.is_some();
            return Err(Stopped::Unreachable { detail, has_trigger, has_tls });
        }
        Ok(judged) => {
            tell(Progress::Ended(&judged));
            done.push(judged);
        }
        Err(PlayError::Io(error)) => return Err(Stopped::CannotStart(error.to_string())),
        Err(PlayError::Interrupted) => {
            interrupted.store(true, Ordering::Relaxed);
            return Ok(());
        }
    }
    let jobs = if trigger.is_person() { 1 } else { options.jobs.clamp(1, queue.len().max(1)) };
    let mut workers = vec![first];
    for _ in 1..jobs {
        workers.push(Worker::open(options, trigger, interrupted).await?);
    }
    let queue = Arc::new(Mutex::new(VecDeque::from(queue)));
    let (sender, mut results) = mpsc::unbounded_channel();
    let mut working = JoinSet::new();
    for mut worker in workers {
        let (queue, sender) = (Arc::clone(&queue), sender.clone());
        working.spawn(async move {
            loop {
                let next = queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                let Some((number, scenario)) = next else { return };
                let begun = FromWorker::Begun(Box::new(scenario.clone()));
                if sender.send(begun).is_err() {
                    return;
                }
                let played = worker.play(number, &scenario).await;
                let is_last = played.is_err();
                if sender.send(FromWorker::Played(Box::new(played))).is_err() || is_last {
                    return;
                }
            }
        });
    }
    drop(sender);
    let mut result = Ok(());
    while let Some(message) = results.recv().await {
        let played = match message {
            FromWorker::Begun(scenario) => {
                tell(Progress::Begun(&scenario));
                continue;
            }
            FromWorker::Played(played) => *played,
        };
        match played {
            Ok(judged) => {
                tell(Progress::Ended(&judged));
                done.push(judged);
            }
            // A device that can no longer be started ends the run with an error.
            Err(PlayError::Io(error)) => result = Err(Stopped::CannotStart(error.to_string())),
            Err(PlayError::Interrupted) => interrupted.store(true, Ordering::Relaxed),
        }
    }
    result
}

/// A worker that has its own platform and runs one scenario after another.
struct Worker {
    options: Options,
    trigger: Trigger,
    interrupted: Arc<AtomicBool>,
    server: PlatformServer,
    /// The folder of the object store, which is removed together with the worker.
    _store: tempfile::TempDir,
}

impl Worker {
    async fn open(
        options: &Options,
        trigger: &Trigger,
        interrupted: &Arc<AtomicBool>,
    ) -> Result<Self, Stopped> {
        let no_server = |why: String| Stopped::Site(why);
        let store = tempfile::tempdir().map_err(|error| no_server(error.to_string()))?;
        let mqtt = match &options.broker {
            Some(url) => MqttSource::Broker(url.parse::<Address>().map_err(no_server)?),
            None => MqttSource::Listen { address: options.listen, access: None },
        };
        let plan = ServerOptions {
            mqtt,
            http: options.http,
            tls: options.tls.clone(),
            public_url: options.public_url.clone(),
            store: store.path().to_owned(),
            limits: limits(options),
        };
        let server =
            PlatformServer::open(plan).await.map_err(|error| no_server(error.to_string()))?;
        Ok(Self {
            options: options.clone(),
            trigger: trigger.clone(),
            interrupted: Arc::clone(interrupted),
            server,
            _store: store,
        })
    }

    async fn play(&mut self, number: usize, scenario: &Scenario) -> Result<Judged, PlayError> {
        let Self { options, trigger, interrupted, server, .. } = self;
        let device = device(options, number);
        ScenarioRun::new(server, options, scenario, device, interrupted)?.perform(trigger).await
    }
}

/// Returns the device of a scenario. Unless the options name a device, each scenario has a
/// different device, which has no state from earlier scenarios.
fn device(options: &Options, number: usize) -> Device {
    let run = std::process::id();
    let own = || DeviceName::new(&format!("scenario-{run}-{number}"));
    let name = options.device_name.map_or_else(own, Ok);
    (options.product_id, name.unwrap_or_else(|_| unreachable!("a legal name")))
}

/// Returns the limits of the platform. The limits permit a device that reads slowly, because the
/// system accepts more bytes only when its buffers are nearly empty.
fn limits(options: &Options) -> Limits {
    let mut limits = Limits::default();
    limits.body_stall = limits.body_stall.max(options.timeout * 4);
    limits
}
