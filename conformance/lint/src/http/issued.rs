//! Stores the issued URLs in bounded memory and finds the URL to which a request refers.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    ops::Bound,
    sync::Arc,
};

use iothub_resource::{Md5Sum, Transfer};

use super::{
    destination::Authority,
    difference::{is_nearly, same_path},
    ticket::{Device, Ticket},
};

/// The maximum size of all tickets together, in bytes. Beyond this size, the oldest tickets are
/// forgotten.
const MOST_BYTES: usize = 4 << 20;
/// The maximum number of hosts that are remembered.
const MOST_HOSTS: usize = 1024;
/// The maximum number of tickets that one search compares with a request.
const MOST_COMPARED: usize = 256;
/// The minimum length in bytes of a target that identifies its ticket at any host. Shorter targets
/// may occur at several hosts by chance.
const TELLING: usize = 16;

#[derive(Debug)]
pub(super) struct Issued {
    /// The tickets by their numbers, in the order of issue.
    tickets: BTreeMap<u64, Ticket>,
    /// The newest ticket of each URL, by host and target.
    by_url: BTreeMap<(Arc<str>, Arc<str>), Lead>,
    /// The newest ticket of each target.
    by_target: HashMap<Arc<str>, u64>,
    /// The newest ticket of each task.
    by_task: HashMap<Task, u64>,
    hosts: HashSet<Arc<str>>,
    next: u64,
    bytes: usize,
    most_bytes: usize,
    has_forgotten: bool,
}

/// The key of a task: its device, its kind of transfer and its name. Uploads and downloads with the
/// same name are different tasks.
type Task = (Device, Transfer, Arc<str>);

/// The ticket to which an issued URL or the target of a redirection belongs.
#[derive(Clone, Copy, Debug)]
struct Lead {
    ticket: u64,
    /// Whether the URL was not issued, but the store redirected to it.
    is_redirection: bool,
}

/// The relation of the URL of a request to the issued URLs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Match {
    /// The URL of this ticket.
    Exact(u64),
    /// The target of this ticket, at a different host or port, or without a host.
    OtherHost(u64),
    /// A URL that differs slightly from the URL of this ticket.
    Altered(u64),
    /// The URL to which the store redirected from the URL of this ticket.
    Redirected(u64),
    /// A URL that was not issued, at a host of issued URLs.
    NotIssued,
}

impl Default for Issued {
    fn default() -> Self {
        Self {
            tickets: BTreeMap::new(),
            by_url: BTreeMap::new(),
            by_target: HashMap::new(),
            by_task: HashMap::new(),
            hosts: HashSet::new(),
            next: 0,
            bytes: 0,
            most_bytes: MOST_BYTES,
            has_forgotten: false,
        }
    }
}

impl Issued {
    /// Returns whether tickets were forgotten because there were too many.
    pub(super) const fn has_forgotten(&self) -> bool {
        self.has_forgotten
    }

    /// Returns whether a URL at this host was ever issued.
    pub(super) fn knows_host(&self, host: &str) -> bool {
        self.hosts.contains(host)
    }

    pub(super) fn ticket(&mut self, number: u64) -> Option<&mut Ticket> {
        self.tickets.get_mut(&number)
    }

    /// Returns all remembered tickets, the oldest first.
    pub(super) fn tickets(&mut self) -> impl Iterator<Item = &mut Ticket> {
        self.tickets.values_mut()
    }

    /// Returns the number of the newest ticket of a task, or `None` if the task has no ticket.
    pub(super) fn of_task(&self, device: Device, transfer: Transfer, name: &str) -> Option<u64> {
        self.by_task.get(&(device, transfer, Arc::from(name))).copied()
    }

    /// Records an issued URL. The same URL for the same resource changes nothing if the task
    /// continues or the message is repeated.
    pub(super) fn put(&mut self, mut ticket: Ticket, is_again: bool) {
        let url = (Arc::clone(&ticket.host), Arc::clone(&ticket.target));
        let known = self.by_url.get(&url).and_then(|lead| self.tickets.get(&lead.ticket));
        let is_same = |known: &Ticket| {
            known.device == ticket.device
                && known.transfer == ticket.transfer
                && known.name == ticket.name
                && known.resource == ticket.resource
                && (is_again || !known.course.has_ended)
        };
        if known.is_some_and(is_same) {
            return;
        }
        self.next += 1;
        let number = self.next;
        if self.hosts.len() < MOST_HOSTS {
            self.hosts.insert(Arc::clone(&ticket.host));
        }
        if let Some(transfer) = ticket.transfer {
            let task = (ticket.device, transfer, Arc::clone(&ticket.name));
            ticket.before = self.by_task.insert(task, number);
        }
        self.by_target.insert(Arc::clone(&ticket.target), number);
        self.by_url.insert(url, Lead { ticket: number, is_redirection: false });
        self.bytes += ticket.memory();
        self.tickets.insert(number, ticket);
        while self.bytes > self.most_bytes && self.forget_oldest() {}
    }

