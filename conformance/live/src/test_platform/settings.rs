//! Which platform is tested, and as which device.

use std::time::Duration;

use iothub_resource::{DeviceName, ProductId, Profile};

use crate::Address;
use crate::{credentials::Credentials, mqtt::Version, transport::Reach};

/// Which platform, and as whom.
#[allow(clippy::exhaustive_structs, reason = "settings")]
pub struct Settings {
    /// Where the broker of the platform is.
    pub address: Address,
    /// The broker speaks TLS.
    pub tls: bool,
    /// How the broker is reached.
    pub reach: Reach,
    /// How the object store is reached.
    pub store_reach: Reach,
    /// The product of the device.
    pub product_id: ProductId,
    /// The name of the device.
    pub device_name: DeviceName,
    /// What the CONNECT carries.
    pub credentials: Credentials,
    /// The version of MQTT.
    pub version: Version,
    /// The messages that there are.
    pub profile: Profile,
    /// How long each answer may take.
    pub timeout: Duration,
    /// How long it has to be quiet before something counts as not answered that must not be.
    pub settle: Duration,
    /// SHOULD counts like MUST.
    pub strict: bool,
}
