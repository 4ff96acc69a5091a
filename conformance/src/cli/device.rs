//! `device`: tests a live device.

use std::{
    io::{IsTerminal, Write},
    net::{Ipv4Addr, SocketAddr},
    sync::atomic::Ordering,
    time::Duration,
};

use clap::Args;
use iothub_resource::{DeviceName, ProductId, Profile};
use tempfile::NamedTempFile;

use super::{
    address, duration,
    failed::FailedArguments,
    interrupt::interrupted_by_ctrl_c,
    invocation::{Started, replay_as_typed},
    list,
    live_progress::LiveProgress,
    number,
    output::say,
    reports::{self, ReportArguments},
    selection::nothing_selected,
    serve::{PORT_IN_URL, allow_many_connections, check_public_url, names_a_port},
    shell_words,
    status::{Error, Status},
    tls::TlsArguments,
};
use crate::{
    About, Filter, Fixtures, Outcome,
    live::test_device::{self, Options, Progress, Scenario, Trigger},
    report::{StoredCase, StoredResult, show_run},
};

/// Tests a live device by acting as its platform, over MQTT and HTTP
#[derive(Args, Debug)]
#[command(after_help = "\
Each scenario creates one situation, lets the device transfer a file, and judges the behaviour of \
the device. The --trigger command starts the device. The environment of the command contains \
IOTHUB_SCENARIO, IOTHUB_FLOW (upload or download), IOTHUB_MQTT_URL, IOTHUB_PRODUCT_ID, \
IOTHUB_DEVICE_NAME and IOTHUB_FILE. With --tls and without --tls-cert, it also contains \
IOTHUB_TLS_CA, the path of the CA certificate that the device must trust. Without --trigger, \
`device` asks you to start the device. At the end of a scenario with a fault of the platform, \
`device` starts the device again, usually for an ordinary transfer, which must succeed.

Exit status: 0 nothing failed; 1 something failed; 2 wrong usage, a file that cannot be read or \
written, or nothing selected; 3 an address or a broker cannot be used, the device cannot be \
started, or the device never connects; 130 interrupted

Examples:
  iothub-conformance device --list
  iothub-conformance device --trigger 'python3 my_device.py' --filter upload/
  iothub-conformance device --trigger ./my-device --report-html device.html
  iothub-conformance device --trigger ./my-device --report-json result.json
  iothub-conformance device --trigger ./my-device --failed result.json
  iothub-conformance device --trigger ./my-device --tls
  iothub-conformance device --listen 0.0.0.0:1883 --http 0.0.0.0:80 \\
      --public-url http://192.0.2.7 --product-id ABCDEFGHIJ --device-name dev1")]
pub(super) struct Device {
    /// The command that starts the device for a scenario, including the arguments, quoted as for a
    /// shell
    #[arg(long, value_name = "CMD ARG…")]
    trigger: Option<String>,
    /// Run only scenarios that test this requirement or this section of the specification, or whose
    /// id contains this text. This option may be repeated
    #[arg(long, value_name = "TEXT")]
    filter: Vec<String>,
    /// List the scenarios and exit
    #[arg(long)]
    list: bool,
    /// The messages that the device supports: only those of the vendor's published pages
    /// (documented), or also those of deployed devices (deployed)
    #[arg(long, default_value_t = Profile::Deployed)]
    profile: Profile,
    /// Show in full every scenario that did not pass, not only the clearest one for each cause
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    failed: FailedArguments,
    /// Count violations of SHOULD rules as failures
    #[arg(long)]
    strict: bool,
    /// The time limit for each step of the device, for example 500ms or 30s. A number without a
    /// unit is in milliseconds
    #[arg(long, value_name = "TIME", default_value = "30000", value_parser = step_limit)]
    timeout: Duration,
    /// The number of scenarios to run at the same time [default: 12, or 1 if the scenarios would
    /// share a device name or a listening port]
    #[arg(long, value_name = "N", value_parser = number::within::<u16>(1..=64))]
    jobs: Option<u16>,
    /// The product id of the device
    #[arg(long, value_name = "ID", default_value = "EXAMPLE")]
    product_id: ProductId,
    /// The name of the device [default: with --trigger, a different name for each scenario;
    /// otherwise `device`]
    #[arg(long, value_name = "NAME")]
    device_name: Option<DeviceName>,
    /// The address for MQTT clients [default: with --trigger, a free port on 127.0.0.1; otherwise
    /// 127.0.0.1:1883]
    #[arg(long, value_name = "ADDRESS", conflicts_with = "broker", value_parser = address::listen)]
    listen: Option<SocketAddr>,
    /// The address of the object store [default: with --trigger, a free port on 127.0.0.1;
    /// otherwise 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS", value_parser = address::listen)]
    http: Option<SocketAddr>,
    /// The beginning of issued URLs, if the device reaches the object store at an address other
    /// than that of --http or --https
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// Use this broker instead of the built-in broker: mqtt://[user:password@]host[:port]. With
    /// this option, `device` skips scenarios that break the broker's connections, leave a message
    /// in the broker, publish on the topics of other devices, or need a wrong broker certificate
    #[arg(long, value_name = "URL")]
    broker: Option<String>,
    #[command(flatten)]
    tls: TlsArguments,
    #[command(flatten)]
    reports: ReportArguments,
}

