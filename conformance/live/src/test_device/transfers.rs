//! What goes over HTTP: which URLs were issued for what, and which bytes came and went.

use std::{collections::HashMap, time::Duration};

use iothub_conformance_suite::url::Url;
use iothub_resource::{Resource, ResourceUrl};

use super::scenario::StoreFault;
use crate::{
    record::{ConnectionId, RequestTarget},
    store::{Store, Token},
};

/// The URLs, and what happened at them.
#[derive(Default)]
pub(super) struct Transfers {
    tickets: Vec<IssuedUrl>,
    /// What goes on at each connection.
    open: HashMap<ConnectionId, OpenRequest>,
    /// The bytes of downloads that were sent, by digest.
    sent: Vec<SentDownload>,
    /// The time of what is told now.
    pub(super) now: Duration,
    /// A redirection was answered.
    pub(super) redirects: bool,
}

struct IssuedUrl {
    token: Option<Token>,
    target: String,
    task: usize,
    /// It was in a message that must not be used.
    decoy: bool,
    plan: Vec<StoreFault>,
    requests: usize,
    /// When the bytes of an upload were there.
    kept: Option<Duration>,
}

/// A request for a URL that was issued.
#[derive(Clone, Copy)]
pub(super) struct UrlRequest {
    ticket: usize,
    pub(super) task: usize,
    pub(super) decoy: bool,
    /// Counted from 1, at this URL.
    pub(super) number: usize,
    /// What the store does wrong in its answer.
    pub(super) fault: StoreFault,
    /// The bytes of an upload were there before.
    pub(super) was_kept: bool,
}

/// A request that is not answered yet.
#[derive(Clone, Copy)]
pub(super) struct OpenRequest {
    ticket: usize,
    pub(super) task: usize,
    /// The first byte that was asked for.
    pub(super) first: u64,
    pub(super) fault: StoreFault,
}

struct SentDownload {
    resource: Resource<'static>,
    ranges: Vec<SentRange>,
}

/// A part of a download, and when it was sent.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct SentRange {
    first: u64,
    /// The end is not included.
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
        self.tickets.push(IssuedUrl { token, target, task, decoy, plan, requests: 0, kept: None });
    }

    /// Takes a request for a URL that was issued; nothing if this is none.
    pub(super) fn asked(&mut self, target: &RequestTarget) -> Option<UrlRequest> {
        let index = self.tickets.iter().position(|ticket| ticket.target == target.0)?;
        let ticket = &mut self.tickets[index];
        let planned = ticket.requests.min(ticket.plan.len().saturating_sub(1));
        let fault = ticket.plan.get(planned).copied().unwrap_or(StoreFault::None);
        ticket.requests += 1;
        Some(UrlRequest {
            ticket: index,
            task: ticket.task,
            decoy: ticket.decoy,
            number: ticket.requests,
            fault,
            was_kept: ticket.kept.is_some(),
        })
    }

    /// Whether a target is a URL that was issued but for its query string.
    pub(super) fn is_altered(&self, target: &RequestTarget) -> bool {
        fn path(target: &str) -> Option<&str> {
            target.split('?').next()
        }
        self.tickets.iter().any(|ticket| path(&ticket.target) == path(&target.0))
    }

    /// Remembers a request until it is answered, and the first byte that it asks for.
    pub(super) fn open(&mut self, id: ConnectionId, asked: UrlRequest, first: u64) {
        let UrlRequest { ticket, task, fault, .. } = asked;
        self.open.insert(id, OpenRequest { ticket, task, first, fault });
    }

    /// The request at a connection is over.
    pub(super) fn close(&mut self, id: ConnectionId) -> Option<OpenRequest> {
        self.open.remove(&id)
    }

    /// The store says that the request at a connection was good.
    pub(super) fn kept(&mut self, id: ConnectionId) {
        if let Some(open) = self.open.get(&id) {
            self.tickets[open.ticket].kept.get_or_insert(self.now);
        }
    }

    /// So many bytes of a download were sent, from a first one on.
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

    /// When the bytes of an upload were there.
    pub(super) fn uploaded_at(&self, store: &Store, task: usize) -> Option<Duration> {
        let mine = self.tickets.iter().filter(|ticket| ticket.task == task && !ticket.decoy);
        mine.filter(|ticket| ticket.token.and_then(|token| store.is_kept(token)) == Some(true))
            .filter_map(|ticket| ticket.kept)
            .min()
    }

    /// Whether a device has gone to a URL of the task that it must not use.
    pub(super) fn went_elsewhere(&self, task: usize) -> bool {
        self.tickets.iter().any(|ticket| ticket.task == task && ticket.decoy && ticket.requests > 0)
    }

    /// When all bytes of a download had been sent, by whatever requests.
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
