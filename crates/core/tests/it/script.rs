//! A driver with a scripted network: the response to each request, its duration, and how much of the request
//! was sent. Time passes only in sleeps and requests.

use std::{
    collections::VecDeque,
    time::{Duration, UNIX_EPOCH},
};

use bytes::Bytes;
use http::{HeaderName, Response, StatusCode};
use serde_json::{Value, json};
use w3pin_core::{
    Call, Credentials, Delivery, Endpoint, Error, ErrorKind, FilePart, Reading, Result,
    RetryPolicy, Roots, Sent, Session, Step, Transmission,
};
use w3pin_unixfs::Profile;

pub(crate) const SECOND: Duration = Duration::from_secs(1);
pub(crate) const MINUTE: Duration = Duration::from_secs(60);

/// The content of uploads, and its roots under two profiles.
pub(crate) const CONTENT: &[u8] = b"hello world";
pub(crate) const CONTENT_CID: &str = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e";
pub(crate) const CONTENT_CID_V0: &str = "Qmf412jQZiuVUtdgnB36FXFX7xg5V6KEbSJ4dpQuhkLyfD";

/// When calls start, by the clock of the service: 2024-05-06T12:00:00Z.
const BEGINNING: Duration = Duration::from_secs(1_714_996_800);

const BASE: &str = "http://127.0.0.1:7/api/pinning";

pub(crate) fn session() -> Session {
    let endpoint: Endpoint = BASE.parse().unwrap();
    Session::new(
        endpoint,
        Credentials::new("THE-API-KEY", "THE-SECRET-KEY").unwrap(),
    )
}

/// A session whose calls are attempted this often.
pub(crate) fn attempts(attempts: u32) -> Session {
    let policy = RetryPolicy::default().attempts(attempts);
    session().retry(policy).unwrap()
}

pub(crate) fn file() -> Vec<FilePart> {
    vec![FilePart::new("hello.txt", Some(CONTENT.len() as u64)).unwrap()]
}

/// The outcome of a request.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    outcome: Result<Response<Bytes>, ErrorKind>,
    delivery: Delivery,
    takes: Duration,
    unreadable: bool,
    dated: bool,
}

/// A response with this status and body.
pub(crate) fn answer(status: u16, body: impl Into<Bytes>) -> Reply {
    let mut response = Response::new(body.into());
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    Reply {
        outcome: Ok(response),
        delivery: Delivery::complete(),
        takes: Duration::ZERO,
        unreadable: false,
        dated: true,
    }
}

/// A success with this data.
pub(crate) fn data(data: Value) -> Reply {
    answer(
        200,
        json!({ "data": data, "status": "success" }).to_string(),
    )
}

/// A rejection with this message.
pub(crate) fn refused(status: u16, message: &str) -> Reply {
    answer(
        status,
        json!({ "status": "fail", "message": message }).to_string(),
    )
}

/// A page of these pins, which are all pins.
pub(crate) fn page(pins: &[Value]) -> Reply {
    data(json!({ "totals": { "files": pins.len() }, "pins": pins }))
}

/// No response, after this much of the request was sent.
pub(crate) fn broken(sent: Sent) -> Reply {
    failed(ErrorKind::Transport).sent(sent)
}

/// The response was lost.
pub(crate) fn lost() -> Reply {
    broken(Sent::Everything)
}

/// No response for this reason, after all of the request was sent.
pub(crate) fn failed(kind: ErrorKind) -> Reply {
    Reply {
        outcome: Err(kind),
        ..answer(200, "")
    }
}

