//! Changes the HTTP requests of a device that misbehaves.

use std::{fs, sync::Arc, time::Duration};

use base64ct::{Base64, Encoding};
use iothub_conformance_suite::url::Url;
use iothub_resource::{ContentMd5, Md5Sum, ResourceUrl};

use super::misbehave::Misbehaviour;
use crate::http::client::{Body, Request, Writing};

const CONTENT_LENGTH: &str = "Content-Length";
const CONTENT_MD5: &str = "Content-MD5";
const HOST: &str = "Host";
const RANGE: &str = "Range";

/// Changes a request as the misbehaviour requires.
pub(super) fn spoil(how: Misbehaviour, request: &mut Request) {
    match how {
        Misbehaviour::DropsTls => {
            let plain = request.url.as_str().replacen("https:", "http:", 1);
            if let Ok(url) = ResourceUrl::new(plain) {
                request.url = url;
            }
        }
        Misbehaviour::NoContentMd5 => request.headers.retain(|(name, _)| *name != CONTENT_MD5),
        Misbehaviour::Base64OfHex => {
            change(request, CONTENT_MD5, |value| {
                let hex = Md5Sum::from(ContentMd5::from_base64(value).ok()?).to_string();
                Some(Base64::encode_string(hex.as_bytes()))
            });
        }
        Misbehaviour::HexContentMd5 => change(request, CONTENT_MD5, |value| {
            Some(Md5Sum::from(ContentMd5::from_base64(value).ok()?).to_string())
        }),
        Misbehaviour::UnpaddedContentMd5 => {
            change(request, CONTENT_MD5, |value| Some(value.trim_end_matches('=').to_owned()))
        }
        Misbehaviour::WrongContentMd5 => change(request, CONTENT_MD5, |_| {
            Some(ContentMd5::from(Md5Sum::of(b"other bytes")).to_string())
        }),
        Misbehaviour::DoubleContentMd5 => {
            let is_it = |(name, _): &&(&'static str, String)| *name == CONTENT_MD5;
            let again = request.headers.iter().find(is_it).cloned();
            request.headers.extend(again);
        }
        Misbehaviour::WrongBytes
        | Misbehaviour::DropsCr
        | Misbehaviour::AddsCr
        | Misbehaviour::TrimsEnd
        | Misbehaviour::EndsAtZero
        | Misbehaviour::ShortBody
        | Misbehaviour::Chunked
        | Misbehaviour::CutBody
        | Misbehaviour::LongBody => change_body(how, request),
        Misbehaviour::NoQuery => {
            let bare = request.url.as_str().split('?').next().unwrap_or_default().to_owned();
            if let Ok(url) = ResourceUrl::new(bare) {
                request.url = url;
            }
        }
        Misbehaviour::CutsUrls => {
            let cut: String = request.url.as_str().chars().take(800).collect();
            request.url = ResourceUrl::new(cut).unwrap_or_else(|_| request.url.clone());
        }
        Misbehaviour::IgnoresPorts => {
            // No server listens on this port.
            let url = request.url.as_str().replacen(
                &format!("{}:", request.url.host()),
                "127.0.0.1:1?",
                1,
            );
            request.url = ResourceUrl::new(url).unwrap_or_else(|_| request.url.clone());
        }
        // The client does not send a `Host` header without a value.
        Misbehaviour::NoHost => request.headers.push((HOST, String::new())),
        Misbehaviour::DoubleHost => {
            let host = Url::split(request.url.as_str()).map_or("", |url| url.authority);
            request.headers.extend([(HOST, host.to_owned()), (HOST, host.to_owned())]);
        }
        Misbehaviour::HostWithoutPort => {
            let host = request.url.host().to_owned();
            request.headers.push((HOST, host));
        }
        Misbehaviour::ForeignHost => request.headers.push((HOST, "other.example".to_owned())),
        Misbehaviour::WritesParts => write_as(request, Writing::Once),
        Misbehaviour::SendsSlowly => {
            write_as(request, Writing::Slowly(Duration::from_millis(300)));
        }
        Misbehaviour::NarrowRanges => change(request, RANGE, |value| {
            let (first, last) = value.split_once('-')?;
            let last = last.parse::<u64>().ok()?;
            // The device calculates the value as a signed 32-bit number.
            let narrow = i64::from(u32::try_from(last & 0xffff_ffff).ok()?.cast_signed());
            Some(format!("{first}-{narrow}"))
        }),
        Misbehaviour::RangeOfEmpty => {
            let has_range = request.headers.iter().any(|(name, _)| *name == RANGE);
            if request.method == "GET" && !has_range {
                request.headers.push((RANGE, "bytes=0-0".to_owned()));
            }
        }
        Misbehaviour::RangeTooLong => change(request, RANGE, |value| {
            let (first, last) = value.split_once('-')?;
            Some(format!("{first}-{}", last.parse::<u64>().ok()? + 1))
        }),
        _ => {}
    }
}

/// Sets the way in which a body from a file is written. Any other body stays the same.
fn write_as(request: &mut Request, writing: Writing) {
    if let Body::File(path, length) = &request.body {
        request.body = Body::Written(path.clone(), *length, writing);
    }
}

/// Returns `bytes` as a program in text mode reads or writes them; `None` if the misbehaviour does
/// not treat bytes as text.
pub(super) fn as_text(how: Misbehaviour, bytes: &[u8]) -> Option<Vec<u8>> {
    Some(match how {
        Misbehaviour::DropsCr => bytes.iter().copied().filter(|byte| *byte != b'\r').collect(),
        Misbehaviour::AddsCr => {
            let line_end =
                |byte: &u8| if *byte == b'\n' { vec![b'\r', b'\n'] } else { vec![*byte] };
            bytes.iter().flat_map(line_end).collect()
        }
        Misbehaviour::TrimsEnd => bytes.trim_ascii_end().to_vec(),
        Misbehaviour::EndsAtZero => bytes.iter().copied().take_while(|byte| *byte != 0).collect(),
        _ => return None,
    })
}

/// Changes the bytes of a body from a file, their number, or their framing.
fn change_body(how: Misbehaviour, request: &mut Request) {
    let Body::File(path, _) = &request.body else { return };
    let mut bytes = fs::read(path).unwrap_or_default();
    match how {
        Misbehaviour::WrongBytes => bytes.iter_mut().for_each(|byte| *byte = !*byte),
        Misbehaviour::CutBody => drop(bytes.pop()),
        Misbehaviour::LongBody => bytes.push(b'.'),
        Misbehaviour::Chunked => {
            let size = format!("{:x}\r\n", bytes.len());
            bytes = [size.as_bytes(), &bytes, b"\r\n0\r\n\r\n"].concat();
            request.headers.retain(|(name, _)| *name != CONTENT_LENGTH);
            request.headers.push(("Transfer-Encoding", "chunked".to_owned()));
        }
        Misbehaviour::ShortBody => {
            bytes.truncate(bytes.len() / 2);
            let length = bytes.len().to_string();
            change(request, CONTENT_LENGTH, |_| Some(length.clone()));
        }
        _ => bytes = as_text(how, &bytes).unwrap_or(bytes),
    }
    request.body = Body::Bytes(Arc::from(bytes));
}

/// Replaces each value of `header` with the result of `new`. If `new` returns `None`, the value
/// stays the same.
fn change(request: &mut Request, header: &str, new: impl Fn(&str) -> Option<String>) {
    for (name, value) in &mut request.headers {
        if *name == header
            && let Some(new) = new(value)
        {
            *value = new;
        }
    }
}
