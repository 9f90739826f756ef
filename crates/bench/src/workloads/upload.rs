use std::fs;

use super::{Bench, Workload};
use crate::{Result, lab::Lab, measure::Clock};

const MIB: u64 = 1 << 20;
/// Libraries that hold whole files in memory would run out of it.
const LARGEST_FOR_PEERS: u64 = 1024;
const LARGEST_OF_PINATA: u64 = 64;

pub(super) fn measure(bench: &mut Bench<'_>) -> Result {
    let lab = bench.lab;
    for size in [1, 64, 1024, 4096] {
        let id = format!("upload-{size}");
        if size > lab.options.largest || !bench.wants(&id) {
            continue;
        }
        let file = lab.file(size * MIB)?;
        let path = file.display().to_string();
        let sink = lab.sink(&["--cid", &lab.cid(&file)?])?;
        let title = format!("Upload of one file of {size} MiB, each from a fresh process");
        let mut work = Workload::new(id, title, "curl", Clock::Process);
        work.program("curl", || Lab::curl(&sink.url, &file));
        work.program("std sockets", || {
            lab.client("std", &["upload", &sink.url, &path])
        });
        work.program("w3pin", || lab.add(&sink, "off", &file));
        work.program("w3pin, CID proved", || lab.add(&sink, "require", &file));
        if size <= LARGEST_FOR_PEERS {
            for (name, library) in [
                ("w3pin (Python)", "w3pin"),
                ("requests", "requests"),
                ("httpx", "httpx"),
                ("aiohttp", "aiohttp"),
            ] {
                work.peer(name, || lab.python(&[library, "upload", &sink.url, &path]));
            }
            for (name, library) in [
                ("w3pin (Node)", "w3pin"),
                ("axios", "axios"),
                ("undici", "undici"),
            ] {
                work.peer(name, || lab.node(&[library, "upload", &sink.url, &path]));
            }
        }
        // It sends larger files with another protocol, which the sink doesn't support.
        if size <= LARGEST_OF_PINATA {
            work.peer("pinata", || {
                lab.node(&["pinata", "upload", &sink.url, &path])
            });
        }
        bench.run(&work);
    }
    if bench.wants("tls-1") {
        over_tls(bench)?;
    }
    Ok(())
}

fn over_tls(bench: &mut Bench<'_>) -> Result {
    let lab = bench.lab;
    let file = lab.file(MIB)?;
    let path = file.display().to_string();
    let sink = lab.sink(&["--tls"])?;
    let certificate = lab.options.out.join("sink.pem");
    fs::write(&certificate, &sink.certificate)?;
    let ca = certificate.display().to_string();
    let title = "Upload of 1 MiB over TLS, each from a fresh process";
    let mut work = Workload::new("tls-1", title, "curl", Clock::Process);
    work.program("curl", || {
        let mut curl = Lab::curl(&sink.url, &file);
        curl.args(["--cacert", &ca]);
        curl
    });
    work.program("w3pin (Rust)", || {
        lab.client("w3pin", &["upload", &sink.url, &path, "--ca", &ca])
    });
    bench.run(&work);
    Ok(())
}
