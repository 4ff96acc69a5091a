//! Writes counterexamples to a folder of fixtures.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use iothub_conformance_suite::{
    Accepted, Case, Expected, Request, Requirement, Verdict, implementation::wire,
};
use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};

use super::counterexample::Counterexample;

const FORMAT: u32 = 1;
const MANIFEST: &str = "manifest.json";
const REQUIREMENTS: &str = "requirements.json";
const README: &str = "README.md";
/// The first line of the README, by which this program recognises its own folders.
const HEADING: &str = "# Findings of `iothub-conformance fuzz`\n";
/// The text of the README after its first line.
const ABOUT: &str = "
Each finding is a fixture: a request and the answer of a conforming implementation. This command
replays all findings:

    iothub-conformance run --fixtures FOLDER --testee 'CMD'

The folder has the format of the suite's own fixtures. A later campaign with the same folder adds
findings.
";

/// A folder of counterexamples in the format of the fixtures. Each file is written atomically.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// The manifest entry of each case as JSON text, with the id of the case as the key.
    cases: BTreeMap<String, String>,
    is_new: bool,
}

/// The reason why a folder cannot be used.
#[derive(Debug)]
#[non_exhaustive]
pub enum FolderError {
    /// The folder contains files that this program did not write.
    NotOurs(PathBuf),
    /// The folder cannot be read or written.
    Io(PathBuf, io::Error),
}

impl std::error::Error for FolderError {}

impl std::fmt::Display for FolderError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotOurs(path) => write!(
                f,
                "{} is not empty and is not a folder of findings: choose a different folder \
                with --out",
                path.display()
            ),
            Self::Io(path, error) => write!(f, "{}: {error}", path.display()),
        }
    }
}

impl Folder {
    /// Opens or creates a folder of counterexamples, and writes its README and `requirements`. New
    /// counterexamples are added to existing ones.
    ///
    /// # Errors
    ///
    /// Returns [`FolderError`] if the folder is not empty and not a folder of counterexamples, or
    /// if it cannot be read or written.
    pub fn open(path: &Path, requirements: &[Requirement]) -> Result<Self, FolderError> {
        let error = |error| FolderError::Io(path.to_owned(), error);
        let is_new = !path.exists();
        fs::create_dir_all(path).map_err(error)?;
        let is_empty = fs::read_dir(path).map_err(error)?.next().is_none();
        let mut folder = Self { path: path.to_owned(), cases: BTreeMap::new(), is_new };
        if !is_empty {
            let readme = fs::read_to_string(path.join(README)).unwrap_or_default();
            if !readme.starts_with(HEADING) {
                return Err(FolderError::NotOurs(path.to_owned()));
            }
            folder.cases = folder.read().map_err(error)?;
        }
        // The README is written first so that a later campaign recognises the folder if this
        // campaign is interrupted.
        folder.write(README, format!("{HEADING}{ABOUT}").as_bytes()).map_err(error)?;
        let lines: Vec<String> = requirements
            .iter()
            .map(|requirement| serde_json::to_string(requirement).unwrap_or_default())
            .collect();
        let requirements = format!(
            "{{\n\"format\": {FORMAT},\n\"requirements\": [\n{}\n]\n}}\n",
            lines.join(",\n")
        );
        folder.write(REQUIREMENTS, requirements.as_bytes()).map_err(error)?;
        Ok(folder)
    }

    /// Returns the path of the folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the manifest entry of each existing case as JSON text, with the id of the case as
    /// the key.
    fn read(&self) -> io::Result<BTreeMap<String, String>> {
        #[derive(Deserialize)]
        struct Manifest {
            cases: Vec<Box<RawValue>>,
        }
        #[derive(Deserialize)]
        struct Named {
            id: String,
        }
        let manifest = match fs::read(self.path.join(MANIFEST)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
            manifest => manifest?,
        };
        let manifest: Manifest = serde_json::from_slice(&manifest)?;
        manifest
            .cases
            .into_iter()
            .map(|case| {
                let Named { id } = serde_json::from_str(case.get())?;
                Ok((id, case.get().to_owned()))
            })
            .collect()
    }

