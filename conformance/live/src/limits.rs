//! Limits on what a peer may use. The guide `docs/how-to/test-a-device.md` has the table.

use std::time::Duration;

use iothub_resource::session;

/// Limits that protect the process against any peer.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    /// The number of open connections, for MQTT and HTTP each. Further connections are refused.
    pub(crate) connections: usize,
    /// The time from the beginning of a connection to the end of its CONNECT.
    pub(crate) connect: Duration,
    /// The remaining length of an MQTT packet in bytes. It exceeds the 16 KiB of the protocol, so
    /// that a longer payload is judged and not only cut off.
    pub(crate) packet: usize,
    /// The time between the first and the last byte of a packet.
    pub(crate) packet_time: Duration,
    /// The number of messages that wait for one client. A client with more is disconnected.
    pub(crate) queued_messages: usize,
    /// The bytes of payload that wait for one client.
    pub(crate) queued_bytes: usize,
    /// The number of filters that one client may subscribe to.
    pub(crate) filters: usize,
    /// How long a client may stop reading.
    pub(crate) write_stall: Duration,
    /// The time from the beginning of an HTTP request to the end of its head, and the idle time
    /// between two requests.
    pub(crate) head: Duration,
    /// The length of the head of an HTTP request in bytes.
    pub(crate) head_bytes: usize,
    /// How long a body may pause in either direction.
    pub(crate) body_stall: Duration,
    /// The lowest rate of a body in bytes a second, after `body_stall` has passed.
    pub(crate) body_rate: u64,
    /// The number of uploads whose URL is kept. The oldest one is dropped.
    pub(crate) tickets: usize,
    /// The number of devices whose session is kept. The device that has been silent longest is
    /// dropped.
    pub(crate) devices: usize,
    /// The limits of each session, about 80 KiB in total.
    pub(crate) session: session::Limits,
    /// The number of events that wait to be shown or judged. Further events are counted and
    /// dropped.
    pub(crate) recorded: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 16_384,
            connect: Duration::from_secs(10),
            packet: 64 << 10,
            packet_time: Duration::from_secs(30),
            queued_messages: 256,
            queued_bytes: 256 << 10,
            filters: 64,
            write_stall: Duration::from_secs(30),
            head: Duration::from_secs(10),
            head_bytes: 16 << 10,
            body_stall: Duration::from_secs(30),
            body_rate: 64,
            tickets: 65_536,
            devices: 8_192,
            session: remembered(),
            recorded: 8_192,
        }
    }
}

fn remembered() -> session::Limits {
    let mut limits = session::Limits::NONE;
    (limits.messages, limits.tasks, limits.unanswered) = (512, 128, 128);
    limits
}
