//! Judges the transfers in a capture, event by event.

use std::{
    collections::{HashMap, hash_map::Entry},
    net::SocketAddr,
    sync::Arc,
};

use iothub_conformance_suite::{
    Level,
    excerpt::counted,
    redact,
    result::{Finding, Lane, Marked, NO_REQUIREMENT, StoredEvent},
};
use iothub_resource::{ResourceTask, ResourceUrl, Transfer, session};

use super::{
    claims,
    destination::{Destination, split_target},
    download::{announced, body_fault},
    event::{End, Half, HttpEvent, Step},
    exchange::{Exchange, RequestBody, Response},
    fault::Fault,
    head::{Headers, RequestHead, ResponseHead},
    ledger::Ledger,
    outcome::{LateFault, settle},
    record::TransferRecord,
    request::judge_request,
    sighting::{JudgedTransfer, Seen, Sighting},
    ticket::{Claim, Course, Device, Ticket},
};
use crate::finding::UNREADABLE;

/// The maximum number of exchanges that are open at the same time. Further exchanges are ignored.
const MOST_EXCHANGES: usize = 4096;

/// A judge of the transfers at issued URLs, in bounded memory.
#[derive(Debug, Default)]
pub(crate) struct Transfers {
    ledger: Ledger,
    open: HashMap<u64, Exchange>,
}

impl Transfers {
    /// Creates a judge without any transfers. A partial capture may begin in the middle or have
    /// gaps.
    pub(crate) fn new(is_partial: bool) -> Self {
        let mut ledger = Ledger::default();
        ledger.is_partial = is_partial;
        Self { ledger, open: HashMap::new() }
    }

    /// Returns whether URLs were forgotten because there were too many.
    pub(crate) const fn has_forgotten(&self) -> bool {
        self.ledger.issued.has_forgotten()
    }

    /// Returns the hosts of issued URLs that received TLS connections.
    pub(crate) fn tls_hosts(&self) -> Vec<String> {
        self.ledger.tls_hosts()
    }

    /// Records that a message could not be read.
    pub(crate) fn has_unreadable(&mut self) {
        self.ledger.has_unreadable = true;
    }

    /// Records a TLS connection to a host, or to an address if the client names no host.
    pub(crate) fn tls(&mut self, host: &str) {
        self.ledger.hear_tls(host);
    }

    /// Records that a URL was issued or repeated (`is_again`). If the message has a fault,
    /// `is_trusted` is false because the device may expect other values.
    pub(crate) fn issued(
        &mut self,
        device: Device,
        transfer: Option<Transfer>,
        task: &ResourceTask<'_>,
        is_trusted: bool,
        is_again: bool,
    ) {
        let resource = is_trusted.then(|| task.resource().into_owned());
        let name = Arc::from(task.name.as_str());
        self.put(device, transfer, name, resource, &task.url, is_again);
    }

    /// Records the URL and, if possible, the name in a message that cannot be decoded.
    pub(crate) fn issued_in_malformed(
        &mut self,
        device: Device,
        transfer: Option<Transfer>,
        name: Option<&str>,
        url: &ResourceUrl<'_>,
    ) {
        self.put(device, transfer, Arc::from(name.unwrap_or_default()), None, url, false);
    }

    fn put(
        &mut self,
        device: Device,
        transfer: Option<Transfer>,
        name: Arc<str>,
        resource: Option<iothub_resource::Resource<'static>>,
        url: &ResourceUrl<'_>,
        is_again: bool,
    ) {
        let Some(Destination { host, port, target }) = Destination::of(url) else { return };
        let ticket = Ticket {
            device,
            transfer,
            name,
            resource,
            host: host.into(),
            port,
            target: target.into(),
            before: None,
            course: Course::default(),
        };
        self.ledger.issued.put(ticket, is_again);
    }

