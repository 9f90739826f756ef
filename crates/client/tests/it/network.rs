//! A thousand calls over a faulty network, to the real server: nothing is lost, duplicated or leaked.

use std::{
    collections::BTreeMap,
    io::{self, Read},
    net::SocketAddr,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use tracing_subscriber::fmt::MakeWriter;
use w3pin::{
    ByteStream, CidOptions, Client, Content, Credentials, ErrorKind, ListOptions, Pin,
    PinByCidOptions, PinId, PinOptions, RetryPolicy, Verification,
};
use w3pin_server::{Server, ServerConfig};

use crate::{API_KEY, SECRET_KEY};

mod dice;
mod proxy;
mod syncs;

use self::{dice::Dice, proxy::Proxy};

const OPERATIONS: usize = 1000;
const IN_FLIGHT: usize = 8;

/// The operation that a request belongs to, identified by the name of its pin.
fn token_of(body: &[u8]) -> Option<String> {
    let at = memchr::memmem::find(body, b"op-")?;
    let token = body.get(at..at + 7)?;
    Some(String::from_utf8_lossy(token).into_owned())
}

fn client_of(address: SocketAddr, timeout: Duration) -> Client {
    Client::builder()
        .credentials(Credentials::new(API_KEY, SECRET_KEY).unwrap())
        .endpoint(format!("http://{address}/api/pinning").parse().unwrap())
        .idle_timeout(timeout)
        // A slow machine must not be mistaken for a network fault.
        .call_timeout(Duration::from_secs(600))
        .retry(
            RetryPolicy::default()
                .attempts(12)
                .base_delay(Duration::from_millis(1))
                .max_delay(Duration::from_millis(5)),
        )
        .build()
        .unwrap()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Call {
    Bytes,
    File,
    Folder,
    Car,
    Stream,
    ByCid,
    Get,
    List,
    Unpin,
}

const CALLS: [(Call, u64); 9] = [
    (Call::Bytes, 170),
    (Call::File, 120),
    (Call::Folder, 80),
    (Call::Car, 80),
    (Call::Stream, 100),
    (Call::ByCid, 100),
    (Call::Get, 120),
    (Call::List, 80),
    (Call::Unpin, 150),
];

/// The outcomes that the calls reported.
#[derive(Default)]
struct Ledger {
    pinned: BTreeMap<String, (Call, Pin)>,
    /// Pins that weren't unpinned yet.
    free: Vec<PinId>,
    unpinned: Vec<PinId>,
    failed: BTreeMap<String, (Call, w3pin::Error)>,
}

struct Workload<'a> {
    client: Client,
    folder: &'a Path,
    seed: u64,
    ledger: Mutex<Ledger>,
}

impl Workload<'_> {
    async fn call(&self, number: usize) {
        let mut dice = Dice::new(self.seed.wrapping_mul(31) ^ ((number as u64) << 32));
        let token = format!("op-{number:04}");
        let call = dice.pick(&CALLS).unwrap();
        let length = match dice.below(20) {
            0 => 1_500_000,
            1..4 => 300_000,
            _ => 20_000,
        };
        let length = 16 + dice.below(length) as usize;
        let options = PinOptions::new().name(&token);
        let result = match call {
            Call::Bytes => self.client.pin_bytes(dice.bytes(length), options).await,
            Call::File => {
                let path = self.folder.join(format!("{token}.bin"));
                std::fs::write(&path, dice.bytes(length)).unwrap();
                self.client.pin_file(path, options).await
            }
            Call::Folder => {
                let path = self.folder.join(&token);
                std::fs::create_dir_all(path.join("below")).unwrap();
                for name in ["a", "b", "below/c"] {
                    std::fs::write(path.join(name), dice.bytes(length / 3)).unwrap();
                }
                self.client.pin_folder(path, options).await
            }
            Call::Car => {
                let path = self.folder.join(format!("{token}.car"));
                let content = Content::files([("a", dice.bytes(length)), ("b/c", dice.bytes(20))]);
                w3pin::pack_car(content, &path, &CidOptions::new()).unwrap();
                self.client.pin_car(path, options).await
            }
            Call::Stream => {
                let content = io::Cursor::new(dice.bytes(length));
                let stream = ByteStream::from_reader(content.take(u64::MAX));
                let known = dice.below(2) == 0;
                let stream = if known {
                    stream.length(length as u64)
                } else {
                    stream
                };
                self.client.pin_stream(stream, options).await
            }
            Call::ByCid => {
                let cid = crate::server::cid(&dice.bytes(64)).parse().unwrap();
                let options = PinByCidOptions::new().name(&token);
                self.client.pin_by_cid(&cid, options).await
            }
            Call::Get | Call::List | Call::Unpin => return self.manage(call, &token).await,
        };
        let mut ledger = self.ledger.lock().unwrap();
        match result {
            Ok(pin) => {
                ledger.free.push(pin.id.clone());
                ledger.pinned.insert(token, (call, pin));
            }
            Err(error) => {
                ledger.failed.insert(token, (call, error));
            }
        }
    }

    async fn manage(&self, call: Call, token: &str) {
        let free = match call {
            Call::List => None,
            Call::Unpin => self.ledger.lock().unwrap().free.pop(),
            _ => self.ledger.lock().unwrap().free.last().cloned(),
        };
        let result = match free {
            Some(id) if call == Call::Unpin => match self.client.unpin(&id).await {
                Ok(()) => {
                    self.ledger.lock().unwrap().unpinned.push(id);
                    Ok(())
                }
                Err(error) => Err(error),
            },
            Some(id) => self
                .client
                .get_pin(&id)
                .await
                .map(|pin| assert_eq!(pin.id, id)),
            None => self.client.list_pins(&ListOptions::new()).await.map(drop),
        };
        if let Err(error) = result {
            self.ledger
                .lock()
                .unwrap()
                .failed
                .insert(token.to_owned(), (call, error));
        }
    }
}

