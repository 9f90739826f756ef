//! `w3pin get ID`

use w3pin::Client;

use crate::{args::Get, failure::Failure, output::Output};

pub(crate) async fn run(get: &Get, client: &Client, output: &Output) -> Result<(), Failure> {
    let pin = client.get_pin(&get.id).await;
    output.pin(&pin.map_err(|error| Failure::of(error, get.id.as_str()))?);
    Ok(())
}
