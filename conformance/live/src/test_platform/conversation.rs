//! The connection of the device to the broker. All messages on the connection are logged, and those
//! from the platform on the down topic are judged.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use iothub_resource::{Direction, Message, Topic};
use tokio::{
    select,
    time::{Duration, Instant, sleep_until, timeout},
};

use super::{
    across::{AcrossScenarios, PendingAnswer, is_of_downloads},
    findings::Findings,
    hearing::{Heard, Stop},
    settings::Settings,
};
use crate::{
    allowance::Allowance,
    mqtt::{
        BrokerFault, Connect, Publish, Qos,
        client::{Client, ClientError, ClientEvent},
    },
};
use iothub_conformance_lint::{Judge, Judged, MQTT, NO_REQUIREMENT, Options, capture::Record};
use iothub_conformance_suite::{
    Level,
    result::{Lane, StoredEvent},
};

/// The maximum number of characters of a topic that the log shows.
const SHOWN: usize = 100;

/// The connection in one scenario, with the pending answers from the platform.
pub(super) struct Conversation<'a> {
    pub(super) settings: &'a Settings,
    /// The state that outlives the scenario.
    pub(super) across: &'a mut AcrossScenarios,
    pub(super) findings: Findings,
    client: Option<Client>,
    judge: Judge,
    /// Valid messages that no step has awaited yet, in order of arrival.
    inbox: VecDeque<Message<'static>>,
    /// The pending answer to each request. The key is the place of the request in the log.
    owed: BTreeMap<usize, PendingAnswer>,
    /// The places in the log of requests that the platform may leave unanswered.
    pub(super) excused: BTreeSet<usize>,
    /// Whether the platform left a report unanswered. The wait for further answers is then shorter.
    pub(super) impatient: bool,
    /// The numbers of messages and bytes that may still arrive.
    allowance: Allowance,
    /// The payload that the device has published on its down topic; `None` if there is no such
    /// payload.
    pub(super) own: Option<Vec<u8>>,
    /// Whether the device has not yet published anything on this connection.
    pub(super) is_fresh: bool,
}

impl<'a> Conversation<'a> {
    /// Connects the device and subscribes to its down topic. Returns the conversation.
    pub(super) async fn open(
        settings: &'a Settings,
        across: &'a mut AcrossScenarios,
    ) -> Result<Self, ClientError> {
        let mut conversation = Self {
            settings,
            across,
            findings: Findings::default(),
            client: None,
            judge: Judge::new(Options::new(settings.profile)),
            inbox: VecDeque::new(),
            owed: BTreeMap::new(),
            excused: BTreeSet::new(),
            impatient: false,
            allowance: Allowance::DEFAULT,
            own: None,
            is_fresh: true,
        };
        conversation.connect().await?;
        Ok(conversation)
    }

    /// Ends the current connection, if any. Then connects and subscribes again.
    pub(super) async fn connect(&mut self) -> Result<(), ClientError> {
        self.hang_up().await;
        let Settings { credentials, version, timeout, .. } = self.settings;
        let mut connect = Connect::new(*version, &credentials.client_id);
        connect.username.clone_from(&credentials.username);
        connect.password = credentials.password.clone().map(String::into_bytes);
        let label = format!("CONNECT, MQTT {version}");
        self.findings.log.note(Lane::Device, Lane::Platform, label);
        let Settings { reach, address, .. } = self.settings;
        let mut client = Client::connect_over(reach, address, connect, *timeout).await?;
        let filter = self.topic(Direction::Down).to_string();
        self.findings.log.note(Lane::Device, Lane::Platform, format!("SUBSCRIBE {filter}"));
        client.subscribe(&filter, Qos::AtLeastOnce, *timeout).await?;
        self.violated(client.take_faults());
        self.client = Some(client);
        self.is_fresh = true;
        Ok(())
    }

    /// Sends a DISCONNECT and closes the connection.
    pub(super) async fn hang_up(&mut self) {
        if let Some(client) = self.client.take() {
            self.findings.log.note(Lane::Device, Lane::Platform, "DISCONNECT".to_owned());
            client.disconnect().await;
        }
    }

