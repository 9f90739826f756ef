//! Tests of calls with the Pinning Service API.

use std::{collections::BTreeSet, time::Duration};

use serde_json::{Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339, macros::datetime};
use w3pin_core::{
    Call, Credentials, Delivery, Endpoint, ErrorKind, Insecure, ListOptions, Page, PinByCidOptions,
    Result, RetryPolicy, Session, Step, UploadOptions,
};

use crate::{
    RAW_CID,
    script::{Script, answer, file, lost, session as keyed},
};

fn endpoint() -> Endpoint {
    Endpoint::pinning_service("http://127.0.0.1:7/psa", Insecure::Refuse).unwrap()
}

fn session() -> Session {
    Session::new(endpoint(), Credentials::bearer("THE-TOKEN").unwrap())
}

/// A pin created this many milliseconds after the start.
fn pin(id: u32, made: i64) -> Value {
    let created = datetime!(2024-05-06 12:00 UTC) + time::Duration::milliseconds(made);
    json!({
        "requestid": id.to_string(),
        "status": "pinned",
        "created": created.format(&Rfc3339).unwrap(),
        "pin": { "cid": RAW_CID },
        "delegates": [],
    })
}

/// How a service handles a query of its pins.
struct Service {
    /// Ids and times, newest first.
    pins: Vec<(u32, i64)>,
    /// The maximum number of pins per page, whatever is requested.
    most: usize,
    /// Whether it respects `before`.
    pages: bool,
    /// Whether it returns the total count.
    counts: bool,
}

impl Service {
    fn of(pins: impl IntoIterator<Item = (u32, i64)>) -> Self {
        Self {
            pins: pins.into_iter().collect(),
            most: 1000,
            pages: true,
            counts: true,
        }
    }

    fn list(&self, query: &str) -> Value {
        let pairs: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        let value = |name: &str| pairs.iter().find(|it| it.0 == name).map(|it| it.1.as_str());
        assert_eq!(value("status"), Some("queued,pinning,pinned,failed"));
        let limit: usize = value("limit").unwrap().parse().unwrap();
        assert!((1..=1000).contains(&limit));
        let before = value("before")
            .filter(|_| self.pages)
            .map(|text| OffsetDateTime::parse(text, &Rfc3339).unwrap());
        let start = datetime!(2024-05-06 12:00 UTC);
        let found: Vec<_> = self
            .pins
            .iter()
            .filter(|(_, made)| {
                before.is_none_or(|it| start + time::Duration::milliseconds(*made) < it)
            })
            .collect();
        let results = found.iter().take(limit.min(self.most));
        let results: Vec<_> = results.map(|(id, made)| pin(*id, *made)).collect();
        let count = self.counts.then_some(found.len());
        json!({ "count": count, "results": results })
    }
}

/// The ids of all pins, and the number of requests needed.
fn list(service: &Service, limit: u32) -> Result<(Vec<u32>, usize)> {
    list_while(limit, |query| service.list(query))
}

/// The same of a service that changes meanwhile.
fn list_while(limit: u32, mut answer: impl FnMut(&str) -> Value) -> Result<(Vec<u32>, usize)> {
    let mut call: Call<(), Page> = session().pins(ListOptions::new().limit(limit).unwrap());
    let (mut ids, mut requests) = (Vec::new(), 0);
    loop {
        match call.next(Duration::ZERO, 0) {
            Step::Send(transmission) => {
                requests += 1;
                assert!(requests < 2000, "the listing doesn't end");
                let query = transmission.request.uri().query().unwrap();
                let body = answer(query).to_string();
                call.responded(http::Response::new(body.into()), Delivery::complete());
            }
            Step::Yield(page) => {
                let page = page.pins.iter();
                ids.extend(page.map(|pin| -> u32 { pin.id.as_str().parse().unwrap() }));
            }
            Step::Done(result) => return result.map(|()| (ids, requests)),
            step => panic!("{step:?}"),
        }
    }
}

#[test]
fn pages_give_every_pin_once() {
    let service = Service::of((0..250).map(|id| (250 - id, -i64::from(id))));
    for limit in [1, 2, 3, 100, 249, 250, 251, 1000] {
        let (ids, _) = list(&service, limit).unwrap();
        assert!(ids.iter().copied().eq((1..=250).rev()), "{limit}");
    }
    let (_, requests) = list(&service, 251).unwrap();
    assert_eq!(requests, 1, "there are no more");
}

#[test]
fn pins_of_one_time_are_neither_lost_nor_repeated() {
    // Seven pins at each time, and 300 at one of them.
    let sevens = (0..70).map(|id| (id, -i64::from(id / 7)));
    let crowd = (1000..1300).map(|id| (id, -100));
    let rest = (2000..2020).map(|id| (id, -i64::from(id)));
    let service = Service::of(sevens.chain(crowd).chain(rest));
    for limit in [1, 2, 5, 7, 10, 100] {
        let (ids, _) = list(&service, limit).unwrap();
        assert_eq!(ids.len(), 390, "{limit}");
        let different: BTreeSet<_> = ids.iter().collect();
        assert_eq!(different.len(), 390, "{limit}");
    }
}

