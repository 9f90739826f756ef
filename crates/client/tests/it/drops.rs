//! Tests of dropped futures.

use std::{sync::mpsc, time::Duration};

use bytes::Bytes;
use w3pin::{BatchOptions, ByteStream, Content, PinByCidOptions, PinOptions};

use crate::{
    client,
    server::{Server, cid, content},
};

/// A server that never responds, and reports requests and closed connections.
fn silent() -> (Server, mpsc::Receiver<&'static str>) {
    let (tell, told) = mpsc::channel();
    let server = Server::raw(move |_, mut connection| {
        connection.head().unwrap();
        tell.send("asked").unwrap();
        std::thread::sleep(Duration::from_millis(100));
        tell.send(if connection.closes() {
            "closed"
        } else {
            "stayed"
        })
        .unwrap();
    });
    (server, told)
}

async fn dropped_when_asked(call: impl Future<Output = ()>, told: mpsc::Receiver<&'static str>) {
    let asked = tokio::task::spawn_blocking(move || {
        assert_eq!(told.recv().unwrap(), "asked");
        told
    });
    let told = tokio::select! {
        () = call => panic!("it can't be done"),
        told = asked => told.unwrap(),
    };
    let end = tokio::task::spawn_blocking(move || told.recv().unwrap())
        .await
        .unwrap();
    assert_eq!(end, "closed");
}

#[tokio::test]
async fn a_dropped_call_closes_its_connection() {
    let (server, told) = silent();
    let client = client(&server);
    let id = "a".parse().unwrap();
    let call = async { drop(client.get_pin(&id).await) };
    dropped_when_asked(call, told).await;
}

#[tokio::test]
async fn a_dropped_upload_stops_what_reads_and_closes() {
    let (server, told) = silent();
    let client = client(&server);
    let bytes = Bytes::from(content(32 << 20));
    let content = bytes.clone();
    let call = async move { drop(client.pin_bytes(content, PinOptions::new()).await) };
    dropped_when_asked(call, told).await;
    // Tasks that still read or hash hold the bytes.
    for _ in 0..500 {
        if bytes.is_unique() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the content is still held");
}

#[tokio::test]
async fn a_dropped_upload_drops_its_stream() {
    let (server, told) = silent();
    let client = client(&server);
    let (mut feed, parts) = tokio::sync::mpsc::channel::<Bytes>(1);
    feed.send(Bytes::from_static(b"first")).await.unwrap();
    let parts = futures_util::stream::unfold(parts, |mut parts| async move {
        parts.recv().await.map(|part| (Ok(part), parts))
    });
    let stream = ByteStream::new(parts);
    let call = async { drop(client.pin_stream(stream, PinOptions::new()).await) };
    dropped_when_asked(call, told).await;
    feed.closed().await;
    let _ = &mut feed;
}

#[tokio::test]
async fn dropping_many_stops_all() {
    let (server, told) = silent();
    let client = client(&server);
    let cids: Vec<w3pin::Cid> = (0..6).map(|it| cid(&[it]).parse().unwrap()).collect();
    let options = BatchOptions::<PinByCidOptions>::new()
        .concurrency(2)
        .unwrap();
    let call = async { drop(client.pin_cids(cids, options).await) };
    let asked = tokio::task::spawn_blocking(move || {
        assert_eq!(told.recv().unwrap(), "asked");
        assert_eq!(told.recv().unwrap(), "asked");
        told
    });
    let told = tokio::select! {
        () = call => panic!("it can't be done"),
        told = asked => told.unwrap(),
    };
    let rest = tokio::task::spawn_blocking(move || {
        let ends = [told.recv().unwrap(), told.recv().unwrap()];
        (ends, told.recv_timeout(Duration::from_millis(300)).is_err())
    });
    let (ends, quiet) = rest.await.unwrap();
    assert_eq!(ends, ["closed", "closed"]);
    assert!(quiet, "no further call was begun");
}

#[tokio::test]
async fn a_dropped_preparation_leaves_no_body() {
    let folder = tempfile::tempdir().unwrap();
    let (file, body) = (folder.path().join("file"), folder.path().join("body"));
    let large = std::fs::File::create(&file).unwrap();
    large.set_len(4 << 30).unwrap();
    let server = Server::raw(|_, _| panic!("nothing is sent"));
    let client = client(&server);
    let begun = async {
        while !body.exists() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::select! {
        _ = client.prepare_upload(file, &body, PinOptions::new()) => panic!("it can't be done"),
        () = begun => {}
    }
    for _ in 0..30_000 {
        if !body.exists() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    panic!("the body stays");
}

#[tokio::test]
async fn a_preparation_dropped_at_any_time_leaves_no_body() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::raw(|_, _| panic!("nothing is sent"));
    let client = client(&server);
    let content = Content::bytes(vec![7; 200_000]);
    for number in 0_u64..60 {
        let body = folder.path().join(number.to_string());
        let preparing = client.prepare_upload(content.clone(), &body, PinOptions::new());
        let late = Duration::from_micros(number * 50);
        if tokio::time::timeout(late, preparing).await.is_ok() {
            std::fs::remove_file(body).unwrap();
        }
    }
    for _ in 0..30_000 {
        if std::fs::read_dir(folder.path()).unwrap().next().is_none() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    panic!("a body stays");
}
