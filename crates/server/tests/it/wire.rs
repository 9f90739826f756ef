//! Calls by hand, which may break.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
};

use crate::fixture::{Reply, parse_reply};

/// A call by hand, or none where the connection breaks before there is a whole answer.
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
    // A connection that is cut off leaves what had come before.
    let _ = stream.read_to_end(&mut answer);
    let head_end = answer.windows(4).position(|window| window == b"\r\n\r\n")?;
    let reply = parse_reply(&answer);
    let length: usize = reply.header("content-length")?.parse().ok()?;
    if answer.len() < head_end + 4 + length {
        // A body that was cut off is no answer, and no success.
        return Some(Reply { status: 0, ..reply });
    }
    Some(reply)
}
