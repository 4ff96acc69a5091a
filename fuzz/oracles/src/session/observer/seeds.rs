//! The traces of the fixtures, with the few values that inputs can have, and payloads that do not
//! decode.

use iothub_conformance_suite::{Case, Request};
use iothub_resource::{
    Direction, Key, Md5Sum, Message, MessageType, Percent, Profile, ProgressReport, ResourceSize,
    ResourceTask, State, Transfer,
};

use super::{Event, Garbled, Input};
use crate::{
    seeds::{Seed, smallest, verdict},
    session::{
        Said, What, bytes_of,
        said::{CODES, NAMES},
    },
};

/// Returns one seed for each session rule, profile and verdict, and one for each readable type of a
/// payload that does not decode.
#[must_use]
pub fn seeds() -> Vec<Seed> {
    let kind = |case: &Case| format!("{} {:?} {:?}", verdict(case), case.level, profile(case));
    let mut seeds = smallest(1, told, kind);
    let types = MessageType::ALL.iter().map(|kind| Some(*kind));
    for (layout, kind) in (0..8).cycle().zip(types.chain([None])) {
        let title = kind.map_or("nothing", |kind| kind.as_str()).replace('_', "-");
        if kind.is_some() {
            seeds.push((format!("garbled-{title}"), bytes_of(&garbled(kind, Some(0), layout))));
        }
        // For other types, the name in a payload that does not decode has no meaning.
        if kind.is_none_or(|kind| kind.keys().contains(&Key::Size)) {
            let nameless = format!("garbled-{title}-nameless");
            seeds.push((nameless, bytes_of(&garbled(kind, None, layout))));
        }
    }
    seeds
}

/// Returns a trace with a payload that does not decode. A create, a query and a report come before
/// the payload. Their answers and a second report come after the payload.
fn garbled(kind: Option<MessageType>, name: Option<u8>, layout: u8) -> Input {
    let [mine, other] = [0, 1].map(|name| What { name, body: 2, url: 0 });
    let say = |said| Event::Said { dup: false, said };
    let report = |transfer| {
        say(Said::Report { transfer, name: 0, state: State::Running(Percent::ZERO), code: 0 })
    };
    let number = MessageType::ALL.iter().position(|known| Some(*known) == kind);
    let direction = kind.map_or(Direction::Down, MessageType::direction);
    let garbled = Garbled { direction, kind: number.map(|number| number as u8), name, layout };
    let mut events = vec![
        say(Said::Create(other)),
        say(Said::Query),
        report(Transfer::Download),
        Event::Garbled(garbled),
        say(Said::Issue(mine)),
        report(Transfer::Upload),
        say(Said::Deliver(mine)),
    ];
    for transfer in [Transfer::Upload, Transfer::Download] {
        events.push(say(Said::Answer { transfer, code: 0 }));
    }
    Input { profile: Profile::Deployed, events }
}

fn profile(case: &Case) -> Option<Profile> {
    case.request.profile()
}

/// Returns the bytes of the trace of a case, or `None` if the fixture uses more values than this
/// module has.
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

/// The values that have appeared. Equal values stay equal, and different values stay different.
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
