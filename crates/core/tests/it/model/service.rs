//! A small model of a service and the network in front of it.

use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use http::{Method, Response, StatusCode};
use proptest::prelude::*;
use serde_json::{Value, json};
use w3pin_core::{
    Computed, Delivery, Error, ErrorKind, Multipart, RequestBody, Result, Roots, Sent, Transmission,
};
use w3pin_unixfs::Profile;

use crate::{
    RAW_CID, V0_CID,
    script::{CONTENT, CONTENT_CID, CONTENT_CID_V0},
};

/// The start of the simulation: 2024-05-06T12:00:00Z.
const BEGINNING: Duration = Duration::from_secs(1_714_996_800);
/// How long a pin is searched after a reused connection broke.
const STALE_PATIENCE: Duration = Duration::from_secs(2);

/// The properties of a service.
#[derive(Clone, Debug)]
pub(crate) struct Habits {
    /// Which key-values it stores.
    keeps: Keeps,
    /// The CID that it assigns to the content.
    cid: &'static str,
    /// Whether it rejects content that is already pinned.
    conflicts: bool,
    /// The share of a search's patience after which a new pin is listed.
    lag: f64,
    /// The offset of its clock from the simulated time, in seconds.
    clock: i64,
    /// The offset of the clock that dates pins from that, in seconds.
    skew: i64,
    /// Whether its responses have dates.
    dates: bool,
    /// The number of unrelated pins.
    others: usize,
    /// Whether it already has a pin of the content, and of what kind.
    has: Option<Value>,
    /// The maximum number of pins per page.
    bound: usize,
    /// The pins that others create and remove before each request.
    traffic: (usize, usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Keeps {
    All,
    AllButMarks,
    Nothing,
}

pub(crate) fn habits() -> impl Strategy<Value = Habits> {
    let has = prop::sample::select(vec![
        None,
        Some(json!({ "status": "DONE", "pinned": true })),
        Some(json!({ "status": "RETRIEVAL", "pinned": false, "is_pin_by_hash": true })),
        Some(json!({ "status": "FAILED", "pinned": false })),
        Some(json!({ "status": "DONE", "date_unpinned": "2023-01-01T00:00:00Z" })),
    ]);
    let clocks = (-10_000_i64..10_000, -110_i64..110, any::<bool>());
    let content = (
        prop::sample::select(vec![Keeps::All, Keeps::AllButMarks, Keeps::Nothing]),
        prop::sample::select(vec![CONTENT_CID, CONTENT_CID_V0, V0_CID]),
        any::<bool>(),
        prop_oneof![Just(0.0), Just(1.0), 0.0..1.0],
    );
    let list = (0_usize..260, 5_usize..120, (0_usize..3, 0_usize..3));
    (content, clocks, has, list).prop_map(
        |((keeps, cid, conflicts, lag), (clock, skew, dates), has, (others, bound, traffic))| {
            Habits {
                keeps,
                cid,
                conflicts,
                lag,
                clock,
                skew,
                dates,
                others,
                has,
                bound,
                traffic,
            }
        },
    )
}

/// The outcome of a request, and its duration.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Happening {
    fate: Fate,
    takes: Duration,
}

#[derive(Clone, Copy, Debug)]
enum Fate {
    /// The service processes the request, and its response arrives.
    Works,
    /// The service rejects it, perhaps before reading the body.
    Refuses {
        status: u16,
        early: bool,
        retry_after: Option<u64>,
    },
    /// No connection can be opened.
    Unsent,
    /// The connection breaks while the request is sent.
    Cut { stale: bool },
    /// All of it is sent, the service may process it, and its response is lost or meaningless.
    Lost { acts: bool, loss: Loss },
    /// The service redirects to the same address or to another origin.
    Redirects(Option<&'static str>),
}

#[derive(Clone, Copy, Debug)]
enum Loss {
    Reset { stale: bool },
    Timeout,
    Status(u16),
    Body(&'static str),
}

pub(crate) fn happenings() -> impl Strategy<Value = Vec<Happening>> {
    let loss = prop_oneof![
        any::<bool>().prop_map(|stale| Loss::Reset { stale }),
        Just(Loss::Timeout),
        prop::sample::select(vec![500, 502, 503, 504, 599]).prop_map(Loss::Status),
        prop::sample::select(vec!["", "<html>", r#"{"data":{"id":"1""#, "{}"]).prop_map(Loss::Body),
    ];
    let refusal = (
        prop::sample::select(vec![400, 401, 402, 403, 408, 413, 422, 429, 507]),
        any::<bool>(),
        prop::option::weighted(0.2, prop_oneof![0_u64..40, Just(u64::MAX)]),
    );
    let to = prop::sample::select(vec![
        None,
        Some("https://evil.example/"),
        Some("http://127.0.0.1:8/api/pinning/"),
    ]);
    let fate = prop_oneof![
        4 => Just(Fate::Works),
        2 => refusal.prop_map(|(status, early, retry_after)| Fate::Refuses { status, early, retry_after }),
        1 => Just(Fate::Unsent),
        2 => any::<bool>().prop_map(|stale| Fate::Cut { stale }),
        8 => (any::<bool>(), loss).prop_map(|(acts, loss)| Fate::Lost { acts, loss }),
        1 => to.prop_map(Fate::Redirects),
    ];
    let takes = prop_oneof![Just(0), 0_u64..5_000, Just(90_000)].prop_map(Duration::from_millis);
    let happening = (fate, takes).prop_map(|(fate, takes)| Happening { fate, takes });
    prop::collection::vec(happening, 0..30)
}

/// A pin of the service.
#[derive(Clone, Debug)]
struct Record {
    id: String,
    cid: String,
    shows: Duration,
    fields: Value,
    /// Whether the call created it.
    made: bool,
    /// Whether it existed when the call started.
    first: bool,
    gone: bool,
}

/// A request that creates a pin.
#[derive(Clone, Debug)]
pub(crate) struct Creating {
    pub(crate) at: Duration,
    /// The time that the previous requests spent sending their content.
    pub(crate) sending_before: Duration,
    /// Whether the caller can't know its outcome.
    pub(crate) is_doubtful: bool,
    pub(crate) content_was_read: bool,
}

/// Applies the network to a request.
pub(crate) struct Exchange {
    pub(crate) outcome: Result<Response<Bytes>>,
    pub(crate) delivery: Delivery,
    pub(crate) takes: Duration,
    pub(crate) roots: Option<Result<Vec<Computed>>>,
}

pub(crate) struct Service {
    habits: Habits,
    happenings: std::vec::IntoIter<Happening>,
    patience: Duration,
    began: Duration,
    /// Newest first.
    records: Vec<Record>,
    ids: usize,
    sending: Duration,
    pub(crate) requests: usize,
    pub(crate) creating: Vec<Creating>,
    pub(crate) most_pins: usize,
}

impl Service {
    pub(crate) fn new(
        habits: Habits,
        happenings: Vec<Happening>,
        patience: Duration,
        began: Duration,
    ) -> Self {
        let mut service = Self {
            happenings: happenings.into_iter(),
            patience,
            began,
            records: Vec::new(),
            ids: 0,
            sending: Duration::ZERO,
            requests: 0,
            creating: Vec::new(),
            most_pins: 0,
            habits,
        };
        if let Some(mut fields) = service.habits.has.clone() {
            fields["date_pinned"] = json!("2020-01-01T00:00:00Z");
            service.record("own".to_owned(), service.habits.cid, fields);
        }
        for number in 0..service.habits.others.max(1) {
            let fields = json!({ "status": "PENDING", "date_pinned": "2020-01-01T00:00:00Z" });
            service.record(format!("other-{number}"), RAW_CID, fields);
        }
        for record in &mut service.records {
            record.first = true;
        }
        service
    }

    fn record(&mut self, id: String, cid: &str, fields: Value) {
        let record = Record {
            id,
            cid: cid.to_owned(),
            shows: Duration::ZERO,
            fields,
            made: false,
            first: false,
            gone: false,
        };
        self.records.insert(0, record);
        self.most_pins = self.most_pins.max(self.records.len());
    }

    /// Whether its responses have dates.
    pub(crate) fn is_dated(&self) -> bool {
        self.habits.dates
    }

    /// The ids of the pins created by the call.
    pub(crate) fn made(&self) -> impl Iterator<Item = &str> {
        self.records.iter().filter(|it| it.made).map(|it| &*it.id)
    }

    /// Whether it has this pin now.
    pub(crate) fn had(&self, id: &str) -> bool {
        self.records.iter().any(|it| it.id == id && !it.gone)
    }

    /// The pins that existed from start to end.
    pub(crate) fn always_there(&self) -> impl Iterator<Item = &str> {
        let there = self.records.iter().filter(|it| it.first && !it.gone);
        there.map(|it| &*it.id)
    }

    pub(crate) fn exchange(&mut self, transmission: &Transmission, now: Duration) -> Exchange {
        self.requests += 1;
        let request = &transmission.request;
        let uri = request.uri().to_string();
        let headers = request.headers();
        assert!(
            uri.starts_with("http://127.0.0.1:7/api/"),
            "{uri} gets the keys"
        );
        assert_eq!(headers["pinning_api_key"], "THE-API-KEY");
        assert_eq!(headers["pinning_secret_key"], "THE-SECRET-KEY");

        self.traffic(now);
        let Happening { mut fate, takes } = self.happenings.next().unwrap_or(Happening {
            fate: Fate::Works,
            takes: Duration::ZERO,
        });
        if transmission.fresh_connection {
            fate = match fate {
                Fate::Cut { .. } => Fate::Cut { stale: false },
                Fate::Lost {
                    acts,
                    loss: Loss::Reset { .. },
                } => Fate::Lost {
                    acts,
                    loss: Loss::Reset { stale: false },
                },
                fate => fate,
            };
        }
        let creates = request.method() == Method::POST;
        let multipart = matches!(request.body(), RequestBody::Multipart(_));
        let sent = match fate {
            Fate::Unsent => Sent::Nothing,
            Fate::Cut { .. } => Sent::Part,
            Fate::Refuses { early: true, .. } if multipart => Sent::Part,
            _ => Sent::Everything,
        };
        let delivery = Delivery {
            sent,
            sending: if multipart { takes / 2 } else { Duration::ZERO },
            reused_connection: matches!(
                fate,
                Fate::Cut { stale: true }
                    | Fate::Lost {
                        loss: Loss::Reset { stale: true },
                        ..
                    }
            ),
        };
        if creates {
            self.creating.push(Creating {
                at: now,
                sending_before: self.sending,
                is_doubtful: sent == Sent::Everything
                    && (matches!(fate, Fate::Lost { .. }) || !takes.is_zero()),
                content_was_read: sent != Sent::Nothing,
            });
            self.sending += delivery.sending;
        }
        let roots = match request.body() {
            RequestBody::Multipart(plan) if sent == Sent::Everything => {
                (!transmission.profiles.is_empty()).then(|| roots(&transmission.profiles, plan))
            }
            _ => None,
        };
        let outcome = self.outcome(transmission, fate, now + takes);
        Exchange {
            outcome,
            delivery,
            takes,
            roots,
        }
    }

    fn outcome(
        &mut self,
        transmission: &Transmission,
        fate: Fate,
        now: Duration,
    ) -> Result<Response<Bytes>> {
        let broken = |kind| Err(Error::new(kind, "the network did it"));
        let stale = matches!(
            fate,
            Fate::Lost {
                loss: Loss::Reset { stale: true },
                ..
            }
        );
        match fate {
            Fate::Unsent | Fate::Cut { .. } => broken(ErrorKind::Transport),
            Fate::Works => Ok(self.act(transmission, now, stale)),
            Fate::Refuses {
                status,
                retry_after,
                ..
            } => {
                let mut response = self.response(status, "{}".to_owned(), now);
                if let Some(seconds) = retry_after {
                    response.headers_mut().insert("retry-after", seconds.into());
                }
                Ok(response)
            }
            Fate::Redirects(to) => {
                let mut response = self.response(307, String::new(), now);
                let same = transmission.request.uri().to_string();
                let to = to.unwrap_or(&same).parse().unwrap();
                response.headers_mut().insert("location", to);
                Ok(response)
            }
            Fate::Lost { acts, loss } => {
                if acts {
                    self.act(transmission, now, stale);
                }
                match loss {
                    Loss::Reset { .. } => broken(ErrorKind::Transport),
                    Loss::Timeout => broken(ErrorKind::Timeout),
                    Loss::Status(status) => Ok(self.response(status, String::new(), now)),
                    Loss::Body(body) => Ok(self.response(200, body.to_owned(), now)),
                }
            }
        }
    }

    /// Others pin and unpin.
    fn traffic(&mut self, now: Duration) {
        let (come, go) = self.habits.traffic;
        for _ in 0..come {
            self.ids += 1;
            let fields = json!({ "status": "DONE", "pinned": true, "date_pinned": self.date(now) });
            self.record(format!("new-{}", self.ids), RAW_CID, fields);
        }
        for _ in 0..go {
            let one = (self.requests * 7) % self.records.len().max(1);
            if let Some(record) = self.records.get_mut(one)
                && (record.id.starts_with("new") || record.id.ends_with('7'))
            {
                record.gone = true;
            }
        }
    }

    /// The time by the clock that dates pins.
    fn date(&self, now: Duration) -> String {
        let seconds = self.seconds(now).saturating_add_signed(self.habits.skew);
        let date = time::OffsetDateTime::from_unix_timestamp(seconds as i64).unwrap();
        date.format(&time::format_description::well_known::Rfc3339)
            .unwrap()
    }

    fn seconds(&self, now: Duration) -> u64 {
        let world = BEGINNING + (now - self.began);
        world.as_secs().saturating_add_signed(self.habits.clock)
    }

    fn response(&self, status: u16, body: String, now: Duration) -> Response<Bytes> {
        let mut response = Response::new(body.into());
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        if self.habits.dates {
            let date = UNIX_EPOCH + Duration::from_secs(self.seconds(now));
            let date = httpdate::fmt_http_date(date).parse().unwrap();
            response.headers_mut().insert("date", date);
        }
        response
    }

    fn act(&mut self, transmission: &Transmission, now: Duration, stale: bool) -> Response<Bytes> {
        let request = &transmission.request;
        let (status, body) = match transmission.operation {
            "list_pins" => (
                200,
                self.list(request.uri().query().unwrap_or_default(), now),
            ),
            "get_pin" => {
                let mut record = self.records[self.records.len() - 1].clone();
                record.fields["pinned"] = json!(self.requests > 5);
                (200, shown(&record))
            }
            "unpin" => {
                let id = request.uri().path().rsplit('/').next().unwrap();
                match self.records.iter_mut().find(|it| it.id == id && !it.gone) {
                    Some(record) => {
                        record.gone = true;
                        (200, shown(record))
                    }
                    None => return self.response(404, "{}".to_owned(), now),
                }
            }
            _ => match self.pin(transmission, now, stale) {
                Some(pin) => (201, pin),
                None => {
                    let message = json!({ "message": "pin with that hash already exists" });
                    return self.response(409, message.to_string(), now);
                }
            },
        };
        self.response(
            status,
            json!({ "data": body, "status": "success" }).to_string(),
            now,
        )
    }

    fn list(&self, query: &str, now: Duration) -> Value {
        let number = |name: &str| -> usize {
            let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            let value = pairs.filter(|it| it.0 == name).map(|it| it.1).next();
            value.and_then(|value| value.parse().ok()).unwrap_or(0)
        };
        let there = || self.records.iter().filter(|it| !it.gone && it.shows <= now);
        let page = there()
            .skip(number("offset"))
            .take(number("limit").min(self.habits.bound));
        let pins: Vec<_> = page.map(shown).collect();
        json!({ "totals": { "files": there().count() }, "pins": pins })
    }

    /// Creates a pin, unless one exists and duplicates are rejected.
    fn pin(&mut self, transmission: &Transmission, now: Duration, stale: bool) -> Option<Value> {
        let by_cid = transmission.operation == "pin_by_cid";
        let cid = if by_cid { CONTENT_CID } else { self.habits.cid };
        let is_there = |record: &Record| {
            let dead =
                record.fields["status"] == "FAILED" || record.fields["date_unpinned"].is_string();
            let waits = record.fields["status"] == "RETRIEVAL";
            record.cid == cid && !record.gone && !dead && (by_cid || !waits)
        };
        if self.habits.conflicts && self.records.iter().any(is_there) {
            return None;
        }
        let mut metadata = match transmission.request.body() {
            RequestBody::Multipart(plan) => plan.metadata().map_or(json!({}), |metadata| {
                serde_json::from_str(metadata).unwrap()
            }),
            _ => json!({}),
        };
        match self.habits.keeps {
            Keeps::All => {}
            Keeps::AllButMarks => {
                if let Some(keyvalues) = metadata["keyvalues"].as_object_mut() {
                    keyvalues.remove("w3pin.attempt");
                }
            }
            Keeps::Nothing => metadata["keyvalues"] = Value::Null,
        }
        if !by_cid {
            metadata["name"] = json!("hello.txt");
        }
        let fields = json!({
            "status": if by_cid { "RETRIEVAL" } else { "PENDING" },
            "is_pin_by_hash": by_cid,
            "date_pinned": self.date(now),
            "metadata": metadata,
        });
        self.ids += 1;
        self.record(format!("made-{}", self.ids), cid, fields);
        let patience = if stale {
            self.patience.min(STALE_PATIENCE)
        } else {
            self.patience
        };
        let record = &mut self.records[0];
        record.shows = now + patience.mul_f64(self.habits.lag);
        record.made = true;
        Some(shown(record))
    }
}

fn shown(record: &Record) -> Value {
    let mut pin = json!({ "id": record.id, "cid": record.cid });
    for (name, value) in record.fields.as_object().unwrap() {
        pin[name] = value.clone();
    }
    pin
}

pub(crate) fn roots(profiles: &[Profile], plan: &Multipart) -> Result<Vec<Computed>> {
    let mut roots = Roots::new(profiles, plan);
    for _ in plan.parts() {
        roots.end_file(CONTENT)?;
    }
    roots.finish()
}
