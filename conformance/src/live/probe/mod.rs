//! Is a device, and tests a platform: scenarios, each with a connection of its own.
//!
//! ```text
//! scenarios (a table) ── Script ──> flow, creates, puts, reports, downloads, malformed, writing
//!                                       │ say, wait, put, get
//!                                  conversation ── every message ──> lint::Judge
//!                                       │
//!                                   findings: what is wrong, and the log of the wire
//! ```

mod conversation;
mod creates;
mod downloads;
mod findings;
mod flow;
mod malformed;
mod puts;
mod reports;
mod run;
mod scenarios;
#[cfg(test)]
mod tests;
mod writing;

use std::{
    future::ready,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use iothub_resource::{DeviceName, ProductId, Profile};
use tokio::{select, time::sleep};

pub(crate) use self::scenarios::{Scenario, all};
use self::{
    conversation::{Conversation, Stop},
    findings::Findings,
    run::Run,
};
use super::{
    credentials::Credentials,
    mqtt::{
        Version,
        client::{Address, ClientError},
    },
    transport::Reach,
};
use crate::{
    Fixtures, Level, Outcome,
    lint::Finding,
    report::{StoredCase, StoredEvent},
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

/// What came of it.
pub(crate) struct Probed {
    pub(crate) cases: Vec<StoredCase>,
    /// It was interrupted before the end.
    pub(crate) interrupted: bool,
}

/// How many scenarios in a row cannot connect before the others are not tried.
const PATIENCE: usize = 3;

/// Plays scenarios, one after the other. An error if the platform was never reached.
pub(crate) async fn probe(
    settings: &Settings,
    scenarios: &[&'static Scenario],
    fixtures: &Fixtures,
    interrupted: &AtomicBool,
    tell: &mut dyn FnMut(Progress<'_>),
) -> Result<Probed, ClientError> {
    let mut run = Run::new(fixtures, settings.profile);
    let mut cases: Vec<StoredCase> = Vec::new();
    let mut misses = 0;
    for scenario in scenarios {
        tell(Progress::Begun(scenario));
        let begun = Instant::now();
        run.scenario = scenario.id;
        let played = select! {
            // Who is gone is not waited for a hundred times.
            () = ready(()), if misses >= PATIENCE => Err(ClientError::Silent),
            played = play(settings, &mut run, scenario), if misses < PATIENCE => played,
            () = told(interrupted) => return Ok(Probed { cases, interrupted: true }),
        };
        let played = match played {
            Ok(played) => {
                misses = 0;
                played
            }
            Err(error) if cases.is_empty() => return Err(error),
            Err(error) => {
                misses += 1;
                Played::unreachable(&error)
            }
        };
        cases.push(played.stored(scenario, settings.strict, begun.elapsed()));
        tell(Progress::Ended(cases.last().expect("it was pushed just now")));
    }
    // The order of the stored result.
    cases.sort_by(|case, other| case.id.cmp(&other.id));
    Ok(Probed { cases, interrupted: false })
}

/// How far it has come.
pub(crate) enum Progress<'a> {
    Begun(&'a Scenario),
    Ended(&'a StoredCase),
}

/// Waits until a flag is set.
async fn told(flag: &AtomicBool) {
    while !flag.load(Ordering::Relaxed) {
        sleep(Duration::from_millis(50)).await;
    }
}

/// A scenario that is over.
struct Played {
    found: Vec<Finding>,
    events: Vec<StoredEvent>,
    unsupported: Option<String>,
    unreachable: bool,
}

async fn play(
    settings: &Settings,
    run: &mut Run,
    scenario: &Scenario,
) -> Result<Played, ClientError> {
    let mut conversation = Conversation::open(settings, run).await?;
    let mut done = scenario.script.play(&mut conversation).await;
    if done.is_ok() {
        done = conversation.end().await;
    }
    let mut unsupported = None;
    if let Err(stop) = done {
        match stop {
            Stop::Found => {}
            Stop::Unsupported(why) => unsupported = Some(why),
            Stop::Gone(error) => conversation.findings.lost(&error.to_string()),
        }
        conversation.give_up().await;
    }
    let findings = std::mem::take(&mut conversation.findings);
    let (found, events) = Findings::into_parts(findings);
    Ok(Played { found, events, unsupported, unreachable: false })
}

impl Played {
    fn unreachable(error: &ClientError) -> Self {
        let mut findings = Findings::default();
        findings.lost(&format!("it cannot be used any more: {error}"));
        let (found, events) = findings.into_parts();
        Self { found, events, unsupported: None, unreachable: true }
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
            None if self.unsupported.is_some() => Outcome::Unsupported,
            None if self.found.is_empty() => Outcome::Pass,
            None if strict => Outcome::Fail,
            None => Outcome::Warn,
        }
    }

    fn stored(self, scenario: &Scenario, strict: bool, took: Duration) -> StoredCase {
        let outcome = self.outcome(strict);
        let mut detail: Vec<String> = self.found.iter().map(told_in_words).collect();
        detail.extend(self.unsupported);
        // The worst one is shown where it stands.
        let worst = self.found.iter().min_by_key(|finding| finding.level);
        let input = worst.and_then(|finding| finding.message.clone());
        let requirements = scenario.requirements.iter().map(|&id| id.to_owned()).collect();
        let id = scenario.id.to_owned();
        let mut stored = StoredCase::new(id, requirements, scenario.level, outcome);
        stored.detail = detail.join("\n");
        stored.title = scenario.title.to_owned();
        stored.input = input;
        stored.events = self.events;
        stored.expected = scenario.expected.to_owned();
        stored.reason = scenario.reason.to_owned();
        stored.seconds = Some(took.as_secs_f64());
        stored
    }
}

fn told_in_words(finding: &Finding) -> String {
    let requirement = match &*finding.requirement {
        "" => String::new(),
        requirement => format!(" ({requirement})"),
    };
    format!("{}{requirement}: {}", finding.code, finding.detail())
}
