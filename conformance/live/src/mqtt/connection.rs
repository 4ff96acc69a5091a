//! One client of the endpoint.

use std::{collections::HashSet, net::SocketAddr, sync::Arc, sync::atomic::Ordering};

use tokio::{
    net::TcpStream,
    select,
    time::{Duration, Instant, sleep_until, timeout},
};

use super::{
    access::ConnectRefusal,
    bytes::Malformed,
    filter::is_filter,
    hub::Hub,
    incoming::Incoming,
    outbox::{Outbox, Queued},
    packet::{Connect, FilterRequest, Packet, Publish, Qos, Version},
    packet_stream::{PacketStream, StreamError},
    properties::Properties,
    reason,
};
use crate::record::{ConnectionId, DisconnectReason, MqttEvent};

/// How many incomplete messages at QoS 2 a client may have.
const HALF_DONE: u16 = 256;
/// How many unsent bytes may wait before more messages are taken from the outbox.
const WIRE: usize = 32 << 10;

pub(super) async fn serve(hub: &Hub, stream: TcpStream, peer: SocketAddr) {
    let id = hub.recorder.connection();
    let mut wire = PacketStream::accepting(stream, hub.limits.packet);
    let Some(connect) = enter(hub, id, peer, &mut wire).await else { return };
    let will = connect.will.clone();
    let outbox = Arc::new(Outbox::new(hub.limits.queued_messages, hub.limits.queued_bytes));
    hub.subscriptions().enter(id, connect.client_id.clone(), Arc::clone(&outbox));
    let mut client = ClientConnection::new(hub, id, wire, outbox, &connect);
    drop(connect);
    let why = client.run().await;
    client.say_goodbye(&why).await;
    let ClientConnection { .. } = client;
    hub.subscriptions().leave(id);
    if let (Some(will), true) = (will, why != DisconnectReason::Goodbye) {
        hub.received(will).await;
    }
    hub.recorder.mqtt(id, MqttEvent::Disconnected { why });
}

/// Reads the CONNECT, and answers it.
async fn enter(
    hub: &Hub,
    id: ConnectionId,
    peer: SocketAddr,
    wire: &mut PacketStream<TcpStream>,
) -> Option<Connect> {
    let mut connect = match timeout(hub.limits.connect, wire.next()).await {
        Ok(Ok(Packet::Connect(connect))) => connect,
        // The peer only checked whether the port is open.
        Ok(Err(StreamError::Closed)) => return None,
        Ok(Err(why)) => {
            hub.turned_away(id, peer, why.to_string());
            if matches!(why, StreamError::Malformed(Malformed::Version)) {
                answer(wire, hub, ConnectRefusal::Version.code(Version::V3_1_1)).await;
            }
            return None;
        }
        Ok(Ok(_)) => return None,
        Err(_) => {
            hub.turned_away(id, peer, "it sends no CONNECT".to_owned());
            return None;
        }
    };
    let version = connect.version;
    let mut properties = Properties::default();
    let refusal = if let Err(why) = hub.admits(&connect) {
        Some(ConnectRefusal::Credentials(why))
    } else if connect.client_id.is_empty() && !connect.clean && version != Version::V5 {
        Some(ConnectRefusal::ClientId)
    } else {
        None
    };
    if let Some(refusal) = refusal {
        hub.turned_away(id, peer, refusal.to_string());
        answer(wire, hub, refusal.code(version)).await;
        return None;
    }
    if connect.client_id.is_empty() {
        connect.client_id = format!("unnamed-{}", id.0);
        properties.assigned_client_id = Some(connect.client_id.clone());
    }
    properties.receive_maximum = Some(HALF_DONE);
    properties.maximum_packet = u32::try_from(hub.limits.packet).ok();
    wire.send(&Packet::ConnAck { session_present: false, code: reason::SUCCESS, properties });
    let client_id = connect.client_id.clone();
    hub.recorder.mqtt(id, MqttEvent::Connected { peer, client_id, version });
    Some(connect)
}

