//! Uploads that another HTTP stack sends.

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

/// What is to be remembered of a prepared upload until its response comes, maybe in another run of the
/// program. No key is in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreparedUpload {
    computed: Vec<Computed>,
    metadata: Metadata,
    verify: Verify,
}

impl PreparedUpload {
    /// An upload of content with these roots, the expected one first.
    #[must_use]
    pub fn new(computed: Vec<Computed>, options: &UploadOptions) -> Self {
        Self {
            computed,
            metadata: options.metadata.clone(),
            verify: options.verify,
        }
    }

    /// The roots that the content has under each profile, the expected one first.
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
        // It was sent whole, so what it came to is open where the response doesn't tell.
        Err(error) if Sent::Everything.may_have_acted(&error) => {
            Err(error.redacted(session.credentials()).with_unknown_outcome())
        }
        Err(error) => Err(error.redacted(session.credentials())),
    }
}
