//! Replaces curl on systems without it, such as Windows under wine.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    thread,
    time::Duration,
};

use super::Reply;

const BOUNDARY: &str = "----------------------------w3pin";

/// Performs what curl would with these arguments. A response sent before the whole body was read is received.
pub(super) fn ask(url: &str, arguments: &[&str]) -> Reply {
    let request = Request::new(arguments);
    let mut url = url.to_owned();
    loop {
        let reply = request.send(&url);
        let Some(location) = reply.header("location").filter(|_| request.follows) else {
            return reply;
        };
        url = if location.starts_with('/') {
            format!("http://{}{location}", split(&url).0)
        } else {
            location.to_owned()
        };
    }
}

#[derive(Default)]
struct Request<'a> {
    method: Option<&'a str>,
    headers: Vec<String>,
    body: Option<Vec<u8>>,
    follows: bool,
}

impl<'a> Request<'a> {
    fn new(arguments: &[&'a str]) -> Self {
        let mut request = Self::default();
        let mut form = Vec::new();
        let mut words = arguments.iter().copied();
        while let Some(option) = words.next() {
            let mut value = || words.next().unwrap();
            match option {
                "-H" => request.headers.push(value().to_owned()),
                "-X" => request.method = Some(value()),
                "-I" => request.method = Some("HEAD"),
                "-L" => request.follows = true,
                "-i" | "-g" => {}
                "-r" => request.headers.push(format!("range: bytes={}", value())),
                "-d" | "--data-raw" => request.body = Some(value().into()),
                "--data-binary" => {
                    let data = value();
                    let file = data.strip_prefix('@').map(|path| fs::read(path).unwrap());
                    request.body = Some(file.unwrap_or_else(|| data.into()));
                }
                "-F" => form.extend(part(value())),
                "--limit-rate" => {
                    value();
                }
                other => panic!("nothing here knows curl's {other}"),
            }
        }
        let kind = if form.is_empty() {
            "application/x-www-form-urlencoded".to_owned()
        } else {
            form.extend(format!("--{BOUNDARY}--\r\n").bytes());
            request.body = Some(form);
            format!("multipart/form-data; boundary={BOUNDARY}")
        };
        if request.body.is_some() && !request.has("content-type") {
            request.headers.push(format!("content-type: {kind}"));
        }
        request
    }

    fn has(&self, name: &str) -> bool {
        let mut names = self.headers.iter().filter_map(|it| it.split_once(':'));
        names.any(|(it, _)| it.eq_ignore_ascii_case(name))
    }

    fn send(&self, url: &str) -> Reply {
        let (host, path) = split(url);
        let body = self.body.as_deref().unwrap_or_default();
        let method = if self.body.is_some() { "POST" } else { "GET" };
        let method = self.method.unwrap_or(method);
        let mut head = format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n");
        for (name, default) in [("accept", "*/*"), ("user-agent", "w3pin-test")] {
            if !self.has(name) {
                head += &format!("{name}: {default}\r\n");
            }
        }
        // A name without a value removes a default header of curl.
        for header in self.headers.iter().filter(|it| !it.ends_with(':')) {
            head += &format!("{header}\r\n");
        }
        let chunked = self.has("transfer-encoding");
        if self.body.is_some() && !chunked {
            head += &format!("content-length: {}\r\n", body.len());
        }
        head += "\r\n";
        let mut stream = TcpStream::connect(host).unwrap();
        let timeout = Some(Duration::from_secs(300));
        stream.set_read_timeout(timeout).unwrap();
        let mut writer = stream.try_clone().unwrap();
        thread::scope(|scope| {
            scope.spawn(move || {
                let size = format!("{:x}\r\n", body.len());
                let parts = if chunked {
                    [head.as_bytes(), size.as_bytes(), body, b"\r\n0\r\n\r\n"]
                } else {
                    [head.as_bytes(), b"", body, b""]
                };
                // The server may have responded and closed the connection.
                let _ = parts.iter().try_for_each(|part| writer.write_all(part));
            });
            let mut answer = Vec::new();
            let mut buffer = [0; 1 << 16];
            while let Ok(count @ 1..) = stream.read(&mut buffer) {
                answer.extend_from_slice(&buffer[..count]);
            }
            let _ = stream.shutdown(std::net::Shutdown::Both);
            parse(&answer)
        })
    }
}

fn split(url: &str) -> (&str, &str) {
    let rest = url.strip_prefix("http://").unwrap();
    rest.split_at(rest.find('/').unwrap_or(rest.len()))
}

/// A field of a form: `name=value;filename=name` or `name=@path;filename=name`.
fn part(field: &str) -> Vec<u8> {
    let (name, value) = field.split_once('=').unwrap();
    let (value, file_name) = match value.split_once(";filename=") {
        Some((value, file_name)) => (value, Some(file_name.to_owned())),
        None => (value, None),
    };
    let (content, own_name) = match value.strip_prefix('@') {
        Some(path) => {
            let path = Path::new(path);
            let own = path.file_name().unwrap().to_str().unwrap();
            (fs::read(path).unwrap(), Some(own.to_owned()))
        }
        None => (value.into(), None),
    };
    let mut part = format!("--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{name}\"");
    if let Some(file_name) = file_name.or(own_name) {
        part += &format!("; filename=\"{file_name}\"\r\ncontent-type: application/octet-stream");
    }
    [part.as_bytes(), b"\r\n\r\n", &content, b"\r\n"].concat()
}

fn parse(mut answer: &[u8]) -> Reply {
    loop {
        let end = answer.windows(4).position(|window| window == b"\r\n\r\n");
        let end = end.unwrap_or_else(|| panic!("no answer: {:?}", String::from_utf8_lossy(answer)));
        let headers = String::from_utf8(answer[..end].to_vec()).unwrap();
        answer = &answer[end + 4..];
        let status: u16 = headers.split(' ').nth(1).unwrap().parse().unwrap();
        if status < 200 {
            continue;
        }
        let mut reply = Reply {
            status,
            headers,
            body: answer.to_vec(),
        };
        if reply.header("transfer-encoding").is_some() {
            reply.body = without_chunks(answer);
        }
        return reply;
    }
}

fn without_chunks(mut chunks: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = chunks.windows(2).position(|window| window == b"\r\n") {
        let size = std::str::from_utf8(&chunks[..end]).unwrap();
        let size = usize::from_str_radix(size, 16).unwrap();
        if size == 0 {
            break;
        }
        let chunk = &chunks[end + 2..];
        body.extend_from_slice(&chunk[..size.min(chunk.len())]);
        chunks = chunk.get(size + 2..).unwrap_or_default();
    }
    body
}
