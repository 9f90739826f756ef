//! Runs the image's server without a container engine.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use super::{Release, USER};
use crate::{
    Result,
    release::{
        layout::{create, read_text, remove},
        tools::{read, run},
    },
    run::{has, root},
    versions::VERSION,
};

/// Starts the image's server as the image's user, with the layer as its root folder, and asks for its
/// health like the image does.
pub(super) fn start(release: &mut Release, layer: &Path) -> Result<&'static str> {
    let root = root().join("target/release-tools/image-root");
    remove(&root)?;
    create(&root)?;
    run(Command::new("tar")
        .arg("-xzf")
        .arg(layer)
        .arg("-C")
        .arg(&root))?;
    if !has("chroot / true") {
        release.table.unchecked("image", "starting it takes root");
        return Ok("");
    }
    let version = read(inside(&root).arg("--version"))?;
    if version.trim() != format!("w3pin {VERSION}") {
        return Err(format!("the image's command says {version}"));
    }
    let server = Server::start(&root)?;
    run(inside(&root).args(["health", &server.address]))?;
    server.has_no_privileges()?;
    let address = server.address.clone();
    drop(server);
    if run(inside(&root).args(["health", &address])).is_ok() {
        return Err("the image's health check passes without a server".to_owned());
    }
    Ok("as its user in an empty root: --version, serve, health check")
}

fn inside(root: &Path) -> Command {
    let mut command = Command::new("chroot");
    command
        .arg(format!("--userspec={USER}"))
        .arg(root)
        .arg("/w3pin")
        .env_clear()
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .env("HOME", "/data");
    command
}

/// `serve` in the image, stopped on drop.
struct Server {
    process: Child,
    address: String,
}

impl Server {
    fn start(root: &Path) -> Result<Self> {
        let said = |cause: &dyn std::fmt::Display| format!("the image's server: {cause}");
        let mut process = inside(root)
            .args(["serve", "--listen", "127.0.0.1:0", "--data", "/data"])
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|cause| said(&cause))?;
        let mut line = String::new();
        if let Some(output) = process.stdout.take() {
            BufReader::new(output)
                .read_line(&mut line)
                .map_err(|cause| said(&cause))?;
        }
        let address = line
            .split("http://")
            .nth(1)
            .and_then(|rest| rest.split('/').next())
            .unwrap_or_default()
            .to_owned();
        Ok(Self { process, address })
    }

    /// Checks that neither its users nor its groups are root's.
    fn has_no_privileges(&self) -> Result {
        let status = format!("/proc/{}/status", self.process.id());
        let status = read_text(Path::new(&status))?;
        let mut ids = status
            .lines()
            .filter(|line| {
                ["Uid:", "Gid:", "Groups:"]
                    .iter()
                    .any(|it| line.starts_with(it))
            })
            .flat_map(|line| line.split_whitespace().skip(1));
        match ids.find(|id| !USER.split(':').any(|own| own == *id)) {
            None => Ok(()),
            Some(id) => Err(format!("the image's server runs as {id}")),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have exited already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
