//! The npm packages: w3pin, and one with the native module of each platform.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use super::{
    Release,
    layout::{copy_into, create, failed, files, remove, write},
    tools::run,
};
use crate::{Result, run::root, run::run as shell, versions::VERSION};

const TRY: &str = "import { startLocalServer } from 'w3pin/testing';\n\
    const server = await startLocalServer();\n\
    const pin = await server.client().pinBytes(Buffer.from('hello'), { verify: 'require' });\n\
    console.log(pin.cid);\n\
    await server.close();";

pub(crate) fn pack(release: &mut Release) -> Result {
    let node = root().join("node");
    for folder in ["native", "npm"] {
        remove(&node.join(folder))?;
    }
    create(&node.join("native"))?;
    // Not `ci`, which requests packages of platforms from the lock file that some registries lack.
    shell("npm --prefix node install --ignore-scripts --no-save --silent")?;
    let modules = release
        .layout
        .all(|target| Some(format!("w3pin.{}.node", target.npm)));
    for (_, module) in &modules {
        copy_into(module, &node.join("native"))?;
    }
    for script in ["postbuild:native", "build", "check", "pack"] {
        shell(&format!("npm --prefix node run --silent {script}"))?;
    }
    let folder = release.layout.part("npm")?;
    for tarball in files(&node.join("npm"), ".tgz") {
        copy_into(&tarball, &folder)?;
    }
    let here = modules
        .iter()
        .any(|(target, _)| target.runs_here() && !target.is_musl());
    if here {
        install(release, &folder)?;
    } else {
        release
            .table
            .unchecked("npm", "no module was built for this machine");
    }
    for tarball in files(&folder, ".tgz") {
        let is_module = tarball.to_string_lossy().contains("-native-");
        let (most, mut checks) = if is_module {
            (6, String::new())
        } else {
            (1, "publint, attw".to_owned())
        };
        if here {
            let comma = if checks.is_empty() { "" } else { ", " };
            checks = format!("{checks}{comma}published to a registry");
            if !is_module {
                checks += ", installed, pins";
            }
        }
        release.table.has(&tarball, most, &checks)?;
    }
    Ok(())
}

/// Publishes all packages to a local registry, and pins with what npm installs from there.
fn install(release: &Release, tarballs: &Path) -> Result {
    let folder = root().join("target/release-tools/npm-fresh");
    remove(&folder)?;
    let registry = Registry::start(release, &folder.join("registry"))?;
    let settings = folder.join("npmrc");
    // A registry without authentication still requires a token.
    write(
        &settings,
        format!(
            "registry={url}\n{name}:_authToken=anyone\n",
            url = registry.url,
            name = registry.url.trim_start_matches("http:")
        ),
    )?;
    let npm = |arguments: &[&str], at: &Path| {
        run(Command::new("npm")
            .args(arguments)
            .args(["--silent", "--ignore-scripts", "--userconfig"])
            .arg(&settings)
            .arg("--cache")
            .arg(folder.join("cache"))
            .current_dir(at))
    };
    for tarball in files(tarballs, ".tgz") {
        npm(&["publish", &tarball.display().to_string()], tarballs)?;
    }
    let app = folder.join("app");
    write(
        &app.join("package.json"),
        r#"{ "private": true, "type": "module" }"#,
    )?;
    write(&app.join("pin.js"), TRY)?;
    npm(&["install", &format!("w3pin@{VERSION}")], &app)?;
    run(Command::new("node").arg("pin.js").current_dir(&app))?;
    run(Command::new("npx")
        .args(["--no-install", "w3pin", "--version"])
        .current_dir(&app))
}

/// An empty registry, stopped on drop.
struct Registry {
    process: Child,
    url: String,
}

impl Registry {
    fn start(release: &Release, folder: &Path) -> Result<Self> {
        let program = release.tools.verdaccio()?;
        create(folder)?;
        let settings = folder.join("config.yaml");
        write(
            &settings,
            "storage: ./storage\n\
             max_body_size: 200mb\n\
             packages:\n  '**': { access: $all, publish: $all }\n\
             log: { type: stdout, format: json, level: info }\n",
        )?;
        let port = free_port()?;
        let mut process = Command::new("node")
            .arg(&program)
            .arg("--config")
            .arg(&settings)
            .args(["--listen", &format!("127.0.0.1:{port}")])
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|cause| failed(&program, &cause))?;
        let lines = process.stdout.take().map(BufReader::new);
        let mut lines = lines
            .into_iter()
            .flat_map(BufRead::lines)
            .map_while(std::io::Result::ok);
        let listens = lines.any(|line| line.contains("http address"));
        // Unread output would block it eventually.
        std::thread::spawn(move || lines.for_each(drop));
        let registry = Self {
            process,
            url: format!("http://127.0.0.1:{port}/"),
        };
        if listens {
            Ok(registry)
        } else {
            Err(failed(&program, &"the registry ended"))
        }
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        // It may have exited already.
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(root().join("target/release-tools/npm-fresh/registry"));
    }
}

fn free_port() -> Result<u16> {
    std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|cause| format!("there is no free port: {cause}"))
}
