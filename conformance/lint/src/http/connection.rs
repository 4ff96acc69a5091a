//! Splits the bytes of an HTTP/1 connection into exchanges.

use std::{collections::VecDeque, mem, net::SocketAddr};

use super::{
    body::{BodyReader, Piece},
    event::{End, Half, HttpEvent, Step},
    head::{NotHttp, RequestHead, ResponseHead, may_begin_request, may_begin_response},
};

/// The maximum length of a head in bytes.
const LONGEST_HEAD: usize = 1 << 15;
/// The maximum number of requests on a connection that wait for their responses.
const MOST_WAITING: usize = 64;

/// The state of an HTTP/1 connection. The bytes of each direction must arrive in order.
#[derive(Debug)]
pub(crate) struct Connection {
    address: SocketAddr,
    requests: Reading,
    responses: Reading,
    /// The requests whose responses are not complete, the oldest first.
    waiting: VecDeque<Waiting>,
    /// The exchange of the last request, until the next request begins. Surplus bytes are
    /// attributed to this exchange.
    last: Option<u64>,
    /// Whether a protocol other than HTTP follows on this connection.
    is_tunnel: bool,
}

#[derive(Debug)]
struct Waiting {
    exchange: u64,
    method: String,
}

/// The reading position in one direction: in a head, in a body, lost or ended.
#[derive(Debug)]
enum Reading {
    /// The direction is in a head, of which these bytes have arrived.
    Head(Vec<u8>),
    /// The direction is in a body. The number is that of the exchange, or `None` if the body
    /// belongs to no open exchange.
    Body(Option<u64>, BodyReader),
    /// The position of the next head is unknown.
    Lost,
    /// The direction has ended.
    Ended,
}

/// The way in which one side ended a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Close {
    /// The side has no more data to send (FIN).
    Finished,
    /// The side dropped the connection (RST).
    Reset,
}

impl Connection {
    /// Returns `Some(true)` for a segment that probably begins a request, and `Some(false)` for a
    /// segment that probably begins a response. Returns `None` for any other segment.
    pub(crate) fn begins_with(bytes: &[u8]) -> Option<bool> {
        const ENOUGH: usize = 4;
        if bytes.len() < ENOUGH {
            return None;
        }
        if may_begin_request(bytes) {
            return Some(true);
        }
        may_begin_response(bytes).then_some(false)
    }

    /// Creates a connection to the server at this address.
    pub(crate) const fn new(address: SocketAddr) -> Self {
        Self {
            address,
            requests: Reading::BEGIN,
            responses: Reading::BEGIN,
            waiting: VecDeque::new(),
            last: None,
            is_tunnel: false,
        }
    }

    /// Returns the number of bytes of memory that incomplete heads on the connection take.
    pub(crate) fn kept_bytes(&self) -> usize {
        self.requests.kept_bytes() + self.responses.kept_bytes()
    }

    /// Processes the next bytes from the client and adds the resulting events to `events`.
    /// `exchanges` counts the requests of all connections.
    pub(crate) fn read_client(
        &mut self,
        mut bytes: &[u8],
        exchanges: &mut u64,
        events: &mut Vec<HttpEvent>,
    ) {
        self.requests.find_again(bytes, may_begin_request);
        while !bytes.is_empty() && !self.is_tunnel {
            match &mut self.requests {
                Reading::Ended => return,
                Reading::Lost => return self.surplus(bytes.len(), events),
                Reading::Body(..) => {
                    if !self.request_body(&mut bytes, events) {
                        return;
                    }
                }
                Reading::Head(head) => {
                    let before = put(head, &mut bytes);
                    if !head.is_empty() && !may_begin_request(head) {
                        let surplus = head.len();
                        self.requests = Reading::Lost;
                        return self.surplus(surplus, events);
                    }
                    match RequestHead::parse(head) {
                        Ok(Some((request, length))) => {
                            bytes = &bytes[length - before..];
                            *exchanges += 1;
                            self.request(request, *exchanges, events);
                        }
                        Ok(None) if head.len() <= LONGEST_HEAD => return,
                        Ok(None) | Err(NotHttp) => {
                            self.requests = Reading::Lost;
                            return;
                        }
                    }
                }
            }
        }
    }

    /// Processes the next bytes from the server and adds the resulting events to `events`.
    pub(crate) fn read_server(&mut self, mut bytes: &[u8], events: &mut Vec<HttpEvent>) {
        self.responses.find_again(bytes, may_begin_response);
        while !bytes.is_empty() && !self.is_tunnel {
            match &mut self.responses {
                Reading::Ended | Reading::Lost => return,
                Reading::Body(..) => {
                    if !self.response_body(&mut bytes, events) {
                        return;
                    }
                }
                Reading::Head(head) => {
                    let before = put(head, &mut bytes);
                    let parsed = if head.is_empty() || may_begin_response(head) {
                        ResponseHead::parse(head)
                    } else {
                        Err(NotHttp)
                    };
                    match parsed {
                        Ok(Some((response, length))) => {
                            bytes = &bytes[length - before..];
                            self.response(response, events);
                        }
                        Ok(None) if head.len() <= LONGEST_HEAD => return,
                        Ok(None) | Err(NotHttp) => {
                            self.responses = Reading::Lost;
                            return self.give_up_waiting(End::NotSeen, events);
                        }
                    }
                }
            }
        }
    }

