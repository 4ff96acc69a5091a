//! What a device is to do, and what it says of that.

use std::{fmt, path::PathBuf, time::Duration};

use iothub_resource::{
    DeviceName, ProductId, Profile, Resource, Transfer,
    session::device::{Outcome, Policy},
};

use super::behaviour::{Behaviour, WellBehaved};
#[cfg(any(test, feature = "misbehaviour"))]
use super::{misbehave::Misbehaviour, misbehaving::Misbehaving};
use crate::mqtt::client::ClientError;

/// Whom a device tells what it does.
pub(crate) type EventSink<'a> = &'a mut (dyn FnMut(&DeviceEvent) + Send);

/// What a device is to do, and how.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Settings {
    /// The broker: `mqtt://[user:password@]host[:port]`.
    pub mqtt_url: String,
    /// The product it belongs to.
    pub product_id: ProductId,
    /// Its name.
    pub device_name: DeviceName,
    /// The messages that it sends.
    pub profile: Profile,
    /// MQTT 3.1, 3.1.1 or 5, by its level: 3, 4 or 5.
    pub mqtt_level: u8,
    /// How long it waits, and how often it tries.
    pub policy: Policy,
    /// How long it tries to reach the broker.
    pub patience: Duration,
    /// What it does wrong on purpose.
    #[cfg(any(test, feature = "misbehaviour"))]
    pub misbehaviour: Option<Misbehaviour>,
}

impl Settings {
    /// A device that does everything right.
    #[must_use]
    pub fn new(mqtt_url: String, product_id: ProductId, device_name: DeviceName) -> Self {
        Self {
            mqtt_url,
            product_id,
            device_name,
            profile: Profile::Deployed,
            mqtt_level: 4,
            policy: Policy::DEFAULT,
            patience: Duration::from_secs(30),
            #[cfg(any(test, feature = "misbehaviour"))]
            misbehaviour: None,
        }
    }

    pub(super) fn behaviour(&self) -> Box<dyn Behaviour> {
        #[cfg(any(test, feature = "misbehaviour"))]
        if let Some(misbehaviour) = self.misbehaviour {
            return Box::new(Misbehaving::new(misbehaviour, self.profile));
        }
        Box::new(WellBehaved)
    }
}

/// One thing to do.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Job {
    /// Uploads a file under a name; its own name if there is none.
    Upload {
        /// The file.
        file: PathBuf,
        /// The name of the resource.
        name: Option<String>,
    },
    /// Asks for a download, and keeps it as this file, or in this folder.
    Download {
        /// Where to.
        file: PathBuf,
    },
}

/// What a device tells of what it does.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum DeviceEvent {
    /// It is connected, and has subscribed.
    Connected,
    /// The connection is lost; it is tried again.
    Lost(String),
    /// It has published a progress report, or another message, of this type.
    Published(&'static str),
    /// A transfer has come so far.
    Progress {
        /// The resource.
        name: String,
        /// Bytes that were transferred.
        bytes: u64,
        /// Bytes that there are.
        size: u64,
    },
    /// A message did not fit, and changed nothing.
    Ignored(String),
    /// A transfer is over.
    Over {
        /// An upload or a download.
        transfer: Transfer,
        /// The resource; none where a download was never handed out.
        resource: Option<Resource<'static>>,
        /// How it ended.
        outcome: Outcome,
        /// Where a download is kept.
        kept: Option<PathBuf>,
    },
}

/// Why a device could not do anything.
#[derive(Debug)]
#[non_exhaustive]
pub enum DeviceError {
    /// The URL of the broker, a file or a name cannot be used.
    Unusable(String),
    /// The broker cannot be reached, or does not let it in.
    Unreachable(String),
}

impl fmt::Display for DeviceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unusable(why) => f.write_str(why),
            Self::Unreachable(why) => write!(f, "the broker cannot be used: {why}"),
        }
    }
}

impl std::error::Error for DeviceError {}

impl From<ClientError> for DeviceError {
    fn from(error: ClientError) -> Self {
        Self::Unreachable(error.to_string())
    }
}