    /// Returns the device to whose upload a request at this host probably belongs, according to the
    /// digest or length in the headers. Marks the result of that upload as unknown. If no upload
    /// matches, marks the result of the newest open upload as unknown and returns `None`.
    pub(super) fn meant(
        &mut self,
        host: &str,
        content_md5: Option<Md5Sum>,
        content_length: Option<u64>,
    ) -> Option<Device> {
        let is_open = |ticket: &Ticket| {
            *ticket.host == *host
                && ticket.transfer == Some(Transfer::Upload)
                && ticket.course.begun == 0
                && !ticket.course.is_unknown
        };
        let is_it = |ticket: &Ticket| {
            ticket.resource.as_ref().is_some_and(|resource| match content_md5 {
                Some(digest) => digest == resource.md5sum,
                None => content_length == Some(resource.size.bytes()),
            })
        };
        let newest = || self.tickets.iter().rev().take(MOST_COMPARED);
        let mut open = newest().filter(|(_, ticket)| is_open(ticket));
        let meant = open.find(|(_, ticket)| is_it(ticket)).map(|(number, _)| *number);
        let number = meant
            .or_else(|| newest().find(|(_, ticket)| is_open(ticket)).map(|(number, _)| *number))?;
        let ticket = self.tickets.get_mut(&number)?;
        ticket.course.is_unknown = true;
        meant.map(|_| ticket.device)
    }

    /// Records that the store redirects from the URL of a ticket to a different URL.
    pub(super) fn redirect(&mut self, number: u64, host: &str, target: &str) {
        let url = (Arc::from(host), Arc::from(target));
        let is_issued = self.by_url.get(&url).is_some_and(|lead| !lead.is_redirection);
        // Each ticket has at most one redirection, which bounds the number of redirections.
        let is_known =
            self.by_url.values().any(|lead| lead.is_redirection && lead.ticket == number);
        if !is_issued && !is_known && self.tickets.contains_key(&number) {
            self.by_url.insert(url, Lead { ticket: number, is_redirection: true });
        }
    }

    /// Returns the relation of the URL of a request to the issued URLs, or `None` for a request
    /// that does not concern them.
    pub(super) fn find(&self, authority: Option<&Authority>, target: &str) -> Option<Match> {
        if let Some(authority) = authority
            && let Some(found) = self.at_host(authority, target)
        {
            return Some(found);
        }
        let elsewhere = self.by_target.get(target).filter(|_| target.len() >= TELLING);
        match (elsewhere, authority) {
            (Some(number), _) => Some(Match::OtherHost(*number)),
            (None, Some(authority)) if self.knows_host(&authority.host) => {
                let altered = self.nearly(&authority.host, target);
                Some(altered.map_or(Match::NotIssued, Match::Altered))
            }
            (None, _) => None,
        }
    }

    fn at_host(&self, authority: &Authority, target: &str) -> Option<Match> {
        let url = (Arc::from(&*authority.host), Arc::from(target));
        let lead = self.by_url.get(&url)?;
        if lead.is_redirection {
            return Some(Match::Redirected(lead.ticket));
        }
        let ticket = self.tickets.get(&lead.ticket)?;
        let is_right = authority.names(&ticket.host, ticket.port);
        Some(if is_right { Match::Exact(lead.ticket) } else { Match::OtherHost(lead.ticket) })
    }

    /// Returns the number of the newest ticket at this host whose target differs only slightly from
    /// `target`, or `None` if there is none.
    fn nearly(&self, host: &str, target: &str) -> Option<u64> {
        let host: Arc<str> = Arc::from(host);
        let from = (Arc::clone(&host), Arc::from(path_of(target)));
        let at_host = self
            .by_url
            .range((Bound::Included(&from), Bound::Unbounded))
            .take_while(|((other, _), _)| *other == host)
            .filter(|(_, lead)| !lead.is_redirection);
        let same_path = at_host
            .take_while(|((_, other), _)| other.starts_with(path_of(target)))
            .take(MOST_COMPARED)
            .filter(|((_, other), _)| {
                same_path(other, target) || target.len() >= TELLING && other.starts_with(target)
            });
        if let Some(number) = same_path.map(|(_, lead)| lead.ticket).max() {
            return Some(number);
        }
        let newest = self.tickets.iter().rev().take(MOST_COMPARED);
        let mut alike =
            newest.filter(|(_, ticket)| ticket.host == host && is_nearly(&ticket.target, target));
        alike.next().map(|(number, _)| *number)
    }

    fn forget_oldest(&mut self) -> bool {
        // The newest ticket is kept, regardless of its length.
        if self.tickets.len() < 2 {
            return false;
        }
        let Some((number, ticket)) = self.tickets.pop_first() else { return false };
        self.has_forgotten = true;
        self.bytes -= ticket.memory();
        let url = (ticket.host, Arc::clone(&ticket.target));
        if self.by_url.get(&url).is_some_and(|lead| lead.ticket == number) {
            self.by_url.remove(&url);
        }
        if self.by_target.get(&ticket.target) == Some(&number) {
            self.by_target.remove(&ticket.target);
        }
        if let Some(transfer) = ticket.transfer {
            let task = (ticket.device, transfer, ticket.name);
            if self.by_task.get(&task) == Some(&number) {
                self.by_task.remove(&task);
            }
        }
        self.by_url.retain(|_, lead| !lead.is_redirection || lead.ticket != number);
        true
    }
}

fn path_of(target: &str) -> &str {
    target.split('?').next().unwrap_or_default()
}
