//! Extracts strings from a payload that cannot be decoded. Some devices also search a payload for a
//! URL without decoding it.

/// Returns the first string value of `key` that contains no escapes except `\/`, and decodes `\/`
/// as a slash. Returns `None` if the payload has no such value.
#[must_use]
pub fn string_of(payload: &[u8], key: &str) -> Option<String> {
    let text = String::from_utf8_lossy(payload);
    let quoted = format!("\"{key}\"");
    let mut rest = &*text;
    while let Some((_, after)) = rest.split_once(&*quoted) {
        rest = after;
        let value = after.trim_ascii_start().strip_prefix(':').map(str::trim_ascii_start);
        let Some(value) = value.and_then(|value| value.strip_prefix('"')) else { continue };
        let Some((value, _)) = value.split_once('"') else { continue };
        let value = value.replace("\\/", "/");
        if !value.contains('\\') {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings() {
        let payload =
            br#"{"type" : "create_upload_task_rsp","url":7,"url":"http:\/\/h\/a","size":,}"#;
        let read = |key| string_of(payload, key);
        assert_eq!(read("type").as_deref(), Some("create_upload_task_rsp"));
        assert_eq!(read("url").as_deref(), Some("http://h/a"));
        assert_eq!(read("name"), None);
        assert_eq!(string_of(b"{\"url\":\"http://h/a", "url"), None);
        assert_eq!(string_of(b"{\"url\":\"a\\u0062\"}", "url"), None);
    }
}
