//! `w3pin verify PATH CID|PIN_ID`

use serde_json::json;
use w3pin::{Cid, Client, PinId, VerifyOptions, verify};

use crate::{
    args::{Global, Prove},
    failure::Failure,
    output::Output,
    progress::Bars,
    session::Session,
};

pub(crate) async fn run(args: &Prove, global: &Global, output: &Output) -> Result<(), Failure> {
    // Nobody needs an account to prove a CID.
    if let (Ok(cid), false) = (args.target.parse::<Cid>(), global.local) {
        return prove(args, &cid, None, output).await;
    }
    let session = Session::open(global).await?;
    let client = &session.client;
    let result = async {
        let cid = match args.target.parse::<Cid>() {
            Ok(cid) => cid,
            Err(_) => client.get_pin(&args.target.parse::<PinId>()?).await?.cid,
        };
        prove(args, &cid, Some(client), output).await
    };
    let result = result.await;
    result.and(session.close().await)
}

async fn prove(
    args: &Prove,
    cid: &Cid,
    client: Option<&Client>,
    output: &Output,
) -> Result<(), Failure> {
    let mut options = VerifyOptions::new()
        .hidden(args.hidden)
        .symlinks(args.symlinks.into());
    options.gateway.clone_from(&args.gateway);
    let bars = Bars::new(output);
    let comparing = bars.spinner(format!("comparing {} with {cid}", args.path.display()));
    let content = args.path.as_path();
    let proof = match client {
        Some(client) => client.verify(content, cid, options).await?,
        None => verify(content, cid, options).await?,
    };
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
