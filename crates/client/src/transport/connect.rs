//! Connects to services: by TCP, through proxies, and with TLS.

use std::{fmt, io, sync::Arc, time::Duration};

use http::{HeaderValue, Uri};
use hyper_util::client::legacy::connect::HttpConnector;
use rustls::{ClientConfig, pki_types::ServerName};
use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::{TlsConnector, client::TlsStream};
use tower_service::Service;
use w3pin_core::{Error, ErrorKind, Result};

use super::{
    TransportOptions, bottom,
    proxy::{Proxies, Via},
    resolve::{Resolver, bare},
    stream::Stream,
    tls, tunnel,
};

/// The idle time after which a keep-alive probe is sent, which also keeps the connection alive in
/// NATs and firewalls.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Establishes connections.
pub(super) struct Connector {
    tcp: HttpConnector<Resolver>,
    /// For services, which may speak HTTP/2.
    tls: TlsConnector,
    /// For proxies, which speak HTTP/1.1.
    proxy_tls: TlsConnector,
    proxies: Proxies,
    timeout: Duration,
    user_agent: HeaderValue,
}

/// A connection and its protocol.
pub(super) struct Connected {
    pub(super) stream: Stream,
    pub(super) protocol: Protocol,
}

pub(super) enum Protocol {
    Http1,
    Http2,
    /// HTTP/1.1 to a proxy that forwards requests.
    Forwarding(Via),
}

impl Connector {
    pub(super) fn new(settings: &TransportOptions) -> Result<Self> {
        let mut tcp = HttpConnector::new_with_resolver(Resolver);
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_keepalive(Some(KEEP_ALIVE));
        // Divided among the addresses of a host, so that an unresponsive one leaves time for the
        // others.
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
        let proxy = self.proxies.on_the_way(to);
        match timeout(self.timeout, self.connect_by(to, proxy.as_ref())).await {
            Ok(Err(error)) if error.kind() != ErrorKind::Timeout => Err(error),
            Ok(Ok(connected)) => Ok(connected),
            Ok(Err(_)) | Err(_) => Err(self.late(proxy.as_ref())),
        }
    }

    async fn connect_by(&self, to: &Uri, proxy: Option<&Via>) -> Result<Connected> {
        let is_https = to.scheme_str() == Some("https");
        let stream = match proxy {
            None => Stream::plain(self.tcp(to, Peer::Service).await?),
            Some(proxy) if proxy.is_http() => {
                let stream = self.http_proxy(proxy).await?;
                if !is_https {
                    return Ok(Connected {
                        stream,
                        protocol: Protocol::Forwarding(proxy.clone()),
                    });
                }
                tunnel::http(stream, proxy, &with_port(to)?, &self.user_agent).await?
            }
            Some(proxy) => {
                let socket = self.tcp(&proxy.address(), Peer::Proxy(proxy)).await?;
                Stream::plain(tunnel::socks(socket, proxy, &with_port(to)?).await?)
            }
        };
        if !is_https {
            return Ok(Connected {
                stream,
                protocol: Protocol::Http1,
            });
        }
        let host = to.host().unwrap_or_default();
        let tls = encrypt(&self.tls, stream, host, Peer::Service).await?;
        let protocol = match tls.get_ref().1.alpn_protocol() {
            Some(b"h2") => Protocol::Http2,
            _ => Protocol::Http1,
        };
        Ok(Connected {
            stream: Stream::Tls(Box::new(tls)),
            protocol,
        })
    }

    async fn http_proxy(&self, proxy: &Via) -> Result<Stream> {
        let peer = Peer::Proxy(proxy);
        let stream = Stream::plain(self.tcp(&proxy.address(), peer).await?);
        if proxy.scheme() == "http" {
            return Ok(stream);
        }
        let tls = encrypt(&self.proxy_tls, stream, proxy.host(), peer).await?;
        Ok(Stream::Tls(Box::new(tls)))
    }

    async fn tcp(&self, to: &Uri, peer: Peer<'_>) -> Result<TcpStream> {
        match self.tcp.clone().call(to.clone()).await {
            Ok(stream) => Ok(stream.into_inner()),
            Err(error) => Err(unreachable(bottom(&error), peer)),
        }
    }

    fn late(&self, proxy: Option<&Via>) -> Error {
        let seconds = self.timeout.as_secs_f64();
        let way = proxy.map_or_else(String::new, |proxy| format!(" through the proxy {proxy}"));
        Error::new(
            ErrorKind::Timeout,
            format!("connecting to the service{way} took longer than {seconds} s"),
        )
    }
}

/// The peer of a connection.
#[derive(Clone, Copy)]
enum Peer<'a> {
    Service,
    Proxy(&'a Via),
}

impl Peer<'_> {
    /// Returns the setting with the peer's address.
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

/// Establishes TLS over a connection.
async fn encrypt(
    tls: &TlsConnector,
    stream: Stream,
    host: &str,
    peer: Peer<'_>,
) -> Result<TlsStream<Stream>> {
    let name = ServerName::try_from(bare(host).to_owned()).map_err(|_| {
        Error::invalid_input(
            peer.setting(),
            format!("{host} isn't a valid host name or address for TLS"),
        )
    })?;
    tls.connect(name, stream).await.map_err(|cause| {
        if !tls::is_untrusted(&cause) {
            return unreachable(cause, peer);
        }
        let reason = format!(
            "{peer}'s certificate isn't trusted ({cause}); if it is your own, add its root certificate"
        );
        Error::new(ErrorKind::Transport, reason)
            .with_source(cause)
            .with_retryable(false)
    })
}

fn unreachable(cause: io::Error, peer: Peer<'_>) -> Error {
    let kind = if cause.kind() == io::ErrorKind::TimedOut {
        ErrorKind::Timeout
    } else {
        ErrorKind::Transport
    };
    let setting = peer.setting();
    let reason = format!("{peer} can't be reached ({cause}); check the {setting} and the network");
    Error::new(kind, reason).with_source(cause)
}

/// Returns the origin of an address, with its port.
fn with_port(to: &Uri) -> Result<Uri> {
    let (scheme, host) = (
        to.scheme_str().unwrap_or_default(),
        to.host().unwrap_or_default(),
    );
    let port = to
        .port_u16()
        .unwrap_or(if scheme == "https" { 443 } else { 80 });
    format!("{scheme}://{host}:{port}/").parse().map_err(|_| {
        Error::invalid_input("endpoint", format!("{to} can't be reached through a proxy"))
    })
}
