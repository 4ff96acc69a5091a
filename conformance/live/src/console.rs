//! Prints events as lines for a person at a terminal.

use std::{
    collections::HashSet,
    fmt::Display,
    io::{self, Write},
    time::Duration,
};

use anstyle::{AnsiColor, Style};
use iothub_resource::{
    Resource, State, Transfer,
    session::{End, platform::PlatformEvent},
};

use super::record::{
    Access, BrokerEvent, Device, DisconnectReason, Event, Handshake, HttpEvent, MqttEvent,
    PlatformNote, Recorded, Service, TaskRef, TlsEvent,
};
use iothub_conformance_suite::excerpt::{counted, one_line};

const DIM: Style = Style::new().dimmed();
const BOLD: Style = Style::new().bold();
const PLAIN: Style = Style::new();
const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default();
const ODD: Style = AnsiColor::Yellow.on_default();

/// The maximum number of devices that the totals count exactly.
const DEVICES: usize = 65_536;
/// The maximum length of the name at the beginning of a line, in bytes.
const LONGEST_NAME: usize = 120;
const LONGEST_SENTENCE: usize = 1_000;

/// A known reason why a device does not request an issued URL. If the reason applies, the line
/// about the URL ends with this text.
const PORT_IN_URL: &str = ": the URL names a port, but the vendor's C SDK resolves the host and \
                           the port as one name and reports `-1 time_out`";

/// A printer of event lines, which counts devices and transfers for the totals.
pub(crate) struct Console {
    devices: HashSet<Device>,
    uploads: u64,
    bytes: u64,
    downloads: u64,
    /// Whether a line has already reported that a device refused the certificate of the object
    /// store.
    refuses_store: bool,
}

impl Console {
    pub(crate) fn new() -> Self {
        Self { devices: HashSet::new(), uploads: 0, bytes: 0, downloads: 0, refuses_store: false }
    }

    /// Prints the line for an event, if the event needs a line, and updates the totals.
    ///
    /// # Errors
    ///
    /// Returns an error if `out` cannot be written.
    pub(crate) fn event(&mut self, recorded: &Recorded, out: &mut dyn Write) -> io::Result<()> {
        let mut line = Line { at: recorded.at, out };
        match &recorded.event {
            Event::Mqtt(event) => mqtt(event, &mut line),
            Event::Http(_, event) => http(event, &mut line),
            Event::Tls(TlsEvent { service, peer, handshake }) => match handshake.failure() {
                // A complete handshake needs no line, because the next line names the device.
                None => Ok(()),
                Some(why) => {
                    let is_refused = matches!(handshake, Handshake::Refused(_));
                    self.refuses_store |= is_refused && *service == Service::Http;
                    line.say(ODD, peer, format_args!("{service} with TLS refused: {why}"))
                }
            },
            Event::Platform(device, note) => self.platform(*device, note, &mut line),
            Event::Broker(BrokerEvent::Connected) => {
                line.say(PLAIN, "broker", "connected and subscribed to the messages from devices")
            }
            Event::Broker(BrokerEvent::Lost(why)) => {
                line.say(BAD, "broker", format_args!("connection lost: {why}; trying again"))
            }
        }
    }

    /// Prints the number of events that were dropped because they arrived too fast.
    ///
    /// # Errors
    ///
    /// Returns an error if `out` cannot be written.
    pub(crate) fn lost(&self, count: u64, out: &mut dyn Write) -> io::Result<()> {
        writeln!(
            out,
            "{DIM}… {} not printed, because too many arrived at once{DIM:#}",
            counted(count, "event")
        )
    }

    /// Prints the numbers of devices, stored uploads and completed downloads.
    ///
    /// # Errors
    ///
    /// Returns an error if `out` cannot be written.
    pub(crate) fn totals(&self, out: &mut dyn Write) -> io::Result<()> {
        let Self { uploads, downloads, .. } = self;
        let devices = self.devices.len();
        let at_least = if devices < DEVICES { "" } else { "at least " };
        writeln!(
            out,
            "{at_least}{BOLD}{devices}{BOLD:#} device{}, {BOLD}{uploads}{BOLD:#} upload{} kept \
             ({}), {BOLD}{downloads}{BOLD:#} download{} done",
            plural(devices as u64),
            plural(*uploads),
            counted(self.bytes, "byte"),
            plural(*downloads),
        )
    }

