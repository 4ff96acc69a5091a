//! Handles Ctrl-C.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};
#[cfg(windows)]
use tokio::signal::windows::{CtrlBreak, CtrlC, CtrlClose, ctrl_break, ctrl_c, ctrl_close};
use tokio::{runtime::Builder, select};

use super::{
    progress,
    status::{Error, Status},
};

/// Returns a flag that the first Ctrl-C sets. The second Ctrl-C ends the process immediately.
pub(super) fn interrupted_by_ctrl_c() -> Result<Arc<AtomicBool>, Error> {
    let interrupted = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&interrupted);
    at_first_ctrl_c(move || flag.store(true, Ordering::Relaxed))?;
    Ok(interrupted)
}

/// Calls `act` at the first Ctrl-C. The second Ctrl-C ends the process immediately. SIGTERM and
/// SIGHUP count as Ctrl-C. On Windows, Ctrl-Break and the closing of the console also count as
/// Ctrl-C.
pub(super) fn at_first_ctrl_c(act: impl FnOnce() + Send + 'static) -> Result<(), Error> {
    let listen = || {
        let runtime = Builder::new_current_thread().enable_io().build()?;
        let signals = {
            let _entered = runtime.enter();
            Signals::new()?
        };
        let wait = move || {
            runtime.block_on(async {
                let mut signals = signals;
                signals.next().await;
                act();
                signals.next().await;
                progress::clear();
                std::process::exit(Status::Interrupted as i32);
            });
        };
        thread::Builder::new().name("signals".to_owned()).spawn(wait)
    };
    listen().map(drop).map_err(|error| Error::Usage(format!("Ctrl-C cannot be handled: {error}")))
}

#[cfg(unix)]
struct Signals {
    ends: [Signal; 3],
    /// The handler for SIGXFSZ. Because of this handler, a write beyond the limit for file sizes
    /// returns an error and does not end the process.
    _file_size: Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
        let [interrupt, terminate, hangup] = kinds.map(signal);
        let file_size = SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw());
        let ends = [interrupt?, terminate?, hangup?];
        Ok(Self { ends, _file_size: signal(file_size)? })
    }

    async fn next(&mut self) {
        let [interrupt, terminate, hangup] = &mut self.ends;
        select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    }
}

#[cfg(windows)]
struct Signals(CtrlC, CtrlBreak, CtrlClose);

#[cfg(windows)]
impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self(ctrl_c()?, ctrl_break()?, ctrl_close()?))
    }

    async fn next(&mut self) {
        select! {
            _ = self.0.recv() => {}
            _ = self.1.recv() => {}
            _ = self.2.recv() => {}
        }
    }
}
