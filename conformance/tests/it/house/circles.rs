//! Files that use each other, directly or through others.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

/// The files that each file uses, with the names of the items.
#[derive(Default)]
pub(super) struct Arrows(BTreeMap<PathBuf, BTreeMap<PathBuf, BTreeSet<String>>>);

impl Arrows {
    pub(super) fn add(&mut self, from: PathBuf, to: PathBuf, name: String) {
        if from != to {
            self.0.entry(from).or_default().entry(to).or_default().insert(name);
        }
    }

    /// Returns the sets of files in which each file reaches every other file.
    pub(super) fn circles(&self) -> Vec<BTreeSet<PathBuf>> {
        let reach: BTreeMap<_, _> = self.0.keys().map(|file| (file, self.reached(file))).collect();
        let circle = |file: &PathBuf| -> BTreeSet<_> {
            let back =
                |other: &&PathBuf| reach.get(other).is_some_and(|reached| reached.contains(file));
            reach[file].iter().filter(back).cloned().collect()
        };
        let circles: BTreeSet<_> = self.0.keys().map(circle).collect();
        circles.into_iter().filter(|circle| !circle.is_empty()).collect()
    }

    fn reached(&self, file: &PathBuf) -> BTreeSet<PathBuf> {
        let (mut reached, mut open) = (BTreeSet::new(), vec![file]);
        while let Some(file) = open.pop() {
            let next = self.0.get(file).into_iter().flat_map(BTreeMap::keys);
            open.extend(next.filter(|other| reached.insert((*other).clone())));
        }
        reached
    }

    /// Returns the arrows inside each circle, one in each line.
    pub(super) fn show(&self, circles: &[BTreeSet<PathBuf>]) -> String {
        let mut text = String::new();
        for circle in circles {
            for from in circle {
                for (to, names) in self.0[from].iter().filter(|(to, _)| circle.contains(*to)) {
                    let names: Vec<_> = names.iter().map(String::as_str).collect();
                    text += &format!(
                        "  {} -> {}: {}\n",
                        from.display(),
                        to.display(),
                        names.join(", ")
                    );
                }
            }
            text.push('\n');
        }
        text
    }
}
