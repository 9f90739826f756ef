//! Connects through proxies.

use std::{
    fmt,
    future::{Ready, ready},
    io,
    net::IpAddr,
    pin::pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{HeaderValue, Request, StatusCode, Uri, header};
use hyper::client::conn::http1;
use hyper_util::{
    client::legacy::connect::proxy::{SocksV4, SocksV5},
    rt::TokioIo,
};
use tokio::net::TcpStream;
use tower_service::Service;
use w3pin_core::{Error, ErrorKind, Result};

use super::{
    body::Body,
    proxy::Via,
    resolve::{bare, resolve},
    stream::Stream,
};

/// Asks the HTTP proxy at the other end of `stream` for a tunnel to `to`, which includes a port.
pub(super) async fn http(
    stream: Stream,
    proxy: &Via,
    to: &Uri,
    user_agent: &HeaderValue,
) -> Result<Stream> {
    let mut request = Request::connect(authority(to))
        .body(Body::Bytes(Bytes::new()))
        .map_err(|_| unusable(to))?;
    let headers = request.headers_mut();
    let host = HeaderValue::from_str(authority(to)).map_err(|_| unusable(to))?;
    headers.insert(header::HOST, host);
    headers.insert(header::USER_AGENT, user_agent.clone());
    if let Some(authorization) = proxy.authorization() {
        headers.insert(header::PROXY_AUTHORIZATION, authorization.clone());
    }
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|cause| broken(proxy, &cause))?;
    let mut tunnel = pin!(connection.without_shutdown());
    let mut opened = None;
    let response = {
        let mut response = pin!(sender.send_request(request));
        loop {
            tokio::select! {
                biased;
                response = &mut response => break response,
                parts = &mut tunnel, if opened.is_none() => opened = Some(parts),
            }
        }
    };
    let status = response.map_err(|cause| broken(proxy, &cause))?.status();
    if !status.is_success() {
        return Err(refused(proxy, status));
    }
    let opened = match opened {
        Some(parts) => parts,
        None => tunnel.await,
    };
    let parts = opened.map_err(|cause| broken(proxy, &cause))?;
    if parts.read_buf.is_empty() {
        Ok(parts.io.into_inner())
    } else {
        Err(broken(
            proxy,
            &"it sent something other than an HTTP response",
        ))
    }
}

/// Asks the SOCKS proxy at the other end of `stream` for a connection to `to`, which includes a
/// port.
pub(super) async fn socks(stream: TcpStream, proxy: &Via, to: &Uri) -> Result<TcpStream> {
    let here = Uri::from_static("socks://proxy");
    let stream = Tunnel(Some(TokioIo::new(stream)));
    let connected = match proxy.scheme() {
        "socks4" | "socks4a" => {
            let to = if proxy.scheme() == "socks4" {
                &resolved(to, false).await?
            } else {
                to
            };
            let mut socks = SocksV4::new(here, stream);
            socks
                .call(to.clone())
                .await
                .map_err(|cause| cause.to_string())
        }
        scheme => {
            let to = if scheme == "socks5" {
                &resolved(to, true).await?
            } else {
                to
            };
            let mut socks = SocksV5::new(here, stream);
            if let Some((user, password)) = proxy.credentials() {
                socks = socks.with_auth(user.to_owned(), password.to_owned());
            }
            socks
                .call(to.clone())
                .await
                .map_err(|cause| cause.to_string())
        }
    };
    connected.map(TokioIo::into_inner).map_err(|cause| {
        let cause = cause.strip_prefix("SOCKS error: ").unwrap_or(&cause);
        Error::new(
            ErrorKind::Transport,
            format!("the proxy {proxy} couldn't connect ({cause}); check the proxy and its rules"),
        )
    })
}

/// Replaces the host name in an address by its IP address.
async fn resolved(to: &Uri, ipv6: bool) -> Result<Uri> {
    let host = to.host().unwrap_or_default();
    let port = to.port_u16().unwrap_or_default();
    if bare(host).parse::<IpAddr>().is_ok() {
        return Ok(to.clone());
    }
    let addresses = resolve(host).await.map_err(|cause| {
        Error::new(
            ErrorKind::Transport,
            format!("the service's host {host} can't be found ({cause})"),
        )
        .with_source(cause)
    })?;
    let address = addresses
        .into_iter()
        .find(|address| ipv6 || address.is_ipv4());
    let Some(mut address) = address else {
        return Err(Error::new(
            ErrorKind::Transport,
            format!("the service's host {host} has no address that the proxy can reach"),
        ));
    };
    address.set_port(port);
    format!("https://{address}/")
        .parse()
        .map_err(|_| unusable(to))
}

fn authority(to: &Uri) -> &str {
    to.authority().map_or("", |authority| authority.as_str())
}

/// Returns the error for a refused tunnel, or for a proxy that requires authentication.
pub(super) fn refused(proxy: &Via, status: StatusCode) -> Error {
    let advice = match status {
        StatusCode::PROXY_AUTHENTICATION_REQUIRED => {
            "check the user name and password of the proxy"
        }
        _ if status.is_server_error() => "it may not reach the service",
        _ => "its rules may not allow this",
    };
    Error::new(
        ErrorKind::Transport,
        format!("the proxy {proxy} refused the connection ({status}); {advice}"),
    )
    .with_status(status)
    .with_retryable(status.is_server_error())
}

fn broken(proxy: &Via, cause: &(impl fmt::Display + ?Sized)) -> Error {
    Error::new(
        ErrorKind::Transport,
        format!("the connection to the proxy {proxy} broke ({cause})"),
    )
}

fn unusable(to: &Uri) -> Error {
    Error::invalid_input("endpoint", format!("{to} can't be reached through a proxy"))
}

/// Presents an existing connection as a connector.
struct Tunnel(Option<TokioIo<TcpStream>>);

impl Service<Uri> for Tunnel {
    type Response = TokioIo<TcpStream>;
    type Error = io::Error;
    type Future = Ready<io::Result<Self::Response>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        ready(
            self.0
                .take()
                .ok_or_else(|| io::ErrorKind::NotConnected.into()),
        )
    }
}
