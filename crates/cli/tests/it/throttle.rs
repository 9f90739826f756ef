//! A slow connection to a gateway, which counts the bytes transferred.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

/// Forwards connections, whatever their protocol.
pub(crate) struct Throttle {
    address: SocketAddr,
    passed: Arc<AtomicU64>,
}

/// The number of bytes forwarded at once, each followed by a pause.
const PORTION: usize = 32 * 1024;

impl Throttle {
    /// A connection to the server of this URL, with a pause after each portion.
    pub(crate) fn new(to: &str, pause: Duration) -> Self {
        let to: SocketAddr = to["http://".len()..].parse().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let passed = Arc::<AtomicU64>::default();
        let counted = Arc::clone(&passed);
        thread::spawn(move || {
            for client in listener.incoming() {
                let (client, server) = (client.unwrap(), TcpStream::connect(to).unwrap());
                let (asking, asked) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                let counted = Arc::clone(&counted);
                thread::spawn(move || pass(asking, asked, |_| {}));
                thread::spawn(move || {
                    pass(server, client, |bytes| {
                        counted.fetch_add(bytes, Ordering::SeqCst);
                        thread::sleep(pause);
                    });
                });
            }
        });
        Self { address, passed }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The number of bytes received from the gateway so far.
    pub(crate) fn passed(&self) -> u64 {
        self.passed.load(Ordering::SeqCst)
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream, mut passed: impl FnMut(u64)) {
    let mut portion = vec![0; PORTION];
    while let Ok(length @ 1..) = from.read(&mut portion) {
        if to.write_all(&portion[..length]).is_err() {
            break;
        }
        passed(length as u64);
    }
    let _ = to.shutdown(std::net::Shutdown::Both);
    let _ = from.shutdown(std::net::Shutdown::Both);
}
