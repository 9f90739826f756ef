//! A server on raw sockets that sends the responses and faults that a test specifies.

use std::{
    collections::BTreeMap,
    io::{Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use w3pin::{Endpoint, Profile, unixfs::FileBuilder};

/// A request as received.
#[derive(Clone, Debug, Default)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self
            .headers
            .iter()
            .find(|(it, _)| it.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn is_upload(&self) -> bool {
        self.method == "POST" && self.path == "/api/pinning/"
    }

    pub(crate) fn is_list(&self) -> bool {
        self.method == "GET" && self.path.starts_with("/api/pinning/pins/")
    }

    /// The parts that are files.
    pub(crate) fn files(&self) -> Vec<(String, Option<String>, Vec<u8>)> {
        let files = self.parts().into_iter();
        files.filter(|(field, ..)| field == "file").collect()
    }

    /// The parts of a multipart body: field, file name and content.
    pub(crate) fn parts(&self) -> Vec<(String, Option<String>, Vec<u8>)> {
        let content_type = self.header("content-type").expect("a content type");
        let boundary = content_type
            .strip_prefix("multipart/form-data; boundary=")
            .unwrap();
        let separator = format!("\r\n--{boundary}");
        let body = [b"\r\n", &self.body[..]].concat();
        let mut parts = split(&body, separator.as_bytes());
        assert_eq!(parts.remove(0), b"", "nothing stands before the first part");
        assert_eq!(parts.pop().unwrap(), b"--\r\n", "the end is marked");
        let parts = parts.into_iter().map(|part| {
            let at = find(part, b"\r\n\r\n").expect("a part has a head");
            let head = std::str::from_utf8(&part[..at]).unwrap();
            let value = |key: &str| {
                let (_, rest) = head.split_once(&format!("{key}=\""))?;
                Some(rest.split_once('"').unwrap().0.to_owned())
            };
            (
                value("; name").unwrap(),
                value("filename"),
                part[at + 4..].to_vec(),
            )
        });
        parts.collect()
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    memchr::memmem::find(bytes, what)
}

fn split<'a>(mut bytes: &'a [u8], by: &[u8]) -> Vec<&'a [u8]> {
    let mut parts = Vec::new();
    while let Some(at) = find(bytes, by) {
        parts.push(&bytes[..at]);
        bytes = &bytes[at + by.len()..];
    }
    parts.push(bytes);
    parts
}

/// A connection from the client.
pub(crate) struct Connection {
    pub(crate) stream: TcpStream,
    unread: Vec<u8>,
}

impl Connection {
    pub(crate) fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            unread: Vec::new(),
        }
    }

    /// Reads the next request without its body; `None` if the client closes.
    pub(crate) fn head(&mut self) -> Option<Request> {
        let end = loop {
            if let Some(at) = find(&self.unread, b"\r\n\r\n") {
                break at + 4;
            }
            self.fill()?;
        };
        let head: Vec<u8> = self.unread.drain(..end).collect();
        let head = String::from_utf8(head).unwrap();
        let mut lines = head.split("\r\n");
        let mut line = lines.next()?.split(' ');
        Some(Request {
            method: line.next()?.to_owned(),
            path: line.next()?.to_owned(),
            headers: lines
                .filter_map(|line| line.split_once(": "))
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            body: Vec::new(),
        })
    }

    /// Reads the body of a head.
    pub(crate) fn body(&mut self, request: &mut Request) -> Option<()> {
        if request.header("transfer-encoding") == Some("chunked") {
            loop {
                let line = loop {
                    match find(&self.unread, b"\r\n") {
                        Some(at) => break at,
                        None => self.fill()?,
                    }
                };
                let size = std::str::from_utf8(&self.unread[..line]).unwrap();
                let size = usize::from_str_radix(size, 16).unwrap();
                self.unread.drain(..line + 2);
                let chunk = self.take(size + 2)?;
                request.body.extend(&chunk[..size]);
                if size == 0 {
                    return Some(());
                }
            }
        }
        let length = request
            .header("content-length")
            .unwrap_or("0")
            .parse()
            .unwrap();
        request.body = self.take(length)?;
        Some(())
    }

    /// Reads the next whole request.
    pub(crate) fn request(&mut self) -> Option<Request> {
        let mut request = self.head()?;
        self.body(&mut request)?;
        Some(request)
    }

    pub(crate) fn take(&mut self, count: usize) -> Option<Vec<u8>> {
        while self.unread.len() < count {
            self.fill()?;
        }
        Some(self.unread.drain(..count).collect())
    }

    fn fill(&mut self) -> Option<()> {
        let mut buffer = vec![0; 64 * 1024];
        match self.stream.read(&mut buffer) {
            Ok(0) | Err(_) => None,
            Ok(length) => {
                self.unread.extend(&buffer[..length]);
                Some(())
            }
        }
    }

    pub(crate) fn answer(&mut self, status: u16, body: &str) {
        self.answer_with(status, &[], body);
    }

    pub(crate) fn answer_with(&mut self, status: u16, headers: &[(&str, &str)], body: &str) {
        let mut head = format!(
            "HTTP/1.1 {status} Whatever\r\nContent-Length: {}\r\n",
            body.len()
        );
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        self.send(format!("{head}\r\n{body}").as_bytes());
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes);
    }

    /// Returns whether the client closes, after anything it still sends.
    pub(crate) fn closes(&mut self) -> bool {
        self.stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        let mut buffer = [0; 64 * 1024];
        loop {
            match self.stream.read(&mut buffer) {
                Ok(0) => return true,
                Ok(_) => {}
                Err(error) => return error.kind() == std::io::ErrorKind::ConnectionReset,
            }
        }
    }

    /// Shuts down the sending side, and reads what the client still sends.
    pub(crate) fn end(mut self) {
        let _ = self.stream.shutdown(Shutdown::Write);
        self.closes();
    }
}