impl Reply {
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        if let Ok(response) = &mut self.outcome {
            let name: HeaderName = name.parse().unwrap();
            response.headers_mut().insert(name, value.parse().unwrap());
        }
        self
    }

    pub(crate) fn no_date(mut self) -> Self {
        self.dated = false;
        self
    }

    /// Reports it without delay.
    pub(crate) fn report<T, I>(self, call: &mut Call<T, I>) {
        match self.outcome {
            Ok(response) => call.responded(response, self.delivery),
            Err(kind) => call.failed(Error::new(kind, "as scripted"), self.delivery),
        }
    }

    pub(crate) fn body(&self) -> Vec<u8> {
        self.outcome.as_ref().unwrap().body().to_vec()
    }

    /// Only this much of the request was sent.
    pub(crate) fn sent(mut self, sent: Sent) -> Self {
        self.delivery.sent = sent;
        self
    }

    /// The connection was used by an earlier request.
    pub(crate) fn reused(mut self) -> Self {
        self.delivery.reused_connection = true;
        self
    }

    /// Arrives after this time.
    pub(crate) fn takes(mut self, time: Duration) -> Self {
        self.takes = time;
        self
    }

    /// The part of the time spent sending the content.
    pub(crate) fn sending(mut self, time: Duration) -> Self {
        self.delivery.sending = time;
        self
    }

    /// The content turned out to be unreadable meanwhile.
    pub(crate) fn unreadable(mut self) -> Self {
        self.unreadable = true;
        self
    }
}

/// A pin of `cid` as in the response to an upload, with these fields changed or added.
pub(crate) fn shown(id: &str, cid: &str, fields: Value) -> Value {
    let mut pin = json!({
        "id": id,
        "cid": cid,
        "status": "PENDING",
        "pinned": false,
        "is_pin_by_hash": false,
        "date_pinned": "2024-05-06T12:00:00Z",
        "date_unpinned": "0001-01-01T00:00:00Z",
        "metadata": {},
    });
    change(&mut pin, fields);
    pin
}

/// Changes or adds fields.
pub(crate) fn change(pin: &mut Value, fields: Value) {
    let Value::Object(fields) = fields else {
        panic!("fields are an object")
    };
    for (name, value) in fields {
        pin[name] = value;
    }
}

/// A driver that records what it is asked to do.
pub(crate) struct Script {
    pub(crate) now: Duration,
    pub(crate) entropy: u64,
    pub(crate) sent: Vec<Transmission>,
    /// When each request was sent.
    pub(crate) times: Vec<Duration>,
    pub(crate) slept: Vec<Duration>,
    /// The profiles for which the content was read without being sent.
    pub(crate) read: Vec<Vec<Profile>>,
    replies: VecDeque<Reply>,
    /// Responds after the end of the script.
    forever: Option<Reply>,
    /// Responds to lists, by time.
    lists: Option<Box<dyn Fn(Duration) -> Reply>>,
    content: Option<&'static [u8]>,
}

impl Script {
    pub(crate) fn new(replies: impl IntoIterator<Item = Reply>) -> Self {
        Self {
            now: Duration::ZERO,
            entropy: 0,
            sent: Vec::new(),
            times: Vec::new(),
            slept: Vec::new(),
            read: Vec::new(),
            replies: replies.into_iter().collect(),
            forever: None,
            lists: None,
            content: Some(CONTENT),
        }
    }

    /// Responds to all further requests like this.
    pub(crate) fn then_always(mut self, reply: Reply) -> Self {
        self.forever = Some(reply);
        self
    }

    /// Responds to lists with their content at the time, and to other requests with the script.
    pub(crate) fn lists(mut self, reply: impl Fn(Duration) -> Reply + 'static) -> Self {
        self.lists = Some(Box::new(reply));
        self
    }

    /// The content can't be read without being sent.
    pub(crate) fn content_is_gone(mut self) -> Self {
        self.content = None;
        self
    }

    /// Drives a call to its end, which must use up the script.
    pub(crate) fn drive<T>(&mut self, call: Call<T>) -> Result<T> {
        self.collect(call).map(|(result, _)| result)
    }

