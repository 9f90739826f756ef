//! `w3pin verify PATH CID|PIN_ID`

use serde_json::json;
use w3pin::{Cid, Client, Error, PinId, Result, VerifyOptions, printable};

use crate::{
    args::{Global, Prove},
    failure::Failure,
    output::{Output, bytes},
    session::{self, Session},
};

/// What to compare a pin with.
enum Target {
    Cid(Cid),
    Pin(PinId),
}

pub(crate) async fn run(
    args: &Prove,
    global: &Global,
    output: &Output,
) -> std::result::Result<(), Failure> {
    let mut options = VerifyOptions::new().walk(args.walk.options(args.symlinks));
    options.gateway = args.gateway.as_deref().map(str::parse).transpose()?;
    match (target(&args.target)?, global.local) {
        // Proving a CID needs no account.
        (Target::Cid(cid), false) => prove(args, global, &cid, options, None, output).await,
        (target, _) => {
            let session = Session::open(global, output).await?;
            let client = &session.client;
            let result = async {
                let cid = match target {
                    Target::Cid(cid) => cid,
                    Target::Pin(id) => {
                        let pin = client.get_pin(&id).await;
                        pin.map_err(|error| Failure::of(error, id.as_str()))?.cid
                    }
                };
                prove(args, global, &cid, options, Some(client), output).await
            };
            let result = result.await;
            result.and(session.close().await)
        }
    }
}

/// Parses the target; an invalid CID isn't taken for an ID.
fn target(text: &str) -> Result<Target> {
    match text.parse() {
        Ok(cid) => Ok(Target::Cid(cid)),
        Err(error) if looks_like_cid(text) => Err(error),
        Err(_) => text.parse().map(Target::Pin).map_err(|_| {
            let text = printable(text);
            Error::invalid_input("cid", format!("{text:?} is neither a CID nor a pin's id"))
        }),
    }
}

fn looks_like_cid(text: &str) -> bool {
    text.contains(['/', ':']) || text.starts_with("Qm") || text.starts_with("baf")
}

async fn prove(
    args: &Prove,
    global: &Global,
    cid: &Cid,
    options: VerifyOptions,
    client: Option<&Client>,
    output: &Output,
) -> std::result::Result<(), Failure> {
    let path = args.path.display().to_string();
    let comparing = output
        .messages()
        .spinner(&format!("comparing {path} with {cid}"));
    let content = args.path.as_path();
    let proof = match client {
        Some(client) => client.verify(content, cid, options).await?,
        None => {
            let client = session::builder(global);
            client.verify(content, cid, options).await?
        }
    };
    drop(comparing);
    if output.is_json() {
        output.document(&json!({
            "verified": true,
            "cid": cid,
            "path": path,
            "files": proof.files,
            "bytes": proof.bytes,
            "blocks_fetched": proof.blocks_fetched,
        }));
        return Ok(());
    }
    output.row(&[cid.as_str(), &path]);
    let (size, files, blocks) = (bytes(proof.bytes), proof.files, proof.blocks_fetched);
    output.note(&format!(
        "verified: every byte is the same (size {size}, files {files}, blocks fetched {blocks})"
    ));
    Ok(())
}
