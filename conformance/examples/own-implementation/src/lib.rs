//! An example of a crate with its own implementation of a part of the protocol: the topics.
//!
//! `tests/conformance.rs` runs the conformance suite against this crate.

/// The direction of a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Direction {
    /// From the device to the platform: `up` in the topic.
    Up,
    /// From the platform to the device: `down` in the topic.
    Down,
}

/// Returns the topic for these parts, or `None` if a part is invalid.
#[must_use]
pub fn build(direction: Direction, product_id: &str, device_name: &str) -> Option<String> {
    let direction = match direction {
        Direction::Up => "up",
        Direction::Down => "down",
    };
    let topic = format!("$resource/{direction}/service/{product_id}/{device_name}");
    read(&topic).is_some().then_some(topic)
}

/// Returns the direction, product id and device name of a topic, or `None` if the topic is invalid.
#[must_use]
pub fn read(topic: &str) -> Option<(Direction, &str, &str)> {
    let levels: Vec<&str> = topic.split('/').collect();
    let ["$resource", direction, "service", product_id, device_name] = levels[..] else {
        return None;
    };
    let direction = match direction {
        "up" => Direction::Up,
        "down" => Direction::Down,
        _ => return None,
    };
    let letter = |c: char| c.is_ascii_alphanumeric();
    let valid = (1..=10).contains(&product_id.len())
        && product_id.chars().all(letter)
        && (1..=48).contains(&device_name.len())
        && device_name.chars().all(|c| letter(c) || matches!(c, ':' | '_' | '-'));
    valid.then_some((direction, product_id, device_name))
}
