//! The platform under test and the device that tests it.

use std::time::Duration;

use iothub_resource::{DeviceName, ProductId, Profile};

use crate::Address;
use crate::{credentials::Credentials, mqtt::Version, transport::Reach};

/// The platform under test and the device that tests it.
#[allow(clippy::exhaustive_structs, reason = "settings")]
pub struct Settings {
    /// The address of the broker.
    pub address: Address,
    /// The route to the broker.
    pub reach: Reach,
    /// The route to the object store.
    pub store_reach: Reach,
    /// The product id of the device.
    pub product_id: ProductId,
    /// The name of the device.
    pub device_name: DeviceName,
    /// The credentials in the CONNECT.
    pub credentials: Credentials,
    /// The version of MQTT.
    pub version: Version,
    /// The profile of the messages.
    pub profile: Profile,
    /// The time limit for each answer.
    pub timeout: Duration,
    /// The time for which the platform must be quiet before a forbidden answer counts as absent.
    pub settle: Duration,
    /// Whether violations of SHOULD rules count as failures.
    pub strict: bool,
}
