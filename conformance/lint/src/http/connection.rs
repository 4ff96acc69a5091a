//! The bytes of both directions of an HTTP/1 connection, to its exchanges.

use std::{collections::VecDeque, mem, net::SocketAddr};

use super::{
    body::{BodyReader, Piece},
    event::{End, Half, HttpEvent, Step},
    head::{NotHttp, RequestHead, ResponseHead, may_begin_request, may_begin_response},
};

/// The longest head that is read, in bytes.
const LONGEST_HEAD: usize = 1 << 15;
/// How many requests of a connection may wait for their responses.
const MOST_WAITING: usize = 64;

/// One connection. Bytes are told to it in their order, each direction for itself.
#[derive(Debug)]
pub(crate) struct Connection {
    address: SocketAddr,
    requests: Reading,
    responses: Reading,
    /// The requests whose response is not over, oldest first.
    waiting: VecDeque<Waiting>,
    /// The request that was read last, as long as it is not known what follows it.
    last: Option<u64>,
    /// Another protocol goes on here.
    is_tunnel: bool,
}

#[derive(Debug)]
struct Waiting {
    exchange: u64,
    method: String,
}

/// How far one direction was read.
#[derive(Debug)]
enum Reading {
    /// A head, of which this much is there.
    Head(Vec<u8>),
    /// A body, of an exchange if its request was seen.
    Body(Option<u64>, BodyReader),
    /// Where the next head begins is not known.
    Lost,
    /// There is no more.
    Ended,
}

/// How one side has ended a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Close {
    /// It has nothing more to send (FIN).
    Finished,
    /// It has dropped the connection (RST).
    Reset,
}

impl Connection {
    /// Whether a segment is likely to begin a connection, or to go on with one whose beginning was
    /// not recorded; and whether the client sends it.
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

    /// A connection to a server.
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

    /// How many bytes it keeps.
    pub(crate) fn kept_bytes(&self) -> usize {
        self.requests.kept_bytes() + self.responses.kept_bytes()
    }

    /// Takes the next bytes of the client. `exchanges` counts the requests of all connections.
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

    /// Takes the next bytes of the server.
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

    /// Passes over bytes of one direction that are not in the capture.
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

    /// One side has ended the connection.
    pub(crate) fn close(&mut self, by_client: bool, how: Close, events: &mut Vec<HttpEvent>) {
        if by_client {
            self.end_request(End::BySender, events);
            // The response may still come.
            if how == Close::Reset {
                self.give_up_waiting(End::ByPeer, events);
            }
        } else {
            self.end_response(events);
            self.give_up_waiting(End::BySender, events);
            self.responses = Reading::Ended;
            // What a client goes on to send has no reader.
            self.end_request(End::ByPeer, events);
        }
    }

    /// There is no more of it in the capture.
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
                // It may be over already.
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

    /// Bytes behind a request that are not another one.
    fn surplus(&self, count: usize, events: &mut Vec<HttpEvent>) {
        if let Some(exchange) = self.last {
            self.tell(exchange, Step::Surplus(count as u64), events);
        }
    }

    /// Reads on in the body of a request. Whether it is over.
    fn request_body(&mut self, bytes: &mut &[u8], events: &mut Vec<HttpEvent>) -> bool {
        let Reading::Body(exchange, body) = &mut self.requests else { return false };
        let exchange = *exchange;
        let end = pass_on(body, bytes, |bytes| {
            let step = Step::Body(Half::Request, bytes);
            events.extend(exchange.map(|exchange| HttpEvent {
                server: self.address,
                exchange,
                step,
            }));
        });
        match end {
            None => false,
            Some(End::Whole) => {
                if let Some(exchange) = exchange {
                    self.tell(exchange, Step::End(Half::Request, End::Whole), events);
                }
                (self.requests, self.last) = (Reading::BEGIN, exchange);
                true
            }
            Some(_) => {
                self.lose_requests(events);
                true
            }
        }
    }

