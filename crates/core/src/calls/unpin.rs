//! Removes a pin.

use super::{attempts::Attempts, port::Port, session::Session};
use crate::{ErrorKind, PinId, Result, Unpin};

pub(crate) async fn unpin<I>(port: Port<I>, session: Session, id: PinId) -> Result<()> {
    let operation = Unpin::new(id);
    let mut attempts = Attempts::new(&port, session.retry_policy().clone())?;
    let mut may_be_unpinned = false;
    loop {
        let (Err(failed), _) = session.attempt(&mut attempts, &operation, &[]).await else {
            return Ok(());
        };
        // An earlier attempt whose response was lost has removed it.
        if may_be_unpinned && failed.error.kind() == ErrorKind::NotFound {
            return Ok(());
        }
        may_be_unpinned |= failed.may_have_acted();
        attempts.again(failed.idempotent(), true).await?;
    }
}
