//! Many scenarios, several at once where nothing speaks against it.

use std::{
    collections::VecDeque,
    fmt,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use iothub_resource::{DeviceName, ProductId, Profile};
use tokio::{runtime::Builder, sync::mpsc, task::JoinSet};

use super::{
    scenario::{Fault, Moment, Reports, Response, Scenario},
    stage::{NoResult, Stage},
    trigger::Trigger,
    verdict::Judged,
};
use crate::live::{
    limits::Limits,
    mqtt::client::Address,
    record::Device,
    site::{Mqtt, Plan, Site},
};

/// How a device is tested.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Options {
    /// The messages that the device may send.
    pub profile: Profile,
    /// SHOULD counts like MUST.
    pub strict: bool,
    /// How long a step may take: the time until the device does something.
    pub timeout: Duration,
    /// How long it is quiet before it is taken for granted that nothing more comes; longer for a
    /// device that is slow itself.
    pub settle: Duration,
    /// How many scenarios are played at once. More than one needs ports that the system chooses,
    /// and devices that take the name they are given.
    pub jobs: usize,
    /// The product of the devices.
    pub product_id: ProductId,
    /// The only name there is; without it, each scenario has its own.
    pub device_name: Option<DeviceName>,
    /// Where MQTT clients connect to.
    pub listen: SocketAddr,
    /// Where the object store listens.
    pub http: SocketAddr,
    /// What issued URLs begin with.
    pub public_url: Option<String>,
    /// A broker to use instead of an endpoint of our own: `mqtt://[user:password@]host[:port]`.
    pub broker: Option<String>,
}

impl Options {
    /// Everything on loopback, at ports that the system chooses; eight at once.
    #[must_use]
    pub fn new(profile: Profile, product_id: ProductId) -> Self {
        let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self {
            profile,
            strict: false,
            timeout: Duration::from_secs(30),
            settle: Duration::from_millis(300),
            jobs: 8,
            product_id,
            device_name: None,
            listen: anywhere,
            http: anywhere,
            public_url: None,
            broker: None,
        }
    }

    /// How late what is late comes: late enough to see who has not waited for it.
    pub(super) fn slow(&self) -> Duration {
        (self.timeout / 20).max(Duration::from_millis(500))
    }
}

/// Why a device could not be tested.
#[derive(Debug)]
#[non_exhaustive]
pub enum Stopped {
    /// An address cannot be listened on, or the broker not be used.
    Site(String),
    /// The device cannot be started.
    CannotStart(String),
    /// Nothing was ever heard of the device.
    Unreachable(String),
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Site(why) => f.write_str(why),
            Self::CannotStart(why) => write!(f, "the device cannot be started: {why}"),
            Self::Unreachable(detail) => {
                write!(f, "nothing was heard of the device: nobody has connected\n{detail}")
            }
        }
    }
}

impl std::error::Error for Stopped {}

/// Plays scenarios, and tells of each when it is over. Returns them in the order of their ids: all,
/// or those there were until `interrupted` was set.
///
/// # Errors
///
/// [`Stopped`] where there is nothing to judge: no platform, or no device.
pub fn run(
    options: &Options,
    scenarios: Vec<Scenario>,
    trigger: &Trigger,
    interrupted: &Arc<AtomicBool>,
    tell: &mut dyn FnMut(&Judged),
) -> Result<Vec<Judged>, Stopped> {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Stopped::Site(error.to_string()))?;
    runtime.block_on(run_within(options, scenarios, trigger, interrupted, tell))
}

/// The same within a runtime of the caller, on whose clock everything happens.
///
/// # Errors
///
/// As those of [`run`].
pub async fn run_within(
    options: &Options,
    scenarios: Vec<Scenario>,
    trigger: &Trigger,
    interrupted: &Arc<AtomicBool>,
    tell: &mut dyn FnMut(&Judged),
) -> Result<Vec<Judged>, Stopped> {
    let mut queue: Vec<(usize, Scenario)> = scenarios.into_iter().enumerate().collect();
    // Those that wait for long begin first, or all would wait for them in the end.
    queue.sort_by_key(|(_, scenario)| std::cmp::Reverse(weight(scenario)));
    let mut judged = play_all(options, queue, trigger, interrupted, tell).await?;
    judged.sort_by(|one, other| one.scenario.id.cmp(&other.scenario.id));
    Ok(judged)
}

