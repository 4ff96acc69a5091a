//! `serve`: is a well-behaved platform.

use std::{
    collections::HashSet,
    fs,
    io::{self, Write},
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::Duration,
};

use clap::Args;
use iothub_resource::{MessageType, Profile, ResourceUrl};
use tokio::{
    runtime::{Builder, Runtime},
    select,
    sync::watch,
    time::timeout,
};

use super::{
    interrupt,
    output::Output,
    status::{Error, Status},
};
use crate::live::{
    Address, Limits,
    console::{Console, bytes},
    mqtt::access::{AccessList, BadLine},
    platform::{Context, Offer, Platform},
    platform_server::{MqttSource, PlatformServer, ServerOptions},
    record::Recorder,
};

/// Is a well-behaved platform, to develop a device against
#[derive(Args, Debug)]
#[command(after_help = "\
MQTT 3.1, 3.1.1 and 5, without TLS, and an HTTP object store, in one process. Devices publish on \
$resource/up/service/{product_id}/{device_name}. Each line of output is something that a device \
did.

Exit status: 0 ended by Ctrl-C, 2 wrong usage or an unreadable file, 3 an address that cannot be \
listened on or a broker that cannot be used

Examples:
  iothub-conformance serve --store uploads --offer firmware.bin
  iothub-conformance serve --listen 0.0.0.0:1883 --http 0.0.0.0:80 \\
      --public-url http://192.0.2.7
  iothub-conformance serve --broker mqtt://localhost --offer firmware.bin --push")]
pub(super) struct Serve {
    /// Where MQTT clients connect to; port 0 is any that is free
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:1883")]
    listen: SocketAddr,
    /// Where the object store listens; port 0 is any that is free
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    http: SocketAddr,
    /// What issued URLs begin with, if devices reach the object store under another name. Without
    /// a port in it, the object store has to be reached on port 80
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// The folder that uploads are kept in, as {product_id}/{device_name}/{name}; without it, they
    /// are kept until the end
    #[arg(long, value_name = "DIR")]
    store: Option<PathBuf>,
    /// Who may connect, a line each: `USER NAME:PASSWORD`, or `device PRODUCT_ID/DEVICE_NAME SECRET`
    /// for what the vendor's SDKs say (%3A for a colon in the name). Without it, everybody
    #[arg(long, value_name = "FILE", conflicts_with = "broker")]
    credentials: Option<PathBuf>,
    /// A file that every device may download, once: until it says that it has it; repeatable
    #[arg(long, value_name = "FILE")]
    offer: Vec<PathBuf>,
    /// Offers are pushed, a second after a device has subscribed; who asks gets them too
    #[arg(long, requires = "offer")]
    push: bool,
    /// The messages that there are: as the pages show them (documented), or also what real devices
    /// send (deployed)
    #[arg(long, default_value_t = Profile::Deployed)]
    profile: Profile,
    /// Use this broker instead of an MQTT endpoint of our own: mqtt://[user:password@]host[:port]
    #[arg(long, value_name = "URL", conflicts_with = "listen")]
    broker: Option<Address>,
}

pub(super) fn main(arguments: &Serve, out: &mut Output) -> Result<Status, Error> {
    let Serve { listen, http, public_url, push, .. } = arguments;
    check_public_url(public_url.as_deref(), *http)?;
    if *push && !MessageType::Download.is_in(arguments.profile) {
        return Err(Error::Usage("--push: the documented profile has no `download`".to_owned()));
    }
    let offers =
        arguments.offer.iter().map(|path| read_offer(path)).collect::<Result<Vec<_>, _>>()?;
    let mut names = HashSet::new();
    if let Some(twice) = offers.iter().find(|offer| !names.insert(offer.resource.name.as_str())) {
        let name = twice.resource.name.as_str();
        return Err(Error::Usage(format!(
            "--offer: two files are named {name}; a device tells downloads apart by their name"
        )));
    }
    let mqtt = match &arguments.broker {
        Some(broker) => MqttSource::Broker(broker.clone()),
        None => {
            let access = arguments.credentials.as_deref().map(read_access).transpose()?;
            MqttSource::Listen { address: *listen, access }
        }
    };
    // It goes when this function ends.
    let temporary = match &arguments.store {
        Some(_) => None,
        None => Some(tempfile::tempdir()?),
    };
    let store = match (&arguments.store, &temporary) {
        (Some(store), _) => store.clone(),
        (None, Some(folder)) => folder.path().to_owned(),
        (None, None) => PathBuf::new(),
    };
    allow_many_connections();

    let runtime = Builder::new_current_thread().enable_all().build()?;
    let limits = Limits::default();
    let plan = ServerOptions {
        mqtt,
        http: *http,
        public_url: public_url.clone(),
        store: store.clone(),
        limits: limits.clone(),
    };
    let server =
        runtime.block_on(PlatformServer::open(plan)).map_err(|why| Error::Site(Box::new(why)))?;
    let (stopper, stop) = stopped_by_ctrl_c()?;
    banner(arguments, &server, &offers, &store, out)?;

    let recorder = server.recorder.clone();
    let context = Context::new(&server, arguments.profile, offers, *push);
    let platform = Platform::new(context, limits);
    let ended = stop.clone();
    let serving = thread::spawn(move || serve(&runtime, server, platform, ended));
    show(&recorder, &stopper, stop, &serving, out)?;
    serving.join().map_err(|_| io::Error::other("the platform has panicked"))?;
    Ok(Status::Passed)
}

