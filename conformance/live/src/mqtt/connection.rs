//! The connection of one client to the endpoint, from the CONNECT to the disconnect.

use std::{collections::HashSet, sync::Arc, sync::atomic::Ordering};

use tokio::{
    io::{AsyncRead, AsyncWrite},
    select,
    time::{Duration, Instant, sleep_until, timeout},
};

use super::{
    access::Rights,
    entry::{Arrival, Entered, HALF_DONE, enter},
    filter::{is_filter, is_shared, is_topic},
    filter_tree::Subscription,
    hub::Hub,
    incoming::Incoming,
    lapse::Lapse,
    outbox::{Outbox, Queued},
    packet::{Connect, FilterRequest, Packet, Publish, Qos, Version},
    packet_stream::{PacketStream, StreamError},
    reason,
};
use crate::{
    connections::{Holding, Place},
    record::{Access, ConnectionId, DisconnectReason, MqttEvent},
};

/// The maximum number of unacknowledged messages to a client. Further messages wait.
const UNACKNOWLEDGED: u16 = 256;
/// The number of unsent bytes above which nothing more is taken from the outbox.
const WIRE: usize = 32 << 10;

pub(super) async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    hub: &Hub,
    stream: S,
    arrival: Arrival,
    place: Place,
) {
    let id = hub.recorder.connection();
    let mut wire = PacketStream::accepting(stream, hub.limits.packet, Some(place.holding()));
    let entered = select! {
        entered = enter(hub, id, arrival, &mut wire) => entered,
        why = place.made_room() => {
            hub.dropped(arrival.peer, why.to_string());
            None
        }
    };
    let Some(Entered { mut connect, rights }) = entered else { return };
    let will = connect.will.take();
    let client_id: Arc<str> = connect.client_id.as_str().into();
    let outbox = Outbox::new(hub.limits.queued_messages, hub.limits.queued_bytes, place.holding());
    let outbox = Arc::new(outbox);
    hub.subscriptions().enter(id, Arc::clone(&client_id), Arc::clone(&outbox), place.holding());
    let present = Present { hub, id };
    let mut holding = place.holding();
    holding.resize(client_id.len() + will.as_ref().map_or(0, Publish::memory));
    let mut client = ClientConnection {
        hub,
        id,
        client_id,
        rights,
        wire,
        place,
        outbox,
        silence: silence(&connect, hub.limits.idle),
        keep_alive: connect.keep_alive,
        delivered: 0,
        acknowledges: false,
        unacknowledged: HashSet::new(),
        receive_maximum: connect
            .properties
            .receive_maximum
            .unwrap_or(UNACKNOWLEDGED)
            .clamp(1, UNACKNOWLEDGED)
            .into(),
        // The value 0 is a lapse and sets no limit.
        maximum_packet: connect
            .properties
            .maximum_packet
            .filter(|most| *most > 0)
            .map_or(usize::MAX, |most| most as usize),
        half_done: HashSet::new(),
        last_heard: Instant::now(),
        packets: 0,
        lapses: Vec::new(),
        _holding: holding,
    };
    drop(connect);
    client.record_lapses();
    let why = client.run().await;
    client.judge_end(&why);
    client.say_goodbye(&why).await;
    drop(present);
    if let (Some(will), true) = (will, why != DisconnectReason::Goodbye)
        && client.may_publish(&will.topic)
    {
        hub.received(will, None).await;
    }
    let client_id = client.client_id;
    hub.recorder.mqtt(MqttEvent::Disconnected { client_id, why });
}

/// A guard that removes a client and its subscriptions from the endpoint when the guard is dropped.
struct Present<'a> {
    hub: &'a Hub,
    id: ConnectionId,
}

impl Drop for Present<'_> {
    fn drop(&mut self) {
        self.hub.subscriptions().leave(self.id);
    }
}

/// Returns the maximum time for which a client may be silent: 1.5 times its keep-alive, but at most
/// `most`. Without a keep-alive, the time is `most`.
fn silence(Connect { keep_alive, .. }: &Connect, most: Duration) -> Duration {
    match *keep_alive {
        0 => most,
        seconds => (Duration::from_secs(seconds.into()) * 3 / 2).min(most),
    }
}

