//! Which platform is tested, and as which device.

use std::time::Duration;

use iothub_resource::{DeviceName, ProductId, Profile};

use crate::live::{
    credentials::Credentials,
    mqtt::{Version, client::Address},
    transport::Reach,
};

/// Which platform, and as whom.
pub(crate) struct Settings {
    pub(crate) address: Address,
    pub(crate) tls: bool,
    /// How the broker is reached, and how the object store.
    pub(crate) reach: Reach,
    pub(crate) store_reach: Reach,
    pub(crate) product_id: ProductId,
    pub(crate) device_name: DeviceName,
    pub(crate) credentials: Credentials,
    pub(crate) version: Version,
    /// The messages that there are.
    pub(crate) profile: Profile,
    /// How long each answer may take.
    pub(crate) timeout: Duration,
    /// How long it has to be quiet before something counts as not answered that must not be.
    pub(crate) settle: Duration,
    /// SHOULD counts like MUST.
    pub(crate) strict: bool,
}
