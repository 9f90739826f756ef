//! `w3pin check`

use std::io::{self, IsTerminal, Write};

use console::Term;
use w3pin::{Api, Client, ClientBuilder, ConfigFile, Credentials, Error};

use crate::{
    args::{Check, Global},
    failure::Failure,
    output::Output,
    session::{self, Session},
};

pub(crate) async fn run(check: &Check, global: &Global, output: &Output) -> Result<(), Failure> {
    if check.save {
        return save(global, output).await;
    }
    let session = Session::open(global, output).await?;
    let result = ask(&session.client, global, output).await;
    if result.is_ok() {
        tell(&session.client, None, output);
    }
    result.and(session.close().await)
}

async fn ask(client: &Client, global: &Global, output: &Output) -> Result<(), Failure> {
    if !global.local
        && let Some(warning) = client.credentials().unusual()
    {
        output.note(&format!("note: {warning}"));
    }
    Ok(client.check_credentials().await?)
}

/// Checks the credentials and saves them to the config file, creating it if needed.
async fn save(global: &Global, output: &Output) -> Result<(), Failure> {
    let file = session::config_file(global).ok_or_else(|| {
        let reason = "there is no home folder; choose a file with --config";
        Error::invalid_input("config", reason)
    })?;
    let file = file.or_empty();
    let builder = session::builder(global).config_file(file.clone());
    let builder = with_keys(builder).await?;
    let client = super::blocking(move || builder.build()).await??;
    ask(&client, global, output).await?;
    file.save(client.credentials(), client.endpoint())?;
    tell(&client, Some(&file), output);
    Ok(())
}

/// Asks for the keys or the token, unless they are set.
async fn with_keys(builder: ClientBuilder) -> Result<ClientBuilder, Failure> {
    let settings = builder.clone();
    let settings = super::blocking(move || settings.resolved_settings()).await??;
    let missing = settings.credentials().is_err();
    if !missing || !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Ok(builder);
    }
    let _echo = Echo::keep();
    if settings.endpoint.api() == Api::PinningService {
        let ask = || -> io::Result<String> {
            let mut terminal = Term::stderr();
            terminal.write_all(b"Access token (not shown): ")?;
            terminal.read_secure_line()
        };
        let token = super::blocking(ask).await??;
        return Ok(builder.credentials(Credentials::bearer(token.trim())?));
    }
    let ask = || -> io::Result<(String, String)> {
        let mut terminal = Term::stderr();
        terminal.write_all(b"API key: ")?;
        let api_key = terminal.read_line()?;
        terminal.write_all(b"Secret key (not shown): ")?;
        Ok((api_key, terminal.read_secure_line()?))
    };
    let (api_key, secret_key) = super::blocking(ask).await??;
    Ok(builder.credentials(Credentials::new(api_key.trim(), secret_key.trim())?))
}

/// Restores the terminal's settings, even if a signal interrupts the prompt for a secret.
struct Echo {
    #[cfg(unix)]
    settings: Option<rustix::termios::Termios>,
}

impl Echo {
    fn keep() -> Self {
        Self {
            #[cfg(unix)]
            settings: rustix::termios::tcgetattr(io::stdin()).ok(),
        }
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Some(settings) = &self.settings {
            use rustix::termios::{OptionalActions, tcsetattr};
            let _ = tcsetattr(io::stdin(), OptionalActions::Now, settings);
        }
    }
}

fn tell(client: &Client, saved: Option<&ConfigFile>, output: &Output) {
    let endpoint = client.endpoint().to_string();
    let saved = saved.map(|file| file.path().display().to_string());
    if output.is_json() {
        return output.document(&serde_json::json!({
            "accepted": true,
            "endpoint": endpoint,
            "saved": saved,
        }));
    }
    output.line(&format!("{endpoint} accepts the credentials"));
    if let Some(path) = saved {
        output.note(&format!("written to {path}"));
    }
}
