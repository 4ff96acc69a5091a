//! The options for testing a device.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use iothub_resource::{DeviceName, ProductId, Profile};

use crate::TlsOptions;

/// The options for testing a device.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Options {
    /// The profile of the device's messages.
    pub profile: Profile,
    /// Whether violations of SHOULD rules count as failures.
    pub strict: bool,
    /// The time for which each step waits for an action of the device.
    pub timeout: Duration,
    /// The time for which the device must be quiet before nothing more is expected; longer for a
    /// slow device.
    pub settle: Duration,
    /// The number of scenarios that run at the same time. More than one requires ports that the
    /// system chooses, and devices that use the given name.
    pub jobs: usize,
    /// The product id of the devices.
    pub product_id: ProductId,
    /// The only device name; by default, each scenario has its own name.
    pub device_name: Option<DeviceName>,
    /// The address for MQTT clients.
    pub listen: SocketAddr,
    /// The address of the object store.
    pub http: SocketAddr,
    /// The settings of TLS in addition to the plain ports; `None` for no TLS. Devices receive the
    /// `mqtts` URL, and `https` URLs.
    pub tls: Option<TlsOptions>,
    /// The file with the authority that devices must trust.
    pub tls_ca: Option<PathBuf>,
    /// The beginning of issued URLs.
    pub public_url: Option<String>,
    /// A broker that replaces the endpoint of this process: `mqtt://[user:password@]host[:port]`.
    pub broker: Option<String>,
}

impl Options {
    /// Creates options with all servers on loopback, at ports that the system chooses, and twelve
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

    /// Returns the delay of late messages: long enough to detect a device that does not wait.
    pub(super) fn slow(&self) -> Duration {
        (self.timeout / 20).max(Duration::from_millis(500))
    }
}
