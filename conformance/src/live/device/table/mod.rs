//! The scenarios.

mod happy;
pub(super) mod malformed;
mod mqtt;
mod responses;
mod store;

use iothub_resource::Profile;

use super::scenario::{
    Besides, Fault, Flow, Moment, Play, Reports, Response, Scenario, Want, What,
};
use crate::{Case, Level};

/// Big enough to be cut in the middle.
const MEDIUM: usize = 96 * 1024 + 1;

/// All scenarios of a profile, in the order of their ids. `cases` are the fixtures, from which the
/// malformed messages are taken.
#[must_use]
pub fn scenarios(profile: Profile, cases: &[Case]) -> Vec<Scenario> {
    let mut all = Table { profile, scenarios: Vec::new() };
    happy::add(&mut all);
    responses::add(&mut all);
    store::add(&mut all);
    mqtt::add(&mut all);
    malformed::add(&mut all, cases);
    let mut scenarios = all.scenarios;
    scenarios.retain(|scenario| scenario.is_in(profile));
    scenarios.sort_by(|one, other| one.id.cmp(&other.id));
    scenarios
}

/// The table while it grows.
struct Table {
    profile: Profile,
    scenarios: Vec<Scenario>,
}

impl Table {
    /// One scenario, whose id begins with the flow.
    fn add(
        &mut self,
        flow: Flow,
        id: &str,
        requirements: &str,
        (title, reason): (&str, &str),
        play: Play,
    ) {
        self.scenarios.push(Scenario {
            id: format!("{}/{id}", flow.as_str()),
            requirements: requirements.split(' ').map(str::to_owned).collect(),
            level: if play.want == Want::Done { play.insist } else { Level::Must },
            flow,
            title: title.to_owned(),
            reason: reason.to_owned(),
            play,
        });
    }

    /// What deployed devices are known not to read is a SHOULD in their profile.
    fn advised(&self) -> Level {
        match self.profile {
            Profile::Documented => Level::Must,
            Profile::Deployed => Level::Should,
        }
    }
}

/// A transfer of the usual size in which all goes well.
const fn usual() -> Play {
    Play::well(What::new("zxc.bin", 12_000))
}

/// One that takes a moment.
const fn medium() -> Play {
    Play::well(What::new("zxc.bin", MEDIUM))
}

/// The requirement of the message that answers a request.
const fn response_of(flow: Flow) -> &'static str {
    match flow {
        Flow::Upload => "MSG-2",
        Flow::Download => "MSG-6",
    }
}