    /// Skips `missing` bytes that the capture lacks in one direction, and adds the resulting events
    /// to `events`.
    pub(crate) fn gap(&mut self, from_client: bool, missing: u32, events: &mut Vec<HttpEvent>) {
        let missing = u64::from(missing);
        let (reading, half) = if from_client {
            (&mut self.requests, Half::Request)
        } else {
            (&mut self.responses, Half::Response)
        };
        match reading {
            Reading::Body(exchange, body) => {
                let (exchange, goes_on) = (*exchange, body.skip(missing));
                if let Some(exchange) = exchange {
                    self.tell(exchange, Step::Missing(half, missing), events);
                }
                match (goes_on, from_client) {
                    (true, true) => drop(self.request_body(&mut &[][..], events)),
                    (true, false) => drop(self.response_body(&mut &[][..], events)),
                    (false, true) => self.lose_requests(events),
                    (false, false) => self.lose_responses(events),
                }
            }
            Reading::Ended => {}
            Reading::Head(_) | Reading::Lost => {
                self.tell(0, Step::Gap(missing), events);
                if from_client {
                    self.lose_requests(events);
                } else {
                    self.lose_responses(events);
                }
            }
        }
    }

    /// Records that one side ended the connection, and adds the resulting events to `events`.
    pub(crate) fn close(&mut self, by_client: bool, how: Close, events: &mut Vec<HttpEvent>) {
        if by_client {
            self.end_request(End::BySender, events);
            // The response may still follow.
            if how == Close::Reset {
                self.give_up_waiting(End::ByPeer, events);
            }
        } else {
            self.end_response(events);
            self.give_up_waiting(End::BySender, events);
            self.responses = Reading::Ended;
            // The server does not read the data that the client still sends.
            self.end_request(End::ByPeer, events);
        }
    }

    /// Ends a connection for which the capture has no more data, and adds the resulting events to
    /// `events`.
    pub(crate) fn lose(&mut self, events: &mut Vec<HttpEvent>) {
        self.end_request(End::NotSeen, events);
        self.give_up_waiting(End::NotSeen, events);
    }

    fn tell(&self, exchange: u64, step: Step, events: &mut Vec<HttpEvent>) {
        events.push(HttpEvent { server: self.address, exchange, step });
    }

    fn request(&mut self, request: RequestHead, exchange: u64, events: &mut Vec<HttpEvent>) {
        self.last = None;
        let framing = request.framing();
        self.waiting.push_back(Waiting { exchange, method: request.method.clone() });
        self.tell(exchange, Step::Request(request), events);
        if self.waiting.len() > MOST_WAITING {
            self.give_up_waiting(End::NotSeen, events);
        }
        match framing {
            Ok(framing) => {
                self.requests = Reading::Body(Some(exchange), BodyReader::new(framing));
                // The body may be complete already.
                self.request_body(&mut &[][..], events);
            }
            Err(NotHttp) => {
                self.tell(exchange, Step::End(Half::Request, End::NotSeen), events);
                self.requests = Reading::Lost;
            }
        }
    }

    fn response(&mut self, response: ResponseHead, events: &mut Vec<HttpEvent>) {
        let waiting = self.waiting.front();
        let method = waiting.map_or("", |waiting| &*waiting.method);
        let is_tunnel = response.status == 101
            || (method == "CONNECT" && (200..300).contains(&response.status));
        self.responses = Reading::BEGIN;
        if (100..200).contains(&response.status) && !is_tunnel {
            return;
        }
        let (framing, exchange) =
            (response.framing(method), waiting.map(|waiting| waiting.exchange));
        if let Some(exchange) = exchange {
            self.tell(exchange, Step::Response(response), events);
        }
        match framing {
            _ if is_tunnel => {
                self.is_tunnel = true;
                self.lose(events);
            }
            Ok(framing) => {
                self.responses = Reading::Body(exchange, BodyReader::new(framing));
                self.response_body(&mut &[][..], events);
            }
            Err(NotHttp) => self.lose_responses(events),
        }
    }

    /// Reports bytes that follow a request but do not begin the next request.
    fn surplus(&self, count: usize, events: &mut Vec<HttpEvent>) {
        if let Some(exchange) = self.last {
            self.tell(exchange, Step::Surplus(count as u64), events);
        }
    }

    /// Reads the body of a request and adds it to `events`. Returns `true` if the body has ended or
    /// if its end cannot be found.
    fn request_body(&mut self, bytes: &mut &[u8], events: &mut Vec<HttpEvent>) -> bool {
        match self.body(Half::Request, bytes, events) {
            None => return false,
            Some((exchange, End::Whole)) => {
                if let Some(exchange) = exchange {
                    self.tell(exchange, Step::End(Half::Request, End::Whole), events);
                }
                (self.requests, self.last) = (Reading::BEGIN, exchange);
            }
            Some(_) => self.lose_requests(events),
        }
        true
    }

