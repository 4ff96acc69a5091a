//! Runs the conformance suite against the topics of this crate: `cargo test -p own-implementation`.
//!
//! Every case is a test. Cases for operations that the crate does not implement are shown as
//! ignored.

use std::process::ExitCode;

use iothub_conformance_suite::{About, Answer, Implementation, Refusal, TopicParts, harness};
use own_implementation::{Direction, build, read};

struct Topics;

impl Implementation for Topics {
    fn about(&self) -> About {
        About::new("own-implementation", env!("CARGO_PKG_VERSION"))
    }

    fn topic_format(
        &mut self,
        direction: iothub_conformance_suite::Direction,
        product_id: &str,
        device_name: &str,
    ) -> Answer<String> {
        let direction = match direction {
            iothub_conformance_suite::Direction::Up => Direction::Up,
            iothub_conformance_suite::Direction::Down => Direction::Down,
        };
        let topic = build(direction, product_id, device_name);
        topic.ok_or_else(|| Refusal::code("invalid-topic").into())
    }

    fn topic_parse(&mut self, topic: &str) -> Answer<TopicParts> {
        let (direction, product_id, device_name) =
            read(topic).ok_or_else(|| Refusal::code("invalid-topic"))?;
        let direction = match direction {
            Direction::Up => "up",
            _ => "down",
        };
        Ok(TopicParts {
            direction: direction.to_owned(),
            product_id: product_id.to_owned(),
            device_name: device_name.to_owned(),
        })
    }
}

fn main() -> ExitCode {
    harness::main(|| Topics)
}
