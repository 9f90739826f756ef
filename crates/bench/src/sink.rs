//! A server with minimal overhead: it parses multipart bodies, discards the content, and responds
//! like the API.
//!
//! It uses blocking threads and large reads, so that the client is what is measured. Delays and
//! faults can be configured.

use std::{
    io::{self, Read, Write},
    net::{TcpListener, TcpStream},
    sync::Arc,
    thread,
    time::Duration,
};

use rustls::{ServerConnection, StreamOwned};

mod answers;
mod body;
mod conditions;
pub(crate) mod exchange;
mod multipart;
mod tls;

pub(crate) use answers::PIN_ID;
pub(crate) use conditions::Conditions;

use answers::Answers;
use exchange::Exchange;

const JSON: &str = "application/json";

/// The responses of the sink, and its network conditions.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct SinkOptions {
    /// The CID of every pin
    #[arg(long, default_value = answers::CID)]
    pub(crate) cid: String,
    /// Serve TLS, with a certificate that is printed after the URL
    #[arg(long)]
    pub(crate) tls: bool,
    #[command(flatten)]
    pub(crate) conditions: Conditions,
}

/// Listens on loopback, prints its URL, and serves until the process ends.
pub(crate) fn serve(options: &SinkOptions) -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let tls = options.tls.then(tls::certificate).transpose()?;
    let mut out = io::stdout();
    let scheme = if tls.is_some() { "https" } else { "http" };
    writeln!(out, "{scheme}://{address}/api/pinning")?;
    if let Some((pem, _)) = &tls {
        write!(out, "{pem}")?;
    }
    writeln!(out)?;
    out.flush()?;

    let answers = Arc::new(Answers::new(&options.cid));
    let conditions = Arc::new(options.conditions.clone());
    for stream in listener.incoming() {
        let (stream, answers, conditions) = (stream?, answers.clone(), conditions.clone());
        let config = tls.as_ref().map(|(_, config)| config.clone());
        thread::spawn(move || {
            // A client may disconnect at any time.
            let _ = match config {
                None => talk(stream, &answers, &conditions),
                Some(config) => ServerConnection::new(config)
                    .map_err(io::Error::other)
                    .and_then(|tls| {
                        stream.set_nodelay(true)?;
                        talk(StreamOwned::new(tls, stream), &answers, &conditions)
                    }),
            };
        });
    }
    Ok(())
}

fn talk(stream: impl Talk, answers: &Answers, conditions: &Conditions) -> io::Result<()> {
    stream.prepare()?;
    let mut exchange = Exchange::new(stream);
    while let Some(request) = exchange.read_request(conditions)? {
        thread::sleep(Duration::from_millis(conditions.latency_ms));
        match conditions.fault() {
            Some(conditions::Fault::Reset) => return Ok(()),
            Some(conditions::Fault::Busy) => {
                exchange.answer("503 Service Unavailable", JSON, b"{}")?
            }
            None => {
                let (status, body) = answers.to(&request);
                exchange.answer(status, JSON, body)?;
            }
        }
    }
    Ok(())
}

trait Talk: Read + Write {
    fn prepare(&self) -> io::Result<()> {
        Ok(())
    }
}

impl Talk for TcpStream {
    fn prepare(&self) -> io::Result<()> {
        self.set_nodelay(true)
    }
}

impl Talk for StreamOwned<ServerConnection, TcpStream> {}
