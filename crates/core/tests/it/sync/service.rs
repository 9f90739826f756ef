//! A model of a service that keeps deploys, and of what must never happen to them.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Response, StatusCode};
use proptest::prelude::*;
use serde_json::{Value, json};
use w3pin_core::{Cid, Multipart, RequestBody, Roots, Transmission};
use w3pin_unixfs::Profile;

/// When the world began, by the service's clock.
const BEGINNING: i64 = 1_714_996_800;
pub(super) const NAME: &str = "site";

/// What is peculiar about a service.
#[derive(Clone, Debug)]
pub(super) struct Habits {
    /// Whether it refuses to pin content twice.
    conflicts: bool,
    /// What its list makes of a filter by key-values.
    filter: Filter,
    /// How many requests it takes until what was uploaded is pinned.
    lag: u64,
    /// Whether every so many uploads fail after all.
    failing: Option<u64>,
    /// How long a pin can't be unpinned.
    protects: Duration,
    /// The resolution of its dates; none are told where there is none.
    dates: Option<i64>,
    /// The most pins of a page.
    bound: usize,
}

#[derive(Clone, Copy, Debug)]
enum Filter {
    Works,
    Ignored,
    HidesAll,
}

pub(super) fn habits() -> impl Strategy<Value = Habits> {
    let filter = prop_oneof![
        4 => Just(Filter::Works),
        1 => Just(Filter::Ignored),
        1 => Just(Filter::HidesAll),
    ];
    let protects = prop_oneof![
        2 => Just(Duration::ZERO),
        1 => Just(Duration::from_secs(40)),
        1 => Just(Duration::from_secs(1_000_000)),
    ];
    let dates = prop::sample::select(vec![Some(1), Some(1), Some(60), None]);
    let failing = prop::option::weighted(0.3, 2_u64..6);
    (
        any::<bool>(),
        filter,
        0_u64..8,
        failing,
        protects,
        dates,
        3_usize..101,
    )
        .prop_map(
            |(conflicts, filter, lag, failing, protects, dates, bound)| Habits {
                conflicts,
                filter,
                lag,
                failing,
                protects,
                dates,
                bound,
            },
        )
}

impl Habits {
    /// A service that nothing is wrong with.
    pub(super) fn plain() -> Self {
        Self {
            conflicts: false,
            filter: Filter::Works,
            lag: 0,
            failing: None,
            protects: Duration::ZERO,
            dates: Some(1),
            bound: 100,
        }
    }

    pub(super) fn conflicting(mut self) -> Self {
        self.conflicts = true;
        self
    }

    pub(super) fn filter_hides_all(mut self) -> Self {
        self.filter = Filter::HidesAll;
        self
    }

    pub(super) fn protecting(mut self, time: Duration) -> Self {
        self.protects = time;
        self
    }

    /// Uploads don't fail any more.
    pub(super) fn recover(&mut self) {
        self.failing = None;
    }

    /// Whether deploys can be told by the list alone, and go when they should.
    pub(super) fn is_ordinary(&self) -> bool {
        self.protects.is_zero() && self.dates == Some(1)
    }
}

/// A pin that the service has or had.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) id: String,
    pub(super) cid: Cid,
    pub(super) name: String,
    pub(super) keyvalues: Value,
    pub(super) status: Status,
    pub(super) created: Duration,
    pub(super) gone: bool,
    foreign: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    /// Until this request.
    Pending(u64),
    Done,
    Failed,
}

impl Record {
    pub(super) fn is_deploy(&self) -> bool {
        !self.foreign && self.keyvalues["w3pin.sync"] == NAME
    }

    pub(super) fn is_whole(&self) -> bool {
        !self.gone && self.status == Status::Done
    }

    fn is_pending(&self) -> bool {
        !self.gone && matches!(self.status, Status::Pending(_))
    }
}

pub(super) struct Service {
    pub(super) habits: Habits,
    /// Oldest first.
    pub(super) records: Vec<Record>,
    requests: u64,
    uploads: u64,
    /// Whether a deploy was ever whole.
    deployed: bool,
}

