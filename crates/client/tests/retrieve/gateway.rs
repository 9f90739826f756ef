//! A trustless gateway on raw sockets, which behaves well or in one of many faulty manners.

use std::{
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    thread::sleep,
    time::Duration,
};

use w3pin::{Client, Gateway as Address, Retriever, RetryPolicy, unixfs::Cid};

use crate::{
    dag::{Dag, varint},
    server::{Connection, Kept, Request, Server},
};

/// What a test configures besides the blocks.
pub(crate) type Manner = Arc<dyn Fn(&Asked, &mut Connection) -> Option<Kept> + Send + Sync>;

/// A parsed request.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) number: usize,
    pub(crate) car: bool,
    /// The blocks to send, in order.
    pub(crate) blocks: Vec<Cid>,
    pub(crate) dag: DagOf,
    pub(crate) target: String,
}

/// The blocks that a gateway has.
#[derive(Clone)]
pub(crate) struct DagOf(pub(crate) Dag);

impl std::fmt::Debug for DagOf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Dag")
    }
}

pub(crate) struct Gateway {
    server: Server,
    bytes: Arc<AtomicU64>,
}

impl Gateway {
    /// Serves its blocks correctly.
    pub(crate) fn good(dag: &Dag) -> Self {
        Self::new(dag, Arc::new(|_, _| None))
    }

    /// Serves only blocks, not CARs.
    pub(crate) fn blocks_only(dag: &Dag) -> Self {
        Self::new(
            dag,
            Arc::new(|asked, connection| {
                asked.car.then(|| {
                    connection.answer(400, "no such format");
                    Kept::Yes
                })
            }),
        )
    }

    /// Behaves correctly unless `manner` responds.
    pub(crate) fn new(dag: &Dag, manner: Manner) -> Self {
        let dag = dag.clone();
        let bytes = Arc::<AtomicU64>::default();
        let (sent, count) = (Arc::clone(&bytes), AtomicUsize::new(0));
        let server = Server::new(move |_, request, connection| {
            let Some(mut asked) = understand(&dag, request) else {
                connection.answer(404, "not here");
                return Kept::Yes;
            };
            asked.number = count.fetch_add(1, Ordering::SeqCst) + 1;
            if let Some(kept) = manner(&asked, connection) {
                return kept;
            }
            let body = asked.body();
            sent.fetch_add(body.len() as u64, Ordering::SeqCst);
            send(connection, asked.content_type(), &body);
            Kept::Yes
        });
        Self { server, bytes }
    }

    pub(crate) fn address(&self) -> Address {
        format!("http://{}", self.server.address()).parse().unwrap()
    }

    /// The path and query of each request.
    pub(crate) fn requests(&self) -> Vec<String> {
        let requests = self.server.requests().into_iter();
        requests.map(|request| request.path).collect()
    }

    /// The bytes of correctly served bodies.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::SeqCst)
    }
}

impl Asked {
    pub(crate) fn content_type(&self) -> &'static str {
        if self.car {
            "application/vnd.ipld.car; version=1; order=dfs; dups=y"
        } else {
            "application/vnd.ipld.raw"
        }
    }

    pub(crate) fn block(&self, cid: &Cid) -> Vec<u8> {
        self.dag.0.get(cid).unwrap_or_default()
    }

    pub(crate) fn body(&self) -> Vec<u8> {
        if self.car {
            let held = self
                .blocks
                .iter()
                .map_while(|it| Some((*it, self.dag.0.get(it)?)));
            car(&self.blocks[..1], &held.collect::<Vec<_>>())
        } else {
            self.block(&self.blocks[0])
        }
    }
}

/// A CAR of these blocks.
pub(crate) fn car(roots: &[Cid], blocks: &[(Cid, Vec<u8>)]) -> Vec<u8> {
    let mut car = header(roots);
    for (cid, block) in blocks {
        car.extend(section(cid, block));
    }
    car
}

pub(crate) fn header(roots: &[Cid]) -> Vec<u8> {
    let mut cbor = b"\xa2\x65roots".to_vec();
    cbor.push(0x80 | roots.len() as u8);
    for root in roots {
        let cid = root.to_bytes();
        cbor.extend([0xd8, 0x2a, 0x58, cid.len() as u8 + 1, 0]);
        cbor.extend(cid);
    }
    cbor.extend(b"\x67version\x01");
    let mut header = Vec::new();
    varint(&mut header, cbor.len() as u64);
    header.extend(cbor);
    header
}

pub(crate) fn section(cid: &Cid, block: &[u8]) -> Vec<u8> {
    let cid = cid.to_bytes();
    let mut section = Vec::new();
    varint(&mut section, (cid.len() + block.len()) as u64);
    section.extend(cid);
    section.extend(block);
    section
}

pub(crate) fn send(connection: &mut Connection, content_type: &str, body: &[u8]) {
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    connection.send(&[head.as_bytes(), body].concat());
}

/// Writes the head of a response with this length.
pub(crate) fn announce(asked: &Asked, connection: &mut Connection, length: usize) {
    let kind = asked.content_type();
    let head =
        format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n");
    connection.send(head.as_bytes());
}

fn understand(dag: &Dag, request: &Request) -> Option<Asked> {
    let (path, query) = request.path.split_once('?')?;
    let mut segments = path.strip_prefix("/ipfs/")?.split('/');
    let root: Cid = segments.next()?.parse().ok()?;
    let value = |key: &str| {
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(it, _)| *it == key).map(|(_, value)| value)
    };
    let car = value("format")? == "car";
    let names: Vec<String> = segments.map(decoded).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let path = dag.path(root, &names)?;
    dag.get(path.last()?)?;
    let range = value("entity-bytes").map(|range| {
        let (from, to) = range.split_once(':').unwrap();
        let to = to.parse::<u64>().map_or(u64::MAX, |last| last + 1);
        Range {
            start: from.parse().unwrap(),
            end: to,
        }
    });
    let blocks = if car {
        dag.walk(&path, value("dag-scope").unwrap_or("all"), range)
    } else {
        vec![*path.last()?]
    };
    Some(Asked {
        number: 0,
        car,
        blocks,
        dag: DagOf(dag.clone()),
        target: request.path.clone(),
    })
}

fn decoded(segment: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = segment.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        match (first, after) {
            (b'%', [high, low, after @ ..]) => {
                let digits = [*high, *low];
                let digits = std::str::from_utf8(&digits).unwrap();
                bytes.push(u8::from_str_radix(digits, 16).unwrap());
                rest = after;
            }
            (byte, _) => bytes.push(*byte),
        }
    }
    String::from_utf8(bytes).unwrap()
}

/// A retriever for these gateways, with short delays between attempts.
pub(crate) fn retriever(gateways: &[&Gateway]) -> Retriever {
    patient(gateways, Duration::from_secs(30))
}

/// The same, with this idle timeout.
pub(crate) fn patient(gateways: &[&Gateway], idle: Duration) -> Retriever {
    Client::builder()
        .environment(false)
        .gateways(gateways.iter().map(|gateway| gateway.address()))
        .idle_timeout(idle)
        .retry(
            RetryPolicy::default()
                .base_delay(Duration::from_millis(2))
                .max_delay(Duration::from_millis(5))
                .budget(Duration::from_secs(5)),
        )
        .retriever()
        .unwrap()
}

/// Sends a body slowly.
pub(crate) fn trickle(connection: &mut Connection, body: &[u8], each: usize, pause: Duration) {
    for piece in body.chunks(each) {
        connection.send(piece);
        sleep(pause);
    }
}
