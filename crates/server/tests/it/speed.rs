//! Benchmarks rather than tests: `cargo test --release -- --ignored speed`.

use std::{
    fs,
    process::{Command, Stdio},
    time::Instant,
};

use tempfile::TempDir;

use crate::fixture::{TestServer, file, noise};

const GIB: usize = 1 << 30;

fn time(command: &mut Command) -> f64 {
    let began = Instant::now();
    assert!(
        command.stdout(Stdio::null()).status().unwrap().success(),
        "{command:?}"
    );
    began.elapsed().as_secs_f64()
}

/// The peak memory of this process in MiB; Linux only.
fn peak_memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap_or("0");
    line.split_whitespace()
        .next()
        .unwrap_or("0")
        .parse::<u64>()
        .unwrap_or(0)
        / 1024
}

#[test]
#[ignore = "measures"]
fn one_gibibyte() {
    let folder = TempDir::new().unwrap();
    let big = folder.path().join("big");
    {
        use std::io::Write;
        let mut output = fs::File::create(&big).unwrap();
        for part in 0..GIB >> 20 {
            output.write_all(&noise(part as u64 + 1, 1 << 20)).unwrap();
        }
        output.sync_all().unwrap();
    }
    for _ in 0..3 {
        let copy = time(Command::new("cp").arg(&big).arg(folder.path().join("copy")));
        let sync = time(Command::new("sync").arg(folder.path().join("copy")));
        let hash = time(Command::new("sha256sum").arg(&big));
        fs::remove_file(folder.path().join("copy")).unwrap();
        let server = TestServer::start();
        let began = Instant::now();
        let reply = server.curl(
            "/api/pinning/",
            &["-F", &format!("file=@{}", big.display())],
        );
        let upload = began.elapsed().as_secs_f64();
        assert_eq!(reply.status, 201);
        println!(
            "cp {copy:.2} s, sync {sync:.2} s, sha256sum {hash:.2} s; upload {upload:.2} s; \
             peak {} MiB",
            peak_memory()
        );
    }
}

#[test]
#[ignore = "measures"]
fn ten_thousand_files() {
    let server = TestServer::start();
    let content = noise(1, 4096);
    let names: Vec<_> = (0..10_000)
        .map(|number| format!("d/{}/{number}", number % 100))
        .collect();
    let parts: Vec<_> = names
        .iter()
        .enumerate()
        .map(|(number, name)| file(name, &content[number % 4000..]))
        .collect();
    let began = Instant::now();
    assert_eq!(server.upload(&parts).status, 201);
    println!(
        "10,000 files in {:.2} s, with making the body",
        began.elapsed().as_secs_f64()
    );
}

/// The cost of comparing every block with its digest when it is read.
#[test]
#[ignore = "measures"]
fn reading_back() {
    let folder = TempDir::new().unwrap();
    let big = folder.path().join("big");
    let content = noise(1, GIB / 2);
    fs::write(&big, &content).unwrap();
    let server = TestServer::start();
    let form = format!("file=@{}", big.display());
    let pin = server.curl("/api/pinning/", &["-F", &form]).data();
    let url = server.url(&format!("/ipfs/{}", crate::fixture::text(&pin["cid"])));
    for _ in 0..3 {
        let read = time(Command::new("curl").args(["-sS", "-o", "/dev/null", &url]));
        let began = Instant::now();
        for block in content.chunks(256 << 10) {
            std::hint::black_box(w3pin_unixfs::leaf_matches(&RAW, block));
        }
        let hash = began.elapsed().as_secs_f64();
        println!(
            "512 MiB read in {read:.2} s, of which hashing is {hash:.2} s: {:.0} MB/s",
            content.len() as f64 / hash / 1e6
        );
    }
}

/// The CID of a raw block.
static RAW: std::sync::LazyLock<w3pin_unixfs::Cid> = std::sync::LazyLock::new(|| {
    let cid = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e";
    cid.parse().unwrap()
});
