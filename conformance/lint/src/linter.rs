//! Judges all lines or packets of a capture in order.

use std::{
    convert::Infallible,
    io::{self, BufRead},
};

use iothub_conformance_suite::{Requirement, result::Finding};

use super::{
    capture::{
        Capture, Entry, Lines, Pretty, Record, Took, Unit, Unreadable,
        packets::{Event, NoPacket, Packets, Traffic},
        read_line,
    },
    dedup::Heard,
    http::JudgedTransfer,
    judge::{Judge, Judged, Options, Tally},
};

/// A receiver for the findings of [`Linter::lint`], which arrive as soon as they are found.
///
/// A `Vec<Finding>` is a sink that keeps every finding.
pub trait Sink {
    /// The reason why the sink accepts nothing more.
    type Error;

    /// Receives a message on a resource topic and its findings. `at` is the number of the line or
    /// packet.
    ///
    /// # Errors
    ///
    /// Returns an error to stop the linter.
    fn message(
        &mut self,
        at: usize,
        record: &Record<'_>,
        judged: Judged<'_>,
    ) -> Result<(), Self::Error>;

    /// Receives the result of a step of an HTTP transfer.
    ///
    /// # Errors
    ///
    /// Returns an error to stop the linter.
    fn transfer(&mut self, judged: JudgedTransfer) -> Result<(), Self::Error> {
        judged.findings.into_iter().try_for_each(|finding| self.finding(finding))
    }

    /// Receives a finding that does not concern a single message, for example a finding about an
    /// unreadable line.
    ///
    /// # Errors
    ///
    /// Returns an error to stop the linter.
    fn finding(&mut self, finding: Finding) -> Result<(), Self::Error>;

    /// Receives a finding that becomes visible only at the end of the capture. The finding is about
    /// an earlier message.
    ///
    /// # Errors
    ///
    /// Returns an error to stop the linter.
    fn unanswered(&mut self, finding: Finding) -> Result<(), Self::Error> {
        self.finding(finding)
    }

    /// Returns whether the input ends because reading was interrupted. A packet that is cut off at
    /// the end is then not reported.
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

/// The reason why a capture was not judged to its end.
#[derive(Debug)]
#[allow(clippy::exhaustive_enums, reason = "only the input and the sink can fail")]
pub enum Stopped<E> {
    /// The capture cannot be read. Everything before the error was judged.
    Input(io::Error),
    /// The sink accepts nothing more.
    Sink(E),
}

/// A judge of one capture from its first byte to its last, in bounded memory.
#[derive(Debug)]
pub struct Linter {
    judge: Judge,
}

impl Linter {
    /// Creates a linter for a new capture.
    #[must_use]
    pub fn new(options: Options) -> Self {
        Self { judge: Judge::new(options) }
    }

    /// Judges a capture. At the end, reports the unanswered messages and unfinished transfers, even
    /// if reading failed before the end of the capture.
    ///
    /// # Errors
    ///
    /// Returns an error if the input cannot be read or the sink accepts nothing more.
    pub fn lint<S: Sink>(
        &mut self,
        capture: Capture<'_>,
        sink: &mut S,
    ) -> Result<(), Stopped<S::Error>> {
        let unit = capture.unit();
        let (input, damage) = capture.into_parts();
        let mut number = 0;
        let read = match unit {
            Unit::Line => self.lines(input, &mut number, sink),
            Unit::Packet => self.packets(input, &mut number, sink),
        };
        let damage = damage.why().filter(|_| !sink.is_interrupted());
        let read = match read {
            Err(Stopped::Sink(error)) => return Err(Stopped::Sink(error)),
            Err(stopped) => Err(stopped),
            Ok(why) => {
                if let Some(why) = damage.or(why) {
                    let finding = self.judge.unreadable(number + 1, &[], &why);
                    sink.finding(finding).map_err(Stopped::Sink)?;
                }
                Ok(())
            }
        };
        for finding in self.judge.end() {
            sink.unanswered(finding).map_err(Stopped::Sink)?;
        }
        read
    }

    /// Returns the ids of the exercised requirements, and the ids of the other requirements. See
    /// [`Judge::exercised`].
    #[must_use]
    pub fn exercised<'r>(&self, requirements: &'r [Requirement]) -> (Vec<&'r str>, Vec<&'r str>) {
        self.judge.exercised(requirements)
    }

    /// Returns the numbers of messages and findings so far.
    #[must_use]
    pub fn tally(&self) -> Tally {
        self.judge.tally()
    }

