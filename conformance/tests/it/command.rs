//! Runs the command, and observes its time, its memory and the processes that it leaves running.

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fs,
    io::Read,
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::{Duration, Instant},
};

/// A time that is longer than any run of these tests takes, on any machine.
pub(crate) const HANGS: Duration = Duration::from_secs(300);
/// The interval between two checks.
const LOOK: Duration = Duration::from_millis(5);
/// The name of a variable in the environment of every process that a run starts.
const MARKER: &str = "IOTHUB_CONFORMANCE_TEST_MARKER";

/// The result of a run of the command.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) took: Duration,
    ended: Instant,
    /// The processor time of the run, as far as it is known.
    pub(crate) cpu: Duration,
    /// The peak memory in KiB; 0 if it is unknown.
    pub(crate) peak_memory: u64,
    marker: String,
    /// The stored result, if the test asked for it.
    pub(crate) result: String,
}

/// A run in progress.
pub(crate) struct Going {
    pub(crate) process: std::process::Child,
    started: Instant,
    marker: String,
    stdout: thread::JoinHandle<String>,
    stderr: thread::JoinHandle<String>,
}

/// Returns the command, on a terminal with 80 columns and without colours.
pub(crate) fn binary() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_iothub-conformance"));
    for variable in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLORTERM", "CI"] {
        command.env_remove(variable);
    }
    command.env("COLUMNS", "80").env("TERM", "xterm");
    command
}

/// Runs the command to its end.
pub(crate) fn run<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Run {
    start(binary().args(arguments)).end()
}

/// Starts the command with captured outputs and an empty input.
pub(crate) fn start(command: &mut Command) -> Going {
    start_with(command, Stdio::null())
}

/// Starts the command with captured outputs.
pub(crate) fn start_with(command: &mut Command, input: Stdio) -> Going {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    let run = RUNS.fetch_add(1, Ordering::Relaxed);
    let marker = format!("{}-{run}", std::process::id());
    let mut process = command
        .env(MARKER, &marker)
        .stdin(input)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("cargo has built the binary");
    Going {
        stdout: read(process.stdout.take()),
        stderr: read(process.stderr.take()),
        process,
        started: Instant::now(),
        marker,
    }
}

