//! The Rust client runs the scenarios over real HTTP.

use std::{
    fs,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use serde_json::{Map, Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use w3pin::{
    ByteStream, CidOptions, Client, Credentials, Endpoint, Insecure, ManyOptions, PinByCidOptions,
    PinOptions, Progress, Result, RetryPolicy, VerifyOptions,
};
use w3pin_contract::{ClientSettings, Content, Face, Scenario, ScenarioServer};

use crate::{
    options::{attempts, list, pairs, text, texts, wait_policy},
    outcome::{Outcome, each, judge},
    surface,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_client_runs_every_scenario() {
    let server = ScenarioServer::start().await.unwrap();
    let url = server.url();
    let runs = Scenario::load_all().unwrap().into_iter().map(|scenario| {
        let url = url.clone();
        async move {
            let problems = run(&url, &scenario).await;
            (scenario.id, problems)
        }
    });
    let mut face = Face {
        surface: Some(surface::rust()),
        ..Face::default()
    };
    let mut failures = Vec::new();
    let mut runs = stream::iter(runs).buffer_unordered(8);
    while let Some((id, problems)) = runs.next().await {
        failures.extend(
            problems
                .into_iter()
                .map(|problem| format!("{id}: {problem}")),
        );
        face.ran.insert(id);
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    face.save("rust").unwrap();
}

async fn run(url: &str, scenario: &Scenario) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    write_files(folder.path(), scenario);
    let begun = ask(url, "POST", "/runs", &scenario.id).await;
    let endpoint = begun["endpoint"].as_str().unwrap();
    let told = Told::default();
    let outcome = match client(endpoint, &scenario.client) {
        Ok(client) => call(&client, scenario, folder.path(), endpoint, &told).await,
        Err(error) => Err(error),
    };
    let mut problems = judge(scenario, &outcome);
    problems.extend(told.problems(scenario));
    let run = begun["run"].as_str().unwrap();
    let report = ask(url, "GET", &format!("/runs/{run}"), "").await;
    let reported = report["problems"].as_array().unwrap();
    problems.extend(
        reported
            .iter()
            .map(|problem| problem.as_str().unwrap().to_owned()),
    );
    problems
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
            Content::Link { link_to } => std::os::unix::fs::symlink(link_to, &path).unwrap(),
            content => fs::write(&path, content.bytes()).unwrap(),
        }
    }
}

fn client(endpoint: &str, settings: &ClientSettings) -> Result<Client> {
    let api_key = settings.api_key.as_deref().unwrap_or("CONTRACT-KEY");
    let endpoint = settings.endpoint.as_deref().unwrap_or(endpoint);
    let mut builder = Client::builder()
        .credentials(Credentials::new(api_key, "CONTRACT-SECRET")?)
        .endpoint(Endpoint::new(endpoint, Insecure::Refuse)?)
        .retry(retry(settings.attempts));
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
        "pin_folder" => json!(client.pin_folder(path(), pin()?).await?),
        "pin_path" => json!(client.pin_path(path(), pin()?).await?),
        "pin_bytes" => {
            let content: Content = serde_json::from_value(arguments["bytes"].clone()).unwrap();
            json!(client.pin_bytes(content.bytes(), pin()?).await?)
        }
        "pin_json" => json!(client.pin_json(&arguments["value"], pin()?).await?),
        "pin_stream" => {
            let parts: Vec<String> = serde_json::from_value(arguments["stream"].clone()).unwrap();
            let parts = parts.into_iter().map(|part| Ok(Bytes::from(part)));
            let stream = ByteStream::new(stream::iter(parts));
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
        "pin_files" => {
            let many = ManyOptions::new()
                .concurrency(concurrency(arguments))
                .pin(pin()?);
            let paths = texts(arguments, "paths")
                .into_iter()
                .map(|path| folder.join(path));
            each(client.pin_files(paths, many).await)
        }
        "pin_cids" => {
            let many = ManyOptions::new()
                .concurrency(concurrency(arguments))
                .pin(by_cid(options));
            let cids: Result<Vec<_>> = texts(arguments, "cids")
                .iter()
                .map(|cid| cid.parse())
                .collect();
            each(client.pin_cids(cids?, many).await)
        }
        "unpin_many" => {
            let ids: Result<Vec<_>> = texts(arguments, "ids")
                .iter()
                .map(|id| id.parse())
                .collect();
            each(client.unpin_many(ids?, concurrency(arguments)).await)
        }
        "compute_cid" => {
            let mut cid = CidOptions::new();
            if let Some(profile) = text(options, "profile") {
                cid = cid.profile(profile.parse().unwrap());
            }
            cid = cid.hidden(options.get("hidden") == Some(&json!(true)));
            if let Some(word) = text(options, "symlinks") {
                cid = cid.symlinks(word.parse()?);
            }
            let root = w3pin::compute_cid(path(), &cid)?;
            json!({ "cid": root.cid, "size": root.size, "dag_size": root.dag_size })
        }
        "verify" => {
            let mut verify =
                VerifyOptions::new().hidden(options.get("hidden") == Some(&json!(true)));
            if let Some(word) = text(options, "symlinks") {
                verify = verify.symlinks(word.parse()?);
            }
            if options.contains_key("gateway") {
                let gateway = endpoint.trim_end_matches("/api/pinning");
                verify = verify.gateway(gateway.parse()?);
            }
            let content = &arguments["content"];
            let content = match content["path"].as_str() {
                Some(path) => w3pin::Content::Path(folder.join(path)),
                None => Bytes::from(content["bytes"].as_str().unwrap().to_owned()).into(),
            };
            let cid = text(arguments, "cid").unwrap().parse()?;
            let proof = client.verify(content, &cid, verify).await?;
            json!({
                "files": proof.files,
                "bytes": proof.bytes,
                "blocks_fetched": proof.blocks_fetched,
            })
        }
        operation => panic!("{operation} isn't known"),
    })
}

