//! `w3pin check`

use w3pin::{Client, ConfigFile, Error};

use crate::{
    args::{Check, Global},
    failure::Failure,
    output::Output,
};

pub(crate) async fn run(
    check: &Check,
    global: &Global,
    client: &Client,
    output: &Output,
) -> Result<(), Failure> {
    if !global.local
        && let Some(warning) = client.credentials().unusual()
    {
        output.note(&format!("note: {warning}"));
    }
    client.check_credentials().await?;
    let saved = if check.save {
        let file = ConfigFile::locate().ok_or_else(|| {
            Error::invalid_input(
                "config",
                "there is no home folder; set W3PIN_CONFIG to a path",
            )
        })?;
        file.save(client.credentials(), client.endpoint())?;
        Some(file.path().to_owned())
    } else {
        None
    };
    let endpoint = client.endpoint().to_string();
    if output.is_json() {
        let document =
            serde_json::json!({ "accepted": true, "endpoint": endpoint, "saved": saved });
        return Ok(output.document(&document)?);
    }
    output.line(&format!("{endpoint} accepts the credentials"))?;
    if let Some(path) = saved {
        output.note(&format!("written to {}", path.display()));
    }
    Ok(())
}
