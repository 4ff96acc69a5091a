//! Reads the payload from an argument, a file or standard input.

use std::{
    fs::{self, File},
    io::{self, IsTerminal, Read},
    path::Path,
};

use iothub_resource::{Md5Hasher, Md5Sum};

use crate::cli::status::Error;

/// The maximum length of the input in bytes, which is enough for a thousand payloads of the maximum
/// length.
const LONGEST: u64 = 16 << 20;

/// The text to check, which may contain several payloads, and its origin.
pub(super) struct Input {
    /// The path of the file, or `standard input` or `payload`.
    pub(super) name: String,
    pub(super) text: Vec<u8>,
    /// Whether the input is a file, which an editor can open.
    pub(super) is_file: bool,
}

/// Reads the payload from the argument, from a file, or from standard input. Without an argument,
/// reads standard input, or returns an error if standard input is a terminal.
pub(super) fn read(argument: Option<&str>) -> Result<Input, Error> {
    match argument {
        None if io::stdin().is_terminal() => Err(Error::Usage(
            "there is no payload: give it as an argument, for example iothub-conformance check \
             '{\"type\":\"get_download_task\"}', name a file, or pipe the payload"
                .to_owned(),
        )),
        None | Some("-") => {
            let text = bounded(io::stdin().lock(), "standard input")?;
            Ok(Input { name: "standard input".to_owned(), text, is_file: false })
        }
        Some(argument) if is_payload(argument) => Ok(Input {
            name: "payload".to_owned(),
            text: argument.as_bytes().to_vec(),
            is_file: false,
        }),
        Some(path) => file(path),
    }
}

/// Returns whether an argument is a payload and not the name of a file.
fn is_payload(argument: &str) -> bool {
    if argument.trim_start().starts_with('{') {
        return true;
    }
    let looks_like_one =
        argument.contains(['{', '"', '\'']) || argument.len() > 255 || is_encoded(argument);
    looks_like_one && !Path::new(argument).exists()
}

/// Returns whether an argument looks like a JSON object in hexadecimal digits or Base64.
fn is_encoded(argument: &str) -> bool {
    let lower = argument.to_ascii_lowercase();
    let lower = lower.trim_start_matches("0x").trim_start_matches("\\x");
    lower.starts_with("7b") || argument.starts_with("ey")
}

fn file(path: &str) -> Result<Input, Error> {
    let open = File::open(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Error::Usage(format!(
            "`{path}` is neither a payload nor a file that exists: a payload begins with {{, for \
             example '{{\"type\":\"get_download_task\"}}'; pipe anything else into \
             iothub-conformance check -"
        )),
        _ => Error::File(path.into(), error),
    })?;
    if open.metadata().is_ok_and(|metadata| metadata.is_dir()) {
        return Err(Error::File(path.into(), io::ErrorKind::IsADirectory.into()));
    }
    Ok(Input { name: path.to_owned(), text: bounded(open, path)?, is_file: true })
}

fn bounded(reader: impl Read, name: &str) -> Result<Vec<u8>, Error> {
    let mut text = Vec::new();
    reader
        .take(LONGEST + 1)
        .read_to_end(&mut text)
        .map_err(|error| Error::File(name.into(), error))?;
    if text.len() as u64 > LONGEST {
        return Err(Error::Usage(format!(
            "{name} is longer than 16 MiB: a payload must be at most 16,384 bytes long; for a \
             capture, use iothub-conformance lint {name}"
        )));
    }
    Ok(text)
}

/// Returns the MD5 digest of a file of any size.
pub(super) fn md5sum_of(path: &Path) -> Result<Md5Sum, Error> {
    let digest = || {
        if fs::metadata(path)?.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let mut file = File::open(path)?;
        let mut hasher = Md5Hasher::new();
        let mut buffer = vec![0; 1 << 16];
        loop {
            match file.read(&mut buffer)? {
                0 => return Ok(hasher.finish()),
                length => hasher.update(&buffer[..length]),
            }
        }
    };
    digest().map_err(|error| Error::File(path.to_owned(), error))
}
