//! The `w3pin` command: pin to IPFS from a shell, or serve the same API from this machine.
//!
//! The packages of other languages ship the command by calling [`run`].
#![forbid(unsafe_code)]

mod args;
mod commands;
mod exit_code;
mod failure;
mod help;
mod local;
mod log;
mod output;
mod progress;
mod report;
mod session;
mod signal;

use std::ffi::OsString;

use self::{
    args::{Args, Command},
    failure::Failure,
    output::Output,
};

/// Runs the command with these arguments, the first of which is the program's name. Returns its
/// exit code.
pub fn run(args: impl IntoIterator<Item = OsString>) -> u8 {
    let args: Vec<OsString> = args.into_iter().collect();
    let args = match Args::parse_from(&args) {
        Ok(args) => args,
        Err(usage) => return usage.tell(),
    };
    args.global.color.apply();
    let output = Output::new(args.name.clone(), args.global.json, args.global.quiet);
    log::start(&args, output.messages());
    let result = runtime(&args).map_err(Failure::System).and_then(|runtime| {
        let result = runtime.block_on(run_until_stopped(args, &output));
        // A thread that is blocked reading a pipe would keep the process alive.
        runtime.shutdown_background();
        result
    });
    let code = match &result {
        Ok(()) => exit_code::SUCCESS,
        Err(failure) => {
            failure.report(&output);
            failure.exit_code()
        }
    };
    match output.take_failure() {
        None => code,
        Some(cause) => {
            let rest = match &result {
                Err(Failure::CutOff) => ", so the rest was left out",
                Ok(()) => "; the work itself is finished",
                Err(_) => "",
            };
            output.error(&format!("the output can't be written: {cause}{rest}"));
            exit_code::worst(code, exit_code::OUTPUT)
        }
    }
}

async fn run_until_stopped(mut args: Args, output: &Output) -> Result<(), Failure> {
    signal::survive_file_size_limit();
    // A server finishes requests in progress before it stops.
    if matches!(args.command, Command::Serve(_)) {
        return commands::run(&mut args, output).await;
    }
    let signal = signal::next()?;
    let outcome = when_stopped(&args.command);
    tokio::select! {
        biased;
        result = commands::run(&mut args, output) => result,
        signal = signal => Err(Failure::Stopped(signal, outcome)),
    }
}

/// Returns what remains of a command's work if a signal stops it.
fn when_stopped(command: &Command) -> &'static str {
    match command {
        Command::Fetch(fetch) if !fetch.is_for_stdout() => {
            "; what was fetched is kept, and the same command resumes from there"
        }
        Command::Car(_) | Command::Cat(_) | Command::Fetch(_) | Command::Tree(_) => "",
        _ => "; requests in progress were stopped, and may still have taken effect",
    }
}

/// A local server hashes what its own client sends, so that both need a thread.
fn runtime(args: &Args) -> std::io::Result<tokio::runtime::Runtime> {
    let serves = args.global.local || matches!(args.command, Command::Serve(_));
    let mut builder = if serves {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        // New connections, results of blocking threads and socket events don't come from the
        // workers' own queues, which a client that pipelines requests keeps full.
        builder.global_queue_interval(4).event_interval(8);
        builder
    } else {
        tokio::runtime::Builder::new_current_thread()
    };
    builder.enable_all().build()
}