    /// The same in the body of a response.
    fn response_body(&mut self, bytes: &mut &[u8], events: &mut Vec<HttpEvent>) -> bool {
        let Reading::Body(exchange, body) = &mut self.responses else { return false };
        let exchange = *exchange;
        let end = pass_on(body, bytes, |bytes| {
            let step = Step::Body(Half::Response, bytes);
            events.extend(exchange.map(|exchange| HttpEvent {
                server: self.address,
                exchange,
                step,
            }));
        });
        match end {
            None => false,
            Some(End::Whole) => {
                self.response_is_over(events);
                true
            }
            Some(_) => {
                self.lose_responses(events);
                true
            }
        }
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

    /// A body that lasts until the connection ends is whole now.
    fn end_response(&mut self, events: &mut Vec<HttpEvent>) {
        if matches!(&self.responses, Reading::Body(_, body) if body.lasts_until_close()) {
            self.response_is_over(events);
        }
    }

    /// It is not known any more where a request begins.
    fn lose_requests(&mut self, events: &mut Vec<HttpEvent>) {
        self.end_request(End::NotSeen, events);
        self.requests = Reading::Lost;
        // There may have been others, so responses cannot be told apart.
        self.give_up_waiting(End::NotSeen, events);
    }

    fn lose_responses(&mut self, events: &mut Vec<HttpEvent>) {
        self.responses = Reading::Lost;
        self.give_up_waiting(End::NotSeen, events);
    }

    /// No response that is waited for will be seen to its end.
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

    /// Takes the reading up again where a segment begins with a head.
    fn find_again(&mut self, bytes: &[u8], may_begin: fn(&[u8]) -> bool) {
        if matches!(self, Self::Lost) && may_begin(bytes) {
            *self = Self::BEGIN;
        }
    }
}

/// Adds bytes to the beginning of a head, without line ends before it. Returns how many of its
/// bytes were there before those that are left in `bytes`.
fn put(head: &mut Vec<u8>, bytes: &mut &[u8]) -> usize {
    if head.is_empty() {
        let begin = bytes.iter().position(|byte| !matches!(byte, b'\r' | b'\n'));
        *bytes = &bytes[begin.unwrap_or(bytes.len())..];
    }
    let before = head.len();
    head.extend_from_slice(bytes);
    before
}

/// Passes the bytes of a body on. How it ends, once it does.
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
mod tests {
    use super::*;