    /// Receives the remaining messages and acknowledgements, adds findings for unanswered requests,
    /// and disconnects.
    pub(super) async fn end(&mut self) -> Result<(), Stop> {
        self.settle().await?;
        self.acknowledged().await?;
        self.conclude().await;
        Ok(())
    }

    /// Sends a PINGREQ and waits until the broker has answered it and acknowledged all messages.
    /// Adds a finding if the time limit is reached.
    async fn acknowledged(&mut self) -> Result<(), Stop> {
        // The test waits only briefly for a broker that has already left a packet unanswered.
        let Settings { timeout, settle, .. } = *self.settings;
        let patience = if self.across.is_unacknowledged { settle } else { timeout };
        let until = Instant::now() + patience;
        if let Some(client) = &mut self.client {
            client.ping();
        }
        loop {
            let missing = match &self.client {
                Some(client) if client.has_unacknowledged() => BrokerFault::NoPubAck,
                Some(client) if client.is_pinging() => BrokerFault::NoPingResp,
                _ => return Ok(()),
            };
            if self.pump(until).await? == Heard::Nothing {
                return Err(self.unacknowledged(missing));
            }
        }
    }

    fn unacknowledged(&mut self, missing: BrokerFault) -> Stop {
        self.across.is_unacknowledged = true;
        self.violated(vec![missing]);
        Stop::Found
    }

    /// Adds findings for violations of MQTT.
    fn violated(&mut self, faults: Vec<BrokerFault>) {
        for fault in faults {
            let label = "(violates MQTT)".to_owned();
            let at = self.findings.log.note(Lane::Platform, Lane::Device, label);
            self.findings.add(at, MQTT, Level::Must, NO_REQUIREMENT, fault.to_string());
        }
    }

    /// Receives the remaining messages after an error, without further findings, and disconnects.
    pub(super) async fn give_up(&mut self) {
        self.findings.close();
        let _ = self.settle().await;
        self.conclude().await;
    }

    async fn conclude(&mut self) {
        for mut finding in self.judge.end() {
            let waited = self.settings.timeout;
            finding.sentence = format!("no answer arrived within {waited:?}: expected an answer");
            if let Some(owed) = self.owed.remove(&finding.line) {
                self.across.overdue(owed);
            }
            if !self.excused.contains(&finding.line) {
                self.findings.push(finding);
            }
        }
        self.hang_up().await;
    }

    pub(super) const fn topic(&self, direction: Direction) -> Topic {
        let Settings { product_id, device_name, .. } = self.settings;
        Topic::new(direction, *product_id, *device_name)
    }

    /// Publishes a message in the usual spelling. Returns the place of the message in the log.
    pub(super) async fn say(&mut self, message: &Message<'_>, qos: Qos) -> Result<usize, Stop> {
        let payload = message.encode(self.settings.profile).unwrap_or_default();
        self.say_as(message, payload, qos).await
    }

    /// Publishes `payload`, which is a spelling of `message`. Returns the place of the message in the log.
    pub(super) async fn say_as(
        &mut self,
        message: &Message<'_>,
        payload: Vec<u8>,
        qos: Qos,
    ) -> Result<usize, Stop> {
        let mut event = StoredEvent::of_message(0, Direction::Up, false, Some(message));
        if qos == Qos::AtMostOnce {
            event.label.push_str(", QoS 0");
        }
        let at = self.findings.log.event(event);
        let topic = self.topic(Direction::Up);
        let record = Record::new(topic, &payload, false);
        // Findings about this device are ignored, because its faults are deliberate.
        let _ = self.judge.message(at, &record);
        if let Some(owed) = PendingAnswer::to(message) {
            self.owed.insert(at, owed);
        }
        self.publish(Publish::new(topic.to_string(), payload, qos)).await?;
        Ok(at)
    }

