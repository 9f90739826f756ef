//! The performance goals of w3pin, as ratios measured in one run.

use std::fmt;

use crate::{measure::Run, table::Table, workloads::IN_FLIGHT};

/// A measured value and its bound.
pub(crate) struct Goal {
    pub(crate) what: &'static str,
    pub(crate) bound: Bound,
    measured: Option<f64>,
}

#[derive(Clone, Copy)]
pub(crate) enum Bound {
    AtMost(f64),
    AtLeast(f64),
}

use Bound::{AtLeast, AtMost};

impl Goal {
    pub(crate) fn reached(&self) -> Option<bool> {
        let measured = self.measured?;
        Some(match self.bound {
            AtMost(most) => measured <= most,
            AtLeast(least) => measured >= least,
        })
    }

    pub(crate) fn figure(&self) -> String {
        self.measured
            .map_or_else(String::new, |figure| format!("{figure:.2}"))
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AtMost(most) => write!(out, "at most {most}"),
            AtLeast(least) => write!(out, "at least {least}"),
        }
    }
}

/// Returns every goal with its value from these tables.
pub(crate) fn of(tables: &[Table]) -> Vec<Goal> {
    let tables = Tables(tables);
    let time = |table, of, to| tables.ratio(table, of, to, |run| run.seconds);
    let p50 = |table, of, to| tables.ratio(table, of, to, |run| run.p50_us.unwrap_or(f64::NAN));
    let best = |table, of, peers| tables.best(table, of, peers);
    let peak = |table, program| tables.median(table, program, |run| run.peak);
    let (w3pin, proved, python, node) = (
        "w3pin",
        "w3pin, CID proved",
        "w3pin (Python)",
        "w3pin (Node)",
    );
    [
        (
            "64 MiB without proof, time by curl's",
            AtMost(0.9),
            time("upload-64", w3pin, "curl"),
        ),
        (
            "64 MiB with proof, time by curl's",
            AtMost(1.15),
            time("upload-64", proved, "curl"),
        ),
        (
            "1 GiB without proof, time by curl's",
            AtMost(0.9),
            time("upload-1024", w3pin, "curl"),
        ),
        (
            "1 GiB with proof, time by curl's",
            AtMost(1.15),
            time("upload-1024", proved, "curl"),
        ),
        (
            "4 GiB without proof, time by curl's",
            AtMost(0.9),
            time("upload-4096", w3pin, "curl"),
        ),
        (
            "4 GiB with proof, time by curl's",
            AtMost(1.15),
            time("upload-4096", proved, "curl"),
        ),
        (
            "1 GiB without proof, CPU by curl's",
            AtMost(1.0),
            tables.ratio("upload-1024", w3pin, "curl", |run| run.cpu),
        ),
        (
            "1 GiB with proof, peak MiB",
            AtMost(12.0),
            peak("upload-1024", proved),
        ),
        (
            "4 GiB with proof, peak MiB more than for 64 MiB",
            AtMost(2.0),
            tables.growth(proved),
        ),
        (
            "requests' time for 1 GiB by the command's",
            AtLeast(4.0),
            time("upload-1024", "requests", w3pin),
        ),
        (
            "axios's time for 1 GiB by the command's",
            AtLeast(4.0),
            time("upload-1024", "axios", w3pin),
        ),
        (
            "pinata's time for 64 MiB by the command's",
            AtLeast(6.0),
            time("upload-64", "pinata", w3pin),
        ),
        (
            "1 MiB from a fresh process, time by curl's",
            AtMost(0.5),
            time("upload-1", w3pin, "curl"),
        ),
        (
            "1 MiB over TLS from a fresh process, time by curl's",
            AtMost(0.6),
            time("tls-1", "w3pin (Rust)", "curl"),
        ),
        (
            "Python's time for 1 GiB by the command's",
            AtMost(1.15),
            time("upload-1024", python, w3pin),
        ),
        (
            "Node's time for 1 GiB by the command's",
            AtMost(1.25),
            time("upload-1024", node, w3pin),
        ),
        (
            "Rust's median call by undici's",
            AtMost(0.6),
            p50("calls-1", "w3pin (Rust)", "undici"),
        ),
        (
            "Rust's calls a second by hyper's, 64 in flight",
            AtLeast(0.85),
            time("calls-64", "hyper", "w3pin (Rust)"),
        ),
        (
            "Python's calls a second by requests'",
            AtLeast(5.0),
            time("calls-1", "requests", python),
        ),
        (
            "Python's calls a second by aiohttp's, 64 in flight",
            AtLeast(2.0),
            time("calls-64", "aiohttp", "w3pin (Python, asyncio)"),
        ),
        (
            "Node's calls a second by undici's",
            AtLeast(2.0),
            time("calls-1", "undici", node),
        ),
        (
            "The best peer's time for small files, 8 in flight, by Rust's",
            AtLeast(12.0),
            best(
                "files-8",
                "w3pin (Rust)",
                ["requests", "aiohttp", "axios", "undici", "pinata"],
            ),
        ),
        (
            "10,000 files as one request, time by the socket loop's",
            AtMost(2.5),
            time("folder", w3pin, "std sockets"),
        ),
        (
            "10,000 files as one request with proof, peak MiB",
            AtMost(12.0),
            peak("folder", proved),
        ),
        (
            "CID of 1 GiB on one core, time by openssl's",
            AtMost(0.72),
            time("cid", "w3pin, one core", "openssl"),
        ),
        (
            "CID of 1 GiB, two cores' speed by one's",
            AtLeast(1.7),
            time("cid", "w3pin, one core", w3pin),
        ),
        (
            "The server's time for 1 GiB by that of cp and sha256sum",
            AtMost(2.0),
            time("server", "w3pin serve", "cp, sha256sum"),
        ),
        (
            "The server's small uploads a second, 64 in flight, by files synced one by one",
            AtLeast(10.0),
            time("server-files", "a file and a sync each", IN_FLIGHT),
        ),
        (
            "The same, 99th percentile by the median",
            AtMost(3.0),
            tables.spread("server-files", IN_FLIGHT),
        ),
        (
            "1 GiB fetched, time by curl's",
            AtMost(1.25),
            time("fetch-1024", w3pin, "curl"),
        ),
        (
            "1 GiB fetched, peak MiB",
            AtMost(16.0),
            peak("fetch-1024", w3pin),
        ),
        (
            "10,000 files fetched, time by `ipfs get`'s",
            AtMost(0.3),
            time("fetch-files", w3pin, "ipfs get"),
        ),
        (
            "Time from one gateway of 50 ms by that from four",
            AtLeast(3.0),
            time("fetch-delayed", "one gateway", "four gateways"),
        ),
        (
            "Upload of 100 GiB by that of 1 GiB, time's exponent",
            AtMost(1.05),
            tables.exponent("growth-file-upload", ["1 GiB", "100 GiB"], 100.0),
        ),
        (
            "Folder of 100,000 files by one of 10,000, time's exponent",
            AtMost(1.1),
            tables.exponent("growth-folder", ["10,000", "100,000"], 10.0),
        ),
        (
            "The server's `get` at 1,000,000 pins by that at 1,000",
            AtMost(1.2),
            time("growth-pins-get", "1,000,000", "1,000"),
        ),
        (
            "The server's list of 1,000 at 1,000,000 pins by that at 1,000",
            AtMost(1.2),
            time("growth-pins-list", "1,000,000", "1,000"),
        ),
        (
            "`w3pin --version` by an empty program",
            AtMost(1.5),
            time("start", "w3pin --version", "an empty Rust program"),
        ),
        (
            "`import w3pin` by `import requests`",
            AtMost(0.25),
            time("start", python, "requests"),
        ),
        (
            "Node with w3pin by Node alone",
            AtMost(1.2),
            time("start", node, "Node alone"),
        ),
    ]
    .map(|(what, bound, measured)| Goal {
        what,
        bound,
        measured,
    })
    .into()
}

