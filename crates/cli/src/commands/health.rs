//! `w3pin health`

use std::{io, net::SocketAddr, time::Duration};

use http::{Request, StatusCode, header};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::{body::Bytes, client::conn::http1};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::{args::Health, failure::Failure, output::Output};

const TIME_LIMIT: Duration = Duration::from_secs(10);
/// The longest response that is read, in bytes.
const LONGEST: usize = 4096;

pub(crate) async fn run(health: &Health, output: &Output) -> Result<(), Failure> {
    let address = health.address;
    let failed = |reason: &dyn std::fmt::Display| {
        let reason = format!("the server at {address} isn't healthy: {reason}");
        Failure::System(io::Error::other(reason))
    };
    let asked = tokio::time::timeout(TIME_LIMIT, ask(address));
    let Ok(response) = asked.await else {
        let seconds = TIME_LIMIT.as_secs();
        return Err(failed(&format!("it hasn't responded within {seconds} s")));
    };
    let (status, text) = response.map_err(|cause| failed(&cause))?;
    if status != StatusCode::OK {
        return Err(failed(&format!("it responds with {status} {text}")));
    }
    if output.is_json() {
        output.document(&serde_json::json!({ "address": address, "healthy": true }));
    } else {
        output.line(&format!("the server at {address} is healthy"));
    }
    Ok(())
}

/// Returns the status of `/health`, and the message in its body.
async fn ask(
    address: SocketAddr,
) -> Result<(StatusCode, String), Box<dyn std::error::Error + Send + Sync>> {
    let connection = TcpStream::connect(address).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(connection)).await?;
    let connection = tokio::spawn(connection);
    let request = Request::get("/health")
        .header(header::HOST, address.to_string())
        .body(Empty::<Bytes>::new())?;
    let response = sender.send_request(request).await?;
    let status = response.status();
    let body = Limited::new(response.into_body(), LONGEST).collect().await;
    connection.abort();
    let body: serde_json::Value = serde_json::from_slice(&body?.to_bytes()).unwrap_or_default();
    let message = body["message"].as_str().unwrap_or_default();
    Ok((status, message.to_owned()))
}
