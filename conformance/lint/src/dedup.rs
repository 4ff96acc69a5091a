//! Which of the connections that carry a message is listened to.

use iothub_resource::Direction;

/// Where a message was seen, in a capture of packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Heard {
    /// The connection.
    pub connection: u64,
    /// Whether the client of the connection published it; else the broker delivered it.
    pub from_client: bool,
}

impl Heard {
    /// On a connection, from its client or from the broker.
    #[must_use]
    pub const fn new(connection: u64, from_client: bool) -> Self {
        Self { connection, from_client }
    }
}

/// At a broker every message passes twice: published by one side, delivered to the other. Each side
/// alone is whole: the device's publishes up and is delivered down, the platform's the other way
/// round. The side that is seen first of a device is judged, and what passes on the other is a
/// copy.
///
/// Somebody who only listens is delivered copies too. So deliveries count on one connection alone:
/// the one on which the device publishes; of the platform's, which may publish on another, the
/// first; another one when that has ended.
#[derive(Debug, Default)]
pub(super) struct Home {
    at_device: Option<bool>,
    connection: Option<u64>,
}

impl Home {
    /// Whether it is no copy.
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
            // The first one has ended.
            home.takes(*direction, heard, |connection| connection != 1)
        };
        messages.iter().map(takes).map(|taken| if taken { 'x' } else { '-' }).collect()
    }

    #[test]
    fn every_message_is_taken_once() {
        let (device, platform, listener) = (2, 3, 4);
        // The device begins: up, then down, each passed on to the platform and to a listener.
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
        // The platform begins.
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
        // A device that connects anew, and hears before it says anything.
        assert_eq!(taken(&[(Up, 1, true), (Down, device, false), (Down, listener, false)]), "xx-");
    }
}
