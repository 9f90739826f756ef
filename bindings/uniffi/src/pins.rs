//! A cursor over the account's pins, as streams don't cross.

use std::sync::Arc;

use tokio::sync::Mutex;

use crate::{
    cancel::{CancelToken, Open, Stops},
    error::Failure,
    pin::PinRecord,
};

/// Reads the account's pins page by page.
#[derive(uniffi::Object)]
pub struct PinCursor {
    pins: Arc<Mutex<w3pin::Pins>>,
    client: Open,
}

impl PinCursor {
    pub(crate) fn new(pins: w3pin::Pins, client: Open) -> Arc<Self> {
        let pins = Arc::new(Mutex::new(pins));
        Arc::new(Self { pins, client })
    }
}

#[uniffi::export]
impl PinCursor {
    /// The next pins, which are at least one; none after the last.
    pub async fn next_page(
        &self,
        cancel: Option<Arc<CancelToken>>,
    ) -> Result<Option<Vec<PinRecord>>, Failure> {
        let client = Some(self.client.clone());
        let stops = Stops {
            token: cancel,
            client,
        };
        let pins = Arc::clone(&self.pins);
        let page = async move { pins.lock().await.next_page().await.transpose() };
        let page = stops.run(page).await?;
        Ok(page.map(|pins| pins.into_iter().map(PinRecord::from).collect()))
    }
}
