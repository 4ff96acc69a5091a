//! A device that behaves: on the device's sessions of the protocol, with MQTT and HTTP for real.
//!
//! `conformance/examples/device.rs` is a program around it.

mod behaviour;
mod connection;
mod download_file;
mod driver;
mod jobs;
#[cfg(any(test, feature = "misbehaviour"))]
mod misbehave;
#[cfg(any(test, feature = "misbehaviour"))]
mod misbehaving;
mod settings;
mod task;

use iothub_resource::session::device::Outcome;

use self::settings::EventSink;
pub use self::settings::{DeviceError, DeviceEvent, Job, Settings};

#[cfg(any(test, feature = "misbehaviour"))]
pub use self::misbehave::{Misbehaviour, UnknownMisbehaviour};

/// Does the jobs at once, on one connection, and everything that the platform pushes meanwhile.
/// Returns how each task ended.
///
/// # Errors
///
/// [`DeviceError`] where nothing could be begun. What goes wrong later is an [`Outcome`].
pub fn run(
    settings: &Settings,
    jobs: &[Job],
    tell: &mut (dyn FnMut(&DeviceEvent) + Send),
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
    tell: EventSink<'_>,
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
                let mut tell = |_: &DeviceEvent| {};
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