    /// Reads the body of a response and adds it to `events`. Returns `true` if the body has ended
    /// or if its end cannot be found.
    fn response_body(&mut self, bytes: &mut &[u8], events: &mut Vec<HttpEvent>) -> bool {
        match self.body(Half::Response, bytes, events) {
            None => return false,
            Some((_, End::Whole)) => self.response_is_over(events),
            Some(_) => self.lose_responses(events),
        }
        true
    }

    /// Adds the bytes of a body to `events` if they belong to an open exchange. Returns the
    /// exchange and the way in which the body ended, or `None` before its end.
    fn body(
        &mut self,
        half: Half,
        bytes: &mut &[u8],
        events: &mut Vec<HttpEvent>,
    ) -> Option<(Option<u64>, End)> {
        let reading = match half {
            Half::Request => &mut self.requests,
            Half::Response => &mut self.responses,
        };
        let Reading::Body(exchange, body) = reading else { return None };
        let (server, exchange) = (self.address, *exchange);
        let end = pass_on(body, bytes, |bytes| {
            let step = Step::Body(half, bytes);
            events.extend(exchange.map(|exchange| HttpEvent { server, exchange, step }));
        })?;
        Some((exchange, end))
    }

    fn response_is_over(&mut self, events: &mut Vec<HttpEvent>) {
        if let Reading::Body(Some(exchange), _) = mem::replace(&mut self.responses, Reading::BEGIN)
        {
            self.waiting.pop_front();
            self.tell(exchange, Step::End(Half::Response, End::Whole), events);
        }
    }

    fn end_request(&mut self, end: End, events: &mut Vec<HttpEvent>) {
        if let Reading::Body(Some(exchange), _) = mem::replace(&mut self.requests, Reading::Ended) {
            self.tell(exchange, Step::End(Half::Request, end), events);
        }
        self.last = None;
    }

    /// Completes a response whose body lasts until the connection ends.
    fn end_response(&mut self, events: &mut Vec<HttpEvent>) {
        if matches!(&self.responses, Reading::Body(_, body) if body.lasts_until_close()) {
            self.response_is_over(events);
        }
    }

    /// Records that the position of the next request is unknown, and ends the open exchanges.
    fn lose_requests(&mut self, events: &mut Vec<HttpEvent>) {
        self.end_request(End::NotSeen, events);
        self.requests = Reading::Lost;
        // Some requests may be missing, so responses cannot be matched to requests.
        self.give_up_waiting(End::NotSeen, events);
    }

    fn lose_responses(&mut self, events: &mut Vec<HttpEvent>) {
        self.responses = Reading::Lost;
        self.give_up_waiting(End::NotSeen, events);
    }

    /// Ends all exchanges that wait for a response. `end` is the way in which their responses end.
    fn give_up_waiting(&mut self, end: End, events: &mut Vec<HttpEvent>) {
        for Waiting { exchange, .. } in mem::take(&mut self.waiting) {
            self.tell(exchange, Step::End(Half::Response, end), events);
        }
        if let Reading::Body(exchange, _) = &mut self.responses {
            *exchange = None;
        }
    }
}

impl Reading {
    const BEGIN: Self = Self::Head(Vec::new());

    fn kept_bytes(&self) -> usize {
        match self {
            Self::Head(bytes) => bytes.capacity(),
            Self::Body(..) | Self::Lost | Self::Ended => 0,
        }
    }

    /// If the position is lost, continues at a segment that begins with a head.
    fn find_again(&mut self, bytes: &[u8], may_begin: fn(&[u8]) -> bool) {
        if matches!(self, Self::Lost) && may_begin(bytes) {
            *self = Self::BEGIN;
        }
    }
}

/// Skips empty lines before a head and adds the other bytes to the head. Returns the number of
/// bytes that the head already contained.
fn put(head: &mut Vec<u8>, bytes: &mut &[u8]) -> usize {
    if head.is_empty() {
        let begin = bytes.iter().position(|byte| !matches!(byte, b'\r' | b'\n'));
        *bytes = &bytes[begin.unwrap_or(bytes.len())..];
    }
    let before = head.len();
    head.extend_from_slice(bytes);
    before
}

/// Calls `pass` with each piece of a body. Returns the way in which the body ended, or `None`
/// before its end.
fn pass_on(body: &mut BodyReader, bytes: &mut &[u8], mut pass: impl FnMut(Vec<u8>)) -> Option<End> {
    loop {
        match body.next(bytes) {
            Piece::Bytes(bytes) => pass(bytes.to_vec()),
            Piece::Wait => return None,
            Piece::End => return Some(End::Whole),
            Piece::Garbled => return Some(End::NotSeen),
        }
    }
}

#[cfg(test)]
mod tests;
