//! Generates requests, compares the testee with the built-in implementation, shrinks what differs.

mod ambiguity;
mod campaign;
mod compare;
mod counterexample;
mod folder;
mod generate;
mod message_tree;
mod requirement;
mod rng;
mod shrink;
mod tokens;

pub use self::{
    campaign::{End, Outcome, Plan, Watcher, run},
    counterexample::Counterexample,
    folder::Folder,
};

/// The payloads of a campaign without end, each with the profile and the direction that it is asked
/// in.
pub fn payloads(
    seed: u64,
) -> impl Iterator<Item = (iothub_resource::Profile, iothub_resource::Direction, Vec<u8>)> {
    let generator = generate::Generator::new(seed, None);
    (0..).filter_map(move |case| match generator.make(case).request {
        iothub_conformance_suite::Request::Decode { profile, direction, payload } => {
            Some((profile, direction, payload))
        }
        _ => None,
    })
}
