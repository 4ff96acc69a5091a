//! Explains how the target of a request differs from the issued target.

/// Returns whether two targets have the same path.
pub(super) fn same_path(issued: &str, target: &str) -> bool {
    path_and_query(issued).0 == path_and_query(target).0
}

/// Returns whether a target is probably the issued target with a differently spelled path.
pub(super) fn is_nearly(issued: &str, target: &str) -> bool {
    let path = |target: &str| plain(path_and_query(target).0);
    path(issued) == path(target)
}

/// Returns the difference between a target and the issued target, as the end of a sentence. The
/// text does not quote the query string, which may contain a signature.
#[must_use]
pub fn difference(issued: &str, target: &str) -> String {
    let (issued_path, issued_query) = path_and_query(issued);
    let (path, query) = path_and_query(target);
    let is_same_path = path == issued_path;
    match (issued_query, query) {
        (Some(_), None) if is_same_path => "its query string is missing".to_owned(),
        _ if issued.starts_with(target) => {
            format!("it is cut after {} of {} characters", target.len(), issued.len())
        }
        (None, Some(_)) if is_same_path => "the issued URL has no query string".to_owned(),
        _ if decoded(issued) == decoded(target) => "its percent-encoding is different".to_owned(),
        _ if issued.eq_ignore_ascii_case(target) => "its letters differ in case".to_owned(),
        _ if is_same_path => "its query string is different".to_owned(),
        _ => "its path is different".to_owned(),
    }
}

fn path_and_query(target: &str) -> (&str, Option<&str>) {
    target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)))
}

/// Returns a path without the differences that `is_nearly` ignores: encoding, case, and repeated
/// slashes.
fn plain(path: &str) -> Vec<u8> {
    let mut plain = decoded(path);
    plain.make_ascii_lowercase();
    plain.dedup_by(|next, last| *next == b'/' && *last == b'/');
    plain
}

fn decoded(text: &str) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let digits = match rest {
            [b'%', high, low, ..] => std::str::from_utf8(&[*high, *low])
                .ok()
                .and_then(|digits| u8::from_str_radix(digits, 16).ok()),
            _ => None,
        };
        decoded.push(digits.unwrap_or(*first));
        rest = if digits.is_some() { &rest[3..] } else { after };
    }
    decoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences() {
        for (issued, target, words) in [
            ("/a/b?sign=c", "/a/b", "query string is missing"),
            ("/a/b?sign=c", "/a/b?sign=", "cut after 10 of 11 characters"),
            ("/a/b?sign=c", "/a/", "cut after 3 of 11 characters"),
            ("/a/b", "/a/b?sign=c", "has no query string"),
            ("/a%2Fb?c=d%3D", "/a%2fb?c=d=", "percent-encoding"),
            ("/a b", "/a%20b", "percent-encoding"),
            ("/a/b?c=d", "/A/b?c=d", "differ in case"),
            ("/a/b?c=d", "/a/b?c=e", "query string is different"),
            ("/a/b?c=d", "//a/b?c=d", "path is different"),
        ] {
            let told = difference(issued, target);
            assert!(told.contains(words), "{issued} {target}: {told}");
        }
    }

    #[test]
    fn what_is_nearly_the_same() {
        for (target, is) in [
            ("/a%2fB/c?other", true),
            ("/a/b/c", true),
            ("//a//b/c", true),
            ("/a/b/d", false),
            ("/", false),
            ("/a%2", false),
        ] {
            assert_eq!(is_nearly("/a/b/c?sign=d", target), is, "{target}");
        }
    }
}
