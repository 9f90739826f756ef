//! Core replays the exchanges without a socket: what it builds is compared, what was scripted parsed,
//! and what it decides done.

use std::time::Duration;

use http::{HeaderName, HeaderValue, Response, StatusCode};
use serde_json::{Value, json};
use w3pin::{
    Computed, Credentials, Endpoint, Error, ErrorKind, Insecure, Pin, Profile, Verify,
    core::{
        Boundary, CheckCredentials, Failure, FilePart, GetPin, ListPins, Operation, Pager,
        PinByCid, PinSearch, RequestBody, RetryDecision, RetryPolicy, Segment, Sent, Unpin, Upload,
        WaitStep,
    },
    unixfs::{FileBuilder, TreeBuilder},
};
use w3pin_contract::{Arrived, Content, Cut, Exchange, Face, Scenario, check_request};

use crate::{
    options::{attempts, list, metadata, text, wait_policy},
    outcome::{Outcome, judge},
};

#[test]
fn core_replays_every_scenario() {
    let mut face = Face::default();
    let mut failures = Vec::new();
    for scenario in Scenario::load_all().unwrap() {
        if let Some(reason) = scenario.beyond_core {
            face.skipped.insert(scenario.id, reason);
            continue;
        }
        let mut replay = Replay::new(&scenario);
        let outcome = replay.run();
        replay.problems.extend(judge(&scenario, &outcome));
        if scenario.missing(replay.next) > 0 {
            replay
                .problems
                .push(format!("it ended before request {}", replay.next + 1));
        }
        failures.extend(
            replay
                .problems
                .iter()
                .map(|problem| format!("{}: {problem}", scenario.id)),
        );
        face.ran.insert(scenario.id.clone());
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    face.save("core").unwrap();
}

struct Replay<'a> {
    scenario: &'a Scenario,
    endpoint: Endpoint,
    next: usize,
    problems: Vec<String>,
}

impl<'a> Replay<'a> {
    fn new(scenario: &'a Scenario) -> Self {
        let endpoint = "http://127.0.0.1:7/api/pinning".parse().unwrap();
        Self {
            scenario,
            endpoint,
            next: 0,
            problems: Vec::new(),
        }
    }

    fn run(&mut self) -> Outcome {
        let scenario = self.scenario;
        if let Some(endpoint) = &scenario.client.endpoint {
            self.endpoint = Endpoint::new(endpoint, Insecure::Refuse)?;
        }
        if let Some(key) = &scenario.client.api_key {
            Credentials::new(key, "SECRET")?;
        }
        let id = || text(&scenario.arguments, "id").unwrap().parse();
        Ok(match scenario.operation.as_str() {
            "get_pin" => json!(self.call(&GetPin::new(id()?))?),
            "list_pins" => json!(self.call(&self.list()?)?),
            "pins" => self.pins()?,
            "unpin" => {
                self.unpin(&Unpin::new(id()?))?;
                Value::Null
            }
            "wait_until_pinned" => self.wait(&GetPin::new(id()?))?,
            "check_credentials" => {
                self.call(&CheckCredentials::new())?;
                Value::Null
            }
            "pin_by_cid" => self.pin_by_cid()?,
            operation if operation.starts_with("pin_") => self.upload()?,
            operation => panic!("{operation} isn't one of core's; say so in beyond_core"),
        })
    }

    fn list(&self) -> w3pin::Result<ListPins> {
        list(&self.scenario.options)
    }

    fn pins(&mut self) -> Outcome {
        let mut pager = Pager::new(self.list()?);
        let mut all = Vec::new();
        while let Some(list) = pager.next_page() {
            all.extend(pager.accept(self.call(&list)?));
        }
        Ok(json!(all))
    }

    fn unpin(&mut self, unpin: &Unpin) -> w3pin::Result<()> {
        let began = self.next;
        match self.call(unpin) {
            Err(error) if error.kind() == ErrorKind::NotFound && self.next > began + 1 => Ok(()),
            result => result.map(drop),
        }
    }

    fn wait(&mut self, get: &GetPin) -> Outcome {
        let policy = wait_policy(&self.scenario.options);
        for look in 1.. {
            let pin = self.call(get)?;
            // Time passes in waits alone, none of which is waited for here.
            let elapsed = policy.first_delay * (look - 1);
            match policy.step(&pin, look, elapsed) {
                WaitStep::Done => return Ok(json!(pin)),
                WaitStep::Again(_) => {}
                WaitStep::Failed(error) => return Err(error),
            }
        }
        unreachable!("a deadline ends it")
    }

