//! The workloads.

use std::process::Command;

use crate::{
    Result,
    lab::{Lab, Options},
    measure::{Clock, measure},
    report,
    table::{Row, Table},
};

mod calls;
mod cid;
mod conditions;
mod files;
mod growth;
mod retrieve;
mod server;
mod start;
mod upload;

pub(crate) use self::server::IN_FLIGHT;

/// The libraries that send files: the name in tables, and the name of the peer's script.
const PYTHON_SENDERS: [(&str, &str); 3] = [
    ("w3pin (Python)", "w3pin"),
    ("requests", "requests"),
    ("aiohttp", "aiohttp"),
];
const NODE_SENDERS: [(&str, &str); 4] = [
    ("w3pin (Node)", "w3pin"),
    ("axios", "axios"),
    ("undici", "undici"),
    ("pinata", "pinata"),
];

/// A task and the programs that run it.
struct Workload<'a> {
    id: String,
    title: String,
    base: &'static str,
    clock: Clock,
    programs: Vec<Program<'a>>,
}

struct Program<'a> {
    name: &'static str,
    command: Box<dyn Fn() -> Command + 'a>,
}

impl<'a> Workload<'a> {
    fn new(
        id: impl Into<String>,
        title: impl Into<String>,
        base: &'static str,
        clock: Clock,
    ) -> Self {
        Self {
            id: id.into(),
            title: title.into(),
            base,
            clock,
            programs: Vec::new(),
        }
    }

    fn program(&mut self, name: &'static str, command: impl Fn() -> Command + 'a) {
        let command = Box::new(command);
        self.programs.push(Program { name, command });
    }

    /// Adds the same task for each library of a language.
    fn peers(
        &mut self,
        libraries: &[(&'static str, &'static str)],
        start: impl Fn(&[&str]) -> Option<Command> + Copy + 'a,
        task: &'a [&'a str],
    ) {
        for &(name, library) in libraries {
            self.peer(name, move || start(&[&[library], task].concat()));
        }
    }

    /// Adds a program that may not be installed.
    fn peer(&mut self, name: &'static str, command: impl Fn() -> Option<Command> + 'a) {
        if command().is_some() {
            self.program(name, move || {
                command().unwrap_or_else(|| Command::new("false"))
            });
        }
    }
}

pub(crate) fn run(options: &Options) -> Result {
    let lab = Lab::new(options)?;
    let mut bench = Bench {
        lab: &lab,
        tables: Vec::new(),
    };
    start::measure(&mut bench)?;
    calls::measure(&mut bench)?;
    files::measure(&mut bench)?;
    cid::measure(&mut bench)?;
    upload::measure(&mut bench)?;
    conditions::measure(&mut bench)?;
    server::measure(&mut bench)?;
    retrieve::measure(&mut bench)?;
    growth::measure(&mut bench)?;
    report::keep(&options.out, bench.tables)
}

/// The tables measured so far.
struct Bench<'a> {
    lab: &'a Lab<'a>,
    tables: Vec<Table>,
}

impl Bench<'_> {
    /// Returns `true` if this workload was requested.
    fn wants(&self, id: &str) -> bool {
        let only = &self.lab.options.only;
        only.is_empty() || only.iter().any(|start| id.starts_with(start))
    }

    /// Returns `true` if this workload, which takes long, was requested by its id.
    fn is_requested(&self, id: &str) -> bool {
        !self.lab.options.only.is_empty() && self.wants(id)
    }

    /// Runs all programs once in each round, in turn.
    fn run(&mut self, workload: &Workload<'_>) {
        eprintln!("{}", workload.title);
        let mut rows: Vec<_> = workload
            .programs
            .iter()
            .map(|program| Row {
                program: program.name.to_owned(),
                runs: Vec::new(),
                failure: None,
            })
            .collect();
        for _ in 0..self.lab.options.rounds {
            for (program, row) in workload.programs.iter().zip(&mut rows) {
                if row.failure.is_some() {
                    continue;
                }
                match measure((program.command)(), workload.clock) {
                    Ok(run) => row.runs.push(run),
                    Err(problem) => {
                        eprintln!("  {}: {problem}", program.name);
                        row.failure = Some(problem.to_string());
                        row.runs.clear();
                    }
                }
            }
        }
        let table = Table {
            id: workload.id.clone(),
            title: workload.title.clone(),
            base: workload.base.to_owned(),
            rows,
        };
        eprint!("{}", report::text(&table));
        self.tables.push(table);
    }
}
