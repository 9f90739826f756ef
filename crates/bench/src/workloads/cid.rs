use std::process::Command;

use super::{Bench, Workload};
use crate::{Result, measure::Clock};

pub(super) fn measure(bench: &mut Bench<'_>) -> Result {
    if !bench.wants("cid") {
        return Ok(());
    }
    let lab = bench.lab;
    let file = lab.file(lab.options.largest.min(1024) << 20)?;
    let path = file.display().to_string();
    let title = "CID of one file of 1 GiB";
    let mut work = Workload::new("cid", title, "openssl", Clock::Process);
    work.program("openssl", || {
        command("openssl", &["dgst", "-sha256", &path])
    });
    work.program("w3pin", || lab.w3pin(&["cid", &path]));
    work.program("w3pin, one core", || {
        let w3pin = lab.options.w3pin.display().to_string();
        command("taskset", &["--cpu-list", "0", &w3pin, "cid", &path])
    });
    work.program("sha256sum", || command("sha256sum", &[&path]));
    bench.run(&work);
    Ok(())
}

fn command(program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments);
    command
}
