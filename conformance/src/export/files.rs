//! Writes the exported files.

use std::{fs, io, path::Path};

use iothub_resource::Profile;
use serde_json::Value;

use super::{asyncapi, messages, requirements};
use crate::{Fixtures, codes};

/// Returns the paths and the contents of the exported files.
fn files() -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<(String, Vec<u8>)> = Fixtures::embedded_files()
        .map(|(path, bytes)| (format!("fixtures/{path}"), bytes.to_vec()))
        .collect();
    for profile in Profile::ALL {
        let name = format!("schemas/message.{profile}.schema.json");
        files.push((name, text(&messages::schema(profile))));
    }
    files.push(("schemas/asyncapi.json".to_owned(), text(&asyncapi::document())));
    files.push(("schemas/result.schema.json".to_owned(), RESULT.as_bytes().to_vec()));
    files.push(("schemas/transfer.schema.json".to_owned(), TRANSFER.as_bytes().to_vec()));
    let fixtures = Fixtures::embedded();
    files.push(("requirements.md".to_owned(), requirements::page(&fixtures).into_bytes()));
    files.push(("codes.md".to_owned(), codes::page(&fixtures).into_bytes()));
    files.push(("VERSION".to_owned(), format!("{}\n", env!("CARGO_PKG_VERSION")).into_bytes()));
    files
}

const RESULT: &str = include_str!("../../schema/result.schema.json");
const TRANSFER: &str = include_str!("../../schema/transfer.schema.json");

fn text(json: &Value) -> Vec<u8> {
    let mut text = format!("{json:#}").into_bytes();
    text.push(b'\n');
    text
}

/// Writes the exported files and the files in `more` into a folder that is empty or does not exist
/// yet. Returns the number of files.
///
/// # Errors
///
/// Returns an error if the folder contains files or cannot be written.
pub(crate) fn write(folder: &Path, more: Vec<(String, Vec<u8>)>) -> io::Result<usize> {
    let is_empty = match fs::read_dir(folder) {
        Ok(mut there) => there.next().is_none(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => true,
        Err(error) => return Err(error),
    };
    if !is_empty {
        return Err(io::Error::other(
            "it is not empty: expected a folder that is new or empty, for example iothub-fixtures",
        ));
    }
    fs::create_dir_all(folder)?;
    let mut files = files();
    files.extend(more);
    for (path, bytes) in &files {
        let path = folder.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(path, bytes)?;
    }
    Ok(files.len())
}