    /// Records a report that ends a task. Returns the findings that the report reveals.
    pub(crate) fn reported(
        &mut self,
        at: usize,
        device: Device,
        transfer: Transfer,
        name: &str,
        end: session::End,
        shown: Marked,
    ) -> Vec<Finding> {
        let claim = Claim { at, transfer, shown };
        let found = claims::reported(&mut self.ledger, device, name, end, claim);
        found.into_iter().map(|fault| late(device, fault)).collect()
    }

    /// Processes the next step of an exchange. Returns the faults and the events of the step.
    pub(crate) fn event(&mut self, at: usize, event: HttpEvent) -> JudgedTransfer {
        let HttpEvent { server, exchange: number, step } = event;
        let mut judged = JudgedTransfer::default();
        match step {
            Step::Request(head) => {
                self.request(at, Some(server), number, &head, true, &mut judged);
            }
            Step::Response(head) => self.response(at, number, &head, &mut judged),
            Step::Body(Half::Request, bytes) => {
                if let Some(exchange) = self.open.get_mut(&number) {
                    exchange.body.bytes(&bytes);
                }
            }
            Step::Missing(Half::Request, missing) => {
                if let Some(exchange) = self.open.get_mut(&number) {
                    exchange.body.missing(missing);
                }
            }
            Step::Body(Half::Response, bytes) => self.brought(number, &bytes),
            Step::Missing(Half::Response, missing) => self.not_recorded(number, missing),
            Step::Surplus(count) => self.surplus(at, number, count, &mut judged),
            Step::End(Half::Request, end) => self.request_ends(at, number, end, &mut judged),
            Step::End(Half::Response, end) => self.response_ends(at, number, end, &mut judged),
            Step::Gap(missing) => {
                self.ledger.has_gaps = true;
                if self.ledger.is_known_server(server) {
                    judged.findings.push(self.gap(at, None, missing));
                }
            }
        }
        judged
    }

    /// Processes a transfer that a gateway logged. Returns the faults and the events of the
    /// transfer.
    pub(crate) fn record(&mut self, at: usize, record: &TransferRecord) -> JudgedTransfer {
        /// The number of the exchange that a line describes. No exchange on a connection has this
        /// number.
        const NUMBER: u64 = 0;
        let mut judged = JudgedTransfer::default();
        let headers = Headers::new(record.headers.clone().unwrap_or_default());
        let head = RequestHead {
            method: record.method.clone(),
            target: record.url.as_str().split('#').next().unwrap_or_default().to_owned(),
            is_1_1: true,
            headers: headers.clone(),
        };
        self.request(at, None, NUMBER, &head, record.headers.is_some(), &mut judged);
        let Some(exchange) = self.open.get_mut(&NUMBER) else { return judged };
        let is_upload = exchange.transfer == Transfer::Upload;
        let (length, digest) = (record.body_length, record.body_md5);
        if is_upload {
            exchange.body = RequestBody::told(length, digest);
        }
        self.request_ends(at, NUMBER, End::Whole, &mut judged);
        let Some(status) = record.status else {
            self.response_ends(at, NUMBER, End::NotSeen, &mut judged);
            return judged;
        };
        let headers = if is_upload { Headers::default() } else { headers };
        self.response(at, NUMBER, &ResponseHead { status, headers }, &mut judged);
        if !is_upload {
            self.told(NUMBER, length, digest);
        }
        self.response_ends(at, NUMBER, End::Whole, &mut judged);
        judged
    }

    /// Returns the findings that remain at the end of the capture, in the order of the lines.
    pub(crate) fn end(&mut self) -> Vec<Finding> {
        let left = claims::left(&mut self.ledger).into_iter();
        let mut findings: Vec<_> = left.map(|(device, fault)| late(device, fault)).collect();
        findings.sort_by_key(|finding| finding.line);
        findings
    }

