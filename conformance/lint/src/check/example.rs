//! Provides examples of right values for the output and for repairs.

use iothub_resource::{Key, MessageType, Transfer};

/// Returns an example of a right value for a key, as JSON.
pub(super) fn value(key: Key, message_type: MessageType) -> String {
    match key {
        Key::Type => format!("\"{message_type}\""),
        Key::Size => "1024".to_owned(),
        Key::Name => "\"firmware.bin\"".to_owned(),
        Key::Md5sum => "\"0f343b0931126a20f133d67c2b018a3b\"".to_owned(),
        Key::Url => "\"https://store.example/firmware.bin\"".to_owned(),
        Key::Progress => {
            let members: Vec<_> = Key::IN_PROGRESS
                .iter()
                .map(|key| format!("\"{key}\":{}", value(*key, message_type)))
                .collect();
            format!("{{{}}}", members.join(","))
        }
        Key::State => format!("\"{}\"", transfer(message_type).running_word()),
        Key::Percent => "50".to_owned(),
        Key::ResultCode => "0".to_owned(),
        Key::ResultMsg => "\"ok\"".to_owned(),
        // There are no other keys.
        _ => "null".to_owned(),
    }
}

fn transfer(message_type: MessageType) -> Transfer {
    match message_type {
        MessageType::ReportDownloadProgress => Transfer::Download,
        _ => Transfer::Upload,
    }
}

/// Returns the item of `words` that is most similar to `word`, or `None` if no item is similar.
pub(super) fn nearest<'w>(word: &str, words: impl Iterator<Item = &'w str>) -> Option<&'w str> {
    const ALIKE: f64 = 0.6;
    let plain = |word: &str| word.to_ascii_lowercase().replace(['_', '-', ' '], "");
    let word = plain(word);
    let likeness = |other: &str| {
        let other = plain(other);
        // For example, `md5` resembles `md5sum`, and `file_size` resembles `size`.
        let is_part = word.len() > 2 && (other.starts_with(&word) || word.ends_with(&other));
        let likeness = strsim::normalized_damerau_levenshtein(&word, &other);
        if is_part { likeness.max(ALIKE) } else { likeness }
    };
    words
        .map(|other| (likeness(other), other))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, other)| other)
}

#[cfg(test)]
mod tests {
    use iothub_resource::{Message, Profile};

    use super::*;

    #[test]
    fn examples_are_valid() {
        for message_type in MessageType::ALL {
            let keys = message_type.keys().iter();
            let members = keys.map(|key| format!(",\"{key}\":{}", value(*key, *message_type)));
            let json = format!("{{\"type\":\"{message_type}\"{}}}", members.collect::<String>());
            assert!(Message::from_json(Profile::Deployed, &json).is_ok(), "{json}");
        }
    }

    #[test]
    fn a_slip_is_recognised() {
        let keys = || Key::TOP.iter().map(|key| key.as_str());
        for (word, key) in [
            ("md5", Some("md5sum")),
            ("MD5Sum", Some("md5sum")),
            ("file_size", Some("size")),
            ("sizee", Some("size")),
            ("resultCode", Some("result_code")),
            ("version", None),
            ("x", None),
        ] {
            assert_eq!(nearest(word, keys()), key, "{word}");
        }
    }
}
