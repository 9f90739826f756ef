//! The instruction counts of common operations, measured with callgrind: `cargo xtask instructions`.
//!
//! Each has a limit, 5 % above the count with the compiler that the task specifies. A change that needs more, and is
//! worth it, raises the limit.

#![allow(clippy::unwrap_used, reason = "a failing benchmark must stop")]
#![allow(missing_docs, unused_qualifications, reason = "the macros' own code")]

use std::{hint::black_box, time::Duration};

use bytes::Bytes;
use gungraun::{Callgrind, EventKind, prelude::*};
use http::Response;
use w3pin_core::{
    Api, Boundary, Credentials, Delivery, Endpoint, FilePart, ListOptions, ListPins, Metadata,
    Multipart, Operation, Page, Pin, Session, Step,
};
use w3pin_unixfs::{FileBuilder, Node, Profile};

const PINS: usize = 1_000;
const FILES: usize = 10_000;
const CID: &str = "bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi";

fn at_most(instructions: u64) -> LibraryBenchmarkConfig {
    let mut callgrind = Callgrind::default();
    callgrind.hard_limits([(EventKind::Ir, instructions)]);
    let mut config = LibraryBenchmarkConfig::default();
    config.tool(callgrind);
    config
}

fn pin(index: usize) -> String {
    format!(
        r#"{{"id":"3c3fec2a-ca65-4b8e-bcf3-{index:012x}","user_id":"5d7b9f6e-1f5e-4a3e-9d5c-0d6c7d9b2a11","cid":"{CID}","size":{},"status":"DONE","pinned":true,"is_pin_by_hash":false,"is_dir":false,"date_pinned":"2023-03-09T15:33:52.123456Z","date_unpinned":"0001-01-01T00:00:00Z","metadata":{{"name":"photo-{index}.jpg","type":"image/jpeg","keyvalues":{{"album":"summer","number":"{index}"}}}}}}"#,
        1_000 + index
    )
}

fn page_of_pins() -> Bytes {
    let pins: Vec<_> = (0..PINS).map(pin).collect();
    let pins = pins.join(",");
    let page = format!(
        r#"{{"data":{{"totals":{{"files":{PINS},"size":123456789}},"pins":[{pins}]}},"status":"success"}}"#
    );
    page.into()
}

#[library_benchmark(config = at_most(14_670_000))]
#[bench::of_a_thousand_pins(page_of_pins())]
fn decode_page(body: Bytes) -> Page {
    let list = ListPins::new(ListOptions::new());
    let response = Response::new(&black_box(&body)[..]);
    list.parse(Api::W3ipfs, response).unwrap()
}

fn mebibytes(count: usize) -> Vec<u8> {
    vec![7; count << 20]
}

#[library_benchmark(config = at_most(229_400_000))]
#[bench::of_four_mebibytes(mebibytes(4))]
fn hash_file(content: Vec<u8>) -> Node {
    let mut file = FileBuilder::new(&Profile::default());
    file.push(black_box(&content));
    file.root()
}

fn parts() -> Vec<FilePart> {
    let part = |index| FilePart::new(&format!("site/page-{index}.html"), Some(4_096)).unwrap();
    (0..FILES).map(part).collect()
}

#[library_benchmark(config = at_most(38_440_000))]
#[bench::of_ten_thousand_files(parts())]
fn plan_folder(parts: Vec<FilePart>) -> (Option<u64>, usize) {
    let boundary = Boundary::from_entropy([7; 16]);
    let plan = Multipart::new(black_box(parts), &Metadata::new(), boundary).unwrap();
    (plan.content_length(), plan.segments().count())
}

fn session() -> (Session, Bytes) {
    let credentials = Credentials::new("a-key", "a-secret-of-usual-length").unwrap();
    let body = format!(r#"{{"data":{},"status":"success"}}"#, pin(1));
    (Session::new(Endpoint::default(), credentials), body.into())
}

#[library_benchmark(config = at_most(31_030))]
#[bench::that_is_answered_at_once(session())]
fn call((session, body): (Session, Bytes)) -> Pin {
    let id = "3c3fec2a-ca65-4b8e-bcf3-c8e2ceaa23d2".parse().unwrap();
    let mut call = session.get_pin(black_box(id));
    loop {
        match call.next(Duration::ZERO, 7) {
            Step::Send(_) => {
                call.responded(Response::new(body.clone()), Delivery::complete());
            }
            Step::Done(pin) => return pin.unwrap(),
            step => unreachable!("{step:?}"),
        }
    }
}

library_benchmark_group!(
    name = instructions,
    benchmarks = [decode_page, hash_file, plan_folder, call]
);
main!(library_benchmark_groups = instructions);
