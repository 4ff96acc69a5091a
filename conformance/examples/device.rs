//! A device that behaves well or misbehaves in one way. It connects to `iothub-conformance serve`
//! or runs as the trigger of `iothub-conformance device`. As a trigger, it reads the environment
//! variables that the command sets.

use std::{
    env,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use clap::{
    Parser,
    builder::{PossibleValue, PossibleValuesParser, TypedValueParser},
};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use iothub_conformance::{
    Profile,
    live::{
        device::{self, DeviceError, DeviceEvent, Job, Misbehaviour, Settings},
        transport::Trust,
    },
};
use iothub_resource::{
    DeviceName, ProductId, Resource, Transfer,
    session::device::{Answer, Outcome},
};

/// Uploads a file, downloads a file, or does both at the same time
///
/// The device prints results to standard output and progress to standard error. As the trigger of
/// `iothub-conformance device`, it reads its task from the environment variables IOTHUB_FLOW and
/// IOTHUB_FILE. It reads the kind of misbehaviour from IOTHUB_MISBEHAVE.
#[derive(Debug, Parser)]
#[command(
    name = "device",
    after_help = "\
Exit status: 0 all done; 1 a transfer failed; 2 wrong usage; 3 the broker cannot be used

Examples:
  device --upload log.txt --download got.bin
  device --mqtt mqtt://192.0.2.7 --product-id ABCDEFGHIJ --device-name dev1 --upload log.txt
  device --upload log.txt --misbehave no-content-md5"
)]
struct Arguments {
    /// The file to upload
    #[arg(long, value_name = "FILE")]
    upload: Option<PathBuf>,
    /// The name of the uploaded resource [default: the name of the file]
    #[arg(long, value_name = "NAME", requires = "upload")]
    name: Option<String>,
    /// The file or folder for a download. The device repeats its query until it receives a task
    #[arg(long, value_name = "PATH")]
    download: Option<PathBuf>,
    /// The URL of the broker, with mqtts:// for TLS [default: $IOTHUB_MQTT_URL, or
    /// mqtt://127.0.0.1:1883]
    #[arg(long, value_name = "URL")]
    mqtt: Option<String>,
    /// A PEM file with the only trusted certificates, for mqtts and https [default: $IOTHUB_TLS_CA, or the trusted
    /// certificates of this machine]
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// The product id of the device [default: $IOTHUB_PRODUCT_ID, or EXAMPLE]
    #[arg(long, value_name = "ID")]
    product_id: Option<ProductId>,
    /// The name of the device [default: $IOTHUB_DEVICE_NAME, or device]
    #[arg(long, value_name = "NAME")]
    device_name: Option<DeviceName>,
    /// The MQTT protocol level: 3 (3.1), 4 (3.1.1) or 5
    #[arg(long, value_name = "LEVEL", default_value_t = 4, value_parser = clap::value_parser!(u8).range(3..=5))]
    mqtt_level: u8,
    /// The profile of the messages that the device sends
    #[arg(long, default_value_t = Profile::Deployed)]
    profile: Profile,
    /// The time limit for an answer and for the next bytes of an HTTP response, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 10_000)]
    patience: u64,
    /// The way in which the device misbehaves deliberately
    #[arg(long, value_name = "HOW", value_parser = misbehaviours())]
    misbehave: Option<Misbehaviour>,
}

/// Returns a parser for the values of `--misbehave`.
fn misbehaviours() -> impl TypedValueParser<Value = Misbehaviour> {
    let all = Misbehaviour::ALL.iter();
    let all = all.map(|one| PossibleValue::new(one.as_str()).help(one.description()));
    PossibleValuesParser::new(all).try_map(|name| name.parse::<Misbehaviour>())
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let (settings, jobs) = match plan(&arguments) {
        Ok(plan) => plan,
        Err(why) => {
            eprintln!("error: {why}");
            return ExitCode::from(2);
        }
    };
    let style = ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes} {msg}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    // The bar is hidden until the size is known.
    let bar = ProgressBar::hidden().with_style(style);
    let mut queries = 0;
    let ended = device::run(&settings, &jobs, &mut |news| tell(&bar, &mut queries, news));
    bar.finish_and_clear();
    match ended {
        Ok(outcomes) if outcomes.iter().all(|outcome| outcome.is_done()) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(if matches!(error, DeviceError::Unreachable(_)) { 3 } else { 2 })
        }
    }
}

