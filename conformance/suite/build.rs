//! Embeds the fixtures into the binary: all files in one blob, with an index.

use std::{
    env, fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

fn main() -> io::Result<()> {
    // `fixtures` is a symbolic link in the repository and a folder in the published crate. Where
    // links are not checked out, it is a file. `env!` does not work here because, in a copied
    // checkout, this program may have been built in a different folder.
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or(io::ErrorKind::NotFound)?);
    let linked = root.join("fixtures");
    let fixtures = if linked.is_dir() { linked } else { root.join("../../fixtures") };
    println!("cargo::rerun-if-changed={}", fixtures.display());

    let mut files = Vec::new();
    collect(&fixtures, &mut files)?;
    files.sort();

    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?);
    let mut blob = Vec::new();
    let mut index = fs::File::create(out.join("fixtures.rs"))?;
    writeln!(index, "&[")?;
    for file in files {
        let path = file.strip_prefix(&fixtures).map_err(io::Error::other)?;
        let start = blob.len();
        blob.extend(fs::read(&file)?);
        let path = path.to_string_lossy().replace('\\', "/");
        writeln!(index, "({path:?}, {start}, {}),", blob.len())?;
    }
    writeln!(index, "]")?;
    fs::write(out.join("fixtures.bin"), blob)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
