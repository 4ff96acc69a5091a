//! The platform under test and the device that tests it.

use std::time::Duration;

use iothub_resource::{DeviceName, ProductId, Profile};

use crate::Address;
use crate::{credentials::Credentials, mqtt::Version, transport::Reach};

/// The settings of a test: the addresses, the names of the device, and the time limits.
#[allow(clippy::exhaustive_structs, reason = "settings")]
pub struct Settings {
    /// The address of the broker, with or without TLS.
    pub address: Address,
    /// The route to the broker, with the trusted certificates.
    pub reach: Reach,
    /// The route to the object store, with the trusted certificates.
    pub store_reach: Reach,
    /// The product id of the device that this test imitates.
    pub product_id: ProductId,
    /// The name of the device within its product.
    pub device_name: DeviceName,
    /// The credentials that the device sends in its CONNECT.
    pub credentials: Credentials,
    /// The version of MQTT that the device uses.
    pub version: Version,
    /// The profile of the messages that the device sends and accepts.
    pub profile: Profile,
    /// The time limit for each answer from the broker, the platform and the object store.
    pub timeout: Duration,
    /// The time for which the platform must be quiet before a forbidden answer counts as absent.
    pub settle: Duration,
    /// Whether violations of SHOULD rules count as failures.
    pub strict: bool,
}
