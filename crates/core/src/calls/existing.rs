//! Finds an existing pin of given content.

use super::{port::Port, session::Session};
use crate::{
    Cid, Error, ErrorKind, ListPins, Metadata, Pin, Result,
    decisions::existing::{ExistingSearch, Wants},
};

/// How many pages of 100 pins to search before a request. A service refuses duplicates of older
/// ones itself.
pub(crate) const RECENT_PAGES: u32 = 10;
/// How many pages to search for a duplicate that the service refused: a million pins, since a list
/// must end at some point.
const ALL_PAGES: u32 = 10_000;

/// Returns the pin, if it is among the account's recent ones.
pub(crate) async fn recent<I>(
    session: &Session,
    port: &Port<I>,
    cids: Vec<Cid>,
    wants: Wants,
    metadata: &Metadata,
) -> Result<Option<Pin>> {
    let mut search = ExistingSearch::new(session.endpoint().api(), cids, wants, RECENT_PAGES)
        .keyvalues(&metadata.keyvalues);
    run(session, port, &mut search).await
}

/// Returns the existing pin because of which the service refused another one.
///
/// # Errors
/// The refusal, if there is no such pin; and if the pin still waits for its content, what to do
/// about it.
pub(crate) async fn any<I>(
    session: &Session,
    port: &Port<I>,
    cids: Vec<Cid>,
    wants: Wants,
    metadata: &Metadata,
    refusal: Error,
) -> Result<Pin> {
    if cids.is_empty() {
        return Err(refusal);
    }
    let mut search = ExistingSearch::new(session.endpoint().api(), cids, wants, ALL_PAGES)
        .keyvalues(&metadata.keyvalues);
    if let Some(pin) = run(session, port, &mut search).await? {
        return Ok(pin);
    }
    Err(match search.into_waiting() {
        Some(pin) => Error::new(
            ErrorKind::AlreadyPinned,
            format!(
                "the account's pin {} of this content is {} and still waits for it, and the \
                 service didn't take it from this upload; unpin {} and upload again",
                pin.id, pin.status, pin.id
            ),
        ),
        None => refusal,
    })
}

async fn run<I>(
    session: &Session,
    port: &Port<I>,
    search: &mut ExistingSearch,
) -> Result<Option<Pin>> {
    while let Some(page) = search.next_page() {
        let page = session.read(port, &ListPins::new(page)).await?.output;
        if let Some(pin) = search.accept(page)? {
            return Ok(Some(pin));
        }
    }
    Ok(None)
}
