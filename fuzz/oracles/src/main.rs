//! Writes the seeds, dictionaries and options of the fuzz targets.

use std::{path::Path, process::ExitCode};

fn main() -> ExitCode {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
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
