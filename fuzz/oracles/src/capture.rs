//! Captures: any file is read or rejected. The result is the same whether the file arrives whole or
//! in pieces. No finding shows a URL.

use std::io::{BufReader, Read};

use base64ct::{Base64, Encoding};
use iothub_conformance_lint::{
    Finding, Heard, Judge, Options,
    capture::{
        Entry, Fidelity, Lines, Record,
        packets::{Event, Packets, Traffic},
        read_line,
    },
};
use iothub_resource::Profile;

/// A text that the seeds contain only in URLs, after the host.
const SECRET: &str = "SeCrEt";
const SECRET_URL: &str = "://h/SeCrEt";

/// Reads any bytes as a text capture.
pub fn lines(bytes: &[u8]) {
    let all = lines_of(bytes, bytes.len().max(1));
    for capacity in [1, 7] {
        assert_eq!(lines_of(bytes, capacity), all, "in pieces of {capacity}");
    }
    for profile in Profile::ALL {
        let mut judge = judge(profile);
        let mut found = Vec::new();
        let mut secret = true;
        for (index, line) in all.iter().enumerate() {
            let number = index + 1;
            match read_line(line) {
                Ok(Entry::Message(record)) => {
                    rewritten(&record);
                    secret &= is_in_urls_only(&record.payload);
                    found.extend(judge.message(number, &record).findings);
                }
                Ok(Entry::Messages(records)) => {
                    for record in &records {
                        secret &= is_in_urls_only(&record.payload);
                        found.extend(judge.message(number, record).findings);
                    }
                }
                Ok(Entry::Other(other)) => judge.other(number, &other),
                Ok(Entry::Transfer(record)) => {
                    found.extend(judge.transfer(number, &record).findings);
                }
                Ok(Entry::Blank) => {}
                Err(why) => {
                    assert!(!why.to_string().is_empty());
                    secret &= is_in_urls_only(line);
                    found.push(judge.unreadable(number, line, &why));
                }
            }
        }
        found.extend(judge.end());
        told(secret, &found, all.len());
    }
}

/// Reads any bytes as a packet capture: pcap or pcapng with MQTT over TCP.
pub fn packets(bytes: &[u8]) {
    let (whole, found) = read_packets(bytes, bytes);
    let (in_pieces, found_in_pieces) = read_packets(OneByOne(bytes), bytes);
    assert_eq!((in_pieces, found_in_pieces), (whole, found), "byte by byte");
}

fn lines_of(bytes: &[u8], capacity: usize) -> Vec<Vec<u8>> {
    let mut lines = Lines::new(BufReader::with_capacity(capacity, bytes));
    let mut all = Vec::new();
    while let Some(line) = lines.next().expect("memory can be read") {
        all.push(line.bytes.expect("inputs are shorter than the longest line").to_vec());
        assert_eq!(line.number, all.len(), "every line counts");
    }
    all
}

fn judge(profile: Profile) -> Judge {
    let mut options = Options::default();
    options.profile = profile;
    Judge::new(options)
}

/// Checks that a record is read in the same way from a JSON line with Base64 and from a line with
/// hexadecimal digits.
fn rewritten(record: &Record<'_>) {
    if record.fidelity != Fidelity::Bytes {
        return;
    }
    let Record { topic, payload, dup, .. } = record;
    let base64 = Base64::encode_string(payload);
    let object = format!(r#"{{"topic":"{topic}","payload_b64":"{base64}","dup":{dup}}}"#);
    assert_eq!(read_line(object.as_bytes()).as_ref(), Ok(&Entry::Message(record.clone())));
    if !dup {
        let hex: String = payload.iter().map(|byte| format!("{byte:02x}")).collect();
        let line = format!("{topic} {hex}");
        assert_eq!(read_line(line.as_bytes()).as_ref(), Ok(&Entry::Message(record.clone())));
    }
}

/// Returns whether the text has the secret only in URLs, without escapes.
fn is_in_urls_only(text: &[u8]) -> bool {
    let text = String::from_utf8_lossy(text);
    !text.contains("\\u") && text.matches(SECRET).count() == text.matches(SECRET_URL).count()
}

/// Checks that every finding belongs to an existing line. If the secret appears only in URLs
/// (`secret`), no finding may show the secret.
fn told(secret: bool, found: &[Finding], last: usize) {
    for finding in found {
        assert!((1..=last).contains(&finding.line), "{} of {last}", finding.line);
        let detail = finding.detail();
        assert!(!secret || !detail.contains(SECRET), "{detail}");
    }
}

struct OneByOne<'b>(&'b [u8]);

impl Read for OneByOne<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = buffer.len().min(1);
        self.0.read(&mut buffer[..length])
    }
}

/// Returns the number of packets, and the line and code of each finding.
fn read_packets(reader: impl Read + Send, bytes: &[u8]) -> (usize, Vec<(usize, String)>) {
    let mut judge = judge(Profile::Deployed);
    let mut traffic = Traffic::new();
    let mut found = Vec::new();
    let (mut messages, mut secret) = (0, true);
    let mut number = 0;
    let mut take = |events: Vec<Event>, traffic: &Traffic, number: usize| {
        for event in events {
            match event {
                Event::Message { record, connection, from_client } => {
                    messages += 1;
                    secret &= is_in_urls_only(&record.payload);
                    let heard = Heard::new(connection, from_client);
                    let judged = judge.packet(number, &record, heard, |id| traffic.is_open(id));
                    found.extend(judged.into_iter().flat_map(|judged| judged.findings));
                }
                Event::Http(event) => found.extend(judge.http(number, event).findings),
                Event::Tls(host) => judge.tls(&host),
                Event::Copy => judge.copy(),
                Event::Other(other) => judge.other(number, &other),
                Event::Unreadable { number, why } => found.push(judge.missing(number, &why)),
                Event::Malformed { number, why, by_device } => {
                    found.push(judge.malformed(number, why, by_device));
                }
            }
        }
    };
    if let Ok(mut packets) = Packets::new(reader) {
        while let Ok(Some(packet)) = packets.next() {
            assert_eq!(packet.number, number + 1, "every packet counts");
            number = packet.number;
            let events = traffic.packet(&packet);
            take(events, &traffic, number);
        }
    }
    let events = traffic.end(number);
    take(events, &traffic, number);
    found.extend(judge.end());
    assert!(messages <= bytes.len(), "no message comes of nothing");
    told(secret, &found, number.max(1));
    (number, found.into_iter().map(|finding| (finding.line, finding.code.into_owned())).collect())
}
