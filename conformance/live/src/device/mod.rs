//! A well-behaved device: the device sessions of the protocol crate over real MQTT and HTTP.
//!
//! The program `conformance/examples/device.rs` uses this device.

mod behaviour;
mod connection;
mod download_file;
mod driver;
mod jobs;
#[cfg(any(test, feature = "misbehaviour"))]
mod misbehave;
#[cfg(any(test, feature = "misbehaviour"))]
mod misbehaving;
#[cfg(any(test, feature = "misbehaviour"))]
mod misread;
mod reports;
mod settings;
#[cfg(any(test, feature = "misbehaviour"))]
mod spoilt_files;
#[cfg(any(test, feature = "misbehaviour"))]
mod spoilt_request;
mod task;

use iothub_resource::session::device::Outcome;

use self::settings::EventSink;
pub use self::settings::{DeviceError, DeviceEvent, Job, Settings};

#[cfg(any(test, feature = "misbehaviour"))]
pub use self::misbehave::{Misbehaviour, UnknownMisbehaviour};

/// Runs all jobs at the same time on one connection, together with the downloads that the platform
/// pushes. Pushed downloads are ignored if no job is a download. Returns the outcome of each task.
///
/// # Errors
///
/// Returns [`DeviceError`] if no task could begin. Later failures are [`Outcome`]s.
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

/// Runs the jobs within the runtime of the caller and returns the outcome of each task.
pub(crate) async fn perform(
    settings: &Settings,
    jobs: &[Job],
    tell: EventSink<'_>,
) -> Result<Vec<Outcome>, DeviceError> {
    driver::Driver::begin(settings, jobs, tell)?.run().await
}

/// Runs many devices at the same time on one thread, each with one job. For each device, returns
/// the outcomes of its tasks, or an error if no task could begin.
///
/// This function is for load tests and reports no events.
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
