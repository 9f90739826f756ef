//! A proxy between client and server that simulates all kinds of network faults, reproducibly.

use std::{
    collections::HashMap,
    io,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::{dice::Dice, token_of};

/// The fault injected into a request or its response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Fault {
    None,
    /// The connection is reset in the middle of the request; the server receives the part before.
    ResetRequest,
    /// The rest of the request isn't read, and no response is sent.
    StallRequest,
    /// A proxy responds with 503 before it has read the request.
    BusyEarly,
    /// A proxy responds with 503 after it has read the request, and doesn't forward it.
    Busy,
    /// The server processed the request, and a proxy responds with 504.
    GatewayTimeout,
    /// The server processed the request, and the connection is reset before its response.
    LoseAnswer,
    ResetAnswer,
    TruncateAnswer,
    StallAnswer,
    SlowRequest,
    SlowAnswer,
}

/// Faults and their shares of a thousand requests.
const FAULTS: [(Fault, u64); 11] = [
    (Fault::ResetRequest, 40),
    (Fault::StallRequest, 10),
    (Fault::BusyEarly, 30),
    (Fault::Busy, 30),
    (Fault::GatewayTimeout, 20),
    (Fault::LoseAnswer, 50),
    (Fault::ResetAnswer, 30),
    (Fault::TruncateAnswer, 30),
    (Fault::StallAnswer, 10),
    (Fault::SlowRequest, 30),
    (Fault::SlowAnswer, 50),
];

/// What the proxy recorded.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) requests: AtomicU64,
    pub(super) faults: Mutex<HashMap<Fault, u64>>,
    /// By operation: uploads that reached the server completely and created a pin.
    pub(super) pins: Mutex<HashMap<String, u64>>,
    /// By operation: uploads that started after the server had already reported a pin.
    pub(super) again: Mutex<HashMap<String, u64>>,
}

#[derive(Clone, Debug)]
pub(super) struct Proxy {
    pub(super) address: SocketAddr,
    pub(super) seen: Arc<Seen>,
}

impl Proxy {
    /// Starts a proxy for `upstream`; with an `elsewhere`, it redirects every request there instead.
    pub(super) async fn start(
        upstream: SocketAddr,
        elsewhere: Option<SocketAddr>,
        seed: u64,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::<Seen>::default();
        let shared = Arc::clone(&seen);
        tokio::spawn(async move {
            for number in 0.. {
                let (client, _) = listener.accept().await.unwrap();
                client.set_nodelay(true).unwrap();
                let mut line = Line {
                    client,
                    unread: Vec::new(),
                    upstream,
                    elsewhere,
                    seen: Arc::clone(&shared),
                    dice: Dice::new(seed ^ (number << 20)),
                };
                tokio::spawn(async move { while line.request().await.is_ok_and(|kept| kept) {} });
            }
        });
        Self { address, seen }
    }
}

/// Serves one connection of the client.
struct Line {
    client: TcpStream,
    unread: Vec<u8>,
    upstream: SocketAddr,
    elsewhere: Option<SocketAddr>,
    seen: Arc<Seen>,
    dice: Dice,
}

impl Line {
    /// Forwards one request and its response; returns whether the connection can be reused.
    async fn request(&mut self) -> io::Result<bool> {
        let head = self.head().await?;
        self.seen.requests.fetch_add(1, Ordering::Relaxed);
        let fault = self.dice.pick(&FAULTS).unwrap_or(Fault::None);
        *self.seen.faults.lock().unwrap().entry(fault).or_default() += 1;
        if let Some(elsewhere) = self.elsewhere {
            let body = read_body(&mut self.client, &mut self.unread, &head, Pace::Fast).await?;
            drop(body);
            let answer = format!(
                "HTTP/1.1 307 Elsewhere\r\nLocation: http://{elsewhere}/api/pinning/\r\nContent-Length: 0\r\n\r\n"
            );
            self.client.write_all(answer.as_bytes()).await?;
            return Ok(true);
        }
        match fault {
            Fault::ResetRequest => {
                let most = length(&head).unwrap_or(100_000).max(1);
                let wanted = self.dice.below(most as u64) as usize;
                while self.unread.len() < wanted {
                    fill(&mut self.client, &mut self.unread).await?;
                }
                let mut upstream = TcpStream::connect(self.upstream).await?;
                let part = self.unread.len().min(wanted);
                let _ = upstream.write_all(&head).await;
                let _ = upstream.write_all(&self.unread[..part]).await;
                return self.reset();
            }
            Fault::StallRequest => return self.drain().await,
            Fault::BusyEarly => {
                self.client.write_all(&refusal(503)).await?;
                self.client.shutdown().await?;
                return self.drain().await;
            }
            _ => {}
        }
        let pace = if fault == Fault::SlowRequest {
            Pace::Slow
        } else {
            Pace::Fast
        };
        let body = read_body(&mut self.client, &mut self.unread, &head, pace).await?;
        if fault == Fault::Busy {
            self.client.write_all(&refusal(503)).await?;
            return Ok(true);
        }
        let answer = self.forward(&head, &body).await?;
        let part = self.dice.below(answer.len() as u64) as usize;
        match fault {
            Fault::GatewayTimeout => {
                self.client.write_all(&refusal(504)).await?;
                Ok(true)
            }
            Fault::LoseAnswer => self.reset(),
            Fault::ResetAnswer => {
                self.client.write_all(&answer[..part]).await?;
                self.reset()
            }
            Fault::TruncateAnswer => {
                self.client.write_all(&answer[..part]).await?;
                self.client.shutdown().await?;
                Ok(false)
            }
            Fault::StallAnswer => {
                self.client.write_all(&answer[..part]).await?;
                self.drain().await
            }
            Fault::SlowAnswer => {
                for piece in answer.chunks(answer.len() / 10 + 1) {
                    self.client.write_all(piece).await?;
                    tokio::time::sleep(Duration::from_millis(2)).await;
                }
                Ok(true)
            }
            _ => {
                self.client.write_all(&answer).await?;
                Ok(true)
            }
        }
    }

