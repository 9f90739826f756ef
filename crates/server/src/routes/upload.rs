use std::{sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::{Request, State},
    response::Response,
};
use bytes::BytesMut;
use http::{StatusCode, header};
use tokio::{sync::mpsc, task::JoinError};
use tracing::Instrument;

use super::{caller::Caller, pin_view::PinView};
use crate::{
    app::App,
    body::BodyReader,
    connections::Peer,
    envelope::{Refusal, success},
    multipart::{MultipartError, MultipartLimits, MultipartReader},
};

mod ingest;

use self::ingest::{Arrival, ingest};

/// The number of pieces of a body that may be queued.
const QUEUE: usize = 4;
/// Smaller pieces are combined with those that follow: a client may send one byte at a time.
const TINY: usize = 4 << 10;
/// When an upload that was aborted to make room may be retried.
const RETRY: Duration = Duration::from_secs(5);

/// `POST /`: pins a file or a folder.
pub(super) async fn upload(
    caller: Caller,
    State(app): State<Arc<App>>,
    request: Request,
) -> Result<Response, Refusal> {
    let (parts, body) = request.into_parts();
    let reader = reader(&app, &parts.headers)?;
    let length = body_length(&body);
    if let Some(limit) = app.limits.upload_bytes
        && length > limit
    {
        return Err(too_long(limit));
    }
    app.require_free_disk(length)?;
    let pace = Peer::pace_of(&parts.extensions, &app.limits);
    let upload = Arc::new(app.uploads.begin(caller.party(), Arc::clone(&pace)).await);
    let mut body = BodyReader::new(body, pace);
    let (sender, arrivals) = mpsc::channel(QUEUE);
    let kept = Arc::clone(&upload);
    let taking = Arc::clone(&app);
    let mut ingested = tokio::spawn(
        async move {
            // The client may disconnect; the upload counts until everything it received is removed.
            let _kept = kept;
            let party = caller.party();
            let content = taking
                .work(party, move |app, effort| {
                    ingest(app, party, reader, arrivals, effort)
                })
                .await?;
            let commit = move |app: &App| content.commit(app, caller.account);
            taking.write(party, commit).await
        }
        .in_current_span(),
    );
    let ended = |record: Result<_, JoinError>| {
        record.unwrap_or_else(|cause| Err(Refusal::internal(&cause)))
    };
    // The import can end before the body does, usually by refusing it.
    let record = tokio::select! {
        record = &mut ingested => ended(record)?,
        sent = send(&app, &mut body, sender) => {
            let record = ended(ingested.await);
            sent?;
            record?
        }
        () = upload.cut() => {
            let message = "the upload was too slow while others were waiting";
            let refusal = Refusal::new(StatusCode::REQUEST_TIMEOUT, message);
            return Err(refusal.retry_after(RETRY));
        }
    };
    Ok(success(StatusCode::CREATED, PinView::as_accepted(&record)))
}

/// Passes the body on piece by piece, of which only the last may be tiny. On an error the channel
/// closes without an end, so that nothing is kept.
async fn send(
    app: &App,
    body: &mut BodyReader,
    sender: mpsc::Sender<Arrival>,
) -> Result<(), Refusal> {
    let mut received = 0;
    let mut gathered = BytesMut::new();
    while let Some(bytes) = body.next().await? {
        received += bytes.len() as u64;
        if let Some(limit) = app.limits.upload_bytes
            && received > limit
        {
            return Err(too_long(limit));
        }
        let piece = if gathered.is_empty() && bytes.len() >= TINY {
            bytes
        } else {
            gathered.extend_from_slice(&bytes);
            if gathered.len() < TINY {
                continue;
            }
            gathered.split().freeze()
        };
        if sender.send(Arrival::Bytes(piece)).await.is_err() {
            return Ok(());
        }
    }
    if !gathered.is_empty() {
        let _ = sender.send(Arrival::Bytes(gathered.freeze())).await;
    }
    let _ = sender.send(Arrival::End).await;
    Ok(())
}

fn reader(app: &App, headers: &http::HeaderMap) -> Result<MultipartReader, Refusal> {
    let limits = MultipartLimits {
        parts: app.limits.parts,
        header_bytes: app.limits.part_header_bytes,
    };
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let reader = content_type
        .ok_or(MultipartError::ContentType)
        .and_then(|content_type| MultipartReader::new(content_type, limits))?;
    Ok(reader)
}

fn body_length(body: &Body) -> u64 {
    http_body::Body::size_hint(body).lower()
}

fn too_long(limit: u64) -> Refusal {
    Refusal::too_large(format!("the upload exceeds the limit of {limit} bytes"))
}
