//! A page of 10,000 pins decoded, beside plain serde; a body of 10,000 files planned; requests built.

#![allow(clippy::unwrap_used, reason = "a bench that fails has to stop")]

use std::{collections::BTreeMap, hint::black_box};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use http::Response;
use serde::Deserialize;
use time::OffsetDateTime;
use w3pin_core::{
    Api, Boundary, Credentials, Endpoint, FilePart, GetPin, ListOptions, ListPins, Metadata,
    Multipart, Operation, PinByCid,
};

const PINS: usize = 10_000;
const CID: &str = "bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi";

fn page() -> String {
    let pin = |index: usize| {
        format!(
            r#"{{"id":"3c3fec2a-ca65-4b8e-bcf3-{index:012x}","user_id":"5d7b9f6e-1f5e-4a3e-9d5c-0d6c7d9b2a11","cid":"{CID}","size":{},"status":"DONE","pinned":true,"is_pin_by_hash":false,"is_dir":false,"date_pinned":"2023-03-09T15:33:52.123456Z","date_unpinned":"0001-01-01T00:00:00Z","metadata":{{"name":"photo-{index}.jpg","type":"image/jpeg","keyvalues":{{"album":"summer","number":"{index}"}}}},"sub_hash_status":"DONE","file_record_id":"7e4f0c9b-6f3e-4c58-8a1f-3b2d1c0e9f87","root_hash":"{CID}"}}"#,
            1_000 + index
        )
    };
    let pins: Vec<String> = (0..PINS).map(pin).collect();
    format!(
        r#"{{"data":{{"totals":{{"files":{PINS},"size":123456789}},"pins":[{}]}},"status":"success"}}"#,
        pins.join(",")
    )
}

/// The same answer as anyone would write it down for serde, with the same values in it.
mod plain {
    use super::{BTreeMap, Deserialize, OffsetDateTime};

    #[derive(Deserialize)]
    pub(super) struct Envelope<P> {
        pub(super) data: Page<P>,
        #[expect(dead_code, reason = "decoded, as the crate does")]
        status: String,
    }

    #[derive(Deserialize)]
    pub(super) struct Page<P> {
        #[expect(dead_code, reason = "decoded, as the crate does")]
        totals: Totals,
        pub(super) pins: Vec<P>,
    }

    #[derive(Deserialize)]
    #[expect(dead_code, reason = "decoded, as the crate does")]
    struct Totals {
        files: u64,
        size: u64,
    }

    macro_rules! pin {
        ($name:ident, $cid:ty, $date:ty, $(#[$how:meta])?) => {
            #[derive(Deserialize)]
            #[expect(dead_code, reason = "decoded, as the crate does")]
            pub(super) struct $name {
                id: String,
                cid: $cid,
                size: Option<u64>,
                status: String,
                pinned: bool,
                is_pin_by_hash: bool,
                is_dir: bool,
                $(#[$how])?
                date_pinned: Option<$date>,
                $(#[$how])?
                date_unpinned: Option<$date>,
                metadata: Metadata,
                sub_hash_status: Option<String>,
                file_record_id: Option<String>,
                root_hash: Option<String>,
                user_id: Option<String>,
            }
        };
    }

    pin!(Texts, String, String,);
    pin!(
        Values,
        Cid,
        OffsetDateTime,
        #[serde(with = "time::serde::rfc3339::option")]
    );

    #[derive(Deserialize)]
    #[expect(dead_code, reason = "decoded, as the crate does")]
    struct Metadata {
        name: Option<String>,
        #[serde(rename = "type")]
        file_type: Option<String>,
        keyvalues: BTreeMap<String, String>,
    }

    /// A CID parsed, and its text as it was given.
    #[expect(dead_code, reason = "decoded, as the crate does")]
    pub(super) struct Cid(cid::Cid, String);

    impl<'de> Deserialize<'de> for Cid {
        fn deserialize<D: serde::Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
            let text = String::deserialize(input)?;
            let cid = text.parse().map_err(serde::de::Error::custom)?;
            Ok(Self(cid, text))
        }
    }
}

fn decoding(criterion: &mut Criterion) {
    let page = page();
    let body = page.as_bytes();
    let list = ListPins::new(ListOptions::new());
    let mut group = criterion.benchmark_group("a page of 10,000 pins");
    group.throughput(Throughput::Bytes(body.len() as u64));
    group.bench_function("decoded", |bench| {
        bench.iter(|| {
            let page = list
                .parse(Api::W3ipfs, Response::new(black_box(body)))
                .unwrap();
            assert_eq!(page.pins.len(), PINS);
            page
        });
    });
    group.bench_function("plain serde, CIDs and dates parsed", |bench| {
        bench.iter(|| {
            let page: plain::Envelope<plain::Values> =
                serde_json::from_slice(black_box(body)).unwrap();
            assert_eq!(page.data.pins.len(), PINS);
            page
        });
    });
    group.bench_function("plain serde, CIDs and dates left as texts", |bench| {
        bench.iter(|| {
            let page: plain::Envelope<plain::Texts> =
                serde_json::from_slice(black_box(body)).unwrap();
            assert_eq!(page.data.pins.len(), PINS);
            page
        });
    });
    group.finish();
}

fn planning(criterion: &mut Criterion) {
    let parts: Vec<FilePart> = (0..10_000)
        .map(|index| FilePart::new(&format!("site/page-{index}.html"), Some(4_096)).unwrap())
        .collect();
    let plan = |parts| Multipart::new(parts, &Metadata::new(), Boundary::from_entropy([7; 16]));
    criterion.bench_function("the body of 10,000 files: planned and walked", |bench| {
        bench.iter(|| {
            let plan = plan(black_box(parts.clone())).unwrap();
            (plan.content_length(), plan.segments().count())
        });
    });
}

fn requests(criterion: &mut Criterion) {
    let endpoint = Endpoint::default();
    let credentials = Credentials::new("a-key", "a-secret-of-usual-length").unwrap();
    let get = GetPin::new("3c3fec2a-ca65-4b8e-bcf3-c8e2ceaa23d2".parse().unwrap());
    let list = ListPins::new(ListOptions::new());
    let pin = PinByCid::new(CID.parse().unwrap());
    let mut group = criterion.benchmark_group("request");
    group.bench_function("get_pin", |bench| {
        bench.iter(|| black_box(&get).prepare(&endpoint, &credentials).unwrap());
    });
    group.bench_function("list_pins", |bench| {
        bench.iter(|| black_box(&list).prepare(&endpoint, &credentials).unwrap());
    });
    group.bench_function("pin_by_cid", |bench| {
        bench.iter(|| black_box(&pin).prepare(&endpoint, &credentials).unwrap());
    });
    group.finish();
}

criterion_group!(benches, decoding, planning, requests);
criterion_main!(benches);