    fn pin_by_cid(&mut self) -> Outcome {
        let cid: w3pin::Cid = text(&self.scenario.arguments, "cid").unwrap().parse()?;
        let metadata = metadata(&self.scenario.options);
        let search = PinSearch::new(vec![cid.clone()]).keyvalues(&metadata.keyvalues);
        let call = PinByCid::new(cid).metadata(metadata)?;
        Ok(json!(self.pin(&call, &search)?))
    }

    fn upload(&mut self) -> Outcome {
        let options = &self.scenario.options;
        let metadata = metadata(options);
        let sources = self.sources();
        let parts = sources
            .iter()
            .map(|(name, content)| FilePart::new(name, Some(content.len() as u64)))
            .collect::<w3pin::Result<_>>()?;
        let keyvalues = metadata.keyvalues.clone();
        let upload = Upload::new(parts, &metadata, Boundary::from_entropy([9; 16]))?;
        let verify = text(options, "verify").map_or(Ok(Verify::Report), |word| word.parse())?;
        let profile: Profile = text(options, "profile")
            .or_else(|| self.scenario.client.profile.clone())
            .map_or_else(Profile::default, |name| name.parse().unwrap());
        let mut profiles = vec![profile];
        profiles.extend(
            Profile::known()
                .into_iter()
                .filter(|known| *known != profile),
        );
        let computed: Vec<Computed> = profiles
            .iter()
            .map(|profile| Computed {
                profile: profile.to_string(),
                cid: root(&sources, profile),
            })
            .collect();
        let cids = computed.iter().map(|it| it.cid.clone()).collect();
        let search = PinSearch::new(cids).keyvalues(&keyvalues);
        let mut pin = self.pin(&upload, &search)?;
        if verify != Verify::Off {
            pin.verification = w3pin::Verification::judge(&pin.cid, &computed);
        }
        if verify == Verify::Require {
            pin.verification.require(&pin.cid)?;
        }
        Ok(json!(pin))
    }

    /// Pins, or finds what is pinned already.
    fn pin<O: Operation<Output = Pin>>(
        &mut self,
        operation: &O,
        search: &PinSearch,
    ) -> w3pin::Result<Pin> {
        let found = |mut pin: Pin| {
            pin.already_pinned = true;
            pin
        };
        if self.scenario.options.get("skip_if_pinned") == Some(&json!(true))
            && let Some(pin) = self.find(search.clone())?
        {
            return Ok(found(pin));
        }
        match self.persevere(operation, |replay| replay.find(search.clone())) {
            Err(error) if error.kind() == ErrorKind::AlreadyPinned => {
                self.find(search.clone())?.map(found).ok_or(error)
            }
            result => result,
        }
    }

    fn find(&mut self, mut search: PinSearch) -> w3pin::Result<Option<Pin>> {
        while let Some(list) = search.next_page() {
            if let Some(pin) = search.accept(self.call(&list)?) {
                return Ok(Some(pin));
            }
        }
        Ok(None)
    }

    fn call<O: Operation>(&mut self, operation: &O) -> w3pin::Result<O::Output> {
        self.persevere(operation, |_| Ok(None))
    }

    fn persevere<O: Operation>(
        &mut self,
        operation: &O,
        reconcile: impl Fn(&mut Self) -> w3pin::Result<Option<O::Output>>,
    ) -> w3pin::Result<O::Output> {
        let mut policy = RetryPolicy::default();
        let attempts = attempts(&self.scenario.options).or(self.scenario.client.attempts);
        if let Some(attempts) = attempts {
            policy = policy.attempts(attempts);
        }
        for attempt in 1.. {
            let error = match self.exchange(operation) {
                Ok(output) => return Ok(output),
                Err(error) => error,
            };
            let failure = Failure {
                effect: O::EFFECT,
                sent: Sent::Everything,
                attempt,
                elapsed: Duration::ZERO,
            };
            match policy.decide(&error, failure, 0) {
                RetryDecision::GiveUp => return Err(error),
                RetryDecision::Retry(_) => {}
                RetryDecision::Reconcile(_) => {
                    if let Some(output) = reconcile(self)? {
                        return Ok(output);
                    }
                }
            }
        }
        unreachable!("the policy ends it")
    }

