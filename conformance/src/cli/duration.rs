//! Parses the time limits in options.

use std::time::Duration;

/// Parses a time limit: a number of milliseconds, or a number with the unit `ms`, `s`, `m` or
/// `min`.
pub(super) fn limit(text: &str) -> Result<Duration, String> {
    const EXAMPLES: &str = "a number with an optional unit (ms, s, m or min), for example 5000 \
                            (milliseconds), 500ms, 5s or 2m";
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &text[digits.len()..] {
        "" | "ms" => 1,
        "s" => 1000,
        "m" | "min" => 60_000,
        _ => return Err(format!("it is not a time: expected {EXAMPLES}")),
    };
    let number: u64 =
        digits.parse().map_err(|_| format!("it is not a time: expected {EXAMPLES}"))?;
    match number.checked_mul(unit) {
        None => Err(format!("it is too long: expected {EXAMPLES}")),
        Some(0) => Err(format!("it must be more than 0: expected {EXAMPLES}")),
        Some(milliseconds) => Ok(Duration::from_millis(milliseconds)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        for (text, milliseconds) in [
            ("1", 1),
            ("5000", 5000),
            ("500ms", 500),
            ("5s", 5000),
            ("2m", 120_000),
            ("1min", 60_000),
        ] {
            assert_eq!(limit(text), Ok(Duration::from_millis(milliseconds)), "{text}");
        }
        for text in ["", "0", "0s", "soon", "5 s", "-1", "1.5s", "5h", "99999999999999999999", "s"]
        {
            assert!(limit(text).is_err_and(|why| why.contains("5s")), "{text}");
        }
    }
}