    /// Judges all lines. Returns `None` after the last line, because a text capture may end after
    /// any line.
    fn lines<S: Sink>(
        &mut self,
        input: impl BufRead,
        number: &mut usize,
        sink: &mut S,
    ) -> Result<Option<Unreadable>, Stopped<S::Error>> {
        let mut lines = Lines::new(input);
        let mut pretty = Pretty::default();
        let mut mention = None;
        while let Some(line) = lines.next().map_err(Stopped::Input)? {
            *number = line.number;
            let bytes = line.bytes.unwrap_or_default();
            if pretty.is_open() {
                let begins = bytes.trim_ascii_start().starts_with(b"{");
                let is_whole =
                    begins && matches!(read_line(bytes), Ok(entry) if entry != Entry::Blank);
                let took =
                    if is_whole || line.bytes.is_none() { Took::No } else { pretty.add(bytes) };
                match took {
                    Took::More => continue,
                    Took::Whole => {
                        let (first, _, text) = pretty.take();
                        self.line(first, &text, read_line(&text), &mut mention, sink)?;
                        continue;
                    }
                    Took::No => self.unfinished(&mut pretty, &mut mention, sink)?,
                }
            }
            if pretty.begin(line.number, bytes) {
                continue;
            }
            let entry = line.bytes.map_or(Err(Unreadable::TooLong), read_line);
            self.line(line.number, bytes, entry, &mut mention, sink)?;
        }
        self.unfinished(&mut pretty, &mut mention, sink)?;
        if let Some(line) = mention.filter(|_| self.judge.tally().messages == 0) {
            let finding = self.judge.unreadable(line, &[], &Unreadable::NoMessage);
            sink.finding(finding).map_err(Stopped::Sink)?;
        }
        Ok(None)
    }

    /// If an object has no end, reports its first line as a line that cannot be read.
    fn unfinished<S: Sink>(
        &mut self,
        pretty: &mut Pretty,
        mention: &mut Option<usize>,
        sink: &mut S,
    ) -> Result<(), Stopped<S::Error>> {
        if !pretty.is_open() {
            return Ok(());
        }
        let (first, length, text) = pretty.take();
        let line = &text[..length.min(text.len())];
        self.line(first, line, read_line(line), mention, sink)
    }

    fn line<S: Sink>(
        &mut self,
        number: usize,
        bytes: &[u8],
        entry: Result<Entry<'_>, Unreadable>,
        mention: &mut Option<usize>,
        sink: &mut S,
    ) -> Result<(), Stopped<S::Error>> {
        let judge = &mut self.judge;
        let taken = match entry {
            Ok(Entry::Blank) => return Ok(()),
            Ok(Entry::Other(other)) => {
                if other.mentions_ours {
                    mention.get_or_insert(number);
                }
                judge.other(number, &other);
                return Ok(());
            }
            Ok(Entry::Message(record)) => {
                sink.message(number, &record, judge.message(number, &record))
            }
            Ok(Entry::Messages(records)) => records
                .iter()
                .try_for_each(|record| sink.message(number, record, judge.message(number, record))),
            Ok(Entry::Transfer(record)) => sink.transfer(judge.transfer(number, &record)),
            Err(why) => match judge.unreadable_line(number, bytes, &why) {
                Some(finding) => sink.finding(finding),
                None => return Ok(()),
            },
        };
        taken.map_err(Stopped::Sink)
    }

    fn packets<S: Sink>(
        &mut self,
        input: impl BufRead + Send,
        number: &mut usize,
        sink: &mut S,
    ) -> Result<Option<Unreadable>, Stopped<S::Error>> {
        let mut traffic = Traffic::new();
        let mut last = Ok(());
        match Packets::new(input) {
            Err(why) => last = Err(why),
            Ok(mut packets) => loop {
                match packets.next() {
                    Ok(Some(packet)) => {
                        *number = packet.number;
                        for event in traffic.packet(&packet) {
                            self.event(*number, event, &traffic, sink).map_err(Stopped::Sink)?;
                        }
                    }
                    Ok(None) => break,
                    Err(why) => {
                        last = Err(why);
                        break;
                    }
                }
            },
        }
        for event in traffic.end(*number) {
            self.event(*number, event, &traffic, sink).map_err(Stopped::Sink)?;
        }
        if let Some(not_read) = traffic.not_read() {
            let first = not_read.first;
            let finding = self.judge.missing(first, &Unreadable::NotRead(not_read));
            sink.finding(finding).map_err(Stopped::Sink)?;
        }
        Ok(match last {
            Ok(()) => None,
            Err(NoPacket::Io(error)) => return Err(Stopped::Input(error)),
            Err(NoPacket::Cut) if sink.is_interrupted() => None,
            Err(NoPacket::Cut) => Some(Unreadable::CutPacket),
            Err(NoPacket::Garbled) => Some(Unreadable::GarbledPacket),
        })
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
