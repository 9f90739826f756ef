//! Pins the body of a POST while it arrives, and answers GET /CID[/PATH] with proved content: `web-handler [PORT]`

use std::{env, error::Error, io};

use axum::{
    Router,
    body::Body,
    extract::{Path, State},
    http::StatusCode,
    routing,
};
use futures_util::TryStreamExt;
use tokio::net::TcpListener;
use w3pin::{ByteStream, Client, ErrorKind, PinOptions, ReadOptions, Retriever, Verify};

type Failure = (StatusCode, String);

async fn upload(State(client): State<Client>, body: Body) -> Result<(StatusCode, String), Failure> {
    let stream = ByteStream::new(body.into_data_stream().map_err(io::Error::other));
    let options = PinOptions::new().name("upload").verify(Verify::Require);
    let pin = client.pin_stream(stream, options).await.map_err(failure)?;
    Ok((StatusCode::CREATED, format!("{}\n", pin.cid)))
}

async fn content(
    State(retriever): State<Retriever>,
    Path(path): Path<String>,
) -> Result<Body, Failure> {
    let path = path.parse().map_err(failure)?;
    // After the first byte, an error can only abort the response.
    retriever.resolve(&path).await.map_err(failure)?;
    Ok(Body::from_stream(
        retriever.stream(&path, ReadOptions::new()),
    ))
}

fn failure(error: w3pin::Error) -> Failure {
    let status = match error.kind() {
        ErrorKind::InvalidInput => StatusCode::BAD_REQUEST,
        ErrorKind::NotFound => StatusCode::NOT_FOUND,
        _ => StatusCode::BAD_GATEWAY,
    };
    (status, format!("{error}\n"))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let port = env::args().nth(1).map_or(Ok(8080), |port| port.parse())?;

    let client = Client::from_env()?;
    let retriever = client.retriever();
    let app = Router::new()
        .route("/", routing::post(upload).with_state(client))
        .route("/{*path}", routing::get(content).with_state(retriever));

    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}
