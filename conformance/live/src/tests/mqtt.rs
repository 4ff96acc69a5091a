//! Tests late, lost, repeated or wrong answers, and broken connections.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use iothub_resource::{
    Md5Sum, Message, MessageType, Profile, ResourceName, ResultCode, Transfer,
    session::device::{Answer as Said, Outcome},
};

use super::{Play, Publish, Tamper};
use crate::record::DisconnectReason;

const BOTH: [Transfer; 2] = [Transfer::Upload, Transfer::Download];
const NOW: Duration = Duration::ZERO;
const DONE: Outcome = Outcome::Done { answer: Said::Accepted };

/// Replaces the first message that delivers a task, or all such messages.
fn instead(
    most: usize,
    what: impl Fn(&Message<'_>, Publish) -> Vec<(Duration, Publish)> + Send + 'static,
) -> Play {
    Play::tampering(move |_| -> Tamper {
        let mut count = 0;
        Box::new(move |message, publish| {
            if !hands_out(message) || count >= most {
                return vec![(NOW, publish)];
            }
            count += 1;
            what(message, publish)
        })
    })
}

fn hands_out(message: &Message<'_>) -> bool {
    matches!(
        message.message_type(),
        MessageType::CreateUploadTaskRsp | MessageType::GetDownloadTaskRsp | MessageType::Download
    )
}

#[track_caller]
fn ends_with(play: Play, transfer: Transfer, outcome: Outcome) {
    let seen = play.run(transfer);
    seen.is_proper();
    assert_eq!(seen.outcomes, [outcome], "{transfer:?}");
}

#[test]
fn all_is_well() {
    for transfer in BOTH {
        ends_with(Play::default(), transfer, DONE);
        for size in [0, 1, 1_000_000] {
            ends_with(Play { size, ..Play::default() }, transfer, DONE);
        }
    }
    ends_with(Play { push: true, ..Play::default() }, Transfer::Download, DONE);
}

#[test]
fn a_task_is_handed_out_late_or_never() {
    for transfer in BOTH {
        ends_with(instead(1, |_, _| vec![]), transfer, DONE);
        // The answer is within the time limit of the device. A later answer could arrive after the
        // end of a transfer and begin a second transfer (SES-10).
        let late = |_: &Message<'_>, publish| vec![(Duration::from_millis(150), publish)];
        ends_with(instead(1, late), transfer, DONE);
        ends_with(instead(usize::MAX, |_, _| vec![]), transfer, Outcome::Unanswered);
    }
}

#[test]
fn a_task_is_handed_out_twice() {
    for transfer in BOTH {
        for (dup, retain) in [(true, false), (false, false), (true, true)] {
            let twice = move |_: &Message<'_>, publish: Publish| {
                let again = Publish { dup, retain, ..publish.clone() };
                vec![(NOW, publish), (NOW, again.clone()), (Duration::from_millis(30), again)]
            };
            let seen = instead(1, twice).run(transfer);
            assert!(seen.faults().is_empty(), "{:?}", seen.faults());
            assert_eq!(seen.outcomes[0], DONE);
            // A download that is delivered again after its end is a new download.
            assert!(seen.outcomes.len() == 1 || transfer == Transfer::Download);
        }
    }
}

#[test]
fn what_is_no_message_is_passed_over() {
    for transfer in BOTH {
        for payload in [&b""[..], b"{", b"\xff", b"[]", b"{\"type\":\"download\"}", &[b' '; 20_000]]
        {
            let payload = payload.to_vec();
            let first = move |_: &Message<'_>, publish: Publish| {
                let bad = Publish { payload: payload.clone().into(), ..publish.clone() };
                vec![(NOW, bad), (NOW, publish)]
            };
            let seen = instead(1, first).run(transfer);
            seen.is_proper();
            assert_eq!((seen.outcomes, seen.ignored), (vec![DONE], 1));
        }
    }
}

#[test]
fn an_answer_to_something_else() {
    for other_name in [true, false] {
        let first = move |message: &Message<'_>, publish: Publish| {
            let Message::CreateUploadTaskRsp(task) = message else { panic!("{message:?}") };
            let mut task = task.clone();
            if other_name {
                task.name = ResourceName::new("other").unwrap();
            } else {
                task.md5sum = Md5Sum::of(b"other");
            }
            let wrong = Message::CreateUploadTaskRsp(task).encode(Profile::Deployed).unwrap();
            vec![(NOW, Publish { payload: wrong.into(), ..publish.clone() }), (NOW, publish)]
        };
        ends_with(instead(1, first), Transfer::Upload, DONE);
    }
}

#[test]
fn reports_are_answered_otherwise() {
    for transfer in BOTH {
        let lost = Play::tampering(|_| {
            Box::new(
                |message, publish| {
                    if hands_out(message) { vec![(NOW, publish)] } else { vec![] }
                },
            )
        });
        ends_with(lost, transfer, Outcome::Done { answer: Said::Missing });
        let refused = Play::tampering(|_| {
            Box::new(|message, mut publish| {
                if !hands_out(message) {
                    let text = String::from_utf8(publish.payload.to_vec()).unwrap();
                    let text = text.replace("\"result_code\":0", "\"result_code\":7");
                    publish.payload = text.into_bytes().into();
                }
                vec![(NOW, publish)]
            })
        });
        let answer = Said::Refused(ResultCode(7));
        ends_with(refused, transfer, Outcome::Done { answer });
    }
}

#[test]
fn the_connection_breaks_at_each_step() {
    for transfer in BOTH {
        for departure in [DisconnectReason::Cut, DisconnectReason::Ours] {
            for step in 0..3 {
                let departure = departure.clone();
                let play = Play::tampering(move |endpoint| {
                    let count = AtomicUsize::new(0);
                    Box::new(move |_, publish| {
                        if count.fetch_add(1, Ordering::Relaxed) == step {
                            endpoint.disconnect_all(&departure);
                        }
                        vec![(NOW, publish)]
                    })
                });
                let seen = play.run(transfer);
                assert!(seen.faults().is_empty(), "{:?}", seen.faults());
                assert_eq!(seen.outcomes.len(), 1);
                // The answer may be lost with the connection.
                assert!(seen.outcomes[0].is_done(), "{transfer:?} {step}: {:?}", seen.outcomes);
            }
        }
    }
}

#[test]
fn nothing_is_acknowledged() {
    for transfer in BOTH {
        let prepare = |endpoint: &super::Endpoint| {
            endpoint.broker_faults().withholds_acknowledgements.store(true, Ordering::Relaxed);
        };
        ends_with(Play { prepare, ..Play::default() }, transfer, DONE);
    }
}
