//! `w3pin car ls FILE`

use serde_json::json;
use w3pin::CarBlock;

use super::{
    super::{blocking, tree},
    Input,
};
use crate::{args::CarList, exit_code, failure::Failure, output::Output};

/// The number of blocks to print at a time.
const BATCH: usize = 1000;

pub(super) async fn run(args: &CarList, output: &Output) -> Result<(), Failure> {
    let input = Input::open(&args.input, output).await?;
    if args.blocks {
        return blocks(&input, output).await;
    }
    let root = input.root(args.root.as_ref())?;
    let retriever = input.car.retriever();
    let listed = tree::list(&root, usize::MAX, args.most_entries, &retriever, output).await;
    let unavailable = listed.map_err(|error| input.failed(error))?;
    if output.is_broken() {
        return Err(Failure::CutOff);
    }
    if unavailable > 0 {
        output.error(&format!("{}: blocks are missing", input.name));
        output.hint("`w3pin car verify` lists everything that is wrong or missing");
        return Err(Failure::Reported(exit_code::DAMAGED));
    }
    Ok(())
}

async fn blocks(input: &Input, output: &Output) -> Result<(), Failure> {
    let (batches, mut next) = tokio::sync::mpsc::channel(2);
    let car = input.car.clone();
    let reading = blocking(move || -> w3pin::Result<()> {
        let mut blocks = car.blocks()?;
        loop {
            let batch: w3pin::Result<Vec<CarBlock>> = blocks.by_ref().take(BATCH).collect();
            let batch = batch?;
            // The output is closed, or there are no more blocks.
            if batch.is_empty() || batches.blocking_send(batch).is_err() {
                return Ok(());
            }
        }
    });
    let printing = async move {
        while let Some(batch) = next.recv().await {
            for CarBlock {
                cid, offset, size, ..
            } in batch
            {
                if output.is_broken() {
                    return;
                }
                if output.is_json() {
                    output.json_line(&json!({"cid": cid, "offset": offset, "size": size}));
                } else {
                    output.row(&[cid.as_str(), &offset.to_string(), &size.to_string()]);
                }
            }
        }
    };
    let (read, ()) = tokio::join!(reading, printing);
    read?.map_err(|error| input.failed(error))?;
    if output.is_broken() {
        return Err(Failure::CutOff);
    }
    Ok(())
}
