//! The options for testing a device.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use iothub_resource::{DeviceName, ProductId, Profile};

use crate::TlsOptions;

/// The options for testing a device: its names, the addresses of the servers, and time limits.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Options {
    /// The profile of the messages between the platform and the device.
    pub profile: Profile,
    /// Whether violations of SHOULD rules count as failures.
    pub strict: bool,
    /// The time that each step waits for an action of the device.
    pub timeout: Duration,
    /// The time for which the device must be quiet before nothing more is expected. For a slow
    /// device, the time is longer.
    pub settle: Duration,
    /// The number of scenarios that run at the same time. A number above 1 requires ports that the
    /// system chooses and devices that use the given name.
    pub jobs: usize,
    /// The product id of the devices.
    pub product_id: ProductId,
    /// The device name in all scenarios; `None` for a different name in each scenario.
    pub device_name: Option<DeviceName>,
    /// The address on which to accept MQTT clients. With port 0, the system chooses a port.
    pub listen: SocketAddr,
    /// The address of the object store. With port 0, the system chooses a port.
    pub http: SocketAddr,
    /// The settings of the additional ports with TLS; `None` for no TLS. With TLS, devices receive
    /// the `mqtts` URL and `https` URLs.
    pub tls: Option<TlsOptions>,
    /// The file with the authority that devices must trust; `None` without TLS.
    pub tls_ca: Option<PathBuf>,
    /// The beginning of issued URLs, for example `http://192.0.2.7`; `None` for the address of the
    /// HTTP server.
    pub public_url: Option<String>,
    /// A broker that replaces the endpoint of this process, as
    /// `mqtt://[user:password@]host[:port]`; `None` for the endpoint.
    pub broker: Option<String>,
}

impl Options {
    /// Creates options for servers on loopback, at ports that the system chooses, and for twelve
    /// scenarios at the same time.
    #[must_use]
    pub fn new(profile: Profile, product_id: ProductId) -> Self {
        let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self {
            profile,
            strict: false,
            timeout: Duration::from_secs(30),
            settle: Duration::from_millis(300),
            jobs: 12,
            product_id,
            device_name: None,
            listen: anywhere,
            http: anywhere,
            tls: None,
            tls_ca: None,
            public_url: None,
            broker: None,
        }
    }

    /// Returns the delay of late messages, which is long enough to detect a device that does not
    /// wait.
    pub(super) fn slow(&self) -> Duration {
        (self.timeout / 20).max(Duration::from_millis(500))
    }
}
