//! The lower bound: blocking sockets, one buffer, and nothing else.

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    str::FromStr,
    thread,
    time::{Duration, Instant},
};

use super::{Task, WARM_UP, cannot, figures};
use crate::{Error, Result, measure::Figures, sink::PIN_ID};

const BUFFER: usize = 256 << 10;
const BOUNDARY: &str = "----------------------------7d1f0f0a6a524a6e9b7e0d8f";

/// Returns the address of a URL on loopback.
#[derive(Clone)]
pub(crate) struct Origin {
    pub(crate) address: String,
    pub(crate) path: String,
}

impl FromStr for Origin {
    type Err = Error;

    fn from_str(url: &str) -> Result<Self> {
        let rest = url
            .strip_prefix("http://")
            .ok_or("the floor speaks plain http")?;
        let (address, path) = rest.split_once('/').ok_or("the URL has no path")?;
        Ok(Self {
            address: address.to_owned(),
            path: format!("/{path}"),
        })
    }
}

pub(super) fn run(task: &Task) -> Result<Figures> {
    let began = Instant::now();
    match task {
        Task::Upload { url, file, .. } => {
            Connection::open(&url.parse()?)?.upload(&[(name(file)?, file.clone())])?;
        }
        Task::Folder { url, folder } => {
            let parts: Vec<_> = files(folder)?
                .into_iter()
                .map(|file| Ok((format!("folder/{}", name(&file)?), file)))
                .collect::<Result<_>>()?;
            Connection::open(&url.parse()?)?.upload(&parts)?;
        }
        Task::Files {
            url,
            folder,
            concurrency,
        } => {
            let (origin, files) = (url.parse::<Origin>()?, files(folder)?);
            let began = Instant::now();
            let each = in_threads(*concurrency, |thread| {
                let mut connection = Connection::open(&origin)?;
                let files = files.iter().skip(thread).step_by(*concurrency);
                timed(files, |file| {
                    connection.upload(&[(name(file)?, file.clone())])
                })
            })?;
            return Ok(figures(began, each.concat()));
        }
        Task::Synced { folder, into } => {
            let files = files(folder)?;
            let began = Instant::now();
            let each = timed(&files, |file| {
                let mut copy = File::create(into.join(name(file)?))?;
                copy.write_all(&fs::read(file)?)?;
                Ok(copy.sync_all()?)
            })?;
            return Ok(figures(began, each));
        }
        Task::Calls {
            url,
            count,
            concurrency,
        } => {
            let origin = url.parse::<Origin>()?;
            let mut connection = Connection::open(&origin)?;
            (0..WARM_UP).try_for_each(|_| connection.get())?;
            let began = Instant::now();
            let each = in_threads(*concurrency, |_| {
                let mut connection = Connection::open(&origin)?;
                timed(0..count / concurrency, |_| connection.get())
            })?;
            return Ok(figures(began, each.concat()));
        }
        Task::List { .. } => return cannot(),
    }
    Ok(figures(began, Vec::new()))
}

/// Returns how long each piece of work takes.
fn timed<T>(
    all: impl IntoIterator<Item = T>,
    mut work: impl FnMut(T) -> Result,
) -> Result<Vec<Duration>> {
    let each = all.into_iter().map(|one| {
        let began = Instant::now();
        work(one)?;
        Ok(began.elapsed())
    });
    each.collect()
}

fn in_threads<T: Send>(count: usize, work: impl Fn(usize) -> Result<T> + Sync) -> Result<Vec<T>> {
    thread::scope(|scope| {
        let work = &work;
        let threads: Vec<_> = (0..count)
            .map(|thread| scope.spawn(move || work(thread)))
            .collect();
        let joined = threads
            .into_iter()
            .map(|thread| thread.join().map_err(|_| "a thread died")?);
        joined.collect()
    })
}

/// Returns the files of a folder, recursively.
pub(super) fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    Ok(found)
}

fn name(file: &Path) -> Result<String> {
    let name = file.file_name().ok_or("the file has no name")?;
    Ok(name.to_string_lossy().into_owned())
}

