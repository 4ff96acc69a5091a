//! Decides which copy of a message counts if a capture contains the message on several connections.

use iothub_resource::Direction;

/// The place of a message in a capture of packets: its connection, and whether the client or the
/// broker sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Heard {
    /// The number that identifies the connection within the capture.
    pub connection: u64,
    /// Whether the client of the connection published the message. Otherwise, the broker delivered
    /// the message.
    pub from_client: bool,
}

impl Heard {
    /// Creates the place of a message that the client of a connection published or the broker
    /// delivered.
    #[must_use]
    pub const fn new(connection: u64, from_client: bool) -> Self {
        Self { connection, from_client }
    }
}

/// The side and the connection on which the messages of a device count. A capture at a broker
/// contains every message twice, because one side publishes the message and the broker delivers it
/// to the other side. The traffic of each side is complete, because each side publishes in one
/// direction and receives in the other direction. For each device, the side that is seen first is
/// judged, and the messages on the other side are copies.
///
/// A client that only listens also receives copies. Messages from the broker therefore count on
/// only one connection, the one on which the device publishes. The platform may publish and receive
/// on different connections, so the first connection on which it receives counts. After this
/// connection has ended, the next one counts.
#[derive(Debug, Default)]
pub(super) struct Home {
    at_device: Option<bool>,
    connection: Option<u64>,
}

impl Home {
    /// Returns whether the message counts, and remembers the side and the connection that count. A
    /// copy does not count.
    pub(super) fn takes(
        &mut self,
        direction: Direction,
        heard: Heard,
        is_open: impl Fn(u64) -> bool,
    ) -> bool {
        let Heard { connection, from_client } = heard;
        let at_device = (direction == Direction::Up) == from_client;
        if *self.at_device.get_or_insert(at_device) != at_device {
            return false;
        }
        if from_client {
            if at_device {
                self.connection = Some(connection);
            }
            return true;
        }
        match self.connection {
            Some(home) if home != connection && is_open(home) => false,
            _ => {
                self.connection = Some(connection);
                true
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use Direction::{Down, Up};

    use super::*;

    fn taken(messages: &[(Direction, u64, bool)]) -> String {
        let mut home = Home::default();
        let takes = |(direction, connection, from_client): &(Direction, u64, bool)| {
            let heard = Heard::new(*connection, *from_client);
            // The first connection has ended.
            home.takes(*direction, heard, |connection| connection != 1)
        };
        messages.iter().map(takes).map(|taken| if taken { 'x' } else { '-' }).collect()
    }

    #[test]
    fn every_message_is_taken_once() {
        let (device, platform, listener) = (2, 3, 4);
        // The device publishes first. A listener receives the messages in both directions.
        assert_eq!(
            taken(&[
                (Up, device, true),
                (Up, platform, false),
                (Up, listener, false),
                (Down, platform, true),
                (Down, listener, false),
                (Down, device, false),
            ]),
            "x----x"
        );
        // The platform publishes first.
        assert_eq!(
            taken(&[
                (Down, platform, true),
                (Down, device, false),
                (Up, device, true),
                (Up, platform, false),
                (Up, listener, false),
                (Down, 5, true),
            ]),
            "x--x-x"
        );
        // A device connects again and receives before it sends anything.
        assert_eq!(taken(&[(Up, 1, true), (Down, device, false), (Down, listener, false)]), "xx-");
    }
}
