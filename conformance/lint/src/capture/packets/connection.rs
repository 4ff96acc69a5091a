//! Follows a TCP connection and the MQTT packets in it.

use std::net::SocketAddr;

use super::{
    layers::Segment,
    mqtt::{self, At, Fault, FaultKind, Malformed, Passed, begins_packet, is_ours},
    opening::{Opening, opening},
    ordered::{Gap, Ordered, Part, Sent},
    websocket::{Frames, Piece, begins_frame},
};

const MQTT_PORT: u16 = 1883;
/// The maximum number of bytes from the client that are kept while the protocol of a connection is
/// unknown. This is enough for the longest PROXY header and the head of a request.
const LONGEST_OPENING: usize = 1 << 17;
/// The maximum number of bytes from the server that are kept while the protocol is unknown.
const LONGEST_EARLY: usize = 1 << 12;

/// The addresses of both ends of a connection. The smaller address is first.
pub(super) type Ends = [SocketAddr; 2];

/// A message or a fault that was seen on a connection, or bytes that are missing from the
/// connection.
#[derive(Debug)]
pub(super) enum Seen<'a> {
    Passed(Passed<'a>),
    Gap(Gap),
}

/// A function that receives an observation, a flag that is true if the client sent the bytes, and the
/// sequence number of the first byte.
pub(super) type Each<'e> = dyn FnMut(Seen<'_>, bool, u32) + 'e;

#[derive(Debug)]
pub(super) struct Connection {
    pub(super) id: u64,
    /// The number of the first packet of the connection.
    pub(super) begin: usize,
    /// The index of the client in [`Ends`].
    client: usize,
    /// The data that each end sent, with the same indices as in `ends`.
    sent: [Ordered; 2],
    carries: Carries,
}

#[derive(Debug)]
enum Carries {
    /// The protocol is unknown. `head` contains the bytes from the client, whose first sequence
    /// number is `sequence`. `early` contains the bytes from the server.
    Undecided {
        head: Vec<u8>,
        sequence: u32,
        early: Vec<(u32, Vec<u8>)>,
        is_mqtt_port: bool,
    },
    Mqtt(Box<mqtt::Connection>),
    /// MQTT over WebSocket, with the parsers for the frames from the server and from the client.
    WebSocket(Box<mqtt::Connection>, [Frames; 2]),
    /// Traffic that is ignored.
    Other,
}

impl Connection {
    /// Creates a connection that begins with a SYN or with the typical first bytes of a client.
    fn begun(ends: Ends, client: usize, id: u64, begin: usize) -> Self {
        let is_mqtt_port = ends[1 - client].port() == MQTT_PORT;
        let (head, early) = (Vec::new(), Vec::new());
        let carries = Carries::Undecided { head, sequence: 0, early, is_mqtt_port };
        Self { id, begin, client, sent: Default::default(), carries }
    }

    /// Returns a connection for a segment, or `None` if the segment has no SYN flag and does not
    /// indicate that the connection carries MQTT.
    pub(super) fn of_segment(
        segment: &Segment<'_>,
        ends: Ends,
        sender: usize,
        id: u64,
        begin: usize,
    ) -> Option<Self> {
        if segment.begins {
            let client = if segment.acknowledged.is_none() { sender } else { 1 - sender };
            let mut connection = Self::begun(ends, client, id, begin);
            if let Some(number) = segment.acknowledged {
                connection.sent[client].begin(number);
            }
            return Some(connection);
        }
        if segment.bytes.len() < 2 {
            return None;
        }
        if opening(segment.bytes) != Opening::Other {
            return Some(Self::begun(ends, sender, id, begin));
        }
        let joined =
            |client, carries| Some(Self { id, begin, client, sent: Default::default(), carries });
        let mqtt = || Box::new(mqtt::Connection::joined());
        let ports = ends.map(|end| end.port() == MQTT_PORT);
        match ports {
            [false, true] => joined(0, Carries::Mqtt(mqtt())),
            [true, false] => joined(1, Carries::Mqtt(mqtt())),
            _ if is_ours(segment.bytes) => {
                // Servers usually have the smaller port number.
                let client = usize::from(ends[1].port() > ends[0].port());
                joined(client, Carries::Mqtt(mqtt()))
            }
            _ if begins_frame(segment.bytes, is_ours) => {
                const MASKED: u8 = 0x80;
                let is_client = segment.bytes[1] & MASKED != 0;
                let client = if is_client { sender } else { 1 - sender };
                let frames = [Frames::joined(), Frames::joined()];
                joined(client, Carries::WebSocket(mqtt(), frames))
            }
            _ => None,
        }
    }

