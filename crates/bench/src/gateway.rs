//! A gateway that serves the blocks of one file and no CARs, each block after a while: what a reader can
//! win from several of them is what it doesn't wait for.

use std::{
    collections::HashMap,
    convert::Infallible,
    fs::File,
    io::{self, Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::Duration,
};

use w3pin_unixfs::{Block, BlockSink, FileBuilder, Profile};

use crate::sink::{Conditions, exchange::Exchange};

#[derive(clap::Args)]
pub(crate) struct GatewayOptions {
    file: PathBuf,
    /// Milliseconds before each response
    #[arg(long, default_value_t = 0, value_name = "MS")]
    latency_ms: u64,
}

/// Blocks by CID, in the CID's URL form.
#[derive(Default)]
struct Blocks(HashMap<String, Vec<u8>>);

impl BlockSink for Blocks {
    type Error = Infallible;

    fn put(&mut self, block: Block<'_>) -> Result<(), Infallible> {
        self.0.insert(block.cid.to_string(), block.to_vec());
        Ok(())
    }
}

/// Listens on loopback, prints its URL, and serves until the process ends.
pub(crate) fn serve(options: &GatewayOptions) -> io::Result<()> {
    let blocks = Arc::new(blocks(&options.file)?);
    let latency = Duration::from_millis(options.latency_ms);
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut out = io::stdout();
    write!(out, "http://{}\n\n", listener.local_addr()?)?;
    out.flush()?;
    for stream in listener.incoming() {
        let (stream, blocks) = (stream?, blocks.clone());
        thread::spawn(move || {
            // A client may disconnect at any time.
            let _ = talk(stream, &blocks, latency);
        });
    }
    Ok(())
}

fn blocks(path: &Path) -> io::Result<Blocks> {
    let mut file = File::open(path)?;
    let mut dag = FileBuilder::with_sink(&Profile::default(), Blocks::default());
    let mut piece = vec![0; 1 << 20];
    loop {
        let length = file.read(&mut piece)?;
        let Some(piece) = piece.get(..length).filter(|piece| !piece.is_empty()) else {
            let Ok((_, blocks)) = dag.finish();
            return Ok(blocks);
        };
        let Ok(()) = dag.update(piece);
    }
}

fn talk(stream: TcpStream, blocks: &Blocks, latency: Duration) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut exchange = Exchange::new(stream);
    while let Some(request) = exchange.read_request(&Conditions::default())? {
        thread::sleep(latency);
        let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
        let block = blocks.0.get(path.trim_start_matches("/ipfs/"));
        match block {
            Some(_) if !query.contains("format=raw") => {
                exchange.answer(
                    "406 Not Acceptable",
                    "text/plain",
                    b"only blocks are served",
                )?;
            }
            Some(block) => exchange.answer("200 OK", "application/vnd.ipld.raw", block)?,
            None => exchange.answer("404 Not Found", "text/plain", b"no such block")?,
        }
    }
    Ok(())
}
