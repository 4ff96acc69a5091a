//! One request and its response.

use std::{
    fmt::Write as _,
    io::{self, Write},
    time::Duration,
};

use iothub_conformance_lint::http::{AskedPart, HostFault, difference};
use iothub_resource::{Md5Hasher, Md5Sum, UploadFault, check_upload_body, check_upload_head};
use tempfile::NamedTempFile;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::{Instant, sleep, timeout},
};

use super::{
    connection::{CHUNK, Connection, ServerState},
    fault::{ResponseFaults, Trickle},
    head::Head,
    host::{host_fault, refusal},
    status::reason,
};
use crate::{
    record::{ConnectionId, Device, Event, HttpEvent, PlatformNote, TaskRef},
    store::{Lookup, Source, Ticket, TicketPurpose},
};

/// The maximum duration of a planned silence.
const SILENCE: Duration = Duration::from_secs(600);

/// Answers a request and returns whether the connection can be used for a further request.
pub(super) async fn run<S: AsyncRead + AsyncWrite + Unpin>(
    state: &ServerState,
    id: ConnectionId,
    connection: &mut Connection<'_, S>,
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
        is_tls: connection.is_tls,
        lapses: head.lapses.clone(),
    };
    state.recorder.http(id, event);
    let mut holding = connection.holding();
    holding.resize(head.memory());
    let mut exchange = Exchange {
        state,
        id,
        connection,
        head,
        faults,
        task,
        received: 0,
        received_md5: None,
        host_fault: None,
        sent: 0,
    };
    match exchange.answer(found).await {
        Ok(ended) => exchange.end(ended).await,
        Err(error) => {
            exchange.broken(&error);
            false
        }
    }
}

struct Exchange<'a, 'b, S> {
    state: &'a ServerState,
    id: ConnectionId,
    connection: &'a mut Connection<'b, S>,
    head: Head,
    faults: ResponseFaults,
    task: Option<TaskRef>,
    received: u64,
    /// The digest of the received bytes of a broken upload; `None` for any other exchange.
    received_md5: Option<Md5Sum>,
    host_fault: Option<HostFault>,
    sent: u64,
}

/// The result of an exchange and the required treatment of the connection.
struct ExchangeEnd {
    status: u16,
    fault: Option<UploadFault>,
    /// The difference between the requested URL and the issued URL; `None` if there is none.
    why: Option<String>,
    /// Whether the connection must be closed, because one side cannot find the next message.
    close: bool,
    /// Whether the connection must be dropped without an orderly close.
    cut: bool,
}

impl ExchangeEnd {
    const fn well(status: u16) -> Self {
        Self { status, fault: None, why: None, close: false, cut: false }
    }

    const CUT: Self = Self { status: 0, fault: None, why: None, close: true, cut: true };
}

