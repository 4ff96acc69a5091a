//! Tests exchanges on connections whose bytes arrive in pieces of any size.

use super::*;

/// A piece of the input of a connection: bytes from the client or from the server, a gap, or an
/// end.
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

/// Returns the events of a connection with this input, in a short form. The input arrives in pieces
/// of at most `size` bytes.
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

/// Returns the events in a form such as `1:PUT /a 1>hello 1>. 1:200 1<.`.
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
    // The client has no more data to send, but still receives.
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
    // The response arrives before the end of the request.
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
    // Surplus bytes end at the next request.
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
    // After a gap beyond the body, responses can no longer be matched to requests.
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
        &[Client("CONNECT h:443 HTTP/1.1\r\n\r\n"), Server("HTTP/1.1 200 OK\r\n\r\n"), Client(GET)],
        "1:CONNECT h:443 1>. 1:200 1<?",
    );
    check(&[Client("\x16\x03\x01"), Server("\x16\x03\x01")], "");
    assert_eq!(Connection::begins_with(b"PUT /a HTTP/1.1"), Some(true));
    assert_eq!(Connection::begins_with(b"HTTP/1.1 200 OK"), Some(false));
    assert_eq!(Connection::begins_with(b"\x10\x0c\x00\x04MQTT"), None);
    assert_eq!(Connection::begins_with(b"PU"), None);
}