    fn platform(
        &mut self,
        device: Device,
        note: &PlatformNote,
        line: &mut Line<'_>,
    ) -> io::Result<()> {
        let who = name(&device);
        match note {
            PlatformNote::New => {
                if self.devices.len() < DEVICES {
                    self.devices.insert(device);
                }
                Ok(())
            }
            PlatformNote::Task(event) => self.task(&who, event, line),
            PlatformNote::Malformed { code, why } => {
                line.say(BAD, who, format_args!("sends an invalid message, {code}: {why}"))
            }
            PlatformNote::Misplaced(why) => {
                line.say(BAD, who, format_args!("sends a message at the wrong moment: {why}"))
            }
            PlatformNote::NothingToOffer => line.say(
                PLAIN,
                who,
                "requests a download, but the platform has no download for this device",
            ),
            PlatformNote::NotThere(name) => line.say(
                BAD,
                who,
                format_args!("reports that {name} is uploaded, but its bytes did not arrive"),
            ),
            PlatformNote::NeverAsked { name, names_a_port } => {
                let is_cause = *names_a_port && !self.refuses_store;
                let port = if is_cause { PORT_IN_URL } else { "" };
                line.say(ODD, who, format_args!("has not requested the URL of {name}{port}"))
            }
            PlatformNote::Kept { name, bytes: size, path } => {
                self.uploads += 1;
                self.bytes += size;
                let text = format!(
                    "uploaded {name}: {}, MD5 matches, kept as {path}",
                    counted(*size, "byte")
                );
                line.say(GOOD, who, text)
            }
            PlatformNote::Trouble(why) => line.say(BAD, who, why),
        }
    }

    fn task(&mut self, who: &str, event: &PlatformEvent, line: &mut Line<'_>) -> io::Result<()> {
        match event {
            PlatformEvent::Issued(resource) => {
                let text = format!("may upload {}", described(resource));
                line.say(PLAIN, who, text)
            }
            PlatformEvent::Delivered(task) => {
                let text = format!("may download {}", described(&task.resource()));
                line.say(PLAIN, who, text)
            }
            PlatformEvent::Progress { transfer, report } => {
                let percent = match report.progress.state {
                    State::Running(percent) => format!(" {percent}%"),
                    // The next line reports the end.
                    State::Done(_) | State::Fail(_) => return Ok(()),
                };
                let doing = transfer.running_word();
                line.say(DIM, who, format_args!("{doing} {}:{percent}", report.name))
            }
            PlatformEvent::Ended { transfer, name, end } => {
                let kind = kind(*transfer);
                match end {
                    End::Success => {
                        self.downloads += u64::from(*transfer == Transfer::Download);
                        line.say(GOOD, who, format_args!("{kind} of {name} done"))
                    }
                    End::Failure(code) => {
                        let known = code.known_message().filter(|known| !known.is_empty());
                        let known = known.map_or_else(String::new, |known| format!(", {known}"));
                        line.say(
                            BAD,
                            who,
                            format_args!("{kind} of {name} failed with code {code}{known}"),
                        )
                    }
                }
            }
            PlatformEvent::BrokenRule { transfer, report, kind: broken } => {
                let kind = kind(*transfer);
                let name = &report.name;
                line.say(
                    BAD,
                    who,
                    format_args!("sends a misplaced report on the {kind} of {name}: {broken}"),
                )
            }
            _ => Ok(()),
        }
    }
}

fn mqtt(event: &MqttEvent, line: &mut Line<'_>) -> io::Result<()> {
    match event {
        MqttEvent::Connected { peer, client_id, version, is_tls } => {
            let tls = if *is_tls { " and TLS" } else { "" };
            let text = format_args!("connects with MQTT {version}{tls} from {peer}");
            line.say(PLAIN, client_id, text)
        }
        MqttEvent::Refused { peer, why, .. } => {
            line.say(ODD, peer, format_args!("MQTT connection refused: {why}"))
        }
        MqttEvent::Lapse { client_id, lapse } => line.say(
            ODD,
            client_id,
            format_args!("violates MQTT, and brokers may close its connection: {lapse}"),
        ),
        MqttEvent::Subscribed { client_id, filter } => {
            line.say(PLAIN, client_id, format_args!("subscribes to {filter}"))
        }
        MqttEvent::Denied { client_id, access, topic } => {
            let what = match access {
                Access::Publish => "publish on",
                Access::Subscribe => "subscribe to",
            };
            line.say(BAD, client_id, format_args!("may not {what} {topic}"))
        }
        MqttEvent::Disconnected { client_id, why } => {
            let style = if *why == DisconnectReason::Goodbye { PLAIN } else { ODD };
            line.say(style, client_id, format_args!("disconnects: {why}"))
        }
    }
}

