//! Lists all of the account's pins.

use super::{existing::RECENT_PAGES, port::Port, session::Session};
use crate::{
    ExistingPins, ListOptions, ListPins, Page, Result,
    decisions::{pager::Pager, search::PAGE},
};

pub(crate) async fn pins(port: Port<Page>, session: Session, list: ListOptions) -> Result<()> {
    let limit = list.limit.unwrap_or(PAGE);
    let mut pager = Pager::new(session.endpoint().api(), list.page_of(limit));
    while let Some(list) = pager.next_page() {
        let page = pager.accept(session.read(&port, &ListPins::new(list)).await?.output)?;
        if !page.pins.is_empty() || !page.unreadable.is_empty() {
            port.give(page).await;
        }
    }
    Ok(())
}

pub(crate) async fn existing_pins<I>(
    port: Port<I>,
    session: Session,
    calls: usize,
) -> Result<ExistingPins> {
    let mut existing = ExistingPins::new();
    let mut pager = Pager::new(session.endpoint().api(), ListOptions::new().page_of(PAGE));
    let mut pages_left = calls.saturating_mul(RECENT_PAGES as usize);
    while let Some(list) = pager.next_page()
        && pages_left > 0
        && !existing.is_full()
    {
        pages_left -= 1;
        let answer = session.read(&port, &ListPins::new(list)).await?;
        let page = pager.accept(answer.output)?;
        page.pins.into_iter().for_each(|pin| existing.insert(pin));
    }
    Ok(existing)
}