struct Tables<'a>(&'a [Table]);

impl Tables<'_> {
    fn table(&self, id: &str) -> Option<&Table> {
        self.0.iter().find(|table| table.id == id)
    }

    fn ratio(&self, table: &str, of: &str, to: &str, figure: impl Fn(&Run) -> f64) -> Option<f64> {
        self.table(table)?.ratio(of, to, figure)
    }

    fn median(&self, table: &str, program: &str, figure: impl Fn(&Run) -> f64) -> Option<f64> {
        Some(self.table(table)?.row(program)?.median(figure))
    }

    /// Returns the power of the size with which time grows, between two sizes of this ratio.
    fn exponent(&self, table: &str, [from, to]: [&str; 2], factor: f64) -> Option<f64> {
        let ratio = self.ratio(table, to, from, |run| run.seconds)?;
        Some(ratio.ln() / factor.ln())
    }

    /// Returns the 99th percentile relative to the median.
    fn spread(&self, table: &str, program: &str) -> Option<f64> {
        let run = |run: &Run| Some(run.p99_us? / run.p50_us?);
        self.median(table, program, |of| run(of).unwrap_or(f64::NAN))
    }

    /// Returns the fastest peer's time relative to the reference.
    fn best<const N: usize>(&self, table: &str, of: &str, peers: [&str; N]) -> Option<f64> {
        let ratios = peers
            .iter()
            .filter_map(|peer| self.ratio(table, peer, of, |run| run.seconds));
        ratios.min_by(f64::total_cmp)
    }

    /// Returns the additional memory needed for the largest file compared to 64 MiB.
    fn growth(&self, program: &str) -> Option<f64> {
        let peak = |table| self.median(table, program, |run| run.peak);
        Some(peak("upload-4096")? - peak("upload-64")?)
    }
}
