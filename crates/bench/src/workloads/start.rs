use super::{Bench, Workload};
use crate::{Result, measure::Clock};

pub(super) fn measure(bench: &mut Bench<'_>) -> Result {
    if !bench.wants("start") {
        return Ok(());
    }
    let lab = bench.lab;
    let title = "Start and end of a process, with the package loaded";
    let mut work = Workload::new("start", title, "an empty Rust program", Clock::Process);
    work.program("an empty Rust program", || lab.empty());
    work.program("w3pin --version", || lab.w3pin(&["--version"]));
    for (name, library) in [
        ("Python alone", "nothing"),
        ("w3pin (Python)", "w3pin"),
        ("requests", "requests"),
        ("httpx", "httpx"),
        ("aiohttp", "aiohttp"),
    ] {
        work.peer(name, move || lab.python(&[library, "start"]));
    }
    for (name, library) in [
        ("Node alone", "nothing"),
        ("w3pin (Node)", "w3pin"),
        ("axios", "axios"),
        ("undici", "undici"),
        ("pinata", "pinata"),
    ] {
        work.peer(name, move || lab.node(&[library, "start"]));
    }
    bench.run(&work);
    Ok(())
}
