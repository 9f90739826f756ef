//! The development tasks of w3pin: `cargo xtask TASK`.
#![forbid(unsafe_code)]
#![allow(
    clippy::print_stderr,
    reason = "a task talks to the person who runs it"
)]

use std::process::ExitCode;

mod attack;
mod bench;
mod blocks;
mod boundaries;
mod built;
mod cache;
mod ci;
mod docs;
mod examples;
mod instructions;
mod kotlin;
mod kubo;
mod lanes;
mod node;
mod parity;
mod platforms;
mod psa;
mod python;
mod readers;
mod readme;
mod release;
mod run;
mod rust;
mod schemathesis;
mod server;
mod skipped;
mod swift;
mod test;
mod versions;

type Result<T = ()> = std::result::Result<T, String>;

/// A task's name, what it does, and how.
type Task = (&'static str, &'static str, fn() -> Result);

const TASKS: &[Task] = &[
    ("ci", "all that CI checks", ci::run),
    (
        "bench",
        "measures beside curl and the peers of each language, and writes docs/performance.md",
        bench::run,
    ),
    (
        "instructions",
        "the instruction counts of common operations, against their limits (needs valgrind)",
        instructions::run,
    ),
    (
        "attack",
        "attacks on the server at full length, with what others notice of them",
        attack::run,
    ),
    (
        "test",
        "all tests, and the parity of all surfaces",
        test::run,
    ),
    ("rust", "the crates' tests and examples", rust::run),
    (
        "boundaries",
        "no room uses what it must not",
        boundaries::run,
    ),
    (
        "versions",
        "every package carries the workspace's version",
        versions::run,
    ),
    (
        "python",
        "the Python package, in every CPython there is",
        python::run,
    ),
    ("node", "the npm package", node::run),
    (
        "kotlin",
        "the Kotlin package, and an app with its jar alone",
        kotlin::run,
    ),
    (
        "swift",
        "the Swift package, in a Debian with Swift",
        swift::run,
    ),
    (
        "kubo",
        "the server over real IPFS nodes, which are built once (needs Go)",
        kubo::run,
    ),
    (
        "parity",
        "every surface has the whole surface and ran every scenario",
        parity::run,
    ),
    (
        "platforms",
        "builds for other platforms, and what of it runs here (`platforms NAME...` for some)",
        platforms::run,
    ),
    (
        "psa",
        "the Pinning Service API, by its conformance suite, its document and its clients",
        psa::run,
    ),
    (
        "readers",
        "the gateway, read by the packages of npm that read with proof",
        readers::run,
    ),
    (
        "readme",
        "the README's commands work in a fresh clone",
        readme::run,
    ),
    (
        "release",
        "all of a release but to publish it: `--dry-run`",
        release::run,
    ),
    (
        "docs",
        "the book: built, its links checked, its code run; with --api the references of all languages",
        docs::run,
    ),
    (
        "schemathesis",
        "the server answers as its OpenAPI document says (needs Python)",
        schemathesis::run,
    ),
];

fn main() -> ExitCode {
    let name = std::env::args().nth(1).unwrap_or_default();
    let Some((_, _, task)) = TASKS.iter().find(|(task, ..)| *task == name) else {
        eprintln!("cargo xtask TASK, where TASK is one of");
        for (task, what, _) in TASKS {
            eprintln!("  {task:<14}{what}");
        }
        return ExitCode::from(2);
    };
    match task() {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{name}: {problem}");
            ExitCode::FAILURE
        }
    }
}