struct ClientConnection<'a, S> {
    hub: &'a Hub,
    id: ConnectionId,
    client_id: Arc<str>,
    rights: Rights,
    wire: PacketStream<S>,
    place: Place,
    outbox: Arc<Outbox>,
    /// The maximum time for which the client may be silent.
    silence: Duration,
    /// The keep-alive in seconds.
    keep_alive: u16,
    /// The number of messages at QoS 1 that were sent to the client.
    delivered: usize,
    /// Whether the client has acknowledged a message.
    acknowledges: bool,
    /// The packet ids of messages at QoS 1 that the client has not acknowledged.
    unacknowledged: HashSet<u16>,
    receive_maximum: usize,
    maximum_packet: usize,
    /// The packet ids of received messages at QoS 2 that the client has not released yet.
    half_done: HashSet<u16>,
    last_heard: Instant,
    /// The number of received packets, which shows whether a packet has been incomplete for too
    /// long.
    packets: u64,
    /// The violations that were recorded, each once.
    lapses: Vec<Lapse>,
    /// A counter for the memory of the client id and the will.
    _holding: Holding,
}

impl<S: AsyncRead + AsyncWrite + Unpin> ClientConnection<'_, S> {
    async fn run(&mut self) -> DisconnectReason {
        let outbox = Arc::clone(&self.outbox);
        let step = self.hub.limits.packet_time.min(self.hub.limits.write_stall);
        let mut stuck = StallDetector::default();
        let mut look = Instant::now() + step;
        loop {
            if let Some(departure) = self.send_queued() {
                return departure;
            }
            let quiet = self.last_heard + self.silence;
            let wake = quiet.min(look);
            select! {
                biased;
                why = self.place.made_room() => return DisconnectReason::MadeRoom(why),
                packet = self.wire.next() => match packet {
                    Ok(packet) => {
                        self.last_heard = Instant::now();
                        self.packets += 1;
                        self.place.heard();
                        self.record_lapses();
                        if let Err(departure) = self.handle(packet).await {
                            return departure;
                        }
                    }
                    Err(StreamError::Closed) => return DisconnectReason::Closed,
                    Err(why) => return DisconnectReason::Fault(why.to_string()),
                },
                () = outbox.news() => {}
                () = sleep_until(wake) => {
                    if quiet <= Instant::now() {
                        return DisconnectReason::Silent;
                    }
                    if let Some(why) = stuck.look(self.packets, &self.wire) {
                        return DisconnectReason::Fault(why.to_owned());
                    }
                    look = Instant::now() + step;
                }
            }
        }
    }

    /// Records the violations in the last packet, each kind once per connection.
    fn record_lapses(&mut self) {
        for lapse in self.wire.take_lapses() {
            self.record_lapse(lapse);
        }
    }

    fn record_lapse(&mut self, lapse: Lapse) {
        /// The maximum number of recorded violations, which is approximately the number of their
        /// kinds.
        const MOST: usize = 32;
        if self.lapses.len() < MOST && !self.lapses.contains(&lapse) {
            self.lapses.push(lapse);
            let client_id = Arc::clone(&self.client_id);
            self.hub.recorder.mqtt(MqttEvent::Lapse { client_id, lapse });
        }
    }

    /// Moves messages from the outbox to the wire, up to the limits on unsent bytes and
    /// unacknowledged messages. Returns the reason why the connection ends; `None` if it continues.
    fn send_queued(&mut self) -> Option<DisconnectReason> {
        if let Some(end @ (DisconnectReason::Cut | DisconnectReason::TakenOver)) =
            self.outbox.ended()
        {
            return Some(end);
        }
        while self.wire.unsent() < WIRE && self.unacknowledged.len() < self.receive_maximum {
            match self.outbox.take()? {
                Queued::End(departure) => return Some(departure),
                Queued::Message(message) => self.send(message),
            }
        }
        // A client that does not read must still be disconnected after a fault.
        self.outbox.ended().filter(|end| matches!(end, DisconnectReason::Fault(_)))
    }

    fn send(&mut self, mut message: Publish) {
        message.qos = message.qos.min(Qos::AtLeastOnce);
        if message.qos == Qos::AtLeastOnce {
            loop {
                message.id = self.hub.next_id();
                if self.unacknowledged.insert(message.id) {
                    break;
                }
            }
        }
        let (id, qos) = (message.id, message.qos);
        let bytes = Packet::Publish(message).encode(self.wire.version());
        // In MQTT 5, a packet must not exceed the limit of the client.
        if bytes.len() > self.maximum_packet {
            self.unacknowledged.remove(&id);
            return;
        }
        if qos == Qos::AtLeastOnce {
            self.delivered += 1;
        }
        self.wire.send_bytes(&bytes);
    }

    /// Records the violations that are certain only at the end of the connection.
    fn judge_end(&mut self, why: &DisconnectReason) {
        /// The minimum number of delivered messages for which missing acknowledgements are a
        /// violation. One message is not enough, because a client may disconnect before it reads
        /// the message.
        const ENOUGH: usize = 2;
        match why {
            DisconnectReason::Goodbye | DisconnectReason::Closed
                if self.delivered >= ENOUGH && !self.acknowledges =>
            {
                let is_abrupt = *why == DisconnectReason::Closed;
                self.record_lapse(Lapse::NoPubAck { messages: self.delivered, is_abrupt });
            }
            // The limit of the endpoint may be shorter than the keep-alive of the client.
            DisconnectReason::Silent
                if self.keep_alive > 0
                    && self.silence >= Duration::from_secs(self.keep_alive.into()) * 3 / 2 =>
            {
                self.record_lapse(Lapse::Silence(self.keep_alive));
            }
            _ => {}
        }
    }

    async fn handle(&mut self, packet: Packet) -> Result<(), DisconnectReason> {
        let fault = |why: &str| Err(DisconnectReason::Fault(why.to_owned()));
        match packet {
            Packet::Publish(message) => return self.handle_publish(message).await,
            Packet::PubAck { id, .. } | Packet::PubRec { id, .. } | Packet::PubComp { id } => {
                self.acknowledges |= self.unacknowledged.remove(&id);
            }
            Packet::PubRel { id } => {
                self.half_done.remove(&id);
                self.wire.send(&Packet::PubComp { id });
            }
            Packet::Subscribe { id, filters } => self.handle_subscribe(id, filters).await,
            Packet::Unsubscribe { id, filters } => {
                for filter in &filters {
                    self.hub.subscriptions().unsubscribe(self.id, filter);
                }
                self.wire
                    .send(&Packet::UnsubAck { id, codes: vec![reason::SUCCESS; filters.len()] });
            }
            Packet::PingReq => self.wire.send(&Packet::PingResp),
            Packet::Disconnect { code: reason::v5::DISCONNECT_WITH_WILL } => {
                return Err(DisconnectReason::Closed);
            }
            Packet::Disconnect { .. } => return Err(DisconnectReason::Goodbye),
            Packet::Connect(_) => return fault("it sends a second CONNECT"),
            Packet::ConnAck { .. }
            | Packet::SubAck { .. }
            | Packet::UnsubAck { .. }
            | Packet::PingResp => return fault("it sends a packet that only a server may send"),
        }
        Ok(())
    }

    async fn handle_publish(&mut self, message: Publish) -> Result<(), DisconnectReason> {
        let fault = |why: &str| Err(DisconnectReason::Fault(why.to_owned()));
        let Publish { qos, id, .. } = message;
        if !is_topic(&message.topic) {
            return fault(
                "it publishes on a topic that is empty, is too long, has a wildcard, or has too \
                 many levels",
            );
        }
        if qos == Qos::ExactlyOnce {
            if self.half_done.len() >= HALF_DONE.into() {
                return fault("it leaves too many messages at QoS 2 incomplete");
            }
            if !self.half_done.insert(id) {
                self.wire.send(&Packet::PubRec { id, code: reason::SUCCESS });
                return Ok(());
            }
        }
        if message.retain && self.wire.version() == Version::V5 {
            self.record_lapse(Lapse::Retain);
        }
        let mut code = reason::SUCCESS;
        if self.may_publish(&message.topic) {
            // The platform receives the message before the endpoint acknowledges it.
            self.hub.received(message, Some(self.id)).await;
        } else {
            code = reason::v5::NOT_AUTHORIZED;
            self.half_done.remove(&id);
        }
        let withheld = self.hub.broker_faults.withholds_acknowledgements.load(Ordering::Relaxed);
        match qos {
            _ if withheld => {}
            Qos::AtMostOnce => {}
            Qos::AtLeastOnce => self.wire.send(&Packet::PubAck { id, code }),
            Qos::ExactlyOnce => self.wire.send(&Packet::PubRec { id, code }),
        }
        Ok(())
    }

    /// Returns whether the client's credentials permit it to publish on a topic. Records a refusal.
    fn may_publish(&self, topic: &str) -> bool {
        let may = self.rights.may_publish(topic);
        if !may {
            self.denied(Access::Publish, topic);
        }
        may
    }

    fn denied(&self, access: Access, topic: &str) {
        let (client_id, topic) = (Arc::clone(&self.client_id), topic.to_owned());
        self.hub.recorder.mqtt(MqttEvent::Denied { client_id, access, topic });
    }

    async fn handle_subscribe(&mut self, id: u16, filters: Vec<FilterRequest>) {
        let mut codes = Vec::with_capacity(filters.len());
        let mut subscribed = Vec::new();
        for FilterRequest { filter, qos, no_local } in filters {
            let subscription = Subscription { qos: qos.min(Qos::AtLeastOnce), no_local };
            let code = self.subscribe(&filter, subscription);
            codes.push(code);
            if code < reason::FAILURE {
                subscribed.push(filter);
            }
        }
        // The SUBACK goes first, because the platform may publish immediately.
        self.wire.send(&Packet::SubAck { id, codes });
        for filter in subscribed {
            let client_id = Arc::clone(&self.client_id);
            let event = MqttEvent::Subscribed { client_id, filter: filter.clone() };
            self.hub.recorder.mqtt(event);
            self.hub.tell(Incoming::Subscribed(filter)).await;
        }
    }

    /// Adds a subscription to a filter if the subscription is permitted. Returns the code for the
    /// SUBACK.
    fn subscribe(&self, filter: &str, subscription: Subscription) -> u8 {
        if self.wire.version() == Version::V5 && is_shared(filter) {
            return reason::v5::NO_SHARED_SUBSCRIPTIONS;
        }
        if !is_filter(filter) {
            return reason::FAILURE;
        }
        if !self.rights.may_subscribe(filter) {
            self.denied(Access::Subscribe, filter);
            return reason::FAILURE;
        }
        let most = self.hub.limits.filters;
        let taken = self.hub.subscriptions().subscribe(self.id, filter, subscription, most);
        if taken { subscription.qos as u8 } else { reason::FAILURE }
    }

    /// Closes the connection, unless the socket must be dropped instead. In MQTT 5, sends a
    /// DISCONNECT first, unless the client has sent one.
    async fn say_goodbye(&mut self, why: &DisconnectReason) {
        let code = match why {
            DisconnectReason::Cut | DisconnectReason::Closed | DisconnectReason::MadeRoom(_) => {
                return;
            }
            // TLS requires a closing message.
            DisconnectReason::Goodbye => return self.close().await,
            DisconnectReason::TakenOver => reason::v5::SESSION_TAKEN_OVER,
            DisconnectReason::Silent => reason::v5::KEEP_ALIVE_TIMEOUT,
            DisconnectReason::Ours => reason::v5::SERVER_SHUTTING_DOWN,
            DisconnectReason::Fault(_) => reason::v5::PROTOCOL_ERROR,
        };
        if self.wire.version() == Version::V5 {
            self.wire.send(&Packet::Disconnect { code });
        }
        self.close().await;
    }

    /// Sends the queued bytes and closes the connection.
    async fn close(&mut self) {
        let _ = timeout(Duration::from_millis(500), self.wire.close()).await;
    }
}

/// A detector of clients that stop within a packet or do not read.
#[derive(Default)]
struct StallDetector {
    within: Option<u64>,
    unsent: Option<u64>,
}

impl StallDetector {
    fn look<S: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        packets: u64,
        wire: &PacketStream<S>,
    ) -> Option<&'static str> {
        let within = wire.is_within_packet().then_some(packets);
        let unsent = (wire.unsent() > 0).then(|| wire.sent_bytes());
        if within.is_some() && within == self.within {
            return Some("a packet is incomplete");
        }
        if unsent.is_some() && unsent == self.unsent {
            return Some("it does not read from its connection");
        }
        (self.within, self.unsent) = (within, unsent);
        None
    }
}
