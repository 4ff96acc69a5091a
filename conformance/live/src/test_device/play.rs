//! Runs one scenario with one device, from the first message to the findings.

use std::{
    fs,
    io::{self, Write},
    path::PathBuf,
    sync::atomic::Ordering,
    time::Duration,
};

use iothub_resource::{Direction, Message, Topic};
use tokio::{
    select,
    time::{Instant, sleep_until},
};

use super::{
    attempt::{Attempt, Rest},
    explained::Explained,
    incident::Incident,
    judge_http::HttpStep,
    launch::{ExitState, LaunchRequest, Printed},
    options::Options,
    scenario::{Flow, ReportResponse, SecondStart, TaskResponse, TransferStep},
    scenario_run::ScenarioRun,
    stored::Judged,
    trigger::{Launch, RunningDevice, Trigger},
};
use crate::{
    allowance::Allowance,
    mqtt::{Incoming, Lapse, Publish},
    platform_server::PlatformServer,
    record::{DisconnectReason, Event, MqttEvent, Recorded},
};
use iothub_conformance_suite::{Level, result::Lane};

/// The time within which events may still arrive after a device has ended.
const LATE_ARRIVAL: Duration = Duration::from_millis(40);

/// The time within which messages may still arrive after a device has crashed.
const AFTER_CRASH: Duration = Duration::from_secs(1);

/// The reason why a scenario has no result.
pub(super) enum PlayError {
    /// The device cannot be started, or its folder or file cannot be created.
    Io(io::Error),
    Interrupted,
}

