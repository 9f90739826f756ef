//! Core's own calls run the scenarios without a socket or a clock: each step is answered by the script,
//! and time passes only in sleeps and delays.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode};
use serde_json::{Map, Value, json};
use w3pin::{
    Error, ErrorKind, Profile, Result, canonical_json,
    core::{
        Call, Delivery, FilePart, Origin, PinByCidOptions, PreparedUpload, Reading, RequestBody,
        ResolvedSettings, RetryPolicy, Roots, Segment, Sent, Session, Settings, Step, Transmission,
        UploadOptions,
    },
};
use w3pin_contract::{Answer, Arrived, Content, Cut, Report, Scenario, check_request};

use crate::{
    options::{attempts, list, metadata, pairs, text, texts, wait_policy},
    outcome::{Outcome, each, judge},
};

const ENDPOINT: &str = "http://127.0.0.1:7/api/pinning";

#[test]
fn core_runs_every_scenario() {
    let mut report = Report::default();
    let mut failures = Vec::new();
    for scenario in Scenario::load_all().unwrap() {
        if let Some(reason) = scenario.beyond_core {
            report.skipped.insert(scenario.id, reason);
            continue;
        }
        let mut script = Script::new(&scenario);
        let outcome = script.run();
        script.problems.extend(judge(&scenario, &outcome));
        if scenario.missing(script.played) > 0 {
            let next = script.played + 1;
            script
                .problems
                .push(format!("it ended before request {next}"));
        }
        let problems = script.problems.iter();
        failures.extend(problems.map(|problem| format!("{}: {problem}", scenario.id)));
        report.ran.insert(scenario.id.clone());
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    report.save("core").unwrap();
}

/// A driver whose network is the scenario.
struct Script<'a> {
    scenario: &'a Scenario,
    now: Duration,
    played: usize,
    problems: Vec<String>,
}

impl<'a> Script<'a> {
    fn new(scenario: &'a Scenario) -> Self {
        Self {
            scenario,
            now: Duration::ZERO,
            played: 0,
            problems: Vec::new(),
        }
    }