async fn answer(wire: &mut PacketStream<TcpStream>, hub: &Hub, code: u8) {
    let properties = Properties::default();
    wire.send(&Packet::ConnAck { session_present: false, code, properties });
    let _ = timeout(hub.limits.connect, wire.close()).await;
}

struct ClientConnection<'a> {
    hub: &'a Hub,
    id: ConnectionId,
    wire: PacketStream<TcpStream>,
    outbox: Arc<Outbox>,
    /// One and a half times the keep-alive; `None` without a keep-alive.
    silence: Option<Duration>,
    /// The ids of our unacknowledged messages, and their highest number.
    unacknowledged: HashSet<u16>,
    receive_maximum: usize,
    maximum_packet: usize,
    /// The ids of received messages at QoS 2 that were not released yet.
    half_done: HashSet<u16>,
    last_heard: Instant,
    /// The number of received packets, to detect one that is incomplete for too long.
    packets: u64,
}

impl<'a> ClientConnection<'a> {
    fn new(
        hub: &'a Hub,
        id: ConnectionId,
        wire: PacketStream<TcpStream>,
        outbox: Arc<Outbox>,
        connect: &Connect,
    ) -> Self {
        let Connect { keep_alive, properties, .. } = connect;
        Self {
            hub,
            id,
            wire,
            outbox,
            silence: (*keep_alive > 0).then(|| Duration::from_secs((*keep_alive).into()) * 3 / 2),
            unacknowledged: HashSet::new(),
            receive_maximum: properties.receive_maximum.unwrap_or(u16::MAX).max(1).into(),
            maximum_packet: properties.maximum_packet.map_or(usize::MAX, |most| most as usize),
            half_done: HashSet::new(),
            last_heard: Instant::now(),
            packets: 0,
        }
    }

    async fn run(&mut self) -> DisconnectReason {
        let outbox = Arc::clone(&self.outbox);
        let step = self.hub.limits.packet_time.min(self.hub.limits.write_stall);
        let mut stuck = StallDetector::default();
        let mut look = Instant::now() + step;
        loop {
            if let Some(departure) = self.send_queued() {
                return departure;
            }
            let quiet = self.silence.map(|silence| self.last_heard + silence);
            let wake = quiet.map_or(look, |quiet| quiet.min(look));
            select! {
                biased;
                packet = self.wire.next() => match packet {
                    Ok(packet) => {
                        self.last_heard = Instant::now();
                        self.packets += 1;
                        if let Err(departure) = self.handle(packet).await {
                            return departure;
                        }
                    }
                    Err(StreamError::Closed) => return DisconnectReason::Closed,
                    Err(why) => return DisconnectReason::Fault(why.to_string()),
                },
                () = outbox.news() => {}
                () = sleep_until(wake) => {
                    if quiet.is_some_and(|quiet| quiet <= Instant::now()) {
                        return DisconnectReason::KeepAlive;
                    }
                    if let Some(why) = stuck.look(self.packets, &self.wire) {
                        return DisconnectReason::Fault(why.to_owned());
                    }
                    look = Instant::now() + step;
                }
            }
        }
    }

