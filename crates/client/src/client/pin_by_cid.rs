//! Pinning content that is on IPFS already.

use time::OffsetDateTime;
use w3pin_core::{Cid, Effect, ErrorKind, Operation, Pin, PinByCid, PinSearch, Result};

use super::Inner;
use crate::{
    PinByCidOptions,
    call::{Attempt, Limits, Plain},
    transport::Failed,
};

pub(super) async fn pin_by_cid(
    client: &Inner,
    cid: &Cid,
    options: &PinByCidOptions,
) -> Result<Pin> {
    let operation = PinByCid::new(cid.clone()).metadata(options.metadata.clone())?;
    let retry = options.retry.as_ref().unwrap_or(&client.retry);
    let limits = Limits::new(retry, options.timeout.or(Some(client.call_timeout)));
    limits
        .within(async {
            let search =
                || PinSearch::new(vec![cid.clone()]).keyvalues(&options.metadata.keyvalues);
            if options.skip_if_pinned
                && let Some(pin) = client.find_existing(search()).await?
            {
                return Ok(pin);
            }
            let mut attempt = Pinning {
                plain: Plain {
                    client,
                    operation: &operation,
                },
                began: OffsetDateTime::now_utc(),
            };
            match limits.persevere(&mut attempt).await {
                Err(error) if error.kind() == ErrorKind::AlreadyPinned => {
                    client.find_existing(search()).await?.ok_or(error)
                }
                result => result,
            }
        })
        .await
}

struct Pinning<'a> {
    plain: Plain<'a, PinByCid>,
    began: OffsetDateTime,
}

impl Attempt for Pinning<'_> {
    type Output = Pin;
    const NAME: &'static str = PinByCid::NAME;
    const EFFECT: Effect = PinByCid::EFFECT;

    async fn send(&mut self) -> Result<Pin, Failed> {
        self.plain.send().await
    }

    async fn reconcile(&mut self) -> Result<Option<Pin>> {
        let search = PinSearch::new(vec![self.plain.operation.cid.clone()]).since(self.began);
        self.plain.client.find(search).await
    }
}

impl Inner {
    /// The pin that was there before the call.
    pub(crate) async fn find_existing(&self, search: PinSearch) -> Result<Option<Pin>> {
        let pin = self.find(search).await?;
        Ok(pin.map(|mut pin| {
            pin.already_pinned = true;
            pin
        }))
    }
}