fn http(event: &HttpEvent, line: &mut Line<'_>) -> io::Result<()> {
    match event {
        HttpEvent::Request { method, target, lapses, .. } => lapses.iter().try_for_each(|lapse| {
            line.say(ODD, "HTTP", format_args!("{method} {target} violates HTTP: {lapse}"))
        }),
        HttpEvent::Refused { peer, why } => {
            line.say(BAD, peer, format_args!("HTTP request refused: {why}"))
        }
        HttpEvent::Response { status, method, target, task, received, sent, fault, host, why } => {
            let style = if *status < 400 { PLAIN } else { BAD };
            let who = owner(task.as_ref());
            let what = task.as_ref().map_or_else(|| target.to_string(), |t| t.name.clone());
            let passed = match &**method {
                "PUT" => format!(", {} received", counted(*received, "byte")),
                "GET" if *status < 400 => format!(", {} sent", counted(*sent, "byte")),
                _ => String::new(),
            };
            let fault = fault.map(|fault| fault.to_string());
            let fault = fault.or_else(|| host.as_ref().map(|fault| fault.to_string()));
            let fault = fault.or_else(|| why.clone());
            let why = fault.map_or_else(String::new, |fault| format!(": {fault}"));
            line.say(style, who, format_args!("{method} {what}: {status}{passed}{why}"))
        }
        HttpEvent::Broken { target, task, received, sent, why, .. } => {
            let who = owner(task.as_ref());
            let what = task.as_ref().map_or_else(|| target.to_string(), |t| t.name.clone());
            let text = format!(
                "HTTP exchange for {what} broke after {}: {why}",
                counted(received + sent, "byte")
            );
            line.say(ODD, who, text)
        }
    }
}

struct Line<'a> {
    at: Duration,
    out: &'a mut dyn Write,
}

impl Line<'_> {
    /// Writes `who` and `what` as one line of limited length. Line ends and control characters are
    /// escaped.
    fn say(&mut self, style: Style, who: impl Display, what: impl Display) -> io::Result<()> {
        let seconds = self.at.as_secs_f64();
        let mut who = one_line(&who.to_string(), LONGEST_NAME);
        // Without quotation marks, a name with spaces could look like the rest of a line.
        if who.contains(' ') {
            who = format!("\"{who}\"");
        }
        let what = one_line(&what.to_string(), LONGEST_SENTENCE);
        writeln!(
            self.out,
            "{DIM}{seconds:9.3}{DIM:#}  {BOLD}{who:<20}{BOLD:#}  {style}{what}{style:#}"
        )
    }
}

fn name((product_id, device_name): &Device) -> String {
    format!("{product_id}/{device_name}")
}

fn owner(task: Option<&TaskRef>) -> String {
    task.and_then(|task| task.device.as_ref()).map_or_else(|| "HTTP".to_owned(), name)
}

fn described(resource: &Resource<'_>) -> String {
    let Resource { size, name, md5sum } = resource;
    format!("{name}: {}, MD5 {md5sum}", counted(size.bytes(), "byte"))
}

const fn kind(transfer: Transfer) -> &'static str {
    match transfer {
        Transfer::Upload => "upload",
        Transfer::Download => "download",
    }
}

const fn plural(count: u64) -> &'static str {
    if count == 1 { "" } else { "s" }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, SocketAddr};

    use super::*;

    #[test]
    fn a_port_is_no_cause_where_the_certificate_is_refused() {
        let device = ("P".parse().unwrap(), "d".parse().unwrap());
        let never_asked = PlatformNote::NeverAsked { name: "log".to_owned(), names_a_port: true };
        let peer = SocketAddr::from((Ipv4Addr::LOCALHOST, 1));
        let handshake = Handshake::Refused("it refuses the certificate".to_owned());
        let refused = |service| TlsEvent { service, peer, handshake: handshake.clone() };
        let mut console = Console::new();
        let mut said = |event| {
            let mut out = Vec::new();
            let recorded = Recorded { at: Duration::ZERO, lost: 0, event };
            console.event(&recorded, &mut out).unwrap();
            String::from_utf8(out).unwrap()
        };
        said(Event::Tls(refused(Service::Mqtt)));
        assert!(said(Event::Platform(device, never_asked.clone())).contains("names a port"));
        said(Event::Tls(refused(Service::Http)));
        let line = said(Event::Platform(device, never_asked));
        assert!(line.contains("has not requested the URL of log"), "{line}");
        assert!(!line.contains("names a port"), "{line}");
    }
}
