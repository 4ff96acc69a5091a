//! Judges a topic by itself.

use std::ops::Range;

use iothub_conformance_suite::{Level, Profile};
use iothub_resource::{Code, Topic, TopicError};

use super::fault::Fault;

/// Parses a topic (TOP-1 to TOP-5).
///
/// # Errors
///
/// Returns the fault, whose range is the faulty level of the topic.
///
/// ```
/// use iothub_conformance_lint::check::topic;
///
/// let topic_of = |text| topic(text).map_err(|fault| (fault.requirement, fault.range));
/// assert!(topic_of("$resource/up/service/EXAMPLE/device").is_ok());
/// assert_eq!(topic_of("$resource/Up/service/EXAMPLE/device"), Err(("TOP-5", 10..12)));
/// assert_eq!(topic_of("$resource/up/service/EXAMPLE-ID/device"), Err(("TOP-3", 21..31)));
/// ```
pub fn topic(text: &str) -> Result<Topic, Box<Fault>> {
    Topic::parse(text).map_err(|error| {
        let (range, expected) = place(text, error);
        Box::new(Fault {
            code: Code::InvalidTopic.as_str(),
            level: Level::Must,
            requirement: error.requirement(),
            path: "topic".to_owned(),
            what: error.to_string(),
            expected: Some(expected),
            range,
            profiles: Profile::ALL.to_vec(),
        })
    })
}

/// Returns the range of the faulty level of a topic, and the right form of this level.
fn place(text: &str, error: TopicError) -> (Range<usize>, String) {
    let mut at = 0;
    let levels: Vec<(Range<usize>, &str)> = text
        .split('/')
        .map(|level| {
            let range = at..at + level.len();
            at = range.end + 1;
            (range, level)
        })
        .collect();
    let level =
        |index: usize| levels.get(index).map_or(text.len()..text.len(), |(range, _)| range.clone());
    match error {
        TopicError::ProductId => (
            level(3),
            "the product id, such as D95V6NB56B: 1 to 10 ASCII letters or digits".to_owned(),
        ),
        TopicError::DeviceName => {
            (level(4), "the device name: 1 to 48 of the characters A-Z a-z 0-9 : _ -".to_owned())
        }
        _ => {
            let is_wrong = |index: usize, words: &[&str]| {
                levels.get(index).is_some_and(|(_, level)| !words.contains(level))
            };
            if is_wrong(0, &["$resource"]) {
                (level(0), "`$resource` as the first level, without a `/` before it".to_owned())
            } else if is_wrong(1, &["up", "down"]) {
                (level(1), "`up` or `down`, in lowercase".to_owned())
            } else if is_wrong(2, &["service"]) {
                (level(2), "`service`, in lowercase".to_owned())
            } else if levels.len() > 5 {
                (level(5).start - 1..text.len(), "nothing after the device name".to_owned())
            } else {
                let end = text.len()..text.len();
                (end, "five levels, ending with the product id and the device name".to_owned())
            }
        }
    }
}
