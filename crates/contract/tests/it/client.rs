//! Runs the scenarios with the Rust client over real HTTP.

mod batches;
mod options;
mod reading;

use std::{collections::BTreeMap, fs, path::Path, time::Duration};

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use w3pin::{
    ByteStream, Client, PreparedUpload, Result, RetryPolicy, Settings, Symlinks, VerifyOptions,
};
use w3pin_contract::{ClientSettings, Content, Report, Scenario, ScenarioServer};

use self::{
    batches::{cids, completed, files, ids, many},
    options::{Told, by_cid, cid_options, pin_options, sync_options, walk},
    reading::read_back,
};
use crate::{
    options::{list, text, wait_policy},
    outcome::{Outcome, each, judge},
    surface,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_client_runs_every_scenario() {
    let server = ScenarioServer::start().await.unwrap();
    let url = server.url();
    let scenarios = Scenario::load_all().unwrap().into_iter();
    let runs = scenarios.filter(can_be_here).map(|scenario| {
        let url = url.clone();
        async move {
            let problems = if settings_are_outside(&scenario) {
                run_in_its_environment(&url, &scenario).await
            } else {
                run(&url, &scenario).await
            };
            (scenario.id, problems)
        }
    });
    let mut report = Report {
        surface: Some(surface::rust()),
        ..Report::default()
    };
    let mut failures = Vec::new();
    let mut runs = stream::iter(runs).buffer_unordered(8);
    while let Some((id, problems)) = runs.next().await {
        failures.extend(
            problems
                .into_iter()
                .map(|problem| format!("{id}: {problem}")),
        );
        report.ran.insert(id);
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    report.save("rust").unwrap();
}

/// Whether the file names are valid: Windows reserves some characters.
fn can_be_here(scenario: &Scenario) -> bool {
    let taken = ['\\', ':', '*', '?', '"', '<', '>', '|'];
    !cfg!(windows) || !scenario.files.keys().any(|name| name.contains(taken))
}

/// Whether the environment or the config file matters.
fn settings_are_outside(scenario: &Scenario) -> bool {
    !scenario.client.environment.is_empty() || scenario.client.config.is_some()
}

const SCENARIO: &str = "W3PIN_TEST_SCENARIO";
const SERVER: &str = "W3PIN_TEST_SCENARIO_SERVER";
const ENDPOINT: &str = "W3PIN_TEST_ENDPOINT";
const PROBLEM: &str = "problem: ";

/// Runs a scenario in a separate process with its environment.
async fn run_in_its_environment(url: &str, scenario: &Scenario) -> Vec<String> {
    let begun = ask(url, "POST", "/runs", &scenario.id).await;
    let endpoint = begun["endpoint"].as_str().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut command = tokio::process::Command::new(std::env::current_exe().unwrap());
    command
        .args([
            "--exact",
            "client::one_scenario",
            "--ignored",
            "--nocapture",
        ])
        .env_clear()
        // Sockets on Windows need it.
        .envs(std::env::vars_os().filter(|(name, _)| name.eq_ignore_ascii_case("SystemRoot")))
        .env(SCENARIO, &scenario.id)
        .env(SERVER, url)
        .env(ENDPOINT, endpoint);
    for (name, value) in &scenario.client.environment {
        command.env(name, value.replace("{endpoint}", endpoint));
    }
    if let Some(config) = &scenario.client.config {
        let path = folder.path().join("config.toml");
        fs::write(&path, config.replace("{endpoint}", endpoint)).unwrap();
        #[cfg(unix)]
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        command.env("W3PIN_CONFIG", path);
    }
    let output = command.output().await.unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let mut problems: Vec<String> = text
        .lines()
        .filter_map(|line| line.strip_prefix(PROBLEM))
        .map(str::to_owned)
        .collect();
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        problems.push(format!("its process failed: {text}{errors}"));
    }
    problems.extend(reported(url, &begun).await);
    problems
}

#[tokio::test]
#[ignore = "it is run for one scenario, in its environment"]
async fn one_scenario() {
    let variable = |name| std::env::var(name).unwrap();
    let all = Scenario::load_all().unwrap();
    let id = variable(SCENARIO);
    let scenario = all.iter().find(|scenario| scenario.id == id).unwrap();
    let folder = tempfile::tempdir().unwrap();
    for problem in play(scenario, &variable(ENDPOINT), folder.path()).await {
        println!("{PROBLEM}{problem}");
    }
}

async fn run(url: &str, scenario: &Scenario) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let begun = ask(url, "POST", "/runs", &scenario.id).await;
    let endpoint = begun["endpoint"].as_str().unwrap();
    let mut problems = play(scenario, endpoint, folder.path()).await;
    problems.extend(reported(url, &begun).await);
    problems
}

async fn play(scenario: &Scenario, endpoint: &str, folder: &Path) -> Vec<String> {
    write_files(folder, scenario);
    let told = Told::default();
    let outcome = match client(endpoint, &scenario.client) {
        Ok(client) => call(&client, scenario, folder, endpoint, &told).await,
        Err(error) => Err(error),
    };
    let mut problems = judge(scenario, &outcome);
    problems.extend(told.problems(scenario));
    problems
}

