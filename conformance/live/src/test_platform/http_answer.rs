//! The answer of an object store, as it comes.

use tokio::time::{Duration, Instant, error::Elapsed};

use crate::http::client::ExchangeEvent;

/// How many times as long as an answer a transfer may take.
const SLOWEST: u32 = 100;
/// The least bytes a second, once an answer could have come twice.
const LEAST: u64 = 64;

/// What came of a request by HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum HttpOutcome {
    Status {
        status: u16,
        content_range: Option<String>,
        body: Vec<u8>,
    },
    /// The connection broke, or nothing came.
    Broken(String),
    /// There is more than is kept.
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
            Self::Broken(why) => format!("(no answer: {why})"),
            Self::TooLong => "(more than is kept)".to_owned(),
        }
    }
}

/// An answer that is not complete. As long as something goes on, it may go on, within reason.
pub(super) struct PartialAnswer {
    timeout: Duration,
    /// How many bytes of the body are kept.
    most: u64,
    head: Option<Head>,
    body: Vec<u8>,
    /// The latest that it may end.
    end: Instant,
    /// The latest that something more may come.
    until: Instant,
    /// From when on bytes are counted, and how many were sent or have come since.
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

    /// Until when the next event is waited for.
    pub(super) const fn until(&self) -> Instant {
        self.until
    }

    /// Takes the next event, if one came in time. The outcome, once there is one.
    pub(super) fn take(
        &mut self,
        event: Result<Option<ExchangeEvent>, Elapsed>,
    ) -> Option<HttpOutcome> {
        match &event {
            Ok(Some(ExchangeEvent::Sent(count))) => self.moved += count,
            Ok(Some(ExchangeEvent::Body(bytes))) => self.moved += bytes.len() as u64,
            // What was sent does not make up for an answer that does not come.
            Ok(Some(ExchangeEvent::Response { .. })) if self.head.is_none() => {
                (self.begun, self.moved) = (Instant::now(), 0);
            }
            _ => {}
        }
        let counted = self.begun.elapsed().saturating_sub(self.timeout * 2);
        if self.moved < counted.as_secs() * LEAST {
            return Some(HttpOutcome::Broken(format!("less than {LEAST} bytes a second")));
        }
        self.until = self.end.min(Instant::now() + self.timeout);
        match event {
            Err(_) => Some(HttpOutcome::Broken(format!("nothing for {:?}", self.timeout))),
            Ok(None) => Some(HttpOutcome::Broken("nothing".to_owned())),
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
                None => HttpOutcome::Broken("nothing".to_owned()),
            }),
        }
    }
}