    /// Returns whether the protocol of the connection is known.
    pub(super) const fn is_decided(&self) -> bool {
        !matches!(self.carries, Carries::Undecided { .. })
    }

    pub(super) const fn is_other(&self) -> bool {
        matches!(self.carries, Carries::Other)
    }

    /// Returns whether the sequence number of the next byte from an end is known.
    pub(super) const fn has_begun(&self, end: usize) -> bool {
        self.sent[end].has_begun()
    }

    /// Returns whether both directions of the connection have ended.
    pub(super) fn is_over(&self) -> bool {
        self.sent.iter().all(Ordered::is_over)
    }

    /// Returns the number of bytes of memory that unfinished data takes.
    pub(super) fn kept_bytes(&self) -> usize {
        let waiting: usize = self.sent.iter().map(Ordered::kept_bytes).sum();
        waiting
            + match &self.carries {
                Carries::Undecided { head, early, .. } => {
                    head.len() + early.iter().map(|(_, bytes)| bytes.len()).sum::<usize>()
                }
                Carries::Mqtt(mqtt) => mqtt.kept_bytes(),
                Carries::WebSocket(mqtt, frames) => {
                    mqtt.kept_bytes() + frames.iter().map(Frames::kept_bytes).sum::<usize>()
                }
                Carries::Other => 0,
            }
    }

    /// Processes a segment from the end `sender`, and passes the observations to `each`.
    pub(super) fn take(
        &mut self,
        segment: &Segment<'_>,
        sender: usize,
        number: usize,
        each: &mut Each<'_>,
    ) {
        let Self { client, sent, carries, .. } = self;
        let mut sequence = segment.sequence;
        if segment.begins {
            sequence = sequence.wrapping_add(1);
            if !sent[sender].has_begun() {
                sent[sender].begin(sequence);
            }
        }
        let Segment { bytes, missing, ends, .. } = *segment;
        let at = At { number, from_client: sender == *client };
        let part = Sent { number, sequence, bytes, missing, ends };
        sent[sender].take(part, &mut |part| carries.part(at, part, each));
        if let Some(up_to) = segment.acknowledged {
            let at = At { number, from_client: sender != *client };
            let parts = &mut |part: Part<'_>| carries.part(at, part, each);
            sent[1 - sender].acknowledged(up_to, number, parts);
        }
    }

    /// Ends the connection and passes the remaining observations to `each`. Call this function when
    /// no more data follows or can be kept.
    pub(super) fn finish(&mut self, number: usize, each: &mut Each<'_>) {
        let Self { client, sent, carries, .. } = self;
        for (end, ordered) in sent.iter_mut().enumerate() {
            let at = At { number, from_client: end == *client };
            let is_ended = ordered.has_end();
            ordered.finish(number, &mut |part| carries.part(at, part, each));
            if let Carries::Mqtt(mqtt) | Carries::WebSocket(mqtt, _) = carries {
                mqtt.finish(at, is_ended, &mut |passed, sequence| {
                    each(Seen::Passed(passed), at.from_client, sequence);
                });
            }
        }
        self.carries = Carries::Other;
    }
}

impl Carries {
    fn part(&mut self, at: At, part: Part<'_>, each: &mut Each<'_>) {
        match part {
            Part::Bytes(sequence, bytes) => self.bytes(at, sequence, bytes, each),
            Part::Gap(gap) => self.gap(at, gap, each),
        }
    }

    fn gap(&mut self, at: At, gap: Gap, each: &mut Each<'_>) {
        match self {
            Self::Undecided { is_mqtt_port: true, .. } => {
                *self = Self::Mqtt(Box::new(mqtt::Connection::joined()));
            }
            Self::Undecided { .. } => *self = Self::Other,
            Self::Mqtt(mqtt) => mqtt.lose(at.from_client),
            Self::WebSocket(mqtt, frames) => {
                mqtt.lose(at.from_client);
                frames[usize::from(at.from_client)].lose();
            }
            Self::Other => {}
        }
        if !matches!(self, Self::Other) {
            each(Seen::Gap(gap), at.from_client, gap.sequence);
        }
    }

