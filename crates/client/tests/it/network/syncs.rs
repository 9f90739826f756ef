//! Concurrent syncs of one name from two machines, over a faulty network and killed at times: some deploy is
//! pinned at every moment.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures_util::StreamExt;
use w3pin::{
    Client, Content, Credentials, ListOptions, Pin, PinOptions, PinnedFilter, SyncOptions,
    SyncOutcome,
};
use w3pin_server::{Server, ServerConfig};

use super::{client_of, dice::Dice, proxy::Proxy};
use crate::{API_KEY, SECRET_KEY};

const ROUNDS: u64 = 10;
const NAME: &str = "site";

fn folder(content: u64) -> Content {
    let page = format!("<h1>{content}</h1>");
    let large = format!("{content}").repeat(400_000);
    Content::files([("index.html", page), ("large/data", large)])
}

async fn pinned(client: &Client) -> Vec<Pin> {
    let list = ListOptions::new().pinned(PinnedFilter::Pinned);
    client.pins(list).map(Result::unwrap).collect().await
}

/// Syncs one content after another, and aborts some of the syncs.
async fn machine(client: Client, mut dice: Dice) {
    for _ in 0..ROUNDS {
        let options = SyncOptions::new().keep(1 + dice.below(3) as u32);
        let sync = client.sync_folder(folder(dice.below(4)), NAME, options);
        if dice.below(4) == 0 {
            let time = Duration::from_millis(dice.below(60));
            let _ = tokio::time::timeout(time, sync).await;
        } else if let Ok(synced) = sync.await {
            assert!(synced.pin.is_some_and(|pin| pin.pinned));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deploy_is_pinned_at_every_moment() {
    let seed = std::env::var("W3PIN_NETWORK_SEED").map_or(1, |seed| seed.parse().unwrap());
    // A slow disk slows down the test.
    let memory = Path::new("/dev/shm");
    let data = if memory.is_dir() {
        tempfile::tempdir_in(memory)
    } else {
        tempfile::tempdir()
    };
    let data = data.unwrap();
    let mut config = ServerConfig::new(data.path());
    config.accounts = vec![Credentials::new(API_KEY, SECRET_KEY).unwrap()];
    let server = Server::bind(config).await.unwrap().spawn();
    let proxy = Proxy::start(server.address(), None, seed).await;
    let clean = client_of(server.address(), Duration::from_secs(60));

    let mut foreign = Vec::new();
    for (content, mark) in [("one", None), ("two", Some("other"))] {
        let mut options = PinOptions::new().name(NAME);
        if let Some(mark) = mark {
            options = options.keyvalue("w3pin.sync", mark);
        }
        foreign.push(clean.pin_bytes(content, options).await.unwrap().id);
    }
    let first = clean.sync_folder(folder(0), NAME, SyncOptions::new()).await;
    assert_eq!(first.unwrap().outcome, SyncOutcome::Pinned);

    let over = Arc::new(AtomicBool::new(false));
    let watch = tokio::spawn({
        let (clean, over) = (clean.clone(), Arc::clone(&over));
        async move {
            let mut looks = 0;
            while !over.load(Ordering::Relaxed) {
                let pins = pinned(&clean).await;
                assert!(
                    pins.iter().any(|pin| pin.is_deploy(NAME)),
                    "no deploy is pinned: {pins:?}"
                );
                for id in &foreign {
                    assert!(pins.iter().any(|pin| pin.id == *id), "{id} was removed");
                }
                looks += 1;
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            looks
        }
    });
    let machines = (1..=2).map(|number| {
        let client = client_of(proxy.address, Duration::from_secs(1));
        tokio::spawn(machine(client, Dice::new(seed ^ number)))
    });
    for machine in machines.collect::<Vec<_>>() {
        machine.await.unwrap();
    }
    over.store(true, Ordering::Relaxed);
    assert!(watch.await.unwrap() > 0);

    // Whatever happened, the next sync repairs it.
    for outcome in [SyncOutcome::Pinned, SyncOutcome::Unchanged] {
        let options = SyncOptions::new().keep(1);
        let synced = clean.sync_folder(folder(9), NAME, options).await.unwrap();
        assert_eq!((synced.outcome, synced.postponed.len()), (outcome, 0));
        let deploys = pinned(&clean)
            .await
            .into_iter()
            .filter(|pin| pin.is_deploy(NAME));
        let deploys: Vec<_> = deploys.map(|pin| pin.id).collect();
        assert_eq!(deploys, [synced.pin.unwrap().id]);
    }
    server.shutdown().await.unwrap();
}
