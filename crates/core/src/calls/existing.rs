//! The pin of given content that the account has already.

use super::{port::Port, session::Session};
use crate::{
    Cid, Error, ErrorKind, ListPins, Metadata, Pin, Result,
    decisions::existing::{ExistingSearch, Wants},
};

/// How far back a search before a request goes, in pages of 100 pins. A service refuses what is older
/// by itself.
pub(crate) const RECENT_PAGES: u32 = 10;
/// How far back a search for what the service refuses to make twice goes: a million pins, for a list has
/// to end some time.
const ALL_PAGES: u32 = 10_000;

/// The pin, if it is among the account's recent ones.
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

/// The pin that the service refuses to make twice, wherever it is among the account's.
///
/// # Errors
/// The refusal, where there is no such pin; and where the pin still waits for its content, what to do
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
