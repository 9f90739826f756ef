//! The Rust client runs the scenarios over real HTTP.

use std::{
    collections::BTreeMap,
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
    Batch, BatchItem, BatchOptions, ByteStream, Cid, CidOptions, Client, FetchOptions,
    FetchProgress, PinByCidOptions, PinId, PinOptions, PreparedUpload, Progress, Result,
    RetryPolicy, Settings, Symlinks, SyncOptions, VerifyOptions, WalkOptions,
};
use w3pin_contract::{ClientSettings, Content, Report, Scenario, ScenarioServer};

use crate::{
    options::{attempts, gateways, list, pairs, read_options, text, texts, wait_policy},
    outcome::{Outcome, each, judge, node},
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

/// Whether its files can have their names: Windows has other uses for some characters.
fn can_be_here(scenario: &Scenario) -> bool {
    let taken = ['\\', ':', '*', '?', '"', '<', '>', '|'];
    !cfg!(windows) || !scenario.files.keys().any(|name| name.contains(taken))
}

/// Whether the environment or the config file counts.
fn settings_are_outside(scenario: &Scenario) -> bool {
    !scenario.client.environment.is_empty() || scenario.client.config.is_some()
}

const SCENARIO: &str = "W3PIN_TEST_SCENARIO";
const SERVER: &str = "W3PIN_TEST_SCENARIO_SERVER";
const ENDPOINT: &str = "W3PIN_TEST_ENDPOINT";
const PROBLEM: &str = "problem: ";

/// Runs a scenario in a process of its own, with its environment.
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
        // Without it Windows finds no sockets.
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

/// What the scenario server has to say of a run.
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
            // It may be kept until the response comes.
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

async fn read_back(operation: &str, scenario: &Scenario, folder: &Path, endpoint: &str) -> Outcome {
    let Scenario {
        arguments, options, ..
    } = scenario;
    let path = text(arguments, "path").unwrap().parse()?;
    let gateways = gateways(scenario, endpoint).into_iter();
    let gateways = gateways.map(|gateway| gateway.parse());
    let retriever = Client::builder()
        .environment(false)
        .gateways(gateways.collect::<Result<Vec<_>>>()?)
        .retry(retry(scenario.client.attempts))
        .retriever()?;
    let read = read_options(options);
    let bytes = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    Ok(match operation {
        "resolve" => node(&retriever.resolve(&path).await?),
        "read" => json!({ "bytes": bytes(&retriever.read(&path, read).await?) }),
        "stream" => {
            let (mut stream, mut all) = (retriever.stream(&path, read), Vec::new());
            while let Some(piece) = stream.next().await {
                all.extend_from_slice(&piece?);
            }
            json!({ "bytes": bytes(&all) })
        }
        "open" => {
            let (mut file, mut all) = (retriever.open(&path).await?, Vec::new());
            file.read_to_end(&mut all).await.unwrap();
            json!({ "size": file.size(), "bytes": bytes(&all) })
        }
        "list" => {
            let (mut entries, mut all) = (retriever.list(&path), Vec::new());
            while let Some(entry) = entries.next().await {
                let entry = entry?;
                all.push(json!({
                    "name": entry.name,
                    "cid": entry.cid,
                    "kind": entry.kind.as_str(),
                    "size": entry.size,
                    "target": entry.target(),
                }));
            }
            json!(all)
        }
        "fetch" => {
            let destination = folder.join(text(arguments, "destination").unwrap());
            let told = Arc::<Mutex<Vec<FetchProgress>>>::default();
            let fetch = fetch_options(options, &told)?;
            let fetched = retriever.fetch(&path, &destination, fetch).await?;
            if let Some(last) = told.lock().unwrap().last() {
                assert_eq!((last.bytes, last.files), (fetched.bytes, fetched.files));
            }
            assert_eq!(
                told.lock().unwrap().is_empty(),
                !options.contains_key("on_progress")
            );
            json!({
                "cid": fetched.cid,
                "files": fetched.files,
                "bytes": fetched.bytes,
                "bytes_fetched": fetched.bytes_fetched,
                "disk": on_disk(&destination, ""),
            })
        }
        operation => panic!("{operation} isn't known"),
    })
}

fn cid_options(options: &Map<String, Value>) -> Result<CidOptions> {
    let mut cid = CidOptions::new().walk(walk(options, Symlinks::Preserve)?);
    if let Some(profile) = text(options, "profile") {
        cid = cid.profile(profile.parse().unwrap());
    }
    Ok(cid.empty_folders(options.get("empty_folders") != Some(&json!(false))))
}

fn fetch_options(
    options: &Map<String, Value>,
    told: &Arc<Mutex<Vec<FetchProgress>>>,
) -> Result<FetchOptions> {
    let number = |name: &str| options.get(name).and_then(Value::as_u64);
    let mut fetch = FetchOptions::new().overwrite(options.get("overwrite") == Some(&json!(true)));
    if let Some(concurrency) = number("concurrency") {
        fetch = fetch.concurrency(concurrency as usize);
    }
    if let Some(word) = text(options, "symlinks") {
        fetch = fetch.symlinks(word.parse()?);
    }
    if let Some(bytes) = number("most_bytes") {
        fetch = fetch.most_bytes(bytes);
    }
    if let Some(entries) = number("most_entries") {
        fetch = fetch.most_entries(entries);
    }
    if options.contains_key("on_progress") {
        let told = Arc::clone(told);
        fetch = fetch.on_progress(move |progress| told.lock().unwrap().push(*progress));
    }
    Ok(fetch)
}

/// The files that were written, by their path below the destination, whose own is empty.
fn on_disk(path: &Path, name: &str) -> BTreeMap<String, String> {
    if path.is_symlink() {
        let target = fs::read_link(path).unwrap();
        return [(name.to_owned(), format!("-> {}", target.display()))].into();
    }
    if path.is_file() {
        return [(name.to_owned(), fs::read_to_string(path).unwrap())].into();
    }
    let entries = fs::read_dir(path).unwrap().flat_map(|entry| {
        let entry = entry.unwrap();
        let own = entry.file_name().into_string().unwrap();
        let below = format!("{name}/{own}");
        on_disk(&entry.path(), below.trim_start_matches('/'))
    });
    entries.collect()
}

/// Sends a prepared upload by a client that knows nothing of it.
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
        // Nothing is joined to a path that is empty on purpose.
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

fn many<O: Default>(options: &Map<String, Value>, each: O) -> Result<BatchOptions<O>> {
    let many = BatchOptions::new().each(each);
    match options.get("concurrency").and_then(Value::as_u64) {
        Some(concurrency) => many.concurrency(concurrency as usize),
        None => Ok(many),
    }
}

fn files(arguments: &Map<String, Value>, folder: &Path) -> Vec<BatchItem<w3pin::Content>> {
    items(arguments, "path", |path| folder.join(path).into())
}

fn cids(arguments: &Map<String, Value>) -> Vec<BatchItem<Cid>> {
    items(arguments, "cid", BatchItem::parse)
}

fn ids(arguments: &Map<String, Value>) -> Vec<BatchItem<PinId>> {
    let ids = texts(arguments, "ids");
    ids.iter().map(|id| BatchItem::parse(id)).collect()
}

fn items<T>(
    arguments: &Map<String, Value>,
    subject: &str,
    item: impl Fn(&str) -> BatchItem<T>,
) -> Vec<BatchItem<T>> {
    let items = arguments["items"].as_array().unwrap().iter();
    items
        .map(|value| match value {
            Value::String(text) => item(text),
            own => {
                let mut item = item(own[subject].as_str().unwrap());
                if let Some(name) = own["name"].as_str() {
                    item = item.name(name);
                }
                item.keyvalues(pairs(own.as_object().unwrap()))
            }
        })
        .collect()
}

/// The results in the order of the items, though they come as they are there.
async fn completed<T: serde::Serialize + Send + 'static>(mut batch: Batch<T>) -> Value {
    let mut results = BTreeMap::new();
    while let Some(completed) = batch.next().await {
        results.insert(completed.index, completed.result);
    }
    each(results.into_values().collect())
}

