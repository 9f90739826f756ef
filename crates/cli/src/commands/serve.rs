//! `w3pin serve`

use w3pin::{Credentials, Error};
use w3pin_server::{ServeError, Server, ServerConfig};

use crate::{
    args::{Global, Serve},
    failure::Failure,
    local,
    output::Output,
    signal,
};

pub(crate) async fn run(serve: &Serve, global: &Global, output: &Output) -> Result<(), Failure> {
    let data = local::data_folder(global)?;
    let mut config = ServerConfig::new(&data);
    config.listen = serve.listen;
    config.allow_remote = serve.allow_remote;
    config.profile = serve.profile;
    config.scrub = serve.scrub.0;
    config.accounts = accounts(serve, global)?;
    config.gateway_listen = serve.gateway_listen;
    config.hosts.clone_from(&serve.host);
    config.behind_proxy = serve.behind_proxy;
    config.limits.memory_bytes = serve.memory;
    serve.backend.configure(global, &mut config)?;
    let gateways = serve.retrieve_from.configure(global, &mut config).await?;
    let gateways: Vec<String> = gateways.iter().map(ToString::to_string).collect();
    let backend = config.backend.to_string();
    let server = Server::bind(config).await?;
    // Installed before anything is printed, since a reader may signal at once.
    let stop = signal::next()?;
    let url = server.url();
    let gateway = server.gateway_url();
    let keys = server.generated_credentials().map(|keys| {
        let text = |key: &[u8]| String::from_utf8_lossy(key).into_owned();
        (text(keys.api_key()), text(keys.secret_key()))
    });
    if output.is_json() {
        output.document(&serde_json::json!({
            "endpoint": url,
            "gateway": gateway,
            "data": data,
            "backend": backend,
            "retrieve_from": gateways,
            "api_key": keys.as_ref().map(|(api_key, _)| api_key),
            "secret_key": keys.as_ref().map(|(_, secret_key)| secret_key),
        }));
    } else {
        let data = data.display();
        output.line(&format!(
            "serving {url}, gateway {gateway}, data in {data}, content in {backend}"
        ));
        if !gateways.is_empty() {
            let gateways = gateways.join(", ");
            output.line(&format!(
                "fetching content that is pinned by CID from {gateways}"
            ));
        }
        if let Some((api_key, secret_key)) = keys {
            output.line("a new account, whose keys are shown this once:");
            output.line(&format!("export W3PIN_ENDPOINT={url}"));
            output.line(&format!("export W3PIN_API_KEY={api_key}"));
            output.line(&format!("export W3PIN_SECRET_KEY={secret_key}"));
        }
    }
    // On one of the runtime's own threads: this one would have to be woken for each new connection.
    let serving = tokio::spawn(server.run_until(async {
        stop.await;
    }));
    serving.await.map_err(|_| ServeError::Stopped)?;
    Ok(())
}

/// Returns the accounts from the flags, or else the environment.
fn accounts(serve: &Serve, global: &Global) -> Result<Vec<Credentials>, Failure> {
    let mut accounts = Vec::from_iter(global.account()?);
    let others = match global.variable("W3PIN_ACCOUNTS") {
        Some(others) if serve.account.is_empty() => vec![others],
        _ => serve.account.clone(),
    };
    for account in others.iter().flat_map(|all| all.split_whitespace()) {
        let (api_key, secret_key) = account.split_once(':').ok_or_else(|| {
            Error::invalid_input(
                "account",
                "give an account as KEY:SECRET, separated by a colon",
            )
        })?;
        accounts.push(Credentials::new(api_key, secret_key)?);
    }
    Ok(accounts)
}
