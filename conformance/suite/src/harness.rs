//! Runs the suite as the tests of a crate. Every case is a test with its own name.
//!
//! Add a test to the `Cargo.toml` of the crate:
//!
//! ```toml
//! [[test]]
//! name = "conformance"
//! harness = false
//! ```
//!
//! Call [`main`] in `tests/conformance.rs`:
//!
//! ```no_run
//! # #[derive(Clone)] struct Mine;
//! # impl iothub_conformance_suite::Implementation for Mine {
//! #     fn about(&self) -> iothub_conformance_suite::About { iothub_conformance_suite::About::new("mine", "1") }
//! # }
//! fn main() -> std::process::ExitCode {
//!     iothub_conformance_suite::harness::main(|| Mine)
//! }
//! ```
//!
//! You can then run the tests with the usual arguments, for example
//! `cargo test --test conformance -- enc-4`. `cargo nextest` can run the tests in shards. Cases for
//! unsupported operations and cases with the outcome `warn` are shown as ignored.

use std::process::ExitCode;

use libtest_mimic::{Arguments, Completion, Failed, Trial};

use crate::{Case, Fixtures, Implementation, InProcess, Judge, Observed, Outcome, Testee};

/// Runs each embedded case as a test against a new instance of the implementation. Returns the exit
/// code for the process.
pub fn main<I>(implementation: impl Fn() -> I + Clone + Send + 'static) -> ExitCode
where
    I: Implementation + Send + 'static,
{
    run(Fixtures::embedded(), Judge::default(), implementation)
}

/// Runs the cases of `fixtures` with `judge`, in the same way as [`main`].
pub fn run<I>(
    fixtures: Fixtures,
    judge: Judge,
    implementation: impl Fn() -> I + Clone + Send + 'static,
) -> ExitCode
where
    I: Implementation + Send + 'static,
{
    let arguments = Arguments::from_args();
    let trials = fixtures
        .cases
        .into_iter()
        .map(|case| {
            let implementation = implementation.clone();
            let name = case.id.clone();
            Trial::ignorable_test(name, move || {
                let mut observed = None;
                let mut testee = InProcess::new(implementation());
                testee
                    .ask(&[&case.request], &mut |_, what| observed = Some(what))
                    .map_err(Failed::from)?;
                judge_one(judge, &case, observed)
            })
        })
        .collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn judge_one(judge: Judge, case: &Case, observed: Option<Observed>) -> Result<Completion, Failed> {
    let judged = judge.judge(case, observed.ok_or("there was no answer")?);
    match judged.outcome {
        Outcome::Pass => Ok(Completion::Completed),
        Outcome::Warn => Ok(Completion::ignored_with(judged.detail)),
        Outcome::Unsupported => Ok(Completion::ignored_with(judged.outcome)),
        outcome => {
            let (requirement, reason) = (case.main_requirement(), &case.reason);
            Err(format!("{outcome}: {}\n{requirement}: {reason}", judged.detail).into())
        }
    }
}
