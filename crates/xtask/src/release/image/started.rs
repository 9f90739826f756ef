//! Runs the image's server without a container engine.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
};

use super::{Release, USER};
use crate::{
    Result,
    release::{
        layout::{create, remove},
        tools::{read, run},
    },
    run::{has, root},
    versions::VERSION,
};

/// Starts the image's server as the image's user, with the layer as its root folder, and sends a request.
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
    let response = server.get("/openapi.json")?;
    if !response.starts_with("HTTP/1.1 200") {
        return Err(format!("the image's server says {response}"));
    }
    let healthy = inside(&root)
        .arg("check")
        .env(
            "W3PIN_ENDPOINT",
            format!("http://{}/api/pinning", server.address),
        )
        .status();
    if !healthy.is_ok_and(|status| status.success()) {
        return Err("the image's health check fails".to_owned());
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
        .env("HOME", "/data")
        .env("W3PIN_API_KEY", "KEY")
        .env("W3PIN_SECRET_KEY", "SECRET");
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

    fn get(&self, path: &str) -> Result<String> {
        let said = |cause: std::io::Error| format!("{}: {cause}", self.address);
        let mut stream = TcpStream::connect(&self.address).map_err(said)?;
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n",
            self.address
        );
        stream.write_all(request.as_bytes()).map_err(said)?;
        let mut response = String::new();
        stream.read_to_string(&mut response).map_err(said)?;
        Ok(response)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have exited already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
