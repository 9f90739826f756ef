//! `w3pin wait ID`

use w3pin::{Client, WaitPolicy};

use crate::{args::Wait, failure::Failure, output::Output, progress::Bars};

pub(crate) async fn run(wait: &Wait, client: &Client, output: &Output) -> Result<(), Failure> {
    let bars = Bars::new(output);
    let waiting = bars.spinner(format!("waiting for {}", wait.id));
    let policy = WaitPolicy::default().deadline(wait.patience.timeout);
    let pin = client.wait_until_pinned(&wait.id, policy).await?;
    drop(waiting);
    Ok(output.pin(&pin)?)
}
