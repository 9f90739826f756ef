//! How time and memory grow with the size of files, folders and accounts. Takes a quarter of an hour, so it must be
//! requested.

use std::{
    fs::{self, File},
    io::{BufWriter, Write},
    path::Path,
    process::Command,
};

use serde_json::json;
use tempfile::TempDir;
use w3pin_unixfs::raw_leaf;

use super::{Bench, Workload, server::Server};
use crate::{Result, lab::Lab, measure::Clock, sink::PIN_ID};

/// The GiB of sparse files.
const FILES: [(&str, u64); 3] = [("1 GiB", 1), ("10 GiB", 10), ("100 GiB", 100)];
const COUNTS: [(&str, usize); 5] = [
    ("100", 100),
    ("1,000", 1_000),
    ("10,000", 10_000),
    ("100,000", 100_000),
    ("1,000,000", 1_000_000),
];
/// An account's most pins of one content.
const OF_ONE_CONTENT: usize = 100;
/// The digest of the secret key `secret`.
const SECRET_DIGEST: [u8; 32] = [
    43, 184, 13, 83, 123, 29, 163, 227, 139, 211, 3, 97, 170, 133, 86, 134, 189, 224, 234, 205,
    113, 98, 254, 246, 162, 95, 233, 123, 245, 39, 162, 91,
];
const ACCOUNT: &str = "c408d3e7-25e0-4a27-80ef-38fad1a52367";

pub(super) fn measure(bench: &mut Bench<'_>) -> Result {
    if bench.is_requested("growth-file") {
        files(bench)?;
    }
    if bench.is_requested("growth-folder") {
        folders(bench)?;
    }
    if bench.is_requested("growth-pins") {
        pins(bench)?;
    }
    Ok(())
}

fn files(bench: &mut Bench<'_>) -> Result {
    let lab = bench.lab;
    let scratch = TempDir::new_in(&lab.options.out)?;
    let mut sinks = Vec::new();
    for (name, gib) in FILES {
        let path = scratch.path().join(gib.to_string());
        File::create(&path)?.set_len(gib << 30)?;
        let sink = lab.sink(&["--cid", &lab.cid(&path)?])?;
        sinks.push((name, path, sink));
    }
    let title = "Growth: the CID of a sparse file";
    let mut cid = Workload::new("growth-file-cid", title, FILES[0].0, Clock::Process);
    let title = "Growth: the upload of a sparse file, CID proved";
    let mut upload = Workload::new("growth-file-upload", title, FILES[0].0, Clock::Process);
    for (name, path, sink) in &sinks {
        cid.program(name, move || {
            let mut command = lab.w3pin(&["cid"]);
            command.arg(path);
            command
        });
        upload.program(name, move || lab.add(sink, "require", path));
    }
    bench.run(&cid);
    bench.run(&upload);
    Ok(())
}

fn folders(bench: &mut Bench<'_>) -> Result {
    let lab = bench.lab;
    let mut sinks = Vec::new();
    for (name, count) in &COUNTS[..4] {
        let folder = lab.folder(*count)?;
        let sink = lab.sink(&["--cid", &lab.cid(&folder)?])?;
        sinks.push((*name, folder, sink));
    }
    let title = "Growth: the upload of a folder by its files of 4 KiB, CID proved";
    let mut work = Workload::new("growth-folder", title, COUNTS[0].0, Clock::Process);
    for (name, folder, sink) in &sinks {
        work.program(name, move || lab.add(sink, "require", folder));
    }
    bench.run(&work);
    Ok(())
}

/// Compares servers by the pins of their account.
fn pins(bench: &mut Bench<'_>) -> Result {
    let lab = bench.lab;
    let scratch = TempDir::new_in(&lab.options.out)?;
    let mut servers = Vec::new();
    for (name, count) in &COUNTS[1..] {
        let data = scratch.path().join(format!("{count}-pins"));
        import(lab, *count, &data)?;
        servers.push((*name, data));
    }
    let title = "Growth: start and stop of the local server by its pins";
    let mut start = Workload::new("growth-pins-start", title, COUNTS[1].0, Clock::Process);
    for (name, data) in &servers {
        let first_line = scratch.path().join("first-line");
        start.program(name, move || {
            let serve = Server::command(lab, data);
            let mut shell = Command::new("sh");
            shell
                .args(["-c", START_AND_STOP])
                .arg(&first_line)
                .arg(serve.get_program())
                .args(serve.get_args());
            shell
        });
    }
    bench.run(&start);
    let running = servers
        .iter()
        .map(|(name, data)| Ok((*name, Server::over(lab, data)?)))
        .collect::<Result<Vec<_>>>()?;
    for (id, what, library, task, count) in [
        (
            "growth-pins-get",
            "3,000 times `get`",
            "std",
            "calls",
            "3000",
        ),
        (
            "growth-pins-list",
            "100 times `list` of 1,000 pins",
            "w3pin",
            "list",
            "100",
        ),
    ] {
        let title = format!("Growth: {what} from the local server, by its pins");
        let mut work = Workload::new(id, title, COUNTS[1].0, Clock::Itself);
        for (name, server) in &running {
            let mut arguments = vec![task, &server.url, count];
            if task == "calls" {
                arguments.push("1");
            }
            work.program(name, move || lab.client(library, &arguments));
        }
        bench.run(&work);
    }
    Ok(())
}

/// Runs a server until it has printed something, into the file `$0`.
const START_AND_STOP: &str =
    r#""$@" > "$0" & until [ -s "$0" ]; do sleep 0.01; done; kill $!; wait $!; rm "$0""#;

/// Makes a data folder with this many pins by importing them.
fn import(lab: &Lab<'_>, count: usize, data: &Path) -> Result {
    let export = data.with_extension("export");
    fs::create_dir(&export)?;
    let mut lines = BufWriter::new(File::create(export.join("records.jsonl"))?);
    let account = json!({
        "id": ACCOUNT, "api_key": "key", "secret_sha256": SECRET_DIGEST, "generated": false,
    });
    writeln!(lines, "{}", json!({ "account": account }))?;
    for number in 0..count {
        let content = (number / OF_ONE_CONTENT).to_le_bytes();
        let cid = raw_leaf(&content);
        if number % OF_ONE_CONTENT == 0 {
            let mut car = w3pin_car::header(&[cid]);
            car.extend(w3pin_car::section_head(&cid, content.len()));
            car.extend(content);
            fs::write(export.join(format!("{cid}.car")), car)?;
        }
        let id = match number {
            0 => PIN_ID.to_owned(),
            _ => format!("00000000-0000-4000-8000-{number:012x}"),
        };
        let pin = json!({
            "id": id,
            "file_record": id,
            "account": ACCOUNT,
            "cid": cid.to_string(),
            "root_hash": hex(&cid.hash().to_bytes()),
            "by_cid": false,
            "is_dir": false,
            "size": content.len(),
            "metadata": {
                "name": format!("{number}.bin"),
                "type": "application/octet-stream",
                "keyvalues": { "number": number.to_string() },
            },
            "created": 1_795_883_227_592_000_000 + number * 1_000_000,
            "unpinned": null,
        });
        writeln!(lines, "{}", json!({ "pin": pin }))?;
    }
    lines.flush()?;
    let import = lab
        .w3pin(&["import"])
        .arg(&export)
        .arg("--data")
        .arg(data)
        .output()?;
    fs::remove_dir_all(&export)?;
    if import.status.success() {
        Ok(())
    } else {
        Err(String::from_utf8_lossy(&import.stderr).into())
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
