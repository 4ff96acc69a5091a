//! Tests that each scenario finds a fault that is planted in the reference platform.

mod broker;
mod table;

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, atomic::Ordering},
    thread,
    time::Duration,
};

use iothub_resource::{Direction, Message, Profile, session::End};

use super::stage::{Hearing, Stage};
use crate::{
    http::ResponseFaults,
    mqtt::Publish,
    test_platform::{Scenario, all},
};
use iothub_conformance_suite::result::StoredCase;

pub(super) type Planting = Box<dyn Fn(&mut Stage) + Send + Sync>;

/// A planted fault and the expected findings.
struct Plant {
    profile: Profile,
    scenario: Cow<'static, str>,
    found: &'static [&'static str],
    plant: Planting,
}

fn plant(
    scenario: &'static str,
    found: &'static [&'static str],
    plant: impl Fn(&mut Stage) + Send + Sync + 'static,
) -> Plant {
    Plant { profile: Profile::Deployed, scenario: scenario.into(), found, plant: Box::new(plant) }
}

/// Makes the platform miss the matching messages.
fn misses(is_missed: impl Fn(&Publish) -> bool + Clone + Send + Sync + 'static) -> Planting {
    Box::new(move |stage| {
        let is_missed = is_missed.clone();
        stage.ear = Box::new(
            move |message| {
                if is_missed(message) { Hearing::Misses } else { Hearing::Hears }
            },
        );
        stage.timeout = SHORT;
    })
}

/// Makes the platform answer the matching messages with a text.
fn says(
    is_meant: impl Fn(&str) -> bool + Clone + Send + Sync + 'static,
    text: &'static str,
) -> Planting {
    Box::new(move |stage| {
        let is_meant = is_meant.clone();
        stage.ear = Box::new(move |message| {
            if is_meant(&text_of(message)) {
                Hearing::Says(text.as_bytes().to_vec())
            } else {
                Hearing::Hears
            }
        });
    })
}

