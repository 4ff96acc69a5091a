//! The values that a misbehaving device reads in the bytes of a message.

use iothub_resource::ResourceUrl;

/// Returns whether a reader misses the end of a message because it also counts the braces in
/// strings.
pub(super) fn ends_early(payload: &[u8]) -> bool {
    let mut depth = 0_i32;
    let end = payload.iter().position(|byte| {
        depth += match byte {
            b'{' => 1,
            b'}' => -1,
            _ => 0,
        };
        depth == 0 && *byte == b'}'
    });
    end.is_none_or(|end| end + 1 < payload.len())
}

/// Returns the first `http` URL in a text; `None` if there is no such URL or it is invalid.
pub(super) fn url_in(text: &str) -> Option<ResourceUrl<'static>> {
    let begin = text.get(text.find("http://")?..)?;
    let is_end = |c: char| matches!(c, '"' | '\'' | '\\') || !c.is_ascii_graphic();
    let url = begin.split(is_end).next()?;
    ResourceUrl::new(url.to_owned()).ok()
}