fn pin_options(options: &Map<String, Value>, told: &Told) -> Result<PinOptions> {
    let mut pin = PinOptions::new()
        .keyvalues(pairs(options))
        .skip_if_pinned(options.get("skip_if_pinned") == Some(&json!(true)))
        .hidden(options.get("hidden") == Some(&json!(true)));
    pin.metadata.name = text(options, "name");
    if let Some(word) = text(options, "verify") {
        pin = pin.verify(word.parse()?);
    }
    if let Some(profile) = text(options, "profile") {
        pin = pin.profile(profile.parse().unwrap());
    }
    if let Some(word) = text(options, "symlinks") {
        pin = pin.symlinks(word.parse()?);
    }
    if let Some(time) = options.get("timeout").and_then(Value::as_u64) {
        pin = pin.timeout(Duration::from_millis(time));
    }
    if let Some(attempts) = attempts(options) {
        pin = pin.retry(retry(Some(attempts)));
    }
    if options.get("progress") == Some(&json!(true)) {
        pin = pin.progress(told.listener());
    }
    Ok(pin)
}

fn by_cid(options: &Map<String, Value>) -> PinByCidOptions {
    let mut by_cid = PinByCidOptions::new()
        .keyvalues(pairs(options))
        .skip_if_pinned(options.get("skip_if_pinned") == Some(&json!(true)));
    by_cid.metadata.name = text(options, "name");
    if let Some(time) = options.get("timeout").and_then(Value::as_u64) {
        by_cid = by_cid.timeout(Duration::from_millis(time));
    }
    if let Some(attempts) = attempts(options) {
        by_cid = by_cid.retry(retry(Some(attempts)));
    }
    by_cid
}

fn concurrency(arguments: &Map<String, Value>) -> usize {
    arguments["concurrency"].as_u64().unwrap() as usize
}

/// What was told of an upload's progress.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<Progress>>>);

impl Told {
    fn listener(&self) -> impl Fn(&Progress) + Send + Sync + 'static {
        let told = self.clone();
        move |progress| told.0.lock().unwrap().push(progress.clone())
    }

    /// It must be told, never fall, and end with all bytes.
    fn problems(&self, scenario: &Scenario) -> Vec<String> {
        if scenario.options.get("progress") != Some(&json!(true)) {
            return Vec::new();
        }
        let told = self.0.lock().unwrap();
        let rises = told
            .windows(2)
            .all(|two| two[0].bytes_sent <= two[1].bytes_sent);
        let ends = told
            .last()
            .is_some_and(|last| Some(last.bytes_sent) == last.bytes_total);
        if rises && ends {
            Vec::new()
        } else {
            vec![format!("the progress was {told:?}")]
        }
    }
}

/// The scenario server's own answers.
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
