//! The command `iothub-conformance`. See the library of the same name.

fn main() -> std::process::ExitCode {
    iothub_conformance::cli::main()
}
