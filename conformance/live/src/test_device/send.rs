//! Sends messages to the device and records which messages were sent while the device was
//! connected.

use iothub_resource::{Direction, Message};
use tokio::time::Instant;

use super::{incident::Incident, scenario::SecondDownload, scenario_run::ScenarioRun};
use crate::mqtt::{Publish, Qos};

impl ScenarioRun<'_> {
    pub(super) fn publish_message(&mut self, message: &Message<'_>) {
        if let Ok(payload) = message.encode(self.options.profile) {
            self.publish(payload, false);
        }
    }

    pub(super) fn publish(&mut self, payload: Vec<u8>, dup: bool) {
        self.send(Publish { dup, ..self.down(payload) });
    }

    pub(super) fn down(&self, payload: Vec<u8>) -> Publish {
        Publish::new(self.topic(Direction::Down).to_string(), payload, Qos::AtLeastOnce)
    }

    pub(super) fn send(&mut self, message: Publish) {
        self.send_for(self.attempt.sending, message);
    }

    /// Publishes a message. If the device is not connected or has not subscribed, keeps the message
    /// until the device subscribes.
    pub(super) fn send_for(&mut self, incident: Option<Incident>, message: Publish) {
        if self.attempt.is_away() {
            return self.attempt.held_back.push((incident, message));
        }
        match self.server.endpoint() {
            Some(endpoint) if endpoint.publish(&message) == 0 => {
                return self.attempt.held_back.push((incident, message));
            }
            Some(_) => {}
            None => self.server.link.publish(&message),
        }
        if let Some(incident) = incident {
            self.delivered(incident);
        }
        self.judge.down(message.dup, &message.payload);
        self.attempt.unanswered_since = Some(Instant::now());
        self.attempt.stir();
    }

    /// Publishes a message on topics that only resemble the topic of the device. Only a device that
    /// has subscribed to these topics receives the message.
    pub(super) fn publish_elsewhere(&mut self, message: &Message<'_>) {
        let Ok(payload) = message.encode(self.options.profile) else { return };
        let own = self.topic(Direction::Down).to_string();
        for topic in [format!("{own}x"), format!("{own}/x")] {
            let message = Publish::new(topic, payload.clone(), Qos::AtLeastOnce);
            let endpoint = self.server.endpoint();
            if endpoint.is_some_and(|endpoint| endpoint.publish(&message) > 0) {
                self.delivered(Incident::Response);
                self.judge.down(false, &message.payload);
                self.attempt.stir();
            }
        }
    }

    /// Records that a message of an incident was delivered. A second download after the end of the
    /// transfer is too late for its incident, unless it is planned for that time.
    fn delivered(&mut self, incident: Incident) {
        let is_over = self.main_end().is_some();
        let is_late = match self.attempt.setup.second_download {
            SecondDownload::Renewed => false,
            _ => incident == Incident::SecondDownload && is_over,
        };
        if !is_late {
            self.attempt.incidents.deliver(incident);
        }
    }
}
