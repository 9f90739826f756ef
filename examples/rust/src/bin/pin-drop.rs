//! Pins the images of an NFT drop and then their metadata, with two requests in total: `pin-drop IMAGES`

use std::{env, error::Error, fs, path::PathBuf};

use serde_json::json;
use w3pin::{Client, Content, PinOptions, Verify, preview_upload};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let images: PathBuf = env::args().nth(1).ok_or("usage: pin-drop IMAGES")?.into();

    // The CID is known before anything is sent, so the metadata can name the images.
    let options = PinOptions::new().name("images").verify(Verify::Require);
    let cid = preview_upload(&images, &options)?.cid;
    let mut metadata = Vec::new();
    for image in fs::read_dir(&images)? {
        let file = image?.file_name().to_string_lossy().into_owned();
        let token = file.split('.').next().unwrap_or_default();
        let document = json!({
            "name": format!("Token #{token}"),
            "image": format!("ipfs://{cid}/{file}"),
        });
        metadata.push((format!("{token}.json"), document.to_string()));
    }

    let client = Client::from_env()?;
    client.pin_folder(images, options.clone()).await?;
    let pin = client
        .pin_folder(Content::files(metadata), options.name("metadata"))
        .await?;

    println!("{}/", pin.ipfs_url());
    Ok(())
}
