//! Fetches a file or folder and checks every block against its CID: `read-back CID DESTINATION`
//!
//! Run it again to resume.

use std::{env, error::Error};

use w3pin::{Client, FetchOptions};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let [_, cid, destination] = env::args()
        .collect::<Vec<_>>()
        .try_into()
        .map_err(|_| "usage: read-back CID DESTINATION")?;

    let retriever = Client::from_env()?.retriever();
    let fetched = retriever
        .fetch(&cid.parse()?, destination, FetchOptions::new())
        .await?;

    println!(
        "{} files, {} bytes, {} of them fetched",
        fetched.files, fetched.bytes, fetched.bytes_fetched
    );
    Ok(())
}
