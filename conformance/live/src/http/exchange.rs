//! One request and its response.

use std::{
    fmt::Write as _,
    io::{self, Read, SeekFrom, Write},
    time::Duration,
};

use iothub_conformance_lint::http::AskedPart;
use iothub_resource::{Md5Hasher, UploadFault, check_upload_body, check_upload_head};
use tokio::time::{Instant, sleep, timeout};

use super::{
    connection::{Connection, ServerState},
    fault::{ResponseFaults, Trickle},
    head::Head,
};
use crate::{
    record::{ConnectionId, Event, HttpEvent, PlatformNote, TaskRef},
    store::{Lookup, Source, Ticket, TicketPurpose},
};

/// So much of a body at a time.
const CHUNK: usize = 16 << 10;
/// The longest that nothing is answered on purpose.
const SILENCE: Duration = Duration::from_secs(600);

/// Answers a request. Whether the connection can be used for another one.
pub(super) async fn run(
    state: &ServerState,
    id: ConnectionId,
    connection: &mut Connection,
    head: Head,
) -> bool {
    let (found, faults) = state.store.find(&head.target.0);
    let task = match &found {
        Lookup::Ticket(ticket) | Lookup::Altered(ticket) => Some(ticket.task()),
        Lookup::Nothing => None,
    };
    let event = HttpEvent::Request {
        method: head.method.clone(),
        target: head.target.clone(),
        headers: head.headers.clone().into(),
    };
    state.recorder.http(id, event);
    let mut exchange = Exchange { state, id, connection, head, faults, task, received: 0, sent: 0 };
    match exchange.answer(found).await {
        Ok(ended) => exchange.end(ended).await,
        Err(error) => {
            exchange.broken(&error);
            false
        }
    }
}

struct Exchange<'a> {
    state: &'a ServerState,
    id: ConnectionId,
    connection: &'a mut Connection,
    head: Head,
    faults: ResponseFaults,
    task: Option<TaskRef>,
    received: u64,
    sent: u64,
}

/// How the answer came to its end.
struct ExchangeEnd {
    status: u16,
    fault: Option<UploadFault>,
    /// The connection is closed, as its state is not known to both sides.
    close: bool,
    /// The connection is dropped without a word.
    cut: bool,
}

impl ExchangeEnd {
    const fn well(status: u16) -> Self {
        Self { status, fault: None, close: false, cut: false }
    }

    const CUT: Self = Self { status: 0, fault: None, close: true, cut: true };
}

