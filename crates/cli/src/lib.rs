//! The `w3pin` command: pin to IPFS from a shell, or serve the same API from this machine.
//!
//! The packages of other languages ship the command by calling [`run`].
#![forbid(unsafe_code)]

mod args;
mod commands;
mod exit_code;
mod failure;
mod local;
mod output;
mod progress;
mod report;
mod session;

use std::{ffi::OsString, io::IsTerminal};

use clap::Parser;

use self::{
    args::{Args, Command},
    exit_code::INTERRUPTED,
    failure::Failure,
    output::Output,
};

/// Runs the command with these arguments, the first of which is the program's name; gives its exit
/// code.
pub fn run(args: impl IntoIterator<Item = OsString>) -> u8 {
    let args = match Args::try_parse_from(args) {
        Ok(args) => args,
        Err(answer) => {
            // Help and version go to stdout and are no failure; a reader that is gone is none either.
            let _ = answer.print();
            return if answer.use_stderr() {
                exit_code::USAGE
            } else {
                exit_code::SUCCESS
            };
        }
    };
    trace(&args);
    let output = Output::new(args.global.json, args.global.quiet);
    let result = runtime(&args).map_err(Failure::Stdout).and_then(|runtime| {
        let result = runtime.block_on(async {
            tokio::select! {
                biased;
                result = commands::run(&args, &output) => result,
                // A server finishes what is under way before it stops.
                _ = tokio::signal::ctrl_c(), if !matches!(args.command, Command::Serve(_)) => {
                    Err(Failure::Interrupted)
                }
            }
        });
        // A thread that reads a pipe nobody writes to would keep the process.
        runtime.shutdown_background();
        result
    });
    match result {
        Ok(()) => exit_code::SUCCESS,
        Err(failure) => {
            failure.report(&output);
            failure.exit_code()
        }
    }
}

/// A server hashes what its own client sends, so that both want a thread.
fn runtime(args: &Args) -> std::io::Result<tokio::runtime::Runtime> {
    let serves = args.global.local || matches!(args.command, Command::Serve(_));
    let mut builder = if serves {
        tokio::runtime::Builder::new_multi_thread()
    } else {
        tokio::runtime::Builder::new_current_thread()
    };
    builder.enable_all().build()
}

fn trace(args: &Args) {
    let filter = match args.global.verbose {
        // Nobody sees what goes wrong in a server but by its log.
        0 if matches!(args.command, Command::Serve(_)) && !args.global.quiet => "w3pin_server=warn",
        0 => return,
        1 => "w3pin=debug,w3pin_server=info",
        2 => "w3pin=trace,w3pin_server=debug",
        _ => "trace",
    };
    // Another program that runs the command may have set its own up.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .try_init();
}
