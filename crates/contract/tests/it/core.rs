//! Core's own calls run the scenarios without a socket or a clock: each step is answered by the script,
//! and time passes only in sleeps and delays.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode};
use serde_json::{Value, json};
use w3pin::{
    Credentials, Endpoint, Error, ErrorKind, Insecure, Profile, Result,
    core::{
        Call, Delivery, FilePart, PinByCidOptions, Reading, RequestBody, RetryPolicy, Roots,
        Segment, Sent, Session, Step, Transmission, UploadOptions,
    },
};
use w3pin_contract::{
    Answer, Arrived, ClientSettings, Content, Cut, Face, Scenario, check_request,
};

use crate::{
    options::{attempts, list, metadata, text, texts, wait_policy},
    outcome::{Outcome, each, judge},
};

#[test]
fn core_runs_every_scenario() {
    let mut face = Face::default();
    let mut failures = Vec::new();
    for scenario in Scenario::load_all().unwrap() {
        if let Some(reason) = scenario.beyond_core {
            face.skipped.insert(scenario.id, reason);
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
        face.ran.insert(scenario.id.clone());
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    face.save("core").unwrap();
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
        let session = session(&self.scenario.client)?;
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
            "unpin_many" => each(
                texts(arguments, "ids")
                    .iter()
                    .map(|id| self.drive(session.unpin(id.parse()?)))
                    .collect(),
            ),
            "pin_cids" => each(
                texts(arguments, "cids")
                    .iter()
                    .map(|cid| self.drive(session.pin_by_cid(cid.parse()?, self.by_cid())))
                    .collect(),
            ),
            "pin_files" => each(
                texts(arguments, "paths")
                    .iter()
                    .map(|path| self.upload(&session, Some(path)))
                    .collect(),
            ),
            operation if operation.starts_with("pin_") => json!(self.upload(&session, None)?),
            operation => panic!("{operation} isn't one of core's; say so in beyond_core"),
        })
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
        let settings = &self.scenario.client;
        let options = &self.scenario.options;
        let content = self.content(path);
        let stream = self.scenario.operation == "pin_stream";
        let parts = content
            .iter()
            .map(|(name, bytes)| FilePart::new(name, (!stream).then_some(bytes.len() as u64)))
            .collect::<Result<_>>()?;
        let mut upload = UploadOptions::default();
        upload.metadata = metadata(options);
        upload.verify = text(options, "verify").map_or(Ok(upload.verify), |word| word.parse())?;
        upload.profile = text(options, "profile")
            .or_else(|| settings.profile.clone())
            .map_or_else(Profile::default, |name| name.parse().unwrap());
        upload.skip_if_pinned = options.get("skip_if_pinned") == Some(&json!(true));
        upload.timeout = milliseconds(options.get("timeout"));
        upload.retry = attempts(options).map(|attempts| retry(Some(attempts)));
        let call = session.upload(parts, !stream, upload, [9; 16]);
        self.collect(call, &content, &mut Vec::new())
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
    fn content(&self, path: Option<&str>) -> Vec<(String, Vec<u8>)> {
        let Scenario {
            arguments,
            options,
            files,
            ..
        } = self.scenario;
        let name = |default: &str| text(options, "name").unwrap_or_else(|| default.to_owned());
        if let Some(parts) = arguments.get("stream") {
            let parts: Vec<String> = serde_json::from_value(parts.clone()).unwrap();
            return vec![(name("stream"), parts.concat().into_bytes())];
        }
        if let Some(path) = path.map(str::to_owned).or_else(|| text(arguments, "path")) {
            let base = path
                .rsplit_once('/')
                .map_or(0, |(above, _)| above.len() + 1);
            let below = format!("{path}/");
            let inside = |file: &String| *file == path || file.starts_with(&below);
            return files
                .iter()
                .filter(|(file, _)| inside(file))
                .map(|(file, content)| (file[base..].to_owned(), content.bytes()))
                .collect();
        }
        if let Some(value) = arguments.get("value") {
            return vec![(name("data.json"), value.to_string().into_bytes())];
        }
        let bytes: Content = serde_json::from_value(arguments["bytes"].clone()).unwrap();
        vec![(name("bytes"), bytes.bytes())]
    }
}

fn session(settings: &ClientSettings) -> Result<Session> {
    let endpoint = settings
        .endpoint
        .as_deref()
        .unwrap_or("http://127.0.0.1:7/api/pinning");
    let api_key = settings.api_key.as_deref().unwrap_or("CONTRACT-KEY");
    let session = Session::new(
        Endpoint::new(endpoint, Insecure::Refuse)?,
        Credentials::new(api_key, "CONTRACT-SECRET")?,
    )
    .retry(retry(settings.attempts));
    Ok(match settings.call_timeout {
        Some(time) => session.call_timeout(Some(Duration::from_millis(time))),
        None => session,
    })
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
            .replace("{endpoint}", "http://127.0.0.1:7/api/pinning");
        headers.insert(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
    }
    response
}
