//! A real Mosquitto broker on a loopback port.

use std::{
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// A time that is longer than any start of the broker, on any machine.
const HANGS: Duration = Duration::from_secs(300);

/// A broker that ends when the value is dropped.
pub(crate) struct Broker {
    process: Child,
    pub(crate) port: u16,
}

impl Broker {
    /// Starts a broker on a free port. If another process takes the port first, the function tries
    /// another port.
    pub(crate) fn start() -> Option<Self> {
        let programs = ["mosquitto", "/usr/sbin/mosquitto"];
        // Debian installs Mosquitto in a folder for administrators.
        if !programs.iter().any(|program| Command::new(program).arg("-h").output().is_ok()) {
            println!("skipped: needs mosquitto");
            return None;
        }
        let free = || TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        (0..10).find_map(|_| Self::start_at(free()))
    }

    /// Starts a broker on this port. Returns `None` if the broker cannot listen on the port.
    pub(crate) fn start_at(port: u16) -> Option<Self> {
        let folder = tempfile::tempdir().ok()?;
        let settings = folder.path().join("mosquitto.conf");
        // Without the last line, every message waits for a timer of TCP.
        let text =
            format!("listener {port} 127.0.0.1\nallow_anonymous true\nset_tcp_nodelay true\n");
        fs::write(&settings, text).ok()?;
        let start = |program| {
            let mut command = Command::new(program);
            command.arg("-c").arg(&settings).stdout(Stdio::null()).stderr(Stdio::null());
            command.spawn().ok()
        };
        let process = start("mosquitto").or_else(|| start("/usr/sbin/mosquitto"))?;
        let mut broker = Self { process, port };
        let begun = Instant::now();
        while begun.elapsed() < HANGS {
            if broker.process.try_wait().unwrap().is_some() {
                return None;
            }
            if answers(port) {
                return Some(broker);
            }
            thread::sleep(Duration::from_millis(20));
        }
        None
    }
}

impl Broker {
    /// Returns a function that waits until the broker is idle: it sends a ping and waits for the
    /// answer.
    #[allow(dead_code, reason = "only tests of one process look")]
    pub(crate) fn look(&self) -> Box<dyn FnMut() + Send> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_nodelay(true).unwrap();
        // The keep-alive is 0.
        stream.write_all(b"\x10\x10\x00\x04MQTT\x04\x02\x00\x00\x00\x04look").unwrap();
        stream.read_exact(&mut [0; 4]).unwrap();
        Box::new(move || {
            stream.write_all(b"\xc0\x00").expect("the broker is there");
            stream.read_exact(&mut [0; 2]).expect("the broker answers");
        })
    }
}

/// Returns whether MQTT answers on the port. An open connection alone proves nothing: it could be
/// connected to itself, since the system may choose the same port for both ends.
fn answers(port: u16) -> bool {
    let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) else { return false };
    let mut answer = [0; 4];
    let _ = stream.set_read_timeout(Some(Duration::from_secs(1)));
    stream.write_all(b"\x10\x10\x00\x04MQTT\x04\x02\x00\x3c\x00\x04test").is_ok()
        && stream.read_exact(&mut answer).is_ok()
        && answer == *b"\x20\x02\x00\x00"
}

impl Drop for Broker {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
