//! The commands, one file each.

mod add;
mod add_cid;
mod check;
mod cid;
mod completions;
mod fsck;
mod get;
mod ls;
mod rm;
mod serve;
mod transfer;
mod verify;
mod wait;

use crate::{
    args::{Args, Command, Pairs},
    failure::Failure,
    output::Output,
    session::Session,
};

pub(crate) async fn run(args: &Args, output: &Output) -> Result<(), Failure> {
    let global = &args.global;
    match &args.command {
        Command::Cid(cid) => return cid::run(cid, output),
        Command::Completions(completions) => return completions::run(completions),
        Command::Fsck(fsck) => return fsck::run(fsck, global, output).await,
        Command::Export(transfer) => return transfer::export(transfer, global, output).await,
        Command::Import(transfer) => return transfer::import(transfer, global, output).await,
        Command::Serve(serve) => return serve::run(serve, global, output).await,
        Command::Verify(verify) => return verify::run(verify, global, output).await,
        _ => {}
    }
    let session = Session::open(global).await?;
    let client = &session.client;
    let result = match &args.command {
        Command::Add(add) => add::run(add, client, output).await,
        Command::AddCid(add) => add_cid::run(add, client, output).await,
        Command::Ls(ls) => ls::run(ls, client, output).await,
        Command::Get(get) => get::run(get, client, output).await,
        Command::Rm(rm) => rm::run(rm, client, output).await,
        Command::Wait(wait) => wait::run(wait, client, output).await,
        Command::Check(check) => check::run(check, global, client, output).await,
        Command::Cid(_)
        | Command::Completions(_)
        | Command::Export(_)
        | Command::Fsck(_)
        | Command::Import(_)
        | Command::Serve(_)
        | Command::Verify(_) => Ok(()),
    };
    // A local server must have finished before the process ends, also where the command failed.
    result.and(session.close().await)
}

fn pairs(pairs: &Pairs) -> std::collections::BTreeMap<String, String> {
    pairs.meta.iter().cloned().collect()
}
