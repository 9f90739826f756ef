//! `w3pin fsck`

use serde_json::json;
use w3pin::Credentials;
use w3pin_server::{FsckReport, ServerConfig};

use crate::{
    args::{Fsck, Global},
    exit_code,
    failure::Failure,
    local,
    output::Output,
};

pub(crate) async fn run(args: &Fsck, global: &Global, output: &Output) -> Result<(), Failure> {
    let mut config = ServerConfig::new(local::data_folder(global)?);
    args.backend.configure(global, &mut config)?;
    config.accounts = account(global)?;
    let report = w3pin_server::fsck(&config, args.repair).await?;
    if output.is_json() {
        output.document(&document(&report));
    } else {
        tell(&report, output);
    }
    if report.is_sound() {
        Ok(())
    } else {
        Err(Failure::Reported(exit_code::DAMAGED))
    }
}

/// Returns the account that gets content without a known owner. With `--local` alone, the
/// environment's keys belong to another service.
fn account(global: &Global) -> Result<Vec<Credentials>, Failure> {
    let account = if global.local && global.api_key.is_none() {
        Some(local::credentials()?)
    } else {
        global.account()?
    };
    Ok(Vec::from_iter(account))
}

fn document(report: &FsckReport) -> serde_json::Value {
    let problems: Vec<_> = report
        .problems
        .iter()
        .map(|problem| json!({"kind": problem.kind.as_str(), "what": problem.what}))
        .collect();
    let lost: Vec<_> = report
        .lost
        .iter()
        .map(|pin| json!({"id": pin.id, "cid": pin.cid, "block": pin.block}))
        .collect();
    let recovered = report.recovered.as_ref().map(|recovered| {
        let keys = recovered.generated.as_ref().map(keys);
        json!({
            "pins": recovered.pins,
            "api_key": keys.as_ref().map(|(api_key, _)| api_key),
            "secret_key": keys.as_ref().map(|(_, secret_key)| secret_key),
        })
    });
    json!({
        "packs": report.packs,
        "blocks": report.blocks,
        "bytes": report.bytes,
        "pins": report.pins,
        "problems": problems,
        "lost": lost,
        "repaired": report.is_repaired,
        "recovered": recovered,
        "sound": report.is_sound(),
    })
}

fn tell(report: &FsckReport, output: &Output) {
    let FsckReport {
        packs,
        blocks,
        bytes,
        pins,
        ..
    } = report;
    for problem in &report.problems {
        output.line(&format!("{}: {}", problem.kind.as_str(), problem.what));
    }
    for pin in &report.lost {
        let (id, cid, block) = (&pin.id, &pin.cid, &pin.block);
        output.line(&format!("lost: pin {id}, {cid}: block {block}"));
    }
    let counts = format!("{packs} packs, {blocks} good blocks of {bytes} bytes, {pins} pins");
    output.line(&format!("read {counts}"));
    if let Some(recovered) = &report.recovered {
        let pins = recovered.pins;
        output.line(&format!("pinned {pins} contents whose owner is unknown"));
        if let Some((api_key, secret_key)) = recovered.generated.as_ref().map(keys) {
            output.line("they belong to a new account, whose keys are shown this once:");
            output.line(&format!("export W3PIN_API_KEY={api_key}"));
            output.line(&format!("export W3PIN_SECRET_KEY={secret_key}"));
        }
    }
    if report.is_repaired {
        output.line("the records were rebuilt; the old ones are beside them");
        if !report.lost.is_empty() {
            output.hint("upload the content of the lost pins again, or import an export of it");
        }
    } else if !report.problems.is_empty() {
        output.hint("`w3pin fsck --repair` rebuilds the records from the content");
    }
}

fn keys(credentials: &Credentials) -> (String, String) {
    let text = |key: &[u8]| String::from_utf8_lossy(key).into_owned();
    (text(credentials.api_key()), text(credentials.secret_key()))
}