/// Makes the platform publish the texts that `alter` returns instead of a message.
fn writes(
    alter: impl Fn(&Message<'_>, String) -> Vec<String> + Clone + Send + Sync + 'static,
) -> Planting {
    Box::new(move |stage| {
        let alter = alter.clone();
        stage.tamper = Some(Box::new(move |message, publish| {
            let text = String::from_utf8(publish.payload.to_vec()).unwrap();
            let payloads = alter(message, text).into_iter();
            payloads
                .map(|text| {
                    let payload = text.into_bytes();
                    (Duration::ZERO, Publish { payload: payload.into(), ..publish.clone() })
                })
                .collect()
        }));
    })
}

/// The time for which the device waits for an answer that never arrives.
const SHORT: Duration = Duration::from_millis(1500);

const OK: &str = r#"{"type":"report_upload_progress_rsp","result_code":0,"result_msg":"ok"}"#;
const NO: &str =
    r#"{"type":"report_upload_progress_rsp","result_code":-2,"result_msg":"file_not_exist"}"#;
const NO_DOWNLOAD: &str =
    r#"{"type":"report_download_progress_rsp","result_code":-2,"result_msg":"file_not_exist"}"#;

fn text_of(message: &Publish) -> String {
    String::from_utf8_lossy(&message.payload).into_owned()
}

fn is_create(text: &str) -> bool {
    text.contains("\"create_upload_task\"")
}

fn is_report(text: &str) -> bool {
    text.contains("\"report_upload_progress\"")
}

fn name_of(text: &str) -> String {
    match Message::decode(Profile::Deployed, Direction::Up, text.as_bytes()) {
        Ok(message) => message.name().map(|name| name.as_str().to_owned()).unwrap_or_default(),
        Err(_) => String::new(),
    }
}

/// Makes the platform change the names of uploads in its answers.
fn renames(rename: impl Fn(&str) -> String + Clone + Send + Sync + 'static) -> Planting {
    writes(move |message, text| {
        let Message::CreateUploadTaskRsp(task) = message else { return vec![text] };
        let mut task = task.clone();
        task.name = iothub_resource::ResourceName::new(rename(task.name.as_str())).unwrap();
        let message = Message::CreateUploadTaskRsp(task);
        vec![String::from_utf8(message.encode(Profile::Deployed).unwrap()).unwrap()]
    })
}

/// Makes the platform ignore a create whose payload or name has arrived before.
fn knows_already(key: fn(&str) -> String) -> Planting {
    Box::new(move |stage| {
        let mut known = BTreeSet::new();
        stage.timeout = SHORT;
        stage.ear = Box::new(move |message| {
            let text = text_of(message);
            if is_create(&text) && !known.insert(key(&text)) {
                Hearing::Misses
            } else {
                Hearing::Hears
            }
        });
    })
}

/// Makes the platform miss the tenth matching message, and then all messages until the eleventh.
fn misses_some(is_meant: fn(&str) -> bool) -> Planting {
    Box::new(move |stage| {
        let mut count = 0;
        stage.timeout = SHORT;
        stage.ear = Box::new(move |message| {
            count += usize::from(is_meant(&text_of(message)));
            if count == 10 { Hearing::Misses } else { Hearing::Hears }
        });
    })
}

/// Makes the platform ignore all messages from a matching message on, as after a crash.
fn dies_of(is_deadly: impl Fn(&Publish) -> bool + Clone + Send + Sync + 'static) -> Planting {
    Box::new(move |stage| {
        let is_deadly = is_deadly.clone();
        let mut dead = false;
        stage.timeout = SHORT;
        stage.ear = Box::new(move |message| {
            dead |= is_deadly(message);
            if dead { Hearing::Misses } else { Hearing::Hears }
        });
    })
}

fn is_malformed(profile: Profile, message: &Publish) -> bool {
    Message::decode(profile, Direction::Up, &message.payload).is_err()
}

/// Makes the platform lose its tasks at a malformed payload.
fn forgets(profile: Profile) -> Planting {
    Box::new(move |stage| {
        let (mut has_forgotten, mut known) = (false, BTreeSet::new());
        stage.ear = Box::new(move |message| {
            let text = text_of(message);
            if is_malformed(profile, message) {
                (has_forgotten, known) = (true, BTreeSet::new());
            } else if is_create(&text) {
                known.insert(name_of(&text));
            } else if has_forgotten && is_report(&text) && !known.contains(&name_of(&text)) {
                return Hearing::Says(NO.as_bytes().to_vec());
            }
            Hearing::Hears
        });
    })
}

/// Makes the platform lose its tasks when the device reconnects.
fn forgets_at_disconnect(stage: &mut Stage) {
    let subscriptions = Arc::clone(&stage.subscriptions);
    let mut known = BTreeMap::new();
    stage.ear = Box::new(move |message| {
        let (text, connection) = (text_of(message), subscriptions.load(Ordering::Relaxed));
        if is_create(&text) {
            known.insert(name_of(&text), connection);
        } else if is_report(&text) && known.get(&name_of(&text)) != Some(&connection) {
            return Hearing::Says(NO.as_bytes().to_vec());
        }
        Hearing::Hears
    });
}

/// Makes the platform refuse `done` for an upload whose bytes have not arrived.
pub(super) fn wants_bytes(profile: Profile, message: &Publish) -> Hearing {
    let done = match Message::decode(profile, Direction::Up, &message.payload) {
        Ok(Message::ReportUploadProgress(report))
            if End::of(profile, &report) == Some(End::Success) =>
        {
            report.name
        }
        _ => return Hearing::Hears,
    };
    Hearing::SaysWithoutBytes(done.as_str().to_owned(), NO.as_bytes().to_vec())
}

/// Makes the object store respond with these faults for every URL, from the first request on.
fn answers(all: Vec<ResponseFaults>) -> Planting {
    Box::new(move |stage| stage.answers.clone_from(&all))
}

fn sloppy_store(stage: &mut Stage) {
    stage.sloppy_store = true;
}

/// Makes the platform write digests in uppercase.
pub(super) fn shouts() -> Planting {
    writes(|message, text| match message {
        Message::CreateUploadTaskRsp(task) | Message::GetDownloadTaskRsp(task) => {
            let digest = task.md5sum.to_string();
            vec![text.replace(&digest, &digest.to_ascii_uppercase())]
        }
        _ => vec![text],
    })
}

/// Makes the platform replace a text in its messages.
fn replaced(from: &'static str, to: &'static str) -> Planting {
    writes(move |_, text| vec![text.replace(from, to)])
}

/// Makes the platform answer misplaced reports with success.
fn takes_everything() -> Planting {
    replaced(r#":-2,"result_msg":"file_not_exist""#, r#":0,"result_msg":"ok""#)
}

/// Makes the platform send answers of a type this many times, each slightly different.
fn repeats(of: &'static str, times: usize) -> Planting {
    writes(move |message, text| {
        if message.message_type().as_str() != of {
            return vec![text];
        }
        let different = |at: usize| text.replace("sign=", &format!("sign={at}"));
        (0..times).map(|at| if at == 0 { text.clone() } else { different(at) }).collect()
    })
}

fn early() -> ResponseFaults {
    ResponseFaults { answers_early: true, ..ResponseFaults::status(200) }
}

/// Makes the platform answer messages on a different topic on the topic of the device.
fn answers_elsewhere(stage: &mut Stage) {
    stage.ear = Box::new(|message| {
        if message.topic == "$resource/up/service/P/device" {
            Hearing::Hears
        } else {
            Hearing::Says(OK.as_bytes().to_vec())
        }
    });
}

/// Makes the platform accept a topic as that of the device if the topics differ only in case or
/// additional slashes.
fn reads_topics_laxly(stage: &mut Stage) {
    const UP: &str = "$resource/up/service/P/device";
    stage.ear = Box::new(|message| {
        let is_similar = message.topic.trim_matches('/').eq_ignore_ascii_case(UP);
        if is_similar && message.topic != UP {
            Hearing::Says(OK.as_bytes().to_vec())
        } else {
            Hearing::Hears
        }
    });
}

/// Returns the code and the requirement of each finding.
fn found(case: &StoredCase) -> BTreeSet<String> {
    let lines = case.detail.lines().filter(|line| !line.starts_with(['{', '(']));
    lines
        .filter_map(|line| line.split_once(": "))
        .map(|(head, _)| head.replace(['(', ')'], ""))
        .collect()
}

#[test]
fn every_scenario_notices_something() {
    let rows = table::table();
    let planted: BTreeSet<_> = rows.iter().map(|row| &*row.scenario).collect();
    let every = Profile::ALL.into_iter().flat_map(all);
    let scenarios: BTreeMap<String, Scenario> =
        every.map(|scenario| (scenario.id.clone(), scenario)).collect();
    for id in scenarios.keys() {
        assert!(planted.contains(&**id), "nothing is planted for {id}");
    }
    let rows = Arc::new(Mutex::new(rows.into_iter()));
    let failures = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..12 {
            scope.spawn(|| {
                loop {
                    let Some(row) = rows.lock().unwrap().next() else { break };
                    let Plant { profile, scenario, found: expected, plant } = row;
                    let mut stage = Stage::new();
                    stage.profile = profile;
                    plant(&mut stage);
                    let results = stage.play(vec![scenarios[&*scenario].clone()]);
                    for case in results.cases {
                        let expected = expected.iter().map(|&one| one.to_owned()).collect();
                        if found(&case) != expected {
                            let event = format!(
                                "{}: {expected:?}, but {:?} {}",
                                case.id, case.outcome, case.detail
                            );
                            failures.lock().unwrap().push(event);
                        }
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}
