//! The request to start a device and the state of a device that has ended.

use std::{
    fmt,
    io::Read,
    path::PathBuf,
    process::ExitStatus,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
};

use iothub_resource::{DeviceName, ProductId};

use super::{
    sanitizer::{ReportFinder, SanitizerReport},
    scenario::Flow,
};
use iothub_conformance_suite::implementation::program::{Tail, read_some};

/// The maximum number of bytes that are kept from the end of a program's output.
const KEPT_OUTPUT: usize = 8 << 10;

/// The values that a device needs when it is started.
#[derive(Clone, Debug)]
pub(super) struct LaunchRequest {
    pub(super) scenario: String,
    pub(super) flow: Flow,
    pub(super) mqtt_url: String,
    pub(super) product_id: ProductId,
    pub(super) device_name: DeviceName,
    pub(super) file: PathBuf,
    /// The file with the authority that the device must trust; `None` without TLS.
    pub(super) tls_ca: Option<PathBuf>,
    #[cfg(any(test, feature = "misbehaviour"))]
    pub(super) profile: iothub_resource::Profile,
}

/// The exit state of a program that has ended by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ExitState {
    /// Whether a signal (on Windows, an exception) has ended the program or, if the program is a
    /// shell, its command.
    pub(super) crashed: bool,
    /// Whether the program exited with status 0.
    pub(super) well: bool,
    pub(super) words: String,
}

impl ExitState {
    pub(super) fn of(status: ExitStatus) -> Self {
        Self { crashed: is_crash(status), well: status.success(), words: status.to_string() }
    }
}

fn is_crash(status: ExitStatus) -> bool {
    /// The signals for an illegal instruction, a trap, an abort, a bus error, an arithmetic error
    /// and a segmentation fault.
    const FATAL: [i32; 6] = [4, 5, 6, 7, 8, 11];
    #[cfg(unix)]
    if std::os::unix::process::ExitStatusExt::signal(&status).is_some() {
        return true;
    }
    // A shell reports the signal of its command as 128 plus the number of the signal. On Windows, a
    // negative code is an exception.
    status.code().is_some_and(|code| code < 0 || FATAL.contains(&(code - 128)))
}

impl fmt::Display for ExitState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words)
    }
}

/// The output that a device has printed.
#[derive(Clone, Debug, Default)]
pub(super) struct Printed {
    /// The last part of the output, as text.
    pub(super) text: String,
    /// The first report from a sanitizer in the output; `None` if there is no report.
    pub(super) report: Option<SanitizerReport>,
}

/// The last part of a program's output, and the first report from a sanitizer. Clones share one
/// state.
#[derive(Clone)]
pub(super) struct Output(Arc<Mutex<KeptOutput>>);

struct KeptOutput {
    tail: Tail,
    /// The first report from a sanitizer; `None` if there is no report so far.
    report: Option<SanitizerReport>,
    /// The number of pipes that are still open.
    open: usize,
}

impl Default for Output {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(KeptOutput {
            tail: Tail::new(KEPT_OUTPUT),
            report: None,
            open: 0,
        })))
    }
}

impl Output {
    /// Reads a pipe to its end in a separate thread, and keeps the last part of the output and the
    /// first report.
    pub(super) fn keep(&self, mut pipe: impl Read + Send + 'static) {
        self.kept().open += 1;
        let output = self.clone();
        thread::spawn(move || {
            let mut chunk = [0; 4096];
            let mut finder = ReportFinder::default();
            while let Some(count) = read_some(&mut pipe, &mut chunk) {
                output.add(&chunk[..count]);
                output.found(finder.add(&chunk[..count]));
            }
            output.found(finder.end());
            output.kept().open -= 1;
        });
    }

    pub(super) fn add(&self, bytes: &[u8]) {
        self.kept().tail.keep(bytes);
    }

    fn found(&self, report: Option<SanitizerReport>) {
        let Some(report) = report else { return };
        let mut kept = self.kept();
        kept.report = Some(match kept.report.take() {
            Some(first) => first.before(&report),
            None => report,
        });
    }

    pub(super) fn is_open(&self) -> bool {
        self.kept().open > 0
    }

    pub(super) fn printed(&self) -> Printed {
        Printed { text: self.text(), report: self.kept().report.clone() }
    }

    fn text(&self) -> String {
        let mut kept = self.kept();
        let cut = if kept.tail.cut { "…" } else { "" };
        let text = String::from_utf8_lossy(kept.tail.bytes()).trim().to_owned();
        format!("{cut}{text}")
    }

    fn kept(&self) -> MutexGuard<'_, KeptOutput> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
