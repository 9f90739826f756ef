//! As much HTTP as the attacks need.

use std::{
    io::{self, Read, Write},
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream},
    time::Duration,
};

use serde_json::Value;

/// Keys.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Account {
    pub(crate) api_key: &'static str,
    pub(crate) secret_key: &'static str,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn data(&self) -> Value {
        let json: Value = serde_json::from_slice(&self.body).unwrap();
        json["data"].clone()
    }
}

/// A connection from this address of this machine.
pub(crate) fn connect_from(from: [u8; 4], to: SocketAddr) -> io::Result<TcpStream> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()?;
    let stream = runtime.block_on(async {
        let socket = tokio::net::TcpSocket::new_v4()?;
        socket.bind((IpAddr::from(Ipv4Addr::from(from)), 0).into())?;
        socket.connect(to).await
    })?;
    let stream = stream.into_std()?;
    stream.set_nonblocking(false)?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    Ok(stream)
}

/// The head of a request, with HTTP/1.0 so that the answer ends with the connection.
pub(crate) fn request(method: &str, path: &str, account: Option<Account>, more: &str) -> String {
    let keys = account.map_or_else(String::new, |keys| {
        format!(
            "pinning_api_key: {}\r\npinning_secret_key: {}\r\n",
            keys.api_key, keys.secret_key
        )
    });
    format!("{method} {path} HTTP/1.0\r\nhost: 127.0.0.1\r\n{keys}{more}\r\n")
}

const BOUNDARY: &str = "attack-boundary";

pub(crate) fn file(name: &str, content: &[u8]) -> Vec<u8> {
    let head = format!(
        "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n"
    );
    [head.as_bytes(), content, b"\r\n"].concat()
}

/// The head and the body of an upload of these parts.
pub(crate) fn form(account: Account, parts: &[u8]) -> (String, Vec<u8>) {
    let body = [parts, format!("--{BOUNDARY}--\r\n").as_bytes()].concat();
    let more = format!(
        "content-type: multipart/form-data; boundary={BOUNDARY}\r\ncontent-length: {}\r\n",
        body.len()
    );
    (request("POST", "/api/pinning/", Some(account), &more), body)
}

pub(crate) fn upload(stream: &mut TcpStream, account: Account, parts: &[u8]) -> io::Result<Reply> {
    let (head, body) = form(account, parts);
    stream.write_all(head.as_bytes())?;
    // A refusal may come before all is sent.
    let _ = stream.write_all(&body);
    read_reply(stream)
}

pub(crate) fn pin_by_cid(
    stream: &mut TcpStream,
    account: Account,
    body: &Value,
) -> io::Result<Reply> {
    let body = body.to_string();
    let more = format!("content-length: {}\r\n", body.len());
    let head = request("POST", "/api/pinning/pinByHash", Some(account), &more);
    stream.write_all(head.as_bytes())?;
    stream.write_all(body.as_bytes())?;
    read_reply(stream)
}

pub(crate) fn read_reply(stream: &mut TcpStream) -> io::Result<Reply> {
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let split = answer.windows(4).position(|window| window == b"\r\n\r\n");
    let split = split.ok_or(io::ErrorKind::UnexpectedEof)?;
    let head = String::from_utf8_lossy(&answer[..split]).into_owned();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    Ok(Reply {
        status: status.ok_or(io::ErrorKind::InvalidData)?,
        head: head.to_ascii_lowercase(),
        body: answer[split + 4..].to_vec(),
    })
}

/// Bytes that look random and are the same every time.
pub(crate) fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}
