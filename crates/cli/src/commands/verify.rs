//! `w3pin verify PATH CID|PIN_ID`

use serde_json::json;
use w3pin::{Cid, Client, Credentials, PinId, VerifyOptions};

use crate::{
    args::{Global, Prove},
    failure::Failure,
    output::Output,
    progress::Bars,
    session::{Session, settings},
};

pub(crate) async fn run(args: &Prove, global: &Global, output: &Output) -> Result<(), Failure> {
    let cid = args.target.parse::<Cid>().ok();
    let session = match (&cid, global.local) {
        (Some(_), false) => Session::of(keyless(global)?),
        _ => Session::open(global).await?,
    };
    let result = prove(args, cid, global, &session.client, output).await;
    result.and(session.close().await)
}

/// A client for fetching blocks alone, which takes no keys: nobody needs an account to prove a CID.
fn keyless(global: &Global) -> Result<Client, Failure> {
    let unused = Credentials::new("none", "none")?;
    let endpoint = settings(global)?.to_endpoint()?;
    Ok(Client::builder()
        .credentials(unused)
        .endpoint(endpoint)
        .build()?)
}

async fn prove(
    args: &Prove,
    cid: Option<Cid>,
    global: &Global,
    client: &Client,
    output: &Output,
) -> Result<(), Failure> {
    let cid = match cid {
        Some(cid) => cid,
        None => client.get_pin(&args.target.parse::<PinId>()?).await?.cid,
    };
    let mut options = VerifyOptions::new()
        .hidden(args.hidden)
        .symlinks(args.symlinks.into());
    options.gateway = match &args.gateway {
        Some(gateway) => Some(gateway.clone()),
        // A server in this process is its own gateway.
        None if global.local => None,
        None => settings(global)?.to_gateway()?,
    };
    let bars = Bars::new(output);
    let comparing = bars.spinner(format!("comparing {} with {cid}", args.path.display()));
    let proof = client.verify(args.path.as_path(), &cid, options).await?;
    drop(comparing);
    if output.is_json() {
        return Ok(output.document(&json!({
            "verified": true,
            "cid": cid,
            "path": args.path,
            "files": proof.files,
            "bytes": proof.bytes,
            "blocks_fetched": proof.blocks_fetched,
        }))?);
    }
    output.line(&format!("{cid}\t{}", args.path.display()))?;
    output.note(&format!(
        "verified: every byte of it; {} bytes, {} files, {} blocks fetched",
        proof.bytes, proof.files, proof.blocks_fetched
    ));
    Ok(())
}
