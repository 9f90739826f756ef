//! Pins content that is already on IPFS.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use super::{
    attempts::Attempts, content::Content, create::create, existing, port::Port, session::Session,
    upload::already_pinned,
};
use crate::{
    Api, Cid, Error, ErrorKind, ExistingPins, Metadata, Pin, PinByCid, Result, RetryPolicy,
    decisions::{existing::Wants, search::Made},
};

/// The options of pinning content that is already on IPFS.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct PinByCidOptions {
    /// The name shown in listings, and key-values to find the pin by.
    pub metadata: Metadata,
    /// Whether to return the existing pin if the account has already pinned the content.
    pub skip_if_pinned: bool,
    /// The account's pins, if they were listed for a batch of calls.
    pub existing: Option<Arc<ExistingPins>>,
    /// The time limit of the whole call, retries included; the client's call timeout unless set.
    pub timeout: Option<Duration>,
    /// The retry policy of this call; the client's unless set.
    pub retry: Option<RetryPolicy>,
}

impl PinByCidOptions {
    /// Returns the defaults: no name and no key-values.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the name shown in listings.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.metadata.name = Some(name.into());
        self
    }

    /// Adds a key-value to find the pin by.
    #[must_use]
    pub fn keyvalue(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.keyvalues.insert(key.into(), value.into());
        self
    }

    /// Sets all key-values.
    #[must_use]
    pub fn keyvalues(mut self, keyvalues: BTreeMap<String, String>) -> Self {
        self.metadata.keyvalues = keyvalues;
        self
    }

    /// Sets whether to return the existing pin if the account has already pinned the content.
    #[must_use]
    pub fn skip_if_pinned(mut self, skip: bool) -> Self {
        self.skip_if_pinned = skip;
        self
    }

    /// Sets the time limit of the whole call.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sets the retry policy of this call.
    #[must_use]
    pub fn retry(mut self, retry: RetryPolicy) -> Self {
        self.retry = Some(retry);
        self
    }
}

pub(crate) async fn pin_by_cid<I>(
    port: Port<I>,
    session: Session,
    cid: Cid,
    options: PinByCidOptions,
) -> Result<Pin> {
    let operation = PinByCid::new(cid.clone()).metadata(options.metadata.clone())?;
    let cids = vec![cid.clone()];
    if options.skip_if_pinned {
        let found = match &options.existing {
            Some(existing) => existing.find(&cids).cloned(),
            None => {
                existing::recent(&session, &port, cids.clone(), Wants::Pin, &options.metadata)
                    .await?
            }
        };
        if let Some(pin) = found {
            return Ok(already_pinned(pin));
        }
    }
    let mut made = Made {
        cids: cids.clone(),
        mark: None,
        name: match session.endpoint().api() {
            Api::W3ipfs => None,
            Api::PinningService => options.metadata.name.clone(),
        },
        keyvalues: BTreeMap::new(),
    };
    let mut content = Content::named(cid.clone());
    let mut attempts = Attempts::new(&port, session.policy(options.retry.as_ref()))?;
    match create(&session, &mut attempts, &operation, &mut content, &mut made).await {
        Err(error) if error.kind() == ErrorKind::AlreadyPinned => {
            let pin =
                existing::any(&session, &port, cids, Wants::Pin, &options.metadata, error).await?;
            Ok(already_pinned(pin))
        }
        Ok(pin) if !pin.cid.same_content(&cid) => {
            let reason = format!("the service pinned {} instead of {cid}", pin.cid);
            Err(Error::cid_mismatch(reason, cid, pin.cid))
        }
        result => result,
    }
}
