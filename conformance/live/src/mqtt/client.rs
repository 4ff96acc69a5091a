//! The MQTT client of a broker or of the endpoint.

use std::{
    collections::{BTreeMap, VecDeque},
    fmt, io,
};

use tokio::{
    select,
    time::{Duration, Instant, sleep_until, timeout},
};

use super::{
    broker_check::{BrokerCheck, BrokerFault},
    packet::{Connect, FilterRequest, Packet, Publish, Qos},
    packet_stream::{PacketStream, StreamError},
    reason,
};
use crate::{
    Address,
    transport::{Reach, Stream},
};

/// The maximum number of bytes after the length field of a packet that the client accepts.
const MAX_PACKET: usize = 1 << 20;
/// The maximum number of packets that precede the answer to a SUBSCRIBE.
const PACKETS_BEFORE_ANSWER: usize = 4_096;
/// The maximum number of bytes in the topics and payloads that precede the answer to a SUBSCRIBE.
const BYTES_BEFORE_ANSWER: usize = 4 << 20;

/// An MQTT client with a connection to a broker.
pub(crate) struct Client {
    wire: PacketStream<Stream>,
    last_id: u16,
    /// Unacknowledged messages at QoS 1, by packet id.
    unacknowledged: BTreeMap<u16, Publish>,
    /// Events that arrived while the client waited for a different event.
    heard: VecDeque<ClientEvent>,
    keep_alive: Option<Duration>,
    last_sent: Instant,
    last_heard: Instant,
    /// The number of unanswered PINGREQs.
    pings: u32,
    check: Box<BrokerCheck>,
    /// Whether the client acknowledges messages at QoS 1.
    pub(crate) acknowledges: bool,
    /// Whether the client sends a PINGREQ when it is due.
    pub(crate) keeps_alive: bool,
}

/// An event that the client receives from the broker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ClientEvent {
    Message(Publish),
    /// The broker has acknowledged the message with this packet id.
    Acknowledged(u16),
    /// The broker has answered a PINGREQ.
    Ping,
    SubAck(u16, Vec<u8>),
}

/// The reason why there is no connection.
#[derive(Debug)]
pub(crate) enum ClientError {
    Unreachable(io::Error),
    /// The server refused the connection with this code in the CONNACK.
    Refused(u8),
    /// The server refused a subscription.
    NotSubscribed,
    PacketStream(StreamError),
    Silent,
    /// The server sent too many packets or bytes before its answer.
    TooMuch,
    /// The server ended the connection with this MQTT 5 reason code.
    LetGo(u8),
    Unexpected,
}

impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(error) => error.fmt(f),
            Self::Refused(code) => {
                write!(f, "the broker refuses the connection with code {code}")?;
                match reason::in_words(*code) {
                    Some(words) => write!(f, ": {words}"),
                    None => Ok(()),
                }
            }
            Self::NotSubscribed => f.write_str("the broker refuses the subscription"),
            Self::PacketStream(error) => error.fmt(f),
            Self::Silent => f.write_str("the broker does not answer"),
            Self::TooMuch => f.write_str("the broker sends too much data before it answers"),
            Self::LetGo(code) => write!(f, "the broker ends the connection with code {code:#04x}"),
            Self::Unexpected => f.write_str("the broker sends an unexpected packet"),
        }
    }
}

impl From<StreamError> for ClientError {
    fn from(error: StreamError) -> Self {
        Self::PacketStream(error)
    }
}

impl Client {
    /// Connects and waits for the CONNACK.
    pub(crate) async fn connect(
        address: &Address,
        connect: Connect,
        patience: Duration,
    ) -> Result<Self, ClientError> {
        Self::connect_over(&Reach::default(), address, connect, patience).await
    }

