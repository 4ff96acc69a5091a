//! `serve`: acts as a well-behaved platform.

use std::{
    collections::HashSet,
    fs,
    io::{self, Write},
    net::SocketAddr,
    path::{Path, PathBuf},
};

use clap::Args;
use iothub_conformance_live::{
    Address,
    serve::{AccessList, Audience, BadLine, MqttSource, Offer, ServeOptions, Serving},
};
use iothub_resource::{MessageType, Profile, ResourceUrl};

use super::{
    address, interrupt,
    output::Output,
    status::{Error, Status},
    tls::TlsArguments,
};
use crate::excerpt::counted;

impl Audience for Output {
    fn is_gone(&self) -> bool {
        self.is_closed()
    }
}

/// Runs a well-behaved platform for developing a device
#[derive(Args, Debug)]
#[command(after_help = "\
Without --broker, the platform is an MQTT broker (3.1, 3.1.1 and 5) and an HTTP object store in \
one process. With --tls, both also offer TLS ports. Devices publish on \
$resource/up/service/{product_id}/{device_name}. The output reports the actions of devices, one on \
each line.

Exit status: 0 ended by Ctrl-C; 2 wrong usage, or a file that cannot be read or written; 3 an \
address, a broker or a --store folder that cannot be used

Examples:
  iothub-conformance serve --store uploads --offer firmware.bin
  iothub-conformance serve --listen 0.0.0.0:1883 --http 0.0.0.0:80 \\
      --public-url http://192.0.2.7
  iothub-conformance serve --tls --tls-ca ca.pem
  iothub-conformance serve --broker mqtt://localhost --offer firmware.bin --push")]
pub(super) struct Serve {
    /// The address for MQTT clients. With port 0, the system chooses a port
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:1883", value_parser = address::listen)]
    listen: SocketAddr,
    /// The address of the object store. With port 0, the system chooses a port
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080", value_parser = address::listen)]
    http: SocketAddr,
    /// The beginning of issued URLs, if devices reach the object store at an address other than
    /// that of --http or --https. A URL without a port means port 80, or port 443 for https
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// The folder for uploads [default: a temporary folder]. Uploads are stored as
    /// {product_id}/{device_name}/{name}. Names are percent-encoded and shortened where necessary
    #[arg(long, value_name = "DIR")]
    store: Option<PathBuf>,
    /// A file with the permitted clients, each on a separate line. For a user, write the MQTT user
    /// name and password as `USERNAME:PASSWORD`, for example `alice:secret`. For a device that uses
    /// one of the vendor's SDKs, write `device PRODUCT_ID/DEVICE_NAME SECRET`, for example `device
    /// ABCDEFGHIJ/device1 AAECAwQFBgcICQoLDA0ODw==`. SECRET is the Base64 text that the vendor's
    /// console shows for the device. In DEVICE_NAME, write %3A for a colon. Without this option,
    /// every client may connect
    #[arg(long, value_name = "FILE", conflicts_with = "broker")]
    credentials: Option<PathBuf>,
    /// A file that every device may download until the device reports success. This option may be
    /// repeated
    #[arg(long, value_name = "FILE")]
    offer: Vec<PathBuf>,
    /// Push the offered files one second after a device has subscribed. With --broker, push them
    /// after a device has sent a message other than a query. Devices that send a query also get the
    /// files
    #[arg(long, requires = "offer")]
    push: bool,
    /// The permitted messages: only those of the vendor's published pages (documented), or also
    /// those of deployed devices (deployed)
    #[arg(long, default_value_t = Profile::Deployed)]
    profile: Profile,
    /// Use this broker instead of the built-in broker: mqtt://[user:password@]host[:port]
    #[arg(long, value_name = "URL", conflicts_with = "listen", value_parser = address::plain_broker)]
    broker: Option<Address>,
    #[command(flatten)]
    tls: TlsArguments,
}

pub(super) fn main(arguments: &Serve, out: &mut Output) -> Result<Status, Error> {
    let Serve { listen, http, public_url, push, .. } = arguments;
    if public_url.is_some() || !arguments.tls.is_on() {
        check_public_url(public_url.as_deref(), *http)?;
    }
    if *push && !MessageType::Download.is_in(arguments.profile) {
        return Err(Error::Usage("--push: the documented profile has no `download`".to_owned()));
    }
    let offers =
        arguments.offer.iter().map(|path| read_offer(path)).collect::<Result<Vec<_>, _>>()?;
    let mut names = HashSet::new();
    if let Some(twice) = offers.iter().find(|offer| !names.insert(offer.resource.name.as_str())) {
        let name = twice.resource.name.as_str();
        return Err(Error::Usage(format!(
            "--offer: two files are named {name}, but a device distinguishes downloads by their \
             names"
        )));
    }
    let mqtt = match &arguments.broker {
        Some(broker) => MqttSource::Broker(broker.clone()),
        None => {
            let access = arguments.credentials.as_deref().map(read_access).transpose()?;
            MqttSource::Listen { address: *listen, access }
        }
    };
    if let Some(store) = arguments.store.as_deref().filter(|store| store.is_file()) {
        return Err(Error::Usage(format!(
            "--store {} is a file: give the folder for uploads, for example --store uploads",
            store.display()
        )));
    }
    // The temporary folder is removed at the end of this function.
    let temporary = match &arguments.store {
        Some(_) => None,
        None => Some(tempfile::tempdir()?),
    };
    let store = match (&arguments.store, &temporary) {
        (Some(store), _) => store.clone(),
        (None, Some(folder)) => folder.path().to_owned(),
        (None, None) => PathBuf::new(),
    };
    let open_files = allow_many_connections();

    let options = ServeOptions {
        profile: arguments.profile,
        mqtt,
        http: *http,
        tls: arguments.tls.options([8883, 8443])?,
        public_url: public_url.clone(),
        store: store.clone(),
        offers: offers.clone(),
        push: *push,
        open_files,
    };
    let serving = Serving::open(options).map_err(|why| Error::Server(Box::new(why)))?;
    let stopper = serving.stopper();
    interrupt::at_first_ctrl_c(move || stopper.stop())?;
    banner(arguments, &serving, &offers, &store, out)?;
    serving.run(std::mem::replace(out, Output::nowhere()))?;
    Ok(Status::Passed)
}

