//! The result of a generator.

use iothub_conformance_suite::Request;

/// A request, and the generator's knowledge about it.
#[derive(Clone, Debug)]
pub(crate) struct Generated {
    pub(crate) request: Request,
    /// The kind of its special feature. Requests of one class that show the same kind of
    /// disagreement probably have the same cause.
    pub(crate) class: String,
    /// The requirement that it concerns if it is valid.
    pub(crate) requirement: &'static str,
    /// Whether it is valid, if the generator knows.
    #[cfg_attr(not(test), expect(dead_code, reason = "to check the generator with"))]
    pub(crate) valid: Option<bool>,
}
