//! Running the command, with an eye on its time, its memory and what it leaves behind.

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

/// No run of these tests needs as long, on any machine.
pub(crate) const HANGS: Duration = Duration::from_secs(300);
/// How often is looked whether something has come to pass.
const LOOK: Duration = Duration::from_millis(5);
/// Stands in the environment of everything that a run starts.
const MARKER: &str = "IOTHUB_CONFORMANCE_TEST_MARKER";

/// What a run of the command came to.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) took: Duration,
    /// The time of processors that it had, as far as that can be seen.
    pub(crate) cpu: Duration,
    /// The most memory that it had, in KiB; 0 where that cannot be seen.
    pub(crate) peak_memory: u64,
    marker: String,
    /// The stored result, where a test has asked for it.
    pub(crate) result: String,
}

/// A run that is going on.
pub(crate) struct Going {
    pub(crate) process: std::process::Child,
    started: Instant,
    marker: String,
    stdout: thread::JoinHandle<String>,
    stderr: thread::JoinHandle<String>,
}

/// The command, as a user has it whose terminal has 80 columns and no colours.
pub(crate) fn binary() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_iothub-conformance"));
    for variable in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLORTERM", "CI"] {
        command.env_remove(variable);
    }
    command.env("COLUMNS", "80").env("TERM", "xterm");
    command
}

/// Runs it to its end.
pub(crate) fn run<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Run {
    start(binary().args(arguments)).end()
}

/// Starts it with its outputs captured, and nothing to read.
pub(crate) fn start(command: &mut Command) -> Going {
    start_with(command, Stdio::null())
}

/// Starts it with its outputs captured.
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
    /// Waits until it has started a program, or has ended.
    pub(crate) fn has_started_one(&self) {
        while marked(&self.marker).len() == 1 && self.started.elapsed() < HANGS {
            thread::sleep(LOOK);
        }
    }

    /// Waits until it has started a program, and both have nothing to do but wait.
    pub(crate) fn settle(&self) {
        self.has_started_one();
        wait_until_idle(|| marked(&self.marker));
    }

    /// The most memory that it had up to now, when it has done all that it can do.
    pub(crate) fn peak_memory_when_idle(&self) -> u64 {
        let process = PathBuf::from(format!("/proc/{}", self.process.id()));
        wait_until_idle(|| vec![process.clone()]);
        memory_of(self.process.id())
    }

    /// Waits for its end, and kills it if that does not come.
    pub(crate) fn end(mut self) -> Run {
        let (mut peak_memory, mut cpu) = (0, Duration::ZERO);
        let status: ExitStatus = loop {
            // It only grows, but for the first moment: there it is still that of these tests, and
            // in the end there is none.
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
            cpu,
            peak_memory,
            marker: self.marker,
            result: String::new(),
        }
    }
}

/// The peak of a process's memory in KiB, on Linux.
fn memory_of(id: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.trim().trim_end_matches("kB").trim().parse().unwrap_or_default()
}

/// What a process has had of the processors, on Linux.
fn cpu_of(id: u32) -> Duration {
    /// What Linux counts in, wherever it runs.
    const TICK: Duration = Duration::from_millis(10);
    let status = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    let behind_the_name = status.rsplit_once(") ").map_or("", |(_, rest)| rest).split(' ');
    let user_and_system = behind_the_name.skip(11).take(2).flat_map(str::parse::<u32>);
    TICK * user_and_system.sum::<u32>()
}

impl Run {
    /// The outcomes of the cases that are worth telling, with their details, by their ids.
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

    /// The line with the totals, without the name of what was under test.
    pub(crate) fn totals(&self) -> &str {
        let mut lines = self.stdout.lines().rev();
        let line = lines.find(|line| !line.starts_with("to see")).unwrap_or_default();
        line.rsplit_once(": ").map_or(line, |(_, totals)| totals)
    }

    /// The command lines of processes that it has started, and that still run.
    pub(crate) fn left_behind(&self) -> Vec<String> {
        let command_line = |process: &PathBuf| fs::read_to_string(process.join("cmdline"));
        marked(&self.marker).iter().map(|one| command_line(one).unwrap_or_default()).collect()
    }

    /// Ends what it has left behind.
    pub(crate) fn end_what_is_left(&self) {
        for process in marked(&self.marker) {
            if let Some(id) = process.file_name() {
                let _ = Command::new("kill").arg("-KILL").arg(id).status();
            }
        }
    }
}

/// Waits until processes, each by its folder in `/proc`, have nothing to do but wait. One for which
/// there is no processor is not among these.
pub(crate) fn wait_until_idle(processes: impl Fn() -> Vec<PathBuf>) {
    /// So often in a row, since there are moments between two steps of their work.
    const LOOKS: usize = 30;
    let (started, mut idle) = (Instant::now(), 0);
    while idle < LOOKS && started.elapsed() < HANGS {
        thread::sleep(LOOK);
        idle = if processes().iter().all(|process| sleeps(process)) { idle + 1 } else { 0 };
    }
}

/// Whether all threads of a process sleep.
fn sleeps(process: &Path) -> bool {
    let Ok(threads) = fs::read_dir(process.join("task")) else { return true };
    threads.flatten().all(|thread| {
        let status = fs::read_to_string(thread.path().join("stat")).unwrap_or_default();
        // Behind its name, which may contain anything.
        let state = status.rsplit_once(") ").map_or("S", |(_, rest)| rest);
        !state.starts_with(['R', 'D'])
    })
}

/// The processes that a run and what it started are, by their folders in `/proc`.
fn marked(marker: &str) -> Vec<PathBuf> {
    let marker = format!("{MARKER}={marker}");
    let carries_it = |process: &PathBuf| {
        // Of one that has ended and was not waited for, the environment is empty.
        let environment = fs::read(process.join("environ")).unwrap_or_default();
        environment.split(|&byte| byte == 0).any(|variable| variable == marker.as_bytes())
    };
    let Ok(processes) = fs::read_dir("/proc") else { return Vec::new() };
    processes.flatten().map(|entry| entry.path()).filter(carries_it).collect()
}
