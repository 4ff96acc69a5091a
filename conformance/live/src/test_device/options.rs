//! How a device is tested.

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use iothub_resource::{DeviceName, ProductId, Profile};

/// How a device is tested.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Options {
    /// The messages that the device may send.
    pub profile: Profile,
    /// SHOULD counts like MUST.
    pub strict: bool,
    /// How long a step may take: the time until the device does something.
    pub timeout: Duration,
    /// How long it is quiet before it is taken for granted that nothing more comes; longer for a
    /// device that is slow itself.
    pub settle: Duration,
    /// How many scenarios are played at once. More than one needs ports that the system chooses,
    /// and devices that take the name they are given.
    pub jobs: usize,
    /// The product of the devices.
    pub product_id: ProductId,
    /// The only name there is; without it, each scenario has its own.
    pub device_name: Option<DeviceName>,
    /// Where MQTT clients connect to.
    pub listen: SocketAddr,
    /// Where the object store listens.
    pub http: SocketAddr,
    /// What issued URLs begin with.
    pub public_url: Option<String>,
    /// A broker to use instead of an endpoint of our own: `mqtt://[user:password@]host[:port]`.
    pub broker: Option<String>,
}

impl Options {
    /// Everything on loopback, at ports that the system chooses; eight at once.
    #[must_use]
    pub fn new(profile: Profile, product_id: ProductId) -> Self {
        let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self {
            profile,
            strict: false,
            timeout: Duration::from_secs(30),
            settle: Duration::from_millis(300),
            jobs: 8,
            product_id,
            device_name: None,
            listen: anywhere,
            http: anywhere,
            public_url: None,
            broker: None,
        }
    }

    /// How late what is late comes: late enough to see who has not waited for it.
    pub(super) fn slow(&self) -> Duration {
        (self.timeout / 20).max(Duration::from_millis(500))
    }
}