/// The scenario server's verdict on a run.
async fn reported(url: &str, begun: &Value) -> Vec<String> {
    let run = begun["run"].as_str().unwrap();
    let report = ask(url, "GET", &format!("/runs/{run}"), "").await;
    serde_json::from_value(report["problems"].clone()).unwrap()
}

fn write_files(folder: &Path, scenario: &Scenario) {
    for (name, content) in &scenario.files {
        let path = folder.join(name);
        if name.ends_with('/') {
            fs::create_dir_all(&path).unwrap();
            continue;
        }
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        match content {
            Content::Link { link_to } => link(link_to, &path),
            content => fs::write(&path, content.bytes()).unwrap(),
        }
    }
}

#[cfg(unix)]
fn link(target: &str, path: &Path) {
    std::os::unix::fs::symlink(target, path).unwrap();
}

#[cfg(windows)]
fn link(target: &str, path: &Path) {
    std::os::windows::fs::symlink_file(target.replace('/', "\\"), path).unwrap();
}

fn client(endpoint: &str, settings: &ClientSettings) -> Result<Client> {
    let mut builder = Client::builder().retry(retry(settings.attempts));
    if let Some(token) = &settings.token {
        builder = builder.token(token);
    } else if !settings.left_open || settings.api_key.is_some() {
        let mut own = Settings::default();
        let api_key = settings.api_key.as_deref().unwrap_or("CONTRACT-KEY");
        own.api_key = Some(api_key.to_owned());
        if !settings.left_open {
            own.secret_key = Some("CONTRACT-SECRET".to_owned());
        }
        builder = builder.settings(own);
    }
    if !settings.left_open || settings.endpoint.is_some() {
        let mut own = Settings::default();
        own.endpoint = Some(settings.endpoint.as_deref().unwrap_or(endpoint).to_owned());
        builder = builder.settings(own);
    }
    if let Some(api) = &settings.api {
        let mut own = Settings::default();
        own.api = Some(api.clone());
        builder = builder.settings(own);
    }
    if let Some(allow) = settings.insecure_http {
        builder = builder.insecure_http(allow);
    }
    if let Some(profile) = &settings.profile {
        builder = builder.profile(profile.parse().unwrap());
    }
    if let Some(time) = settings.idle_timeout {
        builder = builder.idle_timeout(Duration::from_millis(time));
    }
    if let Some(time) = settings.call_timeout {
        builder = builder.call_timeout(Duration::from_millis(time));
    }
    builder.build()
}

fn retry(attempts: Option<u32>) -> RetryPolicy {
    let policy = RetryPolicy::default()
        .base_delay(Duration::from_millis(1))
        .max_delay(Duration::from_millis(5));
    match attempts {
        Some(attempts) => policy.attempts(attempts),
        None => policy,
    }
}

