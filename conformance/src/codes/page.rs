//! Generates the reference page for all codes.

use std::fmt::Write as _;

use super::{
    code::{Code, Section},
    table::SECTIONS,
};
use crate::Fixtures;

/// Returns the reference page for all codes, as Markdown.
pub(crate) fn page(fixtures: &Fixtures) -> String {
    let mut page = "# Codes

Every rejection and every finding has a code. `iothub-conformance export` generates this page.
`iothub-conformance explain CODE` prints the entry for one code, and the requirements of the code. [The
specification](specification.md) contains the exact text of each requirement.

An entry begins with the level (MUST or SHOULD). The side at fault and the ids of requirements may follow.
"
    .to_owned();
    for Section { title, intro, codes } in SECTIONS {
        let _ = write!(page, "\n## {title}\n\n{intro}\n");
        for code in *codes {
            entry(code, fixtures, &mut page);
        }
    }
    page
}

fn entry(code: &Code, fixtures: &Fixtures, page: &mut String) {
    let Code { word, level, cause, remedy, example, .. } = code;
    let _ = write!(page, "\n### `{word}`\n\n{level}");
    let requirements = code.requirements(fixtures);
    if !requirements.is_empty() {
        let _ = write!(page, ", {}", requirements.join(", "));
    }
    let _ = write!(page, ". {cause}");
    if let Some(example) = example {
        let _ = write!(page, " Example: `{example}`.");
    }
    let _ = writeln!(page, "\n\n*Remedy*: {remedy}");
}
