//! Measures whether `iothub-conformance serve` can handle many devices:
//!
//! ```console
//! cargo run --release -p iothub-conformance --example load
//! ```
//!
//! The example starts `serve` and lets 1,000 devices upload 100 KiB each at the same time, first without TLS and then
//! with TLS. After that, it connects 10,000 idle clients. It prints the times and, on Linux, the peak memory of
//! `serve`. It fails if a transfer fails or a limit is exceeded. With the argument `tls`, it runs only the uploads with
//! TLS. With the argument `plain`, it runs only the uploads without TLS.

use std::{
    env, fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, ExitCode, Stdio},
    thread,
    time::{Duration, Instant},
};

use iothub_conformance::live::{
    device::{Job, Settings, run_many},
    transport::Trust,
};
use iothub_resource::{DeviceName, ProductId};

const DEVICES: usize = 1_000;
const BYTES: usize = 100 << 10;
const IDLE: usize = 10_000;
/// The limits on the peak memory in MiB, for the uploads and for the idle clients.
const MOST_MEMORY: [u64; 2] = [256, 512];

type Failure = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(3)
        }
    }
}

fn run() -> Result<bool, Failure> {
    allow_many_connections();
    match env::args().nth(1).as_deref() {
        Some("plain") => uploads(false),
        Some("tls") => uploads(true),
        Some(other) => Err(format!("the argument must be tls or plain, not {other:?}").into()),
        None => {
            let uploaded = [uploads(false)?, uploads(true)?];
            Ok(idle()? && uploaded == [true, true])
        }
    }
}

fn uploads(tls: bool) -> Result<bool, Failure> {
    let folder = tempfile::tempdir()?;
    let folder = folder.path();
    let store = folder.join("store");
    let authority = folder.join("ca.pem");
    let (at, ca) = (store.display().to_string(), authority.display().to_string());
    let mut arguments = vec!["--store", &at];
    if tls {
        let free = ["--mqtts", "127.0.0.1:0", "--https", "127.0.0.1:0"];
        arguments.extend(["--tls", "--tls-ca", &ca]);
        arguments.extend(free);
    }
    let serve = Serve::start(&arguments)?;
    let trust = if tls { Some(Trust::in_file(&authority)?) } else { None };
    let mut devices = Vec::new();
    for number in 0..DEVICES {
        let file = folder.join(format!("{number}.bin"));
        fs::write(&file, body(number))?;
        let name = DeviceName::new(&format!("device-{number}"))?;
        let url = if tls { &serve.mqtts } else { &serve.mqtt };
        let mut settings = Settings::new(url.clone(), ProductId::new("LOAD")?, name);
        settings.trust.clone_from(&trust);
        devices.push((settings, Job::Upload { file, name: Some("object".to_owned()) }));
    }
    let begun = Instant::now();
    let ended = run_many(devices);
    let took = begun.elapsed();
    let done = ended
        .iter()
        .filter(|ended| ended.as_ref().is_ok_and(|outcomes| outcomes.iter().all(|o| o.is_done())));
    let done = done.count();
    let mut right = 0;
    for number in 0..DEVICES {
        let kept = store.join("LOAD").join(format!("device-{number}")).join("object");
        right += usize::from(fs::read(kept).is_ok_and(|bytes| bytes == body(number)));
    }
    let peak = serve.peak_memory();
    println!(
        "{DEVICES} devices at the same time{}, {} KiB each: {done} done, {right} correct objects, {:.1} s, \
         peak memory {peak} MiB (at most {})",
        if tls { " with TLS" } else { "" },
        BYTES >> 10,
        took.as_secs_f64(),
        MOST_MEMORY[0],
    );
    Ok(done == DEVICES && right == DEVICES && peak < MOST_MEMORY[0])
}

