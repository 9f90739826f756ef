//! A legitimate user of the server during an attack.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use crate::{
    fixture::{BOB, BOUNDARY, Reply, file, form, noise, text},
    wire::call,
};

/// Acknowledged content, by its path at the gateway.
pub(crate) type Ledger = Arc<Mutex<BTreeMap<String, Vec<u8>>>>;

pub(crate) struct Others {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    address: Mutex<Option<SocketAddr>>,
    is_over: AtomicBool,
    is_attacked: AtomicBool,
    /// The durations of calls before and during the attack.
    times: [Mutex<Vec<Duration>>; 2],
    failed: Mutex<Vec<String>>,
}

/// The durations of calls, and the failures during the attack.
pub(crate) struct Times {
    /// The 99th percentile before and during the attack.
    p99: [Duration; 2],
    calls: usize,
    failed: Vec<String>,
}

impl Times {
    /// The 99th percentile before and during the attack.
    pub(crate) fn milliseconds(&self) -> [f64; 2] {
        self.p99
            .map(|time| (time.as_secs_f64() * 10_000.0).round() / 10.0)
    }

    /// The number of calls during the attack.
    pub(crate) fn calls(&self) -> usize {
        self.calls
    }

    pub(crate) fn failed(&self) -> &[String] {
        &self.failed
    }
}

impl Others {
    pub(crate) fn begin(ledger: &Ledger) -> Self {
        let shared = Arc::new(Shared::default());
        let (theirs, ledger) = (Arc::clone(&shared), Arc::clone(ledger));
        let thread = std::thread::spawn(move || {
            for number in 0.. {
                if theirs.is_over.load(Ordering::Relaxed) {
                    return;
                }
                theirs.round(number, &ledger);
            }
        });
        Self {
            shared,
            thread: Some(thread),
        }
    }

    /// The address of the server, if it runs.
    pub(crate) fn serve(&self, address: Option<SocketAddr>) {
        *self.shared.address.lock().unwrap() = address;
    }

    /// Waits until this many calls were made before the attack starts.
    pub(crate) fn be_calm(&self, calls: usize) {
        while self.shared.times[0].lock().unwrap().len() < calls {
            std::thread::sleep(Duration::from_millis(5));
        }
        self.shared.is_attacked.store(true, Ordering::Relaxed);
    }

    pub(crate) fn end(&mut self) -> Times {
        self.shared.is_over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
        let p99 = [0, 1].map(|phase| {
            let mut times = self.shared.times[phase].lock().unwrap().clone();
            times.sort();
            let place = times.len().saturating_sub(1) * 99 / 100;
            times.get(place).copied().unwrap_or_default()
        });
        let failed = self.shared.failed.lock().unwrap().clone();
        let calls = self.shared.times[1].lock().unwrap().len();
        Times { p99, calls, failed }
    }
}

impl Shared {
    fn round(&self, number: u64, ledger: &Ledger) {
        let Some(address) = *self.address.lock().unwrap() else {
            std::thread::sleep(Duration::from_millis(5));
            return;
        };
        let content = noise(1_000_000 + number, 2_000);
        let body = form(&[file("theirs", &content)]);
        let uploaded = self.time(|| upload(address, BOB, &body));
        if let Some(reply) = uploaded
            && reply.status == 201
        {
            let pin = reply.data();
            let cid = text(&pin["cid"]).to_owned();
            ledger.lock().unwrap().insert(cid, content);
            let path = format!("/api/pinning/{}", text(&pin["id"]));
            self.time(|| call(address, "GET", Some(BOB), &path, "", b""));
        }
        self.time(|| call(address, "GET", Some(BOB), "/api/pinning/pins", "", b""));
    }

    fn time(&self, work: impl FnOnce() -> Option<Reply>) -> Option<Reply> {
        let phase = usize::from(self.is_attacked.load(Ordering::Relaxed));
        let began = Instant::now();
        let reply = work();
        if phase == 1 && reply.as_ref().is_none_or(|reply| reply.status >= 400) {
            let what = reply.as_ref().map_or_else(
                || "the connection broke".to_owned(),
                |reply| format!("{}: {}", reply.status, String::from_utf8_lossy(&reply.body)),
            );
            self.failed.lock().unwrap().push(what);
        }
        let reply = reply?;
        self.times[phase].lock().unwrap().push(began.elapsed());
        Some(reply)
    }
}

/// Uploads a form; `None` if the connection breaks.
pub(crate) fn upload(address: SocketAddr, keys: [&str; 2], body: &[u8]) -> Option<Reply> {
    let content_type = format!("multipart/form-data; boundary={BOUNDARY}");
    call(
        address,
        "POST",
        Some(keys),
        "/api/pinning/",
        &content_type,
        body,
    )
}
