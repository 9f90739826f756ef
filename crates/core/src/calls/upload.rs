//! Pins content by uploading it.

use std::{sync::Arc, time::Duration};

use w3pin_unixfs::Profile;

use super::{
    attempts::Attempts, content::Content, create::create, existing, port::Port, session::Session,
};
use crate::{
    Boundary, Cid, Error, ErrorKind, ExistingPins, FilePart, Metadata, Pin, Result, RetryPolicy,
    Upload, Verify,
    decisions::{existing::Wants, search::Made},
    values::metadata::ATTEMPT,
};

/// The options of an upload.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct UploadOptions {
    /// The name shown in listings, and key-values to find the pin by.
    pub metadata: Metadata,
    /// The profile that the service is expected to use.
    pub profile: Profile,
    /// How much proof to require that the service pinned what was sent.
    pub verify: Verify,
    /// Whether to send nothing and return the existing pin if the account has already pinned the
    /// content.
    pub skip_if_pinned: bool,
    /// The account's pins, if they were listed for a batch of calls.
    pub existing: Option<Arc<ExistingPins>>,
    /// Whether to omit the key-value that marks the attempt.
    pub unmarked: bool,
    /// The time limit of the whole call; none unless set.
    pub timeout: Option<Duration>,
    /// The retry policy of the call; the session's unless set.
    pub retry: Option<RetryPolicy>,
}

pub(crate) async fn upload<I>(
    port: Port<I>,
    session: Session,
    parts: Vec<FilePart>,
    repeatable: bool,
    options: UploadOptions,
    entropy: [u8; 16],
) -> Result<Pin> {
    session.endpoint().api().require_uploads()?;
    if options.skip_if_pinned && !repeatable {
        return Err(Error::invalid_input(
            "skip_if_pinned",
            "a stream can be read only once, so its content can't be searched for before it is sent; \
             pin a file or bytes instead",
        ));
    }
    let (operation, mark) = operation(parts, &options, entropy)?;
    let content = Content::sent(
        operation.plan.clone(),
        options.profile,
        options.verify,
        repeatable,
    );
    send(&port, &session, operation, mark, content, options).await
}

/// Sends a CAR, if the service accepts them.
pub(crate) async fn upload_car<I>(
    port: Port<I>,
    session: Session,
    part: FilePart,
    root: Cid,
    options: UploadOptions,
    entropy: [u8; 16],
) -> Result<Pin> {
    session.endpoint().api().require_uploads()?;
    let (metadata, mark) = marked(&options, entropy)?;
    let boundary = Boundary::from_entropy(entropy);
    let operation = Upload::car(part, root, &metadata, boundary)?;
    session.policy(options.retry.as_ref()).check()?;
    if !session.takes_cars(&port).await? {
        let endpoint = session.endpoint();
        let reason = format!(
            "the service at {endpoint} doesn't accept CARs; unpack it, for example with `w3pin car unpack`, and pin its \
             content, or use a server that accepts them, such as `w3pin serve`"
        );
        return Err(Error::invalid_input("endpoint", reason));
    }
    let content = Content::car(operation.plan.clone(), options.verify);
    send(&port, &session, operation, mark, content, options).await
}

async fn send<I>(
    port: &Port<I>,
    session: &Session,
    operation: Upload,
    mark: Option<Box<str>>,
    mut content: Content,
    options: UploadOptions,
) -> Result<Pin> {
    if options.skip_if_pinned {
        let cids = content.cids(port).await?;
        let found = match &options.existing {
            Some(existing) => existing
                .find(&cids)
                .filter(|pin| pin.has_content())
                .cloned(),
            None => {
                existing::recent(session, port, cids, Wants::Content, &options.metadata).await?
            }
        };
        if let Some(pin) = found {
            return content.judge(port, already_pinned(pin)).await;
        }
    }

    let file_name = operation
        .plan
        .parts()
        .first()
        .map(|part| part.name().root());
    let mut made = Made {
        cids: Vec::new(),
        mark,
        name: options
            .metadata
            .name
            .clone()
            .or(file_name.map(str::to_owned)),
        keyvalues: options.metadata.keyvalues.clone(),
    };
    let mut attempts = Attempts::new(port, session.policy(options.retry.as_ref()))?;
    match create(session, &mut attempts, &operation, &mut content, &mut made).await {
        Ok(pin) => content.judge(port, pin).await,
        Err(error) if error.kind() == ErrorKind::AlreadyPinned => {
            let cids = content.cids(port).await?;
            let pin = existing::any(
                session,
                port,
                cids,
                Wants::Content,
                &options.metadata,
                error,
            )
            .await?;
            content.judge(port, already_pinned(pin)).await
        }
        Err(error) => Err(error),
    }
}

/// Returns the request and its mark.
pub(crate) fn operation(
    parts: Vec<FilePart>,
    options: &UploadOptions,
    entropy: [u8; 16],
) -> Result<(Upload, Option<Box<str>>)> {
    let (metadata, mark) = marked(options, entropy)?;
    let operation = Upload::new(parts, &metadata, Boundary::from_entropy(entropy))?;
    Ok((operation, mark))
}

/// Returns the metadata with the mark of the attempt, and that mark.
fn marked(options: &UploadOptions, entropy: [u8; 16]) -> Result<(Metadata, Option<Box<str>>)> {
    options.metadata.check_own()?;
    let mut metadata = options.metadata.clone();
    let mark = (!options.unmarked).then(|| format!("{:032x}", u128::from_be_bytes(entropy)));
    if let Some(mark) = &mark {
        metadata.keyvalues.insert(ATTEMPT.to_owned(), mark.clone());
    }
    Ok((metadata, mark.map(String::into_boxed_str)))
}

pub(crate) fn already_pinned(mut pin: Pin) -> Pin {
    pin.already_pinned = true;
    pin
}