    fn run(&mut self) -> Outcome {
        let Scenario {
            arguments, options, ..
        } = self.scenario;
        let session = self.session()?;
        let id = || text(arguments, "id").unwrap().parse();
        Ok(match self.scenario.operation.as_str() {
            "get_pin" => json!(self.drive(session.get_pin(id()?))?),
            "list_pins" => json!(self.drive(session.list_pins(list(options)?))?),
            "unpin" => json!(self.drive(session.unpin(id()?))?),
            "wait_until_pinned" => {
                let call = session.wait_until_pinned(id()?, wait_policy(options));
                json!(self.drive(call)?)
            }
            "check_credentials" => {
                self.drive(session.check_credentials())?;
                Value::Null
            }
            "pins" => {
                let mut pages = Vec::new();
                self.collect(session.pins(list(options)?), &[], &mut pages)?;
                pages
                    .into_iter()
                    .flat_map(|page| page.pins)
                    .map(|pin| json!(pin))
                    .collect()
            }
            "pin_by_cid" => {
                let cid = text(arguments, "cid").unwrap().parse()?;
                json!(self.drive(session.pin_by_cid(cid, self.by_cid()))?)
            }
            "unpin_many" | "unpin_many_as_completed" => each(
                texts(arguments, "ids")
                    .iter()
                    .map(|id| self.drive(session.unpin(id.parse()?)))
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
                        self.drive(session.pin_by_cid(cid.parse()?, options))
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
            operation if operation.starts_with("pin_") => json!(self.upload(&session, None)?),
            operation => panic!("{operation} isn't one of core's; say so in beyond_core"),
        })
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

    /// What the program, the environment and the config file say.
    fn settings(&self) -> Result<ResolvedSettings> {
        let client = &self.scenario.client;
        let mut program = Settings::default();
        program.api_key.clone_from(&client.api_key);
        program.endpoint.clone_from(&client.endpoint);
        program.profile.clone_from(&client.profile);
        program.insecure_http = client.insecure_http;
        if !client.left_open {
            let given = |value: &mut Option<String>, default: &str| {
                value.get_or_insert_with(|| default.to_owned());
            };
            given(&mut program.api_key, "CONTRACT-KEY");
            given(&mut program.secret_key, "CONTRACT-SECRET");
            given(&mut program.endpoint, ENDPOINT);
        }
        let variable = |name: &str| client.environment.get(name).map(|it| filled(it));
        let environment = Settings::from_variables(variable)?;
        let incomplete = environment.is_incomplete(&program);
        let mut sources = vec![
            (Origin::Program, program),
            (Origin::Environment, environment),
        ];
        if let Some(config) = client.config.as_ref().filter(|_| incomplete) {
            let file = toml::from_str(&filled(config)).unwrap();
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
        self.collect(call, &content, &mut Vec::new())
    }

    /// Judges the response that the scenario gives to an upload that it prepares.
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
        self.drive(session.finish_upload(upload, response))
    }

    fn parts(&self, content: &[(String, Vec<u8>)]) -> Result<Vec<FilePart>> {
        let options = &self.scenario.options;
        let length = |bytes: &[u8]| match self.scenario.operation.as_str() {
            "pin_stream" => options.get("length").and_then(Value::as_u64),
            _ => Some(bytes.len() as u64),
        };
        let part = |(name, bytes): &(String, Vec<u8>)| {
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

    fn drive<T>(&mut self, call: Call<T>) -> Result<T> {
        self.collect(call, &[], &mut Vec::new())
    }

    /// Takes each step of a call.
    fn collect<T, I>(
        &mut self,
        mut call: Call<T, I>,
        content: &[(String, Vec<u8>)],
        items: &mut Vec<I>,
    ) -> Result<T> {
        loop {
            match call.next(self.now, 0) {
                Step::Send(transmission) => self.send(&mut call, &transmission, content),
                Step::Sleep(delay) => self.now += delay,
                Step::Read(Reading { plan, profiles }) => {
                    let mut roots = Roots::new(&profiles, &plan);
                    let ends = content
                        .iter()
                        .try_for_each(|(_, bytes)| roots.end_file(bytes));
                    call.computed(ends.and_then(|()| roots.finish()));
                }
                Step::Yield(item) => items.push(item),
                Step::Done(result) => return result,
            }
        }
    }

    /// Compares a request with the script, and answers it as that says.
    fn send<T, I>(
        &mut self,
        call: &mut Call<T, I>,
        transmission: &Transmission,
        content: &[(String, Vec<u8>)],
    ) {
        let request = &transmission.request;
        let headers = request.headers().iter();
        let arrived = Arrived {
            method: request.method().to_string(),
            path: request
                .uri()
                .path()
                .strip_prefix("/api")
                .unwrap()
                .to_owned(),
            query: request.uri().query().unwrap_or_default().to_owned(),
            headers: headers
                .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
                .collect(),
            body: body(request.body(), content),
        };
        let Some(exchange) = self.scenario.exchange.get(self.played) else {
            let (method, path) = (arrived.method, arrived.path);
            self.problems
                .push(format!("{method} {path} isn't expected"));
            let error = Error::new(ErrorKind::LocalIo, "the script has ended");
            return call.failed(error, Delivery::unsent());
        };
        self.played += 1;
        let number = self.played;
        let problems = check_request(&exchange.request, &arrived).into_iter();
        self.problems
            .extend(problems.map(|problem| format!("request {number}: {problem}")));

        let answer = &exchange.answer;
        let idle = milliseconds(
            self.scenario
                .client
                .idle_timeout
                .map(|it| json!(it))
                .as_ref(),
        );
        let takes = match answer.cut {
            Some(Cut::Stalled) => Duration::MAX,
            _ => Duration::from_millis(answer.delay),
        };
        let patience = idle.unwrap_or(Duration::from_secs(60));
        self.now = self.now.saturating_add(takes.min(patience));
        let late = call.deadline().is_some_and(|deadline| self.now >= deadline);
        let lost = |kind| Err(Error::new(kind, "the response is lost"));
        let outcome = match answer.cut {
            _ if late || takes >= patience => lost(ErrorKind::Timeout),
            Some(Cut::Request | Cut::Before) => lost(ErrorKind::Transport),
            Some(Cut::Inside) => {
                lost(ErrorKind::Decode).map_err(|error| error.with_retryable(true))
            }
            Some(Cut::Stalled) | None => Ok(response(answer)),
        };
        let delivery = Delivery {
            sent: if answer.precedes_body() && !arrived.body.is_empty() {
                Sent::Part
            } else {
                Sent::Everything
            },
            ..Delivery::complete()
        };
        if let (RequestBody::Multipart(plan), Sent::Everything) = (request.body(), delivery.sent)
            && !transmission.profiles.is_empty()
        {
            let mut roots = Roots::new(&transmission.profiles, plan);
            content
                .iter()
                .for_each(|(_, bytes)| roots.end_file(bytes).unwrap());
            call.computed(roots.finish());
        }
        match outcome {
            Ok(response) => call.responded(response, delivery),
            Err(error) => call.failed(error, delivery),
        }
    }

    /// What is uploaded: each file's name and content.
    fn content(&self, path: Option<&str>) -> Result<Vec<(String, Vec<u8>)>> {
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
            let root = text(options, "name").unwrap_or_else(|| "folder".to_owned());
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

/// A text of the scenario with the endpoint in its place.
fn filled(text: &str) -> String {
    text.replace("{endpoint}", ENDPOINT)
}

fn items(arguments: &Map<String, Value>) -> Vec<Value> {
    arguments["items"].as_array().unwrap().clone()
}

/// What an item is about, and what is said of it alone.
fn subject(item: Value, name: &str) -> (String, Map<String, Value>) {
    match item {
        Value::String(text) => (text, Map::new()),
        own => (
            own[name].as_str().unwrap().to_owned(),
            own.as_object().unwrap().clone(),
        ),
    }
}

fn milliseconds(value: Option<&Value>) -> Option<Duration> {
    value.and_then(Value::as_u64).map(Duration::from_millis)
}

/// The body, each slot filled from its source.
fn body(body: &RequestBody, content: &[(String, Vec<u8>)]) -> Vec<u8> {
    match body {
        RequestBody::Empty => Vec::new(),
        RequestBody::Json(json) => json.to_vec(),
        RequestBody::Multipart(plan) => plan
            .segments()
            .flat_map(|segment| match segment {
                Segment::Bytes(bytes) => bytes.to_vec(),
                Segment::Source { index, .. } => content[index].1.clone(),
            })
            .collect(),
    }
}

fn response(answer: &Answer) -> Response<Bytes> {
    let mut response = Response::new(answer.body().into());
    *response.status_mut() = StatusCode::from_u16(answer.status.unwrap_or(200)).unwrap();
    let headers = response.headers_mut();
    let date = "Mon, 06 May 2024 07:08:37 GMT";
    headers.insert("date", HeaderValue::from_static(date));
    for (name, value) in &answer.headers {
        let value = value
            .replace("{date+2}", "Mon, 06 May 2024 07:08:39 GMT")
            .replace("{endpoint}", ENDPOINT);
        headers.insert(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
    }
    response
}
