//! `w3pin completions SHELL`

use clap::CommandFactory;

use crate::{
    args::{Args, Completions},
    output::Output,
};

pub(crate) fn run(completions: &Completions, output: &Output) {
    let mut script = Vec::new();
    clap_complete::generate(
        completions.shell,
        &mut Args::command(),
        "w3pin",
        &mut script,
    );
    output.raw(&String::from_utf8_lossy(&script));
}
