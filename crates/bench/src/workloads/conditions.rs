use super::{Bench, NODE_SENDERS, PYTHON_SENDERS, Workload};
use crate::{Result, lab::Lab, measure::Clock};

/// The number of files sent over the faulty network.
const UPLOADS: usize = 40;

/// Measures uploads over a link that is slower than the disk, and with faults.
pub(super) fn measure(bench: &mut Bench<'_>) -> Result {
    if bench.wants("slow-64") {
        slow_link(bench)?;
    }
    if bench.wants("faults") {
        faults(bench)?;
    }
    Ok(())
}

fn slow_link(bench: &mut Bench<'_>) -> Result {
    let lab = bench.lab;
    let file = lab.file(64 << 20)?;
    let cid = lab.cid(&file)?;
    let sink = lab.sink(&[
        "--cid",
        &cid,
        "--bandwidth",
        "50000000",
        "--latency-ms",
        "20",
    ])?;
    let title = "Upload of one file of 64 MiB over a link of 50 MB/s";
    let mut work = Workload::new("slow-64", title, "curl", Clock::Process);
    work.program("curl", || Lab::curl(&sink.url, &file));
    work.program("w3pin", || lab.add(&sink, "off", &file));
    work.program("w3pin, CID proved", || lab.add(&sink, "require", &file));
    bench.run(&work);
    Ok(())
}

fn faults(bench: &mut Bench<'_>) -> Result {
    let lab = bench.lab;
    let folder = lab.folder(UPLOADS)?.display().to_string();
    let sink = lab.sink(&["--faults", "10"])?;
    let task = ["files", &sink.url, &folder, "4"];
    let title = format!(
        "{UPLOADS} uploads where a tenth of the requests are answered 503 and as many reset: \
         all arrive, or the program fails"
    );
    let mut work = Workload::new("faults", title, "w3pin (Rust)", Clock::Itself);
    work.program("w3pin (Rust)", || lab.client("w3pin", &task));
    work.peers(&PYTHON_SENDERS, |arguments| lab.python(arguments), &task);
    work.peers(&NODE_SENDERS, |arguments| lab.node(arguments), &task);
    bench.run(&work);
    Ok(())
}
