//! One stored result, and what is shown of it.

mod console;
mod result;

pub use self::{
    console::show_run,
    result::{StoredCase, StoredResult, Subject, Tool},
};
