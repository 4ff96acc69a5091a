//! The file of a download that a device has kept. The comparison does not read the whole file into
//! memory.

use std::{
    fs::File,
    io::{self, Read, Seek},
    path::Path,
};

use iothub_conformance_suite::excerpt::counted;
use iothub_resource::session::End;

use super::{judge::TaskEnd, scenario::Flow, scenario_run::ScenarioRun, test_file::Content};
use crate::store::open_regular;
use iothub_conformance_suite::Level;

/// A regular file that the device has stored. A device may leave anything at the path of the file,
/// for example a link to `/dev/zero` or a pipe.
pub(super) struct KeptFile {
    file: File,
    length: u64,
}

impl KeptFile {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = open_regular(path)?;
        let length = file.metadata()?.len();
        Ok(Self { file, length })
    }

    pub(super) const fn length(&self) -> u64 {
        self.length
    }

    /// Returns whether the file has exactly these bytes. If the length differs, the file is not
    /// read.
    pub(super) fn is(&mut self, bytes: &[u8]) -> bool {
        self.length == bytes.len() as u64 && self.has(bytes).unwrap_or(false)
    }

    /// Returns whether `bytes` begins with the content of the file. The file may contain all of
    /// `bytes`.
    fn begins(&mut self, bytes: &[u8]) -> bool {
        let length = usize::try_from(self.length).unwrap_or(usize::MAX);
        bytes.get(..length).is_some_and(|part| self.has(part).unwrap_or(false))
    }

    fn has(&mut self, mut bytes: &[u8]) -> io::Result<bool> {
        self.file.rewind()?;
        let mut chunk = [0; 4096];
        while !bytes.is_empty() {
            let most = bytes.len().min(chunk.len());
            let count = self.file.read(&mut chunk[..most])?;
            if count == 0 || chunk[..count] != bytes[..count] {
                return Ok(false);
            }
            bytes = &bytes[count..];
        }
        Ok(true)
    }
}

impl ScenarioRun<'_> {
    /// Checks the file of a download. If the download was reported as done, the file must be the
    /// resource of a completed download. If the download was reported as failed, the file must
    /// contain only bytes of the resource.
    pub(super) fn check_file(&mut self, file: &Path) {
        if self.scenario.plan.flow != Flow::Download {
            return;
        }
        let Some(task) = self.attempt.main_task.map(|index| &self.judge.tasks[index]) else {
            return;
        };
        let at = match task.end {
            Some(TaskEnd { end: End::Success, event: at, .. }) => at,
            Some(TaskEnd { event: at, .. }) => return self.check_left_file(file, at),
            None => return,
        };
        let is_known =
            self.judge.found.iter().any(|found| found.finding.code == "done-without-bytes");
        let what = match KeptFile::open(file) {
            // The device need not keep the file there.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return,
            Err(error) => format!("the file that it stored cannot be read: {error}"),
            Ok(mut kept) => {
                // The device may keep any download that it has completed.
                let mut done = self.attempt.downloads.iter().filter(|download| {
                    let end = self.judge.tasks[download.task].end;
                    end.is_some_and(|end| end.end == End::Success)
                });
                if done.any(|download| kept.is(&download.bytes)) {
                    return;
                }
                let length = counted(kept.length(), "byte");
                format!("the file that it stored ({length}) differs from the resource")
            }
        };
        if !is_known {
            self.judge.find(Some(at), "wrong-file", "HTTP-5", Level::Must, what);
        }
    }

    /// Checks the file that a failed download has left. The file may contain a part of the
    /// resource, because a device can resume the download.
    fn check_left_file(&mut self, file: &Path, at: usize) {
        let resource = self.attempt.setup.resource;
        let mut downloads = self.attempt.downloads.iter();
        let main = self.attempt.main_task;
        let Some(download) = downloads.find(|download| Some(download.task) == main) else { return };
        if self.attempt.had_file || resource.content == Content::Declared {
            return;
        }
        let Ok(mut kept) = KeptFile::open(file) else { return };
        // If the announced digest is wrong, even a file with all delivered bytes is not the
        // resource.
        let is_whole = kept.length() == resource.size && resource.other_digest;
        if !is_whole && kept.begins(&download.bytes) {
            return;
        }
        let what = format!(
            "it reports that the transfer failed, but the file that it stored ({}) contains bytes \
             that do not belong to the resource",
            counted(kept.length(), "byte")
        );
        self.judge.find(Some(at), "wrong-file", "HTTP-5", Level::Should, what);
    }

    /// Checks that the device has written only into the folder of its file.
    pub(super) fn check_folder(&mut self) {
        let strays = self.folder.take_strays();
        let Some(stray) = strays.first() else { return };
        let what = format!(
            "it used the name of the resource as a path and stored the file at ../{} instead of in \
             the folder of IOTHUB_FILE",
            stray.display()
        );
        let at = self.main_end().map(|end| end.event);
        self.judge.find(at, "wrong-file", "HTTP-5", Level::Must, what);
    }
}
