//! A whole capture: its lines or packets, judged one after another.

use std::{
    convert::Infallible,
    fmt,
    io::{self, BufRead},
};

use iothub_conformance_suite::{Requirement, result::Finding};

use super::{
    capture::{
        Entry, Lines, Record, Unreadable,
        packets::{Event, NoPacket, Packets, Traffic, holds_packets},
        read_line,
    },
    dedup::Heard,
    http::JudgedTransfer,
    judge::{Judge, Judged, Options, Tally},
};

/// What a capture consists of. A finding's `line` counts these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "a capture is text or packets")]
pub enum Unit {
    /// A line of text.
    Line,
    /// A packet of pcap or pcapng.
    Packet,
}

impl Unit {
    /// What a capture that begins with these bytes consists of. Four bytes decide.
    #[must_use]
    pub fn of(head: &[u8]) -> Self {
        if holds_packets(head) { Self::Packet } else { Self::Line }
    }

    /// `line` or `packet`, as in "line 7".
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Line => "line",
            Self::Packet => "packet",
        }
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Takes what [`Linter::lint`] finds, as soon as it is found.
///
/// A `Vec<Finding>` is a sink that keeps every finding.
pub trait Sink {
    /// Why the sink takes nothing more.
    type Error;

    /// Takes a message on a resource topic and what is wrong with it; `at` is the number of its
    /// line or packet.
    ///
    /// # Errors
    ///
    /// Ends the lint.
    fn message(
        &mut self,
        at: usize,
        record: &Record<'_>,
        judged: Judged<'_>,
    ) -> Result<(), Self::Error>;

    /// Takes what a step of an HTTP transfer led to.
    ///
    /// # Errors
    ///
    /// Ends the lint.
    fn transfer(&mut self, judged: JudgedTransfer) -> Result<(), Self::Error> {
        judged.findings.into_iter().try_for_each(|finding| self.finding(finding))
    }

    /// Takes a finding that is not about one message, such as a line that cannot be read.
    ///
    /// # Errors
    ///
    /// Ends the lint.
    fn finding(&mut self, finding: Finding) -> Result<(), Self::Error>;

    /// Takes a finding of the end of the capture about a message that was taken long before.
    ///
    /// # Errors
    ///
    /// Ends the lint.
    fn unanswered(&mut self, finding: Finding) -> Result<(), Self::Error> {
        self.finding(finding)
    }

    /// Whether the input ends because reading was interrupted. A packet that is cut there is not
    /// a finding.
    fn is_interrupted(&self) -> bool {
        false
    }
}

impl Sink for Vec<Finding> {
    type Error = Infallible;

    fn message(&mut self, _: usize, _: &Record<'_>, judged: Judged<'_>) -> Result<(), Infallible> {
        self.extend(judged.findings);
        Ok(())
    }

    fn finding(&mut self, finding: Finding) -> Result<(), Infallible> {
        self.push(finding);
        Ok(())
    }
}

/// Why a capture was not judged to its end.
#[derive(Debug)]
#[allow(clippy::exhaustive_enums, reason = "there are an input and a sink")]
pub enum Stopped<E> {
    /// The capture cannot be read. What came before was judged.
    Input(io::Error),
    /// The sink takes nothing more.
    Sink(E),
}

/// Judges one capture from its first byte to its last, in bounded memory.
#[derive(Debug)]
pub struct Linter {
    judge: Judge,
}

impl Linter {
    /// A linter that has seen nothing.
    #[must_use]
    pub fn new(options: Options) -> Self {
        Self { judge: Judge::new(options) }
    }

    /// Judges a capture and then says what is unanswered at its end, also where it could not be
    /// read to its end.
    ///
    /// # Errors
    ///
    /// Where the input cannot be read or the sink takes nothing more.
    pub fn lint<S: Sink>(
        &mut self,
        unit: Unit,
        input: impl BufRead + Send,
        sink: &mut S,
    ) -> Result<(), Stopped<S::Error>> {
        let read = match unit {
            Unit::Line => self.lines(input, sink),
            Unit::Packet => self.packets(input, sink),
        };
        if !matches!(read, Err(Stopped::Sink(_))) {
            for finding in self.judge.end() {
                sink.unanswered(finding).map_err(Stopped::Sink)?;
            }
        }
        read
    }