impl<S: AsyncRead + AsyncWrite + Unpin> Exchange<'_, '_, S> {
    async fn answer(&mut self, found: Lookup) -> io::Result<ExchangeEnd> {
        let is_get = matches!(&*self.head.method, "GET" | "HEAD");
        if !matches!(found, Lookup::Nothing)
            && let Some(fault) = host_fault(&self.head, self.state.store.public_url())
        {
            let (status, why) = (refusal(&fault), fault.to_string());
            self.host_fault = Some(fault);
            if let Some(status) = status {
                return self.refuse(status, &why).await;
            }
        }
        match found {
            Lookup::Nothing => self.refuse(404, "no such URL was issued").await,
            Lookup::Altered(ticket) => {
                let differs = difference(&ticket.target, &self.head.target.0);
                let why = format!("this is not the issued URL: {differs}");
                let ended = self.refuse(403, &why).await?;
                Ok(ExchangeEnd { why: Some(why), ..ended })
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
        let content_md5 = self.head.joined("Content-MD5");
        let checked = check_upload_head(resource, self.head.content_length, content_md5.as_deref());
        if let Err(fault) = checked {
            return self.refuse_upload(fault).await;
        }
        // The ticket of a URL for an upload names the device.
        let Some(device) = ticket.device else { return self.refuse(404, "no device").await };
        if self.head.expects_continue {
            self.send(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
        }
        let mut file = match self.begin_file(&device).await {
            Ok(file) => file,
            Err(error) => return self.cannot_keep(ticket, &error).await,
        };
        let mut hasher = Md5Hasher::new();
        let total = resource.size.bytes();
        let begun = Instant::now();
        while self.received < total {
            if self.faults.cut_upload_at.is_some_and(|cut| self.received >= cut) {
                return Ok(ExchangeEnd::CUT);
            }
            let mut most = total - self.received;
            let slow = self.faults.reading.and_then(|reading| {
                reading.step_at(self.received).map(|(begins, rest)| (reading.pause, begins, rest))
            });
            if let Some((pause, begins, rest)) = slow {
                if begins {
                    sleep(pause).await;
                }
                most = most.min(rest);
            }
            let mut written = Ok(());
            let take = |bytes: &[u8]| {
                hasher.update(bytes);
                // The write goes to the page cache, so no device waits for it.
                written = file.write_all(bytes);
            };
            if let Err(error) = self.receive(most, begun, take).await {
                self.received_md5 = Some(hasher.finish());
                return Err(error);
            }
            if let Err(error) = written {
                drop(file);
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

    /// Creates the file for an upload. If no more files can be opened, first closes connections.
    async fn begin_file(&self, device: &Device) -> io::Result<NamedTempFile> {
        const TRIES: usize = 16;
        for _ in 0..TRIES {
            match self.state.store.begin_file(device) {
                Err(error) if is_out_of_files(&error) => self.state.connections.make_room().await,
                begun => return begun,
            }
        }
        self.state.store.begin_file(device)
    }

    /// Receives at most `more` bytes of the request's body and passes them to `take`. Returns an
    /// error if the client is too slow or the body ends early.
    async fn receive(
        &mut self,
        more: u64,
        begun: Instant,
        take: impl FnMut(&[u8]),
    ) -> io::Result<()> {
        let limits = &self.state.limits;
        let received = timeout(limits.body_stall, self.connection.body(more, take)).await;
        let count = received.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.received += count as u64;
        self.state.moved(count as u64);
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
        let range = self.range(ticket).filter(|_| !self.faults.ignores_range);
        let (status, first, count) = match AskedPart::of(range, size) {
            AskedPart::All => (200, 0, size.bytes()),
            AskedPart::Part(part) => (
                206,
                if self.faults.brings_first_part { 0 } else { part.first() },
                part.byte_count(),
            ),
            AskedPart::Nothing => {
                let header = format!("Content-Range: bytes */{size}\r\n");
                return self.say(416, &header, "the resource has no bytes in this range").await;
            }
        };
        if let Err(error) = source.check() {
            return self.cannot_keep(ticket, &error).await;
        }
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
        // No response can follow a body whose length differs from its `Content-Length`.
        let close = self.faults.content_length.is_some_and(|length| length != count);
        let close = close || self.has_unread_body();
        self.send_head(status, &headers, close).await?;
        if self.head.method != "HEAD" && !self.send_body(ticket, source, first, count).await? {
            return Ok(ExchangeEnd::CUT);
        }
        Ok(ExchangeEnd { close, ..ExchangeEnd::well(status) })
    }

    /// Returns the range that applies; `None` for the whole resource. Only a GET has a range (RFC
    /// 9110 §14.2), and only if the condition in `If-Range` holds (§13.1.5). The store sends no
    /// dates, so a date never matches. Entity tags are equal only if their texts are equal.
    fn range(&self, ticket: &Ticket) -> Option<&str> {
        let etag = format!("\"{}\"", ticket.resource.md5sum);
        let condition = self.head.header("If-Range").map(str::trim);
        let holds = condition.is_none_or(|condition| condition == etag);
        self.head.header("Range").filter(|_| self.head.method == "GET" && holds)
    }

    /// Returns whether bytes of the request's body still precede the next request.
    fn has_unread_body(&self) -> bool {
        self.received < self.head.body_bytes() || self.head.is_chunked
    }

    /// Sends `count` bytes of the source from byte `first` on. If the source has fewer bytes,
    /// spaces follow. Some faults need these spaces. Returns whether all bytes were sent.
    async fn send_body(
        &mut self,
        ticket: &Ticket,
        source: &Source,
        first: u64,
        count: u64,
    ) -> io::Result<bool> {
        let mut chunk = vec![b' '; CHUNK];
        let mut holding = self.connection.holding();
        holding.resize(CHUNK);
        let size = ticket.resource.size.bytes();
        while self.sent < count {
            let until_cut =
                self.faults.cut_download_at.map_or(u64::MAX, |cut| cut.saturating_sub(self.sent));
            let until_pause =
                self.faults.trickle.map_or(u64::MAX, |trickle| trickle.until_pause(self.sent));
            let most = (count - self.sent).min(until_cut).min(until_pause);
            let chunk = &mut chunk[..usize::try_from(most).unwrap_or(usize::MAX).min(CHUNK)];
            if chunk.is_empty() {
                return Ok(false);
            }
            let at = first + self.sent;
            let there = size.saturating_sub(at).min(chunk.len() as u64) as usize;
            let (there, behind) = chunk.split_at_mut(there);
            behind.fill(b' ');
            // The file can change until the last byte is read.
            if let Err(error) = source.read(at, there).and_then(|()| source.check()) {
                self.tell_trouble(ticket, &error);
                return Ok(false);
            }
            if self.faults.wrong_body {
                chunk.iter_mut().for_each(|byte| *byte = !*byte);
            }
            if self.faults.chunked {
                self.send(format!("{:x}\r\n", chunk.len()).as_bytes()).await?;
            }
            self.connection.send(chunk, self.state.limits.body_stall).await?;
            self.sent += chunk.len() as u64;
            self.state.moved(chunk.len() as u64);
            if self.faults.chunked {
                self.send(b"\r\n").await?;
            }
            // No pause follows the last byte, so that the client detects the end immediately.
            let trickle = self.faults.trickle.filter(|trickle| trickle.pauses_after(self.sent));
            if let Some(Trickle { pause, .. }) = trickle.filter(|_| self.sent < count) {
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
        self.tell_trouble(ticket, error);
        self.refuse(500, "the object store cannot read or write the resource").await
    }

    fn tell_trouble(&self, ticket: &Ticket, error: &io::Error) {
        let name = ticket.resource.name.as_str();
        if let Some(device) = ticket.device {
            let note = PlatformNote::Trouble(format!("{name} cannot be accessed: {error}"));
            self.state.recorder.record(Event::Platform(device, note));
        }
    }

    async fn refuse(&mut self, status: u16, why: &str) -> io::Result<ExchangeEnd> {
        self.say(status, "", why).await
    }

    /// Sends the planned status, or status 200 if no status is planned.
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
        let close = self.has_unread_body();
        self.send_head(status, &headers, close).await?;
        if self.head.method != "HEAD" && status != 204 && status != 304 {
            self.send(body.as_bytes()).await?;
        }
        Ok(ExchangeEnd { close, ..ExchangeEnd::well(status) })
    }

    /// Waits for the planned time. Returns an error if the store must not respond.
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

    /// Records the end of the exchange. Returns whether the connection can be used again.
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
            host: self.host_fault.take(),
            why: ended.why,
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
            received_md5: self.received_md5,
            sent: self.sent,
            why: error.kind().to_string(),
        };
        self.state.recorder.http(self.id, event);
    }
}

/// Returns whether the error occurs because the process or the system cannot open more files.
fn is_out_of_files(error: &io::Error) -> bool {
    #[cfg(unix)]
    {
        use rustix::io::Errno;

        matches!(Errno::from_io_error(error), Some(Errno::MFILE | Errno::NFILE))
    }
    #[cfg(not(unix))]
    {
        let _ = error;
        false
    }
}
