//! The known URLs and hosts of a capture.

use std::{
    collections::{BTreeSet, HashSet},
    net::SocketAddr,
};

use iothub_conformance_suite::Level;

use super::issued::Issued;

/// The maximum number of entries in each set of hosts or addresses.
const MOST: usize = 1024;

/// The known URLs and hosts, in bounded memory.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    pub(super) issued: Issued,
    /// The hosts of issued URLs to which a client sent a request.
    heard: HashSet<String>,
    /// The hosts that received TLS connections.
    tls: BTreeSet<String>,
    /// The addresses that received requests for issued URLs.
    servers: HashSet<SocketAddr>,
    /// Whether the capture lacks bytes of HTTP connections that may have contained requests.
    pub(super) has_gaps: bool,
    /// Whether the capture may begin in the middle or have gaps.
    pub(super) is_partial: bool,
    /// Whether the capture contains messages that could not be read.
    pub(super) has_unreadable: bool,
}

impl Ledger {
    pub(super) fn hear(&mut self, host: &str, server: Option<SocketAddr>) {
        if self.heard.len() < MOST && !self.heard.contains(host) {
            self.heard.insert(host.to_owned());
        }
        if let Some(server) = server.filter(|_| self.servers.len() < MOST) {
            self.servers.insert(server);
        }
    }

    pub(super) fn was_heard(&self, host: &str) -> bool {
        self.heard.contains(host)
    }

    pub(super) fn is_known_server(&self, server: SocketAddr) -> bool {
        self.servers.contains(&server)
    }

    pub(super) fn hear_tls(&mut self, host: &str) {
        if self.tls.len() < MOST {
            self.tls.insert(host.to_owned());
        }
    }

    /// Returns the hosts of issued URLs that received TLS connections, in alphabetical order.
    pub(super) fn tls_hosts(&self) -> Vec<String> {
        self.tls.iter().filter(|host| self.issued.knows_host(host)).cloned().collect()
    }

    /// Returns the level of a finding that an unseen message could explain, and the end of its
    /// sentence.
    pub(super) fn unless_explained(&self) -> (Level, &'static str) {
        if self.is_partial {
            (Level::Should, "; a message that was not recorded may explain this finding")
        } else if self.has_unreadable {
            (Level::Should, "; a message that could not be read may explain this finding")
        } else if self.issued.has_forgotten() {
            let why = "; there were so many URLs that some were forgotten, which may explain this \
                       finding";
            (Level::Should, why)
        } else {
            (Level::Must, "")
        }
    }
}