fn plan(arguments: &Arguments) -> Result<(Settings, Vec<Job>), String> {
    let variable = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
    let mqtt_url = arguments.mqtt.clone().or_else(|| variable("IOTHUB_MQTT_URL"));
    let mqtt_url = mqtt_url.unwrap_or_else(|| "mqtt://127.0.0.1:1883".to_owned());
    let product_id = match arguments.product_id {
        Some(id) => id,
        None => variable("IOTHUB_PRODUCT_ID")
            .map_or_else(|| ProductId::new("EXAMPLE"), |id| ProductId::new(&id))
            .map_err(|error| error.to_string())?,
    };
    let device_name = match arguments.device_name {
        Some(name) => name,
        None => variable("IOTHUB_DEVICE_NAME")
            .map_or_else(|| DeviceName::new("device"), |name| DeviceName::new(&name))
            .map_err(|error| error.to_string())?,
    };
    let mut jobs = Vec::new();
    if let Some(file) = arguments.upload.clone() {
        jobs.push(Job::Upload { file, name: arguments.name.clone() });
    }
    if let Some(file) = arguments.download.clone() {
        jobs.push(Job::Download { file });
    }
    if jobs.is_empty()
        && let (Some(flow), Some(file)) = (variable("IOTHUB_FLOW"), variable("IOTHUB_FILE"))
    {
        let file = PathBuf::from(file);
        match &*flow {
            "upload" => jobs.push(Job::Upload { file, name: None }),
            "download" => jobs.push(Job::Download { file }),
            _ => return Err(format!("IOTHUB_FLOW must be upload or download, not {flow:?}")),
        }
    }
    if jobs.is_empty() {
        return Err("nothing to do: add --upload FILE, --download PATH or both".to_owned());
    }
    let ca = arguments.ca.clone().or_else(|| variable("IOTHUB_TLS_CA").map(PathBuf::from));
    let mut settings = Settings::new(mqtt_url, product_id, device_name);
    settings.trust = match ca {
        Some(path) => {
            let trust = Trust::in_file(&path);
            Some(trust.map_err(|why| format!("{}: {why}", path.display()))?)
        }
        // If this machine has no certificates, none are trusted.
        None => Trust::of_this_machine().ok(),
    };
    settings.mqtt_level = arguments.mqtt_level;
    settings.profile = arguments.profile;
    settings.policy.answer = Duration::from_millis(arguments.patience);
    settings.policy.idle = Duration::from_millis(arguments.patience);
    settings.misbehaviour = match (arguments.misbehave, variable("IOTHUB_MISBEHAVE")) {
        (None, Some(how)) => Some(how.parse().map_err(|error| format!("{error}"))?),
        (how, _) => how,
    };
    Ok((settings, jobs))
}

/// Prints results to standard output and progress to standard error. On a terminal, a bar shows the
/// bytes of a transfer. Counts the queries in `queries`.
fn tell(bar: &ProgressBar, queries: &mut u32, news: &DeviceEvent) {
    match news {
        DeviceEvent::Progress { name, bytes, size } => {
            if bar.is_hidden() {
                bar.set_draw_target(ProgressDrawTarget::stderr());
            }
            bar.set_length(*size);
            bar.set_position(*bytes);
            bar.set_message(name.clone());
        }
        DeviceEvent::Over { transfer, resource, outcome, kept } => {
            let told = over(*transfer, resource.as_ref(), *outcome, kept.as_deref());
            bar.suspend(|| println!("{told}"));
        }
        DeviceEvent::Connected => bar.suspend(|| eprintln!("connected")),
        DeviceEvent::Lost(why) => bar.suspend(|| eprintln!("not connected: {why}; trying again")),
        DeviceEvent::Published(kind) => {
            *queries += u32::from(*kind == "get_download_task");
            let again = *kind == "get_download_task" && *queries > 1;
            let why =
                if again { ": no task is available yet; Ctrl-C stops the device" } else { "" };
            bar.suspend(|| eprintln!("published {kind}{why}"));
        }
        DeviceEvent::Ignored(why) => bar.suspend(|| eprintln!("ignored a message: {why}")),
        _ => {}
    }
}

/// Returns a message that states how a transfer ended.
fn over(
    transfer: Transfer,
    resource: Option<&Resource<'_>>,
    outcome: Outcome,
    kept: Option<&Path>,
) -> String {
    let Some(Resource { size, name, md5sum }) = resource else {
        return "download: the platform offered no resource".to_owned();
    };
    let (name, kind) = match transfer {
        Transfer::Upload => (name.as_str(), "upload"),
        Transfer::Download => (name.as_str(), "download"),
    };
    let bytes = if size.bytes() == 1 { "byte" } else { "bytes" };
    let kept = kept.map_or_else(String::new, |kept| format!(", kept as {}", kept.display()));
    match outcome {
        Outcome::Done { answer } => {
            let answer = answered(answer);
            format!("{name}: {kind}ed {size} {bytes}, MD5 {md5sum}{kept}; {answer}")
        }
        Outcome::Failed { reason, answer } => {
            let answer = answered(answer);
            format!("{name}: the {kind} of {size} {bytes} failed: {reason}; {answer}")
        }
        Outcome::Unanswered => {
            format!("{name}: the {kind} of {size} {bytes} has no URL: the platform did not answer")
        }
        _ => format!("{name}: the {kind} of {size} {bytes} was stopped"),
    }
}

/// Returns a description of the platform's response to the last report.
fn answered(answer: Answer) -> String {
    match answer {
        Answer::Accepted => "the platform accepts the report".to_owned(),
        Answer::Refused(code) => format!("the platform rejects the report with {code}"),
        Answer::Missing => "the platform does not answer the report".to_owned(),
    }
}
