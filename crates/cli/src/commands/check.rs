//! `w3pin check`

use w3pin::Client;

use crate::{
    args::{Check, Global},
    failure::Failure,
    output::Output,
    session,
};

pub(crate) async fn run(
    check: &Check,
    global: &Global,
    client: &Client,
    output: &Output,
) -> Result<(), Failure> {
    let settings = session::settings(global)?;
    if !global.local
        && let Some(warning) = settings.to_credentials()?.unusual()
    {
        output.note(&format!("note: {warning}"));
    }
    client.check_credentials().await?;
    let saved = if check.save {
        Some(settings.save()?)
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
