//! The byte stream of a connection: a TCP socket, possibly under layers of TLS.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};
use tokio_rustls::client::TlsStream;

/// A connection to a service or a proxy.
pub(super) enum Stream {
    Plain(Socket),
    /// TLS, within another TLS connection if the proxy uses TLS too.
    Tls(Box<TlsStream<Self>>),
}

impl Stream {
    pub(super) fn plain(socket: TcpStream) -> Self {
        Self::Plain(Socket {
            stream: socket,
            broken: None,
            drained: false,
        })
    }
}

/// A TCP socket whose write errors are deferred until everything that has arrived was read.
///
/// A service that refuses a request based on its head responds and closes, which breaks the
/// connection while the client is still sending. The response has arrived by then, and must not be
/// lost because a write fails first.
pub(super) struct Socket {
    stream: TcpStream,
    /// The write error.
    broken: Option<io::ErrorKind>,
    /// Whether reading has ended.
    drained: bool,
}

impl Socket {
    /// Holds back a write error caused by the other side closing the connection.
    fn written(&mut self, cx: &Context<'_>, written: io::Result<usize>) -> Poll<io::Result<usize>> {
        match written {
            Err(error) if is_closed(error.kind()) && !self.drained => {
                self.broken = Some(error.kind());
                // The writing task also reads, and must poll once more.
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            written => Poll::Ready(written),
        }
    }

    /// Returns the result of a write once the socket is broken.
    fn broken(&self) -> Option<Poll<io::Result<usize>>> {
        let kind = self.broken?;
        Some(if self.drained {
            Poll::Ready(Err(kind.into()))
        } else {
            Poll::Pending
        })
    }
}

fn is_closed(kind: io::ErrorKind) -> bool {
    matches!(
        kind,
        io::ErrorKind::BrokenPipe
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
    )
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.remaining();
        let read = ready!(Pin::new(&mut self.stream).poll_read(cx, buffer));
        self.drained = before > 0 && buffer.remaining() == before;
        Poll::Ready(read)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if let Some(broken) = self.broken() {
            return broken;
        }
        let written = ready!(Pin::new(&mut self.stream).poll_write(cx, bytes));
        self.written(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if let Some(broken) = self.broken() {
            return broken;
        }
        let written = ready!(poll_send(&mut self.stream, cx, slices));
        self.written(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// Writes slices, and raises no SIGPIPE if the other side has closed the connection: it ends a
/// process that doesn't ignore it, as those written in Rust do.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn poll_send(
    stream: &mut TcpStream,
    cx: &mut Context<'_>,
    slices: &[io::IoSlice<'_>],
) -> Poll<io::Result<usize>> {
    use rustix::net::{SendAncillaryBuffer, SendFlags, sendmsg};
    use tokio::io::Interest;

    let slices = slices.get(..MOST_SLICES).unwrap_or(slices);
    loop {
        ready!(stream.poll_write_ready(cx))?;
        let sent = stream.try_io(Interest::WRITABLE, || {
            let mut nothing = SendAncillaryBuffer::default();
            let sent = sendmsg(&*stream, slices, &mut nothing, SendFlags::NOSIGNAL);
            sent.map_err(io::Error::from)
        });
        match sent {
            Err(cause) if cause.kind() == io::ErrorKind::WouldBlock => {}
            sent => return Poll::Ready(sent),
        }
    }
}

/// The slices that `sendmsg` takes (`UIO_MAXIOV`).
#[cfg(any(target_os = "linux", target_os = "android"))]
const MOST_SLICES: usize = 1024;

/// Writes slices. Apple's systems raise no SIGPIPE, as the standard library asks them to.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn poll_send(
    stream: &mut TcpStream,
    cx: &mut Context<'_>,
    slices: &[io::IoSlice<'_>],
) -> Poll<io::Result<usize>> {
    Pin::new(stream).poll_write_vectored(cx, slices)
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(socket) => Pin::new(socket).poll_read(cx, buffer),
            Self::Tls(tls) => Pin::new(tls).poll_read(cx, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(socket) => Pin::new(socket).poll_write(cx, bytes),
            Self::Tls(tls) => Pin::new(tls).poll_write(cx, bytes),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(socket) => Pin::new(socket).poll_write_vectored(cx, slices),
            Self::Tls(tls) => Pin::new(tls).poll_write_vectored(cx, slices),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Plain(socket) => socket.is_write_vectored(),
            Self::Tls(tls) => tls.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(socket) => Pin::new(socket).poll_flush(cx),
            Self::Tls(tls) => Pin::new(tls).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(socket) => Pin::new(socket).poll_shutdown(cx),
            Self::Tls(tls) => Pin::new(tls).poll_shutdown(cx),
        }
    }
}

#[cfg(all(test, any(target_os = "linux", target_os = "android")))]
mod tests {
    use std::{io::IoSlice, time::Duration};

    use tokio::{
        io::AsyncWriteExt,
        net::{TcpListener, TcpStream},
        signal::unix::{SignalKind, signal},
        time::timeout,
    };

    use super::Stream;

    #[tokio::test]
    async fn a_broken_connection_raises_no_signal() {
        let mut broken_pipe = signal(SignalKind::pipe()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut stream = Stream::plain(TcpStream::connect(address).await.unwrap());
        drop(listener.accept().await.unwrap());
        // The first write is answered by a reset, and the next finds the connection broken.
        for _ in 0..10 {
            let late = [IoSlice::new(b"late")];
            let _ = timeout(Duration::from_millis(20), stream.write_vectored(&late)).await;
        }
        let raised = timeout(Duration::from_millis(100), broken_pipe.recv()).await;
        assert!(raised.is_err());
    }
}
