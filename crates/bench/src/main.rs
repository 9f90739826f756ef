//! Measures w3pin against its peers, in the same run, over loopback: `cargo xtask bench`.
//!
//! Each program runs in a fresh process of its own, each round runs them all in turn, and what is
//! reported are medians and ratios of the same round: absolute times say nothing about another
//! machine.
#![forbid(unsafe_code)]
#![allow(
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a program that talks to the person who runs it"
)]

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

mod client;
mod gateway;
mod goals;
mod lab;
mod measure;
mod plot;
mod report;
mod sink;
mod table;
mod workloads;

type Error = Box<dyn std::error::Error + Send + Sync>;
type Result<T = ()> = std::result::Result<T, Error>;

#[derive(Parser)]
#[command(about = "Measures w3pin against its peers, in the same run, over loopback")]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Measure, and write what came of it
    Run(lab::Options),
    /// Serve as the neutral sink until killed
    Sink(sink::SinkOptions),
    /// Serve the blocks of a file one by one until killed
    Gateway(gateway::GatewayOptions),
    /// Do one piece of work, and print its figures as JSON
    Client {
        library: client::Library,
        #[command(subcommand)]
        task: client::Task,
    },
    /// Do nothing, as a program that is linked like this one
    Nothing,
    /// Write what an earlier run measured once more
    Report {
        /// The folder that the run wrote to
        folder: PathBuf,
        /// Where the Markdown and the plot go
        docs: PathBuf,
    },
}

fn main() -> ExitCode {
    let done = match Args::parse().command {
        Command::Run(options) => workloads::run(&options),
        Command::Sink(options) => sink::serve(&options).map_err(Into::into),
        Command::Gateway(options) => gateway::serve(&options).map_err(Into::into),
        Command::Client { library, task } => client::run(library, &task),
        Command::Nothing => Ok(()),
        Command::Report { folder, docs } => report::write(&folder, &docs),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("w3pin-bench: {problem}");
            ExitCode::FAILURE
        }
    }
}
