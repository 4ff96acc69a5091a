//! The reference device in this process, for tests.

use iothub_resource::session::device::Policy;
use tokio::task::JoinHandle;

use super::{
    launch::{ExitState, LaunchRequest, Output, Printed},
    scenario::Flow,
};
use crate::{
    device::{self, DeviceError, DeviceEvent, Job, Misbehaviour, Settings},
    transport::Trust,
};

pub(super) struct InProcessDevice {
    task: JoinHandle<Result<(), DeviceError>>,
    output: Output,
    /// The exit state of the device; `None` until the device has ended by itself.
    exit_state: Option<ExitState>,
}

impl InProcessDevice {
    pub(super) fn start(
        misbehaviour: Option<Misbehaviour>,
        policy: Policy,
        request: &LaunchRequest,
    ) -> Self {
        let LaunchRequest { mqtt_url, product_id, device_name, .. } = request;
        let mut settings = Settings::new(mqtt_url.clone(), *product_id, *device_name);
        (settings.misbehaviour, settings.policy) = (misbehaviour, policy);
        settings.profile = request.profile;
        settings.trust = request.tls_ca.as_deref().and_then(|file| Trust::in_file(file).ok());
        settings.patience = policy.answer * 4;
        let file = request.file.clone();
        let job = match request.flow {
            Flow::Upload => Job::Upload { file, name: None },
            Flow::Download => Job::Download { file },
        };
        let output = Output::default();
        let said = output.clone();
        let task = tokio::spawn(async move {
            let mut tell = |event: &DeviceEvent| said.add(format!("{event:?}\n").as_bytes());
            device::perform(&settings, &[job], &mut tell).await.map(drop)
        });
        Self { task, output, exit_state: None }
    }

    /// Returns the exit state after the device has ended by itself; `None` before that.
    pub(super) async fn exit_state(&mut self) -> Option<ExitState> {
        if self.exit_state.is_none() && self.task.is_finished() {
            let (crashed, well, words) = match (&mut self.task).await {
                Ok(Ok(())) => (false, true, "it ended".to_owned()),
                Ok(Err(error)) => (false, false, error.to_string()),
                Err(error) => (error.is_panic(), false, error.to_string()),
            };
            self.output.add(words.as_bytes());
            self.exit_state = Some(ExitState { crashed, well, words });
        }
        self.exit_state.clone()
    }

    /// Ends the device and returns its output.
    pub(super) async fn end(self) -> Printed {
        self.task.abort();
        // The exit state may have been read already.
        if self.exit_state.is_none() {
            let _ = self.task.await;
        }
        self.output.printed()
    }
}
