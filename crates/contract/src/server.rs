//! The server that plays scenarios to any client, and reports how the client behaved.
//!
//! It implements HTTP/1.1 itself, since it must lose responses in ways that no HTTP library allows.

use std::{
    collections::HashMap,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde_json::json;
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use crate::{Answer, Arrived, Cut, Result, Scenario, check::check_head, check_request};

mod request;

use self::request::Connection;

/// A server on a free port of this machine.
///
/// - `POST /runs` with a scenario's id as body begins a run, and answers `{"run", "endpoint"}`.
/// - The endpoint plays the scenario, once.
/// - `GET /runs/RUN` answers `{"problems": […], "requests": […]}`: no problem if the client did as
///   expected, and the requests that arrived.
#[derive(Debug)]
pub struct ScenarioServer {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl ScenarioServer {
    /// Starts one.
    ///
    /// # Errors
    /// If it can't listen, or the scenarios can't be read.
    pub async fn start() -> Result<Self> {
        let scenarios = Scenario::load_all()?;
        let failed = |cause: io::Error| format!("the scenario server can't listen: {cause}");
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let stage = Arc::new(Stage {
            address,
            scenarios,
            runs: Mutex::default(),
        });
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let stage = Arc::clone(&stage);
                tokio::spawn(async move {
                    // A client may disconnect at any time.
                    let _ = serve(stream, &stage).await;
                });
            }
        });
        Ok(Self { address, task })
    }

    /// Returns its URL, without a path.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for ScenarioServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Stage {
    address: SocketAddr,
    scenarios: Vec<Scenario>,
    runs: Mutex<HashMap<String, Run>>,
}

struct Run {
    scenario: Scenario,
    played: usize,
    requests: Vec<String>,
    problems: Vec<String>,
}

impl Stage {
    fn runs(&self) -> MutexGuard<'_, HashMap<String, Run>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn endpoint(&self, run: &str) -> String {
        format!("http://{}/s/{run}/api/pinning", self.address)
    }

    fn begin(&self, id: &str) -> Answer {
        let Some(scenario) = self.scenarios.iter().find(|scenario| scenario.id == id) else {
            return plain(
                404,
                json!({ "problem": format!("there is no scenario {id:?}") }),
            );
        };
        let mut runs = self.runs();
        let run = (runs.len() + 1).to_string();
        let begun = Run {
            scenario: scenario.clone(),
            played: 0,
            requests: Vec::new(),
            problems: Vec::new(),
        };
        runs.insert(run.clone(), begun);
        plain(200, json!({ "run": run, "endpoint": self.endpoint(&run) }))
    }

    fn report(&self, run: &str) -> Answer {
        let runs = self.runs();
        let Some(run) = runs.get(run) else {
            return plain(404, json!({ "problem": "there is no such run" }));
        };
        let mut problems = run.problems.clone();
        let missing = run.scenario.missing(run.played);
        if missing > 0 {
            problems.push(format!("{missing} of the expected requests never came"));
        }
        plain(
            200,
            json!({ "problems": problems, "requests": run.requests }),
        )
    }

    /// Returns whether the next request of a run gets its response before its body is read.
    fn precedes_body(&self, run: &str) -> bool {
        let runs = self.runs();
        let next = runs
            .get(run)
            .and_then(|run| run.scenario.exchange.get(run.played));
        next.is_some_and(|exchange| exchange.answer.precedes_body())
    }

    /// Returns the response to the next request of a run.
    fn play(&self, run: &str, arrived: &Arrived) -> Answer {
        let mut runs = self.runs();
        let Some(run) = runs.get_mut(run) else {
            return plain(
                404,
                json!({ "message": "there is no such run", "status": "fail" }),
            );
        };
        let number = run.played + 1;
        let request = format!("{} {}", arrived.method, arrived.path);
        run.requests.push(request.clone());
        let Some(exchange) = run.scenario.exchange.get(run.played) else {
            run.problems
                .push(format!("request {number} isn't expected: {request}"));
            // The client must not retry this.
            return plain(400, json!({ "message": "not expected", "status": "fail" }));
        };
        run.played = number;
        let check = if exchange.answer.precedes_body() {
            check_head
        } else {
            check_request
        };
        let problems = check(&exchange.request, arrived);
        run.problems.extend(
            problems
                .into_iter()
                .map(|it| format!("request {number}: {it}")),
        );
        exchange.answer.clone()
    }
}

