//! The data of the generators: texts, bytes and numbers without logic.

pub(super) mod digests;
pub(super) mod keys;
pub(super) mod sessions;
pub(super) mod strings;
pub(super) mod syntax;
pub(super) mod topics;
pub(super) mod urls;
pub(super) mod values;
pub(super) mod words;
