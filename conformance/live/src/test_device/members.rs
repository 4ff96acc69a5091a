//! The keys and values of a message, as JSON texts.

use iothub_resource::ResourceTask;

/// A key with its value, both as JSON texts.
pub(super) struct Member {
    pub(super) key: Vec<u8>,
    pub(super) value: Vec<u8>,
}

impl Member {
    /// Returns the value without its quotes.
    pub(super) fn inner(&self) -> &[u8] {
        let quoted = self.value.strip_prefix(b"\"");
        quoted.and_then(|rest| rest.strip_suffix(b"\"")).unwrap_or(&self.value)
    }
}

impl From<(&str, String)> for Member {
    fn from((key, value): (&str, String)) -> Self {
        Self { key: format!("\"{key}\"").into_bytes(), value: value.into_bytes() }
    }
}

/// Returns the members of a message that delivers a task, in the order of the vendor's
/// documentation.
pub(super) fn of_task(kind: &str, task: &ResourceTask<'_>) -> Vec<Member> {
    // Encoding a string cannot fail.
    let text = |value: &str| serde_json::to_string(value).unwrap_or_default();
    let members = [
        ("type", text(kind)),
        ("size", task.size.to_string()),
        ("name", text(task.name.as_str())),
        ("md5sum", text(&task.md5sum.to_string())),
        ("url", text(task.url.as_str())),
    ];
    members.map(Member::from).into()
}

/// Returns a message as compact JSON, with `last` before the closing brace.
pub(super) fn json(members: &[Member], last: &[u8]) -> Vec<u8> {
    let members: Vec<_> = members
        .iter()
        .map(|Member { key, value }| [key, value].map(Vec::as_slice).join(&b':'))
        .collect();
    [b"{", &*members.join(&b','), last, b"}"].concat()
}

/// Returns `bytes` with each occurrence of `from` replaced with `to`.
pub(super) fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut result = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = rest.windows(from.len()).position(|window| window == from) {
        result.extend_from_slice(&rest[..at]);
        result.extend_from_slice(to);
        rest = &rest[at + from.len()..];
    }
    result.extend_from_slice(rest);
    result
}
