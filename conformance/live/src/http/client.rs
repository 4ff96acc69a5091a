//! The HTTP client of a device, which reports each exchange as events.

use std::{io, path::PathBuf, sync::Arc};

use iothub_conformance_lint::http::Destination;
use iothub_resource::ResourceUrl;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, WriteHalf, split},
    select,
    sync::mpsc,
    task::JoinHandle,
};

use crate::transport::{Reach, Stream};

/// The maximum number of body bytes that are read at a time.
const CHUNK: usize = 16 << 10;
/// The maximum length of the head of a response, in bytes.
const HEAD: usize = 16 << 10;

const HOST: &str = "Host";

/// A `Host` header without a value. A request with this header is sent without any `Host` header.
const NO_HOST: (&str, String) = (HOST, String::new());

/// A request from the device to the object store, for example a `PUT` for an upload.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: &'static str,
    pub(crate) url: ResourceUrl<'static>,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Body,
}

/// The body of a request: none, bytes in memory, or bytes of a file.
#[derive(Clone, Debug)]
pub(crate) enum Body {
    None,
    Bytes(Arc<[u8]>),
    /// The given number of bytes from the beginning of a file.
    File(PathBuf, u64),
    /// The given number of bytes from the beginning of a file, written as `Writing` specifies.
    #[cfg(any(test, feature = "misbehaviour"))]
    Written(PathBuf, u64, Writing),
}

/// An event in an HTTP exchange. The last event is `End` or `Failed`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ExchangeEvent {
    /// This many further bytes of the body were passed to the connection.
    Sent(u64),
    Response {
        status: u16,
        content_range: Option<String>,
        location: Option<String>,
    },
    Body(Vec<u8>),
    /// The response is complete, including its body.
    End,
    /// The exchange failed for this reason, for example because the connection was refused.
    Failed(String),
}

/// An event of an exchange, with the key of the exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeyedEvent {
    pub(crate) key: u64,
    pub(crate) event: ExchangeEvent,
}

/// An open exchange, which is closed when dropped.
pub(crate) struct Exchange(JoinHandle<()>);

impl Exchange {
    /// Begins an exchange and sends its events to `news`. Each event contains `key`, because events
    /// from a closed exchange may still be queued.
    pub(crate) fn begin(
        reach: Reach,
        request: Request,
        key: u64,
        news: mpsc::Sender<KeyedEvent>,
    ) -> Self {
        let telling = EventSender { key, news };
        Self(tokio::spawn(async move {
            let last = match run(&reach, request, &telling).await {
                Ok(()) => ExchangeEvent::End,
                Err(error) => ExchangeEvent::Failed(error.to_string()),
            };
            let _ = telling.send(last).await;
        }))
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.0.abort();
    }
}

struct EventSender {
    key: u64,
    news: mpsc::Sender<KeyedEvent>,
}

impl EventSender {
    async fn send(&self, news: ExchangeEvent) -> io::Result<()> {
        let sent = self.news.send(KeyedEvent { key: self.key, event: news }).await;
        // Sending fails only if the receiver of the events was dropped.
        sent.map_err(|_| io::ErrorKind::ConnectionAborted.into())
    }
}

const fn usual_port(https: bool) -> u16 {
    if https { 443 } else { 80 }
}

async fn run(reach: &Reach, request: Request, news: &EventSender) -> io::Result<()> {
    let Destination { host, port, target, .. } =
        Destination::of(&request.url).ok_or(io::ErrorKind::InvalidInput)?;
    let tls = request.url.is_https();
    let mut stream = reach.connect(&host, port, tls).await?;
    let named = request.url.host();
    let port = if port == usual_port(tls) { String::new() } else { format!(":{port}") };
    let mut head = format!("{} {target} HTTP/1.1\r\n", request.method);
    if !request.headers.iter().any(|(name, _)| *name == HOST) {
        head.push_str(&format!("{HOST}: {named}{port}\r\n"));
    }
    for (name, value) in request.headers.iter().filter(|header| **header != NO_HOST) {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("Connection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await?;
    stream.flush().await?;
    let mut response = Response::default();
    match &request.body {
        Body::None => {}
        Body::Bytes(bytes) => {
            send(&mut stream, &**bytes, Writing::Whole, news, &mut response).await?
        }
        Body::File(path, length) => {
            let file = io::Read::take(std::fs::File::open(path)?, *length);
            send(&mut stream, file, Writing::Whole, news, &mut response).await?;
        }
        #[cfg(any(test, feature = "misbehaviour"))]
        Body::Written(path, length, writing) => {
            let file = io::Read::take(std::fs::File::open(path)?, *length);
            send(&mut stream, file, *writing, news, &mut response).await?;
        }
    }
    response.receive(&mut stream, news).await
}

/// The way in which a part of a body is written.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Writing {
    /// The whole part.
    Whole,
    /// Only the bytes that one write accepts, counted as the whole part.
    #[cfg(any(test, feature = "misbehaviour"))]
    Once,
    /// The whole part, after a pause.
    #[cfg(any(test, feature = "misbehaviour"))]
    Slowly(std::time::Duration),
}

impl Writing {
    async fn write(self, writer: &mut WriteHalf<&mut Stream>, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Whole => writer.write_all(bytes).await,
            #[cfg(any(test, feature = "misbehaviour"))]
            Self::Once => writer.write(bytes).await.map(drop),
            #[cfg(any(test, feature = "misbehaviour"))]
            Self::Slowly(pause) => {
                tokio::time::sleep(pause).await;
                writer.write_all(bytes).await
            }
        }
    }
}