/// Serves every connection with the function of the test.
pub(crate) struct Server {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// Runs `serve` for every connection, with its number, starting at 1.
    pub(crate) fn raw(serve: impl Fn(usize, Connection) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let serve = Arc::new(serve);
        thread::spawn(move || {
            for (index, stream) in listener.incoming().enumerate() {
                let serve = Arc::clone(&serve);
                let connection = Connection::new(stream.unwrap());
                thread::spawn(move || serve(index + 1, connection));
            }
        });
        Self {
            address,
            requests: Arc::default(),
        }
    }

    /// Reads every request and runs `answer` with the number of the request, starting at 1; the connection is
    /// kept alive while it returns `true`.
    pub(crate) fn new(
        answer: impl Fn(usize, &Request, &mut Connection) -> Kept + Send + Sync + 'static,
    ) -> Self {
        let requests = Arc::<Mutex<Vec<Request>>>::default();
        let (seen, count) = (Arc::clone(&requests), AtomicUsize::new(0));
        let server = Self::raw(move |_, mut connection| {
            while let Some(request) = connection.request() {
                let number = count.fetch_add(1, Ordering::SeqCst) + 1;
                seen.lock().unwrap().push(request.clone());
                if let Kept::No = answer(number, &request, &mut connection) {
                    return;
                }
            }
        });
        Self { requests, ..server }
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    pub(crate) fn uploads(&self) -> usize {
        self.requests()
            .iter()
            .filter(|request| request.is_upload())
            .count()
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn endpoint(&self) -> Endpoint {
        format!("http://{}/api/pinning", self.address)
            .parse()
            .unwrap()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    Yes,
    No,
}

/// A pin in the format of the service.
pub(crate) fn pin(id: &str, cid: &str) -> String {
    format!(
        r#"{{"id":"{id}","cid":"{cid}","status":"PENDING","pinned":false,"date_pinned":"2999-01-01T00:00:00Z","metadata":{{"name":"n"}}}}"#
    )
}

pub(crate) fn success(data: &str) -> String {
    format!(r#"{{"data":{data},"status":"success"}}"#)
}

pub(crate) fn page(pins: &[String]) -> String {
    success(&format!(
        r#"{{"totals":{{"files":{}}},"pins":[{}]}}"#,
        pins.len(),
        pins.join(",")
    ))
}

pub(crate) fn failure(message: &str) -> String {
    format!(r#"{{"message":"{message}","status":"fail"}}"#)
}

/// The CID of bytes under the default profile.
pub(crate) fn cid(bytes: &[u8]) -> String {
    cid_under(&Profile::default(), bytes)
}

pub(crate) fn cid_under(profile: &Profile, bytes: &[u8]) -> String {
    let mut file = FileBuilder::new(profile);
    file.push(bytes);
    file.root().cid.to_string()
}

/// Bytes without repetition.
pub(crate) fn content(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend(state.to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

/// Responds to uploads with the CID of what arrived, and to everything else with an empty page.
pub(crate) fn honest(request: &Request, connection: &mut Connection) -> Kept {
    if request.is_upload() {
        let parts = request.parts();
        connection.answer(201, &success(&pin("new", &cid(&parts[0].2))));
    } else {
        connection.answer(200, &page(&[]));
    }
    Kept::Yes
}

/// The query of a list request.
pub(crate) fn query(request: &Request) -> BTreeMap<String, String> {
    let (_, query) = request.path.split_once('?').expect("a query");
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}
