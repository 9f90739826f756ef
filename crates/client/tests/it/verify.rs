//! Tests of proving content by the blocks of a real server, with layouts that the client doesn't know.

use std::{fs, path::Path};

use bytes::Bytes;
use tempfile::TempDir;
use w3pin::{Client, Content, Credentials, ErrorKind, PinOptions, Profile, Proof, VerifyOptions};
use w3pin_server::{RunningServer, Server, ServerConfig};

use crate::{
    API_KEY, SECRET_KEY,
    node::KuboNode,
    server::{Kept, Server as Forger},
};

/// A server that imports with this profile, and a client that expects the default.
struct Service {
    client: Client,
    server: RunningServer,
    _data: TempDir,
    _node: Option<KuboNode>,
}

impl Service {
    async fn start(profile: Profile) -> Self {
        let data = tempfile::tempdir().unwrap();
        let credentials = Credentials::new(API_KEY, SECRET_KEY).unwrap();
        let mut config = ServerConfig::new(data.path());
        config.accounts = vec![credentials.clone()];
        config.profile = profile;
        let node = crate::node::chosen();
        if let Some(node) = &node {
            config.backend = node.backend();
        }
        let server = Server::bind(config).await.unwrap().spawn();
        let endpoint = server.url().parse().unwrap();
        let client = Client::builder()
            .credentials(credentials)
            .endpoint(endpoint)
            .build()
            .unwrap();
        Self {
            client,
            server,
            _data: data,
            _node: node,
        }
    }

    async fn proves(&self, pinned: &Path, local: &Path) -> w3pin::Result<Proof> {
        let pin = self
            .client
            .pin_path(pinned, PinOptions::new())
            .await
            .unwrap();
        self.client
            .verify(local, &pin.cid, VerifyOptions::new())
            .await
    }
}

fn profiles() -> Vec<Profile> {
    let mut profiles = Profile::known().to_vec();
    for text in [
        "custom(chunk=1000,width=3,leaves=raw,cid=1)",
        "custom(chunk=777,width=2,leaves=wrapped,cid=0)",
        "custom(chunk=262144,width=1024,leaves=raw,cid=1)",
    ] {
        profiles.push(text.parse().unwrap());
    }
    profiles
}

fn content(length: usize) -> Vec<u8> {
    (0..length as u64)
        .map(|i| (i.wrapping_mul(i) >> 7) as u8)
        .collect()
}

#[tokio::test]
async fn files_are_proved_under_any_layout() {
    for profile in profiles() {
        let service = Service::start(profile).await;
        for length in [1, 1000, 50_000, 600_000] {
            let bytes = Bytes::from(content(length));
            let pin = service
                .client
                .pin_bytes(bytes.clone(), PinOptions::new())
                .await
                .unwrap();
            let proof = service
                .client
                .verify(bytes, &pin.cid, VerifyOptions::new())
                .await
                .unwrap();
            assert_eq!(
                (proof.files, proof.bytes),
                (1, length as u64),
                "{profile} {length}"
            );
        }
        service.server.shutdown().await.unwrap();
    }
}

#[tokio::test]
async fn only_blocks_with_links_are_fetched() {
    let service = Service::start(Profile::kubo_cidv1_legacy()).await;
    let bytes = Bytes::from(content(5_000_000));
    let pin = service
        .client
        .pin_bytes(bytes.clone(), PinOptions::new())
        .await
        .unwrap();
    let proof = service
        .client
        .verify(bytes, &pin.cid, VerifyOptions::new())
        .await
        .unwrap();
    assert_eq!(proof.blocks_fetched, 1);
}

#[tokio::test]
async fn one_other_byte_is_found_wherever_it_is() {
    for profile in profiles() {
        let service = Service::start(profile).await;
        let right = content(40_000);
        let pin = service
            .client
            .pin_bytes(right.clone(), PinOptions::new())
            .await
            .unwrap();
        let mut wrongs: Vec<Vec<u8>> = [0, 999, 1000, 20_001, 39_999]
            .into_iter()
            .map(|at| {
                let mut wrong = right.clone();
                wrong[at] ^= 1;
                wrong
            })
            .collect();
        wrongs.push(right[..39_999].to_vec());
        wrongs.push([&right[..], b"!"].concat());
        wrongs.push(Vec::new());
        for wrong in wrongs {
            let content: Content = Bytes::from(wrong).into();
            let error = service
                .client
                .verify(content, &pin.cid, VerifyOptions::new())
                .await
                .unwrap_err();
            assert_eq!(error.kind(), ErrorKind::CidMismatch, "{profile}: {error}");
            assert_eq!(error.returned_cid(), Some(&pin.cid));
        }
    }
}

