//! `w3pin get ID`

use w3pin::Client;

use crate::{args::Get, failure::Failure, output::Output};

pub(crate) async fn run(get: &Get, client: &Client, output: &Output) -> Result<(), Failure> {
    let pin = client.get_pin(&get.id).await?;
    Ok(output.pin(&pin)?)
}