    /// Splits requirements as [`Judge::exercised`] does.
    #[must_use]
    pub fn exercised<'r>(&self, requirements: &'r [Requirement]) -> (Vec<&'r str>, Vec<&'r str>) {
        self.judge.exercised(requirements)
    }

    /// How much there was so far.
    #[must_use]
    pub fn tally(&self) -> Tally {
        self.judge.tally()
    }

    fn lines<S: Sink>(
        &mut self,
        input: impl BufRead,
        sink: &mut S,
    ) -> Result<(), Stopped<S::Error>> {
        let judge = &mut self.judge;
        let mut lines = Lines::new(input);
        while let Some(line) = lines.next().map_err(Stopped::Input)? {
            let bytes = line.bytes.unwrap_or_default();
            let entry = line.bytes.map_or(Err(Unreadable::TooLong), read_line);
            let taken = match entry {
                Ok(Entry::Blank) => continue,
                Ok(Entry::Other(other)) => {
                    judge.other(line.number, &other);
                    continue;
                }
                Ok(Entry::Message(record)) => {
                    sink.message(line.number, &record, judge.message(line.number, &record))
                }
                Ok(Entry::Transfer(record)) => sink.transfer(judge.transfer(line.number, &record)),
                Err(why) => sink.finding(judge.unreadable(line.number, bytes, &why)),
            };
            taken.map_err(Stopped::Sink)?;
        }
        Ok(())
    }

    fn packets<S: Sink>(
        &mut self,
        input: impl BufRead + Send,
        sink: &mut S,
    ) -> Result<(), Stopped<S::Error>> {
        let mut traffic = Traffic::new();
        let mut packets = match Packets::new(input) {
            Ok(packets) => packets,
            Err(why) => return self.last_packet(0, why, sink),
        };
        let mut number = 0;
        let last = loop {
            match packets.next() {
                Ok(Some(packet)) => {
                    number = packet.number;
                    for event in traffic.packet(&packet) {
                        self.event(number, event, &traffic, sink).map_err(Stopped::Sink)?;
                    }
                }
                Ok(None) => break Ok(()),
                Err(why) => break Err(why),
            }
        };
        for event in traffic.end(number) {
            self.event(number, event, &traffic, sink).map_err(Stopped::Sink)?;
        }
        if let Some(not_read) = traffic.not_read() {
            let first = not_read.first;
            let finding = self.judge.missing(first, &Unreadable::NotRead(not_read));
            sink.finding(finding).map_err(Stopped::Sink)?;
        }
        last.or_else(|why| self.last_packet(number, why, sink))
    }

    /// Says why there is no packet after this one.
    fn last_packet<S: Sink>(
        &mut self,
        number: usize,
        why: NoPacket,
        sink: &mut S,
    ) -> Result<(), Stopped<S::Error>> {
        let why = match why {
            NoPacket::Io(error) => return Err(Stopped::Input(error)),
            NoPacket::Cut if sink.is_interrupted() => return Ok(()),
            NoPacket::Cut => Unreadable::CutPacket,
            NoPacket::Garbled => Unreadable::GarbledPacket,
        };
        sink.finding(self.judge.unreadable(number + 1, &[], &why)).map_err(Stopped::Sink)
    }

    fn event<S: Sink>(
        &mut self,
        number: usize,
        event: Event,
        traffic: &Traffic,
        sink: &mut S,
    ) -> Result<(), S::Error> {
        match event {
            Event::Message { record, connection, from_client } => {
                let heard = Heard::new(connection, from_client);
                let is_open = |id| traffic.is_open(id);
                match self.judge.packet(number, &record, heard, is_open) {
                    Some(judged) => sink.message(number, &record, judged),
                    None => Ok(()),
                }
            }
            Event::Http(event) => sink.transfer(self.judge.http(number, event)),
            Event::Tls(host) => {
                self.judge.tls(&host);
                Ok(())
            }
            Event::Copy => {
                self.judge.copy();
                Ok(())
            }
            Event::Other(other) => {
                self.judge.other(number, &other);
                Ok(())
            }
            Event::Unreadable { number, why } => sink.finding(self.judge.missing(number, &why)),
            Event::Malformed { number, why, by_device } => {
                sink.finding(self.judge.malformed(number, why, by_device))
            }
        }
    }
}
