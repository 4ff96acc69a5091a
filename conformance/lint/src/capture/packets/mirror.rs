//! Detects streams that occur twice in a capture because of address translation.

use std::{
    collections::{HashMap, VecDeque},
    hash::{DefaultHasher, Hash, Hasher},
};

use super::connection::Ends;

/// The maximum number of recent observations that are remembered.
const MOST: usize = 1 << 12;
/// The maximum number of packets between the beginning of a stream and the beginning of its
/// translated copy, if the connection was opened before the capture began.
const SLACK: usize = 16;

/// A detector of translated copies of streams. A capture of all interfaces of a router contains
/// each packet twice: before and after the router translates an address. Sequence numbers and bytes
/// stay the same.
#[derive(Debug, Default)]
pub(super) struct Mirrors {
    seen: HashMap<u64, Seen>,
    order: VecDeque<u64>,
}

#[derive(Clone, Copy, Debug)]
struct Seen {
    ends: Ends,
    connection: u64,
    number: usize,
}

/// The place at which some data was seen: a connection and a packet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Passing {
    pub(super) ends: Ends,
    pub(super) connection: u64,
    /// The number of the first packet of the connection.
    pub(super) begin: usize,
    /// The number of the packet with the data.
    pub(super) number: usize,
}

impl Mirrors {
    /// Returns the id of the connection on which the data `what` was seen before address
    /// translation. If there is no such connection, remembers the data and returns `None`. `what`
    /// contains all values that translation keeps, including the sequence number.
    pub(super) fn original(&mut self, passing: Passing, what: impl Hash) -> Option<u64> {
        let Passing { ends, connection, begin, number } = passing;
        let mut hasher = DefaultHasher::new();
        what.hash(&mut hasher);
        let key = hasher.finish();
        if let Some(seen) = self.seen.get(&key)
            && has_other_address(seen.ends, ends)
            && begin <= seen.number + SLACK
        {
            return Some(seen.connection);
        }
        if self.seen.insert(key, Seen { ends, connection, number }).is_none() {
            self.order.push_back(key);
            if self.order.len() > MOST
                && let Some(oldest) = self.order.pop_front()
            {
                self.seen.remove(&oldest);
            }
        }
        None
    }
}

/// Returns whether the IP addresses of `one` and `other` differ, as they do after address
/// translation. Data that a device sends again from the same address is not a translated copy.
fn has_other_address(one: Ends, other: Ends) -> bool {
    let addresses = |ends: Ends| {
        let mut addresses = ends.map(|end| end.ip());
        addresses.sort_unstable();
        addresses
    };
    addresses(one) != addresses(other)
}
