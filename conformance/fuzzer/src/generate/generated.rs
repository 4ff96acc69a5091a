//! The type that each generator returns: a request with facts about it.

use iothub_conformance_suite::Request;

/// A request and the facts that its generator provides about the request.
#[derive(Clone, Debug)]
pub(crate) struct Generated {
    pub(crate) request: Request,
    /// The kind of the special feature of the request. Requests of one class that show the same
    /// kind of disagreement probably have the same cause.
    pub(crate) class: String,
    /// The id of the requirement that the request concerns if the request is valid.
    pub(crate) requirement: &'static str,
    /// Whether the request is valid, or `None` if that is unknown.
    #[cfg_attr(not(test), expect(dead_code, reason = "only tests read it"))]
    pub(crate) valid: Option<bool>,
}