/// Parses the time limit for a step, which must be at least 100 ms. A shorter limit would expire
/// before a device has connected.
fn step_limit(text: &str) -> Result<Duration, String> {
    const LEAST: Duration = Duration::from_millis(100);
    match duration::limit(text)? {
        limit if limit < LEAST => {
            Err("it is too short: expected at least 100 (milliseconds), for example 30s".into())
        }
        limit => Ok(limit),
    }
}

pub(super) fn main(arguments: &Device, out: &mut dyn Write) -> Result<Status, Error> {
    let started = Started::now();
    let fixtures = Fixtures::embedded();
    let all = test_device::scenarios(arguments.profile, &fixtures.cases);
    let earlier = arguments.failed.read("device")?;
    let failed = earlier.as_ref().map(|earlier| earlier.among("scenario", &all)).transpose()?;
    let mut scenarios = select(arguments, all)?;
    if let Some(failed) = failed {
        failed.keep(&mut scenarios)?;
    }
    if arguments.list {
        list::show(&scenarios, out)?;
        return Ok(Status::Passed);
    }
    let trigger = match &arguments.trigger {
        Some(command) => Trigger::Command(shell_words::split("--trigger", command)?),
        None if !std::io::stdin().is_terminal() => {
            return Err(Error::Usage(
                "without a terminal, the command cannot ask you to start the device: add \
                --trigger, for example --trigger ./my-device"
                    .to_owned(),
            ));
        }
        None => Trigger::Person,
    };
    let mut options = options(arguments)?;
    let authority = authority_file(arguments, &mut options)?;
    let reports = arguments.reports.create(None)?;
    let interrupted = interrupted_by_ctrl_c()?;
    allow_many_connections();
    // With a command as the trigger, the findings mention the port.
    if trigger.is_person() && urls_name_a_port(&options) {
        say(format_args!("{PORT_IN_URL}"));
    }

    let count = scenarios.len();
    let mut progress = LiveProgress::new(count, trigger.is_person());
    let mut tell = |event: Progress<'_>| match event {
        Progress::Begun(scenario) => progress.begun(&scenario.id),
        Progress::Ended(judged) => progress.ended(&judged.scenario.id, judged.outcome()),
    };
    let (judged, ran) = test_device::run(&options, scenarios, &trigger, &interrupted, &mut tell);
    progress.finish();
    drop(authority);
    let stopped = match ran {
        Err(stopped) if judged.is_empty() => return Err(Error::Device(stopped)),
        ran => ran.err(),
    };

    let subject = arguments.trigger.clone().unwrap_or_else(|| "the device".to_owned());
    let mut result = StoredResult::of_command("device", About::new(subject, ""));
    result.cases = judged.iter().map(StoredCase::from).collect();
    result.count();
    result.strict = arguments.strict;
    let mut invocation = started.invocation();
    invocation.profile = Some(arguments.profile.to_string());
    invocation.replay = replay_as_typed();
    result.invocation = Some(invocation);
    result.interrupted = interrupted.load(Ordering::Relaxed) || stopped.is_some();
    show_run(&result, &fixtures.requirements, reports::shown(arguments.all), out)?;
    if let Some(earlier) = &earlier {
        earlier.show_changes(&result, out)?;
    }
    reports.finish(&result, &fixtures.requirements)?;
    if result.interrupted {
        say(format_args!("interrupted: {} of {count} scenarios", judged.len()));
        return stopped.map_or(Ok(Status::Interrupted), |stopped| Err(Error::Device(stopped)));
    }
    let is_failed = judged.iter().any(|judged| {
        let outcome = judged.outcome();
        outcome.is_failure() && outcome != Outcome::Unsupported
    });
    Ok(if is_failed { Status::Failed } else { Status::Passed })
}