fn plain(status: u16, json: serde_json::Value) -> Answer {
    Answer {
        status: Some(status),
        json: Some(json),
        ..Answer::default()
    }
}

async fn serve(stream: TcpStream, stage: &Stage) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut connection = Connection::new(stream);
    while let Some(mut arrived) = connection.next().await? {
        let path = arrived.path.clone();
        let mut segments = path.splitn(4, '/').skip(1);
        let target = (segments.next(), segments.next(), segments.next());
        if !matches!(target, (Some("s"), Some(run), Some(_)) if stage.precedes_body(run)) {
            connection.body(&mut arrived).await?;
        }
        let (answer, endpoint) = match target {
            (Some("runs"), None, None) => (
                stage.begin(String::from_utf8_lossy(&arrived.body).trim()),
                String::new(),
            ),
            (Some("runs"), Some(run), None) => (stage.report(run), String::new()),
            (Some("s"), Some(run), Some(rest)) => {
                // Gateways are next to the API.
                arrived.path = format!("/{}", rest.strip_prefix("api/").unwrap_or(rest));
                (stage.play(run, &arrived), stage.endpoint(run))
            }
            _ => (
                plain(404, json!({ "problem": "no such path" })),
                String::new(),
            ),
        };
        if !send(&mut connection, &answer, &endpoint).await? {
            return Ok(());
        }
    }
    Ok(())
}

/// Sends a response. Returns whether the connection stays open.
async fn send(connection: &mut Connection, answer: &Answer, endpoint: &str) -> io::Result<bool> {
    tokio::time::sleep(Duration::from_millis(answer.delay)).await;
    if matches!(answer.cut, Some(Cut::Request | Cut::Before)) {
        return Ok(false);
    }
    let body = answer.body();
    let mut head = format!(
        "HTTP/1.1 {} Scripted\r\ncontent-length: {}\r\n",
        answer.status.unwrap_or(200),
        body.len()
    );
    let mut headers = answer.headers.clone();
    if answer.early {
        headers.insert("connection".to_owned(), "close".to_owned());
    }
    headers
        .entry("date".to_owned())
        .or_insert_with(|| DATE.to_owned());
    if answer.text.is_none() && answer.hex.is_none() {
        headers
            .entry("content-type".to_owned())
            .or_insert_with(|| "application/json".to_owned());
    }
    for (name, value) in headers {
        let value = value
            .replace("{endpoint}", endpoint)
            .replace("{date+2}", TWO_SECONDS_LATER);
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    let mut bytes = head.into_bytes();
    let length = match answer.cut {
        None => body.len(),
        Some(_) => body.len() / 2,
    };
    bytes.extend_from_slice(&body[..length]);
    let stream = &mut connection.stream;
    stream.write_all(&bytes).await?;
    stream.flush().await?;
    if answer.early {
        // Nothing is read anymore, so a client that only reads the response after sending
        // everything gets stuck.
        tokio::time::sleep(PATIENCE).await;
        return Ok(false);
    }
    if answer.cut == Some(Cut::Stalled) {
        connection.drain(PATIENCE).await;
        return Ok(false);
    }
    Ok(answer.cut.is_none())
}

/// How long a client may keep an unused connection.
const PATIENCE: Duration = Duration::from_secs(10);
/// The date of every response, so that a `Retry-After` date means the same delay in every run.
const DATE: &str = "Mon, 06 May 2024 07:08:37 GMT";
const TWO_SECONDS_LATER: &str = "Mon, 06 May 2024 07:08:39 GMT";