    fn request(
        &mut self,
        at: usize,
        server: Option<SocketAddr>,
        number: u64,
        head: &RequestHead,
        has_headers: bool,
        judged: &mut JudgedTransfer,
    ) {
        if head.method == "CONNECT" {
            // The client asks a proxy for a tunnel, which usually carries TLS.
            let host = head.target.rsplit_once(':').map_or(&*head.target, |(host, _)| host);
            return self.ledger.hear_tls(&host.to_ascii_lowercase());
        }
        let found = judge_request(&mut self.ledger, at, server, head, has_headers);
        let Some(found) = found else { return };
        if let Some(device) = found.device {
            let is_known = !found.name.is_empty();
            let name =
                if is_known { redact::quoted(&found.name) } else { "a different URL".into() };
            let guess = format!("{} {name}", head.method);
            let range = head.headers.joined("Range").filter(|_| head.method == "GET");
            let range = range.map_or_else(String::new, |range| format!(" {}", shortened(&range)));
            let label = format!("{guess}{range}");
            let mut event = StoredEvent::new(at, Lane::Device, Lane::Store, label);
            for fault in &found.faults {
                event.blame(fault.code, fault.level);
            }
            let instead_of = Some(guess).filter(|_| is_known);
            let seen = Seen::Event { event, instead_of };
            judged.sightings.push(Sighting::new(device, seen));
        }
        for fault in found.faults {
            let shown = found.shown.marked(fault.header);
            judged.findings.push(fault.showing(at, found.device, shown));
        }
        let Some(exchange) = found.exchange else { return };
        judged.exercised.extend(match exchange.transfer {
            Transfer::Upload => &["HTTP-1", "HTTP-2", "HTTP-3", "HTTP-4"][..],
            Transfer::Download if exchange.range.is_some() => &["HTTP-5", "HTTP-6"],
            Transfer::Download => &["HTTP-5"],
        });
        if self.open.len() < MOST_EXCHANGES {
            self.open.insert(number, exchange);
        } else if let Some(ticket) = self.ledger.issued.ticket(exchange.ticket) {
            ticket.course.open = ticket.course.open.saturating_sub(1);
            ticket.course.is_unknown = true;
        }
    }

    fn response(
        &mut self,
        at: usize,
        number: u64,
        head: &ResponseHead,
        judged: &mut JudgedTransfer,
    ) {
        let Some(exchange) = self.open.get_mut(&number) else { return };
        let Some(ticket) = self.ledger.issued.ticket(exchange.ticket) else { return };
        let device = ticket.device;
        let shown = exchange.shown.response(head);
        let size = ticket.resource.as_ref().map(|resource| resource.size);
        let (part, fault) = match exchange.transfer {
            Transfer::Download if exchange.method != "HEAD" => {
                announced(size, exchange.range.as_deref(), head)
            }
            _ => (None, None),
        };
        if let Some(part) = part {
            ticket.course.coverage().begin(part.first);
        }
        let mut event = StoredEvent::new(at, Lane::Store, Lane::Device, head.status.to_string());
        if let Some(fault) = fault {
            exchange.is_store_at_fault = true;
            event.blame(fault.code, fault.level);
            let fault = Fault::from(fault);
            let marked = shown.marked(fault.header);
            judged.findings.push(fault.showing(at, Some(device), marked));
        }
        let seen = Seen::Event { event, instead_of: None };
        judged.sightings.push(Sighting::new(device, seen));
        let location =
            head.headers.joined("Location").filter(|_| (300..400).contains(&head.status));
        let ticket_number = exchange.ticket;
        exchange.response =
            Some(Response { status: head.status, at, shown, part, length: 0, missing: 0 });
        if let Some(location) = location {
            let host = ticket.host.to_string();
            self.redirect(ticket_number, &host, &location);
        }
    }

    fn redirect(&mut self, ticket: u64, host: &str, location: &str) {
        let (authority, target) = split_target(location);
        let host = authority.map_or_else(|| host.to_owned(), |authority| authority.host);
        let target = target.split('#').next().unwrap_or_default();
        if target.starts_with('/') {
            self.ledger.issued.redirect(ticket, &host, target);
        }
    }