fn walk(options: &Map<String, Value>, symlinks: Symlinks) -> Result<WalkOptions> {
    let flag = |name| options.get(name) == Some(&json!(true));
    let mut walk = WalkOptions::new()
        .hidden(flag("hidden"))
        .gitignore(flag("gitignore"))
        .symlinks(text(options, "symlinks").map_or(Ok(symlinks), |word| word.parse())?);
    for (name, patterns) in [
        ("include", &mut walk.include),
        ("exclude", &mut walk.exclude),
    ] {
        if options.contains_key(name) {
            *patterns = texts(options, name);
        }
    }
    Ok(walk)
}

fn pin_options(options: &Map<String, Value>, told: &Told) -> Result<PinOptions> {
    let mut pin = PinOptions::new()
        .keyvalues(pairs(options))
        .skip_if_pinned(options.get("skip_if_pinned") == Some(&json!(true)))
        .mark_attempt(options.get("mark_attempt") != Some(&json!(false)))
        .walk(walk(options, Symlinks::Refuse)?);
    pin.metadata.name = text(options, "name");
    pin.file_name = text(options, "file_name");
    pin.content_type = text(options, "content_type");
    if let Some(word) = text(options, "verify") {
        pin = pin.verify(word.parse()?);
    }
    if let Some(profile) = text(options, "profile") {
        pin = pin.profile(profile.parse().unwrap());
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

fn sync_options(options: &Map<String, Value>, endpoint: &str, told: &Told) -> Result<SyncOptions> {
    let pin = pin_options(options, told)?;
    let mut sync = SyncOptions::new()
        .keyvalues(pin.metadata.keyvalues)
        .dry_run(options.get("dry_run") == Some(&json!(true)))
        .walk(pin.walk);
    if let Some(keep) = options.get("keep").and_then(Value::as_u64) {
        sync = sync.keep(keep as u32);
    }
    if let Some(deadline) = options.get("deadline").and_then(Value::as_u64) {
        sync = sync.deadline(Duration::from_millis(deadline));
    }
    if options.contains_key("check_gateways") {
        for url in texts(options, "check_gateways") {
            let gateway = endpoint.trim_end_matches("/api/pinning");
            sync = sync.check_gateway(url.replace("{gateway}", gateway).parse()?);
        }
    }
    (sync.profile, sync.timeout) = (pin.profile, pin.timeout);
    (sync.retry, sync.progress) = (pin.retry, pin.progress);
    Ok(sync)
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