    /// Sends the request over a separate connection, and records the outcome of an upload.
    async fn forward(&self, head: &[u8], body: &[u8]) -> io::Result<Vec<u8>> {
        let pinning = head.starts_with(b"POST ").then(|| token_of(body)).flatten();
        if let Some(token) = &pinning
            && self.seen.pins.lock().unwrap().contains_key(token)
        {
            *self
                .seen
                .again
                .lock()
                .unwrap()
                .entry(token.clone())
                .or_default() += 1;
        }
        let mut upstream = TcpStream::connect(self.upstream).await?;
        upstream.set_nodelay(true)?;
        upstream.write_all(head).await?;
        upstream.write_all(body).await?;
        let mut unread = Vec::new();
        let mut answer = read_head(&mut upstream, &mut unread).await?;
        if let Some(token) = pinning
            && (answer.starts_with(b"HTTP/1.1 201") || answer.starts_with(b"HTTP/1.1 200"))
        {
            *self.seen.pins.lock().unwrap().entry(token).or_default() += 1;
        }
        let body = read_body(&mut upstream, &mut unread, &answer, Pace::Fast).await?;
        answer.extend(body);
        Ok(answer)
    }

    async fn head(&mut self) -> io::Result<Vec<u8>> {
        read_head(&mut self.client, &mut self.unread).await
    }

    fn reset(&self) -> io::Result<bool> {
        self.client.set_zero_linger()?;
        Ok(false)
    }

    /// Sends nothing more until the client gives up, whatever it still sends.
    async fn drain(&mut self) -> io::Result<bool> {
        let mut buffer = [0; 4096];
        while self.client.read(&mut buffer).await? > 0 {}
        Ok(false)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Pace {
    Fast,
    Slow,
}

async fn read_head(stream: &mut TcpStream, unread: &mut Vec<u8>) -> io::Result<Vec<u8>> {
    loop {
        if let Some(at) = memchr::memmem::find(unread, b"\r\n\r\n") {
            return Ok(unread.drain(..at + 4).collect());
        }
        fill(stream, unread).await?;
    }
}

/// The body as transferred, including the chunked framing.
async fn read_body(
    stream: &mut TcpStream,
    unread: &mut Vec<u8>,
    head: &[u8],
    pace: Pace,
) -> io::Result<Vec<u8>> {
    let wanted = length(head);
    loop {
        // Chunked bodies end with an empty chunk; a connection carries one request at a time.
        let end = match wanted {
            Some(wanted) => (unread.len() >= wanted).then_some(wanted),
            None => unread.ends_with(b"\r\n0\r\n\r\n").then_some(unread.len()),
        };
        if let Some(end) = end {
            return Ok(unread.drain(..end).collect());
        }
        if pace == Pace::Slow {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        fill(stream, unread).await?;
    }
}

/// The length of a body; `None` if it is chunked.
fn length(head: &[u8]) -> Option<usize> {
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    if head.contains("transfer-encoding: chunked") {
        return None;
    }
    let value = head
        .split("\r\n")
        .find_map(|line| line.strip_prefix("content-length: "));
    Some(value.map_or(0, |value| value.parse().unwrap()))
}

async fn fill(stream: &mut TcpStream, unread: &mut Vec<u8>) -> io::Result<()> {
    match stream.read_buf(unread).await? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(()),
    }
}

fn refusal(status: u16) -> Vec<u8> {
    format!("HTTP/1.1 {status} Whatever\r\nContent-Length: 4\r\n\r\nbusy").into_bytes()
}
