//! Resolves names to the files that define them.

use std::path::Path;

use super::source::{Meaning, Module};

enum Target {
    Module(usize),
    /// An item, by the module that defines it.
    Item(usize, String),
}

/// Returns the uses between files: the file, the other file, and the item that it names there. A
/// module that re-exports the items of its child modules does not use them.
pub(super) fn uses(modules: &[Module]) -> Vec<(&Path, &Path, String)> {
    let mut uses = Vec::new();
    for (at, module) in modules.iter().enumerate() {
        let mentions = module.mentions.iter().map(|path| (path, false));
        let re_exports = module.re_exports.iter().map(|path| (path, true));
        for (path, is_re_export) in mentions.chain(re_exports) {
            for target in resolve(modules, at, path, 0) {
                if let Target::Item(home, name) = target
                    && !(is_re_export && is_below(modules, home, at))
                {
                    uses.push((&*module.file, &*modules[home].file, name));
                }
            }
        }
    }
    uses
}

fn is_below(modules: &[Module], mut module: usize, ancestor: usize) -> bool {
    while module != ancestor && module != 0 {
        module = modules[module].parent;
    }
    module == ancestor
}

/// Returns the meaning of a path in a module; empty if it leads to another crate.
fn resolve(modules: &[Module], at: usize, path: &[String], depth: usize) -> Vec<Target> {
    let mut targets = vec![Target::Module(at)];
    for (nth, name) in path.iter().enumerate() {
        let next = targets.into_iter().flat_map(|target| match (target, name.as_str()) {
            (Target::Module(_), "crate") if nth == 0 => vec![Target::Module(0)],
            (Target::Module(module), "self") => vec![Target::Module(module)],
            (Target::Module(module), "super") => vec![Target::Module(modules[module].parent)],
            (Target::Module(module), name) => look_up(modules, module, name, depth),
            (item, _) => vec![item],
        });
        targets = next.collect();
    }
    targets
}

fn look_up(modules: &[Module], at: usize, name: &str, depth: usize) -> Vec<Target> {
    // `use a::a` finds itself, and two globs find each other. No chain of re-exports is this long.
    if depth == 8 {
        return Vec::new();
    }
    let mut found = Vec::new();
    for meaning in modules[at].names.get(name).into_iter().flatten() {
        match meaning {
            Meaning::Item => found.push(Target::Item(at, name.to_owned())),
            Meaning::Module(module) => found.push(Target::Module(*module)),
            Meaning::Import(path) => found.extend(resolve(modules, at, path, depth + 1)),
        }
    }
    if found.is_empty() {
        for glob in &modules[at].globs {
            for target in resolve(modules, at, glob, depth + 1) {
                if let Target::Module(other) = target {
                    found.extend(look_up(modules, other, name, depth + 1));
                }
            }
        }
    }
    found
}
