use std::process::Command;

use super::{Bench, NODE_SENDERS, PYTHON_SENDERS, Workload};
use crate::{Result, measure::Clock};

const IN_ONE_REQUEST: usize = 10_000;

pub(super) fn measure(bench: &mut Bench<'_>) -> Result {
    for (id, concurrency) in [("files-1", "1"), ("files-8", "8"), ("files-64", "64")] {
        if bench.wants(id) {
            one_by_one(bench, id, concurrency)?;
        }
    }
    if bench.wants("folder") {
        as_one_request(bench)?;
    }
    Ok(())
}

fn one_by_one(bench: &mut Bench<'_>, id: &str, concurrency: &str) -> Result {
    let lab = bench.lab;
    let files = lab.options.files;
    let folder = lab.folder(files)?.display().to_string();
    let sink = lab.sink(&[])?;
    let task = ["files", &sink.url, &folder, concurrency];
    let title = format!("{files} files of 4 KiB one by one, {concurrency} in flight");
    let mut work = Workload::new(id, title, "std sockets", Clock::Itself);
    work.program("std sockets", || lab.client("std", &task));
    work.program("w3pin (Rust)", || lab.client("w3pin", &task));
    work.peers(&PYTHON_SENDERS, |arguments| lab.python(arguments), &task);
    work.peers(&NODE_SENDERS, |arguments| lab.node(arguments), &task);
    bench.run(&work);
    Ok(())
}

fn as_one_request(bench: &mut Bench<'_>) -> Result {
    let lab = bench.lab;
    let folder = lab.folder(IN_ONE_REQUEST)?;
    let path = folder.display().to_string();
    let sink = lab.sink(&["--cid", &lab.cid(&folder)?])?;
    let title = "A folder of 10,000 files of 4 KiB as one request, with 64 open files at most";
    let mut work = Workload::new("folder", title, "std sockets", Clock::Process);
    work.program("std sockets", || {
        few_files(lab.client("std", &["folder", &sink.url, &path]))
    });
    work.program("w3pin", || few_files(lab.add(&sink, "off", &folder)));
    work.program("w3pin, CID proved", || {
        few_files(lab.add(&sink, "require", &folder))
    });
    bench.run(&work);
    Ok(())
}

/// Runs a program with a low limit of open files.
fn few_files(command: Command) -> Command {
    let mut limited = Command::new("prlimit");
    limited
        .arg("--nofile=64")
        .arg(command.get_program())
        .args(command.get_args());
    limited
}