    fn brought(&mut self, number: u64, bytes: &[u8]) {
        let Some(exchange) = self.open.get_mut(&number) else { return };
        let Some(response) = &mut exchange.response else { return };
        if let Some(part) = response.part
            && let Some(ticket) = self.ledger.issued.ticket(exchange.ticket)
        {
            ticket.course.coverage().bytes(part.first + response.length, bytes);
        }
        response.length += bytes.len() as u64;
    }

    fn not_recorded(&mut self, number: u64, missing: u64) {
        let Some(exchange) = self.open.get_mut(&number) else { return };
        let Some(response) = &mut exchange.response else { return };
        if let Some(part) = response.part
            && let Some(ticket) = self.ledger.issued.ticket(exchange.ticket)
        {
            ticket.course.coverage().unread(part.first + response.length, missing);
        }
        response.length += missing;
        response.missing += missing;
    }

    /// Records the length and the digest of the body of a download, if a line states them.
    fn told(&mut self, number: u64, length: Option<u64>, digest: Option<iothub_resource::Md5Sum>) {
        let Some(exchange) = self.open.get_mut(&number) else { return };
        let Some(response) = &mut exchange.response else { return };
        let Some(ticket) = self.ledger.issued.ticket(exchange.ticket) else { return };
        let Some(part) = response.part else { return };
        let size = ticket.resource.as_ref().map_or(0, |resource| resource.size.bytes());
        match length {
            Some(length) if part.first == 0 => ticket.course.coverage().told(length, digest),
            Some(length) => ticket.course.coverage().unread(part.first, length),
            None => {
                ticket.course.coverage().unread(part.first, size.saturating_sub(part.first));
                response.missing = 1;
            }
        }
        response.length = length.unwrap_or_default();
    }

    /// Reports that an upload sends more bytes than the request declares.
    fn surplus(&mut self, at: usize, number: u64, count: u64, judged: &mut JudgedTransfer) {
        let Some(exchange) = self.open.get_mut(&number) else { return };
        if exchange.transfer != Transfer::Upload || exchange.is_at_fault {
            return;
        }
        exchange.is_at_fault = true;
        let fault = iothub_resource::UploadFault::BodyLength;
        let sentence = format!(
            "{fault}: `Content-Length` is {}, but the length of the body is at least {}",
            exchange.body.length,
            exchange.body.length.saturating_add(count)
        );
        let code = super::upload::upload_fault_code(fault);
        let fault = Fault::of_device(code, fault.requirement(), Level::Must, sentence);
        blame(&mut self.ledger, at, exchange, fault, judged);
    }

    fn request_ends(&mut self, at: usize, number: u64, end: End, judged: &mut JudgedTransfer) {
        let Some(exchange) = self.open.get_mut(&number) else { return };
        exchange.request_end = Some((end, at));
        // A device that receives a refusal need not send the rest.
        let is_short = end == End::BySender && exchange.response.is_none();
        if exchange.transfer == Transfer::Upload && (end == End::Whole || is_short) {
            let resource = self.ledger.issued.ticket(exchange.ticket);
            let resource = resource.and_then(|ticket| ticket.resource.clone());
            let (body, digest) = (&exchange.body, exchange.body.digest());
            let fault = match resource {
                _ if body.missing > 0 => None,
                Some(resource) => exchange.head.body_fault(&resource, body.length, digest),
                None => exchange.head.own_body_fault(digest),
            };
            if let Some(fault) = fault {
                exchange.is_at_fault = true;
                blame(&mut self.ledger, at, exchange, Fault::from(fault), judged);
            }
        }
        self.settle(at, number, judged);
    }

