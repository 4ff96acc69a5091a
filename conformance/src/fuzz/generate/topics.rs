//! Topics: right ones, and what resembles them.

use iothub_conformance_suite::Request;
use iothub_resource::Direction;

use super::{generated::Generated, strings::characters};
use crate::fuzz::rng::Rng;

/// What can be asked about topics, in an order by chance.
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
        let mut all = Vec::new();
        levels(&mut all, rng);
        whole(&mut all);
        rng.shuffle(&mut all);
        Self(all)
    }

    pub(super) fn make(&self, turn: Option<usize>, rng: &mut Rng) -> Generated {
        match turn.and_then(|turn| self.0.get(turn)) {
            Some(made) => made.clone(),
            None => by_chance(rng),
        }
    }
}

/// What a level may be, each as product id and as device name.
fn levels(all: &mut Vec<Generated>, rng: &mut Rng) {
    let mut words: Vec<(String, String)> = Vec::new();
    let mut add = |class: &str, word: String| words.push((class.to_owned(), word));
    for piece in characters() {
        // A character, not its spelling in JSON.
        let quoted = [b"\"", piece.inside.as_slice(), b"\""].concat();
        let Ok(text) = serde_json::from_slice::<String>(&quoted) else { continue };
        let words = [text.clone(), format!("a{text}"), format!("{text}a"), format!("a{text}b")];
        add(piece.class.as_str(), rng.pick(&words).clone());
    }
    for control in (0..0x20_u8).chain([0x7f]) {
        add("control", format!("a{}", char::from(control)));
    }
    for length in [
        0, 1, 2, 3, 7, 8, 9, 10, 11, 12, 15, 16, 20, 31, 32, 33, 46, 47, 48, 49, 50, 63, 64, 65,
        127, 128, 129, 255, 256, 1000,
    ] {
        for letter in ["a", "Z", "-", "é"] {
            add("length", letter.repeat(length));
        }
    }
    for word in [
        "ABCDEFGHIJ",
        "abcdefghij",
        "0123456789",
        "A1B2C3D4E5",
        "ABCDEFGHIJK",
        "klmnopqrst",
        "uvwxyz",
        "KLMNOPQRST",
        "UVWXYZ",
        "dev_1",
        "dev-1",
        "dev:1",
        "a:b_c-d",
        "up",
        "down",
        "service",
        "+",
        "#",
        "a+",
        "a#",
        "+a",
        "#a",
        "..",
        ".",
        "a.b",
        "a/b",
        "/a",
        "a/",
        "a b",
        " a",
        "a ",
        "a\n",
        "\na",
        "a\r\n",
        "a\t",
        "a\0",
        "\0a",
        "a\0b",
        "%41",
        "a%3Ab",
        "a%2Fb",
        "null",
        "undefined",
        "{a}",
        "${a}",
        "$a",
        "a$",
        "a*",
        "a?",
        "A-B",
        "a,b",
        "a;b",
        "a@b",
        "a=b",
        "a|b",
        "a\\b",
        "a'b",
        "a\"b",
        "(a)",
        "<a>",
        "~a",
        "a!",
        "a^b",
        "a&b",
        "a`b",
        "1",
        "01",
        "-1",
        "1.0",
        "1e1",
        "::",
        "--",
        "__",
        ":a",
        "-a",
        "_a",
        "a:",
        "a-",
        "a_",
        "001A2B3C4D5E6F",
    ] {
        add("level", word.to_owned());
    }
    for (class, word) in words {
        for (requirement, product_id, device_name) in
            [("TOP-3", word.as_str(), "a"), ("TOP-4", "a", word.as_str())]
        {
            let direction = if word.len() % 2 == 0 { Direction::Up } else { Direction::Down };
            let place = if requirement == "TOP-3" { "product-id" } else { "device-name" };
            all.push(made(
                format(direction, product_id, device_name),
                format!("{class}/{place}/format"),
                requirement,
                None,
            ));
            let topic = format!("$resource/{direction}/service/{product_id}/{device_name}");
            all.push(made(parse(topic), format!("{class}/{place}/parse"), requirement, None));
        }
    }
}