/// Searches all log output for the keys.
#[derive(Clone, Default)]
struct Watch {
    lines: Arc<AtomicUsize>,
    leaks: Arc<Mutex<Vec<String>>>,
}

impl io::Write for Watch {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.lines.fetch_add(1, Ordering::Relaxed);
        let holds = |key: &str| memchr::memmem::find(bytes, key.as_bytes()).is_some();
        if holds(API_KEY) || holds(SECRET_KEY) {
            self.leaks
                .lock()
                .unwrap()
                .push(String::from_utf8_lossy(bytes).into_owned());
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Watch {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_network_loses_doubles_and_leaks_nothing() {
    let watch = Watch::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(watch.clone())
        .finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let seed = std::env::var("W3PIN_NETWORK_SEED").map_or(1, |seed| seed.parse().unwrap());

    // A slow disk must not be mistaken for a network fault.
    let memory = Path::new("/dev/shm");
    let data = if memory.is_dir() {
        tempfile::tempdir_in(memory)
    } else {
        tempfile::tempdir()
    };
    let (data, local) = (data.unwrap(), tempfile::tempdir().unwrap());
    let mut config = ServerConfig::new(data.path());
    config.accounts = vec![Credentials::new(API_KEY, SECRET_KEY).unwrap()];
    let node = crate::node::chosen();
    if let Some(node) = &node {
        config.backend = node.backend();
    }
    let server = Server::bind(config).await.unwrap().spawn();
    let proxy = Proxy::start(server.address(), None, seed).await;
    let workload = Workload {
        // Longer than the server ever takes, so that only the proxy causes failures.
        client: client_of(proxy.address, Duration::from_secs(6)),
        folder: local.path(),
        seed,
        ledger: Mutex::default(),
    };
    stream::iter(0..OPERATIONS)
        .for_each_concurrent(IN_FLIGHT, |number| workload.call(number))
        .await;
    let ledger = workload.ledger.into_inner().unwrap();

    let seen = &proxy.seen;
    println!(
        "seed {seed}: {} requests, {} pinned, {} unpinned, {} failed, faults {:?}",
        seen.requests.load(Ordering::Relaxed),
        ledger.pinned.len(),
        ledger.unpinned.len(),
        ledger.failed.len(),
        seen.faults.lock().unwrap(),
    );
    for (token, (call, error)) in &ledger.failed {
        println!("{token} {call:?}: {error}");
    }
    let clean = client_of(server.address(), Duration::from_secs(60));
    let pins: Vec<Pin> = clean
        .pins(ListOptions::new().limit(1000).unwrap())
        .map(Result::unwrap)
        .collect()
        .await;
    check(&ledger, &pins, seen);

    send_elsewhere(server.address(), seed).await;
    let leaks = watch.leaks.lock().unwrap().clone();
    assert_eq!(leaks, [""; 0], "a key was logged");
    assert!(
        watch.lines.load(Ordering::Relaxed) > OPERATIONS,
        "everything is logged"
    );
    server.shutdown().await.unwrap();
}

fn check(ledger: &Ledger, pins: &[Pin], seen: &proxy::Seen) {
    for (token, (call, pin)) in &ledger.pinned {
        let same: Vec<&Pin> = pins
            .iter()
            .filter(|it| it.cid.same_content(&pin.cid))
            .collect();
        assert_eq!(same.len(), 1, "{token} {call:?} is there once: {same:?}");
        assert_eq!(same[0].id, pin.id, "{token} {call:?}");
        assert!(
            !pin.already_pinned,
            "{token} {call:?} is this call's own pin"
        );
        let gone = ledger.unpinned.contains(&pin.id);
        assert_eq!(same[0].is_live(), !gone, "{token} {call:?}: {same:?}");
        if *call != Call::ByCid {
            let verified = matches!(pin.verification, Verification::Verified { .. });
            assert!(verified, "{token} {call:?}: {:?}", pin.verification);
            assert_eq!(same[0].pinned, !gone, "{token} {call:?}");
        }
    }
    for (token, (call, error)) in &ledger.failed {
        assert_eq!(
            *call,
            Call::Stream,
            "{token} could have been sent again: {error:?}"
        );
        let made = pins
            .iter()
            .filter(|pin| pin.name.as_ref() == Some(token))
            .count();
        assert!(made <= 1, "{token} is there {made} times");
    }
    for pin in pins {
        let token = pin.name.clone().unwrap();
        let known = ledger
            .pinned
            .get(&token)
            .is_some_and(|(_, known)| known.id == pin.id);
        assert!(
            known || ledger.failed.contains_key(&token),
            "nobody asked for {pin:?}"
        );
    }
    assert!(ledger.pinned.len() > OPERATIONS / 2 && ledger.unpinned.len() > OPERATIONS / 20);
    let again = seen.again.lock().unwrap();
    assert!(
        again.is_empty(),
        "sent again though the first made a pin: {again:?}"
    );
    assert!(seen.pins.lock().unwrap().values().all(|pins| *pins == 1));
}

/// Every call is redirected to another origin, which must not receive the keys.
async fn send_elsewhere(server: SocketAddr, seed: u64) {
    let heads = Arc::<Mutex<Vec<u8>>>::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let elsewhere = listener.local_addr().unwrap();
    let seen = Arc::clone(&heads);
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut bytes = vec![0; 65_536];
            let length = tokio::io::AsyncReadExt::read(&mut stream, &mut bytes)
                .await
                .unwrap();
            seen.lock().unwrap().extend(&bytes[..length]);
        }
    });
    let proxy = Proxy::start(server, Some(elsewhere), seed).await;
    let client = client_of(proxy.address, Duration::from_secs(10));
    let id: PinId = "3c3fec2a-ca65-4b8e-bcf3-c8e2ceaa23d2".parse().unwrap();
    let cid = crate::server::cid(b"content").parse().unwrap();
    let bytes = Bytes::from_static(b"content");
    let stream = ByteStream::from_reader(&b"content"[..]);
    let errors = [
        client.get_pin(&id).await.map(drop),
        client.list_pins(&ListOptions::new()).await.map(drop),
        client.unpin(&id).await,
        client.check_credentials().await,
        client
            .pin_by_cid(&cid, PinByCidOptions::new())
            .await
            .map(drop),
        client.pin_bytes(bytes, PinOptions::new()).await.map(drop),
        client.pin_stream(stream, PinOptions::new()).await.map(drop),
    ];
    for error in errors {
        assert_ne!(error.unwrap_err().kind(), ErrorKind::InvalidInput);
    }
    let heads = heads.lock().unwrap();
    assert!(
        heads.is_empty(),
        "another origin saw {}",
        String::from_utf8_lossy(&heads)
    );
}
