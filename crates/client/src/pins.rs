//! Iterates over all of the account's pins.

use std::{
    fmt,
    pin::Pin as Pinned,
    task::{Context, Poll, ready},
    vec,
};

use futures_util::Stream;
use w3pin_core::{Call, ListOptions, Page, Pin, Result, UnreadablePin};

use crate::{
    Client,
    driver::{Advance, Hands},
};

/// The account's pins, requested page by page as needed. Created by [`Client::pins`].
///
/// Pins that are added or removed meanwhile don't cause duplicates. It ends after an error.
///
/// ```no_run
/// # async fn list(client: w3pin::Client) -> w3pin::Result<()> {
/// use w3pin::{ListOptions, PinnedFilter};
///
/// let mut pins = client.pins(ListOptions::new().pinned(PinnedFilter::Pinned).limit(100)?);
/// while let Some(pin) = pins.next().await {
///     println!("{}", pin?.cid);
/// }
/// # Ok(())
/// # }
/// ```
#[must_use]
pub struct Pins {
    client: Client,
    listing: Option<Listing>,
    page: vec::IntoIter<Pin>,
    reading: Option<Reading>,
    unreadable: Vec<UnreadablePin>,
}

type Listing = Call<(), Page>;
type Reading = Pinned<Box<dyn Future<Output = (Listing, Advance<(), Page>)> + Send>>;

/// The most unreadable entries to keep.
const MOST_UNREADABLE: usize = 1000;

impl Pins {
    pub(crate) fn new(client: Client, list: ListOptions) -> Self {
        Self {
            listing: Some(client.inner.session.pins(list)),
            client,
            page: Vec::new().into_iter(),
            reading: None,
            unreadable: Vec::new(),
        }
    }

    /// Returns the next pin, or `None` after the last.
    ///
    /// # Errors
    /// The errors of [`Client::list_pins`].
    pub async fn next(&mut self) -> Option<Result<Pin>> {
        std::future::poll_fn(|cx| Pinned::new(&mut *self).poll_next(cx)).await
    }

    /// Returns the rest of the current page, or else the next page's pins, or `None` after the last.
    /// The page after it isn't requested yet.
    ///
    /// # Errors
    /// The errors of [`Client::list_pins`].
    pub async fn next_page(&mut self) -> Option<Result<Vec<Pin>>> {
        match self.next().await? {
            Ok(first) => Some(Ok(std::iter::once(first)
                .chain(self.page.by_ref())
                .collect())),
            Err(error) => Some(Err(error)),
        }
    }

    /// Returns the entries of the pages so far that can't be read as pins; the first 1,000.
    #[must_use]
    pub fn unreadable(&self) -> &[UnreadablePin] {
        &self.unreadable
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
                let (listing, progress) = ready!(reading.as_mut().poll(cx));
                this.reading = None;
                match progress {
                    Advance::Item(page) => {
                        this.listing = Some(listing);
                        let room = MOST_UNREADABLE.saturating_sub(this.unreadable.len());
                        this.unreadable
                            .extend(page.unreadable.into_iter().take(room));
                        this.page = page.pins.into_iter();
                    }
                    Advance::Done(Ok(())) => return Poll::Ready(None),
                    Advance::Done(Err(error)) => return Poll::Ready(Some(Err(error))),
                }
                continue;
            }
            let Some(mut listing) = this.listing.take() else {
                return Poll::Ready(None);
            };
            let client = this.client.clone();
            this.reading = Some(Box::pin(async move {
                let progress = client
                    .inner
                    .driver
                    .advance(&mut listing, &mut Hands::default())
                    .await;
                (listing, progress)
            }));
        }
    }
}

impl fmt::Debug for Pins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pins")
            .field("listing", &self.listing)
            .finish_non_exhaustive()
    }
}
