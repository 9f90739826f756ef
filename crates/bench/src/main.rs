//! Measures w3pin against its peers, in the same run, over loopback: `cargo xtask bench`.
//!
//! Each program runs in a fresh process, and each round runs them all in turn. The report consists of
//! medians and of ratios within the same round: absolute times say nothing about another machine.
#![forbid(unsafe_code)]
#![allow(
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a command-line program"
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
    /// Measure, and write the report
    Run(lab::Options),
    /// Serve as the neutral sink until killed
    Sink(sink::SinkOptions),
    /// Serve the blocks of a file one by one until killed
    Gateway(gateway::GatewayOptions),
    /// Perform one task, and print its figures as JSON
    Client {
        library: client::Library,
        #[command(subcommand)]
        task: client::Task,
    },
    /// Do nothing, to measure the start of this program
    Nothing,
    /// Write the report of an earlier run again
    Report {
        /// The output folder of the run
        folder: PathBuf,
        /// The folder for the Markdown and the plot
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
