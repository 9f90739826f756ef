//! `w3pin wait ID`

use w3pin::Client;

use crate::{args::Wait, failure::Failure, output::Output};

pub(crate) async fn run(wait: &Wait, client: &Client, output: &Output) -> Result<(), Failure> {
    let id = &wait.id;
    let waiting = output.messages().spinner(&format!("waiting for {id}"));
    let pin = client.wait_until_pinned(id, wait.policy()).await;
    drop(waiting);
    output.pin(&pin.map_err(|error| Failure::of(error, id.as_str()))?);
    Ok(())
}
