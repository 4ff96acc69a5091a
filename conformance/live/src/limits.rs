//! What a peer may take of us. The guide `docs/guides/test-a-device.md` has the table.

use std::time::Duration;

use iothub_resource::session;

/// Bounds, so that no peer can stop or bloat the process.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    /// Open connections, MQTT and HTTP each. The next one is turned away.
    pub(crate) connections: usize,
    /// From the begin of a connection to its whole CONNECT.
    pub(crate) connect: Duration,
    /// What stands behind the length of an MQTT packet, in bytes. Beyond the 16 KiB of the
    /// protocol, so that a longer payload is judged and not merely cut off.
    pub(crate) packet: usize,
    /// How long a packet may be on its way, from its first byte to its last.
    pub(crate) packet_time: Duration,
    /// Messages that wait to be sent to one client. A client for which there are more is let go.
    pub(crate) queued_messages: usize,
    /// The same in bytes of payload.
    pub(crate) queued_bytes: usize,
    /// Filters that one client may subscribe to.
    pub(crate) filters: usize,
    /// How long nothing may be written to a client that does not read.
    pub(crate) write_stall: Duration,
    /// From the begin of an HTTP request to the end of its head; and how long a connection may be
    /// idle between two requests.
    pub(crate) head: Duration,
    /// The head of an HTTP request, in bytes.
    pub(crate) head_bytes: usize,
    /// How long nothing may come of a body, or nothing be taken of one.
    pub(crate) body_stall: Duration,
    /// The least bytes a second of a body, once `body_stall` has passed.
    pub(crate) body_rate: u64,
    /// Uploads whose URL is kept. The oldest makes room.
    pub(crate) tickets: usize,
    /// Devices whose session is kept. Who was not heard of for longest makes room.
    pub(crate) devices: usize,
    /// What is remembered of each, about 80 KiB when all of it is full.
    pub(crate) session: session::Limits,
    /// Happenings that wait to be shown or judged. More are counted, not kept.
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
