//! The `w3pin` command.

use std::process::ExitCode;

mod arenas;

fn main() -> ExitCode {
    arenas::have_few();
    ExitCode::from(w3pin_cli::run(std::env::args_os()))
}
