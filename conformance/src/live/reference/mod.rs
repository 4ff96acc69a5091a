//! A device that behaves: on the device's sessions of the protocol, with MQTT and HTTP for real.
//!
//! `conformance/examples/device.rs` is a program around it.

mod connection;
mod driver;
mod misbehave;
mod sink;
mod task;

use std::{fmt, path::PathBuf, time::Duration};

use iothub_resource::{
    DeviceName, ProductId, Profile, Resource, Transfer,
    session::device::{Outcome, Policy},
};

pub use self::misbehave::{Misbehaviour, UnknownMisbehaviour};
use super::mqtt::client::ClientError;

/// What a device is to do, and how.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Settings {
    /// The broker: `mqtt://[user:password@]host[:port]`.
    pub mqtt_url: String,
    /// The product it belongs to.
    pub product_id: ProductId,
    /// Its name.
    pub device_name: DeviceName,
    /// The messages that it sends.
    pub profile: Profile,
    /// MQTT 3.1, 3.1.1 or 5, by its level: 3, 4 or 5.
    pub mqtt_level: u8,
    /// How long it waits, and how often it tries.
    pub policy: Policy,
    /// How long it tries to reach the broker.
    pub patience: Duration,
    /// What it does wrong on purpose.
    pub misbehaviour: Option<Misbehaviour>,
}

impl Settings {
    /// A device that does everything right.
    #[must_use]
    pub fn new(mqtt_url: String, product_id: ProductId, device_name: DeviceName) -> Self {
        Self {
            mqtt_url,
            product_id,
            device_name,
            profile: Profile::Deployed,
            mqtt_level: 4,
            policy: Policy::DEFAULT,
            patience: Duration::from_secs(30),
            misbehaviour: None,
        }
    }
}

/// One thing to do.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Job {
    /// Uploads a file under a name; its own name if there is none.
    Upload {
        /// The file.
        file: PathBuf,
        /// The name of the resource.
        name: Option<String>,
    },
    /// Asks for a download, and keeps it as this file, or in this folder.
    Download {
        /// Where to.
        file: PathBuf,
    },
}

/// What a device tells of what it does.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum News {
    /// It is connected, and has subscribed.
    Connected,
    /// The connection is lost; it is tried again.
    Lost(String),
    /// It has published a progress report, or another message, of this type.
    Published(&'static str),
    /// A transfer has come so far.
    Progress {
        /// The resource.
        name: String,
        /// Bytes that were transferred.
        bytes: u64,
        /// Bytes that there are.
        size: u64,
    },
    /// A message did not fit, and changed nothing.
    Ignored(String),
    /// A transfer is over.
    Over {
        /// An upload or a download.
        transfer: Transfer,
        /// The resource; none where a download was never handed out.
        resource: Option<Resource<'static>>,
        /// How it ended.
        outcome: Outcome,
        /// Where a download is kept.
        kept: Option<PathBuf>,
    },
}

/// Why a device could not do anything.
#[derive(Debug)]
#[non_exhaustive]
pub enum DeviceError {
    /// The URL of the broker, a file or a name cannot be used.
    Unusable(String),
    /// The broker cannot be reached, or does not let it in.
    Unreachable(String),
}

impl fmt::Display for DeviceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unusable(why) => f.write_str(why),
            Self::Unreachable(why) => write!(f, "the broker cannot be used: {why}"),
        }
    }
}

impl std::error::Error for DeviceError {}

impl From<ClientError> for DeviceError {
    fn from(error: ClientError) -> Self {
        Self::Unreachable(error.to_string())
    }
}

/// Does the jobs at once, on one connection, and everything that the platform pushes meanwhile.
/// Returns how each task ended.
///
/// # Errors
///
/// [`DeviceError`] where nothing could be begun. What goes wrong later is an [`Outcome`].
pub fn run(
    settings: &Settings,
    jobs: &[Job],
    tell: &mut (dyn FnMut(&News) + Send),
) -> Result<Vec<Outcome>, DeviceError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| DeviceError::Unusable(error.to_string()))?;
    runtime.block_on(perform(settings, jobs, tell))
}

/// The same within a runtime.
pub(crate) async fn perform(
    settings: &Settings,
    jobs: &[Job],
    tell: driver::Teller<'_>,
) -> Result<Vec<Outcome>, DeviceError> {
    driver::Driver::begin(settings, jobs, tell)?.run().await
}

/// Lets many devices, each with its job, run at once on one thread. Returns how each ended; an
/// error where one could not begin.
///
/// For load: nothing is told meanwhile.
#[must_use]
pub fn run_many(devices: Vec<(Settings, Job)>) -> Vec<Result<Vec<Outcome>, DeviceError>> {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return vec![Err(DeviceError::Unusable(error.to_string()))],
    };
    runtime.block_on(async {
        let mut running = Vec::with_capacity(devices.len());
        for (settings, job) in devices {
            running.push(tokio::spawn(async move {
                let mut tell = |_: &News| {};
                perform(&settings, &[job], &mut tell).await
            }));
        }
        let mut ended = Vec::with_capacity(running.len());
        for device in running {
            ended.push(
                device.await.unwrap_or_else(|error| Err(DeviceError::Unusable(error.to_string()))),
            );
        }
        ended
    })
}
