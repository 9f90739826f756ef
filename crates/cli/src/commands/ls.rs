//! `w3pin ls`

use w3pin::{Client, ListOptions, UnreadablePin};

use crate::{args::Ls, exit_code, failure::Failure, output::Output};

/// The number of pins in one table, so that a long list is shown without delay.
const TABLE: usize = 100;

pub(crate) async fn run(ls: &Ls, client: &Client, output: &Output) -> Result<(), Failure> {
    let mut list = ListOptions::new()
        .offset(ls.offset)
        .pinned(ls.pinned)
        .sort(ls.sort, ls.order);
    list.keyvalues = ls.metadata.keyvalues()?;
    if let Some(limit) = ls.limit {
        list = list.limit(limit)?;
    }
    let unreadable = if ls.all {
        all(list, client, output).await?
    } else {
        page(ls, &list, client, output).await?
    };
    if output.is_broken() {
        Err(Failure::CutOff)
    } else if unreadable {
        Err(Failure::Reported(exit_code::FAILURE))
    } else {
        Ok(())
    }
}

/// Prints a page. Returns whether some entries can't be read.
async fn page(
    ls: &Ls,
    list: &ListOptions,
    client: &Client,
    output: &Output,
) -> Result<bool, Failure> {
    let page = client.list_pins(list).await?;
    if output.is_json() {
        output.document(&page);
    } else {
        output.pins(&page.pins);
        let entries = (page.pins.len() + page.unreadable.len()) as u64;
        let shown = ls.offset.saturating_add(entries);
        if let Some(total) = page.totals.files.filter(|total| *total > shown) {
            output.note(&format!("{entries} of {total} pins; --all shows them all"));
        }
    }
    page.unreadable.iter().for_each(|it| tell(it, output));
    Ok(!page.unreadable.is_empty())
}

/// Prints all pins as they arrive. Returns whether some can't be read.
async fn all(list: ListOptions, client: &Client, output: &Output) -> Result<bool, Failure> {
    let mut pins = client.pins(list);
    let mut rows = Vec::new();
    let mut told = 0;
    loop {
        let next = pins.next().await;
        for unreadable in pins.unreadable().iter().skip(told) {
            tell(unreadable, output);
        }
        told = pins.unreadable().len();
        match next {
            // Stops if the output is closed.
            _ if output.is_broken() => break,
            Some(Ok(pin)) if output.is_json() => output.json_line(&pin),
            Some(Ok(pin)) => rows.push(pin),
            Some(Err(error)) => {
                show(&mut rows, output);
                return Err(error.into());
            }
            None => break,
        }
        if rows.len() == TABLE || !output.is_for_people() {
            show(&mut rows, output);
        }
    }
    show(&mut rows, output);
    Ok(told > 0)
}

fn show(rows: &mut Vec<w3pin::Pin>, output: &Output) {
    if !rows.is_empty() {
        output.pins(rows);
        rows.clear();
    }
}

fn tell(unreadable: &UnreadablePin, output: &Output) {
    let id = match &unreadable.id {
        Some(id) => format!(" (id {id})"),
        None => String::new(),
    };
    let entry = unreadable.position.saturating_add(1);
    let reason = &unreadable.reason;
    output.error(&format!(
        "entry {entry} of the list{id} can't be read: {reason}"
    ));
}
