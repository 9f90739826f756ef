//! `w3pin ls`

use w3pin::{Client, ListOptions};

use super::pairs;
use crate::{args::Ls, failure::Failure, output::Output};

/// Pins that are shown in one table, so that a long list begins to show at once.
const TABLE: usize = 100;

pub(crate) async fn run(ls: &Ls, client: &Client, output: &Output) -> Result<(), Failure> {
    let mut list = ListOptions::new()
        .offset(ls.offset)
        .pinned(ls.pinned)
        .sort(ls.sort, ls.order);
    list.keyvalues = pairs(&ls.pairs);
    if let Some(limit) = ls.limit {
        list = list.limit(limit)?;
    }
    if ls.all {
        return all(list, client, output).await;
    }
    let page = client.list_pins(&list).await?;
    if output.is_json() {
        output.document(&page)?;
        return Ok(());
    }
    output.pins(&page.pins)?;
    let shown = ls.offset + page.pins.len() as u64;
    if let Some(total) = page.totals.files.filter(|total| *total > shown) {
        output.note(&format!(
            "{} of {total} pins; --all shows them all",
            page.pins.len()
        ));
    }
    Ok(())
}

async fn all(list: ListOptions, client: &Client, output: &Output) -> Result<(), Failure> {
    let mut pins = client.pins(list);
    let mut rows = Vec::new();
    while let Some(pin) = pins.next().await {
        let pin = pin?;
        if output.is_json() {
            output.json_line(&pin)?;
            continue;
        }
        rows.push(pin);
        if rows.len() == TABLE {
            output.pins(&rows)?;
            rows.clear();
        }
    }
    if !rows.is_empty() {
        output.pins(&rows)?;
    }
    Ok(())
}
