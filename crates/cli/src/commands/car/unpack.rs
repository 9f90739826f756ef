//! `w3pin car unpack FILE [DESTINATION]`

use super::{super::fetch, Input};
use crate::{args::Unpack, failure::Failure, output::Output};

pub(super) async fn run(args: &Unpack, output: &Output) -> Result<(), Failure> {
    let input = Input::open(&args.input, output).await?;
    let root = input.root(args.root.as_ref())?;
    let retriever = input.car.retriever();
    let placed = fetch::place(&root, args.destination.as_ref(), &retriever).await;
    let (content, destination) = placed.map_err(|error| input.failed(error))?;
    let bar = output.messages().bar(&fetch::shown_name(&destination));
    let options = args.writing.options().on_progress(bar.follow_fetch());
    let fetched = retriever.fetch(&content, &destination, options).await;
    drop(bar);
    let fetched = fetched.map_err(|error| input.failed(error))?;
    fetch::tell(&fetched, &destination, output);
    Ok(())
}
