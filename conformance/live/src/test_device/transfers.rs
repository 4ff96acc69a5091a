//! The transfers over HTTP: the purpose of issued URLs and the transferred bytes.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use iothub_conformance_suite::url::Url;
use iothub_resource::{Resource, ResourceUrl};

use super::scenario::StoreFault;
use crate::{
    record::{ConnectionId, RequestTarget},
    store::{Store, Token},
};

/// The issued URLs and the requests for these URLs.
#[derive(Default)]
pub(super) struct Transfers {
    tickets: Vec<IssuedUrl>,
    /// The open request of each connection.
    open: HashMap<ConnectionId, OpenRequest>,
    /// The connections on which the length of a body is not known, so that the rest of the body
    /// looks like a request.
    out_of_step: HashSet<ConnectionId>,
    /// The parts of each download that were sent.
    sent: Vec<SentDownload>,
    /// The time of the current event.
    pub(super) now: Duration,
    /// Whether a planned response of the store is a redirection.
    pub(super) redirects: bool,
    /// The faults of the store that requests have met.
    pub(super) met: Vec<StoreFault>,
}

struct IssuedUrl {
    token: Option<Token>,
    target: String,
    task: usize,
    /// Whether the URL was in a message that must not be used.
    decoy: bool,
    plan: Vec<StoreFault>,
    requests: usize,
    puts: usize,
    /// The time at which the bytes of an upload had arrived; `None` before that.
    kept: Option<Duration>,
}

/// A request for an issued URL.
#[derive(Clone, Copy)]
pub(super) struct UrlRequest {
    ticket: usize,
    pub(super) task: usize,
    pub(super) decoy: bool,
    /// Whether this request is a `PUT` and an earlier `PUT` used the same URL.
    pub(super) is_put_again: bool,
    /// The fault in the response of the store.
    pub(super) fault: StoreFault,
    /// Whether the bytes of an upload had arrived before this request.
    pub(super) was_kept: bool,
}

/// A request that the store has not answered yet.
#[derive(Clone, Copy)]
pub(super) struct OpenRequest {
    ticket: usize,
    pub(super) task: usize,
    /// The offset in the resource of the first byte that the store delivers.
    pub(super) first: u64,
    pub(super) fault: StoreFault,
    /// Whether the request itself is faulty.
    pub(super) is_at_fault: bool,
    /// The number of `Content-MD5` headers in the request.
    pub(super) content_md5s: usize,
    /// Whether the URL was in a message that must not be used.
    pub(super) decoy: bool,
}

struct SentDownload {
    resource: Resource<'static>,
    ranges: Vec<SentRange>,
}

/// A part of a download and the time when the part was sent.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct SentRange {
    first: u64,
    /// The offset after the last byte of the part.
    end: u64,
    at: Duration,
}

impl Transfers {
    pub(super) fn issued(
        &mut self,
        url: &ResourceUrl<'_>,
        task: usize,
        plan: &[StoreFault],
        decoy: bool,
    ) {
        let token = Token::of(url);
        let target = Url::split(url.as_str()).map_or("", |url| url.target).to_owned();
        let plan = plan.to_vec();
        self.redirects |= plan.iter().any(|fault| matches!(fault, StoreFault::Redirect(_)));
        self.tickets.push(IssuedUrl {
            token,
            target,
            task,
            decoy,
            plan,
            requests: 0,
            puts: 0,
            kept: None,
        });
    }

    /// Records a request for an issued URL. Returns the request; `None` for any other URL.
    pub(super) fn asked(&mut self, method: &str, target: &RequestTarget) -> Option<UrlRequest> {
        let index = self.tickets.iter().position(|ticket| ticket.target == target.0)?;
        let ticket = &mut self.tickets[index];
        let planned = ticket.requests.min(ticket.plan.len().saturating_sub(1));
        let fault = ticket.plan.get(planned).copied().unwrap_or(StoreFault::None);
        ticket.requests += 1;
        ticket.puts += usize::from(method == "PUT");
        Some(UrlRequest {
            ticket: index,
            task: ticket.task,
            decoy: ticket.decoy,
            is_put_again: method == "PUT" && ticket.puts > 1,
            fault,
            was_kept: ticket.kept.is_some(),
        })
    }

    /// Returns the task of the issued URL from which a target differs only in its query string;
    /// `None` if there is no such URL.
    pub(super) fn altered(&self, target: &RequestTarget) -> Option<usize> {
        fn path(target: &str) -> Option<&str> {
            target.split('?').next()
        }
        let is_altered = |ticket: &&IssuedUrl| path(&ticket.target) == path(&target.0);
        self.tickets.iter().find(is_altered).map(|ticket| ticket.task)
    }

