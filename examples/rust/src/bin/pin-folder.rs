//! Pins a folder, fails unless the CID is proved, and waits until the service has all of it: `pin-folder FOLDER`

use std::{env, error::Error};

use w3pin::{Client, PinOptions, Verify, WaitPolicy, WalkOptions};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = env::args().nth(1).ok_or("usage: pin-folder FOLDER")?;

    let client = Client::from_env()?;
    let options = PinOptions::new()
        .walk(WalkOptions::new().exclude("*.map"))
        .verify(Verify::Require);
    let pin = client.pin_folder(folder, options).await?;
    let pin = client
        .wait_until_pinned(&pin.id, WaitPolicy::default())
        .await?;

    println!("{}", pin.cid);
    Ok(())
}
