//! Tests of uploading CARs, to the real server and to services without support for them.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use futures_util::StreamExt;
use tempfile::TempDir;
use w3pin::{
    CarFile, CidOptions, Client, Content, Credentials, ErrorKind, ListOptions, PackedCar,
    PinOptions, Verification, Verify, pack_car,
};
use w3pin_server::{RunningServer, Server, ServerConfig};

use crate::{API_KEY, SECRET_KEY};

struct Service {
    running: RunningServer,
    client: Client,
    folder: TempDir,
}

impl Service {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let credentials = Credentials::new(API_KEY, SECRET_KEY).unwrap();
        let mut config = ServerConfig::new(folder.path().join("data"));
        config.accounts = vec![credentials.clone()];
        if let Some(node) = crate::node::chosen() {
            config.backend = node.backend();
            // It lives as long as the test process.
            std::mem::forget(node);
        }
        let running = Server::bind(config).await.unwrap().spawn();
        let client = Client::builder()
            .credentials(credentials)
            .endpoint(running.url().parse().unwrap())
            .build()
            .unwrap();
        Self {
            running,
            client,
            folder,
        }
    }

    /// A CAR of a folder with a large file.
    fn car(&self) -> (PathBuf, PackedCar) {
        let path = self.folder.path().join("site.car");
        let packed = pack_car(content(), &path, &CidOptions::new()).unwrap();
        (path, packed)
    }

    async fn pins(&self) -> usize {
        self.client.pins(ListOptions::new()).count().await
    }

    async fn stop(self) {
        self.running.shutdown().await.unwrap();
    }
}

fn content() -> Content {
    let large: Vec<u8> = (0..3_000_000_u32)
        .map(|it| (it.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    Content::files([("large", large), ("deep/down/small", b"small".to_vec())])
}

#[tokio::test]
async fn a_car_is_pinned_with_its_root_as_the_proof() {
    let service = Service::start().await;
    let (path, packed) = service.car();
    let told = Arc::new(Mutex::new(Vec::new()));
    let listener = Arc::clone(&told);
    let options = PinOptions::new()
        .keyvalue("k", "v")
        .verify(Verify::Require)
        .progress(move |progress| listener.lock().unwrap().push(progress.bytes_sent));
    let pin = service
        .client
        .pin_car(&path, options.clone())
        .await
        .unwrap();
    assert_eq!(pin.cid, packed.cid);
    assert_eq!(pin.verification, Verification::Verified { profile: None });
    assert_eq!((pin.name.as_deref(), pin.is_dir), (Some("site"), true));
    assert_eq!(told.lock().unwrap().last(), Some(&packed.bytes));

    let skipping = options.clone().skip_if_pinned(true);
    let again = service.client.pin_car(&path, skipping).await.unwrap();
    assert!(again.already_pinned && again.id == pin.id);
    let again = service.client.pin_car(&path, options).await.unwrap();
    assert!(
        again.already_pinned && again.id == pin.id,
        "a refusal to pin twice is none"
    );

    // The same content as separate files.
    let files = service
        .client
        .pin_folder(content(), PinOptions::new())
        .await
        .unwrap();
    assert!(files.already_pinned && files.id == pin.id);
    service.stop().await;
}

#[tokio::test]
async fn a_block_that_is_wrong_is_found_on_its_way_out() {
    let service = Service::start().await;
    let (path, _) = service.car();
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, bytes).unwrap();
    for _ in 0..10 {
        let error = service
            .client
            .pin_car(&path, PinOptions::new())
            .await
            .unwrap_err();
        // The server may detect it first.
        assert!(error.to_string().contains("match its CID baf"), "{error:?}");
        assert_ne!(error.kind(), ErrorKind::Timeout, "{error:?}");
    }
    // What the client doesn't check, the server does.
    let unchecked = PinOptions::new().verify(Verify::Off);
    let error = service.client.pin_car(&path, unchecked).await.unwrap_err();
    assert_eq!(error.status(), Some(400), "{error:?}");
    assert!(error.to_string().contains("match its CID baf"), "{error}");
    assert_eq!(service.pins().await, 0);
    service.stop().await;
}

#[tokio::test]
async fn a_car_that_was_opened_is_sent_whatever_becomes_of_its_path() {
    let service = Service::start().await;
    let (path, packed) = service.car();
    let car = CarFile::open(&path).unwrap();
    fs::remove_file(&path).unwrap();
    let pin = service
        .client
        .pin_car_file(car, PinOptions::new())
        .await
        .unwrap();
    assert_eq!(pin.cid, packed.cid);
    service.stop().await;
}

#[tokio::test]
async fn what_can_not_be_a_car_is_refused_before_anything_is_sent() {
    let service = Service::start().await;
    let (path, _) = service.car();
    let client = &service.client;
    let refused =
        async |path: &Path, options: PinOptions| client.pin_car(path, options).await.unwrap_err();
    let folder = service.folder.path();
    let error = refused(folder, PinOptions::new()).await;
    assert_eq!(
        (error.kind(), error.field()),
        (ErrorKind::InvalidInput, Some("path"))
    );
    for (field, options) in [
        (
            "profile",
            PinOptions::new().profile(w3pin::Profile::default()),
        ),
        ("file_name", PinOptions::new().file_name("a")),
        ("content_type", PinOptions::new().content_type("a/b")),
    ] {
        let error = refused(&path, options).await;
        assert_eq!(
            (error.kind(), error.field()),
            (ErrorKind::InvalidInput, Some(field))
        );
    }
    let empty = folder.join("empty.car");
    fs::write(&empty, b"").unwrap();
    assert_eq!(
        refused(&empty, PinOptions::new()).await.kind(),
        ErrorKind::Decode
    );
    assert_eq!(service.pins().await, 0);
    service.stop().await;
}