    /// What is told to a connection: bytes of the client and of the server, gaps, and ends.
    #[derive(Clone, Copy)]
    enum Told<'a> {
        Client(&'a str),
        Server(&'a str),
        ClientGap(u32),
        ServerGap(u32),
        ClientCloses(Close),
        ServerCloses(Close),
    }

    use Close::{Finished, Reset};
    use Told::{Client, ClientCloses, ClientGap, Server, ServerCloses, ServerGap};

    /// The events in short, the bytes told in pieces of at most `size`.
    fn events_of(told: &[Told<'_>], size: usize) -> String {
        let mut connection = Connection::new(([10, 0, 0, 2], 80).into());
        let (mut exchanges, mut events) = (0, Vec::new());
        for told in told {
            match *told {
                Client(text) => text
                    .as_bytes()
                    .chunks(size)
                    .for_each(|part| connection.read_client(part, &mut exchanges, &mut events)),
                Server(text) => text
                    .as_bytes()
                    .chunks(size)
                    .for_each(|part| connection.read_server(part, &mut events)),
                ClientGap(missing) => connection.gap(true, missing, &mut events),
                ServerGap(missing) => connection.gap(false, missing, &mut events),
                ClientCloses(how) => connection.close(true, how, &mut events),
                ServerCloses(how) => connection.close(false, how, &mut events),
            }
        }
        connection.lose(&mut events);
        shown(&events)
    }

    /// Such as `1:PUT /a 1>hello 1>. 1:200 1<.`
    fn shown(events: &[HttpEvent]) -> String {
        let mut shown = String::new();
        let sign = |half: Half| if half == Half::Request { '>' } else { '<' };
        let mut last = None;
        for HttpEvent { exchange, step, .. } in events {
            let is_more = matches!(step, Step::Body(half, _) if last == Some((*exchange, *half)));
            if !is_more && !shown.is_empty() {
                shown.push(' ');
            }
            last = None;
            match step {
                Step::Request(head) => {
                    shown += &format!("{exchange}:{} {}", head.method, head.target);
                }
                Step::Response(head) => shown += &format!("{exchange}:{}", head.status),
                Step::Body(half, bytes) => {
                    last = Some((*exchange, *half));
                    if !is_more {
                        shown += &format!("{exchange}{}", sign(*half));
                    }
                    shown += &String::from_utf8_lossy(bytes);
                }
                Step::Missing(half, missing) => {
                    shown += &format!("{exchange}{}({missing})", sign(*half));
                }
                Step::Surplus(count) => shown += &format!("{exchange}+{count}"),
                Step::Gap(missing) => shown += &format!("({missing})"),
                Step::End(half, end) => {
                    let end = match end {
                        End::Whole => ".",
                        End::BySender => "!sender",
                        End::ByPeer => "!peer",
                        End::NotSeen => "?",
                    };
                    shown += &format!("{exchange}{}{end}", sign(*half));
                }
            }
        }
        shown
    }

    #[track_caller]
    fn check(told: &[Told<'_>], expected: &str) {
        for size in [1, 2, 5, 1000] {
            assert_eq!(events_of(told, size), expected, "in pieces of {size}");
        }
    }

    const PUT: &str = "PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n";
    const GET: &str = "GET /b HTTP/1.1\r\nHost: h\r\n\r\n";
    const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    const EMPTY: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

    #[test]
    fn whole_exchanges() {
        let put = [Client(PUT), Client("hello"), Server(EMPTY)];
        check(&put, "1:PUT /a 1>hello 1>. 1:200 1<.");
        let (chunked, chunks) = (
            "PUT /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
            "3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n",
        );
        check(&[Client(chunked), Client(chunks)], "1:PUT /a 1>hello 1>. 1<?");
        check(
            &[
                Client("PUT /a HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"),
                Server("HTTP/1.1 100 Continue\r\n\r\n"),
                Client("hello"),
                Server(EMPTY),
            ],
            "1:PUT /a 1>hello 1>. 1:200 1<.",
        );
        let until_close = "HTTP/1.1 200 OK\r\n\r\nhello";
        check(
            &[Client(GET), Server(until_close), ServerCloses(Finished)],
            "1:GET /b 1>. 1:200 1<hello 1<.",
        );
        // The client has nothing more to send, and still hears.
        check(
            &[Client(PUT), Client("hello"), ClientCloses(Finished), Server(OK)],
            "1:PUT /a 1>hello 1>. 1:200 1<ok 1<.",
        );
    }

    #[test]
    fn several_on_one_connection() {
        check(
            &[Client(GET), Server(OK), Client(PUT), Client("hello"), Server(OK)],
            "1:GET /b 1>. 1:200 1<ok 1<. 2:PUT /a 2>hello 2>. 2:200 2<ok 2<.",
        );
        let pipelined = [GET, "\r\n", PUT, "hello", GET].concat();
        let answers = [OK, "HTTP/1.1 204 No\r\n\r\n", OK].concat();
        check(
            &[Client(&pipelined), Server(&answers)],
            "1:GET /b 1>. 2:PUT /a 2>hello 2>. 3:GET /b 3>. \
             1:200 1<ok 1<. 2:204 2<. 3:200 3<ok 3<.",
        );
        let head = "HEAD /b HTTP/1.1\r\n\r\n";
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n";
        check(
            &[Client(head), Client(GET), Server(answer), Server(OK)],
            "1:HEAD /b 1>. 2:GET /b 2>. 1:200 1<. 2:200 2<ok 2<.",
        );
        // An answer before the end of the request.
        check(
            &[Client(PUT), Client("he"), Server(OK), Client("llo"), Client(GET), Server(OK)],
            "1:PUT /a 1>he 1:200 1<ok 1<. 1>llo 1>. 2:GET /b 2>. 2:200 2<ok 2<.",
        );
    }

    #[test]
    fn ends_before_the_end() {
        check(&[Client(PUT), Client("he")], "1:PUT /a 1>he 1>? 1<?");
        let short = [Client(PUT), Client("he"), ClientCloses(Finished)];
        check(&short, "1:PUT /a 1>he 1>!sender 1<?");
        let reset = [Client(PUT), Client("he"), ClientCloses(Reset)];
        check(&reset, "1:PUT /a 1>he 1>!sender 1<!peer");
        for how in [Finished, Reset] {
            let cut = [Client(PUT), Client("he"), ServerCloses(how), Client("llo")];
            check(&cut, "1:PUT /a 1>he 1<!sender 1>!peer");
            let cut = [Client(GET), Server(&OK[..OK.len() - 1]), ServerCloses(how)];
            check(&cut, "1:GET /b 1>. 1:200 1<o 1<!sender");
        }
    }

    #[test]
    fn more_than_a_request() {
        let surplus = events_of(&[Client(PUT), Client("hello, world")], 1000);
        assert_eq!(surplus, "1:PUT /a 1>hello 1>. 1+7 1<?");
        // As far as it is another request.
        let surplus = events_of(&[Client(PUT), Client("hello"), Client("?!"), Client(GET)], 1000);
        assert_eq!(surplus, "1:PUT /a 1>hello 1>. 1+2 2:GET /b 2>. 1<? 2<?");
    }

    #[test]
    fn gaps() {
        check(
            &[Client(PUT), Client("h"), ClientGap(3), Client("o"), Server(OK)],
            "1:PUT /a 1>h 1>(3) 1>o 1>. 1:200 1<ok 1<.",
        );
        check(&[Client(PUT), ClientGap(5), Server(OK)], "1:PUT /a 1>(5) 1>. 1:200 1<ok 1<.");
        check(
            &[Client(GET), Server(&OK[..OK.len() - 2]), ServerGap(2), Client(GET), Server(OK)],
            "1:GET /b 1>. 1:200 1<(2) 1<. 2:GET /b 2>. 2:200 2<ok 2<.",
        );
        // Beyond the body: which answer belongs to what cannot be told.
        let beyond = events_of(&[Client(PUT), ClientGap(60), Client(GET), Server(OK)], 1000);
        assert_eq!(beyond, "1:PUT /a 1>(60) 1>? 1<? 2:GET /b 2>. 2:200 2<ok 2<.");
        let between = events_of(&[ClientGap(9), Client("x\r\n\r\n"), Client(GET)], 1000);
        assert_eq!(between, "(9) 1:GET /b 1>. 1<?");
        let in_answer = events_of(&[Client(GET), ServerGap(9), Server("x"), Client(GET)], 1000);
        assert_eq!(in_answer, "1:GET /b 1>. (9) 1<? 2:GET /b 2>. 2<?");
    }

    #[test]
    fn other_protocols() {
        let upgrade = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n";
        check(&[Client(GET), Server(upgrade), Client("hello")], "1:GET /b 1>. 1:101 1<?");
        check(
            &[
                Client("CONNECT h:443 HTTP/1.1\r\n\r\n"),
                Server("HTTP/1.1 200 OK\r\n\r\n"),
                Client(GET),
            ],
            "1:CONNECT h:443 1>. 1:200 1<?",
        );
        check(&[Client("\x16\x03\x01"), Server("\x16\x03\x01")], "");
        assert_eq!(Connection::begins_with(b"PUT /a HTTP/1.1"), Some(true));
        assert_eq!(Connection::begins_with(b"HTTP/1.1 200 OK"), Some(false));
        assert_eq!(Connection::begins_with(b"\x10\x0c\x00\x04MQTT"), None);
        assert_eq!(Connection::begins_with(b"PU"), None);
    }
}
