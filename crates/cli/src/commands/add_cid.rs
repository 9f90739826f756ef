//! `w3pin add-cid CID…`

use w3pin::{BatchOptions, Client, Error, PinByCidOptions};

use super::{
    done,
    pinned::{Asked, Pinned},
};
use crate::{args::AddCid, failure::Failure, output::Output};

pub(crate) async fn run(add: &AddCid, client: &Client, output: &Output) -> Result<(), Failure> {
    if add.name.is_some() && add.cids.len() > 1 {
        let reason = "--name needs a single CID; run the command for each";
        return Err(Error::invalid_input("name", reason).into());
    }
    let mut options = PinByCidOptions::new()
        .keyvalues(add.metadata.keyvalues()?)
        .skip_if_pinned(add.skip_if_pinned);
    options.metadata.name.clone_from(&add.name);
    let asked = Asked {
        name: add.name.clone(),
        keyvalues: options.metadata.keyvalues.clone(),
        proof: false,
    };
    let subjects = add.cids.iter().map(ToString::to_string).collect();
    let mut pinned = Pinned::new(subjects, asked, output);
    let batch = BatchOptions::new()
        .concurrency(add.concurrency.into())?
        .each(options);
    let pins = client.pin_cids_as_completed(add.cids.iter().cloned(), batch);
    done::take_all(pins, add.waiting.policy(), client, &mut pinned, output).await;
    pinned.end()
}