/// How long it takes, about.
fn weight(scenario: &Scenario) -> u8 {
    let play = &scenario.play;
    if play.store.contains(&Fault::Silent) {
        return 4;
    }
    match (&play.response, play.cut) {
        (Response::LostOnce, _) => 3,
        (Response::Lost, _) => 2,
        _ if matches!(play.reports, Reports::Lost) => 2,
        (_, Some(Moment::Ended)) => 1,
        _ => 0,
    }
}

async fn play_all(
    options: &Options,
    mut queue: Vec<(usize, Scenario)>,
    trigger: &Trigger,
    interrupted: &Arc<AtomicBool>,
    tell: &mut dyn FnMut(&Judged),
) -> Result<Vec<Judged>, Stopped> {
    let mut done = Vec::new();
    let mut first = Worker::open(options, trigger, interrupted).await?;
    // One that is quick, alone: whether there is a device at all.
    let plain = queue.iter().position(|(_, scenario)| scenario.play.is_well());
    if queue.is_empty() {
        return Ok(done);
    }
    let (number, scenario) = queue.remove(plain.unwrap_or(queue.len() - 1));
    match first.play(number, &scenario).await {
        Ok(judged) if !judged.was_heard && !judged.was_skipped => {
            return Err(Stopped::Unreachable(judged.detail()));
        }
        Ok(judged) => {
            tell(&judged);
            done.push(judged);
        }
        Err(NoResult::Io(error)) => return Err(Stopped::CannotStart(error.to_string())),
        Err(NoResult::Interrupted) => {
            interrupted.store(true, Ordering::Relaxed);
            return Ok(done);
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
                let played = worker.play(number, &scenario).await;
                let is_last = played.is_err();
                if sender.send(played).is_err() || is_last {
                    return;
                }
            }
        });
    }
    drop(sender);
    let mut stopped = None;
    while let Some(played) = results.recv().await {
        match played {
            Ok(judged) => {
                tell(&judged);
                done.push(judged);
            }
            // It was there before: what there is, is a result.
            Err(NoResult::Io(error)) => stopped = Some(Stopped::CannotStart(error.to_string())),
            Err(NoResult::Interrupted) => interrupted.store(true, Ordering::Relaxed),
        }
    }
    stopped.map_or(Ok(done), Err)
}

/// A platform of its own, for one scenario after the other.
struct Worker {
    options: Options,
    trigger: Trigger,
    interrupted: Arc<AtomicBool>,
    site: Site,
    /// It goes with the worker.
    _store: tempfile::TempDir,
}

impl Worker {
    async fn open(
        options: &Options,
        trigger: &Trigger,
        interrupted: &Arc<AtomicBool>,
    ) -> Result<Self, Stopped> {
        let site = |why: String| Stopped::Site(why);
        let store = tempfile::tempdir().map_err(|error| site(error.to_string()))?;
        let mqtt = match &options.broker {
            Some(url) => Mqtt::Broker(url.parse::<Address>().map_err(site)?),
            None => Mqtt::Listen { address: options.listen, access: None },
        };
        let plan = Plan {
            mqtt,
            http: options.http,
            public_url: options.public_url.clone(),
            store: store.path().to_owned(),
            limits: Limits::default(),
        };
        let open = Site::open(plan).await.map_err(|error| site(error.to_string()))?;
        Ok(Self {
            options: options.clone(),
            trigger: trigger.clone(),
            interrupted: Arc::clone(interrupted),
            site: open,
            _store: store,
        })
    }

    async fn play(&mut self, number: usize, scenario: &Scenario) -> Result<Judged, NoResult> {
        let Self { options, trigger, interrupted, site, .. } = self;
        let device = device(options, number);
        Stage::new(site, options, scenario, device, interrupted)?.perform(trigger).await
    }
}

/// A device that nothing is left over from.
fn device(options: &Options, number: usize) -> Device {
    let run = std::process::id();
    let own = || DeviceName::new(&format!("scenario-{run}-{number}"));
    let name = options.device_name.map_or_else(own, Ok);
    (options.product_id, name.unwrap_or_else(|_| unreachable!("a legal name")))
}
