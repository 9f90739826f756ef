//! Keeps a folder pinned under a name, sends it only if it has changed, and prints its CID: `sync-folder FOLDER NAME`

use std::{env, error::Error, path::PathBuf};

use w3pin::{Client, SyncOptions};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let (Some(folder), Some(name)) = (arguments.next(), arguments.next()) else {
        return Err("usage: sync-folder FOLDER NAME".into());
    };

    let client = Client::from_env()?;
    let options = SyncOptions::new().keep(3);
    let synced = client
        .sync_folder(PathBuf::from(folder), name, options)
        .await?;

    println!("{}", synced.cid);
    Ok(())
}