    fn response_ends(&mut self, at: usize, number: u64, end: End, judged: &mut JudgedTransfer) {
        let Some(exchange) = self.open.get_mut(&number) else { return };
        exchange.response_end = Some(end);
        if let (Some(response), End::Whole) = (&exchange.response, end)
            && let Some(part) = response.part.filter(|_| response.missing == 0)
            && let Some(ticket) = self.ledger.issued.ticket(exchange.ticket)
            && let Some(resource) = &ticket.resource
            && let Some(fault) =
                body_fault(resource, part, response.length, ticket.course.coverage())
        {
            let seen =
                Seen::Blame { at: response.at, code: fault.code.to_owned(), level: fault.level };
            judged.sightings.push(Sighting::new(ticket.device, seen));
            let fault = Fault::from(fault);
            let marked = response.shown.marked(fault.header);
            judged.findings.push(fault.showing(at, Some(ticket.device), marked));
        }
        self.settle(at, number, judged);
    }

    /// Evaluates an exchange once both halves are over.
    fn settle(&mut self, at: usize, number: u64, judged: &mut JudgedTransfer) {
        let Entry::Occupied(entry) = self.open.entry(number) else { return };
        let is_over = entry.get().request_end.is_some() && entry.get().response_end.is_some();
        if !is_over {
            return;
        }
        let exchange = entry.remove();
        let is_line = number == 0;
        let Some(ticket) = self.ledger.issued.ticket(exchange.ticket) else { return };
        let device = ticket.device;
        let settled = settle(ticket, at, &exchange).map(|fault| late(device, fault));
        judged.findings.extend(settled);
        let of_download = exchange.response.as_ref().filter(|response| response.part.is_some());
        let missing = match exchange.transfer {
            Transfer::Upload => exchange.body.missing,
            Transfer::Download => of_download.map_or(0, |response| response.missing),
        };
        if missing > 0 && !is_line {
            let finding = self.gap(at, Some(device), missing);
            judged.findings.push(finding.showing(exchange.shown.marked(None)));
        }
    }

    fn gap(&self, at: usize, device: Option<Device>, missing: u64) -> Finding {
        let level = if self.ledger.is_partial { Level::Should } else { Level::Must };
        let verb = if missing == 1 { "is" } else { "are" };
        let missing = counted(missing, "byte");
        let sentence = match device {
            Some(_) => format!(
                "{missing} {verb} not in the capture, so the body of this transfer \
                 is not judged"
            ),
            None => format!(
                "{missing} of an HTTP connection {verb} not in the capture, so \
                 transfers in this gap are not judged"
            ),
        };
        let finding = Finding::new(at, UNREADABLE, level, NO_REQUIREMENT, sentence);
        match device {
            Some((product_id, name)) => {
                let direction = iothub_resource::Direction::Up;
                let topic = iothub_resource::Topic::new(direction, product_id, name);
                finding.on(topic.to_string())
            }
            None => finding,
        }
    }
}

/// Reports a fault in a request and marks the arrow of this request in a diagram.
fn blame(
    ledger: &mut Ledger,
    at: usize,
    exchange: &Exchange,
    fault: Fault,
    judged: &mut JudgedTransfer,
) {
    let Some(ticket) = ledger.issued.ticket(exchange.ticket) else { return };
    let seen = Seen::Blame { at: exchange.at, code: fault.code.to_owned(), level: fault.level };
    judged.sightings.push(Sighting::new(ticket.device, seen));
    let marked = exchange.shown.marked(fault.header);
    judged.findings.push(fault.showing(at, Some(ticket.device), marked));
}

fn late(device: Device, LateFault { at, fault, shown }: LateFault) -> Finding {
    match shown {
        Some(shown) => fault.showing(at, Some(device), shown),
        None => fault.at(at, Some(device)),
    }
}

/// Returns the value of a `Range` header, or `…` if the value is long or has unusual characters.
fn shortened(range: &str) -> String {
    const LONGEST: usize = 40;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "=-,".contains(c);
    if range.len() <= LONGEST && range.chars().all(is_plain) {
        range.to_owned()
    } else {
        "…".into()
    }
}
