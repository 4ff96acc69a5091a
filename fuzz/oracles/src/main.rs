//! Writes the generated files of the fuzz targets: seeds, dictionaries, options and sources.

use std::{env, path::Path, process::ExitCode};

fn main() -> ExitCode {
    // Not `env!`: in a copied checkout, this program may have been built in another folder.
    let Some(package) = env::var_os("CARGO_MANIFEST_DIR") else {
        eprintln!("the package is unknown: run this with `cargo run -p iothub-oracles`");
        return ExitCode::FAILURE;
    };
    let folder = Path::new(&package).join("..");
    match iothub_oracles::data::write(&folder) {
        Ok((written, gone)) => {
            println!("{written} files written, {gone} removed below fuzz/");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("the files below fuzz/ cannot be written: {error}");
            ExitCode::FAILURE
        }
    }
}