impl From<io::Error> for PlayError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl ScenarioRun<'_> {
    /// Runs and judges the scenario.
    pub(super) async fn perform(mut self, trigger: &Trigger) -> Result<Judged, PlayError> {
        let begun = Instant::now();
        self.drain().await;
        let mut was_heard = self.play(trigger).await?;
        let was_skipped = self.attempt.was_skipped;
        let mut missing = self.missing();
        missing.extend(self.missing_end_of_transfer());
        if was_heard && !self.scenario.plan.setup.is_well() {
            // The device starts again, and this second transfer must always succeed.
            let first = self.first_start();
            self.judge.after_restart = true;
            self.judge.explained = Explained::default();
            let setup = self.scenario.plan.setup.second();
            self.attempt = Attempt::new(setup, self.judge.tasks.len());
            was_heard |= self.play(trigger).await?;
            missing.extend(self.missing_end_of_transfer());
            self.compare(&first);
            // In an ordinary second start, a missing incident does not matter.
            if !matches!(self.scenario.plan.setup.second_start, SecondStart::Same) {
                let later = self.missing();
                missing.extend(later);
            }
        }
        let Self { scenario, judge, outputs, options, program_ended, .. } = self;
        Ok(Judged {
            scenario: scenario.clone(),
            found: judge.found,
            events: judge.log.into_events(),
            outputs,
            took: begun.elapsed(),
            strict: options.strict,
            was_heard,
            was_skipped,
            missing,
            program_ended,
        })
    }

    /// Returns the required events that did not occur; empty if an ordinary scenario has findings.
    fn missing(&mut self) -> Vec<Incident> {
        let Self { attempt, judge, .. } = self;
        // In an ordinary scenario, a finding is a result, regardless of the missing events.
        if attempt.setup.is_well() && !judge.found.is_empty() {
            return Vec::new();
        }
        for fault in std::mem::take(&mut judge.transfers.met) {
            attempt.incidents.happen(Incident::Store(fault));
        }
        let arrived = |index: usize| {
            let resource = &judge.tasks[index].resource;
            judge.transfers.downloaded_at(resource, resource.size.bytes()).is_some()
        };
        if attempt.main_task.is_some_and(arrived) {
            attempt.incidents.happen(Incident::OtherDigest);
        }
        attempt.incidents.missing().to_vec()
    }

    /// Resets the endpoint and discards the events from the previous scenario.
    async fn drain(&mut self) {
        if let Some(endpoint) = self.server.endpoint() {
            endpoint.broker_faults().withholds_acknowledgements.store(false, Ordering::Relaxed);
        }
        let until = Instant::now() + LATE_ARRIVAL * 5;
        while self.server.http.exchanges() > 0 && Instant::now() < until {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        while self.server.incoming.try_recv().is_ok() {}
        while self.server.recorder.try_next().is_some() {}
    }

    /// Starts the device, waits until nothing more is expected, ends the device, and adds the
    /// findings. Returns whether the device sent anything.
    async fn play(&mut self, trigger: &Trigger) -> Result<bool, PlayError> {
        let file = self.prepare()?;
        self.show_certificates();
        let request = LaunchRequest {
            scenario: self.scenario.id.clone(),
            flow: self.scenario.plan.flow,
            mqtt_url: self.server.url_for_devices().to_owned(),
            product_id: self.device.0,
            device_name: self.device.1,
            file: file.clone(),
            tls_ca: self.options.tls_ca.clone(),
            #[cfg(any(test, feature = "misbehaviour"))]
            profile: self.options.profile,
        };
        let mut running = match trigger.start(&request, self.interrupted).await? {
            Launch::Running(running) => running,
            Launch::Quit => return Err(PlayError::Interrupted),
            Launch::Skipped => {
                self.attempt.was_skipped = true;
                return Ok(false);
            }
        };
        self.server.store.shape_urls(self.attempt.setup.url);
        self.attempt.begin();
        self.attempt.body_bytes = self.server.http.body_bytes();
        if self.server.endpoint().is_some_and(|endpoint| endpoint.clients() > 0) {
            // A device that stays connected between scenarios does not subscribe again.
            self.push();
        }
        let waited = self.wait(&mut running).await;
        let exit_state = running.exit_state().await;
        let is_there = self.is_there(exit_state.as_ref());
        self.note_reaction();
        self.attempt.is_ended_here = exit_state.is_none() && self.main_end().is_some();
        let Printed { text: output, report } = running.end().await;
        self.outputs.push(output);
        waited?;
        // The device's messages and the events of its bytes may arrive in a different order.
        self.hear_the_rest().await;
        if !self.find_report(report.as_ref(), exit_state.as_ref()) {
            self.conclude(exit_state.as_ref());
            self.check_silence(is_there);
        }
        self.check_other_file();
        self.check_percent();
        self.judge.check_done(&self.server.store, self.attempt.first_task);
        self.check_file(&file);
        self.check_folder();
        Ok(self.attempt.was_heard)
    }

    fn prepare(&mut self) -> io::Result<PathBuf> {
        let what = self.attempt.setup.resource;
        match self.scenario.plan.flow {
            Flow::Upload => {
                let path = self.folder.file(what.name);
                // The test must not write through a link that a device has left there.
                let _ = fs::remove_file(&path);
                fs::File::create_new(&path)?.write_all(&what.bytes(&self.scenario.id))?;
                self.judge.file_name = Some(what.name);
                Ok(path)
            }
            Flow::Download => {
                let path = self.folder.file("download.bin");
                self.attempt.had_file = fs::symlink_metadata(&path).is_ok();
                Ok(path)
            }
        }
    }

    async fn wait(&mut self, running: &mut RunningDevice) -> Result<(), PlayError> {
        loop {
            if self.interrupted.load(Ordering::Relaxed) {
                return Err(PlayError::Interrupted);
            }
            self.run_due();
            let exit_state = running.exit_state().await;
            if self.is_over(exit_state.as_ref()) {
                return Ok(());
            }
            self.note_bytes();
            self.attempt.look();
            let look = self.attempt.next_look;
            let wake = self.attempt.due().map_or(look, |due| due.min(look));
            let PlatformServer { recorder, incoming, .. } = &mut *self.server;
            select! {
                // The clock comes first, so that a flood of messages does not stop it.
                biased;
                () = sleep_until(wake) => {}
                recorded = recorder.next() => self.next_recorded(&recorded),
                Some(incoming) = incoming.recv() => self.incoming(&incoming),
            }
        }
    }

    async fn hear_the_rest(&mut self) {
        let until = Instant::now() + LATE_ARRIVAL;
        while !self.attempt.has_flooded {
            let PlatformServer { recorder, incoming, .. } = &mut *self.server;
            select! {
                biased;
                // Waiting events are processed even after `until`, but for at most `LATE_ARRIVAL`
                // longer.
                recorded = recorder.next() => self.next_recorded(&recorded),
                Some(incoming) = incoming.recv() => self.incoming(&incoming),
                () = sleep_until(until) => return,
            }
            if Instant::now() > until + LATE_ARRIVAL {
                return;
            }
        }
    }

    /// Returns whether nothing more is expected from the device. Also records the end of the
    /// program, and whether the time limit has cut a transfer short.
    fn is_over(&mut self, exit_state: Option<&ExitState>) -> bool {
        let Options { timeout, .. } = *self.options;
        if exit_state.is_some() {
            self.attempt.exited.get_or_insert_with(Instant::now);
        }
        if self.has_given_up() {
            return true;
        }
        if self.attempt.begun.elapsed() >= timeout * 4 {
            self.attempt.is_cut_short =
                self.judge.transfers.is_anything_moving() || self.attempt.is_rising(timeout);
            return true;
        }
        let attempt = &self.attempt;
        if attempt.has_flooded {
            return true;
        }
        if exit_state.is_some_and(|exit_state| exit_state.crashed) {
            // A process that the device has started may continue forever.
            let is_long_dead = attempt.exited.is_some_and(|when| when.elapsed() >= AFTER_CRASH);
            return is_long_dead || attempt.is_quiet(LATE_ARRIVAL);
        }
        let is_connected = self.server.endpoint().map(|endpoint| endpoint.clients() > 0);
        // A command that only wakes a device elsewhere exits with status 0, so the status gives no
        // information about the device.
        let is_gone = exit_state.is_some_and(|exit_state| attempt.was_heard || !exit_state.well)
            && match is_connected {
                Some(connected) => !connected,
                None => attempt.is_quiet(self.settle()),
            };
        let is_waiting = !attempt.planned.is_empty();
        if is_gone && !is_waiting && attempt.is_quiet(LATE_ARRIVAL) {
            return true;
        }
        let ended = |index: usize| self.judge.tasks[index].end.is_some();
        if attempt.main_task.is_some_and(ended) && !is_waiting {
            let all = (attempt.first_task..self.judge.tasks.len()).all(ended);
            let rest = if self.owes_second_download() {
                Rest::SecondDownload
            } else if !all || self.judge.transfers.is_anything_open() {
                Rest::Open
            } else {
                Rest::Nothing
            };
            let patience = match attempt.setup.reports {
                // Only the time until the device's next action is compared with the second start.
                ReportResponse::EndRefused(_) if attempt.reacted.is_some() => return true,
                ReportResponse::EndRefused(_) => timeout,
                // The device waits for an answer and may still send something after its time-out.
                ReportResponse::Lost => timeout / 2,
                _ => rest.patience(self.settle(), timeout),
            };
            if attempt.is_quiet(patience) {
                return true;
            }
        }
        let patience = match attempt.setup.response {
            // The platform never answers, so the device only needs time to repeat its request.
            TaskResponse::Lost if attempt.requests > 0 => (timeout / 6).max(self.settle()),
            _ => timeout,
        };
        // A person may take a while to start the device.
        let patience = if attempt.was_heard { patience } else { timeout };
        attempt.is_quiet(patience)
    }

    fn recorded(&mut self, Recorded { at, event, .. }: &Recorded) {
        self.judge.transfers.now = *at;
        if !self.hear(event.memory()) {
            return;
        }
        match event {
            Event::Http(id, event) => {
                let step = self.judge.http(*at, *id, event);
                if step != HttpStep::Other {
                    self.attempt.heard();
                }
                let is_main = self.attempt.main_task.is_some();
                match step {
                    HttpStep::Begun if is_main => self.reach(TransferStep::Transfer),
                    HttpStep::Answered if is_main => self.reach(TransferStep::Transferred),
                    _ => {}
                }
            }
            Event::Mqtt(MqttEvent::Connected { version, .. }) => {
                self.attempt.heard();
                let label = format!("connects with MQTT {version}");
                self.judge.note(Lane::Device, Lane::Platform, label);
            }
            Event::Mqtt(MqttEvent::Disconnected { why, .. }) => {
                // An earlier connection may have ended, too. Only the last end counts.
                self.attempt.left = Some(Instant::now());
                let at = match why {
                    DisconnectReason::Ours
                    | DisconnectReason::Cut
                    | DisconnectReason::TakenOver => self.judge.note(
                        Lane::Platform,
                        Lane::Device,
                        format!("disconnected: {why}"),
                    ),
                    why => {
                        self.judge.note(Lane::Device, Lane::Platform, format!("disconnects: {why}"))
                    }
                };
                if let DisconnectReason::Fault(why) = why {
                    self.judge.explained.silence = true;
                    let detail = format!("its MQTT connection had to be closed: {why}");
                    self.judge.find(Some(at), "mqtt", "", Level::Must, detail);
                }
            }
            Event::Mqtt(MqttEvent::Refused { why, is_fault, .. }) => {
                let label = format!("is refused by the broker: {why}");
                let at = self.judge.note(Lane::Device, Lane::Platform, label);
                if *is_fault {
                    self.judge.explained.silence = true;
                    let detail = format!("it cannot connect to the broker: {why}");
                    self.judge.find(Some(at), "mqtt", "", Level::Must, detail);
                }
            }
            // The device may have crashed before it could acknowledge anything.
            Event::Mqtt(MqttEvent::Lapse {
                lapse: Lapse::NoPubAck { is_abrupt: true, .. },
                ..
            }) if !self.attempt.is_ended_here => {}
            Event::Mqtt(MqttEvent::Lapse { lapse, .. }) => {
                self.judge.explained.silence |= lapse.closes();
                self.judge.explained.retain |= *lapse == Lapse::Retain;
                let label = format!("violates MQTT: {lapse}");
                let at = self.judge.note(Lane::Device, Lane::Platform, label);
                let detail = format!("it violates MQTT: {lapse}");
                self.judge.find(Some(at), "mqtt", "", Level::Must, detail);
            }
            Event::Tls(event) => self.handshake(event),
            _ => {}
        }
        self.check_certificate(event);
    }

    fn incoming(&mut self, incoming: &Incoming) {
        // Events at the store that happened earlier are processed first. A connection ends after
        // its messages, unless another connection has begun.
        let mut departure: Option<Recorded> = None;
        while let Some(recorded) = self.server.recorder.try_next() {
            if let Some(departure) = departure.take() {
                self.recorded(&departure);
            }
            if recorded.is_departure() {
                departure = Some(recorded);
            } else {
                self.recorded(&recorded);
            }
        }
        self.judge.transfers.now = self.server.recorder.now();
        match incoming {
            Incoming::Message(message) => self.message(message),
            Incoming::Subscribed(filter) => {
                if *filter == self.topic(Direction::Down).to_string() || filter.contains(['+', '#'])
                {
                    self.attempt.heard();
                    self.check_filter(filter);
                    self.subscribed();
                }
            }
        }
        if let Some(departure) = departure {
            self.next_recorded(&departure);
        }
    }

    /// Processes an event. If the event is the end of a connection and no later event waits, first
    /// processes the waiting messages.
    fn next_recorded(&mut self, recorded: &Recorded) {
        if recorded.is_departure() && self.server.recorder.is_empty() {
            while let Ok(incoming) = self.server.incoming.try_recv() {
                self.incoming(&incoming);
            }
        }
        self.recorded(recorded);
    }

    fn message(&mut self, message: &Publish) {
        let topic = match Topic::parse(&message.topic) {
            Ok(topic) => topic,
            Err(error) if message.topic.starts_with("$resource/") => {
                if !self.hear(message.memory()) {
                    return;
                }
                let label = format!("publishes on {}", message.topic);
                let at = self.judge.note(Lane::Device, Lane::Platform, label);
                self.judge.explained.by_lost(&message.payload);
                let detail = format!("it publishes on {}: {error}", message.topic);
                return self.judge.find(Some(at), "invalid-topic", "TOP-5", Level::Must, detail);
            }
            // The topic is not a resource topic, which is not a fault.
            Err(_) => {
                if message.topic.contains(self.device.1.as_str()) {
                    self.strangers.note_topic(&message.topic);
                }
                return;
            }
        };
        if (topic.product_id, topic.device_name) != self.device {
            self.strangers.note((topic.product_id, topic.device_name));
            return;
        }
        if !self.hear(message.memory()) {
            return;
        }
        self.attempt.heard();
        if topic.direction == Direction::Down {
            let at = self.judge.note(Lane::Device, Lane::Platform, "publishes on the down topic");
            self.judge.explained.by_lost(&message.payload);
            let detail = "it publishes on the down topic, on which only the platform may publish";
            return self.judge.find(Some(at), "wrong-direction", "TOP-6", Level::Must, detail);
        }
        let at = self.judge.log.next();
        let read = self.judge.up(message.dup, &message.payload);
        self.check_retain(at, message);
        if let Some(message) = read {
            if let Message::ReportUploadProgress(report) | Message::ReportDownloadProgress(report) =
                &message
                && let Some(percent) = report.progress.state.percent()
            {
                self.attempt.reported(percent.value());
            }
            self.respond(&message);
        }
    }

    /// Counts a message or a request of `bytes` bytes, and returns whether it is accepted. When the
    /// device exceeds its allowance, adds a finding and disconnects the device from the built-in
    /// broker. After that, nothing is accepted.
    fn hear(&mut self, bytes: usize) -> bool {
        let had_flooded = self.attempt.has_flooded;
        let heard = self.attempt.hear(bytes);
        if !heard && !had_flooded {
            let Allowance { messages, bytes } = Allowance::DEFAULT;
            let label = "(further messages are not recorded)";
            let at = self.judge.note(Lane::Device, Lane::Platform, label);
            self.judge.explained.silence = true;
            let detail = format!(
                "it sends too much: more than {messages} messages and requests, or more than \
                 {bytes} bytes, after one start of the device"
            );
            self.judge.find(Some(at), "too-many-messages", "", Level::Must, detail);
            if let Some(endpoint) = self.server.endpoint() {
                endpoint.disconnect_all(&DisconnectReason::Cut);
            }
        }
        heard
    }
}