async fn call(
    client: &Client,
    scenario: &Scenario,
    folder: &Path,
    endpoint: &str,
    told: &Told,
) -> Outcome {
    let Scenario {
        arguments, options, ..
    } = scenario;
    let id = || text(arguments, "id").unwrap().parse();
    let path = || folder.join(text(arguments, "path").unwrap());
    let pin = || pin_options(options, told);
    Ok(match scenario.operation.as_str() {
        "pin_file" => json!(client.pin_file(path(), pin()?).await?),
        "pin_car" => json!(client.pin_car(path(), pin()?).await?),
        "pin_folder" => {
            let folder = content(&arguments["folder"], folder);
            json!(client.pin_folder(folder, pin()?).await?)
        }
        "sync_folder" => {
            let folder = content(&arguments["folder"], folder);
            let name = text(arguments, "name").unwrap();
            let sync = sync_options(options, endpoint, told)?;
            json!(client.sync_folder(folder, name, sync).await?)
        }
        "pin_path" => json!(client.pin_path(path(), pin()?).await?),
        "pin_bytes" => {
            let content: Content = serde_json::from_value(arguments["bytes"].clone()).unwrap();
            json!(client.pin_bytes(content.bytes(), pin()?).await?)
        }
        "pin_json" => json!(client.pin_json(&arguments["value"], pin()?).await?),
        "pin_stream" => {
            let parts: Vec<String> = serde_json::from_value(arguments["stream"].clone()).unwrap();
            let parts = parts.into_iter().map(|part| Ok(Bytes::from(part)));
            let mut stream = ByteStream::new(stream::iter(parts));
            if let Some(length) = options.get("length").and_then(Value::as_u64) {
                stream = stream.length(length);
            }
            json!(client.pin_stream(stream, pin()?).await?)
        }
        "pin_by_cid" => {
            let cid = text(arguments, "cid").unwrap().parse()?;
            json!(client.pin_by_cid(&cid, by_cid(options)).await?)
        }
        "get_pin" => json!(client.get_pin(&id()?).await?),
        "list_pins" => json!(client.list_pins(&list(options)?).await?),
        "pins" => {
            let mut pins = client.pins(list(options)?);
            let mut all = Vec::new();
            while let Some(pin) = pins.next().await {
                all.push(pin?);
            }
            json!(all)
        }
        "unpin" => {
            client.unpin(&id()?).await?;
            Value::Null
        }
        "wait_until_pinned" => {
            json!(
                client
                    .wait_until_pinned(&id()?, wait_policy(options))
                    .await?
            )
        }
        "check_credentials" => {
            client.check_credentials().await?;
            Value::Null
        }
        "pin_files" => each(
            client
                .pin_files(files(arguments, folder), many(options, pin()?)?)
                .await,
        ),
        "pin_files_as_completed" => {
            let many = many(options, pin()?)?;
            completed(client.pin_files_as_completed(files(arguments, folder), many)).await
        }
        "pin_cids" => each(
            client
                .pin_cids(cids(arguments), many(options, by_cid(options))?)
                .await,
        ),
        "pin_cids_as_completed" => {
            let many = many(options, by_cid(options))?;
            completed(client.pin_cids_as_completed(cids(arguments), many)).await
        }
        "unpin_many" => each(client.unpin_many(ids(arguments), many(options, ())?).await),
        "unpin_many_as_completed" => {
            completed(client.unpin_many_as_completed(ids(arguments), many(options, ())?)).await
        }
        "compute_cid" => {
            let content = content(&arguments["content"], folder);
            json!(w3pin::compute_cid(content, &cid_options(options)?)?)
        }
        "pack_car" => {
            let content = content(&arguments["content"], folder);
            let destination = folder.join(text(arguments, "destination").unwrap());
            let packed = w3pin::pack_car(content, &destination, &cid_options(options)?)?;
            let length = fs::metadata(destination).unwrap().len();
            assert_eq!(packed.bytes, length);
            json!(packed)
        }
        "preview_upload" => {
            json!(w3pin::preview_upload(
                content(&arguments["content"], folder),
                &pin()?
            )?)
        }
        "prepare_upload" => {
            let body = folder.join(text(arguments, "body").unwrap());
            let content = content(&arguments["content"], folder);
            let prepared = client.prepare_upload(content, body, pin()?).await?;
            let (status, response) = send(&prepared).await;
            // It may be kept until the response arrives.
            let kept = serde_json::to_string(&prepared).unwrap();
            assert!(!kept.contains("CONTRACT-"), "a key is kept: {kept}");
            let kept = serde_json::from_str(&kept).unwrap();
            json!(client.finish_upload(&kept, status, response).await?)
        }
        "finish_upload" => {
            let content = content(&arguments["upload"], folder);
            let body = folder.join("body");
            let prepared = client.prepare_upload(content, body, pin()?).await?;
            let status = arguments["status"].as_u64().unwrap() as u16;
            let response = text(arguments, "response").unwrap();
            json!(client.finish_upload(&prepared, status, response).await?)
        }
        "verify" => {
            let mut verify = VerifyOptions::new().walk(walk(options, Symlinks::Preserve)?);
            if options.contains_key("gateway") {
                let gateway = endpoint.trim_end_matches("/api/pinning");
                verify = verify.gateway(gateway.parse()?);
            }
            let content = content(&arguments["content"], folder);
            let cid = text(arguments, "cid").unwrap().parse()?;
            let proof = w3pin::verify(content, &cid, verify).await?;
            json!({
                "files": proof.files,
                "bytes": proof.bytes,
                "blocks_fetched": proof.blocks_fetched,
            })
        }
        operation => read_back(operation, scenario, folder, endpoint).await?,
    })
}

/// Sends a prepared upload with an independent client.
async fn send(prepared: &PreparedUpload) -> (u16, String) {
    let mut request = http::Request::builder()
        .method(&*prepared.method)
        .uri(&*prepared.url);
    for (name, value) in &prepared.headers {
        request = request.header(name, value);
    }
    let body = fs::File::open(&prepared.body).unwrap();
    let request = request.body(body).unwrap();
    let sent = tokio::task::spawn_blocking(|| {
        let config = ureq::Agent::config_builder().http_status_as_error(false);
        let agent = config.build().new_agent();
        let mut response = agent.run(request).unwrap();
        let status = response.status().as_u16();
        (status, response.body_mut().read_to_string().unwrap())
    });
    sent.await.unwrap()
}

fn content(value: &Value, folder: &Path) -> w3pin::Content {
    let path = value.as_str().or_else(|| value["path"].as_str());
    if let Some(path) = path {
        // A path that is empty on purpose isn't joined.
        let path = if path.is_empty() {
            "".into()
        } else {
            folder.join(path)
        };
        return w3pin::Content::Path(path);
    }
    if let Some(bytes) = value["bytes"].as_str() {
        return w3pin::Content::bytes(bytes.to_owned());
    }
    let files: BTreeMap<String, String> = serde_json::from_value(value["files"].clone()).unwrap();
    w3pin::Content::files(files)
}

/// The responses of the scenario server itself.
async fn ask(url: &str, method: &str, path: &str, body: &str) -> Value {
    let mut stream = TcpStream::connect(url.trim_start_matches("http://"))
        .await
        .unwrap();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}
