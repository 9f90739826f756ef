//! Requests as they arrive.

use std::{io, time::Duration};

use tokio::{io::AsyncReadExt, net::TcpStream};

use crate::Arrived;

/// The connection of a client.
pub(super) struct Connection {
    pub(super) stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub(super) fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            buffer: Vec::new(),
        }
    }

    /// Returns the next request without its body; `None` if the client is done.
    pub(super) async fn next(&mut self) -> io::Result<Option<Arrived>> {
        let Some((arrived, head)) = self.head().await? else {
            return Ok(None);
        };
        self.buffer.drain(..head);
        Ok(Some(arrived))
    }

    /// Reads the body of a request.
    pub(super) async fn body(&mut self, arrived: &mut Arrived) -> io::Result<()> {
        let header = |name: &str| {
            arrived
                .headers
                .iter()
                .find(|(other, _)| other == name)
                .map(|(_, value)| value.as_str())
        };
        arrived.body = if header("transfer-encoding").is_some_and(|it| it.contains("chunked")) {
            self.chunks().await?
        } else {
            let length = header("content-length")
                .and_then(|it| it.parse().ok())
                .unwrap_or(0);
            self.take(length).await?
        };
        Ok(())
    }

    /// Reads until the client is done, or the time is up.
    pub(super) async fn drain(&mut self, time: Duration) {
        let reading = async {
            while self.more().await.is_ok_and(|more| more) {
                self.buffer.clear();
            }
        };
        let _ = tokio::time::timeout(time, reading).await;
    }

    async fn head(&mut self) -> io::Result<Option<(Arrived, usize)>> {
        loop {
            let mut headers = [httparse::EMPTY_HEADER; 64];
            let mut request = httparse::Request::new(&mut headers);
            let parsed = request
                .parse(&self.buffer)
                .map_err(|cause| io::Error::new(io::ErrorKind::InvalidData, cause))?;
            if let httparse::Status::Complete(length) = parsed {
                let target = request.path.unwrap_or_default();
                let (path, query) = target.split_once('?').unwrap_or((target, ""));
                let headers = request.headers.iter().map(|header| {
                    let value = String::from_utf8_lossy(header.value).into_owned();
                    (header.name.to_lowercase(), value)
                });
                let arrived = Arrived {
                    method: request.method.unwrap_or_default().to_owned(),
                    path: path.to_owned(),
                    query: query.to_owned(),
                    headers: headers.collect(),
                    body: Vec::new(),
                };
                return Ok(Some((arrived, length)));
            }
            if !self.more().await? {
                return Ok(None);
            }
        }
    }

    async fn chunks(&mut self) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let parsed = httparse::parse_chunk_size(&self.buffer)
                .map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
            let httparse::Status::Complete((line, length)) = parsed else {
                self.need().await?;
                continue;
            };
            self.buffer.drain(..line);
            let length = usize::try_from(length).map_err(io::Error::other)?;
            body.extend(self.take(length).await?);
            self.take(2).await?;
            if length == 0 {
                return Ok(body);
            }
        }
    }

    async fn take(&mut self, length: usize) -> io::Result<Vec<u8>> {
        while self.buffer.len() < length {
            self.need().await?;
        }
        Ok(self.buffer.drain(..length).collect())
    }

    async fn need(&mut self) -> io::Result<()> {
        if self.more().await? {
            Ok(())
        } else {
            Err(io::ErrorKind::UnexpectedEof.into())
        }
    }

    async fn more(&mut self) -> io::Result<bool> {
        let mut part = [0; 16 << 10];
        let length = self.stream.read(&mut part).await?;
        self.buffer.extend_from_slice(&part[..length]);
        Ok(length > 0)
    }
}
