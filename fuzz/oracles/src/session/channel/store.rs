//! The object store. Each exchange with the store is a script of events.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use iothub_resource::{
    ByteRange, ContentMd5, ContentRange, Md5Sum, Resource, ResourceSize, check_upload_body,
    check_upload_head,
    session::device::{GetRequest, PutRequest},
};

use super::timed::Queue;

/// The fault of one exchange with the object store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "an input as it is written")]
pub enum StoreFault {
    /// The exchange has no fault.
    None,
    /// The response has this status.
    Status(u16),
    /// The connection breaks after this number of bytes.
    Break(usize),
    /// The body of a download ends after this number of bytes, as if it were complete. The
    /// connection of an upload breaks.
    Cut(usize),
    /// The byte at this position is changed. An empty body gets an additional byte.
    Corrupt(usize),
    /// The body has an additional byte.
    Longer,
    /// The exchange stalls after this number of bytes.
    Stall(usize),
    /// The store confirms an upload after half of its bytes. For a download, the store ignores the
    /// range.
    Early,
    /// A download begins at a byte other than the first byte of the range. An upload is rejected.
    WrongPlace,
}

#[derive(Clone, Debug)]
pub(super) enum HttpEvent {
    Sent(u64),
    Response { status: u16, content_range: Option<ContentRange> },
    Body(Vec<u8>),
    End,
    Failure,
}

/// The fault of an exchange, and the time between two of its events.
#[derive(Clone, Copy, Debug)]
pub(super) struct Conduct {
    pub(super) fault: StoreFault,
    pub(super) pace: Duration,
}

impl Conduct {
    const GOOD: Self = Self { fault: StoreFault::None, pace: Duration::from_millis(100) };
}

/// The events of an exchange that have not happened yet.
pub(super) type Exchange = Queue<HttpEvent>;

#[derive(Default)]
pub(super) struct Store {
    conducts: VecDeque<Conduct>,
    /// The resources whose URLs were issued, by URL.
    pub(super) issued: BTreeMap<String, Resource<'static>>,
    pub(super) kept: BTreeMap<String, Vec<u8>>,
    /// The bodies that can be downloaded, by URL.
    pub(super) objects: BTreeMap<String, Vec<u8>>,
}

impl Store {
    pub(super) fn new(conducts: &[Conduct]) -> Self {
        Self { conducts: conducts.iter().copied().collect(), ..Self::default() }
    }

    pub(super) fn put(&mut self, now: Duration, put: &PutRequest, body: &[u8]) -> Exchange {
        let (fault, mut script) = self.begin(now);
        let resource = self.issued.get(put.url.as_str()).expect("a PUT only to an issued URL");
        assert_eq!(put.content_length, resource.size, "HTTP-3");
        assert_eq!(put.content_md5, ContentMd5::from(resource.md5sum), "HTTP-4");

        let (sent, end) = match fault {
            StoreFault::None | StoreFault::Longer | StoreFault::Corrupt(_) => {
                (body.len(), Some(200))
            }
            StoreFault::Status(status) => (body.len(), Some(status)),
            StoreFault::WrongPlace => (body.len() / 2, Some(400)),
            StoreFault::Early => (body.len() / 2, Some(200)),
            StoreFault::Break(after) | StoreFault::Cut(after) | StoreFault::Stall(after) => {
                (after.min(body.len()), None)
            }
        };
        for chunk in body[..sent].chunks(3) {
            script.push(HttpEvent::Sent(chunk.len() as u64));
        }
        let Some(status) = end else {
            if !matches!(fault, StoreFault::Stall(_)) {
                script.push(HttpEvent::Failure);
            }
            return script.exchange;
        };
        let mut arrived = body[..sent].to_vec();
        if let StoreFault::Corrupt(place) = fault {
            corrupt(&mut arrived, place);
        }
        let header = put.content_md5.to_string();
        let (length, md5) = (put.content_length.bytes(), Md5Sum::of(&arrived));
        let checked = check_upload_head(resource, Some(length), Some(&header))
            .and_then(|()| check_upload_body(resource, arrived.len() as u64, md5));
        let status = match (status, checked) {
            (200..=299, Ok(())) => {
                self.kept.insert(put.url.as_str().to_owned(), arrived);
                status
            }
            // `Early` confirms the upload without keeping the body.
            (200..=299, Err(_)) if !matches!(fault, StoreFault::Early) => 400,
            _ => status,
        };
        script.push(HttpEvent::Response { status, content_range: None });
        script.exchange
    }

    pub(super) fn get(&mut self, now: Duration, get: &GetRequest) -> Exchange {
        let (fault, mut script) = self.begin(now);
        let Some(object) = self.objects.get(get.url.as_str()) else {
            script.push(HttpEvent::Response { status: 404, content_range: None });
            return script.exchange;
        };
        let mut body = object.clone();
        let range = get.range.filter(|_| !matches!(fault, StoreFault::Early));
        let (mut status, mut content_range) = (200, None);
        if let Some(range) = range {
            // The device may expect a size other than that of the store.
            let size = ResourceSize::new(object.len() as u64).unwrap();
            match range.clamp(size) {
                Some(part) => {
                    body = object[places(part)].to_vec();
                    (status, content_range) = (206, ContentRange::new(part, size).ok());
                }
                None => {
                    script.push(HttpEvent::Response { status: 416, content_range: None });
                    return script.exchange;
                }
            }
        }
        let mut end = Some(HttpEvent::End);
        match fault {
            StoreFault::None | StoreFault::Early => {}
            StoreFault::Status(interim @ 100..=199) => {
                script.push(HttpEvent::Response { status: interim, content_range: None });
            }
            StoreFault::Status(other) => (status, content_range) = (other, None),
            StoreFault::WrongPlace => content_range = content_range.and_then(shifted),
            StoreFault::Break(after) => {
                body.truncate(after);
                end = Some(HttpEvent::Failure);
            }
            StoreFault::Cut(after) => body.truncate(after),
            StoreFault::Stall(after) => {
                body.truncate(after);
                end = None;
            }
            StoreFault::Corrupt(place) => corrupt(&mut body, place),
            StoreFault::Longer => body.push(b'+'),
        }
        script.push(HttpEvent::Response { status, content_range });
        for chunk in body.chunks(3) {
            script.push(HttpEvent::Body(chunk.to_vec()));
        }
        if let Some(end) = end {
            script.push(end);
        }
        script.exchange
    }

    fn begin(&mut self, now: Duration) -> (StoreFault, Script) {
        let Conduct { fault, pace } = self.conducts.pop_front().unwrap_or(Conduct::GOOD);
        (fault, Script { at: now, pace, exchange: Exchange::default() })
    }
}

fn places(range: ByteRange) -> std::ops::RangeInclusive<usize> {
    range.first() as usize..=range.last() as usize
}

/// Returns the same `Content-Range` without its first byte, or `None` if the range has only one
/// byte.
fn shifted(content_range: ContentRange) -> Option<ContentRange> {
    let range = content_range.range();
    let range = ByteRange::new(range.first() + 1, range.last()).ok()?;
    ContentRange::new(range, content_range.size()).ok()
}

fn corrupt(body: &mut Vec<u8>, place: usize) {
    match body.len() {
        0 => body.push(b'+'),
        len => body[place % len] ^= 1,
    }
}

struct Script {
    at: Duration,
    pace: Duration,
    exchange: Exchange,
}

impl Script {
    fn push(&mut self, event: HttpEvent) {
        self.at += self.pace;
        self.exchange.push(self.at, event);
    }
}
