//! The same tasks by w3pin's Rust client, and by minimal clients for comparison.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use clap::{Subcommand, ValueEnum};

use crate::{Result, measure::Figures};

mod hyper;
mod sdk;
mod std_socket;

/// The library that performs the task.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Library {
    /// w3pin's Rust client
    W3pin,
    /// hyper's connections, used directly
    Hyper,
    /// Blocking sockets of the standard library: the lower bound
    Std,
}

/// The task.
#[derive(Subcommand)]
pub(crate) enum Task {
    /// Upload one file
    Upload {
        url: String,
        file: PathBuf,
        /// Trust only this certificate
        #[arg(long)]
        ca: Option<PathBuf>,
    },
    /// Upload a folder as one request
    Folder { url: String, folder: PathBuf },
    /// Upload each file of a folder with a separate request
    Files {
        url: String,
        folder: PathBuf,
        concurrency: usize,
    },
    /// Copy each file of a folder into another folder, and sync it
    Synced { folder: PathBuf, into: PathBuf },
    /// Get one pin repeatedly
    Calls {
        url: String,
        count: usize,
        concurrency: usize,
    },
    /// List 1,000 pins repeatedly
    List { url: String, count: usize },
}

pub(crate) fn run(library: Library, task: &Task) -> Result {
    let figures = match library {
        Library::W3pin => sdk::run(task)?,
        Library::Hyper => hyper::run(task)?,
        Library::Std => std_socket::run(task)?,
    };
    println!("{}", serde_json::to_string(&figures)?);
    Ok(())
}

/// The number of warm-up calls.
const WARM_UP: usize = 50;

fn cannot<T>() -> Result<T> {
    Err("this library doesn't do that task".into())
}

/// Returns the figures of calls with these durations.
fn figures(began: Instant, mut each: Vec<Duration>) -> Figures {
    let seconds = began.elapsed().as_secs_f64();
    each.sort_unstable();
    let percentile = |of_hundred: usize| {
        let duration: Option<&Duration> = each.get(each.len() * of_hundred / 100);
        duration.map(|duration| duration.as_secs_f64() * 1e6)
    };
    Figures {
        seconds,
        p50_us: percentile(50),
        p99_us: percentile(99),
    }
}

/// Makes `count` calls, sequentially on each of `connections`.
async fn repeat<C, F>(
    count: usize,
    connections: Vec<C>,
    call: impl Fn(C) -> F + Copy + Send + 'static,
) -> Result<Figures>
where
    C: Send + 'static,
    F: Future<Output = Result<C>> + Send,
{
    let chains = connections.len();
    let mut warm = Vec::new();
    for mut connection in connections {
        for _ in 0..WARM_UP.div_ceil(chains) {
            connection = call(connection).await?;
        }
        warm.push(connection);
    }
    let began = Instant::now();
    let tasks: Vec<_> = warm
        .into_iter()
        .map(|mut connection| {
            tokio::spawn(async move {
                let mut each = Vec::new();
                for _ in 0..count / chains {
                    let began = Instant::now();
                    connection = call(connection).await?;
                    each.push(began.elapsed());
                }
                Result::Ok(each)
            })
        })
        .collect();
    let mut each = Vec::new();
    for task in tasks {
        each.extend(task.await??);
    }
    Ok(figures(began, each))
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
}
