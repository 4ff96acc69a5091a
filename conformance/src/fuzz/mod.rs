//! Generates requests, compares the testee with the built-in implementation, shrinks what differs.

mod blame;
mod campaign;
mod chance;
mod compare;
mod draft;
mod finding;
mod folder;
mod generate;
mod settled;
mod shrink;
mod tokens;

pub(crate) use self::{
    campaign::{End, Outcome, Plan, Watcher, run},
    finding::Finding,
    folder::Folder,
};
