//! Generated payloads for tests of decoders other than the built-in one.

use iothub_conformance_suite::Request;
use iothub_resource::{Direction, Profile};

use super::generate::Generator;

/// A payload, valid or not, with the profile and the direction for its decoder.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct GeneratedPayload {
    /// The profile that a campaign uses for the payload.
    pub profile: Profile,
    /// The direction of the topic that carries the payload.
    pub direction: Direction,
    /// The payload, which may contain any bytes.
    pub payload: Vec<u8>,
}

/// Returns the payloads that a campaign with this seed sends for `decode`, in an endless sequence.
/// About half of them have a single defect. The same seed gives the same payloads.
pub fn payloads(seed: u64) -> impl Iterator<Item = GeneratedPayload> {
    let generator = Generator::new(seed, None);
    (0..).filter_map(move |case| match generator.make(case).request {
        Request::Decode { profile, direction, payload } => {
            Some(GeneratedPayload { profile, direction, payload })
        }
        _ => None,
    })
}
