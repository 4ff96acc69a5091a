//! The files of a device that misbehaves.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{
    misbehave::Misbehaviour,
    spoilt_request::as_text,
    task::{Task, TaskKind},
};
use crate::http::client::Request;

/// The paths that a misbehaving device uses for a download.
pub(super) struct SpoiltFiles {
    /// The file in which the device records the progress of a download; `None` before a download.
    resume_note: Option<PathBuf>,
    /// The path that results if the name of the resource is treated as a path; `None` before the
    /// name is known.
    named_place: Option<PathBuf>,
}

impl SpoiltFiles {
    pub(super) const fn new() -> Self {
        Self { resume_note: None, named_place: None }
    }

    /// Determines the paths for a download.
    pub(super) fn begin(&mut self, task: &Task) {
        if let TaskKind::Download { place, .. } = &task.kind {
            self.resume_note = Some(place.with_extension("resume"));
            let name = task.resource().map(|resource| resource.name);
            self.named_place = name.map(|name| place.with_file_name("").join(name.as_str()));
        }
    }

    /// Applies [`Misbehaviour::ResumesAnother`]: stores the range of a request. If the request has
    /// no range, adds one that begins at the stored position.
    pub(super) fn resume_another(&self, how: Misbehaviour, size: u64, request: &mut Request) {
        let (Misbehaviour::ResumesAnother, Some(note)) = (how, &self.resume_note) else {
            return;
        };
        let range = request.headers.iter().find(|(name, _)| *name == "Range");
        if let Some((_, range)) = range {
            let _ = fs::write(note, range);
        } else if let Some(begin) = fs::read_to_string(note).ok().as_deref()
            && let Some((begin, _)) = begin.split_once('-')
        {
            let last = size.saturating_sub(1);
            request.headers.push(("Range", format!("{begin}-{last}")));
        }
    }

    /// Changes or moves the file of a stored download, if the misbehaviour requires it.
    pub(super) fn kept(&self, how: Misbehaviour, file: &Path) {
        if how == Misbehaviour::TakesNamesForPaths {
            if let Some(place) = &self.named_place {
                let _ = fs::rename(file, place);
            }
            return;
        }
        let Ok(bytes) = fs::read(file) else { return };
        let other = match how {
            Misbehaviour::KeepsOtherBytes => Some(bytes.iter().map(|byte| !*byte).collect()),
            how => as_text(how, &bytes),
        };
        if let Some(other) = other {
            let _ = fs::write(file, other);
        }
    }
}
