//! Lists the pins of a stage, such as `draft`, and unpins them: `clean-up STAGE`

use std::{env, error::Error};

use futures_util::TryStreamExt;
use w3pin::{BatchOptions, Client, ListOptions, Pin, PinnedFilter};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let stage = env::args().nth(1).ok_or("usage: clean-up STAGE")?;

    let client = Client::from_env()?;
    let drafts = ListOptions::new()
        .pinned(PinnedFilter::Pinned)
        .keyvalue("stage", stage);
    let pins: Vec<Pin> = client.pins(drafts).try_collect().await?;
    for pin in &pins {
        println!(
            "{} {} {}",
            pin.id,
            pin.cid,
            pin.name.as_deref().unwrap_or_default()
        );
    }

    let ids: Vec<_> = pins.into_iter().map(|pin| pin.id).collect();
    let results = client.unpin_many(ids.clone(), BatchOptions::new()).await;
    for (id, result) in ids.iter().zip(results) {
        if let Err(error) = result {
            eprintln!("{id} can't be unpinned: {error}");
        }
    }
    Ok(())
}