    /// Writes a counterexample: first its bytes, then the manifest that refers to them.
    ///
    /// # Errors
    ///
    /// Returns an error if a file cannot be written.
    pub fn add(&mut self, counterexample: &Counterexample) -> io::Result<()> {
        let case = &counterexample.case;
        if let Some(file) = &case.file {
            self.write(file, &bytes_of(&case.request))?;
        }
        self.cases.insert(case.id.clone(), entry(case).to_string());
        let lines: Vec<&str> = self.cases.values().map(String::as_str).collect();
        let manifest = format!(
            "{{\n\"format\": {FORMAT},\n\"version\": \"{}\",\n\"cases\": [\n{}\n]\n}}\n",
            env!("CARGO_PKG_VERSION"),
            lines.join(",\n")
        );
        self.write(MANIFEST, manifest.as_bytes())
    }

    /// Closes the folder. If it contains no counterexamples, removes its files, and also the folder
    /// if [`Folder::open`] created it.
    ///
    /// # Errors
    ///
    /// Returns an error if a file or the folder cannot be removed.
    pub fn close(self) -> io::Result<()> {
        if !self.cases.is_empty() {
            return Ok(());
        }
        for file in [README, REQUIREMENTS] {
            fs::remove_file(self.path.join(file))?;
        }
        if self.is_new {
            fs::remove_dir(&self.path)?;
        }
        Ok(())
    }

    /// Creates the folders for a file. Returns an error if a file or a link has the name of one of
    /// the folders. A link may lead elsewhere.
    fn make_folders(&self, folders: &Path) -> io::Result<()> {
        let mut folder = self.path.clone();
        for name in folders.components() {
            folder.push(name);
            match fs::symlink_metadata(&folder) {
                Ok(there) if there.is_dir() => {}
                Ok(_) => {
                    let why = format!(
                        "{} is not a folder or is a link to a folder: choose a different \
                    folder with --out",
                        folder.display()
                    );
                    return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => fs::create_dir(&folder)?,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn write(&self, file: &str, content: &[u8]) -> io::Result<()> {
        let path = self.path.join(file);
        self.make_folders(Path::new(file).parent().unwrap_or(Path::new("")))?;
        let unfinished = path.with_extension("unfinished");
        // A file or link with this name may remain from an earlier campaign.
        match fs::remove_file(&unfinished) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        File::options().write(true).create_new(true).open(&unfinished)?.write_all(content)?;
        fs::rename(unfinished, path)
    }
}

/// Returns the content of the file for a request.
fn bytes_of(request: &Request) -> Vec<u8> {
    match request {
        Request::Decode { payload, .. } => payload.clone(),
        Request::Md5Digest { data } => data.clone(),
        Request::Trace { events, .. } => events.iter().flat_map(wire::event_line).collect(),
        _ => Vec::new(),
    }
}

/// Returns the manifest entry for a case.
fn entry(case: &Case) -> Value {
    let mut entry = json!({
        "id": case.id,
        "op": case.request.op().as_str(),
        "requirements": case.requirements,
        "level": case.level,
        "title": case.title,
        "input": input(case),
        "reason": case.reason,
        "source": case.source,
        "since": case.since,
    });
    if let Some(profile) = case.request.profile() {
        entry["profile"] = json!(profile.as_str());
    }
    match &case.verdict {
        Verdict::Accept(expected) => {
            entry["verdict"] = json!("accept");
            entry["result"] = match expected {
                Expected::Exactly(accepted) => wire::ok(accepted),
                Expected::PayloadOf(message) => wire::ok(&Accepted::Message(message.clone())),
            };
        }
        Verdict::Reject { code, at } => {
            entry["verdict"] = json!("reject");
            entry["code"] = json!(code);
            if let Some(at) = at {
                entry["at"] = json!(at);
            }
        }
    }
    entry
}

fn input(case: &Case) -> Value {
    let file = &case.file;
    match &case.request {
        Request::Decode { direction, .. } => {
            json!({"direction": direction.as_str(), "payload": file})
        }
        Request::Encode { message, .. } => json!({"message": message}),
        Request::TopicFormat { direction, product_id, device_name } => {
            json!({"direction": direction.as_str(), "product_id": product_id, "device_name": device_name})
        }
        Request::TopicParse { topic } => json!({"topic": topic}),
        Request::Md5Digest { .. } => json!({"data": file}),
        Request::ContentMd5Encode { md5sum } => json!({"md5sum": md5sum}),
        Request::ContentMd5Decode { content_md5 } => json!({"content_md5": content_md5}),
        Request::Trace { .. } => json!({"events": file}),
    }
}
