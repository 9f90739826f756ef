//! All pins, page by page.

use std::sync::Arc;

use napi::Env;
use napi_derive::napi;
use tokio::sync::Mutex;
use w3pin::{Pins, UnreadablePin};

use crate::{
    calls::NativeCalls,
    results::{self, Show},
};

/// A listing in progress.
#[napi]
pub struct NativePins {
    pins: Arc<Mutex<Pins>>,
}

impl NativePins {
    pub(crate) fn new(pins: Pins) -> Self {
        Self {
            pins: Arc::new(Mutex::new(pins)),
        }
    }
}

#[napi]
impl NativePins {
    /// Returns the pins of the next page, or nothing at the end, with all unreadable entries so
    /// far.
    #[napi]
    pub fn next_page(&self, env: &Env, calls: &NativeCalls, call: u32) -> napi::Result<()> {
        let pins = Arc::clone(&self.pins);
        let work = async move {
            let mut pins = pins.lock().await;
            let page = pins.next_page().await.transpose()?;
            Ok(Found {
                pins: page.map(results::Pins),
                unreadable: pins.unreadable().to_vec(),
            })
        };
        calls.start_here(env, call, work)
    }
}

struct Found {
    pins: Option<results::Pins>,
    unreadable: Vec<UnreadablePin>,
}

impl Show for Found {
    type Shown = (Option<results::Pins>, <Vec<UnreadablePin> as Show>::Shown);

    fn show(self) -> Self::Shown {
        (self.pins, self.unreadable.show())
    }
}