    /// Keeps a request, and the offset of the first byte that the store delivers, until the store
    /// has responded.
    pub(super) fn open(&mut self, id: ConnectionId, asked: UrlRequest, first: u64) {
        let UrlRequest { ticket, task, fault, decoy, .. } = asked;
        self.open.insert(
            id,
            OpenRequest { ticket, task, first, fault, is_at_fault: false, content_md5s: 0, decoy },
        );
    }

    /// Records that the request of a connection is faulty.
    pub(super) fn set_at_fault(&mut self, id: ConnectionId) {
        if let Some(open) = self.open.get_mut(&id) {
            open.is_at_fault = true;
        }
    }

    /// Records that a body on this connection has an unknown length.
    pub(super) fn set_out_of_step(&mut self, id: ConnectionId) {
        self.out_of_step.insert(id);
    }

    /// Returns whether the received bytes of a connection may be the rest of a body.
    pub(super) fn is_out_of_step(&self, id: ConnectionId) -> bool {
        self.out_of_step.contains(&id)
    }

    /// Records the number of `Content-MD5` headers in the request of a connection.
    pub(super) fn set_content_md5s(&mut self, id: ConnectionId, count: usize) {
        if let Some(open) = self.open.get_mut(&id) {
            open.content_md5s = count;
        }
    }

    /// Returns the open request of a connection; `None` if there is no open request.
    pub(super) fn open_request(&self, id: ConnectionId) -> Option<OpenRequest> {
        self.open.get(&id).copied()
    }

    /// Removes and returns the open request of a connection; `None` if there is no open request.
    pub(super) fn close(&mut self, id: ConnectionId) -> Option<OpenRequest> {
        self.open.remove(&id)
    }

    /// Records that the store accepted the request of a connection, unless the store responds
    /// before it has read the body.
    pub(super) fn kept(&mut self, id: ConnectionId) {
        // If the store answers before it has read the body, nothing has arrived.
        if let Some(open) = self.open.get(&id)
            && !matches!(open.fault, StoreFault::Early(_))
        {
            self.tickets[open.ticket].kept.get_or_insert(self.now);
        }
    }

    /// Records that `count` bytes of a download were sent, starting at the offset `first`.
    pub(super) fn sent(&mut self, resource: &Resource<'static>, first: u64, count: u64) {
        let range = SentRange { first, end: first + count, at: self.now };
        match self.sent.iter_mut().find(|sent| sent.resource == *resource) {
            Some(sent) => sent.ranges.push(range),
            None => {
                self.sent.push(SentDownload { resource: resource.clone(), ranges: vec![range] });
            }
        }
    }

    pub(super) fn is_anything_open(&self) -> bool {
        !self.open.is_empty()
    }

    /// Returns whether the store will still answer an open request.
    pub(super) fn is_anything_moving(&self) -> bool {
        self.open.values().any(|open| open.fault != StoreFault::Silent)
    }

    /// Returns the time at which the bytes of an upload had arrived; `None` before that.
    pub(super) fn uploaded_at(&self, store: &Store, task: usize) -> Option<Duration> {
        let mine = self.tickets.iter().filter(|ticket| ticket.task == task && !ticket.decoy);
        mine.filter(|ticket| ticket.token.and_then(|token| store.is_kept(token)) == Some(true))
            .filter_map(|ticket| ticket.kept)
            .min()
    }

    /// Returns whether a target is that of an issued URL.
    pub(super) fn is_issued(&self, target: &RequestTarget) -> bool {
        self.tickets.iter().any(|ticket| ticket.target == target.0)
    }

    /// Returns whether a device has requested a URL of the task.
    pub(super) fn is_asked(&self, task: usize) -> bool {
        self.tickets.iter().any(|ticket| ticket.task == task && ticket.requests > 0)
    }

    /// Returns the time at which all bytes of a download had been sent, by one or more requests;
    /// `None` before that.
    pub(super) fn downloaded_at(&self, resource: &Resource<'_>, size: u64) -> Option<Duration> {
        let mut ranges = self
            .sent
            .iter()
            .filter(|sent| sent.resource == *resource)
            .flat_map(|sent| sent.ranges.clone())
            .collect::<Vec<_>>();
        ranges.sort_unstable();
        let (mut end, mut when) = (0, None);
        for SentRange { first, end: last, at } in ranges {
            if first > end {
                return None;
            }
            if last > end || size == 0 {
                end = last;
                when = when.max(Some(at));
            }
        }
        when.filter(|_| end >= size)
    }
}
