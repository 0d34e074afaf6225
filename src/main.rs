//! The program: everything is in `cli`.
fn main() -> std::process::ExitCode {
    minhbach::cli::run()
}
