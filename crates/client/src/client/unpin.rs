//! Unpinning content.

use w3pin_core::{Effect, ErrorKind, Operation, Result, Unpin};

use super::Inner;
use crate::{
    call::{Attempt, Limits, Plain},
    transport::Failed,
};

pub(super) async fn unpin(client: &Inner, operation: &Unpin) -> Result<()> {
    let limits = Limits::new(&client.retry, Some(client.call_timeout));
    let mut attempt = Unpinning {
        plain: Plain { client, operation },
        may_be_done: false,
    };
    limits.within(limits.persevere(&mut attempt)).await
}

struct Unpinning<'a> {
    plain: Plain<'a, Unpin>,
    /// Whether an earlier try may have unpinned it.
    may_be_done: bool,
}

impl Attempt for Unpinning<'_> {
    type Output = ();
    const NAME: &'static str = Unpin::NAME;
    const EFFECT: Effect = Unpin::EFFECT;

    async fn send(&mut self) -> Result<(), Failed> {
        match self.plain.send().await {
            Ok(_) => Ok(()),
            Err(failed) if self.may_be_done && failed.error.kind() == ErrorKind::NotFound => Ok(()),
            Err(failed) => {
                self.may_be_done |= failed.sent.may_have_acted(&failed.error);
                Err(failed)
            }
        }
    }
}