struct Connection {
    stream: TcpStream,
    origin: Origin,
    buffer: Vec<u8>,
}

impl Connection {
    fn open(origin: &Origin) -> Result<Self> {
        let stream = TcpStream::connect(&origin.address)?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            origin: origin.clone(),
            buffer: vec![0; BUFFER],
        })
    }

    fn get(&mut self) -> Result {
        let head = self.head("GET", &format!("/{PIN_ID}"), "");
        self.stream.write_all(head.as_bytes())?;
        self.read_answer()
    }

    fn upload(&mut self, parts: &[(String, PathBuf)]) -> Result {
        let mut heads = Vec::with_capacity(parts.len());
        let end = format!("\r\n--{BOUNDARY}--\r\n");
        let mut length = end.len() as u64;
        for (number, (name, path)) in parts.iter().enumerate() {
            let before = if number == 0 { "" } else { "\r\n" };
            let head = format!(
                "{before}--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
                 Content-Type: application/octet-stream\r\n\r\n"
            );
            length += head.len() as u64 + fs::metadata(path)?.len();
            heads.push(head);
        }
        let kind = format!(
            "Content-Type: multipart/form-data; boundary={BOUNDARY}\r\nContent-Length: {length}\r\n"
        );
        let head = self.head("POST", "/", &kind);
        let Self { stream, buffer, .. } = self;
        let mut out = Coalesced {
            stream,
            buffer,
            filled: 0,
        };
        out.push(head.as_bytes())?;
        for (head, (_, path)) in heads.iter().zip(parts) {
            out.push(head.as_bytes())?;
            out.push_file(&mut File::open(path)?)?;
        }
        out.push(end.as_bytes())?;
        out.send()?;
        self.read_answer()
    }

    fn head(&self, method: &str, path: &str, more: &str) -> String {
        let Origin {
            address,
            path: base,
        } = &self.origin;
        format!(
            "{method} {base}{path} HTTP/1.1\r\nHost: {address}\r\npinning_api_key: key\r\n\
             pinning_secret_key: secret\r\n{more}\r\n"
        )
    }

    /// Reads a response; the sink always sends its length.
    fn read_answer(&mut self) -> Result {
        let mut filled = 0;
        loop {
            let read = self.stream.read(&mut self.buffer[filled..])?;
            if read == 0 {
                return Err("the sink closed the connection".into());
            }
            filled += read;
            let answer = &self.buffer[..filled];
            let mut headers = [httparse::EMPTY_HEADER; 16];
            let mut response = httparse::Response::new(&mut headers);
            let httparse::Status::Complete(head) = response.parse(answer)? else {
                continue;
            };
            if !matches!(response.code, Some(200..300)) {
                return Err(format!("the answer is {:?}", response.code).into());
            }
            let length = response
                .headers
                .iter()
                .find(|header| header.name == "content-length");
            let length = length.ok_or("the answer has no length")?.value;
            let length: usize = std::str::from_utf8(length)?.parse()?;
            if filled >= head + length {
                return Ok(());
            }
        }
    }
}

/// Writes whole buffers.
struct Coalesced<'a> {
    stream: &'a mut TcpStream,
    buffer: &'a mut [u8],
    filled: usize,
}

impl Coalesced<'_> {
    fn push(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let taken = bytes.read(&mut self.buffer[self.filled..])?;
            self.took(taken)?;
        }
        Ok(())
    }

    fn push_file(&mut self, file: &mut File) -> io::Result<()> {
        loop {
            match file.read(&mut self.buffer[self.filled..])? {
                0 => return Ok(()),
                read => self.took(read)?,
            }
        }
    }

    fn took(&mut self, bytes: usize) -> io::Result<()> {
        self.filled += bytes;
        if self.filled == self.buffer.len() {
            self.send()
        } else {
            Ok(())
        }
    }

    fn send(&mut self) -> io::Result<()> {
        self.stream.write_all(&self.buffer[..self.filled])?;
        self.filled = 0;
        Ok(())
    }
}