    /// Drives a call to its end, and returns the items it produced, too.
    pub(crate) fn collect<T, I>(&mut self, mut call: Call<T, I>) -> Result<(T, Vec<I>)> {
        let mut items = Vec::new();
        loop {
            self.entropy = self.entropy.wrapping_add(1);
            match call.next(self.now, self.entropy) {
                Step::Send(transmission) => self.send(&mut call, *transmission),
                Step::Sleep(delay) => {
                    let limit = call.deadline().map(|end| end.saturating_sub(self.now));
                    self.slept.push(delay);
                    self.now += delay.min(limit.unwrap_or(Duration::MAX));
                }
                Step::Read(reading) => call.computed(self.read(&reading)),
                Step::Yield(item) => items.push(item),
                Step::Open(_) | Step::Pull | Step::Close | Step::Compare(_) | Step::LookUp(_) => {
                    panic!("nothing is read back here")
                }
                Step::Done(result) => {
                    assert!(matches!(call.next(self.now, 0), Step::Done(Err(_))));
                    let left = self.replies.len();
                    assert_eq!(left, 0, "the script goes on; sent: {:?}", self.requests());
                    return result.map(|result| (result, items));
                }
            }
        }
    }

    fn send<T, I>(&mut self, call: &mut Call<T, I>, transmission: Transmission) {
        let uri = transmission.request.uri().to_string();
        assert!(
            uri.starts_with("http://127.0.0.1:7/"),
            "{uri} gets the keys"
        );
        assert!(self.sent.len() < 5_000, "it never ends");
        let is_list = uri.contains("/pins/?") || uri.contains("/pins?");
        self.sent.push(transmission);
        self.times.push(self.now);
        let next = match &self.lists {
            Some(reply) if is_list => Some(reply(self.now)),
            _ => self.replies.pop_front().or_else(|| self.forever.clone()),
        };
        let mut reply = next.unwrap_or_else(|| panic!("unexpected: {:?}", self.requests()));
        let limit = call.deadline().map(|end| end.saturating_sub(self.now));
        self.now += reply.takes.min(limit.unwrap_or(Duration::MAX));
        if let (Ok(response), true) = (&mut reply.outcome, reply.dated)
            && self.now < 1_000 * MINUTE
        {
            let date = httpdate::fmt_http_date(UNIX_EPOCH + BEGINNING + self.now);
            let headers = response.headers_mut();
            headers.entry("date").or_insert(date.parse().unwrap());
        }
        let transmission = &self.sent[self.sent.len() - 1];
        if reply.unreadable {
            call.computed(Err(gone()));
        } else if !transmission.profiles.is_empty() && reply.delivery.sent == Sent::Everything {
            let w3pin_core::RequestBody::Multipart(plan) = transmission.request.body() else {
                panic!("only content has roots")
            };
            call.computed(roots(&transmission.profiles, plan));
        }
        if limit.is_some_and(|limit| reply.takes > limit) {
            let late = Error::new(ErrorKind::Timeout, "the driver gave up in time");
            return call.failed(late, reply.delivery);
        }
        reply.report(call);
    }

    fn read(&mut self, reading: &Reading) -> Result<Vec<w3pin_core::Computed>> {
        self.read.push(reading.profiles.clone());
        match self.content {
            Some(_) => roots(&reading.profiles, &reading.plan),
            None => Err(gone()),
        }
    }

    /// The requests, as method, path below the endpoint, and offset of a listing.
    pub(crate) fn requests(&self) -> Vec<String> {
        let request = |transmission: &Transmission| {
            let request = &transmission.request;
            let uri = request.uri().to_string();
            let path = uri.strip_prefix(BASE).unwrap_or(&uri);
            let path = path.split("&limit=100").next().unwrap();
            format!("{} {path}", request.method())
        };
        self.sent.iter().map(request).collect()
    }

    /// The number of requests with this method.
    pub(crate) fn count(&self, method: &str) -> usize {
        let of = |it: &&Transmission| it.request.method() == method;
        self.sent.iter().filter(of).count()
    }
}

fn roots(profiles: &[Profile], plan: &w3pin_core::Multipart) -> Result<Vec<w3pin_core::Computed>> {
    let mut roots = Roots::new(profiles, plan);
    for _ in plan.parts() {
        roots.end_file(CONTENT)?;
    }
    roots.finish()
}

fn gone() -> Error {
    Error::new(ErrorKind::LocalIo, "the content is gone")
}