    /// Connects over the route `reach` and waits for the CONNACK. The route also contains the
    /// trusted certificates for TLS.
    pub(crate) async fn connect_over(
        reach: &Reach,
        address: &Address,
        connect: Connect,
        patience: Duration,
    ) -> Result<Self, ClientError> {
        let connecting = async {
            let stream = reach.connect(&address.host, address.port, address.tls).await;
            let stream = stream.map_err(ClientError::Unreachable)?;
            let mut wire = PacketStream::connecting(stream, connect.version, MAX_PACKET);
            let mut keep_alive = connect.keep_alive;
            let mut check = Box::new(BrokerCheck::new(connect.version, connect.clean));
            wire.send(&Packet::Connect(connect));
            match wire.next().await? {
                Packet::ConnAck { code: reason::SUCCESS, session_present, properties } => {
                    check.connected(session_present);
                    keep_alive = properties.server_keep_alive.unwrap_or(keep_alive);
                }
                Packet::ConnAck { code, .. } => return Err(ClientError::Refused(code)),
                _ => return Err(ClientError::Unexpected),
            }
            Ok(Self {
                wire,
                last_id: 0,
                unacknowledged: BTreeMap::new(),
                heard: VecDeque::new(),
                keep_alive: (keep_alive > 0).then(|| Duration::from_secs(keep_alive.into())),
                last_sent: Instant::now(),
                last_heard: Instant::now(),
                pings: 0,
                check,
                acknowledges: true,
                keeps_alive: true,
            })
        };
        timeout(patience, connecting).await.unwrap_or(Err(ClientError::Silent))
    }

    /// Subscribes and waits for the SUBACK.
    pub(crate) async fn subscribe(
        &mut self,
        filter: &str,
        qos: Qos,
        patience: Duration,
    ) -> Result<(), ClientError> {
        let id = self.next_id();
        // Messages may precede the SUBACK.
        self.check.subscribed(qos);
        self.wire.send(&Packet::Subscribe {
            id,
            filters: vec![FilterRequest { filter: filter.to_owned(), qos, no_local: false }],
        });
        let until = Instant::now() + patience;
        let (mut meanwhile, mut bytes) = (VecDeque::new(), 0);
        let granted = loop {
            let heard = select! {
                heard = self.next() => heard?,
                () = sleep_until(until) => return Err(ClientError::Silent),
            };
            match heard {
                ClientEvent::SubAck(answered, codes) if answered == id => break codes,
                // The server answers a SUBSCRIBE that the client did not send.
                ClientEvent::SubAck(..) => return Err(ClientError::Unexpected),
                other => {
                    if let ClientEvent::Message(message) = &other {
                        bytes += message.topic.len() + message.payload.len();
                    }
                    meanwhile.push_back(other);
                    if meanwhile.len() > PACKETS_BEFORE_ANSWER || bytes > BYTES_BEFORE_ANSWER {
                        return Err(ClientError::TooMuch);
                    }
                }
            }
        };
        self.heard.append(&mut meanwhile);
        match granted.as_slice() {
            [code] => {
                let granted = Qos::from_bits(*code).ok_or(ClientError::NotSubscribed)?;
                self.check.subscribed(granted);
                Ok(())
            }
            _ => Err(ClientError::NotSubscribed),
        }
    }

    /// Queues a message, which [`next`](Self::next) or [`flush`](Self::flush) sends. Returns the
    /// packet id that the client chooses, which is 0 at QoS 0.
    pub(crate) fn publish(&mut self, mut message: Publish) -> u16 {
        message.id = if message.qos == Qos::AtMostOnce { 0 } else { self.next_id() };
        let id = message.id;
        if id != 0 {
            self.unacknowledged.insert(id, message.clone());
        }
        self.wire.send(&Packet::Publish(message));
        self.last_sent = Instant::now();
        id
    }

    /// Queues a message with DUP, because the message was already sent over an earlier connection.
    /// Returns the new packet id.
    pub(crate) fn publish_again(&mut self, message: Publish) -> u16 {
        self.publish(Publish { dup: true, ..message })
    }