impl Service {
    pub(super) fn new(habits: Habits) -> Self {
        Self {
            habits,
            records: Vec::new(),
            requests: 0,
            uploads: 0,
            deployed: false,
        }
    }

    /// A pin that isn't a deploy under the name, however much it looks like one.
    pub(super) fn add_foreign(&mut self, cid: &Cid, name: &str, keyvalues: Value, now: Duration) {
        self.records.push(Record {
            id: format!("foreign-{}", self.records.len()),
            cid: cid.clone(),
            name: name.to_owned(),
            keyvalues,
            status: Status::Done,
            created: now,
            gone: false,
            foreign: true,
        });
    }

    /// Whether it is at work on a pin.
    pub(super) fn is_pinning(&self) -> bool {
        self.records.iter().any(Record::is_pending)
    }

    /// Ends what it is at work on.
    pub(super) fn pin_all(&mut self) {
        for record in self.records.iter_mut().filter(|it| it.is_pending()) {
            record.status = Status::Done;
        }
    }

    /// The deploys that are pinned, newest first.
    pub(super) fn deploys(&self) -> impl Iterator<Item = &Record> {
        let records = self.records.iter().rev();
        records.filter(|it| it.is_deploy() && it.is_whole())
    }

    /// Whether another pin holds this content.
    pub(super) fn has_foreign(&self, cid: &Cid) -> bool {
        self.records
            .iter()
            .any(|it| it.foreign && it.cid.same_content(cid))
    }

    /// Does what a request asks for.
    pub(super) fn answer(
        &mut self,
        transmission: &Transmission,
        content: &[u8],
        now: Duration,
    ) -> Response<Bytes> {
        self.requests += 1;
        for record in &mut self.records {
            if matches!(record.status, Status::Pending(until) if until <= self.requests) {
                record.status = Status::Done;
            }
        }
        let (status, body) = self.act(transmission, content, now);
        self.check();
        let mut response = Response::new(body.to_string().into());
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        let date = std::time::UNIX_EPOCH + Duration::from_secs(BEGINNING as u64 + now.as_secs());
        let date = httpdate::fmt_http_date(date).parse().unwrap();
        response.headers_mut().insert("date", date);
        response
    }

    /// What holds at every moment.
    fn check(&mut self) {
        let foreign = self.records.iter().filter(|it| it.foreign);
        for record in foreign {
            assert!(
                !record.gone,
                "a pin of somebody else was removed: {record:?}"
            );
        }
        let pinned = self.deploys().next().is_some();
        assert!(pinned || !self.deployed, "no deploy is pinned any more");
        self.deployed |= pinned;
    }

    fn act(&mut self, transmission: &Transmission, content: &[u8], now: Duration) -> (u16, Value) {
        let request = &transmission.request;
        let uri = request.uri().to_string();
        let path = uri.strip_prefix("http://127.0.0.1:7/api/pinning/").unwrap();
        match *request.method() {
            Method::POST => self.upload(transmission, content, now),
            Method::DELETE => self.unpin(path.strip_prefix("unpin/").unwrap(), now),
            _ => match path.strip_prefix("pins/?") {
                Some(query) => (200, self.list(query)),
                None => match self.records.iter().find(|it| it.id == path && !it.gone) {
                    Some(record) => (200, success(self.shown(record))),
                    None => (404, failure("record not found")),
                },
            },
        }
    }

    fn upload(
        &mut self,
        transmission: &Transmission,
        content: &[u8],
        now: Duration,
    ) -> (u16, Value) {
        let RequestBody::Multipart(plan) = transmission.request.body() else {
            panic!("nothing is pinned by its CID")
        };
        let cid = root(plan, content);
        let is_there =
            |it: &Record| !it.gone && it.status != Status::Failed && it.cid.same_content(&cid);
        if self.habits.conflicts && self.records.iter().any(is_there) {
            return (409, failure("pin with that hash already exists"));
        }
        self.uploads += 1;
        let metadata: Value = serde_json::from_str(plan.metadata().unwrap()).unwrap();
        let fails = self
            .habits
            .failing
            .is_some_and(|every| self.uploads.is_multiple_of(every));
        let record = Record {
            id: format!("{:04}", self.records.len()),
            cid,
            name: metadata["name"].as_str().unwrap().to_owned(),
            keyvalues: metadata["keyvalues"].clone(),
            status: match self.habits.lag {
                _ if fails => Status::Failed,
                0 => Status::Done,
                lag => Status::Pending(self.requests + lag),
            },
            created: now,
            gone: false,
            foreign: false,
        };
        let shown = self.shown(&record);
        self.records.push(record);
        (201, success(shown))
    }

