//! Tests of reading large files from several gateways at once.

use std::sync::Arc;

use w3pin::{FetchOptions, Profile, ReadOptions};

use crate::{
    dag::Dag,
    gateway::{Gateway, announce, retriever},
    reading::path,
    server::{Kept, content},
};

#[tokio::test]
async fn each_gateway_serves_a_part_and_no_byte_comes_twice() {
    let dag = Dag::default();
    let bytes = content(80_000_000);
    let cid = dag.file(&Profile::unixfs_v1_2025(), &bytes);
    let gateways: Vec<Gateway> = (0..4).map(|_| Gateway::good(&dag)).collect();
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("file");
    let all: Vec<&Gateway> = gateways.iter().collect();
    let fetched = retriever(&all)
        .fetch(&path(cid), &target, FetchOptions::new())
        .await
        .unwrap();
    assert!(std::fs::read(&target).unwrap() == bytes);
    assert_eq!(
        (fetched.bytes, fetched.bytes_fetched),
        (80_000_000, 80_000_000)
    );
    for gateway in &gateways {
        assert!(gateway.bytes() > 10_000_000, "{}", gateway.bytes());
    }
    let sent: u64 = gateways.iter().map(Gateway::bytes).sum();
    assert!(sent < 80_500_000 + 5 * 1024 * 1024, "{sent}");
}

#[tokio::test]
async fn a_gateway_that_breaks_off_is_replaced_in_the_middle() {
    let dag = Dag::default();
    let bytes = content(40_000_000);
    let cid = dag.file(&Profile::unixfs_v1_2025(), &bytes);
    let breaks = Gateway::new(
        &dag,
        Arc::new(|asked, connection| {
            if !asked.car {
                return None;
            }
            let body = asked.body();
            announce(asked, connection, body.len());
            connection.send(&body[..body.len() / 3]);
            Some(Kept::No)
        }),
    );
    let good = Gateway::good(&dag);
    let read = retriever(&[&breaks, &good])
        .read(&path(cid), ReadOptions::new())
        .await;
    assert!(read.unwrap() == bytes);
    // What had already arrived isn't requested again.
    assert!(good.bytes() < 28_500_000, "{}", good.bytes());
    assert_eq!(good.requests().len(), 1, "{:?}", good.requests());
}
