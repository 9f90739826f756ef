//! A cursor over the account's pins, since streams can't cross.

use std::sync::Arc;

use tokio::sync::Mutex;

use crate::{
    cancel::{CancelToken, Open, Stops},
    error::Failure,
    pin::{PinRecord, UnreadableRecord},
};

/// Reads the account's pins page by page.
#[derive(uniffi::Object)]
pub struct PinCursor {
    listing: Arc<Mutex<Listing>>,
    client: Open,
}

struct Listing {
    pins: w3pin::Pins,
    /// How many unreadable entries have been returned.
    given: usize,
}

/// Some pins of a listing.
#[derive(Clone, Debug, uniffi::Record)]
pub struct ListedPins {
    /// At least one, except at the end of the listing.
    pub pins: Vec<PinRecord>,
    /// Unreadable entries among and before them that haven't been returned yet.
    pub unreadable: Vec<UnreadableRecord>,
}

impl PinCursor {
    pub(crate) fn new(pins: w3pin::Pins, client: Open) -> Arc<Self> {
        let listing = Listing { pins, given: 0 };
        Arc::new(Self {
            listing: Arc::new(Mutex::new(listing)),
            client,
        })
    }
}

#[uniffi::export]
impl PinCursor {
    /// Returns the next pins; none after the last.
    pub async fn next(&self, cancel: Option<Arc<CancelToken>>) -> Result<ListedPins, Failure> {
        let stops = Stops::of(self.client.clone(), cancel);
        let listing = Arc::clone(&self.listing);
        let next = async move { listing.lock().await.next().await };
        stops.run(next).await
    }
}

impl Listing {
    async fn next(&mut self) -> w3pin::Result<ListedPins> {
        let pins = self.pins.next_page().await.transpose()?.unwrap_or_default();
        let unreadable = self.pins.unreadable();
        let new = unreadable.get(self.given..).unwrap_or_default();
        let new = new.iter().map(UnreadableRecord::from).collect();
        self.given = unreadable.len();
        Ok(ListedPins {
            pins: pins.into_iter().map(PinRecord::from).collect(),
            unreadable: new,
        })
    }
}
