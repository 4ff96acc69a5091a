//! Converts names of resources to names that are safe in file systems and URLs.

use std::fmt::Write;

use iothub_resource::{Md5Sum, ResourceName};

/// The maximum length of a file name in bytes, which leaves space for a prefix.
const LONGEST: usize = 200;

/// Names that Windows reserves, with or without an extension, in addition to `com` and `lpt` with a
/// digit.
const RESERVED: [&str; 4] = ["con", "prn", "aux", "nul"];

/// Returns a safe file name for the name of a resource or device. Letters and digits of any script,
/// `-`, `_`, and inner periods and spaces are kept. Other characters are percent-encoded, and so is
/// the first letter of a name that Windows reserves. Different names give different file names,
/// even if the file names are truncated.
pub(crate) fn file_name(name: &str) -> String {
    let mut safe = String::with_capacity(name.len());
    let stem = name.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let numbered = |prefix| {
        stem.strip_prefix(prefix).is_some_and(|rest: &str| {
            rest.len() == 1 && rest.bytes().all(|byte| byte.is_ascii_digit())
        })
    };
    let reserved = RESERVED.contains(&&*stem) || numbered("com") || numbered("lpt");
    let last = name.char_indices().last().map_or(0, |(at, _)| at);
    for (at, c) in name.char_indices() {
        let fits = match c {
            '-' | '_' => true,
            '.' | ' ' => at > 0 && at < last,
            c => c.is_alphanumeric() && !(at == 0 && reserved),
        };
        if fits { safe.push(c) } else { escape(c, &mut safe) }
    }
    if safe.len() > LONGEST {
        let cut = (0..=LONGEST).rev().find(|&at| safe.is_char_boundary(at)).unwrap_or(0);
        safe.truncate(cut);
        let _ = write!(safe, "~{}", Md5Sum::of(name.as_bytes()));
    }
    safe
}

/// Returns the name as the last part of a URL path. This part is only for human readers. A long
/// name is truncated.
pub(super) fn url_segment(name: &ResourceName<'_>) -> String {
    /// The maximum length of the part in bytes, which keeps URLs within the length limits of
    /// devices.
    const LONGEST: usize = 240;
    let mut segment = String::new();
    for c in name.as_str().chars() {
        let length = segment.len();
        match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '_' => segment.push(c),
            '.' if length > 0 => segment.push(c),
            // Clients would resolve `.` and `..` in any encoding.
            '.' => segment.push('_'),
            _ => escape(c, &mut segment),
        }
        if segment.len() > LONGEST {
            segment.truncate(length);
            break;
        }
    }
    segment
}

fn escape(c: char, text: &mut String) {
    for byte in c.encode_utf8(&mut [0; 4]).bytes() {
        let _ = write!(text, "%{byte:02X}");
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn file_names() {
        for (name, safe) in [
            ("zxc.bin", "zxc.bin"),
            ("报告 1.txt", "报告 1.txt"),
            (".", "%2E"),
            ("..", "%2E%2E"),
            ("../x", "%2E.%2Fx"),
            (".hidden", "%2Ehidden"),
            ("a.", "a%2E"),
            ("50%", "50%25"),
            ("C:\\x", "C%3A%5Cx"),
            ("nul.txt", "%6Eul.txt"),
            ("COM1", "%43OM1"),
            ("~", "%7E"),
        ] {
            assert_eq!(file_name(name), safe);
        }
        let long = ["a".repeat(300), "a".repeat(301), "中".repeat(500), "/".repeat(300)];
        let names: HashSet<_> = long.iter().map(|name| file_name(name)).collect();
        assert_eq!(names.len(), long.len());
        assert!(names.iter().all(|name| name.len() < 240), "{names:?}");
    }

    #[test]
    fn segments() {
        let segment = |name: &'static str| url_segment(&ResourceName::new(name).unwrap());
        assert_eq!(segment("a b/中.x"), "a%20b%2F%E4%B8%AD.x");
        assert_eq!(segment(".."), "_.");
        assert!(url_segment(&ResourceName::new("中".repeat(99)).unwrap()).len() <= 240);
    }
}
