//! Receives the response from an object store.

use tokio::time::{Duration, Instant, error::Elapsed};

use crate::http::client::ExchangeEvent;

/// The maximum time for a transfer, as a multiple of the time limit for an answer.
const SLOWEST: u32 = 100;
/// The minimum rate in bytes per second, which applies after twice the time limit for an answer.
const LEAST: u64 = 64;

/// The result of an HTTP request: a complete response, or a failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum HttpOutcome {
    Status {
        status: u16,
        content_range: Option<String>,
        body: Vec<u8>,
    },
    /// The connection broke, or the data arrived too slowly or not at all.
    Broken(String),
    /// The body of the response is longer than the limit.
    TooLong,
}

impl HttpOutcome {
    pub(super) const fn is_good(&self) -> bool {
        matches!(self, Self::Status { status: 200..300, .. })
    }

    pub(super) fn label(&self) -> String {
        match self {
            Self::Status { status, body, .. } if body.is_empty() => status.to_string(),
            Self::Status { status, body, .. } => format!("{status}, {} B", body.len()),
            Self::Broken(why) => format!("(no response: {why})"),
            Self::TooLong => "(longer than the limit)".to_owned(),
        }
    }

    /// Returns a sentence about the response that begins in lowercase and has no period.
    pub(super) fn sentence(&self) -> String {
        match self {
            Self::Status { status, .. } => format!("the store responds with status {status}"),
            Self::Broken(why) => format!("the store does not complete its response ({why})"),
            Self::TooLong => {
                "the response from the store is longer than this test permits".to_owned()
            }
        }
    }
}

/// A response that is still arriving, with its limits on size and time.
pub(super) struct PartialAnswer {
    timeout: Duration,
    /// The maximum number of bytes of the body that are kept.
    most: u64,
    head: Option<Head>,
    body: Vec<u8>,
    /// The deadline for the end of the response.
    end: Instant,
    /// The deadline for the next event.
    until: Instant,
    /// The time from which `moved` counts the bytes.
    begun: Instant,
    moved: u64,
}

struct Head {
    status: u16,
    content_range: Option<String>,
}

impl PartialAnswer {
    pub(super) fn new(timeout: Duration, most: u64) -> Self {
        let now = Instant::now();
        Self {
            timeout,
            most,
            head: None,
            body: Vec::new(),
            end: now + timeout * SLOWEST,
            until: now + timeout,
            begun: now,
            moved: 0,
        }
    }

    /// Returns the deadline for the next event.
    pub(super) const fn until(&self) -> Instant {
        self.until
    }

    /// Processes the next event, or the end of the time for this event. Returns the outcome; `None`
    /// while the response is incomplete.
    pub(super) fn take(
        &mut self,
        event: Result<Option<ExchangeEvent>, Elapsed>,
    ) -> Option<HttpOutcome> {
        match &event {
            Ok(Some(ExchangeEvent::Sent(count))) => self.moved += count,
            Ok(Some(ExchangeEvent::Body(bytes))) => self.moved += bytes.len() as u64,
            // The count restarts with the response, because the sent bytes must not hide a slow
            // response.
            Ok(Some(ExchangeEvent::Response { .. })) if self.head.is_none() => {
                (self.begun, self.moved) = (Instant::now(), 0);
            }
            _ => {}
        }
        let counted = self.begun.elapsed().saturating_sub(self.timeout * 2);
        if self.moved < counted.as_secs() * LEAST {
            return Some(HttpOutcome::Broken(format!("fewer than {LEAST} bytes per second")));
        }
        self.until = self.end.min(Instant::now() + self.timeout);
        match event {
            Err(_) => Some(HttpOutcome::Broken(format!("no data for {:?}", self.timeout))),
            Ok(None) => Some(HttpOutcome::Broken("the exchange ended".to_owned())),
            Ok(Some(ExchangeEvent::Failed(why))) => Some(HttpOutcome::Broken(why)),
            Ok(Some(ExchangeEvent::Response { status, content_range, .. })) => {
                self.head = Some(Head { status, content_range });
                None
            }
            Ok(Some(ExchangeEvent::Body(bytes))) => {
                if (self.body.len() + bytes.len()) as u64 > self.most {
                    return Some(HttpOutcome::TooLong);
                }
                self.body.extend_from_slice(&bytes);
                None
            }
            Ok(Some(ExchangeEvent::Sent(_))) => None,
            Ok(Some(ExchangeEvent::End)) => Some(match self.head.take() {
                Some(Head { status, content_range }) => {
                    let body = std::mem::take(&mut self.body);
                    HttpOutcome::Status { status, content_range, body }
                }
                None => HttpOutcome::Broken("the exchange ended".to_owned()),
            }),
        }
    }
}
