//! A disk of a few megabytes: a tmpfs in a mount namespace held by a separate process.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;

pub(crate) struct SmallDisk {
    holder: Child,
    folder: TempDir,
    /// A second mount point, kept while the disk is lost.
    elsewhere: TempDir,
}

impl SmallDisk {
    /// A disk of so many MiB.
    pub(crate) fn new(mebibytes: u64) -> Self {
        let [folder, elsewhere] = [(), ()].map(|()| TempDir::new().unwrap());
        let script = format!(
            "mount -t tmpfs -o size={mebibytes}m tmpfs '{0}' && mount --bind '{0}' '{1}' && echo mounted \
             && exec cat",
            folder.path().display(),
            elsewhere.path().display()
        );
        let mut command = Command::new("unshare");
        // Without root, use a user namespace.
        if !is_root() {
            command.args(["--user", "--map-root-user"]);
        }
        let mut holder = command
            .args(["--mount", "--propagation", "private", "sh", "-c", &script])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(holder.stdout.as_mut().unwrap())
            .read_line(&mut line)
            .unwrap();
        assert_eq!(line, "mounted\n", "a tmpfs can be mounted in a namespace");
        Self {
            holder,
            folder,
            elsewhere,
        }
    }

    /// The disk as seen from outside the namespace.
    pub(crate) fn path(&self) -> PathBuf {
        let root = PathBuf::from(format!("/proc/{}/root", self.holder.id()));
        root.join(self.folder.path().strip_prefix("/").unwrap())
    }

    /// Writes until the disk is full.
    pub(crate) fn fill(&self) {
        let mut file = fs::File::options()
            .append(true)
            .create(true)
            .open(self.path().join("filler"))
            .unwrap();
        for size in [1 << 20, 4096, 1] {
            while file.write_all(&vec![1; size]).is_ok() {}
        }
    }

    /// Frees this many bytes.
    #[allow(dead_code, reason = "the command's tests use this file too")]
    pub(crate) fn give_back(&self, bytes: u64) {
        let file = fs::File::options()
            .write(true)
            .open(self.path().join("filler"))
            .unwrap();
        let length = file.metadata().unwrap().len();
        file.set_len(length.saturating_sub(bytes)).unwrap();
    }

    /// Unmounts it. Processes with open files keep them.
    #[allow(dead_code, reason = "attacks alone do this")]
    pub(crate) fn be_lost(&self) {
        let folder = self.folder.path().display();
        self.mount(&format!("umount --lazy '{folder}'"));
    }

    /// Mounts it again.
    #[allow(dead_code, reason = "attacks alone do this")]
    pub(crate) fn be_found(&self) {
        let [elsewhere, folder] = [&self.elsewhere, &self.folder].map(|it| it.path().display());
        self.mount(&format!("mount --bind '{elsewhere}' '{folder}'"));
    }

    /// Runs a shell command where the disk is mounted.
    fn mount(&self, line: &str) {
        let mut command = Command::new("nsenter");
        command.args(["--target", &self.holder.id().to_string(), "--mount"]);
        if !is_root() {
            command.args(["--user", "--preserve-credentials"]);
        }
        let status = command.args(["sh", "-c", line]).status();
        assert!(status.unwrap().success(), "{line}");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}

fn is_root() -> bool {
    let status = fs::read_to_string(Path::new("/proc/self/status")).unwrap();
    status
        .lines()
        .any(|line| line.starts_with("Uid:") && line.split_whitespace().nth(2) == Some("0"))
}
