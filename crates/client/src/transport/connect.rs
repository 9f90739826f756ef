//! Connections to services: by TCP, through proxies, and under TLS.

use std::{fmt, io, sync::Arc, time::Duration};

use http::{HeaderValue, Uri};
use hyper_util::client::legacy::connect::HttpConnector;
use rustls::{ClientConfig, pki_types::ServerName};
use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::TlsConnector;
use tower_service::Service;
use w3pin_core::{Error, ErrorKind, Result};

use super::{
    Settings, bottom,
    proxy::{Proxies, Via},
    resolve::{Resolver, bare},
    stream::Stream,
    tls, tunnel,
};

/// How long a connection is silent before it is asked whether the other side is still there, which also
/// keeps it known to what is in between.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Makes connections.
pub(super) struct Connector {
    tcp: HttpConnector<Resolver>,
    /// For services, which may speak HTTP/2.
    tls: TlsConnector,
    /// For proxies, which are spoken to by HTTP/1.1.
    proxy_tls: TlsConnector,
    proxies: Proxies,
    timeout: Duration,
    user_agent: HeaderValue,
}

/// A connection, and what is spoken on it.
pub(super) struct Connected {
    pub(super) stream: Stream,
    pub(super) protocol: Protocol,
}

pub(super) enum Protocol {
    Http1,
    Http2,
    /// HTTP/1.1 to a proxy that passes requests on.
    Forwarding(Via),
}

impl Connector {
    pub(super) fn new(settings: &Settings) -> Result<Self> {
        let mut tcp = HttpConnector::new_with_resolver(Resolver);
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_keepalive(Some(KEEP_ALIVE));
        // Shared among the addresses of a host, so that one that is silent leaves time for the others.
        tcp.set_connect_timeout(Some(settings.connect_timeout));
        let config = settings.roots.config()?;
        let protocols = |protocols: &[&[u8]]| {
            let mut config: ClientConfig = config.clone();
            config.alpn_protocols = protocols.iter().map(|it| it.to_vec()).collect();
            TlsConnector::from(Arc::new(config))
        };
        Ok(Self {
            tcp,
            tls: protocols(&[b"h2", b"http/1.1"]),
            proxy_tls: protocols(&[b"http/1.1"]),
            proxies: settings.proxy.proxies()?,
            timeout: settings.connect_timeout,
            user_agent: settings.user_agent.clone(),
        })
    }

    /// Connects to the host of an address.
    ///
    /// # Errors
    /// [`Timeout`](ErrorKind::Timeout) after the time for connecting, and
    /// [`Transport`](ErrorKind::Transport), which names the proxy if that is the reason.
    pub(super) async fn connect(&self, to: &Uri) -> Result<Connected> {
        match timeout(
            self.timeout,
            self.connect_by(to, self.proxies.on_the_way(to)),
        )
        .await
        {
            Ok(connected) => connected,
            Err(_) => Err(self.late()),
        }
    }

    async fn connect_by(&self, to: &Uri, proxy: Option<Via>) -> Result<Connected> {
        let is_https = to.scheme_str() == Some("https");
        let stream = match proxy {
            None => {
                let stream = self
                    .tcp(to)
                    .await
                    .map_err(|cause| self.unreachable(cause, Peer::Service))?;
                Stream::plain(stream)
            }
            Some(proxy) => {
                let stream = self.tcp(&proxy.address()).await;
                let stream =
                    stream.map_err(|cause| self.unreachable(cause, Peer::Proxy(&proxy)))?;
                if proxy.is_http() {
                    let mut stream = Stream::plain(stream);
                    if proxy.scheme() == "https" {
                        stream =
                            encrypt(&self.proxy_tls, stream, proxy.host(), Peer::Proxy(&proxy))
                                .await?
                                .0;
                    }
                    if !is_https {
                        return Ok(Connected {
                            stream,
                            protocol: Protocol::Forwarding(proxy),
                        });
                    }
                    tunnel::http(stream, &proxy, &with_port(to)?, &self.user_agent).await?
                } else {
                    Stream::plain(tunnel::socks(stream, &proxy, &with_port(to)?).await?)
                }
            }
        };
        let (stream, is_http2) = if is_https {
            encrypt(
                &self.tls,
                stream,
                to.host().unwrap_or_default(),
                Peer::Service,
            )
            .await?
        } else {
            (stream, false)
        };
        Ok(Connected {
            stream,
            protocol: if is_http2 {
                Protocol::Http2
            } else {
                Protocol::Http1
            },
        })
    }

    async fn tcp(&self, to: &Uri) -> io::Result<TcpStream> {
        match self.tcp.clone().call(to.clone()).await {
            Ok(stream) => Ok(stream.into_inner()),
            Err(error) => Err(bottom(&error)),
        }
    }

    fn unreachable(&self, cause: io::Error, peer: Peer<'_>) -> Error {
        if cause.kind() == io::ErrorKind::TimedOut {
            return self.late();
        }
        unreachable(cause, peer)
    }

    fn late(&self) -> Error {
        let seconds = self.timeout.as_secs_f64();
        Error::new(
            ErrorKind::Timeout,
            format!("there was no connection to the service within {seconds} s"),
        )
    }
}

/// Who is connected to.
#[derive(Clone, Copy)]
enum Peer<'a> {
    Service,
    Proxy(&'a Via),
}

impl Peer<'_> {
    /// The setting that says where it is.
    fn setting(self) -> &'static str {
        match self {
            Self::Service => "endpoint",
            Self::Proxy(_) => "proxy",
        }
    }
}

impl fmt::Display for Peer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service => f.write_str("the service"),
            Self::Proxy(proxy) => write!(f, "the proxy {proxy}"),
        }
    }
}

/// Puts TLS over a connection, and says whether HTTP/2 is spoken under it.
async fn encrypt(
    tls: &TlsConnector,
    stream: Stream,
    host: &str,
    peer: Peer<'_>,
) -> Result<(Stream, bool)> {
    let name = ServerName::try_from(bare(host).to_owned()).map_err(|_| {
        Error::invalid_input(peer.setting(), format!("{host} can't be in a certificate"))
    })?;
    match tls.connect(name, stream).await {
        Ok(stream) => {
            let is_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
            Ok((Stream::Tls(Box::new(stream)), is_http2))
        }
        Err(cause) if tls::is_untrusted(&cause) => Err(Error::new(
            ErrorKind::Transport,
            format!(
                "{peer}'s certificate isn't trusted ({cause}); add its root certificate if it is your own"
            ),
        )
        .with_source(cause)
        .with_retryable(false)),
        Err(cause) => Err(unreachable(cause, peer)),
    }
}

fn unreachable(cause: io::Error, peer: Peer<'_>) -> Error {
    Error::new(
        ErrorKind::Transport,
        format!(
            "{peer} can't be reached ({cause}); check the {} and the network",
            peer.setting()
        ),
    )
    .with_source(cause)
}

/// The origin of an address, with its port.
fn with_port(to: &Uri) -> Result<Uri> {
    let (scheme, host) = (
        to.scheme_str().unwrap_or_default(),
        to.host().unwrap_or_default(),
    );
    let port = to
        .port_u16()
        .unwrap_or(if scheme == "https" { 443 } else { 80 });
    format!("{scheme}://{host}:{port}/")
        .parse()
        .map_err(|_| Error::invalid_input("endpoint", format!("{to} can't be reached by a proxy")))
}
