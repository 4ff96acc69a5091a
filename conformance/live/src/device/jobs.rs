//! Converts the jobs of a device to tasks.

use std::path::PathBuf;

use iothub_resource::{
    Resource, ResourceName,
    session::device::{Download, Upload},
};

use super::{
    settings::{DeviceError, Job, Settings},
    task::{Task, TaskKind},
};
use crate::store::{FileDescription, describe_file};

/// Returns the task for a job. Reads the file of an upload to compute its size and digest.
pub(super) fn task(settings: &Settings, job: &Job) -> Result<Task, DeviceError> {
    let (profile, policy) = (settings.profile, settings.policy());
    let kind = match job {
        Job::Upload { file, name } => {
            let unusable =
                |why: String| DeviceError::Unusable(format!("{}: {why}", file.display()));
            let name = match (name, file.file_name()) {
                (Some(name), _) => name.clone(),
                (None, Some(name)) => {
                    settings.behaviour().resource_name(name.to_string_lossy().into_owned())
                }
                (None, None) => String::new(),
            };
            let name = ResourceName::new(name).map_err(|error| unusable(error.to_string()))?;
            let FileDescription { size, md5sum } =
                describe_file(file).map_err(|error| unusable(error.to_string()))?;
            let md5sum = settings.behaviour().md5sum(md5sum);
            let session = Upload::new(profile, policy, Resource { size, name, md5sum })
                .map_err(|error| unusable(error.to_string()))?;
            TaskKind::Upload { session, file: file.clone() }
        }
        Job::Download { file } => TaskKind::Download {
            session: Download::ask(profile, policy),
            place: file.clone(),
            file: None,
        },
    };
    Ok(Task::new(kind))
}

/// Returns the folder for pushed downloads, which is the folder of the first requested download;
/// `None` if no job is a download.
pub(super) fn download_folder(jobs: &[Job]) -> Option<PathBuf> {
    jobs.iter().find_map(|job| match job {
        Job::Download { file } if file.is_dir() => Some(file.clone()),
        Job::Download { file } => {
            Some(file.parent().map_or_else(|| PathBuf::from("."), PathBuf::from))
        }
        Job::Upload { .. } => None,
    })
}
