//! All of the account's pins, one after another.

use std::{
    fmt,
    pin::Pin as Pinned,
    task::{Context, Poll, ready},
    vec,
};

use futures_util::Stream;
use w3pin_core::{ListPins, Page, Pager, Pin, Result};

use crate::Client;

/// The account's pins, read page by page as they are asked for. Made by [`Client::pins`].
///
/// Pins that come and go meanwhile don't make it give one twice. After an error it ends.
///
/// ```no_run
/// # async fn list(client: w3pin::Client) -> w3pin::Result<()> {
/// use w3pin::{ListPins, PinnedFilter};
///
/// let mut pins = client.pins(ListPins::new().pinned(PinnedFilter::Pinned).limit(100)?);
/// while let Some(pin) = pins.next().await {
///     println!("{}", pin?.cid);
/// }
/// # Ok(())
/// # }
/// ```
#[must_use]
pub struct Pins {
    client: Client,
    pager: Pager,
    page: vec::IntoIter<Pin>,
    reading: Option<Reading>,
    failed: bool,
}

type Reading = Pinned<Box<dyn Future<Output = Result<Page>> + Send>>;

impl Pins {
    pub(crate) fn new(client: Client, list: ListPins) -> Self {
        Self {
            client,
            pager: Pager::new(list),
            page: Vec::new().into_iter(),
            reading: None,
            failed: false,
        }
    }

    /// The next pin, until there are no more.
    ///
    /// # Errors
    /// As [`Client::list_pins`].
    pub async fn next(&mut self) -> Option<Result<Pin>> {
        std::future::poll_fn(|cx| Pinned::new(&mut *self).poll_next(cx)).await
    }

    /// What is left of the page that was read, or else the next page's pins, until there are no more.
    /// The page after it isn't asked for yet.
    ///
    /// # Errors
    /// As [`Client::list_pins`].
    pub async fn next_page(&mut self) -> Option<Result<Vec<Pin>>> {
        match self.next().await? {
            Ok(first) => Some(Ok(std::iter::once(first)
                .chain(self.page.by_ref())
                .collect())),
            Err(error) => Some(Err(error)),
        }
    }
}

impl Stream for Pins {
    type Item = Result<Pin>;

    fn poll_next(self: Pinned<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Pin>>> {
        let this = self.get_mut();
        loop {
            if let Some(pin) = this.page.next() {
                return Poll::Ready(Some(Ok(pin)));
            }
            if let Some(reading) = &mut this.reading {
                let page = ready!(reading.as_mut().poll(cx));
                this.reading = None;
                match page {
                    Ok(page) => this.page = this.pager.accept(page).into_iter(),
                    Err(error) => {
                        this.failed = true;
                        return Poll::Ready(Some(Err(error)));
                    }
                }
                continue;
            }
            let Some(list) = this.pager.next_page().filter(|_| !this.failed) else {
                return Poll::Ready(None);
            };
            let client = this.client.clone();
            this.reading = Some(Box::pin(async move { client.list_pins(&list).await }));
        }
    }
}

impl fmt::Debug for Pins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pins")
            .field("pager", &self.pager)
            .finish_non_exhaustive()
    }
}
