//! `w3pin rm ID…`

use serde_json::json;
use w3pin::{BatchOptions, Client};

use crate::{args::Rm, failure::Failure, output::Output, report::Report};

pub(crate) async fn run(rm: &Rm, client: &Client, output: &Output) -> Result<(), Failure> {
    let results = client
        .unpin_many(rm.ids.iter().cloned(), BatchOptions::new())
        .await;
    let mut report = Report::new(rm.ids.len(), output);
    for (id, result) in rm.ids.iter().zip(results) {
        let result = result.map(|()| json!({ "id": id, "unpinned": true }));
        report.take(id.as_str(), result, |_| output.line(id.as_str()))?;
    }
    report.end()
}