    /// Publishes a message again, with DUP. A second answer may follow (SES-11).
    pub(super) async fn say_again(&mut self, message: &Message<'_>) -> Result<(), Stop> {
        let event = StoredEvent::of_message(0, Direction::Up, true, Some(message));
        let at = self.findings.log.event(event);
        let payload = message.encode(self.settings.profile).unwrap_or_default();
        let topic = self.topic(Direction::Up);
        // Findings about this device are ignored, because its faults are deliberate.
        let _ = self.judge.message(at, &Record::new(topic, &payload, true));
        let message = Publish::new(topic.to_string(), payload, Qos::AtLeastOnce);
        self.publish(Publish { dup: true, ..message }).await?;
        Ok(())
    }

    /// Publishes any payload on any topic and waits for the acknowledgement. The judge ignores the
    /// payload, because the payload requires no answer.
    pub(super) async fn say_anything(
        &mut self,
        topic: &str,
        payload: &[u8],
        label: String,
    ) -> Result<(), Stop> {
        self.findings.log.note_briefly(Lane::Device, Lane::Platform, label);
        let id = self.publish(Publish::new(topic, payload, Qos::AtLeastOnce)).await?;
        // Each message waits for the acknowledgement of the previous message, because brokers may
        // limit concurrent messages. A broker also acknowledges messages that it drops, or it ends
        // the connection (MQTT-3.3.5-2).
        let until = Instant::now() + self.settings.timeout;
        loop {
            match self.pump(until).await? {
                Heard::Acknowledged(acknowledged) if acknowledged == id => return Ok(()),
                Heard::Acknowledged(_) | Heard::Other => {}
                Heard::Nothing => return Err(self.unacknowledged(BrokerFault::NoPubAck)),
            }
        }
    }

    async fn publish(&mut self, message: Publish) -> Result<u16, Stop> {
        let Some(client) = &mut self.client else {
            return Err(Stop::Gone(ClientError::Unexpected));
        };
        let id = client.publish(message);
        self.is_fresh = false;
        self.allowance.add_message();
        match timeout(self.settings.timeout, client.flush()).await {
            Ok(Ok(())) => Ok(id),
            Ok(Err(error)) => Err(self.gone(error)),
            Err(_) => Err(self.gone(ClientError::Silent)),
        }
    }

    fn gone(&mut self, error: ClientError) -> Stop {
        self.client = None;
        self.findings.log.note(Lane::Platform, Lane::Device, "(the connection ends)".to_owned());
        Stop::Gone(error)
    }

    /// Closes the connection and adds a finding, because the platform sends too much.
    fn flooded(&mut self) -> Stop {
        self.client = None;
        let at = self.findings.log.note(
            Lane::Platform,
            Lane::Device,
            "(further messages are not recorded)".to_owned(),
        );
        let Allowance { messages: count, bytes } = Allowance::DEFAULT;
        let sentence = format!(
            "the platform sends too much: more than {count} messages or {bytes} bytes in one \
             scenario, so the test closed the connection"
        );
        self.findings.add(at, "too-many-messages", Level::Must, NO_REQUIREMENT, sentence);
        Stop::Found
    }

    /// Returns whether the device is connected to the broker.
    pub(super) const fn is_connected(&self) -> bool {
        self.client.is_some()
    }

