//! The command `serve` as a running process.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Output, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use crate::command::{HANGS, binary};

/// A running platform. It ends when the value is dropped.
pub(crate) struct Serving {
    process: Child,
    pub(crate) mqtt: String,
    pub(crate) http: String,
    lines: mpsc::Receiver<String>,
    seen: Vec<String>,
}

/// Starts the platform on ports that the system chooses, unless the arguments name a broker.
pub(crate) fn serve(arguments: &[&str]) -> Serving {
    serve_by_way_of(arguments, |_| {})
}

/// Starts the platform by another command.
pub(crate) fn serve_by_way_of(arguments: &[&str], change: impl FnOnce(&mut Command)) -> Serving {
    let mut command = binary();
    command.args(["serve", "--http", "127.0.0.1:0"]).args(arguments);
    if !arguments.contains(&"--broker") {
        command.args(["--listen", "127.0.0.1:0"]);
    }
    change(&mut command);
    let process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut process = process.expect("cargo has built the binary");
    let lines = lines_of(process.stdout.take().expect("it is piped"));
    let mut serving =
        Serving { process, mqtt: String::new(), http: String::new(), lines, seen: Vec::new() };
    serving.wait_for("Ctrl-C ends the platform");
    let word = |begin: &str| {
        let mut lines = serving.seen.iter();
        let line = lines
            .find(|line| line.split_whitespace().next() == Some(begin))
            .expect("it says where it listens");
        line.split_whitespace().nth(1).expect("there is an address").to_owned()
    };
    (serving.mqtt, serving.http) = (word("MQTT"), word("HTTP"));
    serving
}

fn lines_of(stdout: ChildStdout) -> mpsc::Receiver<String> {
    let (sender, lines) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    lines
}

impl Serving {
    /// Waits for a line that contains the text, and returns it.
    #[track_caller]
    pub(crate) fn wait_for(&mut self, text: &str) -> String {
        let until = Instant::now() + HANGS;
        loop {
            let patience = until.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(patience) {
                Ok(line) => {
                    self.seen.push(line.clone());
                    if line.contains(text) {
                        return line;
                    }
                }
                Err(_) => {
                    let mut stderr = String::new();
                    let _ = self.process.kill();
                    if let Some(mut pipe) = self.process.stderr.take() {
                        let _ = pipe.read_to_string(&mut stderr);
                    }
                    panic!("no {text:?} in {:#?}, {stderr}", self.seen);
                }
            }
        }
    }

    pub(super) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Returns the memory in KiB, now and at most; 0 if the system does not show it.
    pub(crate) fn memory(&self) -> [u64; 2] {
        let status = fs::read_to_string(format!("/proc/{}/status", self.id())).unwrap_or_default();
        ["VmRSS:", "VmHWM:"].map(|name| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
            line.trim().trim_end_matches("kB").trim().parse().unwrap_or_default()
        })
    }

    /// Returns the MQTT URL with TLS.
    pub(crate) fn mqtts(&self) -> String {
        let line = self.seen.iter().find(|line| line.starts_with("MQTTS"));
        let url = line.and_then(|line| line.split_whitespace().nth(1));
        url.expect("it says where it listens").to_owned()
    }

    pub(crate) fn mqtt_address(&self) -> SocketAddr {
        self.mqtt.trim_start_matches("mqtt://").parse().expect("it is an address")
    }

    pub(crate) fn http_address(&self) -> SocketAddr {
        self.http.trim_start_matches("http://").parse().expect("it is an address")
    }

    /// Ends the platform with Ctrl-C, and returns its output.
    #[track_caller]
    pub(crate) fn end(mut self) -> Vec<String> {
        interrupt(self.id());
        let begun = Instant::now();
        let status = loop {
            if let Some(status) = self.process.try_wait().expect("it is our child") {
                break status;
            }
            assert!(begun.elapsed() < HANGS, "Ctrl-C does not end it");
            thread::sleep(Duration::from_millis(5));
        };
        assert_eq!(status.code(), Some(0));
        self.seen.extend(self.lines.iter());
        std::mem::take(&mut self.seen)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

pub(crate) fn interrupt(id: u32) {
    let sent = Command::new("kill").args(["-INT", &id.to_string()]).status();
    assert!(sent.expect("there is `kill`").success());
}

/// Returns the example device, in the way that a user starts it.
pub(crate) fn device(mqtt: &str, arguments: &[&str]) -> Command {
    let test = std::env::current_exe().expect("a test knows where it is");
    let target = test.parent().and_then(Path::parent).expect("it is in `deps`");
    let example = target.join("examples/device");
    assert!(example.exists(), "with `--test it`, cargo leaves it out: cargo build --examples");
    let mut command = Command::new(example);
    command.args(["--mqtt", mqtt, "--product-id", "P"]).args(arguments);
    if !arguments.contains(&"--patience") {
        command.args(["--patience", "300000"]);
    }
    for variable in ["IOTHUB_MISBEHAVE", "IOTHUB_FLOW", "IOTHUB_FILE"] {
        command.env_remove(variable);
    }
    command
}

/// Runs the device to its end.
#[track_caller]
pub(crate) fn run_device(mqtt: &str, arguments: &[&str]) -> Output {
    let output = device(mqtt, arguments).output().expect("it can be started");
    assert!(output.status.success(), "{output:?}");
    output
}

/// Creates a file with these bytes.
pub(crate) fn file(folder: &Path, name: &str, size: usize) -> PathBuf {
    let path = folder.join(name);
    let bytes: Vec<u8> = (0..size).map(|at| (at * 7 % 253) as u8).collect();
    fs::write(&path, bytes).expect("the folder is there");
    path
}

/// Sends bytes. Returns the answer up to the end of the connection, and the elapsed time.
pub(crate) fn exchange(address: SocketAddr, bytes: &[u8]) -> (Vec<u8>, Duration) {
    let begun = Instant::now();
    let mut stream = TcpStream::connect(address).expect("somebody listens");
    stream.set_read_timeout(Some(HANGS)).expect("there is such a time-out");
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        match stream.read(&mut chunk) {
            Ok(count @ 1..) => answer.extend_from_slice(&chunk[..count]),
            Ok(0) => break,
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => panic!("it hangs"),
            Err(_) => break,
        }
    }
    (answer, begun.elapsed())
}