#[tokio::test]
async fn folders_are_proved_entry_by_entry() {
    let folder = tempfile::tempdir().unwrap();
    let site = folder.path().join("site");
    fs::create_dir_all(site.join("css/deep")).unwrap();
    fs::write(site.join("index.html"), content(3000)).unwrap();
    fs::write(site.join("css/main.css"), "a").unwrap();
    fs::write(site.join("css/deep/x"), content(300_000)).unwrap();
    for profile in profiles() {
        let service = Service::start(profile).await;
        let pin = service
            .client
            .pin_folder(&site, PinOptions::new())
            .await
            .unwrap();
        // An upload can't carry it, so its absence isn't a difference.
        fs::create_dir_all(site.join("bare/bare")).unwrap();
        let verify = || {
            service
                .client
                .verify(site.as_path(), &pin.cid, VerifyOptions::new())
        };
        let proof = verify().await.unwrap();
        assert_eq!((proof.files, proof.bytes), (3, 303_001), "{profile}");

        let differs = async |part: &str| {
            let error = verify().await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::CidMismatch, "{error}");
            assert!(error.to_string().contains(part), "{error}");
        };
        fs::write(site.join("new"), "x").unwrap();
        differs("no new").await;
        fs::remove_file(site.join("new")).unwrap();
        fs::rename(site.join("css/main.css"), site.join("css/mein.css")).unwrap();
        differs("css/main.css, which isn't in the local folder").await;
        fs::rename(site.join("css/mein.css"), site.join("css/main.css")).unwrap();
        fs::write(site.join("css/mein.css"), "a").unwrap();
        differs("no css/mein.css").await;
        fs::remove_file(site.join("css/mein.css")).unwrap();
        fs::write(site.join("css/main.css"), "b").unwrap();
        differs("css/main.css differs").await;
        fs::remove_file(site.join("css/main.css")).unwrap();
        fs::create_dir(site.join("css/main.css")).unwrap();
        fs::write(site.join("css/main.css/a"), "a").unwrap();
        differs("css/main.css").await;
        fs::remove_dir_all(site.join("css/main.css")).unwrap();
        fs::write(site.join("css/main.css"), "a").unwrap();
        verify().await.unwrap();
    }
}

#[tokio::test]
async fn sharded_folders_are_proved() {
    let folder = tempfile::tempdir().unwrap();
    let wide = folder.path().join("wide");
    fs::create_dir(&wide).unwrap();
    for number in 0..1500 {
        fs::write(wide.join(format!("{number:0>200}")), number.to_string()).unwrap();
    }
    let service = Service::start(Profile::default()).await;
    let proof = service.proves(&wide, &wide).await.unwrap();
    assert_eq!(proof.files, 1500);
    assert!(proof.blocks_fetched > 1, "it has shards");
    fs::write(wide.join(format!("{:0>200}", 7)), "8").unwrap();
    let pin = service
        .client
        .pins(w3pin::ListOptions::new())
        .next()
        .await
        .unwrap()
        .unwrap();
    let wrong = service
        .client
        .verify(wide.as_path(), &pin.cid, VerifyOptions::new())
        .await;
    assert_eq!(wrong.unwrap_err().kind(), ErrorKind::CidMismatch);
}

#[cfg(unix)]
#[tokio::test]
async fn links_and_hidden_files_count_as_they_are_said_to() {
    let folder = tempfile::tempdir().unwrap();
    let docs = folder.path().join("docs");
    fs::create_dir(&docs).unwrap();
    fs::write(docs.join("a"), "a").unwrap();
    fs::write(docs.join(".h"), "h").unwrap();
    std::os::unix::fs::symlink("a", docs.join("l")).unwrap();
    let service = Service::start(Profile::default()).await;
    let options = PinOptions::new()
        .symlinks(w3pin::Symlinks::Follow)
        .hidden(true);
    let pin = service.client.pin_folder(&docs, options).await.unwrap();
    let verify = async |options| {
        let proof = service
            .client
            .verify(docs.as_path(), &pin.cid, options)
            .await;
        proof.map_err(|error| error.kind())
    };
    let followed = VerifyOptions::new().symlinks(w3pin::Symlinks::Follow);
    assert!(verify(followed.clone().hidden(true)).await.is_ok());
    assert_eq!(verify(followed).await, Err(ErrorKind::CidMismatch));
    assert_eq!(
        verify(VerifyOptions::new().hidden(true)).await,
        Err(ErrorKind::CidMismatch)
    );
}

#[tokio::test]
async fn a_gateway_that_serves_other_bytes_proves_nothing() {
    let service = Service::start(Profile::default()).await;
    let bytes = Bytes::from(content(600_000));
    let pin = service
        .client
        .pin_bytes(bytes.clone(), PinOptions::new())
        .await
        .unwrap();
    let forger = Forger::new(|_, _, connection| {
        connection.answer(200, "a block of the forger's own");
        Kept::Yes
    });
    let gateway = format!("http://{}", forger.address()).parse().unwrap();
    let options = VerifyOptions::new().gateway(gateway);
    let error = service
        .client
        .verify(bytes, &pin.cid, options)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.to_string().contains("served wrong bytes"), "{error}");
    let requests = forger.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].header("pinning_api_key"), None);
    assert_eq!(requests[0].header("pinning_secret_key"), None);
}

#[tokio::test]
async fn content_that_is_not_there_is_told() {
    let service = Service::start(Profile::default()).await;
    let cid = "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"
        .parse()
        .unwrap();
    let gone = service
        .client
        .verify(Path::new("/no/such/file"), &cid, VerifyOptions::new())
        .await;
    assert_eq!(gone.unwrap_err().kind(), ErrorKind::LocalIo);
    let unknown: w3pin::Cid = "QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH"
        .parse()
        .unwrap();
    let bytes = Bytes::from_static(b"something");
    let unknown = service
        .client
        .verify(bytes, &unknown, VerifyOptions::new())
        .await;
    assert_eq!(unknown.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn the_next_gateway_is_asked_where_one_fails() {
    let service = Service::start(Profile::default()).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, content(600_000)).unwrap();
    let pin = service.client.pin_path(&file, PinOptions::new());
    let cid = pin.await.unwrap().cid;
    let gone = format!("http://{}", crate::NOBODY);
    let good = service.server.url().replace("/api/pinning", "");
    let through = |gateways: &[&str]| {
        let gateways = gateways.iter().map(|url| url.parse().unwrap());
        Client::builder()
            .retry(w3pin::RetryPolicy::never())
            .gateways(gateways)
            .verify(file.as_path(), &cid, VerifyOptions::new())
    };
    let proof = through(&[&gone, &good]).await.unwrap();
    assert_eq!(proof.bytes, 600_000);
    let error = through(&[&gone, &gone]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport);
}
