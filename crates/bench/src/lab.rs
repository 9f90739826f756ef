//! The test bench: the programs, the sink and the content.

use std::{
    env, fs,
    fs::File,
    io::{BufRead, BufReader, BufWriter, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use serde::Deserialize;

use crate::Result;

/// What to measure, and with which programs.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// The `w3pin` command
    #[arg(long)]
    pub(crate) w3pin: PathBuf,
    /// The Python interpreter with w3pin and its peers installed
    #[arg(long)]
    pub(crate) python: Option<PathBuf>,
    /// The `node_modules` folder with w3pin and its peers
    #[arg(long)]
    pub(crate) node_modules: Option<PathBuf>,
    /// The folder of the peers' scripts
    #[arg(long)]
    pub(crate) peers: PathBuf,
    /// Kubo's `ipfs`
    #[arg(long)]
    pub(crate) kubo: Option<PathBuf>,
    /// The folder for content and results
    #[arg(long)]
    pub(crate) out: PathBuf,
    /// Rounds of each workload
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) rounds: u16,
    /// The largest file in MiB; peers that hold files in memory get at most 1,024
    #[arg(long, default_value_t = 4096, value_name = "MIB")]
    pub(crate) largest: u64,
    /// The number of small files to send one by one
    #[arg(long, default_value_t = 10_000)]
    pub(crate) files: usize,
    /// Run only the workloads whose ids start with this
    #[arg(long, value_name = "ID")]
    pub(crate) only: Vec<String>,
}

/// The programs and their content.
pub(crate) struct Lab<'a> {
    pub(crate) options: &'a Options,
    this: PathBuf,
}

#[derive(Deserialize)]
struct Computed {
    cid: String,
}

impl<'a> Lab<'a> {
    pub(crate) fn new(options: &'a Options) -> Result<Self> {
        fs::create_dir_all(&options.out)?;
        Ok(Self {
            options,
            this: env::current_exe()?,
        })
    }

    /// Returns a file of random bytes, created once.
    pub(crate) fn file(&self, bytes: u64) -> Result<PathBuf> {
        let path = self.options.out.join(format!("{bytes}.bin"));
        if fs::metadata(&path).is_ok_and(|found| found.len() == bytes) {
            return Ok(path);
        }
        let mut out = BufWriter::with_capacity(1 << 20, File::create(&path)?);
        let mut noise = Noise(bytes | 1);
        for _ in 0..bytes / 8 {
            out.write_all(&noise.next().to_le_bytes())?;
        }
        out.flush()?;
        Ok(path)
    }

    /// Returns a folder of `count` identical files of 4 KiB, so that one CID is right for each.
    pub(crate) fn folder(&self, files: usize) -> Result<PathBuf> {
        let content = fs::read(self.file(4096)?)?;
        self.make_folder(&format!("{files}-files"), files, |_| content.clone())
    }

    /// Returns a folder of `count` different files of 4 KiB.
    pub(crate) fn folder_of_different(&self, files: usize) -> Result<PathBuf> {
        self.make_folder(&format!("{files}-different-files"), files, |number| {
            let mut noise = Noise(number as u64);
            (0..512).flat_map(|_| noise.next().to_le_bytes()).collect()
        })
    }

    fn make_folder(
        &self,
        name: &str,
        files: usize,
        content: impl Fn(usize) -> Vec<u8>,
    ) -> Result<PathBuf> {
        let path = self.options.out.join(name);
        if !path.is_dir() {
            let partial = path.with_extension("partial");
            for number in 0..files {
                let below = partial.join(format!("{:02}", number % 100));
                fs::create_dir_all(&below)?;
                fs::write(below.join(format!("{number:06}.bin")), content(number))?;
            }
            fs::rename(partial, &path)?;
        }
        Ok(path)
    }

    /// Returns the root CID of a file or folder.
    pub(crate) fn cid(&self, path: &Path) -> Result<String> {
        let output = self.w3pin(&["cid", "--json"]).arg(path).output()?;
        Ok(serde_json::from_slice::<Computed>(&output.stdout)?.cid)
    }

    /// Starts a separate sink for a workload.
    pub(crate) fn sink(&self, arguments: &[&str]) -> Result<Sink> {
        self.serving("sink", arguments)
    }

    /// Starts a separate gateway that serves the blocks of a file.
    pub(crate) fn gateway(&self, file: &Path, latency_ms: &str) -> Result<Sink> {
        let file = file.display().to_string();
        self.serving("gateway", &[&file, "--latency-ms", latency_ms])
    }

    fn serving(&self, task: &str, arguments: &[&str]) -> Result<Sink> {
        let mut child = Command::new(&self.this)
            .arg(task)
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()?;
        let out = child.stdout.take().ok_or("the sink has no output")?;
        let mut lines = BufReader::new(out).lines();
        let url = lines.next().ok_or("the sink didn't start")??;
        let mut certificate = String::new();
        for line in lines {
            let line = line?;
            if line.is_empty() {
                break;
            }
            certificate.push_str(&line);
            certificate.push('\n');
        }
        Ok(Sink {
            child,
            url,
            certificate,
        })
    }

    pub(crate) fn w3pin(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.options.w3pin);
        command.args(arguments);
        command
    }

    /// Returns the command that uploads to a sink.
    pub(crate) fn add(&self, sink: &Sink, verify: &str, path: &Path) -> Command {
        let mut command = self.w3pin(&["add", "--quiet", "--json", "--endpoint", &sink.url]);
        command
            .args([
                "--api-key",
                "key",
                "--secret-key",
                "secret",
                "--verify",
                verify,
            ])
            .arg(path);
        command
    }

    pub(crate) fn curl(url: &str, file: &Path) -> Command {
        let mut command = Command::new("curl");
        command
            .args(["--silent", "--show-error", "--fail", "--noproxy", "*"])
            .args([
                "--header",
                "pinning_api_key: key",
                "--header",
                "pinning_secret_key: secret",
            ])
            .arg("--form")
            .arg(format!("file=@{}", file.display()))
            .arg(format!("{url}/"));
        command
    }

    /// Returns the command that runs one of this program's clients.
    pub(crate) fn client(&self, library: &str, task: &[&str]) -> Command {
        let mut command = Command::new(&self.this);
        command.arg("client").arg(library).args(task);
        command
    }

    pub(crate) fn python(&self, arguments: &[&str]) -> Option<Command> {
        let mut command = Command::new(self.options.python.as_ref()?);
        command
            .arg(self.options.peers.join("python/peer.py"))
            .args(arguments);
        Some(command)
    }

    pub(crate) fn node(&self, arguments: &[&str]) -> Option<Command> {
        let mut command = Command::new("node");
        command
            .env("NODE_PATH", self.options.node_modules.as_ref()?)
            .arg(self.options.peers.join("node/peer.js"))
            .args(arguments);
        Some(command)
    }

    /// Returns the smallest Rust program.
    pub(crate) fn empty(&self) -> Command {
        Command::new(self.this.with_file_name("empty"))
    }
}

/// A running sink, killed on drop.
pub(crate) struct Sink {
    child: Child,
    pub(crate) url: String,
    pub(crate) certificate: String,
}

impl Drop for Sink {
    fn drop(&mut self) {
        // It may have exited already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Pseudorandom numbers, the same in each run (splitmix64).
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
