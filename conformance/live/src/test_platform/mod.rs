//! Tests a platform over the same interfaces that a device uses. Each scenario has its own
//! connection.
//!
//! ```text
//! scenarios (a table) ── Script ──> flow, creates, puts, reports, downloads, malformed, writing
//!                                       │ say, wait, put, get
//!                                  conversation ── every message ──> lint::Judge
//!                                       │
//!                                   findings: the faults, and the log of the wire
//! ```

mod across;
mod bad_uploads;
mod conversation;
mod creates;
mod downloads;
mod findings;
mod flow;
mod hearing;
mod http_answer;
mod malformed;
mod reports;
mod requests;
mod scenario;
mod scenarios;
mod settings;
#[cfg(test)]
mod tests;
mod writing;

use std::{
    fmt,
    future::ready,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use tokio::{select, time::sleep};

use self::{
    across::AcrossScenarios, conversation::Conversation, findings::Findings, hearing::Stop,
};
pub use self::{
    scenario::{PlatformPlan, Scenario},
    scenarios::all,
    settings::Settings,
};
use super::mqtt::client::ClientError;
use iothub_conformance_lint::Finding;
use iothub_conformance_suite::{
    Fixtures, Level, Outcome,
    result::{StoredCase, StoredEvent},
};

/// The results of a run, with the outcome and the findings of each scenario.
#[derive(Debug)]
#[non_exhaustive]
pub struct PlatformResults {
    /// The results, sorted by id. After an interruption, the results are in the order of the run.
    pub cases: Vec<StoredCase>,
    /// Whether the run was interrupted.
    pub interrupted: bool,
}

/// The number of consecutive scenarios without a connection after which the remaining scenarios no
/// longer try to connect.
const PATIENCE: usize = 3;

/// The error for a platform that was never reached, with the reason.
#[derive(Debug)]
pub struct Unreachable(ClientError);

impl fmt::Display for Unreachable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Unreachable {}

/// Runs scenarios one after another and reports the beginning and end of each scenario to `tell`.
/// Setting `interrupted` ends the run with the results so far.
///
/// # Errors
///
/// Returns [`Unreachable`] if the first scenario cannot connect.
pub async fn run(
    settings: &Settings,
    scenarios: &[Scenario],
    fixtures: &Fixtures,
    interrupted: &AtomicBool,
    tell: &mut dyn FnMut(Progress<'_>),
) -> Result<PlatformResults, Unreachable> {
    let Settings { product_id, device_name, profile, .. } = *settings;
    let device = (product_id, device_name);
    let mut across = AcrossScenarios::new(fixtures, profile, device, scenarios::codes_of_writing());
    let mut cases: Vec<StoredCase> = Vec::new();
    let mut misses = 0;
    for scenario in scenarios {
        tell(Progress::Begun(scenario));
        let begun = Instant::now();
        across.scenario.clone_from(&scenario.id);
        let played = select! {
            // Further scenarios do not wait for a platform that has disappeared.
            () = ready(()), if misses >= PATIENCE => Err(ClientError::Silent),
            played = play(settings, &mut across, scenario), if misses < PATIENCE => played,
            () = told(interrupted) => return Ok(PlatformResults { cases, interrupted: true }),
        };
        let played = match played {
            Ok(played) => {
                misses = 0;
                played
            }
            Err(error) if cases.is_empty() => return Err(Unreachable(error)),
            Err(error) => {
                misses += 1;
                ScenarioResult::unreachable(&error)
            }
        };
        cases.push(played.stored(scenario, settings.strict, begun.elapsed()));
        tell(Progress::Ended(cases.last().expect("it was pushed just now")));
    }
    // The stored result lists the cases in this order.
    cases.sort_by(|case, other| case.id.cmp(&other.id));
    Ok(PlatformResults { cases, interrupted: false })
}

/// A step of a run, for callers that show the progress.
#[derive(Debug)]
#[allow(clippy::exhaustive_enums, reason = "a scenario begins and ends")]
pub enum Progress<'a> {
    /// A scenario begins.
    Begun(&'a Scenario),
    /// A scenario ends.
    Ended(&'a StoredCase),
}

/// Waits until a flag is set.
async fn told(flag: &AtomicBool) {
    while !flag.load(Ordering::Relaxed) {
        sleep(Duration::from_millis(50)).await;
    }
}

/// The findings and events of a scenario, before they are stored.
struct ScenarioResult {
    found: Vec<Finding>,
    events: Vec<StoredEvent>,
    /// The outcome of a scenario that stopped early without a finding, with an explanation; `None`
    /// for other scenarios.
    left_open: Option<(Outcome, String)>,
    unreachable: bool,
}

async fn play(
    settings: &Settings,
    across: &mut AcrossScenarios,
    scenario: &Scenario,
) -> Result<ScenarioResult, ClientError> {
    let mut conversation = Conversation::open(settings, across).await?;
    let mut done = scenario.plan.0.play(&mut conversation).await;
    if done.is_ok() {
        done = conversation.end().await;
    }
    let mut left_open = None;
    if let Err(stop) = done {
        match stop {
            Stop::Found => {}
            Stop::Unsupported(why) => left_open = Some((Outcome::Unsupported, why)),
            Stop::NotReached(why) => left_open = Some((Outcome::NotReached, why)),
            Stop::Gone(error) => conversation.findings.lost(&error.to_string()),
        }
        conversation.give_up().await;
    }
    let findings = std::mem::take(&mut conversation.findings);
    let (found, events) = Findings::into_parts(findings);
    Ok(ScenarioResult { found, events, left_open, unreachable: false })
}

impl ScenarioResult {
    fn unreachable(error: &ClientError) -> Self {
        let mut findings = Findings::default();
        findings.lost(&format!("the platform can no longer be reached: {error}"));
        let (found, events) = findings.into_parts();
        Self { found, events, left_open: None, unreachable: true }
    }

    fn outcome(&self, strict: bool) -> Outcome {
        if self.unreachable {
            return Outcome::Crashed;
        }
        let mut errors = self.found.iter().filter(|finding| finding.level == Level::Must);
        match errors.next() {
            Some(finding) if finding.code == "unanswered" && errors.next().is_none() => {
                Outcome::TimedOut
            }
            Some(_) => Outcome::Fail,
            None if strict && !self.found.is_empty() => Outcome::Fail,
            None => match self.left_open {
                Some((outcome, _)) => outcome,
                None if self.found.is_empty() => Outcome::Pass,
                None => Outcome::Warn,
            },
        }
    }

    fn stored(self, scenario: &Scenario, strict: bool, took: Duration) -> StoredCase {
        let outcome = self.outcome(strict);
        let mut detail: Vec<String> = self.found.iter().map(in_words).collect();
        detail.extend(self.left_open.map(|(_, why)| why));
        // The input of the stored case is the message of the worst finding.
        let worst = self.found.iter().min_by_key(|finding| finding.level);
        let input = worst.and_then(|finding| finding.message.clone());
        let (found, events) = (self.found, self.events);
        let mut stored = scenario.stored(outcome, detail.join("\n"), found, events, took);
        stored.input = input;
        stored
    }
}

fn in_words(finding: &Finding) -> String {
    let requirement = match &*finding.requirement {
        "" => String::new(),
        requirement => format!(" ({requirement})"),
    };
    format!("{}{requirement}: {}", finding.code, finding.detail())
}
