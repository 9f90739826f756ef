//! Uploads sent by another HTTP stack.

use bytes::Bytes;
use http::{Request, Response};
use serde::{Deserialize, Serialize};

use super::{
    content::Content,
    existing,
    port::Port,
    session::Session,
    upload::{UploadOptions, already_pinned, operation},
};
use crate::{
    Computed, ErrorKind, FilePart, Metadata, Multipart, Operation, Pin, Result, Sent, Verify,
    decisions::existing::Wants, wire::operation::pin,
};

/// The state of a prepared upload to keep until its response arrives, possibly in another run of
/// the program. It contains no keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreparedUpload {
    computed: Vec<Computed>,
    metadata: Metadata,
    verify: Verify,
}

impl PreparedUpload {
    /// Creates the state of an upload of content with these roots, the expected one first.
    #[must_use]
    pub fn new(computed: Vec<Computed>, options: &UploadOptions) -> Self {
        Self {
            computed,
            metadata: options.metadata.clone(),
            verify: options.verify,
        }
    }

    /// Returns the root of the content under each profile, the expected one first.
    #[must_use]
    pub fn computed(&self) -> &[Computed] {
        &self.computed
    }
}

pub(crate) fn prepare(
    session: &Session,
    parts: Vec<FilePart>,
    options: &UploadOptions,
    entropy: [u8; 16],
) -> Result<Request<Multipart>> {
    session.endpoint().api().require_uploads()?;
    let (upload, _) = operation(parts, options, entropy)?;
    let request = upload.prepare(session.endpoint(), session.credentials())?;
    Ok(request.map(|_| upload.plan))
}

pub(crate) async fn finish<I>(
    port: Port<I>,
    session: Session,
    upload: PreparedUpload,
    response: Response<Bytes>,
) -> Result<Pin> {
    session.endpoint().api().require_uploads()?;
    let mut content = Content::prepared(upload.computed, upload.verify);
    let (parts, body) = response.into_parts();
    match pin(Response::from_parts(parts, &body[..])) {
        Ok(pin) => content.judge(&port, pin).await,
        Err(error) if error.kind() == ErrorKind::AlreadyPinned => {
            let cids = content.cids(&port).await?;
            let pin = existing::any(
                &session,
                &port,
                cids,
                Wants::Content,
                &upload.metadata,
                error,
            )
            .await?;
            content.judge(&port, already_pinned(pin)).await
        }
        // The upload was sent completely, so its outcome is unknown if the response is
        // inconclusive.
        Err(error) if Sent::Everything.may_have_acted(&error) => {
            Err(error.redacted(session.credentials()).with_unknown_outcome())
        }
        Err(error) => Err(error.redacted(session.credentials())),
    }
}
