//! `w3pin rm ID…`

use std::io;

use serde_json::{Value, json};
use w3pin::{BatchOptions, Client, Error, PinId, Result};

use crate::{args::Rm, failure::Failure, output::Output, report::Report};

pub(crate) async fn run(
    rm: &Rm,
    client: &Client,
    output: &Output,
) -> std::result::Result<(), Failure> {
    let mut ids = Vec::new();
    for id in &rm.ids {
        if id.as_str() == "-" {
            ids.extend(super::blocking(from_input).await??);
        } else {
            ids.push(id.clone());
        }
    }
    if ids.is_empty() {
        output.note("there are no ids on standard input");
    }
    let subjects: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let mut report = Report::new(subjects, output, |id, _: &Value| output.line(id));
    let options = BatchOptions::new().concurrency(rm.concurrency.into())?;
    let mut unpins = client.unpin_many_as_completed(ids.iter().cloned(), options);
    while let Some(completed) = unpins.next().await {
        let id = report.subject(completed.index);
        let done = json!({ "id": id, "unpinned": true });
        report.take(completed.index, completed.result.map(|()| done));
    }
    report.end()
}

/// The ids on standard input, each the first field of a line.
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
