//! `w3pin serve`

use w3pin::{Credentials, Error};
use w3pin_server::{Server, ServerConfig};

use crate::{
    args::{Global, Serve},
    failure::Failure,
    local,
    output::Output,
};

pub(crate) async fn run(serve: &Serve, global: &Global, output: &Output) -> Result<(), Failure> {
    let data = local::data_folder(global)?;
    let mut config = ServerConfig::new(&data);
    config.listen = serve.listen;
    config.allow_remote = serve.allow_remote;
    config.profile = serve.profile;
    config.scrub = serve.scrub.0;
    config.accounts = accounts(serve, global)?;
    serve.backend.configure(&mut config)?;
    let backend = config.backend.to_string();
    let server = Server::bind(config).await?;
    // Before anything is said, since whoever reads it may answer at once.
    let stop = stop_signal()?;
    let url = server.url();
    let keys = server.generated_credentials().map(|keys| {
        let text = |key: &[u8]| String::from_utf8_lossy(key).into_owned();
        (text(keys.api_key()), text(keys.secret_key()))
    });
    if output.is_json() {
        output.document(&serde_json::json!({
            "endpoint": url,
            "data": data,
            "backend": backend,
            "api_key": keys.as_ref().map(|(api_key, _)| api_key),
            "secret_key": keys.as_ref().map(|(_, secret_key)| secret_key),
        }));
    } else {
        let data = data.display();
        output.line(&format!(
            "serving {url}, data in {data}, content in {backend}"
        ));
        if let Some((api_key, secret_key)) = keys {
            output.line("a new account, whose keys are shown this once:");
            output.line(&format!("export W3PIN_ENDPOINT={url}"));
            output.line(&format!("export W3PIN_API_KEY={api_key}"));
            output.line(&format!("export W3PIN_SECRET_KEY={secret_key}"));
        }
    }
    server.run_until(stop).await;
    Ok(())
}

fn accounts(serve: &Serve, global: &Global) -> Result<Vec<Credentials>, Failure> {
    let mut accounts = Vec::new();
    if let (Some(api_key), Some(secret_key)) = (&global.api_key, &global.secret_key) {
        accounts.push(Credentials::new(api_key, secret_key)?);
    }
    for account in &serve.account {
        let (api_key, secret_key) = account.split_once(':').ok_or_else(|| {
            Error::invalid_input(
                "account",
                "give an account as KEY:SECRET, with a colon between",
            )
        })?;
        accounts.push(Credentials::new(api_key, secret_key)?);
    }
    Ok(accounts)
}

/// Ctrl-C, or what a service manager sends, from now on.
#[cfg(unix)]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Ctrl-C, from now on.
#[cfg(windows)]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        interrupt.recv().await;
    })
}