    fn unpin(&mut self, id: &str, now: Duration) -> (u16, Value) {
        let Some(place) = self.records.iter().position(|it| it.id == id && !it.gone) else {
            return (404, failure("record not found"));
        };
        let record = &self.records[place];
        if now < record.created + self.habits.protects {
            let reason = "pin cannot be deleted because it was created less than 5 minutes ago";
            return (400, failure(reason));
        }
        let newer = &self.records[place + 1..];
        let name = &record.keyvalues["w3pin.sync"];
        assert!(
            newer
                .iter()
                .any(|it| it.is_whole() && it.keyvalues["w3pin.sync"] == *name),
            "a deploy was removed though no newer one is pinned: {record:?}"
        );
        let shown = self.shown(record);
        self.records[place].gone = true;
        (200, success(shown))
    }

    fn list(&self, query: &str) -> Value {
        let pairs: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).collect();
        let get = |name: &str| pairs.iter().find(|it| it.0 == name).map(|it| &*it.1);
        let number = |name: &str| get(name).unwrap().parse::<usize>().unwrap();
        let filter: Option<Value> = get("metadata").map(|it| serde_json::from_str(it).unwrap());
        let matches = |record: &&Record| match (self.habits.filter, &filter) {
            (_, None) | (Filter::Ignored, _) => true,
            (Filter::HidesAll, Some(_)) => false,
            (Filter::Works, Some(filter)) => filter
                .as_object()
                .unwrap()
                .iter()
                .all(|(key, value)| &record.keyvalues[key] == value),
        };
        let all = || {
            self.records
                .iter()
                .rev()
                .filter(|it| !it.gone)
                .filter(matches)
        };
        let limit = number("limit").min(self.habits.bound);
        let page = all().skip(number("offset")).take(limit);
        let pins: Vec<_> = page.map(|record| self.shown(record)).collect();
        success(json!({ "totals": { "files": all().count() }, "pins": pins }))
    }

    fn shown(&self, record: &Record) -> Value {
        let date = self.habits.dates.map(|resolution| {
            let seconds = record.created.as_secs() as i64;
            let seconds = BEGINNING + seconds - seconds % resolution;
            time::OffsetDateTime::from_unix_timestamp(seconds)
                .unwrap()
                .format(&time::format_description::well_known::Rfc3339)
                .unwrap()
        });
        let status = match record.status {
            Status::Pending(_) => "PENDING",
            Status::Done => "DONE",
            Status::Failed => "FAILED",
        };
        json!({
            "id": record.id,
            "cid": record.cid.to_string(),
            "status": status,
            "pinned": record.status == Status::Done,
            "date_pinned": date,
            "metadata": { "name": record.name, "keyvalues": record.keyvalues },
        })
    }
}

fn success(data: Value) -> Value {
    json!({ "data": data, "status": "success" })
}

fn failure(message: &str) -> Value {
    json!({ "message": message, "status": "fail" })
}

/// The root of a folder of one file.
pub(super) fn root(plan: &Multipart, content: &[u8]) -> Cid {
    roots(&[Profile::default()], plan, content).remove(0).cid
}

pub(super) fn roots(
    profiles: &[Profile],
    plan: &Multipart,
    content: &[u8],
) -> Vec<w3pin_core::Computed> {
    let mut roots = Roots::new(profiles, plan);
    roots.end_file(content).unwrap();
    roots.finish().unwrap()
}
