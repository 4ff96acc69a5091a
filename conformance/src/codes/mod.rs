//! The codes of rejections and findings, each with its cause and its remedy. `explain` prints them,
//! and `export` writes a page about them.

mod code;
mod page;
mod table;

pub(crate) use self::{code::Code, page::page};

/// Returns all codes in the order of the table.
pub(crate) fn all() -> impl Iterator<Item = &'static Code> {
    table::SECTIONS.iter().flat_map(|section| section.codes)
}