    /// Waits for a message for which `wanted` returns a value. Removes the message from the inbox
    /// and returns the value; `None` if no such message arrives within the time `patience`.
    pub(super) async fn wait<T>(
        &mut self,
        patience: Duration,
        mut wanted: impl FnMut(&Message<'static>) -> Option<T>,
    ) -> Result<Option<T>, Stop> {
        let until = Instant::now() + patience;
        loop {
            let found = self.inbox.iter().enumerate().find_map(|(i, m)| Some((i, wanted(m)?)));
            if let Some((index, found)) = found {
                self.inbox.remove(index);
                return Ok(Some(found));
            }
            if self.pump(until).await? == Heard::Nothing {
                return Ok(None);
            }
        }
    }

    /// Removes the received messages for which `is_old` returns true, because no step awaits them.
    pub(super) fn forget(&mut self, is_old: impl Fn(&Message<'static>) -> bool) {
        self.inbox.retain(|message| !is_old(message));
    }

    /// Receives messages until the platform is quiet for a while or the time limit is reached.
    pub(super) async fn settle(&mut self) -> Result<(), Stop> {
        let Settings { timeout, settle, .. } = *self.settings;
        let end = Instant::now() + timeout;
        while self.pump(end.min(Instant::now() + settle)).await? != Heard::Nothing
            && Instant::now() < end
        {}
        Ok(())
    }

    /// Receives one event. Returns [`Heard::Nothing`] if no event arrives before the time `until`.
    pub(super) async fn pump(&mut self, until: Instant) -> Result<Heard, Stop> {
        let Some(client) = &mut self.client else {
            return Err(Stop::Gone(ClientError::Unexpected));
        };
        let heard = select! {
            biased;
            heard = client.next() => heard,
            () = sleep_until(until) => return Ok(Heard::Nothing),
        };
        let bytes = match &heard {
            Ok(ClientEvent::Message(message)) => message.topic.len() + message.payload.len(),
            _ => 0,
        };
        if !self.allowance.take(bytes) {
            return Err(self.flooded());
        }
        let faults = client.take_faults();
        let heard = match heard {
            Err(error) => Err(self.gone(error)),
            Ok(ClientEvent::Acknowledged(id)) => Ok(Heard::Acknowledged(id)),
            Ok(ClientEvent::Ping | ClientEvent::SubAck(..)) => Ok(Heard::Other),
            Ok(ClientEvent::Message(message)) => {
                self.hear(&message);
                Ok(Heard::Other)
            }
        };
        self.violated(faults);
        if self.findings.has_error() { Err(Stop::Found) } else { heard }
    }

    /// Adds a finding for a message from the device that the broker delivers on the device's own
    /// down topic.
    fn hear_own(&mut self) {
        let label = "(the device's own message)".to_owned();
        let at = self.findings.log.note(Lane::Platform, Lane::Device, label);
        let sentence = "the broker delivers a message that the device has published on its own \
        down topic: expected only messages from the platform";
        self.findings.add(at, "down-topic-open", Level::Should, "TOP-2", sentence.to_owned());
    }

    fn hear(&mut self, publish: &Publish) {
        let topic = self.topic(Direction::Down);
        if publish.topic != topic.to_string() {
            // A topic may be 64 KiB long.
            let shown: String = publish.topic.chars().take(SHOWN).collect();
            let label = format!("(on a different topic: {shown})");
            self.findings.log.note_briefly(Lane::Platform, Lane::Device, label);
            return;
        }
        if self.own.as_deref() == Some(&*publish.payload) {
            return self.hear_own();
        }
        let record = Record::new(topic, &publish.payload, publish.dup);
        let Judged { message, findings, .. } =
            self.judge.message(self.findings.log.next(), &record);
        let event = StoredEvent::of_message(0, Direction::Down, publish.dup, message.as_ref());
        let label = event.label.clone();
        let at = self.findings.log.event(event);
        self.across.heard += 1;
        self.across.has_delivered |=
            matches!(message, Some(Message::GetDownloadTaskRsp(_) | Message::Download(_)));
        let answers_upload = matches!(message, Some(Message::CreateUploadTaskRsp(_)));
        for finding in findings {
            if matches!(&*finding.code, "unsolicited-response" | "repeated")
                && let Some(message) = &message
                && self.across.is_late(message)
            {
                return self.findings.log.relabel(at, "(late)");
            }
            let is_writing =
                finding.level == Level::Should && self.across.is_writing(&finding.code);
            // In the answer to a create, the platform must repeat the values from the device.
            let is_echo = answers_upload && is_of_downloads(&finding.code);
            if !is_writing {
                self.findings.push(finding);
            } else if !is_echo {
                self.across.advise(label.clone(), finding);
            }
        }
        self.inbox.extend(message.map(Message::into_owned));
    }
}
