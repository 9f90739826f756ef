//! Runs the scenarios with core's calls, without a socket or a clock: the script responds to each step, and
//! time passes only in sleeps and delays.

use std::{collections::VecDeque, time::Duration};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode};
use serde_json::json;
use w3pin::{
    Error, ErrorKind, Result,
    core::{Call, Delivery, Reading, RequestBody, Roots, Segment, Sent, Step, Transmission},
};
use w3pin_contract::{Answer, Arrived, Cut, Report, Scenario, check_request};

use crate::{
    calls::{Calls, Driver, File, milliseconds},
    outcome::judge,
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
        let mut calls = Calls {
            scenario: &scenario,
            endpoint: ENDPOINT,
            driver: &mut script,
        };
        let outcome = calls.run();
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

/// A driver with a scenario as its network.
struct Script<'a> {
    scenario: &'a Scenario,
    /// The rest of the open response, and how it ends.
    body: VecDeque<Result<Bytes>>,
    now: Duration,
    played: usize,
    problems: Vec<String>,
}

impl<'a> Script<'a> {
    fn new(scenario: &'a Scenario) -> Self {
        Self {
            scenario,
            body: VecDeque::new(),
            now: Duration::ZERO,
            played: 0,
            problems: Vec::new(),
        }
    }

    /// Compares a request with the script, and responds accordingly.
    fn send<T, I>(&mut self, call: &mut Call<T, I>, transmission: &Transmission, content: &[File]) {
        let (outcome, delivery) = self.exchange(call, transmission, content);
        match outcome {
            Ok(response) => call.responded(response, delivery),
            Err(error) => call.failed(error, delivery),
        }
    }

    /// The same, for a response that is read in pieces.
    fn open<T, I>(&mut self, call: &mut Call<T, I>, transmission: &Transmission) {
        let cut = self.scenario.exchange.get(self.played);
        let cut = cut.and_then(|exchange| Some((exchange.answer.cut?, exchange.answer.body())));
        let (outcome, delivery) = self.exchange(call, transmission, &[]);
        self.body.clear();
        match (outcome, cut) {
            (Ok(response), _) if response.status().is_success() => {
                let (head, body) = response.into_parts();
                self.body.push_back(Ok(body));
                call.opened(Response::from_parts(head, ()));
            }
            (Ok(response), _) => call.responded(response, delivery),
            (Err(error), Some((Cut::Inside, body))) => {
                let half = body.len() / 2;
                self.body.push_back(Ok(Bytes::from(body).slice(..half)));
                self.body.push_back(Err(error));
                let mut head = Response::new(());
                let kind = HeaderValue::from_static("application/vnd.ipld.car; order=dfs");
                head.headers_mut().insert("content-type", kind);
                call.opened(head);
            }
            (Err(error), _) => call.failed(error, delivery),
        }
    }

    fn exchange<T, I>(
        &mut self,
        call: &mut Call<T, I>,
        transmission: &Transmission,
        content: &[File],
    ) -> (Result<Response<Bytes>>, Delivery) {
        let request = &transmission.request;
        let headers = request.headers().iter();
        let arrived = Arrived {
            method: request.method().to_string(),
            path: below_api(request.uri().path()).to_owned(),
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
            return (Err(error), Delivery::unsent());
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
        (outcome, delivery)
    }
}

impl Driver for Script<'_> {
    fn collect<T, I>(
        &mut self,
        mut call: Call<T, I>,
        content: &[File],
        items: &mut Vec<I>,
    ) -> Result<T> {
        loop {
            match call.next(self.now, 0) {
                Step::Send(transmission) => self.send(&mut call, &transmission, content),
                Step::Open(transmission) => self.open(&mut call, &transmission),
                Step::Pull => call.pulled(self.body.pop_front().transpose()),
                Step::Close => self.body.clear(),
                Step::Compare(_) => call.compared(false),
                Step::LookUp(_) => call.looked_up(Ok(None)),
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
}

/// A gateway serves its blocks in addition to the API.
fn below_api(path: &str) -> &str {
    path.strip_prefix("/api").unwrap_or(path)
}

/// The body, with each slot filled from its source.
fn body(body: &RequestBody, content: &[File]) -> Vec<u8> {
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
