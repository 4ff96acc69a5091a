//! Requests about topics: valid topics and similar texts.

use iothub_conformance_suite::Request;
use iothub_resource::Direction;

use super::{
    generated::Generated,
    strings::characters,
    tables::topics::{
        AROUND, LEVEL_LENGTHS, LEVEL_LETTERS, LEVELS, NOT_DIRECTIONS, NOT_TOPICS, REPLACEMENTS,
        VALID_NAMES,
    },
    turn::Turn,
};
use crate::{message_tree::quoted, rng::Rng};

/// All enumerated requests about topics, in random order.
pub(super) struct TopicGenerator(Vec<Generated>);

pub(super) fn shortest() -> Generated {
    made(parse("$resource/up/service/a/a"), "topic", "TOP-1", Some(true))
}

fn made(
    request: Request,
    class: impl Into<String>,
    requirement: &'static str,
    valid: Option<bool>,
) -> Generated {
    Generated { request, class: class.into(), requirement, valid }
}

fn parse(topic: impl Into<String>) -> Request {
    Request::TopicParse { topic: topic.into() }
}

fn format(direction: Direction, product_id: &str, device_name: &str) -> Request {
    let (product_id, device_name) = (product_id.to_owned(), device_name.to_owned());
    Request::TopicFormat { direction, product_id, device_name }
}

impl TopicGenerator {
    pub(super) fn new(rng: &mut Rng) -> Self {
        let mut all: Vec<Generated> = levels(rng).iter().flat_map(with_level).collect();
        all.extend(whole_topics());
        rng.shuffle(&mut all);
        Self(all)
    }

    pub(super) fn make(&self, turn: Turn, rng: &mut Rng) -> Generated {
        match turn.of(&self.0) {
            Some(made) => made.clone(),
            None => random(rng),
        }
    }
}

/// The text of a topic level and the class of the text.
struct Level {
    class: &'static str,
    text: String,
}

/// Returns all texts that are tried as a level.
fn levels(rng: &mut Rng) -> Vec<Level> {
    let mut all = Vec::new();
    for piece in characters() {
        // Levels contain the decoded character, not its JSON escape.
        let Ok(text) = serde_json::from_slice::<String>(&quoted(&piece.inside)) else { continue };
        let texts = [text.clone(), format!("a{text}"), format!("{text}a"), format!("a{text}b")];
        all.push(Level { class: piece.class.as_str(), text: rng.pick(&texts).clone() });
    }
    let controls = (0..b' ').chain([0x7f]);
    all.extend(
        controls.map(|byte| Level { class: "control", text: format!("a{}", char::from(byte)) }),
    );
    for &length in LEVEL_LENGTHS {
        let letters = LEVEL_LETTERS.iter();
        all.extend(letters.map(|letter| Level { class: "length", text: letter.repeat(length) }));
    }
    all.extend(LEVELS.iter().map(|&text| Level { class: "level", text: text.to_owned() }));
    all
}

/// Returns the requests that format and parse a topic with this level, as its product id and as its
/// device name.
fn with_level(Level { class, text }: &Level) -> [Generated; 4] {
    // Levels of even length are tried in up topics, and levels of odd length in down topics.
    let direction = if text.len() % 2 == 0 { Direction::Up } else { Direction::Down };
    let ask = |place: &str, requirement, product_id: &str, device_name: &str| {
        let topic = format!("$resource/{direction}/service/{product_id}/{device_name}");
        [(format(direction, product_id, device_name), "format"), (parse(topic), "parse")]
            .map(|(request, op)| made(request, format!("{class}/{place}/{op}"), requirement, None))
    };
    let [formatted_id, parsed_id] = ask("product-id", "TOP-3", text, "a");
    let [formatted_name, parsed_name] = ask("device-name", "TOP-4", "a", text);
    [formatted_id, parsed_id, formatted_name, parsed_name]
}

/// Returns requests with valid topics and with changed topics.
fn whole_topics() -> Vec<Generated> {
    let mut all = Vec::new();
    for (direction, rule) in [(Direction::Up, "TOP-1"), (Direction::Down, "TOP-2")] {
        for (product_id, device_name) in VALID_NAMES {
            let usual = format!("$resource/{direction}/service/{product_id}/{device_name}");
            all.push(made(parse(usual), "topic", rule, Some(true)));
            let request = format(direction, product_id, device_name);
            all.push(made(request, "topic/format", rule, Some(true)));
        }
        let changed = changed(direction).into_iter();
        all.extend(changed.map(|topic| made(parse(topic), "no-topic", "TOP-5", None)));
    }
    let others = NOT_TOPICS.iter();
    all.extend(others.map(|&topic| made(parse(topic), "no-topic", "TOP-5", Some(false))));
    all
}

/// Returns changed topics, most of which are invalid.
fn changed(direction: Direction) -> Vec<String> {
    let usual = format!("$resource/{direction}/service/P/d");
    let mut all = Vec::new();
    for (before, after) in AROUND {
        all.push(format!("{before}{usual}{}", after.replace("<topic>", &usual)));
    }
    for (part, instead) in REPLACEMENTS {
        all.push(usual.replacen(part, instead, 1));
        all.push(usual.replace(part, instead));
    }
    all.extend(NOT_DIRECTIONS.iter().map(|level| format!("$resource/{level}/service/P/d")));
    all.retain(|topic| *topic != usual);
    all
}

/// Returns a request for a topic with random levels. Sometimes, a character is inserted or removed,
/// or the topic is truncated.
fn random(rng: &mut Rng) -> Generated {
    const LETTERS: &[u8] = b"ABYZabyz0189:_-";
    const ODD: &[char] =
        &['/', '+', '#', ' ', '\0', '\n', '.', '$', 'é', 'ſ', '１', '%', '\u{7f}', '@', '[', '{'];
    let word = |longest: usize, letters: &[u8], rng: &mut Rng| -> String {
        let length = 1 + rng.below(longest + 1);
        (0..length).map(|_| char::from(*rng.pick(letters))).collect()
    };
    let mut product_id = word(10, &LETTERS[..12], rng);
    let mut device_name = word(48, LETTERS, rng);
    let direction = *rng.pick(&Direction::ALL);
    if rng.one_in(3) {
        let level = if rng.one_in(2) { &mut product_id } else { &mut device_name };
        let at = rng.below(level.len() + 1);
        level.insert(at, *rng.pick(ODD));
    }
    if rng.one_in(2) {
        return made(
            format(direction, &product_id, &device_name),
            "by-chance/format",
            "TOP-1",
            None,
        );
    }
    let mut topic = format!("$resource/{direction}/service/{product_id}/{device_name}");
    if rng.one_in(3) {
        let at = rng.below(topic.len());
        if topic.is_char_boundary(at) {
            match rng.below(3) {
                0 => topic.insert(at, *rng.pick(ODD)),
                1 => drop(topic.remove(at)),
                _ => topic.truncate(at),
            }
        }
    }
    made(parse(topic), "by-chance/parse", "TOP-1", None)
}