    /// Queues a PINGREQ.
    pub(crate) fn ping(&mut self) {
        self.wire.send(&Packet::PingReq);
        self.last_sent = Instant::now();
        self.pings += 1;
    }

    /// Returns whether a PINGREQ is unanswered.
    pub(crate) const fn is_pinging(&self) -> bool {
        self.pings > 0
    }

    /// Returns the violations by the broker since the last call, each kind once.
    pub(crate) fn take_faults(&mut self) -> Vec<BrokerFault> {
        self.check.take()
    }

    pub(crate) fn has_unacknowledged(&self) -> bool {
        !self.unacknowledged.is_empty()
    }

    /// Returns the unacknowledged messages, the oldest first.
    pub(crate) fn into_unacknowledged(self) -> Vec<Publish> {
        let newest = self.last_id;
        let mut messages: Vec<_> = self.unacknowledged.into_iter().collect();
        // Ids wrap around to 1.
        messages.sort_by_key(|(id, _)| id.wrapping_sub(newest).wrapping_sub(1));
        messages.into_iter().map(|(_, message)| message).collect()
    }

    pub(crate) fn unsent(&self) -> usize {
        self.wire.unsent()
    }

    pub(crate) async fn flush(&mut self) -> Result<(), ClientError> {
        Ok(self.wire.flush().await?)
    }

    /// Waits for the next event and returns it. In the meantime, keeps the connection alive with
    /// PINGREQs. If the future is dropped, no event is lost.
    pub(crate) async fn next(&mut self) -> Result<ClientEvent, ClientError> {
        if let Some(heard) = self.heard.pop_front() {
            return Ok(heard);
        }
        loop {
            let packet = match self.keep_alive.filter(|_| self.keeps_alive) {
                None => self.wire.next().await?,
                Some(keep_alive) => {
                    let due = self.last_sent + keep_alive;
                    let silent = self.last_heard + keep_alive * 2;
                    select! {
                        biased;
                        packet = self.wire.next() => packet?,
                        () = sleep_until(silent) => return Err(ClientError::Silent),
                        () = sleep_until(due) => {
                            self.ping();
                            continue;
                        }
                    }
                }
            };
            self.last_heard = Instant::now();
            return self.handle(packet);
        }
    }

    fn handle(&mut self, packet: Packet) -> Result<ClientEvent, ClientError> {
        for lapse in self.wire.take_lapses() {
            self.check.find(BrokerFault::Lapse(lapse));
        }
        Ok(match packet {
            Packet::Publish(mut message) => {
                self.check.delivered(&mut message);
                if message.qos == Qos::AtLeastOnce && self.acknowledges {
                    self.wire.send(&Packet::PubAck { id: message.id, code: reason::SUCCESS });
                }
                ClientEvent::Message(message)
            }
            Packet::PubAck { id, .. } => {
                if self.unacknowledged.remove(&id).is_none() {
                    self.check.find(BrokerFault::PubAck);
                }
                ClientEvent::Acknowledged(id)
            }
            Packet::SubAck { id, codes } => ClientEvent::SubAck(id, codes),
            // A server that sends more answers than it received requests might never stop sending.
            Packet::PingResp if self.pings > 0 => {
                self.pings -= 1;
                ClientEvent::Ping
            }
            Packet::Disconnect { code } => return Err(ClientError::LetGo(code)),
            _ => return Err(ClientError::Unexpected),
        })
    }

    /// Sends a DISCONNECT and closes the connection.
    pub(crate) async fn disconnect(mut self) {
        self.wire.send(&Packet::Disconnect { code: reason::SUCCESS });
        let _ = timeout(Duration::from_secs(1), self.wire.close()).await;
    }

    fn next_id(&mut self) -> u16 {
        loop {
            self.last_id = self.last_id.checked_add(1).unwrap_or(1);
            if !self.unacknowledged.contains_key(&self.last_id) {
                return self.last_id;
            }
        }
    }
}