fn whole(all: &mut Vec<Generated>) {
    for direction in ["up", "down"] {
        let rule = if direction == "up" { "TOP-1" } else { "TOP-2" };
        for (product_id, device_name) in [
            ("a", "b"),
            ("A", "B"),
            ("ABCDEFGHIJ", "dev-1"),
            ("0", "0"),
            ("aB3", "x:y_z-0"),
            ("up", "down"),
            ("service", "service"),
            ("resource", "up"),
            ("ABCDEFGHIJ", "0123456789012345678901234567890123456789ABCDEFGH"),
        ] {
            let usual = format!("$resource/{direction}/service/{product_id}/{device_name}");
            all.push(made(parse(usual), "topic", rule, Some(true)));
            let way = if direction == "up" { Direction::Up } else { Direction::Down };
            all.push(made(format(way, product_id, device_name), "topic/format", rule, Some(true)));
        }
        let usual = format!("$resource/{direction}/service/P/d");
        let mut wrong: Vec<String> = Vec::new();
        for (before, after) in [
            ("", "/"),
            ("/", ""),
            ("", "//"),
            ("//", ""),
            (" ", ""),
            ("", " "),
            ("", "\n"),
            ("\n", ""),
            ("", "\r\n"),
            ("", "\t"),
            ("\t", ""),
            ("", "\0"),
            ("\0", ""),
            ("", "\0x"),
            ("x", ""),
            ("", "/x"),
            ("x/", ""),
            ("", "/#"),
            ("", "/+"),
            ("", "#"),
            ("", "+"),
            ("$share/g/", ""),
            ("$share/g", ""),
            ("$queue/", ""),
            ("$SYS/", ""),
            ("$", ""),
            ("$resource/", ""),
            ("", "?x"),
            ("", "\u{a0}"),
            ("\u{a0}", ""),
            ("\u{feff}", ""),
            ("", "\u{feff}"),
            ("\"", "\""),
            ("'", "'"),
            ("", "\u{2028}"),
            ("", "\u{85}"),
            ("", "\u{3000}"),
            ("", ","),
            ("", ";"),
            ("", "."),
            ("mqtt://", ""),
            ("+/", ""),
            ("#/", ""),
            ("\\", ""),
            ("^", "$"),
            ("a\n", ""),
            ("", "\na"),
            ("", &usual),
            ("", &format!("\n{usual}")),
            ("$share/group/", ""),
            ("./", ""),
            ("", "/."),
            ("", "/.."),
            ("", "\u{b}"),
            ("", "\u{c}"),
            ("\u{b}", ""),
            ("", "\u{1f}"),
            ("", "%00"),
            ("", "%20"),
        ] {
            wrong.push(format!("{before}{usual}{after}"));
        }
        for (what, instead) in [
            ("$resource", "resource"),
            ("$resource", "$Resource"),
            ("$resource", "$RESOURCE"),
            ("$resource", "$resources"),
            ("$resource", "$resourc"),
            ("$resource", "xresource"),
            ("$resource", "#resource"),
            ("$resource", "/resource"),
            ("$resource", "$$resource"),
            ("$resource", "$ota"),
            ("$resource", "$shadow"),
            ("$resource", "+"),
            ("$resource", ""),
            ("$resource", "%24resource"),
            ("$resource", " $resource"),
            ("$resource", "$resource "),
            ("$resource", "$reſource"),
            ("$resource", "＄resource"),
            ("$resource", "€resource"),
            ("$resource", "$sys"),
            ("$resource", "$_resource"),
            ("$resource", "\\$resource"),
            ("/service", "/Service"),
            ("/service", "/SERVICE"),
            ("/service", "/services"),
            ("/service", "/servic"),
            ("/service", "/+"),
            ("/service", "/"),
            ("/service", ""),
            ("/service", "/service/"),
            ("/service", "//service"),
            ("/service", "/x"),
            ("/service", "/operation"),
            ("/service", "/property"),
            ("/service", "/event"),
            ("/service", "/ſervice"),
            ("/service", "/service "),
            ("/service", "/ service"),
            ("/service", "/update"),
            ("/service", "/service/service"),
            ("/service", "/action"),
            ("/service", ".service"),
            ("/P", "/"),
            ("/P", ""),
            ("/P", "//P"),
            ("/P", "/P/"),
            ("/P", "/P/P"),
            ("/P", "/+"),
            ("/P", "/#"),
            ("/P", "/*"),
            ("/d", "/"),
            ("/d", ""),
            ("/d", "//d"),
            ("/d", "/+"),
            ("/d", "/#"),
            ("/d", "/d/d"),
            ("/d", "/d+"),
            ("/d", "/*"),
            ("/d", "d"),
            ("/d", "\\d"),
            ("/d", ".d"),
            ("/", "//"),
            ("/", "\\"),
            ("/", "."),
            ("/", "%2F"),
            ("/", "／"),
            ("/", ":"),
            ("/", "|"),
            ("/", " / "),
        ] {
            wrong.push(usual.replacen(what, instead, 1));
            wrong.push(usual.replace(what, instead));
        }
        for way in [
            "Up", "UP", "Down", "DOWN", "u", "upp", "dow", "downn", "both", "", "+", "#", "update",
            "uplink", "downlink", "in", "out", "up ", " up", "up/", "down ", "dOwn", "ｕp",
            "updown", "up|down", "\\up", "upload", "download", "report", "0",
        ] {
            wrong.push(format!("$resource/{way}/service/P/d"));
        }
        wrong.retain(|topic| *topic != usual);
        all.extend(wrong.into_iter().map(|topic| made(parse(topic), "no-topic", "TOP-5", None)));
    }
    for topic in [
        "",
        " ",
        "/",
        "//",
        "////",
        "/////",
        "#",
        "+",
        "$",
        "$resource",
        "$resource/",
        "$resource/up",
        "$resource/up/",
        "$resource/up/service",
        "$resource/up/service/",
        "$resource/up/service/P",
        "$resource/up/service/P/",
        "$resource/up/service//d",
        "$resource//service/P/d",
        "/up/service/P/d",
        "up/service/P/d",
        "$resource/up/P/d",
        "$resource/service/up/P/d",
        "$resource/up/service/d",
        "$resource/+/service/P/d",
        "$resource/up/+/P/d",
        "$resource/#",
        "$resource/up/service/P/#",
        "$resource/up/service/#",
        "$resource/up/service/+/+",
        "$resource/up/d/service/P",
        "$resource/P/d/up/service",
        "$resource/up/service/P/d/e/f",
        "P/d",
        "null",
        "$resource/up/service/P\0/d",
        "$resource/up\0/service/P/d",
        "$resource\0/up/service/P/d",
        "$resource/up/service\0/P/d",
        "$ota/report/P/d",
        "$ota/update/P/d",
        "$shadow/operation/P/d",
        "$thing/up/service/P/d",
        "$thing/up/property/P/d",
        "P/d/data",
        "$resource/up/service/{product_id}/{device_name}",
        "$resource/up/service/${productID}/${deviceName}",
    ] {
        all.push(made(parse(topic), "no-topic", "TOP-5", Some(false)));
    }
}

/// Levels of letters by chance, and now and then a character too many or too few.
fn by_chance(rng: &mut Rng) -> Generated {
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