fn banner(
    arguments: &Serve,
    serving: &Serving,
    offers: &[Offer],
    store: &Path,
    out: &mut dyn Write,
) -> io::Result<()> {
    const BOLD: anstyle::Style = anstyle::Style::new().bold();
    const DIM: anstyle::Style = anstyle::Style::new().dimmed();
    let mut line = |what: &str, value: &str, more: &str| {
        write!(out, "{what:6} {BOLD}{value}{BOLD:#}")?;
        if more.is_empty() { writeln!(out) } else { writeln!(out, "  {DIM}{more}{DIM:#}") }
    };
    let versions = if arguments.broker.is_some() {
        "the broker, with this command as its client"
    } else if arguments.credentials.is_some() {
        "3.1, 3.1.1 and 5; only clients in the credentials file"
    } else {
        "3.1, 3.1.1 and 5; any client id, user name and password"
    };
    line("MQTT", serving.mqtt_url(), versions)?;
    if let Some(url) = serving.mqtts_url() {
        line("MQTTS", url, &arguments.tls.certificate())?;
    }
    let public = serving.public_url();
    let about_urls =
        if names_a_port(public) { PORT_IN_URL } else { "the beginning of issued URLs" };
    let http = format!("http://{}", serving.http_address());
    let has_public_url = arguments.public_url.is_some();
    match serving.https_url() {
        None if has_public_url => line("HTTP", &http, "the object store")?,
        None => line("HTTP", public, about_urls)?,
        Some(https) => {
            let about_https = if has_public_url { "the object store with TLS" } else { about_urls };
            line("HTTP", &http, "the object store without TLS")?;
            line("HTTPS", https, about_https)?;
        }
    }
    if has_public_url {
        line("URLs", public, about_urls)?;
    }
    let kept = if arguments.store.is_some() { "" } else { "until the end; --store DIR keeps them" };
    line("Store", &store.display().to_string(), kept)?;
    for Offer { resource, path, .. } in offers {
        let how = if arguments.push { "pushed" } else { "for any device that asks" };
        let size = counted(resource.size.bytes(), "byte");
        let more = format!("{size}, MD5 {}, {how}", resource.md5sum);
        line("Offer", &path.display().to_string(), &more)?;
    }
    writeln!(out, "{DIM}Ctrl-C ends the platform{DIM:#}")?;
    out.flush()
}

/// A warning about the vendor's C SDK, for issued URLs that name a port.
pub(super) const PORT_IN_URL: &str = "issued URLs name a port: the vendor's C SDK resolves the \
                                      host and the port as one name, for example `127.0.0.1:8080`, \
                                      and reports `-1 time_out`";

/// Returns whether issued URLs that begin with `public_url` name a port.
pub(super) fn names_a_port(public_url: &str) -> bool {
    ResourceUrl::new(public_url).is_ok_and(|url| url.port().is_some())
}

pub(super) fn check_public_url(url: Option<&str>, http: SocketAddr) -> Result<(), Error> {
    let usage = |why: String| Err(Error::Usage(why));
    match url {
        None if http.ip().is_unspecified() => usage(format!(
            "--http {http} is every address of this machine: with --public-url, name the address \
             that devices use, for example --public-url http://192.0.2.7:{}",
            http.port()
        )),
        None => Ok(()),
        Some(url) => match ResourceUrl::new(url) {
            Err(error) => usage(format!("--public-url: {error}")),
            Ok(_) if url.contains(['?', '#']) => {
                usage("--public-url must not have a query or a fragment".to_owned())
            }
            Ok(_) => Ok(()),
        },
    }
}

fn read_offer(path: &Path) -> Result<Offer, Error> {
    Offer::read(path).map_err(|error| Error::File(path.to_owned(), error))
}

fn read_access(path: &Path) -> Result<AccessList, Error> {
    let text = fs::read_to_string(path).map_err(|error| Error::File(path.to_owned(), error))?;
    AccessList::parse(&text).map_err(|BadLine { line, why, .. }| {
        Error::Usage(format!("{}: line {line}: {why}", path.display()))
    })
}

/// Allows as many open files as the system permits, because each connection is an open file.
/// Returns the permitted number of open files, or `None` if it is unlimited or unknown.
pub(super) fn allow_many_connections() -> Option<u64> {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, getrlimit, setrlimit};

        let mut limit = getrlimit(Resource::Nofile);
        limit.current = limit.maximum;
        // If the system refuses, the limit stays unchanged.
        let _ = setrlimit(Resource::Nofile, limit);
        getrlimit(Resource::Nofile).current
    }
    #[cfg(not(unix))]
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_needs_a_name() {
        let http: SocketAddr = "0.0.0.0:80".parse().unwrap();
        assert!(check_public_url(None, http).is_err());
        assert!(check_public_url(Some("http://h/p"), http).is_ok());
        for url in ["h", "ftp://h", "http://h?x", "http://"] {
            assert!(check_public_url(Some(url), http).is_err(), "{url}");
        }
    }
}
