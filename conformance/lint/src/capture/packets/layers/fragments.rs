//! Reassembles fragments of IP packets in bounded memory.

use std::{collections::HashMap, net::IpAddr};

use etherparse::{IpFragOffset, IpNumber, defrag::IpDefragBuf};

use super::{
    ip::{protocol, version},
    layer::{Fragment, short},
    tunnel::is_tunnel,
    unread::{Counts, Unread},
};

/// The maximum number of packets that are reassembled at the same time. Each packet takes at most
/// 64 KiB.
const MOST: usize = 64;

/// The values that all fragments of one packet share: addresses, protocol and identification.
type Key = (IpAddr, IpAddr, u8, u32);

#[derive(Debug, Default)]
pub(super) struct Fragments {
    growing: HashMap<Key, Growing>,
}

#[derive(Debug)]
struct Growing {
    buffer: IpDefragBuf,
    /// The number of the captured packet with the fragment that was recorded first.
    first: usize,
    count: usize,
}

impl Fragments {
    /// Adds a fragment. Returns the whole payload, or `None` if fragments are still missing. If too
    /// many packets are incomplete, drops the oldest one and counts its fragments as unread if it
    /// may contain TCP.
    pub(super) fn take(
        &mut self,
        number: usize,
        fragment: &Fragment<'_>,
        unread: &mut Counts,
    ) -> Option<Vec<u8>> {
        let Fragment { from, to, protocol, id, .. } = *fragment;
        let key = (from, to, protocol, id);
        if !self.growing.contains_key(&key) && self.growing.len() >= MOST {
            self.give_up_oldest(unread);
        }
        let growing = self.growing.entry(key).or_insert_with(|| Growing {
            buffer: IpDefragBuf::new(IpNumber(protocol), Vec::new(), Vec::new()),
            first: number,
            count: 0,
        });
        growing.count += 1;
        let offset = IpFragOffset::try_new(fragment.offset).ok();
        let is_added = !fragment.is_cut
            && offset.is_some_and(|offset| {
                growing.buffer.add(offset, !fragment.is_last, fragment.bytes).is_ok()
            });
        if is_added && growing.buffer.is_complete() {
            let growing = self.growing.remove(&key)?;
            return Some(growing.buffer.take_bufs().0);
        }
        None
    }

    /// Counts the fragments of incomplete packets that may contain TCP as unread at the end of the
    /// capture.
    pub(super) fn end(&mut self, unread: &mut Counts) {
        for (key, growing) in self.growing.drain() {
            count(key, &growing, unread);
        }
    }

    fn give_up_oldest(&mut self, unread: &mut Counts) {
        let oldest = self.growing.iter().min_by_key(|(_, growing)| growing.first);
        let Some(key) = oldest.map(|(key, _)| *key) else { return };
        if let Some(growing) = self.growing.remove(&key) {
            count(key, &growing, unread);
        }
    }
}

/// Counts the fragments of an incomplete packet as unread if the packet may contain TCP.
fn count((from, _, protocol, _): Key, growing: &Growing, unread: &mut Counts) {
    let version = version(from);
    let kind = match protocol {
        protocol::TCP
        | protocol::IPV4
        | protocol::IPV6
        | protocol::IPIP
        | protocol::GRE
        | protocol::ETHERNET
        | protocol::MPLS => Some(Unread::Fragments(version)),
        protocol::UDP => {
            let has_first = growing.buffer.sections().iter().any(|section| section.start == 0);
            let port = short(growing.buffer.data(), 2).filter(|_| has_first);
            port.filter(|port| is_tunnel(*port)).map(|_| Unread::Fragments(version))
        }
        _ => Unread::of_protocol(version, protocol),
    };
    if let Some(kind) = kind {
        unread.add(growing.first, kind, growing.count);
    }
}
