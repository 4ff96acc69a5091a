//! Runs a well-behaved platform until it is stopped, and prints the actions of devices.

use std::{
    io::{self, Write},
    net::SocketAddr,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use iothub_resource::Profile;
use tokio::{
    runtime::{Builder, Runtime},
    select,
    sync::{oneshot, watch},
    time::timeout,
};

use crate::{
    console::Console,
    limits::Limits,
    platform::{Context, Platform},
    platform_server::{PlatformServer, ServerOptions},
    record::Recorder,
};
pub use crate::{
    mqtt::access::{AccessList, BadLine},
    platform::Offer,
    platform_server::{MqttSource, ServerError, TlsOptions},
};

/// The time limit for writing the last lines after everything else has ended.
const LAST_LINES: Duration = Duration::from_secs(1);

/// The settings of a platform that serves devices.
#[allow(clippy::exhaustive_structs, reason = "settings")]
pub struct ServeOptions {
    /// The profile of the messages that the platform accepts and sends.
    pub profile: Profile,
    /// The source of MQTT messages: an endpoint in this process or a broker.
    pub mqtt: MqttSource,
    /// The address of the object store. With port 0, the system chooses a port.
    pub http: SocketAddr,
    /// The settings of the additional ports with TLS; `None` for no TLS.
    pub tls: Option<TlsOptions>,
    /// The beginning of issued URLs, for example `http://192.0.2.7`; `None` for the address of the
    /// object store, with TLS if TLS is available.
    pub public_url: Option<String>,
    /// The folder in which uploads are stored.
    pub store: PathBuf,
    /// The files that each device may download once.
    pub offers: Vec<Offer>,
    /// Whether offers are pushed a second after a device has subscribed. With a broker, they are
    /// pushed after the device's first message that is not a query.
    pub push: bool,
    /// The number of files that this process may have open; `None` if unknown. The number of
    /// connections stays below this number.
    pub open_files: Option<u64>,
}

/// The output for the events of a platform.
pub trait Audience: Write + Send {
    /// Returns whether the reader of the events has closed the output. If so, the platform stops.
    fn is_gone(&self) -> bool;
}

/// A handle that stops a platform from any thread.
#[derive(Clone, Debug)]
pub struct Stopper(Arc<watch::Sender<bool>>);

impl Stopper {
    /// Stops the platform, which then closes its connections.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

/// A platform whose ports are open.
pub struct Serving {
    runtime: Runtime,
    server: PlatformServer,
    platform: Platform,
    recorder: Recorder,
    stopper: Stopper,
}

impl Serving {
    /// Opens the ports of a platform and returns the platform.
    ///
    /// # Errors
    ///
    /// Returns an error if the process cannot listen on an address, the store cannot be created, or
    /// the broker or the certificate cannot be used.
    pub fn open(options: ServeOptions) -> Result<Self, ServerError> {
        let ServeOptions { profile, mqtt, http, tls, public_url, store, offers, push, open_files } =
            options;
        let runtime =
            Builder::new_current_thread().enable_all().build().map_err(ServerError::Runtime)?;
        let mut limits = Limits::default();
        if let Some(open_files) = open_files {
            limits.share(open_files);
        }
        let options = ServerOptions { mqtt, http, tls, public_url, store, limits: limits.clone() };
        let server = runtime.block_on(PlatformServer::open(options))?;
        let recorder = server.recorder.clone();
        let context = Context::new(&server, profile, offers, push);
        let platform = Platform::new(context, limits);
        let stopper = Stopper(Arc::new(watch::Sender::new(false)));
        Ok(Self { runtime, server, platform, recorder, stopper })
    }

    /// Returns the URL for devices, for example `mqtt://127.0.0.1:1883`.
    #[must_use]
    pub fn mqtt_url(&self) -> &str {
        &self.server.mqtt_url
    }

    /// Returns the URL for devices with TLS, for example `mqtts://127.0.0.1:8883`; `None` without
    /// TLS or with a broker.
    #[must_use]
    pub fn mqtts_url(&self) -> Option<&str> {
        self.server.tls.as_ref()?.mqtts_url.as_deref()
    }

    /// Returns the URL of the object store with TLS, for example `https://127.0.0.1:8443`; `None`
    /// without TLS.
    #[must_use]
    pub fn https_url(&self) -> Option<&str> {
        Some(&self.server.tls.as_ref()?.https_url)
    }

    /// Returns the address of the object store without TLS.
    #[must_use]
    pub const fn http_address(&self) -> SocketAddr {
        self.server.http_address
    }

    /// Returns the beginning of issued URLs, for example `http://127.0.0.1:8080`.
    #[must_use]
    pub fn public_url(&self) -> &str {
        self.server.store.public_url()
    }

    /// Returns a handle that stops the platform.
    #[must_use]
    pub fn stopper(&self) -> Stopper {
        self.stopper.clone()
    }

    /// Serves until the platform is stopped. Prints a line for each action of a device.
    ///
    /// After the platform has stopped, this method waits at most a second for the last lines to be
    /// written.
    ///
    /// # Errors
    ///
    /// Returns an error if writing to `out` fails.
    pub fn run(self, out: impl Audience + 'static) -> io::Result<()> {
        let Self { runtime, server, platform, recorder, stopper } = self;
        let stop = stopper.0.subscribe();
        // The output has its own thread and runtime, because a terminal may block for any time.
        let (shown, is_shown) = oneshot::channel();
        let is_served = Arc::new(AtomicBool::new(false));
        let printer = Printer { recorder, stopper, is_served: Arc::clone(&is_served) };
        thread::spawn(move || shown.send(printer.show(out)));
        runtime.block_on(async {
            serve(server, platform, stop).await;
            is_served.store(true, Ordering::Relaxed);
            match timeout(LAST_LINES, is_shown).await {
                Ok(Ok(shown)) => shown,
                Ok(Err(_)) => {
                    Err(io::Error::other("the thread that prints the output has panicked"))
                }
                // The last lines cannot be written in time, because no program reads them.
                Err(_) => Ok(()),
            }
        })
    }
}

async fn serve(
    mut server: PlatformServer,
    mut platform: Platform,
    mut stop: watch::Receiver<bool>,
) {
    select! {
        () = platform.run(&mut server.incoming) => {}
        _ = stop.wait_for(|stop| *stop) => {}
    }
    server.close().await;
}

/// A writer that prints events as lines of text.
struct Printer {
    recorder: Recorder,
    stopper: Stopper,
    /// Whether serving has ended, so that no more events occur.
    is_served: Arc<AtomicBool>,
}

impl Printer {
    /// Writes lines to `out` until the platform has ended. Stops the platform if writing fails.
    fn show(&self, mut out: impl Audience) -> io::Result<()> {
        let shown = self.show_events(&mut out);
        // If the lines cannot be written, serving has no purpose.
        self.stopper.stop();
        shown
    }

    fn show_events(&self, out: &mut impl Audience) -> io::Result<()> {
        let runtime = Builder::new_current_thread().enable_time().build()?;
        let mut stop = self.stopper.0.subscribe();
        let mut console = Console::new();
        let mut stopping = false;
        loop {
            let next = runtime.block_on(async {
                if stopping {
                    return timeout(Duration::from_millis(10), self.recorder.next()).await.ok();
                }
                select! {
                    biased;
                    next = self.recorder.next() => Some(next),
                    _ = stop.wait_for(|stop| *stop) => None,
                }
            });
            match next {
                Some(recorded) => {
                    if recorded.lost > 0 {
                        console.lost(recorded.lost, out)?;
                    }
                    console.event(&recorded, out)?;
                    out.flush()?;
                    if out.is_gone() {
                        self.stopper.stop();
                    }
                }
                None if !stopping => stopping = true,
                None if self.is_served.load(Ordering::Relaxed) => break,
                None => {}
            }
        }
        console.totals(out)?;
        out.flush()
    }
}