    fn bytes(&mut self, at: At, sequence: u32, bytes: &[u8], each: &mut Each<'_>) {
        let mut passed = |passed: Passed<'_>, sequence| {
            each(Seen::Passed(passed), at.from_client, sequence);
        };
        match self {
            Self::Other => {}
            Self::Mqtt(mqtt) => mqtt.take(at, bytes, sequence, &mut passed),
            Self::WebSocket(mqtt, frames) => {
                let mut is_refused = false;
                let frames = &mut frames[usize::from(at.from_client)];
                frames.take(bytes, begins_packet, &mut |piece, offset| {
                    let sequence = sequence.wrapping_add(offset as u32);
                    let number = at.number;
                    let by_device = mqtt.by_device(at.from_client, None);
                    let fault = |kind| Fault { kind, number, sequence, by_device };
                    match piece {
                        Piece::Bytes(bytes) => mqtt.take(at, bytes, sequence, &mut passed),
                        Piece::Compressed => {
                            mqtt.lose(at.from_client);
                            mqtt.fault(fault(FaultKind::Compressed), &mut passed);
                        }
                        Piece::Malformed => {
                            mqtt.lose(at.from_client);
                            let kind = FaultKind::Malformed(Malformed::WebSocketFrame);
                            mqtt.fault(fault(kind), &mut passed);
                        }
                        Piece::Refused => is_refused = true,
                    }
                });
                if is_refused {
                    *self = Self::Other;
                }
            }
            Self::Undecided { head, sequence: first, early, is_mqtt_port } => {
                if !at.from_client {
                    early.push((sequence, bytes.to_vec()));
                    let there: usize = early.iter().map(|(_, bytes)| bytes.len() + 64).sum();
                    if there <= LONGEST_EARLY {
                        return;
                    }
                } else {
                    if head.is_empty() {
                        *first = sequence;
                    }
                    head.extend_from_slice(bytes);
                    if opening(head) == Opening::More && head.len() <= LONGEST_OPENING {
                        return;
                    }
                }
                let (head, first, early) = (std::mem::take(head), *first, std::mem::take(early));
                *self = Self::decided(&head, *is_mqtt_port, at.number, first);
                self.replay(at.number, &head, first, early, each);
            }
        }
    }

    /// Returns the state for the protocol that the first bytes from the client indicate.
    fn decided(head: &[u8], is_mqtt_port: bool, number: usize, sequence: u32) -> Self {
        match opening(head) {
            Opening::Mqtt(_) => Self::Mqtt(Box::default()),
            Opening::WebSocket(_) => {
                Self::WebSocket(Box::default(), [Frames::of_server(), Frames::of_client()])
            }
            Opening::More | Opening::Other if is_mqtt_port => {
                let mut mqtt = Box::<mqtt::Connection>::default();
                if !head.is_empty() {
                    let kind = FaultKind::Malformed(Malformed::NotConnect);
                    mqtt.lose(true);
                    // No message has been seen yet, so the fault is held back.
                    let by_device = None;
                    mqtt.fault(Fault { kind, number, sequence, by_device }, &mut |_, _| {});
                }
                Self::Mqtt(mqtt)
            }
            Opening::More | Opening::Other => Self::Other,
        }
    }

    /// Processes the data that arrived before the protocol was known.
    fn replay(
        &mut self,
        number: usize,
        head: &[u8],
        sequence: u32,
        early: Vec<(u32, Vec<u8>)>,
        each: &mut Each<'_>,
    ) {
        let begin = match opening(head) {
            Opening::Mqtt(begin) | Opening::WebSocket(begin) => begin,
            Opening::More | Opening::Other => 0,
        };
        let at = At { number, from_client: true };
        if begin < head.len() {
            self.bytes(at, sequence.wrapping_add(begin as u32), &head[begin..], each);
        }
        for (sequence, bytes) in early {
            self.bytes(At { number, from_client: false }, sequence, &bytes, each);
        }
    }
}