    /// Builds the next request, compares it, and parses the scripted answer.
    fn exchange<O: Operation>(&mut self, operation: &O) -> w3pin::Result<O::Output> {
        let credentials = Credentials::new("CONTRACT-KEY", "CONTRACT-SECRET").unwrap();
        let request = operation.prepare(&self.endpoint, &credentials)?;
        let (mut parts, body) = request.into_parts();
        let body = self.fill(&body);
        loop {
            let arrived = Arrived {
                method: parts.method.to_string(),
                path: parts.uri.path().strip_prefix("/api").unwrap().to_owned(),
                query: parts.uri.query().unwrap_or_default().to_owned(),
                headers: parts
                    .headers
                    .iter()
                    .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
                    .collect(),
                body: body.clone(),
            };
            let Some(exchange) = self.scenario.exchange.get(self.next) else {
                self.problems.push(format!(
                    "{} {} isn't expected",
                    arrived.method, arrived.path
                ));
                return Err(Error::new(ErrorKind::Api, "there is no answer"));
            };
            self.next += 1;
            let problems = check_request(&exchange.request, &arrived);
            let number = self.next;
            self.problems.extend(
                problems
                    .into_iter()
                    .map(|it| format!("request {number}: {it}")),
            );
            let (response, text) = answer(exchange, &self.endpoint)?;
            let location = response.headers().get("location").filter(|_| {
                response.status().is_redirection() && parts.method == http::Method::GET
            });
            let next = location.and_then(|to| self.endpoint.same_origin_redirect(&parts.uri, to));
            match next {
                Some(uri) => parts.uri = uri,
                None => return operation.parse(response.map(|()| &text[..])),
            }
        }
    }

    /// The body, each slot filled from its source.
    fn fill(&self, body: &RequestBody) -> Vec<u8> {
        match body {
            RequestBody::Json(json) => json.to_vec(),
            RequestBody::Multipart(plan) => {
                let sources = self.sources();
                plan.segments()
                    .flat_map(|segment| match segment {
                        Segment::Bytes(bytes) => bytes.to_vec(),
                        Segment::Source { index, .. } => sources[index].1.clone(),
                    })
                    .collect()
            }
            _ => Vec::new(),
        }
    }

    /// What is uploaded: each file's name and content.
    fn sources(&self) -> Vec<(String, Vec<u8>)> {
        let Scenario {
            arguments,
            options,
            files,
            ..
        } = self.scenario;
        let name = |default: &str| text(options, "name").unwrap_or_else(|| default.to_owned());
        if let Some(path) = text(arguments, "path") {
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

/// The scripted answer, or how it is lost.
fn answer(exchange: &Exchange, endpoint: &Endpoint) -> w3pin::Result<(Response<()>, Vec<u8>)> {
    let answer = &exchange.answer;
    let body = answer.body();
    match answer.cut {
        Some(Cut::Before) => return Err(Error::new(ErrorKind::Transport, "the connection broke")),
        Some(Cut::Inside) => {
            return Err(
                Error::new(ErrorKind::Decode, "the answer is cut short").with_retryable(true)
            );
        }
        Some(cut @ (Cut::Request | Cut::Stalled)) => panic!("{cut:?} is beyond core"),
        None => {}
    }
    let mut response = Response::new(());
    *response.status_mut() = StatusCode::from_u16(answer.status.unwrap_or(200)).unwrap();
    let date = "Sun, 06 Nov 1994 08:49:37 GMT";
    response
        .headers_mut()
        .insert("date", HeaderValue::from_static(date));
    for (name, value) in &answer.headers {
        let value = value
            .replace("{date+2}", "Sun, 06 Nov 1994 08:49:39 GMT")
            .replace("{endpoint}", &endpoint.to_string());
        response
            .headers_mut()
            .insert(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
    }
    Ok((response, body))
}

fn root(sources: &[(String, Vec<u8>)], profile: &Profile) -> w3pin::Cid {
    let mut tree = TreeBuilder::new(profile);
    for (name, content) in sources {
        let mut file = FileBuilder::new(profile);
        file.push(content);
        let node = file.root();
        match name.split_once('/') {
            None => return node.cid.into(),
            Some((_, below)) => tree.add_file(below, node).unwrap(),
        }
    }
    tree.root().unwrap().cid.into()
}
