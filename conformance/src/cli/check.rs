//! `check`: judges payloads or the value of a `Content-MD5` header.

mod input;
mod output;

use std::{io::Write, path::PathBuf};

use clap::{Args, ValueEnum};
use iothub_resource::{Md5Sum, Profile};

use self::{
    input::{Input, read},
    output::{Judged, show_json, show_text},
};
use super::{
    output::Output,
    status::{Error, Status},
};
use crate::{
    Fixtures,
    lint::check::{CheckedHeader, Digest, payloads},
    report::{Sarif, annotate},
};

/// Judges payloads and prints each fault with its place and the expected value
#[derive(Args, Debug)]
#[command(after_help = "\
The command judges each payload according to both profiles. The exit status depends on the profile \
in --profile. Without a topic, the type of the message determines the direction. A JSON payload \
may have any number of lines. The command also recognises lines of hexadecimal digits, lines of \
Base64, and lines of text with escape sequences, as they appear in logs (b'…', \\\", \\x22). The \
input may contain several payloads.

Exit status: 0 everything is valid in the profile; 1 something is not valid; 2 wrong usage, a file \
that cannot be read, or nothing to judge

Examples:
  iothub-conformance check '{\"type\":\"get_download_task\"}'
  iothub-conformance check payload.json
  grep payload device.log | iothub-conformance check -
  iothub-conformance check --topic '$resource/up/service/P/d' payload.json
  iothub-conformance check --content-md5 XUFAKrxLKna5cZ2REBfFkg== \\
      --file upload.bin")]
pub(super) struct Check {
    /// The payload itself, a file that contains it, or `-` for standard input
    #[arg(value_name = "PAYLOAD|FILE|-", conflicts_with = "content_md5")]
    payload: Option<String>,
    /// The permitted messages: only those of the vendor's published pages (documented), or also
    /// those of deployed devices (deployed)
    #[arg(long, default_value_t = Profile::Deployed)]
    profile: Profile,
    /// The topic of the payload. `check` also judges the topic and takes the direction from it
    #[arg(long, value_name = "TOPIC")]
    topic: Option<String>,
    /// The format of the result
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Judge this value of a Content-MD5 header instead of a payload
    #[arg(long, value_name = "VALUE")]
    content_md5: Option<String>,
    /// The file that was uploaded with the Content-MD5 header
    #[arg(long, value_name = "FILE", conflicts_with = "md5sum")]
    file: Option<PathBuf>,
    /// The MD5 digest, in hexadecimal digits, of the resource that was uploaded with the
    /// Content-MD5 header
    #[arg(long, value_name = "HEX", value_parser = read_md5sum)]
    md5sum: Option<Md5Sum>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// The payload with a caret below each fault
    Text,
    /// One JSON object
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations for GitHub Actions
    Github,
}

fn read_md5sum(digits: &str) -> Result<Md5Sum, String> {
    Md5Sum::from_hex_any_case(digits)
        .map_err(|error| format!("{error}, for example 5d41402abc4b2a76b9719d911017c592"))
}

pub(super) fn main(arguments: &Check, out: &mut Output) -> Result<Status, Error> {
    if let Some(value) = &arguments.content_md5 {
        return header(arguments, value, out);
    }
    if arguments.file.is_some() || arguments.md5sum.is_some() {
        return Err(Error::Usage(
            "--file and --md5sum describe the resource of a header: add --content-md5 VALUE"
                .to_owned(),
        ));
    }
    let Input { name, text, is_file } = read(arguments.payload.as_deref())?;
    let found = payloads(&text);
    if found.is_empty() {
        return Err(Error::Usage(format!("{name} is empty: it must contain a payload")));
    }
    let several = found.len() > 1;
    let judged: Vec<Judged> = found
        .into_iter()
        .map(|found| Judged::of(found, &name, is_file, several, arguments.topic.as_deref()))
        .collect();
    match arguments.format {
        Format::Text => show_text(&judged, arguments.profile, out)?,
        Format::Json => show_json(&judged, arguments.profile, out)?,
        Format::Sarif => {
            let mut sarif = Sarif::begin(is_file.then_some(&*name), out)?;
            for mark in judged.iter().flat_map(|one| one.marks(arguments.profile)) {
                sarif.add(&mark, out)?;
            }
            sarif.end(&Fixtures::embedded_requirements(), out)?;
        }
        Format::Github => {
            for mark in judged.iter().flat_map(|one| one.marks(arguments.profile)) {
                annotate(is_file.then_some(&*name), &mark, out)?;
            }
        }
    }
    let is_valid = judged.iter().all(|one| one.is_valid(arguments.profile));
    Ok(if is_valid { Status::Passed } else { Status::Failed })
}

fn header(arguments: &Check, value: &str, out: &mut dyn Write) -> Result<Status, Error> {
    let digest = match (&arguments.file, arguments.md5sum) {
        (Some(path), _) => Digest::Of(input::md5sum_of(path)?),
        (None, Some(md5sum)) => Digest::Of(md5sum),
        (None, None) => Digest::Unknown,
    };
    let header = CheckedHeader::of(value.trim(), digest);
    output::show_header(value, &header, arguments.format == Format::Json, out)?;
    Ok(if header.is_right { Status::Passed } else { Status::Failed })
}
