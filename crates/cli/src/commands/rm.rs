//! `w3pin rm ID…`

use std::io;

use serde_json::{Value, json};
use w3pin::{BatchOptions, Client, Error, PinId, Result};

use crate::{
    args::{Global, Rm},
    failure::Failure,
    output::Output,
    report::Report,
    session::Session,
};

pub(crate) async fn run(
    rm: &Rm,
    global: &Global,
    output: &Output,
) -> std::result::Result<(), Failure> {
    // Must be called before the session locks the data of a local server, which the command that
    // writes the IDs may need.
    let ids = ids(rm).await?;
    if ids.is_empty() {
        output.note("there are no ids on standard input");
    }
    let session = Session::open(global, output).await?;
    let result = unpin(rm, ids, &session.client, output).await;
    result.and(session.close().await)
}

async fn ids(rm: &Rm) -> std::result::Result<Vec<PinId>, Failure> {
    let mut ids = Vec::new();
    for id in &rm.ids {
        if is_input(id) {
            ids.extend(super::blocking(from_input).await??);
        } else {
            ids.push(id.clone());
        }
    }
    Ok(ids)
}

async fn unpin(
    rm: &Rm,
    ids: Vec<PinId>,
    client: &Client,
    output: &Output,
) -> std::result::Result<(), Failure> {
    let subjects: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let mut report = Report::new(subjects, output, |id, _: &Value| output.line(id));
    if rm.ids.iter().any(is_input) {
        // The output format doesn't depend on the number of IDs.
        report = report.always_list();
    }
    let options = BatchOptions::new().concurrency(rm.concurrency.into())?;
    let mut unpins = client.unpin_many_as_completed(ids, options);
    while let Some(completed) = unpins.next().await {
        let id = report.subject(completed.index);
        let done = json!({ "id": id, "unpinned": true });
        report.take(completed.index, completed.result.map(|()| done));
    }
    report.end()
}

fn is_input(id: &PinId) -> bool {
    id.as_str() == "-"
}

/// Reads IDs from standard input, each the first field of a line.
fn from_input() -> Result<Vec<PinId>> {
    let mut ids = Vec::new();
    for line in io::stdin().lines() {
        let line = line.map_err(|cause| {
            let reason = format!("standard input can't be read ({cause})");
            Error::local_io("-", reason, cause)
        })?;
        let id = line.split('\t').next().unwrap_or_default().trim();
        if !id.is_empty() {
            ids.push(id.parse()?);
        }
    }
    Ok(ids)
}
