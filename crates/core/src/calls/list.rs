//! All of the account's pins.

use super::{port::Port, session::Session};
use crate::{
    ExistingPins, ListPins, Page, Result,
    decisions::{pager::Pager, search::PAGE},
};

pub(crate) async fn pins(port: Port<Page>, session: Session, list: ListPins) -> Result<()> {
    let limit = list.limit.unwrap_or(PAGE);
    let mut pager = Pager::new(list.page_of(limit));
    while let Some(list) = pager.next_page() {
        let page = pager.accept(session.read(&port, &list).await?.output)?;
        if !page.pins.is_empty() || !page.unreadable.is_empty() {
            port.give(page).await;
        }
    }
    Ok(())
}

pub(crate) async fn existing_pins<I>(port: Port<I>, session: Session) -> Result<ExistingPins> {
    let mut existing = ExistingPins::new();
    let mut pager = Pager::new(ListPins::new().page_of(PAGE));
    while let Some(list) = pager.next_page()
        && !existing.is_full()
    {
        let page = pager.accept(session.read(&port, &list).await?.output)?;
        page.pins.into_iter().for_each(|pin| existing.insert(pin));
    }
    Ok(existing)
}
