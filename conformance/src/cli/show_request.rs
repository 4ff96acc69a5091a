//! Prints requests of the adapter protocol in a readable form.

use std::io::Write;

use super::status::Error;
use crate::{Event, Request};

pub(super) fn show_request(request: &Request, out: &mut dyn Write) -> Result<(), Error> {
    let op = request.op().as_str();
    match request.profile() {
        Some(profile) => writeln!(out, "{op}, profile {profile}")?,
        None => writeln!(out, "{op}")?,
    }
    match request {
        Request::Decode { direction, payload, .. } => {
            writeln!(out, "{} bytes on the {direction} topic:", payload.len())?;
            show_bytes(payload, out)?;
        }
        Request::Md5Digest { data } => {
            writeln!(out, "{} bytes:", data.len())?;
            show_bytes(data, out)?;
        }
        Request::Encode { message, .. } => writeln!(out, "{}", shown(message.get()))?,
        Request::TopicFormat { direction, product_id, device_name } => {
            writeln!(
                out,
                "direction {direction}, product id {product_id:?}, device name {device_name:?}"
            )?;
        }
        Request::TopicParse { topic } => writeln!(out, "{topic:?}")?,
        Request::ContentMd5Encode { md5sum } => writeln!(out, "{md5sum:?}")?,
        Request::ContentMd5Decode { content_md5 } => writeln!(out, "{content_md5:?}")?,
        Request::Trace { events, .. } => {
            for (at, Event { direction, message, dup, .. }) in events.iter().enumerate() {
                let dup = if *dup { " (DUP)" } else { "" };
                writeln!(out, "{at:>3} {direction:<4}{dup} {}", shown(message.get()))?;
            }
        }
    }
    Ok(())
}

/// Prints UTF-8 bytes as text with escapes, and other bytes as a hex dump.
fn show_bytes(bytes: &[u8], out: &mut dyn Write) -> Result<(), Error> {
    const LONGEST: usize = 512;
    let head = bytes.get(..LONGEST).unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => writeln!(out, "{}", shown(text))?,
        Err(_) => {
            for (row, chunk) in head.chunks(16).enumerate() {
                let hex: String = chunk.iter().map(|byte| format!("{byte:02x} ")).collect();
                let text: String = chunk
                    .iter()
                    .map(|&byte| if byte.is_ascii_graphic() { byte.into() } else { '.' })
                    .collect();
                writeln!(out, "{:06x}  {hex:<48} {text}", row * 16)?;
            }
            if bytes.len() > LONGEST {
                writeln!(out, "… {} more bytes", bytes.len() - LONGEST)?;
            }
        }
    }
    Ok(())
}

/// Returns `text` with unprintable characters escaped. A long text is shortened in the middle.
pub(super) fn shown(text: &str) -> String {
    const EDGE: usize = 400;
    let escape = |text: &str| -> String {
        text.chars()
            .map(|c| match c {
                '\n' => "\\n\n".to_owned(),
                ' '..='~' => c.to_string(),
                c if c.is_alphanumeric() => c.to_string(),
                c => c.escape_default().to_string(),
            })
            .collect()
    };
    let chars = text.chars().count();
    if chars <= 2 * EDGE + 100 {
        return escape(text);
    }
    let head: String = text.chars().take(EDGE).collect();
    let tail: String = text.chars().skip(chars - EDGE).collect();
    format!("{}\n… {} more characters …\n{}", escape(&head), chars - 2 * EDGE, escape(&tail))
}
