//! A cursor over the account's pins, as streams don't cross.

use std::sync::Arc;

use tokio::sync::Mutex;

use crate::{
    cancel::{CancelToken, until_cancelled},
    error::Failure,
    pin::PinRecord,
};

/// Reads the account's pins page by page.
#[derive(uniffi::Object)]
pub struct PinCursor(Mutex<w3pin::Pins>);

impl PinCursor {
    pub(crate) fn new(pins: w3pin::Pins) -> Arc<Self> {
        Arc::new(Self(Mutex::new(pins)))
    }
}

#[uniffi::export]
impl PinCursor {
    /// The next pins, which are at least one; none after the last.
    pub async fn next_page(
        &self,
        cancel: Option<Arc<CancelToken>>,
    ) -> Result<Option<Vec<PinRecord>>, Failure> {
        let page = async { self.0.lock().await.next_page().await.transpose() };
        let page = until_cancelled(cancel, page).await?;
        Ok(page.map(|pins| pins.into_iter().map(PinRecord::from).collect()))
    }
}