fn read(pipe: Option<impl Read + Send + 'static>) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            let _ = pipe.read_to_end(&mut bytes);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

impl Going {
    /// Waits until the command has started a program, or has ended.
    pub(crate) fn has_started_one(&self) {
        while marked(&self.marker).len() == 1 && self.started.elapsed() < HANGS {
            thread::sleep(LOOK);
        }
    }

    /// Waits until the command has started a program, and both are idle.
    pub(crate) fn settle(&self) {
        self.has_started_one();
        wait_until_idle(|| marked(&self.marker));
    }

    /// Returns the peak memory so far, once the command is idle.
    pub(crate) fn peak_memory_when_idle(&self) -> u64 {
        let process = PathBuf::from(format!("/proc/{}", self.process.id()));
        wait_until_idle(|| vec![process.clone()]);
        memory_of(self.process.id())
    }

    /// Waits for the end, and kills the command if it hangs.
    pub(crate) fn end(mut self) -> Run {
        let (mut peak_memory, mut cpu) = (0, Duration::ZERO);
        let status: ExitStatus = loop {
            // The peak only grows, with two exceptions: at first it is still that of these tests,
            // and at the end it is missing.
            peak_memory = match memory_of(self.process.id()) {
                0 => peak_memory,
                memory => memory,
            };
            cpu = cpu.max(cpu_of(self.process.id()));
            if let Some(status) = self.process.try_wait().expect("it is our child") {
                break status;
            }
            if self.started.elapsed() > HANGS {
                let _ = self.process.kill();
            }
            thread::sleep(Duration::from_millis(2));
        };
        let took = self.started.elapsed();
        assert!(took < HANGS, "it did not end");
        let end = |output: thread::JoinHandle<String>| output.join().expect("reading cannot panic");
        Run {
            status: status.code(),
            stdout: end(self.stdout),
            stderr: end(self.stderr),
            took,
            ended: Instant::now(),
            cpu,
            peak_memory,
            marker: self.marker,
            result: String::new(),
        }
    }
}

/// Returns the peak memory of a process in KiB, on Linux.
fn memory_of(id: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.trim().trim_end_matches("kB").trim().parse().unwrap_or_default()
}

/// Returns the processor time of a process, on Linux.
fn cpu_of(id: u32) -> Duration {
    /// The unit in which Linux counts on every platform.
    const TICK: Duration = Duration::from_millis(10);
    let status = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    let behind_the_name = status.rsplit_once(") ").map_or("", |(_, rest)| rest).split(' ');
    let user_and_system = behind_the_name.skip(11).take(2).flat_map(str::parse::<u32>);
    TICK * user_and_system.sum::<u32>()
}

impl Run {
    /// Returns the outcomes and details of the interesting cases, by their ids.
    pub(crate) fn told(&self) -> BTreeMap<String, (String, String)> {
        const OUTCOMES: [&str; 5] = ["fail", "warn", "crashed", "timed-out", "bad-answer"];
        let mut told = BTreeMap::new();
        let mut last = None;
        for line in self.stdout.lines() {
            if let Some(detail) = line.strip_prefix("    ") {
                let told: Option<&mut (String, String)> =
                    last.as_ref().and_then(|id| told.get_mut(id));
                if let Some((_, details)) = told {
                    details.push_str(detail);
                    details.push('\n');
                }
                continue;
            }
            last = None;
            let mut words = line.split(' ');
            if let (Some(outcome), Some(id)) = (words.next(), words.next())
                && OUTCOMES.contains(&outcome)
            {
                told.insert(id.to_owned(), (outcome.to_owned(), String::new()));
                last = Some(id.to_owned());
            }
        }
        told
    }

    /// Returns the line with the totals, without the name of the testee.
    pub(crate) fn totals(&self) -> &str {
        let mut lines = self.stdout.lines().rev();
        let line = lines.find(|line| !line.starts_with("to show one case")).unwrap_or_default();
        line.rsplit_once(": ").map_or(line, |(_, totals)| totals)
    }

    /// Returns the command lines of processes that the run has started, and that are still running.
    pub(crate) fn left_behind(&self) -> Vec<String> {
        let is_dying = || marked(&self.marker).iter().any(|process| is_killed(process));
        while is_dying() && self.ended.elapsed() < HANGS {
            thread::sleep(LOOK);
        }
        let command_line = |process: &PathBuf| fs::read_to_string(process.join("cmdline"));
        marked(&self.marker).iter().map(|one| command_line(one).unwrap_or_default()).collect()
    }

    /// Ends the processes that the run left running.
    pub(crate) fn end_what_is_left(&self) {
        for process in marked(&self.marker) {
            if let Some(id) = process.file_name() {
                let _ = Command::new("kill").arg("-KILL").arg(id).status();
            }
        }
    }
}

/// Waits until all threads of some processes sleep. Each process is given by its folder in `/proc`.
/// A thread that waits for a processor does not sleep.
pub(crate) fn wait_until_idle(processes: impl Fn() -> Vec<PathBuf>) {
    /// The number of consecutive checks, since a process may sleep for a moment between two steps.
    const LOOKS: usize = 30;
    let (started, mut idle) = (Instant::now(), 0);
    while idle < LOOKS && started.elapsed() < HANGS {
        thread::sleep(LOOK);
        idle = if processes().iter().all(|process| sleeps(process)) { idle + 1 } else { 0 };
    }
}

/// Returns whether all threads of a process sleep.
fn sleeps(process: &Path) -> bool {
    let Ok(threads) = fs::read_dir(process.join("task")) else { return true };
    threads.flatten().all(|thread| {
        let status = fs::read_to_string(thread.path().join("stat")).unwrap_or_default();
        // The state follows the name, which may contain any character.
        let state = status.rsplit_once(") ").map_or("S", |(_, rest)| rest);
        !state.starts_with(['R', 'D'])
    })
}

/// Returns whether a process has received SIGKILL, but has not run since then.
fn is_killed(process: &Path) -> bool {
    const SIGKILL: u64 = 1 << 8;
    let status = fs::read_to_string(process.join("status")).unwrap_or_default();
    let pending = ["SigPnd:", "ShdPnd:"].iter().filter_map(|key| {
        let line = status.lines().find_map(|line| line.strip_prefix(key))?;
        u64::from_str_radix(line.trim(), 16).ok()
    });
    pending.fold(0, |all, one| all | one) & SIGKILL != 0
}

/// Returns the processes of a run and of the programs that it started, by their folders in `/proc`.
fn marked(marker: &str) -> Vec<PathBuf> {
    let marker = format!("{MARKER}={marker}");
    let carries_it = |process: &PathBuf| {
        // The environment of a zombie is empty.
        let environment = fs::read(process.join("environ")).unwrap_or_default();
        environment.split(|&byte| byte == 0).any(|variable| variable == marker.as_bytes())
    };
    let Ok(processes) = fs::read_dir("/proc") else { return Vec::new() };
    processes.flatten().map(|entry| entry.path()).filter(carries_it).collect()
}