impl Exchange<'_> {
    async fn answer(&mut self, found: Lookup) -> io::Result<ExchangeEnd> {
        let is_get = matches!(&*self.head.method, "GET" | "HEAD");
        match found {
            Lookup::Nothing => self.refuse(404, "no such URL was issued").await,
            Lookup::Altered(_) => {
                self.refuse(403, "this is not the URL that was issued: path or query differ").await
            }
            Lookup::Ticket(ticket) => match (&*self.head.method, &ticket.purpose) {
                ("PUT", TicketPurpose::Upload { .. }) => self.take_upload(&ticket).await,
                (_, TicketPurpose::Download(source)) if is_get => self.bring(&ticket, source).await,
                (_, TicketPurpose::Upload { .. }) => {
                    self.refuse(405, "this URL was issued for a PUT").await
                }
                (_, TicketPurpose::Download(_)) => {
                    self.refuse(405, "this URL was issued for a GET").await
                }
            },
        }
    }

    async fn take_upload(&mut self, ticket: &Ticket) -> io::Result<ExchangeEnd> {
        if self.faults.answers_early && self.faults.cut_upload_at.is_none() {
            return self.give_status(None).await;
        }
        if self.head.is_chunked {
            return self.refuse_upload(UploadFault::MissingContentLength).await;
        }
        let resource = &ticket.resource;
        let content_md5 = self.head.header("Content-MD5").map(str::trim);
        if let Err(fault) = check_upload_head(resource, self.head.content_length, content_md5) {
            return self.refuse_upload(fault).await;
        }
        // A URL is issued to a device; who it is, is part of the ticket.
        let Some(device) = ticket.device else { return self.refuse(404, "no device").await };
        if self.head.expects_continue {
            self.send(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
        }
        let mut file = match self.state.store.begin_file(&device) {
            Ok(file) => file,
            Err(error) => return self.cannot_keep(ticket, &error).await,
        };
        let mut hasher = Md5Hasher::new();
        let total = resource.size.bytes();
        let begun = Instant::now();
        let mut chunk = Vec::new();
        while self.received < total {
            if self.faults.cut_upload_at.is_some_and(|cut| self.received >= cut) {
                return Ok(ExchangeEnd::CUT);
            }
            self.receive(&mut chunk, total - self.received, begun).await?;
            hasher.update(&chunk);
            // To the page cache: no device waits long for that.
            if let Err(error) = file.write_all(&chunk) {
                return self.cannot_keep(ticket, &error).await;
            }
        }
        if self.faults.cut_upload_at.is_some() {
            return Ok(ExchangeEnd::CUT);
        }
        if let Err(fault) = check_upload_body(resource, self.received, hasher.clone().finish()) {
            return self.refuse_upload(fault).await;
        }
        if self.faults.refusal().is_some() {
            return self.give_status(None).await;
        }
        let path = self.state.store.path_of(&device, resource.name.as_str());
        if let Err(error) = file.persist(&path) {
            return self.cannot_keep(ticket, &error.error).await;
        }
        self.state.store.set_kept(&ticket.target);
        let note = PlatformNote::Kept {
            name: resource.name.as_str().to_owned(),
            bytes: self.received,
            path: path.display().to_string(),
        };
        self.state.recorder.record(Event::Platform(device, note));
        let etag = format!("ETag: \"{}\"\r\n", hasher.finish());
        self.give_status(Some(&etag)).await
    }

    /// Some bytes of the request's body. A client that takes too long is given up.
    async fn receive(&mut self, chunk: &mut Vec<u8>, more: u64, begun: Instant) -> io::Result<()> {
        let limits = &self.state.limits;
        let received = timeout(limits.body_stall, self.connection.body(chunk, more)).await;
        received.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))?;
        if chunk.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.received += chunk.len() as u64;
        let seconds = begun.elapsed().saturating_sub(limits.body_stall).as_secs();
        if self.received < seconds.saturating_mul(limits.body_rate) {
            return Err(io::ErrorKind::TimedOut.into());
        }
        Ok(())
    }

    async fn bring(&mut self, ticket: &Ticket, source: &Source) -> io::Result<ExchangeEnd> {
        if self.faults.refusal().is_some() {
            return self.give_status(None).await;
        }
        let size = ticket.resource.size;
        let range = self.head.header("Range").filter(|_| !self.faults.ignores_range);
        let (status, first, count) = match AskedPart::of(range, size) {
            AskedPart::All => (200, 0, size.bytes()),
            AskedPart::Part(part) => {
                (206, if self.faults.brings_first_part { 0 } else { part.first() }, part.byte_count())
            }
            AskedPart::Nothing => {
                let header = format!("Content-Range: bytes */{size}\r\n");
                return self.say(416, &header, "the range begins behind the end").await;
            }
        };
        let opened = source.open().and_then(|mut bytes| {
            bytes.seek(SeekFrom::Start(first))?;
            Ok(bytes)
        });
        let bytes = match opened {
            Ok(bytes) => bytes,
            Err(error) => return self.cannot_keep(ticket, &error).await,
        };
        let count = count + self.faults.extra_bytes as u64;
        let status = self.faults.status.unwrap_or(status);
        let mut headers = "Accept-Ranges: bytes\r\n".to_owned();
        let _ = write!(headers, "ETag: \"{}\"\r\n", ticket.resource.md5sum);
        if status == 206 {
            let last = first + count.max(1) - 1;
            let total = self.faults.content_range_total.unwrap_or(size.bytes());
            let _ = write!(headers, "Content-Range: bytes {first}-{last}/{total}\r\n");
        }
        if self.faults.chunked {
            headers.push_str("Transfer-Encoding: chunked\r\n");
        } else {
            let length = self.faults.content_length.unwrap_or(count);
            let _ = write!(headers, "Content-Length: {length}\r\n");
        }
        if self.pause().await.is_err() {
            return Ok(ExchangeEnd::CUT);
        }
        // A body that is not as long as it says cannot be followed by anything.
        let close = self.faults.content_length.is_some_and(|length| length != count);
        self.send_head(status, &headers, close).await?;
        if self.head.method != "HEAD" && !self.send_body(bytes, count).await? {
            return Ok(ExchangeEnd::CUT);
        }
        Ok(ExchangeEnd { close, ..ExchangeEnd::well(status) })
    }

    /// Whether all of it was sent.
    async fn send_body(&mut self, mut bytes: impl Read, count: u64) -> io::Result<bool> {
        let step = self.faults.trickle.map_or(CHUNK, |trickle| trickle.step.clamp(1, CHUNK));
        let mut chunk = vec![0; step];
        while self.sent < count {
            let until_cut =
                self.faults.cut_download_at.map_or(u64::MAX, |cut| cut.saturating_sub(self.sent));
            let most = (count - self.sent).min(until_cut);
            let chunk = &mut chunk[..usize::try_from(most).unwrap_or(usize::MAX).min(step)];
            if chunk.is_empty() {
                return Ok(false);
            }
            fill(&mut bytes, chunk)?;
            if self.faults.wrong_body {
                chunk.iter_mut().for_each(|byte| *byte = !*byte);
            }
            if self.faults.chunked {
                self.send(format!("{:x}\r\n", chunk.len()).as_bytes()).await?;
            }
            self.connection.send(chunk, self.state.limits.body_stall).await?;
            self.sent += chunk.len() as u64;
            if self.faults.chunked {
                self.send(b"\r\n").await?;
            }
            // After the last byte, a client is told at once that it was the last.
            if let Some(Trickle { pause, .. }) = self.faults.trickle.filter(|_| self.sent < count) {
                sleep(pause).await;
            }
        }
        if self.faults.chunked {
            self.send(b"0\r\n\r\n").await?;
        }
        Ok(true)
    }

    async fn refuse_upload(&mut self, fault: UploadFault) -> io::Result<ExchangeEnd> {
        let status = match fault {
            UploadFault::MissingContentLength => 411,
            _ => 400,
        };
        let ended = self.refuse(status, &fault.to_string()).await?;
        Ok(ExchangeEnd { fault: Some(fault), ..ended })
    }

    async fn cannot_keep(&mut self, ticket: &Ticket, error: &io::Error) -> io::Result<ExchangeEnd> {
        let name = ticket.resource.name.as_str();
        if let Some(device) = ticket.device {
            let note = PlatformNote::Trouble(format!("{name} cannot be kept or read: {error}"));
            self.state.recorder.record(Event::Platform(device, note));
        }
        self.refuse(500, "the object store has trouble with its files").await
    }

    async fn refuse(&mut self, status: u16, why: &str) -> io::Result<ExchangeEnd> {
        self.say(status, "", why).await
    }

    /// The answer to an upload that is there, or what is planned instead.
    async fn give_status(&mut self, headers: Option<&str>) -> io::Result<ExchangeEnd> {
        let status = self.faults.status.unwrap_or(200);
        let why = if status < 300 { "" } else { "as planned" };
        self.say(status, headers.unwrap_or_default(), why).await
    }

    async fn say(&mut self, status: u16, headers: &str, why: &str) -> io::Result<ExchangeEnd> {
        if self.pause().await.is_err() {
            return Ok(ExchangeEnd::CUT);
        }
        let body = if why.is_empty() { String::new() } else { format!("{why}\n") };
        let mut headers = headers.to_owned();
        if status != 204 && status != 304 {
            let _ = write!(headers, "Content-Length: {}\r\n", body.len());
        }
        // What was not read of the request stands before the next one.
        let close = self.received < self.head.body_bytes() || self.head.is_chunked;
        self.send_head(status, &headers, close).await?;
        if self.head.method != "HEAD" && status != 204 && status != 304 {
            self.send(body.as_bytes()).await?;
        }
        Ok(ExchangeEnd { close, ..ExchangeEnd::well(status) })
    }

    /// Waits as planned. In the case of an error nothing is to be answered.
    async fn pause(&mut self) -> Result<(), ()> {
        if self.faults.never_answers {
            self.connection.outlast(SILENCE).await;
            return Err(());
        }
        sleep(self.faults.delay).await;
        Ok(())
    }

    async fn send_head(&mut self, status: u16, headers: &str, close: bool) -> io::Result<()> {
        let close = close || !self.head.keep_alive;
        let mut head = format!("HTTP/1.1 {status} {}\r\n{headers}", reason(status));
        if let Some(location) = &self.faults.location {
            let _ = write!(head, "Location: {location}\r\n");
        }
        head.push_str(if close {
            "Connection: close\r\n\r\n"
        } else {
            "Connection: keep-alive\r\n\r\n"
        });
        self.send(head.as_bytes()).await
    }

    async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.connection.send(bytes, self.state.limits.body_stall).await
    }

    /// Whether the connection can be used for another request.
    async fn end(mut self, ended: ExchangeEnd) -> bool {
        let close = ended.close || !self.head.keep_alive;
        let event = HttpEvent::Response {
            status: ended.status,
            method: std::mem::take(&mut self.head.method),
            target: self.head.target.clone(),
            task: self.task.take(),
            received: self.received,
            sent: self.sent,
            fault: ended.fault,
        };
        self.state.recorder.http(self.id, event);
        if close && !ended.cut {
            self.connection.linger().await;
        }
        !close
    }

    fn broken(&mut self, error: &io::Error) {
        let event = HttpEvent::Broken {
            target: self.head.target.clone(),
            task: self.task.take(),
            received: self.received,
            sent: self.sent,
            why: error.kind().to_string(),
        };
        self.state.recorder.http(self.id, event);
    }
}

/// Reads on; behind the end there are spaces.
fn fill(bytes: &mut impl Read, chunk: &mut [u8]) -> io::Result<()> {
    let mut filled = 0;
    while filled < chunk.len() {
        match bytes.read(&mut chunk[filled..]) {
            Ok(0) => {
                chunk[filled..].fill(b' ');
                return Ok(());
            }
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

const fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        206 => "Partial Content",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        411 => "Length Required",
        416 => "Range Not Satisfiable",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Status",
    }
}