    /// Moves messages from the outbox to the wire while there is room.
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
        // The client may be disconnected even if it does not read.
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
        let id = message.id;
        let bytes = Packet::Publish(message).encode(self.wire.version());
        // MQTT 5: a packet must not exceed the limit of the client.
        if bytes.len() > self.maximum_packet {
            self.unacknowledged.remove(&id);
            return;
        }
        self.wire.send_bytes(&bytes);
    }

    async fn handle(&mut self, packet: Packet) -> Result<(), DisconnectReason> {
        let fault = |why: &str| Err(DisconnectReason::Fault(why.to_owned()));
        match packet {
            Packet::Publish(message) => return self.handle_publish(message).await,
            Packet::PubAck { id, .. } | Packet::PubRec { id, .. } | Packet::PubComp { id } => {
                self.unacknowledged.remove(&id);
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
            | Packet::PingResp => return fault("it sends what only a server sends"),
        }
        Ok(())
    }

    async fn handle_publish(&mut self, message: Publish) -> Result<(), DisconnectReason> {
        let Publish { qos, id, .. } = message;
        if message.topic.is_empty() || message.topic.contains(['+', '#']) {
            return Err(DisconnectReason::Fault(
                "it publishes to a topic with a wildcard".to_owned(),
            ));
        }
        if qos == Qos::ExactlyOnce {
            if self.half_done.len() >= HALF_DONE.into() {
                return Err(DisconnectReason::Fault(
                    "it leaves too many messages half done".to_owned(),
                ));
            }
            if !self.half_done.insert(id) {
                self.wire.send(&Packet::PubRec { id, code: reason::SUCCESS });
                return Ok(());
            }
        }
        // The acknowledgement means that the platform has received the message.
        self.hub.received(message).await;
        let withheld = self.hub.broker_faults.withholds_acknowledgements.load(Ordering::Relaxed);
        match qos {
            _ if withheld => {}
            Qos::AtMostOnce => {}
            Qos::AtLeastOnce => self.wire.send(&Packet::PubAck { id, code: reason::SUCCESS }),
            Qos::ExactlyOnce => self.wire.send(&Packet::PubRec { id, code: reason::SUCCESS }),
        }
        Ok(())
    }

    async fn handle_subscribe(&mut self, id: u16, filters: Vec<FilterRequest>) {
        let mut codes = Vec::with_capacity(filters.len());
        let mut subscribed = Vec::new();
        for FilterRequest { filter, qos } in filters {
            let granted = qos.min(Qos::AtLeastOnce);
            let most = self.hub.limits.filters;
            let taken = is_filter(&filter)
                && self.hub.subscriptions().subscribe(self.id, &filter, granted, most);
            codes.push(if taken { granted as u8 } else { reason::FAILURE });
            if taken {
                subscribed.push(filter);
            }
        }
        // The SUBACK goes first, since the platform may publish at once.
        self.wire.send(&Packet::SubAck { id, codes });
        for filter in subscribed {
            let event = MqttEvent::Subscribed { filter: filter.clone() };
            self.hub.recorder.mqtt(self.id, event);
            self.hub.tell(Incoming::Subscribed(filter)).await;
        }
    }

    /// Sends the reason, if MQTT 5 permits, and ends the connection.
    async fn say_goodbye(&mut self, why: &DisconnectReason) {
        let code = match why {
            DisconnectReason::Cut | DisconnectReason::Closed | DisconnectReason::Goodbye => return,
            DisconnectReason::TakenOver => reason::v5::SESSION_TAKEN_OVER,
            DisconnectReason::KeepAlive => reason::v5::KEEP_ALIVE_TIMEOUT,
            DisconnectReason::Ours => reason::v5::SERVER_SHUTTING_DOWN,
            DisconnectReason::Fault(_) => reason::v5::PROTOCOL_ERROR,
        };
        if self.wire.version() == Version::V5 {
            self.wire.send(&Packet::Disconnect { code });
        }
        let _ = timeout(Duration::from_millis(500), self.wire.close()).await;
    }
}

/// Detects a client that stays in the middle of a packet, or does not read.
#[derive(Default)]
struct StallDetector {
    within: Option<u64>,
    unsent: Option<u64>,
}

impl StallDetector {
    fn look(&mut self, packets: u64, wire: &PacketStream<TcpStream>) -> Option<&'static str> {
        let within = wire.is_within_packet().then_some(packets);
        let unsent = (wire.unsent() > 0).then(|| wire.sent_bytes());
        if within.is_some() && within == self.within {
            return Some("a packet does not come to its end");
        }
        if unsent.is_some() && unsent == self.unsent {
            return Some("it does not read what is sent to it");
        }
        (self.within, self.unsent) = (within, unsent);
        None
    }
}
