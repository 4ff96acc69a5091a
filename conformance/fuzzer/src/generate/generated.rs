//! What a generator hands over.

use iothub_conformance_suite::Request;

/// A request, and what its maker knows of it.
#[derive(Clone, Debug)]
pub(crate) struct Generated {
    pub(crate) request: Request,
    /// The kind of thing that is special about it: requests of one class that lead to the same
    /// kind of disagreement are likely to have the same cause.
    pub(crate) class: String,
    /// The requirement that it is about, where it is valid.
    pub(crate) requirement: &'static str,
    /// Whether it is valid, where its maker knows.
    #[cfg_attr(not(test), expect(dead_code, reason = "to check the generator with"))]
    pub(crate) valid: Option<bool>,
}