/// If there is a temporary authority, sets `tls_ca` in `options` to the file with its certificate.
/// If --tls-ca does not name this file, writes and returns a temporary file, which is removed when
/// the result is dropped. Returns `None` in all other cases.
fn authority_file(
    arguments: &Device,
    options: &mut Options,
) -> Result<Option<NamedTempFile>, Error> {
    let pem = options.tls.as_ref().and_then(|tls| tls.identity.authority_pem());
    let Some(pem) = pem else { return Ok(None) };
    if let Some(path) = arguments.tls.authority_file() {
        options.tls_ca = Some(path.canonicalize().unwrap_or(path));
        return Ok(None);
    }
    let mut file = tempfile::Builder::new().suffix(".pem").tempfile()?;
    file.write_all(pem.as_bytes())?;
    options.tls_ca = Some(file.path().to_owned());
    Ok(Some(file))
}

/// Returns whether issued URLs contain a port.
fn urls_name_a_port(options: &Options) -> bool {
    match (&options.public_url, &options.tls) {
        (Some(url), _) => names_a_port(url),
        (None, Some(tls)) => tls.https.port() != 443,
        (None, None) => options.http.port() != 80,
    }
}

fn select(arguments: &Device, all: Vec<Scenario>) -> Result<Vec<Scenario>, Error> {
    let Device { filter, broker, tls, .. } = arguments;
    let mut selected = Filter::select(filter, all)
        .map_err(|error| nothing_selected("scenario", "device --list", &error))?;
    let explicit = !filter.is_empty();
    selected.retain(|one| tls.is_on() || !one.needs_tls());
    if selected.is_empty() && explicit {
        return Err(Error::Usage("these scenarios need TLS: add --tls".to_owned()));
    }
    selected.retain(|one| tls.has_authority() || !one.needs_authority());
    if selected.is_empty() {
        return Err(Error::Usage(
            "with --tls-cert, none of these scenarios can be run, because only the temporary \
             certificate authority can sign their certificates"
                .to_owned(),
        ));
    }
    selected.retain(|one| broker.is_none() || !one.needs_endpoint());
    if selected.is_empty() {
        return Err(Error::Usage(
            "with --broker, none of these scenarios can be run, because they break the broker's \
             connections, leave a message in the broker, publish on the topics of other devices, or \
             need a wrong broker certificate"
                .to_owned(),
        ));
    }
    Ok(selected)
}

fn options(arguments: &Device) -> Result<Options, Error> {
    let mut options = Options::new(arguments.profile, arguments.product_id);
    let at = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let by_hand = arguments.trigger.is_none();
    options.strict = arguments.strict;
    options.timeout = arguments.timeout;
    options.device_name = arguments.device_name;
    options.listen = arguments.listen.unwrap_or(at(if by_hand { 1883 } else { 0 }));
    options.http = arguments.http.unwrap_or(at(if by_hand { 8080 } else { 0 }));
    options.public_url.clone_from(&arguments.public_url);
    options.broker.clone_from(&arguments.broker);
    let ports = if by_hand { [8883, 8443] } else { [0, 0] };
    options.tls = arguments.tls.options(ports)?;
    if options.public_url.is_some() || options.tls.is_none() {
        check_public_url(options.public_url.as_deref(), options.http)?;
    }
    if let Some(broker) = &options.broker {
        address::plain_broker(broker).map_err(|why| Error::Usage(format!("--broker: {why}")))?;
    }
    if by_hand && options.device_name.is_none() {
        options.device_name = DeviceName::new("device").ok();
    }
    let shares = options.device_name.is_some()
        || (options.broker.is_none() && options.listen.port() != 0)
        || options.http.port() != 0
        || arguments.tls.names_a_port()
        || options.public_url.is_some();
    options.jobs = match arguments.jobs {
        Some(2..) if shares => {
            return Err(Error::Usage(
                "--jobs: each of several simultaneous scenarios needs its own device name and \
                 ports: omit --device-name, --public-url, and the ports of --listen and --http"
                    .to_owned(),
            ));
        }
        Some(jobs) => jobs.into(),
        None if shares => 1,
        None => options.jobs,
    };
    Ok(options)
}
