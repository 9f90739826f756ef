//! Pins a file and shows the progress of the upload: `pin-file FILE`

use std::{env, error::Error};

use w3pin::{Client, PinOptions};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let file = env::args().nth(1).ok_or("usage: pin-file FILE")?;

    let client = Client::from_env()?;
    let options = PinOptions::new().progress(|progress| {
        let total = progress.bytes_total.unwrap_or_default();
        eprint!("\r{} of {total} bytes", progress.bytes_sent);
    });
    let pin = client.pin_file(file, options).await?;

    eprintln!();
    println!("{}", pin.cid);
    Ok(())
}