fn serve(
    runtime: &Runtime,
    mut server: PlatformServer,
    mut platform: Platform,
    mut stop: watch::Receiver<bool>,
) {
    runtime.block_on(async {
        select! {
            () = platform.run(&mut server.incoming) => {}
            _ = stop.wait_for(|stop| *stop) => {}
        }
        server.close().await;
    });
}

/// Writes what happens, until the other thread has come to its end.
fn show(
    recorder: &Recorder,
    stopper: &watch::Sender<bool>,
    mut stop: watch::Receiver<bool>,
    serving: &thread::JoinHandle<()>,
    out: &mut Output,
) -> io::Result<()> {
    // A thread and a runtime of its own: a terminal may take as long as it likes.
    let runtime = Builder::new_current_thread().enable_time().build()?;
    let mut show = Console::new();
    let mut stopping = false;
    loop {
        let next = runtime.block_on(async {
            if stopping {
                return timeout(Duration::from_millis(10), recorder.next()).await.ok();
            }
            select! {
                biased;
                next = recorder.next() => Some(next),
                _ = stop.wait_for(|stop| *stop) => None,
            }
        });
        match next {
            Some(recorded) => {
                if recorded.lost > 0 {
                    show.lost(recorded.lost, out)?;
                }
                show.event(&recorded, out)?;
                out.flush()?;
                if out.is_closed() {
                    // Where nobody reads any more, what goes on is of no use.
                    stopper.send_replace(true);
                }
            }
            None if !stopping => stopping = true,
            None if serving.is_finished() => break,
            None => {}
        }
    }
    show.totals(out)?;
    out.flush()
}

fn banner(
    arguments: &Serve,
    server: &PlatformServer,
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
        "the broker; this is its client"
    } else if arguments.credentials.is_some() {
        "3.1, 3.1.1 and 5; who is in the credentials file"
    } else {
        "3.1, 3.1.1 and 5; any client id, user name and password"
    };
    line("MQTT", &server.mqtt_url, versions)?;
    let public = server.store.public_url();
    let names_a_port = ResourceUrl::new(public).is_ok_and(|url| url.port().is_some());
    let more = if names_a_port {
        "issued URLs name a port, which the vendor's C SDK ignores"
    } else {
        "what issued URLs begin with"
    };
    line("HTTP", public, more)?;
    let kept = if arguments.store.is_some() { "" } else { "until the end; --store DIR keeps them" };
    line("Store", &store.display().to_string(), kept)?;
    for Offer { resource, path } in offers {
        let how = if arguments.push { "pushed" } else { "for who asks" };
        let size = bytes(resource.size.bytes());
        let more = format!("{size}, MD5 {}, {how}", resource.md5sum);
        line("Offer", &path.display().to_string(), &more)?;
    }
    writeln!(out, "{DIM}Ctrl-C ends it{DIM:#}")?;
    out.flush()
}

pub(super) fn check_public_url(url: Option<&str>, http: SocketAddr) -> Result<(), Error> {
    let usage = |why: String| Err(Error::Usage(why));
    match url {
        None if http.ip().is_unspecified() => usage(format!(
            "--http {http} is every address of this machine: say with --public-url which one \
             devices use, as in --public-url http://192.0.2.7:{}",
            http.port()
        )),
        None => Ok(()),
        Some(url) => match ResourceUrl::new(url) {
            Err(error) => usage(format!("--public-url: {error}")),
            Ok(_) if url.contains(['?', '#']) => {
                usage("--public-url has no query and no fragment".to_owned())
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
    AccessList::parse(&text).map_err(|BadLine { line, why }| {
        Error::Usage(format!("{}: line {line}: {why}", path.display()))
    })
}

/// True from the first Ctrl-C on; the second one ends the process at once.
fn stopped_by_ctrl_c() -> Result<(Arc<watch::Sender<bool>>, watch::Receiver<bool>), Error> {
    let (sender, receiver) = watch::channel(false);
    let sender = Arc::new(sender);
    let stopper = Arc::clone(&sender);
    interrupt::at_first_ctrl_c(move || {
        stopper.send_replace(true);
    })?;
    Ok((sender, receiver))
}

/// As many as the system allows: each is an open file.
pub(super) fn allow_many_connections() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, getrlimit, setrlimit};

        let mut limit = getrlimit(Resource::Nofile);
        limit.current = limit.maximum;
        // What is refused stays as it is.
        let _ = setrlimit(Resource::Nofile, limit);
    }
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
