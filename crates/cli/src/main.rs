//! The `w3pin` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(w3pin_cli::run(std::env::args_os()))
}
