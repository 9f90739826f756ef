use std::{
    io::{self, Read, Write},
    time::Instant,
};

use super::{
    body::{Body, Framing},
    conditions::Conditions,
    multipart::Multipart,
};

const HEAD_LIMIT: usize = 64 << 10;

/// A request whose body was read and discarded.
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
}

/// A connection: the bytes read but not parsed yet, and the stream.
pub(crate) struct Exchange<S> {
    stream: S,
    ahead: Vec<u8>,
}

struct Head {
    request: Request,
    length: usize,
    framing: Framing,
    boundary: Option<Vec<u8>>,
    expects: bool,
}

impl<S: Read + Write> Exchange<S> {
    pub(crate) fn new(stream: S) -> Self {
        Self {
            stream,
            ahead: Vec::new(),
        }
    }

    /// Reads the next request, parsing and discarding its body; `None` at the end of the connection.
    pub(crate) fn read_request(&mut self, conditions: &Conditions) -> io::Result<Option<Request>> {
        let Some(head) = self.read_head()? else {
            return Ok(None);
        };
        self.ahead.drain(..head.length);
        if head.expects {
            self.stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        let began = Instant::now();
        let mut body = Body::new(&mut self.stream, &mut self.ahead, head.framing);
        match head.boundary {
            Some(boundary) => {
                Multipart::new(&boundary)
                    .discard(&mut body, |taken| conditions.pace(taken, began))?;
            }
            None => {
                let mut piece = [0; 4096];
                while body.read(&mut piece)? > 0 {}
            }
        }
        Ok(Some(head.request))
    }

    pub(crate) fn answer(
        &mut self,
        status: &str,
        content_type: &str,
        body: &[u8],
    ) -> io::Result<()> {
        let mut answer = format!(
            "HTTP/1.1 {status}\r\ncontent-type: {content_type}\r\ncontent-length: {}\r\n\r\n",
            body.len()
        )
        .into_bytes();
        answer.extend_from_slice(body);
        self.stream.write_all(&answer)?;
        self.stream.flush()
    }

    fn read_head(&mut self) -> io::Result<Option<Head>> {
        loop {
            if let Some(head) = parse(&self.ahead)? {
                return Ok(Some(head));
            }
            if self.ahead.len() > HEAD_LIMIT {
                return Err(io::Error::other("the head is too long"));
            }
            let mut piece = [0; 8192];
            match self.stream.read(&mut piece)? {
                0 => return Ok(None),
                read => self
                    .ahead
                    .extend_from_slice(piece.get(..read).unwrap_or_default()),
            }
        }
    }
}

fn parse(bytes: &[u8]) -> io::Result<Option<Head>> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut request = httparse::Request::new(&mut headers);
    let httparse::Status::Complete(length) = request.parse(bytes).map_err(io::Error::other)? else {
        return Ok(None);
    };
    let header = |name: &str| {
        let found = request
            .headers
            .iter()
            .find(|header| header.name.eq_ignore_ascii_case(name));
        found.and_then(|header| std::str::from_utf8(header.value).ok())
    };
    let framing = match header("content-length").and_then(|length| length.parse().ok()) {
        Some(length) => Framing::Length(length),
        None if header("transfer-encoding").is_some() => Framing::Chunked {
            left: 0,
            first: true,
        },
        None => Framing::Length(0),
    };
    let boundary = header("content-type")
        .filter(|kind| kind.starts_with("multipart/"))
        .and_then(|kind| kind.split("boundary=").nth(1))
        .map(|boundary| boundary.trim_matches('"').as_bytes().to_vec());
    Ok(Some(Head {
        request: Request {
            method: request.method.unwrap_or_default().to_owned(),
            path: request.path.unwrap_or_default().to_owned(),
        },
        length,
        framing,
        boundary,
        expects: header("expect").is_some(),
    }))
}
