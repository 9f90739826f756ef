use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::{Request, client::conn::http1};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::{Task, cannot, repeat, runtime, std_socket::Origin};
use crate::{Result, measure::Figures, sink::PIN_ID};

type Connection = http1::SendRequest<Empty<Bytes>>;

pub(super) fn run(task: &Task) -> Result<Figures> {
    runtime()?.block_on(async {
        match task {
            Task::Calls {
                url,
                count,
                concurrency,
            } => {
                let origin: Origin = url.parse()?;
                calls(&origin, *count, *concurrency).await
            }
            _ => cannot(),
        }
    })
}

async fn calls(origin: &Origin, count: usize, concurrency: usize) -> Result<Figures> {
    let mut chains = Vec::new();
    for _ in 0..concurrency {
        let stream = TcpStream::connect(&origin.address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        chains.push((sender, origin.clone()));
    }
    repeat(
        count,
        chains,
        async |(mut sender, origin): (Connection, Origin)| {
            let request = Request::get(format!("{}/{PIN_ID}", origin.path))
                .header("host", &origin.address)
                .header("pinning_api_key", "key")
                .header("pinning_secret_key", "secret")
                .body(Empty::new())?;
            sender.ready().await?;
            let answer = sender.send_request(request).await?;
            answer.into_body().collect().await?;
            Ok((sender, origin))
        },
    )
    .await
}
