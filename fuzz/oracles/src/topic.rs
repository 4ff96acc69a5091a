//! Topics: the crate accepts the same texts as a naive reader, and a topic is written as it was
//! read.

use iothub_resource::{DeviceName, Direction, ProductId, Topic, TopicError};

const LETTERS_AND_DIGITS: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/// Reads any text as a topic and as a part of a topic.
pub fn text(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let parsed = Topic::parse(text);
    assert_eq!(parsed.err(), fault(text), "{text:?}");
    match parsed {
        Ok(topic) => {
            assert_eq!(topic.to_string(), text, "what is read is written again");
            assert_eq!(text.starts_with("$resource/up/"), topic.direction == Direction::Up);
            let reply = topic.reply();
            assert_eq!(reply.reply(), topic);
            assert_ne!(reply.direction, topic.direction);
            assert_eq!(Topic::parse(&reply.to_string()), Ok(reply));
        }
        Err(error) => assert_eq!(error.requirement().get(..4), Some("TOP-")),
    }
    part(text, ProductId::new(text).map(|id| id.to_string()), is_product_id(text));
    part(text, DeviceName::new(text).map(|name| name.to_string()), is_device_name(text));
}

/// Compares the result for a part of a topic with the rule of that part (TOP-3, TOP-4).
fn part(text: &str, read: Result<String, TopicError>, is_one: bool) {
    assert_eq!(read.ok().as_deref(), is_one.then_some(text));
}

/// Returns the fault of a topic, or `None` if the topic is valid. The fault of a fixed level takes
/// precedence. This function follows the rules, not the code.
#[must_use]
pub fn fault(text: &str) -> Option<TopicError> {
    let levels: Vec<&str> = text.split('/').collect();
    match levels[..] {
        ["$resource", "up" | "down", "service", product_id, device_name] => {
            if !is_product_id(product_id) {
                Some(TopicError::ProductId)
            } else if !is_device_name(device_name) {
                Some(TopicError::DeviceName)
            } else {
                None
            }
        }
        _ => Some(TopicError::Shape),
    }
}

fn is_product_id(text: &str) -> bool {
    (1..=10).contains(&text.chars().count())
        && text.chars().all(|letter| LETTERS_AND_DIGITS.contains(letter))
}

fn is_device_name(text: &str) -> bool {
    (1..=48).contains(&text.chars().count())
        && text.chars().all(|letter| LETTERS_AND_DIGITS.contains(letter) || ":_-".contains(letter))
}
