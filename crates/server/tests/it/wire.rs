//! Requests over raw connections, which may break.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
};

use crate::fixture::{Reply, parse_reply};

/// A raw request; `None` if the connection breaks before the response is complete.
pub(crate) fn call(
    address: SocketAddr,
    method: &str,
    keys: Option<[&str; 2]>,
    path: &str,
    content_type: &str,
    body: &[u8],
) -> Option<Reply> {
    let mut stream = TcpStream::connect(address).ok()?;
    let keys = keys.map_or_else(String::new, |[api_key, secret]| {
        format!("pinning_api_key: {api_key}\r\npinning_secret_key: {secret}\r\n")
    });
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: localhost\r\n{keys}content-type: {content_type}\r\n\
         connection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(body).ok()?;
    let mut answer = Vec::new();
    // After an aborted connection, the bytes received so far remain.
    let _ = stream.read_to_end(&mut answer);
    let head_end = answer.windows(4).position(|window| window == b"\r\n\r\n")?;
    let mut reply = parse_reply(&answer);
    if reply.header("transfer-encoding") == Some("chunked") {
        match joined(&reply.body) {
            Some(body) => reply.body = body,
            None => reply.status = 0,
        }
        return Some(reply);
    }
    let length: usize = reply.header("content-length")?.parse().ok()?;
    if answer.len() < head_end + 4 + length {
        // A truncated body is neither a response nor a success.
        return Some(Reply { status: 0, ..reply });
    }
    Some(reply)
}

/// A chunked body, if its last chunk arrived.
fn joined(mut chunks: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = chunks.windows(2).position(|window| window == b"\r\n")?;
        let length = std::str::from_utf8(&chunks[..end]).ok()?;
        let length = usize::from_str_radix(length, 16).ok()?;
        if length == 0 {
            return Some(body);
        }
        chunks = &chunks[end + 2..];
        body.extend_from_slice(chunks.get(..length)?);
        chunks = chunks.get(length + 2..)?;
    }
}
