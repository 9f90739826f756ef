//! The scenario server for test runners in other languages: it prints its URL, and ends when its
//! standard input is closed.
#![allow(clippy::print_stdout, reason = "the URL is what it is started for")]

use tokio::io::AsyncReadExt;
use w3pin_contract::{Result, ScenarioServer};

#[tokio::main]
async fn main() -> Result<()> {
    let server = ScenarioServer::start().await?;
    println!("{}", server.url());
    let mut stdin = tokio::io::stdin();
    let mut ignored = [0; 1024];
    while stdin
        .read(&mut ignored)
        .await
        .is_ok_and(|length| length > 0)
    {}
    Ok(())
}
