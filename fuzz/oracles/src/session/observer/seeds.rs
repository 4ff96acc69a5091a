//! The traces of the fixtures, told in the small world.

use iothub_conformance_suite::{Case, Request};
use iothub_resource::{
    Md5Sum, Message, Profile, ProgressReport, ResourceSize, ResourceTask, Transfer,
};

use super::{Event, Input};
use crate::{
    seeds::{Seed, smallest, verdict},
    session::{
        Said, What, bytes_of,
        said::{CODES, NAMES},
    },
};

/// One for each rule between messages, profile and verdict.
#[must_use]
pub fn seeds() -> Vec<Seed> {
    let kind = |case: &Case| format!("{} {:?} {:?}", verdict(case), case.level, profile(case));
    smallest(1, told, kind)
}

fn profile(case: &Case) -> Option<Profile> {
    case.request.profile()
}

/// Nothing if there is something in the fixture that the small world lacks.
fn told(case: &Case) -> Option<Vec<u8>> {
    let Request::Trace { profile, events } = &case.request else { return None };
    if !case.main_requirement().starts_with("SES-") {
        return None;
    }
    let mut known = Known::default();
    let events = events.iter().map(|event| {
        let said = known.said(&Message::from_json(*profile, event.message.get()).ok()?)?;
        Some(Event::Said { dup: event.dup, said })
    });
    let events: Vec<Event> = events.collect::<Option<_>>()?;
    Some(bytes_of(&Input { profile: *profile, events }))
}

/// What came so far: equal things are equal in the small world, others are not.
#[derive(Default)]
struct Known {
    names: Vec<String>,
    bodies: Vec<(ResourceSize, Md5Sum)>,
    urls: Vec<String>,
}

impl Known {
    fn said(&mut self, message: &Message<'_>) -> Option<Said> {
        Some(match message {
            Message::CreateUploadTask(it) => {
                Said::Create(self.what(it.name.as_str(), it.size, it.md5sum, None)?)
            }
            Message::CreateUploadTaskRsp(task) => Said::Issue(self.task(task)?),
            Message::GetDownloadTask => Said::Query,
            Message::GetDownloadTaskRsp(task) => Said::Deliver(self.task(task)?),
            Message::Download(task) => Said::Push(self.task(task)?),
            Message::ReportUploadProgress(report) => self.report(Transfer::Upload, report)?,
            Message::ReportDownloadProgress(report) => self.report(Transfer::Download, report)?,
            Message::ReportUploadProgressRsp(response) => {
                Said::Answer { transfer: Transfer::Upload, code: code(response.result_code.0)? }
            }
            Message::ReportDownloadProgressRsp(response) => {
                Said::Answer { transfer: Transfer::Download, code: code(response.result_code.0)? }
            }
            _ => return None,
        })
    }

    fn task(&mut self, task: &ResourceTask<'_>) -> Option<What> {
        self.what(task.name.as_str(), task.size, task.md5sum, Some(task.url.as_str()))
    }

    fn what(
        &mut self,
        name: &str,
        size: ResourceSize,
        md5sum: Md5Sum,
        url: Option<&str>,
    ) -> Option<What> {
        let name = index(&mut self.names, name.to_owned(), NAMES.len())?;
        let body = index(&mut self.bodies, (size, md5sum), usize::from(What::BODIES))?;
        let url = match url {
            Some(url) => index(&mut self.urls, url.to_owned(), usize::from(What::URLS))?,
            None => 0,
        };
        Some(What { name, body, url })
    }

    fn report(&mut self, transfer: Transfer, report: &ProgressReport<'_>) -> Option<Said> {
        let name = index(&mut self.names, report.name.as_str().to_owned(), NAMES.len())?;
        let progress = &report.progress;
        Some(Said::Report {
            transfer,
            name,
            state: progress.state,
            code: code(progress.result_code.0)?,
        })
    }
}

fn index<T: PartialEq>(known: &mut Vec<T>, value: T, most: usize) -> Option<u8> {
    let place = known.iter().position(|it| *it == value).unwrap_or_else(|| {
        known.push(value);
        known.len() - 1
    });
    u8::try_from(place).ok().filter(|place| usize::from(*place) < most)
}

fn code(code: i32) -> Option<i32> {
    CODES.contains(&code).then_some(code)
}
