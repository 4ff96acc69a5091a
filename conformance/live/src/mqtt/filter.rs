//! Checks topics and topic filters.

/// The maximum length of a topic or filter, in bytes. The topics of resource management are about
/// 80 bytes long.
const LONGEST: usize = 1 << 10;
/// The maximum number of levels in a topic or filter. The topics of resource management have five
/// levels. A topic can match two branches of the filter tree at each level, so the maximum number
/// of levels limits the time of a search.
const LEVELS: usize = 8;

/// Returns whether a topic is valid in a PUBLISH. A valid topic has no wildcards and is within the
/// limits on length and levels.
pub(crate) fn is_topic(topic: &str) -> bool {
    is_short(topic) && !topic.contains(['+', '#'])
}

/// Returns whether a topic filter is valid. In a valid filter, `+` and `#` occupy a whole level,
/// and `#` is the last level. A valid filter is also within the limits on length and levels.
pub(crate) fn is_filter(filter: &str) -> bool {
    let levels = filter.split('/').count();
    is_short(filter)
        && filter.split('/').enumerate().all(|(at, level)| match level {
            "+" => true,
            "#" => at + 1 == levels,
            _ => !level.contains(['+', '#']),
        })
}

/// Returns whether the subscribers of a filter share its messages, so that each message goes to one
/// subscriber.
pub(super) fn is_shared(filter: &str) -> bool {
    filter.starts_with("$share/")
}

fn is_short(text: &str) -> bool {
    (1..=LONGEST).contains(&text.len()) && text.split('/').count() <= LEVELS
}

/// Returns whether a topic begins with `$`, so that a wildcard at the first level does not match
/// the topic.
pub(super) fn is_reserved(topic: &str) -> bool {
    topic.starts_with('$')
}

/// Returns whether every topic that matches `narrow` also matches `wide`.
pub(super) fn covers(wide: &str, narrow: &str) -> bool {
    if is_reserved(narrow) && wide.starts_with(['+', '#']) {
        return false;
    }
    let (mut wide, mut narrow) = (wide.split('/'), narrow.split('/'));
    loop {
        match (wide.next(), narrow.next()) {
            (Some("#"), _) | (None, None) => return true,
            (Some("+"), Some(level)) if level != "#" => {}
            (Some(wanted), Some(level)) if wanted == level => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters() {
        for filter in ["$resource/#", "$resource/+/service/+/+", "/", "+/b", "a/+/#"] {
            assert!(is_filter(filter), "{filter}");
        }
        let long = "x".repeat(LONGEST + 1);
        for filter in ["", "a/#/b", "a#", "a/b+", "#/a", "1/2/3/4/5/6/7/8/9", &long] {
            assert!(!is_filter(filter), "{filter}");
        }
        assert!(is_topic("$resource/up/service/P/d") && is_topic(&long[1..]));
        for topic in ["", "a/+", "#", "1/2/3/4/5/6/7/8/9", &long] {
            assert!(!is_topic(topic), "{topic}");
        }
    }

    #[test]
    fn what_a_filter_covers() {
        let topic = "$resource/up/service/P/d";
        for (wide, narrow) in [
            ("$resource/#", topic),
            ("$resource/#", "$resource/+/service/+/+"),
            ("$resource/#", "$resource"),
            ("$resource/up/service/+/d", topic),
            (topic, topic),
            ("a/+", "a/+"),
            ("a/+/#", "a/+/#"),
            ("#", "a/b"),
        ] {
            assert!(covers(wide, narrow), "{wide} {narrow}");
        }
        for (wide, narrow) in [
            ("#", topic),
            ("+/up/service/P/d", topic),
            ("$resource/+", topic),
            ("a/+", "a/#"),
            ("a/b", "a/+"),
            ("a", "a/#"),
            ("a/b/c", "a/b"),
        ] {
            assert!(!covers(wide, narrow), "{wide} {narrow}");
        }
    }
}