#[test]
fn more_pins_of_one_time_than_the_api_can_show_end_nothing() {
    let crowd = (0..1500).map(|id| (id, 0));
    let rest = (2000..2020).map(|id| (id, -i64::from(id)));
    let (ids, _) = list(&Service::of(crowd.chain(rest)), 100).unwrap();
    assert_eq!(ids.len(), 1020);
    assert_eq!(ids.last(), Some(&2019));
}

#[test]
fn services_that_page_oddly_end_too() {
    let pins = || (0..60).map(|id| (id, -i64::from(id)));
    let small = Service {
        most: 10,
        ..Service::of(pins())
    };
    assert_eq!(list(&small, 100).unwrap().0.len(), 60);
    let uncounted = Service {
        counts: false,
        ..Service::of(pins())
    };
    assert_eq!(list(&uncounted, 10).unwrap().0.len(), 60);
    let oldest_first = |pins| Service::of((0..pins).map(|id| (id, i64::from(id))));
    for limit in [1, 2, 10] {
        assert_eq!(list(&oldest_first(60), limit).unwrap().0.len(), 60);
    }
    let error = list(&oldest_first(1500), 10).unwrap_err();
    assert!(error.reason().contains("newest pins first"), "{error}");
    let deaf = Service {
        pages: false,
        ..Service::of((0..2000).map(|id| (id, -i64::from(id))))
    };
    let error = list(&deaf, 10).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.reason().contains("the same pins on every page"));
}

#[test]
fn a_service_that_lists_in_no_order_of_time_loses_none() {
    // Pages that are in order by chance, above all those of one pin, don't mislead.
    for seed in 1..8_u32 {
        let time = |id: u32| i64::from(id.wrapping_mul(seed).wrapping_mul(0x9E37_79B9) >> 16);
        let pins = |count: u32| Service::of((0..count).map(|id| (id, -time(id))));
        for limit in [1, 2, 3, 100] {
            for count in [2, 4, 60] {
                let (mut ids, _) = list(&pins(count), limit).unwrap();
                ids.sort_unstable();
                assert!(ids.into_iter().eq(0..count), "{seed}, {limit} of {count}");
            }
        }
        let error = list(&pins(1500), seed).unwrap_err();
        assert!(error.reason().contains("newest pins first"), "{error}");
    }
}

#[test]
fn pins_that_are_removed_meanwhile_end_nothing() {
    for limit in [1, 2, 10, 100] {
        let mut service = Service::of((0..250).map(|id| (id, -i64::from(id))));
        let (ids, requests) = list_while(limit, |query| {
            // Each request finds that two of the older ones are gone.
            let left = service.pins.len();
            service.pins.truncate(left.saturating_sub(2).max(40));
            service.list(query)
        })
        .unwrap();
        assert!(ids.len() >= 40, "{limit}");
        assert!(ids.is_sorted(), "{limit}");
        assert!(requests <= 250, "{requests} of {limit}");
    }
}

#[test]
fn a_page_without_times_cannot_be_followed() {
    let body = json!({ "count": 9, "results": [{ "requestid": "1", "pin": { "cid": RAW_CID } }] });
    let error = Script::new([answer(200, body.to_string())])
        .collect(session().pins(ListOptions::new()))
        .unwrap_err();
    assert!(error.reason().contains("when it made"), "{error}");
}

#[test]
fn an_older_pin_is_not_taken_for_one_whose_answer_was_lost() {
    let old = pin(1, -3_600_000);
    let empty = json!({ "count": 1, "results": [old] }).to_string();
    let made = pin(2, 0).to_string();
    let policy = RetryPolicy::default().attempts(2);
    let call = session()
        .retry(policy)
        .unwrap()
        .pin_by_cid(RAW_CID.parse().unwrap(), PinByCidOptions::new());
    let mut script = Script::new([lost()])
        .then_always(answer(202, made))
        .lists(move |_| answer(200, empty.clone()));
    assert_eq!(script.drive(call).unwrap().id.as_str(), "2");
    let posts = script
        .sent
        .iter()
        .filter(|it| it.request.method() == "POST");
    assert_eq!(posts.count(), 2, "it was sent again, as it wasn't there");
}

#[test]
fn keys_and_token_go_only_to_the_api_that_takes_them() {
    let token = Credentials::bearer("THE-TOKEN").unwrap();
    let keys = Credentials::new("KEY", "SECRET").unwrap();
    let to_keys = Session::new(keyed().endpoint().clone(), token).get_pin("1".parse().unwrap());
    let error = Script::new([]).drive(to_keys).unwrap_err();
    assert_eq!(error.field(), Some("token"));
    let to_token = Session::new(endpoint(), keys).get_pin("1".parse().unwrap());
    let error = Script::new([]).drive(to_token).unwrap_err();
    assert_eq!(error.field(), Some("api_key"));
}

#[test]
fn uploads_are_refused_before_anything_is_sent() {
    let upload = session().upload(file(), true, UploadOptions::default(), [7; 16]);
    let error = Script::new([]).drive(upload).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert_eq!(error.field(), Some("api"));
    let prepared = session().prepare_upload(file(), &UploadOptions::default(), [7; 16]);
    assert_eq!(prepared.unwrap_err().field(), Some("api"));
}
