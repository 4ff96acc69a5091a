//! Writes results as an HTML page in one file. The page needs no network and shows the failures
//! even without its script.

mod matrix;
mod outward;
mod single;
mod view;

use std::io::{self, Write};

use base64ct::{Base64, Encoding};
use minijinja::{Environment, Value, value::Serde};
use serde::Serialize;
use sha2::{Digest, Sha256};

use self::view::Head;
use super::StoredResult;
use crate::Requirement;

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("style.css");
/// The scripts for all pages, the diagrams, the page of one result, and the matrix.
const SCRIPT: &str = concat!(
    include_str!("elements.js"),
    include_str!("sequence.js"),
    include_str!("script.js"),
    include_str!("matrix.js"),
);

/// The values that the HTML template inserts into every page, in addition to the values of the
/// view.
#[derive(Serialize)]
struct Page<'a, V> {
    head: Head,
    #[serde(flatten)]
    view: V,
    style: Value,
    style_hash: Value,
    script: Value,
    script_hash: Value,
    data: Value,
    version: &'a str,
}

/// Writes one result, or the matrix of several results.
pub(super) fn write(
    results: &[StoredResult],
    requirements: &[Requirement],
    out: &mut dyn Write,
) -> io::Result<()> {
    if let [result] = results {
        let data = outward::json(&single::Data::of(result, requirements))?;
        fill(Head::of(result), single::View::of(result, requirements), data, out)
    } else {
        let view = matrix::View::of(results, requirements);
        let data = outward::json(&view.data)?;
        fill(Head::of_several(results), view, data, out)
    }
}

fn fill(head: Head, view: impl Serialize, data: String, out: &mut dyn Write) -> io::Result<()> {
    let safe = |text: &str| Value::from_safe_string(text.to_owned());
    let hash = |text: &str| Value::from_safe_string(Base64::encode_string(&Sha256::digest(text)));
    let page = Page {
        head,
        view,
        style: safe(STYLE),
        style_hash: hash(STYLE),
        script: safe(SCRIPT),
        script_hash: hash(SCRIPT),
        data: Value::from_safe_string(data),
        version: env!("CARGO_PKG_VERSION"),
    };
    let mut templates = Environment::empty();
    outward::prepare(&mut templates);
    templates
        .render_named_str("page.html", PAGE, Serde(&page))
        .map_err(io::Error::other)
        .and_then(|page| out.write_all(page.as_bytes()))
}
