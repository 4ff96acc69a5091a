//! Parses a transfer on a line: the JSON object under the key `http`.

use std::fmt;

use iothub_resource::{Md5Sum, ResourceUrl};
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;

use super::entry::Unreadable;
use crate::http::TransferRecord;

/// The keys that are read. Other keys are ignored.
#[derive(Deserialize)]
struct Http<'a> {
    #[serde(borrow)]
    method: Option<&'a RawValue>,
    #[serde(borrow)]
    url: Option<&'a RawValue>,
    #[serde(borrow)]
    status: Option<&'a RawValue>,
    #[serde(borrow)]
    headers: Option<&'a RawValue>,
    #[serde(borrow)]
    body_length: Option<&'a RawValue>,
    #[serde(borrow)]
    body_md5: Option<&'a RawValue>,
}

pub(super) fn read(http: &RawValue) -> Result<TransferRecord, Unreadable> {
    let wrong = |key, expected| Unreadable::WrongType { key, expected };
    let http: Http<'_> = serde_json::from_str(http.get())
        .map_err(|_| wrong("http", "an object without duplicate keys"))?;
    let method = http.method.ok_or(Unreadable::Missing("method"))?;
    let url = http.url.ok_or(Unreadable::Missing("url"))?;
    let url: String = value(url).ok_or(wrong("url", "a string"))?;
    let url = ResourceUrl::new(url)
        .map_err(|_| wrong("url", "a complete URL that begins with http:// or https://"))?;
    let method = value(method).ok_or(wrong("method", "a string"))?;
    let status = http.status.map(|status| {
        let status = value::<u16>(status).filter(|status| (100..600).contains(status));
        status.ok_or(wrong("status", "a number from 100 to 599"))
    });
    let headers = http.headers.map(|headers| {
        let expected = "an object whose values are strings or arrays of strings";
        value::<Headers>(headers).map(|headers| headers.0).ok_or(wrong("headers", expected))
    });
    let length = http
        .body_length
        .map(|length| value::<u64>(length).ok_or(wrong("body_length", "a number of bytes")));
    let digest = http.body_md5.map(|digest| {
        let digits = value::<String>(digest);
        let digest = digits.and_then(|digits| Md5Sum::from_hex_any_case(&digits).ok());
        digest.ok_or(wrong("body_md5", "32 hexadecimal digits"))
    });
    let mut record = TransferRecord::new(method, url);
    record.status = status.transpose()?;
    record.headers = headers.transpose()?;
    record.body_length = length.transpose()?;
    record.body_md5 = digest.transpose()?;
    Ok(record)
}

fn value<'a, T: Deserialize<'a>>(raw: &'a RawValue) -> Option<T> {
    serde_json::from_str(raw.get()).ok()
}

/// The names and values of headers, in the order of the JSON object. A name may occur twice or have
/// several values.
struct Headers(Vec<(String, String)>);

#[derive(Deserialize)]
#[serde(untagged)]
enum Values {
    One(String),
    Several(Vec<String>),
}

impl<'de> Deserialize<'de> for Headers {
    fn deserialize<D: Deserializer<'de>>(object: D) -> Result<Self, D::Error> {
        struct Take;

        impl<'de> Visitor<'de> for Take {
            type Value = Headers;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Headers, M::Error> {
                let mut headers = Vec::new();
                while let Some((name, values)) = map.next_entry::<String, Values>()? {
                    let values = match values {
                        Values::One(value) => vec![value],
                        Values::Several(values) => values,
                    };
                    let trimmed = |value: String| (name.clone(), value.trim().to_owned());
                    headers.extend(values.into_iter().map(trimmed));
                }
                Ok(Headers(headers))
            }
        }

        object.deserialize_map(Take)
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{Entry, read_line},
        *,
    };

    fn read(http: &str) -> Result<TransferRecord, Unreadable> {
        match read_line(format!("{{\"time\":1,\"http\":{http}}}").as_bytes())? {
            Entry::Transfer(record) => Ok(record),
            other => panic!("no transfer: {other:?}"),
        }
    }

    #[test]
    fn transfers() {
        let least = read(r#"{"method":"PUT","url":"http://h/a?b","status":null}"#).unwrap();
        assert_eq!(
            least,
            TransferRecord::new("PUT".to_owned(), ResourceUrl::new("http://h/a?b").unwrap())
        );
        let all = read(
            r#"{"method":"GET","url":"http://h/","status":206,"took":1.5,"headers":{"A":"b ","c":["d","e"],"c":"f"},
            "body_length":5,"body_md5":"5D41402ABC4B2A76B9719D911017C592"}"#,
        )
        .unwrap();
        let headers = all.headers.unwrap();
        let headers: Vec<_> =
            headers.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(headers, ["A=b", "c=d", "c=e", "c=f"]);
        assert_eq!((all.status, all.body_length), (Some(206), Some(5)));
        assert_eq!(all.body_md5, Some(Md5Sum::of(b"hello")));
    }

    #[test]
    fn what_makes_no_sense() {
        for (http, key) in [
            ("1", "http"),
            ("null", "http"),
            (r#"{"method":"PUT","url":"http://h/","url":"http://h/"}"#, "http"),
            (r#"{"method":1,"url":"http://h/"}"#, "method"),
            (r#"{"method":"PUT","url":"/a"}"#, "url"),
            (r#"{"method":"PUT","url":"http://h/","status":"200"}"#, "status"),
            (r#"{"method":"PUT","url":"http://h/","status":99}"#, "status"),
            (r#"{"method":"PUT","url":"http://h/","headers":[]}"#, "headers"),
            (r#"{"method":"PUT","url":"http://h/","headers":{"a":1}}"#, "headers"),
            (r#"{"method":"PUT","url":"http://h/","body_length":-1}"#, "body_length"),
            (
                r#"{"method":"PUT","url":"http://h/","body_md5":"XUFAKrxLKna5cZ2REBfFkg=="}"#,
                "body_md5",
            ),
        ] {
            let Err(Unreadable::WrongType { key: found, .. }) = read(http) else {
                panic!("{http} can be read")
            };
            assert_eq!(found, key, "{http}");
        }
        assert_eq!(read(r#"{"url":"http://h/"}"#), Err(Unreadable::Missing("method")));
        assert_eq!(read(r#"{"method":"PUT"}"#), Err(Unreadable::Missing("url")));
        let both = read_line(br#"{"topic":"a","http":{}}"#);
        assert_eq!(both, Err(Unreadable::TwoKinds));
    }
}
