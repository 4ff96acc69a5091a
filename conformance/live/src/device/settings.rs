//! The settings and events of a device.

use std::{fmt, path::PathBuf, time::Duration};

use iothub_resource::{
    DeviceName, Direction, ProductId, Profile, Resource, Topic, Transfer,
    session::device::{Outcome, Policy},
};

use super::behaviour::{Behaviour, WellBehaved};
#[cfg(any(test, feature = "misbehaviour"))]
use super::{misbehave::Misbehaviour, misbehaving::Misbehaving};
use crate::{
    mqtt::client::ClientError,
    transport::{Reach, Trust},
};

/// A function that receives the events of a device.
pub(crate) type EventSink<'a> = &'a mut (dyn FnMut(&DeviceEvent) + Send);

/// The settings of a device: its broker, names, time limits and messages.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Settings {
    /// The URL of the broker, as `mqtt://[user:password@]host[:port]`, or with `mqtts://` for TLS.
    pub mqtt_url: String,
    /// The trusted certificates for `mqtts` and `https`; `None` if the device does not support TLS.
    pub trust: Option<Trust>,
    /// The id of the device's product.
    pub product_id: ProductId,
    /// The name of the device within its product.
    pub device_name: DeviceName,
    /// The profile of the messages that the device sends.
    pub profile: Profile,
    /// The protocol level of MQTT: 3 for 3.1, 4 for 3.1.1, or 5.
    pub mqtt_level: u8,
    /// The time limits and numbers of attempts for the answers and transfers of a task.
    pub policy: Policy,
    /// The time for which the device tries to reach the broker.
    pub patience: Duration,
    /// The deliberate misbehaviour, for tests; `None` for a correct device.
    #[cfg(any(test, feature = "misbehaviour"))]
    pub misbehaviour: Option<Misbehaviour>,
}

impl Settings {
    /// Creates the settings of a well-behaved device: the `deployed` profile, MQTT 3.1.1, no TLS,
    /// the default policy, and 30 seconds to reach the broker.
    #[must_use]
    pub fn new(mqtt_url: String, product_id: ProductId, device_name: DeviceName) -> Self {
        Self {
            mqtt_url,
            trust: None,
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

    /// Returns the time limits and numbers of attempts that apply, including the effect of a
    /// misbehaviour.
    pub(super) fn policy(&self) -> Policy {
        #[allow(unused_mut, reason = "only a misbehaving device changes the policy")]
        let mut policy = self.policy;
        #[cfg(any(test, feature = "misbehaviour"))]
        match self.misbehaviour {
            // In a test, a day has the same effect as no time limit.
            Some(Misbehaviour::WaitsForever) => policy.answer = Duration::from_secs(86_400),
            Some(Misbehaviour::TakesTimeOutForSilence) => policy.answer *= 5,
            _ => {}
        }
        policy
    }

    /// Returns the filter to which the device subscribes.
    pub(super) fn filter(&self) -> String {
        #[cfg(any(test, feature = "misbehaviour"))]
        if matches!(
            self.misbehaviour,
            Some(Misbehaviour::TakesAnyTopic | Misbehaviour::SubscribesWide)
        ) {
            return "$resource/down/service/#".to_owned();
        }
        Topic::new(Direction::Down, self.product_id, self.device_name).to_string()
    }

    /// Returns the keep-alive in seconds; `None` for the default.
    #[allow(
        clippy::unused_self,
        reason = "`self` is used only in tests and with the feature `misbehaviour`"
    )]
    pub(super) fn keep_alive(&self) -> Option<u16> {
        #[cfg(any(test, feature = "misbehaviour"))]
        if self.misbehaviour == Some(Misbehaviour::NeverPings) {
            return Some(1);
        }
        None
    }

    /// Returns the route to the broker and to the object store.
    pub(super) fn reach(&self) -> Reach {
        #[cfg(any(test, feature = "misbehaviour"))]
        if self.misbehaviour == Some(Misbehaviour::TrustsAnyone) {
            return Reach { trust: Some(Trust::unchecked()), instead: None };
        }
        Reach { trust: self.trust.clone(), instead: None }
    }

    pub(super) fn behaviour(&self) -> Box<dyn Behaviour> {
        #[cfg(any(test, feature = "misbehaviour"))]
        if let Some(misbehaviour) = self.misbehaviour {
            return Box::new(Misbehaving::new(misbehaviour, self.profile));
        }
        Box::new(WellBehaved)
    }
}

/// A transfer that a device makes: the upload of a file, or the download of the next offered
/// resource.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Job {
    /// The device uploads a file.
    Upload {
        /// The path of the file to upload.
        file: PathBuf,
        /// The name of the resource; `None` for the name of the file.
        name: Option<String>,
    },
    /// The device requests a download and stores it.
    Download {
        /// The path of the file, or of a folder in which to store the file.
        file: PathBuf,
    },
}

/// An event that a device reports while it runs.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum DeviceEvent {
    /// The device is connected and has subscribed.
    Connected,
    /// The connection was lost, or an attempt to connect failed, for this reason. The device tries
    /// again.
    Lost(String),
    /// The device has published a message of this type.
    Published(&'static str),
    /// A transfer has made progress.
    Progress {
        /// The name of the resource.
        name: String,
        /// The number of bytes transferred so far.
        bytes: u64,
        /// The size of the resource in bytes.
        size: u64,
    },
    /// A message had no effect for this reason, for example because it was malformed or misplaced.
    Ignored(String),
    /// A transfer is over.
    Over {
        /// The kind of the transfer: upload or download.
        transfer: Transfer,
        /// The resource; `None` if no download was delivered.
        resource: Option<Resource<'static>>,
        /// The result of the transfer, with the reason for a failure.
        outcome: Outcome,
        /// The path of a stored download; `None` if no file was stored.
        kept: Option<PathBuf>,
    },
}

/// The reason why a device could not run any job.
#[derive(Debug)]
#[non_exhaustive]
pub enum DeviceError {
    /// A setting or a job cannot be used, for example because the broker URL is invalid or a file
    /// cannot be read.
    Unusable(String),
    /// The broker cannot be reached or refuses the device.
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