fn idle() -> Result<bool, Failure> {
    let serve = Serve::start(&[])?;
    let address = serve.mqtt.trim_start_matches("mqtt://").to_owned();
    let begun = Instant::now();
    let mut clients = Vec::with_capacity(IDLE);
    for number in 0..IDLE {
        let mut stream = TcpStream::connect(&address)?;
        let client_id = format!("idle-{number:05}");
        let topic = format!("$resource/down/service/LOAD/{client_id}");
        let mut bytes = vec![0x10, 12 + client_id.len() as u8, 0, 4];
        bytes.extend(b"MQTT\x04\x02\x04\xb0\x00");
        bytes.push(client_id.len() as u8);
        bytes.extend(client_id.as_bytes());
        bytes.extend([0x82, 5 + topic.len() as u8, 0, 1, 0, topic.len() as u8]);
        bytes.extend(topic.as_bytes());
        bytes.push(1);
        stream.write_all(&bytes)?;
        clients.push(stream);
    }
    for client in &mut clients {
        let mut answer = [0; 9];
        client.set_read_timeout(Some(Duration::from_secs(30)))?;
        client.read_exact(&mut answer)?;
        if answer != *b"\x20\x02\x00\x00\x90\x03\x00\x01\x01" {
            return Err("the broker refused a client".into());
        }
    }
    let took = begun.elapsed();
    thread::sleep(Duration::from_secs(1));
    let peak = serve.peak_memory();
    println!(
        "{IDLE} idle clients, each with a subscription: connected in {:.1} s, peak memory {peak} \
         MiB (at most {})",
        took.as_secs_f64(),
        MOST_MEMORY[1],
    );
    Ok(peak < MOST_MEMORY[1])
}

fn body(number: usize) -> Vec<u8> {
    (0..BYTES).map(|at| (at * 31 + number * 7) as u8).collect()
}

struct Serve {
    process: Child,
    mqtt: String,
    /// The URL of the broker with TLS, or an empty string without TLS.
    mqtts: String,
}

impl Serve {
    fn start(arguments: &[&str]) -> Result<Self, Failure> {
        let mut process = Command::new(binary()?)
            .args(["serve", "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0"])
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()?;
        let stdout = process.stdout.take().ok_or("the output of `serve` cannot be read")?;
        let mut lines = BufReader::new(stdout).lines();
        let [mut mqtt, mut mqtts] = [const { String::new() }; 2];
        loop {
            let line = lines.next().ok_or("`serve` did not start")??;
            let mut words = line.split_whitespace();
            match (words.next(), words.next()) {
                (Some("MQTT"), Some(url)) => url.clone_into(&mut mqtt),
                (Some("MQTTS"), Some(url)) => url.clone_into(&mut mqtts),
                (Some("Ctrl-C"), _) => break,
                _ => {}
            }
        }
        // `serve` prints one line for each event. This thread reads the lines so that `serve` is
        // not blocked.
        thread::spawn(move || lines.count());
        Ok(Self { process, mqtt, mqtts })
    }

    /// Returns the peak memory in MiB, or 0 if it is unknown.
    fn peak_memory(&self) -> u64 {
        let status = format!("/proc/{}/status", self.process.id());
        let status = fs::read_to_string(status).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
        let kib: u64 = line.trim().trim_end_matches("kB").trim().parse().unwrap_or_default();
        kib >> 10
    }
}

impl Drop for Serve {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Returns the path of `iothub-conformance`. If cargo runs this example, builds the command first.
fn binary() -> Result<PathBuf, Failure> {
    let example = env::current_exe()?;
    let target = example
        .parent()
        .and_then(Path::parent)
        .ok_or("this program is not in the folder `examples`")?;
    let binary = target.join(format!("iothub-conformance{}", env::consts::EXE_SUFFIX));
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--quiet", "--bin", "iothub-conformance"]);
    if target.ends_with("release") {
        cargo.arg("--release");
    }
    if env::var_os("CARGO").is_some() {
        cargo.status()?;
    }
    Ok(binary)
}

fn allow_many_connections() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, getrlimit, setrlimit};

        let mut limit = getrlimit(Resource::Nofile);
        limit.current = limit.maximum;
        let _ = setrlimit(Resource::Nofile, limit);
    }
}
