//! The scenarios of the command `device` on which all other scenarios depend.

use super::stored::{StoredCase, StoredResult};

/// The ids of the scenarios with the simplest transfers. If one of these scenarios fails, the other
/// results are not reliable until that scenario passes.
pub const BASIS: [&str; 2] = ["upload/size/usual", "download/size/usual"];

impl StoredResult {
    /// Returns the failed cases on which all other cases of the result depend.
    pub fn failed_basis(&self) -> impl Iterator<Item = &StoredCase> {
        let is_basis = |case: &&StoredCase| BASIS.contains(&&*case.id);
        let is_of_devices = self.command == "device";
        self.cases
            .iter()
            .filter(move |_| is_of_devices)
            .filter(is_basis)
            .filter(|case| case.outcome.is_failure())
    }

    /// Returns the notes to read first: a sentence for each failed case on which all other cases
    /// depend.
    pub fn basis_notes(&self) -> impl Iterator<Item = String> {
        self.failed_basis().map(|case| {
            let id = &case.id;
            format!(
                "{id} is one of the simplest scenarios, and it fails. Make this scenario pass \
                 first, because the other results are not reliable until it passes"
            )
        })
    }
}
