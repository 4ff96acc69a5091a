//! `platform`: tests a live platform by acting as a device.

use std::{
    fmt,
    io::{self, Write},
    path::PathBuf,
    time::Duration,
};

use clap::{Args, ValueEnum};
use iothub_resource::{DeviceName, ProductId, Profile};
use tokio::runtime::Builder;

use super::{
    duration,
    failed::FailedArguments,
    interrupt::interrupted_by_ctrl_c,
    invocation::{Started, replay_as_typed},
    list,
    live_progress::LiveProgress,
    output::say,
    reports::{self, ReportArguments},
    selection::nothing_selected,
    status::{Error, Status},
};
use crate::{
    About, Filter, Fixtures,
    live::{
        Address, Version,
        credentials::{Credentials, DeviceSecret},
        test_platform::{Progress, Settings, all, run},
        transport::{Reach, Trust},
    },
    report::{StoredResult, show_run},
};

/// Tests a live platform by acting as a device
#[derive(Args, Debug)]
#[command(after_help = "\
Most scenarios connect to the broker and transfer a resource, correctly or with a fault. The \
command judges the reactions of the platform and of its object store. Together, the scenarios for \
downloads need a platform that offers at least three downloads. Some of these scenarios send the \
final report of a download, so the platform might not offer this download again. The names of \
uploads begin with `probe-`, except in scenarios that test names. The uploads stay on the \
platform.

Exit status: 0 nothing failed; 1 something failed; 2 wrong usage, a file that cannot be read or \
written, or nothing selected; 3 the platform cannot be reached or refuses the device; 130 \
interrupted

Examples:
  iothub-conformance serve --offer a.bin --offer b.bin --offer c.bin
  iothub-conformance platform --broker mqtt://localhost \\
      --product-id P --device-name d
  iothub-conformance platform --broker mqtts://broker.example --ca ca.pem \\
      --product-id P --device-name d --username u --report-html result.html
  IOTHUB_DEVICE_SECRET=… iothub-conformance platform \\
      --broker mqtt://ABCDEFGHIJ.iotcloud.tencentdevices.com \\
      --product-id ABCDEFGHIJ --device-name dev1")]
pub(super) struct Platform {
    /// The URL of the platform's broker: mqtt://host[:port], or mqtts://host[:port] for TLS
    #[arg(long, value_name = "URL", required_unless_present = "list")]
    broker: Option<Address>,
    /// A PEM file with the only certificates that the command trusts for mqtts and https [default:
    /// the trusted certificates of this machine]
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// The product id of the device
    #[arg(long, value_name = "ID", required_unless_present = "list")]
    product_id: Option<String>,
    /// The name of the device
    #[arg(long, value_name = "NAME", required_unless_present = "list")]
    device_name: Option<String>,
    /// The client id for MQTT [default: the product id followed by the device name]
    #[arg(long, value_name = "ID", conflicts_with = "device_secret")]
    client_id: Option<String>,
    /// The user name for MQTT
    #[arg(long, value_name = "NAME", conflicts_with = "device_secret")]
    username: Option<String>,
    /// The password for MQTT
    #[arg(long, value_name = "TEXT", env = "IOTHUB_PASSWORD", hide_env_values = true)]
    password: Option<String>,
    /// The device secret in Base64. The command computes the user name and password from this
    /// secret, as the vendor's SDKs do
    #[arg(long, value_name = "BASE64", env = "IOTHUB_DEVICE_SECRET", hide_env_values = true)]
    device_secret: Option<String>,
    /// The MQTT version
    #[arg(long, value_name = "VERSION", value_enum, default_value_t = MqttVersion::V3_1_1)]
    mqtt_version: MqttVersion,
    /// The messages that the platform supports: only those of the vendor's published pages
    /// (documented), or also those of deployed devices (deployed)
    #[arg(long, default_value_t = Profile::Deployed)]
    profile: Profile,
    /// The time limit for each answer, for example 500ms or 5s. A number without a unit is in
    /// milliseconds
    #[arg(long, value_name = "TIME", default_value = "5000", value_parser = duration::limit)]
    timeout: Duration,
    /// Run only scenarios that test this requirement or this section of the specification, or whose
    /// id contains this text. This option may be repeated
    #[arg(long, value_name = "TEXT")]
    filter: Vec<String>,
    /// List the scenarios and exit
    #[arg(long)]
    list: bool,
    /// Show in full every scenario that did not pass, not only the clearest one for each cause
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    failed: FailedArguments,
    /// Count violations of SHOULD rules as failures
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    reports: ReportArguments,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum MqttVersion {
    #[value(name = "3.1")]
    V3_1,
    #[value(name = "3.1.1")]
    V3_1_1,
    #[value(name = "5")]
    V5,
}

impl From<MqttVersion> for Version {
    fn from(version: MqttVersion) -> Self {
        match version {
            MqttVersion::V3_1 => Self::V3_1,
            MqttVersion::V3_1_1 => Self::V3_1_1,
            MqttVersion::V5 => Self::V5,
        }
    }
}

pub(super) fn main(arguments: &Platform, out: &mut dyn Write) -> Result<Status, Error> {
    let started = Started::now();
    let all = all(arguments.profile);
    let earlier = arguments.failed.read("platform")?;
    let failed = earlier.as_ref().map(|earlier| earlier.among("scenario", &all)).transpose()?;
    let mut scenarios = Filter::select(&arguments.filter, all)
        .map_err(|error| nothing_selected("scenario", "platform --list", &error))?;
    if let Some(failed) = failed {
        failed.keep(&mut scenarios)?;
    }
    if arguments.list {
        list::show(&scenarios, out)?;
        return Ok(Status::Passed);
    }
    let (broker, settings) = settings(arguments)?;
    let reports = arguments.reports.create(None)?;
    let fixtures = Fixtures::embedded();
    let interrupted = interrupted_by_ctrl_c()?;
    let runtime = Builder::new_current_thread().enable_all().build()?;

    let mut progress = LiveProgress::new(scenarios.len(), false);
    let mut tell = |event: Progress<'_>| match event {
        Progress::Begun(scenario) => progress.begun(&scenario.id),
        Progress::Ended(case) => progress.ended(&case.id, case.outcome),
    };
    let running = run(&settings, &scenarios, &fixtures, &interrupted, &mut tell);
    let results = runtime.block_on(running);
    progress.finish();
    let results =
        results.map_err(|error| Error::Platform(format!("{broker} cannot be used: {error}")))?;

