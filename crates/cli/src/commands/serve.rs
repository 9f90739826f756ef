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
    config.accounts = accounts(serve, global)?;
    serve.backend.configure(&mut config)?;
    let backend = config.backend.to_string();
    let server = Server::bind(config).await?;
    // A script that has read the URL may stop the server at once.
    let stop = stop_signal();
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
        }))?;
    } else {
        let data = data.display();
        output.line(&format!(
            "serving {url}, data in {data}, content in {backend}"
        ))?;
        if let Some((api_key, secret_key)) = keys {
            output.line("a new account, whose keys are shown this once:")?;
            output.line(&format!("export W3PIN_ENDPOINT={url}"))?;
            output.line(&format!("export W3PIN_API_KEY={api_key}"))?;
            output.line(&format!("export W3PIN_SECRET_KEY={secret_key}"))?;
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
fn stop_signal() -> impl Future<Output = ()> {
    #[cfg(unix)]
    let (interrupt, terminate) = {
        use tokio::signal::unix::{SignalKind, signal};

        let listen = |kind| {
            let listening = signal(kind).ok();
            async move {
                match listening {
                    Some(mut signal) => drop(signal.recv().await),
                    None => std::future::pending().await,
                }
            }
        };
        (
            listen(SignalKind::interrupt()),
            listen(SignalKind::terminate()),
        )
    };
    #[cfg(not(unix))]
    let (interrupt, terminate) = (tokio::signal::ctrl_c(), std::future::pending::<()>());
    async {
        tokio::select! {
            _ = interrupt => {}
            _ = terminate => {}
        }
    }
}
