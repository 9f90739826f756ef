use std::{
    io::{self, Write},
    net::SocketAddr,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use super::{ALICE, HERE, connect_from, file, noise, read_reply, request, upload};

static SEED: AtomicU64 = AtomicU64::new(1);

/// What those who mean well see: they upload, list, look and read back, one call after the other.
#[derive(Debug, Default)]
pub(crate) struct Others {
    times: Vec<Duration>,
    /// Calls that failed.
    failed: Vec<String>,
    /// Contents that were acknowledged and aren't there.
    lost: usize,
    /// Contents that came back other than they were sent.
    wrong: usize,
}

impl Others {
    /// Calls for so long.
    pub(crate) fn call(address: SocketAddr, time: Duration) -> Self {
        let mut others = Self::default();
        let end = Instant::now() + time;
        while Instant::now() < end {
            if let Err(cause) = others.round(address) {
                others.failed.push(cause.to_string());
            }
        }
        others
    }

    fn round(&mut self, address: SocketAddr) -> io::Result<()> {
        let content = noise(SEED.fetch_add(1, Ordering::Relaxed), 100_000);
        let pinned = self.timed(|| {
            let mut stream = connect_from(HERE, address)?;
            upload(&mut stream, ALICE, &file("mine", &content))
        })?;
        if pinned.status != 201 {
            let message = String::from_utf8_lossy(&pinned.body).into_owned();
            return Err(io::Error::other(message));
        }
        let pin = pinned.data();
        let id = pin["id"].as_str().unwrap_or_default();
        for path in ["pins/?limit=10", id] {
            let path = format!("/api/pinning/{path}");
            let status = self.timed(|| get(address, &path))?.0;
            if status != 200 {
                return Err(io::Error::other(format!("{path}: {status}")));
            }
        }
        let cid = pin["cid"].as_str().unwrap_or_default();
        let (status, body) = self.timed(|| get(address, &format!("/ipfs/{cid}")))?;
        self.lost += usize::from(status != 200);
        self.wrong += usize::from(status == 200 && body != content);
        Ok(())
    }

    fn timed<T>(&mut self, call: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        let began = Instant::now();
        let done = call();
        self.times.push(began.elapsed());
        done
    }

    /// The time that all but a hundredth of the calls stayed below, in milliseconds.
    pub(crate) fn p99(&self) -> f64 {
        let mut times = self.times.clone();
        times.sort_unstable();
        let place = (times.len() * 99).div_ceil(100).saturating_sub(1);
        let time = times.get(place).copied().unwrap_or(Duration::MAX);
        time.as_secs_f64() * 1000.0
    }

    pub(crate) fn failed(&self) -> &[String] {
        &self.failed
    }

    pub(crate) fn lost(&self) -> usize {
        self.lost
    }

    pub(crate) fn wrong(&self) -> usize {
        self.wrong
    }
}

fn get(address: SocketAddr, path: &str) -> io::Result<(u16, Vec<u8>)> {
    let mut stream = connect_from(HERE, address)?;
    stream.write_all(request("GET", path, Some(ALICE), "").as_bytes())?;
    let reply = read_reply(&mut stream)?;
    Ok((reply.status, reply.body))
}
