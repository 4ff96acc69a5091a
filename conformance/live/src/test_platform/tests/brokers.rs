//! Runs the scenarios through a Mosquitto broker.

use std::net::{Ipv4Addr, SocketAddr};

use iothub_resource::Profile;

use super::{is_all_well, stage::Stage};
use crate::{mqtt::Version, test_platform::all};

/// The tests of the command start the broker too.
#[path = "../../../../tests/it/mosquitto.rs"]
#[allow(dead_code, reason = "not all of it is needed here")]
mod mosquitto;

#[test]
fn the_reference_platform_passes_behind_mosquitto() {
    let Some(broker) = mosquitto::Broker::start() else { return };
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, broker.port));
    for version in [Version::V3_1, Version::V5] {
        let mut stage = Stage::new();
        (stage.version, stage.broker) = (version, Some(address));
        stage.look = broker.look();
        is_all_well(Profile::Deployed, &stage.play(all(Profile::Deployed)).cases);
    }
}
