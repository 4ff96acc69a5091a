//! The table of the scenarios for devices.

mod defects;
mod happy;
pub(super) mod malformed;
mod mqtt;
mod responses;
mod row;
mod store;
mod tls;
mod urls;

use iothub_resource::Profile;

use self::row::Table;
use super::scenario::Scenario;
use iothub_conformance_suite::Case;

/// Returns all scenarios of a profile, in the order of their ids. The malformed messages come from
/// the fixtures in `cases`.
#[must_use]
pub fn scenarios(profile: Profile, cases: &[Case]) -> Vec<Scenario> {
    let mut all = Table::new(profile);
    happy::add(&mut all);
    responses::add(&mut all);
    store::add(&mut all);
    urls::add(&mut all);
    mqtt::add(&mut all);
    tls::add(&mut all);
    malformed::add(&mut all, cases);
    let mut scenarios = all.into_scenarios();
    scenarios.retain(|scenario| scenario.is_in(profile));
    scenarios.sort_by(|one, other| one.id.cmp(&other.id));
    scenarios
}
