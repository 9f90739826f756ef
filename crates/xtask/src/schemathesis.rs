//! `cargo xtask schemathesis`

use std::{
    env, fs,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use crate::{
    Result,
    run::{root, run as shell},
};

const VERSION: &str = "4.32.5";

/// No schema specifies which texts are CIDs, which ids exist or which form fields may be absent, so the
/// document doesn't determine whether data is accepted.
const UNSOUND: &str = "positive_data_acceptance,negative_data_rejection";

/// The server answers whatever its OpenAPI document allows, and what it doesn't, as documented and
/// never with a 5xx.
///
/// It isn't part of `ci`: Python and its packages are asked of the network the first time. Arguments
/// behind the task's name go to Schemathesis, as `--seed 7`.
pub(crate) fn run() -> Result {
    let tool = installed()?;
    shell("cargo build --quiet -p w3pin-cli")?;
    let folder = env::temp_dir().join(format!("w3pin-schemathesis-{}", std::process::id()));
    let failed = |what: &str, cause: &dyn std::fmt::Display| format!("{what}: {cause}");
    let served = Command::new(root().join("target/debug/w3pin"))
        .args(["serve", "--json", "--listen", "127.0.0.1:0", "--data"])
        .arg(folder.join("data"))
        // The user's own keys and settings aren't used.
        .env("XDG_CONFIG_HOME", folder.join("config"))
        .env_remove("W3PIN_API_KEY")
        .env_remove("W3PIN_SECRET_KEY")
        .stdout(Stdio::piped())
        .spawn();
    let mut server = Serving(served.map_err(|cause| failed("`w3pin serve` can't be run", &cause))?);

    let mut line = String::new();
    let output = server.0.stdout.take().ok_or("the server has no output")?;
    BufReader::new(output)
        .read_line(&mut line)
        .map_err(|cause| failed("the server says nothing", &cause))?;
    let said: serde_json::Value =
        serde_json::from_str(&line).map_err(|cause| failed("the server says no JSON", &cause))?;
    let text = |field: &str| {
        let text = said[field].as_str();
        text.ok_or_else(|| format!("the server doesn't say its {field}"))
    };
    let origin = text("endpoint")?.trim_end_matches("/api/pinning");
    let (api_key, secret_key) = (text("api_key")?, text("secret_key")?);
    let status = Command::new(tool)
        .args(["run", &format!("{origin}/openapi.json"), "--no-color"])
        .args(["--checks", "all", "--exclude-checks", UNSOUND])
        .args(["--continue-on-failure", "--max-examples", "200"])
        .args(["-H", &format!("pinning_api_key: {api_key}")])
        .args(["-H", &format!("pinning_secret_key: {secret_key}")])
        .args([
            "-H",
            &format!("Authorization: Bearer {api_key}:{secret_key}"),
        ])
        .args(env::args().skip(2))
        .current_dir(root().join("target"))
        .status()
        .map_err(|cause| failed("Schemathesis can't be run", &cause))?;
    drop(server);
    fs::remove_dir_all(&folder).map_err(|cause| failed("the data can't be removed", &cause))?;
    if status.success() {
        Ok(())
    } else {
        Err("the server isn't as its document says".to_owned())
    }
}

/// Schemathesis, which is installed unless it was before.
pub(crate) fn installed() -> Result<PathBuf> {
    let tool = root().join("target/schemathesis/bin/schemathesis");
    if !tool.exists() {
        shell("python3 -m venv target/schemathesis")?;
        shell(&format!(
            "target/schemathesis/bin/pip install --quiet schemathesis=={VERSION}"
        ))?;
    }
    Ok(tool)
}

/// Ends with the task, however that ends.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
