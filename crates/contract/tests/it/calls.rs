//! The operation of a scenario as calls of core, for any driver.

use std::time::Duration;

use http::{Response, StatusCode};
use serde_json::{Map, Value, json};
use w3pin::{
    Profile, Result, canonical_json,
    core::{
        Call, Cooldowns, DeployOptions, FilePart, Origin, PinByCidOptions, PreparedUpload,
        ResolvedSettings, Retrieval, RetryPolicy, Roots, Session, Settings, UploadOptions,
    },
};
use w3pin_contract::{Content, Scenario};

use crate::{
    options::{attempts, gateways, list, metadata, pairs, read_options, text, texts, wait_policy},
    outcome::{Outcome, each, node},
};

/// Performs the steps of calls.
pub(crate) trait Driver {
    /// Drives a call to its end. `files` are the names and contents of the upload, and `items` receives the
    /// items it produces.
    fn collect<T, I>(&mut self, call: Call<T, I>, files: &[File], items: &mut Vec<I>) -> Result<T>;

    /// Drives a call without files to its end.
    fn drive<T>(&mut self, call: Call<T>) -> Result<T> {
        self.collect(call, &[], &mut Vec::new())
    }
}

/// A file's name and content.
pub(crate) type File = (String, Vec<u8>);

/// The operation of a scenario.
pub(crate) struct Calls<'a, D> {
    pub(crate) scenario: &'a Scenario,
    pub(crate) endpoint: &'a str,
    pub(crate) driver: &'a mut D,
}

