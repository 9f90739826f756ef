//! The `w3pin` command.

use napi_derive::napi;

/// Runs the command with these arguments; gives its exit code.
#[napi]
pub fn run_command(args: Vec<String>) -> u8 {
    let name = std::iter::once("w3pin".to_owned());
    w3pin_cli::run(name.chain(args).map(Into::into))
}
