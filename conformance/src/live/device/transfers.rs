//! What goes over HTTP: which URLs were issued for what, and which bytes came and went.

use std::{collections::HashMap, time::Duration};

use iothub_resource::{Resource, ResourceUrl, Transfer, UploadFault};

use super::{judge::Judge, scenario::Fault};
use crate::{
    Level,
    live::{
        http::Asked,
        record::{ConnectionId, HttpEvent, Target},
        store::Store,
    },
    redact,
    report::Lane,
};

/// The URLs, and what happened at them.
#[derive(Default)]
pub(super) struct Transfers {
    tickets: Vec<Ticket>,
    /// What goes on at each connection: the ticket, the first byte that was asked for, the fault.
    open: HashMap<ConnectionId, Open>,
    /// The bytes of downloads that were sent, by digest.
    sent: Vec<Sent>,
    /// The time of what is told now.
    pub(super) now: Duration,
    /// A redirection was answered.
    redirects: bool,
}

struct Ticket {
    url: ResourceUrl<'static>,
    target: String,
    task: usize,
    /// It was in a message that must not be used.
    decoy: bool,
    plan: Vec<Fault>,
    requests: usize,
    /// When the bytes of an upload were there.
    kept: Option<Duration>,
}

#[derive(Clone, Copy)]
struct Open {
    ticket: usize,
    first: u64,
    fault: Fault,
}

struct Sent {
    resource: Resource<'static>,
    /// Ranges of bytes, the end not included, with the time at which they were sent.
    ranges: Vec<(u64, u64, Duration)>,
}

impl Transfers {
    pub(super) fn issued(
        &mut self,
        url: &ResourceUrl<'_>,
        task: usize,
        plan: &[Fault],
        decoy: bool,
    ) {
        let url = url.clone().into_owned();
        let target = url.as_str().split_once("://").map_or("", |(_, rest)| rest);
        let target = target.find('/').map_or("", |at| &target[at..]).to_owned();
        let plan = plan.to_vec();
        self.redirects |= plan.iter().any(|fault| matches!(fault, Fault::Redirect(_)));
        self.tickets.push(Ticket { url, target, task, decoy, plan, requests: 0, kept: None });
    }

    pub(super) fn is_anything_open(&self) -> bool {
        !self.open.is_empty()
    }

