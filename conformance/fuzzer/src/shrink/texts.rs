//! Smaller topics, digests and bytes.

use iothub_conformance_suite::Request;
use iothub_resource::Direction;

use super::payload::ranges;

pub(super) fn candidates(request: &Request) -> Vec<Request> {
    match request {
        Request::TopicParse { topic } => {
            let usual = ["$resource", "up", "service", "a", "a"];
            let mut topics = shorter(topic, &["a", "0", "A", "/"]);
            topics.extend(with_levels(topic, &usual));
            topics.into_iter().map(|topic| Request::TopicParse { topic }).collect()
        }
        Request::TopicFormat { direction, product_id, device_name } => {
            let make = |direction, product_id: &str, device_name: &str| Request::TopicFormat {
                direction,
                product_id: product_id.to_owned(),
                device_name: device_name.to_owned(),
            };
            let letters = ["a", "0", "A"];
            let mut all = vec![
                make(Direction::Up, product_id, device_name),
                make(*direction, "a", "a"),
                make(Direction::Up, "a", "a"),
                make(*direction, product_id, "a"),
                make(*direction, "a", device_name),
            ];
            all.extend(
                shorter(product_id, &letters).iter().map(|id| make(*direction, id, device_name)),
            );
            all.extend(
                shorter(device_name, &letters)
                    .iter()
                    .map(|name| make(*direction, product_id, name)),
            );
            all
        }
        Request::Md5Digest { data } => {
            let mut all: Vec<Vec<u8>> = ranges(data.len(), 70)
                .into_iter()
                .map(|range| super::payload::without(data, range))
                .collect();
            all.extend([b"a", b"0"].map(|byte| vec![byte[0]; data.len()]));
            for at in 0..data.len().min(300) {
                all.extend([b'a', b'0'].map(|byte| {
                    let mut data = data.clone();
                    data[at] = byte;
                    data
                }));
            }
            all.extend((0..=255).map(|byte| vec![byte]));
            all.push(Vec::new());
            all.into_iter().map(|data| Request::Md5Digest { data }).collect()
        }
        Request::ContentMd5Encode { md5sum } => {
            let mut all = shorter(md5sum, &["0", "a"]);
            all.extend(in_place(md5sum, &"0".repeat(32), &['0']));
            all.into_iter().map(|md5sum| Request::ContentMd5Encode { md5sum }).collect()
        }
        Request::ContentMd5Decode { content_md5 } => {
            let mut all = shorter(content_md5, &["A", "a", "0"]);
            all.extend(in_place(content_md5, "AAAAAAAAAAAAAAAAAAAAAA==", &['A', '=']));
            all.into_iter().map(|content_md5| Request::ContentMd5Decode { content_md5 }).collect()
        }
        _ => Vec::new(),
    }
}

/// Returns copies of `text` with characters removed, or replaced with plain characters.
fn shorter(text: &str, plain: &[&str]) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let text = |chars: &[char]| chars.iter().collect::<String>();
    let mut all: Vec<String> = ranges(chars.len(), 90)
        .into_iter()
        .map(|range| text(&chars[..range.start]) + &text(&chars[range.end..]))
        .collect();
    for plain in plain {
        all.push(plain.repeat(chars.len()));
        for at in 0..chars.len().min(300) {
            all.push(text(&chars[..at]) + plain + &text(&chars[at + 1..]));
        }
    }
    all
}

/// Returns variants of `usual` with single characters, the beginning or the end of `text`.
fn in_place(text: &str, usual: &str, plain: &[char]) -> Vec<String> {
    let mut odd: Vec<char> = text.chars().filter(|c| !plain.contains(c)).collect();
    odd.sort_unstable();
    odd.dedup();
    let length = usual.chars().count();
    let mut all = vec![usual.to_owned()];
    for c in odd.into_iter().take(24) {
        for at in 0..length {
            let mut changed: String = usual.chars().take(at).collect();
            changed.push(c);
            all.push(changed.clone() + &usual[at..]);
            all.push(changed.clone() + &usual[at + 1..]);
        }
        all.push(format!("{usual}{c}"));
    }
    let head: Vec<char> = text.chars().collect();
    for count in 1..=head.len().min(8) {
        all.push(format!("{}{usual}", head[..count].iter().collect::<String>()));
        all.push(format!("{usual}{}", head[head.len() - count..].iter().collect::<String>()));
    }
    all
}

/// Returns variants of the usual topic in both directions: without a level, or with a level, the
/// beginning or the end of `topic`.
fn with_levels(topic: &str, usual: &[&str; 5]) -> Vec<String> {
    let levels: Vec<&str> = topic.split('/').collect();
    let mut all = vec![usual.join("/")];
    for level in &levels {
        for at in 0..usual.len() {
            let mut changed = usual.to_vec();
            changed[at] = level;
            all.push(changed.join("/"));
            let mut longer = usual.to_vec();
            longer.insert(at, level);
            all.push(longer.join("/"));
        }
        all.push(format!("{}/{level}", usual.join("/")));
    }
    for at in 0..levels.len() {
        let mut less = usual.to_vec();
        if at < less.len() {
            less.remove(at);
            all.push(less.join("/"));
        }
    }
    // The text at the beginning and at the end of `topic` is also tried around the usual topic.
    let chars: Vec<char> = topic.chars().collect();
    for count in 1..=chars.len().min(8) {
        all.push(format!("{}{}", chars[..count].iter().collect::<String>(), usual.join("/")));
        all.push(format!(
            "{}{}",
            usual.join("/"),
            chars[chars.len() - count..].iter().collect::<String>()
        ));
    }
    let down: Vec<String> = all.iter().map(|topic| topic.replacen("/up/", "/down/", 1)).collect();
    all.extend(down);
    all
}
