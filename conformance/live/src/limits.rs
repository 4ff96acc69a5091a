//! Limits on the resources that a peer may use. `docs/reference/limits.md` lists them.

use std::time::Duration;

use iothub_resource::session;

/// Limits that protect the process against any peer.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    /// The maximum number of open connections, MQTT and HTTP together. Beyond this limit, the
    /// longest-idle connection of the IP address with the most connections is closed.
    pub(crate) connections: usize,
    /// The maximum number of bytes that all connections hold: unfinished packets and heads, queued
    /// messages, filters, client ids and wills. Beyond this limit, the connection that holds the
    /// most bytes is closed.
    pub(crate) connection_bytes: usize,
    /// The maximum time from the start of a connection with TLS to the end of its handshake.
    pub(crate) handshake: Duration,
    /// The maximum time from the start of a connection, or from the end of its handshake, to the
    /// complete CONNECT packet.
    pub(crate) connect: Duration,
    /// The maximum time for which an MQTT client may be silent, regardless of its keep-alive.
    pub(crate) idle: Duration,
    /// The maximum number of bytes after the length field of an MQTT packet. This limit exceeds the
    /// 16 KiB of the protocol, so that a longer payload is judged and not merely cut off.
    pub(crate) packet: usize,
    /// The maximum time between the first and the last byte of a packet.
    pub(crate) packet_time: Duration,
    /// The maximum number of messages that wait for one client. Beyond this limit, the client is
    /// disconnected.
    pub(crate) queued_messages: usize,
    /// The maximum number of bytes in the messages that wait for one client, including their
    /// topics.
    pub(crate) queued_bytes: usize,
    /// The maximum number of filters to which one client may subscribe.
    pub(crate) filters: usize,
    /// The maximum time for which a client may stop reading.
    pub(crate) write_stall: Duration,
    /// The maximum time from the beginning of an HTTP request to the end of its head, and the
    /// maximum idle time between two requests.
    pub(crate) head: Duration,
    /// The maximum length of the head of an HTTP request, in bytes.
    pub(crate) head_bytes: usize,
    /// The maximum time for which a body may pause in either direction.
    pub(crate) body_stall: Duration,
    /// The minimum rate of a body in bytes per second, after `body_stall` has passed.
    pub(crate) body_rate: u64,
    /// The maximum number of issued URLs that are remembered. The oldest URL is forgotten first.
    pub(crate) tickets: usize,
    /// The maximum number of bytes that the remembered URLs use.
    pub(crate) ticket_bytes: usize,
    /// The maximum number of devices whose session is kept. The session of the device that was
    /// silent longest is forgotten first.
    pub(crate) devices: usize,
    /// The maximum number of bytes that the kept sessions use.
    pub(crate) device_bytes: usize,
    /// The limits of each session. A session that reaches all limits uses about 80 KiB.
    pub(crate) session: session::Limits,
    /// The maximum number of messages that wait for the platform, each at most as long as a packet.
    /// Clients that publish more messages have to wait.
    pub(crate) incoming: usize,
    /// The maximum number of events that wait to be printed or judged. Further events are only
    /// counted.
    pub(crate) recorded: usize,
    /// The maximum number of bytes that the waiting events use.
    pub(crate) recorded_bytes: usize,
}

impl Limits {
    /// Limits the number of connections to seven eighths of the number of files that the process
    /// may open. The rest is for uploads and other files.
    pub(crate) fn share(&mut self, open_files: u64) {
        let connections = usize::try_from(open_files / 8 * 7).unwrap_or(usize::MAX);
        self.connections = self.connections.min(connections).max(1);
    }

    /// Returns the maximum number of bytes that are kept for peers. In addition, each connection
    /// uses about 4 KiB.
    #[cfg(test)]
    const fn memory(&self) -> usize {
        let incoming = self.incoming * self.packet;
        let kept = self.ticket_bytes + self.device_bytes + self.recorded_bytes;
        self.connection_bytes + incoming + kept
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 16_384,
            connection_bytes: 64 << 20,
            handshake: Duration::from_secs(10),
            connect: Duration::from_secs(10),
            idle: Duration::from_secs(3600),
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
            ticket_bytes: 16 << 20,
            devices: 8_192,
            device_bytes: 32 << 20,
            session: remembered(),
            incoming: 64,
            recorded: 8_192,
            recorded_bytes: 8 << 20,
        }
    }
}

fn remembered() -> session::Limits {
    let mut limits = session::Limits::NONE;
    (limits.messages, limits.tasks, limits.unanswered) = (512, 128, 128);
    limits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_bound_over_all() {
        assert!(Limits::default().memory() <= 128 << 20);
    }
}