impl<D: Driver> Calls<'_, D> {
    /// Runs it.
    pub(crate) fn run(&mut self) -> Outcome {
        let Scenario {
            arguments, options, ..
        } = self.scenario;
        let session = self.session()?;
        let id = || text(arguments, "id").unwrap().parse();
        let path = || text(arguments, "path").unwrap().parse();
        Ok(match self.scenario.operation.as_str() {
            "get_pin" => json!(self.driver.drive(session.get_pin(id()?))?),
            "list_pins" => json!(self.driver.drive(session.list_pins(list(options)?))?),
            "unpin" => json!(self.driver.drive(session.unpin(id()?))?),
            "wait_until_pinned" => {
                let call = session.wait_until_pinned(id()?, wait_policy(options));
                json!(self.driver.drive(call)?)
            }
            "check_credentials" => {
                self.driver.drive(session.check_credentials())?;
                Value::Null
            }
            "pins" => {
                let mut pages = Vec::new();
                self.driver
                    .collect(session.pins(list(options)?), &[], &mut pages)?;
                pages
                    .into_iter()
                    .flat_map(|page| page.pins)
                    .map(|pin| json!(pin))
                    .collect()
            }
            "pin_by_cid" => {
                let cid = text(arguments, "cid").unwrap().parse()?;
                json!(self.driver.drive(session.pin_by_cid(cid, self.by_cid()))?)
            }
            "unpin_many" | "unpin_many_as_completed" => each(
                texts(arguments, "ids")
                    .iter()
                    .map(|id| self.driver.drive(session.unpin(id.parse()?)))
                    .collect(),
            ),
            "pin_cids" | "pin_cids_as_completed" => each(
                items(arguments)
                    .into_iter()
                    .map(|item| {
                        let (cid, own) = subject(item, "cid");
                        let mut options = self.by_cid();
                        options.metadata.name = text(&own, "name").or(options.metadata.name);
                        options.metadata.keyvalues.extend(pairs(&own));
                        self.driver.drive(session.pin_by_cid(cid.parse()?, options))
                    })
                    .collect(),
            ),
            "pin_files" | "pin_files_as_completed" => each(
                items(arguments)
                    .into_iter()
                    .map(|item| self.upload(&session, Some(&subject(item, "path").0)))
                    .collect(),
            ),
            "finish_upload" => json!(self.finish(&session)?),
            "resolve" => {
                let call = self.retrieval()?.resolve(path()?);
                node(&self.driver.drive(call)?)
            }
            "read" | "stream" => {
                let mut options = read_options(options);
                if self.scenario.operation == "read" {
                    options = options.into_memory();
                }
                let call = self.retrieval()?.content(path()?, options);
                let mut pieces = Vec::new();
                self.driver.collect(call, &[], &mut pieces)?;
                let bytes = pieces.iter().flat_map(|piece| piece.bytes.to_vec());
                json!({ "bytes": String::from_utf8(bytes.collect()).unwrap() })
            }
            "sync_folder" => json!(self.sync(&session)?),
            operation if operation.starts_with("pin_") => json!(self.upload(&session, None)?),
            operation => panic!("{operation} isn't one of core's; say so in beyond_core"),
        })
    }

    fn retrieval(&self) -> Result<Retrieval> {
        let gateways = gateways(self.scenario, self.endpoint);
        let gateways = gateways.iter().map(|gateway| gateway.parse());
        Retrieval::new(gateways.collect::<Result<_>>()?, Cooldowns::new())?
            .retry(retry(self.scenario.client.attempts))
    }

    fn session(&self) -> Result<Session> {
        let client = &self.scenario.client;
        let settings = self.settings()?;
        let credentials = settings.credentials()?;
        let session = Session::new(settings.endpoint, credentials).retry(retry(client.attempts))?;
        Ok(match client.call_timeout {
            Some(time) => session.call_timeout(Some(Duration::from_millis(time))),
            None => session,
        })
    }

    /// The settings of the program, the environment and the config file.
    fn settings(&self) -> Result<ResolvedSettings> {
        let client = &self.scenario.client;
        let mut program = Settings::default();
        program.api_key.clone_from(&client.api_key);
        program.token.clone_from(&client.token);
        program.api.clone_from(&client.api);
        program.endpoint.clone_from(&client.endpoint);
        program.profile.clone_from(&client.profile);
        program.insecure_http = client.insecure_http;
        if !client.left_open {
            let given = |value: &mut Option<String>, default: &str| {
                value.get_or_insert_with(|| default.to_owned());
            };
            if program.token.is_none() {
                given(&mut program.api_key, "CONTRACT-KEY");
                given(&mut program.secret_key, "CONTRACT-SECRET");
            }
            given(&mut program.endpoint, self.endpoint);
        }
        let variable = |name: &str| client.environment.get(name).map(|it| self.filled(it));
        let environment = Settings::from_variables(variable)?;
        let incomplete = environment.is_incomplete(&program);
        let mut sources = vec![
            (Origin::Program, program),
            (Origin::Environment, environment),
        ];
        if let Some(config) = client.config.as_ref().filter(|_| incomplete) {
            let file = toml::from_str(&self.filled(config)).unwrap();
            sources.push((Origin::File("config.toml".to_owned()), file));
        }
        Settings::resolve(&sources)
    }

    fn by_cid(&self) -> PinByCidOptions {
        let options = &self.scenario.options;
        let mut by_cid = PinByCidOptions::new();
        by_cid.metadata = metadata(options);
        by_cid.skip_if_pinned = options.get("skip_if_pinned") == Some(&json!(true));
        by_cid.timeout = milliseconds(options.get("timeout"));
        by_cid.retry = attempts(options).map(|attempts| retry(Some(attempts)));
        by_cid
    }

    fn upload(&mut self, session: &Session, path: Option<&str>) -> Result<w3pin::Pin> {
        let content = self.content(path)?;
        let stream = self.scenario.operation == "pin_stream";
        let parts = self.parts(&content)?;
        let call = session.upload(parts, !stream, self.upload_options()?, [9; 16]);
        self.driver.collect(call, &content, &mut Vec::new())
    }

    fn sync(&mut self, session: &Session) -> Result<w3pin::Synced> {
        let Scenario {
            arguments, options, ..
        } = self.scenario;
        let mut deploy = DeployOptions::new(text(arguments, "name").unwrap());
        deploy.keyvalues = pairs(options);
        if let Some(keep) = options.get("keep").and_then(Value::as_u64) {
            deploy.keep = keep as u32;
        }
        deploy.dry_run = options.get("dry_run") == Some(&json!(true));
        deploy.profile = self.upload_options()?.profile;
        if let Some(deadline) = milliseconds(options.get("deadline")) {
            deploy.wait = deploy.wait.deadline(deadline);
        }
        deploy.timeout = milliseconds(options.get("timeout"));
        deploy.retry = attempts(options).map(|attempts| retry(Some(attempts)));
        let content = self.content(None)?;
        let call = session.sync_folder(self.parts(&content)?, deploy, [9; 16]);
        self.driver.collect(call, &content, &mut Vec::new())
    }

    /// Evaluates the scenario's response to an upload that it prepared.
    fn finish(&mut self, session: &Session) -> Result<w3pin::Pin> {
        let Scenario { arguments, .. } = self.scenario;
        let content = self.content(None)?;
        let options = self.upload_options()?;
        let request = session.prepare_upload(self.parts(&content)?, &options, [9; 16])?;
        let mut roots = Roots::new(&Profile::known(), request.body());
        for (_, bytes) in &content {
            roots.end_file(bytes)?;
        }
        let upload = PreparedUpload::new(roots.finish()?, &options);
        let mut response = Response::new(text(arguments, "response").unwrap().into());
        let status = arguments["status"].as_u64().unwrap() as u16;
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        self.driver.drive(session.finish_upload(upload, response))
    }

    fn parts(&self, content: &[File]) -> Result<Vec<FilePart>> {
        let options = &self.scenario.options;
        let length = |bytes: &[u8]| match self.scenario.operation.as_str() {
            "pin_stream" => options.get("length").and_then(Value::as_u64),
            _ => Some(bytes.len() as u64),
        };
        let part = |(name, bytes): &File| {
            let part = FilePart::new(name, length(bytes))?;
            match text(options, "content_type") {
                Some(content_type) => part.content_type(&content_type),
                None => Ok(part),
            }
        };
        content.iter().map(part).collect()
    }

    fn upload_options(&self) -> Result<UploadOptions> {
        let options = &self.scenario.options;
        let mut upload = UploadOptions::default();
        upload.metadata = metadata(options);
        upload.verify = text(options, "verify").map_or(Ok(upload.verify), |word| word.parse())?;
        upload.profile = match text(options, "profile") {
            Some(name) => name.parse().unwrap(),
            None => self.settings()?.profile,
        };
        upload.skip_if_pinned = options.get("skip_if_pinned") == Some(&json!(true));
        upload.unmarked = options.get("mark_attempt") == Some(&json!(false));
        upload.timeout = milliseconds(options.get("timeout"));
        upload.retry = attempts(options).map(|attempts| retry(Some(attempts)));
        Ok(upload)
    }

    /// The files of an upload: their names and contents.
    fn content(&self, path: Option<&str>) -> Result<Vec<File>> {
        let Scenario {
            arguments,
            options,
            files,
            ..
        } = self.scenario;
        let name = |default: &str| {
            let own = text(options, "file_name").or_else(|| text(options, "name"));
            own.unwrap_or_else(|| default.to_owned())
        };
        if let Some(parts) = arguments.get("stream") {
            let parts: Vec<String> = serde_json::from_value(parts.clone()).unwrap();
            return Ok(vec![(name("stream"), parts.concat().into_bytes())]);
        }
        let argument = || text(arguments, "path").or_else(|| text(arguments, "folder"));
        if let Some(path) = path.map(str::to_owned).or_else(argument) {
            if let (Some(name), Some(file)) = (text(options, "file_name"), files.get(&path)) {
                return Ok(vec![(name, file.bytes())]);
            }
            let base = path
                .rsplit_once('/')
                .map_or(0, |(above, _)| above.len() + 1);
            let below = format!("{path}/");
            let inside = |file: &String| *file == path || file.starts_with(&below);
            return Ok(files
                .iter()
                .filter(|(file, _)| inside(file))
                .map(|(file, content)| (file[base..].to_owned(), content.bytes()))
                .collect());
        }
        if let Some(value) = arguments.get("value") {
            let json = canonical_json(&value.to_string());
            return json.map(|json| vec![(name("data.json"), json.into_bytes())]);
        }
        if let Some(files) = arguments.get("folder") {
            let root = text(options, "name").or_else(|| text(arguments, "name"));
            let root = root.unwrap_or_else(|| "folder".to_owned());
            let files = files["files"].as_object().unwrap().iter();
            let bytes = |text: &Value| text.as_str().unwrap().as_bytes().to_vec();
            return Ok(files
                .map(|(path, text)| (format!("{root}/{path}"), bytes(text)))
                .collect());
        }
        let bytes = match arguments.get("upload") {
            Some(upload) => &upload["bytes"],
            None => &arguments["bytes"],
        };
        let bytes: Content = serde_json::from_value(bytes.clone()).unwrap();
        Ok(vec![(name("bytes"), bytes.bytes())])
    }

    /// A text of the scenario with the endpoint inserted.
    fn filled(&self, text: &str) -> String {
        text.replace("{endpoint}", self.endpoint)
    }
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

fn items(arguments: &Map<String, Value>) -> Vec<Value> {
    arguments["items"].as_array().unwrap().clone()
}

/// The name of an item, and its own options.
fn subject(item: Value, name: &str) -> (String, Map<String, Value>) {
    match item {
        Value::String(text) => (text, Map::new()),
        own => (
            own[name].as_str().unwrap().to_owned(),
            own.as_object().unwrap().clone(),
        ),
    }
}

pub(crate) fn milliseconds(value: Option<&Value>) -> Option<Duration> {
    value.and_then(Value::as_u64).map(Duration::from_millis)
}