    /// When the bytes of an upload were there.
    pub(super) fn uploaded_at(&self, store: &Store, task: usize) -> Option<Duration> {
        let mine = self.tickets.iter().filter(|ticket| ticket.task == task && !ticket.decoy);
        mine.filter(|ticket| store.is_kept(&ticket.url) == Some(true))
            .filter_map(|ticket| ticket.kept)
            .min()
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
        for (first, last, at) in ranges {
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

/// What an HTTP event means to the scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HttpStep {
    /// A request for a URL of ours has come.
    Begun,
    /// It was answered, well or not.
    Answered,
    Other,
}

impl Judge {
    pub(super) fn http(&mut self, at: Duration, id: ConnectionId, event: &HttpEvent) -> HttpStep {
        self.transfers.now = at;
        match event {
            HttpEvent::Request { method, target, headers, .. } => {
                let range = headers
                    .iter()
                    .find(|(name, _)| name.eq_ignore_ascii_case("range"))
                    .map(|(_, value)| String::from_utf8_lossy(value).trim().to_owned());
                self.request(id, method, target, range.as_deref())
            }
            HttpEvent::Response { status, received, sent, fault, .. } => {
                self.response(id, *status, *received, *sent, *fault);
                HttpStep::Answered
            }
            HttpEvent::Broken { received, sent, why, .. } => {
                let label = format!("broken after {received} B up, {sent} B down: {why}");
                self.note(Lane::Store, Lane::Device, label);
                self.took(id, *sent, None);
                HttpStep::Answered
            }
            HttpEvent::Connected { .. } | HttpEvent::Disconnected => {
                self.transfers.open.remove(&id);
                HttpStep::Other
            }
        }
    }

    fn request(
        &mut self,
        id: ConnectionId,
        method: &str,
        target: &Target,
        range: Option<&str>,
    ) -> HttpStep {
        let place = self.transfers.tickets.iter().position(|ticket| ticket.target == target.0);
        let Some(index) = place else {
            self.elsewhere(method, target);
            return HttpStep::Other;
        };
        let ticket = &mut self.transfers.tickets[index];
        let planned = ticket.requests.min(ticket.plan.len().saturating_sub(1));
        let fault = ticket.plan.get(planned).copied().unwrap_or(Fault::None);
        ticket.requests += 1;
        let (requests, decoy, kept) = (ticket.requests, ticket.decoy, ticket.kept.is_some());
        let task = ticket.task;
        let Some(task) = self.tasks.get_mut(task) else { return HttpStep::Other };
        let (transfer, size) = (task.transfer, task.resource.size.bytes());
        if !decoy {
            task.is_taken = true;
        }
        let mut label = format!("{method} {}", redact::quoted(task.resource.name.as_str()));
        if let Some(range) = range {
            label += &format!(" {range}");
        }
        let at = self.note(Lane::Device, Lane::Store, label);
        let first = match Asked::of(range, size) {
            Asked::Part(first, _) if !matches!(fault, Fault::IgnoresRange | Fault::OtherPart) => {
                first
            }
            _ => 0,
        };
        self.transfers.open.insert(id, Open { ticket: index, first, fault });
        let (rule, right) = match transfer {
            Transfer::Upload => ("HTTP-1", method == "PUT"),
            Transfer::Download => ("HTTP-5", matches!(method, "GET" | "HEAD")),
        };
        if decoy {
            let detail =
                "it uses the URL of a message that it has to refuse, or that was not for it";
            self.find(Some(at), "url-not-issued", rule, Level::Must, detail);
        }
        if !right {
            let detail =
                format!("it asks with {method} at a URL that was issued for another method");
            self.find(Some(at), "wrong-method", rule, Level::Must, detail);
        }
        if transfer == Transfer::Upload && requests > 1 {
            if kept {
                let detail = "it uploads the same once more, though the upload was confirmed";
                self.find(Some(at), "put-again", rule, Level::Must, detail);
            } else {
                let detail = "it uploads to the same URL once more; an upload is one PUT";
                self.find(Some(at), "put-again", rule, Level::Should, detail);
            }
        }
        if let (Transfer::Download, Some(range)) = (transfer, range) {
            self.range(at, range, size);
        }
        HttpStep::Begun
    }

    /// A request for what was not issued.
    fn elsewhere(&mut self, method: &str, target: &Target) {
        let path = |target: &str| target.split('?').next().unwrap_or_default().to_owned();
        let is_altered =
            self.transfers.tickets.iter().any(|ticket| path(&ticket.target) == path(&target.0));
        let at = self.note(Lane::Device, Lane::Store, format!("{method} {target}"));
        let is_fetch = matches!(method, "GET" | "HEAD");
        let rule = if is_fetch { "HTTP-5" } else { "HTTP-1" };
        if is_altered {
            let detail = format!(
                "{method} {target} is not exactly the URL that was issued, query string included"
            );
            self.find(Some(at), "altered-url", rule, Level::Must, detail);
        } else if !is_fetch || !self.transfers.redirects {
            // To fetch from where the store points to sends nothing to anybody.
            let detail = format!("{method} {target} is no URL that was issued");
            self.find(Some(at), "url-not-issued", rule, Level::Must, detail);
        }
    }

    fn range(&mut self, at: usize, range: &str, size: u64) {
        let rule = "HTTP-6";
        let parts = range.strip_prefix("bytes=").and_then(|range| range.split_once('-'));
        let Some((Ok(first), last)) = parts.map(|(first, last)| (first.parse::<u64>(), last))
        else {
            let detail = format!("`Range: {range}` is not `bytes=A-B`");
            return self.find(Some(at), "range", rule, Level::Must, detail);
        };
        match last.parse::<u64>() {
            Ok(last) if last < size && first <= last => {}
            Ok(last) if last == size => {
                let detail = format!("`Range: {range}` ends one byte behind the last of {size}");
                self.find(Some(at), "range", rule, Level::Should, detail);
            }
            Err(_) if last.is_empty() && first < size => {
                let detail = format!("`Range: {range}` does not say where it ends");
                self.find(Some(at), "range", rule, Level::Should, detail);
            }
            _ => {
                let detail = format!("`Range: {range}` is no part of {size} bytes");
                self.find(Some(at), "range", rule, Level::Must, detail);
            }
        }
    }

    fn response(
        &mut self,
        id: ConnectionId,
        status: u16,
        received: u64,
        sent: u64,
        fault: Option<UploadFault>,
    ) {
        let label = match status {
            0 => format!("dropped after {received} B up, {sent} B down"),
            status if sent > 0 => format!("{status}, {sent} B"),
            status => status.to_string(),
        };
        let at = self.note(Lane::Store, Lane::Device, label);
        if let Some(fault) = fault {
            self.find(
                Some(at),
                code_of(fault),
                fault.requirement(),
                Level::Must,
                fault.to_string(),
            );
        }
        if (200..300).contains(&status) && fault.is_none() {
            let now = self.transfers.now;
            if let Some(open) = self.transfers.open.get(&id) {
                self.transfers.tickets[open.ticket].kept.get_or_insert(now);
            }
        }
        self.took(id, sent, Some(status));
    }

    /// So much of a download was sent.
    fn took(&mut self, id: ConnectionId, sent: u64, status: Option<u16>) {
        let Some(Open { ticket, first, fault }) = self.transfers.open.remove(&id) else { return };
        let is_body = status.is_none_or(|status| status < 300);
        let Some(task) = self.tasks.get(self.transfers.tickets[ticket].task) else { return };
        if !is_body || fault.is_other_bytes() || task.transfer == Transfer::Upload {
            return;
        }
        let resource = task.resource.clone();
        let first = if status == Some(200) { 0 } else { first };
        let range = (first, first + sent, self.transfers.now);
        match self.transfers.sent.iter_mut().find(|sent| sent.resource == resource) {
            Some(sent) => sent.ranges.push(range),
            None => self.transfers.sent.push(Sent { resource, ranges: vec![range] }),
        }
    }
}

const fn code_of(fault: UploadFault) -> &'static str {
    match fault {
        UploadFault::MissingContentLength => "missing-content-length",
        UploadFault::ContentLength => "content-length",
        UploadFault::MissingContentMd5 => "missing-content-md5",
        UploadFault::InvalidContentMd5 => "invalid-content-md5",
        UploadFault::ContentMd5 => "content-md5",
        UploadFault::BodyLength => "body-length",
        // There may be more than these.
        _ => "body-md5",
    }
}
