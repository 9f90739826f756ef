//! `w3pin add-cid CID…`

use w3pin::{Client, Error, PinByCidOptions, WaitPolicy};

use super::pairs;
use crate::{args::AddCid, failure::Failure, output::Output, progress::Bars, report::Report};

pub(crate) async fn run(add: &AddCid, client: &Client, output: &Output) -> Result<(), Failure> {
    if add.name.is_some() && add.cids.len() > 1 {
        return Err(Error::invalid_input("name", "a name is for one CID alone").into());
    }
    let bars = Bars::new(output);
    let mut options = PinByCidOptions::new()
        .keyvalues(pairs(&add.pairs))
        .skip_if_pinned(add.skip_if_pinned);
    options.metadata.name.clone_from(&add.name);
    let mut report = Report::new(add.cids.len(), output);
    for cid in &add.cids {
        let mut result = client.pin_by_cid(cid, options.clone()).await;
        if add.wait
            && let Ok(pin) = &result
        {
            let _waiting = bars.spinner(format!("waiting for {}", pin.id));
            let policy = WaitPolicy::default().deadline(add.patience.timeout);
            result = client.wait_until_pinned(&pin.id, policy).await;
        }
        report.take(cid.as_str(), result, |pin| output.pinned(cid.as_str(), pin))?;
    }
    report.end()
}