/// Sends a body. Stops if the response arrives before the end of the body.
async fn send(
    stream: &mut Stream,
    mut body: impl io::Read,
    writing: Writing,
    news: &EventSender,
    response: &mut Response,
) -> io::Result<()> {
    let mut chunk = vec![0; CHUNK];
    let (mut reader, mut writer) = split(stream);
    loop {
        let count = body.read(&mut chunk)?;
        if count == 0 {
            return writer.flush().await;
        }
        select! {
            written = writing.write(&mut writer, &chunk[..count]) => {
                // The response may have arrived before the connection was closed.
                if let Err(error) = written {
                    let _ = reader.read_buf(&mut response.buffer).await;
                    return if response.buffer.is_empty() { Err(error) } else { Ok(()) };
                }
            }
            read = reader.read_buf(&mut response.buffer) => {
                return match read? {
                    0 => Err(io::ErrorKind::UnexpectedEof.into()),
                    _ => Ok(()),
                };
            }
        }
        news.send(ExchangeEvent::Sent(count as u64)).await?;
    }
}

/// The rule that determines the end of a response body.
#[derive(Clone, Copy)]
enum BodyLength {
    Length(u64),
    Chunked,
    UntilClose,
}

#[derive(Default)]
struct Response {
    buffer: Vec<u8>,
}

impl Response {
    async fn receive(&mut self, stream: &mut Stream, news: &EventSender) -> io::Result<()> {
        let framing = loop {
            let (response, framing) = self.head(stream).await?;
            let is_interim = matches!(response, ExchangeEvent::Response { status: 100..200, .. });
            news.send(response).await?;
            if !is_interim {
                break framing;
            }
        };
        match framing {
            BodyLength::Length(length) => self.pass_on(stream, news, length).await,
            BodyLength::UntilClose => loop {
                self.tell(news).await?;
                if self.fill(stream).await? == 0 {
                    return Ok(());
                }
            },
            BodyLength::Chunked => loop {
                let length = self.chunk_size(stream).await?;
                if length == 0 {
                    return Ok(());
                }
                self.pass_on(stream, news, length).await?;
                self.line_end(stream).await?;
            },
        }
    }

    async fn head(&mut self, stream: &mut Stream) -> io::Result<(ExchangeEvent, BodyLength)> {
        loop {
            let mut headers = [httparse::EMPTY_HEADER; 64];
            let mut response = httparse::Response::new(&mut headers);
            if let httparse::Status::Complete(length) =
                response.parse(&self.buffer).map_err(|_| io::ErrorKind::InvalidData)?
            {
                let status = response.code.unwrap_or_default();
                let header = |name: &str| {
                    let mut named =
                        response.headers.iter().filter(|h| h.name.eq_ignore_ascii_case(name));
                    named.next().and_then(|h| std::str::from_utf8(h.value).ok()).map(str::trim)
                };
                let framing = match (status, header("Transfer-Encoding"), header("Content-Length"))
                {
                    (204 | 304, ..) => BodyLength::Length(0),
                    (_, Some(_), _) => BodyLength::Chunked,
                    (_, None, Some(length)) => {
                        BodyLength::Length(length.parse().map_err(|_| io::ErrorKind::InvalidData)?)
                    }
                    (_, None, None) => BodyLength::UntilClose,
                };
                let content_range = header("Content-Range").map(str::to_owned);
                let location = header("Location").map(str::to_owned);
                self.buffer.drain(..length);
                return Ok((ExchangeEvent::Response { status, content_range, location }, framing));
            }
            if self.buffer.len() > HEAD {
                return Err(io::ErrorKind::InvalidData.into());
            }
            if self.fill(stream).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    /// Receives the next `length` bytes of the body and reports them as events.
    async fn pass_on(
        &mut self,
        stream: &mut Stream,
        news: &EventSender,
        mut length: u64,
    ) -> io::Result<()> {
        while length > 0 {
            if self.buffer.is_empty() && self.fill(stream).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let count = self.buffer.len().min(usize::try_from(length).unwrap_or(usize::MAX));
            let bytes: Vec<u8> = self.buffer.drain(..count).collect();
            length -= count as u64;
            news.send(ExchangeEvent::Body(bytes)).await?;
        }
        Ok(())
    }

    async fn tell(&mut self, news: &EventSender) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let bytes = std::mem::take(&mut self.buffer);
        news.send(ExchangeEvent::Body(bytes)).await
    }

    async fn chunk_size(&mut self, stream: &mut Stream) -> io::Result<u64> {
        loop {
            match httparse::parse_chunk_size(&self.buffer) {
                Ok(httparse::Status::Complete((length, size))) => {
                    self.buffer.drain(..length);
                    return Ok(size);
                }
                Ok(httparse::Status::Partial) if self.buffer.len() < HEAD => {}
                _ => return Err(io::ErrorKind::InvalidData.into()),
            }
            if self.fill(stream).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    async fn line_end(&mut self, stream: &mut Stream) -> io::Result<()> {
        while self.buffer.len() < 2 {
            if self.fill(stream).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        if self.buffer.starts_with(b"\r\n") {
            self.buffer.drain(..2);
            return Ok(());
        }
        Err(io::ErrorKind::InvalidData.into())
    }

    async fn fill(&mut self, stream: &mut Stream) -> io::Result<usize> {
        self.buffer.reserve(CHUNK);
        stream.read_buf(&mut self.buffer).await
    }
}