    let asked = results.cases.len();
    let about = About::new(broker.to_string(), "");
    let mut result = StoredResult::of_command("platform", about);
    (result.cases, result.interrupted, result.strict) =
        (results.cases, results.interrupted, arguments.strict);
    result.count();
    let mut invocation = started.invocation();
    invocation.profile = Some(arguments.profile.to_string());
    invocation.replay = replay_as_typed();
    result.invocation = Some(invocation);
    show_run(&result, &fixtures.requirements, reports::shown(arguments.all), out)?;
    if let Some(earlier) = &earlier {
        earlier.show_changes(&result, out)?;
    }
    reports.finish(&result, &fixtures.requirements)?;
    if result.interrupted {
        say(format_args!("interrupted: {asked} of {} scenarios", scenarios.len()));
        return Ok(Status::Interrupted);
    }
    Ok(if result.has_failed() { Status::Failed } else { Status::Passed })
}

fn settings(arguments: &Platform) -> Result<(Address, Settings), Error> {
    let usage = |option: &str, why: &dyn fmt::Display| Error::Usage(format!("{option}: {why}"));
    let (Some(broker), Some(product_id), Some(device_name)) =
        (&arguments.broker, &arguments.product_id, &arguments.device_name)
    else {
        return Err(Error::Usage("--broker, --product-id and --device-name are missing".into()));
    };
    let product_id = ProductId::new(product_id).map_err(|error| usage("--product-id", &error))?;
    let device_name =
        DeviceName::new(device_name).map_err(|error| usage("--device-name", &error))?;
    let credentials = match &arguments.device_secret {
        Some(secret) => {
            let secret =
                DeviceSecret::parse(secret).map_err(|why| usage("--device-secret", &why))?;
            Credentials::signed(product_id, device_name, &secret)
        }
        None => Credentials {
            client_id: arguments
                .client_id
                .clone()
                .unwrap_or_else(|| format!("{product_id}{device_name}")),
            username: arguments.username.clone().or_else(|| broker.username.clone()),
            password: arguments.password.clone().or_else(|| broker.password.clone()),
        },
    };
    if credentials.username.is_none() && credentials.password.is_some() {
        return Err(Error::Usage("a password needs a user name: add --username NAME".into()));
    }
    let trust = match &arguments.ca {
        Some(path) => {
            let unreadable = |why| Error::File(path.clone(), io::Error::other(why));
            Some(Trust::in_file(path).map_err(unreadable)?)
        }
        None if broker.tls => Some(Trust::of_this_machine().map_err(Error::Usage)?),
        // An object store may need these certificates. On a machine without certificates, none are
        // trusted.
        None => Trust::of_this_machine().ok(),
    };
    let reach = Reach { trust, instead: None };
    let timeout = arguments.timeout;
    let settings = Settings {
        address: broker.clone(),
        reach: reach.clone(),
        store_reach: reach,
        product_id,
        device_name,
        credentials,
        version: arguments.mqtt_version.into(),
        profile: arguments.profile,
        timeout,
        settle: (timeout / 20).clamp(Duration::from_millis(20), Duration::from_secs(1)),
        strict: arguments.strict,
    };
    Ok((broker.clone(), settings))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters() {
        let select = |filters: &[&str], profile| {
            let filters: Vec<_> = filters.iter().map(|&filter| filter.to_owned()).collect();
            Filter::select(&filters, all(profile)).ok()
        };
        let count = |filters: &[&str], profile| select(filters, profile).map(|some| some.len());
        for profile in Profile::ALL {
            assert_eq!(count(&[], profile), Some(all(profile).len()));
            assert_eq!(count(&["upload/small", "nothing"], profile), None);
        }
        assert_eq!(count(&["download/query"], Profile::Deployed), Some(1));
        assert_eq!(count(&["download/quer"], Profile::Deployed), Some(2));
        let unknown = &["malformed/unknown-field"];
        assert_eq!(count(unknown, Profile::Documented), Some(1));
        assert_eq!(count(unknown, Profile::Deployed), None);
        let some = select(&["adv-5", "put/"], Profile::Deployed).unwrap();
        assert!(some.len() > 5 && some.iter().any(|s| s.id == "writing/url-for-devices"));
    }
}
