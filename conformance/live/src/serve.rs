//! Runs a well-behaved platform until it is stopped, and prints what devices do.

use std::{
    io::{self, Write},
    net::SocketAddr,
    path::PathBuf,
    sync::Arc,
    thread,
    time::Duration,
};

use iothub_resource::Profile;
use tokio::{
    runtime::{Builder, Runtime},
    select,
    sync::watch,
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
    platform_server::{MqttSource, ServerError},
};

/// The options of `serve`.
#[allow(clippy::exhaustive_structs, reason = "settings")]
pub struct ServeOptions {
    /// The profile of the messages.
    pub profile: Profile,
    /// The MQTT side of the platform.
    pub mqtt: MqttSource,
    /// The address of the object store; with port 0, the system chooses a port.
    pub http: SocketAddr,
    /// The beginning of issued URLs; by default the address of the object store.
    pub public_url: Option<String>,
    /// The folder for uploads.
    pub store: PathBuf,
    /// The files that each device may download once.
    pub offers: Vec<Offer>,
    /// Whether offers are pushed a second after a device has subscribed.
    pub push: bool,
}

/// The output for the events of a platform.
pub trait Audience: Write {
    /// Whether the reader of the output is gone. The platform then ends.
    fn is_gone(&self) -> bool;
}

/// Stops a platform from any thread.
#[derive(Clone, Debug)]
pub struct Stopper(Arc<watch::Sender<bool>>);

impl Stopper {
    /// Makes the platform close its connections and end.
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
    /// Opens the ports.
    ///
    /// # Errors
    ///
    /// Returns an error if an address cannot be listened on, the store cannot be created, or the
    /// broker cannot be used.
    pub fn open(options: ServeOptions) -> Result<Self, ServerError> {
        let ServeOptions { profile, mqtt, http, public_url, store, offers, push } = options;
        let runtime =
            Builder::new_current_thread().enable_all().build().map_err(ServerError::Runtime)?;
        let limits = Limits::default();
        let options = ServerOptions { mqtt, http, public_url, store, limits: limits.clone() };
        let server = runtime.block_on(PlatformServer::open(options))?;
        let recorder = server.recorder.clone();
        let context = Context::new(&server, profile, offers, push);
        let platform = Platform::new(context, limits);
        let stopper = Stopper(Arc::new(watch::Sender::new(false)));
        Ok(Self { runtime, server, platform, recorder, stopper })
    }

    /// The URL for devices, for example `mqtt://127.0.0.1:1883`.
    #[must_use]
    pub fn mqtt_url(&self) -> &str {
        &self.server.mqtt_url
    }

    /// The beginning of issued URLs.
    #[must_use]
    pub fn public_url(&self) -> &str {
        self.server.store.public_url()
    }

    /// A handle that stops the platform.
    #[must_use]
    pub fn stopper(&self) -> Stopper {
        self.stopper.clone()
    }

    /// Serves until it is stopped, and prints a line for each action of a device.
    ///
    /// # Errors
    ///
    /// Returns an error if `out` cannot be written.
    pub fn run(self, out: &mut dyn Audience) -> io::Result<()> {
        let Self { runtime, server, platform, recorder, stopper } = self;
        let stop = stopper.0.subscribe();
        let serving = thread::spawn(move || serve(&runtime, server, platform, stop));
        show(&recorder, &stopper, &serving, out)?;
        serving.join().map_err(|_| io::Error::other("the platform has panicked"))
    }
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

/// Prints the events until the other thread ends.
fn show(
    recorder: &Recorder,
    stopper: &Stopper,
    serving: &thread::JoinHandle<()>,
    out: &mut dyn Audience,
) -> io::Result<()> {
    // A thread and a runtime of its own, since a terminal may block.
    let runtime = Builder::new_current_thread().enable_time().build()?;
    let mut stop = stopper.0.subscribe();
    let mut console = Console::new();
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
                    console.lost(recorded.lost, out)?;
                }
                console.event(&recorded, out)?;
                out.flush()?;
                if out.is_gone() {
                    stopper.stop();
                }
            }
            None if !stopping => stopping = true,
            None if serving.is_finished() => break,
            None => {}
        }
    }
    console.totals(out)?;
    out.flush()
}
