//! The codes of rejections and findings, with the cause and the remedy of each: for `explain`, and
//! for the page that `export` writes.

mod code;
mod page;
mod table;

pub(crate) use self::{code::Code, page::page};

/// Returns all codes.
pub(crate) fn all() -> impl Iterator<Item = &'static Code> {
    table::SECTIONS.iter().flat_map(|section| section.codes)
}
