//! `cargo xtask rust`

use std::{env, process::Command};

use crate::{
    Result,
    built::{self, WORKSPACE},
    examples::{self, Web},
    run::{root, run as shell},
};

/// Runs the tests of the workspace, and the examples for Rust and for the shell.
pub(crate) fn run() -> Result {
    shell(&format!("cargo test {WORKSPACE} --all-targets"))?;
    shell(&format!("cargo test {WORKSPACE} --doc"))?;

    built::all()?;
    let programs = built::programs();
    examples::run("rust", Web::Server, &|name| {
        Command::new(programs.join(name))
    })?;
    let path = env::var_os("PATH").unwrap_or_default();
    let path = env::join_paths([programs].into_iter().chain(env::split_paths(&path)))
        .map_err(|cause| cause.to_string())?;
    examples::run("shell", Web::Cgi, &|name| {
        let mut command = Command::new(root().join(format!("examples/shell/{name}.sh")));
        command.env("PATH", &path);
        command
    })
}
