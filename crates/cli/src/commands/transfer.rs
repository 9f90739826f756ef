//! `w3pin export DIR` and `w3pin import DIR`

use serde_json::json;
use w3pin_server::{ServerConfig, Transferred};

use crate::{
    args::{Global, Transfer},
    exit_code,
    failure::Failure,
    local,
    output::Output,
};

pub(crate) async fn export(
    args: &Transfer,
    global: &Global,
    output: &Output,
) -> Result<(), Failure> {
    let config = config(args, global)?;
    let done = w3pin_server::export(&config, &args.folder).await?;
    report("exported", args, done, output)
}

pub(crate) async fn import(
    args: &Transfer,
    global: &Global,
    output: &Output,
) -> Result<(), Failure> {
    let config = config(args, global)?;
    let done = w3pin_server::import(&config, &args.folder).await?;
    report("imported", args, done, output)
}

fn config(args: &Transfer, global: &Global) -> Result<ServerConfig, Failure> {
    let mut config = ServerConfig::new(local::data_folder(global)?);
    args.backend.configure(global, &mut config)?;
    Ok(config)
}

fn report(what: &str, args: &Transfer, done: Transferred, output: &Output) -> Result<(), Failure> {
    let Transferred {
        accounts,
        pins,
        contents,
        skipped,
        ..
    } = done;
    if output.is_json() {
        let done = json!({
            "accounts": accounts,
            "pins": pins,
            "contents": contents,
            "skipped": skipped,
        });
        output.document(&done);
    } else {
        let folder = args.folder.display();
        output.line(&format!(
            "{what} {accounts} accounts, {pins} pins, {contents} contents: {folder}"
        ));
    }
    for skipped in &skipped {
        output.error(&format!("not {what}: {skipped}"));
    }
    if skipped.is_empty() {
        Ok(())
    } else {
        Err(Failure::Reported(exit_code::DAMAGED))
    }
}
