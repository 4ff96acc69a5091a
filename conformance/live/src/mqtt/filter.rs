//! Topic filters.

/// Whether a topic filter is valid: `+` and `#` fill a level, and `#` is the last level.
pub(crate) fn is_filter(filter: &str) -> bool {
    let levels = filter.split('/').count();
    !filter.is_empty()
        && filter.split('/').enumerate().all(|(at, level)| match level {
            "+" => true,
            "#" => at + 1 == levels,
            _ => !level.contains(['+', '#']),
        })
}

pub(crate) fn has_wildcard(filter: &str) -> bool {
    filter.contains(['+', '#'])
}

/// Whether a topic matches a filter.
pub(crate) fn matches(filter: &str, topic: &str) -> bool {
    // A wildcard in the first level does not match `$…`.
    if topic.starts_with('$') && filter.starts_with(['+', '#']) {
        return false;
    }
    let mut topic = topic.split('/');
    let mut filter = filter.split('/');
    loop {
        match (filter.next(), topic.next()) {
            (Some("#"), _) | (None, None) => return true,
            (Some("+"), Some(_)) => {}
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
        let topic = "$resource/up/service/P/d";
        for filter in [
            "$resource/#",
            "$resource/+/service/+/+",
            topic,
            "$resource/up/service/P/d/#",
            "$resource/up/service/+/d",
        ] {
            assert!(is_filter(filter) && matches(filter, topic), "{filter}");
        }
        for filter in
            ["#", "+/up/service/P/d", "$resource/+", "$resource/up/service/P", "$RESOURCE/#"]
        {
            assert!(is_filter(filter) && !matches(filter, topic), "{filter}");
        }
        for filter in ["", "a/#/b", "a#", "a/b+", "#/a"] {
            assert!(!is_filter(filter), "{filter}");
        }
        assert!(matches("+/b", "/b") && matches("#", "a/b"));
    }
}
