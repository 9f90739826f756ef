//! The commands, one in each file.

mod add;
mod add_cid;
mod car;
mod cat;
mod check;
mod cid;
mod completions;
mod done;
mod fetch;
mod fsck;
mod get;
mod health;
mod keys;
mod ls;
mod pinned;
mod preview;
mod rm;
mod serve;
mod sync;
mod transfer;
mod tree;
mod verify;
mod wait;

use crate::{
    args::{Args, Command},
    failure::Failure,
    output::Output,
    session::Session,
};

pub(crate) async fn run(args: &mut Args, output: &Output) -> Result<(), Failure> {
    keys::read(&mut args.global, &args.command).await?;
    let global = &args.global;
    match &args.command {
        Command::Add(add) if add.dry_run => return preview::run(add, global, output).await,
        Command::Car(car) => return car::run(&car.command, global, output).await,
        Command::Cat(cat) => return cat::run(cat, global, output).await,
        Command::Check(check) => return check::run(check, global, output).await,
        Command::Cid(cid) => return cid::run(cid, global, output).await,
        Command::Completions(completions) => {
            completions::run(completions, output);
            return Ok(());
        }
        Command::Fetch(fetch) => return fetch::run(fetch, global, output).await,
        Command::Fsck(fsck) => return fsck::run(fsck, global, output).await,
        Command::Export(transfer) => return transfer::export(transfer, global, output).await,
        Command::Import(transfer) => return transfer::import(transfer, global, output).await,
        Command::Health(health) => return health::run(health, output).await,
        Command::Rm(rm) => return rm::run(rm, global, output).await,
        Command::Serve(serve) => return serve::run(serve, global, output).await,
        Command::Tree(tree) => return tree::run(tree, global, output).await,
        Command::Verify(verify) => return verify::run(verify, global, output).await,
        Command::Add(add) if global.local => add::await_input(add).await?,
        _ => {}
    }
    let session = Session::open(global, output).await?;
    let client = &session.client;
    let result = match &args.command {
        Command::Add(add) => add::run(add, client, output).await,
        Command::AddCid(add) => add_cid::run(add, client, output).await,
        Command::Ls(ls) => ls::run(ls, client, output).await,
        Command::Get(get) => get::run(get, client, output).await,
        Command::Sync(sync) => sync::run(sync, client, output).await,
        Command::Wait(wait) => wait::run(wait, client, output).await,
        Command::Car(_)
        | Command::Cat(_)
        | Command::Check(_)
        | Command::Cid(_)
        | Command::Completions(_)
        | Command::Export(_)
        | Command::Fetch(_)
        | Command::Fsck(_)
        | Command::Health(_)
        | Command::Import(_)
        | Command::Rm(_)
        | Command::Serve(_)
        | Command::Tree(_)
        | Command::Verify(_) => Ok(()),
    };
    // A local server must stop before the process ends, even if the command failed.
    result.and(session.close().await)
}

/// Runs blocking work on its own thread, so that signals are handled meanwhile.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Failure> {
    let work = tokio::task::spawn_blocking(work);
    work.await
        .map_err(|cause| Failure::System(std::io::Error::other(cause)))
}
