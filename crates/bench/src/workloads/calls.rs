use super::{Bench, Workload};
use crate::{Result, lab::Lab, measure::Clock};

const PYTHON: [(&str, &str); 5] = [
    ("w3pin (Python)", "w3pin"),
    ("w3pin (Python, asyncio)", "w3pin_asyncio"),
    ("requests", "requests"),
    ("httpx", "httpx"),
    ("aiohttp", "aiohttp"),
];
const NODE: [(&str, &str); 3] = [
    ("w3pin (Node)", "w3pin"),
    ("axios", "axios"),
    ("undici", "undici"),
];

/// Enough for a median, few enough that the slowest ends within seconds.
const CALLS: &str = "3000";

pub(super) fn measure(bench: &mut Bench<'_>) -> Result {
    for (id, title, concurrency) in [
        ("calls-1", "3,000 times `get`, one after the other", "1"),
        ("calls-64", "3,000 times `get`, 64 in flight", "64"),
    ] {
        if bench.wants(id) {
            let lab = bench.lab;
            let sink = lab.sink(&[])?;
            let task = ["calls", &sink.url, CALLS, concurrency];
            let mut work = Workload::new(id, title, "hyper", Clock::Itself);
            work.program("hyper", || lab.client("hyper", &task));
            work.program("std sockets", || lab.client("std", &task));
            all(lab, &mut work, &task);
            bench.run(&work);
        }
    }
    if bench.wants("list") {
        let lab = bench.lab;
        let sink = lab.sink(&[])?;
        let task = ["list", &sink.url, "100"];
        let title = "100 times `list` of 1,000 pins, decoded";
        let mut work = Workload::new("list", title, "w3pin (Rust)", Clock::Itself);
        all(lab, &mut work, &task);
        bench.run(&work);
    }
    Ok(())
}

fn all<'a>(lab: &'a Lab<'_>, work: &mut Workload<'a>, task: &'a [&'a str]) {
    work.program("w3pin (Rust)", || lab.client("w3pin", task));
    work.peers(&PYTHON, |arguments| lab.python(arguments), task);
    work.peers(&NODE, |arguments| lab.node(arguments), task);
}
