//! The folders of a scenario: a folder for the file of the device, and a second folder that must
//! stay empty.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use iothub_resource::ResourceName;

use super::test_file::TestFile;

/// The placeholder for the path of the second folder in the name of a [`TestFile`].
const ELSEWHERE: &str = "{elsewhere}";

/// The folders, which are removed together with the scenario.
pub(super) struct ScenarioFolder(tempfile::TempDir);

impl ScenarioFolder {
    pub(super) fn create() -> io::Result<Self> {
        let folder = Self(tempfile::tempdir()?);
        fs::create_dir(folder.own())?;
        fs::create_dir(folder.elsewhere())?;
        Ok(folder)
    }

    /// Returns the path of a file for the device.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.own().join(name)
    }

    /// Returns the name of the resource, which may be a path to the second folder.
    pub(super) fn name_of(&self, file: TestFile) -> ResourceName<'static> {
        let name = file.name.replace(ELSEWHERE, &self.elsewhere().to_string_lossy());
        ResourceName::new(name).unwrap_or_else(|_| unreachable!("a legal name"))
    }

    fn own(&self) -> PathBuf {
        self.0.path().join("device")
    }

    fn elsewhere(&self) -> PathBuf {
        self.0.path().join("elsewhere")
    }

    /// Removes the files and folders that are outside the folder for the device, so that each of
    /// them is found only once. Returns their paths, relative to the folder of the scenario.
    pub(super) fn take_strays(&self) -> Vec<PathBuf> {
        let mut strays = entries(&self.elsewhere());
        let folders = [self.own(), self.elsewhere()];
        strays.extend(entries(self.0.path()).into_iter().filter(|path| !folders.contains(path)));
        for stray in &strays {
            let _ = fs::remove_file(stray).or_else(|_| fs::remove_dir_all(stray));
        }
        strays.iter().filter_map(|path| Some(path.strip_prefix(&self.0).ok()?.to_owned())).collect()
    }
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let folder = ScenarioFolder::create().unwrap();
        let absolute = folder.name_of(TestFile::new("{elsewhere}/x", 1));
        let path = Path::new(absolute.as_str());
        assert!(path.is_absolute() && path.parent().unwrap().is_dir());
        let relative = folder.file("../elsewhere/x");
        assert!(relative.parent().unwrap().is_dir());
        assert_eq!(folder.name_of(TestFile::new("zxc.txt", 1)).as_str(), "zxc.txt");
    }

    #[test]
    fn strays_are_found_once() {
        let folder = ScenarioFolder::create().unwrap();
        fs::write(folder.file("zxc.txt"), "x").unwrap();
        assert!(folder.take_strays().is_empty());
        fs::write(folder.file("../elsewhere/x"), "x").unwrap();
        fs::write(folder.file("../y"), "x").unwrap();
        let strays = folder.take_strays();
        assert_eq!(strays, [Path::new("elsewhere/x"), Path::new("y")]);
        assert!(folder.take_strays().is_empty());
    }
}
