//! Connections from a different address than the other users'.

use std::{
    io::{self, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    sync::LazyLock,
    time::{Duration, Instant},
};

use crate::{
    attack::rounds,
    fixture::{BOUNDARY, Reply, parse_reply},
};

/// A connection from another address of this machine, if it has several.
pub(crate) fn connect(to: SocketAddr) -> TcpStream {
    connect_from(Ipv4Addr::new(127, 0, 0, 2), to)
}

/// The same from a specific address, on Linux.
pub(crate) fn connect_from(elsewhere: Ipv4Addr, to: SocketAddr) -> TcpStream {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()
        .unwrap();
    let stream = runtime.block_on(async {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        if cfg!(target_os = "linux") {
            socket.bind((elsewhere, 0).into()).unwrap();
        }
        socket.connect(to).await.unwrap()
    });
    let stream = stream.into_std().unwrap();
    stream.set_nonblocking(false).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(600)))
        .unwrap();
    stream
}

/// A request whose connection closes after the response.
pub(crate) fn head(method: &str, path: &str, keys: Option<[&str; 2]>, more: &str) -> String {
    let keys = keys.map_or_else(String::new, |[api_key, secret]| {
        format!("pinning_api_key: {api_key}\r\npinning_secret_key: {secret}\r\n")
    });
    format!("{method} {path} HTTP/1.0\r\nhost: localhost\r\n{keys}{more}\r\n")
}

/// The head of an upload with this length.
pub(crate) fn upload_head(keys: [&str; 2], length: usize) -> String {
    let more = format!(
        "content-type: multipart/form-data; boundary={BOUNDARY}\r\ncontent-length: {length}\r\n"
    );
    head("POST", "/api/pinning/", Some(keys), &more)
}

/// Sends a request; returns the connection.
pub(crate) fn ask(to: SocketAddr, head: &str) -> TcpStream {
    let mut stream = connect(to);
    stream.write_all(head.as_bytes()).unwrap();
    stream
}

/// Returns the response.
pub(crate) fn answer(stream: &mut TcpStream) -> io::Result<Reply> {
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    if answer.is_empty() {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(parse_reply(&answer))
}

/// Uploads a file; returns the response.
pub(crate) fn upload(to: SocketAddr, keys: [&str; 2], body: &[u8]) -> Reply {
    try_upload(to, keys, body).unwrap()
}

/// Uploads a file; returns the response, if there is one.
pub(crate) fn try_upload(to: SocketAddr, keys: [&str; 2], body: &[u8]) -> io::Result<Reply> {
    let mut stream = connect(to);
    // The upload may be rejected before all is sent.
    let _ = stream.write_all(upload_head(keys, body.len()).as_bytes());
    let _ = stream.write_all(body);
    answer(&mut stream)
}

/// The CID of content that doesn't exist.
pub(crate) fn nobodys_cid(number: u64) -> String {
    let cid = [&[1, 0x55, 0x12, 0x20][..], &number.to_be_bytes(), &[7; 24]].concat();
    w3pin_unixfs::Cid::try_from(cid).unwrap().to_string()
}

/// Pins a CID without content with this metadata; returns the response.
pub(crate) fn pin_nothing(
    to: SocketAddr,
    keys: [&str; 2],
    number: u64,
    metadata: &serde_json::Value,
) -> Reply {
    let cid = nobodys_cid(number);
    let body = serde_json::json!({ "hash_to_pin": cid, "metadata": metadata }).to_string();
    let more = format!("content-length: {}\r\n", body.len());
    let mut stream = ask(
        to,
        &head("POST", "/api/pinning/pinByHash", Some(keys), &more),
    );
    stream.write_all(body.as_bytes()).unwrap();
    answer(&mut stream).unwrap()
}

/// Accounts of attackers in addition to those of all tests.
const CROWD: u64 = 200;

/// The keys of one of them.
pub(crate) fn crowd_member(number: u64) -> [&'static str; 2] {
    static KEYS: LazyLock<Vec<[String; 2]>> = LazyLock::new(|| {
        let keys = |number| ["key", "secret"].map(|what| format!("crowd-{what}-{number}"));
        (0..CROWD).map(keys).collect()
    });
    KEYS[(number % CROWD) as usize]
        .each_ref()
        .map(String::as_str)
}

/// The keys of all of them, as `KEY:SECRET KEY:SECRET`.
pub(crate) fn crowd_accounts() -> String {
    let accounts: Vec<_> = (0..CROWD)
        .map(|number| crowd_member(number).join(":"))
        .collect();
    accounts.join(" ")
}

/// Repeats an action from this many clients concurrently, each time with another number, until the time is
/// over. Returns the number of repetitions.
pub(crate) fn for_a_while(clients: u64, work: impl Fn(u64) + Sync) -> u64 {
    let end = Instant::now() + Duration::from_secs(rounds(1, 7));
    let work = &work;
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..clients)
            .map(|client| {
                scope.spawn(move || {
                    let mut count = 0;
                    while Instant::now() < end {
                        work(client * 1_000_000 + count);
                        count += 1;
                    }
                    count
                })
            })
            .collect();
        let counts = clients.into_iter().map(|client| client.join().unwrap());
        counts.sum()
    })
}
