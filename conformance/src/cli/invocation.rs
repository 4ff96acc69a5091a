//! Collects the time, command and machine of a run for its reports.

use std::{
    env,
    time::{Instant, SystemTime},
};

use humantime::format_rfc3339_seconds;

use crate::{excerpt::counted, result::Invocation};

const PROGRAM: &str = "iothub-conformance";
/// The options whose values must not appear in reports.
const SECRET: [&str; 2] = ["--password", "--device-secret"];
const HIDDEN: &str = "…";

/// The time at which a command started.
#[derive(Clone, Copy, Debug)]
pub(super) struct Started {
    at: SystemTime,
    clock: Instant,
}

impl Started {
    pub(super) fn now() -> Self {
        Self { at: SystemTime::now(), clock: Instant::now() }
    }

    /// Returns the time, command and machine of a run that ends now.
    pub(super) fn invocation(self) -> Invocation {
        let words: Vec<String> =
            env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
        Invocation::new(
            format_rfc3339_seconds(self.at).to_string(),
            self.clock.elapsed().as_secs_f64(),
            command_line(&words),
            machine(),
        )
    }
}

/// Returns the command that runs only one case if `--filter ID` is appended to the command.
pub(super) fn replay(command: &str, options: &[(&str, Option<&str>)]) -> String {
    let mut words = vec![command.to_owned()];
    for (option, value) in options {
        if let Some(value) = value {
            words.extend([(*option).to_owned(), (*value).to_owned()]);
        }
    }
    command_line(&words)
}

/// Returns the command as it was typed, without `--all`, `--jobs` and the options that select cases
/// or write reports.
pub(super) fn replay_as_typed() -> String {
    let words: Vec<String> =
        env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    command_line(&for_one_case(&words))
}

fn for_one_case(words: &[String]) -> Vec<String> {
    const WITH_VALUE: [&str; 7] = [
        "--filter",
        "--failed",
        "--jobs",
        "--report-json",
        "--report-junit",
        "--report-html",
        "--shard",
    ];
    let mut kept = Vec::new();
    let mut is_value = false;
    for word in words {
        let option = word.split('=').next().unwrap_or_default();
        let is_dropped = WITH_VALUE.contains(&option) || word == "--all";
        if !is_value && !is_dropped {
            kept.push(word.clone());
        }
        is_value = !is_value && WITH_VALUE.contains(&&**word);
    }
    kept
}

fn machine() -> String {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let processors = counted(processors as u64, "processor");
    format!("{} {}, {processors}", env::consts::OS, env::consts::ARCH)
}

/// Returns the command as it is typed in a shell, with `…` in place of passwords and secrets.
fn command_line(words: &[String]) -> String {
    let mut shown = vec![PROGRAM.to_owned()];
    let mut is_secret = false;
    for word in words {
        let secret = SECRET.iter().find_map(|option| word.strip_prefix(option));
        shown.push(match secret {
            _ if is_secret => HIDDEN.to_owned(),
            Some(value) if value.starts_with('=') => {
                format!("{}={HIDDEN}", &word[..word.len() - value.len()])
            }
            _ => without_user(word),
        });
        is_secret = secret == Some("");
    }
    // Quoting fails only for a NUL, which no argument of a process contains.
    shlex::try_join(shown.iter().map(String::as_str)).unwrap_or_default()
}

/// Returns `word` with `…` in place of the user names and passwords in its URLs.
fn without_user(word: &str) -> String {
    let mut shown = String::new();
    let mut rest = word;
    while let Some((before, after)) = rest.split_once("://") {
        shown += before;
        shown += "://";
        let end = after.find(['/', '?', '#', ' ']).unwrap_or(after.len());
        rest = match after[..end].rfind('@') {
            Some(at) => {
                shown += HIDDEN;
                &after[at..]
            }
            None => after,
        };
    }
    shown + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_plays_one_case_has_the_options_of_the_run() {
        let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(
            for_one_case(&words(
                "device --trigger --filter=a --filter SES-7 --strict --report-json --all \
                 --report-html=r.html --timeout 5s --jobs 2 --all"
            )),
            words("device --trigger --strict --timeout 5s")
        );
    }

    #[test]
    fn no_password_is_shown() {
        let line = |words: &[&str]| {
            command_line(&words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(line(&["run", "--testee", "a b"]), "iothub-conformance run --testee 'a b'");
        for words in [
            &["--password", "SECRET"][..],
            &["--password=SECRET"],
            &["--device-secret", "SECRET"],
            &["--broker", "mqtt://u:SECRET@h:1883"],
            &["--testee", "a http://SECRET@h/ mqtt://SECRET@h"],
        ] {
            let shown = line(words);
            assert!(!shown.contains("SECRET") && shown.contains(HIDDEN), "{shown}");
        }
    }
}
