//! `w3pin completions SHELL`

use std::io::Write;

use clap::CommandFactory;

use crate::{
    args::{Args, Completions},
    failure::Failure,
};

pub(crate) fn run(completions: &Completions) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(
        completions.shell,
        &mut Args::command(),
        "w3pin",
        &mut script,
    );
    Ok(std::io::stdout().write_all(&script)?)
}
